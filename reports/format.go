// Package reports tells what a run concluded: one file for each format, each a function from a report to a writer. A writer
// gets no clock, no terminal and no environment, so the same report gives the same bytes.
package reports

import (
	"io"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Format is one way to write a report.
type Format struct {
	Name      string // as in -o NAME
	Ext       string // of a file, with the dot
	MediaType string
	// Write writes the whole report. It ranges over the verdicts once and keeps none of them, so that their number does not
	// matter to memory. The error is the writer's or the verdicts' own; what was written before it is incomplete.
	Write func(w io.Writer, r residency.Report) error
	// Binary is not fit for a terminal.
	Binary bool
	// Siblings are further files of the same report, beside the one that Write writes, and linked by names that begin with
	// residency.Report.Base. They take nothing from the verdicts. A format that has them needs a named file.
	Siblings func(r residency.Report) []Sibling
}

// Sibling is one further file of a report.
type Sibling struct {
	Suffix string // behind residency.Report.Base: ".plan.json"
	Write  func(w io.Writer) error
}

// registry is sorted by name.
var registry []Format

func register(f Format) bool {
	at, _ := slices.BinarySearchFunc(registry, f.Name, byName)
	registry = slices.Insert(registry, at, f)
	return true
}

func byName(f Format, name string) int { return strings.Compare(f.Name, name) }

// All lists the formats, sorted by name.
func All() []Format { return slices.Clone(registry) }

// ByName is the format of that name, and whether there is one.
func ByName(name string) (Format, bool) {
	at, ok := slices.BinarySearchFunc(registry, name, byName)
	if !ok {
		return Format{}, false
	}
	return registry[at], true
}
