package audit

import (
	"iter"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// inherited is what earlier runs left open, as one judgement uses it. A violation belongs to one resource, and so to the one worker
// that judges it, which writes down its state; what concerns no resource of the snapshot is settled when all are judged.
type inherited struct {
	entries  []residency.OpenViolation // sorted, so that what is said of several does not hang on the order in which they came
	first    map[string]int32          // by resource: one of its entries
	next     []int32                   // by entry: another of the same resource; below 0: none
	settings []setting                 // by entry
	before   map[int]stood             // by entry: how it stood, where it had stopped or was waived
	told     []bool                    // by entry: the judgement of its matter says how it stands
	settled  bool                      // the states are given
	named    map[string]int32          // resources, targets and chains: into sights
	sights   []sight
	cleanups []cleanup
	run      time.Time
}

// stood is how a violation stood before.
type stood struct {
	state  residency.ViolationState
	detail string
}

// setting is what there is of the placement that decided a violation.
type setting int8

const (
	settingGone   setting = iota
	settingThere          // as it was
	settingRetold         // the same copy, of which more or less is known than before
)

// sight is what a run has of something that a violation names.
type sight struct {
	there bool // in the inventory
	hop   bool // it is the resource of a violation, or in the chain to one
	empty bool // AWS says that nothing is in it
	doubt doubt
}

// doubt is what of a resource was not read, or could not be told.
type doubt uint8

const (
	doubtAssignment doubt = 1 << iota // whose data it holds, by assign
	doubtSources                      // where its data came from
	doubtEdges                        // where its data goes
	doubtPlacements                   // none of its placements was read
)

// Facts of a resource that say what became of a destination.
const (
	FactEmpty  = "empty"  // true: AWS itself counts nothing in it
	FactListed = "listed" // false: no list of AWS's has it, and it is known only since others name it
)

// newInherited is nil where nothing was left open. The states are written into list, which is sorted.
func newInherited(list []residency.OpenViolation, cleanups []residency.Cleanup, run time.Time, settled bool) *inherited {
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b residency.OpenViolation) int { return a.Compare(b.Violation) })
	p := &inherited{entries: list, first: make(map[string]int32, len(list)), next: make([]int32, len(list)), settings: make([]setting, len(list)),
		before: map[int]stood{}, named: make(map[string]int32, len(list)), cleanups: cleanupsOf(cleanups), run: run, told: make([]bool, len(list)), settled: settled}
	for i := len(list) - 1; i >= 0; i-- {
		v := &list[i]
		if v.State == residency.ViolationStopped || v.State == residency.ViolationWaived {
			p.before[i] = stood{v.State, v.Detail}
		}
		if !settled {
			v.State, v.Detail = "", ""
		}
		p.next[i] = -1
		if other, ok := p.first[v.Resource]; ok {
			p.next[i] = other
		}
		p.first[v.Resource] = int32(i)
		p.name(v.Target)
		p.name(v.Resource).hop = true
		for _, id := range v.Path {
			p.name(id).hop = true
		}
	}
	return p
}

func (p *inherited) name(id string) *sight {
	i, known := p.named[id]
	if !known {
		i = int32(len(p.sights))
		p.named[id], p.sights = i, append(p.sights, sight{})
	}
	return &p.sights[i]
}

// sight is nil for what no violation names. One worker alone writes into that of a resource.
func (p *inherited) sight(id string) *sight {
	if i, named := p.named[id]; named {
		return &p.sights[i]
	}
	return nil
}

// hop reports whether a chain leads to, or through, what has that id.
func (p *inherited) hop(id string) bool {
	s := p.sight(id)
	return s != nil && s.hop
}

// survey notes on the first reading what the inventory has of that which is named.
func (p *inherited) survey(r *residency.Resource) {
	if s := p.sight(r.ID); s != nil {
		s.there, s.empty = r.Facts[FactListed] != false, r.Facts[FactEmpty] == true
		if r.Elsewhere() { // what of it was not read is known in its own part
			s.doubt = doubtEdges
		}
	}
}

// about are the entries of a resource, in order.
func (p *inherited) about(resource string) iter.Seq[int] {
	return func(yield func(int) bool) {
		i, ok := p.first[resource]
		for ok && i >= 0 && yield(int(i)) {
			i = p.next[i]
		}
	}
}

