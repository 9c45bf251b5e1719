package audit

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/lineage"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// tally counts what a summary says. Every part adds up, so that chunks can be counted apart.
type tally struct {
	controls []residency.Control
	zones    []residency.Zone

	outcomes []map[residency.Outcome]int // by control
	failed   bool                        // an unwaived fail of severity low or higher
	open     bool                        // an unknown that decides the conclusion
	fails    map[residency.Severity]int
	stores   []map[residency.Basis]int // by zone
	none     []residency.NoZoneStore
	patterns map[pattern]int
	silence  map[string]int // sources that bring no zone, by what is said of them
	waived   map[int]int    // fails that a waiver covers in whole or part, valid or not, by entry of the register; nil: none
}

// pattern is a group of unclassified stores that one line of assign could name.
type pattern struct{ kind, stem, account, glob string }

// maxPatterns bounds what is counted; the commonest of a nightly estate come early and often.
const maxPatterns = 20000

func newTally(controls []residency.Control, zones []residency.Zone) *tally {
	t := &tally{controls: controls, zones: zones, patterns: map[pattern]int{}, silence: map[string]int{}, fails: map[residency.Severity]int{}}
	t.outcomes, t.stores = make([]map[residency.Outcome]int, len(controls)), make([]map[residency.Basis]int, len(zones))
	for i := range t.outcomes {
		t.outcomes[i] = map[residency.Outcome]int{}
	}
	for i := range t.stores {
		t.stores[i] = map[residency.Basis]int{}
	}
	return t
}

func (t *tally) resource(r *residency.Resource, store bool, a lineage.Assignment) {
	if !store {
		return
	}
	switch {
	case a.Assigned():
		t.stores[a.Zone][a.Basis]++
	case a.None:
		t.none = append(t.none, residency.NoZoneStore{Resource: strings.Clone(r.ID), Kind: r.Kind, Reason: a.Rule.Reason, Owner: a.Rule.Owner})
	case len(t.patterns) < maxPatterns:
		if r.ARN != "*" { // of what nothing is known before the deployment no line can be suggested
			t.patterns[patternOf(r)]++
		}
	}
}

// silent counts sources whose data nobody could assign: they judge nothing, and must not go unsaid.
func (t *tally) silent(said []string) {
	for _, s := range said {
		if len(t.silence) < maxPatterns || t.silence[s] > 0 {
			t.silence[s]++
		}
	}
}

func (t *tally) verdict(control int, o residency.Outcome, s residency.Severity, promise bool) {
	t.outcomes[control][o]++
	switch {
	case o == residency.Fail:
		t.fails[s]++
		t.failed = t.failed || s.Rank() >= residency.Low.Rank()
	case o == residency.Unknown && promise:
		t.open = true
	}
}

func (t *tally) waivers(matched []int) {
	if len(matched) > 0 && t.waived == nil {
		t.waived = map[int]int{}
	}
	for _, i := range matched {
		t.waived[i]++
	}
}

func (t *tally) add(o *tally) {
	for i, n := range o.waived {
		if t.waived == nil {
			t.waived = map[int]int{}
		}
		t.waived[i] += n
	}
	for i := range o.outcomes {
		for k, n := range o.outcomes[i] {
			t.outcomes[i][k] += n
		}
	}
	for i := range o.stores {
		for k, n := range o.stores[i] {
			t.stores[i][k] += n
		}
	}
	for k, n := range o.fails {
		t.fails[k] += n
	}
	for k, n := range o.silence {
		t.silence[k] += n
	}
	t.failed, t.open = t.failed || o.failed, t.open || o.open
	t.none = append(t.none, o.none...)
	for k, n := range o.patterns {
		if _, ok := t.patterns[k]; ok || len(t.patterns) < maxPatterns {
			t.patterns[k] += n
		}
	}
}

func (t *tally) summary(cover residency.CoverageSummary, closed bool) *residency.Summary {
	s := &residency.Summary{Totals: map[residency.Outcome]int{}, Controls: map[string]map[residency.Outcome]int{}, Coverage: cover, NoZone: t.none}
	for i, c := range t.controls {
		s.Controls[c.ID] = t.outcomes[i]
		for o, n := range t.outcomes[i] {
			s.Totals[o] += n
		}
	}
	for i, z := range t.zones {
		s.Zones = append(s.Zones, residency.ZoneCount{Zone: z, Stores: t.stores[i]})
	}
	switch {
	case t.failed:
		s.Conclusion = residency.ConcludeFail
	case t.open || !closed:
		s.Conclusion = residency.ConcludeNotConcluded
	default:
		s.Conclusion = residency.ConcludePass
	}
	s.Fails, s.Open = t.fails, t.open || !closed
	s.Unassigned, s.Notes = t.hints(), t.silenceNotes()
	return s
}

// silenceNotes name the first few sources that bring no zone, and count the rest.
func (t *tally) silenceNotes() (notes []string) {
	said := slices.Sorted(maps.Keys(t.silence))
	for _, s := range said[:min(5, len(said))] {
		notes = append(notes, "a copy names a source outside the inventory: "+s)
	}
	if len(said) > 5 {
		notes = append(notes, fmt.Sprintf("%d more sources outside the inventory bring no zone", len(said)-5))
	}
	return notes
}

// hints are the 20 commonest patterns as lines to review and paste.
func (t *tally) hints() []residency.AssignHint {
	all := slices.Collect(maps.Keys(t.patterns))
	slices.SortFunc(all, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(t.patterns[b], t.patterns[a]), strings.Compare(a.kind, b.kind), strings.Compare(a.stem, b.stem), strings.Compare(a.account, b.account), strings.Compare(a.glob, b.glob))
	})
	var hints []residency.AssignHint
	for _, p := range all[:min(20, len(all))] {
		hints = append(hints, residency.AssignHint{Kind: p.kind, Stem: p.stem, Account: p.account, Count: t.patterns[p],
			Line: `- {arn: "` + p.glob + `", zone: ` + t.choices() + `}`})
	}
	return hints
}

// choices stands where the reader must choose; it is refused as a zone id, so that no line takes effect unread.
func (t *tally) choices() string {
	ids := make([]string, len(t.zones))
	for i, z := range t.zones {
		ids[i] = z.ID
	}
	return "<" + strings.Join(append(ids, residency.NoZone), "|") + ">"
}

// variable is the part of a name that differs from one to the next: numbers, hashes, dates, account ids.
var variable = regexp.MustCompile(`[0-9a-f]{8,}(?:-[0-9a-f]{4,})*|[0-9]+`)

func patternOf(r *residency.Resource) pattern {
	id := strings.Clone(cmp.Or(r.ARN, r.ID)) // assign knows a planned resource by the ARN that it will have
	prefix, name := id, ""
	if i := strings.LastIndexAny(id, ":/"); i >= 0 {
		prefix, name = id[:i+1], id[i+1:]
	}
	stem := variable.ReplaceAllString(name, "*")
	for strings.Contains(stem, "**") {
		stem = strings.ReplaceAll(stem, "**", "*")
	}
	return pattern{kind: r.Kind, stem: stem, account: r.Account, glob: prefix + stem}
}
