package plan

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

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
			err = p.inputs(d)
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

// inputs are the values of the root module's variables.
func (p *terraform) inputs(d *jsontext.Decoder) error {
	return members(d, func(name string) error {
		return members(d, func(key string) (err error) {
			if key != "value" {
				return d.SkipValue()
			}
			p.variables[name], err = value(d)
			return err
		})
	})
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
