package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// ManifestSchema is the version of the manifest that this program writes and reads.
const ManifestSchema = 1

// Commit seals the run and gives it its final name. The log's file is what decides: once it holds the leaf, the run is sealed, and
// a crash before the renaming leaves it complete beside its name; before, nothing was.
func (p *Pending) Commit(ctx context.Context, s Signer, m residency.Manifest) (dir string, err error) {
	unlock, err := lockStore(p.store)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l, err := openLog(p.store, s)
	if err != nil {
		return "", err
	}
	left, err := findAbandoned(p.store, l)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, letGo(left)) }()
	if err := l.record(ctx, s, left, m.End); err != nil {
		return "", err
	}
	if m.Files, err = digests(p.Dir(), evidenceFile); err != nil {
		return "", err
	}
	m.Schema, m.Run, m.Sequence, m.Previous = ManifestSchema, p.ID, int64(len(l.entries)), l.previous()
	data, err := canonical(m)
	if err != nil {
		return "", fmt.Errorf("write the manifest: %w", err)
	}
	if err := p.seal(ctx, s, l, m, data); err != nil {
		return "", err
	}
	if err := l.write(p.store); err != nil {
		return "", err
	}
	clearAway(left)
	if dir, err = finish(p.store, p.ID); err != nil {
		return "", err
	}
	return dir, p.release()
}

// seal writes the manifest and all that vouches for it.
func (p *Pending) seal(ctx context.Context, s Signer, l *Log, m residency.Manifest, manifest []byte) error {
	key, err := NewKey(s.Public())
	if err != nil {
		return fmt.Errorf("seal the run: %w", err)
	}
	about := predicate{Run: m.Run, Sequence: m.Sequence, Conclusion: m.Conclusion, Complete: m.Complete}
	envelope, err := signFile(ctx, s, ManifestName, manifest, runPredicate, about)
	if err != nil {
		return err
	}
	entry, err := l.extend(ctx, s, Leaf{Kind: KindRun, Run: m.Run, Sequence: m.Sequence, Time: m.End, Manifest: Digest(manifest)})
	if err != nil {
		return err
	}
	proof, err := l.prove()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{ManifestName, manifest}, {EnvelopeName, envelope}, {PublicKeyName, key.PEM()}, {CheckpointName, []byte(entry.Checkpoint)}, {ProofName, proof}} {
		if err := writeOnce(p.Path(f.name), f.data, 0o644); err != nil {
			return fmt.Errorf("seal the run: %w", err)
		}
	}
	return nil
}

// openLog reads the log for writing: it must be whole, signed by this very key, and what a crash left must be finished.
func openLog(store string, s Signer) (*Log, error) {
	l, err := readLog(store)
	if err != nil {
		return nil, fmt.Errorf("%w: see what is wrong with domicile verify %s", err, store)
	}
	if err := finishAll(store, l); err != nil {
		return nil, err
	}
	e, ok := l.last()
	if !ok {
		if ids, err := Runs(store); err != nil && !errors.Is(err, fs.ErrNotExist) || len(ids) > 0 {
			return nil, fmt.Errorf("%s holds runs and no log: put log/log.ndjson back, or start a new store with --out", store)
		}
		return l, nil
	}
	key, err := NewKey(s.Public())
	if err != nil {
		return nil, err
	}
	t, err := openCheckpoint(key, e.Checkpoint)
	if err != nil {
		return nil, fmt.Errorf("extend the log of %s: %w: one store has one key; sign with it, or start a new store with --out", store, err)
	}
	if want, err := l.tree(int64(len(l.entries))); err != nil || want != t {
		return nil, fmt.Errorf("extend the log of %s: it was changed: see domicile verify %s", store, store)
	}
	return l, nil
}

// finishAll renames the runs that the log holds and a crash left beside their names.
func finishAll(store string, l *Log) error {
	for _, e := range l.entries {
		left := filepath.Join(store, pending+e.Leaf.Run)
		if e.Leaf.Kind != KindRun || !sealedDir(left) {
			continue
		}
		if _, err := finish(store, e.Leaf.Run); err != nil {
			return err
		}
	}
	return nil
}

