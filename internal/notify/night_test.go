package notify

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func TestTell(t *testing.T) {
	one := func(change residency.Became) *residency.Comparison {
		return compared(difference(change, residency.High, "RES-002", "arn:aws:s3:::a"))
	}
	failing := State{Run: "before", Failures: 3, FailedSince: evening.Add(-72 * time.Hour)}
	for name, c := range map[string]struct {
		comparison *residency.Comparison
		before     State
		baseline   string
		failed     bool
		want       Kind // "": nobody is told
	}{
		"first run":                         {want: KindFirst},
		"nothing changed":                   {comparison: compared()},
		"new":                               {comparison: one(residency.Opened), want: KindChange},
		"moved":                             {comparison: one(residency.Moved), want: KindChange},
		"fixed":                             {comparison: one(residency.Fixed), want: KindChange},
		"stopped":                           {comparison: one(residency.Stopped), want: KindChange},
		"newly unknown":                     {comparison: one(residency.NewlyUnknown), want: KindChange},
		"newly uncovered":                   {comparison: one(residency.Uncovered), want: KindChange},
		"not re-examined":                   {comparison: one(residency.NotReexamined)},
		"policies":                          {comparison: &residency.Comparison{Policies: true}, want: KindChange},
		"configuration":                     {comparison: &residency.Comparison{Config: true}, want: KindChange},
		"tool alone":                        {comparison: &residency.Comparison{Tool: true}},
		"new, with a baseline":              {comparison: one(residency.Opened), baseline: "b", want: KindChange},
		"fixed, with a baseline":            {comparison: one(residency.Fixed), baseline: "b"},
		"policies, with a baseline":         {comparison: &residency.Comparison{Policies: true}, baseline: "b"},
		"failed":                            {failed: true, want: KindFailure},
		"failed again":                      {failed: true, before: failing},
		"recovered, nothing changed":        {comparison: compared(), before: failing, want: KindRecovery},
		"recovered, not re-examined":        {comparison: one(residency.NotReexamined), before: failing, want: KindRecovery},
		"recovered and changed":             {comparison: one(residency.Opened), before: failing, want: KindChange},
		"first run after failures":          {before: failing, want: KindFirst},
		"recovered, fixed, with a baseline": {comparison: one(residency.Fixed), before: failing, baseline: "b", want: KindRecovery},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			n := aNight(c.comparison)
			n.Baseline = c.baseline
			if c.failed {
				n.Summary, n.Failure = nil, "no credentials"
			}
			m, after := Tell(n, c.before)
			if m == nil && c.want != "" || m != nil && m.Kind != c.want {
				t.Fatalf("told %+v, want %q", m, c.want)
			}
			wantFailures := 0
			if c.failed {
				wantFailures = c.before.Failures + 1
			}
			if after.Run != n.Run || after.Failures != wantFailures || after.FailedSince.IsZero() == c.failed {
				t.Errorf("remembers %+v", after)
			}
			recovered := m != nil && !c.failed && c.before.Failures > 0
			if m != nil && (m.Recovered != nil) != recovered {
				t.Errorf("recovered: %+v", m.Recovered)
			}
			if again, same := Tell(n, after); again != nil || same != after {
				t.Errorf("the same night is told twice: %+v", again)
			}
		})
	}
}

// TestTellOnce: of three failed nights the first is told, and of the nights after them the first.
func TestTellOnce(t *testing.T) {
	var told []Kind
	state := State{}
	for i, failed := range []bool{false, false, true, true, true, false, false, true} {
		n := aNight(compared())
		n.Run = fmt.Sprint(i)
		if i == 0 {
			n.Comparison = nil
		}
		if failed {
			n.Summary, n.Failure = nil, "no credentials"
		}
		var m *Message
		if m, state = Tell(n, state); m != nil {
			told = append(told, m.Kind)
			if m.Kind == KindRecovery && (m.Recovered.Failures != 3 || !strings.Contains(m.Text(), "again after 3 failures since 2026-11-23T02:14:00Z")) {
				t.Error(m.Text())
			}
		}
	}
	if want := []Kind{KindFirst, KindFailure, KindRecovery, KindFailure}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// TestMissed: nights that were not done are told once, with the next message, and with the next run at the latest.
func TestMissed(t *testing.T) {
	missed := State{Run: "before", Compared: "before"}.Miss(evening.Add(-24 * time.Hour)).Miss(evening.Add(-48 * time.Hour))
	for name, c := range map[string]struct {
		comparison *residency.Comparison
		before     State
		failed     bool
		want       Kind // "": nobody is told, and the nights are kept for later
	}{
		"nothing changed":  {comparison: compared(), before: missed, want: KindRecovery},
		"something did":    {comparison: compared(difference(residency.Opened, residency.High, "RES-002", "a")), before: missed, want: KindChange},
		"first run":        {before: missed, want: KindFirst},
		"failed":           {before: missed, failed: true, want: KindFailure},
		"failed once more": {before: State{Failures: 1, FailedSince: evening, Missed: missed.Missed, MissedSince: missed.MissedSince}, failed: true},
		"and failed": {comparison: compared(), before: State{Failures: 1, FailedSince: evening, Missed: missed.Missed, MissedSince: missed.MissedSince},
			want: KindRecovery},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			n := aNight(c.comparison)
			if c.failed {
				n.Summary, n.Failure = nil, "no credentials"
			}
			m, after := Tell(n, c.before)
			if c.want == "" {
				if m != nil || after.Missed != 2 || !after.MissedSince.Equal(missed.MissedSince) {
					t.Errorf("told %+v, remembers %+v", m, after)
				}
				return
			}
			if m == nil || m.Kind != c.want || m.Missed == nil || *m.Missed != (Missed{Since: evening.Add(-48 * time.Hour), Nights: 2}) {
				t.Fatalf("told %+v, want %q and two nights", m, c.want)
			}
			if text := m.Text(); !strings.Contains(text, "2 nights were missed, the first of 2026-11-21T02:14:00Z: domicile history says why.") {
				t.Error(text)
			}
			if after.Missed != 0 || !after.MissedSince.IsZero() {
				t.Errorf("remembers %+v", after)
			}
		})
	}
}

