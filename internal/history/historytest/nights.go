package historytest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/history"
)

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
