package plan

import (
	"fmt"
	"io"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Input is one file of a change, read whole or in parts, and more than once.
type Input struct {
	Name string // as the user gave it
	Data io.ReaderAt
	Size int64
}

// source is one input that was understood.
type source interface {
	// index makes its things known to the world. It is called once, before any emit.
	index(w *world) error
	// emit hands over what they come to.
	emit(e *emitter) error
}

// Change is what several inputs describe together: one graph.
type Change struct {
	world   *world
	sources []source
	names   []string
	options Options
}

// Facts says which facts a gap of a plan leaves open, by the call that it names; ok is false for one that leaves everything open.
func Facts(call string) (facts []residency.Fact, ok bool) {
	switch call {
	case "policy":
		return []residency.Fact{residency.FactSharing}, true
	case "tags":
		return []residency.Fact{residency.FactTags}, true
	}
	return nil, false
}

// Read understands the inputs and indexes them. partition is that of the regions, which are sorted; outside may be nil.
func Read(inputs []Input, o Options, partition string, regions []string, outside Outside) (*Change, error) {
	c := &Change{world: newWorld(partition, regions, outside), options: o}
	for _, in := range inputs {
		s, err := open(in, o)
		if err == nil {
			err = s.index(c.world)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", in.Name, err)
		}
		c.sources, c.names = append(c.sources, s), append(c.names, in.Name)
	}
	return c, nil
}

// Emit hands every resource of the change to the sink and returns one coverage line for each input.
func (c *Change) Emit(sink Sink) ([]residency.Coverage, error) {
	var lines []residency.Coverage
	all := &gathering{stores: map[accountRegion]bool{}}
	for i, s := range c.sources {
		e := &emitter{w: c.world, sink: sink, all: all, listed: map[string]int{}}
		if err := s.emit(e); err != nil {
			return nil, fmt.Errorf("%s: %w", c.names[i], err)
		}
		line := residency.Coverage{Scanner: scannerName, Input: c.names[i], Region: residency.GlobalRegion, Status: residency.Complete, Resources: e.added,
			Gaps: append(e.gaps, e.unlisted()...)}
		if len(line.Gaps) > 0 {
			line.Status = residency.Partial
		}
		lines = append(lines, line)
	}
	if err := all.flush(c.world.partition, sink); err != nil {
		return nil, err
	}
	return lines, nil
}

// scannerName is the scanner of a plan's coverage lines.
const scannerName = "plan"

// open tells what an input is.
func open(in Input, o Options) (source, error) {
	return &terraform{name: in.Name, file: in.Data, size: in.Size, options: o}, nil
}
