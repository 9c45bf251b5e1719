package plan

import (
	"strings"
)

// Value is an attribute as far as it is known before the deployment.
type Value struct {
	kind   kind
	text   string  // known text; or the address of the thing that a reference names; or why a value is not known
	attr   string  // of a reference: which attribute of that thing
	list   []Value // of an unknown one: the things among which it is, as far as that is known
	fields map[string]Value
	// silent: not known, and nobody asked for it either: the provider decides (a computed attribute without a configuration).
	silent bool
}

type kind uint8

const (
	absent    kind = iota // not set, or null
	text                  // a string, number or boolean; may hold tokens
	list                  // of values or blocks
	object                // a map or block
	reference             // an attribute of another thing of the same change
	unknown               // known only after the deployment, or not resolved
)

func textOf(s string) Value           { return Value{kind: text, text: s} }
func unknownBecause(why string) Value { return Value{kind: unknown, text: why} }
func refTo(address, attr string) Value {
	return Value{kind: reference, text: address, attr: attr}
}

// field is a member of an object. A member of what is not known is not known either.
func (v Value) field(name string) Value {
	switch v.kind {
	case object:
		return v.fields[name]
	case unknown:
		return v
	case list: // Terraform writes a single block as a list of one
		if len(v.list) == 1 {
			return v.list[0].field(name)
		}
	}
	return Value{}
}

// blocks are the members of a list, or the one block itself. What is not known is one block of which nothing is known.
func (v Value) blocks() []Value {
	switch v.kind {
	case list:
		return v.list
	case object, unknown, text, reference:
		return []Value{v}
	}
	return nil
}

// empty reports whether nothing is set: absent, an empty text, an empty list.
func (v Value) empty() bool {
	switch v.kind {
	case absent:
		return true
	case text:
		return v.text == ""
	case list:
		return len(v.list) == 0
	case object:
		return len(v.fields) == 0
	}
	return false
}

// A token stands inside a text for something that is not known: the name of a thing of the change by its address, or, with a
// question mark in front, whatever else, with the reason.
const (
	mark     = "\x00"
	question = "?"
)

func tokenFor(address string) string { return mark + address + mark }
func tokenBecause(reason string) string {
	return mark + question + strings.ReplaceAll(reason, mark, "") + mark
}

// known reports whether a text holds no token.
func known(s string) bool { return !strings.Contains(s, mark) }

// missing is the reason of the first token that stands for nothing of the change.
func missing(s string) string {
	for {
		_, rest, found := strings.Cut(s, mark)
		if !found {
			return ""
		}
		token, after, _ := strings.Cut(rest, mark)
		if reason, ok := strings.CutPrefix(token, question); ok {
			return reason
		}
		s = after
	}
}

// Pattern writes a star for each token: what a glob can be compared with.
func pattern(s string) string { return replaceTokens(s, func(string) string { return "*" }) }

// shown writes tokens so that a reader understands them.
func shown(s string) string {
	return replaceTokens(s, func(token string) string {
		if reason, ok := strings.CutPrefix(token, question); ok {
			return "(" + reason + ")"
		}
		return "(name of " + token + ")"
	})
}

func replaceTokens(s string, with func(token string) string) string {
	if known(s) {
		return s
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, mark)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		token, after, _ := strings.Cut(rest, mark)
		b.WriteString(with(token))
		s = after
	}
}

// clean takes the character that marks tokens out of a text from outside.
func clean(s string) string { return strings.ReplaceAll(s, mark, "") }
