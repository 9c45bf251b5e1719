package audit

import (
	"slices"
	"strconv"
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
	stopped []string // earlier violations that may have left copies
	stood   bool     // a stand-in for a place or an account decides too, which no placement shows
}

// conclude turns the policies' results into verdicts: a gap turns a proof into unknown, and a zone from the own region proves
// nothing about the place.
func (w *worker) conclude(m *matter) error {
	if m.unscanned {
		return w.concludeUnscanned(m)
	}
	var findings []finding
	next := 0
	for c := range w.controls {
		f := finding{control: c}
		if next < len(m.results) && m.results[next].Control == c {
			f.outcome, f.decides = m.results[next].Outcome, w.positions(m, &m.results[next])
			f.stood = slices.ContainsFunc(m.results[next].Decides, func(d int) bool { return m.index[d] < 0 })
			next++
		}
		w.overlay(m, &f)
		if f.outcome != "" {
			findings = append(findings, f)
		}
	}
	if m.zone >= 0 && !m.held {
		findings = w.atTheBorder(m, findings)
	}
	if w.past != nil {
		w.unsettled(m, findings)
		findings = w.inherit(m, findings)
	}
	for i := range findings {
		if err := w.verdict(m, &findings[i]); err != nil {
			return err
		}
	}
	return nil
}

// atTheBorder keeps of what crossed a border one violation, at the primary place or else that of the highest severity, and
// beside it what concerns accounts, metadata, keys and capabilities. Nothing is proved of what lies beyond: no pass.
func (w *worker) atTheBorder(m *matter, findings []finding) (kept []finding) {
	best := -1
	for i, f := range findings {
		if f.outcome == residency.Pass || f.outcome == residency.NotApplicable || f.fromGap {
			continue
		}
		role, ok := w.roleOf(f.control)
		if !ok || !role.Carries() {
			kept = append(kept, f)
			continue
		}
		if best < 0 || w.outranks(&f, &findings[best]) {
			best = i
		}
	}
	if best >= 0 {
		kept = append(kept, findings[best])
		slices.SortFunc(kept, func(a, b finding) int { return a.control - b.control })
	}
	return kept
}

// outranks orders findings at a border: a fail before an unknown, the primary place before others, then by severity.
func (w *worker) outranks(a, b *finding) bool {
	rank := func(f *finding) (n int) {
		role, _ := w.roleOf(f.control)
		if f.outcome == residency.Fail {
			n += 100
		}
		if role == residency.Primary {
			n += 10
		}
		return n + w.controls[f.control].Severity.Rank()
	}
	return rank(a) > rank(b)
}

func (w *worker) roleOf(control int) (residency.Role, bool) {
	for _, role := range residency.Roles() {
		if i, ok := w.byRole[role]; ok && i == control {
			return role, true
		}
	}
	return "", false
}

// positions are the placements that decide. A stand-in decides through the placements of its role, if there are any.
func (w *worker) positions(m *matter, res *policies.Result) (out []int) {
	stood := false
	for _, d := range res.Decides {
		if i := m.index[d]; i >= 0 {
			out = append(out, i)
		} else {
			stood = true
		}
	}
	if len(out) > 0 || !stood {
		return out
	}
	for i := range m.resource.Placements {
		p := &m.resource.Placements[i]
		sharing := slices.Contains(w.controls[res.Control].Needs, residency.FactSharing)
		if w.controls[res.Control].Judges(p.Role) || sharing && lineage.OwnPlace(&m.resource, p) {
			out = append(out, i)
		}
	}
	return out
}

