package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	h "github.com/seed-1578181b/domicile/reports/html"
)

// htmlStanding is how a check stands: what of it decides.
type htmlStanding struct {
	class, words string
	rank         int
}

var (
	standFails   = htmlStanding{"fail", "✕ fail", 4}
	standOpen    = htmlStanding{"unknown", "? not concluded", 3}
	standUnseen  = htmlStanding{"unknown", "? no verdict", 2}
	standWaived  = htmlStanding{"waived", "⚑ waived", 1}
	standsInside = htmlStanding{"pass", "✓ no exceptions noted", 0}
	standsRan    = htmlStanding{"pass", "✓ no deviation noted", 0}
	standsIdle   = htmlStanding{"unknown", "– not applicable", -1}
)

// stands says how a shipped control came out, apart from what belongs to zones that are free to leave and what only informs.
func (p *htmlPage) stands(id string, zones []string) (htmlStanding, string) {
	if strings.HasPrefix(id, "RUN-") {
		return p.runStands(id)
	}
	if len(zones) > 0 {
		return p.standsIn(id, zones)
	}
	totals, known := p.report.Summary.Controls[id]
	if _, ours := p.report.Controls[id]; !ours && !known {
		return standUnseen, "not a check of this version"
	}
	apart := htmlResult{}
	if c := p.controls[id]; c != nil {
		apart = *c
	}
	fails := totals[residency.Fail] - apart.freeFails - apart.info
	unknowns := totals[residency.Unknown] - apart.freeUnknowns
	return p.standing(totals, fails, unknowns, htmlTotals(totals))
}

func htmlTotals(n map[residency.Outcome]int) string {
	return fmt.Sprintf("%d fail, %d unknown, %d waived, %d pass", n[residency.Fail], n[residency.Unknown], n[residency.Waived], n[residency.Pass])
}

// standsIn is for a check of which the verdicts of some zones count.
func (p *htmlPage) standsIn(id string, zones []string) (htmlStanding, string) {
	if _, ours := p.report.Controls[id]; !ours {
		return standUnseen, "not a check of this version"
	}
	n := inZones(p.report, id, zones)
	return p.standing(n, n[residency.Fail], n[residency.Unknown], htmlTotals(n))
}

func (p *htmlPage) standing(totals map[residency.Outcome]int, fails, unknowns int, words string) (htmlStanding, string) {
	switch {
	case fails > 0:
		return standFails, words
	case unknowns > 0 || p.report.Summary.Open:
		return standOpen, words
	case totals[residency.Waived] > 0:
		return standWaived, words
	case totals[residency.Pass]+totals[residency.Fail]+totals[residency.Unknown] == 0:
		return standUnseen, "nothing of its kind in the population: " + words
	}
	return standsInside, words
}

// runStands is for the checks on the run itself.
func (p *htmlPage) runStands(id string) (htmlStanding, string) {
	for _, r := range runResults(p.report) {
		if r.ID != id {
			continue
		}
		switch r.outcome {
		case residency.Pass:
			return standsRan, r.reason
		case residency.Fail:
			return standFails, r.reason
		case residency.NotApplicable:
			return standsIdle, r.reason
		}
		return standOpen, r.reason
	}
	return standUnseen, "not a check of this version"
}

