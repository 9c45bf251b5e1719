package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/scanners"
)

// scanFlags are those of scan alone.
type scanFlags struct {
	replay, record              string
	accounts, regions, services []string
	rate                        float64
}

func newScan(c *common) *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "scan",
		Short: "Inventory the cloud, judge, keep the run, print the conclusion",
		Args:  exactly0,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.scan(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.replay, "replay", "", "answer every AWS call from the recording in this folder")
	flags.StringVar(&f.record, "record", "", "record every AWS answer, redacted, into this folder")
	flags.StringSliceVar(&f.accounts, "accounts", nil, "examine only these accounts of the configuration")
	flags.StringSliceVar(&f.regions, "regions", nil, "examine only these regions")
	flags.StringSliceVar(&f.services, "services", nil, "examine only these services: see domicile list scanners")
	flags.Float64Var(&f.rate, "rate", 0, "requests a second for each account, region and service (default 25)")
	c.policyFlag(cmd)
	c.baselineFlag(cmd)
	flags.BoolVar(&c.passes, "passes", false, "json, ndjson and csv hold what passed too")
	return cmd
}

func exactly0(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument, and %q is one", cmd.CommandPath(), args[0])
	}
	return nil
}

// scan keeps a run and prints it, also where it was interrupted.
func (c *common) scan(ctx context.Context, f scanFlags) error {
	outs, err := c.outputs()
	if err != nil {
		return err
	}
	failOn, err := c.severity()
	if err != nil {
		return err
	}
	baseline, err := c.readBaseline()
	if err != nil {
		return err
	}
	job, err := c.prepare(ctx, f)
	if err != nil {
		return err
	}
	progress := c.progress()
	job.scan.Options.Progress = progress.report
	run, err := job.scan.Run(ctx)
	progress.end()
	if run == nil {
		err = job.explain(err)
		if left := c.heartbeat(ctx, job.scan, err); left != nil && left.Error() != err.Error() {
			c.note("no heartbeat was left: %v", left)
		}
		return err
	}
	report := reportOf(run.Summary, job.scan.Engine, filepath.Join(run.Dir, snapshot.VerdictsFileName), c.passes, c.listing(run.Dir, job.config))
	if err := errors.Join(job.record(), c.write(outs, report)); err != nil {
		c.noteKept(run) // the night's work is not lost with the report
		return err
	}
	if err != nil {
		return errKept{run.Dir}
	}
	c.noteKept(run)
	if run.Refused != nil {
		return run.Refused
	}
	return c.concludedAgainst(baseline, run.Summary, filepath.Join(run.Dir, snapshot.VerdictsFileName), failOn)
}

// job is a scan that is ready to run.
type job struct {
	scan     *audit.Scan
	config   string // path of the configuration
	flags    scanFlags
	recorder *replay.Recorder // nil: nothing is recorded
}

// prepare reads everything that can be wrong before the first call.
func (c *common) prepare(ctx context.Context, f scanFlags) (*job, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if info, err := os.Stat(c.out); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("--out %s: not a folder: name one in which runs can be kept", c.out)
	}
	start := c.now().UTC()
	observed := start
	if f.replay != "" {
		var err error
		if observed, err = recordedAt(f.replay); err != nil {
			return nil, err
		}
	}
	picked, err := scanners.Select(scanners.All(), f.services)
	if err != nil {
		return nil, fmt.Errorf("--services: %w", err)
	}
	cfg, path, err := c.load(ctx, f.replay)
	if err != nil {
		return nil, err
	}
	if err := f.fits(cfg); err != nil {
		return nil, err
	}
	var engine *policies.Engine // loaded when there is something to judge; a user's policies must not cost a scan that they then stop
	if c.policy != "" {
		if engine, err = c.engine(ctx); err != nil {
			return nil, err
		}
	}
	keeper, err := c.keeper(ctx, engine, cfg, path)
	if err != nil {
		return nil, err
	}
	scan := &audit.Scan{Keeper: keeper, Observed: observed, Redact: replay.Redact,
		Options: scanners.Options{Scanners: picked, Shipped: len(scanners.All()), Only: f.accounts, Regions: f.regions, Limits: scanners.Limits{Rate: f.rate}}}
	j := &job{scan: scan, config: path, flags: f}
	return j, j.source(ctx)
}

// check refuses flags that no configuration could make good.
func (f *scanFlags) check() error {
	if f.replay != "" && f.record != "" {
		return errors.New("--replay and --record: one or the other")
	}
	if f.rate < 0 || math.IsNaN(f.rate) || math.IsInf(f.rate, 0) {
		return fmt.Errorf("--rate %v: give a number above 0, in requests a second", f.rate)
	}
	for _, r := range f.regions {
		if !config.KnownRegion(r) {
			return fmt.Errorf("--regions: %q is no AWS region that is known (as of %s): write one in full, such as eu-west-1", r, config.RegionsAsOf)
		}
	}
	for _, a := range f.accounts {
		if len(a) != 12 || strings.Trim(a, "0123456789") != "" {
			return fmt.Errorf("--accounts: %q is no account: write its 12 digits", a)
		}
	}
	return nil
}

// fits refuses what does not go with the configuration before anybody is asked: an account that it lists and leaves out, or does not
// list (without a list only the scan itself can tell), and a recording of a trail's own files.
func (f *scanFlags) fits(cfg *config.Config) error {
	excluded := func(a string) bool {
		return slices.ContainsFunc(cfg.AWS.ExcludedAccounts, func(e residency.ExcludedAccount) bool { return e.ID == a })
	}
	if f.record != "" && cfg.Events.TrailBucket != "" {
		return errors.New("--record: events.trail_bucket is set, and a recording would hold its log files: record with a configuration without it")
	}
	listed := slices.DeleteFunc(slices.Clone(cfg.AWS.Accounts), excluded)
	for _, a := range f.accounts {
		switch {
		case excluded(a):
			return fmt.Errorf("--accounts: %s is excluded by aws.excluded_accounts: take it off one of the two", a)
		case len(listed) > 0 && !slices.Contains(listed, a):
			return fmt.Errorf("--accounts: %s is not among aws.accounts of the configuration (%s): add it there, or leave it out", a, strings.Join(listed, ", "))
		}
	}
	return nil
}
