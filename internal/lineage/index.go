package lineage

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// MaxZones is the number of zones that one run can follow: one bit each.
const MaxZones = 64

// Builder gathers what the inventory says of edges. Resources are added in batches, so that several goroutines can read.
type Builder struct {
	assigner *Assigner
	accounts residency.Accounts
	seed     maphash.Seed

	nodes   []node
	edges   []rawEdge
	outer   []outer // sources outside the inventory, if nothing inventoried turns out to have their id
	regions table
	owners  table
}

// node is what is kept of a resource.
type node struct {
	hash    uint64
	inside  uint64 // a bit for each zone inside which a copy comes to rest here, by the resource's own places
	zone    int8   // assigned, -1: none
	none    bool   // under zone none
	region  uint16
	account uint32
}

// rawEdge is an edge whose other end is known by its id's hash only.
type rawEdge struct {
	from, to uint64
	region   uint16 // of the placement, 0: not resolved
	account  uint32 // of the placement, 0: the holder's own
	source   bool   // seen from the copy's side
	carries  bool   // false: metadata, key or capability
}

// outer is the far end of a source edge, with the zone that assign gives it.
type outer struct {
	hash   uint64
	id     string
	zone   int8
	inside bool   // the copy's account is inside, seen from the source's
	copy   uint64 // hash of the copy's id
}

// table interns strings; 0 is the empty one.
type table struct {
	index map[string]uint32
	names []string
}

func (t *table) id(s string) uint32 {
	if s == "" {
		return 0
	}
	if t.index == nil {
		t.index, t.names = map[string]uint32{}, []string{""}
	}
	i, ok := t.index[s]
	if !ok {
		i = uint32(len(t.names))
		s = string(append([]byte(nil), s...)) // a name must not hold on to the line that it was read from
		t.index[s], t.names = i, append(t.names, s)
	}
	return i
}

func (t *table) name(i uint32) string {
	if i == 0 {
		return ""
	}
	return t.names[i]
}

// NewBuilder starts an index. More than MaxZones zones are refused.
func NewBuilder(zones []residency.Zone, rules []residency.Rule, accounts residency.Accounts) (*Builder, error) {
	if len(zones) > MaxZones {
		return nil, fmt.Errorf("%d zones: at most %d can be followed in one run", len(zones), MaxZones)
	}
	return &Builder{assigner: NewAssigner(zones, rules), accounts: accounts, seed: maphash.MakeSeed()}, nil
}

// Assigner is the one that the builder assigns with.
func (b *Builder) Assigner() *Assigner { return b.assigner }

// Add takes one resource in. It keeps nothing of r. It is not safe for concurrent use.
func (b *Builder) Add(r *residency.Resource) {
	a := b.assigner.Resource(r)
	n := node{hash: b.hash(r.ID), zone: int8(a.Zone), none: a.None && ofNobody(r), inside: b.restsIn(r),
		region: uint16(b.regions.id(r.Region)), account: b.owners.id(r.Account)}
	b.nodes = append(b.nodes, n)
	for i := range r.Placements {
		p := &r.Placements[i]
		if p.Target == "" || p.Target == r.ID {
			continue
		}
		b.edges = append(b.edges, rawEdge{from: n.hash, to: b.hash(p.Target), region: uint16(b.regions.id(p.Region)), account: b.owners.id(p.Account), carries: p.Role.Carries()})
	}
	for i := range r.Sources {
		b.addSource(&n, r, &r.Sources[i])
	}
}

// ofNobody reports whether a resource without a zone is known to originate nobody's data: neither an event, whose data is
// its sources', nor a stand-in of which that is not said.
func ofNobody(r *residency.Resource) bool {
	return !r.IsEvent() && (!r.Elsewhere() || r.Tags[residency.ElsewhereZone] == residency.NoZone)
}

// OwnPlace reports whether p is a place in which r's own data rests or passes: neither a copy elsewhere nor a share.
func OwnPlace(r *residency.Resource, p *residency.Placement) bool {
	return p.Target == "" && p.Role.Carries() && (p.Account == "" || p.Account == r.Account)
}

// restsIn are the zones inside which a copy comes to rest that only r's own record shows: those that contain all of its own
// places. What only passes data on (a trail, a flow log) is judged where it delivers: its own region is where it is
// administered. Without any place its region decides.
func (b *Builder) restsIn(r *residency.Resource) (zones uint64) {
	var places []string
	delivers := false
	for i := range r.Placements {
		p := &r.Placements[i]
		if OwnPlace(r, p) {
			places = append(places, p.Region)
		}
		delivers = delivers || p.Target != "" && p.Role.Carries()
	}
	if places == nil && delivers {
		return ^uint64(0)
	}
	if places == nil {
		places = []string{r.Region}
	}
	for z := range b.assigner.zones {
		if !slices.ContainsFunc(places, func(region string) bool { return !b.assigner.zones[z].Contains(region) }) {
			zones |= 1 << z
		}
	}
	return zones
}

func (b *Builder) addSource(n *node, r *residency.Resource, s *residency.Source) {
	if s.ID == r.ID || !carries(s) {
		return
	}
	h := b.hash(s.ID)
	if s.ID != "" {
		b.edges = append(b.edges, rawEdge{from: h, to: n.hash, source: true, carries: true})
	}
	zone, standing, _ := outerZone(b.assigner, b.accounts, r, s)
	if zone >= 0 {
		b.outer = append(b.outer, outer{hash: h, id: strings.Clone(s.ID), zone: int8(zone), inside: standing.Inside(), copy: n.hash})
	}
}

// carries reports whether data comes from a source; without a role it is a copy of the data.
func carries(s *residency.Source) bool { return s.Role == "" || s.Role.Carries() }

// outerZone is the zone that a source brings if it is not in the inventory, and how the copy's account stands to its own; or
// why it brings none: its owner is outside, or no line of assign says whose it is.
func outerZone(a *Assigner, accounts residency.Accounts, r *residency.Resource, s *residency.Source) (zone int, standing residency.Standing, why string) {
	account, region := sourcePlace(s)
	if account == "" {
		account = r.Account
	}
	switch accounts.Standing(r.Account, account) {
	case residency.Outside, residency.Public:
		return -1, "", "its owner " + account + " is outside the organisation"
	}
	got := a.Source(s.ID, account, region)
	return got.Zone, accounts.Standing(account, r.Account), got.Reason
}

func (b *Builder) hash(s string) uint64 { return maphash.String(b.seed, s) }

// sourcePlace is where a source is: by its own members, else by its ARN.
func sourcePlace(s *residency.Source) (account, region string) {
	account, region = s.Account, s.Region
	parts := strings.SplitN(s.ID, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return account, region
	}
	if account == "" {
		account = parts[4]
	}
	if region == "" {
		region = parts[3]
	}
	return account, region
}
