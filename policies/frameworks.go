package policies

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// frameworkFiles stand outside the policies that are kept with a run and go into their digest: no verdict depends on them.
//
//go:embed frameworks
var frameworkFiles embed.FS

// Frameworks returns the shipped frameworks, sorted by id: criteria in our own words, and the checks that bear on them.
func Frameworks() ([]residency.Framework, error) { return readFrameworks(frameworkFiles) }

func readFrameworks(folder fs.FS) ([]residency.Framework, error) {
	names, err := fs.Glob(folder, "frameworks/*.yaml") // sorted
	if err != nil {
		return nil, fmt.Errorf("read frameworks: %w", err)
	}
	var all []residency.Framework
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read frameworks: %w", err)
		}
		var f residency.Framework
		if err := decodeStrict(data, &f); err != nil {
			return nil, fmt.Errorf("read framework %q: %w", name, err)
		}
		if err := checkFramework(f, strings.TrimSuffix(path.Base(name), ".yaml")); err != nil {
			return nil, fmt.Errorf("read framework %q: %w", name, err)
		}
		all = append(all, f)
	}
	return all, nil
}

func checkFramework(f residency.Framework, id string) error {
	switch {
	case f.ID != id:
		return fmt.Errorf("id %q: want that of the file's name", f.ID)
	case f.Name == "" || f.Version == "" || f.Applies == "":
		return errors.New("name, version or applies is missing")
	case len(f.Criteria) == 0:
		return errors.New("criteria is missing: list at least one")
	}
	seen := map[string]bool{}
	for _, c := range f.Criteria {
		if seen[c.ID] {
			return fmt.Errorf("criterion %q stands twice", c.ID)
		}
		seen[c.ID] = true
		if err := checkCriterion(c); err != nil {
			return fmt.Errorf("criterion %q: %w", c.ID, err)
		}
	}
	return nil
}

func checkCriterion(c residency.Criterion) error {
	if c.ID == "" || c.Paraphrase == "" {
		return errors.New("id or paraphrase is missing")
	}
	switch c.Strength {
	case residency.Direct, residency.Supporting:
	default:
		return fmt.Errorf("strength %q: want direct or supporting", c.Strength)
	}
	switch c.Basis {
	case "verified_secondary", "from_knowledge", "unverified":
	default:
		return fmt.Errorf("basis %q: want verified_secondary, from_knowledge or unverified", c.Basis)
	}
	seen := map[string]bool{}
	for _, id := range c.Checks {
		if seen[id] {
			return fmt.Errorf("check %q stands twice", id)
		}
		if !idPattern.MatchString(id) {
			return fmt.Errorf("check %q: want capitals, a hyphen and three digits, as in RES-001", id)
		}
		seen[id] = true
	}
	return nil
}
