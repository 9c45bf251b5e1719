package historytest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Suite runs every test against databases that fresh makes, each empty, by their addresses.
func Suite(t *testing.T, fresh func(testing.TB) string) {
	for name, test := range map[string]func(*testing.T, string){
		"record": record, "order": order, "estate": anEstate, "compare": compare, "nights": nights, "lease": lease, "race": race, "start": start, "rebuild": rebuild,
		"recorders": recorders, "half": half,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

func open(t testing.TB, dsn string) *history.Store {
	t.Helper()
	s, err := history.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func put(t testing.TB, s *history.Store, e history.Entry) {
	t.Helper()
	if err := s.Record(t.Context(), e); err != nil {
		t.Fatalf("entry %d: %v", e.Sequence, err)
	}
}

// stripped are an entry's fields that are read back.
func stripped(e history.Entry) history.Entry {
	if e.Run != nil {
		r := *e.Run
		r.Violations, r.Findings, r.Uncovered = nil, nil, nil
		e.Run = &r
	}
	return e
}

func heartbeat(n int64, kind, reason string) history.Entry {
	at := first.AddDate(0, 0, int(n))
	return history.Entry{Sequence: n, Kind: kind, RunID: RunID(n), Begun: at, Time: at, Reason: reason}
}

// record reads back what was recorded: runs, heartbeats, runs that are gone; and the last.
func record(t *testing.T, dsn string) {
	s := open(t, dsn)
	if _, ok, err := s.Last(t.Context()); ok || err != nil {
		t.Fatalf("an empty history has a last entry: %v %v", ok, err)
	}
	a := Night(0, []residency.OpenViolation{violation(hostile, "us-east-1", residency.ViolationOpen, first)})
	a.Run.Gaps, a.Run.FirstGap, a.Run.Complete = 3, "s3 "+hostile, false
	gone := heartbeat(2, "run", "")
	gone.Manifest, gone.Problem = "m", "its folder is gone"
	entries := []history.Entry{a, heartbeat(1, "failed", hostile), gone, Night(3, nil)}
	for _, e := range entries {
		put(t, s, e)
		put(t, s, e) // again: changes nothing
	}
	got := must(s.Runs(t.Context(), time.Time{}, time.Time{}))(t)
	var want []history.Entry
	for _, e := range entries {
		want = append(want, stripped(e))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	middle := must(s.Runs(t.Context(), first.AddDate(0, 0, 1), first.AddDate(0, 0, 2)))(t)
	if len(middle) != 1 || middle[0].Kind != "failed" {
		t.Errorf("of one day: %v", middle)
	}
	last, _, err := s.Last(t.Context())
	if d := cmp.Diff(stripped(entries[3]), last); d != "" || err != nil {
		t.Error(d, err)
	}
	if got := must(s.Open(t.Context(), first))(t); len(got) != 0 {
		t.Errorf("open after a run that left nothing: %v", got)
	}
}

// order refuses an entry whose predecessor is missing, and one that is another than the one recorded.
func order(t *testing.T, dsn string) {
	s := open(t, dsn)
	if err := s.Record(t.Context(), Night(1, nil)); err == nil || !strings.Contains(err.Error(), "the last one recorded is -1") {
		t.Errorf("a gap in the order: %v", err)
	}
	put(t, s, Night(0, nil))
	put(t, s, Night(1, nil))
	for name, change := range map[string]func(*history.Entry){
		"manifest": func(e *history.Entry) { e.Manifest = "other" }, "run": func(e *history.Entry) { e.RunID = "other" }, "kind": func(e *history.Entry) { e.Kind = "failed" },
	} {
		e := Night(0, nil)
		change(&e)
		var foreign *history.ForeignError
		if err := s.Record(t.Context(), e); !errors.As(err, &foreign) || foreign.Sequence != 0 {
			t.Errorf("another %s: %v", name, err)
		}
		if _, err := s.Agrees(t.Context(), []history.Entry{e, Night(1, nil)}); !errors.As(err, &foreign) {
			t.Errorf("a log with another %s: %v", name, err)
		}
	}
	var foreign *history.ForeignError
	if _, err := s.Agrees(t.Context(), []history.Entry{Night(0, nil)}); !errors.As(err, &foreign) || foreign.Sequence != 1 {
		t.Errorf("a log that was rolled back: %v", err)
	}
	if n, err := s.Agrees(t.Context(), []history.Entry{Night(0, nil), Night(1, nil), Night(2, nil)}); n != 2 || err != nil {
		t.Errorf("%d entries agree, %v", n, err)
	}
}

// anEstate records 60 random nights and compares with a model that holds whole copies: what is open after each, the spells, and what
// changed between any two.
func anEstate(t *testing.T, dsn string) {
	s, e := open(t, dsn), newEstate(3, 12)
	for n := range int64(60) {
		left := e.next()
		put(t, s, Night(n, append(slices.Clone(left), ended(e, n)...)))
		var got []residency.OpenViolation
		for _, l := range must(s.Open(t.Context(), first.AddDate(0, 0, int(n))))(t) {
			got = append(got, l.OpenViolation)
		}
		slices.SortFunc(got, func(a, b residency.OpenViolation) int {
			return strings.Compare(fmt.Sprint(a.Violation), fmt.Sprint(b.Violation))
		})
		if d := cmp.Diff(left, got, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("open after night %d (-want +got):\n%s", n, d)
		}
	}
	night := func(at time.Time) int {
		if at.IsZero() {
			return -1
		}
		return int(at.Sub(first) / (24 * time.Hour))
	}
	var spells []string
	for _, l := range must(s.Spells(t.Context(), time.Time{}, time.Time{}, first.AddDate(0, 0, 60)))(t) {
		spells = append(spells, fmt.Sprint(l.Violation, night(l.FirstSeen), night(l.Closed)))
		if closed := !l.Closed.IsZero(); closed && l.Ending != "proved" || l.DaysOpen != map[bool]int{true: night(l.Closed) - night(l.FirstSeen), false: 61 - night(l.FirstSeen)}[closed] {
			t.Errorf("spell %+v", l)
		}
	}
	slices.Sort(spells)
	if d := cmp.Diff(e.spells(), spells); d != "" {
		t.Errorf("spells (-want +got):\n%s", d)
	}
	pairs := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		a, b := pairs.IntN(60), pairs.IntN(60)
		got := must(s.Compare(t.Context(), RunID(int64(a)), RunID(int64(b))))(t)
		if d := cmp.Diff(differences(e.nights[a], e.nights[b]), words(got.Differences)); d != "" {
			t.Fatalf("night %d against %d (-want +got):\n%s", b, a, d)
		}
	}
	opened, closed, err := s.Turnover(t.Context(), time.Time{}, time.Time{})
	if n := len(slices.DeleteFunc(slices.Clone(spells), func(s string) bool { return strings.HasSuffix(s, " -1") })); opened != len(spells) || closed != n || err != nil {
		t.Errorf("opened %d, closed %d, %v; want %d, %d", opened, closed, err, len(spells), n)
	}
}

// ended are those of the night before that stand no more, as the run that proved it says.
func ended(e *estate, n int64) (all []residency.OpenViolation) {
	if n == 0 {
		return nil
	}
	for _, v := range e.nights[n-1] {
		if !slices.ContainsFunc(e.nights[n], func(o residency.OpenViolation) bool { return o.Violation == v.Violation }) {
			v.State, v.Detail = residency.ViolationEnded, "proved"
			all = append(all, v)
		}
	}
	return all
}

func words(all []residency.Difference) (out []string) {
	for _, d := range all {
		out = append(out, fmt.Sprintf("%s %s %s was=%s", d.Change, d.Resource, d.Region, d.Was))
	}
	slices.Sort(out)
	return out
}

// differences compares two whole nights, the slow way.
func differences(a, b []residency.OpenViolation) (out []string) {
	find := func(all []residency.OpenViolation, v residency.Violation) residency.ViolationState {
		for _, o := range all {
			if o.Violation == v {
				return o.State
			}
		}
		return ""
	}
	add := func(c residency.Became, v residency.Violation, was string) {
		out = append(out, fmt.Sprintf("%s %s %s was=%s", c, v.Resource, v.Region, was))
	}
	moved := map[residency.Violation]bool{}
	for _, v := range b {
		was := find(a, v.Violation)
		switch {
		case v.State == residency.ViolationOpen && was == "":
			var from []residency.Violation
			for _, o := range a {
				if now := find(b, o.Violation); o.Resource == v.Resource && o.Region != v.Region && o.State != residency.ViolationStopped && (now == "" || now == residency.ViolationStopped) {
					from = append(from, o.Violation)
				}
			}
			if len(from) == 1 {
				moved[from[0]] = true
				add(residency.Moved, v.Violation, from[0].Region)
			} else {
				add(residency.Opened, v.Violation, "")
			}
		case v.State == residency.ViolationOpen && (was == residency.ViolationWaived || was == residency.ViolationStopped):
			add(residency.Opened, v.Violation, "")
		case v.State == residency.ViolationOpen, v.State == was:
		case v.State == residency.ViolationStopped:
			add(residency.Stopped, v.Violation, "")
		case v.State == residency.ViolationNotReexamined:
			add(residency.NotReexamined, v.Violation, "")
		default:
			add(residency.NewlyWaived, v.Violation, "")
		}
	}
	for _, v := range a {
		if find(b, v.Violation) == "" && !moved[v.Violation] {
			add(residency.Fixed, v.Violation, "")
		}
	}
	slices.Sort(out)
	return out
}

// compare is what else a comparison tells: what became unknown or uncovered, and whether what judges changed.
func compare(t *testing.T, dsn string) {
	s := open(t, dsn)
	gap := history.Gap{Scanner: "rds", Account: "111111111111", Region: "eu-west-1", Call: "DescribeDBInstances", Class: "denied"}
	a := Night(0, []residency.OpenViolation{violation("a", "us-east-1", residency.ViolationOpen, first)}, unknown("u", "denied"), unknown("v", "denied"))
	b := Night(1, nil, unknown("u", "throttled"), unknown(hostile, "denied"), history.Finding{Matter: residency.Matter{Control: "RES-001", Resource: "a", Zone: "eu"},
		Outcome: residency.Unknown, Line: `{"reason":"said already"}`})
	still := violation("a", "us-east-1", residency.ViolationNotReexamined, first)
	still.Detail = "rds ListBuckets denied"
	b.Run.Violations, b.Run.Uncovered, b.Run.Policies, b.Run.Tool = []residency.OpenViolation{still}, []history.Gap{gap, gap}, "other", "2"
	c := Night(2, []residency.OpenViolation{still})
	c.Run.Uncovered = []history.Gap{gap}
	for _, e := range []history.Entry{a, b, c, heartbeat(3, "failed", "x")} {
		put(t, s, e)
	}
	want := &residency.Comparison{Old: RunID(0), New: RunID(1), Policies: true, Tool: true, Differences: []residency.Difference{
		{Change: residency.NewlyUnknown, Control: "RES-012", Resource: hostile, Zone: "eu", Detail: "denied"},
		{Change: residency.NotReexamined, Control: "RES-001", Resource: "a", Zone: "eu", Severity: "high", Role: "replica", Region: "us-east-1", Account: "111111111111", Target: "a-copy", Detail: still.Detail},
		{Change: residency.Uncovered, Account: "111111111111", Region: "eu-west-1", Detail: "rds DescribeDBInstances denied"},
	}}
	if d := cmp.Diff(want, must(s.Compare(t.Context(), RunID(0), RunID(1)))(t)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if got := must(s.Compare(t.Context(), RunID(1), RunID(2)))(t); len(got.Differences) > 0 { // an old gap, unknowns that were answered
		t.Errorf("nothing new: %+v", got.Differences)
	}
	for _, id := range []string{RunID(3), "nothing"} {
		if _, err := s.Compare(t.Context(), id, RunID(0)); err == nil || !strings.Contains(err.Error(), "knows nothing of a run") {
			t.Errorf("%s: %v", id, err)
		}
	}
}
