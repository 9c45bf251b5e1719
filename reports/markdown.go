package reports

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{Name: "markdown", Ext: ".md", MediaType: "text/markdown; charset=utf-8", Write: writeMarkdown})

// What is written keeps within a comment on a change, of which code hosts take 65,536 characters: so many rows of a table, so many
// runes of a name, and no further row once so many runes stand.
const (
	mostMarkdownRows  = 40
	mostMarkdownName  = 300
	mostMarkdownRunes = 36_000
)

// writeMarkdown writes the comment on a change: the conclusion, and what leads to it, as tables.
func writeMarkdown(w io.Writer, r residency.Report) error {
	t, err := gather(r)
	if err != nil {
		return err
	}
	m := &markdown{out: bufio.NewWriter(w), command: r.Command}
	m.head(t)
	if r.Summary.OfChange() {
		m.edits(t, t.fails, "Violations")
		m.edits(t, t.unknowns, "Unknown")
	} else {
		m.verdicts(t, t.fails, "Violations")
		m.verdicts(t, t.unknowns, "Unknown")
	}
	m.waivers(t)
	m.gaps(r.Summary.Coverage.Gaps)
	m.notes(r.Summary.Notes)
	if err := m.out.Flush(); err != nil {
		return fmt.Errorf("write markdown: %w", err)
	}
	return nil
}

// markdown writes lines. Its writer keeps the first error until flush.
type markdown struct {
	out     *bufio.Writer
	command string
	written int // runes
}

func (m *markdown) line(format string, args ...any) {
	text := fmt.Sprintf(format+"\n", args...)
	m.written += utf8.RuneCountInString(text)
	m.out.WriteString(text)
}

// room says whether a table or list that has so many rows takes another.
func (m *markdown) room(rows int) bool {
	return rows < mostMarkdownRows && m.written < mostMarkdownRunes
}

func (m *markdown) table(header ...string) {
	m.line("")
	m.row(header...)
	m.row(slices.Repeat([]string{"---"}, len(header))...)
}

func (m *markdown) row(cells ...string) { m.line("| %s |", strings.Join(cells, " | ")) }

func (m *markdown) more(n int, what string) {
	if n > 0 {
		m.line("")
		m.line("And %s, not shown here%s.", what, m.listedBy())
	}
}

func (m *markdown) listedBy() string {
	if m.command == "" {
		return ""
	}
	return ": " + code(m.command) + " lists every one"
}

func (m *markdown) head(t *tally) {
	s := t.report.Summary
	m.line("# Data residency: %s", conclusionWords(t))
	if also := t.also(); len(also) > 0 {
		m.line("")
		m.line("Also %s.", strings.Join(also, ", "))
	}
	if !s.Run.IsZero() {
		m.line("")
		m.line("%s.", observedWords(s))
	}
	if !s.Complete {
		m.line("")
		m.line("The run was interrupted: what was not finished is a gap of class `cancelled`.")
	}
	if s.Scope == nil {
		m.line("")
		m.line("The snapshot does not say what should have been examined: that is a gap.")
	} else if s.Scope.Narrowed {
		m.line("")
		m.line("The scope was narrowed: this run concludes about %s only.", code(scopeWords(s.Scope)))
	}
	if s.OfChange() {
		m.line("")
		m.line("%d of %s read: %s.", s.Coverage.Inputs.Read, counted(s.Coverage.Inputs.Given, "input"), m.codes(s.Scope.Inputs))
		if s.Totals[residency.Fail]+s.Totals[residency.Unknown]+s.Totals[residency.Waived]+s.Totals[residency.Pass] == 0 {
			m.line("")
			m.line("Nothing in it is judged by a control.")
			return
		}
	}
	m.table("control", "proved inside", "proved outside", "unknown", "waived", "not applicable")
	for _, id := range slices.Sorted(maps.Keys(s.Controls)) {
		if n := s.Controls[id]; s.OfChange() && n[residency.Pass]+n[residency.Fail]+n[residency.Unknown]+n[residency.Waived] == 0 {
			continue // has nothing to say of this change
		}
		m.counts(code(id)+" "+prose(t.report.Controls[id].Title), s.Controls[id])
	}
	m.counts("all", s.Totals)
	if s.OfChange() {
		return
	}
	a := s.Coverage.AccountRegions
	m.line("")
	m.line("%d of %s examined, %d denied, %d failed, %d disabled by the account.", a.Examined, counted(a.Planned, "account-region"), a.Denied, a.Failed, a.Disabled)
}

func (m *markdown) counts(name string, n map[residency.Outcome]int) {
	cells := []string{name}
	for _, o := range []residency.Outcome{residency.Pass, residency.Fail, residency.Unknown, residency.Waived, residency.NotApplicable} {
		cells = append(cells, fmt.Sprint(n[o]))
	}
	m.row(cells...)
}

