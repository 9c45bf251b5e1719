package schedule

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The bubble's clock starts on 2000-01-01 00:00 UTC.

// TestYear lives through a year in three zones, with every look at the clock: each night once, at its time, through both clock changes.
func TestYear(t *testing.T) {
	for _, tc := range []struct{ zone, cron string }{
		{"Europe/Dublin", "30 1 * * *"}, // on 2001-03-25 the clock skips it, on 2001-10-28 it shows it twice
		{"Australia/Sydney", "30 2 * * *"},
		{"UTC", "0 2 * * *"},
	} {
		t.Run(tc.zone, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tell(t, tc.cron, tc.zone, newMemory())
				begin := time.Date(2001, 1, 1, 0, 0, 0, 0, s.Schedule.Location())
				time.Sleep(time.Until(begin))
				s.memory.at(s.Schedule.latest(begin)).state = "done"
				stop := s.start(t)
				time.Sleep(time.Until(begin.AddDate(1, 0, 0)))
				stop()
				nights := map[string]int{}
				for i, due := range s.dues {
					nights[due.Format(time.DateOnly)]++
					if at := s.begun[i]; !at.Equal(due) {
						t.Errorf("the night of %s was begun at %s", due, at)
					}
				}
				for day := range 365 {
					if date := begin.AddDate(0, 0, day).Format(time.DateOnly); nights[date] != 1 {
						t.Errorf("%d runs on %s", nights[date], date)
					}
				}
				if len(nights) != 365 || s.kinds[Done] != 365 || s.kinds[Missed]+s.kinds[Failed]+s.kinds[Trouble] > 0 {
					t.Errorf("%d nights, events %v, %v", len(nights), s.kinds, s.said)
				}
			})
		})
	}
}

// TestPanic: a job that panics is a night that failed and is tried again; a panic anywhere else is told. Neither keeps the next out.
func TestPanic(t *testing.T) {
	t.Run("job", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := tell(t, "0 2 * * *", "", newMemory())
			s.memory.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
			s.fails = func(n Night) error {
				if n.Attempt == 1 {
					panic("out of range")
				}
				return nil
			}
			stop := s.start(t)
			until(t, "2000-01-03T00:00:00Z")
			stop()
			requireLines(t, "begun", s.times(), "01-01T02:00", "01-01T02:15", "01-02T02:00", "01-02T02:15")
			requireLines(t, "told", s.said, "panic: out of range", "panic: out of range")
		})
	})
	t.Run("elsewhere", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := tell(t, "0 2 * * *", "", newMemory())
			s.memory.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
			var asked atomic.Int32
			s.memory.broken = func() error {
				if at := s.now(); at.Hour() == 2 && asked.Add(1) == 1 {
					panic("nil map")
				}
				return nil
			}
			stop := s.start(t)
			until(t, "2000-01-02T03:00:00Z")
			stop()
			requireLines(t, "begun", s.times(), "01-01T02:01", "01-02T02:00")
			requireLines(t, "told", s.said, "panic: nil map")
		})
	})
}

// TestOverlap: a job that is still running keeps the next out, and what was due meanwhile is missed for that reason, but for the last.
func TestOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 * * * *", "", newMemory())
		s.memory.at(instant(t, "2000-01-01T00:00:00Z")).state = "done"
		s.takes = 150*time.Minute + 30*time.Second
		var running, most atomic.Int32
		job := s.Job
		s.Job = func(ctx context.Context, n Night) (string, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			return job(ctx, n)
		}
		stop := s.start(t)
		until(t, "2000-01-01T03:45:00Z")
		if !s.Alive() {
			t.Error("it is not alive while a job runs")
		}
		until(t, "2000-01-01T06:10:00Z")
		stop()
		if most.Load() != 1 {
			t.Errorf("%d at once", most.Load())
		}
		requireLines(t, "begun", s.times(), "01-01T01:00", "01-01T03:31", "01-01T06:02")
		requireLines(t, "nights", s.memory.states(), "01-01T00:00 done", "01-01T01:00 done", "01-01T02:00 missed: "+reasonBusy, "01-01T03:00 done",
			"01-01T04:00 missed: "+reasonBusy, "01-01T05:00 missed: "+reasonBusy, "01-01T06:00 failed: context canceled")
	})
}

