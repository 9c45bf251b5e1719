package policies

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/rego"
	"pgregory.net/rapid"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func TestCacheKeepsWhatRecurs(t *testing.T) {
	c := newCache(100_000)
	hot, fresh := c.find([]byte("hot"), 0)
	if !fresh {
		t.Fatal("a new key was known")
	}
	for i := range 10_000 {
		if _, fresh := c.find(fmt.Appendf(nil, "cold %d", i), 0); !fresh {
			t.Fatalf("key %d was known", i)
		}
		if again, fresh := c.find([]byte("hot"), 0); fresh || again != hot {
			t.Fatalf("after %d others the key is gone", i)
		}
	}
	if _, fresh := c.find([]byte("cold 0"), 0); !fresh {
		t.Error("nothing was let go")
	}
}

// No input makes a cache grow beyond its budget: a million shapes, none twice.
func TestCacheIsBounded(t *testing.T) {
	const budget = 8 << 20
	before := heap()
	c := newCache(budget)
	key := make([]byte, 0, 64)
	for i := range 1_000_000 {
		key = fmt.Appendf(key[:0], "a shape of some forty bytes, number %d", i)
		a, _ := c.find(key, findingCost+16)
		a.findings = append(a.findings, finding{outcome: residency.Fail, violated: []int{0, i}})
	}
	if grown := heap() - before; grown > budget {
		t.Errorf("the cache takes %d bytes, want at most %d", grown, budget)
	}
	if len(c.young)+len(c.old) < budget/1000 {
		t.Errorf("the cache holds only %d shapes", len(c.young)+len(c.old))
	}
	runtime.KeepAlive(c)
}

