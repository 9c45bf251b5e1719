package pdf

// Node is a box of a diagram.
type Node struct {
	Label   string // an identifier
	Note    string // what it is and where
	Outside bool   // beyond the border: drawn with a double, dashed line
}

// Edge leads from one box of a chain to the next.
type Edge struct {
	Label   string
	Crosses bool // the border
}

const (
	chainColumns = 3
	chainGap     = 84.0
	chainPad     = 5.0
	widestNode   = 190.0
)

// Chain draws boxes with arrows between them, at most three beside each other. edges has one less than nodes.
func (d *Document) Chain(nodes []Node, edges []Edge) {
	for from := 0; from < len(nodes); from += chainColumns {
		to := min(from+chainColumns, len(nodes))
		d.chainRow(nodes[from:to], edges[max(from-1, 0):min(to-1, len(edges))], from > 0)
	}
	d.Skip(5)
}

// chainRow draws a row. Where it goes on from another, its first edge leads in from the left.
func (d *Document) chainRow(nodes []Node, edges []Edge, goesOn bool) {
	id, word := Style{Mono, 6.5, Black}, Style{Sans, 6.5, Black}
	wide, x := (Wide-(chainColumns-1)*chainGap)/chainColumns, left
	if len(nodes) < chainColumns {
		wide = widestNode
	}
	if goesOn {
		wide, x = (Wide-chainColumns*chainGap)/chainColumns, left+chainGap
	}
	labels, notes, says := make([][]string, len(nodes)), make([][]string, len(nodes)), make([][]string, len(edges))
	lines, high := 0, 0.0
	for i, n := range nodes {
		labels[i], notes[i] = id.wrap(Mono.Clean(n.Label), wide-2*chainPad), word.wrap(Sans.Clean(n.Note), wide-2*chainPad)
		lines = max(lines, len(labels[i])+len(notes[i]))
	}
	for i, e := range edges {
		says[i] = word.wrap(Sans.Clean(e.Label), chainGap-12)
		high = max(high, float64(len(says[i]))*8+10)
	}
	high = max(high, float64(lines)*8+2*chainPad)
	d.Room(high + 4)
	for i := range nodes {
		lead := i
		if !goesOn {
			lead--
		}
		if lead >= 0 && lead < len(edges) {
			middle := d.y + high/2 + float64(len(says[lead]))*4
			middle = min(middle, d.y+high-4)
			for n, line := range says[lead] {
				d.text(x-chainGap+(chainGap-word.Width(line))/2, middle-5-8*float64(len(says[lead])-1-n), word, line)
			}
			d.arrow(x-chainGap+2, middle, x-2, middle, edges[lead].Crosses)
		}
		if nodes[i].Outside {
			d.outside(x, d.y, wide, high)
		} else {
			d.box(x, d.y, wide, high, 0.8, White)
		}
		y := d.y + chainPad + 6
		for _, line := range labels[i] {
			d.text(x+chainPad, y, id, line)
			y += 8
		}
		for _, line := range notes[i] {
			d.text(x+chainPad, y, word, line)
			y += 8
		}
		x += wide + chainGap
	}
	d.y += high + 4
}
