package reports

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

// drawn is a piece of text on a page, in points from the lower left.
type drawn struct {
	page       int
	x, y, size float64
	face       pdf.Face
	text       string
}

func (d drawn) width() float64 { return pdf.Style{Face: d.face, Size: d.size}.Width(d.text) }

var (
	streamOf = regexp.MustCompile(`(?s)<</Length \d+>>\nstream\n(.*?)\nendstream`)
	textOf   = regexp.MustCompile(`(?s)BT /F([0-9a-f]+) ([0-9.]+) Tf ET|BT ([-0-9.]+) ([-0-9.]+) Td \((.*?[^\\]|)\) Tj ET`)
	fontOf   = regexp.MustCompile(`/F([0-9a-f]+) (\d+) 0 R`)
	nameOf   = regexp.MustCompile(`(?m)^(\d+) 0 obj\n<</Type /Font\n/Subtype /Type0\n/BaseFont /utf8(\w+)`)
	unescape = strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r")
)

// readPDF finds the text of a document whose pages are not compressed, in the order in which it was drawn.
func readPDF(t *testing.T, doc []byte) []drawn {
	t.Helper()
	objects, faces := map[string]pdf.Face{}, map[string]pdf.Face{}
	for _, m := range nameOf.FindAllSubmatch(doc, -1) {
		objects[string(m[1])] = map[string]pdf.Face{"sans": pdf.Sans, "bold": pdf.Bold, "mono": pdf.Mono}[string(m[2])]
	}
	for _, m := range fontOf.FindAllSubmatch(doc, -1) {
		faces[string(m[1])] = objects[string(m[2])]
	}
	var all []drawn
	page := 0
	for _, s := range streamOf.FindAllSubmatch(doc, -1) {
		if !bytes.Contains(s[1], []byte(" Td (")) {
			continue
		}
		page++
		now := drawn{page: page}
		for _, m := range textOf.FindAllSubmatch(s[1], -1) {
			if len(m[1]) > 0 {
				now.face, now.size = faces[string(m[1])], decimal(t, m[2])
				continue
			}
			now.x, now.y, now.text = decimal(t, m[3]), decimal(t, m[4]), fromUTF16(t, unescape.Replace(string(m[5])))
			all = append(all, now)
		}
	}
	if len(all) == 0 {
		t.Fatal("no text found in the document")
	}
	return all
}

func decimal(t *testing.T, b []byte) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func fromUTF16(t *testing.T, s string) string {
	t.Helper()
	if len(s)%2 != 0 {
		t.Fatalf("text of %d bytes is no UTF-16: %q", len(s), s)
	}
	var units []uint16
	for i := 0; i < len(s); i += 2 {
		units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(units))
}

// render writes a report with plain pages and reads them.
func render(t *testing.T, r residency.Report) []drawn {
	t.Helper()
	var out bytes.Buffer
	if err := writePages(&out, r, true); err != nil {
		t.Fatal(err)
	}
	return readPDF(t, out.Bytes())
}

// partsOf is the text of each numbered part, its lines joined by spaces.
func partsOf(all []drawn) map[int]string {
	parts, at := map[int]*strings.Builder{0: {}}, 0
	for _, d := range all {
		if d.size == 14 && d.face == pdf.Bold {
			if n, err := strconv.Atoi(strings.SplitN(d.text, " ", 2)[0]); err == nil {
				at = n
				parts[n] = cmp.Or(parts[n], &strings.Builder{})
			}
		}
		if d.y > 45 { // above the foot
			parts[at].WriteString(d.text + " ")
		}
	}
	texts := map[int]string{}
	for n, b := range parts {
		texts[n] = b.String()
	}
	return texts
}

// attachments are the files inside a document, by name.
func attachments(t *testing.T, doc []byte) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	spec := regexp.MustCompile(`/F <FEFF([0-9A-F]+)> /UF .*? /EF << /F (\d+) 0 R >>`)
	for _, m := range spec.FindAllSubmatch(doc, -1) {
		var name []uint16
		for i := 0; i < len(m[1]); i += 4 {
			u, err := strconv.ParseUint(string(m[1][i:i+4]), 16, 16)
			if err != nil {
				t.Fatal(err)
			}
			name = append(name, uint16(u))
		}
		head := regexp.MustCompile(fmt.Sprintf(`\n%s 0 obj\n<< /Type /EmbeddedFile [^\n]*/Length (\d+) [^\n]*\nstream\n`, m[2])).FindSubmatchIndex(doc)
		if head == nil {
			t.Fatalf("no object %s", m[2])
		}
		length, err := strconv.Atoi(string(doc[head[2]:head[3]]))
		if err != nil {
			t.Fatal(err)
		}
		z, err := zlib.NewReader(bytes.NewReader(doc[head[1] : head[1]+length]))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		files[string(utf16.Decode(name))] = content
	}
	return files
}
