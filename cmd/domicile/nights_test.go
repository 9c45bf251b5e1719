package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/schedule"
)

var (
	_ schedule.Nights   = storeNights{}
	_ schedule.Calendar = storeNights{}
)

// nightsIn are the nights that a store knows.
func nightsIn(t *testing.T, store string) []history.Night {
	t.Helper()
	if _, err := os.Stat(filepath.Join(store, historyFile)); err != nil {
		return nil
	}
	h, err := history.Open(t.Context(), filepath.Join(store, historyFile))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	all, err := h.Nights(t.Context(), time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// night STORE DUE RUN makes a store whose schedule has one night, done with that run.
func nightDone(ts *testscript.TestScript, _ bool, args []string) {
	due, err := time.Parse(time.RFC3339, args[1])
	ts.Check(err)
	store := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(store, 0o755))
	for _, name := range []string{historyFile, historyFile + "-wal", historyFile + "-shm"} {
		if err := os.Remove(filepath.Join(store, name)); err != nil && !os.IsNotExist(err) {
			ts.Check(err)
		}
	}
	ctx := context.Background()
	h, err := history.Open(ctx, filepath.Join(store, historyFile))
	ts.Check(err)
	_, _, err = h.Claim(ctx, due, due, "earlier", time.Minute)
	ts.Check(err)
	ts.Check(h.Finish(ctx, due, due, "earlier", args[2], ""))
	ts.Check(h.Close())
}

// nights STORE writes what a store knows of its nights to nights.json, a line for each.
func nightsOfStore(ts *testscript.TestScript, _ bool, args []string) {
	h, err := history.Open(context.Background(), filepath.Join(ts.MkAbs(args[0]), historyFile))
	ts.Check(err)
	defer h.Close()
	all, err := h.Nights(context.Background(), time.Time{}, time.Time{})
	ts.Check(err)
	var lines strings.Builder
	for _, n := range all {
		line, err := json.Marshal(map[string]string{"due": n.Due.UTC().Format(time.RFC3339), "state": string(n.State), "reason": n.Problem})
		ts.Check(err)
		lines.Write(append(line, '\n'))
	}
	ts.Check(os.WriteFile(ts.MkAbs("nights.json"), []byte(lines.String()), 0o644))
}
