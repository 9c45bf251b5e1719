package residency

import "strings"

// Fact names what a call answers and what a control needs.
type Fact string

// The facts besides those of the placements.
const (
	FactAll        Fact = "*" // every fact: a call without which nothing of the resource is known
	FactSources    Fact = "sources"
	FactTags       Fact = "tags"
	FactSharing    Fact = "sharing"    // the accounts that placements and shares reach
	FactAssignment Fact = "assignment" // whose data the resource holds
	FactEvents     Fact = "events"     // what happened between two scans: of no resource, so that no control needs it
)

// PlacementsOf is the fact of a resource's placements with that role.
func PlacementsOf(r Role) Fact { return Fact("placements." + string(r)) }

// Touches reports whether a gap on a call that answers the facts in answered leaves open a control that needs the facts in
// needs. A placement that was not read leaves its account open too, so an unread role that carries data touches sharing.
func Touches(answered, needs []Fact) bool {
	for _, a := range answered {
		for _, n := range needs {
			if a == FactAll || a == n || n == FactSharing && a.carries() {
				return true
			}
		}
	}
	return false
}

func (f Fact) carries() bool {
	role, ok := strings.CutPrefix(string(f), "placements.")
	return ok && Role(role).Carries()
}
