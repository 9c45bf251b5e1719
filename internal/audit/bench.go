package audit

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/seed-1578181b/domicile/internal/lineage"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
)

// bench is the second pass: what every worker shares, all of it read-only.
type bench struct {
	judge    *Judge
	graph    *lineage.Graph
	accounts residency.Accounts
	cover    *coverage
	verdicts *policies.Judge
	keep     func(residency.Outcome) bool

	controls []residency.Control
	byRole   map[residency.Role]int // the residency control of each role
	assigned int                    // the control of the assignment, -1 without one
	reach    []string               // by zone: "eu (eu-west-1)"
}

func (b *bench) prepare() {
	b.controls, b.byRole, b.assigned = b.judge.Engine.Controls(), map[residency.Role]int{}, -1
	for i, c := range b.controls {
		for _, role := range residency.Roles() {
			if slices.Contains(c.Needs, residency.PlacementsOf(role)) {
				b.byRole[role] = i
			}
		}
		if slices.Contains(c.Needs, residency.FactAssignment) {
			b.assigned = i
		}
	}
	for _, z := range b.judge.Zones {
		b.reach = append(b.reach, describe(z))
	}
}

// sheet is what one chunk came to.
type sheet struct {
	lines []byte
	tally *tally
}

// worker judges chunk after chunk, for one goroutine.
type worker struct {
	*bench
	decoder *snapshot.Decoder
	holds   []lineage.Hold
	cases   []matter
	byZone  [][]policies.Subject
	caseOf  [][]int
	out     *sheet
}

func (b *bench) worker() *worker {
	n := len(b.judge.Zones) + 1 // the last is for subjects without a zone
	return &worker{bench: b, decoder: snapshot.NewDecoder(snapshot.SkipFacts | snapshot.SkipNames), byZone: make([][]policies.Subject, n), caseOf: make([][]int, n)}
}

// matter is one resource and one zone, or none, on its way through the policies.
type matter struct {
	resource   residency.Resource // placements and sources are its own copies
	node       lineage.Node
	zone       int // -1: unclassified
	hold       lineage.Hold
	assignment lineage.Assignment
	index      []int // by place of the subject: its placement; nil: the same
	standin    int   // the place that stands for the resource's own region, -1: none
	results    []policies.Result
}

