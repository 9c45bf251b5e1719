package audit

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/seed-1578181b/domicile/internal/lineage"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// violations are unwaived fails, with their severity.
type violations map[residency.Violation]residency.Severity

// add takes in a verdict, under the names that lives gives instead of addresses.
func (v *violations) add(d *residency.Verdict, names map[string]string) {
	if d.Outcome != residency.Fail {
		return
	}
	name := func(s string) string {
		if arn, ok := names[s]; ok {
			return arn
		}
		return s
	}
	for _, one := range d.Violations(time.Time{}) {
		one.Resource, one.Target = name(one.Resource), name(one.Target)
		v.put(one.Violation, d.Severity)
	}
}

func (v *violations) put(one residency.Violation, s residency.Severity) {
	if *v == nil {
		*v = violations{}
	}
	(*v)[one] = s
}

// watcher passes verdict lines on and keeps the violations among them.
type watcher struct {
	next  io.Writer
	fails *violations
	names map[string]string
}

func (w *watcher) Write(lines []byte) (int, error) {
	for one := range bytes.Lines(lines) {
		if !bytes.Contains(one, []byte(`"outcome":"fail"`)) {
			continue
		}
		v, err := snapshot.DecodeVerdict(one)
		if err != nil {
			return 0, err
		}
		w.fails.add(&v, w.names)
	}
	return w.next.Write(lines)
}

// worse counts the violations of the change, by severity, that were not there before it.
func (c *Check) worse(ctx context.Context, last *lastScan, after *changed, now violations) (map[residency.Severity]int, error) {
	before, err := c.change(ctx, last, true)
	if err != nil {
		return nil, err
	}
	var then violations
	judge := *c.Judge
	judge.Limit = nil
	_, err = judge.Run(ctx, before.path, func(o residency.Outcome) bool { return o == residency.Fail },
		&watcher{next: io.Discard, fails: &then, names: after.lives})
	if err != nil {
		return nil, err
	}
	fresh, err := c.fresh(ctx, before, after)
	if err != nil {
		return nil, err
	}
	counts := map[residency.Severity]int{}
	for v, severity := range now {
		if _, old := then[v]; !old || fresh(v) {
			counts[severity]++
		}
	}
	return counts, nil
}

// fresh tells of a violation that was there before whether data of its zone comes to it by a new way: a border that was crossed already is
// then crossed by more.
func (c *Check) fresh(ctx context.Context, before, after *changed) (func(residency.Violation) bool, error) {
	assigner := lineage.NewAssigner(c.Judge.Zones, c.Judge.Rules)
	was, err := flowOf(ctx, before.path, after.lives, assigner)
	if err != nil {
		return nil, err
	}
	is, err := flowOf(ctx, after.path, after.lives, assigner)
	if err != nil {
		return nil, err
	}
	arrives, zones := is.fresh(was), map[string]int{}
	for i, z := range c.Judge.Zones {
		zones[z.ID] = i
	}
	return func(v residency.Violation) bool {
		z, ok := zones[v.Zone]
		return ok && arrives[v.Resource]&(1<<z) != 0
	}, nil
}
