// Package pdf draws documents of flowing text, tables and diagrams. It is the only place of gofpdf, which was archived in 2019,
// and stands between its traps and the reports: text is cleaned before it is drawn, rows are measured before they are placed,
// panics become errors, and the same drawing gives the same bytes.
package pdf

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/jung-kurt/gofpdf"
)

// Options of a document.
type Options struct {
	Title   string
	Footer  string    // left on the foot of each page; "page x of y" stands on the right
	Created time.Time // of the metadata; zero: 1970
	Plain   bool      // pages are not compressed, for tests that look into them
}

// A4, in points, and the margins of its pages.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	left       = 46.0
	top        = 48.0
	bottom     = pageHeight - 56
	// Wide is the width that text and tables have.
	Wide = pageWidth - 2*left
)

// Document is being drawn, from top to bottom.
type Document struct {
	f       *gofpdf.Fpdf
	options Options
	y       float64 // where the next thing goes
	style   Style   // selected last
	files   []*Attachment
	waiting []heading // for what follows them
}

// Style of text. Size is in points.
type Style struct {
	Face  Face
	Size  float64
	Color Color
}

// Color of ink or of a filling.
type Color struct{ R, G, B uint8 }

// The colours. A reader who sees none of them loses nothing: words, patterns and lines say the same.
var (
	Black = Color{0, 0, 0}
	Grey  = Color{95, 95, 95}
	Pale  = Color{238, 238, 238}
	White = Color{255, 255, 255}
	Red   = Color{160, 20, 20}
	Blue  = Color{20, 60, 130}
)

// The styles of running text.
var (
	body  = Style{Sans, 8.5, Black}
	small = Style{Sans, 7, Grey}
)

// Write draws a document and writes it out. A panic of the library below becomes an error, like any error of its own. What was
// written before an error is incomplete.
func Write(w io.Writer, o Options, draw func(*Document) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("draw pdf: %v", r)
		}
	}()
	d := &Document{f: gofpdf.New("P", "pt", "A4", ""), options: o}
	d.f.SetCompression(!o.Plain)
	d.f.SetCatalogSort(true)
	created := o.Created
	if created.IsZero() {
		created = time.Unix(0, 0) // for a zero time the library takes the clock
	}
	d.f.SetCreationDate(created.UTC())
	d.f.SetModificationDate(created.UTC())
	d.f.SetProducer("domicile", true)
	d.f.SetTitle(Sans.Clean(o.Title), true)
	d.f.SetAutoPageBreak(false, 0)
	d.f.SetMargins(left, top, left)
	for face := range Face(len(names)) {
		d.f.AddUTF8FontFromBytes(names[face], "", bytes.Clone(face.ttf())) // the library writes into them
	}
	d.NewPage()
	if err := draw(d); err != nil {
		return err
	}
	d.foot()
	var out bytes.Buffer
	if err := d.f.Output(&out); err != nil {
		return fmt.Errorf("draw pdf: %w", err)
	}
	return attach(w, out.Bytes(), d.files)
}

// NewPage starts a page, unless the present one is empty.
func (d *Document) NewPage() {
	if d.f.PageCount() > 0 && d.y == top {
		return
	}
	d.f.AddPage()
	d.y, d.style = top, Style{}
}

// Room starts a new page unless so much height is left on this one. Headings that wait come first.
func (d *Document) Room(height float64) {
	if len(d.waiting) > 0 {
		d.headings(height)
	}
	if d.y+height > bottom {
		d.NewPage()
	}
}

// Skip leaves some height free, but none at the top of a page.
func (d *Document) Skip(height float64) {
	if d.y > top && len(d.waiting) == 0 {
		d.y = min(d.y+height, bottom)
	}
}

// foot numbers the pages, when there are no more to come.
func (d *Document) foot() {
	if len(d.waiting) > 0 {
		d.headings(0)
	}
	pages := d.f.PageCount()
	for n := 1; n <= pages; n++ {
		d.f.SetPage(n)
		d.style = Style{}
		d.f.SetFont(names[Mono], "", 1) // a page begins without a font; the library would not select the same one twice
		d.line(left, bottom+14, pageWidth-left, bottom+14, 0.4, Grey)
		of := fmt.Sprintf("page %d of %d", n, pages)
		d.text(pageWidth-left-small.Width(of), bottom+26, small, of)
		lines := small.wrap(Sans.Clean(d.options.Footer), Wide-90)
		for i, line := range lines[:min(len(lines), 2)] {
			d.text(left, bottom+26+9*float64(i), small, line)
		}
	}
}

// text draws clean text, its base line at y.
func (d *Document) text(x, y float64, s Style, text string) {
	if text == "" {
		return
	}
	if s.Face != d.style.Face || s.Size != d.style.Size || d.style.Size == 0 {
		d.f.SetFont(names[s.Face], "", s.Size)
	}
	if s.Color != d.style.Color || d.style.Size == 0 {
		d.f.SetTextColor(int(s.Color.R), int(s.Color.G), int(s.Color.B))
	}
	d.style = s
	d.f.Text(x, y, text)
}
