package evidence

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Home is the store of one zone's evidence: a folder, whose place the user vouches for, or a bucket in the zone's regions under Object
// Lock. A part is sealed in a store on this machine first, its staging, whose log stays there; Keep then moves the run to its home. What
// could not be moved is still there for the next time.
type Home struct {
	Zone    residency.Zone // with the id residency.NoZone: of no zone, and in any region
	Dir     string
	Bucket  string
	Mode    string // GOVERNANCE or COMPLIANCE
	Years   int    // of retention
	AWS     Settings
	Now     func() time.Time
	Staging string // folder
}

// ReceiptEvidence is the kind of a receipt for a zone's evidence; the zone's id follows.
const ReceiptEvidence = "evidence of zone "

func (h *Home) String() string {
	if h.Bucket != "" {
		return "s3://" + h.Bucket
	}
	return h.Dir
}

// RefusedError says that evidence may not go where the configuration sends it. Nothing was written there.
type RefusedError struct{ reason string }

func (e *RefusedError) Error() string { return e.reason }

// place is where files are put.
type place interface {
	// log is the store's log; nil where it has none.
	log(ctx context.Context) ([]byte, error)
	// put writes one file of a run, or the public key.
	put(ctx context.Context, run, name, from string) (*LockedObject, error)
	// seal replaces the log that was there before: with it, the run exists.
	seal(ctx context.Context, run string, log, before []byte) (*LockedObject, error)
}

// Join makes staging go on where the home's log ends, so that a store has one log whatever machine the runs are made on, as long as they
// are sealed with one key. Call it before a part is sealed.
func (h *Home) Join(ctx context.Context, s Signer) error {
	to, err := h.open(ctx)
	if err != nil {
		return err
	}
	theirs, err := to.log(ctx)
	if err != nil {
		return err
	}
	if err := h.sameKey(theirs, s); err != nil {
		return err
	}
	unlock, err := lockStore(h.Staging)
	if err != nil {
		return err
	}
	ours, err := h.stagedLog()
	switch {
	case err != nil, bytes.HasPrefix(ours, theirs):
	case bytes.HasPrefix(theirs, ours):
		err = writeOnce(logPath(h.Staging), theirs, 0o644)
	default:
		err = h.forked()
	}
	return errors.Join(err, unlock())
}

func (h *Home) sameKey(log []byte, s Signer) error {
	l, err := parseLog(log)
	if err != nil {
		return fmt.Errorf("%s: %w", h, err)
	}
	e, ok := l.last()
	if !ok {
		return nil
	}
	if s == nil {
		return fmt.Errorf("the log of %s has runs, and there is no key here: one store has one key; name it in signing.key_file or signing.kms_key", h)
	}
	key, err := NewKey(s.Public())
	if err == nil {
		_, err = openCheckpoint(key, e.Checkpoint)
	}
	if err != nil {
		return fmt.Errorf("the log of %s: %w: one store has one key; name it in signing.key_file or signing.kms_key", h, err)
	}
	return nil
}

func (h *Home) forked() error {
	return fmt.Errorf("the log of %s does not go together with that of %s: one store takes the runs of one --out; see domicile verify", h, h.Staging)
}

