package config

import (
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func TestNameChecks(t *testing.T) {
	known := []string{"RES-001", "RES-002", "RUN-001"}
	for _, tc := range []struct {
		name   string
		checks []string
		want   string
	}{
		{"none", nil, ""},
		{"shipped", []string{"RES-002", "RUN-001"}, ""},
		{"slip", []string{"RES-001", "RES-0002"}, `control "DR-1", item 2 of "checks": there is no check "RES-0002": did you mean "RES-002"?`},
		{"far", []string{"encryption"}, `there is no check "encryption": see domicile list controls`},
		{"hostile", []string{"\x1b[2J"}, `there is no check "\x1b[2J": see`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := Config{Controls: []residency.OwnControl{{ID: "DR-1", Text: "words", Checks: tc.checks}}}
			err := c.NameChecks(known)
			switch {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}
