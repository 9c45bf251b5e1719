package policies

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// controlsRoot is the package below which each package is a control.
const controlsRoot = "controls"

// libRoot is the package below which lies what controls share.
const libRoot = "lib"

// The sets of a control.
const (
	inScopeSet    = "in_scope"
	compliantSet  = "compliant"
	violationsSet = "violations"
)

var controlSets = []string{inScopeSet, compliantSet, violationsSet}

var slugPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// module is one parsed file.
type module struct {
	file
	*ast.Module
}

// compile parses and compiles the Rego among files and returns the controls by id.
func compile(files []file) (*ast.Compiler, []residency.Control, error) {
	modules, err := parse(files)
	if err != nil {
		return nil, nil, err
	}
	if err := separate(modules); err != nil {
		return nil, nil, err
	}
	controls, err := readControls(modules)
	if err != nil {
		return nil, nil, err
	}
	compiler, err := newCompiler()
	if err != nil {
		return nil, nil, err
	}
	if compiler.Compile(byName(modules)); compiler.Failed() {
		return nil, nil, fmt.Errorf("compile policies: %w", problemOf(compiler.Errors))
	}
	return compiler, controls, nil
}

func byName(modules []module) map[string]*ast.Module {
	named := map[string]*ast.Module{}
	for _, m := range modules {
		named[m.shown] = m.Module
	}
	return named
}

func parse(files []file) ([]module, error) {
	var modules []module
	for _, f := range files {
		if !f.rego() {
			continue
		}
		m, err := ast.ParseModuleWithOpts(f.shown, string(f.data), parserOptions())
		if err != nil {
			return nil, fmt.Errorf("parse policy: %w", problemOf(err))
		}
		if m == nil {
			return nil, fmt.Errorf("parse policy: %w", &Problem{File: f.shown, Text: "nothing is in it: write a policy, or delete it"})
		}
		modules = append(modules, module{f, m})
	}
	return modules, nil
}

func parserOptions() ast.ParserOptions {
	return ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1, Capabilities: capabilities()}
}

// newCompiler makes a compiler that checks fields against the input's schema and knows only harmless built-ins.
func newCompiler() (*ast.Compiler, error) {
	data, err := shipped.ReadFile("schemas/input.json")
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	var schema any
	if err := util.Unmarshal(data, &schema); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.MustParseRef("schema.input"), schema)
	return ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).WithSchemas(schemas).
		WithUseTypeCheckAnnotations(true).WithEnablePrintStatements(true), nil // else print is not refused, but erased
}

// separate refuses packages by which one folder could add rules to those of another, also from above or from below; and a
// user's package that would be compiled and never asked.
func separate(modules []module) error {
	for i, a := range modules {
		for _, b := range modules[:i] {
			if a.folder == b.folder {
				continue
			}
			if a.Package.Path.HasPrefix(b.Package.Path) || b.Package.Path.HasPrefix(a.Package.Path) {
				if a.folder < b.folder {
					a, b = b, a // the user's is the one to rename
				}
				return fmt.Errorf("load policies: %w", a.problem(a.Package.Location.Row,
					fmt.Errorf("package %s reaches into %q (package %s) of another folder: rename it", a.name(), b.shown, b.name())))
			}
		}
	}
	for _, m := range modules {
		if m.folder > 0 && !strings.HasPrefix(m.name(), controlsRoot+".") && !strings.HasPrefix(m.name(), libRoot+".") {
			return fmt.Errorf("load policies: %w", m.problem(m.Package.Location.Row,
				fmt.Errorf("package %q: want %s.<slug> for a control, or %s.<name> for what controls share", m.name(), controlsRoot, libRoot)))
		}
	}
	return nil
}

// name is the package's path without the leading data.
func (m module) name() string { return strings.TrimPrefix(m.Package.Path.String(), "data.") }

func readControls(modules []module) ([]residency.Control, error) {
	var controls []residency.Control
	bySlug, byID := map[string]string{}, map[string]string{}
	for _, m := range modules {
		if !m.Package.Path.HasPrefix(ast.MustParseRef("data." + controlsRoot)) {
			continue
		}
		slug := strings.TrimPrefix(m.name(), controlsRoot+".")
		c, err := readControl(m, slug)
		if err == nil {
			err = m.unique(c, bySlug, byID)
		}
		if err != nil {
			return nil, fmt.Errorf("read control: %w", err)
		}
		bySlug[slug], byID[c.ID] = m.shown, m.shown
		controls = append(controls, c)
	}
	slices.SortFunc(controls, func(a, b residency.Control) int { return cmp.Compare(a.ID, b.ID) })
	return controls, nil
}

// unique refuses a control whose package or id is another's, or could be a shipped one's tomorrow.
func (m module) unique(c residency.Control, bySlug, byID map[string]string) error {
	row := m.Package.Location.Row
	if other, ok := bySlug[c.Slug]; ok {
		return m.problem(row, fmt.Errorf("package %q is in %q already: a control is one file", m.name(), other))
	}
	if other, ok := byID[c.ID]; ok {
		return m.problem(row, fmt.Errorf("id %q is taken by %q: choose another", c.ID, other))
	}
	prefix, _, _ := strings.Cut(c.ID, "-")
	if c.Own && slices.Contains(shippedPrefixes, prefix) {
		return m.problem(row, fmt.Errorf("id %q: %s is for shipped checks, take letters of your own, as in ACME-001", c.ID, prefix))
	}
	return nil
}

// shippedPrefixes begin the ids of shipped controls and of the checks of a run.
var shippedPrefixes = []string{"RES", "RUN"}

func readControl(m module, slug string) (residency.Control, error) {
	if m.name() != controlsRoot+"."+slug || !slugPattern.MatchString(slug) {
		return residency.Control{}, m.problem(m.Package.Location.Row, fmt.Errorf("package %q: a control has one of its own, %s.<slug>, in lower case",
			m.name(), controlsRoot))
	}
	c, err := readMetadata(m)
	if err != nil {
		return c, err
	}
	c.Slug = slug
	defined := map[string]bool{}
	for _, r := range m.Rules {
		defined[r.Head.Ref()[0].String()] = true
	}
	for _, set := range controlSets {
		if !defined[set] {
			return c, m.problem(m.Package.Location.Row, fmt.Errorf("set %q is not defined: define all three, %s", set, strings.Join(controlSets, ", ")))
		}
	}
	if c.Kinds[0] == anyKind && refersTo(m.Module, "kind") {
		return c, m.problem(m.Package.Location.Row, errors.New(`it reads "kind" but kinds is ["*"]: list the kinds by name`))
	}
	return c, nil
}

func refersTo(m *ast.Module, field string) bool {
	found := false
	ast.WalkRefs(m, func(ref ast.Ref) bool {
		for _, t := range ref[1:] {
			found = found || t.Equal(ast.StringTerm(field))
		}
		return found
	})
	return found
}
