package scanners_test

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/remedy"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// row is a tier-1 row of the egress catalogue, tested three times: the copy inside, outside, and where it cannot be known.
type row struct {
	scanner  string // which one sees it
	resource string // id of the resource that holds the placement or source
	inside   expect
	outside  expect // its placement or source must name another region, the target and the setting
	unknown  expect // a placement without a region, or a gap
	between  bool   // an event: the scan follows another
}

// expect is what one set of answers must lead to; placement, source or gap, whichever is set. Answers are recorded from AWS
// or written from the SDK's own types: each file says which.
type expect struct {
	answers   aws
	regions   []string // the partition; nil: testRegions
	resource  string   // where it is not the row's: the same mechanism in another region
	placement residency.Placement
	source    residency.Source
	gap       string // "GetBucketReplication denied"
}

var rows = map[string]row{}

// catalogue registers the test of a row, by the CSV's service and resource_kind.
func catalogue(service, kind string, r row) struct{} {
	key := service + " / " + kind
	if _, twice := rows[key]; twice {
		panic("two tests of " + key)
	}
	rows[key] = r
	return struct{}{}
}

// exempt are the rows that need no triple: they name no copy, or the issue leaves them for later.
var exempt = map[string]string{
	"S3 / replica objects already present":                 "would read objects",
	"Organizations / service control policy (Region deny)": "evaluating SCPs, later",
	"Organizations / resource control policy":              "evaluating RCPs, later",
	"Organizations / account inventory":                    "the runner's own: what to scan",
	"Account / Region opt-in status":                       "the runner's own: what to scan",
	"EC2 / Region list (fallback)":                         "the runner's own: what to scan",
	"STS / caller identity":                                "the runner's own: who asks",
}

func TestCatalogueTier1(t *testing.T) {
	seen := map[string]bool{}
	for _, key := range tier1(t) {
		seen[key] = true
		r, ok := rows[key]
		if reason := exempt[key]; reason != "" {
			if ok {
				t.Errorf("%s: exempt (%s) and tested", key, reason)
			}
			continue
		}
		if !ok {
			t.Errorf("%s: no test with the copy inside, outside and unresolvable", key)
			continue
		}
		t.Run(key, func(t *testing.T) { r.run(t) })
	}
	for key := range rows {
		if !seen[key] {
			t.Errorf("%s: tested, but no row of tier 1", key)
		}
	}
}

func tier1(t *testing.T) (keys []string) {
	t.Helper()
	f, err := os.Open("testdata/egress-catalogue.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[1:] {
		if r[0] == "1" {
			keys = append(keys, r[1]+" / "+r[2])
		}
	}
	if len(keys) != 86 {
		t.Fatalf("tier 1 has %d rows, want 86", len(keys))
	}
	return keys
}

func (r row) run(t *testing.T) {
	in := r.check(t, "inside", r.inside)
	out := r.check(t, "outside", r.outside)
	if in == "" || out == "" || in == out {
		t.Errorf("inside is in %q and outside in %q: want two regions", in, out)
	}
	if p := r.outside.placement; p.Role != "" && p.Via == "" && p.Role != residency.Primary {
		t.Error("outside: the placement does not say by which setting")
	}
	if region := r.check(t, "unknown", r.unknown); region != "" {
		t.Errorf("unknown: resolved to %q", region)
	}
}

// check scans and returns the region that was found.
func (r row) check(t *testing.T, name string, e expect) (region string) {
	t.Helper()
	was := testRegions
	if e.regions != nil {
		testRegions = e.regions
	}
	f := scan(t, r.scanner, e.answers, func(o *scanners.Options) {
		if r.between {
			lookedFor(o)
		}
	})
	testRegions = was
	if e.gap != "" {
		if !slices.ContainsFunc(f.gaps(), func(g string) bool { return strings.HasPrefix(g, e.gap) }) {
			t.Errorf("%s: no gap %q: %v", name, e.gap, f.gaps())
		}
		return ""
	}
	id := r.resource
	if e.resource != "" {
		id = e.resource
	}
	res := f.resource(t, id)
	if name == "outside" {
		role, via := e.placement.Role, e.placement.Via
		if e.source != (residency.Source{}) {
			role, via = e.source.Role, e.source.Via
		}
		if cure := remedy.Find(res.Kind, role, via); cure == nil || !strings.HasSuffix(t.Name(), strings.ReplaceAll(cure.Row, " ", "_")) {
			t.Errorf("%s %s by %q has not this row's remedy but %+v", res.Kind, role, via, cure)
		}
	}
	if e.source != (residency.Source{}) {
		if !slices.Contains(res.Sources, e.source) {
			t.Errorf("%s: no source %+v: %+v", name, e.source, res.Sources)
		}
		return e.source.Region
	}
	if !slices.Contains(res.Placements, e.placement) {
		t.Errorf("%s: no placement %+v: %+v", name, e.placement, res.Placements)
	}
	return e.placement.Region
}