// verdicts writes the rows of a section in the order of the table format: zone, account, severity, control.
func (m *markdown) verdicts(t *tally, s *section, title string) {
	if s.count == 0 && len(s.free) == 0 {
		return
	}
	m.line("")
	m.line("## %s (%d)", title, s.count)
	shown, covered := 0, 0
	for _, g := range s.sorted(t.rank) {
		entries, _ := g.entries()
		for _, e := range entries {
			if !m.room(shown) {
				break
			}
			if shown++; shown == 1 {
				m.table("control", "severity", "zone", "account", "kind", "resource", "reason")
			}
			m.row(short(g.control), short(string(e.severity)), short(cmp.Or(g.zone, "unclassified")), short(g.account), short(e.kind), m.subject(e), short(e.reason))
			covered += e.stands
		}
	}
	m.more(s.count-covered, counted(s.count-covered, "more verdict"))
	if len(s.free) > 0 {
		m.line("")
		m.line("Zones that are free to leave, followed and counted, deciding nothing:")
		m.line("")
		for _, key := range t.lines(s.free) {
			m.line("- %s %s: %d", code(cmp.Or(key.zone, "unclassified")), code(key.control), s.free[key])
		}
	}
}

// subject is the resource, or how many with one of them, and the chain by which the data came to it.
func (m *markdown) subject(e entry) string {
	text := short(e.what)
	if e.example != "" {
		text += ", for example " + short(e.example)
	}
	if len(e.path) > 0 {
		hops := make([]string, len(e.path))
		for i, hop := range e.path {
			hops[i] = short(hop)
		}
		text += ", by the chain " + strings.Join(hops, " → ")
	}
	return text
}

func (m *markdown) waivers(t *tally) {
	register := registered(t.report)
	if len(t.waived) == 0 && len(register) == 0 {
		return
	}
	m.line("")
	m.line("## Waived (%d)", t.report.Summary.Totals[residency.Waived])
	keys := t.waivers()
	if len(keys) > 0 {
		m.table("waiver", "control", "violations", "approver", "owner", "expires", "reason")
	}
	rest := 0
	for i, k := range keys {
		if !m.room(i) {
			rest++
			continue
		}
		m.row(short(k.id), short(k.control), fmt.Sprint(t.waived[k]), short(k.approver), short(k.owner), short(k.expires), short(k.reason))
	}
	m.more(rest, counted(rest, "more waiver"))
	m.outOfForce(register)
}

// outOfForce names the waivers of the register that waive nothing.
func (m *markdown) outOfForce(register []residency.WaiverState) {
	shown, rest := 0, 0
	for _, w := range register {
		if w.Status == residency.WaiverActive || w.Status == residency.WaiverExpiring {
			continue
		}
		if !m.room(shown) {
			rest++
			continue
		}
		shown++
		m.line("")
		m.line("%s is %s, and waives nothing: it would cover %s.", short(w.ID), prose(string(w.Status)), violations(w.Matched))
	}
	m.more(rest, counted(rest, "more waiver")+" out of force")
}

func (m *markdown) gaps(gaps []residency.RunGap) {
	if len(gaps) == 0 {
		return
	}
	m.line("")
	m.line("## Not examined (%s)", counted(len(gaps), "gap"))
	m.line("")
	rest := 0
	for i, l := range foldGaps(gaps) {
		if !m.room(i) {
			rest += l.count
			continue
		}
		m.line("- %s", short(l.text()))
	}
	m.more(rest, counted(rest, "more gap"))
}

// notes say what else a reader must know: what was left out, and on what a proof hangs.
func (m *markdown) notes(notes []string) {
	if len(notes) == 0 {
		return
	}
	m.line("")
	m.line("## Notes")
	m.line("")
	rest := 0
	for i, note := range notes {
		if !m.room(i) {
			rest++
			continue
		}
		m.line("- %s", code(clipTo(note, 3*mostMarkdownName)))
	}
	m.more(rest, counted(rest, "more note"))
}

// code is a code span: what stands in it is no link, mention, reference, image or markup for any code host. The two signs
// that would end it, in text or in a table, become visible escapes, as what is hostile on a terminal does.
func code(s string) string {
	if s = strings.TrimSpace(cell(s)); s == "" {
		return "–"
	}
	return "`" + strings.NewReplacer("`", `\x60`, "|", `\x7c`).Replace(s) + "`"
}

// short is a code span of a bounded length.
func short(s string) string { return code(clipTo(s, mostMarkdownName)) }

// prose is text as it is where Markdown would read nothing into it, and a code span otherwise.
func prose(s string) string {
	plainText := func(r rune) bool {
		return !strings.ContainsRune("\\`*_{}[]<>()#+!|~@&$^=:/", r)
	}
	if strings.IndexFunc(s, func(r rune) bool { return !plainText(r) || hostile(r) }) >= 0 || strings.Contains(s, "www.") {
		return code(s)
	}
	return s
}
