package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/policies"
)

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
}

func newRoot(s *system) *cobra.Command {
	c := &common{system: s}
	root := &cobra.Command{
		Use:           "domicile",
		Short:         "Prove that data stays in its region, or say where it does not",
		Long:          "domicile inventories AWS, follows the data from store to store, and judges where it lives: every night, and before a deployment.",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVar(&c.config, "config", "", "configuration file (default domicile.yaml)")
	flags.StringVar(&c.out, "out", "runs", "folder in which runs are kept")
	flags.StringArrayVarP(&c.formats, "output", "o", nil, "FORMAT[=FILE], repeatable: "+strings.Join(formatNames(), ", ")+" (default table)")
	flags.StringVar(&c.failOn, "fail-on", "low", "lowest severity of a fail that gives exit code 2: info, low, medium, high, critical")
	flags.BoolVar(&c.exitZero, "exit-zero", false, "exit 0 also where something failed or is unknown")
	flags.BoolVar(&c.quiet, "quiet", false, "no progress and no notes on stderr")
	flags.BoolVar(&c.noColor, "no-color", false, "no colour (also NO_COLOR)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: see domicile %s --help", err, strings.TrimPrefix(cmd.CommandPath(), "domicile "))
	})
	root.AddCommand(newScan(c), newJudge(c), newList(c))
	return root
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
	if !c.quiet {
		fmt.Fprintf(c.stderr, format+"\n", args...)
	}
}

// load reads the configuration: --config, else the recording's own, else domicile.yaml here.
func (c *common) load(replay string) (*config.Config, error) {
	zones, err := policies.Zones()
	if err != nil {
		return nil, err
	}
	if c.config != "" {
		return config.Load(c.config, zones)
	}
	tried := []string{"domicile.yaml"}
	if replay != "" {
		tried = []string{filepath.Join(replay, "domicile.yaml"), "domicile.yaml"}
	}
	for _, path := range tried {
		_, err := os.Stat(path)
		if err == nil {
			return config.Load(path, zones)
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
	}
	return nil, fmt.Errorf("no configuration: there is no %s; name one with --config FILE, or write one with domicile init", strings.Join(tried, " and no "))
}
