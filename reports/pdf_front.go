package reports

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// cover is part 1.
func (p *pages) cover() {
	p.Title("Data residency report")
	m := p.dossier.Manifest
	pairs := [][2]string{
		{"Entity", or(p.dossier.Organization, "not stated in the configuration")},
		{"System", or(p.dossier.System, "not stated in the configuration")},
		{strings.Fields(observedWords(p.s))[0], p.s.Run.UTC().Format(minute)},
	}
	if per := p.dossier.Period; per != nil {
		pairs = append(pairs, [2]string{"Period", fmt.Sprintf("%s to %s, %s", per.From, per.To, counted(len(per.Nights), "night"))})
	} else {
		pairs = append(pairs, [2]string{"Period", "none: this report is of one instant"})
	}
	pairs = append(pairs, [2]string{"Report", reportName(p.r)},
		[2]string{"Zones with a promise", p.zoneNames(true)}, [2]string{"Zones without a promise", p.zoneNames(false)},
		[2]string{"Classification", "Confidential: it names accounts, resources and their configuration"})
	if !p.kept {
		pairs = append(pairs, [2]string{"Evidence", "no kept run: no manifest, no signature, nothing that could be verified"})
	} else {
		pairs = append(pairs, [2]string{"Tool", "domicile " + or(m.Tool, "of unknown version")},
			[2]string{"Evidence manifest", "SHA-256 " + or(p.dossier.Seal.Manifest, "not sealed")})
	}
	if m.Zone != "" {
		pairs = append(pairs, [2]string{"Part", "this run holds the evidence of zone " + m.Zone + " alone"})
	}
	p.Part("1 Cover")
	p.Pairs(pairs...)
	if f := p.facts; f.annex != nil {
		p.Panel([]pdf.Line{{Text: fmt.Sprintf("The detail is in an annex: %d rows", f.total), Strong: true},
			{Text: fmt.Sprintf("There are more than %d rows of detail. Every row is in %s, a CSV attached inside this PDF; its SHA-256 stands in part 8. "+
				"The pages show each cause with its count and up to %d resources.", mostDetail, f.annex.name, annexedRows)}})
	}
	p.Note("Management statement made by a program from recorded observations. It reports what was observed and what was not. " +
		"Code points that the embedded fonts lack, and such as reorder or hide text, are printed as [U+6570]; the stored run holds the exact text.")
}

func (p *pages) zoneNames(promise bool) string {
	var all []string
	for _, z := range p.s.Zones {
		if z.Promise == promise {
			all = append(all, or(z.Name, z.ID)+" ("+z.ID+": "+or(strings.Join(z.Regions, ", "), "no region")+")")
		}
	}
	return or(strings.Join(all, "; "), "none")
}

