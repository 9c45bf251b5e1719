package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/policies"
)

// policyFlag lets a command judge with the user's own controls beside the shipped ones.
func (c *common) policyFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.policy, "policy", "", "folder of your own controls, SLUG/policy.rego each, judged beside the shipped ones")
}

// engine is the shipped policies, with those of --policy beside them. The latter are read once, so that what was checked at the
// start is what judges.
func (c *common) engine(ctx context.Context) (*policies.Engine, error) {
	if c.policy == "" {
		return policies.Load(ctx)
	}
	if c.own != nil {
		return c.own, nil
	}
	if err := isFolder(c.policy); err != nil {
		return nil, fmt.Errorf("--policy %s: %w", c.policy, err)
	}
	engine, err := policies.LoadWith(ctx, c.policy, os.DirFS(c.policy))
	if err != nil {
		return nil, fmt.Errorf("--policy: %w", err)
	}
	c.own = engine
	return engine, nil
}

// policyOption is --policy on a command that a reader is told to run.
func (c *common) policyOption() string {
	if c.policy == "" {
		return ""
	}
	return " --policy " + shellWord(c.policy)
}

// isFolder is nil where there is a folder of that name.
func isFolder(path string) error {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return fmt.Errorf("there is no such folder: name one that holds SLUG/policy.rego, or begin one with domicile policy new")
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("not a folder: name the one that holds SLUG/policy.rego")
	}
	return nil
}
