package snapshot

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// VerdictFile takes lines of verdicts that are encoded already. It is for one goroutine.
//
// Lines come either by Write, which compresses them as they come, or by WritePacked, after workers have compressed them side by
// side, each with a Packer of its own. The two are not mixed in one file.
type VerdictFile struct {
	out    *output
	last   byte
	stream bool // Write was used
	packed bool // WritePacked was used
	err    error
}

// CreateVerdicts begins a file of verdicts, compressed when path ends in .zst; like Create it is renamed by Close.
func CreateVerdicts(path string) (*VerdictFile, error) {
	out, err := createOutput(path)
	if err != nil {
		return nil, err
	}
	return &VerdictFile{out: out, last: '\n'}, nil
}

// Write writes whole lines, each with its line end: those of AppendVerdict and '\n'.
func (f *VerdictFile) Write(lines []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	if f.packed {
		return 0, errMixed
	}
	f.stream = true
	n, err := f.out.Write(lines)
	if err != nil {
		f.err = fmt.Errorf("write verdicts: %w", err)
	}
	if n > 0 {
		f.last = lines[n-1]
	}
	return n, f.err
}

var errMixed = errors.New("write verdicts: plain and packed lines are mixed")

// WritePacked writes lines that a Packer of this file has packed.
func (f *VerdictFile) WritePacked(packed []byte) error {
	if f.err != nil {
		return f.err
	}
	if f.stream {
		return errMixed
	}
	f.packed = true
	if err := f.out.append(packed); err != nil {
		f.err = fmt.Errorf("write verdicts: %w", err)
	}
	return f.err
}

// Packer compresses lines for WritePacked. It is for one goroutine; what it makes depends on the lines only.
type Packer struct{ zstd *zstd.Encoder }

// Packer makes one for a worker. For a file that is not compressed it copies.
func (f *VerdictFile) Packer() (*Packer, error) {
	if f.out.zstd == nil {
		return &Packer{}, nil
	}
	e, err := newEncoder(nil)
	if err != nil {
		return nil, fmt.Errorf("write verdicts: %w", err)
	}
	return &Packer{e}, nil
}

// Pack appends whole lines, each with its line end, in the form that WritePacked takes.
func (p *Packer) Pack(dst, lines []byte) ([]byte, error) {
	switch {
	case len(lines) == 0:
		return dst, nil
	case lines[len(lines)-1] != '\n':
		return dst, errors.New("pack verdicts: the last line has no line end")
	case p.zstd == nil:
		return append(dst, lines...), nil
	}
	return p.zstd.EncodeAll(lines, dst), nil
}

// Close completes the file and gives it its name. When it fails, no file is left.
func (f *VerdictFile) Close() error {
	if f.err == nil && f.last != '\n' {
		f.err = errors.New("write verdicts: the last line has no line end")
	}
	if f.err != nil {
		return errors.Join(f.err, f.out.abort())
	}
	return f.out.finish()
}

// Abort removes what was written. After Close it does nothing, so it may be deferred.
func (f *VerdictFile) Abort() error { return f.out.abort() }
