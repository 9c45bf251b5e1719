package plan

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

func itoa(i int) string { return strconv.Itoa(i) }

// overlay puts what is known only after apply over the planned values, and follows what it refers to. dynamic: the configuration says
// nothing of this block, as of every block that a dynamic one makes: what is not known there is not known.
func (p *terraform) overlay(s *scope, after, later Value, e expression, dynamic bool) Value {
	switch later.kind {
	case text:
		if later.text != "true" {
			return after
		}
		if !e.given {
			v := unknownBecause("it is known only after apply")
			v.silent = !dynamic
			return v
		}
		return p.later(s, e)
	case object:
		out := Value{kind: object, fields: maps.Clone(after.fields)}
		if out.fields == nil {
			out.fields = map[string]Value{}
		}
		for name, l := range later.fields {
			out.fields[name] = p.overlay(s, after.field(name), l, e.member(name), dynamic || e.given && !e.described())
		}
		return out
	case list:
		out := Value{kind: list, list: slices.Clone(after.list)}
		for i, l := range later.list {
			if i >= len(out.list) {
				out.list = append(out.list, Value{})
			}
			item := e
			if len(e.list) == len(later.list) {
				item = e.list[i]
			}
			out.list[i] = p.overlay(s, out.list[i], l, item, dynamic || !e.given)
		}
		return out
	}
	return after
}

// described reports whether the expression is a block with expressions of its own, not one expression for the whole.
func (e expression) described() bool { return e.fields != nil || len(e.list) > 0 }

// member is the expression of a block's attribute; of an attribute that one expression gives as a whole, that expression.
func (e expression) member(name string) expression {
	if e.given && !e.described() {
		return e
	}
	return e.field(name)
}

// later is what an expression whose value is not known refers to.
func (p *terraform) later(s *scope, e expression) Value {
	if e.described() { // a block that is not known as a whole still has known parts
		return p.constants(s, e)
	}
	return p.resolve(s, e, 0)
}

// policyDocument writes the arguments of data.aws_iam_policy_document as the policy that they make.
func policyDocument(v Value) Value {
	if v.kind == absent || v.kind == unknown {
		return unknownBecause("the policy document is read only when the plan is applied")
	}
	if !v.field("source_json").empty() || !v.field("source_policy_documents").empty() || !v.field("override_json").empty() || !v.field("override_policy_documents").empty() {
		return unknownBecause("the policy document is made of others when the plan is applied")
	}
	out := Value{kind: list}
	for _, st := range v.field("statement").blocks() {
		if st.kind == unknown {
			return st
		}
		one := Value{kind: object, fields: map[string]Value{"Effect": textOf("Allow")}}
		for from, to := range map[string]string{"sid": "Sid", "effect": "Effect", "actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"} {
			if got := st.field(from); !got.empty() {
				one.fields[to] = got
			}
		}
		one.fields["Principal"] = principalsOf(st, "principals")
		one.fields["NotPrincipal"] = principalsOf(st, "not_principals")
		conditions := Value{kind: object, fields: map[string]Value{}}
		for _, c := range st.field("condition").blocks() {
			test := c.field("test").text
			operator := conditions.fields[test]
			if operator.kind != object {
				operator = Value{kind: object, fields: map[string]Value{}}
			}
			operator.fields[c.field("variable").text] = c.field("values")
			conditions.fields[test] = operator
		}
		if len(conditions.fields) > 0 {
			one.fields["Condition"] = conditions
		}
		out.list = append(out.list, one)
	}
	return Value{kind: object, fields: map[string]Value{"Statement": out}}
}

func principalsOf(st Value, name string) Value {
	all := st.field(name).blocks()
	if len(all) == 0 {
		return Value{}
	}
	out := Value{kind: object, fields: map[string]Value{}}
	for _, p := range all {
		kind := cmp.Or(p.field("type").text, "Unknown")
		if kind == "*" {
			kind = "AWS"
		}
		merged := Value{kind: list, list: slices.Clone(out.fields[kind].list)}
		ids := p.field("identifiers")
		merged.list = append(merged.list, ids.blocks()...)
		out.fields[kind] = merged
	}
	return out
}

