package snapshot

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	minBudget = 64 << 10
	blockSize = 1 << 20
	entrySize = 48 // bytes of an entry beside its text
	maxRuns   = 64 // files that are merged at once
)

// Sorter sorts resources by id, then kind, then region, each by byte order, in bounded memory: what exceeds the budget goes to
// files in a folder. Resources that are equal in all three keep one fixed order, so that the result does not depend on the
// order of adding. Add is safe for concurrent use; the other methods are not.
type Sorter struct {
	dir    string
	budget int
	lines  sync.Pool // of *[]byte, where Add encodes

	mu      sync.Mutex
	entries []entry
	blocks  [][]byte // the texts of the entries; used again after a spill
	block   int      // the one that takes the next texts
	used    int
	runs    []*sortedRun
	err     error
}

// entry is one resource: id, kind, region and line, one after the other.
type entry struct {
	text             []byte
	id, kind, region uint32 // lengths
}

// NewSorter makes a sorter that holds about budget bytes in memory (at least 64 KiB) and spills into dir, which must exist.
func NewSorter(dir string, budget int) *Sorter {
	return &Sorter{dir: dir, budget: max(budget, minBudget), lines: sync.Pool{New: func() any { return new([]byte) }}}
}

// Add takes a copy of r. It refuses what a Writer would refuse; such a resource is not in the result, and the others are. Any
// other error is of writing to the folder, and stays.
func (s *Sorter) Add(r *residency.Resource) error {
	buf := s.lines.Get().(*[]byte)
	defer s.lines.Put(buf)
	id, kind, region := validText(r.ID), validText(r.Kind), validText(r.Region)
	b := append(append(append((*buf)[:0], id...), kind...), region...)
	b, err := appendResourceLine(b, r)
	if *buf = b; err != nil {
		return fmt.Errorf("sort resources: %w", err)
	}
	e := entry{text: b, id: uint32(len(id)), kind: uint32(len(kind)), region: uint32(len(region))}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && len(s.entries) > 0 && s.used+len(b)+entrySize > s.budget {
		s.err = s.spill()
	}
	if s.err == nil {
		s.keep(e)
	}
	return s.err
}

func (s *Sorter) keep(e entry) {
	n := len(e.text)
	for s.block < len(s.blocks) && cap(s.blocks[s.block])-len(s.blocks[s.block]) < n {
		s.block++
	}
	if s.block == len(s.blocks) {
		s.blocks = append(s.blocks, make([]byte, 0, max(n, min(blockSize, s.budget/4))))
	}
	block := s.blocks[s.block]
	block = append(block, e.text...)
	s.blocks[s.block] = block
	e.text = block[len(block)-n : len(block) : len(block)]
	s.used += n + entrySize
	s.entries = append(s.entries, e)
}

// forget empties memory after a spill. Blocks for a single huge line are not kept.
func (s *Sorter) forget() {
	clear(s.entries)
	s.entries, s.block, s.used = s.entries[:0], 0, 0
	s.blocks = slices.DeleteFunc(s.blocks, func(b []byte) bool { return cap(b) > blockSize })
	for i := range s.blocks {
		s.blocks[i] = s.blocks[i][:0]
	}
}

// spill writes what is in memory to a run of its own.
func (s *Sorter) spill() error {
	s.order()
	run, err := s.writeRun(slices.Values(s.entries))
	if err != nil {
		return err
	}
	s.runs = append(s.runs, run)
	s.forget()
	if len(s.runs) < maxRuns {
		return nil
	}
	return s.compact()
}

func (s *Sorter) order() { slices.SortFunc(s.entries, compareEntries) }

// compareEntries orders by id, kind and region, and at last by the line itself.
func compareEntries(a, b entry) int {
	if c := bytes.Compare(a.text[:a.id], b.text[:b.id]); c != 0 {
		return c
	}
	x, y := a.text[a.id:], b.text[b.id:]
	if c := bytes.Compare(x[:a.kind], y[:b.kind]); c != 0 {
		return c
	}
	x, y = x[a.kind:], y[b.kind:]
	return cmp.Or(bytes.Compare(x[:a.region], y[:b.region]), bytes.Compare(x[a.region:], y[b.region:]))
}

func (e entry) line() []byte { return e.text[e.id+e.kind+e.region:] }

// Merge calls do with each resource in order, equal ids included. The resource is valid until do returns and may be changed by
// it; numbers in its facts are of type json.Number, so that they are written as they came.
func (s *Sorter) Merge(do func(*residency.Resource) error) error {
	if s.err != nil {
		return s.err
	}
	s.order()
	d := NewDecoder(0)
	d.facts = exact
	var r residency.Resource
	return s.merged(s.entries, func(e entry) error {
		if err := d.resource(string(e.line()), &r); err != nil {
			return fmt.Errorf("sort resources: %w", err)
		}
		return do(&r)
	})
}

// Close removes the files.
func (s *Sorter) Close() error {
	var errs []error
	for _, run := range s.runs {
		errs = append(errs, run.remove())
	}
	s.runs, s.entries, s.blocks = nil, nil, nil
	if s.err == nil {
		s.err = errors.New("sort resources: closed already")
	}
	return errors.Join(errs...)
}

// remove deletes the run's file.
func (r *sortedRun) remove() error {
	return errors.Join(r.file.Close(), os.Remove(r.file.Name()))
}
