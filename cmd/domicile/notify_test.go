package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/notify"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// hook is a webhook's receiver on loopback: it answers with each status in turn, then with the last.
type hook struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int
	bodies   []string
}

func newHook(statuses ...int) *hook {
	h := &hook{statuses: statuses}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is short will not be what is expected
		h.mu.Lock()
		defer h.mu.Unlock()
		h.bodies = append(h.bodies, string(body))
		w.WriteHeader(h.statuses[min(len(h.bodies), len(h.statuses))-1])
	}))
	return h
}

// startHook NAME STATUS… starts one for the script and sets NAME to its address; what it was sent is written to the file NAME by sentTo.
func startHook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: hook NAME STATUS…")
	}
	var statuses []int
	for _, a := range args[1:] {
		status, err := strconv.Atoi(a)
		ts.Check(err)
		statuses = append(statuses, status)
	}
	h := newHook(statuses...)
	ts.Defer(h.Close)
	ts.Setenv(args[0], h.URL+"/services/hush-hush")
	hooks.Store(ts.MkAbs(args[0]), h)
}

// hooks are those of scripts that run at once, by the path of their file.
var hooks sync.Map

// sentTo NAME writes what the hook was sent to the file NAME, a line for each message.
func sentTo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sent NAME")
	}
	path := ts.MkAbs(args[0])
	found, ok := hooks.Load(path)
	if !ok {
		ts.Fatalf("no hook %s", args[0])
	}
	h := found.(*hook)
	h.mu.Lock()
	defer h.mu.Unlock()
	ts.Check(os.WriteFile(path, []byte(strings.Join(h.bodies, "\n")+"\n"), 0o644))
}

// toldNights is a store whose nights are told to a webhook.
type toldNights struct {
	*common
	t     *testing.T
	hook  *hook
	cfg   *config.Config
	slept []time.Duration
}

func newToldNights(t *testing.T, statuses ...int) *toldNights {
	n := &toldNights{t: t, hook: newHook(statuses...)}
	t.Cleanup(n.hook.Close)
	s := inProcess(&bytes.Buffer{}, &bytes.Buffer{})
	n.common = &common{system: &s, out: filepath.Join(t.TempDir(), "runs")}
	n.cfg = &config.Config{Organization: config.Organization{Name: "Acme"}, Zones: []residency.Zone{{ID: "eu"}}, Notify: []config.Notify{{Type: "webhook", URL: n.hook.URL}}}
	return n
}

// after tells a night and returns the kinds of what was sent since the last, with what was noted.
func (n *toldNights) after(of night) (kinds []string, messages []notify.Message, notes string) {
	n.t.Helper()
	before := len(n.hook.bodies)
	s := n.sender(n.cfg, "domicile.yaml")
	s.Sleep = func(_ context.Context, d time.Duration) error { n.slept = append(n.slept, d); return nil }
	notes = strings.Join(n.tellNight(n.t.Context(), s, n.cfg, of), "\n")
	for _, body := range n.hook.bodies[before:] {
		var m notify.Message
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			n.t.Fatal(err)
		}
		kinds, messages = append(kinds, string(m.Kind)), append(messages, m)
	}
	return kinds, messages, notes
}

func sum() *residency.Summary {
	return &residency.Summary{Conclusion: residency.ConcludePass, Complete: true}
}

// TestNights: the first run, nothing new, a change, two failures, the recovery; each is told once, in a process of its own each time.
func TestNights(t *testing.T) {
	n := newToldNights(t, http.StatusOK)
	opened := &residency.Comparison{Old: "2", New: "3", Differences: []residency.Difference{{Change: residency.Opened, Severity: residency.High, Control: "RES-002", Resource: "arn:aws:s3:::a"}}}
	for i, c := range []struct {
		night
		want   []string
		readOn string
	}{
		{night{run: "1", summary: sum()}, []string{"first_run"}, "domicile report 1 -o table --out " + n.out},
		{night{run: "2", summary: sum(), comparison: &residency.Comparison{}}, nil, ""},
		{night{run: "3", summary: sum(), comparison: opened}, []string{"change"}, "domicile diff 2 3 --out " + n.out},
		{night{run: "3", summary: sum(), comparison: opened}, nil, ""},
		{night{run: "4", err: errors.New("no credentials")}, []string{"failure"}, ""},
		{night{run: "5", err: errors.New("no network")}, nil, ""},
		{night{run: "6", summary: sum(), comparison: &residency.Comparison{Old: "3", New: "6"}}, []string{"recovery"}, "domicile diff 3 6 --out " + n.out},
		{night{run: "7", summary: sum(), comparison: &residency.Comparison{}}, nil, ""},
	} {
		kinds, messages, notes := n.after(c.night)
		if !slices.Equal(kinds, c.want) {
			t.Errorf("night %d: told %v, want %v: %s", i, kinds, c.want, notes)
		}
		if len(messages) == 1 && messages[0].ReadOn != c.readOn {
			t.Errorf("night %d: read on with %q, want %q", i, messages[0].ReadOn, c.readOn)
		}
		if kinds != nil && kinds[0] == "failure" && messages[0].Error != "no credentials" {
			t.Errorf("%+v", messages[0])
		}
		if i > 0 && notes != "" {
			t.Errorf("night %d: %s", i, notes)
		}
	}
}

