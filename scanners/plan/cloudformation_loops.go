package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// languageExtensions is the transform of AWS itself by which a template may use Fn::ForEach and more. The rest of what it adds
// (Fn::Length, Fn::ToJsonString, defaults in Fn::FindInMap) is understood anyway.
const languageExtensions = "AWS::LanguageExtensions"

const forEach = "Fn::ForEach::"

// loops carries out every Fn::ForEach of the template.
func (s *stack) loops() {
	if !s.transformedBy(languageExtensions) {
		return
	}
	for _, section := range []*map[string]Value{&s.conditions, &s.resources, &s.outputs} {
		*section = s.unrolled(Value{kind: object, fields: *section}, 0).fields
	}
}

// unrolled is a value with the loops in it carried out.
func (s *stack) unrolled(v Value, depth int) Value {
	s.of.steps++
	if depth > maxDepth || s.of.steps > maxSteps {
		return unknownBecause("its loops lie too deep in each other")
	}
	switch v.kind {
	case list:
		out := Value{kind: list}
		for _, item := range v.list {
			out.list = append(out.list, s.unrolled(item, depth+1))
		}
		return out
	case object:
		out := Value{kind: object, fields: map[string]Value{}}
		for _, name := range slices.Sorted(maps.Keys(v.fields)) {
			if !strings.HasPrefix(name, forEach) {
				out.fields[name] = s.unrolled(v.fields[name], depth+1)
				continue
			}
			for name, member := range s.loop(name, v.fields[name], depth+1) {
				out.fields[name] = member
			}
		}
		return out
	}
	return v
}

// loop carries out one Fn::ForEach: an identifier, a collection, and members whose names and values hold the identifier.
func (s *stack) loop(name string, argument Value, depth int) map[string]Value {
	out := map[string]Value{}
	if argument.kind != list || len(argument.list) != 3 || argument.list[0].kind != text {
		s.of.gap(residency.ClassUnresolved, s.address+": "+name+" is not an identifier, a collection and a body: what it makes cannot be seen")
		return out
	}
	collection := s.eval(argument.list[1])
	items := collection.list
	if len(items) == 1 && items[0].kind == list { // a Ref to a list parameter, alone in the collection
		items = items[0].list
	}
	if collection.kind != list {
		s.of.gap(residency.ClassUnresolved, s.address+": what "+name+" goes through is not known: "+orElse(collection.text, "it is no list"))
		return out
	}
	for _, item := range items {
		if item.kind != text || !known(item.text) {
			s.of.gap(residency.ClassUnresolved, s.address+": an item of what "+name+" goes through is not known: "+orElse(missing(item.text), orElse(item.text, "it is no text")))
			continue
		}
		body := s.unrolled(s.filled(argument.list[2], argument.list[0].text, item.text, depth), depth)
		maps.Copy(out, body.fields)
	}
	return out
}

// filled puts the item of a loop in the place of its identifier: ${X} and &{X} in texts and names, and Ref.
func (s *stack) filled(v Value, identifier, item string, depth int) Value {
	s.of.steps++
	if depth > maxDepth || s.of.steps > maxSteps {
		return unknownBecause("its loops lie too deep in each other")
	}
	// &{X} is the item without what is not a letter or digit.
	letters := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, item)
	replace := strings.NewReplacer("${"+identifier+"}", item, "&{"+identifier+"}", letters)
	switch v.kind {
	case text:
		return textOf(replace.Replace(v.text))
	case list:
		out := Value{kind: list}
		for _, one := range v.list {
			out.list = append(out.list, s.filled(one, identifier, item, depth+1))
		}
		return out
	case object:
		if name, argument, ok := function(v); ok && name == "Ref" && argument.text == identifier {
			return textOf(item)
		}
		out := Value{kind: object, fields: map[string]Value{}}
		for name, member := range v.fields {
			out.fields[replace.Replace(name)] = s.filled(member, identifier, item, depth+1)
		}
		return out
	}
	return v
}
