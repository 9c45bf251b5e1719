// Package evidence keeps: one folder for each run, sealed by a signed manifest and one leaf in an append-only log, so that an
// auditor can tell whether anything was changed, removed or put in another order. It is written beside its final name and
// renamed when it is complete, so that a crash leaves no half run that looks whole.
//
// A store is a folder that holds
//
//	<run>/                the evidence of a run
//	    manifest.json        every file with its SHA-256, and what the run was made by and from
//	    manifest.dsse.json   the in-toto statement about the manifest, signed
//	    checkpoint.note      the log's signed checkpoint that covers the run
//	    inclusion.proof      that the log at that checkpoint holds the run
//	    key.pub              the public key; an auditor takes it from elsewhere
//	    receipts.json        time stamp, publication, locked copies: what became of each
//	    reports/             what was written for people
//	    reports.json         SHA-256 of receipts and reports, signed in reports.dsse.json
//	log/log.ndjson        one line a run, heartbeat, legal hold, release or expiry: the leaf and the signed checkpoint after it
//	parts/<zone>/         the store in which a zone's part waits for its way home; the log of that home stays there
//	keys/                 the signing key made at first use
package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The names of the files in a run folder that seal it; the manifest lists all others but those of reports.
const (
	ManifestName   = "manifest.json"
	EnvelopeName   = "manifest.dsse.json"
	CheckpointName = "checkpoint.note"
	ProofName      = "inclusion.proof"
	PublicKeyName  = "key.pub"
	TimeStampName  = "manifest.tsr"
	ReceiptsName   = "receipts.json"
	ReportsName    = "reports.json"
	ReportsSealed  = "reports.dsse.json"
	ReportsFolder  = "reports"
	pending        = ".pending-"
	afterPrefix    = "after-" // behind pending: of reports, and of a run that has no name yet
)

// RunID is the name of a run that starts now: its UTC time and three random bytes, so that two starts in one second differ.
func RunID(start time.Time, random [3]byte) string {
	return start.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random[:])
}

var runID = regexp.MustCompile(`^\d{8}T\d{6}Z-[0-9a-f]{6}$`)

// IsRunID reports whether a name is one of a run.
func IsRunID(name string) bool { return runID.MatchString(name) }

// Pending is a run that is being written.
type Pending struct {
	ID      string
	store   string
	fresh   bool // the store did not exist
	release func() error
}

// Begin makes the folder of a run below store.
func Begin(store, id string) (*Pending, error) {
	_, err := os.Stat(store)
	p := &Pending{ID: id, store: store, fresh: errors.Is(err, fs.ErrNotExist)}
	// It gets the run's name when it is locked: before, another run would take this one for killed, and say so in the log.
	made, release, err := hold(func() (string, error) {
		if err := os.MkdirAll(store, 0o755); err != nil {
			return "", err
		}
		return os.MkdirTemp(store, pending+afterPrefix)
	})
	if err == nil {
		p.release = release
		if err = errors.Join(os.Chmod(made, 0o755), os.Rename(made, p.Dir())); err != nil {
			err = errors.Join(err, os.RemoveAll(made), release())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("make the run folder: %w: name a folder that can be written with --out", err)
	}
	return p, nil
}

// Dir is where the run's files are written.
func (p *Pending) Dir() string { return filepath.Join(p.store, pending+p.ID) }

// Path is the path of one of its files.
func (p *Pending) Path(name string) string { return filepath.Join(p.Dir(), filepath.FromSlash(name)) }

// Write writes one small file.
func (p *Pending) Write(name string, data []byte) error { return writeFile(p.Path(name), data) }

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write the run: %w", err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("write the run: %w", err)
	}
	return nil
}

// Copy writes every file of a tree below a folder of the run.
func (p *Pending) Copy(folder string, files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("write the run: %w", err)
		}
		return p.Write(folder+"/"+name, data)
	})
}

// Abort removes what was written, and the store where it was made for this run.
func (p *Pending) Abort() error {
	err := errors.Join(os.RemoveAll(p.Dir()), p.release())
	if p.fresh {
		_ = os.Remove(p.store) // stays where it holds anything
	}
	return err
}

// digests lists the files below dir that keep wants, sorted by name, and makes sure that each has reached the disk: a manifest
// must not name what a crash can lose.
func digests(dir string, keep func(name string) bool) ([]residency.FileDigest, error) {
	var files []residency.FileDigest
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is no regular file: a run holds nothing else", name)
		}
		if !keep(name) {
			return nil
		}
		f, err := digestFile(path)
		f.Name = name
		files = append(files, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the run: %w", err)
	}
	slices.SortFunc(files, func(a, b residency.FileDigest) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

func digestFile(path string) (residency.FileDigest, error) {
	f, err := os.Open(path)
	if err != nil {
		return residency.FileDigest{}, err
	}
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return residency.FileDigest{}, err
	}
	return residency.FileDigest{SHA256: hex.EncodeToString(h.Sum(nil)), Size: n}, nil
}

// evidenceFile reports whether the manifest lists a file: what seals it and what comes after it cannot stand in it.
func evidenceFile(name string) bool {
	switch name {
	case ManifestName, EnvelopeName, CheckpointName, ProofName, PublicKeyName, ReportsName, ReportsSealed, ReadMe:
		return false
	}
	return !reportFile(name)
}

// reportFile reports whether the list of reports has a file.
func reportFile(name string) bool {
	return name == ReceiptsName || name == TimeStampName || strings.HasPrefix(name, ReportsFolder+"/")
}

// Runs lists the ids of the runs in a store, oldest first, those that a crash left sealed but not renamed among them.
func Runs(store string) ([]string, error) {
	entries, err := os.ReadDir(store)
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && IsRunID(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// RunDir is where a run of the store lies: under its name, or, where a crash came between sealing and renaming, beside it.
func RunDir(store, id string) string {
	dir := filepath.Join(store, id)
	if _, err := os.Stat(dir); err != nil {
		if left := filepath.Join(store, pending+id); sealedDir(left) {
			return left
		}
	}
	return dir
}

func sealedDir(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, ProofName))
	return err == nil
}

// Find is the folder of a run: a path, a run's id below store, or "latest", the last that the log knows.
func Find(store, run string) (string, error) {
	if run != "latest" {
		for _, dir := range []string{run, RunDir(store, run)} {
			if info, err := os.Stat(dir); err == nil && (info.IsDir() || dir == run) {
				return dir, nil
			}
		}
		return "", fmt.Errorf("no run %q, neither as a path nor below %s", run, store)
	}
	if l, err := readLog(store); err == nil {
		for i := len(l.entries) - 1; i >= 0; i-- {
			dir := RunDir(store, l.entries[i].Leaf.Run)
			if _, err := os.Stat(dir); err == nil && l.entries[i].Leaf.Kind == KindRun {
				return dir, nil
			}
		}
	}
	ids, err := Runs(store)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a store that nobody has made has no run
		return "", fmt.Errorf("find the latest run: %w", err)
	}
	if len(ids) == 0 {
		return "", fmt.Errorf("no run in %s: domicile scan writes one", store)
	}
	return filepath.Join(store, ids[len(ids)-1]), nil
}

// Digest is the SHA-256 of some bytes, in hex.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
