package audit

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

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
		if b.past.told[i] {
			continue
		}
		c, z := b.controlOf(v.Control), slices.IndexFunc(b.judge.Zones, func(z residency.Zone) bool { return z.ID == v.Zone })
		if !b.past.settled {
			b.standAlone(i, c, z)
		}
		if v.State != residency.ViolationStopped || c < 0 || z < 0 {
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
	for i := range b.past.entries {
		if v := &b.past.entries[i]; v.State == residency.ViolationWaived {
			total.waivers(b.allowed(v).matched)
		}
	}
	return lines
}

// standAlone finds out how a violation of no matter stands.
func (b *bench) standAlone(i, control, zone int) {
	v := &b.past.entries[i]
	if control < 0 || zone < 0 {
		v.State, v.Detail = residency.ViolationEnded, "nobody asks any more: its control or its zone is in force no longer"
	} else if why := b.lost(i, control); why != "" {
		b.leave(i, why)
	} else {
		b.settle(i)
	}
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
