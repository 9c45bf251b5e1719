package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/scanners"
)

// onTerminal scans the estate on a machine whose outputs are terminals or not. The clock makes every progress line due.
func onTerminal(t *testing.T, terminal bool, env map[string]string, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	s := inProcess(&out, &errs, append([]string{"scan", "--replay", estate, "--services", "kinesis", "--out", filepath.Join(t.TempDir(), "runs")}, args...)...)
	s.terminal = func(any) (int, bool) { return 80, terminal }
	s.getenv = func(name string) string { return env[name] }
	if code := run(t.Context(), s); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	return out.String(), errs.String()
}

var progressLine = regexp.MustCompile(`\d+ of \d+ places examined, \d+ resources, 0 gaps`)

func TestProgress(t *testing.T) {
	t.Run("lines", func(t *testing.T) {
		_, stderr := onTerminal(t, false, nil)
		lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
		last := len(lines) - 1
		if last < 2 || !strings.HasPrefix(lines[last], "run kept in ") || !strings.HasPrefix(lines[last-1], "made a signing key ") {
			t.Fatalf("stderr %q", stderr)
		}
		for _, line := range lines[:last-1] {
			if progressLine.FindString(line) != line {
				t.Errorf("line %q", line)
			}
		}
	})
	t.Run("terminal", func(t *testing.T) {
		_, stderr := onTerminal(t, true, nil)
		if !progressLine.MatchString(stderr) || strings.Count(stderr, "\n") != 2 {
			t.Errorf("progress is not one line that is written over: %q", stderr)
		}
		if !strings.Contains(stderr, "\r\x1b[Kmade a signing key ") {
			t.Errorf("the progress line is not cleared before what follows: %q", stderr)
		}
	})
	t.Run("quiet", func(t *testing.T) {
		for _, terminal := range []bool{false, true} {
			if _, stderr := onTerminal(t, terminal, nil, "--quiet"); stderr != "" {
				t.Errorf("stderr %q", stderr)
			}
		}
	})
}

// TestProgressIsRare: elsewhere than on a terminal a line comes every ten seconds and not more often.
func TestProgressIsRare(t *testing.T) {
	var stderr bytes.Buffer
	s := inProcess(nil, &stderr)
	start := s.now()
	now := start
	s.now = func() time.Time { return now }
	p := (&common{system: &s}).progress()
	for i := range 100 {
		now = start.Add(time.Duration(i) * time.Second)
		p.report(scanners.Progress{Done: i, Total: 100})
	}
	if n := strings.Count(stderr.String(), "\n"); n != 9 {
		t.Errorf("%d lines in 99 seconds: %s", n, stderr.String())
	}
}

func TestColour(t *testing.T) {
	for name, test := range map[string]struct {
		terminal bool
		env      map[string]string
		args     []string
		want     bool
	}{
		"terminal":   {terminal: true, want: true},
		"file":       {},
		"--no-color": {terminal: true, args: []string{"--no-color"}},
		"NO_COLOR":   {terminal: true, env: map[string]string{"NO_COLOR": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, _ := onTerminal(t, test.terminal, test.env, test.args...)
			if got := strings.Contains(stdout, "\x1b["); got != test.want {
				t.Errorf("coloured is %v: %q", got, stdout)
			}
		})
	}
}

// BenchmarkStart is what a user waits before anything happens: at most 60 ms.
func BenchmarkStart(b *testing.B) {
	bin := binary(b)
	for b.Loop() {
		if out, err := exec.Command(bin, "--help").CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
}
