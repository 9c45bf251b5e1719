package reports

import (
	"cmp"
	"fmt"
	"net/url"
)

// entries is the run, or each night of a period.
func (o *oscalWriter) entries() []oscalEntry {
	run := oscalEntry{UUID: o.uuid("entry", "run"), Title: "Run", Description: "Conclusion: " + code(string(o.r.Summary.Conclusion)) + ".", Start: o.time}
	d := o.r.Dossier
	if d == nil {
		return []oscalEntry{run}
	}
	run.Start, run.End = orTime(d.Manifest.Start, o.time), orTime(d.Manifest.End, "")
	entries := []oscalEntry{run}
	if d.Period == nil {
		return entries
	}
	for _, n := range d.Period.Nights {
		if start := day(n.Date, "T00:00:00Z"); start != "" {
			words := fmt.Sprintf("%s; %d proved outside, %d waived, %d unknown, %s", cmp.Or(n.Reason, string(n.Conclusion), "no conclusion"), n.Violations, n.Waived, n.Unknown,
				counted(n.Stores, "data store")+" assigned to a zone")
			entries = append(entries, oscalEntry{UUID: o.uuid("entry", n.Date), Title: code("night " + string(n.State)), Description: code(words), Start: start,
				End: day(n.Date, "T23:59:59Z")})
		}
	}
	return entries
}

// evidence lists the files of the run with their digests. Their place is the run folder, wherever it is now: an URN, no link.
func (o *oscalWriter) evidence() (files []oscalResource) {
	if o.r.Dossier == nil {
		return nil
	}
	m := o.r.Dossier.Manifest
	for _, f := range m.Files {
		files = append(files, oscalResource{UUID: o.uuid("file", f.Name), Title: code(f.Name), RLinks: []oscalRLink{{
			Href: "urn:domicile:" + url.PathEscape(m.Run) + ":" + url.PathEscape(f.Name), Hashes: []oscalHash{{"SHA-256", f.SHA256}},
		}}})
	}
	return files
}
