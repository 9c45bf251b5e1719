package main

import (
	"context"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/policies"
)

// readWaivers reads the waivers that the configuration at path names, before anything is examined: a waiver that is refused must
// not cost a scan. The policies are loaded for their controls' ids only where there is such a file.
func readWaivers(ctx context.Context, cfg *config.Config, path string) error {
	if cfg.Waivers == "" {
		return nil
	}
	engine, err := policies.Load(ctx)
	if err != nil {
		return err
	}
	return cfg.LoadWaivers(beside(path, cfg.Waivers), engine.Controls())
}
