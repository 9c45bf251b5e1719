package history

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// errNewer is a database of a later version of this program.
var errNewer = errors.New("newer")

// migrate brings the tables up to this version. Two processes may start at once: the one that comes second finds its step taken, or the
// file being made, for which SQLite lets nobody wait; it looks again.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := s.steps()
	if err != nil {
		return err
	}
	patience := time.NewTimer(busy)
	defer patience.Stop()
	for tries := 0; ; tries++ {
		err := s.up(ctx, steps)
		var f *Fault
		held := errors.As(s.explain(err), &f) && f.cause == locked
		if err == nil || errors.Is(err, errNewer) || !held && tries > len(steps) {
			return err
		}
		select {
		case <-patience.C:
			return err
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Store) up(ctx context.Context, steps []*goose.Migration) error {
	p, err := goose.NewProvider(s.kind.dialect, s.db, nil, goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("prepare the tables: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the tables: %w", err)
	}
	if known := int64(len(steps)); have > known {
		return fmt.Errorf("%w: its tables have version %d, and this program knows %d", errNewer, have, known)
	} else if have == known {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	return nil
}

// steps are the migrations, numbered from 1 in the order of their names, as this database wants them.
func (s *Store) steps() ([]*goose.Migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for i, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		step := func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, s.kind.tables.Replace(string(text)))
			return err
		}
		steps = append(steps, goose.NewGoMigration(int64(i+1), &goose.GoFunc{RunTx: step}, nil))
	}
	return steps, nil
}
