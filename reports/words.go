package reports

import (
	"cmp"
	"iter"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Words that several formats share. None of them is escaped: that depends on where they are put.

func verdictsOf(r residency.Report) iter.Seq2[residency.Verdict, error] {
	if r.Verdicts == nil {
		return func(func(residency.Verdict, error) bool) {}
	}
	return r.Verdicts
}

// sentence says of a verdict what came out, never nothing.
func sentence(v residency.Verdict) string {
	zone := cmp.Or(v.Zone, "no zone")
	switch v.Outcome {
	case residency.Pass:
		return "proved inside " + zone
	case residency.NotApplicable:
		return cmp.Or(clip(v.Reason), "not applicable in "+zone)
	case residency.Unknown:
		return "unknown: " + cmp.Or(clip(v.Reason), "could not be proved either way")
	case residency.Waived:
		text := "waived"
		if w := v.Waiver; w != nil {
			text += ": " + strings.Join([]string{w.ID, "approved by " + w.Approver, "expires " + w.Expires}, ", ")
		}
		return text + ": " + cmp.Or(clip(v.Reason), "proved outside "+zone)
	}
	return cmp.Or(clip(v.Reason), "proved outside "+zone)
}

// gapWords says which question got no answer, where and why.
func gapWords(g residency.RunGap) string {
	words := []string{string(g.Class), strings.TrimSpace(g.Scanner + " " + g.Call)}
	for _, p := range []struct{ noun, name string }{{"account", g.Account}, {"region", g.Region}, {"resource", g.Resource}} {
		if p.name != "" {
			words = append(words, p.noun+" "+p.name)
		}
	}
	if g.Detail != "" {
		words = append(words, clip(g.Detail))
	}
	return strings.Join(words, " · ")
}

// conclusionWords is the first sentence of a report.
func conclusionWords(t *tally) string {
	s := t.report.Summary
	switch s.Conclusion {
	case residency.ConcludeFail:
		return "FAIL: " + violations(t.violations())
	case residency.ConcludePass:
		return "PASS: no exceptions noted in the population examined"
	}
	return "NOT CONCLUDED: " + counted(len(s.Coverage.Gaps), "area") + " not examined"
}

// registered is the register of waivers as it stood: the summary has it, and of older runs the dossier.
func registered(r residency.Report) []residency.WaiverState {
	if len(r.Summary.Waivers) == 0 && r.Dossier != nil {
		return r.Dossier.Waivers
	}
	return r.Summary.Waivers
}
