package reports

import (
	"encoding/csv"
	"fmt"

	"github.com/seed-1578181b/domicile/reports/pdf"
)

// annex is a CSV file inside the PDF, for rows that are too many for its pages.
type annex struct {
	name string
	file *pdf.Attachment
	csv  *csv.Writer
	rows int // without the header
	err  error
}

func newAnnex(name, about string, header []string) (*annex, error) {
	a := &annex{name: name, file: pdf.NewAttachment(name, "text/csv", about)}
	a.csv = csv.NewWriter(a.file)
	if err := a.csv.Write(header); err != nil {
		return nil, fmt.Errorf("write annex %s: %w", name, err)
	}
	return a, nil
}

// row adds a row. The first error is kept until the end.
func (a *annex) row(cells []string) {
	for i, c := range cells {
		cells[i] = csvCell(c)
	}
	a.escaped(cells)
}

// escaped adds a row whose cells are safe already.
func (a *annex) escaped(cells []string) {
	a.rows++
	if err := a.csv.Write(cells); err != nil && a.err == nil {
		a.err = err
	}
}

func (a *annex) end() error {
	a.csv.Flush()
	if a.err == nil {
		a.err = a.csv.Error()
	}
	if a.err != nil {
		return fmt.Errorf("write annex %s: %w", a.name, a.err)
	}
	return nil
}
