package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/gauge"
	"github.com/seed-1578181b/domicile/internal/schedule"
)

// watchFlags are those of watch.
type watchFlags struct {
	scanFlags
	once    bool
	listen  string
	metrics string
}

// Where health, readiness and metrics are served, and how that is turned off.
const (
	defaultListen = "127.0.0.1:9187"
	listenOff     = "off"
)

func newWatch(c *common) *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Scan every night by the configuration's schedule; --once runs what is due and exits",
		Long: "watch scans whenever the configuration's schedule is due, and keeps each run as scan does. A night that was missed is caught up at the\n" +
			"start; one that fails is tried again within 24 hours, never so late that the next one is due; what stays undone is recorded with its\n" +
			"reason. The configuration is read anew each night; a new schedule counts from the next night on. Nothing is printed but what -o asks for.\n\n" +
			"--once is for a CronJob or a timer that is started at the schedule's times: it does the latest night that is due and not done, and exits\n" +
			"with that run's code, or with 0 where nothing is due. The daemon itself exits with 0, or with 130 where a run was interrupted.",
		Args: exactly0,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.once && cmd.Flags().Changed("listen") {
				return errors.New("--once and --listen: a single night serves nothing; write its metrics with --metrics-file FILE")
			}
			return c.watch(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.once, "once", false, "do the latest night that is due and not done, and exit")
	flags.StringVar(&f.listen, "listen", defaultListen, "serve /healthz, /readyz and /metrics on HOST:PORT, or off")
	flags.StringVar(&f.metrics, "metrics-file", "", "write the metrics to this file after each night, for node_exporter")
	c.addScanFlags(cmd, &f.scanFlags)
	return cmd
}

// watch reads everything that can be wrong before the first night, and then keeps the schedule.
func (c *common) watch(ctx context.Context, f watchFlags) error {
	n, err := c.nightly(ctx, f)
	if err != nil {
		return err
	}
	var listener net.Listener
	if !f.once {
		if listener, err = occupy(ctx, f.listen); err != nil {
			return err
		}
	}
	if err := n.open(ctx); err != nil {
		if f.once {
			n.notBegun(ctx, err)
		}
		return err
	}
	if f.once {
		err = n.once(ctx)
	} else {
		err = n.serve(ctx, listener)
	}
	return errors.Join(err, n.store.Close())
}

// notBegun leaves a heartbeat of a night for which the nights could not be read, and tells the receivers: nobody may look at a timer's exit
// codes.
func (n *nightly) notBegun(ctx context.Context, reason error) {
	if ctx.Err() != nil {
		return
	}
	n.failedOnce(ctx, reason)
	for _, problem := range n.notify(ctx, n.cfg, n.path, night{err: reason}) {
		n.log.Error("notify", "problem", problem)
	}
}

// nightly is a daemon that is ready to start, but for its nights.
func (c *common) nightly(ctx context.Context, f watchFlags) (*nightly, error) {
	first := *c // what it loads is not kept
	if _, err := first.telling(); err != nil {
		return nil, err
	}
	if c.baseline == "latest" { // what it is now: else each run would be held against itself
		dir, err := evidence.Find(c.out, c.baseline)
		if err != nil {
			return nil, err
		}
		c.baseline = evidence.RunOf(dir)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	in, err := first.groundwork(ctx, f.scanFlags)
	if err != nil {
		if f.once {
			c.failedOnce(ctx, err)
		}
		return nil, err
	}
	timetable, err := scheduleOf(in.cfg, in.path)
	if err != nil {
		return nil, err
	}
	if c.build, err = buildDigest(); err != nil {
		return nil, err
	}
	n := &nightly{common: c, flags: f.scanFlags, metrics: f.metrics, cfg: in.cfg, path: in.path, gauges: gauge.New(version)}
	n.daemon = &schedule.Daemon{Schedule: timetable, Job: n.job, Skip: n.skip, Delay: n.jitter, Holder: holder(), Now: c.now, Tell: n.told}
	c.log = c.logger()
	n.showLast()
	rest()
	return n, nil
}

// scheduleOf is the configuration's schedule, without which there is nothing to watch for.
func scheduleOf(cfg *config.Config, path string) (*schedule.Schedule, error) {
	if cfg.Schedule.Cron == "" {
		return nil, fmt.Errorf("%s has no schedule: add schedule: {cron: \"0 2 * * *\", timezone: Europe/Dublin}, say", path)
	}
	return schedule.Parse(cfg.Schedule.Cron, cfg.Schedule.Timezone)
}

// failedOnce leaves a heartbeat of a night whose configuration cannot be read. Which key signs is not known then; the store's own
// does where it has one, and any other the log refuses.
func (c *common) failedOnce(ctx context.Context, reason error) {
	if signer, err := evidence.OwnSigner(c.out); err == nil {
		_ = c.heartbeat(ctx, signer, evidence.KindFailed, c.runID(), reason.Error())
	}
}

// holder is a name that no other process has.
func holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d/%08x", host, os.Getpid(), rand.Uint32())
}

// logger writes to stderr: text for a person, JSON for whoever collects it.
func (c *common) logger() *slog.Logger {
	options := &slog.HandlerOptions{}
	if c.quiet {
		options.Level = slog.LevelWarn
	}
	if _, is := c.terminal(c.stderr); is {
		return slog.New(slog.NewTextHandler(c.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(c.stderr, options))
}

// jitter is a random part of what the configuration allows.
func (n *nightly) jitter() time.Duration {
	if most := n.cfg.Schedule.Jitter; most > 0 {
		return rand.N(most)
	}
	return 0
}

// once does what is due. Its error is the run's, so that the exit code is.
func (n *nightly) once(ctx context.Context) error {
	n.gauges.Next(n.daemon.Schedule.Next(n.now()))
	night, held, err := n.daemon.Once(ctx)
	switch {
	case err != nil && n.ended == nil:
		n.notBegun(ctx, err)
		return err
	case held:
		n.log.Info("another is at the night that is due: nothing to do", "night", night.Due)
		return err
	case night.Due.IsZero():
		n.log.Info("nothing is due", "next", n.daemon.Schedule.Next(n.now()))
		return nil
	}
	n.writeMetrics()
	return n.ended
}

// serve keeps the schedule until it is told to stop.
func (n *nightly) serve(ctx context.Context, listener net.Listener) error {
	system := n.notifier()
	defer system.close()
	if listener != nil {
		defer n.listen(listener)()
	}
	n.systemd = system
	system.send("READY=1")
	stopping := sync.OnceFunc(func() { system.send("STOPPING=1\nSTATUS=finishing what is running") })
	context.AfterFunc(ctx, stopping)
	go system.watchdog(ctx, n.daemon.Alive)
	n.daemon.Run(ctx)
	stopping() // what runs beside it may come too late
	n.log.Info("stopped")
	if n.interrupted {
		return n.ended
	}
	return nil
}

// check refuses what is no address and no place for a file, before anything else is done.
func (f *watchFlags) check() error {
	if _, _, err := net.SplitHostPort(f.listen); err != nil && f.listen != listenOff {
		return fmt.Errorf("--listen %q: write HOST:PORT, as in %s, or off", f.listen, defaultListen)
	}
	if dir := filepath.Dir(f.metrics); f.metrics != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("--metrics-file %q: there is no folder %q: make it first", f.metrics, dir)
		}
	}
	return nil
}
