package audit

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// timeline goes through the nights of a period.
type timeline struct {
	store  string
	log    *evidence.Log
	period *residency.Period
	spells map[residency.Violation]*residency.Spell
	before *keptRun // the last run so far
	latest string
	gap    int // days since the last complete run
}

// night reads the entries of one day: those begun on it.
func (h *timeline) night(ctx context.Context, day time.Time, leaves []evidence.Leaf) error {
	n := residency.Night{Date: day.Format(dayFormat), State: residency.NightMissed, Reason: "no run was begun on this day"}
	var failed *evidence.Leaf
	for i := range leaves {
		leaf := &leaves[i]
		switch {
		case begun(leaf).Format(dayFormat) != n.Date:
		case leaf.Kind == evidence.KindRun:
			if err := h.run(ctx, &n, leaf, failed); err != nil {
				return err
			}
		case leaf.Kind.Heartbeat():
			failed = stumbled(&n, leaf, failed)
		}
	}
	if failed != nil && n.State == residency.NightFailed {
		caughtUp(&n, failed, leaves)
	}
	h.gap++
	if n.State == residency.NightDone || n.State == residency.NightLate {
		h.gap = 0
	}
	h.period.Longest = max(h.period.Longest, h.gap)
	h.period.Nights = append(h.period.Nights, n)
	return nil
}

// stumbled notes the heartbeat of a night, and gives the first one, or that by which it was given up.
func stumbled(n *residency.Night, leaf, first *evidence.Leaf) *evidence.Leaf {
	if first != nil && leaf.Kind != evidence.KindSkipped {
		return first
	}
	if n.State == residency.NightMissed {
		n.State, n.Reason = residency.NightFailed, fmt.Sprintf("%s: %s", leaf.Kind, leaf.Reason)
	}
	return leaf
}

// begun is when a run began: its id says so.
func begun(leaf *evidence.Leaf) time.Time {
	if len(leaf.Run) >= 16 {
		if at, err := time.Parse("20060102T150405Z", leaf.Run[:16]); err == nil {
			return at
		}
	}
	return leaf.Time
}

// caughtUp finds the attempt that made good a night that failed: a run within a day of the failure. One that was given up was not: that
// run is the next night's.
func caughtUp(n *residency.Night, failed *evidence.Leaf, leaves []evidence.Leaf) {
	if failed.Kind == evidence.KindSkipped {
		return
	}
	for i := range leaves {
		leaf := &leaves[i]
		if after := begun(leaf).Sub(begun(failed)); leaf.Kind == evidence.KindRun && after > 0 && after <= late {
			n.State, n.Runs = residency.NightLate, []string{leaf.Run}
			n.Reason = fmt.Sprintf("%s; repeated on %s", n.Reason, begun(leaf).Format(minuteFormat))
			return
		}
	}
}

// minuteFormat is how an instant is written where the second does not matter.
const minuteFormat = "2006-01-02 15:04 MST"

// run adds one run to its night.
func (h *timeline) run(ctx context.Context, n *residency.Night, leaf, failed *evidence.Leaf) error {
	k, why, err := readKept(ctx, h.store, h.log, leaf)
	if err != nil {
		return err
	}
	if k == nil {
		lost(n, why)
		return nil
	}
	s := &k.summary
	n.Runs, n.Conclusion = append(n.Runs, leaf.Run), s.Conclusion
	n.Violations, n.Waived, n.Unknown = s.Totals[residency.Fail], s.Totals[residency.Waived], s.Totals[residency.Unknown]
	n.Stores = k.stores()
	first := ""
	if len(s.Coverage.Gaps) > 0 {
		first = where(s.Coverage.Gaps[0])
	}
	n.State, n.Reason = ran(leaf, failed, s.Complete, len(s.Coverage.Gaps), first)
	if h.before != nil && k.manifest.Observed.Before(h.before.manifest.Observed) {
		return nil // an older snapshot that was judged again: no later run follows upon it
	}
	h.changes(n.Date, k)
	h.latest, h.before = k.dir, k
	return h.violations(n, k)
}

// ran says what a run made of its night: gaps is the number of questions without an answer, of which it names the first; failed is an
// earlier attempt, nil for none.
func ran(leaf, failed *evidence.Leaf, complete bool, gaps int, first string) (residency.NightState, string) {
	switch {
	case !complete:
		return residency.NightPartial, "the run was interrupted"
	case gaps > 0:
		return residency.NightPartial, fmt.Sprintf("%s, the first: %s", questions(gaps), first)
	case failed != nil:
		return residency.NightLate, fmt.Sprintf("%s: %s; repeated on %s", failed.Kind, failed.Reason, begun(leaf).Format(minuteFormat))
	}
	return residency.NightDone, ""
}

