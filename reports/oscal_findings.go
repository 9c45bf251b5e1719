package reports

import (
	"maps"
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// findings are one for each check.
func (o *oscalWriter) findings(results []runResult) []oscalFinding {
	runs := map[string]runResult{}
	for _, res := range results {
		runs[res.ID] = res
	}
	var all []oscalFinding
	for _, c := range o.checks {
		f := oscalFinding{UUID: o.uuid("finding", c.id), Title: code(c.id), Target: oscalTarget{Type: "objective-id", ID: objective(c.id)}, Observations: o.related[c.id]}
		if c.title != "" {
			f.Title = code(c.id) + " " + prose(c.title)
		}
		var outcome residency.Outcome
		if res, ok := runs[c.id]; ok {
			outcome, f.Description = res.outcome, prose(res.reason)
			f.Target.Status = oscalStatusOf(outcome, res.reason)
		} else {
			n := o.r.Summary.Controls[c.id]
			var why string
			outcome, why = o.outcome(n)
			f.Description = outcomeWords(n) + "."
			f.Target.Status = oscalStatusOf(outcome, why)
		}
		f.Props = oscalProps("outcome", string(outcome))
		for _, id := range slices.Sorted(maps.Keys(o.covered[c.id])) {
			f.Risks = append(f.Risks, oscalRiskRef{o.risks[id].UUID})
		}
		if len(f.Observations) == 0 { // a control that the report knows and the summary does not count
			f.Observations = o.related["RUN-001"][:1]
		}
		all = append(all, f)
	}
	return all
}

// outcome is what all verdicts of a control come to. While anything in scope was not examined no control is satisfied, since
// what was not seen may be outside.
func (o *oscalWriter) outcome(n map[residency.Outcome]int) (residency.Outcome, string) {
	s := o.r.Summary
	switch {
	case n[residency.Fail] > 0:
		return residency.Fail, ""
	case n[residency.Unknown] > 0:
		return residency.Unknown, "Not concluded: " + unknowns(n[residency.Unknown])
	case len(s.Coverage.Gaps) > 0:
		return residency.Unknown, "Not concluded: " + counted(len(s.Coverage.Gaps), "area") + " not examined"
	case !s.Complete || s.Scope == nil:
		return residency.Unknown, "Not concluded: the run was interrupted or its scope is not stated"
	case n[residency.Waived] > 0:
		return residency.Waived, "each violation is waived: see the related risks"
	case n[residency.Pass] == 0:
		return residency.NotApplicable, "nothing in scope of this check was found"
	}
	return residency.Pass, ""
}

// oscalStatusOf maps an outcome. Only what is proved inside is satisfied.
func oscalStatusOf(outcome residency.Outcome, why string) oscalStatus {
	switch outcome {
	case residency.Pass:
		return oscalStatus{State: "satisfied", Reason: "pass"}
	case residency.Fail:
		return oscalStatus{State: "not-satisfied", Reason: "fail"}
	}
	return oscalStatus{"not-satisfied", "other", code(why)}
}
