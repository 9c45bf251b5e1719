package lineage

import (
	"hash/maphash"
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Way says how a zone concerns a resource.
type Way int

// The ways. Only a held zone travels on.
const (
	Held    Way = iota // its data is there: every placement is judged
	Arrived            // it crossed the border to get there, and only the copy's own record says so: its own place is judged
	Touched            // its metadata, keys or capabilities reach it: the placements of that role are judged
)

// Hold is one zone of a resource.
type Hold struct {
	Zone     int
	Way      Way
	Assigned bool               // by assign, not by a chain
	Standing residency.Standing // of the resource's account, to the one that the data came from; Own unless Arrived
}

// Node is a resource of the graph.
type Node uint32

// Find is the node of a resource id.
func (g *Graph) Find(id string) (Node, bool) {
	i, ok := g.find(maphash.String(g.seed, id))
	return Node(i), ok
}

// Holds lists the zones of a resource in the configuration's order.
func (g *Graph) Holds(n Node, dst []Hold) []Hold {
	dst = dst[:0]
	held, arrived, touched := g.holds[n], g.arrives[n], g.touches[n]
	for z := range g.zones {
		bit := uint64(1) << z
		switch {
		case held&bit != 0:
			dst = append(dst, Hold{z, Held, int(g.nodes[n].zone) == z, residency.Own})
		case arrived&bit != 0:
			dst = append(dst, Hold{z, Arrived, false, g.arrival(n, z)})
		case touched&bit != 0:
			dst = append(dst, Hold{z, Touched, false, residency.Own})
		}
	}
	return dst
}

// arrival is how the account of a copy stands to that of its source. The owner of a source outside the inventory is known to be
// inside, else it would bring no zone.
func (g *Graph) arrival(n Node, z int) residency.Standing {
	from := g.parents[z][n]
	if from >= uint32(len(g.nodes)) {
		return residency.Own
	}
	return g.accounts.Standing(g.owners.name(g.nodes[from].account), g.owners.name(g.nodes[n].account))
}

// Region is where a placement is: its own region, else that of its target in the inventory, else "".
func (g *Graph) Region(p *residency.Placement) string {
	if p.Region != "" || p.Target == "" {
		return p.Region
	}
	if i, ok := g.find(maphash.String(g.seed, p.Target)); ok {
		return g.regions.name(uint32(g.nodes[i].region))
	}
	return ""
}

// Path is the chain by which zone z came to n, whose id is given: from the resource it was assigned to, this one last.
func (g *Graph) Path(n Node, z int, id string) []string {
	w := walk{g: g, zone: z, parent: g.parents[z]}
	path := []string{id}
	for u := w.up(uint32(n)); u != nobody; u = w.up(u) {
		path = append(path, g.nameOf(u))
	}
	slices.Reverse(path)
	return path
}

// Downstream lists the inventoried resources that are reached from the given ids and do not hold zone z, sorted. The ids
// themselves are among them where they are inventoried, but for the one to leave out.
func (g *Graph) Downstream(z int, from []string, leaveOut Node) []string {
	seen := map[uint32]bool{uint32(leaveOut): true}
	var queue []uint32
	visit := func(u uint32) {
		if !seen[u] && g.holds[u]&(1<<z) == 0 {
			seen[u] = true
			queue = append(queue, u)
		}
	}
	for _, id := range from {
		if i, ok := g.find(maphash.String(g.seed, id)); ok {
			visit(i)
		}
	}
	for i := 0; i < len(queue); i++ {
		u := queue[i]
		for _, e := range g.edges[g.start[u]:g.start[u+1]] {
			if e.carries {
				visit(e.to)
			}
		}
	}
	ids := make([]string, len(queue))
	for i, u := range queue {
		ids[i] = g.names.get(u)
	}
	slices.Sort(ids)
	return ids
}

// BeyondOf is Downstream for a copy that itself lies beyond the border: what is reached from it.
func (g *Graph) BeyondOf(z int, n Node) []string {
	var next []string
	for _, e := range g.edges[g.start[n]:g.start[n+1]] {
		if e.carries {
			next = append(next, g.names.get(e.to))
		}
	}
	return g.Downstream(z, next, n)
}

// SilentSources lists the sources of r that are outside the inventory and bring no zone, with the reason, for the verdict.
func (g *Graph) SilentSources(r *residency.Resource) (said []string) {
	for i := range r.Sources {
		s := &r.Sources[i]
		if _, known := g.Find(s.ID); known && s.ID != "" {
			continue
		}
		if zone, why := outerZone(g.assigner, g.accounts, r, s); zone < 0 && why != "" {
			said = append(said, "source "+s.ID+" brings no zone: "+why)
		}
	}
	return said
}
