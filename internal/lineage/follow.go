package lineage

import (
	"slices"
	"strings"
)

// Follow lets every zone travel along the edges that stay inside it, breadth first, so that the witness chain is the shortest;
// among equals it is the first by byte order.
func (g *Graph) Follow() {
	n := len(g.nodes)
	g.holds = make([]uint64, n)
	g.parents = make([][]uint32, len(g.zones))
	for z := range g.zones {
		w := &walk{g: g, zone: z, bit: 1 << z, inZone: g.regionsOf(z)}
		w.spread()
		g.parents[z] = w.parent
	}
}

func (g *Graph) regionsOf(z int) []bool {
	in := make([]bool, max(1, len(g.regions.names)))
	for i, name := range g.regions.names {
		in[i] = g.zones[z].Contains(name)
	}
	return in
}

// walk is one zone's way through the graph. Nodes beyond len(g.nodes) stand for sources outside the inventory.
type walk struct {
	g      *Graph
	zone   int
	bit    uint64
	inZone []bool // by region
	parent []uint32
}

func (w *walk) parentOf(v uint32) uint32 {
	if w.parent == nil {
		w.parent = slices.Repeat([]uint32{nobody}, len(w.g.nodes))
	}
	return w.parent[v]
}

// spread marks who holds the zone.
func (w *walk) spread() {
	g := w.g
	var frontier []uint32
	for i := range g.nodes {
		if int(g.nodes[i].zone) == w.zone {
			g.holds[i] |= w.bit
			if g.start[i] < g.start[i+1] {
				frontier = append(frontier, uint32(i))
			}
		}
	}
	for i, o := range g.outer {
		if int(o.zone) == w.zone {
			frontier = append(frontier, uint32(len(g.nodes)+i))
		}
	}
	for len(frontier) > 0 {
		var next []uint32
		for _, u := range frontier {
			w.inner(u, func(to uint32) {
				if g.holds[to]&w.bit != 0 {
					return
				}
				switch p := w.parentOf(to); {
				case p == nobody:
					next = append(next, to)
					w.parent[to] = u
				case w.comparePaths(u, p) < 0:
					w.parent[to] = u
				}
			})
		}
		for _, v := range next {
			g.holds[v] |= w.bit
		}
		frontier = next
	}
}

// inner calls do for the far end of each edge of u that carries the zone and stays inside it.
func (w *walk) inner(u uint32, do func(to uint32)) {
	g := w.g
	if n := uint32(len(g.nodes)); u >= n {
		o := &g.outer[u-n]
		if to, ok := g.find(o.copy); ok && o.inside && g.nodes[to].inside&w.bit != 0 {
			do(to)
		}
		return
	}
	for _, e := range g.edges[g.start[u]:g.start[u+1]] {
		place := w.inZone[e.region]
		if e.source {
			place = g.nodes[e.to].inside&w.bit != 0
		}
		if e.carries && e.inside && place {
			do(e.to)
		}
	}
}

// up is the node before u on its path, nobody where the path begins.
func (w *walk) up(u uint32) uint32 {
	if u >= uint32(len(w.g.nodes)) || int(w.g.nodes[u].zone) == w.zone || w.parent == nil {
		return nobody
	}
	return w.parent[u]
}

// comparePaths orders two paths of equal length by their ids, the first one first.
func (w *walk) comparePaths(a, b uint32) int {
	if a == b {
		return 0
	}
	pa, pb := w.up(a), w.up(b)
	if pa != nobody && pb != nobody {
		if c := w.comparePaths(pa, pb); c != 0 {
			return c
		}
	}
	return strings.Compare(w.g.nameOf(a), w.g.nameOf(b))
}

func (g *Graph) nameOf(u uint32) string {
	if n := uint32(len(g.nodes)); u >= n {
		return g.outer[u-n].id
	}
	return g.names.get(u)
}
