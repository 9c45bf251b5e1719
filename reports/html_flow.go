package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// mostFlows is how many crossings are drawn apart. Further ones share an edge for each zone, still counted.
const mostFlows = 60

// htmlFlowKey is what crossings of one edge have in common.
type htmlFlowKey struct {
	zone, from string // from: the region in the zone where the data comes from; empty: it was assigned or copied outside
	area, to   string // area: where it goes: a zone's id, or one of the areas below
	waived     bool
}

// The areas that are no zone.
const (
	areaOutside = " outside every zone"
	areaAccount = " outside the organisation"
	areaNowhere = " not resolved"
)

type htmlFlow struct {
	htmlFlowKey
	count int
}

// htmlFlows are the border crossings of promised zones, by edge.
type htmlFlows struct {
	zones []residency.ZoneCount
	index map[htmlFlowKey]int
	all   []htmlFlow
	drawn int // verdicts
}

func newHTMLFlows(zones []residency.ZoneCount) *htmlFlows {
	return &htmlFlows{zones: zones, index: map[htmlFlowKey]int{}}
}

func (f *htmlFlows) zone(id string) (residency.Zone, bool) {
	for _, z := range f.zones {
		if z.ID == id {
			return z.Zone, true
		}
	}
	return residency.Zone{}, false
}

// add counts the edges by which a violation leaves its zone, and returns their numbers. What only could move data crosses nothing.
func (f *htmlFlows) add(v residency.Verdict) (edges []int) {
	zone, ok := f.zone(v.Zone)
	if !ok || !zone.Promise || v.Outcome != residency.Fail && v.Outcome != residency.Waived {
		return nil
	}
	for _, p := range v.Placements {
		if p.Role == residency.Capability {
			continue
		}
		key := f.key(zone, v, p)
		n, known := f.index[key]
		if !known {
			if len(f.all) >= mostFlows {
				key = htmlFlowKey{zone: zone.ID, area: areaOutside, to: "further places", waived: key.waived}
			}
			if n, known = f.index[key]; !known {
				n = len(f.all)
				f.index[key], f.all = n, append(f.all, htmlFlow{htmlFlowKey: key})
			}
		}
		if !slices.Contains(edges, n) {
			edges = append(edges, n)
			f.all[n].count++
		}
	}
	if len(edges) > 0 {
		f.drawn++
	}
	return edges
}

func (f *htmlFlows) key(zone residency.Zone, v residency.Verdict, p residency.Placement) htmlFlowKey {
	key := htmlFlowKey{zone: zone.ID, waived: v.Outcome == residency.Waived}
	if zone.Contains(v.Region) {
		key.from = v.Region
	}
	switch {
	case zone.Contains(p.Region) && p.Account == residency.Everybody:
		key.area, key.to = areaAccount, "the public"
	case zone.Contains(p.Region):
		key.area, key.to = areaAccount, cmp.Or(p.Account, "an account")
	case p.Region == "":
		key.area, key.to = areaNowhere, "region not known"
	default:
		key.area, key.to = areaOutside, p.Region
		for _, z := range f.zones {
			if z.ID != zone.ID && z.Contains(p.Region) {
				key.area = z.ID
				break
			}
		}
	}
	return key
}

// words of an edge, for its label and the panel.
func (k htmlFlow) words() string {
	from := k.zone + " " + cmp.Or(k.from, "(assigned or copied outside)")
	to := k.to
	if strings.HasPrefix(k.area, " ") {
		if k.area != areaNowhere {
			to += "," + k.area
		}
	} else {
		to = k.area + " " + k.to
	}
	noun := "violation"
	if k.waived {
		noun = "waived violation"
	}
	return from + " → " + to + ": " + counted(k.count, noun)
}
