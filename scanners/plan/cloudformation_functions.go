package plan

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// maxText bounds a text that functions make.
const maxText = 1 << 20

// sub is Fn::Sub: a text, or a text and a map of variables.
func (s *stack) sub(argument Value) Value {
	variables := map[string]Value{}
	pattern := argument
	if argument.kind == list && len(argument.list) > 0 {
		pattern = argument.list[0]
		if len(argument.list) > 1 {
			variables = argument.list[1].fields
		}
	}
	if pattern.kind != text {
		return unknownBecause("Fn::Sub of something that is not a plain text")
	}
	variable := func(name string) Value {
		name = strings.TrimSpace(name)
		if v, ok := variables[name]; ok {
			return s.eval(v)
		}
		if strings.Contains(name, ".") {
			return s.getAtt(textOf(name))
		}
		return s.ref(name)
	}
	if name, ok := strings.CutPrefix(pattern.text, "${"); ok && strings.Index(name, "}") == len(name)-1 && !strings.HasPrefix(name, "!") {
		return s.alone(variable(name[:len(name)-1]))
	}
	var b strings.Builder
	for rest := pattern.text; ; {
		before, after, found := strings.Cut(rest, "${")
		b.WriteString(before)
		name, after, closed := strings.Cut(after, "}")
		switch {
		case b.Len() > maxText:
			return unknownBecause("it is longer than 1 MB")
		case !found:
			return dynamic(textOf(b.String()))
		case !closed:
			b.WriteString("${" + name)
		case strings.HasPrefix(name, "!"):
			b.WriteString("${" + name[1:] + "}")
		default:
			b.WriteString(s.textOfValue(variable(name)))
		}
		rest = after
	}
}

// alone is a text that consists of one value only: a reference stays one.
func (s *stack) alone(v Value) Value {
	if v.kind == reference || v.kind == unknown {
		return v
	}
	return dynamic(textOf(s.textOfValue(v)))
}

func (s *stack) join(argument Value) Value {
	if argument.kind != list || len(argument.list) != 2 {
		return unknownBecause("Fn::Join without a delimiter and a list")
	}
	delimiter, parts := s.eval(argument.list[0]), s.eval(argument.list[1])
	switch {
	case parts.kind == unknown:
		return parts
	case parts.kind != list || delimiter.kind != text && delimiter.kind != absent:
		return unknownBecause("Fn::Join of something that is not a list")
	case len(parts.list) == 1:
		return s.alone(parts.list[0])
	}
	var b strings.Builder
	for i, part := range parts.list {
		if i > 0 {
			b.WriteString(delimiter.text)
		}
		b.WriteString(s.textOfValue(part))
		if b.Len() > maxText {
			return unknownBecause("it is longer than 1 MB")
		}
	}
	return dynamic(textOf(b.String()))
}

func (s *stack) selected(argument Value) Value {
	if argument.kind != list || len(argument.list) != 2 {
		return unknownBecause("Fn::Select without an index and a list")
	}
	index, from := s.eval(argument.list[0]), s.eval(argument.list[1])
	if from.kind == unknown {
		return from
	}
	i, err := strconv.Atoi(index.text)
	switch {
	case err != nil:
		return unknownBecause("which item Fn::Select takes is not known")
	case from.kind != list || i < 0 || i >= len(from.list):
		return unknownBecause("Fn::Select takes item " + index.text + " of a list that has none")
	}
	return from.list[i]
}

// split is Fn::Split. A token may hold the delimiter, so a text that is not known whole is split only where that cannot be: names that
// AWS makes up, regions and accounts hold neither a colon nor a slash.
func (s *stack) split(argument Value) Value {
	if argument.kind != list || len(argument.list) != 2 {
		return unknownBecause("Fn::Split without a delimiter and a text")
	}
	delimiter, from := s.eval(argument.list[0]), s.eval(argument.list[1])
	if from.kind == unknown {
		return from
	}
	whole := s.textOfValue(from)
	switch {
	case delimiter.kind != text || delimiter.text == "" || !known(delimiter.text):
		return unknownBecause("the delimiter of Fn::Split is not known")
	case !known(whole) && (delimiter.text != ":" && delimiter.text != "/" || !s.madeUp(whole)):
		return unknownBecause(orElse(missing(whole), shown(whole)+" is known only after the deployment"))
	}
	out := Value{kind: list}
	for _, part := range strings.Split(whole, delimiter.text) {
		out.list = append(out.list, textOf(part))
	}
	return out
}

// madeUp reports whether every token of a text stands for a region, an account, a stack or a name that AWS makes up.
func (s *stack) madeUp(whole string) bool {
	simple := true
	replaceTokens(whole, func(address, reason string) string {
		stackID := strings.HasPrefix(reason, "the id of stack ") || strings.HasPrefix(reason, "the deployed name of stack ")
		simple = simple && (address != "" || stackID || reason == accountUnsaid || reason == orElse(s.unsaid, regionUnsaid))
		return ""
	})
	return simple
}

