package reports

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// codes lists a few names as code spans.
func (m *markdown) codes(names []string) string {
	shown := make([]string, 0, len(names))
	for _, name := range names {
		shown = append(shown, short(name))
	}
	return few(shown, 4)
}

// edits is what a reviewer of a change needs of a section: for each violation where it is declared, by which chain the data came there,
// and what cures it. A list takes long names better than the columns of a table.
func (m *markdown) edits(t *tally, s *section, title string) {
	if s.count == 0 {
		return
	}
	m.line("")
	heading := fmt.Sprintf("## %s (%d)", title, s.count)
	if info := s.highest[residency.Info]; info > 0 && s == t.fails {
		heading = fmt.Sprintf("## %s (%d), and %s", title, s.count-info, findings(info))
	}
	m.line("%s", heading)
	shown, covered := 0, 0
	for _, g := range s.sorted(t.rank) {
		entries, _ := g.entries()
		for i, e := range entries {
			if !m.room(shown) {
				break
			}
			if shown++; i == 0 {
				m.line("")
				m.line("### %s %s%s", short(g.control), prose(t.report.Controls[g.control].Title), ofAccount(g.account))
				m.line("")
			}
			m.edit(g, e)
			covered += e.stands
		}
	}
	m.more(s.count-covered, counted(s.count-covered, "more verdict"))
}

// ofAccount tells groups of one control apart: each is of one account.
func ofAccount(account string) string {
	if account == "" {
		return ""
	}
	return ", account " + short(account)
}

func (m *markdown) edit(g *group, e entry) {
	what := short(e.what)
	if e.example != "" {
		what += ", for example " + short(e.example)
	}
	if e.edit.at != "" {
		what += " at " + short(e.edit.at)
	}
	m.line("- %s: %s, zone %s", prose(string(e.severity)), what, short(cmp.Or(g.zone, "unclassified")))
	m.line("  - %s", short(e.reason))
	if e.edit.by != "" {
		m.line("  - declared by %s", short(e.edit.by))
	}
	if len(e.path) > 0 {
		hops := make([]string, len(e.path))
		for i, hop := range e.path {
			hops[i] = short(hop)
		}
		m.line("  - chain: %s", strings.Join(hops, " → "))
	}
	if e.edit.cure != "" {
		m.line("  - cure: %s", prose(e.edit.cure))
	}
}
