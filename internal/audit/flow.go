package audit

import (
	"context"
	"strings"

	"github.com/seed-1578181b/domicile/internal/lineage"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// flow is who sends data to whom in a snapshot as small as a change, and whose data each holds at first: one bit for each zone.
type flow struct {
	next  map[string]map[string]bool
	zones map[string]uint64
}

// flowOf reads it. names gives the name under which a resource is compared with that of another snapshot.
func flowOf(ctx context.Context, path string, names map[string]string, assigner *lineage.Assigner) (*flow, error) {
	f, err := snapshot.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	w := &flow{next: map[string]map[string]bool{}, zones: map[string]uint64{}}
	name := func(s string) string {
		if other, ok := names[s]; ok {
			return other
		}
		return strings.Clone(s)
	}
	err = f.Each(ctx, func(r *residency.Resource) error {
		own := name(r.ID)
		if a := assigner.Resource(r); a.Assigned() {
			w.zones[own] = 1 << a.Zone
		}
		for i := range r.Placements {
			if p := &r.Placements[i]; p.Target != "" && p.Role.Carries() {
				w.edge(own, name(p.Target))
			}
		}
		for i := range r.Sources {
			if s := &r.Sources[i]; s.ID != "" && carrying(s) {
				w.edge(name(s.ID), own)
			}
		}
		return nil
	}, func(*residency.Coverage) error { return nil })
	return w, err
}

func (w *flow) edge(from, to string) {
	if w.next[from] == nil {
		w.next[from] = map[string]bool{}
	}
	w.next[from][to] = true
}

// spread lets zones travel along every edge, and adds them to into.
func (w *flow) spread(into map[string]uint64) map[string]uint64 {
	var queue []string
	for id := range into {
		queue = append(queue, id)
	}
	for len(queue) > 0 {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for to := range w.next[id] {
			if into[to]|into[id] != into[to] {
				into[to] |= into[id]
				queue = append(queue, to)
			}
		}
	}
	return into
}

// fresh are the zones that come to a resource over an edge that was not there before. Borders are not asked: it is about what is new.
func (w *flow) fresh(before *flow) map[string]uint64 {
	held := map[string]uint64{}
	for id, z := range w.zones {
		held[id] = z
	}
	w.spread(held)
	arrives := map[string]uint64{}
	for from, all := range w.next {
		for to := range all {
			if !before.next[from][to] && held[from] != 0 {
				arrives[to] |= held[from]
			}
		}
	}
	return w.spread(arrives)
}
