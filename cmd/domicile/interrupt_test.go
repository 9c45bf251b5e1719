package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

const estate = "testdata/estate"

// inProcess is a machine without terminal, environment or credentials, on which every look at the clock takes a minute.
func inProcess(stdout, stderr *bytes.Buffer, args ...string) system {
	var minutes atomic.Int64
	return system{args: args, stdout: stdout, stderr: stderr, getenv: func(string) string { return "" },
		now:      func() time.Time { return time.Date(2026, 11, 23, 2, int(minutes.Add(1)), 0, 0, time.UTC) },
		terminal: func(any) (int, bool) { return 0, false }}
}

// kept reads the only run of a store, and nil where the store has none. Parts of runs are an error.
func kept(t *testing.T, store string) (dir string, summary *residency.Summary, manifest *residency.Manifest) {
	t.Helper()
	entries, err := os.ReadDir(store)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == "keys" || e.Name() == "log" })
	if len(entries) == 0 {
		return "", nil, nil
	}
	if len(entries) > 1 || strings.HasPrefix(entries[0].Name(), ".") {
		t.Fatalf("the store holds %v", entries)
	}
	dir = filepath.Join(store, entries[0].Name())
	summary, manifest = &residency.Summary{}, &residency.Manifest{}
	for name, into := range map[string]any{"summary.json": summary, evidence.ManifestName: manifest} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatal(err)
		}
	}
	return dir, summary, manifest
}

// requireIncomplete checks that a run says what it lacks: each line of the scope is there, those that were not reached are failed
// with a gap of class cancelled, and the run proves nothing as a whole.
func requireIncomplete(t *testing.T, dir string, summary *residency.Summary, manifest *residency.Manifest) (reached int) {
	t.Helper()
	if summary.Complete || manifest.Complete {
		t.Errorf("complete is %v in the summary and %v in the manifest", summary.Complete, manifest.Complete)
	}
	if summary.Conclusion == residency.ConcludePass {
		t.Error("an interrupted run passes")
	}
	doc, err := snapshot.Read(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(doc.Coverage), len(doc.Header.Scope.Regions); got != want {
		t.Errorf("%d coverage lines for %d regions", got, want)
	}
	cancelled := 0
	for _, c := range doc.Coverage {
		stopped := slices.ContainsFunc(c.Gaps, func(g residency.Gap) bool { return g.Class == residency.ClassCancelled })
		switch {
		case stopped:
			cancelled++
		case c.Status == residency.Complete:
			reached++
		case c.Status != residency.Disabled:
			t.Errorf("%s %s is %s, with no gap of class cancelled", c.Scanner, c.Region, c.Status)
		}
	}
	if cancelled == 0 {
		t.Error("no gap of class cancelled")
	}
	return reached
}

// TestInterruptedAtEachCall cancels at the first call, the second and so on: either nothing is kept, or a run that says that it is
// incomplete, or the whole run where the interruption came too late.
func TestInterruptedAtEachCall(t *testing.T) {
	seen := map[string]int{}
	for n := 1; seen["whole"] == 0; n++ {
		if n > 100 {
			t.Fatalf("every interruption leaves something out: %v", seen)
		}
		store := filepath.Join(t.TempDir(), "runs")
		c := &common{out: store, quiet: true}
		sys := inProcess(&bytes.Buffer{}, &bytes.Buffer{})
		c.system = &sys
		ctx, cancel := context.WithCancel(t.Context())
		job, err := c.prepare(ctx, scanFlags{replay: estate, services: []string{"kinesis"}})
		if err != nil {
			t.Fatal(err)
		}
		var calls atomic.Int64
		job.scan.Options.Transport = replay.Open(os.DirFS(estate + "/aws")).Edit(func(_ replay.Call, a *replay.Answer) (*replay.Answer, error) {
			if calls.Add(1) >= int64(n) {
				cancel()
				return nil, ctx.Err()
			}
			return a, nil
		})
		run, err := job.scan.Run(ctx)
		cancel()
		dir, summary, manifest := kept(t, store)
		switch {
		case run == nil && dir == "":
			seen["nothing kept"]++
			if code := codeOf(ctx, err); code != exitInterrupted {
				t.Errorf("call %d: exit code %d for %v", n, code, err)
			}
		case err == nil:
			seen["whole"]++
			if !summary.Complete || summary.Conclusion != residency.ConcludePass {
				t.Errorf("call %d: no error, and the run is %v, %s", n, summary.Complete, summary.Conclusion)
			}
		default:
			seen["incomplete"]++
			if !errors.Is(err, context.Canceled) || run.Dir != dir {
				t.Errorf("call %d: %v, kept in %q", n, err, dir)
			}
			requireIncomplete(t, dir, summary, manifest)
		}
	}
	for _, end := range []string{"nothing kept", "incomplete"} {
		if seen[end] == 0 {
			t.Errorf("no interruption ended as %q: %v", end, seen)
		}
	}
}

// stopAt cancels as soon as some text is written to it.
type stopAt struct {
	bytes.Buffer
	mu     sync.Mutex
	text   string
	cancel func()
}

func (s *stopAt) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.Buffer.Write(p)
	if strings.Contains(s.String(), s.text) {
		s.cancel()
	}
	return n, err
}

