package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/notify"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// storeNights are the nights of a store as its database knows them, for the daemon.
type storeNights struct{ *history.Store }

// openNights opens the store's database. One that cannot be read must stop the daemon, not the night.
func (c *common) openNights(ctx context.Context, cfg *config.Config, path string) (storeNights, error) {
	if err := os.MkdirAll(c.out, 0o755); err != nil {
		return storeNights{}, fmt.Errorf("make the folder of runs: %w: name a folder that can be written with --out", err)
	}
	h, err := history.Open(ctx, c.historyDSN(cfg, path))
	return storeNights{h}, err
}

// open gives the daemon its nights.
func (n *nightly) open(ctx context.Context) (err error) {
	if n.store, err = n.openNights(ctx, n.cfg, n.path); err == nil {
		n.daemon.Nights, n.daemon.Calendar = n.store, n.store
	}
	return err
}

// Claim implements schedule.Nights.
func (s storeNights) Claim(ctx context.Context, due, now time.Time, holder string, lease time.Duration) (bool, error) {
	_, ok, err := s.Store.Claim(ctx, due, now, holder, lease)
	return ok, err
}

// First implements schedule.Calendar.
func (s storeNights) First(ctx context.Context) (time.Time, bool, error) {
	all, err := s.Nights(ctx, time.Time{}, time.Time{})
	if err != nil || len(all) == 0 {
		return time.Time{}, false, err
	}
	return all[0].Due, true, nil
}

// afterNight is where a night that was tried ends: the metrics, the store's database and the receivers learn what it came to. The run
// is what was kept, nil for nothing, and the error why it ended as it did. Nothing here fails the night: the run is kept, and the next one
// brings the database up to it. What cannot be found out, the receivers are told without.
func (n *nightly) afterNight(ctx context.Context, due time.Time, run *audit.Run, failed error) {
	lasting := context.WithoutCancel(ctx) // what is known of the night is written down, whoever wants to stop
	told := night{run: evidence.RunID(due, [3]byte{}), err: failed}
	if run != nil {
		n.show(run.Dir)
		told = night{run: filepath.Base(run.Dir), summary: run.Summary}
	}
	if evidence.HasLog(n.out) {
		if _, err := audit.Remember(lasting, n.out, n.store.Store, audit.Standings); err != nil {
			n.log.Error("the history could not be brought up to the log", "error", oneLine(err.Error()))
		}
	}
	if run != nil && len(n.cfg.Notify) > 0 {
		var err error
		if told.comparison, err = n.changes(lasting, run.Dir); err != nil {
			n.log.Error("what the night changed is not known, so what stands is told", "error", oneLine(err.Error()))
		}
		if told.daysOpen, err = n.daysOpen(lasting); err != nil {
			n.log.Error("the receivers are not told since when violations are open", "error", oneLine(err.Error()))
		}
	}
	for _, problem := range n.notify(ctx, n.cfg, n.path, told) {
		n.log.Error("notify", "problem", problem)
	}
}

// daysOpen is how long each violation has been open.
func (n *nightly) daysOpen(ctx context.Context) (map[residency.Violation]int, error) {
	open, err := n.store.Open(ctx, n.now())
	if err != nil {
		return nil, err
	}
	days := make(map[residency.Violation]int, len(open))
	for _, v := range open {
		days[v.Violation] = v.DaysOpen
	}
	return days, nil
}

// changes is what a run changed since the one of which people heard last; a scan by hand in between told nobody. A baseline leaves of it
// what is worse than that. There is nothing with which to compare the first.
func (n *nightly) changes(ctx context.Context, dir string) (*residency.Comparison, error) {
	before, err := n.before(filepath.Base(dir))
	if err != nil || n.baseline == "" && before == "" {
		return nil, err
	}
	if n.baseline == "" {
		return audit.Diff(ctx, before, dir)
	}
	baseline, err := evidence.Find(n.out, n.baseline)
	if err != nil {
		return nil, err
	}
	worse, err := audit.Diff(ctx, baseline, dir)
	if err != nil || before == "" {
		return worse, err
	}
	c, err := audit.Diff(ctx, before, dir)
	if err != nil {
		return nil, err
	}
	of := make(map[residency.Difference]bool, len(worse.Differences))
	for _, d := range worse.Differences {
		of[matter(d)] = true
	}
	c.Differences = slices.DeleteFunc(c.Differences, func(d residency.Difference) bool { return !of[matter(d)] })
	return c, nil
}

// matter is what a difference is about, whatever became of it.
func matter(d residency.Difference) residency.Difference {
	if d.Change != residency.Uncovered { // whose detail names the question
		d.Detail = ""
	}
	d.Change, d.Severity, d.Was = "", "", ""
	return d
}

// before is the folder of the run that was told last, empty where none was. Where it has expired, it is that of the run before this one.
func (n *nightly) before(run string) (string, error) {
	state, err := notify.ReadState(n.out)
	if err != nil || state.Compared == "" {
		return "", err
	}
	if dir := evidence.RunDir(n.out, state.Compared); state.Compared != run && isThere(dir) {
		return dir, nil
	}
	return audit.Before(n.out, evidence.RunDir(n.out, run))
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
