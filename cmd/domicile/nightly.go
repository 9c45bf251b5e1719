package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/gauge"
	"github.com/seed-1578181b/domicile/internal/notify"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/schedule"
)

// nightly does what scan does, night after night.
type nightly struct {
	*common
	flags   scanFlags
	metrics string         // file for the metrics; empty: none
	cfg     *config.Config // the last that could be read: its key signs what is said of a night whose own cannot
	path    string         // of it
	daemon  *schedule.Daemon
	gauges  *gauge.Gauges
	store   storeNights
	systemd *notifier

	ended       error // what the last night came to, as scan would return it
	interrupted bool  // the last night was
}

// job is a night's work. Whatever a run came to, the night is done once it is kept whole; what else was to be done with it is logged.
func (n *nightly) job(ctx context.Context, night schedule.Night) (string, error) {
	defer rest()
	run, err := n.examine(ctx, night.Due)
	n.ended = err
	whole := run != nil && run.Summary.Complete && run.Refused == nil
	n.interrupted = errors.Is(context.Cause(ctx), context.Canceled) && !whole // and not because the night has become another's
	if run == nil {
		err = n.failed(ctx, err)
	}
	n.afterNight(ctx, night.Due, run, err)
	if run == nil {
		return "", err
	}
	var code errExit
	if whole && err != nil && !errors.As(err, &code) {
		n.log.Error("the run is kept, and this failed", "error", oneLine(err.Error()))
	}
	if whole {
		err = nil
	}
	return filepath.Base(run.Dir), err
}

// rest gives back what a night used: policies, clients, answers. Pools are emptied by the second collection only.
func rest() {
	runtime.GC()
	debug.FreeOSMemory()
	forgetCode()
}