// Nor does a judge: it keeps its caches and a batch's worth of buffers, and nothing of the subjects that it was given.
func TestJudgeIsBounded(t *testing.T) {
	const budget, buffers = 2 << 20, 8 << 20
	before := heap()
	j := load(t, Shipped()).newJudge(benchZones, 1, budget)
	for seed := range uint64(25) {
		subjects := crowd(seed, 800, seed%2 == 0)
		line := strings.Repeat("x", 1<<20) + fmt.Sprint("test-region-", seed) // what a caller reads a region from
		subjects[0].Places[0].Region = line[1<<20:]
		if err := j.Judge(t.Context(), 0, subjects, func(int, []Result) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if grown := heap() - before; grown > budget+buffers {
			t.Fatalf("after %d calls %d bytes are held, want at most %d", seed+1, grown, budget+buffers)
		}
	}
	runtime.KeepAlive(j)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

var (
	someRegions   = []string{"", "test-region-1", "test-region-2", "test-region-3", "test-region-9"}
	someAssigned  = []string{"", residency.NoZone, "test-zone", "free-zone"}
	someStandings = slices.DeleteFunc(slices.Clone(standings), func(s residency.Standing) bool { return s == "" })
)

func randomSubjects(seed uint64, n int) []Subject {
	random := rand.New(rand.NewPCG(seed, 1))
	subjects := make([]Subject, n)
	for i := range subjects {
		s := Subject{Read: random.IntN(20) > 0, Store: random.IntN(2) > 0, Assignment: random.IntN(2) > 0}
		s.Assigned = someAssigned[random.IntN(len(someAssigned))]
		for range random.IntN(8) {
			s.Places = append(s.Places, Place{
				roles[random.IntN(len(roles))], someRegions[random.IntN(len(someRegions))],
				someStandings[random.IntN(len(someStandings))],
			})
		}
		subjects[i] = s
	}
	return subjects
}

// direct judges one subject by plain Rego: no shape, no batch, no memory, every placement in its own place.
type direct struct {
	controls []residency.Control
	queries  []rego.PreparedEvalQuery
}

func newDirect(t *testing.T) direct {
	t.Helper()
	compiler, controls, err := compile(mustRead(t))
	if err != nil {
		t.Fatal(err)
	}
	d := direct{controls: controls}
	for _, c := range controls {
		q, err := rego.New(rego.Query("x := data.controls."+c.Slug), rego.Compiler(compiler)).PrepareForEval(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d.queries = append(d.queries, q)
	}
	return d
}

func mustRead(t *testing.T) []file {
	t.Helper()
	files, err := readFiles([]folder{{Shipped(), ""}})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// judge returns the results in the form of describe.
func (d direct) judge(ctx context.Context, zone *residency.Zone, s Subject) (string, error) {
	var parts []string
	for i, c := range d.controls {
		if byAssignment := c.Needs[0] == residency.FactAssignment; byAssignment && !s.Assignment || !byAssignment && zone == nil {
			continue
		}
		doc, origin := plainDocument(c.Needs[0], s)
		input := map[string]any{"resources": []any{doc}}
		if zone != nil {
			input["zone"] = map[string]any{"id": zone.ID, "regions": zone.Regions, "promise": zone.Promise}
		}
		found, err := d.queries[i].Eval(ctx, rego.EvalInput(input))
		if err != nil {
			return "", err
		}
		sets := found[0].Bindings["x"].(map[string]any)
		if part := plainOutcome(sets, doc, origin); part != "" {
			parts = append(parts, c.ID+" "+part)
		}
	}
	return strings.Join(parts, ", "), nil
}

// plainDocument gives a subject's document for a need, and for each placement in it its position in the subject.
func plainDocument(need residency.Fact, s Subject) (doc map[string]any, origin []int) {
	doc = map[string]any{"id": "0"}
	if need == residency.FactAssignment {
		doc["store"], doc["assigned"] = s.Store, s.Assigned
		return doc, nil
	}
	if !s.Read {
		return doc, nil
	}
	list := []any{}
	for i, p := range s.Places {
		entry := map[string]any{}
		switch {
		case need == residency.FactSharing && p.Role.Carries():
			entry["standing"] = string(p.Standing)
		case need == residency.PlacementsOf(p.Role):
			entry["role"] = string(p.Role)
			if p.Region != "" {
				entry["region"] = p.Region
			}
			if !p.Role.Carries() {
				entry["standing"] = string(p.Standing)
			}
		default:
			continue
		}
		list, origin = append(list, entry), append(origin, i)
	}
	doc["placements"] = list
	return doc, origin
}

func plainOutcome(sets, doc map[string]any, origin []int) string {
	decides := []int{}
	switch {
	case len(sets["violations"].([]any)) > 0:
		for _, v := range sets["violations"].([]any) {
			decides = append(decides, origin[atoi(v.(map[string]any)["placement"])])
		}
		slices.Sort(decides)
		return fmt.Sprintf("fail %v", decides)
	case len(sets["in_scope"].([]any)) == 0:
		return ""
	case len(sets["compliant"].([]any)) > 0:
		return "pass []"
	}
	list, _ := doc["placements"].([]any)
	for i, p := range list {
		entry := p.(map[string]any)
		if _, judged := entry["role"]; judged && entry["region"] == nil || entry["standing"] == "unknown" {
			decides = append(decides, origin[i])
		}
	}
	return fmt.Sprintf("unknown %v", decides)
}

func atoi(number any) int {
	var n int
	fmt.Sscan(fmt.Sprint(number), &n)
	return n
}

// Shapes, batches and a cache that forgets at every turn change no result.
func TestEngineAgreesWithPlainRego(t *testing.T) {
	e, d := load(t, Shipped()), newDirect(t)
	judges := map[string]*Judge{
		"usual": e.newJudge(testZones, 1, cacheBudget), "tiny": e.newJudge(testZones, 1, 2000), "none": e.newJudge(testZones, 1, 0),
	}
	place := rapid.Custom(func(t *rapid.T) Place {
		return Place{rapid.SampledFrom(roles).Draw(t, "role"), rapid.SampledFrom(someRegions).Draw(t, "region"),
			rapid.SampledFrom(someStandings).Draw(t, "standing")}
	})
	subject := rapid.Custom(func(t *rapid.T) Subject {
		return Subject{
			Store: rapid.Bool().Draw(t, "store"), Assigned: rapid.SampledFrom(someAssigned).Draw(t, "assigned"),
			Assignment: rapid.Bool().Draw(t, "assignment"), Read: rapid.IntRange(0, 9).Draw(t, "read") > 0,
			Places: rapid.SliceOfN(place, 0, 6).Draw(t, "places"),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		zone := rapid.IntRange(-1, len(testZones)-1).Draw(rt, "zone")
		subjects := rapid.SliceOfN(subject, 1, 8).Draw(rt, "subjects")
		var z *residency.Zone
		if zone >= 0 {
			z = &testZones[zone]
		}
		for name, j := range judges {
			for i, got := range judged(t, e, j, zone, subjects...) {
				want, err := d.judge(t.Context(), z, subjects[i])
				if err != nil {
					rt.Fatal(err)
				}
				if got != want {
					rt.Fatalf("cache %s, zone %d, subject %+v:\n got %s\nwant %s", name, zone, subjects[i], got, want)
				}
			}
		}
	})
}
