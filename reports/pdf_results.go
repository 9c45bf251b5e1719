package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

// results is part 8: the state of compliance.
func (p *pages) results() error {
	p.Part("8 Results: state of compliance")
	if p.dossier.Period != nil {
		p.Text("Verdicts, maps and diagrams are those of the last run of the period, " + or(p.dossier.Manifest.Run, "which has no name") +
			"; what was open on other nights is under \"Violations over the period\".")
	}
	if err := p.annexed(); err != nil {
		return err
	}
	p.zoneMap()
	p.ownControls()
	p.shippedControls()
	first, last := p.seen()
	for _, s := range []struct {
		class   detailClass
		title   string
		nothing string
		diagram bool
	}{
		{classFail, "Failures: proved outside", "0 fails in zones with a promise: no exceptions noted in what was examined; what was not stands in part 6.", true},
		{classUnknown, "Unknown: not proved either way", "0 unknown in zones with a promise.", false},
		{classWaived, "Waived: failures under a waiver", "0 verdicts waived.", true},
		{classFree, "Zones without a promise: outcomes that are no promise broken", "0 outcomes to list in zones without a promise.", false},
		{classPass, "Pass: proved inside", "", false},
		{classNotApplicable, "Not applicable", "", false},
	} {
		n := p.facts.rows(s.class)
		if n == 0 && s.nothing == "" {
			continue
		}
		title := fmt.Sprintf("%s: %d", s.title, n)
		if over := n - p.deciding(); s.class == classFail && over > 0 {
			title += fmt.Sprintf(", of which %d of severity info", over)
		}
		p.Section(title)
		if n == 0 {
			p.Text(s.nothing)
		}
		for _, c := range p.facts.ordered(s.class) {
			p.cause(c, s.diagram && !c.rest, first, last)
		}
	}
	if p.facts.rows(classPass) == 0 {
		text := fmt.Sprintf("Passes are not listed here: %d pass, %d not applicable.", p.s.Totals[residency.Pass], p.s.Totals[residency.NotApplicable])
		if p.kept {
			text += " The run's verdicts hold every one, and part 13 samples them."
		}
		p.Text(text)
	}
	return p.spells()
}

func (p *pages) annexed() error {
	f := p.facts
	if f.annex == nil {
		p.Note(fmt.Sprintf("Rows of detail: %d, all of them on the pages below.", f.total))
		return nil
	}
	p.Panel([]pdf.Line{{Text: "The detail is in an annex", Strong: true}, {Text: fmt.Sprintf("%d rows of detail are more than the %d that pages hold. "+
		"Every one is in the annex; below stands each cause with its count and up to %d resources.", f.total, mostDetail, annexedRows)}})
	return p.attach(f.annex)
}

