package snapshot

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// output is a file that appears under its name only when it is whole. A name that ends in .zst is compressed.
type output struct {
	path string // where it will be
	temp string // where it is until then; "" when written in place
	file *os.File
	buf  *bufio.Writer
	zstd *zstd.Encoder // nil: plain
	done bool
}

func createOutput(path string) (*output, error) {
	o := &output{path: path, temp: path + ".part"}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		o.temp = "" // a device or a pipe cannot be replaced; a folder fails here
	}
	target := path
	if o.temp != "" {
		target = o.temp
	}
	var err error
	if o.file, err = os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err != nil {
		return nil, fmt.Errorf("create %s: %w", oneLine(path), bare(err))
	}
	o.buf = bufio.NewWriterSize(o.file, 64<<10)
	if strings.HasSuffix(path, ".zst") {
		if o.zstd, err = newEncoder(o.buf); err != nil {
			return nil, errors.Join(fmt.Errorf("create %s: %w", oneLine(path), err), o.abort())
		}
	}
	return o, nil
}

func (o *output) Write(b []byte) (int, error) {
	var w io.Writer = o.buf
	if o.zstd != nil {
		w = o.zstd
	}
	n, err := w.Write(b)
	if err != nil {
		return n, fmt.Errorf("%s: %w", oneLine(o.path), bare(err))
	}
	return n, nil
}

// append writes bytes that are compressed already.
func (o *output) append(packed []byte) error {
	if _, err := o.buf.Write(packed); err != nil {
		return fmt.Errorf("%s: %w", oneLine(o.path), bare(err))
	}
	return nil
}

// finish completes the file and gives it its name; when anything fails, nothing is left behind.
func (o *output) finish() error {
	if o.done {
		return nil
	}
	var err error
	if o.zstd != nil {
		err = o.zstd.Close()
	}
	if err == nil {
		err = o.buf.Flush()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", oneLine(o.path), bare(err)), o.abort())
	}
	o.done = true
	err = o.file.Close()
	if err == nil && o.temp != "" {
		err = os.Rename(o.temp, o.path)
	}
	if err != nil {
		err = fmt.Errorf("write %s: %w", oneLine(o.path), bare(err))
		if o.temp != "" {
			err = errors.Join(err, os.Remove(o.temp))
		}
	}
	return err
}

// abort removes what was written; after finish it does nothing.
func (o *output) abort() error {
	if o.done {
		return nil
	}
	o.done = true
	if o.zstd != nil {
		o.zstd.Reset(nil) // releases it without writing
	}
	err := o.file.Close()
	if o.temp != "" {
		err = errors.Join(err, os.Remove(o.temp))
	}
	return err
}

// OutputFile is a Writer on a file of its own.
type OutputFile struct {
	*Writer
	out *output
}

// Create begins a snapshot file, compressed when path ends in .zst. It is written beside its name, as path.part, and renamed by
// Close: a file of that name is whole.
func Create(path string, h residency.Header) (*OutputFile, error) {
	out, err := createOutput(path)
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(out, h)
	if err != nil {
		return nil, errors.Join(err, out.abort())
	}
	return &OutputFile{Writer: w, out: out}, nil
}

// Close writes the trailer, completes the file and gives it its name. When it fails, no file is left.
func (f *OutputFile) Close() error {
	if err := f.Writer.Close(); err != nil {
		return errors.Join(err, f.out.abort())
	}
	return f.out.finish()
}

// Abort removes what was written. After Close it does nothing, so it may be deferred.
func (f *OutputFile) Abort() error { return f.out.abort() }
