package plan

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// module is one module of the configuration. Its instances share it.
type module struct {
	parent    *module
	name      string // of the call in the parent
	resources map[string]configured
	calls     map[string]*call
	outputs   map[string]expression
	defaults  map[string]Value // of variables
}

func newModule(parent *module, name string) *module {
	return &module{parent: parent, name: name, resources: map[string]configured{}, calls: map[string]*call{},
		outputs: map[string]expression{}, defaults: map[string]Value{}}
}

// configured is a resource block: which provider it has, and where its expressions lie in the file.
type configured struct {
	found    bool
	provider string
	at       extent // of its expressions; empty where it has none
}

type call struct {
	module      *module
	expressions map[string]expression
}

// expression is what the configuration says of an attribute: a constant, or what it refers to; blocks hold further ones.
type expression struct {
	given    bool // there is one
	constant Value
	refs     []string
	fields   map[string]expression
	list     []expression
}

// provider is one provider configuration. Its region and account are found when they are first asked for.
type provider struct {
	module                string // module address, "" for the root
	region                expression
	roles                 expression // assume_role
	allowed               expression // allowed_account_ids
	tags                  expression // default_tags
	accountID, regionName string     // by the answers of data sources
}

func (p *terraform) configuration(d *jsontext.Decoder) error {
	return members(d, func(name string) error {
		switch name {
		case "provider_config":
			return members(d, func(key string) error { return p.provider(d, key) })
		case "root_module":
			return p.module(d, p.root)
		}
		return d.SkipValue()
	})
}

