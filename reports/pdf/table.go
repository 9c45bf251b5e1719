package pdf

import (
	"slices"
	"strings"
)

// Column of a table.
type Column struct {
	Title string
	Share float64 // of the width; shares are relative to each other
	Face  Face
}

// Table draws rows as they come. Its head stands above the first row and again on each page; a row is not split unless it is
// higher than a page, and then nothing of it is lost. A table without a row draws nothing.
type Table struct {
	d       *Document
	columns []Column
	widths  []float64
	head    [][]string
	started bool
}

const (
	cellPad  = 3.0
	cellSize = 7.0
	cellLine = 9.0
)

// Table is a table with those columns.
func (d *Document) Table(columns ...Column) *Table {
	t := &Table{d: d, columns: columns}
	sum := 0.0
	for _, c := range columns {
		sum += c.Share
	}
	for _, c := range columns {
		t.widths = append(t.widths, Wide*c.Share/sum)
	}
	t.widen()
	for i, c := range columns {
		t.head = append(t.head, t.style(Bold).wrap(Bold.Clean(c.Title), t.widths[i]-2*cellPad))
	}
	return t
}

// widen gives each column the width of the longest word of its title, at the cost of the widest column.
func (t *Table) widen() {
	for i, c := range t.columns {
		for word := range strings.FieldsSeq(c.Title) {
			missing := t.style(Bold).Width(Bold.Clean(word)) + 2*cellPad + 0.5 - t.widths[i]
			if missing <= 0 {
				continue
			}
			widest := slices.Index(t.widths, slices.Max(t.widths))
			if widest != i {
				t.widths[i], t.widths[widest] = t.widths[i]+missing, t.widths[widest]-missing
			}
		}
	}
}

func (t *Table) style(f Face) Style {
	if f == Mono {
		return Style{Mono, 6.5, Black} // as wide as the others look
	}
	return Style{f, cellSize, Black}
}

// Row draws a row. Cells that are missing are empty.
func (t *Table) Row(cells ...string) {
	lines := make([][]string, len(t.columns))
	for i, c := range t.columns[:min(len(cells), len(t.columns))] {
		lines[i] = t.style(c.Face).wrap(c.Face.Clean(cells[i]), t.widths[i]-2*cellPad)
	}
	most := int((bottom - top - height(t.head) - 2*cellPad) / cellLine)
	for longest(lines) > most {
		part := make([][]string, len(lines))
		for i, l := range lines {
			n := min(len(l), most)
			part[i], lines[i] = l[:n], l[n:]
		}
		t.row(part)
	}
	t.row(lines)
}

func (t *Table) row(lines [][]string) {
	d, high := t.d, height(lines)
	switch {
	case !t.started:
		d.Room(height(t.head) + high)
		t.header()
	case d.y+high > bottom:
		d.NewPage()
		t.header()
	}
	x := left
	for i, cell := range lines {
		s := t.style(t.columns[i].Face)
		for n, line := range cell {
			d.text(x+cellPad, d.y+cellPad+s.Size+float64(n)*cellLine-0.5, s, line)
		}
		x += t.widths[i]
	}
	d.y += high
	d.line(left, d.y, left+Wide, d.y, 0.3, Grey)
}

func (t *Table) header() {
	d, x := t.d, left
	d.fill(left, d.y, Wide, height(t.head), Pale)
	for i, cell := range t.head {
		for n, line := range cell {
			d.text(x+cellPad, d.y+cellPad+cellSize+float64(n)*cellLine-0.5, t.style(Bold), line)
		}
		x += t.widths[i]
	}
	d.y += height(t.head)
	d.line(left, d.y, left+Wide, d.y, 0.8, Black)
	t.started = true
}

// End leaves room below the table.
func (t *Table) End() {
	if t.started {
		t.d.Skip(8)
	}
}

func height(lines [][]string) float64 {
	return float64(max(longest(lines), 1))*cellLine + 2*cellPad - 1
}

func longest(lines [][]string) int {
	most := 0
	for _, l := range lines {
		most = max(most, len(l))
	}
	return most
}
