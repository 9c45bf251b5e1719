package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestNightsFile goes through the life of a night, as schedule.Nights and schedule.Calendar want it.
func TestNightsFile(t *testing.T) {
	ctx, store := t.Context(), filepath.Join(t.TempDir(), "runs")
	due := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	f := nightsFile{store: store}
	claim := func(what, holder string, now time.Time, want bool) {
		t.Helper()
		if ok, err := f.Claim(ctx, due, now, holder, 5*time.Minute); err != nil || ok != want {
			t.Errorf("%s: %v, %v", what, ok, err)
		}
	}
	refused := func(what string, err error) {
		t.Helper()
		if err == nil || err.Error() != "the night has become another's" {
			t.Errorf("%s: %v", what, err)
		}
	}
	content := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, ok, err := f.First(ctx); ok || err != nil {
		t.Errorf("first of none: %v, %v", ok, err)
	}
	refused("renewed before it was claimed", f.Renew(ctx, due, due, "a", time.Minute))
	claim("free", "a", due, true)
	claim("held by another", "b", due.Add(4*time.Minute), false)
	claim("held by oneself", "a", due.Add(4*time.Minute), false)
	content("missed while it is held", f.Missed(ctx, due, "too early"))
	content("renewed", f.Renew(ctx, due, due.Add(4*time.Minute), "a", 5*time.Minute))
	claim("renewed by another", "b", due.Add(8*time.Minute), false)
	claim("run out", "b", due.Add(9*time.Minute), true)
	refused("renewed by the one before", f.Renew(ctx, due, due.Add(9*time.Minute), "a", time.Minute))
	refused("finished by the one before", f.Finish(ctx, due, due.Add(9*time.Minute), "a", "run", ""))
	content("failed", f.Finish(ctx, due, due.Add(10*time.Minute), "b", "", "no credentials"))
	if _, ok, err := f.LastDone(ctx); ok || err != nil {
		t.Errorf("a failed night counts as done: %v", err)
	}
	content("missed", f.Missed(ctx, due, "each attempt failed"))
	claim("missed, and its time comes again", "a", due.Add(time.Hour), true)
	content("done", f.Finish(ctx, due, due.Add(2*time.Hour), "a", "run", ""))
	claim("done", "b", due.AddDate(0, 0, 9), false)
	content("missed after it was done", f.Missed(ctx, due, "no"))
	for what, ask := range map[string]func() (time.Time, bool, error){
		"first": func() (time.Time, bool, error) { return f.First(ctx) }, "last done": func() (time.Time, bool, error) { return f.LastDone(ctx) },
	} {
		if at, ok, err := ask(); !at.Equal(due) || !ok || err != nil {
			t.Errorf("%s: %s, %v, %v", what, at, ok, err)
		}
	}
	data, err := os.ReadFile(f.path())
	if want := `{"due":"2026-11-24T02:00:00Z","state":"done","holder":"a","run":"run"}` + "\n"; err != nil || string(data) != want {
		t.Errorf("the file holds %s, %v", data, err)
	}
}

// TestNightsFileRace: of many that claim at once one gets the night, and no other night is lost in the crowd.
func TestNightsFileRace(t *testing.T) {
	f := nightsFile{store: filepath.Join(t.TempDir(), "runs")}
	due := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	var won atomic.Int32
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			ok, err := f.Claim(t.Context(), due, due, strings.Repeat("x", i+1), time.Minute)
			if err != nil {
				t.Error(err)
			}
			if ok {
				won.Add(1)
			}
			if _, err := f.Claim(t.Context(), due.AddDate(0, 0, 1+i), due, "own", time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	lines, err := f.read()
	if won.Load() != 1 || len(lines) != 17 || err != nil {
		t.Errorf("%d got the night, %d nights, %v", won.Load(), len(lines), err)
	}
}