// examine scans and tells, with all that it needs read anew. The run is nil where none was kept.
func (n *nightly) examine(ctx context.Context, due time.Time) (run *audit.Run, err error) {
	defer func() {
		if v := recover(); v != nil {
			n.log.Error("panic", "value", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	c := *n.common
	c.own = nil
	silent := len(c.formats) == 0 // a daemon prints only what it is asked for
	t, err := c.telling()
	if err != nil {
		return nil, err
	}
	if silent {
		t.outs = nil
	}
	job, err := c.prepare(ctx, n.flags)
	if err != nil {
		return nil, err
	}
	n.adopt(job)
	if run = n.sealed(due); run != nil {
		job.scan.Engine, err = c.engine(ctx)
		if err != nil {
			return run, err
		}
		return run, c.tell(t, job, run, nil)
	}
	if run, err = job.scan.Run(ctx); run == nil {
		return nil, job.explain(err)
	}
	return run, c.tell(t, job, run, err)
}

// sealed is the night's run where an earlier process sealed it and was killed before it could say so: nil for none. It has to be of
// this very command line, since anybody may scan into the store. Where evidence has homes to go to, the night is done again.
func (n *nightly) sealed(due time.Time) *audit.Run {
	l, err := evidence.ReadLog(n.out)
	if err != nil || len(n.cfg.Evidence) > 0 {
		return nil // sealing will say what is wrong
	}
	next := n.daemon.Schedule.Next(due)
	for _, e := range slices.Backward(l.Entries()) {
		if e.Leaf.Time.Before(due) {
			return nil
		}
		dir := evidence.RunDir(n.out, e.Leaf.Run)
		if e.Leaf.Kind != evidence.KindRun {
			continue
		}
		m, s, err := audit.Outline(dir)
		if err == nil && m.Complete && !m.Start.Before(due) && m.Start.Before(next) && slices.Equal(m.Command, n.command()) {
			n.log.Info("the run was sealed by a process that was killed", "run", e.Leaf.Run)
			return &audit.Run{Dir: dir, Summary: &s}
		}
	}
	return nil
}

// adopt makes the night's configuration that of the daemon.
func (n *nightly) adopt(j *job) {
	before, now := n.cfg.Schedule, j.scan.Config.Schedule
	n.cfg, n.path = j.scan.Config, j.config
	if before.Cron == now.Cron && before.Timezone == now.Timezone {
		return
	}
	timetable, err := scheduleOf(n.cfg, n.path)
	if err != nil {
		n.log.Warn("the schedule stays as it was", "error", err)
		n.cfg.Schedule = before
		return
	}
	n.log.Info("the schedule was changed", "cron", now.Cron, "timezone", now.Timezone)
	n.daemon.Schedule = timetable
}

// failed leaves a heartbeat of an attempt that left no run.
func (n *nightly) failed(ctx context.Context, reason error) error {
	text := message(ctx, reason)
	signer, err := n.signer(ctx, n.cfg, n.path)
	if err == nil {
		err = n.heartbeat(ctx, signer, evidence.KindFailed, n.runID(), text)
	}
	if err != nil {
		n.log.Error("no heartbeat was left", "error", oneLine(err.Error()))
	}
	return errors.New(text)
}

// skip leaves a heartbeat of a night that was missed, once, unless there is a run of it. Its run is named by when the night was due.
func (n *nightly) skip(ctx context.Context, due time.Time, reason string) (string, error) {
	if run := n.sealed(due); run != nil {
		n.afterNight(ctx, due, run, nil)
		return filepath.Base(run.Dir), nil
	}
	id := evidence.RunID(due, [3]byte{})
	l, err := evidence.ReadLog(n.out)
	if err != nil {
		return "", err
	}
	known := func(e evidence.Entry) bool { return e.Leaf.Kind == evidence.KindSkipped && e.Leaf.Run == id }
	if slices.ContainsFunc(l.Entries(), known) {
		return "", nil
	}
	signer, err := n.signer(ctx, n.cfg, n.path)
	if err != nil {
		return "", err
	}
	if err := n.heartbeat(ctx, signer, evidence.KindSkipped, id, reason); err != nil {
		return "", err
	}
	if err := n.toTellLater(due); err != nil {
		n.log.Error("nobody will be told of the missed night", "error", oneLine(err.Error()))
	}
	return "", nil
}

// toTellLater lets the next message say that a night was missed.
func (n *nightly) toTellLater(missed time.Time) error {
	if len(n.cfg.Notify) == 0 {
		return nil
	}
	s, err := notify.ReadState(n.out)
	if err != nil {
		return err
	}
	return s.Miss(missed).Write(n.out)
}

// show makes the metrics those of a kept run.
func (n *nightly) show(dir string) {
	m, s, err := audit.Outline(dir)
	if err != nil {
		n.log.Error("the metrics show no run", "error", oneLine(err.Error()))
		return
	}
	n.gauges.Ran(gauge.Run{Start: m.Start, End: m.End, Conclusion: s.Conclusion, Complete: s.Complete, Fails: s.Fails,
		Unknown: s.Totals[residency.Unknown], Gaps: len(s.Coverage.Gaps)})
}

// showLast makes the metrics those of the store's latest run, so that a restart hides nothing.
func (n *nightly) showLast() {
	if dir, err := evidence.Find(n.out, "latest"); err == nil {
		n.show(dir)
	}
}

// told logs what the daemon says, and shows it.
func (n *nightly) told(e schedule.Event) {
	log := n.log.With()
	if !e.Night.Due.IsZero() {
		log = n.log.With("night", e.Night.Due)
	}
	switch e.Kind {
	case schedule.Waiting:
		n.gauges.Next(e.Next)
		n.writeMetrics()
		n.systemd.send("STATUS=next due " + e.Next.Format("Mon 2006-01-02 15:04 MST"))
		log.Info("waiting", "next", e.Next)
	case schedule.Began:
		n.systemd.send("STATUS=auditing the night of " + e.Night.Due.Format("Mon 2006-01-02 15:04 MST"))
		log.Info("began", "attempt", e.Night.Attempt)
	case schedule.Done:
		n.gauges.Night(gauge.Done)
		log.Info("done", "run", e.Run)
	case schedule.Failed:
		n.gauges.Night(gauge.Failed)
		log.Error("failed", "attempt", e.Night.Attempt, "run", e.Run, "error", oneLine(e.Err.Error()))
	case schedule.Missed:
		n.gauges.Night(gauge.Missed)
		log.Warn("missed", "reason", oneLine(e.Reason))
	case schedule.Held:
		log.Info("another holds the night: waiting for it")
	case schedule.Trouble:
		log.Error("trouble", "error", oneLine(e.Err.Error()), "detail", oneLine(e.Reason))
	}
}

func (n *nightly) writeMetrics() {
	if n.metrics == "" {
		return
	}
	if err := n.gauges.WriteFile(n.metrics); err != nil {
		n.log.Error("metrics", "error", err)
	}
}
