//go:build live

package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// clocked is the program with a clock that starts where DOMICILE_TEST_NOW says: the test binary of the command, under that name.
var clocked = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "clocked", "domicile-at")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "test", "-c", "-o", path, "../../cmd/domicile").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go test -c: %w\n%s", err, out)
	}
	return path, nil
})

// store is where the nights of one story are kept, and what was told of them.
type store struct {
	dir, config string
	env         []string
	first       time.Time

	mu   sync.Mutex
	told []message
}

// message is a webhook's, as far as the story asks.
type message struct {
	Kind    string `json:"kind"`
	Changes []struct {
		residency.Difference
		Days *int `json:"days_open"`
	} `json:"changes"`
}

// storeOf begins a story at an endpoint, with a receiver of its messages.
func storeOf(t *testing.T, env []string) *store {
	t.Helper()
	s := &store{dir: t.TempDir(), env: env, first: time.Date(2026, 11, 1, 2, 0, 5, 0, time.UTC)}
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told = append(s.told, m)
	}))
	t.Cleanup(hook.Close)
	config, err := os.ReadFile("testdata/domicile.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s.config = filepath.Join(s.dir, "domicile.yaml")
	secret := filepath.Join(s.dir, "secret")
	text := string(config) + "schedule: {cron: \"0 2 * * *\"}\nnotify: [{type: webhook, url: \"" + hook.URL + "\", secret_file: " + secret + "}]\n"
	if err := errors.Join(os.WriteFile(s.config, []byte(text), 0o644), os.WriteFile(secret, []byte(strings.Repeat("k", 40)), 0o600)); err != nil {
		t.Fatal(err)
	}
	return s
}

// night runs what is due on a day, counted from 1, and returns the exit code.
func (s *store) night(t *testing.T, day int) int {
	t.Helper()
	code, _ := s.run(t, day, "watch", "--once", "--config", s.config, "--services", "s3", "--accounts", "111111111111", "--rate", "10000")
	return code
}

// run runs a command on a day.
func (s *store) run(t *testing.T, day int, args ...string) (int, []byte) {
	t.Helper()
	program, err := clocked()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append(args, "--out", filepath.Join(s.dir, "runs"))...)
	cmd.Dir = s.dir
	cmd.Env = append(slices.Clone(s.env), "DOMICILE_TEST_NOW="+s.first.AddDate(0, 0, day-1).Format(time.RFC3339))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code == 1 {
		t.Fatalf("%v: exit 1\n%s%s", args, stdout.String(), stderr.String())
	}
	return cmd.ProcessState.ExitCode(), stdout.Bytes()
}

// changes are what the last two runs differ in: what became of which violation, and where.
func (s *store) changes(t *testing.T, day int) []string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(s.dir, "runs", "log", "log.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for line := range strings.Lines(string(log)) {
		var e struct {
			Leaf struct{ Kind, Run string }
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Leaf.Kind == "run" {
			runs = append(runs, e.Leaf.Run)
		}
	}
	_, out := s.run(t, day, "diff", runs[len(runs)-2], runs[len(runs)-1], "-o", "json")
	var c residency.Comparison
	if err := json.Unmarshal(out, &c); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range c.Differences {
		if d.Change != residency.Uncovered && d.Change != residency.NewlyUnknown {
			all = append(all, fmt.Sprintf("%s %s %s %s", d.Change, d.Control, d.Region, d.Target))
		}
	}
	return all
}

// messages are what was told since the last time: the kind and each change.
func (s *store) messages() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.told {
		text := m.Kind
		for _, c := range m.Changes {
			if c.Change != residency.Uncovered && c.Change != residency.NewlyUnknown {
				text += fmt.Sprintf(", %s %s", c.Change, c.Target)
			}
		}
		all = append(all, text)
	}
	s.told = nil
	return all
}

// open are the violations that the history knows, each with its days and state.
func (s *store) open(t *testing.T, day int) (all []string) {
	t.Helper()
	_, out := s.run(t, day, "history", "--config", s.config, "-o", "json")
	var h struct {
		Open []residency.LastingViolation `json:"open"`
	}
	if err := json.Unmarshal(out, &h); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, v := range h.Open {
		all = append(all, fmt.Sprintf("%s %s, %d days", v.State, v.Target, v.DaysOpen))
	}
	return all
}

const (
	files  = "arn:aws:s3:::acme-eu-files"
	usCopy = "arn:aws:s3:::acme-us-copy"
	auCopy = "arn:aws:s3:::acme-au-copy"
)