// locate finds region and account of a thing: by its own attribute, by its ARN, by its provider, by what the user says.
func (p *terraform) locate(t *thing, c *change, at configured, s *scope) {
	key := at.provider
	_, _, region, account, _, isARN := locate.ParseARN(t.lives)
	t.account = cmp.Or(accountOnly(account), p.accountOf(key), p.options.Account)
	own := c.after.field("region")
	if given := p.ownRegion(c, at, s); given.kind != absent && !t.row.regionIsTarget && !isARN {
		own = given
	}
	switch {
	case t.row.global:
	case own.kind == text && p.w.isRegion(own.text) && !t.row.regionIsTarget:
		t.region = own.text
	case isARN && region != "":
		t.region = region
	case own.kind == unknown:
		t.unsaid = "its attribute region is not known: " + own.text
	default:
		t.region, t.unsaid = p.region(s, key)
		if t.region == "" {
			t.region = p.w.regionOfZone(c.after.field(t.row.zone).text)
		}
	}
}

// ownRegion is what the attribute region of a resource is said to be where its value is known only after apply. Absent where nobody
// gives it one: then it is that of the provider.
func (p *terraform) ownRegion(c *change, at configured, s *scope) Value {
	if c.unknown.field("region").text != "true" {
		return Value{}
	}
	e := p.expressions(at).field("region")
	if !e.given {
		return Value{}
	}
	v := p.resolve(s, e, 0)
	switch {
	case v.kind == absent, v.kind == text && v.text == "":
		return Value{}
	case v.kind == reference:
		if t := p.w.things[v.text]; t != nil && t.region != "" && v.attr == "region" {
			return textOf(t.region)
		}
	case v.kind == text && p.w.isRegion(v.text):
		return v
	}
	if v.kind != unknown || v.text == "" {
		v = unknownBecause("it is known only after apply")
	}
	return v
}

func accountOnly(s string) string {
	if len(s) == 12 && strings.Trim(s, "0123456789") == "" {
		return s
	}
	return ""
}

func (p *terraform) regionOf(s *scope, key string) string {
	region, _ := p.region(s, key)
	return region
}

// region is that of a provider configuration as a resource block names it: aws, aws.west, module.a:aws.
func (p *terraform) region(s *scope, key string) (region, unsaid string) {
	c, name, known := p.source(key)
	if !known {
		return p.options.Region, p.unlessGiven("provider " + name + " is passed to its module, and this plan (of Terraform " + orElse(p.version, "before 1.1") +
			") does not say which one that is: plan with Terraform 1.1 or later")
	}
	if c == nil || !c.region.given {
		if c != nil && c.regionName != "" {
			return c.regionName, ""
		}
		return p.options.Region, p.unlessGiven("provider " + name + " names no region (the environment would)")
	}
	v := p.resolve(p.scope(c.module, ""), c.region, 0)
	if v.kind == text && p.w.isRegion(v.text) {
		return v.text, ""
	}
	why := "the region of provider " + name + " is not known"
	switch {
	case v.kind == text:
		why = "the region of provider " + name + " is " + strconv.Quote(v.text) + ", which is no region of partition " + p.w.partition
	case v.kind == unknown && v.text != "":
		why += ": " + v.text
	}
	if c.regionName != "" {
		return c.regionName, ""
	}
	return p.options.Region, p.unlessGiven(why)
}

func (p *terraform) unlessGiven(why string) string {
	if p.options.Region != "" {
		return ""
	}
	return why + ": give --region"
}

