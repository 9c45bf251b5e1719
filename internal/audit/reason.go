package audit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

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
	region, standing := w.graph.Region(p), w.standing(&m.resource, p)
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
	case !p.Role.Carries() && !standing.Inside() && p.Account == "":
		return string(p.Role) + " at " + p.Target + ": whose it is could not be told" + viaNote(p)
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
