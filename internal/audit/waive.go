package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// register is the list of waivers as one judgement uses it: sorted by id, with its globs taken apart and an index by control. It
// is only read once it is made.
type register struct {
	run       time.Time
	entries   []entry
	byControl map[string]*covering // by control id; "*" stands under each
}

// entry is a waiver with what matching needs of it.
type entry struct {
	residency.Waiver
	status                                residency.WaiverStatus
	ref                                   *residency.WaiverRef
	resource, account, region, zone       residency.Glob
	destRegion, destAccount, destResource residency.Glob
}

// covering finds the waivers that may concern a resource: most name one exactly.
type covering struct {
	exact map[string][]int
	globs []int
}

// holder is what a waiver's scope is held against, beside the destination.
type holder struct {
	control  string
	resource string // id; in a pre-deploy check the address
	account  string
	region   string
	zone     string
}

// destination is one placement that decides a violation, its region and account resolved; empty: not known.
type destination struct{ role, region, account, target string }

// newRegister is nil without waivers.
func newRegister(waivers []residency.Waiver, controls []residency.Control, run time.Time) *register {
	if len(waivers) == 0 {
		return nil
	}
	g := &register{run: run, byControl: map[string]*covering{}}
	sorted := slices.SortedFunc(slices.Values(waivers), func(a, b residency.Waiver) int { return strings.Compare(a.ID, b.ID) })
	for _, w := range sorted {
		s := w.Scope
		g.entries = append(g.entries, entry{Waiver: w, status: w.Status(run), ref: w.Ref(),
			resource: orAny(s.Resource), account: orAny(s.Account), region: orAny(s.Region), zone: orAny(s.Zone),
			destRegion: orAny(s.To.Region), destAccount: orAny(s.To.Account), destResource: orAny(s.To.Target)})
	}
	for _, c := range controls {
		found := &covering{exact: map[string][]int{}}
		for i := range g.entries {
			e := &g.entries[i]
			if e.Control != c.ID && e.Control != "*" {
				continue
			}
			if id, ok := e.resource.Exact(); ok {
				found.exact[id] = append(found.exact[id], i)
			} else {
				found.globs = append(found.globs, i)
			}
		}
		g.byControl[c.ID] = found
	}
	return g
}

// orAny lets a value that a scope does not give match everything.
func orAny(glob string) residency.Glob {
	if glob == "" {
		glob = "*"
	}
	return residency.NewGlob(glob)
}

// ruling is what the register says of one fail.
type ruling struct {
	ref     *residency.WaiverRef // nil: the fail stands
	matched []int                // waivers, valid or not, that cover at least one of its destinations; ascending
	notes   []string             // for the reason
}

// rule holds a fail against the register. It is waived only if each of its destinations is covered by a valid waiver, one or
// several together; the verdict then carries the one that runs out first.
func (g *register) rule(h holder, to []destination) (out ruling) {
	near := g.near(h)
	if len(near) == 0 || len(to) == 0 {
		return out
	}
	var used, stale []int
	var covered []string
	for _, d := range to {
		best := -1
		var lapsed []int
		for _, i := range near {
			e := &g.entries[i]
			switch {
			case !e.reaches(d):
				continue
			case !e.status.Valid():
				lapsed = append(lapsed, i)
			case best < 0 || e.Expires.After(g.entries[best].Expires):
				best = i
			}
			out.matched = append(out.matched, i)
		}
		if best < 0 {
			stale = append(stale, lapsed...)
			continue
		}
		used, covered = append(used, best), append(covered, d.String()+" under "+g.entries[best].ID)
	}
	out.matched = distinct(out.matched)
	if len(used) == len(to) {
		out.ref, out.notes = g.together(distinct(used))
		return out
	}
	for _, part := range covered {
		out.note("waived in part: " + part)
	}
	for _, i := range distinct(stale) {
		out.note(g.entries[i].lapse())
	}
	return out
}

// near are the waivers whose scope covers the holder, ascending.
func (g *register) near(h holder) (near []int) {
	found := g.byControl[h.control]
	if found == nil {
		return nil
	}
	for _, list := range [][]int{found.exact[h.resource], found.globs} {
		for _, i := range list {
			if e := &g.entries[i]; e.resource.Match(h.resource) && e.account.Match(h.account) && e.region.Match(h.region) && e.zone.Match(h.zone) {
				near = append(near, i)
			}
		}
	}
	slices.Sort(near)
	return near
}

func (e *entry) reaches(d destination) bool {
	return e.destRegion.Match(d.region) && e.destAccount.Match(d.account) && e.destResource.Match(d.target)
}

