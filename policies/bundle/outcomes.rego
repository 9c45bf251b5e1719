# The outcome of a control for a subject: what its sets say, and what gaps and the configuration leave of it.
package domicile

import data.domicile.shapes

_outcome(c, i, s) := "fail" if {
	not s.read
	s.misplaced != ""
	s.misplaced == c.role
	shapes.found(c, i, s) == "unknown"
} else := "unknown" if {
	_gapped(c, i, s)
} else := "not_applicable" if {
	shapes.found(c, i, s) == "pass"
	s.zone != ""
	not s.declared
	"placements.primary" in c.needs
} else := shapes.found(c, i, s)

# A gap on what the control needs leaves it unknown, whatever else is proved; what is seen to fail still fails.
_gapped(c, i, s) if {
	s.zone != ""
	some need in c.needs
	need in s.open
	not _violated(c, i, s)
	_concerned(c, i, s)
}

_violated(c, i, s) if shapes.found(c, i, s) == "fail"

_concerned(c, i, s) if shapes.found(c, i, s)

_concerned(c, _, s) if {
	s.held
	shapes.kind(c, s)
	_assignment(c, s)
}

_assignment(c, _) if not "assignment" in c.needs

_assignment(_, s) if s.assigned != ""
