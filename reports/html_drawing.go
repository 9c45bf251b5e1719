package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	h "github.com/seed-1578181b/domicile/reports/html"
)

// htmlDrawing places boxes and edges on a sheet; the same crossings are drawn wide for a screen and narrow for a phone.
type htmlDrawing struct {
	width, box int
	size       string // of the text, in the sheet's units
	chars      int    // that fit a box
	flows      *htmlFlows
	order      []int    // edges as they are drawn
	marks      []h.Node // the counts
	counts     [][3]int // middle and width of those placed
	left       []htmlArea
	right      []htmlArea
	height     int
}

type htmlArea struct {
	name, note string
	nodes      []string
	top        int
}

const (
	areaHead = 38
	nodeStep = 30
	areaGap  = 16
)

func (d *htmlDrawing) plan() {
	for i := range d.flows.all {
		d.order = append(d.order, i)
	}
	rank := map[string]int{}
	for i, z := range d.flows.zones {
		rank[z.ID] = i
	}
	slices.SortStableFunc(d.order, func(a, b int) int {
		x, y := d.flows.all[a], d.flows.all[b]
		return cmp.Or(cmp.Compare(rank[x.zone], rank[y.zone]), cmp.Compare(y.count, x.count))
	})
	for _, z := range d.flows.zones {
		if z.Promise {
			d.left = append(d.left, htmlArea{name: z.ID, note: z.Name, nodes: slices.Clone(z.Regions)})
		}
	}
	for _, n := range d.order {
		f := d.flows.all[n]
		d.left = htmlPut(d.left, f.zone, htmlNode(f))
	}
	for _, z := range d.flows.zones {
		for _, n := range d.order {
			if f := d.flows.all[n]; f.area == z.ID {
				d.right = htmlPut(d.right, f.area, f.to)
			}
		}
	}
	for _, name := range []string{areaOutside, areaAccount, areaNowhere} {
		for _, n := range d.order {
			if f := d.flows.all[n]; f.area == name {
				d.right = htmlPut(d.right, name, f.to)
			}
		}
	}
	for i := range d.right {
		if z, known := d.flows.zone(d.right[i].name); known {
			d.right[i].note = z.Name
			if !z.Promise {
				d.right[i].note += " (free to leave)"
			}
		}
	}
	d.height = max(htmlStack(d.left), htmlStack(d.right))
}

func htmlNode(f htmlFlow) string { return cmp.Or(f.from, "placed outside") }

// htmlPut adds a node to an area, which it makes if need be.
func htmlPut(areas []htmlArea, name, node string) []htmlArea {
	at := slices.IndexFunc(areas, func(a htmlArea) bool { return a.name == name })
	if at < 0 {
		at, areas = len(areas), append(areas, htmlArea{name: name})
	}
	if !slices.Contains(areas[at].nodes, node) {
		areas[at].nodes = append(areas[at].nodes, node)
	}
	return areas
}

// htmlStack places areas below each other and returns where they end.
func htmlStack(areas []htmlArea) int {
	y := areaGap
	for i := range areas {
		areas[i].top = y
		y += areaHead + nodeStep*len(areas[i].nodes) + areaGap
	}
	return y
}

// svg draws. Edges are buttons that the script brings to life; each says in words what it is.
func (d *htmlDrawing) svg(classes string) h.Node {
	d.plan()
	sheet := h.Tag("svg", h.Class(classes), h.Attr{Key: "viewBox", Value: fmt.Sprintf("-2 -2 %d %d", d.width+4, d.height+4)},
		h.Attr{Key: "role", Value: "group"}, h.Attr{Key: "aria-label", Value: "Border crossings of the promised zones"},
		h.Attr{Key: "font-size", Value: d.size})
	for _, a := range d.left {
		sheet.Kids = append(sheet.Kids, d.area(a, 0, "promised"))
	}
	for _, a := range d.right {
		sheet.Kids = append(sheet.Kids, d.area(a, d.width-d.box, "beyond"))
	}
	for _, n := range d.order {
		sheet.Kids = append(sheet.Kids, d.edge(n))
	}
	sheet.Kids = append(sheet.Kids, d.marks...)
	return sheet
}

func (d *htmlDrawing) area(a htmlArea, x int, kind string) h.Node {
	g := h.Tag("g", h.Class("area "+kind), h.Attr{Key: "aria-hidden", Value: "true"},
		svgRect(x, a.top, d.box, areaHead+nodeStep*len(a.nodes)-4, 8), svgText(x+10, a.top+22, "zone", d.fit(htmlAreaWords(a))))
	for i, node := range a.nodes {
		y := a.top + areaHead + i*nodeStep - 6
		g.Kids = append(g.Kids, h.Tag("g", h.Class("node"), svgRect(x+6, y, d.box-12, nodeStep-6, 4), svgText(x+14, y+16, "", d.fit(node))))
	}
	return g
}

