package reports

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"

	"github.com/seed-1578181b/domicile/internal/residency"
	h "github.com/seed-1578181b/domicile/reports/html"
)

var _ = register(Format{Name: "html", Ext: ".html", MediaType: "text/html; charset=utf-8", Write: writeHTML})

//go:embed html/report.css
var htmlStyle string

//go:embed html/report.js
var htmlScript string

// htmlPage is what the page keeps of a report while the verdicts pass by.
type htmlPage struct {
	report   residency.Report
	listed   htmlKept
	flows    *htmlFlows
	controls map[string]*htmlResult
	digest   hash.Hash // of the verdicts as -o ndjson prints them
	verdicts int
}

// htmlResult counts the verdicts of a control that decide nothing, to keep them apart.
type htmlResult struct {
	info, freeFails, freeUnknowns int
}

// writeHTML writes one file that needs nothing else: style, script and data are in it, and its own policy forbids the browser to load
// anything. What matters is plain HTML; the script filters the verdicts and opens the edges of the flow graph. Of the verdicts it keeps
// at most 20,000, the most severe: the rest is counted under a digest.
func writeHTML(w io.Writer, r residency.Report) error {
	p := htmlPage{report: r, flows: newHTMLFlows(r.Summary.Zones), controls: map[string]*htmlResult{}, digest: sha256.New()}
	if err := p.read(); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	out.WriteString("<!DOCTYPE html>\n")
	if err := h.Write(out, cell, p.document()); err != nil {
		return err
	}
	out.WriteString("\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write html: %w", err)
	}
	return nil
}

// read ranges over the verdicts once.
func (p *htmlPage) read() error {
	if p.report.Verdicts == nil {
		return nil
	}
	lines := json.NewEncoder(p.digest)
	lines.SetEscapeHTML(false) // as in ndjson
	for v, err := range p.report.Verdicts {
		if err != nil {
			return fmt.Errorf("read verdicts: %w", err)
		}
		if err := lines.Encode(v); err != nil {
			return fmt.Errorf("encode verdict on %q: %w", v.Resource, err)
		}
		p.verdicts++
		p.setApart(v)
		p.listed.add(v, p.flows.add(v))
	}
	return nil
}

func (p *htmlPage) setApart(v residency.Verdict) {
	zone, known := p.flows.zone(v.Zone)
	free := known && !zone.Promise
	if !free && v.Severity != residency.Info {
		return
	}
	c := p.controls[v.Control]
	if c == nil {
		c = &htmlResult{}
		p.controls[v.Control] = c
	}
	switch {
	case v.Outcome == residency.Fail && free:
		c.freeFails++
	case v.Outcome == residency.Fail:
		c.info++
	case v.Outcome == residency.Unknown && free:
		c.freeUnknowns++
	}
}

