package schedule

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTakeover: the night of a holder that was killed is free once its lease ran out, and not before.
func TestTakeover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		until(t, "2000-01-01T02:00:00Z")
		if ok, err := s.memory.Claim(t.Context(), instant(t, "2000-01-01T02:00:00Z"), time.Now(), "killed", 5*time.Minute); !ok || err != nil {
			t.Fatal(ok, err)
		}
		stop := s.start(t)
		until(t, "2000-01-01T03:00:00Z")
		stop()
		requireLines(t, "begun", s.times(), "01-01T02:05")
		requireLines(t, "nights", s.memory.states(), "01-01T02:00 done")
	})
}

// TestRenew: a lease is renewed for as long as the job takes, so that a second daemon leaves the night alone.
func TestRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
		a, b := tell(t, "0 2 * * *", "", m), tell(t, "0 2 * * *", "", m)
		a.takes, b.takes = 3*time.Hour, 3*time.Hour
		stopA, stopB := a.start(t), b.start(t)
		until(t, "2000-01-01T12:00:00Z")
		stopA()
		stopB()
		if got := append(a.times(), b.times()...); len(got) != 1 {
			t.Errorf("begun %q", got)
		}
		requireLines(t, "nights", m.states(), "01-01T02:00 done", "12-31T02:00 done")
	})
}

// TestLost: a job whose lease cannot be renewed is cancelled when the lease has run out, and one short outage does no harm.
func TestLost(t *testing.T) {
	for _, tc := range []struct {
		name     string
		outage   time.Duration
		want     string
		attempts int
	}{
		{"short", 3 * time.Minute, "01-01T02:00 done", 1},
		{"long", 12 * time.Minute, "01-01T02:00 done", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tell(t, "0 2 * * *", "", newMemory())
				s.memory.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
				s.takes = 30 * time.Minute
				from := instant(t, "2000-01-01T02:01:00Z")
				s.memory.broken = func() error {
					if now := s.now(); now.After(from) && now.Before(from.Add(tc.outage)) {
						return errors.New("no route to host")
					}
					return nil
				}
				stop := s.start(t)
				until(t, "2000-01-01T03:30:00Z")
				stop()
				if len(s.begun) != tc.attempts || s.memory.states()[0] != tc.want {
					t.Errorf("begun %q, nights %q", s.times(), s.memory.states())
				}
				lost := 0
				for _, text := range s.said {
					if strings.Contains(text, "the lease on the night was lost: no route to host: context canceled") {
						lost++
					}
				}
				if lost != tc.attempts-1 {
					t.Errorf("lost %d times: %q", lost, s.said)
				}
			})
		})
	}
}

// TestTaken: a holder that slept through its lease stops when it learns that the night has become another's, which does it once.
func TestTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
		asleep, awake := tell(t, "0 2 * * *", "", m), tell(t, "0 2 * * *", "", m)
		asleep.takes, awake.takes = 2*time.Hour, 20*time.Minute
		stopAsleep := asleep.start(t)
		until(t, "2000-01-01T02:01:00Z")
		m.mu.Lock()
		m.at(instant(t, "2000-01-01T02:00:00Z")).until = time.Now() // nothing was renewed for long
		m.mu.Unlock()
		stopAwake := awake.start(t)
		until(t, "2000-01-01T06:00:00Z")
		stopAsleep()
		stopAwake()
		requireLines(t, "begun by the one", asleep.times(), "01-01T02:00")
		requireLines(t, "begun by the other", awake.times(), "01-01T02:01")
		if asleep.kinds[Done] != 0 || awake.kinds[Done] != 1 {
			t.Errorf("done by the one: %v, by the other: %v", asleep.kinds, awake.kinds)
		}
		requireLines(t, "nights", m.states(), "01-01T02:00 done", "12-31T02:00 done")
	})
}