// TestStart holds what is caught up and what is missed when a daemon starts on 2000-01-05 at 12:00.
func TestStart(t *testing.T) {
	for _, tc := range []struct {
		name, cron string
		known      map[string]string
		begun      []string
		nights     []string
	}{
		{"nothing is known: the latest", "0 2 * * *", nil, []string{"01-05T12:00"}, []string{"01-05T02:00 done"}},
		{"done: nothing", "0 2 * * *", map[string]string{"2000-01-05T02:00:00Z": "done"}, nil, []string{"01-05T02:00 done"}},
		{"one was missed: it is late", "0 2 * * *", map[string]string{"2000-01-04T02:00:00Z": "done"}, []string{"01-05T12:00"},
			[]string{"01-04T02:00 done", "01-05T02:00 done"}},
		{"three were missed", "0 2 * * *", map[string]string{"2000-01-02T02:00:00Z": "done"}, []string{"01-05T12:00"},
			[]string{"01-02T02:00 done", "01-03T02:00 missed: " + reasonAway, "01-04T02:00 missed: " + reasonAway, "01-05T02:00 done"}},
		{"killed in its first night", "0 2 * * *", map[string]string{"2000-01-03T02:00:00Z": "running"}, []string{"01-05T12:00"},
			[]string{"01-03T02:00 missed: " + reasonAway, "01-04T02:00 missed: " + reasonAway, "01-05T02:00 done"}},
		{"recorded before: once more changes nothing", "0 2 * * *", map[string]string{"2000-01-03T02:00:00Z": "done", "2000-01-04T02:00:00Z": "missed"},
			[]string{"01-05T12:00"}, []string{"01-03T02:00 done", "01-04T02:00 missed: " + reasonAway, "01-05T02:00 done"}},
		{"weekly: still before the next", "0 2 * * SAT", map[string]string{"1999-12-25T02:00:00Z": "done"}, []string{"01-05T12:00"},
			[]string{"01-01T02:00 done", "12-25T02:00 done"}},
		{"twice a day: the later", "0 2,10 * * *", map[string]string{"2000-01-04T10:00:00Z": "done"}, []string{"01-05T12:00"},
			[]string{"01-04T10:00 done", "01-05T02:00 missed: " + reasonAway, "01-05T10:00 done"}},
		{"every: at multiples", "@every 36h", nil, []string{"01-05T12:00"}, []string{"01-05T12:00 done"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tell(t, tc.cron, "", newMemory())
				for due, state := range tc.known {
					s.memory.at(instant(t, due)).state = state
				}
				until(t, "2000-01-05T12:00:00Z")
				stop := s.start(t)
				until(t, "2000-01-05T13:00:00Z")
				stop()
				requireLines(t, "begun", s.times(), tc.begun...)
				requireLines(t, "nights", s.memory.states(), tc.nights...)
				missed := 0
				for _, line := range tc.nights {
					if strings.Contains(line, "missed") {
						missed++
					}
				}
				if len(s.skips) != missed || s.kinds[Missed] != missed {
					t.Errorf("%d heartbeats, %d events, %d missed", len(s.skips), s.kinds[Missed], missed)
				}
			})
		})
	}
}

// TestManyMissed: what was missed for years is recorded as far as it is of use, and the first line says so.
func TestManyMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		s.memory.at(instant(t, "1995-01-01T02:00:00Z")).state = "done"
		stop := s.start(t)
		time.Sleep(time.Hour)
		stop()
		all := s.memory.states()
		if len(all) != 1+mostMissed || s.kinds[Missed] != mostMissed-1 || s.kinds[Done] != 1 {
			t.Errorf("%d nights, %v", len(all), s.kinds)
		}
		if n := len(slices.DeleteFunc(all, func(l string) bool { return !strings.HasSuffix(l, "which are not listed") })); n != 1 {
			t.Errorf("%d lines say that there are more", n)
		}
	})
}

// TestRetry: a night that fails is tried again after 5, 10, 20 minutes and so on, within a day, and never when the next is due.
func TestRetry(t *testing.T) {
	for _, tc := range []struct {
		name, cron string
		good       int // the attempt that succeeds
		begun      []string
		nights     []string
	}{
		{"third time", "0 2 1 * *", 3, []string{"01-01T02:00", "01-01T02:15", "01-01T02:35"}, []string{"01-01T02:00 done"}},
		{"a day", "0 2 1 * *", 99, []string{"01-01T02:00", "01-01T02:15", "01-01T02:35", "01-01T03:05", "01-01T03:55", "01-01T05:25", "01-01T08:15", "01-01T13:45", "01-02T00:35"},
			[]string{"01-01T02:00 missed: each attempt failed, 9 in all, the last one: no credentials"}},
		{"until the next", "0 2,3 1 * *", 99, []string{"01-01T02:00", "01-01T02:15", "01-01T02:35", "01-01T03:00", "01-01T03:15", "01-01T03:35", "01-01T04:05", "01-01T04:55",
			"01-01T06:25", "01-01T09:15", "01-01T14:45", "01-02T01:35"}, []string{
			"01-01T02:00 missed: each attempt failed, 3 in all, the last one: no credentials",
			"01-01T03:00 missed: each attempt failed, 9 in all, the last one: no credentials"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tell(t, tc.cron, "", newMemory())
				s.memory.at(s.Schedule.latest(time.Now())).state = "done"
				s.fails = func(n Night) error {
					if n.Attempt < tc.good {
						return errors.New("no credentials")
					}
					return nil
				}
				stop := s.start(t)
				until(t, "2000-01-05T00:00:00Z")
				stop()
				requireLines(t, "begun", s.times(), tc.begun...)
				requireLines(t, "nights", s.memory.states(), append(tc.nights, s.memory.states()[len(tc.nights)])...)
			})
		})
	}
}