// conclusion is part 2.
func (p *pages) conclusion() {
	p.Part("2 Conclusion")
	areas := p.areas()
	lines := []pdf.Line{{Text: p.concluded(), Strong: true}}
	if p.s.Scope != nil && p.s.Scope.Narrowed {
		lines = append(lines, pdf.Line{Text: "The scope was narrowed: this concludes about " + scopeWords(p.s.Scope) + " only."})
	}
	if !p.s.Complete {
		lines = append(lines, pdf.Line{Text: "The run was interrupted: what was not finished was not examined."})
	}
	for _, c := range p.dossier.Commitments {
		word, why := p.commitment(c)
		lines = append(lines, pdf.Line{}, pdf.Line{Text: c.ID + " · " + word, Strong: true}, pdf.Line{Text: c.Text}, pdf.Line{Text: why})
	}
	if len(p.dossier.Commitments) == 0 {
		why := "The configuration states no commitment: the verdicts stand for each shipped control."
		if !p.kept {
			why = "A bare snapshot states no commitment: the verdicts stand for each shipped control."
		}
		lines = append(lines, pdf.Line{Text: why})
	}
	lines = append(lines, pdf.Line{}, pdf.Line{Text: "Population: " + p.populationWords()},
		pdf.Line{Text: fmt.Sprintf("Fail %d, unknown %d, waived %d, pass %d, not applicable %d. Of the fails %d decide nothing: of severity info, or in zones without a promise.",
			p.s.Totals[residency.Fail], p.s.Totals[residency.Unknown],
			p.s.Totals[residency.Waived], p.s.Totals[residency.Pass], p.s.Totals[residency.NotApplicable], p.s.Totals[residency.Fail]-p.deciding())},
		pdf.Line{Text: fmt.Sprintf("Waivers: %d in the register, %d expired; verdicts waived: %d.", len(p.register()), p.expired(), p.s.Totals[residency.Waived])},
		pdf.Line{Text: "Areas not concluded: " + counted(areas, "area") + " not examined; services in use without a scanner: " +
			fmt.Sprint(len(p.s.NotJudged)) + " (part 6)."})
	p.Panel(lines)
	p.Text("Pass means proved inside its zone, fail means proved outside, unknown means that neither was proved. A fail says something about the state of " +
		"compliance; whether the control itself operated, that is whether the runs took place and what they covered, stands apart in part 7. " +
		"A run that finds a violation is a control that detected it.")
	for _, note := range p.s.Notes {
		p.Item("Note of the run: " + note)
	}
	p.Text("Limit: a scan of regions cannot show that nobody in a third country reads the data. Access from elsewhere is a transfer that this report does not see.")
}

func (p *pages) concluded() string {
	switch p.s.Conclusion {
	case residency.ConcludePass:
		return "No exceptions noted in the population examined"
	case residency.ConcludeFail:
		text := fmt.Sprintf("Exceptions noted: %d fail, proved outside", p.deciding())
		if n := p.areas(); n > 0 {
			text += "; and not concluded: " + counted(n, "area") + " not examined"
		}
		return text
	}
	return fmt.Sprintf("Not concluded: %s not examined, %d unknown", counted(p.areas(), "area"), p.s.Totals[residency.Unknown])
}

// deciding counts the fails that decide the conclusion: not of severity info, and in zones with a promise.
func (p *pages) deciding() (n int) {
	for id := range p.facts.controls {
		n += p.here(id)[residency.Fail]
	}
	for i := range p.s.Parts {
		n += deciding(&p.s.Parts[i])
	}
	return n
}

// areas counts the places of scanners with a gap, and the services in use that hold data and have no scanner.
func (p *pages) areas() int {
	type area struct{ scanner, account, region string }
	all := map[area]bool{}
	for _, g := range p.s.Coverage.Gaps {
		all[area{g.Scanner, g.Account, g.Region}] = true
	}
	for _, n := range p.s.NotJudged {
		if n.Data {
			all[area{"not judged " + n.Service, n.Account, n.Region}] = true
		}
	}
	if p.s.Scope == nil && len(all) == 0 {
		return 1 // nothing says what should have been examined
	}
	return len(all)
}

func (p *pages) populationWords() string {
	if !p.kept || len(p.dossier.Population) == 0 {
		if p.kept {
			return "0 resources; of the runs' coverage see part 6."
		}
		stores := 0
		for _, z := range p.s.Zones {
			for _, n := range z.Stores {
				stores += n
			}
		}
		return fmt.Sprintf("%s in a zone, %d in zone none; resources by kind are not in a bare summary.", counted(stores, "data store"), len(p.s.NoZone))
	}
	all, stores := 0, 0
	for _, n := range p.dossier.Population {
		all, stores = all+n.Count, stores+n.Stores
	}
	a := p.s.Coverage.AccountRegions
	if p.s.OfChange() {
		return fmt.Sprintf("%s, %s among them, in a change: %s.", counted(all, "resource"), counted(stores, "data store"), inputWords(p.s))
	}
	return fmt.Sprintf("%s, %s among them, in %d of %s.", counted(all, "resource"), counted(stores, "data store"), a.Examined, counted(a.Planned, "account-region"))
}

