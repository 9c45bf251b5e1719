package reports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

// appendix is part 13.
func (p *pages) appendix() error {
	p.Part("13 Appendix")
	p.samples()
	p.mapping()
	p.verification()
	if err := p.files(); err != nil {
		return err
	}
	p.glossary()
	return nil
}

func (p *pages) samples() {
	p.Section("Sample for re-observation")
	if !p.kept {
		p.bare("the calls that a sample could be traced to")
		return
	}
	if len(p.dossier.Samples) == 0 {
		p.Text("0 items were sampled from this run.")
		return
	}
	p.Text(fmt.Sprintf("%s, passes included. Seed %s: the same run and the same seed give the same sample. Each answer can be looked up in CloudTrail by its request id; its SHA-256 "+
		"is of the redacted answer that the run judged. The command repeats the observation and changes nothing.", counted(len(p.dossier.Samples), "item"), or(p.dossier.SampleSeed, "not recorded")))
	for i, s := range p.dossier.Samples {
		p.sample(i+1, s)
	}
}

func (p *pages) sample(n int, s residency.Sample) {
	p.Section(fmt.Sprintf("Item %d · %s", n, s.Resource.Kind))
	p.Code(s.Resource.ID)
	p.Pairs([][2]string{{"Account, region", or(s.Resource.Account, "not known") + ", " + or(s.Resource.Region, "none")}, {"Tags", tagWords(s.Resource.Tags)}}...)
	t := p.Table(pdf.Column{Title: "Control", Share: 1, Face: pdf.Bold}, pdf.Column{Title: "Zone", Share: 0.8}, pdf.Column{Title: "Verdict", Share: 1.4, Face: pdf.Bold}, pdf.Column{Title: "Reason", Share: 5})
	for _, v := range s.Verdicts {
		t.Row(v.Control, or(v.Zone, "–"), strings.ReplaceAll(string(v.Outcome), "_", " "), because(v))
	}
	t.End()
	if len(s.Verdicts) == 0 {
		p.Text("No verdict on it.")
	}
	calls := p.Table(pdf.Column{Title: "Time (UTC)", Share: 1.3}, pdf.Column{Title: "Operation", Share: 1.9}, pdf.Column{Title: "Where", Share: 1.3}, pdf.Column{Title: "Status", Share: 0.6},
		pdf.Column{Title: "Request id", Share: 2, Face: pdf.Mono}, pdf.Column{Title: "SHA-256 of the answer", Share: 2.6, Face: pdf.Mono})
	for _, c := range s.Calls {
		calls.Row(c.Time.UTC().Format("2006-01-02 15:04:05"), c.Service+" "+c.Operation, c.Account+" "+c.Region, fmt.Sprint(c.Status), or(c.Request, "none given"), c.SHA256)
	}
	calls.End()
	switch {
	case len(s.Calls) == 0:
		p.Text("No recorded call names it.")
	case s.More > 0:
		p.Note(fmt.Sprintf("And %d more calls, in the run's list of calls.", s.More))
	}
	p.Room(45) // the command and the field for its result on one page
	p.Code(or(s.Command, "no read-only command is known for this kind"))
	p.Text("Observer's result: ______________________________   Name: ____________________   Date: ____________")
}

func tagWords(tags map[string]string) string {
	if tags == nil {
		return "not read"
	}
	var all []string
	for _, key := range slices.Sorted(keysOf(tags)) {
		all = append(all, key+" = "+tags[key])
	}
	return or(strings.Join(all, "; "), "none")
}

func (p *pages) mapping() {
	p.Section("Mapping to frameworks")
	if !p.kept {
		p.bare("the frameworks that it was mapped to")
		return
	}
	if len(p.dossier.Frameworks) == 0 {
		p.Text("0 frameworks: the configuration or this version names none.")
		return
	}
	p.Text("No general framework asks for a region: residency is auditable because the organisation promised it. Direct: the result is primary evidence for the criterion. " +
		"Supporting: it is one input among others. Paraphrases are our own words; a qualified auditor decides whether they fit.")
	for _, f := range p.dossier.Frameworks {
		p.Section(f.Name + " · " + f.Version)
		p.Room(75)
		p.Text(f.Applies)
		p.criteriaTable("Direct", f, func(c residency.Criterion) bool { return len(c.Checks) > 0 && c.Strength == residency.Direct })
		p.criteriaTable("Supporting", f, func(c residency.Criterion) bool { return len(c.Checks) > 0 && c.Strength != residency.Direct })
		p.criteriaTable("No check of this version", f, func(c residency.Criterion) bool { return len(c.Checks) == 0 })
	}
}

