package historytest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
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

// nights is the table of what a night may become.
func nights(t *testing.T, dsn string) {
	s, ctx := open(t, dsn), t.Context()
	const hour, second = time.Hour, time.Second
	type step struct {
		do   string // claim, renew, finish, fail, missed
		who  string
		at   time.Duration // after the night was due
		want string        // of claim: the state, "taken" for ok; of the others "" or "lost"
	}
	for i, steps := range [][]step{
		{{"claim", "a", 0, "taken"}, {"claim", "b", hour - second, "running"}, {"claim", "a", hour - second, "running"}, {"finish", "a", hour - second, ""}, {"claim", "b", 9 * hour, "done"}},
		{{"claim", "a", 0, "taken"}, {"claim", "b", hour, "taken"}, {"renew", "a", hour, "lost"}, {"finish", "a", hour, "lost"}, {"fail", "a", hour, "lost"}, {"finish", "b", hour, ""}},
		{{"claim", "a", 0, "taken"}, {"renew", "a", hour - second, ""}, {"claim", "b", 2*hour - 2*second, "running"}, {"claim", "b", 2 * hour, "taken"}},
		{{"claim", "a", 0, "taken"}, {"renew", "a", 5 * hour, ""}, {"claim", "b", 5 * hour, "running"}}, // it ran out, and nobody took it
		{{"claim", "a", 0, "taken"}, {"fail", "a", second, ""}, {"renew", "a", second, "lost"}, {"claim", "b", second, "taken"}, {"finish", "b", second, ""}},
		{{"missed", "", 0, ""}, {"claim", "a", 0, "taken"}, {"finish", "a", 0, ""}, {"missed", "", 0, ""}, {"claim", "a", 0, "done"}},
		{{"claim", "a", 0, "taken"}, {"missed", "", 0, ""}, {"renew", "a", second, ""}, {"finish", "a", second, ""}, {"claim", "b", 9 * hour, "done"}},
		{{"renew", "a", 0, "lost"}, {"finish", "a", 0, "lost"}, {"claim", "a", 0, "taken"}},
		{{"claim", "a", 5 * hour, "taken"}, {"claim", "b", -5 * hour, "running"}, {"finish", "a", -5 * hour, ""}}, // a clock that jumped
	} {
		due := first.AddDate(0, 0, i)
		for n, st := range steps {
			got, now := "", due.Add(st.at)
			var err error
			switch st.do {
			case "claim":
				var ok bool
				var state history.NightState
				if state, ok, err = s.Claim(ctx, due, now, st.who, hour); ok {
					state = "taken"
				}
				got = string(state)
			case "renew":
				err = s.Renew(ctx, due, now, st.who, hour)
			case "finish":
				err = s.Finish(ctx, due, now, st.who, RunID(1), "")
			case "fail":
				err = s.Finish(ctx, due, now, st.who, "", hostile)
			case "missed":
				err = s.Missed(ctx, due, "the machine was off")
			}
			if lost := new(history.LostError); errors.As(err, &lost) {
				got, err = "lost", nil
			}
			if got != st.want || err != nil {
				t.Errorf("night %d, step %d, %+v: %q, %v", i, n, st, got, err)
			}
		}
	}
}

