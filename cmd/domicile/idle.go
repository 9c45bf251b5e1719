package main

import "github.com/seed-1578181b/domicile/internal/config"

// idle are the keys of the configuration that this version reads and does not act on, with what that means: nobody may believe
// that a receiver is told or a trail read because the file says so.
var idle = []struct {
	key     string
	set     func(*config.Config) bool
	meaning string
}{
	{"events", func(c *config.Config) bool { return c.Events != config.Events{} }, "this version does not read the trail yet; what happened between two scans is not seen"},
}

// noteIdle says which keys of the file have no effect.
func (c *common) noteIdle(path string, cfg *config.Config) {
	for _, k := range idle {
		if k.set(cfg) {
			c.note("%s: %s: %s", path, k.key, k.meaning)
		}
	}
}
