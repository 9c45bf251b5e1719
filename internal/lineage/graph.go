package lineage

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Graph is the index of an inventory: which zones each resource holds, and by which chain. After Follow it is read-only and
// safe for concurrent use.
type Graph struct {
	zones    []residency.Zone
	assigner *Assigner
	accounts residency.Accounts
	seed     maphash.Seed
	regions  table
	owners   table

	nodes []node
	slots []uint32 // open addressing by hash: node index + 1
	start []uint32 // by node: its first edge
	edges []edge   // by from
	outer []outer

	linked []uint64 // bitset: ends of an edge, whose names are needed
	names  arena

	holds   []uint64   // by node: a bit for each zone
	parents [][]uint32 // by zone, then node: where the zone's data came from
}

// edge is an edge between two inventoried resources.
type edge struct {
	from, to uint32
	region   uint16
	inside   bool // its account has not left the organisation
	source   bool
	carries  bool
}

const nobody = ^uint32(0)

// DuplicateError names a resource id that the inventory holds twice.
type DuplicateError struct{ ID string }

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("resource %q stands in the snapshot twice: each id has one line", e.ID)
}

// errDuplicate is known by its hash only until the names are read.
type errDuplicate uint64

func (e errDuplicate) Error() string { return "a resource id stands in the snapshot twice" }

// Build resolves the edges. Names of linked resources must then be given (see Linked) and Follow called.
func (b *Builder) Build() (*Graph, error) {
	g := &Graph{zones: b.assigner.zones, assigner: b.assigner, accounts: b.accounts, seed: b.seed, regions: b.regions, owners: b.owners, nodes: b.nodes}
	if len(g.regions.names) > 1<<16 {
		return nil, fmt.Errorf("the snapshot names %d regions: that is no inventory of AWS", len(g.regions.names))
	}
	if err := g.index(); err != nil {
		return nil, err
	}
	g.resolve(b)
	b.edges, b.nodes = nil, nil
	return g, nil
}

// DuplicateID reports whether err says that an id stands twice, and asks id whether it is the one.
func (b *Builder) DuplicateID(err error, id string) bool {
	var dup errDuplicate
	return errors.As(err, &dup) && uint64(dup) == b.hash(id)
}

func (g *Graph) index() error {
	size := 1
	for size < 2*len(g.nodes) {
		size *= 2
	}
	g.slots = make([]uint32, size)
	for i := range g.nodes {
		h := g.nodes[i].hash
		at := h & uint64(size-1)
		for g.slots[at] != 0 {
			if g.nodes[g.slots[at]-1].hash == h {
				return errDuplicate(h)
			}
			at = (at + 1) & uint64(size-1)
		}
		g.slots[at] = uint32(i + 1)
	}
	return nil
}

func (g *Graph) find(h uint64) (uint32, bool) {
	mask := uint64(len(g.slots) - 1)
	for at := h & mask; g.slots[at] != 0; at = (at + 1) & mask {
		if i := g.slots[at] - 1; g.nodes[i].hash == h {
			return i, true
		}
	}
	return 0, false
}

func (g *Graph) resolve(b *Builder) {
	g.start = make([]uint32, len(g.nodes)+1)
	g.linked = make([]uint64, (len(g.nodes)+63)/64)
	for i := range b.edges {
		raw := &b.edges[i]
		from, ok := g.find(raw.from)
		to, ok2 := g.find(raw.to)
		if !ok || !ok2 || from == to {
			continue
		}
		g.edges = append(g.edges, g.edge(b, raw, from, to))
		g.linked[from/64] |= 1 << (from % 64)
		g.linked[to/64] |= 1 << (to % 64)
	}
	g.order()
	for _, o := range b.outer {
		if _, known := g.find(o.hash); !known || o.hash == b.hash("") {
			g.outer = append(g.outer, o)
		}
	}
}

// order puts the edges of a node side by side: counted into place, since a comparing sort of millions takes a second. Both
// sides of one edge become one: the placement's stands.
func (g *Graph) order() {
	for _, e := range g.edges {
		g.start[e.from+1]++
	}
	for i := range g.nodes {
		g.start[i+1] += g.start[i]
	}
	sorted, at := make([]edge, len(g.edges)), slices.Clone(g.start)
	for _, e := range g.edges {
		sorted[at[e.from]] = e
		at[e.from]++
	}
	kept := sorted[:0]
	for i := range g.nodes {
		own := sorted[g.start[i]:g.start[i+1]]
		if len(own) > 1 {
			slices.SortFunc(own, func(a, b edge) int {
				return cmp.Or(cmp.Compare(a.to, b.to), compareBool(a.source, b.source), compareBool(a.carries, b.carries))
			})
			own = withoutEchoes(own)
		}
		g.start[i] = uint32(len(kept))
		kept = append(kept, own...)
	}
	g.start[len(g.nodes)] = uint32(len(kept))
	g.edges = kept
}

// withoutEchoes drops the sources that only say again what a placement says. The edges are sorted, so that of those to one node the
// placement that carries stands just before its echoes, however many they are.
func withoutEchoes(sorted []edge) []edge {
	kept := sorted[:1]
	for _, e := range sorted[1:] {
		before := kept[len(kept)-1]
		if e.to == before.to && e.source && before.carries && !before.source {
			continue
		}
		kept = append(kept, e)
	}
	return kept
}

func (g *Graph) edge(b *Builder, raw *rawEdge, from, to uint32) edge {
	e := edge{from: from, to: to, region: raw.region, source: raw.source, carries: raw.carries}
	own, account := g.nodes[from].account, raw.account
	if raw.source {
		account = g.nodes[to].account
	}
	if e.region == 0 {
		e.region = g.nodes[to].region
	}
	e.inside = account == 0 || g.accounts.Standing(b.owners.name(own), b.owners.name(account)).Inside()
	return e
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Linked reports whether any two resources are linked; then Name must be told every id before Follow.
func (g *Graph) Linked() bool { return len(g.edges) > 0 }

// Name takes the id of a resource; it keeps those of linked ones, for the witness chains. It is not safe for concurrent use.
func (g *Graph) Name(id string) {
	if i, ok := g.find(maphash.String(g.seed, id)); ok && g.linked[i/64]&(1<<(i%64)) != 0 {
		g.names.put(i, len(g.nodes), id)
	}
}

// arena keeps many names in few allocations.
type arena struct {
	at     []uint64 // by node: position + 1
	chunks [][]byte
}

const chunkSize = 1 << 20

func (a *arena) put(i uint32, n int, name string) {
	if a.at == nil {
		a.at = make([]uint64, n)
	}
	last := len(a.chunks) - 1
	if last < 0 || len(a.chunks[last])+len(name)+4 > cap(a.chunks[last]) {
		a.chunks = append(a.chunks, make([]byte, 0, max(chunkSize, len(name)+4)))
		last++
	}
	c := a.chunks[last]
	a.at[i] = uint64(last)<<32 | uint64(len(c)) + 1
	c = append(c, byte(len(name)), byte(len(name)>>8), byte(len(name)>>16), byte(len(name)>>24))
	a.chunks[last] = append(c, name...)
}

func (a *arena) get(i uint32) string {
	if a.at == nil || a.at[i] == 0 {
		return ""
	}
	c, off := a.chunks[a.at[i]>>32], a.at[i]&(1<<32-1)-1
	n := int(c[off]) | int(c[off+1])<<8 | int(c[off+2])<<16 | int(c[off+3])<<24
	return string(c[off+4 : int(off)+4+n])
}
