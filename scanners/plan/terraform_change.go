package plan

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

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
