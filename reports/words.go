package reports

import (
	"cmp"
	"fmt"
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
	if g.Input != "" {
		g.Region = ""
	}
	words := []string{string(g.Class), strings.TrimSpace(g.Scanner + " " + g.Call)}
	for _, p := range []struct{ noun, name string }{{"account", g.Account}, {"region", g.Region}, {"input", g.Input}, {"resource", g.Resource}} {
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
	if s.OfChange() {
		return "NOT CONCLUDED: no violation was seen, but not everything could be proved"
	}
	return "NOT CONCLUDED: " + counted(len(s.Coverage.Gaps), "area") + " not examined"
}

// observedWords is "Observed on 2026-11-23 02:00 UTC": of a change nothing was observed.
func observedWords(s residency.Summary) string {
	verb := "Observed on "
	if s.OfChange() {
		verb = "Judged on "
	}
	return verb + s.Run.UTC().Format("2006-01-02 15:04 MST")
}

// inputWords is "2 of 2 inputs read: plan.json, app.yaml".
func inputWords(s residency.Summary) string {
	n := s.Coverage.Inputs
	text := fmt.Sprintf("%d of %s read", n.Read, counted(n.Given, "input"))
	if s.Scope != nil && len(s.Scope.Inputs) > 0 {
		text += ": " + few(s.Scope.Inputs, 4)
	}
	return text
}

// registered is the register of waivers as it stood: the summary has it, and of older runs the dossier.
func registered(r residency.Report) []residency.WaiverState {
	if len(r.Summary.Waivers) == 0 && r.Dossier != nil {
		return r.Dossier.Waivers
	}
	return r.Summary.Waivers
}
