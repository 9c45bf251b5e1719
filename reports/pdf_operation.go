package reports

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

// operation is part 7: whether the control ran, apart from what it found.
func (p *pages) operation() {
	p.Part("7 Control operation: coverage calendar")
	p.runChecks()
	per := p.dossier.Period
	if per == nil {
		if !p.kept {
			p.bare("when it should have been made")
			return
		}
		p.Text("No calendar: this report is of one instant. A calendar of nights, missed runs and spells of violations is in a report of a period " +
			"(domicile report --from DATE --to DATE).")
		m := p.dossier.Manifest
		p.Text(fmt.Sprintf("This run: sequence number %d, %s, previous run's manifest %s.", m.Sequence,
			map[bool]string{true: "complete", false: "interrupted"}[m.Complete], or(m.Previous, "none: it is the first")))
		return
	}
	p.Text("This part says whether the control operated. What the runs found is the state of compliance, in part 8: a night that found violations is a night on which the control worked.")
	counts := map[residency.NightState]int{}
	for _, n := range per.Nights {
		counts[n.State]++
	}
	p.Strong(fmt.Sprintf("%s expected: %d done, %d partial, %d late, %d failed, %d missed. Longest gap without a complete run: %s.", counted(len(per.Nights), "night"),
		counts[residency.NightDone], counts[residency.NightPartial], counts[residency.NightLate], counts[residency.NightFailed], counts[residency.NightMissed],
		counted(per.Longest, "day")))
	p.calendar(per.Nights)
	p.deviations(per.Nights)
	p.nights(per.Nights)
}

// runChecks are the checks of how the runs went, not of what they found.
func (p *pages) runChecks() {
	t := p.Table(pdf.Column{Title: "Run check", Share: 1, Face: pdf.Bold}, pdf.Column{Title: "True when it passes", Share: 3}, pdf.Column{Title: "Result", Share: 1.2, Face: pdf.Bold},
		pdf.Column{Title: "Why", Share: 3.4})
	for _, r := range p.runs {
		t.Row(r.ID, r.Title, strings.ReplaceAll(string(r.outcome), "_", " "), r.reason)
	}
	t.End()
}

// squareOf is the letter and pattern of a night.
func squareOf(s residency.NightState) pdf.Square {
	switch s {
	case residency.NightDone:
		return pdf.Square{Letter: "D", Pattern: pdf.Blank}
	case residency.NightPartial:
		return pdf.Square{Letter: "P", Pattern: pdf.Lined}
	case residency.NightLate:
		return pdf.Square{Letter: "L", Pattern: pdf.Hatched}
	case residency.NightFailed:
		return pdf.Square{Letter: "F", Pattern: pdf.Crossed}
	case residency.NightMissed:
		return pdf.Square{Letter: "M", Pattern: pdf.Solid}
	}
	return pdf.Square{Letter: "?", Pattern: pdf.Crossed}
}

// calendar is a row for each month, a square for each day.
func (p *pages) calendar(nights []residency.Night) {
	if len(nights) == 0 {
		p.Text("The period has no night.")
		return
	}
	var heads []string
	for day := range 31 {
		heads = append(heads, strconv.Itoa(day+1))
	}
	var rows []pdf.GridRow
	for _, n := range nights {
		month, day := monthAndDay(n.Date)
		if day == 0 {
			p.Text("A night without a date: " + n.Date + ", " + string(n.State))
			continue
		}
		if len(rows) == 0 || rows[len(rows)-1].Label != month {
			rows = append(rows, pdf.GridRow{Label: month, Squares: make([]pdf.Square, 31)})
		}
		rows[len(rows)-1].Squares[day-1] = squareOf(n.State)
	}
	p.Grid([]pdf.Series{{Word: "D done", Pattern: pdf.Blank}, {Word: "P partial: with gaps", Pattern: pdf.Lined}, {Word: "L late: done on a later attempt", Pattern: pdf.Hatched},
		{Word: "F failed", Pattern: pdf.Crossed}, {Word: "M missed", Pattern: pdf.Solid}}, heads, rows)
}

// monthAndDay of YYYY-MM-DD; day 0 if it is no date.
func monthAndDay(date string) (month string, day int) {
	if len(date) != len("2006-01-02") {
		return date, 0
	}
	day, err := strconv.Atoi(date[8:])
	if err != nil || day < 1 || day > 31 {
		return date, 0
	}
	return date[:7], day
}

func (p *pages) deviations(nights []residency.Night) {
	p.Section("Missed, failed, late and partial runs")
	t := p.Table(pdf.Column{Title: "Night", Share: 1}, pdf.Column{Title: "State", Share: 0.8, Face: pdf.Bold}, pdf.Column{Title: "Reason", Share: 4}, pdf.Column{Title: "Runs", Share: 2.6, Face: pdf.Mono})
	none := true
	for _, n := range nights {
		if n.State != residency.NightDone {
			none = false
			t.Row(n.Date, string(n.State), or(n.Reason, "no reason is recorded"), or(strings.Join(n.Runs, " "), "none"))
		}
	}
	t.End()
	if none {
		p.Text("0: every night of the period was done.")
	}
}

func (p *pages) nights(nights []residency.Night) {
	p.Section("Every night of the period")
	t := p.Table(pdf.Column{Title: "Night", Share: 1}, pdf.Column{Title: "State", Share: 0.8, Face: pdf.Bold}, pdf.Column{Title: "Concluded", Share: 1.1}, pdf.Column{Title: "Fail", Share: 0.6},
		pdf.Column{Title: "Waived", Share: 0.7}, pdf.Column{Title: "Unknown", Share: 0.8}, pdf.Column{Title: "Stores in zones", Share: 0.9}, pdf.Column{Title: "Runs", Share: 2.8, Face: pdf.Mono})
	for _, n := range nights {
		t.Row(n.Date, string(n.State), or(conclusionWord(n.Conclusion), "no run"), fmt.Sprint(n.Violations), fmt.Sprint(n.Waived), fmt.Sprint(n.Unknown),
			fmt.Sprint(n.Stores), or(strings.Join(n.Runs, " "), "none"))
	}
	t.End()
}

func conclusionWord(c residency.Conclusion) string {
	if c == residency.ConcludeNotConcluded {
		return "not concluded"
	}
	return string(c)
}
