package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	namedStores = 3  // stores of one reason named in full
	mostReasons = 20 // reasons of stores under zone none
)

// coverage is never left out: a conclusion is about what was examined.
func (p *page) coverage(s residency.Summary) {
	p.title("COVERAGE")
	p.text(2, 2, plain, cell(coverageWords(s)))
	switch {
	case s.Scope == nil:
		p.text(2, 2, yellow, "The snapshot does not say what should have been examined: that is a gap.")
	case s.Scope.Narrowed:
		p.text(2, 2, yellow, "The scope was narrowed: this run concludes about "+scopeWords(s.Scope)+" only.")
	}
	if !s.Complete {
		p.text(2, 2, yellow, "The run was interrupted: what was not finished is a gap of class cancelled.")
	}
	p.reconciled(s.Oracles)
}

// coverageWords counts what was examined: the inputs of a change, else account-regions.
func coverageWords(s residency.Summary) string {
	if s.OfChange() {
		return inputWords(s)
	}
	a := s.Coverage.AccountRegions
	text := fmt.Sprintf("%d of %s examined", a.Examined, counted(a.Planned, "account-region"))
	for _, n := range []struct {
		count int
		word  string
	}{{a.Denied, "denied"}, {a.Failed, "failed"}, {a.Disabled, "disabled by the account"}} {
		if n.count > 0 {
			text += fmt.Sprintf(", %d %s", n.count, n.word)
		}
	}
	return text
}

func scopeWords(s *residency.Scope) string {
	scanners := make([]string, 0, len(s.Scanners))
	for name := range s.Scanners {
		scanners = append(scanners, name)
	}
	slices.Sort(scanners)
	return listOr(s.Accounts, "account", 3) + "; " + listOr(s.Regions, "region", 4) + "; " + listOr(scanners, "scanner", 6)
}

// listOr names up to most items behind their noun, or counts them.
func listOr(items []string, noun string, most int) string {
	if len(items) == 0 || len(items) > most {
		return counted(len(items), noun)
	}
	if len(items) > 1 {
		noun = plural(noun)
	}
	return cell(noun + " " + strings.Join(items, ", "))
}

// zoneList says for each zone how its data stores came to it.
func (p *page) zoneList(s residency.Summary) {
	if len(s.Zones) == 0 && len(s.NoZone) == 0 {
		return
	}
	p.title("ZONES")
	own := 0
	for _, z := range s.Zones {
		p.text(2, 2, plain, zoneWords(z.Zone)+" · "+storeWords(z.Stores))
		own += z.Stores[residency.ByOwnRegion]
	}
	p.noZone(s.NoZone)
	if own > 0 {
		p.text(2, 0, dim, "A zone taken from a store's own region proves nothing about where the store belongs.")
	}
}

// zoneWords is "eu · European Union (eu-west-1)".
func zoneWords(z residency.Zone) string {
	words := cell(z.ID)
	if z.Name != "" {
		words += " · " + cell(z.Name)
	}
	if len(z.Regions) > 0 {
		words += " (" + cell(few(z.Regions, 4)) + ")"
	}
	if !z.Promise {
		words += ", free to leave"
	}
	return words
}

func storeWords(stores map[residency.Basis]int) string {
	all := 0
	var parts []string
	for _, b := range []struct {
		basis residency.Basis
		words string
	}{{residency.ByARN, "ARN"}, {residency.ByTag, "tag"}, {residency.ByAccount, "account"}, {residency.ByOwnRegion, "own region"}} {
		n := stores[b.basis]
		all += n
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d by %s", n, b.words))
		}
	}
	if all == 0 {
		return "no data store"
	}
	return counted(all, "data store") + ": " + strings.Join(parts, ", ")
}

// noZone counts the stores under zone none by reason, and names a few.
func (p *page) noZone(stores []residency.NoZoneStore) {
	if len(stores) == 0 {
		return
	}
	p.text(2, 2, plain, "none · "+counted(len(stores), "data store")+" said to originate no customer data:")
	type reason struct{ reason, owner string }
	byReason := map[reason][]string{}
	var order []reason
	for _, s := range stores {
		key := reason{s.Reason, s.Owner}
		if byReason[key] == nil {
			order = append(order, key)
		}
		byReason[key] = append(byReason[key], s.Resource)
	}
	slices.SortStableFunc(order, func(a, b reason) int { return cmp.Compare(len(byReason[b]), len(byReason[a])) })
	for _, key := range order[:min(len(order), mostReasons)] {
		ids := byReason[key]
		p.text(4, 2, plain, fmt.Sprintf("%d · %s (%s)", len(ids), cell(clip(key.reason)), cell(key.owner)))
		for _, id := range ids[:min(len(ids), namedStores)] {
			p.id(rowIndent, "", cell(id))
		}
		if len(ids) > namedStores {
			p.text(rowIndent, 2, dim, fmt.Sprintf("and %d more: -o json lists every one under none", len(ids)-namedStores))
		}
	}
	if len(order) > mostReasons {
		p.text(4, 2, dim, "and "+counted(len(order)-mostReasons, "more reason")+": -o json lists every one under none")
	}
}

// hints are lines of assign to paste. They are YAML, comments included, so a line is never wrapped.
func (p *page) hints(hints []residency.AssignHint) {
	if len(hints) == 0 {
		return
	}
	p.title("UNCLASSIFIED · lines to review and paste under assign")
	for _, h := range hints {
		p.text(2, 0, dim, yamlComment(h))
		p.line(2, plain, cell(h.Line))
	}
}

func yamlComment(h residency.AssignHint) string {
	text := "# " + strings.TrimSpace(fmt.Sprintf("%d %s", h.Count, cell(h.Kind)))
	if h.Account != "" {
		text += " in account " + cell(h.Account)
	}
	return text
}

func (p *page) notes(notes []string) {
	if len(notes) == 0 {
		return
	}
	p.title("NOTES")
	for _, n := range notes {
		p.text(2, 2, plain, "- "+cell(n))
	}
}
