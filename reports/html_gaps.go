package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	h "github.com/seed-1578181b/domicile/reports/html"
)

const (
	htmlGaps     = 1_000_000 // bytes of gaps that are listed one by one
	htmlCauses   = 500       // causes told apart
	htmlRegister = 1000      // lines of any other list
)

// gapList folds the gaps by cause. Below each cause every gap is listed, as long as the page stays small.
func (p *htmlPage) gapList() h.Node {
	gaps := p.report.Summary.Coverage.Gaps
	if len(gaps) == 0 {
		return htmlPara("0 gaps: every question that the scanners asked got its answer.")
	}
	causes := foldCauses(gaps)
	body := h.Nodes{htmlPara(counted(len(gaps), "question"), " without an answer, of ", counted(len(causes), "cause"), ". Each keeps the run from a pass.")}
	left, hidden := htmlGaps, 0
	for i, cause := range causes {
		summary := cause.line.text()
		if left -= encodedLen(summary); i >= htmlCauses || left < 0 {
			hidden += len(cause.gaps)
			continue
		}
		list := h.Tag("ul")
		shown := 0
		for _, g := range cause.gaps {
			words := htmlGapWords(g)
			if left -= 30 + encodedLen(words) + encodedLen(g.Resource) + encodedLen(clip(g.Detail)); left < 0 {
				break
			}
			item := h.Tag("li", h.Text(words))
			if g.Resource != "" {
				item.Kids = append(item.Kids, h.Text(" · "), h.Code(clip(g.Resource)))
			}
			if g.Detail != cause.line.detail {
				item.Kids = append(item.Kids, h.Text(" · "+clip(g.Detail)))
			}
			list.Kids = append(list.Kids, item)
			shown++
		}
		hidden += len(cause.gaps) - shown
		if rest := len(cause.gaps) - shown; rest > 0 {
			list.Kids = append(list.Kids, h.Tag("li", h.Text("and "+counted(rest, "more gap")+" of this cause: -o json lists every one")))
		}
		body = append(body, h.Tag("details", h.Tag("summary", htmlBadge("unknown", "? "+string(cause.line.class)), h.Text(" "+summary)), list))
	}
	if hidden > 0 {
		body = append(body, h.Tag("p", h.Class("warn"), h.Text("⚠ "+counted(hidden,
			"gap")+" counted, but not listed one by one: -o json lists every one under coverage.gaps.")))
	}
	return body
}

func htmlGapWords(g residency.RunGap) string {
	var parts []string
	for _, s := range []string{strings.TrimSpace(g.Scanner + " " + g.Call), g.Account, g.Region} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return clip(strings.Join(parts, " · "))
}

// htmlCause is the gaps of one class and cause, in their order.
type htmlCause struct {
	line *gapLine
	gaps []residency.RunGap
}

func foldCauses(gaps []residency.RunGap) []*htmlCause {
	var all []*htmlCause
	byKey := map[string]*htmlCause{}
	for _, g := range gaps {
		cause := causeOfGap(g.Detail)
		key := fmt.Sprintf("%q %q", g.Class, cause)
		if cause == "" {
			key += g.Scanner + " " + g.Call
		}
		c := byKey[key]
		if c == nil {
			c = &htmlCause{line: &gapLine{class: g.Class, cause: cause, detail: g.Detail}}
			byKey[key], all = c, append(all, c)
		}
		c.line.add(g)
		c.gaps = append(c.gaps, g)
	}
	slices.SortStableFunc(all, func(a, b *htmlCause) int { return cmp.Compare(len(b.gaps), len(a.gaps)) })
	return all
}

// register is the waiver register of the run.
func (p *htmlPage) register() []residency.WaiverState {
	if d := p.report.Dossier; d != nil && d.Waivers != nil {
		return d.Waivers
	}
	return p.report.Summary.Waivers
}

func htmlNote(words string) h.Node { return h.Tag("p", h.Class("note"), h.Text(words)) }

func (p *htmlPage) waivers() h.Node {
	all := p.register()
	if len(all) == 0 {
		return htmlPara("0 waivers in the register.")
	}
	var rows []h.Nodes
	for _, w := range all[:min(len(all), htmlRegister)] {
		status := h.Tag("div", htmlBadge("waived", "⚑ "+string(w.Status)))
		if w.Status == residency.WaiverExpired {
			status = h.Tag("div", htmlBadge("fail", "✕ expired"), htmlNote("its violations count as failures"))
		}
		reason := h.Tag("div", h.Text(clip(w.Reason)), htmlNote("Risk: "+cmp.Or(clip(w.Risk), "none named")), htmlNote("Ticket: "+cmp.Or(w.Ticket, "none named")))
		matched := htmlCount(w.Matched)
		if w.Matched == 0 {
			matched = h.Text("0: it covers nothing")
		}
		rows = append(rows, h.Nodes{h.Text(w.ID), status, h.Tag("div", h.Text(w.Control), h.Tag("br"), h.Code(clip(w.Scope))), reason, h.Text(w.Owner),
			h.Text(w.Approver),
			h.Text(w.From + " to " + w.Expires), matched})
	}
	return h.Nodes{
		h.Table("Waivers as they stood at the run's time", []string{"Waiver", "Status", "Control and scope", "Reason", "Owner", "Approver",
			"First to last valid day", "Verdicts#"}, rows),
		htmlFurther(len(all), "waiver"),
	}
}

