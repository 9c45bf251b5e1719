package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

const (
	mostMatrix = 1500 // rows of the matrix on pages
	mostLines  = 1000 // folded lines of a list on pages
)

// population is part 6.
func (p *pages) population() error {
	p.Part("6 Population and completeness")
	a := p.s.Coverage.AccountRegions
	if p.s.OfChange() {
		p.Text(inputWords(p.s) + ".")
		return p.further()
	}
	p.Text(fmt.Sprintf("Account-regions: %d planned, %d examined, %d denied, %d disabled by the account, %d failed.", a.Planned, a.Examined, a.Denied, a.Disabled, a.Failed))
	return p.further()
}

// further is what follows the count of what was examined.
func (p *pages) further() error {
	p.kinds()
	if err := p.matrix(); err != nil {
		return err
	}
	p.unclassified()
	p.reconciliation()
	return p.notExamined()
}

func (p *pages) kinds() {
	p.Section("Resources by kind")
	if !p.kept {
		p.bare("a count of resources by kind")
		return
	}
	type kindCount struct {
		count, stores     int
		accounts, regions distinct
	}
	byKind := map[string]*kindCount{}
	for _, n := range p.dossier.Population {
		k := byKind[n.Kind]
		if k == nil {
			k = &kindCount{}
			byKind[n.Kind] = k
		}
		k.count, k.stores = k.count+n.Count, k.stores+n.Stores
		k.accounts.add(n.Account)
		k.regions.add(n.Region)
	}
	for _, s := range p.dossier.Scanners {
		for _, kind := range s.Kinds {
			if byKind[kind] == nil {
				byKind[kind] = &kindCount{}
			}
		}
	}
	if len(byKind) == 0 {
		p.Text("0 resources, and the run does not say which kinds it looked for.")
		return
	}
	t := p.Table(pdf.Column{Title: "Kind", Share: 2.5}, pdf.Column{Title: "Resources", Share: 1}, pdf.Column{Title: "Data stores among them", Share: 1.2},
		pdf.Column{Title: "Accounts", Share: 1}, pdf.Column{Title: "Regions", Share: 1})
	for _, kind := range slices.Sorted(keysOf(byKind)) {
		k := byKind[kind]
		t.Row(kind, fmt.Sprint(k.count), fmt.Sprint(k.stores), fmt.Sprint(len(k.accounts.seen)), fmt.Sprint(len(k.regions.seen)))
	}
	t.End()
}

// matrixRow is the services of one account and region.
type matrixRow struct {
	account   string
	regions   []string
	cells     string
	open      string // services that were not completely examined
	resources int
}

// matrix is accounts × regions × services. Regions of an account in which all is the same and zero share a row.
func (p *pages) matrix() error {
	p.Section("Matrix of accounts, regions and services, with resources")
	if len(p.dossier.Coverage) == 0 {
		if p.kept {
			p.Text("The run has no line of coverage at all: nothing says what was examined.")
		} else {
			p.bare("its lines of coverage")
		}
		return nil
	}
	rows := matrixRows(p.dossier.Coverage)
	p.Note("Each service with the number of its resources; zero is printed as zero. A word behind a service says that it was not examined completely: see the list below.")
	t := p.Table(pdf.Column{Title: "Account", Share: 1.3, Face: pdf.Mono}, pdf.Column{Title: "Region", Share: 3}, pdf.Column{Title: "Services and resources", Share: 4.4},
		pdf.Column{Title: "Sum", Share: 0.6}, pdf.Column{Title: "Not complete", Share: 2})
	for _, r := range rows[:min(len(rows), mostMatrix)] {
		t.Row(r.account, strings.Join(r.regions, ", "), r.cells, fmt.Sprint(r.resources), or(r.open, "–"))
	}
	t.End()
	if len(rows) <= mostMatrix {
		return nil
	}
	p.Strong(fmt.Sprintf("The matrix has %d rows; %d are above, and every line of coverage is in an annex.", len(rows), mostMatrix))
	return p.attachment("coverage.csv", "every line of coverage", []string{"account", "region", "scanner", "status", "resources", "gaps"}, func(row func(...string)) error {
		for _, c := range p.dossier.Coverage {
			row(c.Account, c.Region, c.Scanner, string(c.Status), fmt.Sprint(c.Resources), fmt.Sprint(len(c.Gaps)))
		}
		return nil
	})
}