// TestInterruptedKeepsWhatWasFinished cancels when the first place is done. At most 16 places are examined at once, so that most
// regions are missing.
func TestInterruptedKeepsWhatWasFinished(t *testing.T) {
	dir := t.TempDir()
	answers := filepath.Join(dir, "estate")
	if err := os.CopyFS(answers, os.DirFS(estate)); err != nil {
		t.Fatal(err)
	}
	var on []string
	for _, region := range config.PartitionRegions("aws") {
		on = append(on, fmt.Sprintf(`{"RegionName":%q,"RegionOptStatus":"ENABLED"}`, region))
	}
	regions := `[{"body":{"Regions":[` + strings.Join(on, ",") + `]}}]`
	if err := os.WriteFile(filepath.Join(answers, "aws/any/any/account/ListRegions.json"), []byte(regions), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout bytes.Buffer
	stderr := &stopAt{text: fmt.Sprintf("1 of %d places examined", len(on)), cancel: cancel}
	s := inProcess(&stdout, nil, "scan", "--replay", answers, "--services", "kinesis", "--out", filepath.Join(dir, "runs"), "-o", "json")
	s.stderr = stderr
	if code := run(ctx, s); code != exitInterrupted {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	run, summary, manifest := kept(t, filepath.Join(dir, "runs"))
	if reached := requireIncomplete(t, run, summary, manifest); reached == 0 || reached > 16 {
		t.Errorf("%d regions were finished", reached)
	}
	if want := fmt.Sprintf("domicile: interrupted: what was finished is kept in %s, marked incomplete\n", run); !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("stderr %q does not end with %q", stderr.String(), want)
	}
	if !strings.Contains(stdout.String(), `"complete": false`) {
		t.Error("the report does not say that the run is incomplete")
	}
}

// TestSignals interrupts the process itself while AWS leaves a call unanswered.
func TestSignals(t *testing.T) {
	for _, test := range []struct {
		name, stop string
		signal     syscall.Signal
		kept       bool
	}{
		{"first call", "GetCallerIdentity", syscall.SIGINT, false},
		{"regions", "ListRegions", syscall.SIGINT, true},
		{"inventory", "ListStreams", syscall.SIGINT, true},
		{"terminated", "ListStreams", syscall.SIGTERM, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakeAWS()
			fake.stop = test.stop
			server := httptest.NewServer(fake)
			defer server.Close()
			dir := t.TempDir()
			file, err := filepath.Abs(estate + "/domicile.yaml")
			if err != nil {
				t.Fatal(err)
			}
			cmd := process(t, dir, server.URL, "scan", "--services", "kinesis", "--config", file)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-fake.asked:
			case <-time.After(time.Minute):
				t.Fatalf("%s was never asked: %s", test.stop, stderr.String())
			}
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
				t.Fatalf("%v, want exit code %d: %s", err, exitInterrupted, stderr.String())
			}
			run, summary, manifest := kept(t, filepath.Join(dir, "runs"))
			if !test.kept {
				if run != "" || stderr.String() != "domicile: interrupted: nothing was kept\n" {
					t.Errorf("kept %q, said %q", run, stderr.String())
				}
				return
			}
			if run == "" {
				t.Fatalf("nothing was kept: %s", stderr.String())
			}
			requireIncomplete(t, run, summary, manifest)
		})
	}
}

// process is domicile as a process of its own, in dir, with credentials for an endpoint.
func process(t *testing.T, dir, endpoint string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("domicile") // put on the path for the scripts
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir, "AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=" + endpoint, "AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret"}
	return cmd
}
