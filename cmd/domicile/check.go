package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/internal/source"
	"github.com/seed-1578181b/domicile/scanners/plan"
)

// checkFlags are what a change does not say itself.
type checkFlags struct {
	region, account string
	with            string
	source          string
	maxAge          time.Duration
	unchanged       bool
	newOnly         bool
	stack           string
	parameters      string
}

func newCheck(c *common) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check PATH...",
		Short: "Judge a Terraform plan or a CloudFormation template before it is deployed",
		Long: "check judges a change with the controls that judge the cloud: a Terraform plan (terraform show -json PLANFILE), a CloudFormation template,\n" +
			"a cloud assembly (cdk.out), or - for standard input. Several paths are one change: one graph, one conclusion.\n\n" +
			"For a pull request: -o github annotates its files, -o markdown is a comment, -o sarif feeds code scanning. domicile explain CONTROL RESOURCE\n" +
			"--plan PATH tells the chain hop by hop, and the edit that ends a violation.\n\n" + exitHelp(),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("domicile check takes at least 1 argument: a plan (terraform show -json PLANFILE), a template, a cdk.out folder, or -")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.check(cmd.Context(), args, &f) },
	}
	c.changeFlags(cmd, &f)
	flags := cmd.Flags()
	flags.DurationVar(&f.maxAge, "with-max-age", 0, "an older scan leaves the check without a conclusion, 48h say")
	flags.BoolVar(&f.unchanged, "unchanged", false, "judge also what the plan leaves as it is")
	flags.BoolVar(&f.newOnly, "new-only", false, "exit 2 only for what the change makes worse")
	c.policyFlag(cmd)
	flags.BoolVar(&c.passes, "passes", false, "json, ndjson and csv hold what passed too")
	return cmd
}

// changeFlags are those by which a change is understood.
func (c *common) changeFlags(cmd *cobra.Command, f *checkFlags) {
	flags := cmd.Flags()
	flags.StringVar(&f.region, "region", "", "region of what names none: a provider without one, a template")
	flags.StringVar(&f.account, "account", "", "account of what names none")
	flags.StringVar(&f.stack, "stack", "", "name under which a bare template is deployed (default its file's name, in addresses only)")
	flags.StringVar(&f.parameters, "parameters", "", "file with the values of a template's parameters, in any form that the AWS CLI takes")
	flags.StringVar(&f.with, "with", "", "the last scan (a run, a snapshot or an index): for what the change refers to and does not describe")
	flags.StringVar(&f.source, "source", "", "folder of the Terraform configuration, for file and line of a finding (default the plan's own)")
}

// check judges the change. It keeps no run.
func (c *common) check(ctx context.Context, paths []string, f *checkFlags) error {
	outs, err := c.outputs()
	if err != nil {
		return err
	}
	failOn, err := c.severity()
	if err != nil {
		return err
	}
	return c.judgeChange(ctx, paths, f, func(j *judged) error {
		if err := c.write(outs, j.report); err != nil {
			return err
		}
		if f.newOnly {
			j.result.Summary.Fails = j.result.Worse
		}
		return concluded(j.result.Summary, failOn, c.exitZero)
	})
}

// judged is a change with its verdicts, while its files are there.
type judged struct {
	result *audit.Checked
	report func() residency.Report
}

// judgeChange judges a change and lets tell have the result.
func (c *common) judgeChange(ctx context.Context, paths []string, f *checkFlags, tell func(*judged) error) (err error) {
	if f.region != "" && !config.KnownRegion(f.region) {
		return fmt.Errorf("--region %q: is no region of AWS", f.region)
	}
	if rest := strings.Trim(f.account, "0123456789"); f.account != "" && (rest != "" || len(f.account) != 12) {
		return fmt.Errorf("--account %q: is no account: write its 12 digits", f.account)
	}
	if info, err := os.Stat(f.source); f.source != "" && (err != nil || !info.IsDir()) {
		return fmt.Errorf("--source %q: there is no such folder", f.source)
	}
	cfg, configPath, err := c.load(ctx, "")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "domicile-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	inputs, done, err := c.inputs(paths, dir)
	if err != nil {
		return err
	}
	defer done()
	parameters, err := parametersOf(f.parameters)
	if err != nil {
		return err
	}
	with, err := c.lastScan(f.with)
	if err != nil {
		return err
	}
	engine, err := c.engine(ctx)
	if err != nil {
		return err
	}
	check := audit.Check{Judge: audit.NewJudge(engine, cfg), Config: cfg, Inputs: inputs, With: with, MaxAge: f.maxAge, NewOnly: f.newOnly, Dir: dir, Tool: version,
		Options: plan.Options{Region: f.region, Account: f.account, Unchanged: f.unchanged, Stack: f.stack, Parameters: parameters}, Now: c.now()}
	verdicts := filepath.Join(dir, snapshot.VerdictsFileName)
	result, err := c.checkTo(ctx, &check, verdicts)
	if err != nil {
		return err
	}
	report, err := c.reportOfChange(result, paths, f, reportOf(result.Summary, engine, verdicts, c.passes, c.checkListing(paths, configPath)))
	if err != nil {
		return err
	}
	return tell(&judged{result, report})
}

