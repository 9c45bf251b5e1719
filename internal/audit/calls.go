package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// CallsFileName is the file of a run that holds each answered call: what an auditor can look up in CloudTrail.
const CallsFileName = "calls.ndjson.zst"

// calls writes down each answer as it comes, and compares clocks on the way. It holds none of them.
type calls struct {
	now    func() time.Time
	redact func([]byte) []byte
	warm   func() // called once, when the scan runs evenly; nil: nothing

	mu   sync.Mutex
	n    int // answers so far
	out  *snapshot.VerdictFile
	err  error
	skew *float64      // seconds that this machine is ahead of AWS
	best time.Duration // how long the answer took that told
}

// evenly is how many answers it takes until a scan touches nothing that it will not touch again and again.
const evenly = 256

func newCalls(path string, now func() time.Time, redact func([]byte) []byte) (*calls, error) {
	out, err := snapshot.CreateVerdicts(path) // lines like any other
	if err != nil {
		return nil, err
	}
	return &calls{now: now, redact: redact, out: out, best: math.MaxInt64}, nil
}

// Now is the machine's clock.
func (c *calls) Now() time.Time { return c.now() }

// Saw keeps the call with the digest of the answer, redacted as a recording would be.
func (c *calls) Saw(call residency.CallRecord, date time.Time, took time.Duration, body []byte) {
	at := c.now()
	call.Time, call.SHA256 = at.UTC(), evidence.Digest(c.redact(body))
	line, err := json.Marshal(call)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n++; c.n == evenly && c.warm != nil {
		c.warm()
	}
	if err == nil {
		_, err = c.out.Write(append(line, '\n'))
	}
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("keep the calls: %w", err)
	}
	if !date.IsZero() && took < c.best { // the quickest answer tells best what time it is there
		// A Date header has whole seconds: on average half of one has gone by.
		ahead := at.Add(-took / 2).Sub(date.Add(500 * time.Millisecond)).Seconds()
		ahead = math.Round(ahead*10) / 10
		c.skew, c.best = &ahead, took
	}
}

func (c *calls) close() error {
	if c.err != nil {
		return errors.Join(c.err, c.out.Abort())
	}
	return c.out.Close()
}
