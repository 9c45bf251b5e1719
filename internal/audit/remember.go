package audit

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// Standing says what is open after a run, by its folder and what was open before, and what of that has ended.
type Standing func(ctx context.Context, dir string, before []residency.OpenViolation) ([]residency.OpenViolation, error)

// Remember brings a database up to a store's log: what it lacks is recorded, entry by entry in order, each in one transaction. A run whose
// folder is gone, or does not verify, is recorded as such and changes nothing of what is open. A database that does not agree with the
// log is refused.
func Remember(ctx context.Context, store string, h *history.Store, standing Standing) (recorded int, err error) {
	l, err := evidence.ReadLog(store)
	if err != nil {
		return 0, err
	}
	entries := entriesOf(l)
	have, err := h.Agrees(ctx, entries)
	if err != nil || have == len(entries) {
		return 0, err
	}
	if err := vouched(ctx, store, l); err != nil {
		return 0, err
	}
	lasting, err := h.Open(ctx, time.Time{})
	if err != nil {
		return 0, err
	}
	var before []residency.OpenViolation
	for _, v := range lasting {
		before = append(before, v.OpenViolation)
	}
	latest, err := h.Latest(ctx)
	if err != nil {
		return 0, err
	}
	for i := have; i < len(entries); i++ {
		e := &entries[i]
		if e.Kind == string(evidence.KindRun) {
			if e.Run, e.Problem, err = remembered(ctx, store, l, &l.Entries()[i].Leaf, before, standing); err != nil {
				return recorded, fmt.Errorf("remember the run %s: %w", e.RunID, err)
			}
			if e.Run != nil && e.Run.Observed.Before(latest) { // an older snapshot that was judged again: no later run follows upon it
				e.Run.Violations = before
			} else if e.Run != nil {
				latest = e.Run.Observed
			}
		}
		if err := h.Record(ctx, *e); err != nil {
			return recorded, err
		}
		if recorded++; e.Run != nil {
			before = standingOnly(e.Run.Violations)
			e.Run = nil // it is recorded
		}
	}
	return recorded, nil
}

// standingOnly leaves those out that a run proved ended.
func standingOnly(all []residency.OpenViolation) (open []residency.OpenViolation) {
	for _, v := range all {
		if v.State.Stands() {
			open = append(open, v)
		}
	}
	return open
}

// entriesOf is a log as a database takes it, without what the runs tell.
func entriesOf(l *evidence.Log) (entries []history.Entry) {
	for _, e := range l.Entries() {
		leaf := &e.Leaf
		at := leaf.Time
		if leaf.Kind == evidence.KindRun || leaf.Kind.Heartbeat() {
			at = begun(leaf)
		}
		entries = append(entries, history.Entry{Sequence: leaf.Sequence, Kind: string(leaf.Kind), RunID: leaf.Run, Begun: at, Time: leaf.Time, Manifest: leaf.Manifest, Reason: leaf.Reason})
	}
	return entries
}

// remembered is what is kept of a run, or why there is nothing.
func remembered(ctx context.Context, store string, l *evidence.Log, leaf *evidence.Leaf, before []residency.OpenViolation, standing Standing) (*history.Run, string, error) {
	k, why, err := readKept(ctx, store, l, leaf)
	if k == nil || err != nil {
		return nil, why, err
	}
	m, s := &k.manifest, &k.summary
	r := &history.Run{Ended: m.End, Observed: s.Run, Conclusion: s.Conclusion, Complete: s.Complete, Policies: m.Policies, Config: m.Config, Tool: m.Tool, Build: m.Build,
		Verdicts: m.Verdicts, Totals: s.Totals, Stores: k.stores(), Gaps: len(s.Coverage.Gaps)}
	for i, g := range s.Coverage.Gaps {
		if i == 0 {
			r.FirstGap = where(g)
		}
		r.Uncovered = append(r.Uncovered, history.Gap{Scanner: g.Scanner, Account: g.Account, Region: g.Region, Call: g.Call, Class: string(g.Class)})
	}
	for v, err := range snapshot.ReadVerdicts(k.dir, residency.Pass, residency.NotApplicable) {
		if err != nil {
			return nil, "", err
		}
		r.Findings = append(r.Findings, history.Finding{Matter: residency.Matter{Control: v.Control, Resource: v.Resource, Zone: v.Zone}, Outcome: v.Outcome,
			Line: string(snapshot.AppendVerdict(nil, &v))})
	}
	if r.Violations, err = standing(ctx, k.dir, before); err != nil {
		return nil, "", err
	}
	return r, "", nil
}

// RebuildHistory makes the database at an address anew from a store's log and runs.
func RebuildHistory(ctx context.Context, store, dsn string, standing Standing) (recorded int, done history.Rebuilt, err error) {
	done, err = history.Rebuild(ctx, dsn, filepath.Join(store, "history.rebuild.db"), func(fresh *history.Store) error {
		recorded, err = Remember(ctx, store, fresh, standing)
		return err
	})
	return recorded, done, err
}