func (p *htmlPage) commitments() h.Node {
	d := p.report.Dossier
	if d == nil {
		return htmlPara("Nothing to say: this report was written without the record of a kept run. With it, domicile report RUN -o html names commitments and own controls.")
	}
	if len(d.Commitments)+len(d.Controls) == 0 {
		return htmlPara("The configuration names no commitments and no controls of its own; the results per shipped control stand below.")
	}
	worst := map[string]htmlStanding{}
	var rows []h.Nodes
	for _, c := range d.Controls {
		all, stands := p.ownControl(c)
		if was, seen := worst[c.Commitment]; !seen || stands.rank > was.rank {
			worst[c.Commitment] = stands
		}
		rows = append(rows, h.Nodes{h.Text(c.ID), htmlBadge(stands.class, stands.words), h.Nodes{h.Text(clip(c.Text) + htmlCounting(c.Zones)), all},
			h.Text(cmp.Or(c.Commitment, "none named")),
			h.Text(cmp.Or(c.Owner, "none named")), h.Text(cmp.Or(c.Frequency, "none named"))})
	}
	var promises []h.Nodes
	for _, c := range d.Commitments {
		stands, tested := worst[c.ID]
		if !tested {
			stands = htmlStanding{"unknown", "? no control tests it", 2}
		}
		promises = append(promises, h.Nodes{h.Text(c.ID), htmlBadge(stands.class, stands.words), h.Text(clip(c.Text) + htmlCounting(c.Zones))})
	}
	var body h.Nodes
	if len(promises) > 0 {
		body = append(body, h.Table("Commitments: each as its worst control", []string{"Commitment", "Result", "In the organisation's words"}, promises))
	}
	if len(rows) > 0 {
		body = append(body, h.Table("Own controls: each as its worst check", []string{"Control", "Result", "Text and checks", "Commitment", "Owner",
			"Frequency"}, htmlTogether(rows)))
	}
	return body
}

// htmlCounting says whose verdicts count.
func htmlCounting(zones []string) string {
	if len(zones) == 0 {
		return ""
	}
	return " (of zone " + strings.Join(zones, ", ") + " and of unclassified stores)"
}

// ownControl lists the checks of one of the organisation's controls, and finds the worst.
func (p *htmlPage) ownControl(c residency.OwnControl) (h.Node, htmlStanding) {
	list := h.Tag("ul", h.Class("checks"))
	worst := htmlStanding{"unknown", "? no check tests it", 2}
	for i, id := range c.Checks {
		stands, words := p.stands(id, c.Zones)
		if i == 0 || stands.rank > worst.rank {
			worst = stands
		}
		list.Kids = append(list.Kids, h.Tag("li", h.Text(id+" "), htmlBadge(stands.class, stands.words), h.Text(" "+words)))
	}
	return list, worst
}

// htmlTogether keeps several nodes of one cell together.
func htmlTogether(rows []h.Nodes) []h.Nodes {
	for _, row := range rows {
		for i, n := range row {
			if several, ok := n.(h.Nodes); ok {
				row[i] = h.Tag("div", several)
			}
		}
	}
	return rows
}

func (p *htmlPage) shipped() h.Node {
	var rows []h.Nodes
	for _, id := range p.controlIDs() {
		c, totals := p.report.Controls[id], p.report.Summary.Controls[id]
		stands, _ := p.stands(id, nil)
		apart := htmlResult{}
		if r := p.controls[id]; r != nil {
			apart = *r
		}
		rows = append(rows, h.Nodes{h.Text(id), htmlBadge(stands.class, stands.words), h.Text(c.Title), h.Text(string(c.Severity)),
			htmlCount(totals[residency.Fail]),
			htmlCount(totals[residency.Unknown]), htmlCount(totals[residency.Waived]), htmlCount(totals[residency.Pass]), htmlCount(totals[residency.NotApplicable]),
			htmlCount(apart.info + apart.freeFails + apart.freeUnknowns)})
	}
	if len(rows) == 0 {
		return htmlPara("No control was judged.")
	}
	return h.Nodes{
		h.Table("What each control found", []string{"Control", "Result", "True when it passes", "Severity", "Fail#", "Unknown#", "Waived#", "Pass#",
			"Not applicable#", "Deciding nothing#"}, rows),
		h.Tag("p", h.Class("note"), h.Text("Deciding nothing: fails of severity info, and fails and unknowns of zones that are free to leave. They are among the numbers before. "+
			"A control stands as not concluded while any gap or unknown of the run is open.")),
	}
}

// controlIDs are those that the report knows or counts.
func (p *htmlPage) controlIDs() []string {
	var ids []string
	for id := range p.report.Controls {
		ids = append(ids, id)
	}
	for id := range p.report.Summary.Controls {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
