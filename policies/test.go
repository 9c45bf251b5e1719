package policies

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Tested is what the tests of a folder of policies came to.
type Tested struct {
	Controls []residency.Control
	Tests    int        // that ran
	Coverage []Coverage // of each file but tests, by name
	Problems []*Problem // by file and line; none: all is well
}

// Coverage counts the lines of a file that hold a rule or an expression, and how many of them the tests reached.
type Coverage struct {
	File           string
	Lines, Covered int
}

// wantedTests begin the names of the tests that each control has: an unknown must be proved too.
var wantedTests = []string{"test_pass", "test_fail", "test_unknown"}

// TestShipped tests the shipped policies.
func TestShipped(ctx context.Context) (*Tested, error) {
	return testFolder(ctx, []folder{{Shipped(), ""}})
}

// TestOwn tests a user's controls, whose folder messages call dir, beside the shipped ones. What cannot be compiled is an error
// of the kind that LoadWith gives; what tests find is among the problems.
func TestOwn(ctx context.Context, dir string, own fs.FS) (*Tested, error) {
	return testFolder(ctx, []folder{{Shipped(), ""}, {own, dir}})
}

// testFolder tests the last of the folders: form, metadata, strict compilation against the schema, tests and their coverage.
func testFolder(ctx context.Context, folders []folder) (*Tested, error) {
	engine, err := loadFolders(ctx, folders)
	if err != nil {
		return nil, err
	}
	last := len(folders) - 1
	files, err := folders[last].read(last, func(name string) bool { return strings.HasSuffix(name, ".rego") })
	if err != nil {
		return nil, err
	}
	own, err := parse(files)
	if err != nil {
		return nil, err
	}
	t := &Tested{}
	for _, c := range engine.Controls() {
		if c.Own == (last > 0) {
			t.Controls = append(t.Controls, c)
		}
	}
	for _, m := range own {
		t.form(m)
	}
	t.wanted(own)
	modules := byName(own)
	if last > 0 {
		shipped, err := parse(engine.files)
		if err != nil {
			return nil, err
		}
		for _, m := range shipped {
			if m.folder == 0 {
				modules[m.shown] = m.Module
			}
		}
	}
	if err := t.run(ctx, modules, own); err != nil {
		return nil, err
	}
	slices.SortStableFunc(t.Problems, func(a, b *Problem) int { return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	return t, nil
}

func (t *Tested) problem(file string, line int, text string, args ...any) {
	t.Problems = append(t.Problems, &Problem{File: file, Line: line, Text: fmt.Sprintf(text, args...)})
}

// form holds a file against opa fmt, and its package against its name.
func (t *Tested) form(m module) {
	want, err := format.Source(m.shown, m.data)
	if err != nil {
		t.problem(m.shown, 0, "cannot be formatted: %v", err)
		return
	}
	is, be := strings.Split(string(m.data), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(is), len(be)) {
		if i >= len(is) || i >= len(be) || is[i] != be[i] {
			t.problem(m.shown, i+1, "not in the form of opa fmt: format it")
			break
		}
	}
	if strings.HasSuffix(m.name(), "_test") != m.test() {
		t.problem(m.shown, m.Package.Location.Row, "package %s: tests, and only tests, lie in %s and in a package that ends in _test", m.name(), "*"+testSuffix)
	}
}

// wanted looks for the tests that each control must have. What nothing violates has none that fails.
func (t *Tested) wanted(own []module) {
	tests := map[string][]string{}
	for _, m := range own {
		tests[m.name()] = append(tests[m.name()], testNames(m.Module)...)
	}
	for _, m := range own {
		slug, ok := strings.CutPrefix(m.name(), controlsRoot+".")
		if !ok || m.test() {
			continue
		}
		for _, prefix := range wantedTests {
			has := slices.ContainsFunc(tests[controlsRoot+"."+slug+"_test"], func(n string) bool { return strings.HasPrefix(n, prefix) })
			if want := prefix != "test_fail" || !nothingViolates(m.Module); has != want {
				t.problem(m.shown, m.Package.Location.Row, "%s", missing(prefix, want))
			}
		}
	}
}

func missing(prefix string, want bool) string {
	if want {
		return "no test begins with " + prefix + ": write one in policy_test.rego"
	}
	return "a test begins with " + prefix + ", and nothing can violate the control: name it otherwise"
}

// nothingViolates reports whether violations is the empty set by definition.
func nothingViolates(m *ast.Module) bool {
	return !slices.ContainsFunc(m.Rules, func(r *ast.Rule) bool {
		return r.Head.Ref()[0].String() == violationsSet && (r.Head.Value == nil || r.Head.Value.String() != "set()")
	})
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

// run runs the tests of own and counts what they reached.
func (t *Tested) run(ctx context.Context, modules map[string]*ast.Module, own []module) error {
	compiler, err := newCompiler()
	if err != nil {
		return err
	}
	if compiler.Compile(modules); compiler.Failed() {
		return fmt.Errorf("compile policies: %w", problemOf(compiler.Errors))
	}
	covered := cover.New()
	runner := tester.NewRunner().SetCompiler(compiler).SetStore(inmem.New()).SetModules(modules).
		SetCoverageQueryTracer(covered).RaiseBuiltinErrors(true).SetTimeout(time.Minute)
	results, err := runner.RunTests(ctx, nil)
	if err != nil {
		return fmt.Errorf("test policies: %w", err)
	}
	for r := range results {
		if t.Tests++; !r.Pass() {
			t.problem(r.Location.File, r.Location.Row, "%s %s", r.Name, why(r))
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("test policies: %w", err)
	}
	want := 0
	for _, m := range own {
		want += len(testNames(m.Module))
	}
	if t.Tests != want {
		return fmt.Errorf("test policies: %d tests ran of %d: give each rule that begins with test_ a body", t.Tests, want)
	}
	t.reached(covered.Report(byName(own)), own)
	return nil
}

func why(r *tester.Result) string {
	switch {
	case r.Error != nil:
		return "ended in an error: " + r.Error.Error()
	case r.Skip:
		return "is skipped: a test that does not run proves nothing"
	case r.FailedAt != nil:
		return fmt.Sprintf("fails at line %d: %s", r.FailedAt.Location.Row, r.FailedAt)
	}
	return "fails"
}

func (t *Tested) reached(report cover.Report, own []module) {
	for _, m := range own {
		if m.test() {
			continue
		}
		f := report.Files[m.shown]
		t.Coverage = append(t.Coverage, Coverage{File: m.shown, Lines: f.CoveredLines + f.NotCoveredLines, Covered: f.CoveredLines})
		for _, r := range f.NotCovered {
			t.problem(m.shown, r.Start.Row, "no test reaches lines %d to %d: every rule of a control is tested", r.Start.Row, r.End.Row)
		}
	}
}
