package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Sink takes what a change comes to. The same id may come several times: what other resources declare of it comes by itself, and is
// joined by the receiver.
type Sink interface {
	Add(*residency.Resource) error
}

// emitter turns things into resources and gaps.
type emitter struct {
	w      *world
	sink   Sink
	all    *gathering
	gaps   []residency.Gap
	left   []residency.Gap // of what the change leaves as it is; see Change.LeftGaps
	leaves bool            // the thing at hand is such
	added  int
	listed map[string]int // things of a type that is on no list, by type

	unchanged bool // what the change leaves alone is judged like the rest
}

// emit hands over what one thing comes to. Its values are those of the thing.
func (e *emitter) emit(t *thing) error {
	e.leaves = t.left && !e.unchanged
	switch t.row.class {
	case NoData:
		return nil
	case unlisted:
		if e.leaves {
			e.gap(t.address, residency.Gap{Call: t.row.typ, Class: residency.ClassUnimplemented, Detail: "type " + t.row.typ + " is not known to this version: whether it holds data was not judged"})
			return nil
		}
		e.listed[t.row.typ]++
		return nil
	}
	out := &draft{}
	v := view{w: e.w, t: t, at: t.values, out: out}
	if t.row.settings != nil {
		return e.declare(t, v)
	}
	v.held = e.w.of(t)
	r := t.resource()
	r.Placements = []residency.Placement{}
	e.read(t, v, out)
	e.fill(&r, out)
	if id := orElse(t.waive, t.tags[waiveTag]); id != "" {
		if r.Facts == nil {
			r.Facts = map[string]any{}
		}
		r.Facts[WaiveFact] = id
	}
	if t.untold != "" {
		e.gap(r.ID, residency.Gap{Call: "tags", Class: residency.ClassUnresolved, Detail: t.untold})
	}
	if len(out.covers) > 0 {
		e.added++
		e.all.waiting = append(e.all.waiting, collector{r, out.covers})
		return e.joinAll(out)
	}
	if err := e.add(&r); err != nil {
		return err
	}
	return e.joinAll(out)
}

func (e *emitter) add(r *residency.Resource) error {
	e.added++
	e.all.note(r)
	return e.sink.Add(r)
}

// WaiveFact is the fact that holds the id of the waiver that a resource names itself: by the tag domicile-waive in Terraform, by
// Metadata: {domicile: {waive: ID}} in CloudFormation.
const WaiveFact = "waive"

const waiveTag = "domicile-waive"

// read lets the row read the settings. A type whose copies are not judged has its place and says so.
func (e *emitter) read(t *thing, v view, out *draft) {
	if t.row.placed != nil {
		t.row.placed(v)
	} else if t.row.read == nil || t.row.class == HoldsData {
		v.here(residency.Primary, "")
	}
	if t.row.read != nil {
		t.row.read(v)
	}
	if t.row.class == HoldsData {
		out.gaps = append(out.gaps, residency.Gap{Call: t.row.typ, Class: residency.ClassUnimplemented,
			Detail: "where " + t.row.typ + " copies its data to is not judged by this version: only where it is"})
	}
}

// declare hands over settings to the resource that they are of.
func (e *emitter) declare(t *thing, v view) error {
	v.held = t.row.settings(v)
	if t.row.read != nil {
		t.row.read(v)
	}
	return e.join(v)
}

// join hands over what a thing says of another resource, its holder, under that one's id.
func (e *emitter) join(v view) error {
	t := v.t
	r := residency.Resource{Kind: t.row.kind, Placements: []residency.Placement{}}
	switch to := v.held; {
	case to.thing != nil:
		r = to.thing.resource()
		r.Tags, r.Placements = nil, []residency.Placement{}
	case to.id != "":
		r.ID, r.ARN, r.Region, r.Account = to.id, to.id, to.region, to.account
		if k, ok := e.w.outside.Find(to.id); ok {
			r.Kind = orElse(k.Kind, r.Kind)
		} else { // in neither: the address that declares stands for it
			r.ID, r.Region, r.Account = t.address, orElse(to.region, t.region), orElse(to.account, t.account)
		}
	default:
		r.ID, r.ARN, r.Region, r.Account = t.address, "*", t.region, t.account
	}
	e.fill(&r, v.out)
	if err := e.joinAll(v.out); err != nil || len(r.Placements) == 0 && len(r.Sources) == 0 && len(r.Facts) == 0 {
		return err
	}
	if v.held.thing != nil && v.held.thing.row.collector {
		e.added++
		return e.sink.Add(&r)
	}
	return e.add(&r)
}

// joinAll hands over what the settings say of other resources.
func (e *emitter) joinAll(out *draft) error {
	for _, other := range out.others {
		if err := e.join(other); err != nil {
			return err
		}
	}
	return nil
}

func (e *emitter) fill(r *residency.Resource, out *draft) {
	unowned := ""
	for _, p := range out.placements {
		if p.Account == unownedMark {
			p.Account, unowned = "", orElse(unowned, p.Via)
		}
		r.Placements = append(r.Placements, p)
	}
	if unowned != "" {
		e.gap(r.ID, residency.Gap{Call: OwnerGap, Class: residency.ClassUnresolved, Detail: "whose account gets the data cannot be told: " + unowned})
	}
	r.Sources = append(r.Sources, out.sources...)
	r.Facts = out.facts
	for _, g := range out.gaps {
		e.gap(r.ID, g)
	}
}

func (e *emitter) gap(resource string, g residency.Gap) {
	g.Resource = resource
	if e.leaves {
		e.left = append(e.left, g)
		return
	}
	e.gaps = append(e.gaps, g)
}

// OwnerGap is the call of a gap that leaves open in whose account the data ends up.
const OwnerGap = "owner"

// unresolved is a gap of the change as a whole.
func (e *emitter) unresolved(detail string) {
	e.gaps = append(e.gaps, residency.Gap{Call: "plan", Class: residency.ClassUnresolved, Detail: detail})
}

// unlisted are the gaps of types on no list, one for each type with a count.
func (e *emitter) unlisted() (gaps []residency.Gap) {
	for _, typ := range slices.Sorted(maps.Keys(e.listed)) {
		n := e.listed[typ]
		gaps = append(gaps, residency.Gap{Call: typ, Class: residency.ClassUnimplemented,
			Detail: fmt.Sprintf("%d of type %s, which this version does not know: whether it holds data was not judged", n, typ)})
	}
	return gaps
}
