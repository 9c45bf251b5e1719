package history

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// intervals is a table that says what holds of things, from one run up to another.
type intervals struct {
	table   string
	key     string   // column of the thing's number
	columns []string // of what holds of it
}

var (
	stateIntervals     = intervals{"states", "violation", []string{"state", "severity", "resource_account", "resource_region", "last_seen", "detail", "verdict"}}
	unknownIntervals   = intervals{"unknowns", "matter", []string{"verdict"}}
	uncoveredIntervals = intervals{"uncovered", "gap", nil}
)

// The places of what later runs look at among the columns of a state.
const (
	stateLastSeen = 4
	stateVerdict  = 6
)

// now reads what holds, by the thing's number. Values are int64, string or nil.
func (i intervals) now(ctx context.Context, tx *sql.Tx) (map[int64][]any, error) {
	held := map[int64][]any{}
	err := each(ctx, tx, "SELECT "+strings.Join(append([]string{i.key}, i.columns...), ", ")+" FROM "+i.table+" WHERE until IS NULL", nil, func(scan func(...any) error) error {
		var id int64
		values := make([]any, len(i.columns))
		to := []any{&id}
		for n := range values {
			to = append(to, &values[n])
		}
		err := scan(to...)
		held[id] = values
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", i.table, err)
	}
	return held, nil
}

// turn writes what holds from a run on in place of what held before: nothing for what stays as it is. It tells which things are new and
// which are no more.
func (i intervals) turn(ctx context.Context, tx *sql.Tx, run int64, before, after map[int64][]any) (begun, ended []int64, err error) {
	var closed []int64
	for _, id := range slices.Sorted(maps.Keys(before)) {
		values, still := after[id]
		if !still {
			ended = append(ended, id)
		}
		if !still || !slices.Equal(values, before[id]) {
			closed = append(closed, id)
		}
	}
	for part := range slices.Chunk(closed, mostArguments) {
		args := []any{run}
		for _, id := range part {
			args = append(args, id)
		}
		_, err := tx.ExecContext(ctx, "UPDATE "+i.table+" SET until = $1 WHERE until IS NULL AND "+i.key+" IN "+placeholders(2, 1, len(part)), args...)
		if err != nil {
			return nil, nil, fmt.Errorf("write %s: %w", i.table, err)
		}
	}
	in := inserter{tx: tx, table: i.table, columns: append([]string{i.key, "since"}, i.columns...)}
	for _, id := range slices.Sorted(maps.Keys(after)) {
		values, known := before[id]
		if !known {
			begun = append(begun, id)
		}
		if known && slices.Equal(values, after[id]) {
			continue
		}
		if err := in.add(ctx, append([]any{id, run}, after[id]...)...); err != nil {
			return nil, nil, err
		}
	}
	return begun, ended, in.flush(ctx)
}
