package historytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// recorders record the same log from three sides at once: nothing is lost or doubled.
func recorders(t *testing.T, dsn string) {
	log, left := Log(20, 12)
	var group sync.WaitGroup
	for range 3 {
		s := open(t, dsn)
		group.Go(func() {
			for _, entry := range log {
				if err := s.Record(t.Context(), entry); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if n := Holds(t, open(t, dsn), log, left); n != len(log) {
		t.Errorf("%d of %d", n, len(log))
	}
}

// half breaks a recording off: nothing of it stays.
func half(t *testing.T, dsn string) {
	s := open(t, dsn)
	put(t, s, Night(0, []residency.OpenViolation{violation("a", "us-east-1", residency.ViolationOpen, first)}))
	var many []residency.OpenViolation
	for i := range 2000 {
		many = append(many, violation(fmt.Sprint("r", i), "us-east-1", residency.ViolationOpen, first.AddDate(0, 0, 1)))
	}
	for cut := time.Millisecond; ; cut *= 2 {
		ctx, cancel := context.WithTimeout(t.Context(), cut)
		err := s.Record(ctx, Night(1, many))
		cancel()
		if err == nil {
			break
		}
		last, _, errLast := s.Last(t.Context())
		open, errOpen := s.Open(t.Context(), first)
		if last.Sequence != 0 || len(open) != 1 || errors.Join(errLast, errOpen) != nil {
			t.Fatalf("after %s: %d entries, %d open, %v", cut, last.Sequence+1, len(open), errors.Join(errLast, errOpen))
		}
	}
	if got := must(s.Open(t.Context(), first))(t); len(got) != 2000 {
		t.Errorf("%d open", len(got))
	}
}

// rebuild makes the index anew: the same is in it, the nights stay, and a failure on the way leaves all as it was.
func rebuild(t *testing.T, dsn string) {
	s := open(t, dsn)
	put(t, s, Night(0, []residency.OpenViolation{violation("old", "us-east-1", residency.ViolationOpen, first)}))
	if _, ok, err := s.Claim(t.Context(), first, first, "me", time.Hour); !ok || err != nil {
		t.Fatal(ok, err)
	}
	scratch := t.TempDir() + "/scratch.db"
	broken := errors.New("a run cannot be read")
	fill := func(entries []history.Entry, err error) func(*history.Store) error {
		return func(fresh *history.Store) error {
			for _, e := range entries {
				put(t, fresh, e)
			}
			return err
		}
	}
	e := newEstate(9, 12)
	var log []history.Entry
	for n := range int64(20) {
		log = append(log, Night(n, e.next()))
	}
	log = append(log, heartbeat(20, "failed", hostile))
	if _, err := history.Rebuild(t.Context(), dsn, scratch, fill(log, broken)); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if last, _, err := s.Last(t.Context()); last.Sequence != 0 || err != nil {
		t.Errorf("a rebuild that failed left %d, %v", last.Sequence, err)
	}
	done, err := history.Rebuild(t.Context(), dsn, scratch, fill(log, nil))
	if err != nil || done.Nights != 1 || done.Kept != "" || done.Lost != nil {
		t.Fatalf("%+v %v", done, err)
	}
	if n, err := s.Agrees(t.Context(), log); n != len(log) || err != nil { // the store that was open all the time sees it
		t.Errorf("%d of %d, %v", n, len(log), err)
	}
	if got := len(must(s.Spells(t.Context(), time.Time{}, time.Time{}, first))(t)); got != len(e.spells()) {
		t.Errorf("%d spells, want %d", got, len(e.spells()))
	}
	if err := s.Renew(t.Context(), first, first, "me", time.Hour); err != nil {
		t.Error(err)
	}
	put(t, s, Night(21, e.next()))
}
