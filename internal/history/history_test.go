package history_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/history/historytest"
)

// TestMain lets the test binary stand for a process that records until it is killed, or that claims nights.
func TestMain(m *testing.M) {
	if path := os.Getenv("HISTORY_TEST_RECORD"); path != "" {
		recordAll(path)
	}
	if path := os.Getenv("HISTORY_TEST_CLAIM"); path != "" {
		claimAll(path)
	}
	os.Exit(m.Run())
}

// The log that processes record: large enough to be killed in the middle of a night.
const nights, width = 150, 150

func recordAll(path string) {
	ctx := context.Background()
	s, err := history.Open(ctx, path)
	if err != nil {
		panic(err)
	}
	log, _ := historytest.Log(nights, width)
	at, err := s.Agrees(ctx, log)
	if err != nil {
		panic(err)
	}
	fmt.Println("begun")
	for _, e := range log[at:] {
		if err := s.Record(ctx, e); err != nil {
			panic(err)
		}
	}
	os.Exit(0)
}

var due = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func claimAll(path string) {
	ctx := context.Background()
	s, err := history.Open(ctx, path)
	if err != nil {
		panic(err)
	}
	for n := range 200 {
		at := due.AddDate(0, 0, n)
		_, ok, err := s.Claim(ctx, at, at, fmt.Sprint("process ", os.Getpid()), time.Minute)
		if err == nil && ok {
			fmt.Println(n)
			err = s.Finish(ctx, at, at, fmt.Sprint("process ", os.Getpid()), historytest.RunID(int64(n)), "")
		}
		if err != nil {
			panic(err)
		}
	}
	os.Exit(0)
}

func TestSQLite(t *testing.T) {
	historytest.Suite(t, func(t testing.TB) string {
		dir := filepath.Join(t.TempDir(), "a store?#%41") // a name that an address could read otherwise
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, "history.db")
	})
}

func open(t testing.TB, path string) *history.Store {
	t.Helper()
	s, err := history.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestKilled kills a process that records at 30 random points. Each time the database holds whole nights and nothing of another, and the
// next process goes on.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	log, left := historytest.Log(nights, width)
	random, kills, before := rand.New(rand.NewPCG(1, 2)), 0, 0
	for range 200 {
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stderr = append(os.Environ(), "HISTORY_TEST_RECORD="+path), os.Stderr
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err == nil {
			_, err = out.Read(make([]byte, 1)) // it has begun
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.IntN(120_000)) * time.Microsecond) // where it happens to be: that is the point
		_ = cmd.Process.Kill()                                             // it may have come to its end
		err = cmd.Wait()
		s, errOpen := history.Open(t.Context(), path)
		if errOpen != nil {
			t.Fatal(errOpen)
		}
		n := historytest.Holds(t, s, log, left)
		if n < before {
			t.Fatalf("%d nights after %d", n, before)
		}
		before = n
		if errClose := s.Close(); errClose != nil {
			t.Fatal(errClose)
		}
		if err == nil {
			break
		}
		if strings.Contains(err.Error(), "exit status") {
			t.Fatal(err)
		}
		kills++
	}
	if kills < 5 || before == 0 {
		t.Errorf("killed %d times, %d nights: nothing was interrupted", kills, before)
	}
	t.Logf("killed %d times, %d of %d nights recorded", kills, before, nights)
	s := open(t, path)
	for _, e := range log {
		if err := s.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if n := historytest.Holds(t, s, log, left); n != nights {
		t.Errorf("%d of %d nights", n, nights)
	}
}

