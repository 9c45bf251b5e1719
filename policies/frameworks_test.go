package policies

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// TestShippedFrameworks holds the mapping to the checks that exist: a control or run check that is renamed, added or taken away
// shows here.
func TestShippedFrameworks(t *testing.T) {
	frameworks, err := Frameworks()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]int{}
	for _, c := range engine.Controls() {
		used[c.ID] = 0
	}
	for _, c := range residency.RunChecks() {
		if _, twice := used[c.ID]; twice || c.Title == "" || strings.HasSuffix(c.Title, ".") || c.Description == "" {
			t.Errorf("run check %+v", c)
		}
		used[c.ID] = 0
	}
	var ids []string
	for _, f := range frameworks {
		ids = append(ids, f.ID)
		for _, c := range f.Criteria {
			for _, id := range c.Checks {
				if _, ok := used[id]; !ok {
					t.Errorf("%s %s: there is no check %q", f.ID, c.ID, id)
				}
				used[id]++
			}
		}
	}
	for _, want := range []string{"soc2", "iso27001", "hipaa", "iso27018", "iso27701", "gdpr", "au-privacy", "c5", "ccm"} {
		if !slices.Contains(ids, want) {
			t.Errorf("framework %q is missing", want)
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("ids %q are not sorted or not unique", ids)
	}
	for id, n := range used {
		if n == 0 {
			t.Errorf("no criterion of any framework names %s", id)
		}
	}
}

// TestNothingTestsIt holds criteria of which this version tests nothing to having no check: a gap is printed, not papered over.
func TestNothingTestsIt(t *testing.T) {
	frameworks, err := Frameworks()
	if err != nil {
		t.Fatal(err)
	}
	untested := map[string]bool{}
	for _, f := range frameworks {
		for _, c := range f.Criteria {
			if len(c.Checks) == 0 {
				untested[f.ID+" "+c.ID] = true
			}
		}
	}
	for _, want := range []string{"soc2 CC6.5", "soc2 CC9.2", "iso27001 A.8.10", "iso27001 A.8.20", "gdpr Art. 25", "ccm DSP-16", "hipaa 164.314(a)"} {
		if !untested[want] {
			t.Errorf("%s has checks, and none of this version tests it", want)
		}
	}
}

func TestFrameworkFiles(t *testing.T) {
	const head = "id: xx\nname: Test\nversion: \"1\"\napplies: never\ncriteria:\n"
	const row = "  - {id: A.1, paraphrase: words, strength: direct, basis: unverified, checks: [RES-001]}\n"
	for _, tc := range []struct{ name, text, want string }{
		{"good", head + row, ""},
		{"no checks", head + strings.Replace(row, ", checks: [RES-001]", "", 1), ""},
		{"unknown key", head + strings.Replace(row, "basis", "base", 1), `unknown field "base"`},
		{"other id", strings.Replace(head, "xx", "yy", 1) + row, `id "yy": want that of the file's name`},
		{"no name", strings.Replace(head, "name: Test\n", "", 1) + row, "name, version or applies is missing"},
		{"no criteria", strings.Replace(head, "criteria:\n", "criteria: []\n", 1), "criteria is missing"},
		{"criterion twice", head + row + row, `criterion "A.1" stands twice`},
		{"no paraphrase", head + strings.Replace(row, "words", `""`, 1), "id or paraphrase is missing"},
		{"strength", head + strings.Replace(row, "direct", "strong", 1), `strength "strong"`},
		{"basis", head + strings.Replace(row, "unverified", "hearsay", 1), `basis "hearsay"`},
		{"check twice", head + strings.Replace(row, "[RES-001]", "[RES-001, RES-001]", 1), `check "RES-001" stands twice`},
		{"check form", head + strings.Replace(row, "RES-001", "INV", 1), `check "INV"`},
		{"not yaml", "id: [", "read framework"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := readFrameworks(fstest.MapFS{"frameworks/xx.yaml": {Data: []byte(tc.text)}})
			switch {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}
