package snapshot

import (
	"fmt"
	"strconv"
)

// numbers says how the numbers of facts are read.
type numbers int

const (
	skipped numbers = iota // only checked: nothing is kept of the value
	doubles                // float64, as encoding/json reads them
	exact                  // json.Number, which writes back the same digits
)

// value takes any JSON value. Two of the same name in an object are refused at every depth, also where nothing is kept.
func (p *parser) value(n numbers) any {
	switch c := p.peek(); c {
	case '{':
		if m := p.object(n); n != skipped {
			return m
		}
	case '[':
		if l := p.list(n); n != skipped {
			return l
		}
	case '"':
		if s := p.string(); n != skipped {
			return s
		}
	case 't', 'f':
		p.word(strconv.FormatBool(c == 't'))
		if n != skipped {
			return c == 't'
		}
	case 'n':
		p.null()
	default:
		return p.quantity(n)
	}
	return nil
}

func (p *parser) object(n numbers) map[string]any {
	var seen nameSet
	mark := len(p.names)
	var m map[string]any
	if n != skipped {
		m = map[string]any{}
	}
	for name, ok := p.enter(); ok; name, ok = p.next() {
		p.unique(&seen, mark, name)
		if v := p.value(n); m != nil {
			m[name] = v
		}
	}
	p.names = p.names[:mark]
	return m
}

func (p *parser) list(n numbers) []any {
	l := []any{}
	for ok := p.enterList(); ok; ok = p.nextElement() {
		if v := p.value(n); n != skipped {
			l = append(l, v)
		}
		if p.err != nil {
			break
		}
	}
	return l
}

// nameSet holds the names of one large object; small ones stand on the parser's stack.
type nameSet map[string]struct{}

// unique refuses a name that its object has already; mark is where the object's names begin on the stack.
func (p *parser) unique(large *nameSet, mark int, name string) {
	const few = 16
	if *large == nil && len(p.names)-mark < few {
		for _, seen := range p.names[mark:] {
			if seen == name {
				p.twice(name)
				return
			}
		}
		p.names = append(p.names, name)
		return
	}
	if *large == nil {
		*large = nameSet{}
		for _, seen := range p.names[mark:] {
			(*large)[seen] = struct{}{}
		}
	}
	if _, ok := (*large)[name]; ok {
		p.twice(name)
		return
	}
	(*large)[name] = struct{}{}
}

func (p *parser) twice(name string) {
	p.stop(fmt.Errorf("%s stands twice in one object", short(name)))
}

// fields remembers which of an object's known names were read: seen at all, and present, which a null is not.
type fields struct {
	seen, present uint32
	other         nameSet
	mark          int
}

// begin makes the set for an object whose names are about to be read; done closes it.
func (p *parser) begin() fields  { return fields{mark: len(p.names)} }
func (p *parser) done(f *fields) { p.names = p.names[:f.mark] }

// field books a known name and says whether a value is there to read: a null is taken here.
func (p *parser) field(f *fields, bit uint, name string) bool {
	if f.seen&(1<<bit) != 0 {
		p.twice(name)
		return false
	}
	f.seen |= 1 << bit
	if p.null() {
		return false
	}
	f.present |= 1 << bit
	return p.err == nil
}

// unknown checks and skips the value of a name that this version does not know.
func (p *parser) unknown(f *fields, name string) {
	p.unique(&f.other, f.mark, name)
	p.value(skipped)
}

func (f *fields) has(bit uint) bool { return f.present&(1<<bit) != 0 }
