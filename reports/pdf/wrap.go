package pdf

import (
	"unicode"
	"unicode/utf8"
)

// wrap breaks clean text into lines that are at most so wide, in points: at a space, else after a colon or a slash as they
// stand in ARNs, else after a hyphen, a dot or the like or before a capital inside a word, else wherever the line is full. Nothing is lost but the spaces at a break.
func (s Style) wrap(text string, width float64) []string {
	if plain(text) && s.Width(text) <= width {
		return []string{text}
	}
	widths, room := faces[s.Face](), int(width*1000/s.Size)
	var lines []string
	for {
		cut, next := fitting(text, widths, room)
		lines = append(lines, text[:cut])
		if next >= len(text) {
			return lines
		}
		text = text[next:]
	}
}

// leastHead is how much of a word, in bytes, stays on a line that the word is broken for; a lone "arn:" helps nobody.
const leastHead = 16

// fitting is the end of the first line and the start of the second.
func fitting(text string, widths advances, room int) (cut, next int) {
	used, good, fair := 0, 0, 0
	space := -1
	before := ' '
	for i, r := range text {
		if unicode.IsLower(before) && unicode.IsUpper(r) { // GetBucket|Replication
			fair = i
		}
		before = r
		used += int(widths[r])
		if used > room && i > 0 && r != ' ' {
			switch {
			case space >= 0 && good-space <= leastHead: // a break inside a word leaves enough of it behind
				return space, space + 1
			case good > 0:
				return good, good
			case fair > 0:
				return fair, fair
			}
			return i, i
		}
		after := i + utf8.RuneLen(r)
		switch r {
		case ' ':
			space = i
		case ':', '/':
			if after < len(text) && text[after] != ':' && text[after] != '/' && text[after] != ' ' {
				good = after
			}
		case '-', '_', '.', ',', ';', '=', '@', ']':
			fair = after
		}
	}
	return len(text), len(text)
}
