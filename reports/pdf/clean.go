package pdf

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ignorable are the printable runes that Unicode lists as Default_Ignorable_Code_Point: they show nothing.
var ignorable = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, {Lo: 0x115F, Hi: 0x1160, Stride: 1}, {Lo: 0x17B4, Hi: 0x17B5, Stride: 1},
		{Lo: 0x180B, Hi: 0x180F, Stride: 1}, {Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xFE00, Hi: 0xFE0F, Stride: 1},
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1},
	},
}

// Clean makes text safe to draw: composed, and with each rune that the face cannot show, that reorders, hides or controls, or
// that lies beyond the basic plane (where gofpdf panics) made visible as [U+1F600]. A byte that is no UTF-8 becomes [0xFF].
func (f Face) Clean(text string) string {
	if plain(text) {
		return text
	}
	// Unicode bounds what may stand on one letter; a name that does not would be composed in quadratic time without the bound.
	text = norm.NFC.String(text)
	widths := faces[f]()
	var b strings.Builder
	for at, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[at:], "\uFFFD"):
			fmt.Fprintf(&b, "[0x%02X]", text[at])
		case r > 0xFFFF || widths[r] == unmapped || !unicode.IsPrint(r) || unicode.Is(ignorable, r):
			fmt.Fprintf(&b, "[U+%04X]", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
