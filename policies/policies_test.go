package policies

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// pinned holds every id that was ever shipped with its slug. An id is never reused: lines are added, none is changed.
var pinned = map[string]string{
	"RES-001": "replicas_inside",
	"RES-002": "home_inside",
	"RES-003": "backups_inside",
	"RES-004": "logs_inside",
	"RES-005": "streams_inside",
	"RES-006": "queues_inside",
	"RES-007": "caches_inside",
	"RES-008": "transit_inside",
	"RES-009": "keys_inside",
	"RES-010": "metadata_inside",
	"RES-011": "capabilities_inside",
	"RES-012": "shared_inside",
	"RES-013": "stores_classified",
}

func load(t testing.TB, folders ...fs.FS) *Engine {
	t.Helper()
	e, err := LoadFS(t.Context(), folders...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// regoFiles returns every Rego file of the folder on disk, tests included.
func regoFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".rego" {
			return err
		}
		data, err := os.ReadFile(name)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func parseAll(t *testing.T) map[string]*ast.Module {
	t.Helper()
	modules := map[string]*ast.Module{}
	for name, text := range regoFiles(t) {
		m, err := ast.ParseModuleWithOpts(name, text, parserOptions())
		if err != nil {
			t.Fatal(err)
		}
		modules[name] = m
	}
	return modules
}

// What domicile policy test demands of a user's controls holds of the shipped ones: form, strict compilation, tests that pass, fail
// and are unknown, and every line covered.
func TestPolicies(t *testing.T) {
	tested, err := TestShipped(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range tested.Problems {
		t.Error(p)
	}
	if len(tested.Controls) != len(pinned) || tested.Tests < 3*len(pinned) || len(tested.Coverage) <= len(pinned) {
		t.Errorf("%d controls, %d tests, %d files", len(tested.Controls), tested.Tests, len(tested.Coverage))
	}
}

func TestStyle(t *testing.T) {
	for name, text := range regoFiles(t) {
		lines := strings.Split(text, "\n")
		if len(lines) > 101 {
			t.Errorf("%s has %d lines, want at most 100", name, len(lines)-1)
		}
		for i, line := range lines {
			if len(line) > 120 {
				t.Errorf("%s:%d has %d columns, want at most 120", name, i+1, len(line))
			}
		}
		if strings.Contains(text, "import rego.v") {
			t.Errorf("%s imports a language version: users of older releases could not test it", name)
		}
	}
	for name, m := range parseAll(t) {
		if isTest := strings.HasSuffix(m.Package.Path.String(), "_test"); isTest != strings.HasSuffix(name, "_test.rego") {
			t.Errorf("%s has package %s: tests and only tests end in _test", name, m.Package.Path)
		}
	}
}

func TestShippedControls(t *testing.T) {
	severities := map[string]residency.Severity{
		"RES-001": residency.High, "RES-002": residency.High, "RES-003": residency.High, "RES-004": residency.Medium,
		"RES-005": residency.Medium, "RES-006": residency.Medium, "RES-007": residency.Medium, "RES-008": residency.Medium,
		"RES-009": residency.Low, "RES-010": residency.Low, "RES-011": residency.Info, "RES-012": residency.Critical,
		"RES-013": residency.Medium,
	}
	slugs := map[string]string{}
	controls := load(t, Shipped()).Controls()
	for _, c := range controls {
		slugs[c.ID] = c.Slug
		if c.Severity != severities[c.ID] {
			t.Errorf("%s has severity %q, want %q", c.ID, c.Severity, severities[c.ID])
		}
		if !slices.Equal(c.Kinds, []string{"*"}) {
			t.Errorf("%s has kinds %q: no placement of any kind may go unjudged", c.ID, c.Kinds)
		}
		if c.Description == "" {
			t.Errorf("%s has no description", c.ID)
		}
	}
	if diff := cmp.Diff(pinned, slugs); diff != "" {
		t.Errorf("ids (-pinned +shipped):\n%s", diff)
	}
	if !slices.IsSortedFunc(controls, func(a, b residency.Control) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("controls are not sorted by id")
	}
}

// Each role has exactly one residency control, so that no placement goes unjudged and none is judged twice.
func TestEveryRoleHasOneControl(t *testing.T) {
	judges := map[residency.Fact][]string{}
	for _, c := range load(t, Shipped()).Controls() {
		for _, need := range c.Needs {
			judges[need] = append(judges[need], c.ID)
		}
	}
	for _, role := range residency.Roles() {
		if ids := judges[residency.PlacementsOf(role)]; len(ids) != 1 {
			t.Errorf("role %q is judged by %q, want exactly one control", role, ids)
		}
	}
	for _, need := range []residency.Fact{residency.FactSharing, residency.FactAssignment} {
		if len(judges[need]) != 1 {
			t.Errorf("%q is needed by %q, want exactly one control", need, judges[need])
		}
	}
}
