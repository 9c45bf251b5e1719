package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// memory is Nights and Calendar in memory, by the letter of their contract.
type memory struct {
	mu     sync.Mutex
	nights map[int64]*night // by due time
	broken func() error     // nil: it works
}

type night struct {
	due           time.Time
	state, holder string
	until         time.Time
	run, reason   string
}

func newMemory() *memory { return &memory{nights: map[int64]*night{}} }

func (m *memory) at(due time.Time) *night {
	n := m.nights[due.Unix()]
	if n == nil {
		n = &night{due: due}
		m.nights[due.Unix()] = n
	}
	return n
}

func (m *memory) enter() error {
	m.mu.Lock()
	if m.broken != nil {
		return m.broken()
	}
	return nil
}

func (m *memory) Claim(_ context.Context, due, now time.Time, holder string, lease time.Duration) (bool, error) {
	defer m.mu.Unlock()
	if err := m.enter(); err != nil {
		return false, err
	}
	n := m.at(due)
	if n.state == "done" || n.state == "running" && now.Before(n.until) {
		return false, nil
	}
	n.state, n.holder, n.until = "running", holder, now.Add(lease)
	return true, nil
}

func (m *memory) Renew(_ context.Context, due, now time.Time, holder string, lease time.Duration) error {
	defer m.mu.Unlock()
	if err := m.enter(); err != nil {
		return err
	}
	n := m.at(due)
	if n.state != "running" || n.holder != holder {
		return errors.New("another's")
	}
	n.until = now.Add(lease)
	return nil
}

func (m *memory) Finish(_ context.Context, due, _ time.Time, holder, run, problem string) error {
	defer m.mu.Unlock()
	if err := m.enter(); err != nil {
		return err
	}
	n := m.at(due)
	if n.state != "running" || n.holder != holder {
		return errors.New("another's")
	}
	n.state, n.run, n.reason = "done", run, problem
	if run == "" {
		n.state = "failed"
	}
	return nil
}

func (m *memory) First(context.Context) (time.Time, bool, error) {
	return m.extreme(func(*night) bool { return true }, slices.Min)
}

func (m *memory) LastDone(context.Context) (time.Time, bool, error) {
	return m.extreme(func(n *night) bool { return n.state == "done" }, slices.Max)
}

func (m *memory) extreme(of func(*night) bool, pick func([]int64) int64) (time.Time, bool, error) {
	defer m.mu.Unlock()
	if err := m.enter(); err != nil {
		return time.Time{}, false, err
	}
	var all []int64
	for at, n := range m.nights {
		if of(n) {
			all = append(all, at)
		}
	}
	if len(all) == 0 {
		return time.Time{}, false, nil
	}
	return m.nights[pick(all)].due, true, nil
}

func (m *memory) Missed(_ context.Context, due time.Time, reason string) error {
	defer m.mu.Unlock()
	if err := m.enter(); err != nil {
		return err
	}
	n := m.at(due)
	if n.reason = reason; n.state != "running" && n.state != "done" {
		n.state = "missed"
	}
	return nil
}

// states lists the nights, oldest first: the day in UTC, what became of it, and why.
func (m *memory) states() (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.nights {
		text := n.due.UTC().Format("01-02T15:04") + " " + n.state
		if n.reason != "" {
			text += ": " + n.reason
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

// story is a daemon under test, what it did and what it told.
type story struct {
	*Daemon
	memory *memory

	mu     sync.Mutex
	offset time.Duration  // of the wall clock
	begun  []time.Time    // when the job was called
	dues   []time.Time    // for which night
	kinds  map[Kind]int   // of the events
	skips  map[string]int // heartbeats, by night
	said   []string       // errors told
	takes  time.Duration  // of a job
	fails  func(Night) error
}

var holders int

// tell makes a daemon on a memory. Its clock is the bubble's.
func tell(t *testing.T, expression, zone string, m *memory) *story {
	t.Helper()
	holders++
	s := &story{memory: m, kinds: map[Kind]int{}, skips: map[string]int{}, takes: 10 * time.Minute}
	s.Daemon = &Daemon{Schedule: parsed(t, expression, zone), Nights: m, Calendar: m, Job: s.job, Skip: s.skip, Now: s.now,
		Holder: fmt.Sprint("holder ", holders), Tell: s.tell}
	return s
}

func (s *story) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.offset)
}

// jump sets the wall clock.
func (s *story) jump(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += by
}

func (s *story) job(ctx context.Context, n Night) (string, error) {
	at := s.now()
	s.mu.Lock()
	s.begun, s.dues = append(s.begun, at), append(s.dues, n.Due)
	takes, fails := s.takes, s.fails
	s.mu.Unlock()
	if err := sleep(ctx, takes); err != nil {
		return "", err
	}
	if fails != nil {
		if err := fails(n); err != nil {
			return "", err
		}
	}
	return "run of " + n.Due.UTC().Format(time.DateOnly), nil
}

func (s *story) skip(_ context.Context, due time.Time, _ string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skips[due.UTC().Format("01-02T15:04")]++
	return "", nil
}

func (s *story) tell(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kinds[e.Kind]++
	if e.Err != nil {
		s.said = append(s.said, e.Err.Error())
	}
}

// start runs the daemon until stop is called, which waits for its end.
func (s *story) start(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// times are those at which a job was begun, in UTC.
func (s *story) times() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.begun {
		all = append(all, at.UTC().Format("01-02T15:04"))
	}
	return all
}

// until sleeps until the wall clock of the bubble shows a time.
func until(t *testing.T, text string) {
	t.Helper()
	time.Sleep(time.Until(instant(t, text)))
}

func requireLines(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}
