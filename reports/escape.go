package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cell makes a string from outside safe for a line of a terminal: whatever would move the cursor, colour, reorder, break or
// hide text becomes a visible escape. Names in AWS are chosen by whoever may create a resource, not by who reads the report.
func cell(s string) string {
	return escape(s, hostile)
}

// escape makes the runes of s that are hostile, and the bytes that are no UTF-8, visible.
func escape(s string, hostile func(rune) bool) string {
	if !strings.ContainsFunc(s, hostile) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hostile(r):
			b.WriteString(visible(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hostile reports whether r does anything but stand in its place: control and format characters (escape codes, bidi and
// zero-width marks, tags), line and paragraph separators, spaces that are not the space, and runes that show nothing.
func hostile(r rune) bool {
	return !unicode.IsPrint(r) || unicode.Is(invisible, r)
}

// invisible are the printable runes, by category, that Unicode lists as Default_Ignorable_Code_Point.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, {Lo: 0x115F, Hi: 0x1160, Stride: 1}, {Lo: 0x17B4, Hi: 0x17B5, Stride: 1},
		{Lo: 0x180B, Hi: 0x180F, Stride: 1}, {Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xFE00, Hi: 0xFE0F, Stride: 1},
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0xE0100, Hi: 0xE01EF, Stride: 1}},
}

func visible(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xFFFF:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// csvCell keeps a spreadsheet from taking a name for a formula: an apostrophe in front makes it text. The full-width signs
// are there because some spreadsheets read them as the plain ones. A CSV may be looked at on a terminal too, so what is
// hostile there is escaped, but for the white space that CSV can carry.
func csvCell(s string) string {
	s = escape(s, func(r rune) bool { return hostile(r) && !strings.ContainsRune("\t\r\n", r) })
	if s == "" {
		return s
	}
	switch r, _ := utf8.DecodeRuneInString(s); r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return "'" + s
	}
	return s
}
