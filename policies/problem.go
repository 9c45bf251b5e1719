package policies

import (
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Problem is what is wrong with a policy, where, and what cures it.
type Problem struct {
	File string
	Line int // 0: the file as a whole
	Text string
}

func (p *Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

func (m module) problem(line int, err error) error {
	return &Problem{File: m.shown, Line: line, Text: err.Error()}
}

// problemOf is the first of the library's errors, with what cures it: later ones are mostly its consequence.
func problemOf(err error) error {
	var all ast.Errors
	var one *ast.Error
	switch {
	case errors.As(err, &all) && len(all) > 0:
		all.Sort()
		one = all[0]
	case !errors.As(err, &one):
		return err
	}
	if one.Location == nil {
		return err
	}
	text := one.Message
	if one.Details != nil {
		text += " (" + strings.Join(details(one.Details), ", ") + ")"
	}
	return &Problem{File: one.Location.File, Line: one.Location.Row, Text: text + ": " + cure(one)}
}

// details are the library's further lines without the arrows that point into the one before.
func details(d ast.ErrorDetails) (lines []string) {
	for _, line := range d.Lines() {
		if line = strings.TrimSpace(line); strings.Trim(line, "^") != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// cure says what to do about an error, by its kind.
func cure(e *ast.Error) string {
	switch {
	case e.Code == ast.ParseErr:
		return "write Rego v1, without what is refused"
	case strings.Contains(e.Message, "undefined function"):
		return "controls run without network, environment, clock, chance and output"
	case strings.Contains(e.Message, "undefined ref"):
		return "name a field that a control is given"
	case strings.Contains(e.Message, "unused"):
		return "remove it, policies compile strictly"
	case e.Code == ast.RecursionErr:
		return "break the circle"
	}
	return "correct it"
}
