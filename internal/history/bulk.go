package history

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// mostArguments bounds one statement: few enough for any database, and enough that the way to a server does not count.
const mostArguments = 400

// placeholders are $1, $2, … in groups, each in brackets: ($1,$2),($3,$4).
func placeholders(from, groups, width int) string {
	var b strings.Builder
	for g := range groups {
		if g > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for i := range width {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(from + g*width + i))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// inserter inserts rows into one table, many at a time.
type inserter struct {
	tx      *sql.Tx
	table   string
	columns []string
	args    []any
}

func (i *inserter) add(ctx context.Context, values ...any) error {
	if len(i.args)+len(values) > mostArguments {
		if err := i.flush(ctx); err != nil {
			return err
		}
	}
	i.args = append(i.args, values...)
	return nil
}

func (i *inserter) flush(ctx context.Context) error {
	if len(i.args) == 0 {
		return nil
	}
	width := len(i.columns)
	_, err := i.tx.ExecContext(ctx, "INSERT INTO "+i.table+" ("+strings.Join(i.columns, ", ")+") VALUES "+placeholders(1, len(i.args)/width, width), i.args...)
	if err != nil {
		return fmt.Errorf("write %s: %w", i.table, err)
	}
	i.args = i.args[:0]
	return nil
}

// catalogue is a table of things that are known by a digest and have a number, each once for all runs.
type catalogue struct {
	table   string
	columns []string // beside id and digest
}

var (
	verdictTexts    = catalogue{"verdicts", []string{"line"}}
	violationTuples = catalogue{"violations", []string{"control", "resource", "zone", "role", "region", "account", "target", "kind"}}
	matterTuples    = catalogue{"matters", []string{"control", "resource", "zone"}}
	gapTuples       = catalogue{"gaps", []string{"scanner", "account", "region", "call", "class"}}
)

// numbers finds the numbers of things by their digests, and gives the next free ones to those that are new.
func (c catalogue) numbers(ctx context.Context, tx *sql.Tx, things map[string][]any) (map[string]int64, error) {
	ids := make(map[string]int64, len(things))
	digests := slices.Sorted(maps.Keys(things))
	for part := range slices.Chunk(digests, mostArguments) {
		args := make([]any, len(part))
		for i, d := range part {
			args[i] = d
		}
		err := each(ctx, tx, "SELECT id, digest FROM "+c.table+" WHERE digest IN "+placeholders(1, 1, len(part)), args, func(scan func(...any) error) error {
			var id int64
			var d string
			err := scan(&id, &d)
			ids[d] = id
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", c.table, err)
		}
	}
	var next int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM "+c.table).Scan(&next); err != nil {
		return nil, fmt.Errorf("read %s: %w", c.table, err)
	}
	in := inserter{tx: tx, table: c.table, columns: append([]string{"id", "digest"}, c.columns...)}
	for _, d := range digests {
		if _, known := ids[d]; known {
			continue
		}
		next++
		ids[d] = next
		if err := in.add(ctx, append([]any{next, d}, things[d]...)...); err != nil {
			return nil, err
		}
	}
	return ids, in.flush(ctx)
}
