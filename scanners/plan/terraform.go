package plan

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// terraform is one plan: JSON as terraform show -json and tofu show -json write it, formats 0.1 to 1.2. It is read twice and never held
// as a whole: once for what settings may refer to, once for the settings.
type terraform struct {
	name    string // of the input
	file    io.ReaderAt
	size    int64
	options Options

	version   string
	root      *module
	providers map[string]*provider
	variables map[string]Value
	prior     map[string]Value  // what data sources answered, by address
	reads     map[string]extent // changes that read a data source when they are applied, by address
	instances map[string][]*thing
	w         *world
	gaps      []string // what the plan itself says is missing of it
	planned   []string // addresses of planned_values
}

// extent is where a piece of JSON lies in the file.
type extent struct{ from, to int64 }

func (p *terraform) decoder() *jsontext.Decoder {
	return decoder(io.NewSectionReader(p.file, 0, p.size))
}

// fragment is what reading a part of the file needs, used again for the next.
type fragment struct {
	data    []byte
	source  bytes.Reader
	decoder *jsontext.Decoder
}

var fragments = sync.Pool{New: func() any { return &fragment{decoder: new(jsontext.Decoder)} }}

// readAt lets do read one part of the file.
func readAt[T any](p *terraform, e extent, do func(*jsontext.Decoder) (T, error)) (T, error) {
	one := fragments.Get().(*fragment)
	defer fragments.Put(one)
	one.data = slices.Grow(one.data[:0], int(e.to-e.from))[:e.to-e.from]
	n, err := p.file.ReadAt(one.data, e.from)
	if err != nil && n < len(one.data) {
		var none T
		return none, err
	}
	one.source.Reset(bytes.TrimLeft(one.data, " \t\r\n:,")) // an offset is behind the last token: what parts the two lies before
	one.decoder.Reset(&one.source, decoding...)
	return do(one.decoder)
}

// skip passes over a value and says where it lay.
func skip(d *jsontext.Decoder) (extent, error) {
	from := d.InputOffset()
	err := d.SkipValue()
	return extent{from, d.InputOffset()}, err
}

// index is the first reading: configuration, providers, and every resource by its address.
func (p *terraform) index(w *world) error {
	p.w = w
	p.providers, p.variables, p.prior = map[string]*provider{}, map[string]Value{}, map[string]Value{}
	p.reads, p.instances = map[string]extent{}, map[string][]*thing{}
	p.root = newModule(nil, "")
	var changes []extent
	var format string
	d := p.decoder()
	err := members(d, func(name string) (err error) {
		switch name {
		case "format_version":
			format, err = word(d)
		case "terraform_version":
			p.version, err = word(d)
		case "variables":
			err = members(d, func(name string) error {
				return members(d, func(key string) (err error) {
					if key != "value" {
						return d.SkipValue()
					}
					p.variables[name], err = value(d)
					return err
				})
			})
		case "configuration":
			err = p.configuration(d)
		case "prior_state":
			err = p.priorState(d)
		case "resource_changes":
			// Regions need the configuration, which comes later in the file: only where each change lies is kept now.
			err = items(d, func() error {
				e, err := skip(d)
				changes = append(changes, e)
				return err
			})
		case "planned_values":
			err = p.plannedValues(d)
		case "deferred_changes":
			err = p.deferred(d)
		case "errored":
			err = p.flag(d, "true", "the plan ended with an error: what follows the error is not in it")
		case "complete":
			err = p.flag(d, "false", "the plan is not complete: Terraform says that another one has to follow")
		default:
			err = d.SkipValue()
		}
		return err
	})
	if err == nil {
		err = atEnd(d)
	}
	if err == nil && format == "" {
		err = errors.New("has no format_version, so it is no Terraform plan: give what terraform show -json PLANFILE prints")
	}
	if err != nil {
		return err
	}
	p.told()
	seen := map[string]bool{}
	for _, e := range changes {
		if err := p.change(e, seen); err != nil {
			return err
		}
	}
	return p.unlisted(seen)
}

func (p *terraform) flag(d *jsontext.Decoder, when, say string) error {
	v, err := value(d)
	if v.kind == text && v.text == when {
		p.gaps = append(p.gaps, say)
	}
	return err
}

// deferred are changes that Terraform could not plan yet.
func (p *terraform) deferred(d *jsontext.Decoder) error {
	return items(d, func() error {
		v, err := value(d)
		if address := v.field("resource_change").field("address").text; address != "" {
			p.gaps = append(p.gaps, address+" is deferred: this plan does not say what it will be")
		}
		return err
	})
}

