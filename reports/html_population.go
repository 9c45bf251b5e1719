package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/seed-1578181b/domicile/internal/residency"
	h "github.com/seed-1578181b/domicile/reports/html"
)

// htmlCells bounds the matrix of accounts × regions × services.
const htmlCells = 30_000

// counted sums the population; known is false where nothing says it.
func (p *htmlPage) counted() (resources, stores int, known bool) {
	if p.report.Dossier == nil {
		return 0, 0, false
	}
	for _, n := range p.report.Dossier.Population {
		resources += n.Count
		stores += n.Stores
	}
	return resources, stores, true
}

func (p *htmlPage) zoneTables() h.Node {
	s := p.report.Summary
	body := h.Nodes{}
	own := 0
	for _, promised := range []bool{true, false} {
		var rows []h.Nodes
		for _, z := range s.Zones {
			if z.Promise != promised {
				continue
			}
			own += z.Stores[residency.ByOwnRegion]
			rows = append(rows, h.Nodes{h.Text(z.ID), h.Text(z.Name), h.Text(few(z.Regions, 40)), htmlCount(z.Stores[residency.ByARN]),
				htmlCount(z.Stores[residency.ByTag]),
				htmlCount(z.Stores[residency.ByAccount]), htmlCount(z.Stores[residency.ByOwnRegion])})
		}
		caption := "Promised zones, and how their data stores were assigned"
		if !promised {
			caption = "Zones that are free to leave: followed and counted, deciding nothing"
		}
		if len(rows) == 0 {
			body = append(body, htmlPara(caption+": 0."))
			continue
		}
		body = append(body, h.Table(caption, []string{"Zone", "Name", "Regions", "By ARN#", "By tag#", "By account#", "By own region#"}, rows))
	}
	if own > 0 {
		body = append(body, h.Tag("p", h.Class("note"), h.Text("A zone taken from a store's own region proves nothing about where the store belongs.")))
	}
	return append(body, p.noZone(), p.hints(), p.notes())
}

func (p *htmlPage) noZone() h.Node {
	all := p.report.Summary.NoZone
	if len(all) == 0 {
		return htmlPara("0 data stores under zone none.")
	}
	var rows []h.Nodes
	for _, s := range all[:min(len(all), htmlRegister)] {
		rows = append(rows, h.Nodes{h.Code(clip(s.Resource)), h.Text(s.Kind), h.Text(clip(s.Reason)), h.Text(s.Owner)})
	}
	return h.Tag("details", h.Tag("summary", h.Text(counted(len(all), "data store")+" under zone none: said to originate no customer data")),
		h.Table("Stores under zone none", []string{"Resource", "Kind", "Reason", "Owner"}, rows), htmlFurther(len(all), "store"))
}

func (p *htmlPage) hints() h.Node {
	all := p.report.Summary.Unassigned
	if len(all) == 0 {
		return h.Nodes{}
	}
	var rows []h.Nodes
	for _, u := range all {
		rows = append(rows, h.Nodes{htmlCount(u.Count), h.Text(u.Kind), h.Text(cmp.Or(u.Account, "not known")), h.Code(clip(u.Line))})
	}
	return h.Table("Unclassified: the commonest patterns, with a line of assign to review", []string{"Count#", "Kind", "Account", "Line"}, rows)
}

func (p *htmlPage) notes() h.Node {
	all := p.report.Summary.Notes
	if len(all) == 0 {
		return h.Nodes{}
	}
	list := h.Tag("ul")
	for _, n := range all[:min(len(all), htmlRegister)] {
		list.Kids = append(list.Kids, h.Tag("li", h.Text(clip(n))))
	}
	return h.Nodes{h.Tag("h3", h.Text("Notes")), list, htmlFurther(len(all), "note")}
}

func (p *htmlPage) coverage() h.Node {
	s := p.report.Summary
	if s.OfChange() {
		return htmlPara(inputWords(s), ".")
	}
	a := s.Coverage.AccountRegions
	body := h.Nodes{h.Table("Account-regions of the regional scanners", []string{"Planned#", "Examined#", "Denied#", "Failed#", "Disabled by the account#"},
		[]h.Nodes{{htmlCount(a.Planned), htmlCount(a.Examined), htmlCount(a.Denied), htmlCount(a.Failed), htmlCount(a.Disabled)}})}
	if s.Scope != nil {
		body = append(body, htmlPara("Scope: ", scopeWords(s.Scope), "."))
	}
	d := p.report.Dossier
	if d == nil {
		return append(body, htmlPara("Coverage by line is not known: this report was written without the record of a kept run."))
	}
	by := map[residency.Status]int{}
	for _, c := range d.Coverage {
		by[c.Status]++
	}
	var rows []h.Nodes
	for _, status := range []residency.Status{residency.Complete, residency.Partial, residency.Denied, residency.Disabled, residency.Unsupported, residency.Failed} {
		rows = append(rows, h.Nodes{h.Text(string(status)), htmlCount(by[status])})
	}
	body = append(body, h.Table("Lines of coverage, scanner × account × region, by status", []string{"Status", "Lines#"}, rows),
		htmlPara("Calls answered: ", strconv.Itoa(d.Calls.Total), ", of these with an error status: ", strconv.Itoa(d.Calls.Failed), "."))
	var methods []h.Nodes
	if len(d.Runner.Operations) > 0 {
		methods = append(methods, h.Nodes{h.Text("the run itself"), h.Text("–"), h.Text("–"), h.Text("–"), h.Text(few(d.Runner.Operations, 80)), h.Text(few(d.Runner.Actions, 80))})
	}
	for _, sc := range d.Scanners {
		methods = append(methods, h.Nodes{h.Text(sc.Service), h.Text(fmt.Sprint(sc.Version)), h.Text(sc.Scope), h.Text(few(sc.Kinds, 40)),
			h.Text(few(sc.Operations, 80)), h.Text(few(sc.Actions, 80))})
	}
	if len(methods) > 0 {
		body = append(body, h.Tag("details", h.Tag("summary", h.Text("Method: what the "+counted(len(d.Scanners), "scanner")+" asked")),
			h.Table("Scanners", []string{"Service", "Version", "Scope", "Kinds", "Operations", "IAM actions"}, methods)))
	}
	return body
}