func (h *Home) stagedLog() ([]byte, error) {
	data, err := os.ReadFile(logPath(h.Staging))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Keep moves every run of staging to the home, the oldest first, and says for each what was put there. It stops at the first error,
// and what was not moved stays.
func (h *Home) Keep(ctx context.Context) (moved []Moved, err error) {
	to, err := h.open(ctx)
	if err != nil {
		return nil, err
	}
	unlock, err := lockStore(h.Staging)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l, err := readLog(h.Staging)
	if err != nil {
		return nil, err
	}
	if err := finishAll(h.Staging, l); err != nil {
		return nil, err
	}
	waiting, err := Runs(h.Staging)
	if err != nil {
		return nil, err
	}
	// In the order of the log, not of the ids, which is another for runs of one second: a home whose log has a run has all before it.
	for _, id := range l.inOrder(waiting) {
		m, err := h.move(ctx, to, id)
		if err != nil {
			return moved, fmt.Errorf("keep run %s in %s: %w", id, h, err)
		}
		moved = append(moved, *m)
	}
	return moved, nil
}

// inOrder are the runs as the log has them. What it does not have comes last, for its mover to refuse.
func (l *Log) inOrder(ids []string) []string {
	at := make(map[string]int, len(l.entries))
	for i, e := range l.entries {
		if e.Leaf.Kind == KindRun {
			at[e.Leaf.Run] = i + 1
		}
	}
	return slices.SortedStableFunc(slices.Values(ids), func(a, b string) int {
		return cmp.Compare(uint(at[a])-1, uint(at[b])-1)
	})
}

// Moved is a run that reached its home.
type Moved struct {
	Run     string
	Objects []LockedObject // of a bucket
}

// LockedObject is an object with the retention that was read back.
type LockedObject struct {
	Key     string    `json:"key"`
	Version string    `json:"version"`
	SHA256  string    `json:"sha256"`
	Mode    string    `json:"mode"`
	Until   time.Time `json:"until"`
}

func (h *Home) move(ctx context.Context, to place, id string) (*Moved, error) {
	m := &Moved{Run: id}
	ours, err := h.stagedLog()
	if err != nil {
		return nil, err
	}
	theirs, err := to.log(ctx)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(h.Staging, id)
	log, ok := throughRun(ours, id)
	switch {
	case !ok:
		return nil, fmt.Errorf("it is not in the log of %s", h.Staging)
	case bytes.HasPrefix(theirs, log): // it was moved, and a crash came before it was removed here
		return m, unstage(dir)
	case !bytes.HasPrefix(log, theirs):
		return nil, h.forked()
	}
	note := func(o *LockedObject, err error) error {
		if o != nil {
			m.Objects = append(m.Objects, *o)
		}
		return err
	}
	names, err := packed(os.DirFS(dir), nil)
	for _, name := range names {
		if err == nil {
			err = note(to.put(ctx, id, name, filepath.Join(dir, filepath.FromSlash(name))))
		}
	}
	if err == nil && len(theirs) == 0 { // so that the store verifies by itself; an auditor takes the key from elsewhere
		err = note(to.put(ctx, "", "keys/signing.pub", filepath.Join(dir, PublicKeyName)))
	}
	if err == nil {
		err = note(to.seal(ctx, id, log, theirs))
	}
	if err != nil {
		return nil, err
	}
	return m, unstage(dir)
}

// unstage removes a run that is at home. Its proof goes first: half a folder, as a crash leaves it, is none that waits, and is not read.
func unstage(dir string) error {
	if err := os.Remove(filepath.Join(dir, ProofName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(dir)
}

// throughRun is the log up to the line of a run.
func throughRun(log []byte, id string) ([]byte, bool) {
	l, err := parseLog(log)
	if err != nil {
		return nil, false
	}
	at := slices.IndexFunc(l.entries, func(e Entry) bool { return e.Leaf.Kind == KindRun && e.Leaf.Run == id })
	if at < 0 {
		return nil, false
	}
	end := 0
	for range at + 1 {
		end += bytes.IndexByte(log[end:], '\n') + 1
	}
	return log[:end], true
}

func (h *Home) open(ctx context.Context) (place, error) {
	if h.Bucket != "" {
		return h.openBucket(ctx)
	}
	if info, err := os.Stat(h.Dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder: make it, or name another in evidence.%s.dir", h.Dir, h.Zone.ID)
	}
	return folder(h.Dir), nil
}

// folder is a store on a disk.
type folder string

func (f folder) log(context.Context) ([]byte, error) {
	data, err := os.ReadFile(logPath(string(f)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (f folder) put(_ context.Context, run, name, from string) (*LockedObject, error) {
	to := filepath.Join(string(f), filepath.FromSlash(name))
	if run != "" {
		to = filepath.Join(string(f), pending+run, filepath.FromSlash(name))
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return nil, err
	}
	return nil, writeOnce(to, data, 0o644)
}

func (f folder) seal(ctx context.Context, run string, log, before []byte) (_ *LockedObject, err error) {
	unlock, err := lockStore(string(f))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if now, err := f.log(ctx); err != nil || !bytes.Equal(now, before) {
		return nil, errors.Join(err, errors.New("its log was written by another run meanwhile: scan again"))
	}
	if err := writeOnce(logPath(string(f)), log, 0o644); err != nil {
		return nil, err
	}
	_, err = finish(string(f), run)
	return nil, err
}

// inZone refuses a region outside the zone. A region that is not known proves nothing.
func (h *Home) inZone(region string) error {
	switch {
	case h.Zone.ID == residency.NoZone || h.Zone.Contains(region):
		return nil
	case region == "":
		return &RefusedError{fmt.Sprintf("evidence.%s: S3 does not say in which region %s is: nothing was written there", h.Zone.ID, h)}
	}
	return &RefusedError{fmt.Sprintf("evidence.%s: %s is in %s, outside %s (%s): nothing was written there; name a bucket inside the zone",
		h.Zone.ID, h, region, h.Zone.ID, strings.Join(h.Zone.Regions, ", "))}
}
