package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

// scope is part 4.
func (p *pages) scope() {
	p.Part("4 Scope")
	s := p.s.Scope
	if s == nil {
		p.Strong("The snapshot does not say what should have been examined: that is a gap.")
	} else {
		accounts := "not read"
		if s.OrganizationAccounts != nil {
			accounts = counted(len(s.OrganizationAccounts), "account")
		}
		p.Pairs([][2]string{
			{"Accounts in scope", fmt.Sprintf("%d: %s", len(s.Accounts), named(s.Accounts, 200))},
			{"Accounts of the organisation", accounts},
			{"Regions in scope", fmt.Sprintf("%d: %s", len(s.Regions), named(s.Regions, 200))},
			{"Regions disabled", p.disabled()},
			{"Scanners", fmt.Sprintf("%d: %s", len(s.Scanners), named(slices.Collect(keysOf(s.Scanners)), 200))},
			{"Narrowed", map[bool]string{true: "yes: less than everything that could be examined", false: "no"}[s.Narrowed]},
		}...)
	}
	p.Section("Zones, and how their data stores came to them")
	p.zoneTable()
	p.Section("Exclusions")
	switch {
	case !p.kept:
		p.bare("the excluded accounts")
	case len(p.dossier.Excluded) == 0:
		p.Text("No account is excluded by the configuration.")
	default:
		t := p.Table(pdf.Column{Title: "Account", Share: 1.2, Face: pdf.Mono}, pdf.Column{Title: "Reason", Share: 4}, pdf.Column{Title: "Approver", Share: 1.4})
		for _, e := range p.dossier.Excluded {
			t.Row(e.ID, or(e.Reason, "none given"), or(e.Approver, "none given"))
		}
		t.End()
	}
	if len(p.dossier.Trusted) > 0 {
		p.Section("Trusted accounts of vendors")
		t := p.Table(pdf.Column{Title: "Account", Share: 1.2, Face: pdf.Mono}, pdf.Column{Title: "Name", Share: 1.4}, pdf.Column{Title: "Region, still judged", Share: 1.3},
			pdf.Column{Title: "Reason", Share: 3})
		for _, a := range p.dossier.Trusted {
			t.Row(a.ID, a.Name, a.Region, a.Reason)
		}
		t.End()
	}
}

// disabled are the regions that an account itself has off.
func (p *pages) disabled() string {
	if !p.kept {
		return counted(p.s.Coverage.AccountRegions.Disabled, "account-region")
	}
	var all []string
	for _, c := range p.dossier.Coverage {
		if c.Status == residency.Disabled {
			all = append(all, c.Region)
		}
	}
	return counted(p.s.Coverage.AccountRegions.Disabled, "account-region") + ": " + named(all, 60)
}

func (p *pages) zoneTable() {
	if len(p.s.Zones) == 0 {
		p.Text("The configuration has no zone.")
	}
	for _, promise := range []bool{true, false} {
		title := map[bool]string{true: "Zone with a promise", false: "Zone without a promise: followed and counted, its data is free to leave"}[promise]
		t := p.Table(pdf.Column{Title: title, Share: 2.4}, pdf.Column{Title: "Regions", Share: 2.2}, pdf.Column{Title: "Stores", Share: 0.9},
			pdf.Column{Title: "by ARN", Share: 0.9}, pdf.Column{Title: "by tag", Share: 0.9}, pdf.Column{Title: "by account", Share: 0.9},
			pdf.Column{Title: "by own region", Share: 0.9})
		for _, z := range p.s.Zones {
			if z.Promise != promise {
				continue
			}
			all := 0
			for _, n := range z.Stores {
				all += n
			}
			t.Row(z.ID+" · "+or(z.Name, "no name"), or(strings.Join(z.Regions, ", "), "none"), fmt.Sprint(all), fmt.Sprint(z.Stores[residency.ByARN]),
				fmt.Sprint(z.Stores[residency.ByTag]), fmt.Sprint(z.Stores[residency.ByAccount]), fmt.Sprint(z.Stores[residency.ByOwnRegion]))
		}
		t.End()
	}
	p.Note("A zone taken from a store's own region proves nothing about where the store belongs.")
	if len(p.s.NoZone) == 0 {
		p.Text("Stores under zone none: 0.")
		return
	}
	p.Section(fmt.Sprintf("Stores under zone none: %d, said to originate no customer data", len(p.s.NoZone)))
	t := p.Table(pdf.Column{Title: "Store", Share: 4, Face: pdf.Mono}, pdf.Column{Title: "Kind", Share: 1.3}, pdf.Column{Title: "Reason", Share: 2}, pdf.Column{Title: "Owner", Share: 1})
	for _, s := range p.s.NoZone[:min(len(p.s.NoZone), mostNoZone)] {
		t.Row(s.Resource, s.Kind, s.Reason, s.Owner)
	}
	t.End()
	if over := len(p.s.NoZone) - mostNoZone; over > 0 {
		p.Strong(fmt.Sprintf("And %d more: summary.json of the run lists every one under none.", over))
	}
}

const mostNoZone = 500

