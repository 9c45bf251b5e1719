package schedule

import (
	"context"
	"time"
)

// Night is a due time and what is tried for it.
type Night struct {
	Due     time.Time
	Attempt int // of this process, from 1
}

// Job does a night's work. It returns the id of the run that was kept, empty where none was, and an error where the night is not
// done. Its context ends when the daemon stops or the night has become another's.
type Job func(ctx context.Context, night Night) (run string, err error)

// Nights keeps two daemons off one night. A lease runs from now on: whoever holds one renews it, and after it ran out the night is
// free, since its holder may have been killed.
type Nights interface {
	// Claim takes a night for a holder. It is false for a night that is done, and while a lease on it runs. One that failed, or is
	// recorded as missed, can be claimed: its time may come again after the clock was set right.
	Claim(ctx context.Context, due, now time.Time, holder string, lease time.Duration) (ok bool, err error)
	// Renew extends the holder's lease. It is an error where the night has become another's.
	Renew(ctx context.Context, due, now time.Time, holder string, lease time.Duration) error
	// Finish ends the lease: with a run the night is done, else a problem says why it is not.
	Finish(ctx context.Context, due, now time.Time, holder, run, problem string) error
}

// Calendar is what is known of the nights so far.
type Calendar interface {
	// First is the earliest night that was ever claimed.
	First(ctx context.Context) (due time.Time, ok bool, err error)
	// LastDone is the latest night that is done.
	LastDone(ctx context.Context) (due time.Time, ok bool, err error)
	// Missed records why a night that nobody holds was not done. A second time changes nothing but the reason.
	Missed(ctx context.Context, due time.Time, reason string) error
}

// Kind is what an event is about.
type Kind string

// The kinds of an event.
const (
	Waiting Kind = "waiting" // nothing is to be done before Next, which is another attempt at Night if that is set
	Began   Kind = "began"
	Done    Kind = "done"
	Failed  Kind = "failed" // Err says why
	Missed  Kind = "missed" // Reason says why
	Held    Kind = "held"   // another holds the night
	Trouble Kind = "trouble"
)

// Event is what a daemon tells of itself.
type Event struct {
	Kind   Kind
	Night  Night
	Next   time.Time
	Run    string
	Reason string
	Err    error
}

// Why a night is missed.
const (
	reasonAway    = "domicile was not running, or was ended before the night was done"
	reasonAsleep  = "the machine was asleep, or its clock was set forwards"
	reasonBusy    = "the night before was still running"
	reasonOutage  = "what is known of the nights could not be read: %v"
	reasonFailed  = "each attempt failed, %d in all, the last one: %v"
	reasonNoTrace = "%s; no heartbeat could be left: %v"
	reasonAndMore = "%s; so were nights before it, which are not listed"
)

// mostMissed bounds how many missed nights are recorded at once: more than a year of them.
const mostMissed = 400

// latest is the last due time that is not after an instant; zero where none was within five years.
func (s *Schedule) latest(now time.Time) time.Time {
	for _, back := range []time.Duration{time.Hour, 25 * time.Hour, 32 * 24 * time.Hour, 367 * 24 * time.Hour, 5 * 366 * 24 * time.Hour} {
		if due, _ := s.between(now.Add(-back), now); len(due) > 0 {
			return due[len(due)-1]
		}
	}
	return time.Time{}
}

// between lists the due times after one instant and not after another, the last of them where they are many.
func (s *Schedule) between(after, now time.Time) (due []time.Time, more bool) {
	for at := s.Next(after); !at.IsZero() && !at.After(now); at = s.Next(at) {
		if len(due) == 2*mostMissed {
			due, more = append(due[:0], due[mostMissed:]...), true
		}
		due = append(due, at)
	}
	if len(due) > mostMissed {
		due, more = due[len(due)-mostMissed:], true
	}
	return due, more
}
