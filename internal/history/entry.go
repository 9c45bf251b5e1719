package history

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Entry is one entry of the log: a run, a heartbeat, or what else was signed.
type Entry struct {
	Sequence int64 // in the log, from 0
	Kind     string
	RunID    string
	Begun    time.Time // the attempt
	Time     time.Time // of the entry
	Manifest string    // SHA-256 of a run's manifest
	Reason   string
	Run      *Run   // nil: it is none, or nothing of it is known
	Problem  string // why nothing of a run is known: its folder is gone, or does not verify
}

// Run is what a run's folder tells. The last three are not read back with it.
type Run struct {
	Ended, Observed                         time.Time
	Conclusion                              residency.Conclusion
	Complete                                bool
	Policies, Config, Tool, Build, Verdicts string // digests, and the tool's version
	Totals                                  map[residency.Outcome]int
	Stores                                  int    // data stores assigned to a zone
	Gaps                                    int    // questions without an answer
	FirstGap                                string // of them, for a reader

	Violations []residency.OpenViolation // as the run left them; those that it proved ended may be among them
	Findings   []Finding
	Uncovered  []Gap
}

// Finding is a verdict that failed, was waived or is unknown.
type Finding struct {
	residency.Matter
	Outcome residency.Outcome
	Line    string // canonical, without line end
}

// Gap is a question without an answer, whatever resources it names.
type Gap struct{ Scanner, Account, Region, Call, Class string }

func (e *Entry) same(o *Entry) bool {
	return e.Sequence == o.Sequence && e.Kind == o.Kind && e.RunID == o.RunID && e.Manifest == o.Manifest
}

const entryColumns = `e.sequence, e.kind, e.run, e.begun, e.time, e.manifest, e.reason, e.problem, r.sequence IS NOT NULL, coalesce(r.ended, 0), coalesce(r.observed, 0),
	coalesce(r.conclusion, ''), coalesce(r.complete, 0), coalesce(r.policies, ''), coalesce(r.config, ''), coalesce(r.tool, ''), coalesce(r.build, ''), coalesce(r.verdicts, ''),
	coalesce(r.passed, 0), coalesce(r.failed, 0), coalesce(r.waived, 0), coalesce(r.unknown, 0), coalesce(r.unconcerned, 0), coalesce(r.stores, 0), coalesce(r.gaps, 0),
	coalesce(r.first_gap, '')`

// scanEntry reads the columns of an entry with its run, which may be none.
func scanEntry(scan func(...any) error) (e Entry, err error) {
	var known bool
	var begun, at, ended, observed int64
	var counts [5]int
	r := Run{Totals: map[residency.Outcome]int{}}
	err = scan(&e.Sequence, &e.Kind, &e.RunID, &begun, &at, &e.Manifest, &e.Reason, &e.Problem, &known, &ended, &observed, &r.Conclusion, &r.Complete,
		&r.Policies, &r.Config, &r.Tool, &r.Build, &r.Verdicts, &counts[0], &counts[1], &counts[2], &counts[3], &counts[4], &r.Stores, &r.Gaps, &r.FirstGap)
	e.Begun, e.Time, e.Reason, e.Problem = instant(begun), instant(at), inside(e.Reason), inside(e.Problem)
	if err != nil || !known {
		return e, err
	}
	r.Ended, r.Observed, r.Tool, r.FirstGap = instant(ended), instant(observed), inside(r.Tool), inside(r.FirstGap)
	for i, o := range outcomes {
		r.Totals[o] = counts[i]
	}
	e.Run = &r
	return e, nil
}

// outcomes are in the order of their columns.
var outcomes = []residency.Outcome{residency.Pass, residency.Fail, residency.Waived, residency.Unknown, residency.NotApplicable}

// Last is the last entry that was recorded, and whether there is one.
func (s *Store) Last(ctx context.Context) (e Entry, ok bool, err error) {
	err = each(ctx, s.db, `SELECT `+entryColumns+` FROM entries e LEFT JOIN runs r ON r.sequence = e.sequence
		ORDER BY e.sequence DESC LIMIT 1`, nil, func(scan func(...any) error) error {
		ok = true
		e, err = scanEntry(scan)
		return err
	})
	return e, ok, s.explain(err)
}

// Runs are the runs, heartbeats and other entries begun from one instant to before another, in the log's order; a zero time is no bound.
func (s *Store) Runs(ctx context.Context, from, to time.Time) (all []Entry, err error) {
	query, args := `SELECT `+entryColumns+` FROM entries e LEFT JOIN runs r ON r.sequence = e.sequence WHERE e.begun >= $1`, []any{micro(from)}
	if !to.IsZero() {
		query, args = query+` AND e.begun < $2`, append(args, micro(to))
	}
	err = each(ctx, s.db, query+` ORDER BY e.sequence`, args, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		all = append(all, e)
		return err
	})
	return all, s.explain(err)
}

// Agrees makes sure that what is recorded is what the log says: entry by entry, by kind, run and manifest. It gives a ForeignError where
// not, and the number of entries that are recorded.
func (s *Store) Agrees(ctx context.Context, log []Entry) (recorded int, err error) {
	err = each(ctx, s.db, `SELECT sequence, kind, run, manifest FROM entries ORDER BY sequence`, nil, func(scan func(...any) error) error {
		var e Entry
		if err := scan(&e.Sequence, &e.Kind, &e.RunID, &e.Manifest); err != nil {
			return err
		}
		if recorded >= len(log) || !log[recorded].same(&e) {
			return &ForeignError{s.name, e.Sequence}
		}
		recorded++
		return nil
	})
	return recorded, s.explain(err)
}

func insertEntry(ctx context.Context, tx *sql.Tx, e *Entry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO entries (sequence, kind, run, begun, time, manifest, reason, problem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.Sequence, e.Kind, e.RunID, micro(e.Begun), micro(e.Time), e.Manifest, outside(e.Reason), outside(e.Problem))
	if err != nil {
		return fmt.Errorf("record entry %d: %w", e.Sequence, err)
	}
	r := e.Run
	if r == nil {
		return nil
	}
	complete := 0
	if r.Complete {
		complete = 1
	}
	args := []any{e.Sequence, micro(r.Ended), micro(r.Observed), string(r.Conclusion), complete, r.Policies, r.Config, outside(r.Tool), r.Build, r.Verdicts}
	for _, o := range outcomes {
		args = append(args, r.Totals[o])
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO runs (sequence, ended, observed, conclusion, complete, policies, config, tool, build, verdicts, passed, failed, waived, unknown,
		unconcerned, stores, gaps, first_gap) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		append(args, r.Stores, r.Gaps, outside(r.FirstGap))...)
	if err != nil {
		return fmt.Errorf("record run %s: %w", e.RunID, err)
	}
	return nil
}
