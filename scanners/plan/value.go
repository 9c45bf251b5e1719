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

// A token stands inside a text for something that is not known: the name of a thing of the change by its address, or, with the
// mark of a reason in front, whatever else. Nothing in a token may look like a part of an ARN, a path or a URL to who takes the text
// apart, so the characters that part those are written otherwise.
const (
	mark    = "\x00"
	because = "\x01"
)

var (
	tokenText = strings.NewReplacer(mark, "", "/", "\x02", ":", "\x03", "?", "\x04", "@", "\x05")
	plainText = strings.NewReplacer("\x02", "/", "\x03", ":", "\x04", "?", "\x05", "@")
)

// escapedTokens writes the characters of tokens as JSON does.
var escapedTokens = strings.NewReplacer("\x00", `\u0000`, "\x01", `\u0001`, "\x02", `\u0002`, "\x03", `\u0003`, "\x04", `\u0004`, "\x05", `\u0005`)

var unescapedTokens = strings.NewReplacer(`\u0000`, "\x00", `\u0001`, "\x01", `\u0002`, "\x02", `\u0003`, "\x03", `\u0004`, "\x04", `\u0005`, "\x05")

func tokenFor(address string) string    { return mark + tokenText.Replace(address) + mark }
func tokenBecause(reason string) string { return mark + because + tokenText.Replace(reason) + mark }

// What a thing's ARN has in place of its region or account where that is not known.
const (
	regionUnsaid  = "its region is not known: give --region"
	accountUnsaid = "its account is not known: give --account"
)

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
		if reason, ok := strings.CutPrefix(token, because); ok {
			return plainText.Replace(reason)
		}
		s = after
	}
}

// pattern writes a star for each token: what a glob can be compared with.
func pattern(s string) string { return replaceTokens(s, func(string, string) string { return "*" }) }

// shown writes tokens so that a reader understands them.
func shown(s string) string {
	return replaceTokens(s, func(address, reason string) string {
		if reason != "" {
			return "(" + reason + ")"
		}
		return "(name of " + address + ")"
	})
}

// replaceTokens puts something else in the place of each token: with is told the address or the reason.
func replaceTokens(s string, with func(address, reason string) string) string {
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
		if reason, ok := strings.CutPrefix(token, because); ok {
			b.WriteString(with("", plainText.Replace(reason)))
		} else {
			b.WriteString(with(plainText.Replace(token), ""))
		}
		s = after
	}
}

// clean takes the character that marks tokens out of a text from outside.
func clean(s string) string { return strings.ReplaceAll(s, mark, "") }
