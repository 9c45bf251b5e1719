package html

import "strings"

// Table is a table whose rows become cards on a narrow screen. A heading that ends with # is of a column of numbers. The roles are said
// outright, since cards lose those of a table.
func Table(caption string, headings []string, rows []Nodes) Element {
	head := Tag("tr", Attr{"role", "row"})
	names := make([]string, len(headings))
	kinds := make([]Nodes, len(headings))
	for i, heading := range headings {
		name, numbers := strings.CutSuffix(heading, "#")
		names[i] = name
		if numbers {
			kinds[i] = Nodes{Class("n")}
		}
		head.Kids = append(head.Kids, Tag("th", Attr{"role", "columnheader"}, Attr{"scope", "col"}, kinds[i], Text(name)))
	}
	body := Tag("tbody", Attr{"role", "rowgroup"})
	for _, row := range rows {
		line := Tag("tr", Attr{"role", "row"})
		for i, n := range row {
			line.Kids = append(line.Kids, Tag("td", Attr{"role", "cell"}, Attr{"data-label", names[i]}, kinds[i], Tag("div", n)))
		}
		body.Kids = append(body.Kids, line)
	}
	return Tag("table", Attr{"role", "table"}, Class("cards"), Tag("caption", Text(caption)), Tag("thead", Attr{"role", "rowgroup"}, head), body)
}

// Facts is a list of terms, each with what is said of it: term, fact, term, fact.
func Facts(pairs ...Node) Element {
	list := Tag("dl")
	for i := 0; i+1 < len(pairs); i += 2 {
		list.Kids = append(list.Kids, Tag("div", Tag("dt", pairs[i]), Tag("dd", pairs[i+1])))
	}
	return list
}
