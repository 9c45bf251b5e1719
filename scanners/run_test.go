package scanners_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// A crash of a scanner is a gap; the other tasks go on.
func TestCrash(t *testing.T) {
	s := streams()
	s.Scan = func(_ context.Context, t *scanners.Target, out *scanners.Sink) error {
		if t.Region == "us-east-1" {
			panic("index out of range")
		}
		out.Add(residency.Resource{ID: t.ARN("kinesis", "stream/s"), Kind: "kinesis.stream", Region: t.Region, Placements: []residency.Placement{}})
		return nil
	}
	f := scanWith(t, (&tape{}).over(t, quiet("eu-west-1", "us-east-1")), "kinesis", with(s))
	same(t, "gaps", f.details(), []string{"111111111111 ListStreams malformed: the scanner stopped at an answer that it does not understand: index out of range"})
	same(t, "resources", f.ids(), []string{"kinesis.stream arn:aws:kinesis:eu-west-1:111111111111:stream/s"})
	same(t, "lines", f.lines(), []string{"111111111111 ap-southeast-2 disabled", "111111111111 eu-west-1 complete", "111111111111 us-east-1 failed"})
}

type full struct{ added int }

func (c *full) Add(*residency.Resource) error {
	c.added++
	return errors.New("no space left on device")
}

// What cannot be kept ends the run: a snapshot that lacks a resource must not be written.
func TestCollectorFails(t *testing.T) {
	o := options(t, &tape{}, quiet("eu-west-1", "us-east-1"), func(o *scanners.Options) { o.Limits.Tasks, o.Limits.Accounts = 1, 1 })
	c := &full{}
	result, err := scanners.Run(context.Background(), o, c)
	if result != nil || err == nil || err.Error() != "keep arn:aws:kinesis:eu-west-1:111111111111:stream/s: no space left on device" {
		t.Errorf("%+v, %v", result, err)
	}
	if c.added != 1 {
		t.Errorf("went on for %d resources", c.added)
	}
}

// An interruption leaves no line out, at whatever point it comes.
func TestInterrupted(t *testing.T) {
	for _, at := range []string{"ListAccounts", "AssumeRole", "ListRegions", "ListStreams", "the end"} {
		t.Run(at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			tp := &tape{program: func(c replay.Call) *replay.Answer {
				if c.Operation == at {
					cancel()
				}
				return opens(c)
			}}
			o := options(t, tp, quiet("eu-west-1", "us-east-1"), func(o *scanners.Options) {
				o.Accounts = []string{ownAccount, "222222222222"}
				o.Progress = func(p scanners.Progress) {
					if at == "the end" && p.Done == p.Total {
						cancel()
					}
				}
			})
			result, err := scanners.Run(ctx, o, &collect{})
			if at == "ListAccounts" {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || result.Complete {
				t.Fatalf("complete, or %v", err)
			}
			lines, cancelled := result.Coverage(), 0
			for _, c := range lines {
				for _, g := range c.Gaps {
					if g.Class == residency.ClassCancelled {
						cancelled++
					}
				}
			}
			if len(lines) != 6 || cancelled == 0 {
				t.Errorf("%d lines, %d gaps of class cancelled: %+v", len(lines), cancelled, lines)
			}
			if at != "the end" && tp.asked("", "ListStreams") > 4 {
				t.Errorf("%d calls after the interruption", tp.asked("", "ListStreams"))
			}
		})
	}
}

// Progress counts to the end, with every gap so far.
func TestProgress(t *testing.T) {
	var mu sync.Mutex
	var last scanners.Progress
	tp := &tape{program: func(c replay.Call) *replay.Answer {
		if c.Operation == "ListStreams" && c.Region != "eu-west-1" {
			return failure(c.Service, 403, "AccessDenied", "no")
		}
		return nil
	}}
	o := options(t, tp, quiet(testRegions...), func(o *scanners.Options) {
		o.Progress = func(p scanners.Progress) {
			mu.Lock()
			defer mu.Unlock()
			last = p
		}
		o.Limits.Tasks = 1
	})
	if _, err := scanners.Run(context.Background(), o, &collect{}); err != nil {
		t.Fatal(err)
	}
	same(t, "progress", last, scanners.Progress{Done: 3, Total: 3, Resources: 1, Gaps: 2})
}

// gauge measures how many are inside at once. Each waits until limit are, and gives others the time to come in as well.
type gauge struct {
	limit     int
	mu        sync.Mutex
	now, most int
	reached   chan struct{}
}

func newGauge(limit int) *gauge { return &gauge{limit: limit, reached: make(chan struct{})} }

func (g *gauge) pass() {
	g.mu.Lock()
	g.now++
	if g.most = max(g.most, g.now); g.now == g.limit {
		select {
		case <-g.reached:
		default:
			close(g.reached)
		}
	}
	g.mu.Unlock()
	<-g.reached
	for range 1000 {
		runtime.Gosched()
	}
	g.mu.Lock()
	g.now--
	g.mu.Unlock()
}

func TestRequestsInFlight(t *testing.T) {
	g := newGauge(3)
	tp := &tape{program: func(c replay.Call) *replay.Answer {
		if c.Operation == "ListStreams" {
			g.pass()
		}
		return nil
	}}
	scanWith(t, tp.over(t, quiet(manyRegions()...)), "kinesis", with(streams()), func(o *scanners.Options) {
		o.Limits.Requests, o.Limits.Tasks = 3, 12
		o.Partition = func(string) []string { return manyRegions() }
	})
	if g.most != 3 {
		t.Errorf("%d requests in flight, want 3", g.most)
	}
}

func TestTasksAtOnce(t *testing.T) {
	g := newGauge(2)
	s := streams()
	s.Scan = func(context.Context, *scanners.Target, *scanners.Sink) error { g.pass(); return nil }
	scanWith(t, (&tape{}).over(t, quiet(manyRegions()...)), "kinesis", with(s), func(o *scanners.Options) {
		o.Limits.Tasks = 2
		o.Partition = func(string) []string { return manyRegions() }
	})
	if g.most != 2 {
		t.Errorf("%d tasks at once, want 2", g.most)
	}
}

func manyRegions() (regions []string) {
	for i := range 12 {
		regions = append(regions, fmt.Sprintf("eu-west-%d", i+1))
	}
	return regions
}

// A scanner that says nothing of its interruption does not make the line look whole.
func TestSilentlyInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := streams()
	s.Scan = func(context.Context, *scanners.Target, *scanners.Sink) error {
		cancel()
		return nil
	}
	f := scanIn(t, ctx, (&tape{}).over(t, quiet("eu-west-1")), "kinesis", with(s))
	same(t, "gaps", f.gaps(), []string{"ListStreams cancelled"})
}
