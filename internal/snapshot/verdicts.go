package snapshot

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// ReadVerdicts yields the verdicts of a file, plain or compressed, or of the run folder that holds one, in file order. Those of
// the outcomes in leaveOut are checked and not yielded. Verdicts are the caller's to keep. An error is yielded once, as the last.
func ReadVerdicts(path string, leaveOut ...residency.Outcome) iter.Seq2[residency.Verdict, error] {
	return func(yield func(residency.Verdict, error) bool) {
		stop := errors.New("enough")
		err := eachVerdict(path, leaveOut, func(v residency.Verdict) error {
			if !yield(v, nil) {
				return stop
			}
			return nil
		})
		if err != nil && !errors.Is(err, stop) {
			yield(residency.Verdict{}, err)
		}
	}
}

func eachVerdict(path string, leaveOut []residency.Outcome, do func(residency.Verdict) error) error {
	name, src, err := openRegular(path, "file of verdicts", VerdictsFileName, plainVerdicts)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }() // it is only read
	return readVerdicts(name, src, leaveOut, do)
}

func readVerdicts(name string, src io.ReadSeeker, leaveOut []residency.Outcome, do func(residency.Verdict) error) error {
	d := verdictDecoder{known: new(interner)}
	return readLines(name, src, func(number int, line string) error {
		v, err := d.line(line, leaveOut)
		if err != nil {
			return at(name, number, err)
		}
		if slices.Contains(leaveOut, v.Outcome) {
			return nil
		}
		return do(v)
	})
}

// EachLine calls do with every line of a file that CreateVerdicts began, whatever its lines hold, compressed or not.
func EachLine(path string, do func(line string) error) error {
	name, src, err := openRegular(path, "file of lines", path, path)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }() // it is only read
	return readLines(name, src, func(number int, line string) error {
		if err := do(line); err != nil {
			return at(name, number, err)
		}
		return nil
	})
}

// readLines reads whole lines of valid text, block by block.
func readLines(name string, src io.ReadSeeker, do func(number int, line string) error) error {
	l, done, err := verdictLines(name, src)
	if err != nil || l == nil {
		return err
	}
	defer done()
	var buf []byte
	for {
		b, err := l.read(buf)
		switch {
		case err != nil:
			return err
		case len(b.data) == 0:
			return nil
		case b.tail:
			return at(name, b.first, errors.New("the line breaks off"))
		}
		buf = b.data
		c := Chunk{Line: b.first, data: b.data, name: name}
		if err := c.checkText(); err != nil {
			return err
		}
		if err := eachLine(string(b.data), b.first, do); err != nil {
			return err
		}
	}
}

// verdictLines begins to read; a plain empty file holds no verdicts, and gives no lines.
func verdictLines(name string, src io.ReadSeeker) (*lines, func(), error) {
	if size, err := src.Seek(0, io.SeekEnd); err == nil && size == 0 && !strings.HasSuffix(name, ".zst") {
		return nil, nil, nil
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, nil, at(name, 0, bare(err))
	}
	compressed, err := isCompressed(name, "file of verdicts", src)
	if err != nil {
		return nil, nil, err
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, nil, at(name, 0, bare(err))
	}
	l := &lines{name: name, src: src, size: ChunkSize, next: 1}
	if !compressed {
		return l, func() {}, nil
	}
	decoder, err := newDecoder(src)
	if err != nil {
		return nil, nil, at(name, 0, readError(err, true))
	}
	l.src, l.compressed = decoder, true
	return l, decoder.Close, nil
}
