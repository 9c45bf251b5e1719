package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

// cause draws verdicts that only their resource tells apart: what they are, one chain for all, and the resources.
func (p *pages) cause(c *detailCause, diagram bool, first, last map[[3]string]string) {
	v := c.verdict
	head := fmt.Sprintf("%s · %s · %s · zone %s", strings.ToUpper(strings.ReplaceAll(string(v.Outcome), "_", " ")), v.Control, v.Severity, or(v.Zone, "not classified"))
	if c.rest {
		head += " · further causes: there are too many to draw each · " + counted(c.count, "verdict")
	} else {
		head += " · " + v.Kind + " · account " + or(v.Account, "not known") + " · " + counted(c.count, "resource")
	}
	p.Lead(head)
	if diagram {
		p.Room(115) // diagram and first row on one page
	}
	if w := v.Waiver; w != nil && !c.rest {
		p.Text(fmt.Sprintf("waived: %s, approver %s, expires %s; owner %s: %s", w.ID, w.Approver, w.Expires, w.Owner, w.Reason))
	}
	if diagram {
		p.Chain(p.chain(v))
	}
	columns := []pdf.Column{{Title: "Resource", Share: 4, Face: pdf.Mono}, {Title: "Region", Share: 1.2}, {Title: "Reason, and chain of the data", Share: 4}}
	if first != nil {
		columns = append(columns, pdf.Column{Title: "First and last seen", Share: 1.1})
	}
	t := p.Table(columns...)
	for _, row := range c.rows {
		cells := []string{row.Resource, or(row.Region, "none"), because(row)}
		if first != nil {
			key := [3]string{row.Control, row.Resource, row.Zone}
			cells = append(cells, or(first[key]+" "+last[key], "not listed"))
		}
		t.Row(cells...)
	}
	t.End()
	if over := c.count - len(c.rows); over > 0 {
		p.Note(fmt.Sprintf("And %d more of this cause, every one in %s.", over, p.facts.annex.name))
	}
}

// because is a row's reason, where the chain came from, and what lies beyond the border.
func because(v residency.Verdict) string {
	text := or(clip(v.Reason), "no reason is recorded")
	if v.Outcome == residency.Pass && v.Reason == "" {
		text = "proved inside"
	}
	if len(v.Path) > 1 {
		text += "; chain: " + strings.Join(hops(v.Path), " → ")
	}
	if n := len(v.Downstream); n > 0 {
		text += "; reaches " + counted(n, "resource") + " beyond the border: " + few(v.Downstream, 3)
	}
	return text
}

// hops are those of a chain; in a long one the middle is counted.
func hops(path []string) []string {
	over := len(path) - mostHops
	if over <= 0 {
		return path
	}
	return slices.Concat(path[:1], []string{"(" + counted(over+1, "more hop") + ")"}, path[over+2:])
}

// chain is the way of the data to the border, and over it.
func (p *pages) chain(v residency.Verdict) (nodes []pdf.Node, edges []pdf.Edge) {
	path := hops(v.Path)
	if len(path) == 0 {
		path = []string{v.Resource}
	}
	for i, id := range path {
		n := pdf.Node{Label: id}
		if i == len(path)-1 {
			n.Note = v.Kind + ", " + or(v.Region, "no region") + ", account " + or(v.Account, "not known")
		} else {
			edges = append(edges, pdf.Edge{Label: "carries " + v.Zone})
		}
		if i == 0 {
			n.Note = strings.TrimPrefix(n.Note+"; assigned to "+or(v.Zone, "no zone"), "; ")
		}
		nodes = append(nodes, n)
	}
	if len(v.Placements) == 0 {
		nodes[len(nodes)-1].Note += "; " + clip(v.Reason)
		nodes[len(nodes)-1].Outside = true
		return nodes, edges
	}
	place := v.Placements[0]
	leaves := "LEAVES " + or(v.Zone, "the border")
	if v.Waiver != nil {
		leaves += ", waived " + v.Waiver.ID
	}
	edges = append(edges, pdf.Edge{Label: leaves + ": " + string(place.Role) + viaWords(place.Via), Crosses: true})
	end := pdf.Node{Label: cmp.Or(place.Target, place.Region, place.Account, "not resolved"), Note: "OUTSIDE: " + p.facts.place(v, place), Outside: true}
	if n := len(v.Placements) - 1; n > 0 {
		end.Note += "; and " + counted(n, "more place")
	}
	if n := len(v.Downstream); n > 0 {
		end.Note += "; " + counted(n, "resource") + " beyond the border"
	}
	return append(nodes, end), edges
}

func viaWords(via string) string {
	if via == "" {
		return ""
	}
	const most = 60
	if r := []rune(via); len(r) > most {
		via = string(r[:most]) + "…"
	}
	return " by " + via
}