func (w *worker) chunk(ctx context.Context, c *snapshot.Chunk) (*sheet, error) {
	w.cases = w.cases[:0]
	for i := range w.byZone {
		w.byZone[i], w.caseOf[i] = w.byZone[i][:0], w.caseOf[i][:0]
	}
	w.out = &sheet{tally: newTally(w.controls, w.judge.Zones)}
	if err := c.Each(w.decoder, func(l *snapshot.Line) error {
		if l.Resource != nil {
			return w.take(l.Resource)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for z := range w.byZone {
		zone := z
		if z == len(w.judge.Zones) {
			zone = -1
		}
		err := w.verdicts.Judge(ctx, zone, w.byZone[z], func(i int, results []policies.Result) error {
			m := &w.cases[w.caseOf[z][i]]
			m.results = slices.Clone(results)
			for k := range m.results {
				m.results[k].Decides = slices.Clone(results[k].Decides)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range w.cases {
		if err := w.conclude(&w.cases[i]); err != nil {
			return nil, err
		}
	}
	return w.out, nil
}

// take prepares a resource for the policies: once for each zone that concerns it, and once without a zone if it is an
// unclassified store.
func (w *worker) take(r *residency.Resource) error {
	node, ok := w.graph.Find(r.ID)
	if !ok {
		return fmt.Errorf("resource %q is new on the second reading: the snapshot changed while it was judged", r.ID)
	}
	m := matter{resource: *r, node: node, zone: -1, standin: -1, assignment: w.judge.assigner.Resource(r)}
	m.resource.Placements, m.resource.Sources = slices.Clone(r.Placements), slices.Clone(r.Sources)
	store := r.IsStore()
	w.out.tally.resource(&m.resource, store, m.assignment)
	if store && !m.assignment.Assigned() && !m.assignment.None {
		w.enter(m, policies.Subject{Kind: r.Kind, Store: true, Assignment: true})
	}
	w.holds = w.graph.Holds(node, w.holds)
	for _, h := range w.holds {
		m.zone, m.hold, m.index, m.standin = h.Zone, h, nil, -1
		w.enter(m, w.subject(&m, store))
	}
	return nil
}

func (w *worker) enter(m matter, s policies.Subject) {
	slot := m.zone
	if slot < 0 {
		slot = len(w.judge.Zones)
	}
	w.byZone[slot] = append(w.byZone[slot], s)
	w.caseOf[slot] = append(w.caseOf[slot], len(w.cases))
	w.cases = append(w.cases, m)
}

// subject is what the policies are given of a resource for one zone.
func (w *worker) subject(m *matter, store bool) policies.Subject {
	r, h := &m.resource, m.hold
	s := policies.Subject{Kind: r.Kind, Store: store, Read: r.Placements != nil}
	if h.Assigned {
		s.Assigned, s.Assignment = w.judge.Zones[h.Zone].ID, store
	}
	for i := range r.Placements {
		p := &r.Placements[i]
		if !concerned(r, p, h.Way) {
			continue
		}
		standing := w.accounts.Standing(r.Account, p.Account)
		if h.Way == lineage.Arrived {
			standing = h.Standing
		}
		s.Places = append(s.Places, policies.Place{Role: p.Role, Region: w.graph.Region(p), Standing: standing})
		if h.Way != lineage.Held {
			m.index = append(m.index, i)
		}
	}
	if role, region, ok := standin(w, m, len(s.Places)); ok && s.Read {
		m.standin = len(s.Places)
		s.Places = append(s.Places, policies.Place{Role: role, Region: region, Standing: h.Standing})
	}
	return s
}

// concerned reports whether a placement is judged for a zone that reached the resource in this way: every one for a zone that
// it holds; its own place for one that only the copy's record shows; those of the same roles for one that touches it.
func concerned(r *residency.Resource, p *residency.Placement, way lineage.Way) bool {
	switch way {
	case lineage.Arrived:
		return p.Target == "" && p.Role.Carries() && (p.Account == "" || p.Account == r.Account)
	case lineage.Touched:
		for i := range r.Sources {
			if r.Sources[i].Role == p.Role && !p.Role.Carries() {
				return true
			}
		}
		return false
	}
	return true
}

// standin is the place by which a resource outside the zone that it was assigned to is a violation itself: under the role of
// its primary placement, else of that with the highest severity. A zone from the own region proves nothing about the place.
// It also stands for a copy beyond the border that records no place of its own.
func standin(w *worker, m *matter, places int) (residency.Role, string, bool) {
	r := &m.resource
	if m.hold.Way == lineage.Arrived && places == 0 {
		return residency.Replica, r.Region, true
	}
	if !m.hold.Assigned || m.assignment.Basis == residency.ByOwnRegion || len(r.Placements) == 0 || r.Region == "" {
		return "", "", false
	}
	if w.judge.Zones[m.zone].Contains(r.Region) {
		return "", "", false
	}
	best := r.Placements[0].Role
	for _, p := range r.Placements {
		if p.Role == residency.Primary {
			return residency.Primary, r.Region, true
		}
		if w.severity(p.Role).Rank() > w.severity(best).Rank() {
			best = p.Role
		}
	}
	return best, r.Region, true
}

func (b *bench) severity(role residency.Role) residency.Severity {
	if i, ok := b.byRole[role]; ok {
		return b.controls[i].Severity
	}
	return residency.Info
}

func describe(z residency.Zone) string {
	s := z.ID + " ("
	for i, r := range z.Regions {
		if i > 0 {
			s += ", "
		}
		s += r
	}
	return s + ")"
}

func quoteAccount(id string) string {
	if id == "" {
		return "an account that is not named"
	}
	if id == residency.Everybody {
		return "the public"
	}
	return "account " + strconv.Quote(id)
}
