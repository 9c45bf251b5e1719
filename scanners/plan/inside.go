package plan

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// parsed is a JSON document in an attribute: written out, or a text. ok is false where it is not known, or is no JSON.
func (v view) parsed(path string) (doc Value, ok bool) {
	switch val := v.get(path); val.kind {
	case object:
		return val, true
	case text:
		// A token cannot stand in JSON as it is, but its escaped form can.
		doc, err := tokened(escapedTokens.Replace(val.text))
		return doc, err == nil && doc.kind == object
	}
	return Value{}, false
}

// inside is a member of a JSON document in an attribute. Of a document that is known only after the deployment it is the one thing of
// the given types that the document refers to.
func (v view) inside(path, member string, types ...string) Value {
	if doc, ok := v.parsed(path); ok {
		for _, name := range strings.Split(member, ".") {
			doc = doc.field(name)
		}
		return doc
	}
	val := v.get(path)
	refers := val.list
	switch val.kind {
	case absent:
		return val
	case reference:
		refers = []Value{val}
	}
	var fit []Value
	for _, one := range refers {
		if t := v.w.things[one.text]; t != nil && one.kind == reference && slices.Contains(types, t.row.typ) {
			fit = append(fit, one)
		}
	}
	if len(fit) == 1 {
		return fit[0]
	}
	return unknownBecause("the document is known only after the deployment")
}

// placeInside is place for a member of a JSON document. What the document has to name and does not is a place that nobody knows.
func (v view) placeInside(role residency.Role, label, path, member string, as form, types ...string) {
	for _, to := range v.targetsInside(path, member, as, types...) {
		v.add(to.place(role, v.via(path, label)))
	}
}

func (v view) targetsInside(path, member string, as form, types ...string) []target {
	val := v.inside(path, member, types...)
	if val.empty() {
		val = unknownBecause("the document names no " + member)
	}
	return v.targetsOf(val, as)
}
