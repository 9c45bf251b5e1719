package reports

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	rowIndent   = 6
	tableWidth  = 100 // narrower pages get cards
	severityCol = 8
	gutter      = 2
	leastReason = 30
)

// entry is one row of a group: a verdict, or those of one cause.
type entry struct {
	severity residency.Severity
	kind     string
	what     string // the resource, or how many of them
	isID     bool   // what is an identifier and must not be broken
	reason   string
	path     []string
	example  string // one of the resources, where what is a number
	stands   int    // verdicts that it stands for
	edit     edit
}

// entries are the rows shown of a group, and the number of verdicts that they stand for.
func (g *group) entries() (shown []entry, covered int) {
	for _, f := range g.ordered() {
		if f.count > len(f.rows) || f.count > foldRows {
			if len(shown) < groupRows {
				shown, covered = append(shown, f.entry()), covered+f.count
			}
			continue
		}
		for _, r := range f.rows {
			if len(shown) < groupRows {
				shown = append(shown, entry{f.severity, f.kind, r.resource, true, r.reason, r.path, "", 1, r.edit})
				covered++
			}
		}
	}
	return shown, covered
}

// entry folds the verdicts of one cause: "912 recovery points by backup plan nightly".
func (f *fold) entry() entry {
	_, noun, ok := strings.Cut(f.kind, ".")
	if !ok || noun == "" {
		noun = "resource"
	}
	e := entry{severity: f.severity, kind: f.kind, what: counted(f.count, strings.ReplaceAll(noun, "_", " ")), reason: f.where, stands: f.count}
	if f.by != "" {
		e.what += " by " + f.by
	}
	if len(f.rows) > 0 {
		e.example, e.path, e.edit = f.rows[0].resource, f.rows[0].path, f.rows[0].edit
		if !f.reasons {
			e.reason = f.rows[0].reason
		}
	}
	return e
}

// grid is the widths of the columns of every table of a section, so that they stand below each other. Without a column for
// the kind, kind and reason stand below the resource; without any there is no table but cards.
type grid struct{ kind, what, reason int }

// grid is the one with a column for everything if that is wide enough for most rows.
func (p *page) grid(all []entry) grid {
	if p.width < tableWidth {
		return grid{}
	}
	fits := 0
	wide := p.wide(all)
	for _, e := range all {
		if _, ok := wide.cells(p, e); ok {
			fits++
		}
	}
	if 4*fits >= 3*len(all) {
		return wide
	}
	return grid{what: p.width - rowIndent - severityCol - gutter}
}

func (p *page) wide(all []entry) grid {
	var g grid
	for _, e := range all {
		if w := columns(e.kind); w <= p.width/5 { // a longer one stands on a card
			g.kind = max(g.kind, w)
		}
	}
	free := p.width - rowIndent - severityCol - g.kind - 3*gutter
	limit := free - leastReason
	for _, e := range all {
		if w := columns(e.what); w <= limit || !e.isID {
			g.what = max(g.what, min(w, limit))
		}
	}
	g.reason = free - g.what
	return g
}

// cells are the wrapped cells of an entry, and whether they fit the columns without breaking an identifier.
func (g grid) cells(p *page, e entry) ([]string, bool) {
	what := []string{e.what}
	if !e.isID {
		what = wrap(e.what, g.what, g.what)
	}
	severity := p.paint(severityStyle(e.severity), cell(string(e.severity)))
	if g.kind == 0 {
		what = append(what, wrap(e.kind+" · "+e.reason, g.what, g.what)...)
		return []string{severity, strings.Join(what, "\n")}, widest(what) <= g.what
	}
	reason := wrap(e.reason, g.reason, g.reason)
	fits := columns(e.kind) <= g.kind && widest(what) <= g.what && widest(reason) <= g.reason
	return []string{severity, e.kind, strings.Join(what, "\n"), strings.Join(reason, "\n")}, fits
}

func widest(lines []string) int {
	w := 0
	for _, l := range lines {
		w = max(w, columns(l))
	}
	return w
}

// entries writes rows as a table where they fit it, and as cards where not. A chain and an example stand below their row.
func (p *page) entries(g grid, all []entry) error {
	var rows [][]string
	for i, e := range all {
		cells, fits := g.cells(p, e)
		if fits {
			rows = append(rows, cells)
			if len(e.path) == 0 && e.example == "" && e.edit.at == "" {
				continue
			}
		}
		if err := p.table(g, rows); err != nil {
			return err
		}
		rows = nil
		if fits {
			p.below(rowIndent+severityCol+gutter, e)
			continue
		}
		if i > 0 {
			p.blank()
		}
		p.card(e)
		if i+1 < len(all) {
			if _, next := g.cells(p, all[i+1]); next {
				p.blank()
			}
		}
	}
	return p.table(g, rows)
}

func (p *page) card(e entry) {
	head := p.paint(severityStyle(e.severity), cell(string(e.severity)))
	p.text(rowIndent, gutter, plain, head+" · "+e.kind)
	if e.isID {
		p.id(rowIndent, "", e.what)
	} else {
		p.text(rowIndent, gutter, plain, e.what)
	}
	if e.reason != "" {
		p.text(rowIndent, 0, plain, e.reason)
	}
	p.below(rowIndent, e)
}

func (p *page) below(indent int, e entry) {
	if e.example != "" {
		p.id(indent, "for example ", e.example)
	}
	p.chain(indent, e)
	if e.edit.at != "" {
		p.id(indent, "at ", e.edit.at)
	}
	if e.edit.by != "" {
		p.text(indent, gutter, plain, "by "+e.edit.by)
	}
}

func (p *page) chain(indent int, e entry) {
	if len(e.path) == 0 {
		return
	}
	if joined := "chain: " + strings.Join(e.path, " "+arrow); indent+columns(joined) <= p.width {
		p.line(indent, plain, joined)
		return
	}
	if indent+len(arrow)+widest(e.path) > p.width {
		indent = rowIndent
	}
	p.line(indent, plain, "chain:")
	lead := strings.Repeat(" ", len(arrow))
	for _, hop := range e.path {
		p.id(indent, lead, hop)
		lead = arrow
	}
}

// table writes rows whose cells are wrapped already: the library's own wrapping puts a sign into what it breaks.
func (p *page) table(g grid, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	var out bytes.Buffer
	widths := tw.Mapper[int, int]{0: severityCol + gutter, 1: g.kind + gutter, 2: g.what + gutter, 3: g.reason}
	gap := tw.Padding{Right: strings.Repeat(" ", gutter), Overwrite: true}
	padding := []tw.Padding{gap, gap, gap, tw.PaddingNone}
	if g.kind == 0 {
		widths, padding = tw.Mapper[int, int]{0: severityCol + gutter, 1: g.what}, []tw.Padding{gap, tw.PaddingNone}
	}
	t := tablewriter.NewTable(&out,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone, Symbols: tw.NewSymbols(tw.StyleNone),
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithEastAsian(tw.Off), // as in columns
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithRowAutoFormat(tw.Off),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithRowPaddingPerColumn(padding),
		tablewriter.WithColumnWidths(widths),
	)
	if err := errors.Join(t.Bulk(rows), t.Render()); err != nil {
		return fmt.Errorf("lay out table: %w", err)
	}
	for line := range strings.SplitSeq(strings.TrimRight(out.String(), "\n"), "\n") {
		p.line(rowIndent, plain, strings.TrimRight(line, " "))
	}
	return nil
}
