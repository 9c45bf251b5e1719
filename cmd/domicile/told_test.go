package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/notify"
	"github.com/seed-1578181b/domicile/internal/schedule"
)

// watched is a store that domicile watch --once fills, night by night, from a recording of a stream that is shared or not.
type watched struct {
	t     *testing.T
	dir   string
	store string
	day   int // of the next night, from 1
	hook  *hook
	args  []string
	log   bytes.Buffer // of the last command
}

func newWatched(t *testing.T, more ...string) *watched {
	w := &watched{t: t, dir: t.TempDir(), day: 1, hook: newHook(http.StatusOK), args: more}
	t.Cleanup(w.hook.Close)
	if err := os.CopyFS(filepath.Join(w.dir, "estate"), os.DirFS(estate)); err != nil {
		t.Fatal(err)
	}
	w.store = filepath.Join(w.dir, "runs")
	w.configure("")
	return w
}

// configure writes the configuration, with more lines.
func (w *watched) configure(more string) {
	text := plain + "schedule: {cron: \"0 2 * * *\"}\nnotify: [{type: webhook, url: \"" + w.hook.URL + "\"}]\n" + more
	if err := os.WriteFile(filepath.Join(w.dir, "domicile.yaml"), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// share lets an account outside read the stream, or takes that back.
func (w *watched) share(account string) {
	path := filepath.Join(w.dir, "estate/aws/111111111111/eu-west-1/kinesis/GetResourcePolicy.json")
	policy := `[{"body":{"Policy":"{\"Statement\":[{\"Sid\":\"share\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"` + account + `\"},\"Action\":\"kinesis:GetRecords\",\"Resource\":\"*\"}]}"}}]`
	if account == "" {
		if err := os.Remove(path); err != nil { // the recording has an answer for all of them
			w.t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(path, []byte(policy), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// line is a command line on the store.
func (w *watched) line(args []string) []string {
	return append(args, "--replay", filepath.Join(w.dir, "estate"), "--services", "kinesis", "--config", filepath.Join(w.dir, "domicile.yaml"), "--out", w.store)
}

// run runs a command on the store at an instant.
func (w *watched) run(at time.Time, args ...string) int {
	w.log.Reset()
	s := inProcess(&bytes.Buffer{}, &w.log, w.line(args)...)
	s.now = func() time.Time { return at }
	return run(w.t.Context(), s)
}

// night does the next one and returns what was sent.
func (w *watched) night(more ...string) (sent []notify.Message) {
	w.t.Helper()
	before := len(w.hook.bodies)
	code := w.run(time.Date(2026, 12, w.day, 2, 1, 0, 0, time.UTC), append(append([]string{"watch", "--once"}, w.args...), more...)...)
	w.day++
	if !strings.Contains(w.log.String(), `"msg":"done"`) {
		w.t.Fatalf("exit code %d: %s", code, w.log.String())
	}
	for _, body := range w.hook.bodies[before:] {
		var m notify.Message
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			w.t.Fatal(err)
		}
		sent = append(sent, m)
	}
	return sent
}

// told is what was sent, in short: the kind, and what changed.
func told(sent []notify.Message) string {
	var parts []string
	for _, m := range sent {
		part := string(m.Kind)
		for _, c := range m.Changes {
			part += " " + strings.ReplaceAll(string(c.Change), " ", "-") + ":" + c.Account
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

func requireTold(t *testing.T, what string, sent []notify.Message, want string) {
	t.Helper()
	if got := told(sent); got != want {
		t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// TestTold: what a night changed is told once.
func TestTold(t *testing.T) {
	w := newWatched(t)
	requireTold(t, "the first", w.night(), "first_run")
	w.share("999999999999")
	sent := w.night()
	requireTold(t, "shared", sent, "change new:999999999999")
	if days := sent[0].Changes[0].DaysOpen; days == nil || *days != 10 {
		t.Error("not open for 10 days: the recording is of 11-23, the night of 12-02")
	}
	requireTold(t, "as before", w.night(), "")
	w.share("")
	requireTold(t, "taken back", w.night(), "change fixed:999999999999")
}

// TestToldMissed: nights at which nobody was there are told once, with the next that is done.
func TestToldMissed(t *testing.T) {
	w := newWatched(t)
	requireTold(t, "the first", w.night(), "first_run")
	w.day += 3
	sent := w.night()
	requireTold(t, "back again", sent, "recovery")
	if m := sent[0].Missed; m == nil || m.Nights != 3 || m.Since.Format(time.RFC3339) != "2026-12-02T02:00:00Z" || sent[0].Recovered != nil {
		t.Errorf("missed %+v, recovered %+v", m, sent[0].Recovered)
	}
	requireTold(t, "as before", w.night(), "")
	w.day++
	w.share("999999999999")
	sent = w.night()
	requireTold(t, "missed and shared", sent, "change new:999999999999")
	if m := sent[0].Missed; m == nil || m.Nights != 1 {
		t.Errorf("missed %+v", m)
	}
}

// TestToldByHand: a scan tells nobody, so that the next night tells what it found; also where it was the first of the store.
func TestToldByHand(t *testing.T) {
	w := newWatched(t)
	w.share("888888888888")
	if code := w.run(time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC), "scan"); code != exitFail {
		t.Fatalf("exit code %d: %s", code, w.log.String())
	}
	requireTold(t, "the first night", w.night(), "first_run open:888888888888")
	w.share("999999999999")
	if code := w.run(time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), "scan"); code != exitFail {
		t.Fatalf("exit code %d: %s", code, w.log.String())
	}
	requireTold(t, "the night after a scan", w.night(), "change new:999999999999 fixed:888888888888")
	requireTold(t, "the next", w.night(), "")
}

// TestToldBaseline: what is worse than a baseline is told when it comes, and not each night; what is no worse is not told.
func TestToldBaseline(t *testing.T) {
	w := newWatched(t)
	w.share("888888888888")
	if code := w.run(time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC), "scan"); code != exitFail {
		t.Fatalf("exit code %d: %s", code, w.log.String())
	}
	requireTold(t, "as in the baseline", w.night("--baseline", "latest"), "")
	l, err := evidence.ReadLog(w.store)
	if err != nil {
		t.Fatal(err)
	}
	w.args = []string{"--baseline", l.Entries()[0].Leaf.Run}
	w.share("999999999999")
	requireTold(t, "worse", w.night(), "change new:999999999999")
	requireTold(t, "the same", w.night(), "")
	w.share("888888888888")
	requireTold(t, "as in the baseline again", w.night(), "")
	w.share("999999999999")
	requireTold(t, "worse than the latest", w.night("--baseline", "latest"), "change new:999999999999")
}

// TestToldWithoutHistory: a database that cannot be read in the middle of a night keeps no receiver from what the night changed.
func TestToldWithoutHistory(t *testing.T) {
	w := newWatched(t)
	w.night()
	w.share("999999999999")
	at := time.Date(2026, 12, 2, 2, 1, 0, 0, time.UTC)
	s := inProcess(&bytes.Buffer{}, &w.log, w.line([]string{"watch", "--once"})...) // the night after must know its run again
	s.now = func() time.Time { return at }
	c := &common{system: &s, out: w.store, config: filepath.Join(w.dir, "domicile.yaml"), failOn: "low"}
	n, err := c.nightly(t.Context(), watchFlags{once: true, listen: listenOff, scanFlags: scanFlags{replay: filepath.Join(w.dir, "estate"), services: []string{"kinesis"}}})
	if err == nil {
		err = n.open(t.Context())
	}
	if err == nil {
		err = n.store.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	before := len(w.hook.bodies)
	if run, err := n.job(t.Context(), schedule.Night{Due: at, Attempt: 1}); run == "" || err != nil {
		t.Fatalf("run %q: %v", run, err)
	}
	if sent := w.hook.bodies[before:]; len(sent) != 1 || !strings.Contains(sent[0], `"change":"new"`) || strings.Contains(sent[0], "days_open") {
		t.Errorf("sent %q", sent)
	}
	w.day++
	requireTold(t, "the night after", w.night(), "")
}

// TestToldDivided: what is in the store of a zone is told by its counts, and moving there mends nothing.
func TestToldDivided(t *testing.T) {
	w := newWatched(t)
	if err := os.Mkdir(filepath.Join(w.dir, "eu"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.share("888888888888")
	requireTold(t, "the first", w.night(), "first_run open:888888888888")
	w.configure("evidence: {eu: {dir: eu}}\n")
	requireTold(t, "divided", w.night(), "change") // of the configuration
	w.share("")
	sent := w.night()
	requireTold(t, "taken back", sent, "change fixed:")
	w.share("999999999999")
	sent = w.night()
	requireTold(t, "shared again", sent, "change new:")
	if c := sent[0].Changes[0]; c.Zone != "eu" || c.Control == "" || !strings.HasPrefix(c.Detail, "1 fail, before 0; see the store ") {
		t.Errorf("%+v", c)
	}
	requireTold(t, "as before", w.night(), "")
}

// TestToldDamaged: a night that could not be begun is told once, as is that the next was.
func TestToldDamaged(t *testing.T) {
	w := newWatched(t)
	w.night()
	file := filepath.Join(w.store, historyFile)
	if err := os.WriteFile(file, []byte("no database"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := len(w.hook.bodies)
	for range 2 {
		if code := w.run(time.Date(2026, 12, 2, 2, 1, 0, 0, time.UTC), "watch", "--once"); code != exitError {
			t.Fatalf("exit code %d: %s", code, w.log.String())
		}
	}
	if sent := w.hook.bodies[before:]; len(sent) != 1 || !strings.Contains(sent[0], `"kind":"failure"`) || !strings.Contains(sent[0], "domicile history rebuild") {
		t.Errorf("sent %q", sent)
	}
	if log := logOf(t, w.store); len(log) != 3 || !strings.HasPrefix(log[1], "failed ") {
		t.Errorf("the log is %q", log)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	w.day++
	requireTold(t, "the next", w.night(), "recovery")
}
