package notify

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Night is what happened in one night.
type Night struct {
	Run          string    // its id, also where it failed; empty: it came to none
	At           time.Time // when it ended
	Organization string
	System       string
	Zones        []residency.Zone
	Summary      *residency.Summary    // nil: it failed, and Failure says why
	Comparison   *residency.Comparison // what changed since the run that was told last; nil: there is none
	Worst        Worst                 // what stands, for the summary of a first run
	DaysOpen     map[residency.Violation]int
	Baseline     string // the run that Comparison leaves only what is worse of; empty: none
	Failure      string
	ReadOn       string // the command that shows the rest
}

// Tell is the message about a night, nil where there is nothing that people must know, and what to remember for the next. The first run
// of a store is summed up; any other is told where something changed; a failed night and the first that succeeds again are told once, and
// so are nights that were missed.
// The same night is told once, however often it is asked for.
func Tell(n Night, before State) (*Message, State) {
	if n.Run != "" && n.Run == before.Run {
		return nil, before
	}
	after := State{Run: n.Run, Compared: n.Run}
	if n.Summary == nil {
		after.Compared = before.Compared
		after.Failures, after.FailedSince = before.Failures+1, before.FailedSince
		if before.Failures > 0 {
			after.Missed, after.MissedSince = before.Missed, before.MissedSince
			return nil, after
		}
		after.FailedSince = n.At
		m := n.failed()
		m.Missed = before.missed()
		return m, after
	}
	changes := n.changes()
	var m *Message
	switch {
	case n.Comparison == nil:
		m = n.message(KindFirst)
		m.Changes, m.More = n.Worst.changes, n.Worst.seen-len(n.Worst.changes)
	case len(changes) > 0 || n.Baseline == "" && (n.Comparison.Policies || n.Comparison.Config):
		m = n.message(KindChange)
		m.Changes, m.More = changes[:min(len(changes), most)], max(0, len(changes)-most)
	case before.Failures > 0, before.Missed > 0:
		m = n.message(KindRecovery)
	default:
		return nil, after
	}
	if before.Failures > 0 {
		m.Recovered = &Outage{Since: before.FailedSince, Failures: before.Failures}
	}
	m.Missed = before.missed()
	return m, after
}

func (s State) missed() *Missed {
	if s.Missed == 0 {
		return nil
	}
	return &Missed{Since: s.MissedSince, Nights: s.Missed}
}

// most is how many changes a message holds.
const most = 10

// changes are those that people must know, the worst first. That a violation could not be looked at again is no news: it stays open.
// What ended is no worse than any baseline.
func (n *Night) changes() []Change {
	if n.Comparison == nil {
		return nil
	}
	var told []Change
	for _, d := range n.Comparison.Differences {
		if d.Change == residency.NotReexamined || n.Baseline != "" && d.Change == residency.Fixed {
			continue
		}
		told = append(told, n.change(d))
	}
	slices.SortFunc(told, worse)
	return told
}

// change is one, with the days for which it was open where they are known: of what moved, at the place before if need be.
func (n *Night) change(d residency.Difference) Change {
	c := Change{Difference: bounded(d)}
	v := residency.Violation{Control: d.Control, Resource: d.Resource, Zone: d.Zone, Role: residency.Role(d.Role), Region: d.Region, Account: d.Account, Target: d.Target}
	days, known := n.DaysOpen[v]
	if !known && d.Was != "" {
		v.Region = d.Was
		days, known = n.DaysOpen[v]
	}
	if known {
		c.DaysOpen = &days
	}
	return c
}

// message is what every message about a run holds.
func (n *Night) message(kind Kind) *Message {
	s := n.Summary
	m := n.head(kind)
	m.Conclusion, m.Interrupted = s.Conclusion, !s.Complete
	m.Counts = &Counts{Violations: map[residency.Severity]int{}, Unknown: s.Totals[residency.Unknown], Waived: s.Totals[residency.Waived],
		Gaps: len(s.Coverage.Gaps), Changes: map[residency.Became]int{}}
	for severity, count := range s.Fails {
		if count > 0 {
			m.Counts.Violations[severity] = count
		}
	}
	if c := n.Comparison; c != nil {
		m.Previous, m.PoliciesChanged, m.ConfigChanged, m.ToolChanged = c.Old, c.Policies, c.Config, c.Tool
		for _, d := range c.Differences {
			if n.Baseline == "" || d.Change != residency.Fixed {
				m.Counts.Changes[d.Change]++
			}
		}
	}
	return m
}

func (n *Night) failed() *Message {
	m := n.head(KindFailure)
	m.Error = cut(n.Failure, longest)
	return m
}

func (n *Night) head(kind Kind) *Message {
	m := &Message{SchemaVersion: SchemaVersion, Kind: kind, Time: n.At.UTC().Truncate(time.Second), Organization: n.Organization, System: n.System, Run: n.Run,
		Baseline: n.Baseline, ReadOn: n.ReadOn, Zones: []Zone{}, Changes: []Change{}}
	m.ID = fmt.Sprintf("%s/%s", n.Run, kind)
	if n.Run == "" {
		m.ID = m.Time.Format(time.RFC3339) + "/" + string(kind)
	}
	for _, z := range n.Zones {
		m.Zones = append(m.Zones, Zone{ID: z.ID, Name: z.Name})
	}
	return m
}

// Test is a message that says nothing but that it arrives.
func Test(organization, system string, at time.Time) *Message {
	n := Night{At: at, Organization: organization, System: system}
	return n.head(KindTest)
}
