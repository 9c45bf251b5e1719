package plan

import (
	"bytes"
	"io"
	"slices"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// extent is where a piece of JSON lies in the file.
type extent struct{ from, to int64 }

func (p *terraform) decoder() *jsontext.Decoder {
	return decoder(io.NewSectionReader(p.file, 0, p.size))
}

// fragment is what reading a part of the file needs, used again for the next.
type fragment struct {
	data    []byte
	source  bytes.Reader
	decoder *jsontext.Decoder
}

var fragments = sync.Pool{New: func() any { return &fragment{decoder: new(jsontext.Decoder)} }}

// readAt lets do read one part of the file.
func readAt[T any](p *terraform, e extent, do func(*jsontext.Decoder) (T, error)) (T, error) {
	one := fragments.Get().(*fragment)
	defer fragments.Put(one)
	one.data = slices.Grow(one.data[:0], int(e.to-e.from))[:e.to-e.from]
	n, err := p.file.ReadAt(one.data, e.from)
	if err != nil && n < len(one.data) {
		var none T
		return none, err
	}
	one.source.Reset(bytes.TrimLeft(one.data, " \t\r\n:,")) // an offset is behind the last token: what parts the two lies before
	one.decoder.Reset(&one.source, decoding...)
	return do(one.decoder)
}

// skip passes over a value and says where it lay.
func skip(d *jsontext.Decoder) (extent, error) {
	from := d.InputOffset()
	err := d.SkipValue()
	return extent{from, d.InputOffset()}, err
}
