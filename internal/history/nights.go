package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// NightState is where a night of the schedule stands.
type NightState string

// The states of a night.
const (
	NightRunning NightState = "running" // somebody holds its lease, or let it run out
	NightDone    NightState = "done"
	NightFailed  NightState = "failed" // the last attempt did; another may be made
	NightMissed  NightState = "missed" // given up
)

// Night is a night of the schedule.
type Night struct {
	Due          time.Time
	State        NightState
	Holder       string
	Lease        time.Time // when it ends, of a running one
	Attempts     int
	Begun, Ended time.Time // of the last attempt; zero: there was none, or it has not ended
	Run          string
	Problem      string // of the last attempt; why it was missed
}

// LostError says that a night is not, or no more, the holder's: its lease ran out and another took it.
type LostError struct {
	Due    time.Time
	Holder string
}

func (e *LostError) Error() string {
	return fmt.Sprintf("the night of %s is not held by %s any more: its lease ran out, and another process took it", e.Due.UTC().Format("2006-01-02 15:04 MST"), e.Holder)
}

// Claim takes the night that was due for a holder until now+lease. It is refused, with the night's state, where the night is done or a
// lease still runs, the holder's own included: a name is not a process. A lease that ran out may be taken over, also from a process
// that is still alive; that one then learns so by Renew or Finish. Of any number of processes one gets it.
func (s *Store) Claim(ctx context.Context, due, now time.Time, holder string, lease time.Duration) (NightState, bool, error) {
	res, err := s.db.ExecContext(ctx, `INSERT INTO nights (due, state, holder, lease, attempts, begun, ended, run, problem) VALUES ($1, $2, $3, $4, 1, $5, 0, '', '')
		ON CONFLICT (due) DO UPDATE SET state = excluded.state, holder = excluded.holder, lease = excluded.lease, attempts = nights.attempts + 1,
			begun = excluded.begun, ended = 0, run = '', problem = ''
		WHERE nights.state IN ($6, $7) OR nights.state = $2 AND nights.lease <= $5`,
		micro(due), string(NightRunning), outside(holder), micro(now.Add(lease)), micro(now), string(NightFailed), string(NightMissed))
	n, err := affected(res, err)
	if err != nil {
		return "", false, s.explain(fmt.Errorf("claim the night: %w", err))
	}
	if n == 1 {
		return NightRunning, true, nil
	}
	var state string
	if err := s.db.QueryRowContext(ctx, `SELECT state FROM nights WHERE due = $1`, micro(due)).Scan(&state); err != nil {
		return "", false, s.explain(fmt.Errorf("claim the night: %w", err))
	}
	return NightState(state), false, nil
}

// Renew lets a holder's lease end at now+lease. A lease that ran out and that nobody took is the holder's still.
func (s *Store) Renew(ctx context.Context, due, now time.Time, holder string, lease time.Duration) error {
	return s.held(ctx, due, holder, `UPDATE nights SET lease = $1 WHERE due = $2 AND holder = $3 AND state = $4`,
		micro(now.Add(lease)), micro(due), outside(holder), string(NightRunning))
}

// Finish ends a holder's attempt: the night is done with a run, whatever of it failed afterwards, or where there is none the attempt
// failed with a problem, and the night may be claimed again.
func (s *Store) Finish(ctx context.Context, due, now time.Time, holder, run, problem string) error {
	state := NightDone
	if run == "" {
		state = NightFailed
	}
	return s.held(ctx, due, holder, `UPDATE nights SET state = $1, ended = $2, run = $3, problem = $4, lease = 0 WHERE due = $5 AND holder = $6 AND state = $7`,
		string(state), micro(now), run, outside(problem), micro(due), outside(holder), string(NightRunning))
}

func (s *Store) held(ctx context.Context, due time.Time, holder, query string, args ...any) error {
	res, err := s.db.ExecContext(ctx, query, args...)
	n, err := affected(res, err)
	switch {
	case err != nil:
		return s.explain(fmt.Errorf("keep the night: %w", err))
	case n == 0:
		return &LostError{due, holder}
	}
	return nil
}

func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Missed gives a night up and says why. One that is done stays so. One that somebody runs stays theirs, and keeps the reason for the case
// that they never end it.
func (s *Store) Missed(ctx context.Context, due time.Time, reason string) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO nights (due, state, holder, lease, attempts, begun, ended, run, problem) VALUES ($1, $2, '', 0, 0, 0, 0, '', $3)
		ON CONFLICT (due) DO UPDATE SET problem = excluded.problem, state = CASE WHEN nights.state = $4 THEN nights.state ELSE excluded.state END
		WHERE nights.state <> $5`, micro(due), string(NightMissed), outside(reason), string(NightRunning), string(NightDone))
	if err != nil {
		return s.explain(fmt.Errorf("give the night up: %w", err))
	}
	return nil
}

// LastDone is when the latest night that is done was due, and whether there is one.
func (s *Store) LastDone(ctx context.Context) (time.Time, bool, error) {
	var due int64
	err := s.db.QueryRowContext(ctx, `SELECT due FROM nights WHERE state = $1 ORDER BY due DESC LIMIT 1`, string(NightDone)).Scan(&due)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return instant(due), err == nil, s.explain(err)
}

// Nights are those that were due from one instant to before another, in order; a zero time is no bound.
func (s *Store) Nights(ctx context.Context, from, to time.Time) ([]Night, error) {
	all, err := nights(ctx, s.db, from, to)
	return all, s.explain(err)
}

func nights(ctx context.Context, r reader, from, to time.Time) (all []Night, err error) {
	query, args := `SELECT due, state, holder, lease, attempts, begun, ended, run, problem FROM nights WHERE due >= $1`, []any{micro(from)}
	if !to.IsZero() {
		query, args = query+` AND due < $2`, append(args, micro(to))
	}
	err = each(ctx, r, query+` ORDER BY due`, args, func(scan func(...any) error) error {
		var n Night
		var due, lease, begun, ended int64
		err := scan(&due, &n.State, &n.Holder, &lease, &n.Attempts, &begun, &ended, &n.Run, &n.Problem)
		n.Due, n.Lease, n.Begun, n.Ended, n.Holder, n.Problem = instant(due), instant(lease), instant(begun), instant(ended), inside(n.Holder), inside(n.Problem)
		all = append(all, n)
		return err
	})
	return all, err
}
