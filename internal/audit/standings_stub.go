package audit

import (
	"context"
	"path/filepath"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// Standings stands in until the real one is there: what a run saw fail, or saw under a waiver, is open, and nothing else is.
func Standings(_ context.Context, dir string, _ []residency.OpenViolation) (open []residency.OpenViolation, err error) {
	var s residency.Summary
	if err := readJSON(filepath.Join(dir, summaryName), &s); err != nil {
		return nil, err
	}
	for v, err := range snapshot.ReadVerdicts(dir, residency.Pass, residency.NotApplicable, residency.Unknown) {
		if err != nil {
			return nil, err
		}
		open = append(open, v.Violations(s.Run)...)
	}
	return open, nil
}
