package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

var _ = register(Format{Name: "pdf", Ext: ".pdf", MediaType: "application/pdf", Binary: true, Write: writePDF})

// writePDF writes the report that an auditor files: thirteen parts, for an instant or a period, each with something to say or the
// reason why not.
func writePDF(w io.Writer, r residency.Report) error { return writePages(w, r, false) }

// writePages leaves the pages uncompressed if they are plain.
func writePages(w io.Writer, r residency.Report, plain bool) error {
	facts, err := gatherFacts(r)
	if err != nil {
		return err
	}
	o := pdf.Options{Title: "Data residency report", Created: r.Summary.Run, Plain: plain}
	o.Footer = "Data residency report · " + reportName(r) + " · confidential"
	return pdf.Write(w, o, func(d *pdf.Document) error {
		p := &pages{Document: d, r: r, s: r.Summary, facts: facts, runs: runResults(r)}
		if r.Dossier != nil {
			p.kept, p.dossier = true, *r.Dossier
		}
		return p.all()
	})
}

// pages is a report on its way to paper.
type pages struct {
	*pdf.Document
	r       residency.Report
	s       residency.Summary
	dossier residency.Dossier // empty for a bare snapshot
	kept    bool              // there is a dossier
	facts   *facts
	runs    []runResult
}

func (p *pages) all() error {
	p.cover()
	p.conclusion()
	p.statements()
	p.scope()
	p.method()
	if err := p.population(); err != nil {
		return err
	}
	p.operation()
	if err := p.results(); err != nil {
		return err
	}
	p.waivers()
	p.changes()
	p.responsibilities()
	p.signOff()
	return p.appendix()
}

// bare says why a part of a bare snapshot is empty.
func (p *pages) bare(what string) {
	p.Text("Nothing to say here: this report was made from a bare snapshot, not from a kept run, and a snapshot does not hold " + what + ".")
}

// reportName is the run's name or, without one, the time of the observation.
func reportName(r residency.Report) string {
	if r.Dossier != nil && r.Dossier.Manifest.Run != "" {
		name := "run " + r.Dossier.Manifest.Run
		if p := r.Dossier.Period; p != nil {
			name = "period " + p.From + " to " + p.To + ", last " + name
		}
		return name
	}
	return "snapshot of " + r.Summary.Run.UTC().Format(minute)
}

const minute = "2006-01-02 15:04 UTC"

// or is the text, or what stands in its place when there is none.
func or(text, otherwise string) string { return cmp.Or(strings.TrimSpace(text), otherwise) }

// named lists up to most names in order, and counts the rest.
func named(names []string, most int) string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) == 0 {
		return "none"
	}
	return few(names, most)
}

// attachment fills a file with rows, puts it into the document and says so in one line.
func (p *pages) attachment(name, about string, header []string, rows func(row func(...string)) error) error {
	a, err := newAnnex(name, about, header)
	if err != nil {
		return err
	}
	if err := rows(func(cells ...string) { a.row(cells) }); err != nil {
		return err
	}
	return p.attach(a)
}

func (p *pages) attach(a *annex) error {
	if err := a.end(); err != nil {
		return err
	}
	p.Strong(fmt.Sprintf("Annex %s, inside this PDF: %s, %d bytes, SHA-256:", a.name, counted(a.rows, "row"), a.file.Size()))
	p.Code(a.file.SHA256())
	return p.Attach(a.file)
}
