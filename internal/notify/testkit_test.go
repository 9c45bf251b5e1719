package notify

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var evening = time.Date(2026, 11, 23, 2, 14, 0, 0, time.UTC)

// machine has the given environment and files, and a clock that stands still. Its sleeps are kept, not slept.
func machine(env map[string]string) (Machine, *sleeps) {
	var s sleeps
	return Machine{Getenv: func(name string) string { return env[name] }, ReadFile: os.ReadFile, Now: func() time.Time { return evening }, Sleep: s.sleep}, &s
}

type sleeps struct {
	mu   sync.Mutex
	took []time.Duration
	stop context.CancelFunc // called by the first sleep; nil: none
}

func (s *sleeps) sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = append(s.took, d)
	if s.stop != nil {
		s.stop()
	}
	return ctx.Err()
}

// only opens one channel that must work.
func only(t *testing.T, s Setting, m Machine) Channel {
	t.Helper()
	c := Open([]Setting{s}, m)[0]
	if b, ok := c.(broken); ok {
		t.Fatal(b.err)
	}
	return c
}

// answers is a server on loopback that gives each request the next answer, and the last for ever; it keeps what it was sent.
type answers struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

// answer is a status, and whatever else goes with it.
type answer struct {
	status int
	header map[string]string
	body   string
}

func serve(t *testing.T, all ...answer) *answers {
	t.Helper()
	s := &answers{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		a := all[min(len(s.requests), len(all)-1)]
		s.requests, s.bodies = append(s.requests, r), append(s.bodies, string(body))
		s.mu.Unlock()
		for k, v := range a.header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(a.status)
		io.WriteString(w, a.body)
	}))
	t.Cleanup(s.Close)
	return s
}

// finality is that of an error of a channel.
func finality(t *testing.T, err error) (final bool, after time.Duration) {
	t.Helper()
	var f *failure
	if !errors.As(err, &f) {
		t.Fatalf("%v (%T) does not say whether to try again", err, err)
	}
	return f.final, f.after
}

// summary is that of a run that failed.
func summary() *residency.Summary {
	return &residency.Summary{Conclusion: residency.ConcludeFail, Complete: true, Run: evening,
		Totals:   map[residency.Outcome]int{residency.Fail: 6, residency.Unknown: 27, residency.Waived: 2, residency.Pass: 900},
		Fails:    map[residency.Severity]int{residency.Critical: 1, residency.High: 3, residency.Low: 1, residency.Info: 1},
		Coverage: residency.CoverageSummary{Gaps: make([]residency.RunGap, 7)}, Open: true}
}

func difference(change residency.Became, severity residency.Severity, control, resource string) residency.Difference {
	return residency.Difference{Change: change, Severity: severity, Control: control, Resource: resource, Zone: "eu", Role: "replica", Region: "us-east-1", Account: "111111111111",
		Target: resource + "-copy"}
}

func compared(d ...residency.Difference) *residency.Comparison {
	return &residency.Comparison{Old: "20261122T020000Z-aaaaaa", New: "20261123T020000Z-bbbbbb", Differences: d}
}

// aNight succeeded, and its comparison is the given one.
func aNight(c *residency.Comparison) Night {
	return Night{Run: "20261123T020000Z-bbbbbb", At: evening, Organization: "Example GmbH", System: "Messaging platform",
		Zones:   []residency.Zone{{ID: "eu", Name: "European Union"}, {ID: "au"}},
		Summary: summary(), Comparison: c, ReadOn: "domicile diff 20261122T020000Z-aaaaaa 20261123T020000Z-bbbbbb"}
}

// someMessage is any.
func someMessage() *Message {
	m, _ := Tell(aNight(compared(difference(residency.Opened, residency.High, "RES-002", "arn:aws:s3:::acme-eu"))), State{Run: "x"})
	return m
}