// commitment is the worst of the checks of its controls.
func (p *pages) commitment(c residency.Commitment) (word, why string) {
	controls := serving(&p.dossier, c.ID)
	word, why = p.judged(testedBy(controls...))
	return word, why + " Tested by " + counted(len(controls), "control") + " of the organisation."
}

// judgement gathers what checks came to.
type judgement struct {
	fails, unknown, waived, passed int
	states                         int      // checks of the state of things; the others are of the runs
	absent, ran, open, deviations  []string // checks; what the runs came to
	idle                           int      // checks of the runs that do not apply
}

// judged is the worst of what the checks found in zones with a promise. What is tested by checks of the runs alone stands as these do.
func (p *pages) judged(tested map[string][]string) (word, why string) {
	if len(tested) == 0 {
		return "Not concluded", "No check tests it."
	}
	checks := slices.Sorted(keysOf(tested))
	var j judgement
	zones := map[string]bool{}
	for _, id := range checks {
		if run, is := p.runCheck(id); is {
			j.run(run)
			continue
		}
		n := p.outcomes(id)
		if only := tested[id]; len(only) > 0 {
			n = inZones(p.r, id, only)
			for _, z := range only {
				zones[z] = true
			}
		}
		j.states++
		j.fails, j.unknown, j.waived, j.passed = j.fails+n[residency.Fail], j.unknown+n[residency.Unknown], j.waived+n[residency.Waived], j.passed+n[residency.Pass]
		if _, known := p.r.Controls[id]; !known {
			j.absent = append(j.absent, id)
		}
	}
	if j.states > 0 {
		why = fmt.Sprintf("%d pass, %d fail, %d unknown, %d waived, by %s.", j.passed, j.fails, j.unknown, j.waived, named(checks, 12))
		if len(zones) > 0 {
			why = strings.TrimSuffix(why, ".") + "; of zone " + strings.Join(slices.Sorted(keysOf(zones)), ", ") + " and of unclassified stores."
		}
	}
	if len(j.absent) > 0 {
		why += " This version has no check " + named(j.absent, 12) + "."
	}
	if len(j.ran) > 0 {
		why = strings.TrimSpace(why + " In operation: " + strings.Join(j.ran, "; ") + ".")
	}
	return p.judgedWord(j), why
}

func (j *judgement) run(r runResult) {
	j.ran = append(j.ran, r.ID+" "+strings.ReplaceAll(string(r.outcome), "_", " ")+": "+r.reason)
	switch r.outcome {
	case residency.Fail:
		j.deviations = append(j.deviations, r.ID)
	case residency.Unknown:
		j.open = append(j.open, r.ID)
	case residency.NotApplicable:
		j.idle++
	}
}

func (p *pages) judgedWord(j judgement) string {
	areas := p.areas()
	switch {
	case j.fails > 0:
		return fmt.Sprintf("Exceptions noted: %d fail", j.fails)
	case len(j.deviations) > 0:
		return "Deviation in the operation of the control"
	case j.states == 0 && len(j.open) > 0:
		return "Not concluded: " + strings.Join(j.open, ", ") + " unknown"
	case j.states == 0 && j.idle == len(j.ran):
		return "Not applicable"
	case j.states == 0:
		return "No deviation noted in the operation"
	case j.unknown > 0 || areas > 0 || len(j.open) > 0 || len(j.absent) > 0 || !p.s.Complete || p.s.Open:
		var parts []string
		if areas > 0 {
			parts = append(parts, counted(areas, "area")+" not examined")
		}
		if j.unknown > 0 {
			parts = append(parts, fmt.Sprintf("%d unknown", j.unknown))
		}
		for _, id := range j.open {
			parts = append(parts, id+" unknown")
		}
		return strings.TrimSuffix("Not concluded: "+strings.Join(parts, ", "), ": ")
	case j.passed+j.waived == 0:
		return "Not concluded: no verdict decides it"
	}
	return "No exceptions noted in the population examined"
}

