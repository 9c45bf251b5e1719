package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
)

// scope is where an expression stands: an instance of a module, and the key of the resource instance in it.
type scope struct {
	module *module
	prefix string // address of the module instance, "" for the root
	key    string // of the resource's own instance
}

func (p *terraform) scope(moduleAddress, key string) *scope {
	s := &scope{module: p.root, prefix: moduleAddress, key: key}
	for _, name := range modulePath(moduleAddress) {
		c := s.module.calls[name]
		if c == nil { // the configuration does not hold it
			s.module = newModule(s.module, name)
			continue
		}
		s.module = c.module
	}
	return s
}

// outer is the scope of the module call, for the expressions of its arguments. The call's own key stands for each.key there.
func (p *terraform) outer(s *scope) *scope {
	all := steps(s.prefix)
	if len(all) < 2 || s.module.parent == nil {
		return nil
	}
	cut := strings.LastIndex(s.prefix, "module."+all[len(all)-1].name)
	return &scope{module: s.module.parent, prefix: strings.TrimSuffix(s.prefix[:max(cut, 0)], "."), key: all[len(all)-1].key}
}

// maxHops bounds how far a reference is followed through variables and outputs.
const maxHops = 50

// resolve follows an expression to what it refers to: a constant, a thing of the plan, or not known, with the reason.
func (p *terraform) resolve(s *scope, e expression, hops int) Value {
	refs := e.allRefs()
	switch {
	case hops > maxHops:
		return unknownBecause("its references lead in a circle")
	case !e.constant.empty():
		return e.constant
	case len(refs) == 0 && e.given && len(e.fields)+len(e.list) == 0:
		return Value{}
	case len(refs) == 0:
		return unknownBecause("it is known only after apply")
	}
	var found []Value
	why := ""
	another := false
	for _, ref := range longest(refs) {
		v := p.reference(s, ref, hops)
		for _, one := range v.blocks() {
			switch {
			case one.kind == unknown:
				why = cmp.Or(why, one.text)
				another = another || looksUp(ref)
			case !slices.ContainsFunc(found, func(f Value) bool { return f.kind == one.kind && f.text == one.text }):
				found = append(found, one)
			}
		}
	}
	things := slices.DeleteFunc(slices.Clone(found), func(v Value) bool { return v.kind != reference })
	switch {
	case another && len(things) > 0:
		return unknownBecause("it may be " + things[0].text + ", or else " + why)
	case len(things) == 1:
		return things[0]
	case len(things) > 1:
		return p.oneOf(things)
	case len(found) == 1 && why == "":
		return found[0]
	}
	return unknownBecause(cmp.Or(why, "it is known only after apply"))
}

// looksUp reports whether a reference is to a data source for a type that settings point to: what it finds may stand for the whole
// value, as a part of which an account or a partition only stands.
func looksUp(ref string) bool {
	all := steps(ref)
	return len(all) > 1 && all[0].name == "data" && table[all[1].name] != nil && table[all[1].name].arn != ""
}

// oneOf is one of several things, and nobody can tell yet which. It is followed to each where all are in one place.
func (p *terraform) oneOf(things []Value) Value {
	first := p.w.of(p.w.things[things[0].text])
	for _, v := range things[1:] {
		if to := p.w.of(p.w.things[v.text]); to.region != first.region || to.account != first.account {
			one := unknownBecause("it is one of " + things[0].text + " and " + v.text + ", in different places: which one is known only after apply")
			one.list = things
			return one
		}
	}
	return Value{kind: list, list: things}
}

// longest leaves out what Terraform lists besides: for aws_x.y[0].arn also aws_x.y[0] and aws_x.y.
func longest(refs []string) (kept []string) {
	for _, r := range refs {
		inside := slices.ContainsFunc(refs, func(o string) bool {
			return len(o) > len(r) && strings.HasPrefix(o, r) && (o[len(r)] == '.' || o[len(r)] == '[')
		})
		if !inside && !slices.Contains(kept, r) {
			kept = append(kept, r)
		}
	}
	return kept
}

func (p *terraform) reference(s *scope, ref string, hops int) Value {
	all := steps(ref)
	if len(all) == 0 {
		return unknownBecause("it is known only after apply")
	}
	switch root := all[0].name; root {
	case "var":
		if len(all) < 2 {
			break
		}
		return walkInto(p.variable(s, all[1].name, hops+1), all[1:])
	case "module":
		if len(all) < 3 {
			break
		}
		return p.output(s, all, hops+1)
	case "each":
		if s.key != "" && len(all) > 1 && all[1].name == "key" {
			return textOf(s.key)
		}
		return unknownBecause(ref + " is not in the plan")
	case "count":
		if s.key != "" {
			return textOf(s.key)
		}
	case "local":
		return unknownBecause(ref + " is a local value, which a plan does not hold: use a variable, or name the resource itself")
	case "data":
		return p.data(s, all, hops+1)
	case "path", "terraform", "self":
	default:
		return p.planned_(s, all)
	}
	return unknownBecause(ref + " is not in the plan")
}

// walkInto goes into a known value by the keys and names of a reference.
func walkInto(v Value, all []step) Value {
	for i, st := range all {
		if i > 0 {
			v = v.field(st.name)
		}
		if !st.keyed {
			continue
		}
		switch v.kind {
		case object:
			v = v.fields[st.key]
		case list:
			for j, item := range v.list {
				if st.key == itoa(j) {
					v = item
					break
				}
			}
		}
	}
	return v
}