func (p *pages) criteriaTable(title string, f residency.Framework, belongs func(residency.Criterion) bool) {
	t := p.Table(pdf.Column{Title: title, Share: 1.1, Face: pdf.Bold}, pdf.Column{Title: "In our words", Share: 4}, pdf.Column{Title: "Checks", Share: 1.7},
		pdf.Column{Title: "Result", Share: 2}, pdf.Column{Title: "Basis of the mapping", Share: 1.3})
	none := true
	for _, c := range f.Criteria {
		if !belongs(c) {
			continue
		}
		none = false
		text, result := c.Paraphrase, "no check of this version bears on it"
		if c.Note != "" {
			text = strings.TrimSuffix(text, ".") + ". Note: " + c.Note
		}
		if len(c.Checks) > 0 {
			result, _ = p.judged(testedBy(residency.OwnControl{Checks: c.Checks}))
		}
		t.Row(c.ID, text, or(strings.Join(c.Checks, ", "), "none"), result, strings.ReplaceAll(c.Basis, "_", " "))
	}
	t.End()
	if none {
		p.Note(title + ": no criterion.")
	}
}

func (p *pages) verification() {
	p.Section("How to verify, offline and without credentials")
	if !p.kept {
		p.bare("a seal; there is nothing to verify")
		return
	}
	p.Code("domicile verify PACKAGE --key FILE")
	p.Text("PACKAGE is the run folder or its zip, FILE the public key, taken from a source other than the package. It checks the hash of every file, the signature, the run's place in the log and its " +
		"consistency, then judges the stored snapshot again with the stored policies and demands the same verdicts. It needs no network. With --checkpoint FILE it also finds a log that was rolled back as a whole.")
	s := p.dossier.Seal
	stamped := or(s.TimeStamped, "no time stamp of an authority")
	witness := "checkpoints are published at " + s.Published
	if s.Published == "" {
		witness = "no outside witness exists: whoever has the signing key could rebuild the log as a whole"
	}
	p.Pairs([][2]string{{"Key fingerprint", or(s.Key, "not signed") + " (" + or(s.Algorithm, "no algorithm") + ")"}, {"Manifest", "SHA-256 " + or(s.Manifest, "not sealed")},
		{"Entries of the log", fmt.Sprintf("%d in all when this run was sealed; its own number is %d, counted from 0", s.LogSize, p.dossier.Manifest.Sequence)}, {"Witness", witness}, {"Time stamp", stamped}}...)
	if s.Checkpoint != "" {
		p.Text("Checkpoint of the log:")
		for line := range strings.Lines(s.Checkpoint) {
			if line = strings.TrimRight(line, "\n"); line != "" {
				p.Code(line)
			}
		}
	}
	for _, problem := range p.dossier.Manifest.Problems {
		p.Strong("Sealing failed half-way: " + problem)
	}
	for _, failed := range s.Failed {
		p.Strong("Did not succeed after sealing: " + failed)
	}
	p.Note("A PDF cannot hold its own hash. The signed list of reports of the run holds it, where this file was made with the run.")
}

// mostManifest is the largest manifest.json that is put into the PDF.
const mostManifest = 16 << 20

func (p *pages) files() error {
	p.Section("Files of evidence, with SHA-256")
	if !p.kept || len(p.dossier.Manifest.Files) == 0 {
		if p.kept {
			p.Text("The manifest lists no file.")
		} else {
			p.bare("files of evidence")
		}
	} else {
		t := p.Table(pdf.Column{Title: "File", Share: 3}, pdf.Column{Title: "Bytes", Share: 1}, pdf.Column{Title: "SHA-256", Share: 5.4, Face: pdf.Mono})
		for _, f := range p.dossier.Manifest.Files {
			t.Row(f.Name, fmt.Sprint(f.Size), f.SHA256)
		}
		t.End()
	}
	return p.manifest()
}

// manifest puts manifest.json into the PDF, where the run folder is at hand.
func (p *pages) manifest() error {
	if p.dossier.Files == nil {
		p.Text("manifest.json is not attached: the run folder was not at hand.")
		return nil
	}
	f, err := p.dossier.Files.Open("manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		p.Text("manifest.json is not attached: the run folder has none.")
		return nil
	}
	if err != nil {
		return fmt.Errorf("attach manifest.json: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	a := pdf.NewAttachment("manifest.json", "application/json", "the manifest of the evidence")
	n, err := io.Copy(a, io.LimitReader(f, mostManifest+1))
	if err != nil {
		return fmt.Errorf("attach manifest.json: %w", err)
	}
	if n > mostManifest {
		return fmt.Errorf("attach manifest.json: larger than %d bytes: is it one?", mostManifest)
	}
	p.Text(fmt.Sprintf("manifest.json is inside this PDF: %d bytes, SHA-256 %s.", n, a.SHA256()))
	return p.Attach(a)
}

func (p *pages) glossary() {
	p.Section("Glossary")
	p.Pairs([][2]string{
		{"Zone", "A hosting area with a promise, given by an explicit list of regions."},
		{"Placement", "One place where a resource's data comes to rest or passes: role, region, account, target."},
		{"Chain", "The way by which a zone's data came to a resource, from the one that it was assigned to."},
		{"Crossing", "A placement whose region or account lies outside the zone."},
		{"Gap", "A question that got no answer."},
		{"Unclassified", "A data store that no line of the configuration assigns."},
		{"Waived", "A fail under a waiver that is valid on the day of the run."},
		{"Checkpoint", "The signed state of the append-only log of runs."},
	}...)
}
