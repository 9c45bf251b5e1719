package snapshot

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The writer and the reader ask the same questions, so that what is written can be read.

func checkResource(r *residency.Resource) error {
	if r.ID == "" {
		return errors.New("a resource without id")
	}
	if r.Kind == "" {
		return fmt.Errorf("resource %s: no kind", short(r.ID))
	}
	for i := range r.Placements {
		if role := r.Placements[i].Role; !role.Valid() {
			return fmt.Errorf("resource %s: placement %d: %w", short(r.ID), i+1, badRole(role))
		}
	}
	for i := range r.Sources {
		if role := r.Sources[i].Role; role != "" && !role.Valid() {
			return fmt.Errorf("resource %s: source %d: %w", short(r.ID), i+1, badRole(role))
		}
	}
	return nil
}

func badRole(role residency.Role) error {
	if role == "" {
		return errors.New("no role")
	}
	return fmt.Errorf("unknown role %s, want one of %s", short(string(role)), words(residency.Roles()))
}

func checkCoverage(c *residency.Coverage) error {
	where := fmt.Sprintf("coverage of %s in account %s, region %s", short(c.Scanner), short(c.Account), short(c.Region))
	if c.Scanner == "" {
		return errors.New("a coverage line without scanner")
	}
	if !c.Status.Valid() {
		return fmt.Errorf("%s: unknown status %s, want one of %s", where, short(string(c.Status)), words(statuses))
	}
	if c.Resources < 0 {
		return fmt.Errorf("%s: a negative number of resources", where)
	}
	if c.Status == residency.Complete && len(c.Gaps) > 0 {
		return fmt.Errorf("%s: complete, and has gaps", where)
	}
	for i, g := range c.Gaps {
		if g.Call == "" {
			return fmt.Errorf("%s: gap %d: no call", where, i+1)
		}
		if !validClass(g.Class) {
			return fmt.Errorf("%s: gap %d: unknown class %s, want one of %s", where, i+1, short(string(g.Class)), words(classes))
		}
	}
	for i, o := range c.Oracles {
		if o.Oracle == "" || min(o.Known, o.Inventory, o.Gone, o.Uncounted) < 0 {
			return fmt.Errorf("%s: comparison %d: no oracle, or a negative number", where, i+1)
		}
	}
	for i, n := range c.NotJudged {
		if n.Service == "" || n.Count < 0 {
			return fmt.Errorf("%s: service %d that is not judged: no name, or a negative number", where, i+1)
		}
	}
	return nil
}

func checkVerdict(v *residency.Verdict) error {
	switch {
	case v.Control == "":
		return errors.New("a verdict without control")
	case v.Resource == "":
		return errors.New("a verdict without resource")
	case v.Kind == "":
		return errors.New("a verdict without kind")
	case !validOutcome(v.Outcome):
		return fmt.Errorf("verdict on %s: unknown outcome %s, want one of %s", short(v.Resource), short(string(v.Outcome)), words(outcomes))
	case v.Severity.Rank() < 0:
		return fmt.Errorf("verdict on %s: unknown severity %s", short(v.Resource), short(string(v.Severity)))
	}
	for i := range v.Placements {
		if role := v.Placements[i].Role; !role.Valid() {
			return fmt.Errorf("verdict on %s: placement %d: %w", short(v.Resource), i+1, badRole(role))
		}
	}
	return nil
}

var (
	statuses = []residency.Status{residency.Complete, residency.Partial, residency.Denied, residency.Disabled,
		residency.Unsupported, residency.Failed}
	classes = []residency.GapClass{residency.ClassDenied, residency.ClassThrottled, residency.ClassUnimplemented,
		residency.ClassUnreachable, residency.ClassServerError, residency.ClassMalformed, residency.ClassCancelled,
		residency.ClassUnresolved, residency.ClassNotFound, residency.ClassMismatch}
	outcomes = []residency.Outcome{residency.Pass, residency.Fail, residency.Unknown, residency.Waived, residency.NotApplicable}
)

func validClass(c residency.GapClass) bool  { return among(classes, c) }
func validOutcome(o residency.Outcome) bool { return among(outcomes, o) }

func among[T ~string](list []T, v T) bool {
	for _, w := range list {
		if w == v {
			return true
		}
	}
	return false
}

func words[T ~string](list []T) string {
	s := make([]string, len(list))
	for i, w := range list {
		s[i] = string(w)
	}
	return strings.Join(s, ", ")
}