func matrixRows(lines []residency.Coverage) []matrixRow {
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b residency.Coverage) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region), strings.Compare(a.Scanner, b.Scanner))
	})
	var rows []matrixRow
	same := map[string]int{} // what an empty region looks like, and its row
	for len(lines) > 0 {
		first, n := lines[0], 0
		for n < len(lines) && lines[n].Account == first.Account && lines[n].Region == first.Region {
			n++
		}
		r := matrixRow{account: first.Account, regions: []string{first.Region}}
		var cells, open []string
		for _, c := range lines[:n] {
			r.resources += c.Resources
			cells = append(cells, fmt.Sprintf("%s %d", c.Scanner, c.Resources))
			if c.Status != residency.Complete {
				open = append(open, c.Scanner+" "+string(c.Status))
			}
		}
		lines = lines[n:]
		r.cells, r.open = strings.Join(cells, ", "), folded(open, n)
		key := r.account + "\x00" + r.cells + "\x00" + r.open
		if at, known := same[key]; known && r.resources == 0 {
			rows[at].regions = append(rows[at].regions, r.regions...)
			continue
		}
		same[key] = len(rows)
		rows = append(rows, r)
	}
	return rows
}

// folded says once what is true of all services.
func folded(open []string, all int) string {
	words := map[string]bool{}
	for _, o := range open {
		words[o[strings.LastIndexByte(o, ' ')+1:]] = true
	}
	if len(words) == 1 && len(open) == all && all > 1 {
		return "all " + strings.Join(slices.Collect(keysOf(words)), "")
	}
	return strings.Join(open, ", ")
}

// unclassified are the patterns of data stores that no line of the configuration assigns.
func (p *pages) unclassified() {
	p.Section("Unclassified data stores, by their commonest patterns")
	if len(p.s.Unassigned) == 0 {
		p.Text("0 patterns.")
		return
	}
	t := p.Table(pdf.Column{Title: "Stores", Share: 0.7}, pdf.Column{Title: "Kind", Share: 1.5}, pdf.Column{Title: "Names begin with", Share: 2}, pdf.Column{Title: "Account", Share: 1.2, Face: pdf.Mono},
		pdf.Column{Title: "A line of assign that would match, to review", Share: 4, Face: pdf.Mono})
	for _, h := range p.s.Unassigned {
		t.Row(fmt.Sprint(h.Count), h.Kind, or(h.Stem, "–"), or(h.Account, "not known"), h.Line)
	}
	t.End()
}

func (p *pages) reconciliation() {
	p.Section("Reconciliation with independent sources")
	if len(p.s.Oracles) == 0 {
		p.Text("No independent source was asked, so that nothing beside the scanners speaks for the completeness of the population.")
	} else {
		t := p.Table(pdf.Column{Title: "Source", Share: 1.2}, pdf.Column{Title: "Where", Share: 1.6}, pdf.Column{Title: "What", Share: 1}, pdf.Column{Title: "It knows", Share: 0.8},
			pdf.Column{Title: "In inventory", Share: 0.9}, pdf.Column{Title: "Gone at a second look", Share: 1}, pdf.Column{Title: "Missing from the inventory", Share: 3.4, Face: pdf.Mono})
		for _, o := range p.s.Oracles {
			missing := strings.Join(o.Missing, " ")
			if o.Uncounted > 0 {
				missing += fmt.Sprintf(" and %d more", o.Uncounted)
			}
			t.Row(o.Oracle, or(strings.TrimSpace(o.Account+" "+o.Region), "all"), o.What, fmt.Sprint(o.Known), fmt.Sprint(o.Inventory), fmt.Sprint(o.Gone), or(missing, "0"))
		}
		t.End()
	}
	p.Section(fmt.Sprintf("Not judged: %s in use without a scanner", counted(len(p.s.NotJudged), "service")))
	if len(p.s.NotJudged) == 0 {
		if len(p.s.Oracles) == 0 {
			p.Text("0 named: no independent source was asked that could name one.")
			return
		}
		p.Text("0: the sources above know of no service in use that this version does not scan.")
		return
	}
	t := p.Table(pdf.Column{Title: "Service", Share: 1.4}, pdf.Column{Title: "Account", Share: 1.4, Face: pdf.Mono}, pdf.Column{Title: "Region", Share: 1.3},
		pdf.Column{Title: "Count", Share: 0.7}, pdf.Column{Title: "Can hold customers' data", Share: 1.6}, pdf.Column{Title: "Known by", Share: 1})
	for _, n := range p.s.NotJudged[:min(len(p.s.NotJudged), mostLines)] {
		t.Row(n.Service, or(n.Account, "–"), or(n.Region, "–"), fmt.Sprint(n.Count), map[bool]string{true: "yes: not concluded", false: "no"}[n.Data], n.By)
	}
	t.End()
	if over := len(p.s.NotJudged) - mostLines; over > 0 {
		p.Strong(fmt.Sprintf("And %d more: summary.json of the run lists every one under not_judged.", over))
	}
}
