package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// sawOnly is the simplest standing: what a run saw is open.
func sawOnly(ctx context.Context, dir string, before []residency.OpenViolation) ([]residency.OpenViolation, error) {
	return Standings(ctx, dir, before)
}

func openHistory(t testing.TB, path string) *history.Store {
	t.Helper()
	h, err := history.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// TestRemember brings a database up step by step: it records what it lacks and nothing twice, runs whose folder is gone or was changed as
// such; what was open before each run is handed on; and a log that is another store's is refused.
func TestRemember(t *testing.T) {
	n := &nightly{store: filepath.Join(t.TempDir(), "runs"), tool: "1"}
	h := openHistory(t, filepath.Join(t.TempDir(), "history.db"))
	var before []int
	standing := func(ctx context.Context, dir string, open []residency.OpenViolation) ([]residency.OpenViolation, error) {
		before = append(before, len(open))
		return sawOnly(ctx, dir, open)
	}
	remember := func(want int) {
		t.Helper()
		if got, err := Remember(t.Context(), n.store, h, standing); got != want || err != nil {
			t.Fatalf("%d recorded, %v, want %d", got, err, want)
		}
	}
	n.keep(t, 0, true, false, false)
	remember(1)
	remember(0)
	n.keep(t, 1, true, true, false)
	gone := n.keep(t, 2, false, false, false)
	if err := os.RemoveAll(gone); err != nil {
		t.Fatal(err)
	}
	changed := n.keep(t, 3, false, false, false)
	if err := os.WriteFile(filepath.Join(changed, configName), []byte("version: 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	signer, err := evidence.OwnSigner(n.store)
	if err != nil {
		t.Fatal(err)
	}
	at := firstNight.AddDate(0, 0, 4)
	if err := evidence.Heartbeat(t.Context(), n.store, signer, evidence.KindFailed, evidence.RunID(at, [3]byte{4}), at, "no credentials"); err != nil {
		t.Fatal(err)
	}
	remember(4)
	n.keep(t, 5, false, false, false)
	remember(1)
	if d := cmp.Diff([]int{0, 1, 1}, before); d != "" { // the runs in between say nothing, and change nothing
		t.Errorf("open before each run: %s", d)
	}
	all, err := h.Runs(t.Context(), time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range all {
		switch {
		case e.Run != nil:
			got = append(got, fmt.Sprintf("%s %s fails=%d gaps=%d %s", e.Kind, e.Run.Conclusion, e.Run.Totals[residency.Fail], e.Run.Gaps, e.Run.FirstGap))
		default:
			got = append(got, e.Kind+" "+strings.Join(strings.Fields(e.Reason + " " + e.Problem)[:2], " "))
		}
	}
	want := []string{"run fail fails=1 gaps=0 ", "run fail fails=1 gaps=1 s3 111111111111 global ListBuckets", "run the log", "run the run", "failed no credentials", "run pass fails=0 gaps=0 "}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if spells, err := h.Spells(t.Context(), time.Time{}, time.Time{}, at); err != nil || len(spells) != 1 || !spells[0].Closed.Equal(firstNight.AddDate(0, 0, 5)) || !spells[0].LastSeen.Equal(firstNight.AddDate(0, 0, 1)) {
		t.Errorf("%+v %v", spells, err)
	}
	other := &nightly{store: filepath.Join(t.TempDir(), "runs"), tool: "1"}
	other.keep(t, 0, true, false, false)
	var foreign *history.ForeignError
	if _, err := Remember(t.Context(), other.store, h, standing); !errors.As(err, &foreign) {
		t.Errorf("another store: %v", err)
	}
	// The same from the folders alone.
	dsn := filepath.Join(t.TempDir(), "anew.db")
	recorded, _, err := RebuildHistory(t.Context(), n.store, dsn, sawOnly)
	if err != nil || recorded != 6 {
		t.Fatalf("%d, %v", recorded, err)
	}
	anew, err := openHistory(t, dsn).Runs(t.Context(), time.Time{}, time.Time{})
	if d := cmp.Diff(all, anew); d != "" || err != nil {
		t.Error(d, err)
	}
}

// TestRememberFails: a run that cannot be told keeps the database at the one before, so that it can be told later.
func TestRememberFails(t *testing.T) {
	n := &nightly{store: filepath.Join(t.TempDir(), "runs"), tool: "1"}
	h := openHistory(t, filepath.Join(t.TempDir(), "history.db"))
	for day := range 3 {
		n.keep(t, day, true, false, false)
	}
	broken, runs := errors.New("cannot be read"), 0
	failing := func(ctx context.Context, dir string, before []residency.OpenViolation) ([]residency.OpenViolation, error) {
		if runs++; runs == 2 {
			return nil, broken
		}
		return sawOnly(ctx, dir, before)
	}
	if got, err := Remember(t.Context(), n.store, h, failing); got != 1 || !errors.Is(err, broken) {
		t.Errorf("%d, %v", got, err)
	}
	if got, err := Remember(t.Context(), n.store, h, failing); got != 2 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
	log := filepath.Join(n.store, "log", "log.ndjson")
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	n.keep(t, 3, true, false, false)
	if data, err = os.ReadFile(log); err != nil {
		t.Fatal(err)
	}
	last := strings.SplitAfter(string(data), "\n")[3]
	forged := strings.Join(lines[:3], "") + strings.Replace(last, "2026-08-28", "2026-08-29", 1)
	if err := os.WriteFile(log, []byte(forged), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Remember(t.Context(), n.store, h, sawOnly); err == nil || !strings.Contains(err.Error(), "does not verify") {
		t.Errorf("a log that was changed: %v", err)
	}
}

// TestNights is the table of what a night is called, by what was begun in it and what whoever runs the schedule knows.
func TestNights(t *testing.T) {
	due := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	id := func(after time.Duration) string { return evidence.RunID(due.Add(after), [3]byte{1}) }
	run := func(after time.Duration, change func(*history.Run)) history.Entry {
		r := &history.Run{Complete: true, Conclusion: residency.ConcludePass}
		if change != nil {
			change(r)
		}
		return history.Entry{Kind: "run", RunID: id(after), Begun: due.Add(after), Run: r}
	}
	failed := func(after time.Duration) history.Entry {
		return history.Entry{Kind: "failed", RunID: id(after), Begun: due.Add(after), Reason: "no credentials"}
	}
	const day = 24 * time.Hour
	for name, tc := range map[string]struct {
		entries []history.Entry
		kept    []history.Night
		now     time.Duration // after the night was due; 0: a week
		want    string
	}{
		"done":         {entries: []history.Entry{run(time.Minute, nil)}, want: "done"},
		"next night's": {entries: []history.Entry{run(day, nil)}, want: "missed: no run was begun"},
		"late":         {entries: []history.Entry{run(3*time.Hour, nil)}, want: "late: due on 2026-11-23 02:00 UTC, begun on 2026-11-23 05:00 UTC"},
		"failed":       {entries: []history.Entry{failed(0)}, want: "failed: failed: no credentials"},
		"repeated":     {entries: []history.Entry{failed(0), run(time.Minute, nil)}, want: "late: failed: no credentials; repeated on 2026-11-23 02:01 UTC"},
		"caught up":    {entries: []history.Entry{failed(time.Hour), run(day, nil)}, want: "late: failed: no credentials; repeated on 2026-11-24 02:00 UTC"},
		"given up, next done": {entries: []history.Entry{failed(time.Hour), {Kind: "skipped", RunID: id(0), Begun: due, Reason: "each attempt failed"}, run(day, nil)},
			want: "failed: failed: no credentials"},
		"interrupted":        {entries: []history.Entry{run(0, func(r *history.Run) { r.Complete = false })}, want: "partial: the run was interrupted"},
		"gaps":               {entries: []history.Entry{run(0, func(r *history.Run) { r.Gaps, r.FirstGap = 2, "rds 1" })}, want: "partial: 2 questions without an answer, the first: rds 1"},
		"gone":               {entries: []history.Entry{{Kind: "run", RunID: id(0), Begun: due, Problem: "its folder is gone"}}, want: "missed: its folder is gone"},
		"a hold is no run":   {entries: []history.Entry{{Kind: "hold", RunID: id(0), Begun: due, Reason: "case"}}, want: "missed: no run was begun"},
		"given up":           {kept: []history.Night{{Due: due, State: history.NightMissed, Problem: "the machine was off"}}, want: "missed: the machine was off"},
		"attempts failed":    {kept: []history.Night{{Due: due, State: history.NightFailed, Problem: "disk full"}}, want: "failed: disk full"},
		"never ended":        {kept: []history.Night{{Due: due, State: history.NightRunning, Holder: "a", Begun: due, Lease: due.Add(time.Hour)}}, want: "failed: a began it on 2026-11-23 02:00 UTC and never ended it"},
		"being run":          {kept: []history.Night{{Due: due, State: history.NightRunning, Holder: "a", Begun: due, Lease: due.Add(time.Hour)}}, now: time.Minute, want: ""},
		"just due":           {now: time.Minute, want: ""},
		"due some hours ago": {now: 5 * time.Hour, want: "missed: no run was begun"},
		"not due":            {now: -time.Minute, want: ""},
		"a run tells more":   {entries: []history.Entry{run(0, nil)}, kept: []history.Night{{Due: due, State: history.NightFailed, Problem: "the report was not sent"}}, want: "done"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.now == 0 {
				tc.now = 7 * day
			}
			next := func(at time.Time) time.Time {
				for d := due.AddDate(0, 0, -2); ; d = d.AddDate(0, 0, 1) {
					if d.After(at) {
						return d
					}
				}
			}
			s := Span{Now: due.Add(tc.now), Location: time.UTC, Next: next, Slack: time.Hour}
			got := ""
			for _, n := range s.nights(due.Add(-time.Hour), due.Add(time.Hour), tc.entries, tc.kept) {
				got += string(n.State)
				if n.Reason != "" {
					got += ": " + n.Reason
				}
			}
			if got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

// TestExpectedNights: a night for each day of the zone, also where the clock changes, or for each time of a schedule.
func TestExpectedNights(t *testing.T) {
	dublin, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day int) time.Time { return time.Date(2026, 3, day, 0, 0, 0, 0, dublin) }
	labels := func(s Span, from, to time.Time) (all []string) {
		for _, x := range s.expected(from, to) {
			all = append(all, x.label)
		}
		return all
	}
	s := Span{Now: at(31), Location: dublin}
	if d := cmp.Diff([]string{"2026-03-28", "2026-03-29", "2026-03-30"}, labels(s, at(28), at(31))); d != "" {
		t.Error(d)
	}
	s.Next = func(t time.Time) time.Time { return t.Truncate(12 * time.Hour).Add(12 * time.Hour) }
	if d := cmp.Diff([]string{"2026-03-28 00:00", "2026-03-28 12:00", "2026-03-29 00:00", "2026-03-29 13:00"}, labels(s, at(28), at(30))); d != "" {
		t.Error(d)
	}
	s.Next = func(time.Time) time.Time { return time.Time{} }
	if got := labels(s, at(1), at(31)); got != nil {
		t.Errorf("a schedule that never comes: %v", got)
	}
}
