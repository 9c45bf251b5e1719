package config

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// forms are the keys by which a line of assign matches; a line has exactly one.
var forms = []string{"arn", "tag", "account", "region"}

func (r *reader) assign(f fields, zones []residency.Zone) []residency.Rule {
	if r.err != nil {
		return nil
	}
	if v, ok := f.of["assign"]; !ok {
		r.fail(f.place, "the file has no \"assign\": say whose data a resource holds, as in assign: [{tag: data-residency}]")
	} else if v.kind == listKind && len(v.items) == 0 {
		r.fail(v.place, "\"assign\" is empty: say whose data a resource holds, as in assign: [{tag: data-residency}]")
	}
	var rules []residency.Rule
	for _, v := range f.list("assign", "[{tag: data-residency}], say") {
		rules = append(rules, r.rule(v, zones))
		if r.err != nil {
			return nil
		}
	}
	return rules
}

func (r *reader) rule(v value, zones []residency.Zone) residency.Rule {
	if v.kind != mappingKind {
		r.wrongType(v, "a line of \"assign\"", "a mapping", "write {tag: data-residency}, say")
	}
	f := r.fields(v, "a line of \"assign\"", "arn", "tag", "account", "region", "zone", "reason", "owner")
	var given []string
	for _, form := range forms {
		if f.has(form) {
			given = append(given, form)
		}
	}
	rule := residency.Rule{Line: v.line}
	switch {
	case r.err != nil:
		return rule
	case len(given) == 0:
		r.fail(v.place, "this line of assign matches nothing: give it one of %s", oneOf(forms))
		return rule
	case len(given) > 1:
		r.fail(v.place, "this line of assign has %s: keep one, a line matches by one thing only", strings.Join(given, " and "))
		return rule
	}
	finds := false // the form finds the zone by itself
	switch given[0] {
	case "arn":
		rule.ARN = r.arn(f)
	case "tag":
		finds = r.tag(f, &rule)
	case "account":
		rule.Account = r.account(f.of["account"], `"account"`, true)
	case "region":
		rule.OwnRegion, finds = r.ownRegion(f, zones), true
	}
	if !finds && r.err == nil {
		rule.Zone = r.ruleZone(f, zones)
	}
	rule.Reason, rule.Owner = f.text("reason"), f.text("owner")
	return rule
}

// arn reads a glob that can match an ARN.
func (r *reader) arn(f fields) string {
	glob := f.text("arn")
	head, _, open := strings.Cut(glob, "*")
	if r.err == nil && !strings.HasPrefix(head, "arn:") && (!open || !strings.HasPrefix("arn:", head)) {
		r.fail(f.of["arn"].place, "%s matches no ARN: start with arn:, as in arn:aws:s3:::acme-eu-*", quoted(glob))
	}
	return glob
}

// tag reads both forms into rule: {tag: KEY}, which finds the zone by itself, and {tag: {key, value}, zone}.
func (r *reader) tag(f fields, rule *residency.Rule) (finds bool) {
	v := f.of["tag"]
	if v.kind != mappingKind {
		rule.TagKey = r.tagKey(v, `"tag"`)
		if r.err == nil && f.has("zone") {
			r.fail(f.of["zone"].place, "{tag: %s} takes the zone from the tag's value: drop zone, or write tag: {key: %s, value: …}",
				clip(oneLine(rule.TagKey)), clip(oneLine(rule.TagKey)))
		}
		return true
	}
	t := r.fields(v, `"tag"`, "key", "value")
	t.need(`"tag"`, "key")
	if r.err == nil && !t.has("value") {
		r.fail(t.place, "\"tag\" has no \"value\": add it (\"*\" for any), or write tag: KEY to take the zone from the tag's value")
	}
	if r.err != nil {
		return false
	}
	rule.TagKey = r.tagKey(t.of["key"], `"key"`)
	tagged := r.anyText(t.of["value"], `"value"`) // a tag's value may be blank
	rule.TagValue = &tagged
	return false
}

func (r *reader) tagKey(v value, name string) string {
	key := r.text(v, name)
	switch {
	case strings.Contains(key, "*"):
		r.fail(v.place, "the tag key %s has a wildcard: only a tag's value takes one", quoted(key))
	case len([]rune(key)) > 128:
		r.fail(v.place, "the tag key is longer than 128 characters, more than AWS allows: shorten it")
	}
	return key
}

// ownRegion reads {region: own}, the only form that region has.
func (r *reader) ownRegion(f fields, zones []residency.Zone) bool {
	v := f.of["region"]
	if own := r.text(v, `"region"`); r.err == nil && own != "own" {
		r.fail(v.place, "region takes only the word own here, not %s: to give a region to a zone, list it in the zone's regions", quoted(own))
	}
	if r.err == nil && f.has("zone") {
		r.fail(f.of["zone"].place, "{region: own} finds the zone by the resource's own region: drop zone")
	}
	if a, b, region, ok := shared(zones); ok {
		r.fail(v.place, "{region: own} is ambiguous, zones %q and %q share %s: drop this line and assign by arn, tag or account, or give %s to one zone only",
			a.ID, b.ID, region, region)
	}
	return true
}

func (r *reader) ruleZone(f fields, zones []residency.Zone) string {
	f.need("this line of assign", "zone")
	if r.err != nil {
		return ""
	}
	id := f.text("zone")
	if id == residency.NoZone {
		f.need("a line with zone: none", "reason", "owner")
		return id
	}
	r.knownZone(f.of["zone"].place, id, zones)
	return id
}

// knownZone refuses an id that no zone of the file has.
func (r *reader) knownZone(at place, id string, zones []residency.Zone) {
	ids := make([]string, 0, len(zones))
	for _, z := range zones {
		if z.ID == id {
			return
		}
		ids = append(ids, z.ID)
	}
	if meant := nearest(id, ids); meant != "" {
		r.fail(at, "unknown zone %s: did you mean %q?", quoted(id), meant)
		return
	}
	r.fail(at, "unknown zone %s: use %s, or add it to zones", quoted(id), oneOf(ids))
}