func finish(store, id string) (string, error) {
	dir := filepath.Join(store, id)
	if err := os.Rename(filepath.Join(store, pending+id), dir); err != nil {
		return "", fmt.Errorf("complete the run: %w", err)
	}
	return dir, syncDir(store)
}

// Heartbeat leaves a signed trace of a night that left no run.
func Heartbeat(ctx context.Context, store string, s Signer, kind Kind, run string, at time.Time, reason string) error {
	return appendLeaf(ctx, store, s, at, func(*Log) (Leaf, error) { return Leaf{Kind: kind, Run: run, Reason: reason}, nil })
}

// appendLeaf adds to a store's log, under its lock, what leafOf makes in view of it.
func appendLeaf(ctx context.Context, store string, s Signer, at time.Time, leafOf func(*Log) (Leaf, error)) (err error) {
	unlock, err := lockStore(store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l, err := openLog(store, s)
	if err != nil {
		return err
	}
	leaf, err := leafOf(l)
	if err != nil {
		return err
	}
	if err := l.add(ctx, s, leaf, at); err != nil {
		return err
	}
	return l.write(store)
}

// Receipt says what became of one thing that is done after sealing: a failure leaves a run that says so.
type Receipt struct {
	What    string    `json:"what"` // publish, time stamp, evidence of a zone
	Where   string    `json:"where"`
	Time    time.Time `json:"time"`
	Detail  string    `json:"detail,omitempty"`
	Problem string    `json:"problem,omitempty"`
	// Objects are those of a bucket under Object Lock, each with the retention that was read back.
	Objects []LockedObject `json:"objects,omitempty"`
}

// reportList is reports.json.
type reportList struct {
	Manifest string                 `json:"manifest"` // SHA-256 of the run's manifest.json
	Files    []residency.FileDigest `json:"files"`
}

// SignedReports are files for a package of a run, by name, with the list of them and of all that came after the run's manifest, signed:
// nothing in the run is changed.
func SignedReports(ctx context.Context, run fs.FS, s Signer, files map[string][]byte) (map[string][]byte, error) {
	var there []residency.FileDigest
	err := eachFile(run, func(name string) error {
		if _, anew := files[name]; anew || !reportFile(name) {
			return nil
		}
		f, err := sum(run, name)
		f.Name = name
		there = append(there, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	all := maps.Clone(files)
	all[ReportsName], all[ReportsSealed], err = listReports(ctx, run, s, listed(there, files))
	return all, err
}

// listReports makes the list of a run's reports and its envelope.
func listReports(ctx context.Context, run fs.FS, s Signer, files []residency.FileDigest) (list, envelope []byte, err error) {
	manifest, err := readSmall(run, ManifestName)
	if err != nil {
		return nil, nil, fmt.Errorf("list the reports: %w", err)
	}
	var m residency.Manifest
	if err := decodeCanonical(manifest, &m); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", ManifestName, err)
	}
	if list, err = canonical(reportList{Manifest: Digest(manifest), Files: files}); err != nil {
		return nil, nil, fmt.Errorf("list the reports: %w", err)
	}
	envelope, err = signFile(ctx, s, ReportsName, list, reportsPredicate, predicate{Run: m.Run, Sequence: m.Sequence, Complete: m.Complete})
	return list, envelope, err
}

// KeepReceipts writes what became of what was done after sealing, with the answer of a time-stamping authority where there is one, and
// signs the list of all that came after the manifest.
func KeepReceipts(ctx context.Context, dir string, s Signer, receipts []Receipt, stamp []byte) error {
	data, err := canonical(receipts)
	if err != nil {
		return fmt.Errorf("write the receipts: %w", err)
	}
	files := map[string][]byte{ReceiptsName: data}
	if len(stamp) > 0 {
		files[TimeStampName] = stamp
	}
	return KeepReports(ctx, dir, s, files)
}
