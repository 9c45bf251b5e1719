//go:build live

package live

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// violation is one that the seed promises.
type violation struct {
	Control  string   `json:"control"`
	Resource string   `json:"resource"`
	Zone     string   `json:"zone"`
	Regions  []string `json:"regions"` // of the placements that decide it
	Path     []string `json:"path"`
}

// TestStory: every seeded violation is found, in the right region and by the right chain, and nothing else fails; the inventory
// holds, kind by kind, what boto3 lists as owned.
func TestStory(t *testing.T) {
	moto := startMoto(t)
	var want []violation
	if err := json.Unmarshal(script(t, "estate.py", "story", moto.url), &want); err != nil {
		t.Fatal(err)
	}
	if len(want) < 15 {
		t.Fatalf("the story has %d violations", len(want))
	}
	got := scan(t, moto.caller(t, "111111111111"), all())
	if diff := cmp.Diff(sorted(want), sorted(violations(got))); diff != "" {
		t.Errorf("violations (-seeded +found):\n%s", diff)
	}
	if got.exit != 2 || got.Conclusion != residency.ConcludeFail {
		t.Errorf("exit %d, conclusion %q", got.exit, got.Conclusion)
	}
	var listed map[string]int
	if err := json.Unmarshal(script(t, "inventory.py", moto.url), &listed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listed, kinds(t, got.dir)); diff != "" {
		t.Errorf("resources by kind (-boto3 +domicile):\n%s", diff)
	}
}

// TestClean: an estate in which nothing leaves, of services that moto implements whole, is proved.
func TestClean(t *testing.T) {
	moto := startMoto(t)
	script(t, "estate.py", "clean", moto.url)
	got := scan(t, moto.caller(t, "111111111111"), cleanServices)
	if got.exit != 0 || got.Conclusion != residency.ConcludePass || len(got.Coverage.Gaps) > 0 || len(got.Verdicts) > 0 {
		t.Errorf("exit %d, conclusion %q, gaps %+v, verdicts %+v\n%s", got.exit, got.Conclusion, got.Coverage.Gaps, got.Verdicts, got.stderr)
	}
	want := residency.AccountRegions{Planned: 6, Examined: 6}
	if diff := cmp.Diff(want, got.Coverage.AccountRegions); diff != "" {
		t.Errorf("account-regions (-want +got):\n%s", diff)
	}
}

func violations(o outcome) (found []violation) {
	for _, v := range o.Verdicts {
		if v.Outcome != residency.Fail {
			continue
		}
		var regions []string
		for _, p := range v.Placements {
			regions = append(regions, p.Region)
		}
		slices.Sort(regions)
		found = append(found, violation{v.Control, v.Resource, v.Zone, slices.Compact(regions), v.Path})
	}
	return found
}

func sorted(of []violation) []violation {
	slices.SortFunc(of, func(a, b violation) int {
		return strings.Compare(a.Control+" "+a.Resource+" "+a.Zone, b.Control+" "+b.Resource+" "+b.Zone)
	})
	return of
}

func kinds(t *testing.T, run string) map[string]int {
	t.Helper()
	f, err := snapshot.Open(run)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	counts := map[string]int{}
	err = f.Each(context.Background(), func(r *residency.Resource) error { counts[r.Kind]++; return nil }, func(*residency.Coverage) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return counts
}