func expect[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestDrift: a replica appears, moves and goes, a night for each.
func TestDrift(t *testing.T) {
	t.Run("moto", func(t *testing.T) {
		t.Parallel()
		moto := startMoto(t)
		drift(t, storeOf(t, moto.caller(t, "111111111111")), func(steps ...string) { script(t, "nights.py", append([]string{"moto", moto.url}, steps...)...) })
	})
	t.Run("ministack", func(t *testing.T) {
		t.Parallel()
		server := startMinistack(t)
		interpreter, err := ministack()
		if err != nil {
			t.Fatal(err)
		}
		drift(t, storeOf(t, environment(server.url, "111111111111", "x", "")), func(steps ...string) {
			scriptOf(t, interpreter, nil, "nights.py", append([]string{"ministack", server.url}, steps...)...)
		})
	})
}

func drift(t *testing.T, s *store, do func(...string)) {
	t.Helper()
	do("bucket", "acme-eu-files", "eu-west-1")
	expect(t, "exit of the first night", s.night(t, 1), 0)
	expect(t, "messages of the first night", s.messages(), []string{"first_run"})

	do("bucket", "acme-us-copy", "us-east-1", "replicate", "acme-eu-files", "acme-us-copy")
	expect(t, "exit when it appears", s.night(t, 2), 2)
	expect(t, "changes when it appears", s.changes(t, 2), []string{"new RES-001 us-east-1 " + usCopy})
	expect(t, "messages when it appears", s.messages(), []string{"change, new " + usCopy})

	expect(t, "exit when nothing changes", s.night(t, 3), 2)
	expect(t, "messages when nothing changes", s.messages(), nil)
	expect(t, "open when nothing changes", s.open(t, 3), []string{"open " + usCopy + ", 2 days"})

	do("bucket", "acme-au-copy", "ap-southeast-2", "replicate", "acme-eu-files", "acme-au-copy", "drop", "acme-us-copy")
	expect(t, "exit when it moves", s.night(t, 4), 2)
	expect(t, "changes when it moves", s.changes(t, 4), []string{"moved RES-001 ap-southeast-2 " + auCopy})
	expect(t, "messages when it moves", s.messages(), []string{"change, moved " + auCopy})

	do("stop", "acme-eu-files")
	expect(t, "exit when the rule is removed", s.night(t, 5), 3)
	expect(t, "changes when the rule is removed", s.changes(t, 5), []string{"stopped RES-001 ap-southeast-2 " + auCopy})
	expect(t, "messages when the rule is removed", s.messages(), []string{"change, stopped " + auCopy})
	expect(t, "open when the rule is removed", s.open(t, 5), []string{"stopped " + auCopy + ", 2 days"})

	do("drop", "acme-au-copy")
	expect(t, "exit when the copy is gone", s.night(t, 6), 0)
	expect(t, "changes when the copy is gone", s.changes(t, 6), []string{"fixed RES-001 ap-southeast-2 " + auCopy})
	expect(t, "messages when the copy is gone", s.messages(), []string{"change, fixed " + auCopy})
	expect(t, "open when the copy is gone", s.open(t, 6), nil)
	s.run(t, 6, "verify", filepath.Join(s.dir, "runs"))
}

// TestFiveNights: it fails, the account is denied, the question is throttled, it fails, it passes. That is one violation, opened once and
// closed once.
func TestFiveNights(t *testing.T) {
	t.Parallel()
	moto := startMoto(t)
	f := startFaults(t, moto)
	env := moto.caller(t, "111111111111")
	for i := range env {
		env[i] = strings.Replace(env[i], moto.url, f.url, 1)
	}
	s := storeOf(t, env)
	do := func(steps ...string) { script(t, "nights.py", append([]string{"moto", moto.url}, steps...)...) }
	do("bucket", "acme-eu-files", "eu-west-1", "bucket", "acme-us-copy", "us-east-1", "replicate", "acme-eu-files", "acme-us-copy")
	for day, night := range []struct {
		fault   string
		before  []string
		exit    int
		changes []string
		told    []string
		open    []string
	}{
		{exit: 2, told: []string{"first_run, open " + usCopy}, open: []string{"open " + usCopy + ", 1 days"}},
		{fault: "denied", exit: 3, changes: []string{"not re-examined RES-001 us-east-1 " + usCopy}, told: []string{"change"}, open: []string{"not re-examined " + usCopy + ", 2 days"}},
		{fault: "throttled", exit: 3, told: []string{"change"}, open: []string{"not re-examined " + usCopy + ", 3 days"}},
		{exit: 2, open: []string{"open " + usCopy + ", 4 days"}},
		{before: []string{"stop", "acme-eu-files", "drop", "acme-us-copy"}, changes: []string{"fixed RES-001 us-east-1 " + usCopy}, told: []string{"change, fixed " + usCopy}},
	} {
		name := fmt.Sprintf("night %d", day+1)
		if night.before != nil {
			do(night.before...)
		}
		f.fault.Store(night.fault)
		expect(t, name+": exit", s.night(t, day+1), night.exit)
		if day > 0 {
			expect(t, name+": changes", s.changes(t, day+1), night.changes)
		}
		expect(t, name+": messages", s.messages(), night.told)
		expect(t, name+": open", s.open(t, day+1), night.open)
	}
}

// faults passes requests on to moto, or answers in its place.
type faults struct {
	url   string
	fault atomic.Value // string: "denied" every question to S3, "throttled" that for replication; else none
}

func startFaults(t *testing.T, moto *server) *faults {
	t.Helper()
	target, err := url.Parse(moto.url)
	if err != nil {
		t.Fatal(err)
	}
	f := &faults{}
	f.fault.Store("")
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ofS3 := strings.Contains(r.Header.Get("Authorization"), "/s3/aws4_request")
		switch fault := f.fault.Load().(string); {
		case fault == "denied" && ofS3:
			answer(w, http.StatusForbidden, "AccessDenied")
		case fault == "throttled" && ofS3 && r.URL.Query().Has("replication"):
			answer(w, http.StatusServiceUnavailable, "SlowDown")
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(front.Close)
	f.url = front.URL
	return f
}

func answer(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>by the test</Message></Error>")
}
