package reports

import (
	"cmp"
	"fmt"

	"github.com/seed-1578181b/domicile/internal/residency"
	h "github.com/seed-1578181b/domicile/reports/html"
)

// edgeNames are the words of the edges, by number, for the panel.
func (p *htmlPage) edgeNames() []string {
	names := make([]string, len(p.flows.all))
	for i, f := range p.flows.all {
		names[i] = cell(f.words())
	}
	return names
}

// graph draws the crossings twice, for a wide and for a narrow screen, of which the style sheet shows one.
func (p *htmlPage) graph() h.Node {
	legend := "✕ violation (solid line), ⚑ waived (dashed line). Only promised zones are drawn; what is unknown, or could move data but has not, is in the table below."
	if len(p.flows.all) == 0 {
		return h.Nodes{htmlPara("No edge crosses the border of a promised zone in the population examined: there is nothing to draw. Verdicts that are unknown stand below.")}
	}
	wide := htmlDrawing{width: 960, box: 272, chars: 34, size: "13", flows: p.flows}
	narrow := htmlDrawing{width: 340, box: 118, chars: 16, size: "11", flows: p.flows}
	return h.Nodes{
		h.Tag("p", h.Text(counted(p.flows.drawn, "crossing")+" on "+counted(len(p.flows.all),
			"edge")+". Choose an edge, by pointer or by Tab and Enter, to read its chains.")),
		h.Tag("p", h.Class("note"), h.Text(legend)),
		wide.svg("graph wide"), narrow.svg("graph narrow"),
		h.Tag("details", h.Tag("summary", h.Text("The edges in words")), p.edgeList()),
	}
}

func (p *htmlPage) edgeList() h.Node {
	list := h.Tag("ul")
	for _, name := range p.edgeNames() {
		list.Kids = append(list.Kids, h.Tag("li", h.Text(name)))
	}
	return list
}

// verdictTable is filled by the script; what stands here says what is listed and what is not.
func (p *htmlPage) verdictTable() h.Node {
	field := func(id, name string, control h.Element) h.Node {
		control.Attrs = append(control.Attrs, h.Attr{Key: "id", Value: id})
		return h.Tag("div", h.Tag("label", h.Attr{Key: "for", Value: id}, h.Text(name)), control)
	}
	filter := h.Tag("div", h.Class("filter js"), h.Attr{Key: "role", Value: "search"}, h.Attr{Key: "aria-label", Value: "Filter the verdicts"},
		field("by-text", "Text", h.Tag("input", h.Attr{Key: "type", Value: "search"}, h.Attr{Key: "autocomplete", Value: "off"})))
	for _, f := range [][2]string{{"by-outcome", "Outcome"}, {"by-severity", "Severity"}, {"by-zone", "Zone"}, {"by-control", "Control"},
		{"by-account", "Account"}} {
		filter.Kids = append(filter.Kids, field(f[0], f[1], h.Tag("select")))
	}
	return h.Nodes{
		p.notListed(),
		h.Tag("noscript", p.gravest()),
		filter,
		h.Tag("p", h.Class("js"), h.Attr{Key: "id", Value: "found"}, h.Attr{Key: "role", Value: "status"}),
		h.Tag("div", h.Class("js"), h.Attr{Key: "id", Value: "table"}),
		h.Tag("p", h.Class("js"), h.Tag("button", h.Attr{Key: "type", Value: "button"}, h.Attr{Key: "id", Value: "more"}, h.Text("Show more"))),
	}
}

func (p *htmlPage) notListed() h.Node {
	k, s := p.listed, p.report.Summary
	words := fmt.Sprintf("%s listed here: violations, waived and unknown. Passes (%d) and not applicable (%d) are counts.",
		counted(k.rows, "verdict"), s.Totals[residency.Pass], s.Totals[residency.NotApplicable])
	parts := h.Nodes{htmlPara(words)}
	if over := k.left - k.passes; over > 0 {
		parts = append(parts, h.Tag("p", h.Class("warn"),
			h.Text(fmt.Sprintf("⚠ %s not listed, because this page is bounded: the most severe come first.", counted(over, "further verdict")))))
	}
	pairs := h.Nodes{h.Text("SHA-256 of the " + counted(p.verdicts, "verdict") + " that this report was given, as -o ndjson prints them"), h.Code(p.listDigest())}
	if d := p.report.Dossier; d != nil && d.Manifest.Verdicts != "" {
		pairs = append(pairs, h.Text("SHA-256 of all verdict lines of the run, passes included (manifest)"), h.Code(d.Manifest.Verdicts))
	}
	if p.report.Command != "" {
		pairs = append(pairs, h.Text("Lists every one"), h.Code(p.report.Command))
	}
	return append(parts, h.Facts(pairs...))
}

const htmlGravest = 50 // verdicts shown where scripts are off

// htmlGravest lists the gravest where nothing can be filtered.
func (p *htmlPage) gravest() h.Node {
	var rows []h.Nodes
	for _, rank := range p.listed.ranks {
		for _, r := range rank {
			if len(rows) == htmlGravest {
				break
			}
			rows = append(rows, h.Nodes{h.Text(htmlWords[r.Outcome]), h.Text(string(r.Severity)), h.Text(cmp.Or(r.Zone, "unclassified")),
				h.Text(r.Control), h.Code(r.Resource), h.Text(r.Reason)})
		}
	}
	return h.Nodes{htmlPara("Scripts are off: the filter, the panel and the full list need them. The ", fmt.Sprint(len(rows)), " gravest verdicts:"),
		h.Table("Gravest verdicts", []string{"Outcome", "Severity", "Zone", "Control", "Resource", "Reason"}, rows)}
}
