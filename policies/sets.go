package policies

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// What makes a control broken, so that no outcome of it can be trusted.
var (
	errUndefined  = errors.New("broken policy: a set is undefined, all three must have a value for every input")
	errBothWays   = errors.New("broken policy: compliant and violated at once")
	errOutOfScope = errors.New("broken policy: violated, but not in scope")
)

// readSets reads the three sets of the control at that position of its group, and returns what they say of each question.
func readSets(sets rego.Vars, control int, questions []question) ([]marks, error) {
	all := make([]marks, len(questions))
	for _, name := range controlSets {
		set, ok := sets[bindingName(name, control)].(ast.Set)
		if !ok {
			return nil, fmt.Errorf("broken policy: %s is not a set", name)
		}
		err := set.Iter(func(t *ast.Term) error {
			if name == violationsSet {
				return readViolation(t, all, questions)
			}
			i, err := resourceNumber(t, len(all))
			if err != nil {
				return fmt.Errorf("broken policy: %s: %w", name, err)
			}
			if name == inScopeSet {
				all[i].inScope = true
			} else {
				all[i].compliant = true
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// readViolation reads {"resource": id} or {"resource": id, "placement": position}.
func readViolation(t *ast.Term, all []marks, questions []question) error {
	object, ok := t.Value.(ast.Object)
	if !ok || object.Get(resourceField) == nil {
		return fmt.Errorf("broken policy: violations: %s: want {\"resource\": id, \"placement\": position}", t)
	}
	i, err := resourceNumber(object.Get(resourceField), len(all))
	if err != nil {
		return fmt.Errorf("broken policy: violations: %w", err)
	}
	all[i].violated = true
	place := object.Get(placementField)
	switch {
	case place == nil && object.Len() == 1:
		return nil
	case place == nil || object.Len() != 2:
		return fmt.Errorf("broken policy: violations: %s: unknown field", t)
	}
	count := 0
	distinct(questions[i].shown, func(int, spot) { count++ })
	number, ok := place.Value.(ast.Number)
	position, exact := number.Int()
	if !ok || !exact || position < 0 || position >= count {
		return fmt.Errorf("broken policy: violations: %s: no such placement among %d", t, count)
	}
	all[i].positions = append(all[i].positions, position)
	return nil
}

func resourceNumber(t *ast.Term, count int) (int, error) {
	id, ok := t.Value.(ast.String)
	if ok {
		if i, err := strconv.Atoi(string(id)); err == nil && i >= 0 && i < count && strconv.Itoa(i) == string(id) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s is no id of the input", t)
}
