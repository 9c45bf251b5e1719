package reports

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The widths of a page, in columns.
const (
	defaultWidth = 100
	leastWidth   = 40
)

// page writes lines that are at most its width. Its writer keeps the first error until flush.
type page struct {
	out   *bufio.Writer
	width int
	color bool
}

func newPage(w io.Writer, width int, color bool) *page {
	if width <= 0 {
		width = defaultWidth
	}
	return &page{out: bufio.NewWriter(w), width: max(width, leastWidth), color: color}
}

func (p *page) flush() error { return p.out.Flush() }

// style is an ANSI graphic rendition. What it says is always said by a word too.
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	yellow style = "33"
	green  style = "32"
	cyan   style = "36"
	alarm  style = "1;31"
)

func (p *page) paint(s style, text string) string {
	if !p.color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

func severityStyle(s residency.Severity) style {
	switch s {
	case residency.Critical:
		return alarm
	case residency.High:
		return red
	case residency.Medium:
		return yellow
	case residency.Low:
		return cyan
	}
	return dim
}

func (p *page) blank() { p.line(0, plain, "") }

func (p *page) line(indent int, s style, text string) {
	if text != "" {
		p.out.WriteString(strings.Repeat(" ", indent))
		p.out.WriteString(p.paint(s, text))
	}
	p.out.WriteByte('\n')
}

// title opens a section.
func (p *page) title(text string) {
	p.blank()
	p.line(0, bold, text)
}

// text writes a paragraph, its further lines indented by hang more.
func (p *page) text(indent, hang int, s style, text string) {
	for i, line := range wrap(text, p.width-indent, p.width-indent-hang) {
		if i == 1 {
			indent += hang
		}
		p.line(indent, s, line)
	}
}

// id writes an identifier behind a lead, never broken, so that it can be copied. One that is too long for the rest of the
// line moves left; where that does not help it stands alone on a line, which it may overflow. A lead of words stays in its
// place and has a line of its own instead.
func (p *page) id(indent int, lead, id string) {
	wide := columns(lead) + columns(id)
	if lead != "" && indent+wide > p.width && (columns(lead) > columns(arrow) || wide > p.width) {
		p.line(indent, plain, strings.TrimRight(lead, " "))
		lead, wide, indent = "", columns(id), indent+min(columns(lead), columns(arrow))
	}
	if wide <= p.width {
		indent = min(indent, p.width-wide)
	}
	p.line(indent, plain, lead+id)
}

// arrow leads a hop of a chain.
const arrow = "-> "

// columns is the width of text on a terminal. The narrow reading of ambiguous characters is asked for: the default would
// come from the environment.
func columns(text string) int { return twwidth.WidthWithOptions(text, twwidth.Options{}) }

// wrap breaks text at spaces into lines of at most first and then rest columns. A word that is too long is broken too, unless
// it is an ARN, which would be of no use then.
func wrap(text string, first, rest int) []string {
	var lines []string
	line, used, limit := "", 0, max(first, 1)
	end := func() {
		lines = append(lines, line)
		line, used, limit = "", 0, max(rest, 1)
	}
	for _, word := range words(text) {
		wide := columns(word)
		if used > 0 && used+1+wide > limit {
			end()
		}
		for wide > limit && !strings.HasPrefix(word, "arn:") {
			head, tail := cut(word, limit)
			if tail == "" {
				break
			}
			line = head
			end()
			word, wide = tail, columns(tail)
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+wide
	}
	if line != "" || len(lines) == 0 {
		end()
	}
	return lines
}

// words are what wrap does not part: words, and a dot between two facts with the word before it.
func words(text string) []string {
	var all []string
	for word := range strings.FieldsSeq(text) {
		if last := len(all) - 1; word == "·" && last >= 0 && !strings.HasPrefix(all[last], "arn:") {
			all[last] += " ·"
			continue
		}
		all = append(all, word)
	}
	return all
}

// cut parts a word so that its head, of at least one rune, fits into the columns.
func cut(word string, limit int) (head, tail string) {
	used := 0
	for i, r := range word {
		used += columns(string(r))
		if used > limit && i > 0 {
			return word[:i], word[i:]
		}
	}
	return word, ""
}

// counted is a number with its noun: "1 gap", "2 gaps".
func counted(n int, noun string) string {
	if n != 1 {
		noun = plural(noun)
	}
	return strconv.Itoa(n) + " " + noun
}

func plural(noun string) string {
	last := len(noun) - 1
	switch {
	case last < 1:
		return noun + "s"
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "x"), strings.HasSuffix(noun, "ch"):
		return noun + "es"
	case noun[last] == 'y' && !strings.ContainsRune("aeiou", rune(noun[last-1])):
		return noun[:last] + "ies"
	}
	return noun + "s"
}

// few lists up to most items, and says how many more there are.
func few(items []string, most int) string {
	if len(items) <= most {
		return strings.Join(items, ", ")
	}
	return strings.Join(items[:most], ", ") + " and " + strconv.Itoa(len(items)-most) + " more"
}
