package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf16"
)

// Attachment is a file inside a document. It is compressed while it is written, so that a large one is never in memory as a whole.
type Attachment struct {
	name, media, about string
	packed             bytes.Buffer
	deflate            *zlib.Writer
	sum                hash.Hash
	size               int64
}

// NewAttachment is an empty file of that name and media type.
func NewAttachment(name, media, about string) *Attachment {
	a := &Attachment{name: name, media: media, about: about, sum: sha256.New()}
	a.deflate = zlib.NewWriter(&a.packed)
	return a
}

// Write adds to the file.
func (a *Attachment) Write(b []byte) (int, error) {
	a.sum.Write(b)
	a.size += int64(len(b))
	return a.deflate.Write(b)
}

// Size of the file so far, in bytes.
func (a *Attachment) Size() int64 { return a.size }

// SHA256 of the file so far, in hexadecimal.
func (a *Attachment) SHA256() string { return hex.EncodeToString(a.sum.Sum(nil)) }

// Attach puts a file, written in full, into the document.
func (d *Document) Attach(a *Attachment) error {
	if err := a.deflate.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", a.name, err)
	}
	d.files = append(d.files, a)
	return nil
}

var (
	rootOf  = regexp.MustCompile(`/Size (\d+)\s+/Root (\d+) 0 R\s+/Info (\d+) 0 R`)
	namesOf = regexp.MustCompile(`(?s)/Names <<.*?\] >>\s*>>`)
)

// attach writes a document with its files. The library can embed files too, but it puts them before the pages, and then bookmarks
// lead to the wrong objects: they are computed as if the pages came first. So the files go behind the last object, the catalogue
// is written again, and the cross-reference table with it (ISO 32000-1, 7.5.4 and 7.11.4).
func attach(w io.Writer, doc []byte, files []*Attachment) error {
	table := bytes.LastIndex(doc, []byte("\nxref\n")) + 1
	trailer := rootOf.FindSubmatch(doc[max(table, 0):])
	if table == 0 || trailer == nil {
		return fmt.Errorf("draw pdf: no cross-reference table")
	}
	size, root := number(trailer[1]), number(trailer[2])
	start := bytes.LastIndex(doc[:table], []byte("\n"+strconv.Itoa(root)+" 0 obj\n")) + 1
	if start == 0 {
		return fmt.Errorf("draw pdf: no catalogue")
	}
	offsets, err := offsetsOf(doc[table:], size)
	if err != nil {
		return err
	}
	out := &counting{w: w}
	out.write(doc[:start])
	var names, whole bytes.Buffer
	for i, f := range files {
		offsets = append(offsets, out.n)
		out.printf("%d 0 obj\n<< /Type /EmbeddedFile /Subtype %s /Filter /FlateDecode /Length %d /Params << /Size %d >> >>\nstream\n",
			len(offsets)-1, pdfName(f.media), f.packed.Len(), f.size)
		out.write(f.packed.Bytes())
		out.printf("\nendstream\nendobj\n")
		offsets = append(offsets, out.n)
		n := len(offsets) - 1
		out.printf("%d 0 obj\n<< /Type /Filespec /F %s /UF %s /Desc %s /AFRelationship /Data /EF << /F %d 0 R >> >>\nendobj\n",
			n, pdfText(f.name), pdfText(f.name), pdfText(f.about), n-1)
		fmt.Fprintf(&names, "%s %d 0 R ", pdfText(fmt.Sprintf("%03d", i)), n)
		fmt.Fprintf(&whole, "%d 0 R ", n)
	}
	offsets[root] = out.n
	tree := fmt.Appendf(nil, "/Lang (en)\n/Names << /EmbeddedFiles << /Names [ %s] >> >>\n/AF [ %s]", &names, &whole)
	catalogue := doc[start:table]
	span := namesOf.FindIndex(catalogue)
	if span == nil {
		return fmt.Errorf("draw pdf: no names in the catalogue")
	}
	out.write(slices.Concat(catalogue[:span[0]], tree, catalogue[span[1]:]))
	at := out.n
	out.printf("xref\n0 %d\n0000000000 65535 f \n", len(offsets))
	for _, o := range offsets[1:] {
		out.printf("%010d 00000 n \n", o)
	}
	out.printf("trailer\n<<\n/Size %d\n/Root %d 0 R\n/Info %s 0 R\n>>\nstartxref\n%d\n%%%%EOF\n", len(offsets), root, trailer[3], at)
	return out.err
}

func number(digits []byte) int {
	n, _ := strconv.Atoi(string(digits)) // of a pattern of digits
	return n
}

// offsetsOf reads the entries of a table of 20 bytes each; the first is no object.
func offsetsOf(table []byte, size int) ([]int, error) {
	head := len("xref\n0 \n") + len(strconv.Itoa(size))
	offsets := make([]int, size)
	for i := range size {
		entry := head + 20*i
		if len(table) < entry+20 {
			return nil, fmt.Errorf("draw pdf: the cross-reference table is too short")
		}
		offsets[i] = number(table[entry : entry+10])
	}
	return offsets, nil
}

// pdfText is a text string in UTF-16, in hexadecimal.
func pdfText(s string) string { return fmt.Sprintf("<FEFF%s>", hexRunes(s)) }

func hexRunes(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = fmt.Appendf(b, "%04X", u)
	}
	return string(b)
}

// pdfName is a name object; what is no letter or digit is escaped.
func pdfName(s string) string {
	b := []byte{'/'}
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			b = append(b, c)
			continue
		}
		b = fmt.Appendf(b, "#%02X", c)
	}
	return string(b)
}

// counting knows how far it is, and keeps its first error.
type counting struct {
	w   io.Writer
	n   int
	err error
}

func (c *counting) write(b []byte) {
	if c.err != nil {
		return
	}
	n, err := c.w.Write(b)
	if c.n += n; err != nil {
		c.err = fmt.Errorf("write pdf: %w", err)
	}
}

func (c *counting) printf(format string, args ...any) { c.write(fmt.Appendf(nil, format, args...)) }
