package audit

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/lineage"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
)

// notDeclared is the reason of a primary control for a zone that was only taken from the resource's own region.
const notDeclared = "location not declared"

// finding is one control's outcome on its way to a verdict.
type finding struct {
	control int
	outcome residency.Outcome
	decides []int // positions in the resource's placements
	reason  string
	fromGap bool
}

// conclude turns the policies' results into verdicts: a gap turns a proof into unknown, and a zone from the own region proves
// nothing about the place.
func (w *worker) conclude(m *matter) error {
	next := 0
	for c := range w.controls {
		f := finding{control: c}
		if next < len(m.results) && m.results[next].Control == c {
			f.outcome, f.decides = m.results[next].Outcome, w.positions(m, &m.results[next])
			next++
		}
		w.overlay(m, &f)
		if f.outcome == "" {
			continue
		}
		if err := w.verdict(m, &f); err != nil {
			return err
		}
	}
	return nil
}

// positions are the placements that decide. The stand-in decides through the placements of its role.
func (w *worker) positions(m *matter, res *policies.Result) []int {
	var out []int
	for _, d := range res.Decides {
		switch {
		case d == m.standin:
			continue
		case m.index != nil:
			out = append(out, m.index[d])
		default:
			out = append(out, d)
		}
	}
	if len(out) > 0 || m.standin < 0 || !slices.Contains(res.Decides, m.standin) {
		return out
	}
	for i, p := range m.resource.Placements {
		if w.byRole[p.Role] == res.Control {
			out = append(out, i)
		}
	}
	return out
}

func (w *worker) overlay(m *matter, f *finding) {
	control := &w.controls[f.control]
	if f.outcome == residency.Fail {
		return
	}
	if m.hold.Way == lineage.Held && m.zone >= 0 && (f.control != w.assigned || m.hold.Assigned) || f.outcome != "" {
		if reason := w.cover.of(m.resource.ID, control.Needs); reason != "" {
			if f.outcome != residency.Unknown {
				f.decides = nil
			}
			f.outcome, f.reason, f.fromGap = residency.Unknown, reason, true
			return
		}
	}
	declared := m.assignment.Basis != residency.ByOwnRegion || !m.hold.Assigned || m.zone < 0
	if f.outcome == residency.Pass && !declared && slices.Contains(control.Needs, residency.PlacementsOf(residency.Primary)) {
		f.outcome, f.reason = residency.NotApplicable, notDeclared
	}
}

func (w *worker) verdict(m *matter, f *finding) error {
	severity := w.controls[f.control].Severity
	promise := true
	if m.zone >= 0 && !w.judge.Zones[m.zone].Promise {
		severity, promise = residency.Info, false
	}
	w.out.tally.verdict(f.control, f.outcome, severity, promise)
	if w.keep == nil || !w.keep(f.outcome) {
		return nil
	}
	r := &m.resource
	v := residency.Verdict{Control: w.controls[f.control].ID, Resource: r.ID, Kind: r.Kind, Account: r.Account, Region: r.Region,
		Outcome: f.outcome, Severity: severity}
	if m.zone >= 0 {
		v.Zone = w.judge.Zones[m.zone].ID
		v.Path = w.graph.Path(m.node, m.zone, r.ID)
	}
	if f.outcome != residency.Pass {
		v.Reason = w.reason(m, f)
		for _, i := range f.decides {
			v.Placements = append(v.Placements, r.Placements[i])
		}
	}
	if f.outcome == residency.Fail && m.zone >= 0 {
		v.Downstream = w.downstream(m, f)
	}
	w.out.lines = append(snapshot.AppendVerdict(w.out.lines, &v), '\n')
	return nil
}

// downstream is what lies beyond the border: through the deciding placements, or through the copy itself where only its record
// shows the crossing. Key, metadata and capability placements carry nothing, so nothing lies beyond them.
func (w *worker) downstream(m *matter, f *finding) []string {
	if m.hold.Way == lineage.Arrived {
		return w.graph.BeyondOf(m.zone, m.node)
	}
	var targets []string
	for _, i := range f.decides {
		p := &m.resource.Placements[i]
		if p.Target != "" && p.Role.Carries() && w.graph.Region(p) != "" {
			targets = append(targets, p.Target)
		}
	}
	if targets == nil {
		return nil
	}
	return w.graph.Downstream(m.zone, targets, m.node)
}

// reason says in words what decided.
func (w *worker) reason(m *matter, f *finding) string {
	var parts []string
	add := func(s string) {
		if s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	if f.reason != "" {
		add(f.reason)
	}
	switch {
	case f.outcome == residency.NotApplicable && f.reason == "":
		add("nothing of this kind to judge")
	case m.zone < 0:
		add("no zone: " + m.assignment.Reason)
	case f.outcome == residency.Unknown && m.resource.Placements == nil:
		add("its placements were not read")
	}
	for _, i := range f.decides {
		add(w.why(m, f, &m.resource.Placements[i]))
	}
	if f.outcome == residency.Fail && len(m.results) > 0 && m.standin >= 0 && m.hold.Assigned && len(parts) == 0 {
		add("the resource itself is in " + m.resource.Region + ", outside " + w.reach[m.zone])
	}
	if m.hold.Way != lineage.Held && m.zone >= 0 {
		if path := w.graph.Path(m.node, m.zone, m.resource.ID); len(path) > 1 {
			add("its own record names the source " + path[len(path)-2])
		}
	}
	if f.outcome != residency.Pass && f.outcome != residency.NotApplicable {
		for _, s := range w.graph.SilentSources(&m.resource) {
			add(s)
		}
	}
	return strings.Join(parts, "; ")
}

// why says what one placement has to do with the outcome.
func (w *worker) why(m *matter, f *finding, p *residency.Placement) string {
	region := w.graph.Region(p)
	standing := w.accounts.Standing(m.resource.Account, p.Account)
	zone := &w.judge.Zones[m.zone]
	placeOnly := slices.Contains(w.controls[f.control].Needs, residency.FactSharing)
	switch {
	case f.outcome == residency.Fail && placeOnly && standing == residency.Public:
		return string(p.Role) + " shared with the public"
	case f.outcome == residency.Fail && placeOnly:
		return string(p.Role) + " in " + quoteAccount(p.Account) + ", outside the organisation"
	case f.outcome == residency.Fail && region != "" && !zone.Contains(region):
		return string(p.Role) + " in " + region + ", outside " + w.reach[m.zone]
	case f.outcome == residency.Fail && !standing.Inside():
		return string(p.Role) + " in " + quoteAccount(p.Account) + ", outside the organisation"
	case f.outcome == residency.Fail:
		return "the resource itself is in " + m.resource.Region + ", outside " + w.reach[m.zone]
	case placeOnly && standing == residency.UnknownStanding:
		return quoteAccount(p.Account) + " may be outside: the organisation's accounts were not read"
	case region == "" && p.Target != "":
		return string(p.Role) + " at " + p.Target + ": its region could not be resolved" + viaNote(p)
	case region == "":
		return string(p.Role) + " without a region" + viaNote(p)
	case !standing.Inside():
		return quoteAccount(p.Account) + " may be outside: the organisation's accounts were not read"
	}
	return ""
}

func viaNote(p *residency.Placement) string {
	if p.Via == "" {
		return ""
	}
	return " (" + p.Via + ")"
}