// TestWorstTen: severity comes first, then control and resource; what was fixed is no bad news and comes last.
func TestWorstTen(t *testing.T) {
	var all []residency.Difference
	for i := range 9 {
		all = append(all, difference(residency.Opened, residency.Medium, "RES-004", fmt.Sprintf("m%d", 8-i)))
	}
	all = append(all, difference(residency.Fixed, residency.Critical, "RES-001", "f"), difference(residency.NewlyUnknown, "", "RES-001", "u"),
		difference(residency.Opened, residency.High, "RES-003", "h2"), difference(residency.Moved, residency.High, "RES-002", "h1"),
		difference(residency.NotReexamined, residency.Critical, "RES-001", "n"))
	m, _ := Tell(aNight(compared(all...)), State{})
	var got []string
	for _, c := range m.Changes {
		got = append(got, c.Resource)
	}
	if want := []string{"h1", "h2", "m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"}; !slices.Equal(got, want) || m.More != 3 {
		t.Errorf("%v and %d more, want %v and 3", got, m.More, want)
	}
	if n := m.Counts.Changes[residency.NotReexamined]; n != 1 {
		t.Errorf("%d not re-examined are counted", n)
	}
	m, _ = Tell(aNight(compared(all[9:11]...)), State{})
	if m.Changes[0].Resource != "u" || m.Changes[1].Resource != "f" || m.More != 0 {
		t.Errorf("%+v", m.Changes)
	}
}

func TestDaysOpen(t *testing.T) {
	moved := difference(residency.Moved, residency.High, "RES-002", "a")
	moved.Was = "ap-south-1"
	n := aNight(compared(moved, difference(residency.Opened, residency.High, "RES-002", "b"), difference(residency.Fixed, residency.High, "RES-002", "c")))
	of := func(resource, region string) residency.Violation {
		return residency.Violation{Control: "RES-002", Resource: resource, Zone: "eu", Role: residency.Replica, Region: region, Account: "111111111111", Target: resource + "-copy"}
	}
	n.DaysOpen = map[residency.Violation]int{of("a", "ap-south-1"): 12, of("c", "us-east-1"): 0}
	m, _ := Tell(n, State{})
	for i, want := range map[int]int{0: 12, 2: 0} {
		if d := m.Changes[i].DaysOpen; d == nil || *d != want {
			t.Errorf("%s: %v days, want %d", m.Changes[i].Resource, d, want)
		}
	}
	if d := m.Changes[1].DaysOpen; d != nil {
		t.Errorf("b: %d days, and none are known", *d)
	}
}

func verdicts(n int, err error) iter.Seq2[residency.Verdict, error] {
	return func(yield func(residency.Verdict, error) bool) {
		for i := range n {
			v := residency.Verdict{Control: "RES-002", Resource: fmt.Sprintf("r%03d", n-1-i), Outcome: residency.Fail, Severity: []residency.Severity{residency.Low, residency.High, residency.Info}[i%3],
				Placements: []residency.Placement{{Role: residency.Replica, Region: "us-east-1"}, {Role: residency.Replica, Region: "us-west-2"}}}
			if !yield(v, nil) {
				return
			}
		}
		yield(residency.Verdict{Outcome: residency.Waived, Severity: residency.Critical}, err)
	}
}

// TestWorstOf: one for each placement, without what is waived or of severity info.
func TestWorstOf(t *testing.T) {
	w, err := WorstOf(verdicts(90, nil))
	if err != nil || w.seen != 120 || len(w.changes) != 10 {
		t.Fatalf("%d of %d: %v", len(w.changes), w.seen, err)
	}
	for i, c := range w.changes {
		if want := fmt.Sprintf("r%03d", 1+3*(i/2)); c.Resource != want || c.Severity != residency.High || c.Change != "open" {
			t.Errorf("%d: %+v, want %s", i, c, want)
		}
	}
	n := aNight(nil)
	n.Worst = w
	if m, _ := Tell(n, State{}); len(m.Changes) != 10 || m.More != 110 {
		t.Errorf("%d and %d more", len(m.Changes), m.More)
	}
	broken := errors.New("torn")
	if _, err := WorstOf(verdicts(3, broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestState(t *testing.T) {
	store := t.TempDir() + "/runs"
	if s, err := ReadState(store); err != nil || s != (State{}) {
		t.Errorf("%+v %v", s, err)
	}
	want := State{Run: "a", Failures: 2, FailedSince: evening}
	for _, s := range []State{{Run: "b"}, want} {
		if err := s.Write(store); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := ReadState(store); err != nil || s != want {
		t.Errorf("%+v %v", s, err)
	}
	requireAlone(t, store, StateName)
	requireMode(t, store+"/"+StateName, 0o600)
}

// TestCompared: a night that failed left nothing with which the next could be compared.
func TestCompared(t *testing.T) {
	_, after := Tell(Night{Run: "2", Failure: "no credentials"}, State{Run: "1", Compared: "1"})
	if after.Compared != "1" || after.Run != "2" {
		t.Errorf("%+v", after)
	}
	if _, after = Tell(Night{Run: "3", Summary: &residency.Summary{}, Comparison: &residency.Comparison{}}, after); after.Compared != "3" {
		t.Errorf("%+v", after)
	}
}