// findInMap is Fn::FindInMap. Where a key is not known, but whatever it is leads to the same value, that is the value.
func (s *stack) findInMap(argument Value) Value {
	if argument.kind != list || len(argument.list) < 3 {
		return unknownBecause("Fn::FindInMap without a map and two keys")
	}
	var keys [3]Value
	for i := range keys {
		if keys[i] = s.eval(argument.list[i]); keys[i].kind == reference {
			keys[i] = textOf(s.textOfValue(keys[i]))
		}
	}
	if keys[0].kind != text || !known(keys[0].text) {
		return unknownBecause("which map Fn::FindInMap looks into is not known")
	}
	var found []Value
	for top, second := range s.mappings[keys[0].text].fields {
		for name, v := range second.fields {
			if mayBe(keys[1], top) && mayBe(keys[2], name) {
				found = append(found, s.eval(v))
			}
		}
	}
	if len(argument.list) > 3 {
		if v, ok := argument.list[3].fields["DefaultValue"]; ok && (len(found) == 0 || !certain(keys[1]) || !certain(keys[2])) {
			found = append(found, s.eval(v))
		}
	}
	switch {
	case len(found) == 0:
		return unknownBecause("mapping " + keys[0].text + " has nothing for " + shown(keys[1].text) + ", " + shown(keys[2].text))
	case slices.ContainsFunc(found, func(v Value) bool { return !reflect.DeepEqual(v, found[0]) }):
		for _, k := range keys[1:] {
			if !certain(k) {
				return unknownBecause(orElse(missing(k.text), orElse(shown(k.text), "a key of mapping "+keys[0].text+" is not known")))
			}
		}
	}
	return found[0]
}

func certain(key Value) bool            { return key.kind == text && known(key.text) }
func mayBe(key Value, name string) bool { return !certain(key) || key.text == name }

// either is Fn::If. While the condition is not known the value is what both sides come to, or is not known.
func (s *stack) either(argument Value) Value {
	if argument.kind != list || len(argument.list) != 3 {
		return unknownBecause("Fn::If without a condition and two values")
	}
	name := argument.list[0].text
	j := s.condition(name)
	switch j.verdict {
	case yes:
		return s.eval(argument.list[1])
	case no:
		return s.eval(argument.list[2])
	}
	a, b := s.eval(argument.list[1]), s.eval(argument.list[2])
	if reflect.DeepEqual(a, b) {
		return a
	}
	if a.kind == reference && b.kind == reference && a.attr == b.attr && s.samePlace(a, b) {
		return Value{kind: list, list: []Value{a, b}}
	}
	v := unknownBecause("it hangs on condition " + name + " whether it is " + s.said(a) + " or " + s.said(b) + ": " + j.why)
	for _, side := range []Value{a, b} {
		if side.kind == reference {
			v.list = append(v.list, side)
		}
	}
	return v
}

// samePlace reports whether two things are in one region and account, and it is known in which.
func (s *stack) samePlace(a, b Value) bool {
	x, y := s.of.settled(a.text), s.of.settled(b.text)
	return x != nil && y != nil && x.region != "" && x.region == y.region && x.account == y.account
}

// said is a value in a few words.
func (s *stack) said(v Value) string {
	switch v.kind {
	case absent:
		return "not set"
	case text:
		return shown(v.text)
	case reference:
		return v.text + "." + v.attr
	case unknown:
		return "not known"
	}
	return "set"
}

// zones is Fn::GetAZs. Only the region of a zone is ever looked at; which letters an account has is its own affair.
func (s *stack) zones(of Value) Value {
	region := orElse(of.text, s.regionText())
	if of.kind == unknown || of.kind == reference || !known(region) {
		return unknownBecause(orElse(missing(region), "the region of its zones is not known"))
	}
	out := Value{kind: list}
	for _, letter := range "abcdef" {
		out.list = append(out.list, textOf(region+string(letter)))
	}
	return out
}

func base64Of(v Value) Value {
	if v.kind != text || !known(v.text) {
		return unknownBecause("it is the Base64 form of what is known only when the stack is deployed")
	}
	return textOf(base64.StdEncoding.EncodeToString([]byte(v.text)))
}

func lengthOf(v Value) Value {
	if v.kind != list || slices.ContainsFunc(v.list, func(item Value) bool { return item.kind == unknown }) {
		return unknownBecause(orElse(v.text, "the length of a list that is not known"))
	}
	return textOf(strconv.Itoa(len(v.list)))
}

// jsonOf is Fn::ToJsonString.
func (s *stack) jsonOf(v Value) Value {
	data, err := json.Marshal(s.jsonValue(v))
	if err != nil {
		return unknownBecause(err.Error())
	}
	return textOf(unescapedTokens.Replace(string(data)))
}

func (s *stack) jsonValue(v Value) any {
	switch v.kind {
	case list:
		out := make([]any, len(v.list))
		for i, item := range v.list {
			out[i] = s.jsonValue(item)
		}
		return out
	case object:
		out := map[string]any{}
		for name, member := range maps.All(v.fields) {
			out[name] = s.jsonValue(member)
		}
		return out
	case absent:
		return nil
	}
	return s.textOfValue(v)
}