// TestNightUndelivered: a receiver that is down costs the night nothing but time; the next night says that a message waits, and retry sends
// it.
func TestNightUndelivered(t *testing.T) {
	n := newToldNights(t, 503, 503, 503, 503, 503, 200)
	changed := func(run string) night {
		return night{run: run, summary: sum(), comparison: &residency.Comparison{Old: "0", New: run, Config: true}}
	}
	kinds, _, notes := n.after(changed("1"))
	if len(kinds) != 5 || len(n.slept) != 4 || !strings.Contains(notes, "notify: webhook: the answer was 503 Service Unavailable (5 tries); kept: domicile notify retry sends it again") {
		t.Fatalf("%v %v %s", kinds, n.slept, notes)
	}
	kinds, messages, notes := n.after(changed("2"))
	if len(kinds) != 1 || messages[0].Undelivered != 1 || !strings.Contains(notes, "notify: 1 earlier message in "+filepath.Join(n.out, notify.DeadName)) {
		t.Fatalf("%v %s", kinds, notes)
	}
	kinds, _, notes = n.after(night{run: "3", summary: sum(), comparison: &residency.Comparison{}})
	if kinds != nil || !strings.Contains(notes, "1 earlier message") {
		t.Errorf("%v %s", kinds, notes)
	}
	results, err := n.sender(n.cfg, "domicile.yaml").Retry(t.Context())
	if err != nil || len(results) != 1 || results[0].Err != nil {
		t.Fatalf("%v %v", results, err)
	}
	var again notify.Message
	if err := json.Unmarshal([]byte(n.hook.bodies[len(n.hook.bodies)-1]), &again); err != nil || again.Run != "1" {
		t.Errorf("%v: %+v", err, again)
	}
	if _, _, notes = n.after(night{run: "4", summary: sum(), comparison: &residency.Comparison{}}); notes != "" {
		t.Error(notes)
	}
}

// TestNightStopped: who stops the program waits for no further try; the message is kept.
func TestNightStopped(t *testing.T) {
	n := newToldNights(t, http.StatusServiceUnavailable)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	problems := n.notify(ctx, n.cfg, "domicile.yaml", night{run: "1", summary: sum(), comparison: &residency.Comparison{Config: true}})
	if len(n.hook.bodies) != 1 || len(problems) != 1 || !strings.Contains(problems[0], "stopped before the next try (1 try); kept: domicile notify retry sends it again") {
		t.Errorf("%d tries: %q", len(n.hook.bodies), problems)
	}
}

// TestNightOfNobody: a configuration without receivers leaves nothing; one with them is told at once.
func TestNightOfNobody(t *testing.T) {
	n := newToldNights(t, http.StatusOK)
	n.notify(t.Context(), &config.Config{}, "domicile.yaml", night{run: "1", summary: sum(), comparison: &residency.Comparison{Config: true}})
	if _, err := os.Stat(n.out); err == nil || len(n.hook.bodies) != 0 {
		t.Errorf("%d messages, store: %v", len(n.hook.bodies), err)
	}
	problems := n.notify(t.Context(), n.cfg, "domicile.yaml", night{run: "1", summary: sum(), comparison: &residency.Comparison{Config: true}})
	if len(n.hook.bodies) != 1 || problems != nil {
		t.Errorf("%d messages: %v", len(n.hook.bodies), problems)
	}
}

// TestFirstNight sums up a run that was really kept.
func TestFirstNight(t *testing.T) {
	n := newToldNights(t, http.StatusOK)
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), inProcess(&stdout, &stderr, "scan", "--quiet", "--replay", "../../fixtures/three-zones", "--out", n.out)); code != exitFail {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	dir, s, _ := kept(t, n.out)
	_, messages, notes := n.after(night{run: filepath.Base(dir), summary: s})
	if len(messages) != 1 || notes != "" {
		t.Fatalf("%v %s", messages, notes)
	}
	m := messages[0]
	if len(m.Changes) == 0 || m.Changes[0].Change != "open" || m.Changes[0].Severity.Rank() < m.Changes[len(m.Changes)-1].Severity.Rank() || m.Conclusion != residency.ConcludeFail {
		t.Errorf("%+v", m)
	}
	verdicts := 0 // each has one or more placements that decide it
	for severity, n := range s.Fails {
		if severity != residency.Info {
			verdicts += n
		}
	}
	if listed := len(m.Changes) + m.More; len(m.Changes) != 10 || listed < verdicts || verdicts < 10 {
		t.Errorf("%d violations of %d verdicts", listed, verdicts)
	}
}

// TestSettingOfNotify: every key of a receiver reaches the channel.
func TestSettingOfNotify(t *testing.T) {
	from, to := reflect.TypeFor[config.Notify](), reflect.TypeFor[notify.Setting]()
	if !from.ConvertibleTo(to) {
		t.Errorf("%v is no %v", from, to)
	}
}
