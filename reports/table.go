package reports

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{Name: "table", Ext: ".txt", MediaType: "text/plain; charset=utf-8", Write: writeTable})

const mostWaivers = 20

// writeTable writes what a person reads first: the conclusion, what leads to it, and what it is about.
func writeTable(w io.Writer, r residency.Report) error {
	t, err := gather(r)
	if err != nil {
		return err
	}
	p := newPage(w, r.Width, r.Color)
	p.conclusion(t)
	p.notJudged(r.Summary.NotJudged)
	if err := p.section(t, t.fails, "VIOLATIONS", failures); err != nil {
		return err
	}
	if err := p.section(t, t.unknowns, "UNKNOWN", func(all, _ int) string { return unknowns(all) }); err != nil {
		return err
	}
	p.waived(t)
	p.counts(t, "PROVED INSIDE", t.passes, func(n int) string { return counted(n, "pass") })
	p.counts(t, "NOT APPLICABLE", t.outside, func(n int) string { return counted(n, "verdict") })
	p.gaps(r.Summary.Coverage.Gaps)
	p.coverage(r.Summary)
	p.zoneList(r.Summary)
	p.hints(r.Summary.Unassigned)
	p.notes(r.Summary.Notes)
	if err := p.flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

func violations(n int) string { return counted(n, "violation") }

// failures are a group's fails. Those of severity info are none of the violations of the conclusion, and not counted among them.
func failures(all, info int) string {
	switch info {
	case 0:
		return violations(all)
	case all:
		return findings(info)
	}
	return violations(all-info) + ", " + findings(info)
}

func findings(n int) string { return counted(n, "finding") + " of severity info" }

func unknowns(n int) string { return strconv.Itoa(n) + " unknown" }

// conclusion is the first line, and what its number leaves out.
func (p *page) conclusion(t *tally) {
	s := t.report.Summary
	also := t.also()
	switch s.Conclusion {
	case residency.ConcludeFail:
		p.text(0, 2, plain, p.paint(alarm, "FAIL")+": "+violations(t.violations())+t.fails.severities())
	case residency.ConcludePass:
		p.text(0, 2, plain, p.paint(green, "PASS")+": no exceptions noted in the population examined")
	default:
		p.text(0, 2, plain, p.paint(yellow, "NOT CONCLUDED")+": no violation was seen, but not everything could be proved")
	}
	if len(also) > 0 {
		p.text(0, 2, plain, "Also "+strings.Join(also, ", ")+".")
	}
	if s.Scope != nil && s.Scope.Narrowed {
		p.text(0, 2, plain, "The scope was narrowed: see coverage.")
	}
	if !s.Run.IsZero() {
		p.text(0, 2, dim, observedWords(s)+".")
	}
}

// also is what stands beside the conclusion's own number.
func (t *tally) also() []string {
	var also []string
	add := func(n int, words string) {
		if n > 0 {
			also = append(also, words)
		}
	}
	s := t.report.Summary
	add(t.open(), unknowns(t.open()))
	add(len(s.Coverage.Gaps), counted(len(s.Coverage.Gaps), "gap"))
	add(s.Totals[residency.Waived], strconv.Itoa(s.Totals[residency.Waived])+" waived")
	add(t.info, findings(t.info))
	free := t.free[residency.Fail] + t.free[residency.Unknown]
	add(free, strconv.Itoa(free)+" in zones that are free to leave")
	return also
}

// severities is " (1 critical, 3 high)", those that decide.
func (s *section) severities() string {
	var parts []string
	for _, severity := range []residency.Severity{residency.Critical, residency.High, residency.Medium, residency.Low} {
		if n := s.highest[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// section writes the groups of one outcome and then, a line for each control, what belongs to zones without a promise.
func (p *page) section(t *tally, s *section, title string, noun func(all, info int) string) error {
	if s.count == 0 && len(s.free) == 0 {
		return nil
	}
	p.title(title)
	groups := s.sorted(t.rank)
	var all []entry
	type counts struct{ all, info int }
	perZone, perAccount := map[string]counts{}, map[groupKey]counts{}
	for _, g := range groups {
		shown, _ := g.entries()
		all = append(all, shown...)
		zone, account := perZone[g.zone], perAccount[groupKey{zone: g.zone, account: g.account}]
		perZone[g.zone] = counts{zone.all + g.count, zone.info + g.info()}
		perAccount[groupKey{zone: g.zone, account: g.account}] = counts{account.all + g.count, account.info + g.info()}
	}
	grid := p.grid(all)
	for i, g := range groups {
		p.blank()
		newZone := i == 0 || g.zone != groups[i-1].zone
		if newZone {
			n := perZone[g.zone]
			p.text(0, 2, bold, t.zoneHeading(g.zone)+" · "+noun(n.all, n.info))
		}
		if newZone || g.account != groups[i-1].account {
			n := perAccount[groupKey{zone: g.zone, account: g.account}]
			p.text(2, 2, bold, accountHeading(g.account)+" · "+noun(n.all, n.info))
		}
		if err := p.group(t, grid, g, noun); err != nil {
			return err
		}
	}
	if s.lost > 0 {
		p.blank()
		p.text(0, 2, plain, more(s.lost, t.report.Command)+" (in further accounts and controls)")
	}
	p.free(t, s.free, func(n int) string { return noun(n, 0) }) // there every severity is info
	return nil
}

func (p *page) group(t *tally, grid grid, g *group, noun func(all, info int) string) error {
	heading := cell(g.control) + " · " + noun(g.count, g.info())
	if title := t.control(g.control); title != "" {
		heading += " · " + title
	}
	p.text(4, 2, plain, heading)
	shown, covered := g.entries()
	if err := p.entries(grid, shown); err != nil {
		return err
	}
	if rest := g.count - covered; rest > 0 {
		p.text(rowIndent, 2, dim, more(rest, t.report.Command))
	}
	return nil
}

// more says how to see what is not shown.
func more(n int, command string) string {
	if command == "" {
		return fmt.Sprintf("and %d more", n)
	}
	return fmt.Sprintf("and %d more: %s", n, cell(command))
}

func (t *tally) zoneHeading(id string) string {
	if i, ok := t.zones[id]; ok {
		return zoneWords(t.report.Summary.Zones[i].Zone)
	}
	if id == "" {
		return "unclassified: whose data these hold is not known"
	}
	return cell(id)
}

func accountHeading(account string) string {
	if account == "" {
		return "account not known"
	}
	return "account " + cell(account)
}

// free counts the verdicts of zones without a promise, which decide nothing and must not hide what does.
func (p *page) free(t *tally, counts map[lineKey]int, noun func(int) string) {
	if len(counts) == 0 {
		return
	}
	p.blank()
	p.text(0, 2, dim, "Zones that are free to leave: followed and counted, deciding nothing")
	p.countLines(t, counts, noun)
}

// counts is a section of counted lines.
func (p *page) counts(t *tally, title string, counts map[lineKey]int, noun func(int) string) {
	if len(counts) > 0 {
		p.title(title)
		p.countLines(t, counts, noun)
	}
}

func (p *page) countLines(t *tally, counts map[lineKey]int, noun func(int) string) {
	for _, key := range t.lines(counts) {
		text := cmp.Or(cell(key.zone), "unclassified") + " · " + cell(key.control) + " · " + noun(counts[key])
		if title := t.control(key.control); title != "" {
			text += " · " + title
		}
		p.text(2, 2, plain, text)
	}
}

// waived folds the waived violations by waiver.
func (p *page) waived(t *tally) {
	if len(t.waived) == 0 {
		return
	}
	p.title("WAIVED")
	keys := t.waivers()
	for _, k := range keys[:min(len(keys), mostWaivers)] {
		p.text(2, 2, plain, cell(fmt.Sprintf("%s · %s · %s until %s · %s (owner %s, approved by %s)",
			k.id, k.control, violations(t.waived[k]), k.expires, k.reason, k.owner, k.approver)))
	}
	if len(keys) > mostWaivers {
		p.text(2, 2, dim, more(len(keys)-mostWaivers, t.report.Command))
	}
}
