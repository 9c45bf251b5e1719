package scanners

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// happened is an event by which data moved, until it is known what the inventory has of it.
type happened struct {
	moved
	record *record
	by     string // the account that saw it
	times  int    // that it happened
}

// occurrences gathers the events of a run. One that is seen from several places (two regions, two accounts) is one; those by which
// the same principal moved the same data to the same place are told once, with their number.
type occurrences struct {
	seed  maphash.Seed
	ids   map[uint64]struct{}
	by    map[string]*happened // by what they say
	fails int                  // calls that failed and moved nothing
}

func newOccurrences() occurrences {
	return occurrences{seed: maphash.MakeSeed(), ids: map[uint64]struct{}{}, by: map[string]*happened{}}
}

// addEvent hands over an event by which data moved. What the inventory knows of it is found out when all others are done.
func (s *Sink) addEvent(h happened) { s.collector.event(h, s.account) }

// failedEvent counts a call that failed and so moved nothing.
func (s *Sink) failedEvent(id string) {
	s.collector.mu.Lock()
	defer s.collector.mu.Unlock()
	if s.collector.events.first(id) {
		s.collector.events.fails++
	}
}

// first reports whether an event is seen for the first time.
func (o *occurrences) first(id string) bool {
	hash := maphash.String(o.seed, id)
	_, twice := o.ids[hash]
	o.ids[hash] = struct{}{}
	return !twice
}

// event keeps an event that the account by saw.
func (f *findings) event(h happened, by string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.events.first(h.record.ID) {
		return
	}
	f.want(&h.Resource, by)
	h.by, h.times = by, 1
	key := h.says()
	old, same := f.events.by[key]
	if !same {
		f.events.by[key] = &h
		return
	}
	old.times++
	if c := cmp.Or(h.record.Time.Compare(old.record.Time), strings.Compare(h.ID, old.ID)); c < 0 { // the first of them is named
		h.times = old.times
		f.events.by[key] = &h
	}
}

// says is what an event tells, whenever it was.
func (h *happened) says() string {
	return fmt.Sprintf("%q %q %q %q %v %v %q", h.Account, h.Region, h.record.operation(), h.record.actor(), h.Sources, h.Placements, h.moved.by)
}

// unknownEvents are those of which the inventory has nothing: copies that are gone, settings that were taken back. They come in order
// of id.
func (f *findings) unknownEvents() (left []residency.Resource) {
	for _, key := range slices.Sorted(maps.Keys(f.events.by)) {
		h := f.events.by[key]
		kept := []residency.Placement{}
		for i, p := range h.Placements {
			if !f.inventory.knows(h, p, h.copies[i]) {
				kept = append(kept, p)
			}
		}
		if len(kept) == 0 {
			continue
		}
		h.Placements = kept
		left = append(left, h.resource(f.inventory))
	}
	return sortedByID(left)
}

// resource writes down who did what, and when. Where a scanner looks for such copies and found none, this one is gone again.
func (h *happened) resource(inv *inventory) residency.Resource {
	r, at := h.record, h.record.Time.UTC().Format(time.RFC3339)
	for i := range h.Placements {
		p := &h.Placements[i]
		what := "copy"
		if !p.Role.Carries() {
			what = "setting"
		}
		if inv.looksFor(h, p) {
			what = "transient " + what
		}
		p.Via = fmt.Sprintf("%s: %s by %s at %s, event %s", what, r.operation(), r.actor(), at, r.ID)
	}
	h.Facts = map[string]any{"event": r.Name, "actor": r.actor(), "time": at, "event_id": r.ID}
	if h.times > 1 {
		h.Facts["times"] = h.times
	}
	return h.Resource
}

// looksFor reports whether a scanner of the run looks for what the event made, or for what would hold its setting.
func (i *inventory) looksFor(h *happened, p *residency.Placement) bool {
	ids := append([]string{p.Target}, h.moved.by...)
	for _, s := range h.Sources {
		ids = append(ids, s.ID)
	}
	return slices.ContainsFunc(ids, func(id string) bool {
		kind, _ := kindOf(id)
		return i.looked(kind)
	})
}

