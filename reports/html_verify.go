package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	h "github.com/seed-1578181b/domicile/reports/html"
)

func (p *htmlPage) period() h.Node {
	if p.report.Dossier == nil || p.report.Dossier.Period == nil {
		return htmlPara("Nothing to say: this report is of one instant, not of a period.")
	}
	d := p.report.Dossier.Period
	by := map[residency.NightState]int{}
	var nights, changes, spells []h.Nodes
	for _, n := range d.Nights {
		by[n.State]++
		if n.State != residency.NightDone {
			nights = append(nights, h.Nodes{h.Text(n.Date), h.Text(string(n.State)), h.Text(cmp.Or(clip(n.Reason), "no reason is recorded"))})
		}
	}
	for _, c := range d.Changes {
		changes = append(changes, h.Nodes{h.Text(c.Date), h.Text(c.What), h.Text(clip(c.From)), h.Text(clip(c.To))})
	}
	for _, s := range d.Spells[:min(len(d.Spells), htmlRegister)] {
		state := "ended " + s.Ended
		if s.Open {
			state = "open"
		}
		spells = append(spells, h.Nodes{h.Text(s.Verdict.Control), h.Code(clip(s.Verdict.Resource)), h.Text(s.FirstSeen), h.Text(s.LastSeen),
			h.Text(fmt.Sprint(s.DaysOpen)), h.Text(state)})
	}
	body := h.Nodes{htmlPara("From ", d.From, " to ", d.To, ": ", counted(len(d.Nights), "night"), ", ",
		fmt.Sprintf("%d done, %d partial, %d late, %d failed, %d missed", by[residency.NightDone],
			by[residency.NightPartial], by[residency.NightLate], by[residency.NightFailed], by[residency.NightMissed]),
		"; longest gap without a complete run: ", counted(d.Longest, "day"), ".")}
	for _, t := range []struct {
		caption  string
		headings []string
		rows     []h.Nodes
	}{
		{"Nights that were not simply done", []string{"Night", "State", "Reason"}, nights},
		{"Changes", []string{"Date", "What", "From", "To"}, changes},
		{"Violations over the period", []string{"Control", "Resource", "First seen", "Last seen", "Days open#", "State"}, spells},
	} {
		if len(t.rows) == 0 {
			body = append(body, htmlPara(t.caption, ": 0."))
			continue
		}
		body = append(body, h.Table(t.caption, t.headings, t.rows))
	}
	return append(body, htmlFurther(len(d.Spells), "violation"))
}

func (p *htmlPage) verify() h.Node {
	d := p.report.Dossier
	if d == nil {
		return htmlPara("Nothing vouches for this report: it was written without the record of a kept run. A kept run is sealed, and domicile verify RUN proves it untouched.")
	}
	m, seal := d.Manifest, d.Seal
	body := h.Nodes{
		htmlPara("Offline and without credentials, with a key that you got another way than with this file:"),
		h.Tag("p", h.Code("domicile verify PACKAGE --key FILE")),
		htmlPara("It checks hashes, signature and log, and then judges the stored snapshot again with the stored policies: the verdicts must have the same digest. " +
			"This file cannot hold its own hash; reports.json of the run lists it."),
	}
	if seal.Published == "" {
		body = append(body, h.Tag("p", h.Class("warn"),
			h.Text("⚠ No outside witness exists: checkpoints are published nowhere, so whoever holds the key could rebuild the whole log.")))
	}
	for _, problem := range slices.Concat(m.Problems, seal.Failed) {
		body = append(body, h.Tag("p", h.Class("warn"), h.Text("⚠ "+clip(problem))))
	}
	skew := "not measured: no Date header was seen"
	if m.ClockSkew != nil {
		skew = fmt.Sprintf("%.3f s ahead of AWS", *m.ClockSkew)
	}
	known := func(s string) h.Node { return h.Code(cmp.Or(s, "not known")) }
	checkpoint := h.Tag("div", h.Class("checkpoint"))
	for line := range strings.Lines(cmp.Or(seal.Checkpoint, "none")) {
		checkpoint.Kids = append(checkpoint.Kids, h.Tag("p", h.Code(strings.TrimRight(line, "\n"))))
	}
	body = append(body, h.Facts(
		h.Text("Key"), known(seal.Key), h.Text("Algorithm"), known(seal.Algorithm), h.Text("SHA-256 of manifest.json"), known(seal.Manifest),
		h.Text("Run"), known(m.Run), h.Text("Number in the log"), h.Code(fmt.Sprintf("%d, of a log of %d", m.Sequence, seal.LogSize)),
		h.Text("Manifest of the run before"), h.Code(cmp.Or(m.Previous, "none: the first")),
		h.Text("Checkpoint"), checkpoint, h.Text("Checkpoints published"), h.Code(cmp.Or(seal.Published, "nowhere")), h.Text("Time stamp"),
		h.Code(cmp.Or(seal.TimeStamped, "none")),
		h.Text("Tool"), h.Nodes{h.Text(m.Tool + " "), known(m.Build)}, h.Text("Policies"), known(m.Policies), h.Text("Configuration"), known(m.Config),
		h.Text("Caller"), known(m.Caller), h.Text("Command"), known(strings.Join(m.Command, " ")), h.Text("Clock"), h.Text(skew)))
	var files []h.Nodes
	for _, f := range m.Files[:min(len(m.Files), htmlRegister)] {
		files = append(files, h.Nodes{h.Code(f.Name), htmlCount(int(f.Size)), h.Code(f.SHA256)})
	}
	if len(files) > 0 {
		body = append(body, h.Tag("details", h.Tag("summary", h.Text(counted(len(m.Files), "file")+" of evidence with SHA-256")),
			h.Table("Evidence", []string{"File", "Bytes#", "SHA-256"}, files), htmlFurther(len(m.Files), "file")))
	}
	return append(body, h.Tag("p", h.Class("note"),
		h.Text("The mapping to frameworks, the sampling appendix, complementary responsibilities and the sign-off sheet stand in the PDF report.")))
}
