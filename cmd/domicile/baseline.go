package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
)

func (c *common) baselineFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.baseline, "baseline", "", "a kept run: the exit code counts only what is worse than that run")
}

// readBaseline reads the run that --baseline names, before any work is done; nil without one.
func (c *common) readBaseline() (*audit.Baseline, error) {
	if c.baseline == "" {
		return nil, nil
	}
	dir, err := evidence.Find(c.out, c.baseline)
	if err != nil {
		return nil, fmt.Errorf("--baseline %q: there is no run of that name, neither as a folder nor in %s: name a run, or latest", c.baseline, c.out)
	}
	b, err := audit.ReadBaseline(dir)
	if err != nil {
		return nil, fmt.Errorf("--baseline %q: %w: name a run folder", c.baseline, err)
	}
	return b, nil
}

// concludedAgainst is concluded, of which a baseline leaves only what is worse.
func (c *common) concludedAgainst(b *audit.Baseline, s *residency.Summary, verdicts string, failOn residency.Severity) error {
	if len(s.Parts) > 0 { // the verdicts of its parts are in other stores: all that fails counts, since nothing tells what is worse
		return concluded(s, failOn, c.exitZero)
	}
	if b == nil {
		return concluded(s, failOn, c.exitZero)
	}
	fails, open, err := b.Worse(verdicts, s)
	if err != nil {
		return err
	}
	worse := *s
	worse.Fails, worse.Open = fails, open
	n := 0
	for _, count := range fails {
		n += count
	}
	switch {
	case n == 0 && !open:
		c.note("nothing is worse than %s", c.baseline)
	case n == 1:
		c.note("1 violation is not in %s", c.baseline)
	case n > 1:
		c.note("%d violations are not in %s", n, c.baseline)
	default:
		c.note("something is newly unknown or not examined, against %s", c.baseline)
	}
	return concluded(&worse, failOn, c.exitZero)
}