// lost notes a run of which nothing can be told. Another of the same night still counts.
func lost(n *residency.Night, why string) {
	if n.Reason = why; len(n.Runs) == 0 {
		n.State = residency.NightMissed
	}
}

func questions(gaps int) string {
	if gaps == 1 {
		return "1 question without an answer"
	}
	return fmt.Sprintf("%d questions without an answer", gaps)
}

func where(g residency.RunGap) string {
	return strings.Join(strings.Fields(g.Scanner+" "+g.Account+" "+g.Region+" "+g.Call), " ")
}

// changes compares a run with the one before: what was in force, what was in scope, and where waivers stand.
func (h *timeline) changes(day string, k *keptRun) {
	if h.before == nil {
		return
	}
	add := func(what, from, to string) {
		if from != to {
			h.period.Changes = append(h.period.Changes, residency.Change{Date: day, What: what, From: from, To: to})
		}
	}
	a, b := h.before, k
	add("policies", a.manifest.Policies, b.manifest.Policies)
	add("tool", a.manifest.Tool, b.manifest.Tool)
	if a.manifest.Tool == b.manifest.Tool {
		add("build of the tool", a.manifest.Build, b.manifest.Build)
	}
	add("configuration", a.manifest.Config, b.manifest.Config)
	for _, id := range without(b.manifest.Accounts, a.manifest.Accounts) {
		add("account", "", id)
	}
	for _, id := range without(a.manifest.Accounts, b.manifest.Accounts) {
		add("account", id, "")
	}
	for _, id := range without(b.manifest.Regions, a.manifest.Regions) {
		add("region", "", id)
	}
	for _, id := range without(a.manifest.Regions, b.manifest.Regions) {
		add("region", id, "")
	}
	for _, w := range b.summary.Waivers {
		i := slices.IndexFunc(a.summary.Waivers, func(o residency.WaiverState) bool { return o.ID == w.ID })
		if i < 0 {
			add("waiver "+w.ID, "", string(w.Status))
			continue
		}
		add("waiver "+w.ID, string(a.summary.Waivers[i].Status), string(w.Status))
	}
}

func without(all, some []string) (left []string) {
	for _, s := range all {
		if !slices.Contains(some, s) {
			left = append(left, s)
		}
	}
	return left
}

// violations follows each violation from night to night.
func (h *timeline) violations(n *residency.Night, k *keptRun) error {
	seen := map[residency.Violation]bool{}
	path := filepath.Join(k.dir, snapshot.VerdictsFileName)
	for v, err := range snapshot.ReadVerdicts(path, residency.Pass, residency.NotApplicable, residency.Unknown) {
		if err != nil {
			return err
		}
		for _, one := range v.Violations(k.manifest.Observed) {
			seen[one.Violation] = true
			s := h.spells[one.Violation]
			if s == nil {
				s = &residency.Spell{FirstSeen: n.Date}
				h.spells[one.Violation] = s
			}
			s.Verdict, s.LastSeen, s.Open, s.Ended, s.Waived = v, n.Date, true, "", v.Outcome == residency.Waived
		}
	}
	carried, err := readCarried(k.dir)
	if err != nil {
		return err
	}
	states := byViolation(carried)
	for key, s := range h.spells {
		if seen[key] || !s.Open {
			continue
		}
		// The run says how it stands; one that did not follow upon the violation closes it only if it is without gaps.
		if now, known := states[key]; known && !now.State.Stands() || !known && n.State != residency.NightPartial {
			s.Open, s.Ended = false, n.Date
		}
	}
	return nil
}

// finish counts the days that each violation was open, and sorts.
func (h *timeline) finish() {
	for _, s := range h.spells {
		end := s.Ended
		if end == "" {
			end = h.period.To
		}
		first, _ := time.Parse(dayFormat, s.FirstSeen) // written here
		last, _ := time.Parse(dayFormat, end)
		s.DaysOpen = int(last.Sub(first).Hours() / 24)
		if s.Open {
			s.DaysOpen++
		}
		h.period.Spells = append(h.period.Spells, *s)
	}
	slices.SortFunc(h.period.Spells, func(a, b residency.Spell) int {
		return cmp.Or(strings.Compare(a.FirstSeen, b.FirstSeen), strings.Compare(a.Verdict.Control, b.Verdict.Control),
			strings.Compare(a.Verdict.Resource, b.Verdict.Resource), strings.Compare(a.Verdict.Zone, b.Verdict.Zone), strings.Compare(a.LastSeen, b.LastSeen))
	})
}
