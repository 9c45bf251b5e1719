package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The catalogues beside those of the frameworks.
const (
	checksCatalog = "domicile"     // the shipped controls and run checks
	ownCatalog    = "organization" // the organisation's own controls
)

// oscalSiblings are the documents beside the assessment results: what was planned, what the checks are, and what they bear on.
func oscalSiblings(r residency.Report) []Sibling {
	o := newOSCAL(r)
	sibling := func(suffix, root string, document any) Sibling {
		return Sibling{suffix, func(w io.Writer) error { return asJSON(w, root, document) }}
	}
	all := []Sibling{
		sibling(".plan.json", "assessment-plan", o.plan()),
		sibling(".components.json", "component-definition", o.components()),
		sibling(catalogSuffix(checksCatalog), "catalog", o.checksCatalog()),
	}
	if r.Dossier == nil {
		return all
	}
	if len(r.Dossier.Controls) > 0 {
		all = append(all, sibling(catalogSuffix(ownCatalog), "catalog", o.ownCatalog()))
	}
	for _, f := range r.Dossier.Frameworks {
		all = append(all, sibling(catalogSuffix(f.ID), "catalog", o.frameworkCatalog(f)))
	}
	return all
}

type oscalPlan struct {
	UUID     string          `json:"uuid"`
	Metadata oscalMetadata   `json:"metadata"`
	SSP      oscalLink       `json:"import-ssp"`
	Reviewed oscalReviewed   `json:"reviewed-controls"`
	Back     oscalBackMatter `json:"back-matter"`
}

func (o *oscal) plan() oscalPlan {
	ssp := o.uuid("ssp")
	p := oscalPlan{
		UUID: o.uuid("plan"), Metadata: o.metadata("Plan of the data residency audit"), SSP: oscalLink{Href: "#" + ssp}, Reviewed: o.reviewed(),
		Back: oscalBackMatter{[]oscalResource{{UUID: ssp, Title: "System security plan",
			Description: "domicile is given none. The system is what the configuration of the run says: accounts, zones and how data is assigned to them."}}},
	}
	p.Metadata.Remarks = "Every check is a test of the whole population in scope by program; nothing is sampled and nothing is asked of people."
	return p
}

type oscalCatalog struct {
	UUID     string         `json:"uuid"`
	Metadata oscalMetadata  `json:"metadata"`
	Controls []oscalControl `json:"controls"`
}

type oscalControl struct {
	ID    string      `json:"id"`
	Title string      `json:"title"`
	Props []oscalProp `json:"props,omitempty"`
	Parts []oscalPart `json:"parts,omitempty"`
}

type oscalPart struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Prose string `json:"prose"`
}

func (o *oscal) checksCatalog() oscalCatalog {
	c := oscalCatalog{UUID: o.uuid("catalog", checksCatalog), Metadata: o.metadata("Checks of domicile")}
	for _, k := range o.checks {
		control := oscalControl{ID: token(k.id), Title: code(k.id), Props: oscalProps("label", k.id, "severity", string(k.severity))}
		if k.title != "" {
			control.Title = prose(k.title)
		}
		control.Parts = []oscalPart{{objective(k.id), "assessment-objective", control.Title}}
		if k.description != "" {
			control.Parts = append(control.Parts, oscalPart{token(k.id) + "_smt", "statement", prose(k.description)})
		}
		c.Controls = append(c.Controls, control)
	}
	return c
}

func (o *oscal) ownCatalog() oscalCatalog {
	c := oscalCatalog{UUID: o.uuid("catalog", ownCatalog), Metadata: o.metadata("Controls of the organisation")}
	for _, k := range o.r.Dossier.Controls {
		c.Controls = append(c.Controls, oscalControl{ID: token(k.ID), Title: prose(k.Text),
			Props: oscalProps("label", k.ID, "owner", k.Owner, "frequency", k.Frequency, "commitment", k.Commitment, "zones", strings.Join(k.Zones, " "))})
	}
	return c
}

// frameworkCatalog is thin: the criteria's ids and our own paraphrases, for standards whose text may not be copied.
func (o *oscal) frameworkCatalog(f residency.Framework) oscalCatalog {
	c := oscalCatalog{UUID: o.uuid("catalog", f.ID), Metadata: o.metadata(prose(f.Name + " " + f.Version + ", paraphrased"))}
	c.Metadata.Remarks = prose(f.Applies)
	for _, k := range f.Criteria {
		control := oscalControl{ID: token(k.ID), Title: prose(k.Paraphrase), Props: oscalProps("label", k.ID, "strength", string(k.Strength), "basis", k.Basis)}
		if k.Note != "" {
			control.Parts = []oscalPart{{token(k.ID) + "_gdn", "guidance", prose(k.Note)}}
		}
		c.Controls = append(c.Controls, control)
	}
	return c
}

