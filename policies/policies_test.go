package policies

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

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

// cannotFail lists the controls that nothing violates: a store that is not classified proves nothing about its place.
var cannotFail = []string{"stores_classified"}

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

func TestFormat(t *testing.T) {
	for name, text := range regoFiles(t) {
		want, err := format.Source(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s is not in the form of opa fmt (-want +got):\n%s", name, diff)
		}
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

// Policies and their tests compile strictly, against the schema and without the refused built-ins.
func TestCompileWithTests(t *testing.T) {
	compiler, err := newCompiler()
	if err != nil {
		t.Fatal(err)
	}
	if compiler.Compile(parseAll(t)); compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
}

func TestRegoTestsAndCoverage(t *testing.T) {
	modules := parseAll(t)
	compiler, err := newCompiler()
	if err != nil {
		t.Fatal(err)
	}
	covered := cover.New()
	store := inmem.New()
	runner := tester.NewRunner().SetCompiler(compiler).SetStore(store).SetModules(modules).
		SetCoverageQueryTracer(covered).RaiseBuiltinErrors(true).SetTimeout(time.Minute)
	results, err := runner.RunTests(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for r := range results {
		count++
		if !r.Pass() {
			t.Errorf("%s: %s in %s: fail %v, skip %v, error %v", r.Location, r.Name, r.Package, r.Fail, r.Skip, r.Error)
		}
	}
	want := 0
	for name := range modules {
		want += len(testNames(modules[name]))
	}
	if count == 0 || count != want {
		t.Errorf("%d tests ran, the files hold %d", count, want)
	}
	for name, file := range covered.Report(modules).Files {
		if !strings.HasSuffix(name, "_test.rego") && file.Coverage < 100 {
			t.Errorf("%s: %.1f%% of the lines are covered, want all; not covered: %v", name, file.Coverage, file.NotCovered)
		}
	}
}

func testNames(m *ast.Module) []string {
	names := map[string]bool{}
	for _, r := range m.Rules {
		if name := r.Head.Name.String(); strings.HasPrefix(name, "test_") {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func TestEveryControlHasPassFailUnknownTests(t *testing.T) {
	modules := parseAll(t)
	for _, c := range load(t, Shipped()).Controls() {
		m := modules["controls/"+c.Slug+"/policy_test.rego"]
		if m == nil {
			t.Errorf("control %s has no policy_test.rego", c.Slug)
			continue
		}
		for _, word := range []string{"pass", "fail", "unknown"} {
			has := slices.ContainsFunc(testNames(m), func(n string) bool { return strings.HasPrefix(n, "test_"+word) })
			if want := word != "fail" || !slices.Contains(cannotFail, c.Slug); has != want {
				t.Errorf("control %s has a test_%s…: %v, want %v", c.Slug, word, has, want)
			}
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