// source finds the provider configuration behind a key. Terraform before 1.1 writes the key as the module sees it, and does not say
// which of its parent's providers the module was passed: where there is only one, that is it.
func (p *terraform) source(key string) (c *provider, name string, known bool) {
	module, name, inModule := cutLast(key, ":")
	if !inModule {
		return p.providers[key], orElse(key, "aws"), true
	}
	for _, k := range []string{key, "module." + key} {
		if c := p.providers[k]; c != nil && c.region.given {
			return c, name + " of module " + module, true
		}
	}
	kind, alias, aliased := strings.Cut(name, ".")
	if aliased && alias != "" {
		return nil, name, false
	}
	for k := range p.providers {
		if strings.HasPrefix(k, kind+".") { // the module may have been passed this one
			return nil, name, false
		}
	}
	return p.providers[kind], kind, true
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// accountOf is the account that a provider works in, where the plan says so.
func (p *terraform) accountOf(key string) string {
	c, _, known := p.source(key)
	if !known || c == nil {
		return ""
	}
	if role := c.roles.field("role_arn").constant; role.kind == text {
		if _, _, _, account, _, ok := locate.ParseARN(role.text); ok {
			return accountOnly(account)
		}
	}
	if ids := c.allowed.constant; ids.kind == list && len(ids.list) == 1 {
		return accountOnly(ids.list[0].text)
	}
	return c.accountID
}

// told takes the region and account of each provider from what data sources answered.
func (p *terraform) told() {
	for address, v := range p.prior {
		all := steps(address)
		if len(all) < 3 {
			continue
		}
		typ, label := all[len(all)-2].name, all[len(all)-1].name
		if typ != "aws_region" && typ != "aws_caller_identity" {
			continue
		}
		module, _, _ := cutLast(address, "data.")
		s := p.scope(strings.TrimSuffix(module, "."), "")
		c, _, known := p.source(s.module.resources["data."+typ+"."+label].provider)
		if !known || c == nil {
			continue
		}
		if account := v.field("account_id").text; account != "" {
			c.accountID = accountOnly(account)
		}
		asked := p.expressions(s.module.resources["data."+typ+"."+label]).fields["region"] // of another region than its provider's
		if region := orElse(v.field("region").text, v.field("name").text); typ == "aws_region" && !asked.given && p.w.isRegion(region) {
			c.regionName = region
		}
	}
}

// tags are those that the resource will have: its own and its provider's defaults.
func (p *terraform) tags(s *scope, t *thing, key string) (tags map[string]string, untold string) {
	own, all := t.values.field("tags"), t.values.field("tags_all")
	if all.kind == object && !own.empty() || all.kind == object && all.fields != nil {
		return plainTags(all)
	}
	tags, untold = plainTags(own)
	if untold != "" || own.silent {
		return nil, untold
	}
	if own.kind == absent && all.kind == absent {
		if _, carries := t.values.fields["tags"]; !carries {
			return map[string]string{}, "" // a type that carries no tags
		}
	}
	c, _, known := p.source(key)
	switch {
	case !known:
		return nil, "the default tags of its provider are not known"
	case c == nil || !c.tags.given:
		return tags, ""
	}
	defaults, untold := plainTags(p.constants(p.scope(c.module, ""), c.tags).field("tags"))
	if untold != "" {
		return nil, "the default tags of its provider are not known"
	}
	for k, v := range defaults {
		if _, own := tags[k]; !own {
			tags[k] = v
		}
	}
	return tags, ""
}

// plainTags turns a map of tags into plain text. untold: which tags there are is not known.
func plainTags(v Value) (tags map[string]string, untold string) {
	tags = map[string]string{}
	switch v.kind {
	case unknown:
		if v.silent {
			return tags, ""
		}
		return nil, "its tags are known only after apply"
	case reference:
		return nil, "its tags are known only after apply"
	case object:
		for k, tag := range v.fields {
			switch {
			case tag.kind == text && known(tag.text):
				tags[k] = tag.text
			case tag.kind != absent:
				tags[k] = residency.UntilApply
			}
		}
	}
	return tags, ""
}
