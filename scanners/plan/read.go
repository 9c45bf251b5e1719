package plan

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Input is one part of a change: a file, which is read more than once, or the folder of a cloud assembly.
type Input struct {
	Name string // as the user gave it
	Data io.ReaderAt
	Size int64
	Dir  fs.FS // of a folder; Data and Size are not looked at then
}

// Options are what a change does not say itself.
type Options struct {
	Region     string            // for what names no region
	Account    string            // for what names no account
	Unchanged  bool              // judge also what the change leaves alone
	Before     bool              // what was there before the change, in place of what it makes
	Stack      string            // name of the stack of a bare template; empty: the file's name without extension stands in addresses
	Parameters map[string]string // values of a template's parameters, by name, or by STACK:NAME for one stack only
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
	left    [][]residency.Gap // by input
}

// Facts says which facts a gap of a plan leaves open, by the call that it names; ok is false for one that leaves everything open.
func Facts(call string) (facts []residency.Fact, ok bool) {
	switch call {
	case "policy", OwnerGap:
		return []residency.Fact{residency.FactSharing}, true
	case "sources":
		return []residency.Fact{residency.FactSources}, true
	case "tags":
		return []residency.Fact{residency.FactTags}, true
	}
	return nil, false
}

// Read understands the inputs and indexes them. partition is that of the regions, which are sorted; outside may be nil.
func Read(inputs []Input, o Options, partition string, regions []string, outside Outside) (*Change, error) {
	c := &Change{world: newWorld(partition, regions, outside), options: o}
	for _, in := range inputs {
		c.world.input = in.Name
		s, err := open(in, o)
		if err == nil {
			err = s.index(c.world)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", in.Name, in.oneLine(err))
		}
		c.sources, c.names = append(c.sources, s), append(c.names, in.Name)
	}
	c.world.unused(o.Parameters)
	return c, nil
}

// Emit hands every resource of the change to the sink and returns one coverage line for each input.
func (c *Change) Emit(sink Sink) ([]residency.Coverage, error) {
	var lines []residency.Coverage
	all := &gathering{stores: map[accountRegion]bool{}}
	for i, s := range c.sources {
		e := &emitter{w: c.world, sink: sink, all: all, listed: map[string]int{}, unchanged: c.options.Unchanged}
		if err := s.emit(e); err != nil {
			return nil, fmt.Errorf("%s: %w", c.names[i], err)
		}
		line := residency.Coverage{Scanner: Scanner, Input: c.names[i], Region: residency.GlobalRegion, Status: residency.Complete, Resources: e.added,
			Gaps: append(e.gaps, e.unlisted()...)}
		if len(line.Gaps) > 0 {
			line.Status = residency.Partial
		}
		lines, c.left = append(lines, line), append(c.left, e.left)
	}
	if err := all.flush(c.world.partition, sink); err != nil {
		return nil, err
	}
	c.noteIdle(lines)
	return lines, nil
}

// LeftGaps are the gaps of what the change leaves as it is, by input, after Emit: they count only where the change has a part in it, where
// its data comes to such a resource say. With Options.Unchanged there are none, since all is judged alike.
func (c *Change) LeftGaps() [][]residency.Gap { return c.left }

// noteIdle says why an input of which everything could be read has nothing to judge.
func (c *Change) noteIdle(lines []residency.Coverage) {
	described, changed := map[string]int{}, map[string]int{}
	for _, t := range c.world.things {
		described[t.input]++
		if !t.left || c.options.Unchanged {
			changed[t.input]++
		}
	}
	for _, l := range lines {
		switch n := described[l.Input]; {
		case len(l.Gaps) > 0 || changed[l.Input] > 0:
		case n > 0:
			c.world.notes = append(c.world.notes, fmt.Sprintf("%s leaves the %d resources of AWS that it describes as they are: --unchanged judges them", l.Input, n))
		case c.world.removes[l.Input]:
			c.world.notes = append(c.world.notes, l.Input+" only deletes: there was nothing to judge")
		default:
			c.world.notes = append(c.world.notes, l.Input+" describes no resource of AWS: there was nothing to judge")
		}
	}
}

// Scanner is the scanner of the coverage lines of plans and templates.
const Scanner = "plan"

// Lives are the ARNs under which things of the change live already, by address.
func (c *Change) Lives() map[string]string {
	lives := map[string]string{}
	for address, t := range c.world.things {
		if arn := t.known(); arn != "" {
			lives[address] = arn
		}
	}
	return lives
}

// Place is where a thing of the change will be; empty where that is not known.
func (c *Change) Place(address string) (region, account string) {
	if t := c.world.things[address]; t != nil {
		return t.region, t.account
	}
	return "", ""
}

// Deleted are the ARNs of what the change deletes.
func (c *Change) Deleted() []string { return c.world.deleted }

// Leaves reports whether the change describes things that it leaves as they are, and that are not asked for.
func (c *Change) Leaves() bool {
	for _, t := range c.world.things {
		if t.left && !c.options.Unchanged {
			return true
		}
	}
	return false
}

// Changes reports whether the address is one of what the change makes or changes; with Options.Unchanged, of all that it describes.
func (c *Change) Changes(address string) bool {
	t := c.world.things[address]
	return t != nil && (!t.left || c.options.Unchanged)
}

// Wanted are the ARNs outside the change that its settings name, after Emit. Sorted.
func (c *Change) Wanted() []string { return slices.Sorted(maps.Keys(c.world.wanted)) }

// Accounts are those that the inputs themselves say they are deployed to.
func (c *Change) Accounts() []string {
	all := map[string]bool{}
	for _, t := range c.world.things {
		if t.account != "" {
			all[t.account] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Input is the name of the input that describes an address; empty for what none does.
func (c *Change) Input(address string) string {
	if t := c.world.things[address]; t != nil {
		return t.input
	}
	return ""
}

// Setting takes a placement's via apart: the address that declares it, and the path of the attribute there. Both are empty where the
// via does not begin with an address of the change.
func (c *Change) Setting(via string) (address, attribute string) {
	for i := 0; i <= len(via); i++ {
		if i < len(via) && via[i] != ' ' || c.world.things[via[:i]] == nil {
			continue
		}
		attribute, _, _ = strings.Cut(strings.TrimPrefix(via[i:], " "), " ")
		attribute = strings.TrimSuffix(attribute, ":")
		if strings.HasPrefix(attribute, "(") {
			attribute = ""
		}
		return via[:i], attribute
	}
	return "", ""
}

// Notes are what a reader of the verdicts should know of the inputs.
func (c *Change) Notes() []string { return c.world.notes }
