package plan

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var update = flag.Bool("update", false, "write the golden files anew")

// someRegions are enough of the partition for the test data.
var someRegions = []string{"ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "us-east-1", "us-east-2", "us-west-1", "us-west-2"}

// collected keeps what a change comes to, joined by id as the receiver does.
type collected struct {
	byID map[string]*residency.Resource
	ids  []string
}

func (c *collected) Add(r *residency.Resource) error {
	if c.byID == nil {
		c.byID = map[string]*residency.Resource{}
	}
	old := c.byID[r.ID]
	if old == nil {
		one := *r
		one.Placements = slices.Clone(r.Placements)
		c.byID[r.ID], c.ids = &one, append(c.ids, r.ID)
		return nil
	}
	old.Placements = append(old.Placements, r.Placements...)
	old.Sources = append(old.Sources, r.Sources...)
	if old.Tags == nil {
		old.Tags = r.Tags
	}
	return nil
}

// dump writes a change for a person to read: each resource with its places and sources, and the gaps.
func dump(c *Change) (string, error) {
	var out collected
	lines, err := c.Emit(&out)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	slices.Sort(out.ids)
	for _, id := range out.ids {
		r := out.byID[id]
		fmt.Fprintf(&b, "%s · %s · region %s · account %s · %s", r.ID, r.Kind, orElse(r.Region, "-"), orElse(r.Account, "-"), r.ARN)
		if r.Tags == nil {
			b.WriteString(" · tags not known")
		} else if len(r.Tags) > 0 {
			fmt.Fprintf(&b, " · tags %v", r.Tags)
		}
		b.WriteString("\n")
		for _, p := range r.Placements {
			fmt.Fprintf(&b, "  %s in %s", p.Role, orElse(p.Region, "?"))
			if p.Account != "" {
				b.WriteString(" of " + p.Account)
			}
			if p.Target != "" {
				b.WriteString(" at " + p.Target)
			}
			if p.Via != "" {
				b.WriteString(" by " + p.Via)
			}
			b.WriteString("\n")
		}
		for _, s := range r.Sources {
			fmt.Fprintf(&b, "  from %s %s in %s of %s by %s\n", s.Role, orElse(s.ID, "?"), orElse(s.Region, "?"), orElse(s.Account, "-"), s.Via)
		}
	}
	for _, left := range c.LeftGaps() {
		for _, g := range left {
			fmt.Fprintf(&b, "gap of what is left alone %s %s %s %s\n", g.Call, g.Class, g.Resource, g.Detail)
		}
	}
	for _, l := range lines {
		for _, g := range l.Gaps {
			fmt.Fprintf(&b, "gap %s %s %s %s\n", g.Call, g.Class, g.Resource, g.Detail)
		}
	}
	return b.String(), nil
}

// readFile reads one file of the test data by its own.
func readFile(t testing.TB, path string, o Options) (string, error) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return readText(filepath.Base(path), string(data), o)
}

// readText reads a text as one input, and dumps what it comes to.
func readText(name, data string, o Options) (string, error) {
	c, err := Read([]Input{{Name: name, Data: strings.NewReader(data), Size: int64(len(data))}}, o, "aws", someRegions, nil)
	if err != nil {
		return "", err
	}
	return dump(c)
}

// TestPublishedPlans: real plans of other projects, against what was derived by hand from each.
func TestPublishedPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/tfplan/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got, err := readFile(t, path, Options{})
			if err != nil {
				got = "refused: " + err.Error() + "\n"
			}
			golden(t, path, got)
		})
	}
}

// TestPublishedTemplates: real templates of other projects, deployed to Ireland.
func TestPublishedTemplates(t *testing.T) {
	files, err := filepath.Glob("testdata/cfn/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, path := range files {
		if filepath.Ext(path) == ".csv" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			got, err := readFile(t, path, Options{Region: "eu-west-1"})
			if err != nil {
				got = "refused: " + err.Error() + "\n"
			}
			golden(t, path, got)
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", filepath.Base(path)+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}
