package reports

import (
	"bufio"
	"fmt"
	"io"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{Name: "ndjson", Ext: ".ndjson", MediaType: "application/x-ndjson", Write: writeNDJSON})

// writeNDJSON writes one verdict a line and nothing else.
func writeNDJSON(w io.Writer, r residency.Report) error {
	out := bufio.NewWriter(w)
	err := eachLine(r, func(line []byte) error {
		_, err := out.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write ndjson: %w", err)
	}
	return nil
}
