package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/replay"
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
	flags.BoolVar(&c.passes, "passes", false, "json, ndjson and csv hold what passed too")
	return cmd
}

func exactly0(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument, and %q is one", cmd.CommandPath(), args[0])
	}
	return nil
}

func (c *common) scan(ctx context.Context, f scanFlags) error {
	outs, err := c.outputs()
	if err != nil {
		return err
	}
	failOn, err := c.severity()
	if err != nil {
		return err
	}
	scan, recorder, err := c.prepare(ctx, f)
	if err != nil {
		return err
	}
	progress := c.progress()
	scan.Options.Progress = progress.report
	run, err := scan.Run(ctx)
	progress.end()
	if recorder != nil {
		err = errors.Join(err, c.record(recorder, f.record, scan))
	}
	if run == nil {
		return err
	}
	command := fmt.Sprintf("domicile judge %s -o csv", shellWord(run.Dir))
	report := reportOf(run.Summary, scan.Engine, filepath.Join(run.Dir, snapshot.VerdictsFileName), c.passes, command)
	if err := errors.Join(err, c.write(outs, report)); err != nil {
		return err
	}
	c.note("run kept in %s", run.Dir)
	if code := exitCode(run.Summary, failOn, c.exitZero); code != exitOK {
		return errExit(code)
	}
	return nil
}

// prepare reads everything that can be wrong before the first call.
func (c *common) prepare(ctx context.Context, f scanFlags) (*audit.Scan, *replay.Recorder, error) {
	if f.replay != "" && f.record != "" {
		return nil, nil, errors.New("--replay and --record: one or the other")
	}
	cfg, err := c.load(f.replay)
	if err != nil {
		return nil, nil, err
	}
	picked, err := scanners.Select(scanners.All(), f.services)
	if err != nil {
		return nil, nil, fmt.Errorf("--services: %w", err)
	}
	for _, r := range f.regions {
		if !config.KnownRegion(r) {
			return nil, nil, fmt.Errorf("--regions: %q is no AWS region", r)
		}
	}
	engine, err := policies.Load(ctx)
	if err != nil {
		return nil, nil, err
	}
	start := c.now().UTC()
	scan := &audit.Scan{Engine: engine, Config: cfg, Store: c.out, Tool: version, Observed: start, Now: c.now,
		Options: scanners.Options{Scanners: picked, Shipped: len(scanners.All()), Only: f.accounts, Regions: f.regions, Limits: scanners.Limits{Rate: f.rate}}}
	var random [3]byte
	rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	scan.ID = evidence.RunID(start, random)
	recorder, err := c.source(ctx, f, scan)
	return scan, recorder, err
}

// source is where the answers come from: a recording, or AWS, recorded or not.
func (c *common) source(ctx context.Context, f scanFlags, scan *audit.Scan) (*replay.Recorder, error) {
	o := &scan.Options
	if f.replay != "" {
		answers := filepath.Join(f.replay, "aws")
		if info, err := os.Stat(answers); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("--replay %s: there is no recording: %s is missing", f.replay, answers)
		}
		observed, err := recordedAt(f.replay)
		if err != nil {
			return nil, err
		}
		scan.Observed = observed
		o.AWS, o.Transport = scanners.OfflineConfig("us-east-1"), replay.Open(os.DirFS(answers))
		o.Limits.Rate = 1e6 // nobody waits for a recording
		return nil, nil
	}
	cfg, err := scanners.LoadConfig(ctx)
	if err != nil {
		return nil, err
	}
	o.AWS = cfg
	if f.record == "" {
		return nil, nil
	}
	recorder := replay.NewRecorder(filepath.Join(f.record, "aws"))
	o.Transport = recorder
	return recorder, nil
}

// recording is recording.json: when the answers were given.
type recording struct {
	Observed time.Time `json:"observed"`
	Tool     string    `json:"tool"`
}

const recordingName = "recording.json"

func recordedAt(dir string) (time.Time, error) {
	data, err := os.ReadFile(filepath.Join(dir, recordingName))
	if err != nil {
		return time.Time{}, fmt.Errorf("--replay %s: when was it recorded? %w", dir, err)
	}
	var r recording
	if err := json.Unmarshal(data, &r); err != nil || r.Observed.IsZero() {
		return time.Time{}, fmt.Errorf("--replay %s: %s does not say when it was observed", dir, recordingName)
	}
	return r.Observed, nil
}

// record writes answers, configuration and time, so that --replay needs nothing else.
func (c *common) record(r *replay.Recorder, dir string, scan *audit.Scan) error {
	if err := r.Close(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(recording{scan.Observed, version}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	err = errors.Join(os.WriteFile(filepath.Join(dir, recordingName), append(data, '\n'), 0o644),
		os.WriteFile(filepath.Join(dir, "domicile.yaml"), scan.Config.Raw, 0o644))
	if err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	return nil
}

// shellWord quotes an argument where a shell would take it apart.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
