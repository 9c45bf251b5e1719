package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Once does the latest night that is due and not done, once, and records the earlier ones as missed. The night is zero where nothing
// is due. One that another holds is waited for as long as a lease runs, since its holder may be dead; where that goes on, it is the
// other's, and held is true. The error is of the job, or of Nights.
func (d *Daemon) Once(ctx context.Context) (night Night, held bool, err error) {
	d.prepare()
	for until := d.started.Add(d.Lease + d.Check); ; {
		now := d.Now()
		due, err := d.open(ctx, now)
		if err != nil || due.IsZero() {
			return Night{}, false, err
		}
		claimed, err := d.try(ctx, due, now)
		switch {
		case claimed, err != nil:
			return Night{Due: due, Attempt: d.attempts.Attempt}, false, err
		case now.After(until):
			return Night{Due: due}, true, nil
		}
		d.Tell(Event{Kind: Held, Night: Night{Due: due}})
		if err := sleep(ctx, d.Lease/10); err != nil {
			return Night{Due: due}, true, err
		}
	}
}

func sleep(ctx context.Context, long time.Duration) error {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// open is the latest due night that is not known to be done, zero for none. Earlier ones are recorded as missed.
func (d *Daemon) open(ctx context.Context, now time.Time) (time.Time, error) {
	from, err := d.from(ctx, now)
	if err != nil {
		return time.Time{}, err
	}
	due, more := d.Schedule.between(from, now)
	if len(due) == 0 {
		return time.Time{}, nil
	}
	last := len(due) - 1
	for i, missed := range due[:last] {
		reason := d.reason(missed)
		if i == 0 && more {
			reason = fmt.Sprintf(reasonAndMore, reason)
		}
		if err := d.miss(ctx, missed, reason); err != nil {
			return time.Time{}, err
		}
		d.settled = missed
	}
	d.mu.Lock()
	d.jumps = nil
	d.mu.Unlock()
	d.outage = nil
	return due[last], nil
}

// from is the instant after which nights may be open.
func (d *Daemon) from(ctx context.Context, now time.Time) (time.Time, error) {
	last, ok, err := d.Calendar.LastDone(ctx)
	if err == nil && !ok {
		var first time.Time
		first, ok, err = d.Calendar.First(ctx)
		last = first.Add(-time.Nanosecond) // it was begun at least, and never done
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read what is known of the nights: %w", err)
	}
	if !d.settled.IsZero() && d.settled.After(last) {
		last, ok = d.settled, true
	}
	if !ok || last.After(now) {
		// Nothing is known; or the clock was ahead once, and then Nights alone can tell which nights are done.
		return d.Schedule.latest(now).Add(-time.Nanosecond), nil
	}
	return last, nil
}

// reason is why a night that is past was not done.
func (d *Daemon) reason(due time.Time) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, jump := range d.jumps {
		if jump.holds(due) {
			return reasonAsleep
		}
	}
	switch {
	case !due.After(d.started):
		return reasonAway
	case d.busy.holds(due):
		return reasonBusy
	case d.outage != nil:
		return fmt.Sprintf(reasonOutage, d.outage)
	}
	return reasonAsleep // in a process that runs, nothing else lets a night pass
}

// miss records a night as missed, unless it is done or another is at it.
func (d *Daemon) miss(ctx context.Context, due time.Time, reason string) error {
	ctx = context.WithoutCancel(ctx)
	ok, err := d.Nights.Claim(ctx, due, d.Now(), d.Holder, d.Lease)
	if err != nil {
		return fmt.Errorf("claim the night of %s: %w", due.Format(time.RFC3339), err)
	}
	if !ok {
		return nil
	}
	if d.Skip != nil {
		run, err := d.Skip(ctx, due, reason)
		if run != "" {
			d.finish(ctx, Night{Due: due}, run, nil)
			d.Tell(Event{Kind: Done, Night: Night{Due: due}, Run: run})
			return nil
		}
		if err != nil {
			reason = fmt.Sprintf(reasonNoTrace, reason, err)
		}
	}
	d.finish(ctx, Night{Due: due}, "", errors.New(reason)) // nobody holds it any more
	if err := d.Calendar.Missed(ctx, due, reason); err != nil {
		return fmt.Errorf("record the night of %s as missed: %w", due.Format(time.RFC3339), err)
	}
	d.Tell(Event{Kind: Missed, Night: Night{Due: due}, Reason: reason})
	return nil
}

// try claims a night and does its work. Where it is not claimed, an error is one of claiming it, else one of the work.
func (d *Daemon) try(ctx context.Context, due, now time.Time) (claimed bool, err error) {
	ok, err := d.Nights.Claim(ctx, due, now, d.Holder, d.Lease)
	if err != nil {
		return false, fmt.Errorf("claim the night of %s: %w", due.Format(time.RFC3339), err)
	}
	if !ok {
		return false, nil
	}
	if !d.attempts.Due.Equal(due) {
		d.attempts = Night{Due: due}
	}
	d.attempts.Attempt++
	d.Tell(Event{Kind: Began, Night: d.attempts})
	run, err := d.leased(ctx, d.attempts, now)
	d.busy = span{now, d.Now()}
	d.finish(ctx, d.attempts, run, err)
	kind := Done
	if err != nil {
		kind = Failed
	}
	d.Tell(Event{Kind: kind, Night: d.attempts, Run: run, Err: err})
	return true, err
}

// finish writes down what became of a night. The run is kept by then, and must not be made twice because of this. One that leaves the
// night undone is named by the problem.
func (d *Daemon) finish(ctx context.Context, night Night, run string, problem error) {
	text := ""
	if problem != nil {
		run, text = "", problem.Error()
	}
	tries := 10
	if errors.Is(problem, errLost) {
		tries = 1
	}
	for range tries {
		err := d.Nights.Finish(context.WithoutCancel(ctx), night.Due, d.Now(), d.Holder, run, text)
		if err == nil {
			return
		}
		d.Tell(Event{Kind: Trouble, Night: night, Run: run, Err: fmt.Errorf("write down what became of the night: %w", err)})
		if sleep(ctx, d.Lease/10) != nil {
			return
		}
	}
}

// errLost ends a job whose night may have become another's.
var errLost = errors.New("the lease on the night was lost")

// leased does the work while its lease is renewed.
func (d *Daemon) leased(ctx context.Context, night Night, claimed time.Time) (run string, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := d.renew(ctx, night.Due, claimed); err != nil {
			cancel(err)
		}
	}()
	run, err = d.recovered(ctx, night)
	cancel(nil)
	<-ended
	if cause := context.Cause(ctx); errors.Is(cause, errLost) && err != nil {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return run, err
}

// recovered makes an error of a panic, so that a night whose job panics is one that failed.
func (d *Daemon) recovered(ctx context.Context, night Night) (run string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return d.Job(ctx, night)
}

// renew extends a lease until ctx ends. The error is that the lease ran out: by the clock, or after as many trials as it has thirds,
// should the clock have been set.
func (d *Daemon) renew(ctx context.Context, due, claimed time.Time) error {
	ticker := time.NewTicker(d.Lease / 3)
	defer ticker.Stop()
	until, failures := claimed.Add(d.Lease), 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := d.Now()
		err := d.Nights.Renew(ctx, due, now, d.Holder, d.Lease)
		if err == nil {
			until, failures = now.Add(d.Lease), 0
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		if failures++; failures == 3 || !now.Before(until) {
			return fmt.Errorf("%w: %w", errLost, err)
		}
		d.Tell(Event{Kind: Trouble, Err: fmt.Errorf("renew the lease on the night: %w", err)})
	}
}
