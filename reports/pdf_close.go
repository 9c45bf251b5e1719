package reports

import (
	"fmt"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

// register is the waivers as they stood.
func (p *pages) register() []residency.WaiverState {
	if len(p.dossier.Waivers) > 0 {
		return p.dossier.Waivers
	}
	return p.s.Waivers
}

func (p *pages) expired() (n int) {
	for _, w := range p.register() {
		if w.Status == residency.WaiverExpired {
			n++
		}
	}
	return n
}

// waivers is part 9.
func (p *pages) waivers() {
	p.Part("9 Waiver register")
	if len(p.register()) == 0 {
		if p.kept {
			p.Text("Nothing to say here: 0 waivers, so that every violation counts.")
		} else {
			p.Text("Nothing to say here: this report was made from a bare snapshot, and no waiver was read with it.")
		}
		return
	}
	p.Room(90) // not the heading and a line, and the register on the next page
	p.Text("A waiver changes an outcome, never the evidence. An expired one waives nothing: what it covered counts as a fail.")
	t := p.Table(pdf.Column{Title: "Waiver", Share: 0.9, Face: pdf.Bold}, pdf.Column{Title: "Status", Share: 1.1, Face: pdf.Bold}, pdf.Column{Title: "Control and scope", Share: 2.8},
		pdf.Column{Title: "Reason, risk, ticket", Share: 2.8}, pdf.Column{Title: "Owner", Share: 1}, pdf.Column{Title: "Approver", Share: 1}, pdf.Column{Title: "From, expires", Share: 1.1},
		pdf.Column{Title: "Covers", Share: 0.7})
	for _, w := range p.register() {
		status := string(w.Status)
		if w.Status == residency.WaiverExpired {
			status += ": counts as fail"
		}
		t.Row(w.ID, status, w.Control+" · "+w.Scope, w.Reason+"; risk: "+or(w.Risk, "not stated")+"; ticket: "+or(w.Ticket, "none"), w.Owner, w.Approver,
			w.From+" to "+w.Expires, fmt.Sprint(w.Matched))
	}
	t.End()
	p.Note("Covers: the verdicts that it waives or, were it valid, would waive. The last valid day is in UTC.")
}

// changes is part 10.
func (p *pages) changes() {
	p.Part("10 Changes in the period")
	per := p.dossier.Period
	switch {
	case !p.kept:
		p.bare("what changed before it")
		return
	case per == nil:
		p.Text("Nothing to say here: this report is of one instant, and a change needs two. domicile diff compares two runs.")
		return
	case len(per.Changes) == 0:
		p.Text("0 changes of policy, tool, configuration, scope or waivers between the runs of the period.")
		return
	}
	t := p.Table(pdf.Column{Title: "Night", Share: 1}, pdf.Column{Title: "What", Share: 1, Face: pdf.Bold}, pdf.Column{Title: "From", Share: 3}, pdf.Column{Title: "To", Share: 3})
	for _, c := range per.Changes {
		t.Row(c.Date, c.What, or(c.From, "–"), or(c.To, "–"))
	}
	t.End()
}

// responsibilities is part 11.
func (p *pages) responsibilities() {
	p.Part("11 Complementary responsibilities")
	t := p.Table(pdf.Column{Title: "Party", Share: 1.4, Face: pdf.Bold}, pdf.Column{Title: "What rests with it, and is not shown by this report", Share: 6})
	t.Row("Amazon Web Services", "Subservice organisation, carved out: that a region's data stays in that region inside its services, and its own staff's access. See its own SOC report and its list of sub-processors.")
	t.Row("The organisation", "That zones, assignment and commitments in the configuration say what its contracts say; approval and review of waivers; remediation; access by people and support from other countries; what is read.")
	t.Row("Its customers", "What they export, share or connect themselves, and the place from which their people read.")
	t.Row("Sub-processors", "Accounts of vendors that the configuration trusts: their region is judged, what they do inside is not. Data that leaves AWS by a public end point is not seen.")
	t.End()
}

// signOff is part 12; its fields are filled in by people.
func (p *pages) signOff() {
	p.Part("12 Sign-off")
	p.Text("Empty until signed: a program prepares this report, people answer for it.")
	t := p.Table(pdf.Column{Title: "", Share: 1, Face: pdf.Bold}, pdf.Column{Title: "Name", Share: 2.4}, pdf.Column{Title: "Role", Share: 2}, pdf.Column{Title: "Date", Share: 1.2}, pdf.Column{Title: "Method of review", Share: 2.4})
	for _, step := range []string{"Prepared", "Reviewed", "Approved"} {
		t.Row(step, "______________________", "__________________", "__________", "______________________")
	}
	t.End()
}
