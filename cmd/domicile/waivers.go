package main

import (
	"context"

	"github.com/seed-1578181b/domicile/internal/config"
)

// readWaivers reads the waivers that the configuration at path names, before anything is examined: a waiver that is refused must
// not cost a scan. The policies are loaded for their controls' ids only where there is such a file.
func (c *common) readWaivers(ctx context.Context, cfg *config.Config, path string) error {
	if cfg.Waivers == "" {
		return nil
	}
	engine, err := c.engine(ctx)
	if err != nil {
		return err
	}
	return cfg.LoadWaivers(beside(path, cfg.Waivers), engine.Controls())
}
