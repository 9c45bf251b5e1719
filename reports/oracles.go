package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const mostNotJudged = 10

// inUse is one service without a scanner, over all accounts and regions.
type inUse struct {
	service           string
	count             int
	accounts, regions distinct
}

// notJudged lists beside the conclusion the services in use that can hold data and have no scanner, and counts the others.
func (p *page) notJudged(all []residency.NotJudged) {
	services, quiet := map[string]*inUse{}, map[string]bool{}
	harmless := 0
	for _, n := range all {
		if !n.Data {
			quiet[n.Service] = true
			harmless += n.Count
			continue
		}
		u := services[n.Service]
		if u == nil {
			u = &inUse{service: n.Service}
			services[n.Service] = u
		}
		u.count += n.Count
		u.accounts.add(n.Account)
		u.regions.add(n.Region)
	}
	if len(all) == 0 {
		return
	}
	p.title("NOT JUDGED")
	list := make([]*inUse, 0, len(services))
	for _, u := range services {
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b *inUse) int { return cmp.Or(b.count-a.count, strings.Compare(a.service, b.service)) })
	for _, u := range list[:min(len(list), mostNotJudged)] {
		p.text(2, 2, yellow, fmt.Sprintf("%s: %s in use and no scanner, in %s, %s", cell(u.service), counted(u.count, "resource"),
			u.accounts.words("account"), u.regions.words("region")))
	}
	if rest := len(list) - mostNotJudged; rest > 0 {
		p.text(2, 2, yellow, fmt.Sprintf("and %s more: see the gaps", counted(rest, "service")))
	}
	if harmless > 0 {
		p.text(2, 2, dim, fmt.Sprintf("without customer data, by the shipped list: %s of %s", counted(harmless, "resource"), counted(len(quiet), "service")))
	}
}

// reconciled says on one line for each oracle what the comparison with it came to.
func (p *page) reconciled(all []residency.Reconciled) {
	type sum struct{ known, inventory, gone, missing int }
	type source struct{ oracle, what string }
	sums, order := map[source]*sum{}, []source{}
	for _, o := range all {
		key := source{o.Oracle, o.What}
		s := sums[key]
		if s == nil {
			s = &sum{}
			sums[key], order = s, append(order, key)
		}
		s.known, s.inventory, s.gone, s.missing = s.known+o.Known, s.inventory+o.Inventory, s.gone+o.Gone, s.missing+len(o.Missing)+o.Uncounted
	}
	for _, key := range order {
		s := sums[key]
		style, text := plain, fmt.Sprintf("%s: %d %s known, %d examined, %d missing", cell(key.oracle), s.known, cell(key.what), s.inventory, s.missing)
		if s.gone > 0 {
			text += fmt.Sprintf(", %d gone since", s.gone)
		}
		if s.missing > 0 {
			style = yellow
		}
		p.text(2, 2, style, text)
	}
}
