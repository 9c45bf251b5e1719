package plan

import (
	"encoding/json"
	"slices"
	"strings"
)

// nobody's account stands for the change's own where that is not known.
const ownUnknown = "000000000000"

func (v view) ownAccount() string { return orElse(orElse(v.held.account, v.t.account), ownUnknown) }

// document is a policy as JSON text: a text as it is, an object written out. What is not known in it stands there so that the reader of
// policies lets in more rather than less; where even that cannot be done (an unknown action, effect or statement) ok is false.
func (v view) document(val Value) (text_ string, ok bool) {
	switch val.kind {
	case text:
		if !known(val.text) {
			return v.filled(val.text), missing(val.text) == "" // only names of things of the change are open
		}
		return val.text, true
	case object, list:
		out, ok := v.plain(val, "")
		if !ok {
			return "", false
		}
		data, err := json.Marshal(out)
		return string(data), err == nil
	}
	return "", false
}

// decides are the elements of a statement without which nothing can be said of it.
var decides = []string{"effect", "action", "notaction", "statement"}

// plain turns a value into what encoding/json writes. key is the element of the policy that it stands under.
func (v view) plain(val Value, key string) (any, bool) {
	switch val.kind {
	case text:
		return v.filled(val.text), known(val.text) || !slices.Contains(decides, strings.ToLower(key))
	case reference:
		if slices.Contains(decides, strings.ToLower(key)) {
			return nil, false
		}
		if t := v.w.things[val.text]; t != nil && t.arn != "" && strings.EqualFold(val.attr, "arn") {
			return v.filled(t.arn), true
		}
		if key == "AWS" || key == "Principal" { // a user or role of the same change is of its account
			return "arn:" + v.w.partition + ":iam::" + v.ownAccount() + ":role/x", true
		}
		return "?", true
	case unknown:
		if slices.Contains(decides, strings.ToLower(key)) {
			return nil, false
		}
		if strings.EqualFold(key, "Resource") {
			return "*", true
		}
		return "?", true // no account, no organisation: somebody
	case list:
		out := make([]any, 0, len(val.list))
		for _, one := range val.list {
			plain, ok := v.plain(one, key)
			if !ok {
				return nil, false
			}
			out = append(out, plain)
		}
		return out, true
	case object:
		out := make(map[string]any, len(val.fields))
		for name, one := range val.fields {
			if one.kind == absent {
				continue
			}
			plain, ok := v.plain(one, name)
			if !ok {
				return nil, false
			}
			out[name] = plain
		}
		return out, true
	}
	return nil, true
}

// filled writes the change's own account for accounts that are not known, and a word for everything else.
func (v view) filled(s string) string {
	return replaceTokens(s, func(_, reason string) string {
		if reason == accountUnsaid {
			return v.ownAccount()
		}
		return "unknown"
	})
}
