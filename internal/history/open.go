package history

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const violationColumns = `v.control, v.resource, v.zone, v.role, v.region, v.account, v.target, v.kind`

// violationFields are where a scan puts violationColumns.
func violationFields(v *residency.OpenViolation) []any {
	return []any{&v.Control, &v.Resource, &v.Zone, &v.Role, &v.Region, &v.Account, &v.Target, &v.Kind}
}

// unescape gives the texts back as they came.
func unescape(v *residency.OpenViolation) {
	for _, s := range []*string{&v.Resource, &v.Region, &v.Account, &v.Target, &v.ResourceAccount, &v.ResourceRegion, &v.Detail} {
		*s = inside(*s)
	}
}

// Open are the violations that the last run left open, as it left them, with when they were first seen; sorted. Days are counted to now.
func (s *Store) Open(ctx context.Context, now time.Time) (open []residency.LastingViolation, err error) {
	n, err := last(ctx, s.db)
	if err != nil {
		return nil, s.explain(err)
	}
	latest, err := lastSeen(ctx, s.db, n+1)
	if err != nil {
		return nil, s.explain(err)
	}
	err = each(ctx, s.db, `SELECT `+violationColumns+`, t.state, t.severity, t.resource_account, t.resource_region, coalesce(t.last_seen, $1), t.detail, o.observed
		FROM states t JOIN violations v ON v.id = t.violation JOIN spells p ON p.violation = t.violation AND p.closed IS NULL JOIN runs o ON o.sequence = p.opened
		WHERE t.until IS NULL`, []any{latest}, func(scan func(...any) error) error {
		var l residency.LastingViolation
		var seen, first int64
		v := &l.OpenViolation
		if err := scan(append(violationFields(v), &v.State, &v.Severity, &v.ResourceAccount, &v.ResourceRegion, &seen, &v.Detail, &first)...); err != nil {
			return err
		}
		unescape(v)
		v.LastSeen, l.FirstSeen = instant(seen), instant(first)
		l.DaysOpen = days(l.FirstSeen, now) + 1
		open = append(open, l)
		return nil
	})
	slices.SortFunc(open, func(a, b residency.LastingViolation) int { return a.Compare(b.Violation) })
	return open, s.explain(err)
}

// Latest is the time of the latest snapshot of a recorded run; zero where there is none.
func (s *Store) Latest(ctx context.Context) (time.Time, error) {
	var observed int64
	err := s.db.QueryRowContext(ctx, `SELECT coalesce(max(observed), 0) FROM runs`).Scan(&observed)
	return instant(observed), s.explain(err)
}

// days is the number of midnights (UTC) between two instants; none where the clock was set back in between.
func days(from, to time.Time) int {
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	return max(0, int(day(to).Sub(day(from)).Hours()/24))
}

// Spell is one violation from when it was opened to when it was proved ended.
type Spell struct {
	residency.OpenViolation // as it stood last
	FirstSeen               time.Time
	Closed                  time.Time // observation of the run that proved it ended; zero: it is open
	Ending                  string    // how it ended, where that is known
	DaysOpen                int       // to its end, or to now
}

// Spells are those that were open at any time from one instant to before another, in order of opening; a zero time is no bound.
func (s *Store) Spells(ctx context.Context, from, to, now time.Time) (all []Spell, err error) {
	runs, err := s.span(ctx, from, to)
	if err != nil {
		return nil, s.explain(err)
	}
	n, err := last(ctx, s.db)
	if err != nil {
		return nil, s.explain(err)
	}
	latest, err := lastSeen(ctx, s.db, n+1)
	if err != nil {
		return nil, s.explain(err)
	}
	err = each(ctx, s.db, `SELECT `+violationColumns+`, t.state, t.severity, t.resource_account, t.resource_region, t.detail,
			coalesce(p.last_seen, t.last_seen, $1), p.ending, o.observed, c.observed
		FROM spells p JOIN violations v ON v.id = p.violation JOIN runs o ON o.sequence = p.opened LEFT JOIN runs c ON c.sequence = p.closed
			JOIN states t ON t.violation = p.violation AND t.since >= p.opened AND (t.until = p.closed OR t.until IS NULL AND p.closed IS NULL)
		WHERE p.opened <= $3 AND (p.closed IS NULL OR p.closed >= $2)`, []any{latest, runs.first, runs.last}, func(scan func(...any) error) error {
		var l Spell
		var seen, first int64
		var closed sql.NullInt64
		v := &l.OpenViolation
		if err := scan(append(violationFields(v), &v.State, &v.Severity, &v.ResourceAccount, &v.ResourceRegion, &v.Detail, &seen, &l.Ending, &first, &closed)...); err != nil {
			return err
		}
		unescape(v)
		v.LastSeen, l.FirstSeen, l.Ending = instant(seen), instant(first), inside(l.Ending)
		if l.DaysOpen = days(l.FirstSeen, now) + 1; closed.Valid {
			l.Closed = instant(closed.Int64)
			l.DaysOpen = days(l.FirstSeen, l.Closed)
		}
		all = append(all, l)
		return nil
	})
	slices.SortFunc(all, func(a, b Spell) int {
		return cmp.Or(a.FirstSeen.Compare(b.FirstSeen), a.Compare(b.Violation))
	})
	return all, s.explain(err)
}

// span is the runs, by sequence, of a time.
type span struct{ first, last int64 }

// span finds the runs begun in a time. first is above last where there are none.
func (s *Store) span(ctx context.Context, from, to time.Time) (p span, err error) {
	query, args := `SELECT coalesce(min(r.sequence), 0), coalesce(max(r.sequence), -1) FROM runs r JOIN entries e ON e.sequence = r.sequence WHERE e.begun >= $1`, []any{micro(from)}
	if !to.IsZero() {
		query, args = query+` AND e.begun < $2`, append(args, micro(to))
	}
	err = s.db.QueryRowContext(ctx, query, args...).Scan(&p.first, &p.last)
	return p, err
}

// Turnover counts the violations that the runs of a time opened and closed.
func (s *Store) Turnover(ctx context.Context, from, to time.Time) (opened, closed int, err error) {
	p, err := s.span(ctx, from, to)
	if err == nil {
		err = s.db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM spells WHERE opened BETWEEN $1 AND $2), (SELECT count(*) FROM spells WHERE closed BETWEEN $1 AND $2)`,
			p.first, p.last).Scan(&opened, &closed)
	}
	return opened, closed, s.explain(err)
}
