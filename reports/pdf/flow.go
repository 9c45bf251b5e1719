package pdf

// heading waits for what follows it, so that it is never alone at the foot of a page.
type heading struct {
	style   Style
	text    string // clean
	outline int    // level of its bookmark, -1 without
	above   float64
	ruled   bool
}

// Part opens a numbered part: a heading with a bookmark.
func (d *Document) Part(title string) {
	d.waiting = append(d.waiting, heading{Style{Bold, 14, Blue}, Bold.Clean(title), 0, 16, true})
}

// Section opens a section of a part: a heading with a bookmark below the part's.
func (d *Document) Section(title string) {
	d.waiting = append(d.waiting, heading{Style{Bold, 10, Black}, Bold.Clean(title), 1, 8, false})
}

// Lead is a line of bold text that stays with what follows it.
func (d *Document) Lead(text string) {
	d.waiting = append(d.waiting, heading{Style{Bold, 8.5, Black}, Bold.Clean(text), -1, 4, false})
}

// headings draws those that wait, on a page that has so much room below them.
func (d *Document) headings(follows float64) {
	waiting, high := d.waiting, max(follows, 24)
	d.waiting = nil
	for _, h := range waiting {
		high += h.above + float64(len(h.style.wrap(h.text, Wide)))*h.style.height() + 8
	}
	if d.y+high > bottom {
		d.NewPage()
	}
	for _, h := range waiting {
		d.Skip(h.above)
		if h.outline >= 0 {
			d.f.Bookmark(h.text, h.outline, d.y)
		}
		d.block(h.style, h.text, 0)
		d.y += 2
		if h.ruled {
			d.line(left, d.y-2, left+Wide, d.y-2, 1, Blue)
			d.y += 5
		}
	}
}

// Title is the largest of a document.
func (d *Document) Title(text string) {
	d.block(Style{Bold, 24, Blue}, Bold.Clean(text), 0)
	d.y += 6
}

// Text is a paragraph.
func (d *Document) Text(text string) {
	d.block(body, Sans.Clean(text), 0)
	d.y += 4
}

// Strong is a paragraph that must not be missed.
func (d *Document) Strong(text string) {
	d.block(Style{Bold, 8.5, Black}, Bold.Clean(text), 0)
	d.y += 4
}

// Code is a paragraph to be copied: commands, digests.
func (d *Document) Code(text string) {
	d.block(Style{Mono, 7.5, Black}, Mono.Clean(text), 10)
	d.y += 3
}

// Note is a paragraph of less weight.
func (d *Document) Note(text string) {
	d.block(small, Sans.Clean(text), 0)
	d.y += 3
}

// Item is a paragraph of a list.
func (d *Document) Item(text string) {
	d.Room(2 * body.height())
	d.text(left+2, d.y+body.Size, body, "•")
	d.block(body, Sans.Clean(text), 11)
	d.y += 2
}

// Pairs lists names with their values, in two columns.
func (d *Document) Pairs(pairs ...[2]string) {
	name, value := Style{Bold, 8, Black}, Style{Sans, 8, Black}
	const wide = 130
	for _, p := range pairs {
		names, values := name.wrap(Bold.Clean(p[0]), wide-8), value.wrap(Sans.Clean(p[1]), Wide-wide)
		d.Room(float64(min(max(len(names), len(values)), 6)) * value.height())
		for i := range max(len(names), len(values)) {
			d.Room(value.height())
			if i < len(names) {
				d.text(left, d.y+name.Size, name, names[i])
			}
			if i < len(values) {
				d.text(left+wide, d.y+value.Size, value, values[i])
			}
			d.y += value.height()
		}
		d.y += 1.5
	}
	d.y += 4
}

// Line of a panel.
type Line struct {
	Text   string
	Strong bool
}

// Panel is a box around lines, for what is read first. It is on one page unless it is longer than one.
func (d *Document) Panel(lines []Line) {
	const pad = 8.0
	var styles []Style
	var texts []string
	for _, l := range lines {
		s := body
		if l.Strong {
			s = Style{Bold, 10, Black}
		}
		for _, text := range s.wrap(s.Face.Clean(l.Text), Wide-2*pad) {
			styles, texts = append(styles, s), append(texts, text)
		}
	}
	for len(texts) > 0 {
		const start = 150.0 // a panel that is longer than a page begins where it is
		if all := 2*pad + float64(len(texts))*13; all < (bottom-top)*0.7 {
			d.Room(all)
		} else {
			d.Room(start)
		}
		n := min(len(texts), int((bottom-d.y-2*pad)/13))
		for n > 1 && n < len(texts) && styles[n-1].Face == Bold { // a strong line heads what follows it
			n--
		}
		d.box(left, d.y, Wide, 2*pad+float64(n)*13, 1.4, Pale)
		y := d.y + pad
		for i := range n {
			d.text(left+pad, y+10, styles[i], texts[i])
			y += 13
		}
		d.y = y + pad + 6
		texts, styles = texts[n:], styles[n:]
	}
}

// height of a line.
func (s Style) height() float64 { return s.Size * 1.32 }

// block draws a paragraph of clean text, its lines broken and carried to further pages.
func (d *Document) block(s Style, text string, indent float64) {
	lines := s.wrap(text, Wide-indent)
	if len(lines) > 1 {
		d.Room(2 * s.height()) // no line alone
	}
	for _, line := range lines {
		d.Room(s.height())
		d.text(left+indent, d.y+s.Size, s, line)
		d.y += s.height()
	}
}