// runCheck is the result of a check of how the runs went, and whether id is one.
func (p *pages) runCheck(id string) (runResult, bool) {
	for _, r := range p.runs {
		if r.ID == id {
			return r, true
		}
	}
	return runResult{}, false
}

// outcomes of a control in zones with a promise, in this store and in the parts that others hold.
func (p *pages) outcomes(control string) map[residency.Outcome]int {
	all := p.here(control)
	for o, n := range inParts(p.r, control, nil) {
		if o == residency.Fail || o == residency.Unknown || o == residency.Waived {
			all[o] += n
		}
	}
	return all
}

// here are the outcomes that this store lists. Passes are those of the summary, since a report need not list them; fails that are
// information only are left out.
func (p *pages) here(control string) map[residency.Outcome]int {
	all := map[residency.Outcome]int{residency.Pass: p.s.Controls[control][residency.Pass], residency.NotApplicable: p.s.Controls[control][residency.NotApplicable]}
	if c := p.facts.controls[control]; c != nil {
		all[residency.Fail] = c.promised[residency.Fail] - c.info
		all[residency.Unknown], all[residency.Waived] = c.promised[residency.Unknown], c.promised[residency.Waived]
	}
	return all
}

// statements is part 3.
func (p *pages) statements() {
	p.Part("3 Commitments and controls")
	if !p.kept {
		p.bare("the organisation's commitments and its own controls")
		return
	}
	if len(p.dossier.Commitments)+len(p.dossier.Controls) == 0 {
		p.Text("Nothing to say here: the configuration states neither commitments nor controls of the organisation. Without a promise of its own, " +
			"no general framework asks for a region; write them under commitments and controls.")
		return
	}
	if len(p.dossier.Commitments) > 0 {
		t := p.Table(pdf.Column{Title: "Commitment", Share: 1.2, Face: pdf.Bold}, pdf.Column{Title: "In the organisation's words", Share: 6}, pdf.Column{Title: "Zones", Share: 1})
		for _, c := range p.dossier.Commitments {
			t.Row(c.ID, c.Text, or(strings.Join(c.Zones, ", "), "all"))
		}
		t.End()
	}
	t := p.Table(pdf.Column{Title: "Control", Share: 1, Face: pdf.Bold}, pdf.Column{Title: "Text", Share: 3.4}, pdf.Column{Title: "Owner", Share: 1.2},
		pdf.Column{Title: "Frequency", Share: 1.1}, pdf.Column{Title: "Serves", Share: 1}, pdf.Column{Title: "Tested by", Share: 2.2}, pdf.Column{Title: "Zones", Share: 0.8})
	for _, c := range p.dossier.Controls {
		t.Row(c.ID, c.Text, or(c.Owner, "not stated"), or(c.Frequency, "not stated"), or(c.Commitment, "none stated"), or(strings.Join(c.Checks, ", "), "no check"),
			or(strings.Join(c.Zones, ", "), "all"))
	}
	t.End()
	t = p.Table(pdf.Column{Title: "Control", Share: 1, Face: pdf.Bold}, pdf.Column{Title: "Criteria that its checks bear on directly (all, and in our words, in part 13)", Share: 8.9})
	for _, c := range p.dossier.Controls {
		t.Row(c.ID, or(strings.Join(p.criteria(c.Checks), "; "), "none"))
	}
	t.End()
	if len(p.dossier.Controls) == 0 {
		p.Text("The configuration states no control of the organisation, so that no check is tied to a commitment.")
	}
}

// criteria are those that a check bears on directly.
func (p *pages) criteria(checks []string) (all []string) {
	for _, f := range p.dossier.Frameworks {
		var ids []string
		for _, c := range f.Criteria {
			bears := func(id string) bool { return slices.Contains(checks, id) }
			if c.Strength == residency.Direct && slices.ContainsFunc(c.Checks, bears) {
				ids = append(ids, c.ID)
			}
		}
		if len(ids) > 0 {
			all = append(all, f.Name+" "+strings.Join(ids, ", "))
		}
	}
	return all
}
