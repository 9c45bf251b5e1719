package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// maxSmall bounds the files that are read whole: a manifest of a run has a few kilobytes, one of a package with many parts more.
const maxSmall = 64 << 20

// Problem is one thing that does not verify, named exactly.
type Problem struct {
	File   string `json:"file"` // or run, or line of the log
	Reason string `json:"reason"`
}

func (p Problem) String() string { return p.File + ": " + p.Reason }

// Checked is what verifying a run's seal found.
type Checked struct {
	Manifest residency.Manifest
	Seal     residency.Seal
	Leaf     Leaf
	Receipts []Receipt
	Stamped  time.Time // when an authority saw the manifest; zero: none was asked
	Notes    []string  // what a reader should know and is no problem
	Unsigned []string  // files for people that no signature covers: a package's readme, where the key was not at hand
	Problems []Problem
}

func (c *Checked) problem(file, format string, args ...any) {
	c.Problems = append(c.Problems, Problem{file, fmt.Sprintf(format, args...)})
}

// Verify checks a run's seal: every file against the manifest, the manifest against its signature, the log's proof, and the list of
// reports. A nil key takes the run's own, which proves only that nothing changed since its holder signed. Re-performing the
// judgement is not part of it.
func Verify(ctx context.Context, files fs.FS, key *Key) (*Checked, error) {
	c := &Checked{}
	key = c.key(files, key)
	if key == nil {
		return c, nil
	}
	c.Seal.Key, c.Seal.Algorithm = key.Fingerprint(), key.Algorithm()
	data, ok := c.read(files, ManifestName)
	if !ok {
		return c, nil
	}
	c.Seal.Manifest = Digest(data)
	if err := decodeCanonical(data, &c.Manifest); err != nil {
		c.problem(ManifestName, "%v", err)
	} else if c.Manifest.Schema != ManifestSchema {
		c.problem(ManifestName, "schema %d is not known to this version: use a newer one", c.Manifest.Schema)
	}
	if envelope, ok := c.read(files, EnvelopeName); ok {
		about, err := openFile(ctx, key, ManifestName, data, envelope, runPredicate)
		m := c.Manifest
		if err == nil && about != (predicate{m.Run, m.Sequence, m.Conclusion, m.Complete}) {
			err = errors.New("the signed statement is not about this run")
		}
		c.vouched(ManifestName, EnvelopeName, err)
	}
	c.inclusion(files, key)
	if err := c.files(ctx, files); err != nil {
		return nil, err
	}
	c.reports(ctx, files, key)
	slices.SortStableFunc(c.Problems, func(a, b Problem) int { return strings.Compare(a.File, b.File) })
	return c, nil
}

// key is the one to check with; the run's own file must hold just that.
func (c *Checked) key(files fs.FS, given *Key) *Key {
	data, ok := c.read(files, PublicKeyName)
	if !ok {
		return given
	}
	own, err := ParseKey(data)
	if err == nil && !own.sameKey(data) {
		err = errNotCanonical
	}
	if err != nil {
		c.problem(PublicKeyName, "%v", err)
		return given
	}
	if given != nil && given.Fingerprint() != own.Fingerprint() {
		c.problem(PublicKeyName, "the run was sealed by the key %s, and the one to check with is %s", own.Fingerprint(), given.Fingerprint())
		return given
	}
	return own
}

func (c *Checked) read(files fs.FS, name string) ([]byte, bool) {
	data, err := readSmall(files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.problem(name, "is missing")
	case err != nil:
		c.problem(name, "%v", err)
	}
	return data, err == nil
}

// vouched names the file or its envelope, whichever is to blame.
func (c *Checked) vouched(file, envelope string, err error) {
	switch {
	case errors.Is(err, errNotSigned):
		c.problem(file, "was changed, or %s is that of another: %v", envelope, err)
	case err != nil:
		c.problem(envelope, "%v", err)
	}
}

// Witness compares the run with a checkpoint of its log that somebody else kept. A run by itself can be held only against the
// checkpoint of the very moment at which it was sealed.
func (c *Checked) Witness(files fs.FS, text string) error {
	data, err := readSmall(files, PublicKeyName)
	if err != nil {
		return err
	}
	key, err := ParseKey(data)
	if err != nil {
		return err
	}
	theirs, err := openCheckpoint(key, text)
	if err != nil {
		c.problem("checkpoint from elsewhere", "%v", err)
		return nil
	}
	ours, err := openCheckpoint(key, c.Seal.Checkpoint)
	if err != nil {
		return err
	}
	switch {
	case theirs.N != ours.N:
		return fmt.Errorf("the checkpoint covers %d entries of the log, and that of run %s %d: give the one that was published with this run, or verify the whole store with it",
			theirs.N, c.Manifest.Run, ours.N)
	case theirs != ours:
		c.problem(CheckpointName, "it is not the checkpoint from elsewhere: the log was built anew, or this run is not of it")
	}
	return nil
}

func (c *Checked) inclusion(files fs.FS, key *Key) {
	text, okText := c.read(files, CheckpointName)
	data, okProof := c.read(files, ProofName)
	if !okText || !okProof {
		return
	}
	tree, err := openCheckpoint(key, string(text))
	if err != nil {
		c.problem(CheckpointName, "%v", err)
		return
	}
	c.Seal.Checkpoint, c.Seal.LogSize = string(text), tree.N
	var p proof
	if err := decodeCanonical(data, &p); err != nil {
		c.problem(ProofName, "%v", err)
		return
	}
	c.Leaf = p.Leaf
	switch m := c.Manifest; {
	case p.Leaf.Kind != KindRun || p.Leaf.Manifest != c.Seal.Manifest || p.Leaf.Run != m.Run || p.Leaf.Sequence != m.Sequence:
		c.problem(ProofName, "it proves another run: number %d, %s", p.Leaf.Sequence, p.Leaf.Run)
	default:
		if err := p.check(tree); err != nil {
			c.problem(ProofName, "%v", err)
		}
	}
}

