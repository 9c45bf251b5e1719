package main

import (
	"context"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// namedChecks refuses a configuration whose own controls name a check that does not exist: such a control would never be tested,
// and nobody would know.
func (c *common) namedChecks(ctx context.Context, cfg *config.Config) error {
	if len(cfg.Controls) == 0 {
		return nil
	}
	engine, err := c.engine(ctx)
	if err != nil {
		return err
	}
	var known []string
	for _, control := range engine.Controls() {
		known = append(known, control.ID)
	}
	for _, check := range residency.RunChecks() {
		known = append(known, check.ID)
	}
	return cfg.NameChecks(known)
}
