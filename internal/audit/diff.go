package audit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// ranRun is a kept run as far as a comparison needs it.
type ranRun struct {
	*Baseline
	manifest residency.Manifest
	proved   map[violation]bool // matters that passed, or were found not to apply
	detail   map[violation]string
}

// Diff compares two kept runs, by their folders.
func Diff(oldDir, newDir string) (*residency.Comparison, error) {
	was, err := readRun(oldDir)
	if err != nil {
		return nil, err
	}
	is, err := readRun(newDir)
	if err != nil {
		return nil, err
	}
	c := &residency.Comparison{Old: was.manifest.Run, New: is.manifest.Run, Policies: was.manifest.Policies != is.manifest.Policies, Config: was.manifest.Config != is.manifest.Config,
		Tool: was.manifest.Tool != is.manifest.Tool, Differences: []residency.Difference{}}
	moved := map[violation]bool{}
	for v, severity := range is.fails {
		if _, old := was.fails[v]; old {
			continue
		}
		d := v.difference(residency.Opened, severity)
		if from, ok := was.elsewhere(v, is); ok {
			d.Change, d.Was = residency.Moved, from.region
			moved[from] = true
		}
		c.Differences = append(c.Differences, d)
	}
	for v, severity := range was.fails {
		if _, still := is.fails[v]; still || moved[v] {
			continue
		}
		d := v.difference(residency.Fixed, severity)
		if reason := is.unexamined(v); reason != "" {
			d.Change, d.Detail = residency.NotReexamined, reason
		}
		c.Differences = append(c.Differences, d)
	}
	failed := map[violation]bool{} // what was a violation and is unknown now is not re-examined, and said so already
	for v := range was.fails {
		failed[violation{control: v.control, resource: v.resource, zone: v.zone}] = true
	}
	for v := range is.unknowns {
		if !was.unknowns[v] && !failed[v] {
			d := v.difference(residency.NewlyUnknown, "")
			d.Detail = is.detail[v]
			c.Differences = append(c.Differences, d)
		}
	}
	for g := range is.gaps {
		if !was.gaps[g] {
			c.Differences = append(c.Differences, residency.Difference{Change: residency.Uncovered, Resource: g.Resource, Account: g.Account, Region: g.Region,
				Detail: strings.TrimSpace(g.Scanner + " " + g.Call + " " + string(g.Class))})
		}
	}
	slices.SortFunc(c.Differences, func(a, b residency.Difference) int {
		return cmp.Or(cmp.Compare(order(a.Change), order(b.Change)), cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), cmp.Compare(a.Control, b.Control), cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Detail, b.Detail))
	})
	return c, nil
}

func order(c residency.Became) int {
	return slices.Index([]residency.Became{residency.Opened, residency.Moved, residency.NewlyUnknown, residency.NotReexamined, residency.Uncovered, residency.Fixed}, c)
}

func (v violation) difference(c residency.Became, severity residency.Severity) residency.Difference {
	return residency.Difference{Change: c, Control: v.control, Resource: v.resource, Zone: v.zone, Severity: severity, Role: v.role, Region: v.region, Account: v.account, Target: v.target}
}

// elsewhere finds the violation of the earlier run that this one is in another place: the same control, resource, zone and role, gone
// from where it was.
func (r *ranRun) elsewhere(v violation, is *ranRun) (violation, bool) {
	var found []violation
	for old := range r.fails {
		_, still := is.fails[old]
		if !still && old.control == v.control && old.resource == v.resource && old.zone == v.zone && old.role == v.role && old.region != v.region {
			found = append(found, old)
		}
	}
	if len(found) != 1 {
		return violation{}, false
	}
	return found[0], true
}

// unexamined says why the later run does not show that a violation has ended; "" where it does: by a proof of the same matter, by another
// violation of it, or by a listing without gaps in which the resource is no more.
func (r *ranRun) unexamined(v violation) string {
	matter := violation{control: v.control, resource: v.resource, zone: v.zone}
	switch {
	case r.unknowns[matter]:
		return orNone(r.detail[matter], "it is unknown in the later run")
	case r.proved[matter]:
		return ""
	}
	for other := range r.fails { // the matter was judged, and this placement is none of those that decide
		if other.control == v.control && other.resource == v.resource && other.zone == v.zone {
			return ""
		}
	}
	for g := range r.gaps {
		if g.Resource == v.resource || g.Resource == "" && r.mayHold(g, v.resource) {
			return strings.TrimSpace(g.Scanner + " " + g.Call + " " + string(g.Class))
		}
	}
	return ""
}

// mayHold reports whether a gap that names no resource may hide this one: it is of the resource's account and region, as far as the ARN
// tells.
func (r *ranRun) mayHold(g residency.RunGap, id string) bool {
	parts := strings.SplitN(id, ":", 6)
	if len(parts) != 6 {
		return true
	}
	region, account := parts[3], parts[4]
	return (region == "" || g.Region == "" || g.Region == region || g.Region == residency.GlobalRegion) && (account == "" || g.Account == "" || g.Account == account)
}

func orNone(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

func readRun(dir string) (*ranRun, error) {
	b, err := ReadBaseline(dir)
	if err != nil {
		return nil, err
	}
	r := &ranRun{Baseline: b, proved: map[violation]bool{}, detail: map[violation]string{}}
	data, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &r.manifest); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "manifest.json"), err)
	}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(dir, snapshot.VerdictsFileName)) {
		if err != nil {
			return nil, err
		}
		m := matterOf(&v)
		switch v.Outcome {
		case residency.Pass, residency.NotApplicable:
			r.proved[m] = true
		case residency.Unknown:
			r.detail[m] = v.Reason
		}
	}
	return r, nil
}