// TestClockJumps sets the wall clock while the daemon runs.
func TestClockJumps(t *testing.T) {
	for _, tc := range []struct {
		name   string
		jumps  map[string]time.Duration // by the bubble's clock
		end    string
		begun  []string // by the wall's
		nights []string
	}{
		{"forwards over three nights, as after a sleep", map[string]time.Duration{"2000-01-02T12:00:10Z": 72 * time.Hour}, "2000-01-03T12:00:00Z",
			[]string{"01-01T02:00", "01-02T02:00", "01-05T12:01", "01-06T02:00"},
			[]string{"01-01T02:00 done", "01-02T02:00 done", "01-03T02:00 missed: " + reasonAsleep, "01-04T02:00 missed: " + reasonAsleep,
				"01-05T02:00 done", "01-06T02:00 done", "12-31T02:00 done"}},
		{"forwards within a job", map[string]time.Duration{"2000-01-01T02:03:10Z": 50 * time.Hour}, "2000-01-01T12:00:00Z",
			[]string{"01-01T02:00", "01-03T04:11"},
			[]string{"01-01T02:00 done", "01-02T02:00 missed: " + reasonAsleep, "01-03T02:00 done", "12-31T02:00 done"}},
		{"backwards over two nights: neither again", map[string]time.Duration{"2000-01-02T12:00:10Z": -48 * time.Hour}, "2000-01-06T12:00:00Z",
			[]string{"01-01T02:00", "01-02T02:00", "01-03T02:00", "01-04T02:00"},
			[]string{"01-01T02:00 done", "01-02T02:00 done", "01-03T02:00 done", "01-04T02:00 done", "12-31T02:00 done"}},
		{"ten years ahead and right again: no night is lost", map[string]time.Duration{"2000-01-01T12:00:10Z": 87600 * time.Hour, "2000-01-01T13:00:10Z": -87600 * time.Hour},
			"2000-01-04T12:00:00Z", []string{"01-01T02:00", "12-29T12:01", "01-02T02:00", "01-03T02:00", "01-04T02:00"}, nil},
		{"a day ahead and right again: the night is not done twice", map[string]time.Duration{"2000-01-01T12:00:10Z": 24 * time.Hour, "2000-01-01T13:00:10Z": -24 * time.Hour},
			"2000-01-03T12:00:00Z", []string{"01-01T02:00", "01-02T12:01", "01-03T02:00"},
			[]string{"01-01T02:00 done", "01-02T02:00 done", "01-03T02:00 done", "12-31T02:00 done"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tell(t, "0 2 * * *", "", newMemory())
				s.memory.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
				s.takes = 10*time.Minute + 30*time.Second // it does not end just when the clock is looked at
				for at, by := range tc.jumps {
					time.AfterFunc(time.Until(instant(t, at)), func() { s.jump(by) })
				}
				stop := s.start(t)
				until(t, tc.end)
				stop()
				requireLines(t, "begun", s.times(), tc.begun...)
				if tc.nights != nil {
					requireLines(t, "nights", s.memory.states(), tc.nights...)
				}
				seen := map[string]bool{}
				for _, due := range s.dues {
					if text := due.Format(time.RFC3339); seen[text] {
						t.Errorf("the night of %s was done twice", text)
					} else {
						seen[text] = true
					}
				}
			})
		})
	}
}

// TestAlive: a daemon that is stuck, and only that, is not alive.
func TestAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		if s.Alive() {
			t.Error("alive before it was started")
		}
		s.takes = 5 * time.Hour
		stop := s.start(t)
		for range 100 {
			time.Sleep(3 * time.Minute)
			if !s.Alive() {
				t.Fatal("not alive while it runs")
			}
		}
		stop()
		time.Sleep(time.Hour)
		if s.Alive() {
			t.Error("alive after its end")
		}
	})
}

