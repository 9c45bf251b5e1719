package snapshot

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// sortedRun is a file of sorted entries.
type sortedRun struct {
	file *os.File
	size int64
}

// writeRun writes entries in the order in which they come.
func (s *Sorter) writeRun(entries iter.Seq[entry]) (*sortedRun, error) {
	file, err := os.CreateTemp(s.dir, "sort-*.run")
	if err != nil {
		return nil, fmt.Errorf("sort resources: %w", err)
	}
	run := &sortedRun{file: file}
	out := bufio.NewWriterSize(file, 256<<10)
	var head [16]byte
	for e := range entries {
		for i, n := range [4]uint32{uint32(len(e.text)), e.id, e.kind, e.region} {
			binary.LittleEndian.PutUint32(head[4*i:], n)
		}
		out.Write(head[:])
		if _, err = out.Write(e.text); err != nil { // a bufio.Writer keeps its first error
			break
		}
		run.size += int64(len(head) + len(e.text))
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sort resources: %w", err), run.remove())
	}
	return run, nil
}

// compact merges all runs into one, so that a merge never needs many files.
func (s *Sorter) compact() error {
	var failed error
	run, err := s.writeRun(func(yield func(entry) bool) {
		stopped := errors.New("stopped")
		failed = s.merged(nil, func(e entry) error {
			if !yield(e) {
				return stopped
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if failed != nil {
		return errors.Join(failed, run.remove())
	}
	for _, old := range s.runs {
		failed = errors.Join(failed, old.remove())
	}
	s.runs = append(s.runs[:0], run)
	return failed
}

// cursor stands on one entry of a run.
type cursor struct {
	entry
	in *bufio.Reader
}

// advance goes to the next entry; io.EOF after the last.
func (c *cursor) advance() error {
	var head [16]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return err
	}
	n := int(binary.LittleEndian.Uint32(head[0:]))
	c.id, c.kind, c.region = binary.LittleEndian.Uint32(head[4:]), binary.LittleEndian.Uint32(head[8:]), binary.LittleEndian.Uint32(head[12:])
	if cap(c.text) < n {
		c.text = make([]byte, n)
	}
	c.text = c.text[:n]
	if _, err := io.ReadFull(c.in, c.text); err != nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}

type cursors []*cursor

func (c cursors) Len() int           { return len(c) }
func (c cursors) Less(i, j int) bool { return compareEntries(c[i].entry, c[j].entry) < 0 }
func (c cursors) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *cursors) Push(x any)        { *c = append(*c, x.(*cursor)) }
func (c *cursors) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// merged calls do with the entries of all runs and of memory, in order. An entry is valid until do returns.
func (s *Sorter) merged(memory []entry, do func(entry) error) error {
	var open cursors
	for _, run := range s.runs {
		c := &cursor{in: bufio.NewReaderSize(io.NewSectionReader(run.file, 0, run.size), 64<<10)}
		if err := c.advance(); err != nil {
			return fmt.Errorf("sort resources: read %s: %w", run.file.Name(), err)
		}
		open = append(open, c)
	}
	heap.Init(&open)
	for len(memory) > 0 || len(open) > 0 {
		if len(memory) > 0 && (len(open) == 0 || compareEntries(memory[0], open[0].entry) <= 0) {
			if err := do(memory[0]); err != nil {
				return err
			}
			memory = memory[1:]
			continue
		}
		if err := do(open[0].entry); err != nil {
			return err
		}
		switch err := open[0].advance(); {
		case errors.Is(err, io.EOF):
			heap.Pop(&open)
		case err != nil:
			return fmt.Errorf("sort resources: read the sorted files: %w", err)
		default:
			heap.Fix(&open, 0)
		}
	}
	return nil
}
