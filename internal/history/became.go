package history

import (
	"cmp"
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// States are violations by what identifies them, as one run left them.
type States map[residency.Violation]residency.OpenViolation

// StatesOf are those of a list.
func StatesOf(list []residency.OpenViolation) States {
	all := make(States, len(list))
	for _, v := range list {
		all[v.Violation] = v
	}
	return all
}

// Became says what became of each violation between two runs. A run that did not look neither closes nor opens one. What stands in the
// first and not in the second has ended; ended says how, nil for nothing.
func Became(was, is States, ended map[residency.Violation]string) (all []residency.Difference) {
	gone, moved := lanes(was, is), map[residency.Violation]bool{}
	for id, now := range is {
		before, old := was[id]
		d := difference(residency.Opened, now)
		switch {
		case now.State == residency.ViolationOpen && !old:
			if from, ok := elsewhere(id, gone); ok {
				d.Change, d.Was = residency.Moved, from.Region
				moved[from] = true
			}
		case now.State == residency.ViolationOpen && before.State == residency.ViolationWaived:
			d.Detail = "it was waived"
		case now.State == residency.ViolationOpen && before.State == residency.ViolationStopped:
			d.Detail = "it had stopped"
		case now.State == residency.ViolationOpen || old && before.State == now.State:
			continue
		case now.State == residency.ViolationStopped:
			d.Change, d.Detail = residency.Stopped, now.Detail
		case now.State == residency.ViolationNotReexamined:
			d.Change, d.Detail = residency.NotReexamined, now.Detail
		default:
			d.Change = residency.NewlyWaived
		}
		all = append(all, d)
	}
	for id, before := range was {
		if _, still := is[id]; !still && !moved[id] {
			d := difference(residency.Fixed, before)
			d.Detail = ended[id]
			all = append(all, d)
		}
	}
	return all
}

func difference(c residency.Became, v residency.OpenViolation) residency.Difference {
	return residency.Difference{Change: c, Control: v.Control, Resource: v.Resource, Zone: v.Zone, Severity: v.Severity, Role: string(v.Role), Region: v.Region, Account: v.Account, Target: v.Target}
}

// Sort puts differences in the order in which a reader wants them: by what became, by severity, and then by name.
func Sort(all []residency.Difference) {
	rank := func(c residency.Became) int {
		return slices.Index([]residency.Became{residency.Opened, residency.Moved, residency.Stopped, residency.NewlyUnknown, residency.NotReexamined, residency.Uncovered,
			residency.NewlyWaived, residency.Fixed}, c)
	}
	slices.SortFunc(all, func(a, b residency.Difference) int {
		return cmp.Or(cmp.Compare(rank(a.Change), rank(b.Change)), cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), cmp.Compare(a.Control, b.Control), cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Detail, b.Detail))
	})
}

// lane is what stays the same of a violation that moves to another region.
type lane struct {
	residency.Matter
	role residency.Role
}

// lanes are the violations that are seen no more where they were, by what would stay the same of them elsewhere. What one left behind is
// told apart.
func lanes(was, is States) map[lane][]residency.Violation {
	gone := map[lane][]residency.Violation{}
	for id, before := range was {
		now, still := is[id]
		if before.State != residency.ViolationStopped && (!still || now.State == residency.ViolationStopped) {
			l := lane{id.Matter(), id.Role}
			gone[l] = append(gone[l], id)
		}
	}
	return gone
}

// elsewhere finds the violation that this one was before: of its lane the only one that is gone from another region.
func elsewhere(v residency.Violation, gone map[lane][]residency.Violation) (residency.Violation, bool) {
	var found []residency.Violation
	for _, old := range gone[lane{v.Matter(), v.Role}] {
		if old.Region != v.Region {
			found = append(found, old)
		}
	}
	if len(found) != 1 {
		return residency.Violation{}, false
	}
	return found[0], true
}