// TestOnce: what is due is done once, and nothing else.
func TestOnce(t *testing.T) {
	noCredentials := errors.New("no credentials")
	for _, tc := range []struct {
		name   string
		before func(*testing.T, *story)
		fails  error
		due    string // of the night that is returned
		held   bool
		begun  []string
		nights []string
	}{
		{"nothing is known", func(*testing.T, *story) {}, nil, "01-05T02:00", false, []string{"01-05T12:00"}, []string{"01-05T02:00 done"}},
		{"nothing is due", known("2000-01-05T02:00:00Z", "done"), nil, "", false, nil, []string{"01-05T02:00 done"}},
		{"failed before", known("2000-01-05T02:00:00Z", "failed"), nil, "01-05T02:00", false, []string{"01-05T12:00"}, []string{"01-05T02:00 done"}},
		{"missed before", known("2000-01-03T02:00:00Z", "done"), nil, "01-05T02:00", false, []string{"01-05T12:00"},
			[]string{"01-03T02:00 done", "01-04T02:00 missed: " + reasonAway, "01-05T02:00 done"}},
		{"fails: it is not tried again", func(*testing.T, *story) {}, noCredentials, "01-05T02:00", false, []string{"01-05T12:00"}, []string{"01-05T02:00 failed: no credentials"}},
		{"held by one that was killed", claimed(time.Minute), nil, "01-05T02:00", false, []string{"01-05T12:01"}, []string{"01-05T02:00 done"}},
		{"held by one that goes on", claimed(time.Hour), nil, "01-05T02:00", true, nil, []string{"01-05T02:00 running"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tell(t, "0 2 * * *", "", newMemory())
				until(t, "2000-01-05T12:00:00Z")
				tc.before(t, s)
				s.fails = func(Night) error { return tc.fails }
				n, held, err := s.Once(t.Context())
				if !errors.Is(err, tc.fails) || held != tc.held {
					t.Errorf("held %v, error %v", held, err)
				}
				if got := n.Due.Format("01-02T15:04"); got != tc.due && !(tc.due == "" && n.Due.IsZero()) {
					t.Errorf("the night of %s, want %s", got, tc.due)
				}
				requireLines(t, "begun", s.times(), tc.begun...)
				requireLines(t, "nights", s.memory.states(), tc.nights...)
			})
		})
	}
}

func known(due, state string) func(*testing.T, *story) {
	return func(t *testing.T, s *story) { s.memory.at(instant(t, due)).state = state }
}

func claimed(lease time.Duration) func(*testing.T, *story) {
	return func(t *testing.T, s *story) {
		if _, err := s.memory.Claim(t.Context(), instant(t, "2000-01-05T02:00:00Z"), time.Now(), "another", lease); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOnceInterrupted: waiting for another ends with the context.
func TestOnceInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		until(t, "2000-01-05T12:00:00Z")
		claimed(time.Hour)(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, _, err := s.Once(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// TestNoHeartbeat: a missed night whose heartbeat cannot be left is recorded all the same, with why.
func TestNoHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		until(t, "2000-01-05T12:00:00Z")
		s.memory.at(instant(t, "2000-01-03T02:00:00Z")).state = "done"
		s.Skip = func(context.Context, time.Time, string) (string, error) { return "", errors.New("no key") }
		if _, _, err := s.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		requireLines(t, "nights", s.memory.states(), "01-03T02:00 done", "01-04T02:00 missed: "+reasonAway+"; no heartbeat could be left: no key", "01-05T02:00 done")
	})
}

// TestSealedBefore: a night whose run is there, of a process that was killed before it could say so, is done and not missed.
func TestSealedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		until(t, "2000-01-05T12:00:00Z")
		s.memory.at(instant(t, "2000-01-02T02:00:00Z")).state = "done"
		s.memory.at(instant(t, "2000-01-03T02:00:00Z")).state = "running"
		s.Skip = func(_ context.Context, due time.Time, _ string) (string, error) {
			if due.Day() == 3 {
				return "its run", nil
			}
			return "", nil
		}
		if _, _, err := s.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		requireLines(t, "nights", s.memory.states(), "01-02T02:00 done", "01-03T02:00 done", "01-04T02:00 missed: "+reasonAway, "01-05T02:00 done")
		if got := s.memory.at(instant(t, "2000-01-03T02:00:00Z")).run; got != "its run" {
			t.Errorf("its run is %q", got)
		}
	})
}
