package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"domicile": main, "domicile-at": mainAt})
}

// mainAt is main with a clock that starts at the time in DOMICILE_TEST_NOW.
func mainAt() {
	start, err := time.Parse(time.RFC3339, os.Getenv("DOMICILE_TEST_NOW"))
	if err != nil {
		panic(err)
	}
	began := time.Now()
	os.Exit(program(func() time.Time { return start.Add(time.Since(began)) }))
}

// TestScripts runs the command as a user does. Every script starts in a folder with estate/, a small recording, and with an
// environment that holds no credentials.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		ContinueOnError:     true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			fixtures, err := filepath.Abs("../../fixtures")
			if err != nil {
				return err
			}
			e.Setenv("FIXTURES", fixtures)
			return os.CopyFS(filepath.Join(e.WorkDir, "estate"), os.DirFS("testdata/estate"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "refused": refused, "aws": startAWS, "truncate": truncate, "flip": flip, "today": today, "night": nightDone, "nights": nightsOfStore, "hook": startHook, "sent": sentTo,
		},
	})
}

// domicile runs the command in the script's folder and returns its exit code.
func domicile(ts *testscript.TestScript, args []string) int {
	err := ts.Exec("domicile", args...)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	ts.Fatalf("domicile: %v", err)
	return -1
}

// exits CODE ARG… runs domicile and checks its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := domicile(ts, args[1:]); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// refused REGEXP ARG… runs domicile and checks that it refuses: exit code 1, one line on stderr that matches, nothing on stdout,
// and no run or part of one left behind.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: refused REGEXP ARG…")
	}
	if got := domicile(ts, args[1:]); got != exitError {
		ts.Fatalf("exit code %d, want %d", got, exitError)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout: %q", out)
	}
	line := ts.ReadFile("stderr")
	if strings.Count(line, "\n") != 1 || !strings.HasPrefix(line, "domicile: ") || !strings.HasSuffix(line, "\n") {
		ts.Fatalf("stderr is not one line of domicile's: %q", line)
	}
	match, err := regexp.MatchString(args[0], line)
	ts.Check(err)
	if !match {
		ts.Fatalf("stderr %q does not match %q", line, args[0])
	}
	if left := runsIn(ts, "runs"); len(left) > 0 {
		ts.Fatalf("left behind: %v", left)
	}
}

// runsIn lists a store, parts of runs included.
func runsIn(ts *testscript.TestScript, store string) (names []string) {
	entries, err := os.ReadDir(ts.MkAbs(store))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		ts.Fatalf("%v", err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// truncate FILE BYTES cuts that many bytes off the end of a file.
func truncate(ts *testscript.TestScript, _ bool, args []string) {
	data, n := fileAndNumber(ts, args)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data[:len(data)-n], 0o644))
}

// flip FILE BYTES inverts the byte that stands that far from the end.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	data, n := fileAndNumber(ts, args)
	data[len(data)-n] ^= 0xff
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
}

// today FILE writes the day of today for TODAY, and that of a month later for LATER: a check is judged at the time of the clock.
func today(ts *testscript.TestScript, _ bool, args []string) {
	now := time.Now().UTC()
	dates := strings.NewReplacer("TODAY", now.Format(time.DateOnly), "LATER", now.AddDate(0, 0, 30).Format(time.DateOnly))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(dates.Replace(ts.ReadFile(args[0]))), 0o644))
}

func fileAndNumber(ts *testscript.TestScript, args []string) ([]byte, int) {
	if len(args) != 2 {
		ts.Fatalf("usage: FILE BYTES")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	data := []byte(ts.ReadFile(args[0]))
	if n > len(data) {
		ts.Fatalf("%s has %d bytes only", args[0], len(data))
	}
	return data, n
}
