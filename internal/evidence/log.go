package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Kind says what a leaf of the log stands for.
type Kind string

// The kinds of a leaf. Failed and skipped are heartbeats: a night leaves a trace also where it left no evidence. The last three are of
// retention: see Hold and Expire.
const (
	KindRun     Kind = "run"
	KindFailed  Kind = "failed"
	KindSkipped Kind = "skipped"
	KindHold    Kind = "hold"
	KindRelease Kind = "release"
	KindExpired Kind = "expired"
)

// Heartbeat reports whether a leaf of the kind stands for a night that left no run.
func (k Kind) Heartbeat() bool { return k == KindFailed || k == KindSkipped }

// Leaf is one record of the log. Its canonical form is what the tree hashes.
type Leaf struct {
	Kind     Kind      `json:"kind"`
	Run      string    `json:"run"`      // empty: of a hold or release of days
	Sequence int64     `json:"sequence"` // place in the log, from 0
	Time     time.Time `json:"time"`
	Manifest string    `json:"manifest,omitempty"` // SHA-256 of manifest.json
	Reason   string    `json:"reason,omitempty"`   // of all but a run
	Ticket   string    `json:"ticket,omitempty"`   // of a hold or release
	From     string    `json:"from,omitempty"`     // YYYY-MM-DD, UTC: of a hold or release of the runs begun on these days
	To       string    `json:"to,omitempty"`
}

// Entry is one line of the log: a leaf, and the checkpoint of the tree that ends with it. Keeping both in one line, in a file that is
// replaced whole, leaves no moment at which they disagree.
type Entry struct {
	Leaf       Leaf   `json:"leaf"`
	Checkpoint string `json:"checkpoint"`
}

// Log is a store's log as it was read.
type Log struct {
	entries []Entry
	hashes  []tlog.Hash // as tlog stores them
}

func logPath(store string) string { return filepath.Join(store, "log", "log.ndjson") }

// ReadLog reads a store's log. A store without one has an empty log.
func ReadLog(store string) (*Log, error) { return readLog(store) }

// Entries are the log's lines.
func (l *Log) Entries() []Entry { return l.entries }

// maxLog bounds what is read: some 300,000 nights.
const maxLog = 256 << 20

func readLog(store string) (*Log, error) {
	data, err := os.ReadFile(logPath(store))
	if errors.Is(err, fs.ErrNotExist) {
		return &Log{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return parseLog(data)
}

// parseLog reads the lines strictly; signatures are left to check.
func parseLog(data []byte) (*Log, error) {
	if len(data) > maxLog {
		return nil, fmt.Errorf("read the log: larger than %d MiB", maxLog>>20)
	}
	l := &Log{}
	lines := bufio.NewReader(bytes.NewReader(data))
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if len(line) > 0 {
				return nil, fmt.Errorf("log line %d: cut off", n)
			}
			return l, nil
		}
		var e Entry
		if err := decodeCanonical(line, &e); err != nil {
			return nil, fmt.Errorf("log line %d: %w", n, err)
		}
		if e.Leaf.Sequence != int64(n-1) {
			return nil, fmt.Errorf("log line %d: holds number %d: lines were removed or reordered", n, e.Leaf.Sequence)
		}
		if err := l.append(e); err != nil {
			return nil, fmt.Errorf("log line %d: %w", n, err)
		}
	}
}

func (l *Log) append(e Entry) error {
	leaf, err := canonical(e.Leaf)
	if err != nil {
		return err
	}
	hashes, err := tlog.StoredHashes(int64(len(l.entries)), leaf, l.reader())
	if err != nil {
		return err
	}
	l.hashes, l.entries = append(l.hashes, hashes...), append(l.entries, e)
	return nil
}

func (l *Log) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, at := range indexes {
			if at < 0 || at >= int64(len(l.hashes)) {
				return nil, fmt.Errorf("no hash %d in the log", at)
			}
			out[i] = l.hashes[at]
		}
		return out, nil
	})
}

// tree is the root over the first n leaves.
func (l *Log) tree(n int64) (tlog.Tree, error) {
	hash, err := tlog.TreeHash(n, l.reader())
	return tlog.Tree{N: n, Hash: hash}, err
}

// last is the log's last entry, and whether there is one.
func (l *Log) last() (Entry, bool) {
	if len(l.entries) == 0 {
		return Entry{}, false
	}
	return l.entries[len(l.entries)-1], true
}

// previous is the digest of the last run's manifest, empty before the first.
func (l *Log) previous() string {
	for i := len(l.entries) - 1; i >= 0; i-- {
		if l.entries[i].Leaf.Kind == KindRun {
			return l.entries[i].Leaf.Manifest
		}
	}
	return ""
}

// extend appends a leaf and signs the checkpoint after it. Nothing is written yet.
func (l *Log) extend(ctx context.Context, s Signer, leaf Leaf) (Entry, error) {
	if err := l.append(Entry{Leaf: leaf}); err != nil {
		return Entry{}, fmt.Errorf("extend the log: %w", err)
	}
	t, err := l.tree(int64(len(l.entries)))
	if err != nil {
		return Entry{}, fmt.Errorf("extend the log: %w", err)
	}
	checkpoint, err := signCheckpoint(ctx, s, t)
	if err != nil {
		return Entry{}, err
	}
	e := &l.entries[len(l.entries)-1]
	e.Checkpoint = checkpoint
	return *e, nil
}

// write replaces the log's file.
func (l *Log) write(store string) error {
	var b bytes.Buffer
	for _, e := range l.entries {
		line, err := canonical(e)
		if err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		b.Write(line)
	}
	if err := writeOnce(logPath(store), b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	return nil
}

// proof is that the tree of a checkpoint holds a leaf.
type proof struct {
	Leaf   Leaf        `json:"leaf"`
	Size   int64       `json:"size"`
	Hashes []tlog.Hash `json:"hashes"`
}

// prove makes the proof for the last leaf.
func (l *Log) prove() ([]byte, error) {
	n := int64(len(l.entries))
	hashes, err := tlog.ProveRecord(n, n-1, l.reader())
	if err != nil {
		return nil, fmt.Errorf("prove inclusion: %w", err)
	}
	return canonical(proof{Leaf: l.entries[n-1].Leaf, Size: n, Hashes: hashes})
}

// check reports whether the proof leads from its leaf to the tree's root.
func (p proof) check(t tlog.Tree) error {
	leaf, err := canonical(p.Leaf)
	if err != nil {
		return err
	}
	if p.Size != t.N {
		return fmt.Errorf("the proof is for %d entries of the log, and checkpoint.note for %d: one of the two was exchanged", p.Size, t.N)
	}
	if err := tlog.CheckRecord(p.Hashes, t.N, t.Hash, p.Leaf.Sequence, tlog.RecordHash(leaf)); err != nil {
		return errors.New("the proof does not lead to the checkpoint's root")
	}
	return nil
}
