package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// BenchmarkAgainstWholeDocument puts the whole of judge (reading, lineage, policies, verdict lines) beside one prepared query of
// the same controls over one document of the same 100,000 resources, made ready beforehand. ratio is how many times as fast.
func BenchmarkAgainstWholeDocument(b *testing.B) {
	const n = 100_000
	e := estate{organization: []string{"1"}}
	for i := range n {
		region := testZones[i%3].Regions[0]
		more := ""
		if i%2 == 0 {
			more = fmt.Sprintf(`,{"role":"backup","region":%q,"account":"1","target":"arn:aws:backup:%s:1:backup-vault:main","via":"backup plan nightly"}`, region, region)
		}
		e.resources = append(e.resources, fmt.Sprintf(`{"id":"arn:aws:s3:::acme-%08d","region":%q,"name":"acme-%08d","tags":{"zone":%q},"placements":[{"role":"primary","region":%q}%s]}`,
			i, region, i, testZones[i%3].ID, region, more))
	}
	file := e.write(b)
	query := wholeQuery(b)
	for b.Loop() {
		runtime.GC()
		start := time.Now()
		j := &Judge{Engine: engine, Zones: testZones, Rules: []residency.Rule{byTag}, Calls: testCalls}
		if _, err := j.Run(context.Background(), file, func(residency.Outcome) bool { return true }, io.Discard); err != nil {
			b.Fatal(err)
		}
		ours := time.Since(start)
		input := wholeDocument(b, e.resources) // only now: a judgement must not pay for a collector that walks a gigabyte of document
		runtime.GC()
		start = time.Now()
		if _, err := query.Eval(context.Background(), rego.EvalParsedInput(input)); err != nil {
			b.Fatal(err)
		}
		whole := time.Since(start)
		b.ReportMetric(whole.Seconds(), "whole-s")
		b.ReportMetric(ours.Seconds(), "judge-s")
		b.ReportMetric(float64(whole)/float64(ours), "ratio")
	}
}

func wholeDocument(b *testing.B, resources []string) ast.Value {
	b.Helper()
	list := make([]any, len(resources))
	for i, text := range resources {
		var r map[string]any
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			b.Fatal(err)
		}
		for _, p := range r["placements"].([]any) {
			p.(map[string]any)["standing"] = "own"
		}
		r["store"], r["assigned"] = true, r["tags"].(map[string]any)["zone"]
		list[i] = r
	}
	z := testZones[0]
	v, err := ast.InterfaceToValue(map[string]any{"resources": list, "zone": map[string]any{"id": z.ID, "regions": z.Regions, "promise": z.Promise}})
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func wholeQuery(b *testing.B) rego.PreparedEvalQuery {
	b.Helper()
	files, err := engine.Files()
	if err != nil {
		b.Fatal(err)
	}
	options := []func(*rego.Rego){rego.Query("x := data.controls"), rego.StrictBuiltinErrors(true)}
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".rego" {
			return err
		}
		source, err := fs.ReadFile(files, name)
		options = append(options, rego.Module(name, string(source)))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	query, err := rego.New(options...).PrepareForEval(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return query
}
