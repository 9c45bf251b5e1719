package main

import "github.com/seed-1578181b/domicile/internal/config"

// idle are the keys of the configuration that this version reads and does not act on, with what that means: nobody may believe
// that a receiver is told or a schedule kept because the file says so.
var idle = []struct {
	key     string
	set     func(*config.Config) bool
	meaning string
}{
	{"schedule", func(c *config.Config) bool { return c.Schedule != config.Schedule{} }, "this version runs nothing by itself yet; start domicile scan from cron"},
	{"history", func(c *config.Config) bool { return c.History != config.History{} }, "this version keeps no history yet"},
	{"notify", func(c *config.Config) bool { return len(c.Notify) > 0 }, "this version notifies nobody yet"},
}

// noteIdle says which keys of the file have no effect.
func (c *common) noteIdle(path string, cfg *config.Config) {
	for _, k := range idle {
		if k.set(cfg) {
			c.note("%s: %s: %s", path, k.key, k.meaning)
		}
	}
}
