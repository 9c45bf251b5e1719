package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/lineage"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// divider gives each resource of a snapshot to one part: to that of the one zone that concerns it, where that zone's evidence has a
// home; else, if several zones concern it or none, to the part of zone none, where that has a home; else to the rest.
type divider struct {
	judge   *Judge
	header  residency.Header
	graph   *lineage.Graph
	names   *names
	parts   []*part // the rest is the last
	byZone  []int   // part of a zone's resources
	several int     // part of those of several zones, or none
	home    []uint8 // by node
	waivers []scopeOf
	holds   []lineage.Hold
	tagKeys map[string]bool // that assign asks for
	known   revealed
}

// part is one store's share.
type part struct {
	index int
	zone  *residency.Zone // nil: of no zone alone
	zones []int           // that are followed in it

	own, near []bool // by node: what is in it, and what it has stand-ins of
	resources int
	accounts  map[string]bool // of its resources
	named     map[string]bool // accounts that its judgement may ask about
	outside   map[uint64]bool // targets outside the inventory that its resources name
	rules     map[*residency.Rule]bool
	noAccount bool // a search asked for an account that is not known
	waivers   []bool
	targets   map[string]bool // names of other parts to which its own send, or sent
	gone      map[string]bool // names of other parts, in no inventory now, that its violations hide
	sources   map[string]bool // stand-ins of sources outside the inventory that were written
}

// mostParts is how many can be told apart: a bit each.
const mostParts = 64

// divide reads the snapshot and finds out what goes where. zones are the ids of those with a home of their own, residency.NoZone for
// what holds several or none.
func (j *Judge) divide(ctx context.Context, f *snapshot.File, zones []string) (*divider, error) {
	if len(zones) >= mostParts {
		return nil, fmt.Errorf("evidence: %d stores: at most %d can be kept apart", len(zones), mostParts-1)
	}
	d := &divider{judge: j, header: f.Header(), names: newNames(), several: len(zones), tagKeys: map[string]bool{}, known: pseudonymsIn(j.Carried)}
	if err := d.survey(ctx, f); err != nil {
		return nil, err
	}
	d.lay(zones)
	for i := range j.Rules {
		d.tagKeys[j.Rules[i].TagKey] = true
	}
	for _, w := range j.Waivers {
		d.waivers = append(d.waivers, scopeOf{orAny(w.Scope.Resource), orAny(w.Scope.Account), orAny(w.Scope.Region), orAny(w.Scope.Zone)})
	}
	if err := f.Each(ctx, d.take, func(c *residency.Coverage) error { d.known.missing(c); return nil }); err != nil {
		return nil, err
	}
	for _, p := range d.parts {
		d.graph.Near(p.own, p.near, p.zones)
	}
	return d, nil
}

func (d *divider) survey(ctx context.Context, f *snapshot.File) (err error) {
	j, scope := d.judge, d.header.Scope
	var organization []string
	if scope != nil {
		organization = scope.OrganizationAccounts
	}
	j.assigner = lineage.NewAssigner(j.Zones, j.Rules)
	d.graph, err = j.survey(ctx, f, residency.NewAccounts(organization, j.Trusted, j.Own...), newCoverage(scope, j.Calls), nil)
	return err
}

func (d *divider) lay(zones []string) {
	all := make([]int, len(d.judge.Zones))
	for i := range all {
		all[i] = i
	}
	n := d.graph.Len()
	d.home, d.byZone = make([]uint8, n), make([]int, len(all))
	for i := range d.byZone {
		d.byZone[i] = len(zones)
	}
	for i := range len(zones) + 1 {
		p := &part{index: i, zones: all, own: make([]bool, n), near: make([]bool, n), accounts: map[string]bool{}, named: map[string]bool{},
			outside: map[uint64]bool{}, rules: map[*residency.Rule]bool{}, waivers: make([]bool, len(d.judge.Waivers)), targets: map[string]bool{}, gone: map[string]bool{}, sources: map[string]bool{}}
		d.parts = append(d.parts, p)
		switch {
		case i == len(zones):
		case zones[i] == residency.NoZone:
			d.several = i
		default:
			z := slices.IndexFunc(d.judge.Zones, func(o residency.Zone) bool { return o.ID == zones[i] })
			p.zone, p.zones, d.byZone[z] = &d.judge.Zones[z], []int{z}, i
		}
	}
}

var errDivided = errors.New("the snapshot is a part of a divided run already: judge it without evidence in the configuration, or without --out")

