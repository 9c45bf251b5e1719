package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/remedy"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Explanation is one verdict with what led to it.
type Explanation struct {
	Verdict   residency.Verdict
	Resources map[string]residency.Resource // those of the verdict's path, by id, as far as the snapshot has them
	Gaps      []residency.RunGap            // that name the resource
}

// ExplainControl writes what a control is, for a reader.
func ExplainControl(w io.Writer, c residency.Control, width int) error {
	p := newPage(w, width, false)
	p.control(c)
	if err := p.flush(); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

func (p *page) control(c residency.Control) {
	p.text(0, 2, bold, c.ID+" · "+string(c.Severity)+" · "+cell(c.Title))
	needs := make([]string, len(c.Needs))
	for i, n := range c.Needs {
		needs[i] = string(n)
	}
	for _, part := range []struct{ name, text string }{{"", c.Description}, {"Looks at: ", strings.Join(needs, ", ")},
		{"Kinds: ", strings.Join(c.Kinds, ", ")}, {"Cure: ", c.Remediation}} {
		if part.text != "" {
			p.text(2, 2, plain, part.name+cell(strings.Join(strings.Fields(part.text), " ")))
		}
	}
	if c.Slug != "" {
		p.text(2, 2, dim, "Rego: policies/controls/"+cell(c.Slug)+"/policy.rego")
	}
}

// Explain writes the chain of a verdict hop by hop, what decided each hop, and the edit that ends the violation, or the value that was
// missing and what would settle it.
func Explain(w io.Writer, r residency.Report, e Explanation) error {
	p := newPage(w, r.Width, r.Color)
	v := &e.Verdict
	p.control(r.Controls[v.Control])
	p.blank()
	p.id(0, "", cell(v.Resource))
	of := "in no zone"
	if v.Zone != "" {
		of = "for " + zoneWords(zoneOf(r, v.Zone))
	}
	outcome := strings.ReplaceAll(string(v.Outcome), "_", " ")
	p.text(2, 2, plain, strings.ToUpper(cell(outcome))+" "+of+": "+strings.TrimPrefix(cell(sentence(*v)), outcome+": "))
	p.hops(r, e)
	p.cures(r, v)
	p.missing(r, e)
	if err := p.flush(); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

func zoneOf(r residency.Report, id string) residency.Zone {
	for _, z := range r.Summary.Zones {
		if z.ID == id {
			return z.Zone
		}
	}
	return residency.Zone{ID: id, Promise: true}
}

// hops is the chain from the resource that the zone's data was assigned to, and what lies beyond the border.
func (p *page) hops(r residency.Report, e Explanation) {
	v := &e.Verdict
	p.title("CHAIN")
	for i, id := range v.Path {
		p.id(2, fmt.Sprint(i+1, " "), cell(id))
		if res, ok := e.Resources[id]; ok {
			p.text(4, 2, dim, cell(strings.Join(slices.DeleteFunc([]string{res.Kind, res.Region, res.Account}, func(s string) bool { return s == "" }), " · ")))
		}
		if i+1 < len(v.Path) {
			p.text(4, 2, plain, "its data goes on by "+step(r, e.Resources, id, v.Path[i+1]))
		}
	}
	if len(v.Path) == 0 {
		p.id(2, "1 ", cell(v.Resource))
	}
	for i := range v.Placements {
		pl := &v.Placements[i]
		words := string(pl.Role) + " in " + cmp.Or(pl.Region, "a region that is not known")
		if pl.Account != "" {
			words += ", account " + pl.Account
		}
		if pl.Target != "" {
			words += ", at " + pl.Target
		}
		p.text(4, 2, plain, "decides: "+cell(words))
		p.decided(r, v.Resource, pl.Via)
	}
	for _, id := range v.Downstream[:min(len(v.Downstream), mostHops)] {
		p.id(2, "beyond the border: ", cell(id))
	}
	if more := len(v.Downstream) - mostHops; more > 0 {
		p.text(2, 2, plain, "and "+counted(more, "more resource"))
	}
}

// decided is the attribute or the field of the API that says so, and where it is declared.
func (p *page) decided(r residency.Report, resource, via string) {
	p.text(6, 2, plain, "by "+cell(cmp.Or(clip(via), "the place of the resource itself")))
	if at := locationWords(locationOf(r, resource, via)); at != "" {
		p.id(6, "at ", cell(at))
	}
}

// step says by which setting data goes from one resource to the next: a placement of the one, or a source of the other.
func step(r residency.Report, resources map[string]residency.Resource, from, to string) string {
	via, words := "", "a setting that the snapshot no longer holds"
	for _, pl := range resources[from].Placements {
		if pl.Target == to && pl.Role.Carries() {
			via, words = pl.Via, string(pl.Role)+" in "+cmp.Or(pl.Region, "a region that is not known")
			break
		}
	}
	if via == "" {
		for _, s := range resources[to].Sources {
			if s.ID == from {
				via, words = s.Via, "what the next one says of its source"
				break
			}
		}
	}
	if via != "" {
		words += ": " + clip(via)
	}
	if at := locationWords(locationOf(r, from, via)); at != "" {
		words += ", at " + at
	}
	return cell(words)
}

// cures are the edits for each deciding placement, in the three languages.
func (p *page) cures(r residency.Report, v *residency.Verdict) {
	if v.Outcome != residency.Fail && v.Outcome != residency.Waived {
		return
	}
	p.title("CURE")
	told := map[*remedy.Remedy]bool{}
	for i := range v.Placements {
		pl := &v.Placements[i]
		edit := remedy.Find(v.Kind, pl.Role, pl.Via)
		if edit == nil || told[edit] {
			continue
		}
		told[edit] = true
		for _, language := range []struct{ name, text string }{{"Terraform", edit.Terraform}, {"CloudFormation", edit.CloudFormation}, {"AWS CLI", edit.CLI}} {
			text := remedy.Fill(language.text, zoneOf(r, v.Zone), v, pl)
			p.text(2, 4, plain, language.name+": "+cell(cmp.Or(text, "it does not declare this")))
		}
	}
	if len(told) == 0 {
		p.text(2, 2, plain, cell(strings.Join(strings.Fields(r.Controls[v.Control].Remediation), " ")))
	}
}

// missing names the values that nobody knows, and what would settle each.
func (p *page) missing(r residency.Report, e Explanation) {
	v := &e.Verdict
	if v.Outcome != residency.Unknown {
		return
	}
	p.title("MISSING")
	for i := range v.Placements {
		if pl := &v.Placements[i]; pl.Region == "" {
			p.text(2, 2, plain, "the region of "+cell(cmp.Or(pl.Target, "the "+string(pl.Role)))+" by "+cell(clip(pl.Via)))
			p.text(4, 2, plain, settles(r, pl.Via))
		}
	}
	for _, g := range e.Gaps {
		p.text(2, 2, plain, cell(gapWords(g)))
		p.text(4, 2, plain, settles(r, g.Detail))
	}
	if len(v.Placements) == 0 && len(e.Gaps) == 0 {
		p.text(2, 2, plain, cell(cmp.Or(clip(v.Reason), "the reason was not kept")))
		p.text(4, 2, plain, settles(r, v.Reason))
	}
}

// settles is the flag, permission or line of the configuration that would tell, where the reason does not name one itself.
func settles(r residency.Report, reason string) string {
	named := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(reason, w) })
	}
	change := r.Summary.OfChange()
	switch {
	case named("denied"):
		return "Allow the role the call that the gap names (domicile list operations prints its IAM action), then scan again."
	case named("assign", "unclassified", "name known", "tags"):
		return "Add a line to assign in domicile.yaml that decides it: {arn: …}, {tag: …} or {account: …}."
	case named("--"):
		return "The flag that it names settles it."
	case named("names no region", "its region"):
		return "Give the provider a region that is a constant, or give --region."
	case named("account"):
		return "Name the accounts under aws.accounts in domicile.yaml, or give --account."
	case change && named("not in the change", "not in the plan"):
		return "Give the last scan with --with, or check the change that makes it together with this one."
	case change:
		return "Give it a value that is known before the deployment: a constant, a variable with a value, or a reference to a resource of the change; --with names the last scan for what lies outside."
	case named("region"):
		return "Scan the account and region that hold it (aws.accounts and aws.regions in domicile.yaml)."
	}
	return "Scan again once the call answers; the gaps of the run name the cause."
}
