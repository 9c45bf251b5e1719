package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var severities = []residency.Severity{residency.Info, residency.Low, residency.Medium, residency.High, residency.Critical}

// TestFailOn judges one violation of each severity at each level.
func TestFailOn(t *testing.T) {
	placements := map[residency.Severity]string{
		residency.Info:     `{"role":"capability","region":"us-east-1"}`,
		residency.Low:      `{"role":"key","region":"us-east-1"}`,
		residency.Medium:   `{"role":"log","region":"us-east-1"}`,
		residency.High:     `{"role":"replica","region":"us-east-1"}`,
		residency.Critical: `{"role":"primary","region":"eu-west-1","account":"*"}`,
	}
	dir := t.TempDir()
	for _, of := range severities {
		path := filepath.Join(dir, string(of)+".ndjson")
		if err := os.WriteFile(path, []byte(fmt.Sprintf(oneBucket, placements[of])), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, level := range severities {
			var stdout, stderr bytes.Buffer
			s := inProcess(&stdout, &stderr, "judge", path, "--config", estate+"/domicile.yaml", "--fail-on", string(level), "-o", "json")
			want := exitOK
			if of.Rank() >= level.Rank() {
				want = exitFail
			}
			if code := run(t.Context(), s); code != want {
				t.Errorf("%s at --fail-on %s: exit code %d, want %d: %s", of, level, code, want, stderr.String())
			}
			conclusion := residency.ConcludeFail
			if of == residency.Info {
				conclusion = residency.ConcludePass
			}
			if want := fmt.Sprintf(`"conclusion": %q`, conclusion); !strings.Contains(stdout.String(), want) {
				t.Errorf("%s at --fail-on %s: no %s in the report", of, level, want)
			}
		}
	}
}

const oneBucket = `{"snapshot":{"schema":1,"run":"2026-11-23T02:00:00Z","tool":"0.1.0","partition":"aws","scope":{"accounts":["111111111111"],"regions":["eu-west-1"],"scanners":{"s3":"global"},"organization_accounts":["111111111111"],"narrowed":false}}}
{"resource":{"id":"arn:aws:s3:::acme-eu-files","kind":"s3.bucket","account":"111111111111","region":"eu-west-1","tags":{"data-residency":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},%s]}}
{"coverage":{"scanner":"s3","account":"111111111111","region":"global","status":"complete","resources":1,"gaps":[]}}
{"end":{"resources":1,"coverage":1}}
`

func TestExitCode(t *testing.T) {
	for name, test := range map[string]struct {
		fails    map[residency.Severity]int
		open     bool
		failOn   residency.Severity
		exitZero bool
		want     int
	}{
		"clean":                      {nil, false, residency.Low, false, exitOK},
		"open":                       {nil, true, residency.Low, false, exitNotConcluded},
		"fail":                       {map[residency.Severity]int{residency.High: 1}, false, residency.Low, false, exitFail},
		"fail beats open":            {map[residency.Severity]int{residency.High: 1}, true, residency.High, false, exitFail},
		"below the level":            {map[residency.Severity]int{residency.High: 1}, false, residency.Critical, false, exitOK},
		"below the level and open":   {map[residency.Severity]int{residency.High: 1}, true, residency.Critical, false, exitNotConcluded},
		"none of a severity":         {map[residency.Severity]int{residency.High: 0}, false, residency.Low, false, exitOK},
		"exit-zero for a fail":       {map[residency.Severity]int{residency.High: 1}, true, residency.Low, true, exitOK},
		"exit-zero for what is open": {nil, true, residency.Low, true, exitOK},
	} {
		t.Run(name, func(t *testing.T) {
			if got := exitCode(&residency.Summary{Fails: test.fails, Open: test.open}, test.failOn, test.exitZero); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
		})
	}
}

func TestCodeOf(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	broken := errors.New("disk full")
	for name, test := range map[string]struct {
		ctx  context.Context
		err  error
		code int
		text string
	}{
		"done":                  {t.Context(), nil, exitOK, ""},
		"concluded":             {t.Context(), errExit(exitFail), exitFail, ""},
		"refused":               {t.Context(), broken, exitError, "disk full"},
		"a disk is full":        {t.Context(), &os.PathError{Op: "write", Path: "runs/a", Err: syscall.ENOSPC}, exitError, "write runs/a: " + syscall.ENOSPC.Error() + ": make room there, or name a place with more"},
		"a call was cancelled":  {t.Context(), context.Canceled, exitError, "context canceled"},
		"interrupted":           {stopped, fmt.Errorf("list: %w", context.Canceled), exitInterrupted, "interrupted: nothing was kept"},
		"interrupted, kept":     {stopped, errKept{"runs/a"}, exitInterrupted, "interrupted: what was finished is kept in runs/a, marked incomplete"},
		"interrupted, too late": {stopped, nil, exitOK, ""},
		"interrupted, broken":   {stopped, broken, exitInterrupted, "disk full"},
	} {
		t.Run(name, func(t *testing.T) {
			if code := codeOf(test.ctx, test.err); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if text := message(test.ctx, test.err); text != test.text {
				t.Errorf("message %q, want %q", text, test.text)
			}
		})
	}
}

// TestExitMeanings: the help explains every code that the program can end with.
func TestExitMeanings(t *testing.T) {
	help := exitHelp()
	for _, code := range []int{exitOK, exitError, exitFail, exitNotConcluded, exitInterrupted} {
		if !strings.Contains(help, fmt.Sprintf("\n  %3d  ", code)) {
			t.Errorf("no line for exit code %d in %q", code, help)
		}
	}
}

func TestOneLine(t *testing.T) {
	if got, want := oneLine(" a\nb\tc\x1b[31m\u202ed\u009b "), "a; b c[31md"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
