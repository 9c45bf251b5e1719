package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Sender delivers messages to channels.
type Sender struct {
	Channels []Channel
	Dead     *DeadLetters // where what cannot be delivered is kept; nil: it is not
	Tries    int          // of each channel, at least 1
	Now      func() time.Time
	Sleep    func(ctx context.Context, d time.Duration) error
}

// Result is what came of one message and channel.
type Result struct {
	Channel string
	Tries   int
	Err     error  // nil: delivered
	Kept    bool   // it is a dead letter now
	Note    string // delivered, but not to everybody
}

// The waits between tries.
const (
	firstWait = 2 * time.Second
	growth    = 4
	maxWait   = 5 * time.Minute  // of our own choice
	maxAsked  = 15 * time.Minute // of the receiver's; who asks for more is not waited for
	tryLimit  = 30 * time.Second // for one try
)

// Send delivers a message to every channel at once and returns when all have it or have failed for good. The results are in the order of the
// channels.
func (s *Sender) Send(ctx context.Context, m *Message) []Result {
	results := make([]Result, len(s.Channels))
	var all sync.WaitGroup
	for i, c := range s.Channels {
		all.Go(func() {
			results[i] = s.deliver(ctx, c, m)
			if results[i].Err != nil {
				results[i].keep(s.Dead, m, s.Now())
			}
		})
	}
	all.Wait()
	return results
}

// deliver tries until the message is there, another try would not help, or there were enough.
func (s *Sender) deliver(ctx context.Context, c Channel, m *Message) Result {
	r := Result{Channel: c.Name()}
	wait := firstWait
	for {
		r.Tries++
		err := try(ctx, c, m)
		var half *partial
		if err == nil || errors.As(err, &half) {
			if half != nil {
				r.Note = half.text
			}
			r.Err = nil
			return r
		}
		r.Err = err
		var f *failure
		if errors.As(err, &f) && f.final || r.Tries >= s.Tries {
			return r
		}
		pause := wait
		if f != nil && f.after > 0 {
			if pause = max(wait, f.after); f.after > maxAsked {
				r.Err = fmt.Errorf("%w, and it asks to wait %s", err, f.after)
				return r
			}
		}
		if s.Sleep(ctx, pause) != nil {
			r.Err = fmt.Errorf("%w; stopped before the next try", err)
			return r
		}
		wait = min(growth*wait, maxWait)
	}
}

func try(ctx context.Context, c Channel, m *Message) error {
	limited, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	err := c.Send(limited, m)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return &failure{text: fmt.Sprintf("no answer within %s", tryLimit)}
	}
	return err
}

// keep makes a dead letter of what was not delivered.
func (r *Result) keep(dead *DeadLetters, m *Message, now time.Time) {
	if dead == nil {
		return
	}
	err := dead.Add(Letter{SchemaVersion: SchemaVersion, Channel: r.Channel, Time: now.UTC().Truncate(time.Second), Tries: r.Tries, Error: cut(r.Err.Error(), longest), Message: m})
	if r.Kept = err == nil; err != nil {
		r.Err = fmt.Errorf("%w; and it could not be kept: %w", r.Err, err)
	}
}

// Retry sends the dead letters again, the oldest first, and keeps those that fail again. Of a channel that fails, the letters behind the
// first are not tried. They can arrive twice if the process is killed on the way: their id tells.
func (s *Sender) Retry(ctx context.Context) (results []Result, err error) {
	channels := map[string]Channel{}
	for _, c := range s.Channels {
		channels[c.Name()] = c
	}
	failing := map[string]error{}
	err = s.Dead.Each(func(l Letter) (Letter, bool) {
		r := Result{Channel: l.Channel, Kept: true}
		c := channels[l.Channel]
		switch {
		case c == nil:
			r.Err = errors.New("there is no such channel in the configuration: name one so, or remove the letter")
		case failing[l.Channel] != nil:
			r.Err = fmt.Errorf("not tried: %w", failing[l.Channel])
		default:
			one := Sender{Tries: 1}
			r = one.deliver(ctx, c, l.Message)
			if r.Err != nil {
				failing[l.Channel], r.Kept = r.Err, true
				l.Tries, l.Error = l.Tries+1, cut(r.Err.Error(), longest)
			}
		}
		results = append(results, r)
		return l, r.Err != nil
	})
	return results, err
}