// TestTwoProcesses lets three processes race for 200 nights on one file.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	var won [3]bytes.Buffer
	var processes [3]*exec.Cmd
	for i := range processes {
		processes[i] = exec.Command(os.Args[0])
		processes[i].Env, processes[i].Stdout, processes[i].Stderr = append(os.Environ(), "HISTORY_TEST_CLAIM="+path), &won[i], os.Stderr
		if err := processes[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range processes {
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
	}
	all := strings.Fields(won[0].String() + won[1].String() + won[2].String())
	slices.Sort(all)
	if len(all) != 200 || len(slices.Compact(slices.Clone(all))) != 200 {
		t.Errorf("%d nights were taken, %d of them different", len(all), len(slices.Compact(all)))
	}
}

// TestFaults: whatever is wrong with the database, one line says what, where and what to do, and it says no secret.
func TestFaults(t *testing.T) {
	log, left := historytest.Log(4, 20)
	made := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "history.db")
		s := open(t, path)
		for _, e := range log[:2] {
			if err := s.Record(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, path string) (dsn string)
		want  string
	}{
		"no database": {func(t *testing.T, path string) string {
			return path + write(t, path, "this is no database, whatever its name says")
		}, "domicile history rebuild"},
		"cut off": {func(t *testing.T, path string) string { return path + cut(t, path) }, "domicile history rebuild"},
		"newer": {func(t *testing.T, path string) string {
			s := open(t, path)
			return path + fmt.Sprint(orEmpty(s.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)))
		}, "later version of domicile (newer: its tables have version 99, and this program knows 1): use that one"},
		"no folder":    {func(_ *testing.T, path string) string { return filepath.Join(path, "beneath", "history.db") }, "cannot be opened or written"},
		"a folder":     {func(_ *testing.T, path string) string { return filepath.Dir(path) }, "cannot be opened or written"},
		"unreachable":  {func(*testing.T, string) string { return "postgres://user:s3cret@127.0.0.1:1/runs?connect_timeout=2" }, "the history postgres://127.0.0.1:1/runs cannot be reached"},
		"bad address":  {func(*testing.T, string) string { return "postgres://user:s3cret@host:port:port/x" }, "no address of a PostgreSQL database"},
		"unknown kind": {func(*testing.T, string) string { return "mysql://user:s3cret@host/x" }, `a database "mysql" is not known`},
		"no path":      {func(*testing.T, string) string { return "sqlite:" }, "name a file"},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := tc.spoil(t, made(t))
			s, err := history.Open(t.Context(), dsn)
			if err == nil { // some damage is met later
				_, err = s.Open(t.Context(), due)
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("full", func(t *testing.T) {
		s := open(t, made(t))
		if err := s.Exec(t.Context(), `PRAGMA max_page_count = 1`); err != nil { // as large as it is, and no larger
			t.Fatal(err)
		}
		many, _ := historytest.Log(3, 2000)
		err := s.Record(t.Context(), many[2])
		if err == nil || !strings.Contains(err.Error(), "is full: nothing was recorded") {
			t.Fatalf("%v", err)
		}
		if n := historytest.Holds(t, s, log, left); n != 2 {
			t.Errorf("%d entries", n)
		}
		if err := s.Exec(t.Context(), `PRAGMA max_page_count = 1000000`); err != nil {
			t.Fatal(err)
		}
		if err := s.Record(t.Context(), many[2]); err != nil {
			t.Errorf("once there is room: %v", err)
		}
	})
	t.Run("locked", func(t *testing.T) {
		path := made(t)
		a, b := open(t, path), open(t, path)
		for s, q := range map[*history.Store]string{a: `BEGIN IMMEDIATE`, b: `PRAGMA busy_timeout = 1`} {
			if err := s.Exec(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Record(t.Context(), log[2]); err == nil || !strings.Contains(err.Error(), "is held by another process: nothing was recorded") {
			t.Errorf("%v", err)
		}
		if err := a.Exec(t.Context(), `ROLLBACK`); err != nil {
			t.Fatal(err)
		}
		if err := b.Record(t.Context(), log[2]); err != nil {
			t.Error(err)
		}
	})
	t.Run("read only", func(t *testing.T) {
		s := open(t, made(t))
		if err := s.Exec(t.Context(), `PRAGMA query_only = 1`); err != nil {
			t.Fatal(err)
		}
		if err := s.Record(t.Context(), log[2]); err == nil || !strings.Contains(err.Error(), "give this user write access") {
			t.Errorf("%v", err)
		}
	})
}

func orEmpty(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

func write(t *testing.T, path, text string) string {
	return orEmpty(os.WriteFile(path, bytes.Repeat([]byte(text), 100), 0o644))
}

// cut leaves the first part of a file.
func cut(t *testing.T, path string) string {
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return orEmpty(os.Truncate(path, info.Size()/8))
}

// TestRebuildDamaged: a file that is no database any more, or in which a page is spoilt, is put aside, and the new one takes its place;
// the nights come along where they can be read.
func TestRebuildDamaged(t *testing.T) {
	log, left := historytest.Log(6, 40)
	for name, spoil := range map[string]func(t *testing.T, path string){
		"no database": func(t *testing.T, path string) { write(t, path, "no database") },
		"a page": func(t *testing.T, path string) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at := bytes.Index(data, []byte("acme-7")) &^ 4095
			copy(data[at:at+4096], bytes.Repeat([]byte{0xff}, 4096))
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			s := open(t, path)
			for _, e := range log {
				if err := s.Record(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			if _, ok, err := s.Claim(t.Context(), due, due, "me", time.Hour); !ok || err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			spoil(t, path)
			done, err := history.Rebuild(t.Context(), path, path+".rebuild", func(fresh *history.Store) error {
				var errs []error
				for _, e := range log {
					errs = append(errs, fresh.Record(t.Context(), e))
				}
				return errors.Join(errs...)
			})
			if err != nil || done.Kept != path+".damaged" {
				t.Fatalf("%+v %v", done, err)
			}
			s = open(t, path)
			if n := historytest.Holds(t, s, log, left); n != len(log) {
				t.Errorf("%d entries", n)
			}
			nights, err := s.Nights(t.Context(), time.Time{}, time.Time{})
			if err != nil || len(nights) != done.Nights || (done.Lost == nil) != (len(nights) == 1) || name == "a page" && len(nights) != 1 {
				t.Errorf("%d nights, %+v, %v", len(nights), done, err)
			}
			if _, err := os.Stat(done.Kept); err != nil {
				t.Error(err)
			}
			if left, _ := filepath.Glob(path + ".rebuild*"); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}