// take finds a resource's part, and keeps what that part will need because of it.
func (d *divider) take(r *residency.Resource) error {
	if r.Elsewhere() {
		return errDivided
	}
	node, ok := d.graph.Find(r.ID)
	if !ok {
		return fmt.Errorf("resource %q is new on the second reading: the snapshot changed while it was divided", r.ID)
	}
	d.known.see(r)
	p := d.parts[d.partOf(node, r)]
	d.home[node], p.own[node] = uint8(p.index), true
	p.resources++
	p.accounts[strings.Clone(r.Account)] = true
	d.names.add(p.index, r)
	p.asked(d.judge.assigner.Resource(r).Rule, r.Account)
	for i := range r.Sources {
		s := &r.Sources[i]
		if from, known := d.graph.Find(s.ID); known && s.ID != "" {
			p.near[from] = true
		} else {
			p.asked(d.graph.SourceRule(r, s))
		}
	}
	for i := range r.Placements {
		if t := r.Placements[i].Target; t != "" {
			if _, known := d.graph.Find(t); !known {
				p.outside[d.names.hash(t)] = true
			}
		}
	}
	d.mention(p, r)
	for _, h := range d.holds { // stand-ins of it show the accounts over which the zone came
		d.mention(d.parts[d.byZone[h.Zone]], r)
	}
	for i, w := range d.waivers {
		p.waivers[i] = p.waivers[i] || w.covers(p, r)
	}
	return nil
}

// partOf is the part of the one zone that concerns the resource: whose data it holds, or whose border was crossed to get there.
func (d *divider) partOf(node lineage.Node, r *residency.Resource) int {
	d.holds = d.graph.Holds(node, d.holds)
	zone, several := -1, false
	concern := func(z int) {
		several = several || zone >= 0 && zone != z
		zone = z
	}
	for _, h := range d.holds {
		concern(h.Zone)
	}
	for _, c := range d.graph.Crossings(node, r) {
		concern(c.Zone)
	}
	if zone < 0 || several {
		return d.several
	}
	return d.byZone[zone]
}

// asked notes the line of assign that decided in a part.
func (p *part) asked(rule *residency.Rule, account string) {
	if rule != nil {
		p.rules[rule] = true
	}
	p.noAccount = p.noAccount || account == ""
}

// mention notes the accounts that a resource names.
func (d *divider) mention(p *part, r *residency.Resource) {
	add := func(account, id string) {
		if parts := strings.SplitN(id, ":", 6); account == "" && len(parts) == 6 {
			account = parts[4]
		}
		if account != "" && !p.named[account] {
			p.named[strings.Clone(account)] = true
		}
	}
	add(r.Account, "")
	for i := range r.Placements {
		add(r.Placements[i].Account, "")
	}
	for i := range r.Sources {
		add(r.Sources[i].Account, r.Sources[i].ID)
	}
}

// scopeOf is what of a waiver's scope says to whose resources it can apply.
type scopeOf struct{ resource, account, region, zone residency.Glob }

func (w *scopeOf) covers(p *part, r *residency.Resource) bool {
	return (p.zone == nil || w.zone.Match(p.zone.ID)) && w.account.Match(r.Account) && w.region.Match(r.Region) && w.resource.Match(r.ID)
}

