package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// witnessed puts what the completeness oracles said into the summary, in a fixed order: chunks are read in any.
func (c *coverage) witnessed(s *residency.Summary) {
	slices.SortFunc(c.oracles, func(a, b residency.Reconciled) int {
		return cmp.Or(strings.Compare(a.Oracle, b.Oracle), strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region),
			strings.Compare(a.What, b.What))
	})
	slices.SortFunc(c.notJudged, func(a, b residency.NotJudged) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region),
			strings.Compare(a.By, b.By), cmp.Compare(a.Count, b.Count), strings.Compare(fmt.Sprint(a.Data), fmt.Sprint(b.Data)))
	})
	s.Oracles, s.NotJudged = c.oracles, c.notJudged
	for _, n := range c.notJudged {
		s.Open = s.Open || n.Data // its gap says so too; a snapshot without the gap must not pass either
	}
	if s.Open && s.Conclusion == residency.ConcludePass {
		s.Conclusion = residency.ConcludeNotConcluded
	}
}

// unscanned reports whether a resource is known to an oracle alone: of a kind that no shipped scanner reads, in a service that the
// coverage says is not judged. Nothing but its place is known of it.
func (b *bench) unscanned(r *residency.Resource) bool {
	if r.Placements != nil || b.judge.Scanned == nil || b.judge.Scanned(r.Kind) {
		return false
	}
	service, _, _ := strings.Cut(r.Kind, ".")
	return b.cover.unscanned[service]
}

// takeUnscanned: in the zone whose data it holds such a resource is not judged, and the gap of its service counts it. Outside, or
// where AWS gives it no region, it is unknown once, under the control of the primary place: a control each would say no more.
func (w *worker) takeUnscanned(m matter) {
	for _, h := range w.holds {
		if w.judge.Zones[h.Zone].Contains(m.resource.Region) {
			continue
		}
		m.zone, m.held, m.assigned, m.index, m.unscanned = h.Zone, true, h.Assigned, nil, true
		w.cases = append(w.cases, m)
	}
}

// concludeUnscanned is the verdict on it.
func (w *worker) concludeUnscanned(m *matter) error {
	place := "AWS gives it no region"
	if m.resource.Region != "" {
		place = "it is in " + m.resource.Region + ", outside " + w.reach[m.zone]
	}
	return w.verdict(m, &finding{control: w.byRole[residency.Primary], outcome: residency.Unknown, reason: "no scanner for " + m.resource.Kind + ": " + place})
}
