package reports

import (
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// testedBy are the checks of some own controls, each with the zones whose verdicts count; no zones: all of them.
func testedBy(controls ...residency.OwnControl) map[string][]string {
	all := map[string][]string{}
	for _, c := range controls {
		for _, id := range c.Checks {
			zones, known := all[id]
			switch {
			case len(c.Zones) == 0 || known && len(zones) == 0:
				all[id] = nil
			default:
				all[id] = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(zones), c.Zones...))))
			}
		}
	}
	return all
}

// serving are the own controls that serve a commitment.
func serving(d *residency.Dossier, commitment string) (controls []residency.OwnControl) {
	for _, c := range d.Controls {
		if c.Commitment == commitment {
			controls = append(controls, c)
		}
	}
	return controls
}

// inZones is what a control came to in some zones, and for what no line assigns, since that may hold their data. Fails of severity info
// are left out.
func inZones(r residency.Report, control string, zones []string) map[residency.Outcome]int {
	n := inParts(r, control, zones)
	if r.Dossier == nil {
		return n
	}
	for _, c := range r.Dossier.ByZone {
		if c.Control != control || c.Zone != "" && !slices.Contains(zones, c.Zone) {
			continue
		}
		for o, count := range c.Outcomes {
			n[o] += count
		}
		n[residency.Fail] -= c.Info
	}
	return n
}

// inParts is what a control came to in the parts that other stores hold, as far as it decides: those of some zones and the one of
// several zones and none; nil: all of them.
func inParts(r residency.Report, control string, zones []string) map[residency.Outcome]int {
	n := map[residency.Outcome]int{}
	free := map[string]bool{}
	for _, z := range r.Summary.Zones {
		free[z.ID] = !z.Promise
	}
	for i := range r.Summary.Parts {
		part := &r.Summary.Parts[i]
		if zones != nil && part.Zone != residency.NoZone && !slices.Contains(zones, part.Zone) {
			continue
		}
		for o, count := range part.Controls[control] {
			idle := o == residency.Fail && (deciding(part) == 0 || r.Controls[control].Severity == residency.Info) || o == residency.Unknown && !part.Open
			if !idle && (!free[part.Zone] || o != residency.Fail && o != residency.Unknown && o != residency.Waived) {
				n[o] += count
			}
		}
	}
	return n
}