// plannedValues keeps the addresses of managed resources, which resource_changes must all name.
func (p *terraform) plannedValues(d *jsontext.Decoder) error {
	var walk func() error
	walk = func() error {
		return members(d, func(name string) error {
			switch name {
			case "resources":
				return items(d, func() error {
					var address, mode string
					err := members(d, func(key string) (err error) {
						switch key {
						case "address":
							address, err = word(d)
						case "mode":
							mode, err = word(d)
						default:
							err = d.SkipValue()
						}
						return err
					})
					if mode == "managed" {
						p.planned = append(p.planned, address)
					}
					return err
				})
			case "child_modules":
				return items(d, walk)
			case "root_module":
				return walk()
			}
			return d.SkipValue()
		})
	}
	return walk()
}

// unlisted: what planned_values promises and resource_changes leaves out cannot be judged.
func (p *terraform) unlisted(seen map[string]bool) error {
	missing := 0
	first := ""
	for _, address := range p.planned {
		if !seen[address] {
			missing++
			first = cmp.Or(first, address)
		}
	}
	p.planned = nil
	if missing > 0 {
		p.gaps = append(p.gaps, fmt.Sprintf("planned_values holds %d resources that resource_changes leaves out, %s first: write the plan with terraform show -json PLANFILE", missing, first))
	}
	return nil
}

// change is one entry of resource_changes, as far as others may refer to it.
type change struct {
	address, module, mode, typ string
	name, key                  string
	actions                    []string
	before, after, unknown     Value
	taken                      bool // imported, or moved from another address
}

// detail is how much of a change is read. What others refer to stands in the attributes that are plain texts.
type detail struct {
	before, after, unknown func(*jsontext.Decoder) (Value, error)
}

var (
	outline = detail{shallow, shallow, onlyRegion}
	whole   = detail{passOver, value, value}
	asWas   = detail{value, passOver, passOver}
)

func passOver(d *jsontext.Decoder) (Value, error) { return Value{}, d.SkipValue() }

// onlyRegion reads of what is not known whether the region is.
func onlyRegion(d *jsontext.Decoder) (Value, error) {
	if d.PeekKind() != '{' {
		return Value{}, d.SkipValue()
	}
	v := Value{kind: object, fields: map[string]Value{}}
	err := members(d, func(name string) (err error) {
		if name != "region" {
			return d.SkipValue()
		}
		v.fields[name], err = value(d)
		return err
	})
	return v, err
}

// shallow reads the plain texts of an object and leaves out what lies deeper.
func shallow(d *jsontext.Decoder) (Value, error) {
	if d.PeekKind() != '{' {
		return Value{}, d.SkipValue()
	}
	v := Value{kind: object, fields: map[string]Value{}}
	err := members(d, func(name string) (err error) {
		if kind := d.PeekKind(); kind == '{' || kind == '[' || kind == 'n' {
			return d.SkipValue()
		}
		v.fields[name], err = value(d)
		return err
	})
	return v, err
}

func readChange(d *jsontext.Decoder, how detail) (c change, err error) {
	err = members(d, func(name string) (err error) {
		switch name {
		case "address":
			c.address, err = word(d)
		case "module_address":
			c.module, err = word(d)
		case "mode":
			c.mode, err = word(d)
		case "type":
			c.typ, err = word(d)
		case "name":
			c.name, err = word(d)
		case "index":
			var v Value
			v, err = value(d)
			c.key = v.text
		case "previous_address":
			c.taken, err = true, d.SkipValue()
		case "change":
			err = members(d, func(name string) (err error) {
				switch name {
				case "actions":
					c.actions, err = words(d)
				case "before":
					c.before, err = how.before(d)
				case "after":
					c.after, err = how.after(d)
				case "importing":
					c.taken = c.taken || d.PeekKind() == '{'
					err = d.SkipValue()
				case "after_unknown":
					c.unknown, err = how.unknown(d)
				default:
					err = d.SkipValue()
				}
				return err
			})
		default:
			err = d.SkipValue()
		}
		return err
	})
	c.address, c.module = clean(c.address), clean(c.module)
	return c, err
}

// is reports whether the plan does just this to it.
func (c *change) is(action string) bool { return slices.Equal(c.actions, []string{action}) }

// makes reports whether there is a resource behind the change afterwards.
func (c *change) makes() bool {
	return len(c.actions) == 0 || slices.Contains(c.actions, "create") || slices.Contains(c.actions, "update")
}

// whole is all of a change that its settings need.
func (p *terraform) whole() detail {
	if p.options.Before {
		return asWas
	}
	return whole
}

