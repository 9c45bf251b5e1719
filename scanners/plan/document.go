package plan

import (
	"encoding/json"
	"slices"
	"strings"
)

// nobody's account stands for the change's own where that is not known.
const ownUnknown = "000000000000"

func (v view) ownAccount() string { return orElse(orElse(v.held.account, v.t.account), ownUnknown) }

// writing says how a policy is written out of which not everything is known.
type writing struct {
	// narrow: a denial covers no more than it does for sure. Else it covers whatever it refers to, and all that lies below.
	narrow bool
	denies bool   // inside a statement that denies
	key    string // the element of the policy that is being written
}

func (w writing) in(element string) writing {
	w.key = element
	return w
}

// resource reports whether resources are being written.
func (w writing) resource() bool { return strings.EqualFold(w.key, "Resource") }

// document is a policy as JSON text: a text as it is, an object written out. What is not known in it stands there so that the reader of
// policies lets in more rather than less; where even that cannot be done (an unknown action, effect or statement) ok is false.
func (v view) document(val Value, w writing) (text_ string, ok bool) {
	switch val.kind {
	case text:
		if !known(val.text) {
			return v.filled(val.text), missing(val.text) == "" // only names of things of the change are open
		}
		return val.text, true
	case object, list:
		out, ok := v.plain(val, w)
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

// plain turns a value into what encoding/json writes.
func (v view) plain(val Value, w writing) (any, bool) {
	decisive := slices.Contains(decides, strings.ToLower(w.key))
	switch val.kind {
	case text:
		return v.filled(val.text), known(val.text) || !decisive
	case reference:
		return v.plainReference(val, w), !decisive
	case unknown:
		if w.resource() && !(w.denies && w.narrow) {
			return "*", !decisive
		}
		return "?", !decisive // no account, no organisation: somebody
	case list:
		out := make([]any, 0, len(val.list))
		for _, one := range val.list {
			plain, ok := v.plain(one, w)
			if !ok {
				return nil, false
			}
			if several, ok := plain.([]any); ok {
				out = append(out, several...)
				continue
			}
			out = append(out, plain)
		}
		return out, true
	case object:
		w.denies = w.denies || val.fields["Effect"].kind == text && val.fields["Effect"].text == "Deny"
		out := make(map[string]any, len(val.fields))
		for name, one := range val.fields {
			if one.kind == absent {
				continue
			}
			plain, ok := v.plain(one, w.in(name))
			if !ok {
				return nil, false
			}
			out[name] = plain
		}
		return out, true
	}
	return nil, true
}

// plainReference is what an expression refers to. A plan does not say whether the expression is the ARN itself or goes on from there:
// "${aws_s3_bucket.b.arn}/*" refers to no more than aws_s3_bucket.b.arn.
func (v view) plainReference(val Value, w writing) any {
	if t := v.w.things[val.text]; t != nil && t.arn != "" && strings.EqualFold(val.attr, "arn") {
		arn := v.filled(t.arn)
		switch {
		case !w.resource():
			return arn
		case w.denies && w.narrow:
			return "?"
		}
		return []any{arn, arn + "/*"}
	}
	if w.key == "AWS" || w.key == "Principal" { // a user or role of the same change is of its account
		return "arn:" + v.w.partition + ":iam::" + v.ownAccount() + ":role/x"
	}
	return "?"
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
