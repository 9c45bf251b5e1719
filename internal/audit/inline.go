package audit

import (
	"fmt"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners/plan"
)

// inline are the waivers that resources of a change name themselves. One must name an entry of the configuration's waivers, whose scope
// covers the resource: the entry then waives, with its owner, approver and dates. Alone it waives nothing, and the report says so.
type inline struct {
	scopes map[string]*residency.WaiverScope // by id
	idle   []string
	count  int
}

func newInline(waivers []residency.Waiver) *inline {
	l := &inline{scopes: map[string]*residency.WaiverScope{}}
	for i := range waivers {
		l.scopes[waivers[i].ID] = &waivers[i].Scope
	}
	return l
}

// take looks at one resource of the change.
func (l *inline) take(r *residency.Resource) {
	id, ok := r.Facts[plan.WaiveFact].(string)
	if !ok {
		return
	}
	why := "names no entry of waivers"
	if s := l.scopes[id]; s != nil {
		if orAny(s.Resource).Match(r.ID) && orAny(s.Account).Match(r.Account) && orAny(s.Region).Match(r.Region) {
			return
		}
		why = "names an entry of waivers whose scope does not cover it"
	}
	if l.count++; len(l.idle) < mostWaiverNotes {
		l.idle = append(l.idle, fmt.Sprintf("the waiver %q at %s waives nothing: it %s", id, r.ID, why))
	}
}

func (l *inline) notes() []string {
	if more := l.count - len(l.idle); more > 0 {
		return append(l.idle, fmt.Sprintf("%d more waivers at resources waive nothing", more))
	}
	return l.idle
}