// reportOfChange lets a report find where things are declared.
func (c *common) reportOfChange(result *audit.Checked, paths []string, f *checkFlags, report func() residency.Report) (func() residency.Report, error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("find the working directory: %w", err)
	}
	var inputs []source.Input
	for _, path := range paths {
		in := source.Input{Name: path, Path: path}
		if path == "-" {
			in.Path = ""
		}
		inputs = append(inputs, in)
	}
	locate := locator(source.New(inputs, f.source, f.stack, here), result.Change)
	return func() residency.Report {
		r := report()
		r.Locate = locate
		return r
	}, nil
}

// locator finds the setting that a via names, else the resource, else the input that describes it.
func locator(finder *source.Finder, change *plan.Change) func(resource, via string) residency.Location {
	return func(resource, via string) residency.Location {
		address, attribute := change.Setting(via)
		for _, d := range [][2]string{{address, attribute}, {resource, ""}} {
			if at, ok := finder.Declared(d[0], d[1]); ok {
				return at
			}
		}
		return finder.Input(cmp.Or(change.Input(address), change.Input(resource), resource))
	}
}

func (c *common) checkTo(ctx context.Context, check *audit.Check, verdicts string) (*audit.Checked, error) {
	out, err := snapshot.CreateVerdicts(verdicts)
	if err != nil {
		return nil, err
	}
	result, err := check.Run(ctx, shown(c.passes), out)
	if err != nil {
		return nil, errors.Join(err, out.Abort())
	}
	return result, out.Close()
}

// inputs opens the paths. done closes them.
func (c *common) inputs(paths []string, dir string) (inputs []plan.Input, done func(), err error) {
	var open []io.Closer
	done = func() {
		for _, f := range open {
			_ = f.Close() // they were only read
		}
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			inputs = append(inputs, plan.Input{Name: path, Dir: os.DirFS(path)})
			continue
		}
		f, err := c.openInput(path, dir)
		if err != nil {
			done()
			return nil, nil, err
		}
		open = append(open, f)
		info, err := f.Stat()
		if err != nil {
			done()
			return nil, nil, fmt.Errorf("check %s: %w", path, err)
		}
		inputs = append(inputs, plan.Input{Name: path, Data: f, Size: info.Size()})
	}
	return inputs, done, nil
}

// parametersOf reads a parameters file.
func parametersOf(path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--parameters: %w", err)
	}
	parameters, err := plan.ReadParameters(data)
	if err != nil {
		return nil, fmt.Errorf("--parameters %s: %w", path, err)
	}
	return parameters, nil
}

// openInput opens a path. Standard input is kept in a file, since a change is read twice.
func (c *common) openInput(path, dir string) (*os.File, error) {
	if path != "-" {
		f, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("check %q: there is no such file or folder: name a plan, a template, a cdk.out folder, or -", path)
		}
		return f, err
	}
	f, err := os.Create(filepath.Join(dir, "stdin"))
	if err != nil {
		return nil, fmt.Errorf("keep standard input: %w", err)
	}
	if _, err := io.Copy(f, c.stdin); err != nil {
		return nil, errors.Join(fmt.Errorf("read standard input: %w", err), f.Close())
	}
	return f, nil
}

// lastScan finds what --with names: a path as it is, else a run below --out.
func (c *common) lastScan(arg string) (string, error) {
	if arg == "" {
		return "", nil
	}
	if _, err := os.Stat(arg); err == nil {
		return arg, nil
	}
	path, err := evidence.Find(c.out, arg)
	if err != nil {
		return "", fmt.Errorf("--with %q: there is no such file or folder, and no run of that id in %s: name a snapshot, an index, a run, or latest", arg, c.out)
	}
	return path, nil
}

func (c *common) checkListing(paths []string, configPath string) string {
	command := "domicile check"
	for _, p := range paths {
		command += " " + shellWord(p)
	}
	if configPath != defaultConfig {
		command += " --config " + shellWord(configPath)
	}
	return command + c.policyOption() + " -o csv"
}
