package snapshot

import (
	"fmt"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Skip leaves parts of a resource out of what a Decoder keeps. They are checked all the same; a skipped field is empty, which
// for tags looks like "not read".
type Skip uint

// What can be skipped.
const (
	SkipNames Skip = 1 << iota
	SkipTags
	SkipFacts
)

// Decoder decodes lines one after the other, with next to no allocation. It is for one goroutine: keep one a worker.
//
// A decoded resource is valid until the next one is decoded: its maps and slices are used again. Its strings stay valid for
// ever, but all except kinds, accounts, regions and roles keep the text of their whole chunk in memory: clone what outlives it.
type Decoder struct {
	skip   Skip
	fresh  bool    // maps and slices of its own for each resource
	facts  numbers // how facts are read
	p      parser
	known  *interner
	tags   map[string]string
	places []residency.Placement
	from   []residency.Source
	line   Line
	r      residency.Resource
}

// NewDecoder makes a decoder that leaves out what skip names.
func NewDecoder(skip Skip) *Decoder {
	d := &Decoder{skip: skip, facts: doubles, known: new(interner), tags: map[string]string{}, places: make([]residency.Placement, 0, 8)}
	if skip&SkipFacts != 0 {
		d.facts = skipped
	}
	return d
}

// Decode decodes one resource line into r. It copies the line: the caller may use it again.
func (d *Decoder) Decode(line []byte, r *residency.Resource) error {
	if !utf8.Valid(line) {
		return errUTF8
	}
	return d.resource(string(line), r)
}

// resource decodes a resource line of valid UTF-8.
func (d *Decoder) resource(line string, r *residency.Resource) error {
	p := &d.p
	p.reset(line)
	p.sole("resource")
	d.body(p, r)
	p.leave()
	if p.err != nil {
		if r.ID != "" {
			return fmt.Errorf("resource %s: %w", short(r.ID), p.err)
		}
		return p.err
	}
	return checkResource(r)
}

// The bits of a resource's names.
const (
	fieldID = iota
	fieldKind
	fieldAccount
	fieldRegion
	fieldName
	fieldTags
	fieldPlacements
	fieldSources
	fieldFacts
	fieldARN
	fieldAssigned
)

var resourceFields = [...]string{"id", "kind", "account", "region", "name", "tags", "placements", "sources", "facts", "arn", "assigned"}

func (d *Decoder) body(p *parser, r *residency.Resource) {
	*r = residency.Resource{}
	f := p.begin()
	expect := uint(0)
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index(resourceFields[:], name, expect)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		expect = bit + 1
		if !p.field(&f, bit, name) {
			continue
		}
		switch bit {
		case fieldID:
			r.ID = p.string()
		case fieldKind:
			r.Kind = d.known.keep(p.string())
		case fieldAccount:
			r.Account = d.known.keep(p.string())
		case fieldRegion:
			r.Region = d.known.keep(p.string())
		case fieldName:
			if name := p.string(); d.skip&SkipNames == 0 {
				r.Name = name
			}
		case fieldAssigned:
			r.Assigned = p.assigned(d.known)
		case fieldARN:
			r.ARN = p.string()
		case fieldTags:
			r.Tags = d.readTags(p)
		case fieldPlacements:
			r.Placements = d.readPlacements(p)
		case fieldSources:
			r.Sources = d.readSources(p)
		case fieldFacts:
			if facts := p.object(d.facts); len(facts) > 0 {
				r.Facts = facts
			}
		}
	}
	p.done(&f)
}

// assigned reads what an index keeps of an assignment.
func (p *parser) assigned(known *interner) *residency.Assigned {
	var a residency.Assigned
	f := p.begin()
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index([]string{"zone", "basis"}, name, 0)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		if !p.field(&f, bit, name) {
			continue
		}
		switch value := known.keep(p.string()); bit {
		case 0:
			a.Zone = value
		case 1:
			a.Basis = residency.Basis(value)
		}
	}
	p.done(&f)
	return &a
}

// index finds a name among the known ones. Lines are written in one order, so the first look is at the expected place.
func index(names []string, name string, expect uint) uint {
	for i := expect; i < uint(len(names)); i++ {
		if names[i] == name {
			return i
		}
	}
	for i := range min(expect, uint(len(names))) {
		if names[i] == name {
			return i
		}
	}
	return missing
}

const missing = ^uint(0)

func (d *Decoder) readTags(p *parser) map[string]string {
	if d.fresh || len(d.tags) > 64 { // clearing a large map costs its size each time
		d.tags = map[string]string{}
	}
	clear(d.tags)
	p.texts(d.tags)
	if d.skip&SkipTags != 0 {
		return nil
	}
	return d.tags
}

// texts reads an object whose values are strings into m. A tag without a value is no answer that a rule could use.
func (p *parser) texts(m map[string]string) {
	for name, ok := p.enter(); ok; name, ok = p.next() {
		n := len(m)
		if p.peek() == 'n' {
			p.stop(fmt.Errorf("%s is null, want a string", short(name)))
			return
		}
		p.peek()
		if m[name] = p.string(); len(m) == n {
			p.twice(name)
		}
	}
}

func (d *Decoder) readSources(p *parser) []residency.Source {
	list := d.from[:0]
	if d.fresh {
		list = nil
	}
	for ok := p.enterList(); ok; ok = p.nextElement() {
		var s residency.Source
		d.source(p, &s)
		list = append(list, s)
		if p.err != nil {
			break
		}
	}
	d.from = list
	if len(list) == 0 {
		return nil
	}
	return list
}

var sourceFields = [...]string{"id", "role", "region", "account", "via"}

func (d *Decoder) source(p *parser, s *residency.Source) {
	f := p.begin()
	expect := uint(0)
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index(sourceFields[:], name, expect)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		expect = bit + 1
		if !p.field(&f, bit, name) {
			continue
		}
		switch value := p.string(); bit {
		case 0:
			s.ID = value
		case 1:
			s.Role = residency.Role(d.known.keep(value))
		case 2:
			s.Region = d.known.keep(value)
		case 3:
			s.Account = d.known.keep(value)
		case 4:
			s.Via = value
		}
	}
	p.done(&f)
}

func (d *Decoder) readPlacements(p *parser) []residency.Placement {
	list := d.places[:0]
	if d.fresh {
		list = []residency.Placement{}
	}
	list = p.placements(d.known, list)
	d.places = list
	return list
}

var placementFields = [...]string{"role", "region", "account", "target", "via"}

// placements reads a list of placements, after those of list.
func (p *parser) placements(known *interner, list []residency.Placement) []residency.Placement {
	for ok := p.enterList(); ok; ok = p.nextElement() {
		list = append(list, residency.Placement{})
		p.placement(known, &list[len(list)-1])
		if p.err != nil {
			break
		}
	}
	return list
}

func (p *parser) placement(known *interner, to *residency.Placement) {
	f := p.begin()
	expect := uint(0)
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index(placementFields[:], name, expect)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		expect = bit + 1
		if !p.field(&f, bit, name) {
			continue
		}
		switch value := p.string(); bit {
		case 0:
			to.Role = residency.Role(known.keep(value))
		case 1:
			to.Region = known.keep(value)
		case 2:
			to.Account = known.keep(value)
		case 3:
			to.Target = value
		case 4:
			to.Via = value
		}
	}
	p.done(&f)
}
