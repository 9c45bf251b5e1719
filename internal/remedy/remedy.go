// Package remedy knows the edit that ends a violation: for each mechanism by which data leaves, in the terms of Terraform, of
// CloudFormation and of the AWS CLI.
package remedy

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Remedy is the edit for one mechanism. Its texts may hold {regions}, {region}, {name}, {id} and {target}: see Fill.
type Remedy struct {
	Row  string // of the egress catalogue: service / resource kind; empty for what stands in many
	Kind string
	Role residency.Role // empty: any
	Via  string         // part of the via of such a placement; empty: any

	Terraform      string // empty: the language does not declare it
	CloudFormation string
	CLI            string
}

// All lists the remedies in the order in which they are tried.
func All() []Remedy { return remedies }

// anyKind is the kind of a remedy that does not depend on it.
const anyKind = "*"

// Find is the remedy of a placement, or of a source, of a resource of a kind: the one that names a part of the via before one that
// does not, and the kind's own before one of any kind. It is nil where there is none.
func Find(kind string, role residency.Role, via string) *Remedy {
	via = strings.ToLower(via)
	for _, special := range []bool{true, false} {
		for _, of := range []string{kind, anyKind} {
			for i := range remedies {
				r := &remedies[i]
				if r.Kind == of && (r.Role == role || r.Role == "") && (r.Via != "") == special && strings.Contains(via, strings.ToLower(r.Via)) {
					return r
				}
			}
		}
	}
	return nil
}

// Fill puts into a text what it is about. Where the id is an address, AWS's own name is not known yet.
func Fill(text string, zone residency.Zone, v *residency.Verdict, p *residency.Placement) string {
	name, region, target := "NAME", v.Region, "TARGET"
	if strings.HasPrefix(v.Resource, "arn:") {
		name = v.Resource[strings.LastIndexAny(v.Resource, ":/")+1:]
	}
	if region == "" {
		region = "REGION"
	}
	if p != nil && p.Target != "" {
		target = p.Target
	}
	regions := strings.Join(zone.Regions, ", ")
	if regions == "" {
		regions = "its zone"
	}
	return strings.NewReplacer("{regions}", regions, "{region}", region, "{name}", name, "{id}", v.Resource, "{target}", target).Replace(text)
}