// population is the matrix, one table an account, from the lines of coverage: a zero is one that was examined.
func (p *htmlPage) population() h.Node {
	d := p.report.Dossier
	if d == nil {
		return htmlPara("Nothing to say: this report was written without the record of a kept run. With it, domicile report RUN -o html counts the population.")
	}
	resources, stores, _ := p.counted()
	body := h.Nodes{htmlPara(counted(resources, "resource"), ", of these ", counted(stores, "data store"),
		". 0 means examined and none found; a word says why a place was not examined in full.")}
	byAccount := map[string][]residency.Coverage{}
	var accounts []string
	for _, c := range d.Coverage {
		if byAccount[c.Account] == nil {
			accounts = append(accounts, c.Account)
		}
		byAccount[c.Account] = append(byAccount[c.Account], c)
	}
	slices.Sort(accounts)
	cells, hidden := 0, 0
	for _, account := range accounts {
		lines := byAccount[account]
		if cells += len(lines); cells > htmlCells {
			hidden++
			continue
		}
		sum := 0
		for _, c := range lines {
			sum += c.Resources
		}
		matrix := h.Tag("details", h.Tag("summary", h.Text("Account "+cmp.Or(account, "not known")+": "+counted(sum, "resource"))), htmlMatrix(account, lines))
		if len(accounts) <= 3 {
			matrix.Attrs = append(matrix.Attrs, h.Attr{Key: "open", Value: ""})
		}
		body = append(body, matrix)
	}
	if hidden > 0 {
		body = append(body, h.Tag("p", h.Class("warn"), h.Text("⚠ The matrix of "+counted(hidden,
			"further account")+" is left out, because this page is bounded: -o csv and the run's snapshot hold it.")))
	}
	return append(body, p.kinds())
}

// htmlMatrix has the services of one account as rows, its regions as columns.
func htmlMatrix(account string, lines []residency.Coverage) h.Node {
	type place struct{ scanner, region string }
	byPlace := map[place]residency.Coverage{}
	var scanners, regions []string
	for _, c := range lines {
		byPlace[place{c.Scanner, c.Region}] = c
		scanners, regions = append(scanners, c.Scanner), append(regions, c.Region)
	}
	slices.Sort(scanners)
	slices.Sort(regions)
	scanners, regions = slices.Compact(scanners), slices.Compact(regions)
	head := h.Tag("tr", h.Tag("th", h.Attr{Key: "scope", Value: "col"}, h.Text("Service")))
	for _, region := range regions {
		head.Kids = append(head.Kids, h.Tag("th", h.Attr{Key: "scope", Value: "col"}, h.Text(region)))
	}
	body := h.Tag("tbody")
	for _, scanner := range scanners {
		row := h.Tag("tr", h.Tag("th", h.Attr{Key: "scope", Value: "row"}, h.Text(scanner)))
		for _, region := range regions {
			c, planned := byPlace[place{scanner, region}]
			row.Kids = append(row.Kids, h.Tag("td", h.Class("n"), htmlCell(c, planned)))
		}
		body.Kids = append(body.Kids, row)
	}
	return h.Tag("div", h.Class("scroll"), h.Attr{Key: "tabindex", Value: "0"}, h.Attr{Key: "role", Value: "region"},
		h.Attr{Key: "aria-label", Value: "Population of account " + account},
		h.Tag("table", h.Class("matrix"), h.Tag("caption", h.Text("Resources by service and region, account "+account)), h.Tag("thead", head), body))
}

func htmlCell(c residency.Coverage, planned bool) h.Node {
	switch {
	case !planned:
		return h.Text("·")
	case c.Status == residency.Complete:
		return htmlCount(c.Resources)
	case c.Status == residency.Disabled:
		return h.Text("off")
	case c.Status == residency.Unsupported:
		return h.Text("none offered")
	}
	return h.Nodes{htmlBadge("unknown", "? "+string(c.Status)), h.Text(" " + strconv.Itoa(c.Resources))}
}

// kinds sums the population over accounts and regions.
func (p *htmlPage) kinds() h.Node {
	sums := map[string]residency.Population{}
	for _, n := range p.report.Dossier.Population {
		sum := sums[n.Kind]
		sum.Kind, sum.Count, sum.Stores = n.Kind, sum.Count+n.Count, sum.Stores+n.Stores
		sums[n.Kind] = sum
	}
	var all []residency.Population
	for _, n := range sums {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b residency.Population) int { return cmp.Compare(a.Kind, b.Kind) })
	if len(all) == 0 {
		return htmlPara("No kind was counted.")
	}
	var rows []h.Nodes
	for _, n := range all[:min(len(all), htmlRegister)] {
		rows = append(rows, h.Nodes{h.Text(n.Kind), htmlCount(n.Count), htmlCount(n.Stores)})
	}
	return h.Nodes{h.Table("By kind", []string{"Kind", "Resources#", "Data stores#"}, rows), htmlFurther(len(all), "kind")}
}
