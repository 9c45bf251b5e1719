package config

import (
	"fmt"
	"slices"
)

// NameChecks refuses one of the organisation's own controls that names a check which is not among known. Which checks there are
// is for the policies to say, so that it cannot be asked while the file is read.
func (c *Config) NameChecks(known []string) error {
	for _, own := range c.Controls {
		for i, id := range own.Checks {
			if slices.Contains(known, id) {
				continue
			}
			cure := "see domicile list controls"
			if near := nearest(id, known); near != "" {
				cure = "did you mean " + quoted(near) + "?"
			}
			return fmt.Errorf("control %s, item %d of \"checks\": there is no check %s: %s", quoted(own.ID), i+1, quoted(id), cure)
		}
	}
	return nil
}
