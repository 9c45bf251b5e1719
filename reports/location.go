package reports

import (
	"strconv"
	"strings"

	"github.com/seed-1578181b/domicile/internal/remedy"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// locationOf is where a resource of a change is declared, or the setting that via names; no location where it was the cloud that was
// observed.
func locationOf(r residency.Report, resource, via string) residency.Location {
	if r.Locate == nil {
		return residency.Location{}
	}
	return r.Locate(resource, via)
}

// verdictLocation is where the first of the settings is declared that decide a verdict.
func verdictLocation(r residency.Report, v residency.Verdict) residency.Location {
	for _, p := range v.Placements {
		if p.Via != "" {
			return locationOf(r, v.Resource, p.Via)
		}
	}
	return locationOf(r, v.Resource, "")
}

// locationWords is "main.tf:12".
func locationWords(at residency.Location) string {
	if at.File == "" {
		return ""
	}
	return at.File + ":" + strconv.Itoa(max(1, at.Line))
}

// editOf is where and how a change would have to be changed.
func editOf(r residency.Report, v residency.Verdict) edit {
	at := locationWords(verdictLocation(r, v))
	if at == "" {
		return edit{}
	}
	return edit{cell(at), settings(v.Placements), cell(clip(cureOf(r, v)))}
}

// cureOf is what cures a violation: of the mechanism that decides it where that is known, else of the control. What is not known has no
// cure: its reason says which value is missing.
func cureOf(r residency.Report, v residency.Verdict) string {
	if v.Outcome != residency.Fail {
		return ""
	}
	for i := range v.Placements {
		p := &v.Placements[i]
		edit := remedy.Find(v.Kind, p.Role, p.Via)
		if edit == nil {
			continue
		}
		text, declaring := edit.Terraform, strings.SplitN(p.Via, " ", 2)[0]
		switch {
		case !r.Summary.OfChange():
			text = edit.CLI
		case template(declaring) || template(v.Resource):
			text = edit.CloudFormation
		}
		if text != "" {
			return remedy.Fill(text, zoneOf(r, v.Zone), &v, p)
		}
	}
	return strings.Join(strings.Fields(r.Controls[v.Control].Remediation), " ")
}

// template reports whether an address is one of CloudFormation: STACK/LogicalId.
func template(address string) bool {
	stack, _, found := strings.Cut(address, "/")
	return found && !strings.ContainsAny(stack, `["`) && !strings.HasPrefix(stack, "arn:")
}
