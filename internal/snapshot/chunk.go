package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var errNoTrailer = errors.New("the file ends before its trailer")

// Chunk is a run of whole lines of a snapshot, resources and coverage only. It may be decoded in another goroutine.
type Chunk struct {
	Index     int // from 0 on, without gaps
	Line      int // number of the first line in the file
	Resources int // resource lines
	Coverage  int // coverage lines

	name   string
	data   []byte
	buffer []byte
	spare  chan []byte // where the buffer goes on release
}

// Line is one decoded line: exactly one of the two is set. It is valid until the next line is decoded.
type Line struct {
	Number   int
	Resource *residency.Resource // as a Decoder gives it: see there what may be kept
	Coverage *residency.Coverage // the caller's for good
}

// spareBuffers is how many buffers of released chunks a file keeps.
const spareBuffers = 16

// Release gives the chunk's buffer back. What was decoded from the chunk stays valid; the chunk itself is empty then.
func (c *Chunk) Release() {
	if c.buffer != nil && cap(c.buffer) <= maxChunk {
		select {
		case c.spare <- c.buffer:
		default:
		}
	}
	c.buffer, c.data = nil, nil
}

// buffer takes one of a released chunk, or none.
func (f *File) buffer() []byte {
	select {
	case b := <-f.spare:
		return b
	default:
		return nil
	}
}

// Each decodes the chunk's lines in order. It stops at the first error, that of a line or of do.
func (c *Chunk) Each(d *Decoder, do func(*Line) error) error {
	if err := c.checkText(); err != nil {
		return err
	}
	return eachLine(string(c.data), c.Line, func(number int, text string) error {
		d.line = Line{Number: number}
		if isCoverage(text) {
			coverage, err := decodeCoverage(strings.Clone(text))
			if err != nil {
				return at(c.name, number, err)
			}
			d.line.Coverage = &coverage
			return do(&d.line)
		}
		if err := d.resource(text, &d.r); err != nil {
			return at(c.name, number, err)
		}
		d.line.Resource = &d.r
		return do(&d.line)
	})
}

// checkText looks for the line that is not UTF-8.
func (c *Chunk) checkText() error {
	if utf8.Valid(c.data) {
		return nil
	}
	number := c.Line
	for line := range bytes.Lines(c.data) {
		if err := checkText(c.name, number, line); err != nil {
			return err
		}
		number++
	}
	return at(c.name, c.Line, errUTF8)
}

func checkText(name string, number int, line []byte) error {
	if utf8.Valid(line) {
		return nil
	}
	return at(name, number, errUTF8)
}

// Chunks makes one pass: it reads on and calls do with each chunk, cut at line ends at about size bytes (0: ChunkSize) and always
// at the same places. do may hand the chunk to another goroutine, and somebody must Release it. Chunks itself finds what is
// wrong with the file as a whole: a kind of line that is not known, a second header, a trailer that is missing, is not the
// last line, or disagrees with the number of lines. What is wrong within a line, Each finds: a pass has checked the file when
// Chunks and the Each of every chunk returned nil.
func (f *File) Chunks(ctx context.Context, size int, do func(*Chunk) error) error {
	if size <= 0 {
		size = ChunkSize
	}
	l, err := f.rewind(min(size, maxChunk))
	if err != nil {
		return err
	}
	pass := pass{name: f.name}
	for index := 0; ; {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read %s: %w", oneLine(f.name), err)
		}
		b, err := l.read(f.buffer())
		if err != nil {
			return err
		}
		if len(b.data) == 0 {
			return pass.finish(l.next)
		}
		c := &Chunk{Index: index, name: f.name, buffer: b.data[:0], spare: f.spare}
		if err := pass.sort(b, c); err != nil {
			return err
		}
		if c.Resources+c.Coverage == 0 {
			c.Release()
			continue
		}
		index++
		if err := do(c); err != nil {
			return err
		}
	}
}

// pass counts the lines of one pass and finds the header and the trailer among them.
type pass struct {
	name  string
	count trailer
	end   *trailer // as the file says
	line  int      // of the trailer
}

// sort looks at the kind of each line of a block and leaves the resources and coverage lines to the chunk.
func (p *pass) sort(b block, c *Chunk) error {
	number, start, stop := b.first, 0, len(b.data)
	c.Line = number
	for pos := 0; pos < len(b.data); number++ {
		line := b.data[pos:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		ended := p.end != nil
		kind, err := p.kind(line, number)
		if b.tail && !ended && (err != nil || kind != endLine) { // the only line of its block
			err = fmt.Errorf("the line breaks off: %w", errNoTrailer)
		}
		if err != nil {
			return at(p.name, number, err)
		}
		switch kind {
		case headerLine:
			start, c.Line = min(pos+len(line)+1, len(b.data)), number+1
		case endLine:
			stop = pos
		case resourceLine:
			c.Resources++
		case coverageLine:
			c.Coverage++
		}
		pos += len(line) + 1
	}
	p.count.resources += c.Resources
	p.count.coverage += c.Coverage
	c.data = b.data[start:stop]
	return nil
}

func (p *pass) kind(line []byte, number int) (lineKind, error) {
	if p.end != nil {
		return otherLine, errors.New("something stands after the trailer")
	}
	kind, err := kindOf(line)
	if err != nil {
		return kind, err
	}
	switch {
	case kind == headerLine && number > 1:
		return kind, errors.New("a second header")
	case kind != headerLine && number == 1:
		return kind, errors.New(`the first line is not the header, {"snapshot":…}`)
	case kind == endLine:
		if !utf8.Valid(line) {
			return kind, errUTF8
		}
		end, err := decodeTrailer(string(line))
		p.end, p.line = &end, number
		return kind, err
	}
	return kind, nil
}

// finish compares the trailer with what was read.
func (p *pass) finish(line int) error {
	if p.end == nil {
		return at(p.name, line, errNoTrailer)
	}
	if *p.end != p.count {
		return at(p.name, p.line, fmt.Errorf("the trailer counts %d resources and %d coverage lines, the file holds %d and %d",
			p.end.resources, p.end.coverage, p.count.resources, p.count.coverage))
	}
	return nil
}
