package audit

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// kept are the runs of one store, as its log has them.
type kept struct {
	store   string // for a reader
	entries []evidence.Entry
	// files is the folder with those files of a run. Its error is that of a store out of reach.
	files func(run string, names ...string) (string, error)
	torn  func(run string) bool // a part of a run that was never sealed: what it gave to other parts may be nowhere; nil: none is
	gone  string                // the last of those behind the run that is followed that are not there, and did not expire
}

func keptIn(store string) (*kept, error) {
	log, err := evidence.ReadLog(store)
	if err != nil {
		return nil, err
	}
	return &kept{store: store, entries: log.Entries(), files: func(run string, _ ...string) (string, error) { return evidence.RunDir(store, run), nil }}, nil
}

// left is what the run before left open.
type left struct {
	open   []residency.OpenViolation
	run    string           // that run
	parts  []residency.Part // of it, with what they left open themselves
	unread error            // why not all of it could be read
}

// leftOpen is what the run before left open, for a run whose snapshot is of the time observed. What that run could not take up itself, or
// gave to parts that were never sealed, is looked for further back.
func (k *kept) leftOpen(observed time.Time) (l left, err error) {
	defer debug.SetGCPercent(debug.SetGCPercent(25)) // what is read is garbage at once, but for a little
	before, told := *k, map[residency.Violation]bool{}
	for n := 0; ; n++ {
		at, dir, m, err := before.followed(observed)
		if n == 0 && before.gone != "" {
			l.unread = fmt.Errorf("the run %s is in the log of %s, and its folder is not there: mount it if it is elsewhere, else %s", before.gone, k.store, k.cure())
		}
		if out := new(outOfReach); errors.As(err, &out) {
			l.unread = out
			return l, nil
		}
		if dir == "" || err != nil {
			return l, err
		}
		dir, err = k.files(m.Run, evidence.ManifestName, summaryName, snapshot.VerdictsFileName, CarriedFileName)
		if err != nil {
			l.unread = err
			return l, nil
		}
		further := m.Uncarried || k.torn != nil && k.torn(m.Run)
		if err = untouched(dir, &m); err == nil {
			l.open, err = alsoOpen(l.open, told, dir, m.Observed, further)
		}
		if n == 0 && err == nil {
			l.run = m.Run
			l.parts, err = Parts(os.DirFS(dir))
		}
		if err != nil {
			return left{}, fmt.Errorf("read what the run before left open in %s: %w: %s", k.store, err, k.cure())
		}
		if !further {
			return l, nil
		}
		before.entries = before.entries[:at]
	}
}

// alsoOpen adds what a run left open of which those after it do not speak, and notes in told of what it speaks itself where one looks
// further back: what it ended is open no more.
func alsoOpen(open []residency.OpenViolation, told map[residency.Violation]bool, dir string, observed time.Time, further bool) ([]residency.OpenViolation, error) {
	more, err := openAfter(dir, observed)
	if err != nil || len(told) == 0 && !further {
		return more, err
	}
	for _, v := range more {
		if !told[unnamed(v.Violation)] {
			open = append(open, v)
		}
	}
	carried, err := readCarried(dir)
	for _, v := range slices.Concat(more, carried) {
		told[unnamed(v.Violation)] = true
	}
	return open, err
}

// unnamed is a violation as it stands where all of it is another part's: by that one is known whose names came to light in between.
func unnamed(v residency.Violation) residency.Violation {
	for _, id := range []*string{&v.Resource, &v.Target} {
		if *id != "" && !isPseudonym(*id) {
			*id = pseudonym(*id)
		}
	}
	return v
}

// Before is the folder of the run that a kept run of a store followed upon; empty where there is none.
func Before(store, dir string) (string, error) {
	k, err := keptIn(store)
	if err != nil {
		return "", err
	}
	m, err := readManifest(dir)
	if err != nil {
		return "", err
	}
	if i := placeOf(k.entries, m.Run); i >= 0 {
		k.entries = k.entries[:i]
	}
	_, before, _, err := k.followed(m.Observed)
	return before, err
}

// outOfReach says that a store could not be read.
type outOfReach struct{ reason error }

func (e *outOfReach) Error() string { return e.reason.Error() }
func (e *outOfReach) Unwrap() error { return e.reason }

// followed is the run upon which one follows whose snapshot is of the time observed: the latest by the time of its snapshot, which an
// older snapshot that was judged again is not. One behind it that cannot be read may be it: an error. at is its place among the entries.
func (k *kept) followed(observed time.Time) (at int, dir string, latest residency.Manifest, err error) {
	var broken error
	for i := len(k.entries) - 1; i >= 0; i-- {
		leaf := &k.entries[i].Leaf
		if leaf.Kind != evidence.KindRun {
			continue
		}
		if dir != "" && begun(leaf).Before(latest.Observed) { // no snapshot is of a later time than the run that judged it
			continue // runs that overlapped stand in the log in the order in which they ended
		}
		folder, err := k.files(leaf.Run, evidence.ManifestName)
		if err != nil {
			return 0, "", latest, &outOfReach{err}
		}
		data, err := os.ReadFile(filepath.Join(folder, evidence.ManifestName))
		if errors.Is(err, fs.ErrNotExist) { // gone: what it carried is lost, and what the one before left open is better than nothing
			if dir == "" && !k.expired(leaf.Run) {
				k.gone = cmp.Or(k.gone, leaf.Run)
			}
			continue
		}
		var m residency.Manifest
		if err == nil && evidence.Digest(data) != leaf.Manifest {
			err = fmt.Errorf("the manifest of %s is not the one in the log", leaf.Run)
		}
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		switch {
		case err != nil:
			broken = cmp.Or(broken, fmt.Errorf("read what the run before left open in %s: %w: %s", k.store, err, k.cure()))
		case !m.Observed.After(observed) && (dir == "" || m.Observed.After(latest.Observed)):
			at, dir, latest = i, folder, m
		}
	}
	return at, dir, latest, broken
}

// cure is what to do about a store that is not as it was sealed.
func (k *kept) cure() string {
	if strings.HasPrefix(k.store, "s3://") {
		return "copy it into a folder and see domicile verify FOLDER"
	}
	return "see domicile verify " + k.store
}

func (k *kept) expired(run string) bool {
	return slices.ContainsFunc(k.entries, func(e evidence.Entry) bool { return e.Leaf.Kind == evidence.KindExpired && e.Leaf.Run == run })
}

// placeOf is where a log has a run; below 0 where it does not.
func placeOf(log []evidence.Entry, run string) int {
	return slices.IndexFunc(log, func(e evidence.Entry) bool { return e.Leaf.Kind == evidence.KindRun && e.Leaf.Run == run })
}