// htmlFurther says what a bounded list leaves out.
func htmlFurther(all int, noun string) h.Node {
	if all <= htmlRegister {
		return h.Nodes{}
	}
	return h.Tag("p", h.Class("warn"), h.Text("⚠ and "+counted(all-htmlRegister, "more "+noun)+": -o json lists every one."))
}

func (p *htmlPage) notJudged() h.Node {
	s := p.report.Summary
	var body h.Nodes
	if len(s.NotJudged) == 0 {
		body = append(body, htmlPara("No source named a service in use for which this version has no scanner."+noOracles(s)))
	} else {
		var rows []h.Nodes
		for _, n := range s.NotJudged[:min(len(s.NotJudged), htmlRegister)] {
			data := h.Text("no")
			if n.Data {
				data = "yes: the run is not concluded"
			}
			rows = append(rows, h.Nodes{h.Text(n.Service), h.Text(n.Account), h.Text(n.Region), htmlCount(n.Count), data, h.Text(n.By)})
		}
		body = append(body, h.Table("AWS services in use that this version does not judge", []string{"Service", "Account", "Region", "Count#",
			"Can hold data", "Known by"}, rows),
			htmlFurther(len(s.NotJudged), "line"))
	}
	return append(body, p.excluded())
}

func noOracles(s residency.Summary) string {
	if len(s.Oracles) == 0 {
		return " No completeness oracle answered, so this proves little."
	}
	return ""
}

func (p *htmlPage) excluded() h.Node {
	d := p.report.Dossier
	if d == nil {
		return htmlPara("Excluded and trusted accounts: not known, since this report was written without the record of a kept run.")
	}
	var excluded, trusted []h.Nodes
	for _, a := range d.Excluded {
		excluded = append(excluded, h.Nodes{h.Text(a.ID), h.Text(clip(a.Reason)), h.Text(a.Approver)})
	}
	for _, a := range d.Trusted {
		trusted = append(trusted, h.Nodes{h.Text(a.ID), h.Text(a.Name), h.Text(cmp.Or(a.Region, "any")), h.Text(clip(a.Reason))})
	}
	body := h.Nodes{htmlPara(counted(len(excluded), "account"), " excluded from the audit, ", counted(len(trusted), "account"), " of vendors trusted.")}
	if len(excluded) > 0 {
		body = append(body, h.Table("Excluded accounts", []string{"Account", "Reason", "Approver"}, excluded))
	}
	if len(trusted) > 0 {
		body = append(body, h.Table("Trusted accounts: a copy there is no escape, its region is judged", []string{"Account", "Name", "Region", "Reason"}, trusted))
	}
	return body
}

func (p *htmlPage) oracles() h.Node {
	all := p.report.Summary.Oracles
	if len(all) == 0 {
		return htmlPara("No other source was held against the inventory: nothing outside the scanners says that it is complete.")
	}
	var rows []h.Nodes
	for _, o := range all[:min(len(all), htmlRegister)] {
		missing := h.Tag("div", h.Text("0"))
		if n := len(o.Missing) + o.Uncounted; n > 0 {
			list := h.Tag("ul")
			for _, id := range o.Missing {
				list.Kids = append(list.Kids, h.Tag("li", h.Code(clip(id))))
			}
			missing = h.Tag("details", h.Tag("summary", h.Text(counted(n, "name")+" missing")), list)
			if o.Uncounted > 0 {
				missing.Kids = append(missing.Kids, htmlPara("and ", fmt.Sprint(o.Uncounted), " more"))
			}
		}
		rows = append(rows, h.Nodes{h.Text(o.Oracle), h.Text(o.What), h.Text(cmp.Or(o.Account, "all")), h.Text(cmp.Or(o.Region, "all")),
			htmlCount(o.Known), htmlCount(o.Inventory), htmlCount(o.Gone), missing})
	}
	return h.Nodes{
		h.Table("The inventory held against what others know", []string{"Source", "What", "Account", "Region", "Known#", "In the inventory#",
			"Gone at a second look#", "Missing"}, rows),
		htmlFurther(len(all), "line"),
	}
}