// variable is what a variable of the scope's module was given.
func (p *terraform) variable(s *scope, name string, hops int) Value {
	if s.module == p.root {
		if v, ok := p.variables[name]; ok {
			return v
		}
	} else if out := p.outer(s); out != nil {
		if e, ok := out.module.calls[s.module.name].expressionOf(name); ok {
			return p.resolve(out, e, hops)
		}
	}
	if v, ok := s.module.defaults[name]; ok {
		return v
	}
	return unknownBecause("var." + name + " is not in the plan")
}

func (c *call) expressionOf(name string) (expression, bool) {
	if c == nil {
		return expression{}, false
	}
	e, ok := c.expressions[name]
	return e, ok
}

// output follows module.NAME.OUTPUT into the module.
func (p *terraform) output(s *scope, all []step, hops int) Value {
	c := s.module.calls[all[1].name]
	if c == nil {
		return unknownBecause("module." + all[1].name + " is not in the plan's configuration")
	}
	e, ok := c.module.outputs[all[2].name]
	if !ok {
		return unknownBecause("module." + all[1].name + "." + all[2].name + " is not in the plan's configuration")
	}
	inner := strings.TrimPrefix(s.prefix+".module."+all[1].name, ".")
	if all[1].keyed {
		inner += quoteKey(all[1].key)
	}
	return p.resolve(&scope{module: c.module, prefix: inner, key: s.key}, e, hops)
}

func quoteKey(key string) string {
	if key != "" && strings.Trim(key, "0123456789") == "" {
		return "[" + key + "]"
	}
	return `["` + key + `"]`
}

// planned_ are the instances of a resource that a reference names, of this module instance.
func (p *terraform) planned_(s *scope, all []step) Value {
	if len(all) < 2 {
		return unknownBecause("it is known only after apply")
	}
	typ, label := all[0].name, all[1]
	base := strings.TrimPrefix(s.prefix+"."+typ+"."+label.name, ".")
	attr := ""
	if len(all) > 2 {
		attr = all[2].name
	}
	instances := p.instances[base]
	if len(instances) == 0 { // the module may have keys that the reference leaves out: every instance counts
		instances = p.instancesBelow(s, typ+"."+label.name)
	}
	key := label.key
	if !label.keyed {
		key = s.key
	}
	if i := slices.IndexFunc(instances, func(t *thing) bool { return strings.HasSuffix(t.address, base+quoteKey(key)) }); i >= 0 && (label.keyed || len(instances) > 1) {
		return refTo(instances[i].address, attr)
	}
	var found []Value
	for _, t := range instances {
		found = append(found, refTo(t.address, attr))
	}
	switch len(found) {
	case 0:
		return unknownBecause(typ + "." + label.name + " is not in this plan")
	case 1:
		return found[0]
	}
	return Value{kind: list, list: found}
}

// instancesBelow looks through every instance of the scope's module.
func (p *terraform) instancesBelow(s *scope, resource string) (all []*thing) {
	path := modulePath(s.prefix)
	for base, ts := range p.instances {
		if prefix, ok := strings.CutSuffix(base, "."+resource); ok && slices.Equal(modulePath(prefix), path) {
			all = append(all, ts...)
		}
	}
	slices.SortFunc(all, func(a, b *thing) int { return strings.Compare(a.address, b.address) })
	return all
}

// data is what a data source answered; for one that is read only later, what its configuration names.
func (p *terraform) data(s *scope, all []step, hops int) Value {
	if len(all) < 3 {
		return unknownBecause("it is known only after apply")
	}
	typ, label := all[1].name, all[2]
	address := strings.TrimPrefix(s.prefix+".data."+typ+"."+label.name, ".")
	if label.keyed {
		address += quoteKey(label.key)
	}
	if v, ok := p.prior[address]; ok && len(all) > 3 {
		if got := walkInto(v.field(all[3].name), all[3:]); !got.empty() {
			return got
		}
	}
	values, silent := p.readLater(s, address, typ+"."+label.name)
	if typ == "aws_iam_policy_document" {
		return policyDocument(values)
	}
	if r := rowOf(typ); r.name != "" && r.arn != "" && !silent {
		if name := values.field(r.name); name.kind == text && known(name.text) {
			t := &thing{row: r, name: name.text, region: p.regionOf(s, s.module.resources["data."+typ+"."+label.name].provider), account: p.options.Account}
			t.describe(p.w.partition)
			if len(all) > 3 && all[3].name == "arn" {
				return textOf(t.arn)
			}
			return textOf(locate.NormalARN(t.arn))
		}
	}
	return unknownBecause("data." + typ + "." + label.name + " is read only when the plan is applied")
}

// readLater are the arguments of a data source that is read when the plan is applied.
func (p *terraform) readLater(s *scope, address, resource string) (v Value, silent bool) {
	configured := s.module.resources["data."+resource]
	e := p.expressions(configured)
	at, ok := p.reads[address]
	if !ok {
		return p.constants(s, e), !configured.found
	}
	c, err := p.changeAt(at, whole)
	if err != nil {
		return Value{}, true
	}
	return p.overlay(s, c.after, c.unknown, e, !configured.found), false
}

// constants are what an expression's members come to by themselves.
func (p *terraform) constants(s *scope, e expression) Value {
	switch {
	case len(e.list) > 0:
		v := Value{kind: list}
		for _, item := range e.list {
			v.list = append(v.list, p.constants(s, item))
		}
		return v
	case e.fields != nil:
		v := Value{kind: object, fields: map[string]Value{}}
		for name, f := range e.fields {
			v.fields[name] = p.constants(s, f)
		}
		return v
	}
	return p.resolve(s, e, 0)
}