// changeAt reads one entry: as it will be, or as it was before.
func (p *terraform) changeAt(e extent, how detail) (change, error) {
	c, err := readAt(p, e, func(d *jsontext.Decoder) (change, error) { return readChange(d, how) })
	if p.options.Before {
		c.after, c.unknown = c.before, Value{}
	}
	if isCloudControl(c.typ) {
		c.before, c.after, c.unknown = propertyNames(c.before), propertyNames(c.after), propertyNames(c.unknown)
	}
	return c, err
}

// change indexes one entry.
func (p *terraform) change(e extent, seen map[string]bool) error {
	c, err := p.changeAt(e, outline)
	if err != nil {
		return err
	}
	if c.address == "" {
		return fmt.Errorf("a resource change without an address, at byte %d", e.from)
	}
	seen[c.address] = true
	switch {
	case c.mode == "data":
		p.reads[c.address] = e
		return nil
	case !aws(c.typ):
		return nil
	case c.is("delete") && !p.options.Before:
		p.w.removes[p.name] = true
		if arn := rowOf(c.typ).ownARN(c.before); arn != "" {
			p.w.deleted = append(p.w.deleted, arn)
		}
		return nil
	case c.after.kind == absent && !p.options.Before && c.makes():
		p.gaps = append(p.gaps, "the plan does not say what "+c.address+" will be: write it with terraform show -json PLANFILE")
		return nil
	case c.is("forget"), c.after.kind == absent: // it lives on, and the plan knows no more of it; or it was not there before
		p.w.removes[p.name] = true
		return nil
	}
	t, scope := p.thing(&c)
	t.extent, t.from = e, p
	p.w.add(t)
	base := strings.TrimPrefix(scope.prefix+"."+c.typ+"."+c.name, ".")
	p.instances[base] = append(p.instances[base], t)
	return nil
}

// thing is what a change describes, without its settings.
func (p *terraform) thing(c *change) (*thing, *scope) {
	s := p.scope(c.module, c.key)
	t := &thing{address: p.w.unique(p.name, c.address), row: rowOf(c.typ).with(c.after), left: c.is("no-op") && !c.taken}
	configured := s.module.resources[c.typ+"."+c.name]
	t.lives = t.row.ownARN(c.after)
	p.locate(t, c, configured, s)
	t.name = nameOf(t, c.after)
	return t, s
}

// nameOf is the name that the type's naming attribute gives; a token for the rest where only a prefix is known.
func nameOf(t *thing, after Value) string {
	if t.row.name == "" {
		return tokenFor(t.address)
	}
	if name := after.field(t.row.name); name.kind == text && name.text != "" {
		return name.text
	}
	if prefix := after.field(t.row.name + "_prefix"); prefix.kind == text {
		return prefix.text + tokenFor(t.address)
	}
	return tokenFor(t.address)
}

// emit is the second reading: the settings of everything that the change describes, in the order of the file.
func (p *terraform) emit(e *emitter) error {
	for _, g := range p.gaps {
		e.unresolved(g)
	}
	for _, t := range p.inOrder() {
		if class := t.row.class; class == NoData || class == unlisted { // none of its settings is asked for
			if err := e.emit(t); err != nil {
				return err
			}
			continue
		}
		c, err := p.changeAt(t.extent, p.whole())
		if err != nil {
			return err
		}
		s, configured := p.block(&c)
		t.values = p.valuesOf(&c, s, configured)
		if isCloudControl(c.typ) {
			t.tags, t.untold = propertyTags(t)
		} else {
			t.tags, t.untold = p.tags(s, t, configured.provider)
		}
		if err := e.emit(t); err != nil {
			return err
		}
		t.values, t.tags = Value{}, nil
	}
	return nil
}

// block is where a change's expressions stand, and its resource block.
func (p *terraform) block(c *change) (*scope, configured) {
	s := p.scope(c.module, c.key)
	return s, s.module.resources[c.typ+"."+c.name]
}

func (p *terraform) valuesOf(c *change, s *scope, at configured) Value {
	e := p.expressions(at)
	if isCloudControl(c.typ) {
		e = propertyExpressions(e)
	}
	return p.overlay(s, c.after, c.unknown, e, !at.found)
}

// load reads the values of one thing, out of turn.
func (p *terraform) load(t *thing) (Value, error) {
	c, err := p.changeAt(t.extent, p.whole())
	if err != nil {
		return Value{}, err
	}
	s, configured := p.block(&c)
	return p.valuesOf(&c, s, configured), nil
}

// inOrder are the plan's things in the order of the file.
func (p *terraform) inOrder() []*thing {
	var all []*thing
	for _, ts := range p.instances {
		all = append(all, ts...)
	}
	slices.SortFunc(all, func(a, b *thing) int { return cmp.Compare(a.extent.from, b.extent.from) })
	return all
}
