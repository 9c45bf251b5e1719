package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// File is an open snapshot. Each of its methods that reads is a new pass from the first line; one pass at a time.
type File struct {
	name   string
	src    io.ReadSeeker
	close  func() error
	zstd   *zstd.Decoder // nil: plain lines
	header residency.Header
	spare  chan []byte // buffers of released chunks
}

// Open opens a snapshot: a file, plain or compressed (told by its content, not by its name), or a run folder that holds one.
// The header is read and checked. Errors are of type *Error; fs.ErrNotExist is among their causes where there is no such file.
func Open(path string) (*File, error) {
	name, src, err := openRegular(path, "snapshot file", FileName, PlainFileName)
	if err != nil {
		return nil, err
	}
	f, err := newFile(name, src)
	if err != nil {
		_ = src.Close() // the first error says more
		return nil, err
	}
	f.close = src.Close
	return f, nil
}

// openRegular opens path, or the first of the names that the folder path holds.
func openRegular(path, what string, names ...string) (string, *os.File, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		for _, name := range names {
			inside := filepath.Join(path, name)
			if info, err = os.Stat(inside); err == nil || !errors.Is(err, fs.ErrNotExist) {
				path = inside
				break
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil, at(path, 0, cure(cureName(what), "%w", absent{fmt.Errorf("a folder without %s or %s", names[0], names[1])}))
		}
	}
	if err != nil {
		return "", nil, at(path, 0, cure(cureName(what), "%w", bare(err)))
	}
	if !info.Mode().IsRegular() {
		return "", nil, at(path, 0, cure("save it to a file first", "not a regular file; a %s is read more than once", what))
	}
	src, err := os.Open(path)
	if err != nil {
		return "", nil, at(path, 0, cure("make it readable for this user", "%w", bare(err)))
	}
	return path, src, nil
}

func newFile(name string, src io.ReadSeeker) (*File, error) {
	f := &File{name: name, src: src, close: func() error { return nil }, spare: make(chan []byte, spareBuffers)}
	compressed, err := isCompressed(name, "snapshot file", src)
	if err != nil {
		return nil, err
	}
	if compressed {
		if f.zstd, err = newDecoder(nil); err != nil {
			return nil, at(name, 0, err)
		}
	}
	if err := f.readHeader(); err != nil {
		_ = f.Close() // the first error says more
		return nil, err
	}
	return f, nil
}

// isCompressed looks at the first bytes of a file.
func isCompressed(name, what string, src io.Reader) (bool, error) {
	head := make([]byte, 4)
	n, err := io.ReadFull(src, head)
	head = head[:n]
	switch {
	case err != nil && err != io.EOF && err != io.ErrUnexpectedEOF:
		return false, at(name, 0, bare(err))
	case n == 0:
		return false, at(name, 0, errors.New("the file is empty"))
	case bytes.Equal(head, zstdMagic):
		return true, nil
	case bytes.HasPrefix(head, []byte("\ufeff")):
		return false, at(name, 1, cure("save the file without it", "a byte order mark"))
	case !bytes.HasPrefix(append(bytes.TrimLeft(head, " \t\r\n"), '{'), []byte("{")):
		return false, at(name, 0, cure(cureName(what), "neither lines of JSON nor zstd: the file begins with %q", head))
	}
	return false, nil
}

func (f *File) readHeader() error {
	l, err := f.rewind(4 << 10)
	if err != nil {
		return err
	}
	b, err := l.read(nil)
	if err != nil {
		return err
	}
	line, _, _ := bytes.Cut(b.data, []byte("\n"))
	if err := checkText(f.name, b.first, line); err != nil {
		return err
	}
	kind, err := kindOf(line)
	if kind == otherLine && len(bytes.TrimSpace(line)) > 0 { // a plan, a template, a report: JSON, and never a snapshot
		return at(f.name, 1, cure(cureName("snapshot file"), `no snapshot: the first line is not its header, {"snapshot":…}`))
	}
	if err == nil && kind != headerLine {
		err = errors.New(`the first line is not the header, {"snapshot":…}`)
	}
	if err == nil {
		f.header, err = decodeHeader(string(line))
	}
	if err != nil {
		return at(f.name, 1, err)
	}
	if b.tail {
		return at(f.name, 1, errNoTrailer)
	}
	return nil
}

// rewind begins a new pass.
func (f *File) rewind(size int) (*lines, error) {
	if _, err := f.src.Seek(0, io.SeekStart); err != nil {
		return nil, at(f.name, 0, bare(err))
	}
	l := &lines{name: f.name, src: f.src, size: size, next: 1}
	if f.zstd != nil {
		if err := f.zstd.Reset(f.src); err != nil {
			return nil, at(f.name, 1, readError(err, true))
		}
		l.src, l.compressed = f.zstd, true
	}
	return l, nil
}

// Header is the first line.
func (f *File) Header() residency.Header { return f.header }

// Name is the path of the file that is read: in a run folder, that of the snapshot in it.
func (f *File) Name() string { return f.name }

// Close frees what the file holds. Chunks that were handed out stay valid.
func (f *File) Close() error {
	if f.zstd != nil {
		f.zstd.Close()
	}
	return f.close()
}
