package snapshot

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Writer writes a snapshot line by line. It refuses what a reader would refuse: a resource without id, an unknown role, complete
// coverage with gaps, a line beyond MaxLine. It is for one goroutine. The first error of writing stays.
type Writer struct {
	out    *bufio.Writer
	sum    hash.Hash
	line   []byte
	count  trailer
	err    error
	closed bool
}

// NewWriter writes the header. A Schema of 0 becomes the present one; Run is written in UTC.
func NewWriter(w io.Writer, h residency.Header) (*Writer, error) {
	sum := sha256.New()
	s := &Writer{out: bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10), sum: sum}
	if h.Schema == 0 {
		h.Schema = residency.SchemaVersion
	}
	line, err := appendHeader(nil, h)
	if err == nil {
		_, err = decodeHeader(string(line))
	}
	if err != nil {
		return nil, fmt.Errorf("write header: %w", err)
	}
	return s, s.write(line)
}

// Resource writes one resource.
func (s *Writer) Resource(r *residency.Resource) error {
	var err error
	if s.line, err = appendResourceLine(s.line[:0], r); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	if err := s.write(s.line); err != nil {
		return err
	}
	s.count.resources++
	return nil
}

// Coverage writes one coverage line.
func (s *Writer) Coverage(c residency.Coverage) error {
	if err := checkCoverage(&c); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	s.line = append(AppendCoverage(append(s.line[:0], coveragePrefix...), &c), '}')
	if err := s.write(s.line); err != nil {
		return err
	}
	s.count.coverage++
	return nil
}

// Close writes the trailer and whatever is buffered. It does not close the underlying writer.
func (s *Writer) Close() error {
	if s.closed {
		return s.err
	}
	s.line = strconv.AppendInt(append(s.line[:0], `{"end":{"resources":`...), int64(s.count.resources), 10)
	s.line = strconv.AppendInt(append(s.line, `,"coverage":`...), int64(s.count.coverage), 10)
	if err := s.write(append(s.line, `}}`...)); err != nil {
		return err
	}
	s.closed = true
	if err := s.out.Flush(); err != nil {
		s.err = fmt.Errorf("write snapshot: %w", err)
	}
	return s.err
}

// Digest is the SHA-256, in hex, of the uncompressed lines. It is whole after Close.
func (s *Writer) Digest() string { return hex.EncodeToString(s.sum.Sum(nil)) }

var errClosed = errors.New("write snapshot: closed already")

func (s *Writer) write(line []byte) error {
	switch {
	case s.err != nil:
		return s.err
	case s.closed:
		return errClosed
	case len(line) > MaxLine:
		return fmt.Errorf("write snapshot: %s: a line of %d bytes, more than %d MiB", short(string(line)), len(line), MaxLine>>20)
	}
	s.out.Write(line)
	if err := s.out.WriteByte('\n'); err != nil { // a bufio.Writer keeps its first error
		s.err = fmt.Errorf("write snapshot: %w", err)
	}
	return s.err
}

// appendResourceLine appends a line that can be read back, or says why there is none.
func appendResourceLine(dst []byte, r *residency.Resource) ([]byte, error) {
	if err := checkResource(r); err != nil {
		return dst, err
	}
	if err := checkNames(r); err != nil {
		return dst, err
	}
	start := len(dst)
	dst, err := AppendResource(append(dst, resourcePrefix...), r)
	if err == nil && len(dst)-start >= MaxLine {
		err = fmt.Errorf("resource %s: a line of %d bytes, more than %d MiB", short(r.ID), len(dst)-start+1, MaxLine>>20)
	}
	return append(dst, '}'), err
}
