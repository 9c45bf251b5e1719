package snapshot

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// lines cuts a file into blocks of whole lines. Where it cuts depends on the bytes and the size only.
type lines struct {
	name       string
	src        io.Reader
	compressed bool
	size       int    // wanted bytes of a block
	rest       []byte // read, and after the last cut
	next       int    // number of the next line
	eof        bool
}

// block is one or more whole lines, each with its line end; at the end of the file the last may lack it.
type block struct {
	data  []byte
	first int // number of the first line
	tail  bool
}

var (
	errLong = cure("split or shorten it", "longer than %d MiB", MaxLine>>20)
	errUTF8 = errors.New("not UTF-8")
)

// read fills buf with the next block; its data is empty at the end of the file. buf grows only for a line that needs it.
func (l *lines) read(buf []byte) (block, error) {
	buf = append(buf[:0], l.rest...)
	want := l.size
	for {
		var err error
		if buf, err = l.fill(buf, want); err != nil {
			return block{}, at(l.name, l.next+bytes.Count(buf, []byte("\n")), readError(err, l.compressed))
		}
		if cut := bytes.LastIndexByte(buf, '\n') + 1; cut > 0 {
			l.rest = append(l.rest[:0], buf[cut:]...)
			return l.take(buf[:cut], false)
		}
		if len(buf) > MaxLine {
			return block{}, at(l.name, l.next, errLong)
		}
		if l.eof {
			l.rest = l.rest[:0]
			return l.take(buf, len(buf) > 0)
		}
		want = min(max(2*want, 2*len(buf)), MaxLine+1)
	}
}

func (l *lines) take(data []byte, tail bool) (block, error) {
	b := block{data: data, first: l.next, tail: tail}
	l.next += bytes.Count(data, []byte("\n"))
	return b, nil
}

func (l *lines) fill(buf []byte, want int) ([]byte, error) {
	if l.eof || len(buf) >= want {
		return buf, nil
	}
	if cap(buf) < want {
		grown := make([]byte, len(buf), want)
		copy(grown, buf)
		buf = grown
	}
	for n := len(buf); n < want; n = len(buf) {
		more, err := l.src.Read(buf[n:want])
		buf = buf[:n+more]
		if err == io.EOF {
			l.eof = true
			break
		}
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// eachLine calls do with the lines of a text, without line ends.
func eachLine(text string, first int, do func(number int, line string) error) error {
	for number := first; text != ""; number++ {
		line := text
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			text = ""
		}
		if err := do(number, line); err != nil {
			return err
		}
	}
	return nil
}
