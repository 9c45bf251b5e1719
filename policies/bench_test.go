package policies

import (
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// estate makes n subjects that look like those of an estate: few shapes, 1.5 placements on average, and of the homes the
// given share, in percent, in any of nine regions, nearly all outside.
func estate(seed uint64, n, percent int) []Subject {
	random := rand.New(rand.NewPCG(seed, 2))
	regions := []string{
		"eu-west-1", "ap-southeast-2", "us-east-1", "eu-central-1", "eu-west-2", "ca-central-1", "sa-east-1", "", "us-west-2",
	}
	subjects := make([]Subject, n)
	for i := range subjects {
		home := regions[0]
		if random.IntN(100) < percent {
			home = regions[random.IntN(len(regions))]
		}
		s := Subject{Kind: "s3.bucket", Store: true, Assigned: "test-zone", Assignment: true, Read: true}
		s.Places = []Place{{residency.Primary, home, residency.Own}}
		if random.IntN(2) == 0 {
			s.Places = append(s.Places, Place{roles[random.IntN(len(roles))], home, residency.Inside})
		}
		subjects[i] = s
	}
	return subjects
}

// crowd makes n subjects of 4 to 14 placements, nearly all different: of any role, or all of one.
func crowd(seed uint64, n int, oneRole bool) []Subject {
	random := rand.New(rand.NewPCG(seed, 4))
	subjects := make([]Subject, n)
	for i := range subjects {
		s := Subject{Kind: "s3.bucket", Store: true, Assigned: "test-zone", Assignment: true, Read: true}
		for range 4 + random.IntN(11) {
			role := residency.Replica
			if !oneRole {
				role = roles[random.IntN(len(roles))]
			}
			region := "test-region-" + string(rune('A'+random.IntN(30)))
			s.Places = append(s.Places, Place{role, region, someStandings[random.IntN(len(someStandings))]})
		}
		subjects[i] = s
	}
	return subjects
}

// bench judges n subjects in chunks, by one goroutine a processor; chunk makes those from first on.
func bench(b *testing.B, n int, chunk func(first, n int) []Subject) {
	e := load(b, Shipped())
	for b.Loop() {
		run(b, e.NewJudge(benchZones), n, chunk)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "subjects/s")
}

func run(b *testing.B, j *Judge, n int, chunk func(first, n int) []Subject) {
	b.Helper()
	const size = 700
	var next, results atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			count := 0
			for first := int(next.Add(size)) - size; first < n; first = int(next.Add(size)) - size {
				subjects := chunk(first, min(size, n-first))
				err := j.Judge(b.Context(), 0, subjects, func(_ int, r []Result) error { count += len(r); return nil })
				if err != nil {
					b.Error(err)
					return
				}
			}
			results.Add(int64(count))
		})
	}
	wait.Wait()
	if results.Load() < int64(n) {
		b.Fatalf("%d results of %d subjects", results.Load(), n)
	}
}

var benchZones = []residency.Zone{{ID: "test-zone", Regions: []string{"eu-west-1", "test-region-A", "test-region-B"}, Promise: true}}

// BenchmarkShapes judges 1,000,000 subjects whose shapes recur.
func BenchmarkShapes(b *testing.B) {
	subjects := estate(1, 70_000, 10)
	bench(b, 1_000_000, func(first, n int) []Subject { return subjects[first%70_000:][:n] })
}

// BenchmarkFailing is the same with four in ten failing.
func BenchmarkFailing(b *testing.B) {
	subjects := estate(1, 70_000, 45)
	bench(b, 1_000_000, func(first, n int) []Subject { return subjects[first%70_000:][:n] })
}

// BenchmarkUnique judges 100,000 subjects that are nearly all different: role by role their shapes still recur.
func BenchmarkUnique(b *testing.B) {
	bench(b, 100_000, func(first, n int) []Subject { return crowd(uint64(first), n, false) })
}

// BenchmarkUniqueRole judges 100,000 subjects whose placements are all of one role: nearly each is a shape of its own.
func BenchmarkUniqueRole(b *testing.B) {
	bench(b, 100_000, func(first, n int) []Subject { return crowd(uint64(first), n, true) })
}

// BenchmarkWholeDocument is what the engine is compared with: one prepared query of all controls over one document of
// 100,000 resources, made ready beforehand.
func BenchmarkWholeDocument(b *testing.B) {
	const n = 100_000
	e := load(b, Shipped())
	compiler, _, err := compile(e.files)
	if err != nil {
		b.Fatal(err)
	}
	query, err := rego.New(rego.Query("x := data.controls"), rego.Compiler(compiler), rego.StrictBuiltinErrors(true)).
		PrepareForEval(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	input := wholeDocument(b, estate(1, n, 10))
	for b.Loop() {
		if _, err := query.Eval(b.Context(), rego.EvalParsedInput(input)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "subjects/s")
}

func wholeDocument(b *testing.B, subjects []Subject) ast.Value {
	resources := make([]any, len(subjects))
	for i, s := range subjects {
		list := make([]any, len(s.Places))
		for k, p := range s.Places {
			entry := map[string]any{"role": string(p.Role), "standing": string(p.Standing)}
			if p.Region != "" {
				entry["region"] = p.Region
			}
			list[k] = entry
		}
		id := strconv.Itoa(i)
		resources[i] = map[string]any{"id": id, "kind": s.Kind, "placements": list, "store": s.Store, "assigned": s.Assigned}
	}
	z := benchZones[0]
	zone := map[string]any{"id": z.ID, "regions": z.Regions, "promise": z.Promise}
	value, err := ast.InterfaceToValue(map[string]any{"resources": resources, "zone": zone})
	if err != nil {
		b.Fatal(err)
	}
	return value
}
