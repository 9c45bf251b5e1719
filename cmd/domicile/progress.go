package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/seed-1578181b/domicile/scanners"
)

// progress tells on stderr how far a scan came: one line that is written over on a terminal, a line now and then elsewhere.
type progress struct {
	c        *common
	terminal bool
	every    time.Duration

	mu    sync.Mutex
	last  time.Time
	drawn bool
}

func (c *common) progress() *progress {
	_, isTerminal := c.terminal(c.stderr)
	p := &progress{c: c, terminal: isTerminal, every: 10 * time.Second, last: c.now()}
	if isTerminal {
		p.every = 100 * time.Millisecond
	}
	return p
}

func (p *progress) report(now scanners.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.c.quiet || p.c.now().Sub(p.last) < p.every {
		return
	}
	p.last = p.c.now()
	text := fmt.Sprintf("%d of %d places examined, %d resources, %d gaps", now.Done, now.Total, now.Resources, now.Gaps)
	if !p.terminal {
		fmt.Fprintln(p.c.stderr, text)
		return
	}
	fmt.Fprintf(p.c.stderr, "\r\x1b[K%s", text)
	p.drawn = true
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.c.stderr, "\r\x1b[K")
	}
}
