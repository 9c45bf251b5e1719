package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Rebuilt says what became of the database that was there before.
type Rebuilt struct {
	Kept   string // where the damaged file is now; empty: there was none
	Nights int    // that were taken over
	Lost   error  // why the nights could not be taken over; nil: they were
}

// Rebuild makes the index at an address anew. fill records every entry of the log into an empty database in a file beside, scratch, and
// what it holds then replaces the rows in one transaction: until then everything is as it was, and whoever else has the database open
// keeps it. The nights stay. A SQLite file that is damaged is put aside and the new one takes its place, with the nights as far as they
// can be read.
func Rebuild(ctx context.Context, dsn, scratch string, fill func(*Store) error) (done Rebuilt, err error) {
	if err := removeFile(scratch); err != nil { // left by one that was killed
		return done, fmt.Errorf("rebuild the history: %w", err)
	}
	fresh, err := Open(ctx, scratch)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, fresh.Close(), removeFile(scratch)) }()
	if err := fill(fresh); err != nil {
		return done, err
	}
	old, err := Open(ctx, dsn)
	if err == nil {
		err = errors.Join(old.replace(ctx, fresh, &done), old.Close())
	}
	path, is := IsPath(dsn)
	if !is || !Damaged(err) {
		return done, err
	}
	done.Nights, done.Lost = salvage(ctx, path, fresh)
	if err := fresh.Close(); err != nil { // brings all of it into one file
		return done, err
	}
	done.Kept = path + ".damaged"
	return done, swap(path, done.Kept, scratch)
}

// indexTables hold what the log and the runs tell, each after those that it refers to.
var indexTables = []struct {
	name    string
	columns []string
}{
	{"entries", []string{"sequence", "kind", "run", "begun", "time", "manifest", "reason", "problem"}},
	{"runs", []string{"sequence", "ended", "observed", "conclusion", "complete", "policies", "config", "tool", "build", "verdicts", "passed", "failed", "waived", "unknown",
		"unconcerned", "stores", "gaps", "first_gap"}},
	{verdictTexts.table, append([]string{"id", "digest"}, verdictTexts.columns...)},
	{violationTuples.table, append([]string{"id", "digest"}, violationTuples.columns...)},
	{matterTuples.table, append([]string{"id", "digest"}, matterTuples.columns...)},
	{gapTuples.table, append([]string{"id", "digest"}, gapTuples.columns...)},
	{"spells", []string{"violation", "opened", "closed", "last_seen", "ending"}},
	{stateIntervals.table, append([]string{stateIntervals.key, "since", "until"}, stateIntervals.columns...)},
	{unknownIntervals.table, append([]string{unknownIntervals.key, "since", "until"}, unknownIntervals.columns...)},
	{uncoveredIntervals.table, append([]string{uncoveredIntervals.key, "since", "until"}, uncoveredIntervals.columns...)},
}

// replace puts the index of another database in the place of this one's.
func (s *Store) replace(ctx context.Context, fresh *Store, done *Rebuilt) error {
	if err := s.check(ctx); err != nil {
		return s.explain(err)
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		for i := len(indexTables) - 1; i >= 0; i-- {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+indexTables[i].name); err != nil {
				return fmt.Errorf("clear %s: %w", indexTables[i].name, err)
			}
		}
		for _, t := range indexTables {
			if err := copyTable(ctx, tx, fresh.db, t.name, t.columns); err != nil {
				return err
			}
		}
		return tx.QueryRowContext(ctx, `SELECT count(*) FROM nights`).Scan(&done.Nights)
	})
}

func copyTable(ctx context.Context, to *sql.Tx, from reader, table string, columns []string) error {
	in := inserter{tx: to, table: table, columns: columns}
	err := each(ctx, from, "SELECT "+strings.Join(columns, ", ")+" FROM "+table, nil, func(scan func(...any) error) error {
		values, fields := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			fields[i] = &values[i]
		}
		if err := scan(fields...); err != nil {
			return err
		}
		return in.add(ctx, values...)
	})
	if err != nil {
		return fmt.Errorf("copy %s: %w", table, err)
	}
	return in.flush(ctx)
}

// check looks through a SQLite file for damage that has not been met yet.
func (s *Store) check(ctx context.Context) error {
	if s.path == "" {
		return nil
	}
	var found string
	if err := s.db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return &Fault{Name: s.name, cause: damaged, reason: errors.New(found)}
	}
	return nil
}

var nightColumns = []string{"due", "state", "holder", "lease", "attempts", "begun", "ended", "run", "problem"}

// salvage takes the nights of a damaged file over, all of them or none.
func salvage(ctx context.Context, path string, fresh *Store) (n int, err error) {
	old, err := connectSQLite(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = old.Close() }() // it is damaged
	err = fresh.write(ctx, func(tx *sql.Tx) error {
		if err := copyTable(ctx, tx, old.db, "nights", nightColumns); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT count(*) FROM nights`).Scan(&n)
	})
	return n, err
}

// beside are the files that SQLite keeps beside its own.
var beside = []string{"", "-wal", "-shm"}

func removeFile(path string) error {
	for _, suffix := range beside {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// swap puts a damaged file aside and a new one in its place.
func swap(path, aside, fresh string) error {
	for _, suffix := range beside {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("put the damaged history aside: %w", err)
		}
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("put the new history in its place: %w", err)
	}
	return nil
}
