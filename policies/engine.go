// Package policies judges: it loads controls written in Rego and computes, for resources given as subjects, the outcome of
// each control that concerns them.
//
// A control is given only the facts that its METADATA needs. What is left of a subject after that, with the zone, is its
// shape: subjects of one shape have one outcome, so Rego judges each shape once and the answer is kept for the next subject.
//
// A control is a folder with a package controls.<slug> that defines three sets: in_scope and compliant of resource ids, and
// violations of {"resource": id, "placement": position}. A violation is fail, proved is pass, in scope and neither is
// unknown; violated and proved at once, or violated and out of scope, is a broken policy and an error.
package policies

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Engine holds compiled controls. It is safe for concurrent use.
type Engine struct {
	controls []residency.Control
	groups   []*group
	files    []file
}

// Load compiles the shipped policies.
func Load(ctx context.Context) (*Engine, error) { return LoadFS(ctx, Shipped()) }

// LoadWith compiles a user's controls, whose folder messages call dir, beside the shipped ones.
func LoadWith(ctx context.Context, dir string, own fs.FS) (*Engine, error) {
	return loadFolders(ctx, []folder{{Shipped(), ""}, {own, dir}})
}

// LoadFS compiles the policies of the given folders together: the shipped ones and a user's, or those that a run kept. All
// are held to the same restrictions; no folder may add to a package of another, so that none can change what it says.
func LoadFS(ctx context.Context, folders ...fs.FS) (*Engine, error) {
	named := make([]folder, len(folders))
	for i, f := range folders {
		named[i].FS = f
	}
	return loadFolders(ctx, named)
}

func loadFolders(ctx context.Context, folders []folder) (*Engine, error) {
	files, err := readFiles(folders)
	if err != nil {
		return nil, err
	}
	compiler, found, err := compile(files)
	if err != nil {
		return nil, err
	}
	if err := everyFolderHasControls(folders, files, found); err != nil {
		return nil, err
	}
	e := &Engine{controls: found, groups: groupControls(found), files: files}
	for _, g := range e.groups {
		if err := g.prepare(ctx, compiler, found); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// everyFolderHasControls refuses a folder without any: somebody named it, and nothing of it would be judged.
func everyFolderHasControls(folders []folder, files []file, found []residency.Control) error {
	own := slices.ContainsFunc(found, func(c residency.Control) bool { return c.Own })
	switch {
	case len(found) == 0:
		return fmt.Errorf("load policies: no package below %q in %d files", controlsRoot, len(files))
	case len(folders) > 1 && folders[1].name != "" && !own:
		return fmt.Errorf("load policies: there is no control in %s: write one with domicile policy new", folders[1].name)
	}
	return nil
}

// Controls lists the controls by id. The caller must not change them.
func (e *Engine) Controls() []residency.Control { return e.controls }

// Digest is the SHA-256, in hexadecimal, over the paths and contents of Files.
func (e *Engine) Digest() string { return digest(e.files) }

// Files is the policies as used, for the run folder: LoadFS of it is the same engine. Tests are left out.
func (e *Engine) Files() (fs.FS, error) { return archive(e.files) }

// group is the controls that are given the same facts of the same kinds: they share shapes and one prepared query.
type group struct {
	controls   []int    // positions in Engine.controls, ascending
	kinds      []string // nil: every kind, and then the kind is no part of the shape
	roles      roleSet  // roles whose placements are shown
	sharing    bool     // standings of the placements that carry are shown
	assignment bool     // store and assigned are shown
	query      rego.PreparedEvalQuery
}

func groupControls(controls []residency.Control) []*group {
	var groups []*group
	byFacts := map[string]*group{}
	for i, c := range controls {
		key := fmt.Sprintf("%q %q", c.Needs, c.Kinds)
		g := byFacts[key]
		if g == nil {
			g = newGroup(c)
			byFacts[key] = g
			groups = append(groups, g)
		}
		g.controls = append(g.controls, i)
	}
	return groups
}

func newGroup(c residency.Control) *group {
	g := &group{}
	if c.Kinds[0] != anyKind {
		g.kinds = c.Kinds
	}
	for _, need := range c.Needs {
		switch need {
		case residency.FactSharing:
			g.sharing = true
		case residency.FactAssignment:
			g.assignment = true
		default:
			role := strings.TrimPrefix(string(need), placementsPrefix)
			g.roles |= 1 << roleIndex(residency.Role(role))
		}
	}
	return g
}

// concerns reports whether the group's controls are judged for a subject of that kind in a call for that zone.
func (g *group) concerns(s *Subject, zone int) bool {
	if g.assignment && !s.Assignment || !g.assignment && zone < 0 {
		return false
	}
	return g.kinds == nil || slices.Contains(g.kinds, s.Kind)
}

// prepare compiles the group's query. It names every set by a constant path: a dynamic reference is many times slower.
func (g *group) prepare(ctx context.Context, compiler *ast.Compiler, controls []residency.Control) error {
	var query strings.Builder
	for i, c := range g.controls {
		for _, set := range controlSets {
			fmt.Fprintf(&query, "%s := data.%s.%s.%s; ", bindingName(set, i), controlsRoot, controls[c].Slug, set)
		}
	}
	var err error
	g.query, err = rego.New(
		rego.Query(strings.TrimSuffix(query.String(), "; ")),
		rego.Compiler(compiler),
		rego.Strict(true),
		rego.StrictBuiltinErrors(true),
		rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
	).PrepareForEval(ctx)
	if err != nil {
		return fmt.Errorf("prepare controls of %q: %w", controls[g.controls[0]].ID, err)
	}
	return nil
}

func bindingName(set string, i int) string { return fmt.Sprintf("%s_%d", set, i) }
