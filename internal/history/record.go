package history

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Record records one entry of the log with what its run left, in one transaction. One that is recorded already changes nothing; one whose
// predecessor is missing, or that is another than the one recorded, is refused.
func (s *Store) Record(ctx context.Context, e Entry) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		n, err := last(ctx, tx)
		switch {
		case err != nil:
			return err
		case e.Sequence > n+1:
			return fmt.Errorf("record entry %d: the last one recorded is %d: those between come first", e.Sequence, n)
		case e.Sequence <= n:
			was := Entry{Sequence: e.Sequence}
			err := tx.QueryRowContext(ctx, `SELECT kind, run, manifest FROM entries WHERE sequence = $1`, e.Sequence).Scan(&was.Kind, &was.RunID, &was.Manifest)
			if err == nil && !was.same(&e) {
				err = &ForeignError{s.name, e.Sequence}
			}
			return err
		}
		if err := insertEntry(ctx, tx, &e); err != nil || e.Run == nil {
			return err
		}
		r := recording{tx: tx, sequence: e.Sequence, run: e.Run}
		return r.all(ctx)
	})
}

// recording is the transaction that records what one run left.
type recording struct {
	tx       *sql.Tx
	sequence int64
	run      *Run
	texts    map[residency.Matter]int64 // the verdict of each finding
}

func (r *recording) all(ctx context.Context) error {
	for _, part := range []func(context.Context) error{r.findings, r.unknowns, r.violations, r.uncovered} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *recording) findings(ctx context.Context) error {
	lines, digests := map[string][]any{}, make([]string, len(r.run.Findings))
	for i, f := range r.run.Findings {
		digests[i] = digest(f.Line)
		lines[digests[i]] = []any{f.Line} // JSON: no NUL in it
	}
	ids, err := verdictTexts.numbers(ctx, r.tx, lines)
	r.texts = make(map[residency.Matter]int64, len(ids))
	for i, f := range r.run.Findings {
		r.texts[f.Matter] = ids[digests[i]]
	}
	return err
}

func (r *recording) unknowns(ctx context.Context) error {
	matters, of := map[string][]any{}, map[string]residency.Matter{}
	for _, f := range r.run.Findings {
		if f.Outcome == residency.Unknown {
			d := digest(f.Control, f.Resource, f.Zone)
			matters[d], of[d] = []any{f.Control, outside(f.Resource), f.Zone}, f.Matter
		}
	}
	ids, err := matterTuples.numbers(ctx, r.tx, matters)
	if err != nil {
		return err
	}
	after := make(map[int64][]any, len(ids))
	for d, id := range ids {
		after[id] = []any{r.texts[of[d]]}
	}
	before, err := unknownIntervals.now(ctx, r.tx)
	if err != nil {
		return err
	}
	_, _, err = unknownIntervals.turn(ctx, r.tx, r.sequence, before, after)
	return err
}

func (r *recording) uncovered(ctx context.Context) error {
	gaps := map[string][]any{}
	for _, g := range r.run.Uncovered {
		gaps[digest(g.Scanner, g.Account, g.Region, g.Call, g.Class)] = []any{outside(g.Scanner), outside(g.Account), outside(g.Region), outside(g.Call), outside(g.Class)}
	}
	ids, err := gapTuples.numbers(ctx, r.tx, gaps)
	if err != nil {
		return err
	}
	after := make(map[int64][]any, len(ids))
	for _, id := range ids {
		after[id] = []any{}
	}
	before, err := uncoveredIntervals.now(ctx, r.tx)
	if err != nil {
		return err
	}
	_, _, err = uncoveredIntervals.turn(ctx, r.tx, r.sequence, before, after)
	return err
}

// tuple is a violation's digest and row.
func tuple(v *residency.OpenViolation) (string, []any) {
	return digest(v.Control, v.Resource, v.Zone, string(v.Role), v.Region, v.Account, v.Target),
		[]any{v.Control, outside(v.Resource), v.Zone, string(v.Role), outside(v.Region), outside(v.Account), outside(v.Target), v.Kind}
}

func (r *recording) violations(ctx context.Context) error {
	tuples, digests := map[string][]any{}, make([]string, len(r.run.Violations))
	for i := range r.run.Violations {
		d, row := tuple(&r.run.Violations[i])
		tuples[d], digests[i] = row, d
	}
	ids, err := violationTuples.numbers(ctx, r.tx, tuples)
	if err != nil {
		return err
	}
	before, err := stateIntervals.now(ctx, r.tx)
	if err != nil {
		return err
	}
	after, endings := map[int64][]any{}, map[int64]string{}
	for i := range r.run.Violations {
		v, id := &r.run.Violations[i], ids[digests[i]]
		if v.State.Stands() {
			after[id] = r.state(v, before[id])
		} else {
			endings[id] = v.Detail
		}
	}
	begun, ended, err := stateIntervals.turn(ctx, r.tx, r.sequence, before, after)
	if err != nil {
		return err
	}
	return r.spells(ctx, begun, ended, before, endings)
}

// state is the row of a violation that stands: what it is now, and the verdict that last showed it.
func (r *recording) state(v *residency.OpenViolation, before []any) []any {
	var seen, verdict any
	if !v.LastSeen.Equal(r.run.Observed) { // else every run of the interval sees it, and none has to be written down
		seen = micro(v.LastSeen)
	}
	if before != nil {
		verdict = before[stateVerdict]
	}
	if id, judged := r.texts[v.Matter()]; judged && seen == nil {
		verdict = id
	}
	return []any{string(v.State), string(v.Severity), outside(v.ResourceAccount), outside(v.ResourceRegion), seen, outside(v.Detail), verdict}
}

func (r *recording) spells(ctx context.Context, begun, ended []int64, before map[int64][]any, endings map[int64]string) error {
	in := inserter{tx: r.tx, table: "spells", columns: []string{"violation", "opened", "ending"}}
	for _, id := range begun {
		if err := in.add(ctx, id, r.sequence, ""); err != nil {
			return err
		}
	}
	if err := in.flush(ctx); err != nil || len(ended) == 0 {
		return err
	}
	seen, err := lastSeen(ctx, r.tx, r.sequence)
	if err != nil {
		return err
	}
	for _, id := range ended {
		var at any = seen
		if earlier := before[id][stateLastSeen]; earlier != nil {
			at = earlier
		}
		_, err := r.tx.ExecContext(ctx, `UPDATE spells SET closed = $1, last_seen = $2, ending = $3 WHERE violation = $4 AND closed IS NULL`, r.sequence, at, outside(endings[id]), id)
		if err != nil {
			return fmt.Errorf("write spells: %w", err)
		}
	}
	return nil
}
