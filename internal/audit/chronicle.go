package audit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Span says which days a chronicle is of, and which nights are expected in them.
type Span struct {
	From, To string // days, YYYY-MM-DD; empty: a year before the last, or the store's first one; today
	Most     int    // runs that are listed, the newest; 0: all
	Now      time.Time
	Location *time.Location // in which days are days
	// Next is when a night is due after an instant, zero for never; nil: each day is one.
	Next     func(time.Time) time.Time
	Schedule string        // for a reader
	Slack    time.Duration // after which a night that was begun counts as late
}

// expected is one night: whatever is begun from its start to before its end counts for it.
type expected struct {
	start, end time.Time
	label      string
}

// ChronicleOf is what a database, brought up to its store's log, tells of a span of days.
func ChronicleOf(ctx context.Context, store string, h *history.Store, s Span) (*residency.Chronicle, error) {
	l, err := evidence.ReadLog(store)
	if err != nil {
		return nil, err
	}
	begin, err := beginning(ctx, l, h)
	if err != nil {
		return nil, err
	}
	from, to, err := s.bounds(begin)
	if err != nil {
		return nil, err
	}
	entries, err := h.Runs(ctx, from, to.Add(late)) // what was begun a day later may have caught up a night
	if err != nil {
		return nil, err
	}
	kept, err := h.Nights(ctx, from, to)
	if err != nil {
		return nil, err
	}
	c := &residency.Chronicle{From: from.Format(dayFormat), To: to.Add(-1).Format(dayFormat), Timezone: s.Location.String(), Schedule: s.Schedule,
		Runs: []residency.ChronicleEntry{}, Nights: s.nights(from, to, entries, kept), Open: []residency.LastingViolation{}, Holds: []residency.LegalHold{}}
	for _, h := range l.Holds() {
		c.Holds = append(c.Holds, residency.LegalHold{Ticket: h.Ticket, Reason: h.Reason, Run: h.Run, From: h.From, To: h.To, Since: h.Time})
	}
	c.Opened, c.Closed, err = h.Turnover(ctx, from, to)
	if err != nil {
		return nil, err
	}
	s.list(c, l, entries, to)
	open, err := h.Open(ctx, s.Now)
	if err != nil {
		return nil, err
	}
	c.Open = append(c.Open, open...)
	slices.SortStableFunc(c.Open, func(a, b residency.LastingViolation) int {
		return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), cmp.Compare(b.DaysOpen, a.DaysOpen))
	})
	return c, nil
}

// beginning is when a store's first run began or its first night was due: nights may have failed before there was a log. Zero: neither.
func beginning(ctx context.Context, l *evidence.Log, h *history.Store) (at time.Time, err error) {
	if all := l.Entries(); len(all) > 0 {
		at = begun(&all[0].Leaf)
	}
	kept, err := h.Nights(ctx, time.Time{}, time.Time{})
	if err == nil && len(kept) > 0 && (at.IsZero() || kept[0].Due.Before(at)) {
		at = kept[0].Due
	}
	return at, err
}

// bounds are the first instant of the first day, and that after the last.
func (s *Span) bounds(begin time.Time) (from, to time.Time, err error) {
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, s.Location)
	}
	last := day(s.Now.In(s.Location)).Format(dayFormat)
	first, to, err := days(cmp.Or(s.From, s.To, last), cmp.Or(s.To, last))
	if err != nil {
		return from, to, err
	}
	from, to = day(first), day(to.AddDate(0, 0, 1))
	if s.From != "" {
		return from, to, nil
	}
	if begin.IsZero() {
		return from, to, nil
	}
	from = to.AddDate(-1, 0, 0) // a year, or what there is of it
	if begin = day(begin.In(s.Location)); begin.After(from) && begin.Before(to) {
		from = begin
	}
	return from, to, nil
}

// list adds the runs and heartbeats, newest first.
func (s *Span) list(c *residency.Chronicle, l *evidence.Log, entries []history.Entry, to time.Time) {
	for i := len(entries) - 1; i >= 0; i-- {
		e := &entries[i]
		kind := evidence.Kind(e.Kind)
		switch {
		case kind != evidence.KindRun && !kind.Heartbeat() || !e.Begun.Before(to):
			continue
		case s.Most > 0 && len(c.Runs) == s.Most:
			c.Earlier++
			continue
		}
		one := residency.ChronicleEntry{Run: e.RunID, Kind: e.Kind, Begun: e.Begun, Reason: cmp.Or(e.Problem, e.Reason)}
		if r := e.Run; r != nil {
			one.Conclusion, one.Complete, one.Gaps = r.Conclusion, r.Complete, r.Gaps
			one.Violations, one.Waived, one.Unknown = r.Totals[residency.Fail], r.Totals[residency.Waived], r.Totals[residency.Unknown]
		}
		if kind == evidence.KindRun {
			one.Held = l.Held(e.RunID)
			_, one.Expired = l.Expired(e.RunID)
		}
		c.Runs = append(c.Runs, one)
	}
}