// write makes a pass that gives each part its lines; the part's file is open already.
func (d *divider) write(ctx context.Context, f *snapshot.File, outs []*snapshot.OutputFile) error {
	return f.Each(ctx, func(r *residency.Resource) error {
		node, ok := d.graph.Find(r.ID)
		if !ok {
			return fmt.Errorf("resource %q is new on the third reading: the snapshot changed while it was divided", r.ID)
		}
		for i, p := range d.parts {
			var err error
			switch {
			case p.own[node]:
				err = outs[i].Resource(d.veiled(p, r))
			case p.near[node]:
				for _, s := range d.standIns(p, node, r) {
					err = errors.Join(err, outs[i].Resource(&s))
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, func(c *residency.Coverage) error {
		for i, p := range d.parts {
			if !p.covers(c.Account) {
				continue
			}
			if err := outs[i].Coverage(d.cut(p, c)); err != nil {
				return err
			}
		}
		return nil
	})
}

// elsewhere reports whether an id is that of a resource whose part is another.
func (d *divider) elsewhere(p *part, id string) bool {
	node, ok := d.graph.Find(id)
	return ok && id != "" && !p.own[node]
}

// id is a resource's id as it stands in a part. What is in no inventory is named, unless another part's name stands in it: then all of it
// is hidden, so that the next night knows it again.
func (d *divider) id(p *part, id string) string {
	node, ok := d.graph.Find(id)
	if id != "" && (ok && !p.own[node] || !ok && d.names.veil(p.index, id) != id) {
		return pseudonym(id)
	}
	return id
}

// veiled is a resource of the part without the names of others.
func (d *divider) veiled(p *part, r *residency.Resource) *residency.Resource {
	out := *r
	out.Placements, out.Sources = slices.Clone(r.Placements), slices.Clone(r.Sources)
	for i := range out.Placements {
		t := &out.Placements[i]
		if d.elsewhere(p, t.Target) && len(d.waivers) > 0 {
			p.targets[strings.Clone(t.Target)] = true
		}
		t.Target, t.Via = d.id(p, t.Target), d.names.veil(p.index, t.Via)
	}
	for i := range out.Sources {
		s := &out.Sources[i]
		s.ID, s.Via = d.id(p, s.ID), d.names.veil(p.index, s.Via)
	}
	if r.Tags != nil {
		out.Tags = make(map[string]string, len(r.Tags))
	}
	for k, v := range r.Tags {
		if !d.tagKeys[k] { // what assign asks for decides, and names a zone
			v = d.names.veil(p.index, v)
		}
		out.Tags[k] = v
	}
	if r.Facts != nil {
		out.Facts, _ = d.names.veilAny(p.index, r.Facts).(map[string]any)
	}
	return &out
}

// standIns are what the part needs of a resource of another: where it is, what it sends where, and whose data it holds, as far as that
// is one of the part's zones. Accounts stand in them only where such data passed through. A source outside the inventory that brought a
// zone has one too.
func (d *divider) standIns(p *part, node lineage.Node, r *residency.Resource) (all []residency.Resource) {
	out := residency.Resource{ID: pseudonym(r.ID), Kind: residency.ElsewhereKind, Region: r.Region, Tags: map[string]string{}, Placements: []residency.Placement{}}
	passes := false
	for _, h := range d.graph.Holds(node, nil) {
		if !slices.Contains(p.zones, h.Zone) {
			continue
		}
		passes = true
		zone := d.judge.Zones[h.Zone].ID
		if h.Assigned {
			out.Tags[residency.ElsewhereZone] = zone
		} else if source, brought := d.graph.Brought(node, h.Zone); brought {
			// One for each zone, as whose it is hangs on the copy that names it; and no other's target, which is outside too.
			from := residency.Resource{ID: pseudonym(zone + " " + source), Kind: out.Kind, Account: r.Account, Tags: map[string]string{residency.ElsewhereZone: zone}}
			out.Sources = append(out.Sources, residency.Source{ID: from.ID})
			if !p.sources[from.ID] {
				p.sources[from.ID] = true
				all = append(all, from)
			}
		}
	}
	if passes {
		out.Account = r.Account
	}
	if !r.IsEvent() && d.judge.assigner.Resource(r).None { // what an event moved from there is nobody's
		out.Tags[residency.ElsewhereZone] = residency.NoZone
	}
	for i := range r.Placements {
		t := &r.Placements[i]
		if t.Target == "" && !lineage.OwnPlace(r, t) || t.Target != "" && !t.Role.Carries() && !d.inventoried(t.Target) {
			continue
		}
		s := residency.Placement{Role: t.Role, Region: t.Region}
		if t.Target != "" {
			s.Target = d.idOf(p, t.Target)
		}
		if passes {
			s.Account = t.Account
		}
		out.Placements = append(out.Placements, s)
	}
	for i := range r.Sources {
		s := &r.Sources[i]
		if from, known := d.graph.Find(s.ID); known && s.ID != "" && (p.own[from] || p.near[from]) {
			out.Sources = append(out.Sources, residency.Source{ID: d.idOf(p, s.ID), Role: s.Role})
		}
	}
	return append(all, out)
}

// inventoried reports whether an id is one of the inventory.
func (d *divider) inventoried(id string) bool {
	_, ok := d.graph.Find(id)
	return ok && id != ""
}

// idOf is an id that a stand-in names: what the part does not have is named to it by nobody.
func (d *divider) idOf(p *part, id string) string {
	if node, ok := d.graph.Find(id); ok && p.own[node] {
		return id
	}
	return pseudonym(id)
}
