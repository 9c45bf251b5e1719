package audit

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// partIn finds what a change has a part in: what it changes, what lies downstream of that, and whoever points to it or gets a placement
// from it. A nil partIn limits nothing.
type partIn struct {
	changes func(id string) bool
	next    map[string][]string
	reached map[string]bool
	queue   []string
}

func newPartIn(changes func(id string) bool) *partIn {
	return &partIn{changes: changes, next: map[string][]string{}, reached: map[string]bool{}}
}

func (p *partIn) touch(id string) {
	if !p.reached[id] {
		p.reached[id], p.queue = true, append(p.queue, id)
	}
}

// take notes who sends data to whom. It keeps nothing of r.
func (p *partIn) take(r *residency.Resource) {
	if p == nil {
		return
	}
	id := strings.Clone(r.ID)
	if p.changes(id) {
		p.touch(id)
	}
	for i := range r.Placements {
		place := &r.Placements[i]
		if place.Target == "" || !place.Role.Carries() {
			continue
		}
		target := strings.Clone(place.Target)
		p.next[id] = append(p.next[id], target)
		if declaredBy(place.Via, p.changes) { // what the change sends there is new there
			p.touch(target)
		}
	}
	for i := range r.Sources {
		if s := &r.Sources[i]; s.ID != "" && carrying(s) {
			from := strings.Clone(s.ID)
			p.next[from] = append(p.next[from], id)
		}
	}
}

// follow goes on to all that lies downstream, when everything was taken.
func (p *partIn) follow() {
	if p == nil {
		return
	}
	for len(p.queue) > 0 {
		id := p.queue[0]
		p.queue = p.queue[1:]
		for _, to := range p.next[id] {
			p.touch(to)
		}
	}
}

// withLeft adds to the coverage of each input the gaps of what the change leaves alone and yet has a part in.
func (p *partIn) withLeft(lines []residency.Coverage, left [][]residency.Gap) []residency.Coverage {
	if p == nil {
		return lines
	}
	for i, gaps := range left {
		for _, g := range gaps {
			if p.reached[g.Resource] {
				lines[i].Gaps, lines[i].Status = append(lines[i].Gaps, g), residency.Partial
			}
		}
	}
	return lines
}

func (p *partIn) limit() *Limit {
	if p == nil {
		return nil
	}
	return &Limit{Changes: p.changes, Reaches: func(id string) bool { return p.reached[id] },
		Touches: func(place *residency.Placement) bool {
			return p.changes(place.Target) || declaredBy(place.Via, p.changes)
		}}
}

// declaredBy reports whether a placement's via names a changed address in front of the attribute.
func declaredBy(via string, changes func(string) bool) bool {
	for i, c := range via {
		if c == ' ' && changes(via[:i]) {
			return true
		}
	}
	return changes(via)
}