// files compares what the manifest lists with what is there, in both directions.
func (c *Checked) files(ctx context.Context, files fs.FS) error {
	want := map[string]residency.FileDigest{}
	for _, f := range c.Manifest.Files {
		want[f.Name] = f
	}
	err := eachFile(files, func(name string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !evidenceFile(name) {
			return nil
		}
		f, ok := want[name]
		delete(want, name)
		if !ok {
			c.problem(name, "is not in the manifest: it was added")
			return nil
		}
		c.compare(files, f)
		return nil
	})
	for _, name := range slices.Sorted(maps.Keys(want)) {
		c.problem(name, "is missing")
	}
	return err
}

func (c *Checked) compare(files fs.FS, want residency.FileDigest) {
	got, err := sum(files, want.Name)
	switch {
	case err != nil:
		c.problem(want.Name, "%v", err)
	case got.Size != want.Size:
		c.problem(want.Name, "has %d bytes, and %d were sealed", got.Size, want.Size)
	case got.SHA256 != want.SHA256:
		c.problem(want.Name, "was changed: its SHA-256 is not the sealed one")
	}
}

// reports checks the signed list of what came after the manifest.
func (c *Checked) reports(ctx context.Context, files fs.FS, key *Key) {
	there := map[string]bool{}
	_ = eachFile(files, func(name string) error { // files has read the tree already
		there[name] = reportFile(name)
		return nil
	})
	defer func() {
		if _, left := there[ReadMe]; left {
			c.Unsigned = append(c.Unsigned, ReadMe)
		}
	}()
	_, listed := there[ReportsName]
	_, signed := there[ReportsSealed]
	if !listed && !signed && !slices.Contains(slices.Collect(maps.Values(there)), true) {
		return
	}
	data, ok := c.read(files, ReportsName)
	envelope, ok2 := c.read(files, ReportsSealed)
	if !ok || !ok2 {
		return
	}
	about, err := openFile(ctx, key, ReportsName, data, envelope, reportsPredicate)
	if err == nil && (about.Run != c.Manifest.Run || about.Sequence != c.Manifest.Sequence) {
		err = errors.New("the signed statement is not about this run")
	}
	c.vouched(ReportsName, ReportsSealed, err)
	var list reportList
	if err := decodeCanonical(data, &list); err != nil {
		c.problem(ReportsName, "%v", err)
		return
	}
	if list.Manifest != c.Seal.Manifest {
		c.problem(ReportsName, "it lists the reports of another run")
	}
	for _, f := range list.Files {
		if _, ok := there[f.Name]; !ok {
			c.problem(f.Name, "is missing")
			continue
		}
		delete(there, f.Name)
		c.compare(files, f)
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if there[name] {
			c.problem(name, "is not in %s: it was added", ReportsName)
		}
	}
	c.receipts(files)
	c.timeStamp(files)
}

// timeStamp checks what an authority said, where it was asked.
func (c *Checked) timeStamp(files fs.FS) {
	data, err := readSmall(files, TimeStampName)
	if err != nil {
		return // listed or not, reports has spoken
	}
	t, err := checkStamp(data, c.Seal.Manifest)
	if err != nil {
		c.problem(TimeStampName, "%v", err)
		return
	}
	c.Stamped = t.Time.UTC()
}

func (c *Checked) receipts(files fs.FS) {
	data, err := readSmall(files, ReceiptsName)
	if err != nil {
		return // listed or not, files has spoken
	}
	if err := decodeCanonical(data, &c.Receipts); err != nil {
		c.problem(ReceiptsName, "%v", err)
		return
	}
	for _, r := range c.Receipts {
		switch {
		case r.Problem != "":
			c.Seal.Failed = append(c.Seal.Failed, fmt.Sprintf("%s to %s: %s", r.What, r.Where, r.Problem))
		case r.What == ReceiptPublish:
			c.Seal.Published = r.Where
		case r.What == ReceiptTimeStamp:
			c.Seal.TimeStamped = r.Where
		}
	}
}

// The kinds of receipt.
const (
	ReceiptPublish   = "publish"
	ReceiptTimeStamp = "time stamp"
)

// eachFile walks the regular files of a tree by name. Anything else, a link above all, is refused.
func eachFile(files fs.FS, do func(name string) error) error {
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is no regular file: a run holds nothing else", name)
		}
		return do(name)
	})
	if err != nil {
		return fmt.Errorf("read the run: %w", err)
	}
	return nil
}

// readSmall reads a file whole, within bounds.
func readSmall(files fs.FS, name string) (data []byte, err error) {
	f, err := files.Open(path.Clean(name))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err = io.ReadAll(io.LimitReader(f, maxSmall+1))
	if err == nil && len(data) > maxSmall {
		err = fmt.Errorf("larger than %d MiB", maxSmall>>20)
	}
	return data, err
}

func sum(files fs.FS, name string) (d residency.FileDigest, err error) {
	f, err := files.Open(name)
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	d.Size, err = io.Copy(h, f)
	d.SHA256 = hex.EncodeToString(h.Sum(nil))
	return d, err
}
