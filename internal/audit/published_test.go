package audit

import (
	"context"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/scanners/plan"
)

// published is where other projects' plans and templates lie, with what each has to conclude, derived by hand.
const published = "../../scanners/plan/testdata"

// everythingStays assigns every store of a change to a zone of one region.
const everythingStays = `version: 1
zones:
  eu: {name: European Union, regions: [eu-west-1]}
assign:
  - {arn: "*", zone: eu}
`

// TestPublishedConclusions: every plan and template of other projects concludes as its file says, templates deployed to Ireland. None with
// a region that nobody can tell passes.
func TestPublishedConclusions(t *testing.T) {
	f, err := os.Open(filepath.Join(published, "conclusions.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, line := range lines[1:] {
		folder, file, want := line[0], line[1], line[2]
		told[filepath.Join(folder, file)] = true
		t.Run(file, func(t *testing.T) {
			options := plan.Options{}
			if folder == "cfn" {
				options.Region = "eu-west-1"
			}
			if got := conclusion(t, filepath.Join(published, folder, file), options); got != want {
				t.Errorf("%s, want %s: %s", got, want, line[3])
			}
		})
	}
	files, err := filepath.Glob(filepath.Join(published, "[ct]f*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if name, _ := filepath.Rel(published, path); !told[name] && filepath.Base(path) != "manifest.csv" {
			t.Errorf("%s has no conclusion", name)
		}
	}
}

// conclusion is that of a check of one file; refused where it cannot be read.
func conclusion(t *testing.T, path string, o plan.Options) string {
	t.Helper()
	dir := t.TempDir()
	settings := filepath.Join(dir, "domicile.yaml")
	if err := os.WriteFile(settings, []byte(everythingStays), 0o600); err != nil {
		t.Fatal(err)
	}
	zones, err := policies.Zones()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(settings, zones)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	in := plan.Input{Name: filepath.Base(path), Data: strings.NewReader(string(data)), Size: int64(len(data))}
	c := Check{Judge: NewJudge(engine, cfg), Config: cfg, Inputs: []plan.Input{in}, Options: o, Dir: dir, Tool: "test", Now: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)}
	result, err := c.Run(context.Background(), func(residency.Outcome) bool { return true }, io.Discard)
	if err != nil {
		return "refused"
	}
	return string(result.Summary.Conclusion)
}
