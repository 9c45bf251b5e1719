# The verdicts of the controls on a document that domicile policy bundle wrote. Waivers are not applied here.
package domicile

import data.domicile.catalogue

verdicts contains verdict if {
	some i, s in input.subjects
	some c in catalogue.controls
	outcome := _kept(c, i, s)
	verdict := {
		"control": c.id, "resource": s.resource, "kind": s.kind, "zone": s.zone,
		"outcome": outcome, "severity": _severity(c, s),
	}
}

# For conftest: what fails, and what is not known. Its --fail-on-warn keeps an unknown from passing.
deny contains sprintf("%s: %s %s (zone %s)", [v.severity, v.control, v.resource, v.zone]) if {
	some v in verdicts
	v.outcome == "fail"
	v.severity != "info"
}

deny contains "the document was written with other policies: write both anew" if input.policies != catalogue.revision

warn contains sprintf("unknown: %s %s (zone %s)", [v.control, v.resource, v.zone]) if {
	some v in verdicts
	v.outcome == "unknown"
}

warn contains "the snapshot has gaps: not everything in scope was examined" if not input.closed

_severity(c, s) := c.severity if s.promise

else := "info"

# What is found, with what a gap leaves open.
_kept(c, i, s) := "unknown" if {
	s.unscanned
	c.role == "primary"
} else := outcome if {
	not s.unscanned
	outcome := _outcome(c, i, s)
	_told(c, s)
}

# At a border one violation stands for all that carry data, and nothing is proved.
_told(_, s) if s.held

_told(_, s) if s.zone == ""

_told(c, s) if {
	_at_border(c, s)
	not c.carries
}

_told(c, s) if {
	_at_border(c, s)
	c.id == _best(s)
}

_at_border(c, s) if {
	not s.held
	s.zone != ""
	_outcome(c, s.number, s) in {"fail", "unknown"}
	not _gapped(c, s.number, s)
}

_best(s) := id if {
	ranks := {[r, 0 - n, c.id] |
		some n, c in catalogue.controls
		c.carries
		_at_border(c, s)
		r := (_failed(c, s) + _first(c)) + c.rank
	}
	id := max(ranks)[2]
}

_failed(c, s) := 100 if _outcome(c, s.number, s) == "fail"

else := 0

_first(c) := 10 if c.role == "primary"

else := 0
