package pdf

import "strconv"

// Series is one kind of thing that a chart counts.
type Series struct {
	Word    string
	Pattern Pattern
}

// Bar is a line of a chart: counts in the order of its series.
type Bar struct {
	Label  string
	Counts []int
}

// Bars draws each line as a bar of its own shares, with the counts in words beside it. What is counted at all is seen.
func (d *Document) Bars(series []Series, bars []Bar) {
	s, id := Style{Sans, 7, Black}, Style{Mono, 7, Black}
	const name, wide, high = 70.0, 200.0, 10.0
	d.legend(series)
	for _, b := range bars {
		total, words := 0, ""
		for i, n := range b.Counts {
			total += n
			words += ", " + strconv.Itoa(n) + " " + series[i].Word
		}
		labels, says := id.wrap(Mono.Clean(b.Label), name-6), s.wrap(Sans.Clean(words[min(2, len(words)):]), Wide-name-wide-8)
		tall := max(high, float64(max(len(labels), len(says)))*9) + 4
		d.Room(tall)
		for n, line := range labels {
			d.text(left, d.y+7.5+9*float64(n), id, line)
		}
		x := left + name
		for i, n := range b.Counts {
			if n == 0 {
				continue
			}
			share := max(wide*float64(n)/float64(total), 2)
			share = min(share, left+name+wide-x)
			if share > 0 {
				d.pattern(x, d.y, share, high, series[i].Pattern)
			}
			x += share
		}
		for n, line := range says {
			d.text(left+name+wide+8, d.y+7.5+9*float64(n), s, line)
		}
		d.y += tall
	}
	d.Skip(6)
}

func (d *Document) legend(series []Series) {
	s := Style{Sans, 7, Black}
	d.Room(40)
	x := left
	for _, one := range series {
		word := Sans.Clean(one.Word)
		if x+16+s.Width(word) > left+Wide {
			x = left
			d.y += 13
		}
		d.pattern(x, d.y, 12, 8, one.Pattern)
		d.text(x+15, d.y+7, s, word)
		x += 26 + s.Width(word)
	}
	d.y += 15
}

// Square of a grid: a letter on a pattern.
type Square struct {
	Letter  string // empty: no square
	Pattern Pattern
}

// GridRow is a row of a grid.
type GridRow struct {
	Label   string
	Squares []Square
}

// Grid draws rows of squares below their heads, with a legend of what pattern and letter mean.
func (d *Document) Grid(legend []Series, heads []string, rows []GridRow) {
	s, letter := Style{Sans, 7, Black}, Style{Bold, 7, Black}
	const name, side = 58.0, 14.2
	d.legend(legend)
	head := func() {
		for i, h := range heads {
			d.text(left+name+float64(i)*side+(side-s.Width(h))/2, d.y+8, s, h)
		}
		d.y += 11
	}
	d.Room(11 + 2*side)
	head()
	for _, row := range rows {
		if d.y+side > bottom {
			d.NewPage()
			head()
		}
		d.text(left, d.y+9.5, s, Sans.Clean(row.Label))
		for i, q := range row.Squares {
			if q.Letter == "" {
				continue
			}
			x := left + name + float64(i)*side
			d.pattern(x, d.y, side, side, q.Pattern)
			if q.Pattern != Blank {
				d.fill(x+3, d.y+2.6, side-6, side-5.2, White)
			}
			d.text(x+(side-letter.Width(q.Letter))/2, d.y+9.7, letter, q.Letter)
		}
		d.y += side
	}
	d.Skip(8)
}

// MapRow is an area of a map and where arrows lead from it.
type MapRow struct {
	Title   string
	Lines   []string
	Targets []MapTarget
}

// MapTarget is where an arrow leads.
type MapTarget struct {
	Title   string
	Label   string // of the arrow
	Crosses bool
}

// Map draws areas on the left, and what their arrows lead to on the right.
func (d *Document) Map(rows []MapRow) {
	title, word := Style{Bold, 8, Black}, Style{Sans, 7, Black}
	const box, gap, most = 170.0, 120.0, 12
	target := Wide - box - gap
	for _, row := range rows {
		for first := true; first || len(row.Targets) > 0; first = false {
			targets := row.Targets[:min(most, len(row.Targets))]
			row.Targets = row.Targets[len(targets):]
			lines := word.wrapAll(row.Lines, box-10)
			names := title.wrap(Bold.Clean(row.Title), box-10)
			high := float64(len(lines))*9 + float64(len(names))*10.5 + 8
			wraps, tall := make([][]string, len(targets)), 0.0
			for i, t := range targets {
				wraps[i] = word.wrap(Sans.Clean(t.Title), target-12)
				tall += float64(max(len(wraps[i]), 2))*9 + 12
			}
			high = max(high, tall)
			d.Room(high + 8)
			d.box(left, d.y, box, high, 1, Pale)
			y := d.y + 12
			for _, n := range names {
				d.text(left+5, y, title, n)
				y += 10.5
			}
			for _, l := range lines {
				d.text(left+5, y, word, l)
				y += 9
			}
			y = d.y
			for i, t := range targets {
				h := float64(max(len(wraps[i]), 2))*9 + 6
				x := left + box + gap
				if t.Crosses {
					d.outside(x, y, target, h)
				} else {
					d.box(x, y, target, h, 0.8, White)
				}
				for n, line := range wraps[i] {
					d.text(x+6, y+10.5+9*float64(n), word, line)
				}
				label := Sans.Clean(t.Label)
				d.text(left+box+(gap-word.Width(label))/2, y+h/2-4, word, label)
				d.arrow(left+box+2, y+h/2, x-2, y+h/2, t.Crosses)
				y += h + 6
			}
			d.y += high + 8
		}
	}
}

func (s Style) wrapAll(texts []string, width float64) (lines []string) {
	for _, t := range texts {
		lines = append(lines, s.wrap(s.Face.Clean(t), width)...)
	}
	return lines
}