// zoneMap draws the zones, and where data leaves them.
func (p *pages) zoneMap() {
	p.Section("Zone map")
	var rows []pdf.MapRow
	for _, z := range p.s.Zones {
		stores := 0
		for _, n := range z.Stores {
			stores += n
		}
		row := pdf.MapRow{Title: z.ID + " · " + or(z.Name, "no name"), Lines: []string{
			"regions: " + or(strings.Join(z.Regions, ", "), "none"), counted(stores, "data store") + " assigned",
			map[bool]string{true: "promise: its data stays", false: "no promise: its data may leave"}[z.Promise]}}
		places := p.facts.leaves[z.ID]
		for _, place := range slices.SortedFunc(keysOf(places), func(a, b string) int { return cmp.Or(places[b]-places[a], strings.Compare(a, b)) }) {
			row.Targets = append(row.Targets, pdf.MapTarget{Title: place, Label: counted(places[place], "crossing"), Crosses: z.Promise})
		}
		if len(row.Targets) == 0 {
			row.Lines = append(row.Lines, "no crossing seen")
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		p.Text("No zone to draw: the configuration has none.")
		return
	}
	p.Map(rows)
	p.Note("A crossing is a placement that leaves its zone, failed or waived. A double dashed box and a barred arrow mark what lies outside a zone with a promise.")
}

func (p *pages) ownControls() {
	p.Section("Results for each commitment and own control")
	if !p.kept {
		p.bare("the organisation's own controls")
		return
	}
	if len(p.dossier.Commitments)+len(p.dossier.Controls) == 0 {
		p.Text("The configuration states neither commitments nor controls of the organisation.")
		return
	}
	t := p.Table(pdf.Column{Title: "", Share: 1.1}, pdf.Column{Title: "Id", Share: 1, Face: pdf.Bold}, pdf.Column{Title: "Result", Share: 2, Face: pdf.Bold}, pdf.Column{Title: "Found", Share: 4})
	for _, c := range p.dossier.Commitments {
		word, why := p.commitment(c)
		t.Row("commitment", c.ID, word, why)
	}
	for _, c := range p.dossier.Controls {
		word, why := p.judged(testedBy(c))
		t.Row("control", c.ID, word, why)
	}
	t.End()
}

func (p *pages) shippedControls() {
	p.Section("Results for each shipped control")
	ids := slices.Compact(slices.Sorted(func(yield func(string) bool) {
		for _, m := range []func(func(string) bool){keysOf(p.r.Controls), keysOf(p.facts.controls), keysOf(p.s.Controls)} {
			for id := range m {
				if !yield(id) {
					return
				}
			}
		}
	}))
	if len(ids) == 0 {
		p.Text("No control was judged.")
		return
	}
	var bars []pdf.Bar
	for _, id := range ids {
		n := p.outcomes(id)
		bars = append(bars, pdf.Bar{Label: id, Counts: []int{n[residency.Pass], n[residency.Fail], n[residency.Unknown], n[residency.Waived]}})
	}
	p.Bars([]pdf.Series{{Word: "pass", Pattern: pdf.Blank}, {Word: "fail", Pattern: pdf.Solid}, {Word: "unknown", Pattern: pdf.Hatched}, {Word: "waived", Pattern: pdf.Lined}}, bars)
	t := p.Table(pdf.Column{Title: "Control", Share: 1, Face: pdf.Bold}, pdf.Column{Title: "True when it passes", Share: 4}, pdf.Column{Title: "Severity", Share: 0.9},
		pdf.Column{Title: "Tested", Share: 0.8}, pdf.Column{Title: "Pass", Share: 0.7}, pdf.Column{Title: "Fail", Share: 0.7}, pdf.Column{Title: "Unknown", Share: 0.9}, pdf.Column{Title: "Waived", Share: 0.8},
		pdf.Column{Title: "Not appl.", Share: 0.8}, pdf.Column{Title: "No promise", Share: 0.8})
	for _, id := range ids {
		c, n, free := p.r.Controls[id], p.outcomes(id), 0
		if k := p.facts.controls[id]; k != nil {
			free = k.info
			for o, count := range k.free {
				if o != residency.Pass && o != residency.NotApplicable {
					free += count
				}
			}
		}
		tested := n[residency.Pass] + n[residency.Fail] + n[residency.Unknown] + n[residency.Waived]
		t.Row(id, or(c.Title, "this version does not know it"), or(string(c.Severity), "–"), fmt.Sprint(tested), fmt.Sprint(n[residency.Pass]), fmt.Sprint(n[residency.Fail]),
			fmt.Sprint(n[residency.Unknown]), fmt.Sprint(n[residency.Waived]), fmt.Sprint(n[residency.NotApplicable]), fmt.Sprint(free))
	}
	t.End()
	p.Note("Passes and not applicable are of all zones; fail, unknown and waived of zones with a promise and of unclassified stores. " +
		"\"No promise\" counts what decides nothing: outcomes in zones without a promise, and fails of severity info.")
}

// seen are the first and last nights of violations, by control, resource and zone.
func (p *pages) seen() (first, last map[[3]string]string) {
	if p.dossier.Period == nil {
		return nil, nil
	}
	first, last = map[[3]string]string{}, map[[3]string]string{}
	for _, s := range p.dossier.Period.Spells {
		key := [3]string{s.Verdict.Control, s.Verdict.Resource, s.Verdict.Zone}
		if known := first[key]; known == "" || s.FirstSeen < known {
			first[key] = s.FirstSeen
		}
		last[key] = max(last[key], s.LastSeen)
	}
	return first, last
}

// spells is how long each violation was open.
func (p *pages) spells() error {
	p.Section("Violations over the period")
	per := p.dossier.Period
	switch {
	case !p.kept:
		p.bare("what was found on other nights")
		return nil
	case per == nil:
		p.Text("Nothing to say here: this report is of one instant, so that it knows no first and last night of a violation.")
		return nil
	case len(per.Spells) == 0:
		p.Text("0 violations in the nights that were examined.")
		return nil
	}
	t := p.Table(pdf.Column{Title: "Control", Share: 0.9, Face: pdf.Bold}, pdf.Column{Title: "Resource", Share: 3.6, Face: pdf.Mono}, pdf.Column{Title: "Zone", Share: 0.6},
		pdf.Column{Title: "First seen", Share: 1}, pdf.Column{Title: "Last seen", Share: 1}, pdf.Column{Title: "Days open", Share: 0.7}, pdf.Column{Title: "State", Share: 1.6})
	for _, s := range per.Spells[:min(len(per.Spells), mostSpells)] {
		t.Row(s.Verdict.Control, s.Verdict.Resource, s.Verdict.Zone, s.FirstSeen, s.LastSeen, fmt.Sprint(s.DaysOpen), spellState(s))
	}
	t.End()
	if len(per.Spells) <= mostSpells {
		return nil
	}
	p.Strong(fmt.Sprintf("There are %d violations; %d are above, and every one is in an annex.", len(per.Spells), mostSpells))
	header := []string{"control", "resource", "zone", "first_seen", "last_seen", "days_open", "state"}
	return p.attachment("violations.csv", "every violation over the period", header, func(row func(...string)) error {
		for _, s := range per.Spells {
			row(s.Verdict.Control, s.Verdict.Resource, s.Verdict.Zone, s.FirstSeen, s.LastSeen, fmt.Sprint(s.DaysOpen), spellState(s))
		}
		return nil
	})
}

const mostSpells = 5000

func spellState(s residency.Spell) string {
	state := "open"
	if !s.Open {
		state = "ended " + or(s.Ended, "on a night that is not recorded")
	}
	if s.Waived {
		state += ", waived"
	}
	return state
}
