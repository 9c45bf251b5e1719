# What each control is given, and what its three sets say of it.
package domicile.shapes

import data.domicile.catalogue

found(c, i, s) := "fail" if format_int(i, 10) in _sets[c.id][s.zone].violated

else := "not_applicable" if {
	concerns(c, s)
	c.kinds != ["*"]
	not format_int(i, 10) in _sets[c.id][s.zone].scope
} else := "pass" if {
	format_int(i, 10) in _sets[c.id][s.zone].scope
	format_int(i, 10) in _sets[c.id][s.zone].proved
} else := "unknown" if format_int(i, 10) in _sets[c.id][s.zone].scope

kind(c, _) if c.kinds == ["*"]

kind(c, s) if s.kind in c.kinds

concerns(c, s) if {
	not "assignment" in c.needs
	s.zone != ""
	kind(c, s)
}

concerns(c, s) if {
	"assignment" in c.needs
	s.assignment
	kind(c, s)
}

_sets[c.id][zone] := {"scope": scope, "proved": proved, "violated": {v.resource | some v in violations}} if {
	some c in catalogue.controls
	some zone in {s.zone | some s in input.subjects}
	document := _document(c, zone)
	scope := data.controls[c.slug].in_scope with input as document
	proved := data.controls[c.slug].compliant with input as document
	violations := data.controls[c.slug].violations with input as document
}

_document(c, zone) := object.union(
	{"resources": [_resource(c, i, s) |
		some i, s in input.subjects
		s.zone == zone
		not s.unscanned
		concerns(c, s)
	]},
	{"zone": z | some z in input.zones; z.id == zone},
)

_resource(c, i, s) := {field: value |
	some field, value in {
		"id": format_int(i, 10), "kind": s.kind, "store": s.store, "assigned": s.assigned,
		"placements": [p | some p in {_shown(c, p) | some p in s.places; _fields(c, p) != set()}],
	}
	field in _given(c, s)
}

_given(c, s) := (({"id"} | {"kind" | c.kinds != ["*"]}) | {"placements" | s.read; c.placed}) | {f |
	some f in ["store", "assigned"]
	"assignment" in c.needs
}

_shown(c, p) := {field: value |
	some field, value in p
	field in _fields(c, p)
}

# The account of a role that carries data belongs to sharing; that of another is judged with its region.
_fields(c, p) := {f |
	some f in ["role", "region"]
	_named(c, p)
} | {"standing" | _standing(c, p)}

_named(c, p) if concat(".", ["placements", p.role]) in c.needs

_standing(c, p) if {
	"sharing" in c.needs
	p.role in catalogue.carriers
}

_standing(c, p) if {
	_named(c, p)
	not p.role in catalogue.carriers
}