// lease is what a night holds at each point, and which one was done last.
func lease(t *testing.T, dsn string) {
	s, ctx := open(t, dsn), t.Context()
	if _, ok, err := s.LastDone(ctx); ok || err != nil {
		t.Errorf("done before the first: %v %v", ok, err)
	}
	do := func(ok bool, err error) {
		t.Helper()
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	claim := func(due time.Time, who string, at time.Duration) {
		t.Helper()
		_, ok, err := s.Claim(ctx, due, due.Add(at), who, time.Minute)
		do(ok, err)
	}
	second, third := first.AddDate(0, 0, 1), first.AddDate(0, 0, 2)
	claim(first, hostile, 0)
	do(true, s.Finish(ctx, first, first.Add(1), hostile, "", "no credentials \xff"))
	claim(first, "b", time.Hour)
	do(true, s.Finish(ctx, first, first.Add(2*time.Hour), "b", RunID(1), "the report was not sent"))
	do(true, s.Missed(ctx, second, "off"))
	claim(third, hostile, time.Second)
	want := []history.Night{
		{Due: first, State: history.NightDone, Holder: "b", Attempts: 2, Begun: first.Add(time.Hour), Ended: first.Add(2 * time.Hour), Run: RunID(1), Problem: "the report was not sent"},
		{Due: second, State: history.NightMissed, Problem: "off"},
		{Due: third, State: history.NightRunning, Holder: hostile, Lease: third.Add(time.Second + time.Minute), Attempts: 1, Begun: third.Add(time.Second)},
	}
	if d := cmp.Diff(want, must(s.Nights(ctx, time.Time{}, time.Time{}))(t)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if got := must(s.Nights(ctx, second, third))(t); len(got) != 1 {
		t.Errorf("of one day: %v", got)
	}
	if due, ok, err := s.LastDone(ctx); !ok || err != nil || !due.Equal(first) {
		t.Errorf("last done: %v %v %v", due, ok, err)
	}
}

// race lets four holders with a database each, as processes have, claim 200 nights. Each night is one holder's.
func race(t *testing.T, dsn string) {
	const holders, count = 4, 200
	won := make([][]int, holders)
	var group sync.WaitGroup
	for h := range holders {
		s := open(t, dsn)
		group.Go(func() {
			name := fmt.Sprint("holder ", h)
			for n := range count {
				due := first.AddDate(0, 0, n)
				_, ok, err := s.Claim(t.Context(), due, due, name, time.Minute)
				if err == nil && ok {
					won[h] = append(won[h], n)
					err = s.Finish(t.Context(), due, due, name, RunID(int64(n)), "")
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	all := slices.Concat(won...)
	slices.Sort(all)
	if len(all) != count || len(slices.Compact(slices.Clone(all))) != count {
		t.Errorf("%d nights were taken, %d of them different", len(all), len(slices.Compact(all)))
	}
	for _, n := range must(open(t, dsn).Nights(t.Context(), time.Time{}, time.Time{}))(t) {
		if n.State != history.NightDone || n.Attempts != 1 {
			t.Errorf("%+v", n)
		}
	}
}

// start opens an empty database from eight sides at once.
func start(t *testing.T, dsn string) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			s, err := history.Open(t.Context(), dsn)
			if err == nil {
				err = s.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// recorders record the same log from three sides at once: nothing is lost or doubled.
func recorders(t *testing.T, dsn string) {
	log, left := Log(20, 12)
	var group sync.WaitGroup
	for range 3 {
		s := open(t, dsn)
		group.Go(func() {
			for _, entry := range log {
				if err := s.Record(t.Context(), entry); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if n := Holds(t, open(t, dsn), log, left); n != len(log) {
		t.Errorf("%d of %d", n, len(log))
	}
}

// half breaks a recording off: nothing of it stays.
func half(t *testing.T, dsn string) {
	s := open(t, dsn)
	put(t, s, Night(0, []residency.OpenViolation{violation("a", "us-east-1", residency.ViolationOpen, first)}))
	var many []residency.OpenViolation
	for i := range 2000 {
		many = append(many, violation(fmt.Sprint("r", i), "us-east-1", residency.ViolationOpen, first.AddDate(0, 0, 1)))
	}
	for cut := time.Millisecond; ; cut *= 2 {
		ctx, cancel := context.WithTimeout(t.Context(), cut)
		err := s.Record(ctx, Night(1, many))
		cancel()
		if err == nil {
			break
		}
		last, _, errLast := s.Last(t.Context())
		open, errOpen := s.Open(t.Context(), first)
		if last.Sequence != 0 || len(open) != 1 || errors.Join(errLast, errOpen) != nil {
			t.Fatalf("after %s: %d entries, %d open, %v", cut, last.Sequence+1, len(open), errors.Join(errLast, errOpen))
		}
	}
	if got := must(s.Open(t.Context(), first))(t); len(got) != 2000 {
		t.Errorf("%d open", len(got))
	}
}

// rebuild makes the index anew: the same is in it, the nights stay, and a failure on the way leaves all as it was.
func rebuild(t *testing.T, dsn string) {
	s := open(t, dsn)
	put(t, s, Night(0, []residency.OpenViolation{violation("old", "us-east-1", residency.ViolationOpen, first)}))
	if _, ok, err := s.Claim(t.Context(), first, first, "me", time.Hour); !ok || err != nil {
		t.Fatal(ok, err)
	}
	scratch := t.TempDir() + "/scratch.db"
	broken := errors.New("a run cannot be read")
	fill := func(entries []history.Entry, err error) func(*history.Store) error {
		return func(fresh *history.Store) error {
			for _, e := range entries {
				put(t, fresh, e)
			}
			return err
		}
	}
	e := newEstate(9, 12)
	var log []history.Entry
	for n := range int64(20) {
		log = append(log, Night(n, e.next()))
	}
	log = append(log, heartbeat(20, "failed", hostile))
	if _, err := history.Rebuild(t.Context(), dsn, scratch, fill(log, broken)); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if last, _, err := s.Last(t.Context()); last.Sequence != 0 || err != nil {
		t.Errorf("a rebuild that failed left %d, %v", last.Sequence, err)
	}
	done, err := history.Rebuild(t.Context(), dsn, scratch, fill(log, nil))
	if err != nil || done.Nights != 1 || done.Kept != "" || done.Lost != nil {
		t.Fatalf("%+v %v", done, err)
	}
	if n, err := s.Agrees(t.Context(), log); n != len(log) || err != nil { // the store that was open all the time sees it
		t.Errorf("%d of %d, %v", n, len(log), err)
	}
	if got := len(must(s.Spells(t.Context(), time.Time{}, time.Time{}, first))(t)); got != len(e.spells()) {
		t.Errorf("%d spells, want %d", got, len(e.spells()))
	}
	if err := s.Renew(t.Context(), first, first, "me", time.Hour); err != nil {
		t.Error(err)
	}
	put(t, s, Night(21, e.next()))
}
