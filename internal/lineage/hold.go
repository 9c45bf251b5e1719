package lineage

import (
	"hash/maphash"
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Hold is a zone whose data a resource holds.
type Hold struct {
	Zone     int
	Assigned bool // by assign, not by a chain
}

// Crossing is a source edge over a zone's border, as far as only the copy's own record shows it; or, for a source of metadata,
// keys or capabilities, the edge by which these reach the resource.
type Crossing struct {
	Zone     int
	Source   *residency.Source
	Standing residency.Standing // of the copy's account, seen from the source's
	Path     []string           // of the source
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
	for z := range g.zones {
		if g.holds[n]&(1<<z) != 0 {
			dst = append(dst, Hold{z, int(g.nodes[n].zone) == z})
		}
	}
	return dst
}

// Crossings lists what the sources of r say beyond the zones that it holds: data that crossed a border to get here, seen from
// this side alone, and metadata, keys and capabilities of any zone. The latter carry nothing on.
func (g *Graph) Crossings(n Node, r *residency.Resource) (out []Crossing) {
	for i := range r.Sources {
		s := &r.Sources[i]
		from, known := g.Find(s.ID)
		switch {
		case s.ID == r.ID:
		case known && s.ID != "":
			if g.placed(from, n, carries(s)) { // the source's own placement says the same
				continue
			}
			standing := g.accounts.Standing(g.owners.name(g.nodes[from].account), r.Account)
			for z := range g.zones {
				if g.holds[from]&(1<<z) != 0 && g.crosses(n, z, s, standing) {
					out = append(out, Crossing{z, s, standing, g.Path(from, z, s.ID)})
				}
			}
		default:
			z, standing, _ := outerZone(g.assigner, g.accounts, r, s)
			if z >= 0 && g.crosses(n, z, s, standing) {
				c := Crossing{Zone: z, Source: s, Standing: standing}
				if s.ID != "" {
					c.Path = []string{s.ID}
				}
				out = append(out, c)
			}
		}
	}
	return out
}

func (g *Graph) crosses(n Node, z int, s *residency.Source, standing residency.Standing) bool {
	return !carries(s) || !standing.Inside() || g.nodes[n].inside&(1<<z) == 0
}

// placed reports whether the source's own placements hold the edge.
func (g *Graph) placed(from, to Node, carries bool) bool {
	edges := g.edges[g.start[from]:g.start[from+1]]
	return slices.ContainsFunc(edges, func(e edge) bool { return e.to == uint32(to) && !e.source && e.carries == carries })
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
		if name := g.nameOf(u); name != "" { // a source without an id has no name to give
			path = append(path, name)
		}
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
		if zone, _, why := outerZone(g.assigner, g.accounts, r, s); zone < 0 && why != "" {
			said = append(said, nameSource(s)+" brings no zone: "+why)
		}
	}
	return said
}

// OfNone reports whether r has sources, and all of them are under zone none: what came from there is nobody's.
func (g *Graph) OfNone(r *residency.Resource) bool {
	for i := range r.Sources {
		s := &r.Sources[i]
		if from, known := g.Find(s.ID); known && s.ID != "" {
			if !g.nodes[from].none {
				return false
			}
			continue
		}
		account, region := sourcePlace(s)
		if account == "" {
			account = r.Account
		}
		if !g.assigner.Source(s.ID, account, region).None {
			return false
		}
	}
	return len(r.Sources) > 0
}

func nameSource(s *residency.Source) string {
	switch {
	case s.ID != "":
		return "source " + s.ID
	case s.Region != "":
		return "a source in " + s.Region + " that is not named"
	}
	return "a source that is not named"
}
