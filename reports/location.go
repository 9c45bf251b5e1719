package reports

import (
	"strconv"

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
	return edit{cell(at), settings(v.Placements), cell(clip(remedy(r, v)))}
}

// remedy is what cures a violation: of the mechanism that decides it where that is known, else of the control. What is not known has no
// cure: its reason says which value is missing.
func remedy(r residency.Report, v residency.Verdict) string {
	if v.Outcome != residency.Fail {
		return ""
	}
	return r.Controls[v.Control].Remediation
}
