package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/policies"
)

// defaultConfig is read where --config names no other.
const defaultConfig = "domicile.yaml"

// defaultOut is where runs are kept without --out.
const defaultOut = "runs"

// common are the flags that mean the same everywhere.
type common struct {
	*system
	config   string
	out      string
	formats  []string
	failOn   string
	exitZero bool
	quiet    bool
	noColor  bool
	passes   bool
	baseline string
	policy   string // folder of the user's own controls

	own   *policies.Engine // once --policy was read
	build string           // once the running program was read: an upgrade may replace the file while a daemon runs
	log   *slog.Logger     // of a daemon, in place of lines on stderr
}

func newRoot(s *system) *cobra.Command {
	c := &common{system: s}
	root := &cobra.Command{
		Use:           "domicile",
		Short:         "Prove that data stays in its region, or say where it does not",
		Long:          "domicile inventories AWS, follows the data from store to store, and judges where it lives: every night, and before a deployment.\n\n" + exitHelp(),
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q: see domicile --help", args[0])
			}
			return nil
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return refuseEmpty(cmd) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&c.config, "config", "", "configuration file (default "+defaultConfig+")")
	flags.StringVar(&c.out, "out", defaultOut, "folder in which runs are kept")
	flags.StringArrayVarP(&c.formats, "output", "o", nil, "FORMAT[=FILE], repeatable: "+strings.Join(formatNames(), ", ")+" (default table)")
	flags.StringVar(&c.failOn, "fail-on", "low", "lowest severity of a fail that gives exit code 2: info, low, medium, high, critical")
	flags.BoolVar(&c.exitZero, "exit-zero", false, "exit 0 also where something failed or is unknown")
	flags.BoolVar(&c.quiet, "quiet", false, "no progress and no notes on stderr")
	flags.BoolVar(&c.noColor, "no-color", false, "no colour (also NO_COLOR)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(newScan(c), newJudge(c), newReport(c), newVerify(c), newCheck(c), newList(c), newPolicy(c), newExplain(c))
	root.AddCommand(newSchedule(c), newIAMPolicy(c), newConfig(c), newInit(c), newDoctor(c), newDiff(c), newWatch(c), newHistory(c), newNotify(c), newVersion(c), newMan(c))
	c.complete(root)
	return root
}

// refuseEmpty refuses a flag whose value is empty: --replay "$DIR" with DIR unset must not scan the cloud, nor --regions "" all of it.
func refuseEmpty(cmd *cobra.Command) error {
	for _, name := range []string{"config", "out", "replay", "record", "accounts", "regions", "services", "region", "account", "with", "baseline", "policy", "source", "timezone", "after", "role",
		"listen", "metrics-file", "from", "to", "reason", "ticket", "older-than", "program"} {
		f := cmd.Flags().Lookup(name)
		if f != nil && f.Changed && (f.Value.String() == "" || f.Value.String() == "[]") {
			return fmt.Errorf("--%s is empty: give it a value, or leave it out", name)
		}
	}
	return nil
}

// severity is --fail-on.
func (c *common) severity() (residency.Severity, error) {
	s := residency.Severity(c.failOn)
	if s.Rank() < 0 {
		return "", fmt.Errorf("--fail-on %q: one of info, low, medium, high, critical", c.failOn)
	}
	return s, nil
}

// note writes one line to stderr.
func (c *common) note(format string, args ...any) {
	switch {
	case c.log != nil:
		c.log.Info(oneLine(fmt.Sprintf(format, args...)))
	case !c.quiet:
		fmt.Fprintf(c.stderr, format+"\n", args...)
	}
}

// load reads the configuration: --config, else the recording's own, else domicile.yaml here. The path is that of the file.
func (c *common) load(ctx context.Context, replay string) (cfg *config.Config, path string, err error) {
	if cfg, path, err = c.read(replay); err != nil {
		return nil, "", err
	}
	if err := c.namedChecks(ctx, cfg); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	if err := c.readWaivers(ctx, cfg, path); err != nil {
		return nil, "", err
	}
	return cfg, path, nil
}

// read is load without what other files say: the policies and the waivers.
func (c *common) read(replay string) (cfg *config.Config, path string, err error) {
	zones, err := policies.Zones()
	if err != nil {
		return nil, "", err
	}
	if path, err = c.configPath(replay); err != nil {
		return nil, "", err
	}
	if cfg, err = config.Load(path, zones); err != nil {
		return nil, "", err
	}
	return cfg, path, cfg.CheckSchedule(path, scheduleChecks)
}

func (c *common) configPath(replay string) (string, error) {
	if c.config != "" {
		return c.config, nil
	}
	tried := []string{defaultConfig}
	if replay != "" {
		tried = []string{filepath.Join(replay, defaultConfig), defaultConfig}
	}
	for _, path := range tried {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			return path, nil // what else may be wrong with it, reading it will say
		}
	}
	return "", fmt.Errorf("no configuration: there is no %s; name one with --config FILE, or write one with domicile init", strings.Join(tried, " and no "))
}

// listing is the command that lists every verdict on a snapshot or run, with the same configuration and policies.
func (c *common) listing(snapshot, configPath string) string {
	command := "domicile judge " + shellWord(snapshot)
	if configPath != defaultConfig {
		command += " --config " + shellWord(configPath)
	}
	return command + c.policyOption() + " -o csv"
}

// shellWord quotes an argument where a shell would take it apart.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