// knows reports whether the inventory has what an event moved: the copy itself, or a setting that sends the same data to the same
// place. It is judged there.
func (i *inventory) knows(h *happened, p residency.Placement, copied bool) bool {
	if copied && p.Target != "" && i.has(p.Target) {
		return true
	}
	for _, s := range h.Sources {
		if i.has(edgeKey(s.ID, p, h.Account)) {
			return true
		}
	}
	return slices.ContainsFunc(h.moved.by, func(id string) bool { return i.has(edgeKey(id, p, h.Account)) })
}

// edgeKey is the name under which the inventory keeps that something's data goes to a place: to what lies there, where that has a
// name, else to the account and region.
func edgeKey(id string, p residency.Placement, own string) string {
	account := p.Account
	if account == own {
		account = ""
	}
	if p.Target != "" {
		return id + "\x00" + p.Target
	}
	return id + "\x00\x00" + account + "\x00" + p.Region
}

// edges are the keys of where a resource's data goes, and of what it has from where.
func edges(r *residency.Resource) (keys []string) {
	for _, p := range r.Placements {
		keys = append(keys, edgeKey(r.ID, p, r.Account))
		for _, s := range r.Sources {
			if p.Target != "" {
				keys = append(keys, edgeKey(s.ID, p, r.Account))
			}
		}
	}
	for _, s := range r.Sources { // a copy whose own name no event tells
		keys = append(keys, edgeKey(s.ID, residency.Placement{Region: r.Region}, ""))
	}
	return keys
}

// look works out the time of which the events are asked.
func (r *runner) look(caller *session) error {
	trail, err := newTrailBucket(r.o.TrailBucket, caller, r.home)
	if err != nil {
		return err
	}
	r.trail = trail
	r.window = windowOf(r.o.Since, r.o.Until, trail)
	return nil
}

// windowIn is the time of which the events of one account and region are asked. What no place of an account can know is said in the
// first that has no time of its own.
func (r *runner) windowIn(accountID, region string) window {
	since, own := r.o.SinceIn[AccountRegion{accountID, region}]
	if !own {
		w := r.window
		if w.lost != "" && slices.ContainsFunc(r.places[accountID].enabled, func(other string) bool {
			_, own := r.o.SinceIn[AccountRegion{accountID, other}]
			return other < region && !own
		}) {
			w.lost = ""
		}
		return w
	}
	w := windowOf(since, r.o.Until, r.trail)
	w.own = true
	if w.lost != "" && !since.After(r.o.Until) { // the run before which nothing more is looked for: the last answer may be older
		w.lost = fmt.Sprintf(forgotten, "from the last answer of this region", w.from.UTC().Format(time.DateOnly))
	}
	return w
}

// looksBack reports whether the events of any place are asked.
func (r *runner) looksBack() bool { return !r.window.from.IsZero() || len(r.o.SinceIn) > 0 }

// noteRegions tells the inventory which regions of each account are examined: that one of them was switched on needs no event.
func (r *runner) noteRegions() {
	if !r.looksBack() {
		return
	}
	for accountID, p := range r.places {
		root := accountARN(Home{Partition: r.id.Partition, Account: accountID})
		for _, region := range p.enabled {
			r.found.inventory.note([]string{edgeKey(regionsOf(root), residency.Placement{Region: region}, "")})
		}
	}
}

// EventCount is what came of the events between two scans.
type EventCount struct {
	Moved  int // calls that copied or sent data, those that say the same counted once
	Known  int // of these, those that the inventory shows anyway
	Failed int // calls that failed and moved nothing
}

// countEvents puts the events on the coverage lines of those who saw them.
func (r *runner) countEvents(res *Result) {
	res.Events = EventCount{Moved: len(r.found.events.by), Failed: r.found.events.fails}
	for _, h := range r.found.events.by {
		if h.Facts == nil { // nothing of it was left to tell
			res.Events.Known++
			continue
		}
		i := slices.IndexFunc(res.lines, func(c residency.Coverage) bool {
			return c.Scanner == "cloudtrail" && c.Account == h.by && c.Region == h.Region
		})
		if i < 0 {
			i = lineFor(res.lines, coverageKey{scanner: "cloudtrail", account: h.by})
		}
		if i >= 0 {
			res.lines[i].Resources++
		}
	}
}
