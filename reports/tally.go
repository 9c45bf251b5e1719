package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// tally is what a table keeps of the verdicts.
type tally struct {
	report   residency.Report
	zones    map[string]int // by id, the position in the summary
	fails    *section
	unknowns *section
	waived   map[waiverKey]int
	passes   map[lineKey]int
	outside  map[lineKey]int // not applicable
	info     int             // fails in promised zones that decide nothing
	free     map[residency.Outcome]int
}

type waiverKey struct{ control, id, owner, approver, reason, expires string }

// gather ranges over the verdicts once.
func gather(r residency.Report) (*tally, error) {
	t := &tally{
		report: r, zones: map[string]int{}, fails: newSection(r), unknowns: newSection(r), waived: map[waiverKey]int{},
		passes: map[lineKey]int{}, outside: map[lineKey]int{}, free: map[residency.Outcome]int{},
	}
	for i, z := range r.Summary.Zones {
		t.zones[z.ID] = i
	}
	for i := range r.Summary.Parts {
		t.part(&r.Summary.Parts[i])
	}
	if r.Verdicts == nil {
		return t, nil
	}
	for v, err := range r.Verdicts {
		if err != nil {
			return nil, fmt.Errorf("read verdicts: %w", err)
		}
		t.add(v)
	}
	return t, nil
}

// part counts what another store lists: of a zone without a promise nothing decides.
func (t *tally) part(p *residency.Part) {
	idle := p.Totals[residency.Fail] - deciding(p)
	if i, ok := t.zones[p.Zone]; ok && !t.report.Summary.Zones[i].Promise {
		t.free[residency.Fail] += idle
		t.free[residency.Unknown] += p.Totals[residency.Unknown]
	} else {
		t.info += idle
	}
	for severity, n := range p.Fails {
		t.fails.highest[severity] += n
	}
}

// deciding are the fails of a part that make the conclusion.
func deciding(p *residency.Part) (n int) {
	for severity, fails := range p.Fails {
		if severity.Rank() > residency.Info.Rank() {
			n += fails
		}
	}
	return n
}

// here are the totals of the verdicts that the report can list: those of the parts are in other stores.
func here(s *residency.Summary) map[residency.Outcome]int {
	n := everyOutcome(s.Totals)
	for _, p := range s.Parts {
		for o := range n {
			n[o] -= p.Totals[o]
		}
	}
	return n
}

func (t *tally) add(v residency.Verdict) {
	line := lineKey{v.Zone, v.Control}
	switch v.Outcome {
	case residency.Fail:
		t.place(t.fails, v)
	case residency.Unknown:
		t.place(t.unknowns, v)
	case residency.Waived:
		key := waiverKey{control: v.Control}
		if w := v.Waiver; w != nil {
			key = waiverKey{v.Control, w.ID, w.Owner, w.Approver, clip(w.Reason), w.Expires}
		}
		t.waived[key]++
	case residency.Pass:
		t.passes[line]++
	default:
		t.outside[line]++
	}
}

// place puts a verdict into its group, or only counts it where its zone gives no promise.
func (t *tally) place(s *section, v residency.Verdict) {
	if i, ok := t.zones[v.Zone]; ok && !t.report.Summary.Zones[i].Promise {
		s.free[lineKey{v.Zone, v.Control}]++
		t.free[v.Outcome]++
		return
	}
	if v.Outcome == residency.Fail && v.Severity == residency.Info {
		t.info++
	}
	s.add(v)
}

// violations is the number of fails that decide the conclusion.
func (t *tally) violations() int {
	return max(0, t.report.Summary.Totals[residency.Fail]-t.info-t.free[residency.Fail])
}

// open is the number of unknowns that decide the conclusion.
func (t *tally) open() int {
	return max(0, t.report.Summary.Totals[residency.Unknown]-t.free[residency.Unknown])
}

// rank orders zones as the configuration does, then those that it does not have, then the unclassified.
func (t *tally) rank(zone string) int {
	if i, ok := t.zones[zone]; ok {
		return i
	}
	if zone == "" {
		return len(t.zones) + 1
	}
	return len(t.zones)
}

// control is the sentence of a control, empty when the report does not have it.
func (t *tally) control(id string) string { return cell(t.report.Controls[id].Title) }

// lines sorts counted lines by zone, severity of the control and its id.
func (t *tally) lines(counts map[lineKey]int) []lineKey {
	keys := slices.Collect(maps.Keys(counts))
	rank := func(id string) int { return t.report.Controls[id].Severity.Rank() }
	slices.SortFunc(keys, func(a, b lineKey) int {
		return cmp.Or(cmp.Compare(t.rank(a.zone), t.rank(b.zone)), strings.Compare(a.zone, b.zone),
			cmp.Compare(rank(b.control), rank(a.control)), strings.Compare(a.control, b.control))
	})
	return keys
}

// waivers sorts the waivers that cover a verdict by id and control.
func (t *tally) waivers() []waiverKey {
	return slices.SortedFunc(maps.Keys(t.waived), func(a, b waiverKey) int {
		return cmp.Or(strings.Compare(a.id, b.id), strings.Compare(a.control, b.control), strings.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
}
