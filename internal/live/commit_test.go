//go:build live

package live

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/history/historytest"
)

// TestHistoryPostgresCommit: a commit that was sent may be carried out whatever becomes of who sent it. Who cancels meanwhile is told what
// became of it, and a connection that ends there is not told as "nothing was recorded".
func TestHistoryPostgresCommit(t *testing.T) {
	p := startPostgres(t)
	log, left := historytest.Log(2, 20)
	for name, tc := range map[string]struct {
		spoil   func(cancel context.CancelFunc, database string)
		want    string
		entries int
	}{
		"cancelled": {func(cancel context.CancelFunc, _ string) { cancel() }, "", 2},
		"ended": {func(_ context.CancelFunc, database string) {
			p.exec(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'domicile' AND datname = '"+database+"'")
		}, "whether it was recorded is not known", 1},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := p.fresh(t)
			_, database, _ := strings.Cut(strings.Split(dsn, "?")[0], "domicile@/")
			s, err := history.Open(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Record(t.Context(), log[0]); err != nil {
				t.Fatal(err)
			}
			p.exec(t, database, `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$;
				CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()`)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() { done <- s.Record(ctx, log[1]) }()
			p.sleeps(t, database)
			tc.spoil(cancel, database)
			if err = <-done; (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v", err)
			}
			if n := historytest.Holds(t, s, log, left); n != tc.entries {
				t.Errorf("%d entries", n)
			}
			if err := s.Record(t.Context(), log[1]); err != nil { // again, and not twice
				t.Error(err)
			}
			if n := historytest.Holds(t, s, log, left); n != 2 {
				t.Errorf("%d entries at the end", n)
			}
		})
	}
}

// sleeps waits until a commit in this database does.
func (p *postgres) sleeps(t *testing.T, database string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), p.dsn("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var n int
		if err := c.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event = 'PgSleep'", database).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
	t.Fatal("no commit began")
}
