package audit

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// inherited is what earlier runs left open, as one judgement uses it. A violation belongs to one resource, and so to the one worker
// that judges it, which writes down its state; what concerns no resource of the snapshot is settled when all are judged.
type inherited struct {
	entries  []residency.OpenViolation // sorted, so that what is said of several does not hang on the order in which they came
	first    map[string]int32          // by resource: one of its entries
	next     []int32                   // by entry: another of the same resource; below 0: none
	settings []setting                 // by entry
	before   []residency.OpenViolation // by entry: itself, where its setting had gone already and its copies were left; else zero
	named    map[string]int32          // resources, targets and chains: into sights
	sights   []sight
	cleanups []cleanup
	run      time.Time
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

// FactEmpty in a resource's facts says that AWS itself counts nothing in it.
const FactEmpty = "empty"

// newInherited is nil where nothing was left open. The states are written into list, which is sorted.
func newInherited(list []residency.OpenViolation, cleanups []residency.Cleanup, run time.Time) *inherited {
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b residency.OpenViolation) int { return a.Compare(b.Violation) })
	p := &inherited{entries: list, first: make(map[string]int32, len(list)), next: make([]int32, len(list)), settings: make([]setting, len(list)),
		before: make([]residency.OpenViolation, len(list)), named: make(map[string]int32, len(list)), cleanups: cleanupsOf(cleanups), run: run}
	for i := len(list) - 1; i >= 0; i-- {
		v := &list[i]
		if v.State == residency.ViolationStopped || v.State == residency.ViolationWaived && v.Detail != "" {
			p.before[i] = *v
		}
		v.State, v.Detail = "", ""
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
		s.there, s.empty = true, r.Facts[FactEmpty] == true
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

// leave says that a violation was not examined: it stays as it was.
func (p *inherited) leave(i int, why string) {
	v := &p.entries[i]
	v.State, v.Detail = residency.ViolationNotReexamined, why
	if was := &p.before[i]; was.State != "" {
		v.State, v.Detail = was.State, was.Detail
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
		f := &finding{control: c}
		if k := slices.IndexFunc(findings, func(f finding) bool { return f.control == c }); k >= 0 {
			f = &findings[k]
		}
		if f.outcome == residency.Fail && w.decides(m, f, v) {
			v.State = residency.ViolationOpen
		} else if why := w.unexamined(m, f, v); why != "" {
			w.past.leave(i, why)
		} else {
			w.settle(i)
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

// doubts notes what of a named resource was not read.
func (w *worker) doubts(m *matter) {
	s := w.past.sight(m.resource.ID)
	if s == nil {
		return
	}
	if !m.assignment.Assigned() && !m.assignment.None {
		s.doubt |= doubtAssignment
	}
	if w.cover.of(m.resource.ID, []residency.Fact{residency.FactSources}, false) != "" {
		s.doubt |= doubtSources
	}
	if m.resource.Placements == nil {
		s.doubt |= doubtPlacements
	}
	if w.cover.of(m.resource.ID, carriedFacts, false) != "" {
		s.doubt |= doubtEdges
	}
}

// unsettled notes that it is not known whether the data of a named resource goes on along a chain.
func (w *worker) unsettled(m *matter, findings []finding) {
	s := w.past.sight(m.resource.ID)
	if s == nil {
		return
	}
	for i := range findings {
		f := &findings[i]
		if f.outcome == residency.Unknown && slices.ContainsFunc(f.decides, func(i int) bool { return w.past.hop(m.resource.Placements[i].Target) }) {
			s.doubt |= doubtEdges
		}
	}
}

// carriedFacts are those of the placements over which data travels.
var carriedFacts = append(slices.Clone(storing), residency.PlacementsOf(residency.Transit))

// rest settles what belongs to no matter of the snapshot: its resource is gone, or holds the zone no more. It returns the verdicts on
// what has stopped, one for each matter.
func (b *bench) rest(total *tally) (lines []byte) {
	if b.past == nil {
		return nil
	}
	var verdict *residency.Verdict
	write := func() {
		if verdict != nil && b.keep != nil && b.keep(residency.Unknown) {
			lines = append(snapshot.AppendVerdict(lines, verdict), '\n')
		}
	}
	for i := range b.past.entries {
		v := &b.past.entries[i]
		if v.State != "" {
			continue
		}
		c, z := b.controlOf(v.Control), slices.IndexFunc(b.judge.Zones, func(z residency.Zone) bool { return z.ID == v.Zone })
		if c < 0 || z < 0 {
			v.State, v.Detail = residency.ViolationEnded, "nobody asks any more: its control or its zone is in force no longer"
			continue
		}
		if why := b.lost(i, c); why != "" {
			b.past.leave(i, why)
		} else {
			b.settle(i)
		}
		if v.State != residency.ViolationStopped {
			continue
		}
		if verdict != nil && (residency.Matter{Control: verdict.Control, Resource: verdict.Resource, Zone: verdict.Zone}) == v.Matter() {
			if !strings.Contains(verdict.Reason, v.Detail) {
				verdict.Reason += "; " + v.Detail
			}
			continue
		}
		write()
		severity, promise := b.controls[c].Severity, b.judge.Zones[z].Promise
		if !promise {
			severity = residency.Info
		}
		total.verdict(c, residency.Unknown, severity, promise)
		verdict = &residency.Verdict{Control: v.Control, Resource: v.Resource, Kind: v.Kind, Account: v.ResourceAccount, Region: v.ResourceRegion, Zone: v.Zone,
			Outcome: residency.Unknown, Severity: severity, Reason: v.Detail}
	}
	write()
	return lines
}

// lost says why nothing proves that the resource of a violation has gone, that its setting has, or that it holds the zone no more; "" where
// something does.
func (b *bench) lost(i, control int) string {
	v := &b.past.entries[i]
	if v.Kind == residency.KindEvent { // it happened; what it left behind is what counts
		return ""
	}
	own := b.past.sight(v.Resource)
	if !own.there {
		return b.cover.unlisted(v.Kind, v.Resource, v.ResourceAccount, v.ResourceRegion)
	}
	if b.past.settings[i] == settingGone && own.doubt&doubtPlacements == 0 && b.cover.of(v.Resource, b.asks(v, control), false) == "" {
		return ""
	}
	doubted := doubtSources
	if len(v.Path) == 0 {
		doubted |= doubtAssignment
	}
	if own.doubt&doubted != 0 {
		return "whose data it holds could not be told"
	}
	for _, id := range v.Path {
		s := b.past.sight(id)
		if s.there && s.doubt != 0 {
			return "whose data it holds could not be told: not all of " + id + " was read"
		}
		if !s.there {
			if why := b.cover.unlisted("", id, "", ""); why != "" {
				return "whose data it holds could not be told: " + why
			}
		}
	}
	return ""
}
