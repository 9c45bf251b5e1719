package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// What a table keeps of the verdicts while they pass by. Everything beyond is counted.
const (
	groupRows   = 10    // lines shown of a group
	foldRows    = 3     // a cause with so many verdicts is shown verdict by verdict
	groupFolds  = 64    // causes told apart in a group
	mostGroups  = 2000  // groups of a section
	sectionRows = 20000 // verdicts remembered in a section
	longest     = 1000  // runes of a reason
	mostHops    = 16    // of a chain
)

// row is a verdict as far as a table shows it, escaped.
type row struct {
	resource string
	reason   string
	path     []string // of two hops or more; else nil
	edit     edit
}

// edit is where and how a change would have to be changed: empty where it was the cloud that was observed.
type edit struct {
	at   string // file and line
	by   string // the settings that decide
	cure string
}

// fold is the verdicts of one cause.
type fold struct {
	kind     string
	severity residency.Severity
	by       string // the settings that place the data there
	where    string // the placements in words
	count    int
	rows     []row
	reasons  bool // they have different reasons
}

type groupKey struct{ zone, account, control string }

// group is the verdicts of one zone, account and control.
type group struct {
	groupKey
	severity residency.Severity
	count    int
	folds    []*fold
	byCause  map[string]*fold
}

// info is how many of its verdicts have the lowest severity: all or none, since it is the control's.
func (g *group) info() int {
	if g.severity == residency.Info {
		return g.count
	}
	return 0
}

// lineKey names a line that only counts: a zone's verdicts of a control.
type lineKey struct{ zone, control string }

// section is the verdicts of one outcome: grouped those of promised zones, counted those of the others.
type section struct {
	groups  map[groupKey]*group
	free    map[lineKey]int
	count   int // in groups, the lost ones included
	lost    int // in no group, because there are too many
	kept    int // rows
	highest map[residency.Severity]int
	edit    func(residency.Verdict) edit
}

func newSection(r residency.Report) *section {
	return &section{edit: func(v residency.Verdict) edit { return editOf(r, v) }, groups: map[groupKey]*group{}, free: map[lineKey]int{}, highest: map[residency.Severity]int{}}
}

func (s *section) add(v residency.Verdict) {
	s.count++
	s.highest[v.Severity]++
	key := groupKey{v.Zone, v.Account, v.Control}
	g := s.groups[key]
	if g == nil {
		if len(s.groups) >= mostGroups {
			s.lost++
			return
		}
		g = &group{groupKey: key, severity: v.Severity, byCause: map[string]*fold{}}
		s.groups[key] = g
	}
	g.count++
	cause := causeOf(v)
	f := g.byCause[cause]
	if f == nil {
		if len(g.folds) >= groupFolds || s.kept >= sectionRows {
			return
		}
		f = &fold{kind: cell(v.Kind), severity: v.Severity, by: settings(v.Placements), where: places(v)}
		g.byCause[cause] = f
		g.folds = append(g.folds, f)
	}
	f.count++
	r := newRow(v)
	f.reasons = f.reasons || len(f.rows) > 0 && r.reason != f.rows[0].reason
	if len(f.rows) < foldRows && s.kept < sectionRows {
		r.edit = s.edit(v)
		f.rows = append(f.rows, r)
		s.kept++
	}
}

// causeOf is equal for verdicts that only their resource tells apart: the same kind and the same deciding placements. What
// is decided by no placement is told apart by its reason.
func causeOf(v residency.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q", v.Kind, v.Severity)
	for _, p := range v.Placements {
		fmt.Fprintf(&b, " %q %q %q %q", p.Role, p.Region, p.Account, p.Via)
	}
	if len(v.Placements) == 0 {
		fmt.Fprintf(&b, " reason %q", v.Reason)
	}
	return b.String()
}

func newRow(v residency.Verdict) row {
	r := row{resource: cell(v.Resource), reason: cell(clip(v.Reason))}
	if n := len(v.Downstream); n > 0 {
		r.reason = strings.TrimSpace(r.reason + "; reaches " + counted(n, "resource") + " beyond the border")
	}
	if len(v.Path) < 2 {
		return r
	}
	path := v.Path
	if over := len(path) - mostHops; over > 0 {
		path = slices.Concat(path[:1], []string{"(" + counted(over+1, "more hop") + ")"}, path[over+2:])
	}
	for _, hop := range path {
		r.path = append(r.path, cell(hop))
	}
	return r
}

func clip(s string) string { return clipTo(s, longest) }

func clipTo(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// settings are the distinct settings behind the placements.
func settings(ps []residency.Placement) string {
	var vias []string
	for _, p := range ps {
		if via := cell(clip(p.Via)); via != "" && !slices.Contains(vias, via) {
			vias = append(vias, via)
		}
	}
	return few(vias, 2)
}

// places says where the deciding placements are.
func places(v residency.Verdict) string {
	var all []string
	for _, p := range v.Placements {
		words := string(p.Role) + " in " + cmp.Or(p.Region, "an unresolved region")
		switch p.Account {
		case "", v.Account:
		case "*":
			words += ", public"
		default:
			words += ", account " + p.Account
		}
		if words = cell(words); !slices.Contains(all, words) {
			all = append(all, words)
		}
	}
	return few(all, 3)
}

// sorted are the groups by zone in the order of the configuration, account, severity and control.
func (s *section) sorted(zoneRank func(id string) int) []*group {
	groups := make([]*group, 0, len(s.groups))
	for _, g := range s.groups {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(
			cmp.Compare(zoneRank(a.zone), zoneRank(b.zone)), strings.Compare(a.zone, b.zone), strings.Compare(a.account, b.account),
			cmp.Compare(b.severity.Rank(), a.severity.Rank()), strings.Compare(a.control, b.control))
	})
	return groups
}

// ordered are the folds, the largest first, else in the order in which they came.
func (g *group) ordered() []*fold {
	slices.SortStableFunc(g.folds, func(a, b *fold) int { return cmp.Compare(b.count, a.count) })
	return g.folds
}