// nights says of each expected night what became of it. One that is not over, and of which there is nothing yet, is left out.
func (s *Span) nights(from, to time.Time, entries []history.Entry, kept []history.Night) []residency.Night {
	leaves := make([]evidence.Leaf, len(entries))
	for i, e := range entries {
		leaves[i] = evidence.Leaf{Kind: evidence.Kind(e.Kind), Run: e.RunID, Time: e.Time, Reason: e.Reason}
	}
	all := []residency.Night{}
	for _, x := range s.expected(from, to) {
		n, failed := residency.Night{Date: x.label, State: residency.NightMissed, Reason: "no run was begun"}, (*evidence.Leaf)(nil)
		for i := range entries {
			e, leaf := &entries[i], &leaves[i]
			switch {
			case e.Begun.Before(x.start) || !e.Begun.Before(x.end):
			case leaf.Kind == evidence.KindRun:
				s.run(&n, x, e, leaf, failed)
			case leaf.Kind.Heartbeat():
				failed = stumbled(&n, leaf, failed)
			}
		}
		if n.State == residency.NightFailed {
			caughtUp(&n, failed, leaves)
		}
		if n.State == residency.NightMissed && len(n.Runs) == 0 && !s.known(&n, x, kept) && s.Now.Before(x.end) && (s.Next == nil || s.Now.Before(x.start.Add(s.Slack))) {
			continue
		}
		all = append(all, n)
	}
	return all
}

func (s *Span) run(n *residency.Night, x expected, e *history.Entry, leaf, failed *evidence.Leaf) {
	r := e.Run
	if r == nil {
		lost(n, e.Problem)
		return
	}
	n.Runs, n.Conclusion, n.Stores = append(n.Runs, e.RunID), r.Conclusion, r.Stores
	n.Violations, n.Waived, n.Unknown = r.Totals[residency.Fail], r.Totals[residency.Waived], r.Totals[residency.Unknown]
	n.State, n.Reason = ran(leaf, failed, r.Complete, r.Gaps, r.FirstGap)
	if s.Next != nil && n.State == residency.NightDone && e.Begun.After(x.start.Add(s.Slack)) {
		n.State, n.Reason = residency.NightLate, fmt.Sprintf("due on %s, begun on %s", x.start.UTC().Format(minuteFormat), e.Begun.Format(minuteFormat))
	}
}

// known adds what whoever runs the schedule knows of a night that left nothing in the log.
func (s *Span) known(n *residency.Night, x expected, kept []history.Night) bool {
	i := slices.IndexFunc(kept, func(k history.Night) bool { return k.Due.Equal(x.start) })
	if i < 0 {
		return false
	}
	switch k := &kept[i]; k.State {
	case history.NightMissed:
		n.Reason = k.Problem
	case history.NightFailed:
		n.State, n.Reason = residency.NightFailed, k.Problem
	case history.NightRunning:
		if s.Now.Before(k.Lease) {
			return false // it is being run
		}
		n.State, n.Reason = residency.NightFailed, fmt.Sprintf("%s began it on %s and never ended it", k.Holder, k.Begun.Format(minuteFormat))
	}
	return true
}

// expected are the nights of the span that have come: days, or what the schedule says.
func (s *Span) expected(from, to time.Time) (all []expected) {
	next, last := s.Next, to
	if next == nil {
		next = func(t time.Time) time.Time {
			y, m, d := t.In(s.Location).Date()
			return time.Date(y, m, d+1, 0, 0, 0, 0, s.Location)
		}
	}
	if s.Now.Before(to) {
		last = s.Now.Add(1)
	}
	format := dayFormat
	for start := next(from.Add(-1)); !start.IsZero() && start.Before(last); {
		end := next(start)
		if end.IsZero() {
			end = start.Add(late)
		}
		all = append(all, expected{start: start, end: end})
		if start.In(s.Location).Format(dayFormat) == end.In(s.Location).Format(dayFormat) {
			format = "2006-01-02 15:04" // several a day
		}
		start = end
	}
	for i := range all {
		all[i].label = all[i].start.In(s.Location).Format(format)
	}
	return all
}
