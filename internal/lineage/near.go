package lineage

import "github.com/seed-1578181b/domicile/internal/residency"

// Near adds to near what the resources of own cannot be judged without, when their part of the inventory stands alone: what they send
// to, and everything beyond it that data reaches; and the chain by which each of the zones came to any of these. Both lists have an
// element for each node; near begins with what the sources of own name.
func (g *Graph) Near(own, near []bool, zones []int) {
	var all uint64
	for _, z := range zones {
		all |= 1 << z
	}
	forward := make([]bool, len(g.nodes))
	var queue []uint32
	visit := func(e edge) {
		if own[e.to] {
			return
		}
		near[e.to] = true
		if e.carries && !forward[e.to] && g.holds[e.to]&all != all { // what holds the zone itself is not beyond its border
			forward[e.to] = true
			queue = append(queue, e.to)
		}
	}
	for u := range own {
		if own[u] {
			queue = append(queue, uint32(u))
		}
	}
	for i := 0; i < len(queue); i++ {
		for _, e := range g.edges[g.start[queue[i]]:g.start[queue[i]+1]] {
			if own[queue[i]] || e.carries {
				visit(e)
			}
		}
	}
	for more := true; more; { // what one zone's chain adds may hold another zone
		more = false
		for _, z := range zones {
			more = g.addChains(own, near, z) || more
		}
	}
}

// addChains adds to near the chains by which a zone came to what is in either list.
func (g *Graph) addChains(own, near []bool, z int) (more bool) {
	w := walk{g: g, zone: z, parent: g.parents[z]}
	for u := range own {
		if !own[u] && !near[u] || g.holds[u]&(1<<z) == 0 {
			continue
		}
		for v := w.up(uint32(u)); v < uint32(len(g.nodes)); v = w.up(v) {
			if !own[v] && !near[v] {
				near[v], more = true, true
			}
		}
	}
	return more
}

// Brought reports whether zone z came to n from a source outside the inventory, and the source's id, empty where it is not named.
func (g *Graph) Brought(n Node, z int) (id string, ok bool) {
	if g.holds[n]&(1<<z) == 0 {
		return "", false
	}
	w := walk{g: g, zone: z, parent: g.parents[z]}
	u := w.up(uint32(n))
	if u == nobody || u < uint32(len(g.nodes)) {
		return "", false
	}
	return g.nameOf(u), true
}

// Len is the number of resources; a Node is below it.
func (g *Graph) Len() int { return len(g.nodes) }

// SourceRule is the line of assign at which the search for a source outside the inventory ends, nil where none decides, and the account
// that is asked about.
func (g *Graph) SourceRule(r *residency.Resource, s *residency.Source) (*residency.Rule, string) {
	account, region := sourcePlace(s)
	if account == "" {
		account = r.Account
	}
	return g.assigner.Source(s.ID, account, region).Rule, account
}