func (w *worker) overlay(m *matter, f *finding) {
	control := &w.controls[f.control]
	if role, ok := w.misplaced(m); ok && m.resource.Placements == nil && f.outcome == residency.Unknown && w.byRole[role] == f.control {
		f.outcome = residency.Fail // what it holds was not read; that the resource stands outside was
	}
	if f.outcome == residency.Fail || m.zone < 0 { // without a zone it is unknown already, and the assignment says why
		return
	}
	assignment := slices.Contains(control.Needs, residency.FactAssignment)
	if m.held && control.Concerns(m.resource.Kind) && (!assignment || m.assigned) || f.outcome != "" {
		if reason := w.cover.of(m.resource.ID, control.Needs, m.assignment.Tags); reason != "" {
			if f.outcome != residency.Unknown {
				f.decides = nil
			}
			f.outcome, f.reason, f.fromGap = residency.Unknown, reason, true
			return
		}
	}
	declared := m.assignment.Basis != residency.ByOwnRegion || !m.assigned
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
	if !w.concerned(m, f) {
		return nil
	}
	outcome, ruling := f.outcome, w.ruling(m, f)
	if ruling.ref != nil {
		outcome = residency.Waived
	}
	w.out.tally.verdict(f.control, outcome, severity, promise)
	w.out.tally.waivers(ruling.matched)
	if w.keep == nil || !w.keep(outcome) {
		return nil
	}
	r := &m.resource
	v := residency.Verdict{Control: w.controls[f.control].ID, Resource: r.ID, Kind: r.Kind, Account: r.Account, Region: r.Region,
		Outcome: outcome, Severity: severity, Waiver: ruling.ref}
	if m.zone >= 0 {
		v.Zone = w.judge.Zones[m.zone].ID
		v.Path = w.path(m)
	}
	if f.outcome != residency.Pass {
		v.Reason = w.reason(m, f)
		for _, note := range slices.Concat(ruling.notes, f.stopped) {
			if v.Reason != "" {
				v.Reason += "; "
			}
			v.Reason += note
		}
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

// concerned reports whether a finding is one to tell of.
func (w *worker) concerned(m *matter, f *finding) bool {
	limit := w.judge.Limit
	if limit == nil || limit.Changes(m.resource.ID) {
		return true
	}
	// What lies outside a zone is not entered by a chain: a zone that it has is its own, and was so before.
	if m.zone >= 0 && limit.Reaches(m.resource.ID) && (!m.assigned || w.judge.Zones[m.zone].Contains(m.resource.Region)) {
		return true
	}
	return slices.ContainsFunc(f.decides, func(i int) bool { return limit.Touches(&m.resource.Placements[i]) })
}

// path is the chain by which the zone came here: the shortest of those that its sources tell, where the zone is not held.
func (w *worker) path(m *matter) []string {
	if m.held {
		return w.graph.Path(m.node, m.zone, m.resource.ID)
	}
	best := m.crossings[0].Path
	for _, c := range m.crossings[1:] {
		if len(c.Path) < len(best) || len(c.Path) == len(best) && slices.Compare(c.Path, best) < 0 {
			best = c.Path
		}
	}
	return append(slices.Clone(best), m.resource.ID)
}

// downstream is what lies beyond the border: through the deciding placements, or through the copy itself where only its record
// shows the crossing. Key, metadata and capability placements carry nothing, so nothing lies beyond them.
func (w *worker) downstream(m *matter, f *finding) []string {
	if role, ok := w.roleOf(f.control); ok && !role.Carries() {
		return nil
	}
	if !m.held {
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
	key := strconv.Itoa(m.zone) + " " + strings.Join(targets, " ") // many stores may send to one place beyond the border
	beyond, ok := w.beyond[key]
	if !ok {
		if len(w.beyond) >= maxBeyond {
			clear(w.beyond)
		}
		beyond = w.graph.Downstream(m.zone, targets, m.node)
		w.beyond[key] = beyond
	}
	return beyond
}

// maxBeyond bounds how many answers of downstream a worker remembers.
const maxBeyond = 64

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
	if m.resource.IsEvent() {
		witnesses(m, f, parts, add)
	}
	for _, c := range m.crossings {
		if !c.Standing.Inside() && slices.Contains(w.controls[f.control].Needs, residency.FactSharing) {
			add(w.stranger(m.resource.Account, c.Standing))
		}
	}
	switch own := &w.controls[f.control]; {
	case len(parts) > 0 || f.outcome != residency.Fail || m.zone < 0:
	case own.Own:
		add("the resource violates it: " + own.Title)
	default:
		add("the resource itself is in " + m.resource.Region + ", outside " + w.reach[m.zone])
	}
	if !m.held && m.zone >= 0 {
		if path := w.path(m); len(path) > 1 {
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

// witnesses says who did what an event tells of, and when: nothing else of the verdict would.
func witnesses(m *matter, f *finding, said []string, add func(string)) {
	for i := range m.resource.Placements {
		via := m.resource.Placements[i].Via
		known := slices.ContainsFunc(said, func(part string) bool { return strings.Contains(part, via) })
		if !known && (len(f.decides) == 0 || slices.Contains(f.decides, i)) {
			add(via)
		}
	}
}

// why says what one placement has to do with the outcome.
func (w *worker) why(m *matter, f *finding, p *residency.Placement) string {
	region, standing := w.graph.Region(p), w.accounts.Standing(m.resource.Account, p.Account)
	if w.controls[f.control].Own && f.outcome == residency.Fail {
		return w.violated(m, p, region) // only its author knows why
	}
	if slices.Contains(w.controls[f.control].Needs, residency.FactSharing) {
		if standing.Inside() {
			return "" // the edge that led here decides, and is named
		}
		if standing == residency.Public {
			return string(p.Role) + " shared with the public"
		}
		if f.outcome == residency.Fail {
			return string(p.Role) + " in " + w.stranger(p.Account, standing)
		}
		return w.stranger(p.Account, standing)
	}
	switch {
	case region != "" && !w.judge.Zones[m.zone].Contains(region):
		return string(p.Role) + " in " + region + ", outside " + w.reach[m.zone]
	case !p.Role.Carries() && !standing.Inside():
		return string(p.Role) + " in " + w.stranger(p.Account, standing)
	case f.outcome == residency.Fail:
		return "the resource itself is in " + m.resource.Region + ", outside " + w.reach[m.zone]
	case region == "" && p.Target != "":
		return string(p.Role) + " at " + p.Target + ": its region could not be resolved" + viaNote(p)
	case region == "":
		return string(p.Role) + " without a region" + viaNote(p)
	}
	return ""
}

// violated names a placement that a user's control finds violated, wherever it is.
func (w *worker) violated(m *matter, p *residency.Placement, region string) string {
	switch {
	case region == "":
		return string(p.Role) + " without a region" + viaNote(p)
	case w.judge.Zones[m.zone].Contains(region):
		return string(p.Role) + " in " + region + viaNote(p)
	}
	return string(p.Role) + " in " + region + ", outside " + w.reach[m.zone]
}

// stranger says how an account stands that is not known to be inside.
func (w *worker) stranger(account string, standing residency.Standing) string {
	name := "account " + strconv.Quote(account)
	if standing == residency.UnknownStanding {
		return name + " may be outside: the organisation's accounts were not read (organizations:ListAccounts)"
	}
	return name + ", outside the organisation"
}

func viaNote(p *residency.Placement) string {
	if p.Via == "" {
		return ""
	}
	return " (" + p.Via + ")"
}