func (p *terraform) provider(d *jsontext.Decoder, key string) error {
	c := p.providerOf(key)
	return members(d, func(name string) (err error) {
		switch name {
		case "module_address":
			c.module, err = word(d)
		case "expressions":
			err = members(d, func(name string) (err error) {
				switch name {
				case "region":
					c.region, err = readExpression(d)
				case "assume_role":
					c.roles, err = readExpression(d)
				case "allowed_account_ids":
					c.allowed, err = readExpression(d)
				case "default_tags":
					c.tags, err = readExpression(d)
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
}

// providerOf is the provider with that key, made where there is none yet: data sources may speak of it first.
func (p *terraform) providerOf(key string) *provider {
	c := p.providers[key]
	if c == nil {
		c = &provider{}
		p.providers[key] = c
	}
	return c
}

func (p *terraform) module(d *jsontext.Decoder, m *module) error {
	return members(d, func(name string) error {
		switch name {
		case "resources":
			return items(d, func() error { return p.configured(d, m) })
		case "module_calls":
			return members(d, func(name string) error { return p.call(d, m, name) })
		case "outputs":
			return members(d, func(output string) error {
				return members(d, func(name string) (err error) {
					if name != "expression" {
						return d.SkipValue()
					}
					m.outputs[output], err = readExpression(d)
					return err
				})
			})
		case "variables":
			return members(d, func(variable string) error {
				return members(d, func(name string) (err error) {
					if name != "default" {
						return d.SkipValue()
					}
					m.defaults[variable], err = value(d)
					return err
				})
			})
		}
		return d.SkipValue()
	})
}

func (p *terraform) configured(d *jsontext.Decoder, m *module) error {
	c := configured{found: true}
	var mode, typ, label string
	err := members(d, func(name string) (err error) {
		switch name {
		case "mode":
			mode, err = word(d)
		case "type":
			typ, err = word(d)
		case "name":
			label, err = word(d)
		case "provider_config_key":
			c.provider, err = word(d)
		case "expressions":
			c.at, err = skip(d)
		default:
			err = d.SkipValue()
		}
		return err
	})
	key := typ + "." + label
	if mode == "data" {
		key = "data." + key
	}
	m.resources[key] = c
	return err
}

func (p *terraform) call(d *jsontext.Decoder, m *module, name string) error {
	c := &call{module: newModule(m, name), expressions: map[string]expression{}}
	m.calls[name] = c
	return members(d, func(key string) error {
		switch key {
		case "module":
			return p.module(d, c.module)
		case "expressions":
			return members(d, func(variable string) (err error) {
				c.expressions[variable], err = readExpression(d)
				return err
			})
		}
		return d.SkipValue()
	})
}

func readExpression(d *jsontext.Decoder) (e expression, err error) {
	if d.StackDepth() > maxDepth {
		return e, errDepth
	}
	e.given = true
	switch d.PeekKind() {
	case '[':
		err = items(d, func() error {
			item, err := readExpression(d)
			e.list = append(e.list, item)
			return err
		})
	case '{':
		err = members(d, func(name string) (err error) {
			switch {
			case name == "references" && d.PeekKind() == '[':
				e.refs, err = words(d)
			case name == "constant_value":
				e.constant, err = value(d)
			default:
				if e.fields == nil {
					e.fields = map[string]expression{}
				}
				e.fields[name], err = readExpression(d)
			}
			return err
		})
	default:
		err = d.SkipValue()
	}
	return e, err
}

// expressions are those of a resource block.
func (p *terraform) expressions(c configured) expression {
	if (c.at == extent{}) {
		return expression{given: c.found, fields: map[string]expression{}}
	}
	e, err := readAt(p, c.at, readExpression)
	if err != nil { // it was read once already: what cannot be read again is not known
		return expression{}
	}
	if e.fields == nil {
		e.fields = map[string]expression{}
	}
	return e
}

// field is the expression of a member: in a list of one block, of that block.
func (e expression) field(name string) expression {
	if len(e.list) == 1 {
		return e.list[0].field(name)
	}
	return e.fields[name]
}

// allRefs are the references anywhere below.
func (e expression) allRefs() (refs []string) {
	refs = append(refs, e.refs...)
	for _, f := range e.fields {
		refs = append(refs, f.allRefs()...)
	}
	for _, f := range e.list {
		refs = append(refs, f.allRefs()...)
	}
	return refs
}

// priorState keeps what data sources answered, and what they tell of their providers.
func (p *terraform) priorState(d *jsontext.Decoder) error {
	var walk func() error
	walk = func() error {
		return members(d, func(name string) error {
			switch name {
			case "values", "root_module":
				return walk()
			case "child_modules":
				return items(d, walk)
			case "resources":
				return items(d, func() error { return p.answered(d) })
			}
			return d.SkipValue()
		})
	}
	return walk()
}

func (p *terraform) answered(d *jsontext.Decoder) error {
	var address, mode string
	var at extent
	err := members(d, func(name string) (err error) {
		switch name {
		case "address":
			address, err = word(d)
		case "mode":
			mode, err = word(d)
		case "values":
			at, err = skip(d)
		default:
			err = d.SkipValue()
		}
		return err
	})
	if err != nil || mode != "data" {
		return err
	}
	p.prior[clean(address)], err = readAt(p, at, value)
	return err
}

// modulePath takes the instance keys out of a module address: module.a["x"].module.b becomes a, b.
func modulePath(address string) (path []string) {
	for _, step := range steps(address) {
		if step.name != "module" {
			path = append(path, step.name)
		}
	}
	return path
}

// step is one part of an address or a reference: a name, and the key in brackets behind it.
type step struct {
	name  string
	key   string
	keyed bool
}

// steps takes an address or a reference apart: module.a["x.y"].aws_s3_bucket.b[0].arn.
func steps(s string) (all []step) {
	for s != "" {
		end := strings.IndexAny(s, ".[")
		if end < 0 {
			return append(all, step{name: s})
		}
		st := step{name: s[:end]}
		s = s[end:]
		if s[0] == '[' {
			var ok bool
			if st.key, s, ok = bracket(s); !ok {
				return append(all, st)
			}
			st.keyed = true
		}
		all = append(all, st)
		s = strings.TrimPrefix(s, ".")
	}
	return all
}

// bracket reads ["key"] or [0].
func bracket(s string) (key, rest string, ok bool) {
	if strings.HasPrefix(s, `["`) {
		for i := 2; i < len(s); i++ {
			if s[i] == '\\' {
				i++
				continue
			}
			if s[i] == '"' && i+1 < len(s) && s[i+1] == ']' {
				return strings.ReplaceAll(s[2:i], `\"`, `"`), s[i+2:], true
			}
		}
		return "", "", false
	}
	key, rest, ok = strings.Cut(s[1:], "]")
	return key, rest, ok
}
