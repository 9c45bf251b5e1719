// Package history remembers: a database of what happened, night after night. It is an index of the signed log and of the run folders,
// which are the truth, so that it can be made anew from them at any time. The nights of the schedule and their leases alone are nowhere
// else. One address is one store's: a SQLite file, or PostgreSQL for a team, with the same tables and the same queries.
//
// A violation has one row for each interval of runs in which it stood unchanged: what does not change costs nothing. The text of a
// verdict is kept once, by its digest.
package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Store is an open database. It may be shared by goroutines.
type Store struct {
	db   *sql.DB
	kind kind
	name string // for messages: without user and password
	path string // of the SQLite file; empty: PostgreSQL
}

// Open opens the database of a store and brings its tables up to this version: postgres://USER@HOST/DATABASE, or the path of a SQLite
// file, which is made where there is none. Its errors name the database, without a password, and the cure.
func Open(ctx context.Context, dsn string) (*Store, error) {
	s, err := connect(dsn)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(s.explain(err), s.db.Close())
	}
	return s, nil
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// Name is the database for a reader, without user and password.
func (s *Store) Name() string { return s.name }

// committing is how long an answer to a commit is waited for.
const committing = time.Minute

// write does something in one transaction, beside which nobody else records. Who cancels ends it, but for its commit: once that is sent
// the database may carry it out whether or not anybody waits, so that only its answer says what became of it.
func (s *Store) write(ctx context.Context, do func(*sql.Tx) error) error {
	whole, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	cancellable := context.AfterFunc(ctx, stop)
	tx, err := s.db.BeginTx(whole, nil)
	if err != nil {
		return s.explain(err)
	}
	if s.kind.lock != "" {
		_, err = tx.ExecContext(ctx, s.kind.lock)
	}
	if err == nil {
		err = do(tx)
	}
	if err == nil && !cancellable() {
		err = ctx.Err()
	}
	if err != nil {
		_ = tx.Rollback() // nothing of it stays, whatever rolling back says: the connection may be gone
		return s.explain(err)
	}
	defer time.AfterFunc(committing, stop).Stop()
	return s.explainCommit(tx.Commit())
}

// reader is a database or a transaction.
type reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// each calls do with every row of a query.
func each(ctx context.Context, r reader, query string, args []any, do func(scan func(...any) error) error) (err error) {
	rows, err := r.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := do(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// micro is an instant as it is kept; 0 for none.
func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is what micro kept.
func instant(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// last is the sequence of the last entry, -1 before the first.
func last(ctx context.Context, r reader) (n int64, err error) {
	err = r.QueryRowContext(ctx, `SELECT coalesce(max(sequence), -1) FROM entries`).Scan(&n)
	return n, err
}

// lastSeen is when the last run before another observed, for what that run still saw; 0 where there is none.
func lastSeen(ctx context.Context, r reader, before int64) (observed int64, err error) {
	err = r.QueryRowContext(ctx, `SELECT observed FROM runs WHERE sequence < $1 ORDER BY sequence DESC LIMIT 1`, before).Scan(&observed)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return observed, err
}

// ForeignError says that the database and the log do not tell of the same store.
type ForeignError struct {
	Name     string
	Sequence int64
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("the history %s does not agree with entry %d of the log: it belongs to another store, or the log was changed: see domicile verify, then make it anew with domicile history rebuild",
		e.Name, e.Sequence)
}
