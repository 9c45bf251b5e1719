package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{Name: "json", Ext: ".json", MediaType: "application/json", Write: writeJSON})

// writeJSON writes the summary, indented, and then the verdicts as they come, one a line.
func writeJSON(w io.Writer, r residency.Report) error {
	head, err := summaryJSON(r.Summary)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	out.Write(bytes.TrimSuffix(head, []byte("\n}\n"))) // a bufio.Writer keeps its first error until Flush
	out.WriteString(",\n  \"verdicts\": [")
	separator := "\n    "
	err = eachLine(r, func(line []byte) error {
		out.WriteString(separator)
		separator = ",\n    "
		_, err := out.Write(bytes.TrimSuffix(line, []byte("\n")))
		return err
	})
	if err != nil {
		return err
	}
	if separator != "\n    " {
		out.WriteString("\n  ")
	}
	out.WriteString("]\n}\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write json: %w", err)
	}
	return nil
}

// WriteSummary writes summary.json: the object of the format json without its verdicts.
func WriteSummary(w io.Writer, s residency.Summary) error {
	b, err := summaryJSON(s)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

func summaryJSON(s residency.Summary) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(filled(s)); err != nil {
		return nil, fmt.Errorf("encode summary: %w", err)
	}
	return b.Bytes(), nil
}

// eachLine hands over each verdict as one line of JSON with its newline. The line is valid until the next one.
func eachLine(r residency.Report, write func(line []byte) error) error {
	if r.Verdicts == nil {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for v, err := range r.Verdicts {
		if err != nil {
			return fmt.Errorf("read verdicts: %w", err)
		}
		b.Reset()
		if err := e.Encode(v); err != nil {
			return fmt.Errorf("encode verdict on %q: %w", v.Resource, err)
		}
		if err := write(b.Bytes()); err != nil {
			return fmt.Errorf("write verdict on %q: %w", v.Resource, err)
		}
	}
	return nil
}

// filled is s in which nothing that a reader may ask for is absent: totals.fail is 0, not missing, and no list is null.
func filled(s residency.Summary) residency.Summary {
	s.Totals = everyOutcome(s.Totals)
	controls := make(map[string]map[residency.Outcome]int, len(s.Controls))
	for id, counts := range s.Controls {
		controls[id] = everyOutcome(counts)
	}
	s.Controls = controls
	s.Coverage.Gaps = listed(s.Coverage.Gaps)
	if s.Scope != nil {
		scope := *s.Scope
		scope.Accounts, scope.Regions = listed(scope.Accounts), listed(scope.Regions)
		s.Scope = &scope
	}
	zones := make([]residency.ZoneCount, len(s.Zones))
	for i, z := range s.Zones {
		z.Regions = listed(z.Regions)
		if z.Stores == nil {
			z.Stores = map[residency.Basis]int{}
		}
		zones[i] = z
	}
	s.Zones = zones
	return s
}

func everyOutcome(counts map[residency.Outcome]int) map[residency.Outcome]int {
	all := map[residency.Outcome]int{
		residency.Pass: 0, residency.Fail: 0, residency.Unknown: 0, residency.Waived: 0, residency.NotApplicable: 0,
	}
	maps.Copy(all, counts)
	return all
}

func listed[T any](xs []T) []T {
	if xs == nil {
		return []T{}
	}
	return xs
}