// lapse says why a waiver that covers a violation does not hold.
func (e *entry) lapse() string {
	if e.status == residency.WaiverFuture {
		return "waiver " + e.ID + " is not valid before " + e.From.Format(time.DateOnly)
	}
	return "waiver " + e.ID + " ran out on " + e.Expires.Format(time.DateOnly)
}

// together is the one of the waivers that runs out first, and all of them in words if there are several.
func (g *register) together(used []int) (*residency.WaiverRef, []string) {
	first := slices.MinFunc(used, func(a, b int) int {
		return cmp.Or(g.entries[a].Expires.Compare(g.entries[b].Expires), cmp.Compare(a, b))
	})
	if len(used) == 1 {
		return g.entries[first].ref, nil
	}
	ids := make([]string, len(used))
	for i, u := range used {
		ids[i] = g.entries[u].ID
	}
	return g.entries[first].ref, []string{"waived by " + strings.Join(ids, " and ") + " together"}
}

func (r *ruling) note(s string) {
	if !slices.Contains(r.notes, s) {
		r.notes = append(r.notes, s)
	}
}

func distinct(list []int) []int {
	slices.Sort(list)
	return slices.Compact(list)
}

func (d destination) String() string {
	place := d.region
	if place == "" {
		place = "a region that is not known"
	}
	if d.account != "" {
		place += " of account " + d.account
	}
	return d.role + " in " + place
}

// states is the register as it stood, by id; matched counts by entry.
func (g *register) states(matched map[int]int) (states []residency.WaiverState) {
	if g == nil {
		return nil
	}
	for i := range g.entries {
		states = append(states, g.entries[i].State(g.run, matched[i]))
	}
	return states
}

// mostWaiverNotes bounds how many waivers each kind of warning names.
const mostWaiverNotes = 10

// waiverNotes warn about waivers that ran out, are about to, do not hold yet, or match nothing.
func waiverNotes(states []residency.WaiverState) (notes []string) {
	var ended, ending, early, idle []string
	for _, s := range states {
		n := fmt.Sprintf("%d of the violations", s.Matched)
		switch {
		case s.Status == residency.WaiverExpired:
			ended = append(ended, fmt.Sprintf("waiver %s ran out on %s (owner %s): it covers %s no longer; renew it or remedy them, or drop it", s.ID, s.Expires, s.Owner, n))
		case s.Status == residency.WaiverFuture:
			early = append(early, fmt.Sprintf("waiver %s is not valid before %s: it does not cover %s yet", s.ID, s.From, n))
		case s.Matched == 0:
			idle = append(idle, fmt.Sprintf("waiver %s matches no violation of this run: drop it, or correct its control and scope", s.ID))
		case s.Status == residency.WaiverExpiring:
			ending = append(ending, fmt.Sprintf("waiver %s expires on %s (owner %s): renew it or remedy the violations, %d would fail again", s.ID, s.Expires, s.Owner, s.Matched))
		}
	}
	for _, kind := range []struct {
		list []string
		more string
	}{{ended, "ran out"}, {ending, "expire within 14 days"}, {early, "are not valid yet"}, {idle, "match no violation"}} {
		notes = append(notes, kind.list[:min(mostWaiverNotes, len(kind.list))]...)
		if more := len(kind.list) - mostWaiverNotes; more > 0 {
			notes = append(notes, fmt.Sprintf("%d more waivers %s: see waivers in summary.json", more, kind.more))
		}
	}
	return notes
}

// ruling asks the register about a fail.
func (w *worker) ruling(m *matter, f *finding) ruling {
	if w.register == nil || f.outcome != residency.Fail || m.zone < 0 {
		return ruling{}
	}
	r := &m.resource
	h := holder{control: w.controls[f.control].ID, resource: r.ID, account: r.Account, region: r.Region, zone: w.judge.Zones[m.zone].ID}
	return w.register.rule(h, w.destinations(m, f))
}

// destinations are the placements that decide a fail, and the resource's own place where that is outside itself: the data is then
// at its destination already.
func (w *worker) destinations(m *matter, f *finding) (to []destination) {
	r := &m.resource
	for _, i := range f.decides {
		p := &r.Placements[i]
		to = append(to, destination{string(p.Role), w.graph.Region(p), cmp.Or(p.Account, r.Account), p.Target})
	}
	if f.stood || len(to) == 0 {
		to = append(to, destination{"the resource itself", r.Region, r.Account, r.ID})
	}
	return to
}
