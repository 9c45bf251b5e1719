package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A folder that is being written is locked by its process, and the system lifts the lock when that ends, however it ends. So what
// bears a pending name and no lock was left by a process that was killed. Where the system locks no folders, none is taken for that.

// hold makes a folder and locks it. In between a later run can take it for abandoned: then it is made again.
func hold(mk func() (string, error)) (dir string, release func() error, err error) {
	for {
		if dir, err = mk(); err != nil {
			return "", nil, err
		}
		f, err := lockFolder(dir, true)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil: //nolint:nilerr // no locks here, so that nobody takes it
			return dir, func() error { return nil }, nil
		}
		if stillAt(f, dir) {
			return dir, f.Close, nil
		}
		if err := f.Close(); err != nil {
			return "", nil, err
		}
	}
}

// stillAt reports whether an open folder still has that name: it may have been removed before it was locked.
func stillAt(f *os.File, dir string) bool {
	locked, errLocked := f.Stat()
	now, err := os.Stat(dir)
	return errLocked == nil && err == nil && os.SameFile(locked, now)
}

// abandoned is a folder that a killed process left. The claim keeps others off while it is cleared away.
type abandoned struct {
	dir   string
	run   string // empty: reports that reached no run
	claim *os.File
}

// findAbandoned claims what killed processes left in a store whose log is locked. Runs that the log holds are complete and stay.
func findAbandoned(store string, l *Log) (left []abandoned, err error) {
	entries, err := os.ReadDir(store)
	if err != nil {
		return nil, fmt.Errorf("look for what was left: %w", err)
	}
	sealed := func(e Entry, run string) bool { return e.Leaf.Kind == KindRun && e.Leaf.Run == run }
	for _, e := range entries {
		run, is := strings.CutPrefix(e.Name(), pending)
		if reports := strings.HasPrefix(run, afterPrefix); !is || !e.IsDir() || !reports && !IsRunID(run) {
			continue
		} else if reports {
			run = ""
		}
		if slices.ContainsFunc(l.entries, func(e Entry) bool { return run != "" && sealed(e, run) }) {
			continue
		}
		dir := filepath.Join(store, e.Name())
		claim, err := lockFolder(dir, false)
		if err != nil {
			continue // somebody works there
		}
		if !stillAt(claim, dir) { // its own run has just removed it
			_ = claim.Close()
			continue
		}
		left = append(left, abandoned{dir, run, claim})
	}
	return left, nil
}

// record leaves a heartbeat for each run that was killed: nothing ends without a trace. Nothing is written yet.
func (l *Log) record(ctx context.Context, s Signer, left []abandoned, at time.Time) error {
	for _, a := range left {
		known := func(e Entry) bool { return e.Leaf.Run == a.run }
		if a.run == "" || slices.ContainsFunc(l.entries, known) { // recorded before a crash came between log and clearing away
			continue
		}
		leaf := Leaf{Kind: KindFailed, Run: a.run, Sequence: int64(len(l.entries)), Time: at.UTC().Truncate(time.Second),
			Reason: "it was killed before it was sealed; a later run cleared its unfinished folder away"}
		if _, err := l.extend(ctx, s, leaf); err != nil {
			return err
		}
	}
	return nil
}

// clearAway removes the folders. One that cannot be removed is found again by the next run.
func clearAway(left []abandoned) {
	for _, a := range left {
		_ = os.RemoveAll(a.dir)
	}
}

func letGo(left []abandoned) (err error) {
	for _, a := range left {
		err = errors.Join(err, a.claim.Close())
	}
	return err
}
