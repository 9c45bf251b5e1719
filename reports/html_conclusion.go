package reports

import (
	"fmt"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	h "github.com/seed-1578181b/domicile/reports/html"
)

// htmlWords are the outcomes for a reader: a sign and a word, so that no colour is needed.
var htmlWords = map[residency.Outcome]string{
	residency.Fail: "✕ fail", residency.Unknown: "? unknown", residency.Waived: "⚑ waived", residency.Pass: "✓ pass", residency.NotApplicable: "– not applicable",
}

func htmlBadge(class, words string) h.Node {
	return h.Tag("span", h.Class("badge "+class), h.Text(words))
}

func htmlPara(words ...string) h.Node { return h.Tag("p", h.Text(strings.Join(words, ""))) }

func htmlCount(n int) h.Node { return h.Text(fmt.Sprint(n)) }

// deciding are the fails that make the conclusion: those of severity low or higher that no waiver covers.
func (p *htmlPage) deciding() int {
	n := 0
	for severity, fails := range p.report.Summary.Fails {
		if severity.Rank() > residency.Info.Rank() {
			n += fails
		}
	}
	return n
}

// notExamined are the areas with a question that got no answer: places of the scope, and services without a scanner that can hold data.
func (p *htmlPage) notExamined() int {
	areas := map[[3]string]bool{}
	for _, g := range p.report.Summary.Coverage.Gaps {
		areas[[3]string{g.Scanner, g.Account, g.Region}] = true
	}
	for _, n := range p.report.Summary.NotJudged {
		if n.Data {
			areas[[3]string{"not judged " + n.Service, n.Account, n.Region}] = true
		}
	}
	return len(areas)
}

func (p *htmlPage) conclusion() h.Node {
	s := p.report.Summary
	kind, word, sentence := "unknown", "? Not concluded", p.open()
	switch s.Conclusion {
	case residency.ConcludeFail:
		kind, word, sentence = "fail", "✕ Fail", counted(p.deciding(), "violation")+p.severities()+": data proved outside its zone"
		if s.Open {
			sentence += ". " + p.open()
		}
	case residency.ConcludePass:
		kind, word, sentence = "pass", "✓ Pass", "No exceptions noted in the population examined"
	}
	box := h.Tag("div", h.Class("box "+kind), h.Tag("p", h.Class("word"), h.Text(word)), h.Tag("p", h.Class("sentence"), h.Text(sentence+".")))
	for _, warning := range p.warnings() {
		box.Kids = append(box.Kids, h.Tag("p", h.Class("warn"), h.Text("⚠ "+warning)))
	}
	tiles := h.Tag("dl", h.Class("tiles"))
	for _, o := range []residency.Outcome{residency.Fail, residency.Unknown, residency.Waived, residency.Pass, residency.NotApplicable} {
		tiles.Kids = append(tiles.Kids, h.Tag("div", h.Tag("dt", h.Text(htmlWords[o])), h.Tag("dd", htmlCount(s.Totals[o]))))
	}
	tiles.Kids = append(tiles.Kids, h.Tag("div", h.Tag("dt", h.Text("gaps")), h.Tag("dd", htmlCount(len(s.Coverage.Gaps)))))
	if population, stores, known := p.counted(); known {
		tiles.Kids = append(tiles.Kids, h.Tag("div", h.Tag("dt", h.Text("resources")), h.Tag("dd", htmlCount(population))),
			h.Tag("div", h.Tag("dt", h.Text("data stores")), h.Tag("dd", htmlCount(stores))))
	}
	return h.Nodes{box, tiles, p.meaning()}
}

// open says what keeps the run from a pass.
func (p *htmlPage) open() string {
	unknown := p.report.Summary.Totals[residency.Unknown] - p.freeUnknowns()
	words := "Not concluded: " + counted(p.notExamined(), "area") + " not examined"
	if unknown > 0 {
		words += ", " + counted(unknown, "verdict") + " unknown"
	}
	return words
}

func (p *htmlPage) freeUnknowns() (n int) {
	for _, c := range p.controls {
		n += c.freeUnknowns
	}
	return n
}

func (p *htmlPage) severities() string {
	var parts []string
	for _, severity := range []residency.Severity{residency.Critical, residency.High, residency.Medium, residency.Low} {
		if n := p.report.Summary.Fails[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (p *htmlPage) warnings() []string {
	var all []string
	s := p.report.Summary
	switch {
	case s.Scope == nil:
		all = append(all, "The snapshot does not say what should have been examined: that is a gap.")
	case s.Scope.Narrowed:
		all = append(all, "The scope was narrowed: this run concludes about "+scopeWords(s.Scope)+" only.")
	}
	if !s.Complete {
		all = append(all, "The run was interrupted: what was not finished is a gap of class cancelled.")
	}
	data := 0
	for _, n := range s.NotJudged {
		if n.Data {
			data++
		}
	}
	if data > 0 {
		all = append(all, counted(data, "place")+" of services in use that can hold data and that this version does not judge: see What is not judged.")
	}
	for _, w := range p.register() {
		switch w.Status {
		case residency.WaiverExpired:
			all = append(all, "Waiver "+w.ID+" ran out on "+w.Expires+": its violations count as failures.")
		case residency.WaiverExpiring:
			all = append(all, "Waiver "+w.ID+" expires on "+w.Expires+".")
		}
	}
	if len(all) > htmlList {
		all = append(all[:htmlList], counted(len(all)-htmlList, "more warning")+": see the waiver register.")
	}
	return all
}

func (p *htmlPage) meaning() h.Node {
	return h.Tag("p", h.Class("note"), h.Text("Pass: proved inside. Fail: proved outside. Unknown: could not be proved either way. Waived: a fail under a valid waiver. "+
		"A scan of places cannot show that nobody in a third country reads the data. "+
		"Other scanners may report missing cross-region replication; here a replica is judged by its zone: inside it is proved, outside it is a violation or waived."))
}
