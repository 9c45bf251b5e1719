package plan

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// PowerShell's > writes UTF-16 with a byte order mark, and other tools of Windows UTF-8 with one.

// utf8 is the input as UTF-8 without a mark.
func (in Input) utf8() (Input, error) {
	head := make([]byte, min(in.Size, 3))
	if n, err := in.Data.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return in, err
	} else if n < 2 {
		return in, nil
	}
	var order binary.ByteOrder
	skip := int64(2)
	switch {
	case string(head) == "\xef\xbb\xbf":
		in.Data, in.Size = io.NewSectionReader(in.Data, 3, in.Size-3), in.Size-3
		return in, nil
	case head[0] == 0xff && head[1] == 0xfe:
		order = binary.LittleEndian
	case head[0] == 0xfe && head[1] == 0xff:
		order = binary.BigEndian
	case head[0] != 0 && head[1] == 0: // no mark, but no text has a zero byte
		order, skip = binary.LittleEndian, 0
	case head[0] == 0 && head[1] != 0:
		order, skip = binary.BigEndian, 0
	default:
		return in, nil
	}
	wide, err := newWide(in.Data, skip, in.Size, order)
	if err != nil {
		return in, err
	}
	in.Data, in.Size = wide, wide.size
	return in, nil
}

// wide reads UTF-16 as UTF-8, piece by piece, so that a large plan is never held as a whole.
type wide struct {
	file   io.ReaderAt
	order  binary.ByteOrder
	pieces []piece
	size   int64 // in UTF-8
	last   int   // the piece that text holds
	text   []byte
}

// piece is a run of UTF-16 that no pair of surrogates crosses.
type piece struct{ from, to, at int64 } // bytes of the file, and where its UTF-8 begins

const pieceSize = 256 << 10

func newWide(file io.ReaderAt, from, to int64, order binary.ByteOrder) (*wide, error) {
	if (to-from)%2 != 0 {
		return nil, errors.New("is UTF-16 with half a character at its end: is it cut off?")
	}
	w := &wide{file: file, order: order, last: -1}
	for from < to {
		p := piece{from: from, to: min(from+pieceSize, to), at: w.size}
		units, err := w.units(p)
		if err != nil {
			return nil, err
		}
		if n := len(units); n > 1 && p.to < to && units[n-1] >= 0xd800 && units[n-1] < 0xdc00 { // the first half of a pair goes with the second
			p.to, units = p.to-2, units[:n-1]
		}
		w.pieces = append(w.pieces, p)
		for _, r := range utf16.Decode(units) {
			w.size += int64(utf8.RuneLen(r))
		}
		from = p.to
	}
	return w, nil
}

func (w *wide) units(p piece) ([]uint16, error) {
	data := make([]byte, p.to-p.from)
	if n, err := w.file.ReadAt(data, p.from); n < len(data) {
		return nil, errors.Join(io.ErrUnexpectedEOF, err)
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = w.order.Uint16(data[2*i:])
	}
	return units, nil
}

// ReadAt reads UTF-8. It is for one reader at a time.
func (w *wide) ReadAt(p []byte, off int64) (n int, err error) {
	i, found := slices.BinarySearchFunc(w.pieces, off, func(p piece, off int64) int { return int(p.at - off) })
	if !found {
		i--
	}
	for ; n < len(p) && i >= 0 && i < len(w.pieces); i++ {
		if i != w.last {
			units, err := w.units(w.pieces[i])
			if err != nil {
				return n, err
			}
			w.last, w.text = i, []byte(string(utf16.Decode(units)))
		}
		if skip := off + int64(n) - w.pieces[i].at; skip < int64(len(w.text)) {
			n += copy(p[n:], w.text[skip:])
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
