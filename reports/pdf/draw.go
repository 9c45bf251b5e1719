package pdf

import (
	"math"

	"github.com/jung-kurt/gofpdf"
)

// Pattern fills an area so that it is told apart without colour.
type Pattern uint8

// The patterns.
const (
	Blank Pattern = iota
	Solid
	Hatched
	Lined
	Crossed
)

func (d *Document) pen(width float64, c Color) {
	d.f.SetLineWidth(width)
	d.f.SetDrawColor(int(c.R), int(c.G), int(c.B))
}

func (d *Document) line(x1, y1, x2, y2, width float64, c Color) {
	d.pen(width, c)
	d.f.Line(x1, y1, x2, y2)
}

func (d *Document) fill(x, y, w, h float64, c Color) {
	d.f.SetFillColor(int(c.R), int(c.G), int(c.B))
	d.f.Rect(x, y, w, h, "F")
	d.style = Style{} // the library tells text from fillings by their colours
}

func (d *Document) box(x, y, w, h, border float64, c Color) {
	d.fill(x, y, w, h, c)
	d.pen(border, Black)
	d.f.Rect(x, y, w, h, "D")
}

// outside is a box with a double, dashed border.
func (d *Document) outside(x, y, w, h float64) {
	d.fill(x, y, w, h, White)
	d.f.SetDashPattern([]float64{4, 2}, 0)
	d.pen(1.1, Red)
	d.f.Rect(x, y, w, h, "D")
	d.f.Rect(x+2, y+2, w-4, h-4, "D")
	d.f.SetDashPattern(nil, 0)
}

// arrow is a line with a head. One that crosses a border is thick and carries two bars.
func (d *Document) arrow(x1, y1, x2, y2 float64, crosses bool) {
	width, c := 0.8, Black
	if crosses {
		width, c = 1.8, Red
	}
	d.line(x1, y1, x2, y2, width, c)
	angle := math.Atan2(y2-y1, x2-x1)
	at := func(turn, far float64) gofpdf.PointType {
		return gofpdf.PointType{X: x2 - far*math.Cos(angle+turn), Y: y2 - far*math.Sin(angle+turn)}
	}
	d.f.SetFillColor(int(c.R), int(c.G), int(c.B))
	d.f.Polygon([]gofpdf.PointType{{X: x2, Y: y2}, at(0.45, 6), at(-0.45, 6)}, "F")
	d.style = Style{}
	if crosses {
		middle, dx, dy := 0.5, 4*math.Sin(angle), -4*math.Cos(angle)
		for _, shift := range []float64{-1.6, 1.6} {
			mx, my := x1+(x2-x1)*middle+shift*math.Cos(angle), y1+(y2-y1)*middle+shift*math.Sin(angle)
			d.line(mx-dx, my-dy, mx+dx, my+dy, 1, c)
		}
	}
}

func (d *Document) pattern(x, y, w, h float64, p Pattern) {
	d.fill(x, y, w, h, map[Pattern]Color{Blank: White, Solid: {70, 70, 70}, Hatched: White, Lined: Pale, Crossed: White}[p])
	d.f.ClipRect(x, y, w, h, false)
	d.pen(0.6, Grey)
	if p == Hatched || p == Crossed {
		for at := x - h; at < x+w; at += 3.5 {
			d.f.Line(at, y+h, at+h, y)
		}
	}
	if p == Crossed {
		for at := x - h; at < x+w; at += 3.5 {
			d.f.Line(at, y, at+h, y+h)
		}
	}
	if p == Lined {
		for at := y + 2; at < y+h; at += 2.5 {
			d.f.Line(x, at, x+w, at)
		}
	}
	d.f.ClipEnd()
	d.style = Style{} // what is selected inside a clipping is forgotten after it
	d.pen(0.5, Black)
	d.f.Rect(x, y, w, h, "D")
}
