package main

import (
	"context"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/policies"
)

// namedChecks refuses a configuration whose own controls name a check that does not exist: such a control would never be tested,
// and nobody would know.
func namedChecks(ctx context.Context, cfg *config.Config) error {
	if len(cfg.Controls) == 0 {
		return nil
	}
	engine, err := policies.Load(ctx)
	if err != nil {
		return err
	}
	var known []string
	for _, c := range engine.Controls() {
		known = append(known, c.ID)
	}
	for _, c := range residency.RunChecks() {
		known = append(known, c.ID)
	}
	return cfg.NameChecks(known)
}
