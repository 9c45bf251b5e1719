package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports"
)

// reportFlags are those of report alone.
type reportFlags struct {
	from, to, seed string
	sample         int
}

// keptFormats are rendered into a run's reports folder where no -o is given.
var keptFormats = []string{"pdf", "html", "oscal", "csv", "json"}

func newReport(c *common) *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Render a kept run for people and programs; needs no credentials",
		Long: "report renders a run (a folder, a package, a run's id below --out, or latest), or with --from and --to the runs of a period. Without -o it writes\n" +
			"the common formats into the run's reports folder and signs their list; with -o it writes just what is asked and changes nothing.",
		Args: func(cmd *cobra.Command, args []string) error {
			if f.from != "" || f.to != "" {
				return exactly0(cmd, args)
			}
			return exactly(1, "RUN: a run folder, a package, a run's id or latest; or --from DAY --to DAY")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.report(cmd.Context(), args, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "first day of a period, as 2026-11-23, UTC")
	flags.StringVar(&f.to, "to", "", "last day of a period")
	flags.IntVar(&f.sample, "sample", 25, "items in the sample")
	flags.StringVar(&f.seed, "seed", "", "seed of the sample: the same seed draws the same (default the digest of the run's manifest)")
	flags.BoolVar(&c.passes, "passes", false, "json, ndjson and csv hold what passed too")
	return cmd
}

func (c *common) report(ctx context.Context, args []string, f reportFlags) (err error) {
	if f.sample < 0 || f.sample > 10_000 {
		return fmt.Errorf("--sample %d: give a number from 0 to 10000", f.sample)
	}
	keep := len(c.formats) == 0
	outs, err := c.outputs()
	if err != nil {
		return err
	}
	dir, period, err := c.reportRun(ctx, args, f)
	if err != nil {
		return err
	}
	name := dir
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		if keep {
			return fmt.Errorf("report %q: a package is not changed: write single reports with -o FORMAT=FILE", dir)
		}
		if dir, err = unpacked(dir); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	run, err := audit.Open(ctx, dir, audit.Sampling{Seed: f.seed, Size: f.sample})
	if err != nil {
		return fmt.Errorf("report %q: %w", name, err)
	}
	run.Dossier.Period = period
	command := "domicile report " + shellWord(name) + " --passes -o csv"
	report := func() residency.Report {
		r := run.Report(c.passes)
		r.Command = command
		return r
	}
	run.Dossier.Archive = c.archive(ctx, run, report)
	if keep && period == nil {
		return c.keepReports(ctx, run, report)
	}
	return c.write(outs, report)
}

// reportRun finds the run, or the last of a period.
func (c *common) reportRun(ctx context.Context, args []string, f reportFlags) (string, *residency.Period, error) {
	if len(args) == 0 {
		if f.from == "" || f.to == "" {
			return "", nil, errors.New("a period has a first and a last day: give both --from and --to")
		}
		period, dir, err := audit.PeriodOf(ctx, c.out, f.from, f.to)
		return dir, period, err
	}
	dir, err := evidence.Find(c.out, args[0])
	if err != nil {
		return "", nil, fmt.Errorf("report %q: %w", args[0], err)
	}
	return dir, nil, nil
}

// unpacked is a temporary folder with what a package holds.
func unpacked(path string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "domicile-"); err != nil {
		return "", fmt.Errorf("make a temporary folder: %w", err)
	}
	same, err := evidence.Unpack(path, dir)
	if err == nil && !same {
		err = fmt.Errorf("%s does not verify: see domicile verify", path)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// keepReports renders the common formats into the run and signs their list.
func (c *common) keepReports(ctx context.Context, run *audit.Kept, report func() residency.Report) error {
	signer, err := c.localSigner(run)
	if err != nil {
		return fmt.Errorf("sign the reports: %w", err)
	}
	if signer == nil {
		return fmt.Errorf("sign the reports: the key %s that sealed the run is not here: write single reports with -o FORMAT=FILE", run.Dossier.Seal.Key)
	}
	files, err := render(report, keptFormats)
	if err != nil {
		return err
	}
	if err := evidence.KeepReports(ctx, run.Dir, signer, files); err != nil {
		return err
	}
	c.note("wrote %d files into %s and signed their list, %s", len(files), filepath.Join(run.Dir, evidence.ReportsFolder), evidence.ReportsName)
	return nil
}

// render makes files of formats, by their names below a run.
func render(report func() residency.Report, names []string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range names {
		format, ok := reports.ByName(name)
		if !ok {
			continue
		}
		r := report()
		r.Base = "report"
		if name == "oscal" {
			r.Base = "oscal"
		}
		var b bytes.Buffer
		if err := format.Write(&b, r); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		files[evidence.ReportsFolder+"/"+r.Base+format.Ext] = b.Bytes()
		if format.Siblings == nil {
			continue
		}
		for _, s := range format.Siblings(r) {
			var b bytes.Buffer
			if err := s.Write(&b); err != nil {
				return nil, fmt.Errorf("write %s: %w", name, err)
			}
			files[evidence.ReportsFolder+"/"+r.Base+s.Suffix] = b.Bytes()
		}
	}
	return files, nil
}

// archive writes a run as one zip. Where the key is at hand, the readme and, if the run has none yet, reports go into it with a signed list.
func (c *common) archive(ctx context.Context, run *audit.Kept, report func() residency.Report) func(io.Writer, map[string][]byte) error {
	return func(w io.Writer, more map[string][]byte) error {
		files := run.Dossier.Files
		signer, err := c.localSigner(run)
		if err != nil {
			return err
		}
		if signer == nil {
			return evidence.Pack(w, files, more)
		}
		all := map[string][]byte{}
		if _, err := fs.Stat(files, evidence.ReportsFolder); err != nil {
			if all, err = render(report, keptFormats); err != nil {
				return err
			}
		}
		maps.Copy(all, more)
		signed, err := evidence.SignedReports(ctx, files, signer, all)
		if err != nil {
			return err
		}
		return evidence.Pack(w, files, signed)
	}
}

// localSigner is the key that sealed the run, where it lies in a file here; nil where it does not: a package then has no reports.
func (c *common) localSigner(run *audit.Kept) (evidence.Signer, error) {
	if run.Config.Signing.KMSKey != "" {
		return nil, nil
	}
	paths := []string{evidence.KeyPath(filepath.Dir(run.Dir)), evidence.KeyPath(c.out)}
	if f := run.Config.Signing.KeyFile; f != "" {
		paths = []string{beside(c.config, f)}
	}
	for _, path := range paths {
		signer, err := evidence.ReadSigner(path)
		if err != nil {
			continue // not here, or not for us to read
		}
		key, err := evidence.NewKey(signer.Public())
		if err != nil {
			return nil, err
		}
		if key.Fingerprint() == run.Dossier.Seal.Key {
			return signer, nil
		}
	}
	return nil, nil
}
