package evidence

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// CheckedStore is what verifying a store's log and sequence found. The runs themselves are checked one by one.
type CheckedStore struct {
	Log      *Log
	Runs     []string // folders of the runs that the log holds and that are there, in the log's order
	Notes    []string // what a reader should know and is no problem: runs that expired
	Problems []Problem
}

func (c *CheckedStore) problem(file, format string, args ...any) {
	c.Problems = append(c.Problems, Problem{file, fmt.Sprintf(format, args...)})
}

// VerifyStore checks the log of a store, and that its runs are just those of the log. witness is the text of a checkpoint from
// elsewhere, empty for none: with it, a log that was rolled back or built anew is found out; without it, nothing can tell.
func VerifyStore(_ context.Context, store string, key *Key, witness string) (*CheckedStore, error) {
	c := &CheckedStore{}
	logName, err := filepath.Rel(store, logPath(store))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(logPath(store)); err != nil {
		c.problem(logName, "is missing")
	}
	if c.Log, err = readLog(store); err != nil {
		c.problem(logName, "%v", err)
		c.Log = &Log{} // the runs can be verified all the same
		ids, err := Runs(store)
		for _, id := range ids {
			c.Runs = append(c.Runs, RunDir(store, id))
		}
		return c, err
	}
	if key == nil {
		return nil, fmt.Errorf("verify %s: no key to check with: name one with --key", store)
	}
	for i, e := range c.Log.entries {
		at := fmt.Sprintf("%s line %d", logName, i+1)
		t, err := openCheckpoint(key, e.Checkpoint)
		if err != nil {
			c.problem(at, "%v", err)
			continue
		}
		want, err := c.Log.tree(int64(i + 1))
		if err != nil {
			return nil, fmt.Errorf("verify the log: %w", err)
		}
		if t != want {
			c.problem(at, "its checkpoint is not that of the lines so far: one of them was changed, removed or moved")
		}
	}
	if witness != "" {
		c.witness(key, witness)
	}
	return c, c.sequence(store)
}

// witness compares with a checkpoint that somebody else kept.
func (c *CheckedStore) witness(key *Key, text string) {
	t, err := openCheckpoint(key, text)
	if err != nil {
		c.problem("checkpoint", "%v", err)
		return
	}
	if n := int64(len(c.Log.entries)); t.N > n {
		c.problem("log", "it was rolled back: the checkpoint from elsewhere covers %d entries, and %d are left", t.N, n)
		return
	}
	if have, err := c.Log.tree(t.N); err != nil || have.Hash != t.Hash {
		c.problem("log", "it is not the log of the checkpoint from elsewhere: the first %d entries were changed", t.N)
		return
	}
	// What follows is proved to extend it, as an auditor who holds the two checkpoints alone would check.
	n := int64(len(c.Log.entries))
	if t.N == 0 || t.N == n {
		return
	}
	now, err := c.Log.tree(n)
	if err == nil {
		var p tlog.TreeProof
		if p, err = tlog.ProveTree(n, t.N, c.Log.reader()); err == nil {
			err = tlog.CheckTree(p, n, now.Hash, t.N, t.Hash)
		}
	}
	if err != nil {
		c.problem("log", "it does not extend the checkpoint from elsewhere: %v", err)
	}
}

// sequence compares the log's runs with the folders.
func (c *CheckedStore) sequence(store string) error {
	known := map[string]bool{}
	for i, e := range c.Log.entries {
		if e.Leaf.Kind == KindExpired {
			c.expiry(i)
		}
		if e.Leaf.Kind != KindRun {
			continue
		}
		if known[e.Leaf.Run] {
			c.problem(e.Leaf.Run, "stands twice in the log")
		}
		known[e.Leaf.Run] = true
		dir := RunDir(store, e.Leaf.Run)
		if _, err := os.Stat(dir); err != nil {
			if gone, ok := c.Log.Expired(e.Leaf.Run); ok && gone.Manifest == e.Leaf.Manifest {
				c.Notes = append(c.Notes, fmt.Sprintf("%s expired: its evidence was removed on %s, as entry %d of the log says (%s)", e.Leaf.Run, gone.Time.Format(time.DateOnly), gone.Sequence, gone.Reason))
				continue
			}
			c.problem(e.Leaf.Run, "is missing: the log holds it as number %d, and its folder was removed", e.Leaf.Sequence)
			continue
		}
		c.Runs = append(c.Runs, dir)
	}
	ids, err := Runs(store)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !known[id] {
			c.problem(id, "is not in log/log.ndjson: it was added, or the log was rolled back")
		}
	}
	return nil
}

// expiry checks that an entry let go only what it might.
func (c *CheckedStore) expiry(i int) {
	gone, before := c.Log.entries[i].Leaf, Log{entries: c.Log.entries[:i]}
	at := fmt.Sprintf("log entry %d", i)
	switch run, ok := before.run(gone.Run); {
	case !ok || run.Manifest != gone.Manifest:
		c.problem(at, "it lets a run %s expire that the log does not hold so", gone.Run)
	case len(before.Held(gone.Run)) > 0:
		c.problem(at, "it lets %s expire, which was under the legal hold %s", gone.Run, strings.Join(before.Held(gone.Run), ", "))
	}
}

// Match checks a run of the store against its line of the log.
func (c *CheckedStore) Match(id string, run *Checked) {
	for i, e := range c.Log.entries {
		if e.Leaf.Kind != KindRun || e.Leaf.Run != id {
			continue
		}
		switch {
		case run.Manifest.Run != id:
			c.problem(id, "the folder holds the run %s", run.Manifest.Run)
		case e.Leaf.Manifest != run.Seal.Manifest:
			c.problem(id, "its manifest is not the one in the log")
		case e.Checkpoint != run.Seal.Checkpoint:
			c.problem(id, "its checkpoint is not the one in the log")
		case run.Manifest.Previous != previousOf(c.Log.entries[:i]):
			c.problem(id, "it does not follow the run that stands before it in the log")
		}
		return
	}
}

func previousOf(entries []Entry) string {
	l := Log{entries: entries}
	return l.previous()
}

// HasLog reports whether a store has had a run or a heartbeat.
func HasLog(store string) bool {
	_, err := os.Stat(logPath(store))
	return err == nil
}

// IsStore reports whether a folder is a store: has a log, a key or runs.
func IsStore(dir string) bool {
	for _, path := range []string{logPath(dir), PublicKeyPath(dir)} {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	ids, err := Runs(dir)
	return err == nil && len(ids) > 0
}

// RunOf is the id of the run in a folder.
func RunOf(dir string) string { return strings.TrimPrefix(filepath.Base(dir), pending) }

// Lock keeps others from changing a store until it is lifted, as those do who seal a run or leave a heartbeat. It makes the folder.
func Lock(store string) (unlock func() error, err error) { return lockStore(store) }
