package history

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Compare says what changed between two recorded runs, by their ids. It reads only what one of the two intervals' ends parts.
func (s *Store) Compare(ctx context.Context, oldRun, newRun string) (*residency.Comparison, error) {
	a, err := s.run(ctx, oldRun)
	if err != nil {
		return nil, err
	}
	b, err := s.run(ctx, newRun)
	if err != nil {
		return nil, err
	}
	c := &residency.Comparison{Old: oldRun, New: newRun, Policies: a.Run.Policies != b.Run.Policies, Config: a.Run.Config != b.Run.Config, Tool: a.Run.Tool != b.Run.Tool,
		Differences: []residency.Difference{}}
	was, is, err := s.states(ctx, a.Sequence, b.Sequence)
	if err != nil {
		return nil, s.explain(err)
	}
	c.Differences = append(c.Differences, Became(was, is, nil)...)
	if err := s.newlyUnknown(ctx, a.Sequence, b.Sequence, was, c); err != nil {
		return nil, s.explain(err)
	}
	if err := s.newlyUncovered(ctx, a.Sequence, b.Sequence, c); err != nil {
		return nil, s.explain(err)
	}
	Sort(c.Differences)
	return c, nil
}

// run finds a recorded run of which something is known.
func (s *Store) run(ctx context.Context, id string) (Entry, error) {
	var found Entry
	err := each(ctx, s.db, `SELECT `+entryColumns+` FROM entries e JOIN runs r ON r.sequence = e.sequence WHERE e.run = $1`, []any{id}, func(scan func(...any) error) (err error) {
		found, err = scanEntry(scan)
		return err
	})
	if err == nil && found.Run == nil {
		return found, fmt.Errorf("the history %s knows nothing of a run %q: it is not in the log, or its folder was gone before it was recorded", s.name, id)
	}
	return found, s.explain(err)
}

// parted is a condition on intervals: those that hold in one run and not in another. Its two forms let the database use an index on the
// end that lies between the two.
func parted(in, out int64) (condition string, args []any) {
	if in < out {
		return `t.since <= $1 AND t.until > $1 AND t.until <= $2`, []any{in, out}
	}
	return `t.since > $2 AND t.since <= $1 AND (t.until IS NULL OR t.until > $1)`, []any{in, out}
}

// states are those of the violations that do not stand alike in two runs.
func (s *Store) states(ctx context.Context, a, b int64) (was, is States, err error) {
	was, err = s.statesIn(ctx, a, b)
	if err == nil {
		is, err = s.statesIn(ctx, b, a)
	}
	return was, is, err
}

func (s *Store) statesIn(ctx context.Context, in, out int64) (States, error) {
	all := States{}
	if in == out {
		return all, nil
	}
	condition, args := parted(in, out)
	err := each(ctx, s.db, `SELECT `+violationColumns+`, t.state, t.severity, t.detail FROM states t JOIN violations v ON v.id = t.violation WHERE `+condition, args,
		func(scan func(...any) error) error {
			var v residency.OpenViolation
			if err := scan(append(violationFields(&v), &v.State, &v.Severity, &v.Detail)...); err != nil {
				return err
			}
			unescape(&v)
			all[v.Violation] = v
			return nil
		})
	return all, err
}

// newlyUnknown adds what became unknown. What was a violation before is not re-examined, and said so already.
func (s *Store) newlyUnknown(ctx context.Context, a, b int64, was States, c *residency.Comparison) error {
	before, err := s.unknownIn(ctx, a, b)
	if err != nil {
		return err
	}
	now, err := s.unknownIn(ctx, b, a)
	if err != nil {
		return err
	}
	failed := map[residency.Matter]bool{}
	for id := range was {
		failed[id.Matter()] = true
	}
	for m, line := range now {
		if _, already := before[m]; already || failed[m] { // for another reason
			continue
		}
		var v struct{ Reason string }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			return fmt.Errorf("the verdict on %s: %w", m.Resource, err)
		}
		c.Differences = append(c.Differences, residency.Difference{Change: residency.NewlyUnknown, Control: m.Control, Resource: m.Resource, Zone: m.Zone, Detail: v.Reason})
	}
	return nil
}

// unknownIn are the verdicts of what is unknown in one run and not, or not so, in another.
func (s *Store) unknownIn(ctx context.Context, in, out int64) (map[residency.Matter]string, error) {
	all := map[residency.Matter]string{}
	if in == out {
		return all, nil
	}
	condition, args := parted(in, out)
	err := each(ctx, s.db, `SELECT m.control, m.resource, m.zone, x.line FROM unknowns t JOIN matters m ON m.id = t.matter JOIN verdicts x ON x.id = t.verdict WHERE `+condition, args,
		func(scan func(...any) error) error {
			var m residency.Matter
			var line string
			err := scan(&m.Control, &m.Resource, &m.Zone, &line)
			m.Resource = inside(m.Resource)
			all[m] = line
			return err
		})
	return all, err
}

func (s *Store) newlyUncovered(ctx context.Context, a, b int64, c *residency.Comparison) error {
	if a == b {
		return nil
	}
	condition, args := parted(b, a)
	return each(ctx, s.db, `SELECT g.scanner, g.account, g.region, g.call, g.class FROM uncovered t JOIN gaps g ON g.id = t.gap WHERE `+condition, args, func(scan func(...any) error) error {
		var g Gap
		if err := scan(&g.Scanner, &g.Account, &g.Region, &g.Call, &g.Class); err != nil {
			return err
		}
		c.Differences = append(c.Differences, residency.Difference{Change: residency.Uncovered, Account: inside(g.Account), Region: inside(g.Region),
			Detail: strings.TrimSpace(inside(g.Scanner) + " " + inside(g.Call) + " " + g.Class)})
		return nil
	})
}
