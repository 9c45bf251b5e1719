package audit

import (
	"context"
	"fmt"
	"slices"

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
	register *register  // nil: no waivers
	past     *inherited // nil: no earlier run left anything open

	controls []residency.Control
	byRole   map[residency.Role]int // the shipped residency control of each role
	reach    []string               // by zone: "eu (eu-west-1)"
}

func (b *bench) prepare() {
	b.controls, b.byRole = b.judge.Engine.Controls(), map[residency.Role]int{}
	for i, c := range b.controls {
		for _, role := range residency.Roles() {
			if c.Judges(role) && !c.Own { // a user's control stands beside the role's, never in its place
				b.byRole[role] = i
			}
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
	slabs   slabs
	beyond  map[string][]string // what lies downstream, by zone and targets
}

func (b *bench) worker() *worker {
	n := len(b.judge.Zones) + 1 // the last is for subjects without a zone
	return &worker{bench: b, decoder: snapshot.NewDecoder(snapshot.SkipFacts | snapshot.SkipNames), byZone: make([][]policies.Subject, n), caseOf: make([][]int, n), beyond: map[string][]string{}}
}

// slabs hold what the matters of one chunk point into, and are used again for the next: an allocation for each resource would
// cost more than judging it.
type slabs struct {
	placements []residency.Placement
	places     []policies.Place
	index      []int
	results    []policies.Result
}

func (s *slabs) reset() {
	s.placements, s.places, s.index, s.results = s.placements[:0], s.places[:0], s.index[:0], s.results[:0]
}

// keep copies list onto a slab and returns the copy: nil for nil, and empty for empty also where the slab is still nil, since
// "not read" and "none" are two things.
func keep[T any](slab *[]T, list []T) []T {
	if list == nil {
		return nil
	}
	if len(list) == 0 {
		return []T{}
	}
	from := len(*slab)
	*slab = append(*slab, list...)
	return (*slab)[from:len(*slab):len(*slab)]
}

// matter is one resource and one zone, or none, on its way through the policies.
type matter struct {
	resource   residency.Resource // placements and sources are its own copies
	node       lineage.Node
	zone       int  // -1: unclassified
	held       bool // false: the zone's data only crossed a border to get here, or its metadata reaches it
	assigned   bool // by assign, not by a chain
	assignment lineage.Assignment
	crossings  []lineage.Crossing // of this zone
	index      []int              // by place of the subject: its placement, -1 for a stand-in
	results    []policies.Result
	unscanned  bool // known to an oracle alone
}

func (w *worker) chunk(ctx context.Context, c *snapshot.Chunk) (*sheet, error) {
	w.cases = w.cases[:0]
	w.slabs.reset()
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
			m.results = keep(&w.slabs.results, results)
			for k := range m.results {
				m.results[k].Decides = keep(&w.slabs.index, results[k].Decides)
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
	if r.Elsewhere() {
		return nil // another store holds it, and what is said of it
	}
	node, ok := w.graph.Find(r.ID)
	if !ok {
		return fmt.Errorf("resource %q is new on the second reading: the snapshot changed while it was judged", r.ID)
	}
	m := matter{resource: *r, node: node, zone: -1, assignment: w.judge.assigner.Resource(r)}
	m.resource.Placements, m.resource.Sources = keep(&w.slabs.placements, r.Placements), slices.Clone(r.Sources)
	store := r.IsStore()
	if w.past != nil {
		w.past.see(r)
		w.doubts(&m)
	}
	if w.judge.Limit == nil || w.judge.Limit.Changes(r.ID) {
		w.out.tally.resource(&m.resource, store, m.assignment)
	}
	if !m.assignment.Assigned() && !m.assignment.None && (store || w.cover.mayStore(r.ID)) {
		w.enter(m, policies.Subject{Kind: r.Kind, Store: true, Assignment: true})
	}
	var crossings []lineage.Crossing
	if len(m.resource.Sources) > 0 {
		crossings = w.graph.Crossings(node, &m.resource)
		w.out.tally.silent(w.graph.SilentSources(&m.resource))
	}
	w.holds = w.graph.Holds(node, w.holds)
	if r.IsEvent() && len(w.holds) == 0 && crossings == nil && !w.graph.OfNone(&m.resource) {
		m.assignment.Reason = "no zone comes from what the event moved, and no line of assign matches it"
		w.enter(m, policies.Subject{Kind: r.Kind, Store: true, Assignment: true})
	}
	if w.unscanned(r) {
		w.takeUnscanned(m)
		return nil
	}
	for z := range w.judge.Zones {
		m.zone, m.held, m.assigned, m.index, m.crossings = z, false, false, nil, nil
		for _, h := range w.holds {
			if h.Zone == z {
				m.held, m.assigned = true, h.Assigned
			}
		}
		for _, c := range crossings {
			if c.Zone == z {
				m.crossings = append(m.crossings, c)
			}
		}
		if m.held || m.crossings != nil {
			w.enter(m, w.subject(&m, store))
		}
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

// subject is what the policies are given of a resource for one zone. For a zone that it holds that is every placement. For
// one that it does not, it is its own place, where the data crossed a border to get here, and what metadata, keys and
// capabilities land in.
func (w *worker) subject(m *matter, store bool) policies.Subject {
	r := &m.resource
	s := policies.Subject{Kind: r.Kind, Store: store, Read: r.Placements != nil}
	if m.assigned {
		s.Assigned, s.Assignment = w.judge.Zones[m.zone].ID, store
	}
	from, first := len(w.slabs.places), len(w.slabs.index)
	add := func(i int, p policies.Place) {
		w.slabs.places, w.slabs.index = append(w.slabs.places, p), append(w.slabs.index, i)
	}
	for i := range r.Placements {
		p := &r.Placements[i]
		if m.held || w.reached(m, p) {
			add(i, policies.Place{Role: p.Role, Region: w.graph.Region(p), Standing: w.standing(r, p)})
		}
	}
	for i := range m.crossings {
		w.addCrossing(m, &m.crossings[i], add)
	}
	if role, ok := w.misplaced(m); ok {
		add(-1, policies.Place{Role: role, Region: r.Region, Standing: residency.Own})
	}
	s.Places, m.index = w.slabs.places[from:len(w.slabs.places):len(w.slabs.places)], w.slabs.index[first:len(w.slabs.index):len(w.slabs.index)]
	return s
}

// standing is that of the account which a placement reaches. Of what carries nothing the control of its own role judges that: there an
// owner whom nobody could name is not the resource's own account, as it is by default.
func (w *worker) standing(r *residency.Resource, p *residency.Placement) residency.Standing {
	if p.Account == "" && p.Target != "" && !p.Role.Carries() && w.cover.unowned(r.ID) {
		if _, inventoried := w.graph.Find(p.Target); !inventoried {
			return residency.UnknownStanding
		}
	}
	return w.accounts.Standing(r.Account, p.Account)
}

// reached reports whether a placement is one into which a crossing leads.
func (w *worker) reached(m *matter, p *residency.Placement) bool {
	return slices.ContainsFunc(m.crossings, func(c lineage.Crossing) bool {
		if carrying(c.Source) {
			return lineage.OwnPlace(&m.resource, p)
		}
		return c.Source.Role == p.Role
	})
}

// addCrossing stands in for what the placements do not show of an edge: that its account is not known to be inside, or that
// there is no placement for it to lead into. A resource that only passes data on is judged where it delivers.
func (w *worker) addCrossing(m *matter, c *lineage.Crossing, add func(int, policies.Place)) {
	role := c.Source.Role
	if role == "" {
		role = residency.Replica
	}
	region, found := m.resource.Region, false
	for i := range m.resource.Placements {
		p := &m.resource.Placements[i]
		if carrying(c.Source) && lineage.OwnPlace(&m.resource, p) || !carrying(c.Source) && p.Role == role {
			role, region, found = p.Role, w.graph.Region(p), true
			break
		}
	}
	if !found || !c.Standing.Inside() {
		add(-1, policies.Place{Role: role, Region: region, Standing: c.Standing})
	}
}

func carrying(s *residency.Source) bool { return s.Role == "" || s.Role.Carries() }

// misplaced is the role under which a resource outside the zone that it was assigned to is a violation itself: that of its
// primary placement, else of the one with the highest severity; that of the primary where its placements were not read. A zone
// from the own region proves nothing about the place.
func (w *worker) misplaced(m *matter) (residency.Role, bool) {
	r := &m.resource
	if !m.assigned || m.assignment.Basis == residency.ByOwnRegion || r.Region == "" || w.judge.Zones[m.zone].Contains(r.Region) {
		return "", false
	}
	if len(r.Placements) == 0 {
		return residency.Primary, r.Placements == nil // of one that holds nothing there is nothing to judge
	}
	best := r.Placements[0].Role
	for _, role := range residency.Roles() { // in a fixed order, so that the scanner's order does not decide among equals
		has := slices.ContainsFunc(r.Placements, func(p residency.Placement) bool { return p.Role == role })
		switch {
		case has && role == residency.Primary:
			return residency.Primary, true
		case has && (w.severity(role).Rank() > w.severity(best).Rank() || slices.Index(residency.Roles(), best) > slices.Index(residency.Roles(), role) && w.severity(role) == w.severity(best)):
			best = role
		}
	}
	return best, true
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
