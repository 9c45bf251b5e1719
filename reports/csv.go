package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{Name: "csv", Ext: ".csv", MediaType: "text/csv", Write: writeCSV})

func csvHeader() []string {
	return []string{
		"control", "resource", "kind", "account", "region", "zone", "outcome", "severity", "reason", "placements", "path", "waiver",
	}
}

// writeCSV writes the header and one verdict a row.
func writeCSV(w io.Writer, r residency.Report) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader()); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	if r.Verdicts != nil {
		for v, err := range r.Verdicts {
			if err != nil {
				return fmt.Errorf("read verdicts: %w", err)
			}
			if err := out.Write(csvRow(v)); err != nil {
				return fmt.Errorf("write csv row of %q: %w", v.Resource, err)
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

func csvRow(v residency.Verdict) []string {
	places := make([]string, len(v.Placements))
	for i, p := range v.Placements {
		places[i] = compact(p)
	}
	waiver := ""
	if v.Waiver != nil {
		waiver = v.Waiver.ID
	}
	row := []string{
		v.Control, v.Resource, v.Kind, v.Account, v.Region, v.Zone, string(v.Outcome), string(v.Severity), v.Reason,
		strings.Join(places, " "), strings.Join(v.Path, " "), waiver,
	}
	for i := range row {
		row[i] = csvCell(row[i])
	}
	return row
}

// compact is a placement as role:region:account:target, without the parts at the end that are absent. Only the target, which
// stands last, has colons of its own.
func compact(p residency.Placement) string {
	parts := []string{string(p.Role), p.Region, p.Account, p.Target}
	for len(parts) > 1 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, ":")
}