// method is part 5.
func (p *pages) method() {
	p.Part("5 Method")
	p.Section("Decision rules")
	for _, rule := range []string{
		"A resource holds the zone that the configuration assigns to it, and every zone whose data reaches it by a chain of replicas, backups, logs, streams, queues, caches or transit.",
		"Pass: every place that the control asks about was read, and lies inside the zone. Fail: one lies outside, in a region or an account. Unknown: neither was proved; it is never a pass.",
		"An escape is one violation, at the resource whose placement crosses the border. What lies beyond it does not hold that zone.",
		"A question that got no answer is a gap. A gap keeps the run from a pass, and the controls that needed the answer from one for that resource.",
	} {
		p.Item(rule)
	}
	p.Section("Limits")
	for _, limit := range []string{
		"Who reads: a scan of regions cannot show that nobody in a third country reads the data.",
		"Copies that the provider keeps inside its services, and the control-plane metadata of global services, are not seen.",
		"Content is not read: configuration and metadata only.",
		"The observation is of the moments of its calls; what was made and removed between two runs is not seen.",
	} {
		p.Item(limit)
	}
	p.Section("Where other tools point the other way")
	p.Text("Other scanners may report missing cross-region replication (often read out of SOC 2 A1.2, ISO 27001 A.8.14, C5 PS-02, Security Hub S3.7 and HIPAA 164.308(a)(7)). " +
		"The rule here: if replicated, then only inside the zone. " + p.pairs())
	p.versions()
	p.scanners()
}

// pairs resolves the contradiction, zone by zone.
func (p *pages) pairs() string {
	var with, without []string
	for _, z := range p.s.Zones {
		switch {
		case !z.Promise:
		case len(z.Regions) > 1:
			with = append(with, z.ID+" by the in-zone pair "+strings.Join(z.Regions[:2], "/"))
		default:
			without = append(without, z.ID)
		}
	}
	text := ""
	if len(with) > 0 {
		text = "Resolved for " + strings.Join(with, ", ") + ". "
	}
	if len(without) > 0 {
		ids := make([]string, 0, len(p.register()))
		for _, w := range p.register() {
			if w.Status.Valid() {
				ids = append(ids, w.ID)
			}
		}
		text += "Zone " + strings.Join(without, ", ") + " has one region, so no in-zone pair: accept it by a waiver or add a region (waivers in force: " + named(ids, 10) + ")."
	}
	return strings.TrimSpace(text)
}

func (p *pages) versions() {
	p.Section("Tool and policies in force")
	if !p.kept {
		p.bare("the versions and digests it was judged with")
		return
	}
	m := p.dossier.Manifest
	skew := "not known: no Date header of AWS was seen"
	if m.ClockSkew != nil {
		skew = fmt.Sprintf("%.1f s ahead of AWS", *m.ClockSkew)
	}
	p.Pairs([][2]string{
		{"Tool", "domicile " + or(m.Tool, "of unknown version") + ", build SHA-256 " + or(m.Build, "not readable")},
		{"Policies", "SHA-256 " + or(m.Policies, "not recorded")}, {"Configuration", "SHA-256 " + or(m.Config, "not recorded")},
		{"Verdicts", "SHA-256 " + or(m.Verdicts, "not recorded")}, {"Caller", or(m.Caller, "not recorded")},
		{"Command", or(strings.Join(m.Command, " "), "not recorded")},
		{"Started, ended", m.Start.UTC().Format(minute) + ", " + m.End.UTC().Format(minute)}, {"Clock", skew},
		{"Calls", fmt.Sprintf("%d calls, %d answered with an error", p.dossier.Calls.Total, p.dossier.Calls.Failed)},
	}...)
	if per := p.dossier.Period; per != nil {
		n := 0
		for _, c := range per.Changes {
			if slices.Contains([]string{"policies", "tool", "build of the tool"}, c.What) {
				n++
			}
		}
		p.Text("In the period tool or policies changed " + counted(n, "time") + "; part 10 has the dates.")
	}
}

func (p *pages) scanners() {
	p.Section("Scanners, their read-only operations and the permissions for these")
	if len(p.dossier.Scanners) == 0 {
		if p.kept {
			p.Text("The run does not say which scanners it used.")
		} else {
			p.bare("what its scanners asked")
		}
		return
	}
	p.Text("The role needs these IAM actions and no others; sts:AssumeRole and organizations:ListAccounts are the caller's. A call that is not listed here is refused before it is sent; what a permission lacked stands as a gap in part 6.")
	t := p.Table(pdf.Column{Title: "Scanner, version, scope", Share: 2.3, Face: pdf.Bold}, pdf.Column{Title: "Kinds", Share: 2}, pdf.Column{Title: "Operations", Share: 2.7}, pdf.Column{Title: "IAM actions that they need", Share: 3.1})
	list := func(words []string) string { return or(strings.Join(words, ", "), "–") }
	if run := p.dossier.Runner; len(run.Operations) > 0 {
		t.Row("the run itself", "–", list(run.Operations), list(run.Actions))
	}
	for _, s := range p.dossier.Scanners {
		t.Row(fmt.Sprintf("%s %d, %s", s.Service, s.Version, s.Scope), list(s.Kinds), list(s.Operations), list(s.Actions))
	}
	t.End()
}
