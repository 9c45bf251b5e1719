package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

// notExamined is what was not looked at, and why.
func (p *pages) notExamined() error {
	gaps := p.s.Coverage.Gaps
	p.Section(fmt.Sprintf("Not examined: %s without an answer", counted(len(gaps), "question")))
	if len(gaps) == 0 {
		p.Text("Gaps: 0.")
	}
	lines := foldGaps(gaps)
	t := p.Table(pdf.Column{Title: "Count", Share: 0.6}, pdf.Column{Title: "Class", Share: 1.2, Face: pdf.Bold}, pdf.Column{Title: "Call", Share: 2}, pdf.Column{Title: "Where", Share: 2.2},
		pdf.Column{Title: "Cause and cure", Share: 3.2})
	for _, l := range lines[:min(len(lines), mostLines)] {
		t.Row(fmt.Sprint(l.count), string(l.class), named(slices.Collect(keysOf(l.calls.seen)), 8), l.where(), or(clip(l.detail), "not said"))
	}
	t.End()
	p.notCovered()
	if len(p.dossier.Excluded) > 0 {
		p.Text(counted(len(p.dossier.Excluded), "account") + " excluded by the configuration: part 4.")
	}
	if len(lines) <= mostLines {
		return nil
	}
	p.Strong(fmt.Sprintf("There are %d causes; %d are above, and every gap is in an annex.", len(lines), mostLines))
	return p.attachment("gaps.csv", "every gap", []string{"scanner", "account", "region", "call", "class", "resource", "detail"}, func(row func(...string)) error {
		for _, g := range gaps {
			row(g.Scanner, g.Account, g.Region, g.Call, string(g.Class), g.Resource, g.Detail)
		}
		return nil
	})
}

func (l *gapLine) where() string {
	var parts []string
	for _, d := range []struct {
		distinct
		noun string
	}{{l.accounts, "account"}, {l.regions, "region"}, {l.resource, "resource"}} {
		if n := len(d.seen); n > 0 {
			parts = append(parts, counted(n, d.noun)+": "+named(slices.Collect(keysOf(d.seen)), 6))
		}
	}
	return or(strings.Join(parts, "; "), "the whole run")
}

// notCovered are the lines of coverage that are not complete, with or without a gap.
func (p *pages) notCovered() {
	if !p.kept {
		return
	}
	type key struct {
		status           residency.Status
		scanner, account string
	}
	regions := map[key]*distinct{}
	var keys []key
	for _, c := range p.dossier.Coverage {
		k := key{c.Status, c.Scanner, c.Account}
		switch c.Status {
		case residency.Complete:
			continue
		case residency.Disabled:
			k.scanner = "every regional scanner"
		case residency.Unsupported:
			k.account = "every account"
		}
		if regions[k] == nil {
			regions[k], keys = &distinct{}, append(keys, k)
		}
		regions[k].add(c.Region)
	}
	if len(keys) == 0 {
		p.Text("Lines of coverage that are denied, failed, partial, disabled or unsupported: 0.")
		return
	}
	rank := func(s residency.Status) int {
		return slices.Index([]residency.Status{residency.Denied, residency.Failed, residency.Partial, residency.Disabled, residency.Unsupported}, s)
	}
	slices.SortStableFunc(keys, func(a, b key) int { return cmp.Compare(rank(a.status), rank(b.status)) })
	t := p.Table(pdf.Column{Title: "Coverage", Share: 1.2, Face: pdf.Bold}, pdf.Column{Title: "Why", Share: 2}, pdf.Column{Title: "Scanners", Share: 2.4},
		pdf.Column{Title: "Account", Share: 1.2, Face: pdf.Mono}, pdf.Column{Title: "Regions", Share: 3})
	// Scanners that were kept out of the same regions of an account share a row.
	type row struct {
		status           residency.Status
		account, regions string
	}
	scanners := map[row]*distinct{}
	var rows []row
	for _, k := range keys {
		r := row{k.status, k.account, named(slices.Collect(keysOf(regions[k].seen)), 40)}
		if scanners[r] == nil {
			scanners[r], rows = &distinct{}, append(rows, r)
		}
		scanners[r].add(k.scanner)
	}
	for _, r := range rows[:min(len(rows), mostLines)] {
		t.Row(string(r.status), statusWords(r.status), named(slices.Collect(keysOf(scanners[r].seen)), 80), r.account, r.regions)
	}
	t.End()
	if over := len(rows) - mostLines; over > 0 {
		p.Strong(fmt.Sprintf("And %d more lines: the snapshot of the run has every one.", over))
	}
}

func statusWords(s residency.Status) string {
	switch s {
	case residency.Denied:
		return "the account or the region refused"
	case residency.Failed:
		return "no answer that could be used"
	case residency.Partial:
		return "examined with gaps"
	case residency.Disabled:
		return "off, as the account itself says"
	case residency.Unsupported:
		return "the service is not offered there"
	}
	return "a status that this version does not know"
}