// see notes on the second reading which settings are still there: what is judged otherwise now has not stopped.
func (p *inherited) see(r *residency.Resource) {
	for i := range p.about(r.ID) {
		switch v := &p.entries[i]; {
		case v.Role == "" || slices.ContainsFunc(r.Placements, v.By):
			p.settings[i] = settingThere
		case slices.ContainsFunc(r.Placements, v.Like):
			p.settings[i] = settingRetold
		}
	}
}

// inherit settles what earlier runs left open of a matter. What has stopped, and may have left copies, makes an unknown of a proof.
func (w *worker) inherit(m *matter, findings []finding) []finding {
	if m.zone < 0 {
		return findings
	}
	var stopped []int
	for i := range w.past.about(m.resource.ID) {
		v := &w.past.entries[i]
		c := w.controlOf(v.Control)
		if v.Zone != w.judge.Zones[m.zone].ID || c < 0 {
			continue
		}
		w.past.told[i] = true
		if !w.past.settled {
			w.stand(m, i, c, findings)
		}
		if v.State == residency.ViolationStopped {
			stopped = append(stopped, i)
		}
	}
	for _, i := range stopped {
		v := &w.past.entries[i]
		c := w.controlOf(v.Control)
		k := slices.IndexFunc(findings, func(f finding) bool { return f.control == c })
		if k < 0 {
			k = len(findings)
			findings = append(findings, finding{control: c})
		}
		findings[k].stop(v.Detail)
	}
	slices.SortFunc(findings, func(a, b finding) int { return a.control - b.control })
	return findings
}

// stand finds out how a violation of a matter stands.
func (w *worker) stand(m *matter, i, control int, findings []finding) {
	v, f := &w.past.entries[i], &finding{control: control}
	if k := slices.IndexFunc(findings, func(f finding) bool { return f.control == control }); k >= 0 {
		f = &findings[k]
	}
	if f.outcome == residency.Fail && w.decides(m, f, v) {
		v.State = residency.ViolationOpen
	} else if why := w.unexamined(m, f, v); why != "" {
		w.leave(i, why)
	} else {
		w.settle(i)
	}
}

// unexamined says why a violation that is not seen was not examined either; "" where it was.
func (w *worker) unexamined(m *matter, f *finding, v *residency.OpenViolation) string {
	if f.fromGap {
		return w.reason(m, f)
	}
	if gap := w.cover.of(m.resource.ID, w.asks(v, f.control), m.assignment.Tags); gap != "" {
		return gap
	}
	unknown := f.outcome == residency.Unknown
	if unknown && (v.Role == "" || m.resource.Placements == nil || slices.ContainsFunc(m.resource.Placements, v.By)) {
		return w.reason(m, f)
	}
	for _, p := range m.resource.Placements {
		if less := v.Region != "" && p.Region == "" || v.Account != "" && p.Account == ""; v.Like(p) && (unknown || less) {
			return string(p.Role) + " at " + p.Target + ": its region or its owner could not be resolved" + viaNote(&p)
		}
	}
	return ""
}

// asks are the facts that show a violation: a share is told by the calls about shares, whatever control it violates.
func (b *bench) asks(v *residency.OpenViolation, control int) []residency.Fact {
	needs := b.controls[control].Needs
	if v.Target == "" && v.Account != "" && v.Account != v.ResourceAccount {
		return append(slices.Clone(needs), residency.FactSharing)
	}
	return needs
}

// stop says beside a fail or another unknown, or in place of a proof, that an earlier violation may have left copies.
func (f *finding) stop(detail string) {
	if f.outcome != residency.Fail && f.outcome != residency.Unknown {
		f.outcome, f.reason, f.decides = residency.Unknown, "", nil
	}
	if !slices.Contains(f.stopped, detail) {
		f.stopped = append(f.stopped, detail)
	}
}

// decides reports whether a fail is that very violation.
func (w *worker) decides(m *matter, f *finding, v *residency.OpenViolation) bool {
	if len(f.decides) == 0 {
		return v.Role == ""
	}
	return slices.ContainsFunc(f.decides, func(i int) bool { return v.By(m.resource.Placements[i]) })
}

func (b *bench) controlOf(id string) int {
	return slices.IndexFunc(b.controls, func(c residency.Control) bool { return c.ID == id })
}
