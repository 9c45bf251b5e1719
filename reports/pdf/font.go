package pdf

import (
	"encoding/binary"
	"sync"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/dejavu/dejavusansbold"
	"codeberg.org/go-fonts/dejavu/dejavusansmono"
)

// Face is one of the fonts that are embedded.
type Face uint8

// The faces. Identifiers stand in Mono.
const (
	Sans Face = iota
	Bold
	Mono
)

var names = [...]string{Sans: "sans", Bold: "bold", Mono: "mono"}

func (f Face) ttf() []byte {
	switch f {
	case Bold:
		return dejavusansbold.TTF
	case Mono:
		return dejavusansmono.TTF
	}
	return dejavusans.TTF
}

// unmapped marks a code point for which a font has no glyph.
const unmapped = 0xFFFF

// advances are the widths of a font's glyphs by code point, in thousandths of its size.
type advances *[1 << 16]uint16

// faces reads each font once; nothing changes the result. gofpdf measures too, but slowly, and takes a missing glyph for a wide one.
var faces = [...]func() advances{
	Sans: sync.OnceValue(func() advances { return readAdvances(Sans.ttf()) }),
	Bold: sync.OnceValue(func() advances { return readAdvances(Bold.ttf()) }),
	Mono: sync.OnceValue(func() advances { return readAdvances(Mono.ttf()) }),
}

// readAdvances reads cmap (format 4), head, hhea and hmtx of a TrueType font that is part of the program, so that a wrong one is
// a panic that the first test meets. https://learn.microsoft.com/typography/opentype/spec/cmap
func readAdvances(ttf []byte) advances {
	be := binary.BigEndian
	tables := map[string][]byte{}
	for i := range int(be.Uint16(ttf[4:])) {
		record := ttf[12+16*i:]
		tables[string(record[:4])] = ttf[be.Uint32(record[8:]):][:be.Uint32(record[12:])]
	}
	em, metrics := int(be.Uint16(tables["head"][18:])), int(be.Uint16(tables["hhea"][34:]))
	widths := new([1 << 16]uint16)
	for i := range widths {
		widths[i] = unmapped
	}
	eachGlyph(basicPlane(tables["cmap"]), func(code, glyph int) {
		wide := int(be.Uint16(tables["hmtx"][4*min(glyph, metrics-1):]))
		widths[code] = uint16((wide*1000 + em/2) / em)
	})
	return widths
}

// basicPlane is the subtable of format 4 for Windows.
func basicPlane(cmap []byte) []byte {
	be := binary.BigEndian
	for i := range int(be.Uint16(cmap[2:])) {
		record := cmap[4+8*i:]
		if table := cmap[be.Uint32(record[4:]):]; be.Uint16(record) == 3 && be.Uint16(table) == 4 {
			return table
		}
	}
	panic("font without a character map of format 4")
}

func eachGlyph(table []byte, yield func(code, glyph int)) {
	at := func(i int) int { return int(binary.BigEndian.Uint16(table[i:])) }
	twice := at(6) // of the number of segments
	for s := 0; s < twice; s += 2 {
		end, start, delta, offset := at(14+s), at(16+twice+s), at(16+2*twice+s), at(16+3*twice+s)
		for code := start; code <= end && code < 0xFFFF; code++ {
			glyph := code
			if offset != 0 {
				if glyph = at(16 + 3*twice + s + offset + 2*(code-start)); glyph == 0 {
					continue
				}
			}
			if glyph = (glyph + delta) & 0xFFFF; glyph != 0 {
				yield(code, glyph)
			}
		}
	}
}

// Width of clean text, in points.
func (s Style) Width(text string) float64 {
	widths, sum := faces[s.Face](), 0
	for _, r := range text {
		sum += int(widths[r])
	}
	return float64(sum) * s.Size / 1000
}