func (p *htmlPage) document() h.Node {
	policy := fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
		sourceHash(htmlStyle), sourceHash(htmlScript))
	head := h.Tag("head",
		h.Tag("meta", h.Attr{Key: "charset", Value: "utf-8"}),
		h.Tag("meta", h.Attr{Key: "http-equiv", Value: "Content-Security-Policy"}, h.Attr{Key: "content", Value: policy}),
		h.Tag("meta", h.Attr{Key: "name", Value: "viewport"}, h.Attr{Key: "content", Value: "width=device-width, initial-scale=1"}),
		h.Tag("meta", h.Attr{Key: "name", Value: "color-scheme"}, h.Attr{Key: "content", Value: "light dark"}),
		h.Tag("meta", h.Attr{Key: "name", Value: "referrer"}, h.Attr{Key: "content", Value: "no-referrer"}),
		h.Tag("title", h.Text(p.title())),
		h.Tag("style", h.Trusted(htmlStyle)))
	sections := p.sections()
	menu := h.Tag("ul")
	main := h.Tag("main", h.Attr{Key: "id", Value: "content"})
	for _, s := range sections {
		menu.Kids = append(menu.Kids, h.Tag("li", h.Tag("a", h.Attr{Key: "href", Value: "#" + s.id}, h.Text(s.title))))
		main.Kids = append(main.Kids, h.Trusted("\n"), h.Tag("section", h.Attr{Key: "id", Value: s.id}, h.Attr{Key: "aria-labelledby", Value: s.id + "-title"},
			h.Tag("h2", h.Attr{Key: "id", Value: s.id + "-title"}, h.Text(s.title)), s.body))
	}
	body := h.Tag("body",
		h.Tag("a", h.Class("skip"), h.Attr{Key: "href", Value: "#content"}, h.Text("Skip to the conclusion")),
		h.Tag("header", h.Tag("h1", h.Text(p.title())), p.subtitle()),
		h.Tag("nav", h.Attr{Key: "aria-label", Value: "Parts of the report"}, menu),
		main,
		h.Tag("footer", h.Tag("p", h.Text("Written by domicile from one run. This file loads nothing and sends nothing."))),
		h.Tag("dialog", h.Attr{Key: "id", Value: "detail"}, h.Attr{Key: "aria-labelledby", Value: "detail-title"},
			h.Tag("div", h.Class("bar"), h.Tag("h2", h.Attr{Key: "id", Value: "detail-title"}, h.Attr{Key: "tabindex", Value: "-1"}, h.Text("Detail")),
				h.Tag("button", h.Attr{Key: "type", Value: "button"}, h.Attr{Key: "id", Value: "detail-close"}, h.Text("Close"))),
			h.Tag("div", h.Attr{Key: "id", Value: "detail-body"})),
		h.Trusted("\n"),
		h.Tag("script", h.Attr{Key: "type", Value: "application/json"}, h.Attr{Key: "id", Value: "data"},
			h.Func(func(w *bufio.Writer) error { return p.listed.data(w, p) })),
		h.Trusted("\n"),
		h.Tag("script", h.Trusted(htmlScript)))
	return h.Tag("html", h.Attr{Key: "lang", Value: "en"}, head, body)
}

func sourceHash(block string) string {
	sum := sha256.Sum256([]byte(block))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (p *htmlPage) title() string {
	if d := p.report.Dossier; d != nil && d.Organization != "" {
		return "Data residency · " + clip(d.Organization)
	}
	return "Data residency"
}

func (p *htmlPage) subtitle() h.Node {
	var parts h.Nodes
	add := func(words string) { parts = append(parts, h.Tag("li", h.Text(words))) }
	d := p.report.Dossier
	if d != nil && d.System != "" {
		add("System " + clip(d.System))
	}
	if run := p.report.Summary.Run; !run.IsZero() {
		add(observedWords(p.report.Summary))
	}
	if d == nil {
		add("Written without the record of a kept run: commitments, own controls, population and seal are not known here; domicile report RUN -o html has them")
	} else {
		if d.Manifest.Run != "" {
			add("Run " + d.Manifest.Run)
		}
		if d.Manifest.Tool != "" {
			add("domicile " + d.Manifest.Tool)
		}
		if d.Manifest.Zone != "" {
			add("Evidence of zone " + d.Manifest.Zone + " only")
		}
		if d.Period != nil {
			add("Latest run of the period " + d.Period.From + " to " + d.Period.To)
		}
	}
	return h.Tag("ul", h.Class("facts"), parts)
}

func (p *htmlPage) listDigest() string { return hex.EncodeToString(p.digest.Sum(nil)) }

// htmlSection is a part of the page that the menu leads to.
type htmlSection struct {
	id, title string
	body      h.Node
}

func (p *htmlPage) sections() []htmlSection {
	return []htmlSection{
		{"conclusion", "Conclusion", p.conclusion()},
		{"commitments", "Commitments and own controls", p.commitments()},
		{"flows", "Flow graph", p.graph()},
		{"verdicts", "Verdicts", p.verdictTable()},
		{"controls", "Results per shipped control", p.shipped()},
		{"zones", "Zones", p.zoneTables()},
		{"gaps", "Gaps", p.gapList()},
		{"waivers", "Waiver register", p.waivers()},
		{"coverage", "Coverage", p.coverage()},
		{"population", "Population", p.population()},
		{"not-judged", "What is not judged", p.notJudged()},
		{"oracles", "Completeness", p.oracles()},
		{"period", "Period", p.period()},
		{"verify", "How to verify", p.verify()},
	}
}
