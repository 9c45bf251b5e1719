package schedule

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// Daemon sees to it that every due night is done once, or recorded as missed with its reason. All that is exported is set before it
// starts. A job may set another Schedule, which counts from the next night on.
type Daemon struct {
	Schedule *Schedule
	Nights   Nights
	Calendar Calendar
	Job      Job
	// Skip leaves a trace of a missed night where the evidence is. It may be told of a night twice. Where the evidence shows that the
	// night was done, by a process that was killed before it could say so, it returns the run and leaves no trace. Nil: there is none.
	Skip   func(ctx context.Context, due time.Time, reason string) (run string, err error)
	Delay  func() time.Duration // how long after its due time a night is begun; nil: at once
	Holder string               // a name that no other process has
	Lease  time.Duration        // zero: five minutes
	Check  time.Duration        // the longest time between two looks at the clock; zero: a minute
	Now    func() time.Time
	Tell   func(Event)

	mu     sync.Mutex
	wait   time.Time // nothing is to be done before
	beaten time.Time // the last look at the clock
	jumps  []span    // when the clock jumped forwards

	// What follows belongs to whoever looks, of which the guard lets one in at a time.
	started  time.Time
	settled  time.Time // up to here nights are done or recorded
	busy     span      // of the last job
	outage   error     // why Nights could not be read
	attempts Night     // the last
}

// span is a stretch of time.
type span struct{ from, to time.Time }

func (s span) holds(t time.Time) bool { return t.After(s.from) && !t.After(s.to) }

// Run keeps the schedule until ctx ends, and then waits for the job, whose context has ended too. Nights that were due before are
// caught up first.
func (d *Daemon) Run(ctx context.Context) {
	d.prepare()
	log := silent{d}
	// Outside in: a panic inside must not leave the guard closed for good.
	guarded := cron.NewChain(cron.SkipIfStillRunning(log), cron.Recover(log)).Then(cron.FuncJob(func() { d.wake(ctx) }))
	c := cron.New(cron.WithLogger(log), cron.WithLocation(time.UTC))
	c.Schedule(&ticks{daemon: d}, cron.FuncJob(func() {
		d.beat()
		guarded.Run()
	}))
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
}

// prepare fills in what was left out.
func (d *Daemon) prepare() {
	if d.Lease == 0 {
		d.Lease = 5 * time.Minute
	}
	if d.Check == 0 {
		d.Check = time.Minute
	}
	d.started = d.Now()
	d.beaten = d.started
}

// ticks wakes the daemon when something is to be done, and at least once in each Check: robfig/cron's timer follows a clock that
// stops while the machine sleeps and knows nothing of the one on the wall being set.
type ticks struct {
	daemon *Daemon
	begun  bool
}

// Next is asked by one goroutine of robfig/cron's.
func (t *ticks) Next(at time.Time) time.Time {
	if !t.begun {
		t.begun = true
		return at // what was missed is caught up at once
	}
	d := t.daemon
	d.mu.Lock()
	left := d.wait.Sub(d.Now())
	d.mu.Unlock()
	if left <= 0 { // somebody is at it
		return at.Add(d.Check)
	}
	return at.Add(min(max(left, time.Second), d.Check))
}

// beat notes that the daemon lives, and whether the clock jumped since it last did.
func (d *Daemon) beat() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.Now()
	switch wall := now.Round(0).Sub(d.beaten.Round(0)); {
	case wall > 2*d.Check+time.Minute:
		d.jumps = append(d.jumps, span{d.beaten, now})
	case wall < 0:
		d.wait = time.Time{} // it was set backwards: what was to be waited for may be years away
	}
	d.beaten = now
}

// Alive reports whether the daemon looked at the clock as often as it should.
func (d *Daemon) Alive() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.beaten.IsZero() && d.Now().Sub(d.beaten) < 3*d.Check
}

// wake does what is due.
func (d *Daemon) wake(ctx context.Context) {
	now := d.Now()
	d.mu.Lock()
	early := now.Before(d.wait)
	d.mu.Unlock()
	if early || ctx.Err() != nil {
		return
	}
	next := d.night(ctx, now)
	d.mu.Lock()
	d.wait = next
	d.mu.Unlock()
}

// night does the latest night that is open, records the earlier ones as missed, and says when to look again.
func (d *Daemon) night(ctx context.Context, now time.Time) (next time.Time) {
	soon := now.Add(d.Check)
	due, err := d.open(ctx, now)
	if err == nil && due.IsZero() {
		return d.rest(now)
	}
	claimed := false
	if err == nil {
		claimed, err = d.try(ctx, due, now)
	}
	switch {
	case ctx.Err() != nil, !claimed && err == nil: // at the end; or another is at it
		return soon
	case !claimed:
		d.outage = err
		d.Tell(Event{Kind: Trouble, Err: err})
		return soon
	case err == nil:
		d.settled = due
		return d.rest(due)
	}
	return d.again(ctx, due, err)
}

// rest waits for the next night.
func (d *Daemon) rest(after time.Time) time.Time {
	next := d.Schedule.Next(after)
	if next.IsZero() {
		return after.Add(patience)
	}
	if d.Delay != nil {
		next = next.Add(d.Delay())
	}
	d.Tell(Event{Kind: Waiting, Next: next})
	return next
}

// patience is how long after its due time a failed night is tried again, and firstRetry the first delay, which doubles each time.
const (
	patience   = 24 * time.Hour
	firstRetry = 5 * time.Minute
)

// again says when a night that failed is tried again, never so late that the next one is due. A night that is given up is missed.
func (d *Daemon) again(ctx context.Context, due time.Time, problem error) time.Time {
	limit := due.Add(patience)
	if next := d.Schedule.Next(due); !next.IsZero() && next.Before(limit) {
		limit = next
	}
	retry := d.Now().Add(firstRetry << min(d.attempts.Attempt-1, 10))
	if retry.Before(limit) {
		d.Tell(Event{Kind: Waiting, Night: d.attempts, Next: retry})
		return retry
	}
	if err := d.miss(ctx, due, fmt.Sprintf(reasonFailed, d.attempts.Attempt, problem)); err != nil {
		d.Tell(Event{Kind: Trouble, Err: err})
	}
	d.settled = due
	return d.rest(due)
}

// silent passes what robfig/cron says of panics on, and nothing else.
type silent struct{ daemon *Daemon }

func (silent) Info(string, ...any) {}

func (s silent) Error(err error, message string, keysAndValues ...any) {
	s.daemon.Tell(Event{Kind: Trouble, Err: fmt.Errorf("%s: %w", message, err), Reason: fmt.Sprint(keysAndValues...)})
}
