package policies

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// patience is how long one batch may take: shipped controls take milliseconds, a user's may be of any cost.
const patience = time.Minute

// The fields of the input, and the values that occur in every one.
var (
	zoneField       = ast.StringTerm("zone")
	resourcesField  = ast.StringTerm("resources")
	idField         = ast.StringTerm("id")
	regionsField    = ast.StringTerm("regions")
	promiseField    = ast.StringTerm("promise")
	kindField       = ast.StringTerm("kind")
	placementsField = ast.StringTerm("placements")
	roleField       = ast.StringTerm("role")
	regionField     = ast.StringTerm("region")
	standingField   = ast.StringTerm("standing")
	storeField      = ast.StringTerm("store")
	assignedField   = ast.StringTerm("assigned")
	resourceField   = ast.StringTerm("resource")
	placementField  = ast.StringTerm("placement")

	roleTerms     = stringTerms(roles)
	standingTerms = stringTerms(standings)
	idTerms       = stringTerms(numbers(batch))
)

func stringTerms[T ~string](values []T) []*ast.Term {
	terms := make([]*ast.Term, len(values))
	for i, v := range values {
		terms[i] = ast.StringTerm(string(v))
	}
	return terms
}

func numbers(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = strconv.Itoa(i)
	}
	return texts
}

func zoneTerm(z residency.Zone) *ast.Term {
	return ast.NewTerm(ast.NewObject(
		[2]*ast.Term{idField, ast.StringTerm(z.ID)},
		[2]*ast.Term{regionsField, ast.ArrayTerm(stringTerms(z.Regions)...)},
		[2]*ast.Term{promiseField, ast.BooleanTerm(z.Promise)},
	))
}

// document is a resource as the group's controls see it.
func (w *worker) document(g *group, id *ast.Term, q question) *ast.Term {
	fields := [][2]*ast.Term{{idField, id}}
	if g.kinds != nil {
		fields = append(fields, [2]*ast.Term{kindField, ast.StringTerm(q.subject.Kind)})
	}
	if q.subject.Read && (g.roles != 0 || g.sharing) {
		places := make([]*ast.Term, 0, len(q.shown))
		distinct(q.shown, func(_ int, s spot) { places = append(places, w.placement(s)) })
		fields = append(fields, [2]*ast.Term{placementsField, ast.ArrayTerm(places...)})
	}
	if g.assignment {
		fields = append(fields, [2]*ast.Term{storeField, ast.BooleanTerm(q.subject.Store)},
			[2]*ast.Term{assignedField, ast.StringTerm(q.subject.Assigned)})
	}
	return ast.NewTerm(ast.NewObject(fields...))
}

// manyPlacements is how many documents of placements a worker keeps: shapes differ, but the placements in them recur.
const manyPlacements = 1024

func (w *worker) placement(s spot) *ast.Term {
	s.place = 0
	if t := w.placements[s]; t != nil {
		return t
	}
	s.region = strings.Clone(s.region) // it must not hold on to the line that it was read from
	fields := make([][2]*ast.Term, 0, 3)
	if s.role != roleHidden {
		fields = append(fields, [2]*ast.Term{roleField, roleTerms[s.role]})
	}
	if s.region != "" {
		fields = append(fields, [2]*ast.Term{regionField, ast.StringTerm(s.region)})
	}
	if s.standing != standingHidden {
		fields = append(fields, [2]*ast.Term{standingField, standingTerms[s.standing]})
	}
	t := ast.NewTerm(ast.NewObject(fields...))
	if len(w.placements) >= manyPlacements {
		clear(w.placements)
	}
	w.placements[s] = t
	return t
}

// ask has Rego answer all questions of a group at once.
func (w *worker) ask(ctx context.Context, zone int, g *group, questions []question) error {
	resources := make([]*ast.Term, len(questions))
	for i, q := range questions {
		resources[i] = w.document(g, idTerms[i], q)
	}
	input := ast.NewObject([2]*ast.Term{resourcesField, ast.ArrayTerm(resources...)})
	zoneName := ""
	if zone >= 0 {
		input.Insert(zoneField, w.zones[zone])
		zoneName = w.names[zone]
	}
	sets, err := w.evaluate(ctx, g, input)
	if err != nil {
		return fmt.Errorf("judge %s for zone %q: %w", w.engine.label(g), zoneName, err)
	}
	verdicts := make([][]marks, len(g.controls))
	for c := range g.controls {
		if verdicts[c], err = readSets(sets, c, questions); err != nil {
			return fmt.Errorf("judge %s for zone %q: %w", w.engine.name(g.controls[c]), zoneName, err)
		}
	}
	for i, q := range questions {
		for c, control := range g.controls {
			f, ok, err := verdicts[c][i].finding(control, g.kinds != nil)
			if err != nil {
				return fmt.Errorf("judge %s for zone %q: %w: %s", w.engine.name(control), zoneName, err, resources[i])
			}
			if ok {
				q.answer.findings = append(q.answer.findings, f)
			}
		}
	}
	return nil
}

func (w *worker) evaluate(ctx context.Context, g *group, input ast.Value) (rego.Vars, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("a batch took longer than %s", patience))
	defer cancel()
	found, err := g.query.Eval(ctx, rego.EvalParsedInput(input))
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, err
	case len(found) != 1:
		return nil, errUndefined
	}
	return found[0].Bindings, nil
}

// name names a control in messages.
func (e *Engine) name(control int) string {
	return fmt.Sprintf("control %s (%s)", e.controls[control].ID, e.controls[control].Slug)
}

// label names the controls of a group in messages.
func (e *Engine) label(g *group) string {
	if len(g.controls) == 1 {
		return e.name(g.controls[0])
	}
	return fmt.Sprintf("%s and %d that need the same", e.name(g.controls[0]), len(g.controls)-1)
}

// marks is what a control's three sets say of one resource.
type marks struct {
	inScope, compliant, violated bool
	positions                    []int
}

// finding turns marks into an outcome; ok is false where the control says nothing of the resource.
func (m marks) finding(control int, byName bool) (f finding, ok bool, err error) {
	f.control = control
	switch {
	case m.violated && m.compliant:
		return f, false, errBothWays
	case m.violated && !m.inScope:
		return f, false, errOutOfScope
	case m.violated:
		slices.Sort(m.positions)
		f.outcome, f.violated = residency.Fail, slices.Compact(m.positions)
	case !m.inScope && !byName:
		return f, false, nil
	case !m.inScope:
		f.outcome = residency.NotApplicable
	case m.compliant:
		f.outcome = residency.Pass
	default:
		f.outcome = residency.Unknown
	}
	return f, true, nil
}
