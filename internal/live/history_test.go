//go:build live

package live

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/history/historytest"
)

// TestHistoryOnPostgres runs the suite that SQLite passes against PostgreSQL.
func TestHistoryOnPostgres(t *testing.T) {
	historytest.Suite(t, startPostgres(t).fresh)
}

// TestHistoryPostgresKilled ends the connection of a recording at random points, and the server itself at some of them. Each time the
// database holds whole nights and nothing of another, and the recording goes on where it was.
func TestHistoryPostgresKilled(t *testing.T) {
	const nights = 100
	p := startPostgres(t)
	dsn := p.fresh(t)
	log, left := historytest.Log(nights, 150)
	random, kills, least, most := rand.New(rand.NewPCG(1, 2)), 0, 0, 0
	for try := range 100 {
		s, err := history.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		n := historytest.Holds(t, s, log, left)
		if n < least || n > most { // what the errors said of it was true
			t.Fatalf("%d nights, not %d to %d", n, least, most)
		}
		killer := p.client(t, "postgres") // ahead of the recording, which does not wait for it
		recorded, done := n, make(chan error, 1)
		go func() {
			for _, e := range log[n:] {
				if err := s.Record(t.Context(), e); err != nil {
					done <- err
					return
				}
				recorded++
			}
			done <- nil
		}()
		time.Sleep(time.Duration(random.IntN(60_000)) * time.Microsecond) // where it happens to be: that is the point
		if try%8 == 7 {
			p.kill()
		} else {
			killer(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'domicile'")
		}
		err = <-done
		least, most = recorded, recorded
		if err != nil {
			kills++
			nothing, unknown := strings.Contains(err.Error(), "nothing was recorded"), strings.Contains(err.Error(), "whether it was recorded is not known")
			if !strings.Contains(err.Error(), "cannot be reached") || nothing == unknown {
				t.Errorf("killed: %v", err)
			}
			if unknown { // the answer to the commit did not come
				most++
			}
		}
		_ = s.Close() // its connections are gone
		if try%8 == 7 {
			p.start(t)
		}
		if err == nil && n == nights {
			break
		}
	}
	if kills < 10 {
		t.Errorf("killed %d times only", kills)
	}
	s, err := history.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, e := range log {
		if err := s.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if n := historytest.Holds(t, s, log, left); n != nights {
		t.Errorf("%d of %d nights", n, nights)
	}
	t.Logf("killed %d times", kills)
}

// TestHistoryPostgresFaults: a server that takes no writing, one that is full, one that is not there, and a user without rights are told
// in one line, without the password, and leave nothing half.
func TestHistoryPostgresFaults(t *testing.T) {
	p := startPostgres(t)
	log, left := historytest.Log(3, 20)
	for name, tc := range map[string]struct{ spoil, heal, want string }{
		// The server's own error for a full disk, given by a trigger in the middle of the night.
		"full": {`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'No space left on device'; END $$;
			CREATE TRIGGER full_disk BEFORE INSERT ON spells EXECUTE FUNCTION full_disk()`, `DROP TRIGGER full_disk ON spells`, "is full: nothing was recorded"},
		"read only": {`ALTER DATABASE %s SET default_transaction_read_only = on`, `ALTER DATABASE %s SET default_transaction_read_only = off`, "give this user write access"},
		"newer": {`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`, `DELETE FROM goose_db_version WHERE version_id = 99`,
			"later version of domicile (newer: its tables have version 99, and this program knows 1): use that one"},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := p.fresh(t)
			database := fmt.Sprint("test", p.made)
			query := func(q string) {
				if strings.Contains(q, "%s") { // of the database, not in it
					p.exec(t, "postgres", fmt.Sprintf(q, database))
					return
				}
				p.exec(t, database, q)
			}
			record := func(e history.Entry) error {
				s, err := history.Open(t.Context(), strings.Replace(dsn, "domicile@", "domicile:s3cret@", 1))
				if err != nil {
					return err
				}
				defer s.Close()
				return s.Record(t.Context(), e)
			}
			for _, e := range log[:2] {
				if err := record(e); err != nil {
					t.Fatal(err)
				}
			}
			query(tc.spoil)
			if err := record(log[2]); err == nil || !strings.Contains(err.Error(), tc.want) || strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v", err)
			}
			query(tc.heal)
			s, err := history.Open(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if n := historytest.Holds(t, s, log, left); n != 2 {
				t.Errorf("%d entries", n)
			}
			if err := record(log[2]); err != nil {
				t.Error(err)
			}
		})
	}
	for name, tc := range map[string]struct{ dsn, want string }{
		"no database": {p.dsn("nothing"), `database "nothing" does not exist`},
		"no server":   {strings.Replace(p.dsn("postgres"), "host=", "host=%2Fnowhere", 1), "cannot be reached"},
	} {
		_, err := history.Open(t.Context(), strings.Replace(tc.dsn, "domicile@", "domicile:s3cret@", 1))
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestHistoryCommandOnPostgres: the commands tell the same from PostgreSQL as from SQLite, before and after the database was made anew.
func TestHistoryCommandOnPostgres(t *testing.T) {
	domicile, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p, dir := startPostgres(t), t.TempDir()
	fixture, err := filepath.Abs("../../fixtures/three-zones")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(fixture, "domicile.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	config = fmt.Appendf(config, "\nhistory: {dsn: %q}\n", p.fresh(t))
	if err := os.WriteFile(filepath.Join(dir, "server.yaml"), config, 0o644); err != nil {
		t.Fatal(err)
	}
	do := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(domicile, args...)
		cmd.Dir, cmd.Env = dir, cleanEnvironment()
		out, err := cmd.Output()
		if err != nil {
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				t.Fatalf("%v: %v\n%s", args, err, exit.Stderr)
			}
			t.Fatal(err)
		}
		return string(out)
	}
	for range 2 {
		do("scan", "--replay", fixture, "--exit-zero", "--quiet")
	}
	do("history", "hold", "latest", "--reason", "case", "--ticket", "T-1")
	file, server := do("history", "-o", "json"), do("history", "-o", "json", "--config", "server.yaml")
	if file != server || !strings.Contains(server, `"first_seen": "2026-11-22T02:00:00Z"`) {
		t.Errorf("from a file:\n%s\nfrom a server:\n%s", file, server)
	}
	if got := do("history", "rebuild", "--config", "server.yaml"); !strings.Contains(got, "with 3 entries of the log and 0 nights") || !strings.Contains(got, "made anew: postgres://"+p.dir+"/test1") {
		t.Error(got)
	}
	if again := do("history", "-o", "json", "--config", "server.yaml"); again != server {
		t.Errorf("after it was made anew:\n%s", again)
	}
}