type oscalComponents struct {
	UUID       string           `json:"uuid"`
	Metadata   oscalMetadata    `json:"metadata"`
	Components []oscalComponent `json:"components"`
}

type oscalComponent struct {
	UUID            string                `json:"uuid"`
	Type            string                `json:"type"`
	Title           string                `json:"title"`
	Description     string                `json:"description"`
	Implementations []oscalImplementation `json:"control-implementations"`
}

type oscalImplementation struct {
	UUID         string             `json:"uuid"`
	Source       string             `json:"source"`
	Description  string             `json:"description"`
	Requirements []oscalRequirement `json:"implemented-requirements"`
}

type oscalRequirement struct {
	UUID        string      `json:"uuid"`
	Control     string      `json:"control-id"`
	Description string      `json:"description"`
	Props       []oscalProp `json:"props,omitempty"`
	Links       []oscalLink `json:"links,omitempty"`
}

func (o *oscal) components() oscalComponents {
	c := oscalComponent{UUID: o.uuid("component"), Type: "validation", Title: "domicile",
		Description: "Audits where data lives in AWS. It takes part in no control; it tests whether controls hold."}
	own := oscalImplementation{UUID: o.uuid("implementation", checksCatalog), Source: o.catalogFile(checksCatalog), Description: "The checks that domicile makes."}
	for _, k := range o.checks {
		own.Requirements = append(own.Requirements, oscalRequirement{UUID: o.uuid("requirement", checksCatalog, k.id), Control: token(k.id),
			Description: "Tested on every resource in scope, or on the run itself."})
	}
	c.Implementations = []oscalImplementation{own}
	if d := o.r.Dossier; d != nil {
		if i := o.ownImplementation(d.Controls); len(i.Requirements) > 0 {
			c.Implementations = append(c.Implementations, i)
		}
		for _, f := range d.Frameworks {
			if i := o.implementation(f); len(i.Requirements) > 0 {
				c.Implementations = append(c.Implementations, i)
			}
		}
	}
	return oscalComponents{o.uuid("components"), o.metadata("domicile as a validation component"), []oscalComponent{c}}
}

// implementation says which checks bear on a framework's criteria, and names the criteria on which none does.
func (o *oscal) implementation(f residency.Framework) oscalImplementation {
	i := oscalImplementation{UUID: o.uuid("implementation", f.ID), Source: o.catalogFile(f.ID)}
	var untested []string
	for _, k := range f.Criteria {
		if len(k.Checks) == 0 {
			untested = append(untested, code(k.ID))
			continue
		}
		words := "Supporting evidence, one input among others: "
		if k.Strength == residency.Direct {
			words = "Direct evidence: "
		}
		i.Requirements = append(i.Requirements, oscalRequirement{UUID: o.uuid("requirement", f.ID, k.ID), Control: token(k.ID),
			Description: words + strings.Join(k.Checks, ", ") + ".", Props: oscalProps("strength", string(k.Strength), "basis", k.Basis), Links: o.checkLinks(k.Checks)})
	}
	i.Description = "Checks that bear on its criteria. No check of this version bears on: " + strings.Join(untested, ", ") + "."
	if len(untested) == 0 {
		i.Description = fmt.Sprintf("Checks that bear on its criteria, on each of the %d listed.", len(f.Criteria))
	}
	return i
}

func (o *oscal) ownImplementation(controls []residency.OwnControl) oscalImplementation {
	i := oscalImplementation{UUID: o.uuid("implementation", ownCatalog), Source: o.catalogFile(ownCatalog), Description: "Checks that test the organisation's own controls."}
	for _, k := range controls {
		if len(k.Checks) > 0 {
			i.Requirements = append(i.Requirements, oscalRequirement{UUID: o.uuid("requirement", ownCatalog, k.ID), Control: token(k.ID),
				Description: "Tested by " + code(strings.Join(k.Checks, ", ")) + ".", Links: o.checkLinks(k.Checks)})
		}
	}
	return i
}

// checkLinks point into the catalogue of the checks. A check that this report does not have is named in the description alone.
func (o *oscal) checkLinks(ids []string) []oscalLink {
	var links []oscalLink
	for _, k := range o.checks {
		for _, id := range ids {
			if k.id == id {
				links = append(links, oscalLink{o.catalogFile(checksCatalog) + "#" + token(id), "check"})
			}
		}
	}
	return links
}
