package audit

import (
	"fmt"
	"path/filepath"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// Baseline is what a kept run left open: its violations, unknowns and gaps. A later run is held against it.
type Baseline struct {
	fails    violations
	failed   map[residency.Matter]bool // what failed and is unknown now is no worse
	unknowns map[residency.Matter]bool
	gaps     map[residency.RunGap]bool
}

// ReadBaseline reads the run in a folder.
func ReadBaseline(dir string) (*Baseline, error) {
	b := &Baseline{failed: map[residency.Matter]bool{}, unknowns: map[residency.Matter]bool{}, gaps: map[residency.RunGap]bool{}}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(dir, snapshot.VerdictsFileName), residency.Pass, residency.NotApplicable, residency.Waived) {
		if err != nil {
			return nil, fmt.Errorf("read the baseline: %w", err)
		}
		b.fails.add(&v, nil)
		switch v.Outcome {
		case residency.Unknown:
			b.unknowns[matterOf(&v)] = true
		case residency.Fail:
			b.failed[matterOf(&v)] = true
		}
	}
	carried, err := readCarried(dir)
	if err != nil {
		return nil, fmt.Errorf("read the baseline: %w", err)
	}
	for _, v := range carried {
		if v.State == residency.ViolationNotReexamined { // it was there before, and the baseline could not look
			b.fails.put(v.Violation, v.Severity)
			b.failed[v.Matter()] = true
		}
	}
	var s residency.Summary
	if err := readJSON(filepath.Join(dir, summaryName), &s); err != nil {
		return nil, fmt.Errorf("read the baseline: %w", err)
	}
	for _, g := range s.Coverage.Gaps {
		b.gaps[gapKey(g)] = true
	}
	return b, nil
}

// matterOf is what an unknown is about: control, resource and zone.
func matterOf(v *residency.Verdict) residency.Matter {
	return residency.Matter{Control: v.Control, Resource: v.Resource, Zone: v.Zone}
}

// gapKey leaves out the words for a reader, which may differ from night to night.
func gapKey(g residency.RunGap) residency.RunGap {
	g.Detail = ""
	return g
}

// Worse is what the verdicts and the summary of a later run hold beyond the baseline: new violations by severity, and whether anything
// is newly unknown or newly uncovered.
func (b *Baseline) Worse(verdicts string, s *residency.Summary) (fails map[residency.Severity]int, open bool, err error) {
	var now violations
	free := map[string]bool{}
	for _, z := range s.Zones {
		free[z.ID] = !z.Promise
	}
	for v, err := range snapshot.ReadVerdicts(verdicts, residency.Pass, residency.NotApplicable, residency.Waived) {
		if err != nil {
			return nil, false, err
		}
		now.add(&v, nil)
		open = open || v.Outcome == residency.Unknown && !free[v.Zone] && !b.unknowns[matterOf(&v)] && !b.failed[matterOf(&v)]
	}
	fails = map[residency.Severity]int{}
	for v, severity := range now {
		if _, old := b.fails[v]; !old {
			fails[severity]++
		}
	}
	for _, g := range s.Coverage.Gaps {
		open = open || !b.gaps[gapKey(g)]
	}
	return fails, open, nil
}
