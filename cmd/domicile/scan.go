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
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/scanners"
)

// scanFlags are those of scan and watch.
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
	cmd.Flags().StringVar(&f.record, "record", "", "record every AWS answer, redacted, into this folder")
	c.addScanFlags(cmd, &f)
	return cmd
}

// addScanFlags adds the flags of whatever scans.
func (c *common) addScanFlags(cmd *cobra.Command, f *scanFlags) {
	flags := cmd.Flags()
	flags.StringVar(&f.replay, "replay", "", "answer every AWS call from the recording in this folder")
	flags.StringSliceVar(&f.accounts, "accounts", nil, "examine only these accounts of the configuration")
	flags.StringSliceVar(&f.regions, "regions", nil, "examine only these regions")
	flags.StringSliceVar(&f.services, "services", nil, "examine only these services: see domicile list scanners")
	flags.Float64Var(&f.rate, "rate", 0, "requests a second for each account, region and service (default 25)")
	c.policyFlag(cmd)
	c.baselineFlag(cmd)
	flags.BoolVar(&c.passes, "passes", false, "json, ndjson and csv hold what passed too")
}

func exactly0(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument, and %q is one", cmd.CommandPath(), args[0])
	}
	return nil
}

// scan keeps a run and prints it, also where it was interrupted.
func (c *common) scan(ctx context.Context, f scanFlags) error {
	t, err := c.telling()
	if err != nil {
		return err
	}
	job, err := c.prepare(ctx, f)
	if err != nil {
		return err
	}
	if len(job.scan.Config.Notify) > 0 {
		c.note("%s: notify: scan tells nobody, domicile watch does; domicile notify test tries it", job.config)
	}
	forgetCode() // of which its start touched a good part, once
	progress := c.progress()
	job.scan.Options.Progress = progress.report
	run, err := job.scan.Run(ctx)
	progress.end()
	if run == nil {
		err = job.explain(err)
		if left := c.heartbeat(ctx, job.scan.Signer, evidence.KindFailed, job.scan.ID, err.Error()); left != nil && left.Error() != err.Error() {
			c.note("no heartbeat was left: %v", left)
		}
		return err
	}
	return c.tell(t, job, run, err)
}

// telling is how a run is told, read before any work is done.
type telling struct {
	outs     []output
	failOn   residency.Severity
	baseline *audit.Baseline // nil: all of it counts
}

func (c *common) telling() (t telling, err error) {
	if t.outs, err = c.outputs(); err != nil {
		return t, err
	}
	if t.failOn, err = c.severity(); err != nil {
		return t, err
	}
	t.baseline, err = c.readBaseline()
	return t, err
}

// tell writes what a kept run came to, in each form that was asked for. The error carries the exit code; stopped is why the scan ended early.
func (c *common) tell(t telling, job *job, run *audit.Run, stopped error) error {
	verdicts := filepath.Join(run.Dir, snapshot.VerdictsFileName)
	report := reportOf(run.Summary, job.scan.Engine, verdicts, c.passes, c.listing(run.Dir, job.config))
	if err := errors.Join(job.record(), c.write(t.outs, report)); err != nil {
		c.noteKept(run) // the night's work is not lost with the report
		return err
	}
	if stopped != nil {
		return errKept{run.Dir}
	}
	c.noteKept(run)
	if run.Refused != nil {
		return run.Refused
	}
	return c.concludedAgainst(t.baseline, run.Summary, verdicts, t.failOn)
}

// job is a scan that is ready to run.
type job struct {
	scan     *audit.Scan
	config   string // path of the configuration
	flags    scanFlags
	recorder *replay.Recorder // nil: nothing is recorded
}

// groundwork is what a scan rests on, read before anybody is asked.
type groundwork struct {
	cfg      *config.Config
	path     string // of the configuration
	picked   []scanners.Scanner
	observed time.Time        // the recording's; zero without one
	engine   *policies.Engine // nil: loaded when there is something to judge; a user's policies must not cost a scan that they then stop
}

// checkOut makes sure that neither --out nor what it is below is a file.
func (c *common) checkOut() error {
	folder := filepath.Clean(c.out)
	for ; folder != filepath.Dir(folder); folder = filepath.Dir(folder) { // what is not there yet will be made where its parent is
		info, err := os.Stat(folder)
		switch {
		case err == nil && info.IsDir():
			return nil
		case err == nil && folder == filepath.Clean(c.out):
			return fmt.Errorf("--out %s: not a folder: name one in which runs can be kept", c.out)
		case err == nil:
			return fmt.Errorf("--out %s: %s is not a folder: name one in which runs can be kept", c.out, folder)
		}
	}
	return nil
}

func (c *common) groundwork(ctx context.Context, f scanFlags) (in groundwork, err error) {
	if err := f.check(); err != nil {
		return in, err
	}
	if err := c.checkOut(); err != nil {
		return in, err
	}
	if f.replay != "" {
		if in.observed, err = recordedAt(f.replay); err != nil {
			return in, err
		}
	}
	if in.picked, err = scanners.Select(scanners.All(), f.services); err != nil {
		return in, fmt.Errorf("--services: %w", err)
	}
	if in.cfg, in.path, err = c.load(ctx, f.replay); err != nil {
		return in, err
	}
	if err := f.fits(in.cfg); err != nil {
		return in, err
	}
	if c.policy != "" {
		in.engine, err = c.engine(ctx)
	}
	return in, err
}

// prepare reads everything that can be wrong before the first call.
func (c *common) prepare(ctx context.Context, f scanFlags) (*job, error) {
	in, err := c.groundwork(ctx, f)
	if err != nil {
		return nil, err
	}
	if in.observed.IsZero() {
		in.observed = c.now().UTC()
	}
	keeper, err := c.keeper(ctx, in.engine, in.cfg, in.path)
	if err != nil {
		return nil, err
	}
	scan := &audit.Scan{Keeper: keeper, Observed: in.observed, Redact: replay.Redact,
		Options: scanners.Options{Scanners: in.picked, Shipped: len(scanners.All()), Only: f.accounts, Regions: f.regions, Limits: scanners.Limits{Rate: f.rate}}}
	j := &job{scan: scan, config: in.path, flags: f}
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