// TestJitter: a night is begun so much later as the delay says; what is caught up is begun at once.
func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		s.memory.at(instant(t, "1999-12-30T02:00:00Z")).state = "done"
		delays := []time.Duration{7 * time.Minute, 0, 13*time.Minute + 30*time.Second}
		s.Delay = func() time.Duration {
			d := delays[0]
			delays = delays[1:]
			return d
		}
		stop := s.start(t)
		until(t, "2000-01-03T02:13:00Z")
		stop()
		requireLines(t, "begun", s.times(), "01-01T00:00", "01-01T02:07", "01-02T02:00")
		if len(delays) != 0 {
			t.Errorf("%d delays are left", len(delays))
		}
	})
}

// TestStop: a job is told to stop, what it ends with is written down before Run returns, and the next start catches up.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := tell(t, "0 2 * * *", "", m)
		s.memory.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
		stop := s.start(t)
		until(t, "2000-01-01T02:05:00Z")
		stop()
		requireLines(t, "nights", m.states(), "01-01T02:00 failed: context canceled", "12-31T02:00 done")
		again := tell(t, "0 2 * * *", "", m)
		until(t, "2000-01-01T03:00:00Z")
		stop = again.start(t)
		until(t, "2000-01-01T04:00:00Z")
		stop()
		requireLines(t, "begun", again.times(), "01-01T03:00")
		requireLines(t, "nights", m.states(), "01-01T02:00 done", "12-31T02:00 done")
	})
}

// TestChange: a schedule that a job sets counts from the next night on.
func TestChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		s.memory.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
		s.fails = func(Night) error {
			s.Schedule = parsed(t, "30 4 * * *", "")
			return nil
		}
		stop := s.start(t)
		until(t, "2000-01-03T00:00:00Z")
		stop()
		requireLines(t, "begun", s.times(), "01-01T02:00", "01-01T04:30", "01-02T04:30")
	})
}

// TestOutage: while nothing is known of the nights none is begun; then the last is, and the others are missed for that reason.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		s.memory.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
		from, to := instant(t, "2000-01-01T01:00:00Z"), instant(t, "2000-01-02T05:00:00Z")
		s.memory.broken = func() error {
			if now := s.now(); now.After(from) && now.Before(to) {
				return errors.New("no route to host")
			}
			return nil
		}
		stop := s.start(t)
		until(t, "2000-01-02T06:00:00Z")
		stop()
		requireLines(t, "begun", s.times(), "01-02T05:00")
		requireLines(t, "nights", s.memory.states(),
			"01-01T02:00 missed: what is known of the nights could not be read: read what is known of the nights: no route to host",
			"01-02T02:00 done", "12-31T02:00 done")
	})
}

// TestFinishLater: what became of a night is written down as soon as that is possible, and the work is not done again.
func TestFinishLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tell(t, "0 2 * * *", "", newMemory())
		s.memory.at(instant(t, "1999-12-31T02:00:00Z")).state = "done"
		from, to := instant(t, "2000-01-01T02:09:00Z"), instant(t, "2000-01-01T02:12:00Z")
		s.memory.broken = func() error {
			if now := s.now(); now.After(from) && now.Before(to) {
				return errors.New("disk full")
			}
			return nil
		}
		stop := s.start(t)
		until(t, "2000-01-01T06:00:00Z")
		stop()
		requireLines(t, "begun", s.times(), "01-01T02:00")
		requireLines(t, "nights", s.memory.states(), "01-01T02:00 done", "12-31T02:00 done")
	})
}

// TestTwoDaemons: two daemons on one store, started and killed at random, do each night once or record it as missed.
func TestTwoDaemons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		random := rand.New(rand.NewPCG(7, 7))
		done := map[string]int{}
		finished := func(s *story) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, due := range s.dues {
				done[due.UTC().Format(time.DateOnly)]++
			}
		}
		live := func(nights int, stay time.Duration) {
			a, b := tell(t, "0 2 * * *", "", m), tell(t, "0 2 * * *", "", m)
			b.Check = 50 * time.Second
			stopA, stopB := a.start(t), b.start(t)
			time.Sleep(time.Duration(nights)*24*time.Hour + stay)
			stopA()
			stopB()
			finished(a)
			finished(b)
		}
		for range 20 {
			// Stopped between two nights, so that each job that was begun is one that ended.
			now := time.Now()
			noon := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.UTC)
			time.Sleep(noon.AddDate(0, 0, random.IntN(3)).Sub(now))
			live(1+random.IntN(3), time.Hour)
		}
		total := 0
		for night, n := range done {
			if total++; n != 1 {
				t.Errorf("%s was done %d times", night, n)
			}
		}
		missed := 0
		for _, line := range m.states() {
			if strings.Contains(line, "missed: "+reasonAway) {
				missed++
			} else if !strings.HasSuffix(line, " done") {
				t.Errorf("left: %s", line)
			}
		}
		first, _, _ := m.First(t.Context())
		last, _, _ := m.LastDone(t.Context())
		if want := int(last.Sub(first).Hours()/24) + 1; total+missed != want || missed == 0 || total < 40 {
			t.Errorf("%d done and %d missed of %d", total, missed, want)
		}
		t.Logf("%d nights done once, %d missed", total, missed)
	})
}