func htmlAreaWords(a htmlArea) string {
	words := strings.TrimSpace(a.name)
	if a.note != "" {
		words += " · " + a.note
	}
	return words
}

// fit cuts words to a box; the whole stands in the edge's own words.
func (d *htmlDrawing) fit(s string) string {
	s = cell(s)
	if r := []rune(s); len(r) > d.chars {
		return string(r[:d.chars-1]) + "…"
	}
	return s
}

func (d *htmlDrawing) edge(n int) h.Node {
	f := d.flows.all[n]
	x1, y1 := d.box-6, htmlMiddle(d.left, f.zone, htmlNode(f))
	x2, y2 := d.width-d.box+6, htmlMiddle(d.right, f.area, f.to)
	if f.waived { // it may run beside a violation of the same two places
		y1, y2 = y1+7, y2+7
	}
	bend := (x2 - x1) / 2
	path := fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)
	kind, mark := "edge fail", "✕ "
	if f.waived {
		kind, mark = "edge waived", "⚑ "
	}
	words := mark + strconv.Itoa(f.count)
	wide := 8*len([]rune(words)) + 10
	cx, cy := d.free(wide, func(share float64) (x, y int) {
		return svgCurve(share, x1, x1+bend, x2-bend, x2), svgCurve(share, y1, y1, y2, y2)
	})
	// Counts lie above all edges, so that none takes another's click; for whoever does not see, they are part of the button.
	d.marks = append(d.marks, h.Tag("g", h.Class(kind), h.Attr{Key: "data-mark", Value: strconv.Itoa(n)}, h.Attr{Key: "aria-hidden", Value: "true"},
		h.Tag("title", h.Text(f.words())), svgRect(cx-wide/2, cy-10, wide, 20, 10), svgText(cx, cy+4, "count", words)))
	return h.Tag("g", h.Class(kind), h.Attr{Key: "role", Value: "button"}, h.Attr{Key: "tabindex", Value: "0"},
		h.Attr{Key: "data-edge", Value: strconv.Itoa(n)}, h.Attr{Key: "aria-label", Value: f.words()},
		h.Tag("title", h.Text(f.words())),
		h.Tag("path", h.Class("hit"), h.Attr{Key: "d", Value: path}),
		h.Tag("path", h.Class("line"), h.Attr{Key: "d", Value: path}),
		h.Tag("path", h.Class("tip"), h.Attr{Key: "d", Value: fmt.Sprintf("M%d %dl-9 -5v10z", x2, y2)}))
}

// free finds a place along an edge where its count hides no other, if there is one.
func (d *htmlDrawing) free(wide int, along func(share float64) (x, y int)) (x, y int) {
	for _, share := range []float64{0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.2, 0.55, 0.45, 0.65, 0.35, 0.75, 0.25, 0.88, 0.12} {
		x, y = along(share)
		hides := func(c [3]int) bool { return abs(c[0]-x) < (c[2]+wide)/2+2 && abs(c[1]-y) < 22 }
		if !slices.ContainsFunc(d.counts, hides) {
			break
		}
	}
	d.counts = append(d.counts, [3]int{x, y, wide})
	return x, y
}

func abs(n int) int { return max(n, -n) }

func svgCurve(t float64, a, b, c, d int) int {
	u := 1 - t
	return int(u*u*u*float64(a) + 3*u*u*t*float64(b) + 3*u*t*t*float64(c) + t*t*t*float64(d))
}

// htmlMiddle is the height of a node's middle.
func htmlMiddle(areas []htmlArea, name, node string) int {
	for _, a := range areas {
		if a.name == name {
			return a.top + areaHead + slices.Index(a.nodes, node)*nodeStep + 6
		}
	}
	return 0
}

func svgRect(x, y, width, height, round int) h.Node {
	return h.Tag("rect", geometry("x", x), geometry("y", y), geometry("width", width), geometry("height", height), geometry("rx", round))
}

func svgText(x, y int, class, words string) h.Node {
	return h.Tag("text", h.Class(class), geometry("x", x), geometry("y", y), h.Text(words))
}

func geometry(key string, n int) h.Node { return h.Attr{Key: key, Value: strconv.Itoa(n)} }
