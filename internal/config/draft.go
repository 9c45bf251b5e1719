package config

import (
	"fmt"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Draft is what a first configuration is made of. What is empty is left to its default, or shown as a comment.
type Draft struct {
	Name         string           // of the organisation
	Zones        []residency.Zone // at least one
	Tag          string           // key of the tag whose value names a zone
	Accounts     []string         // none: the caller's own, or with Organization every one
	Organization bool
	Role         string
	Cron         string
	Timezone     string
}

// Marshal is the draft as a file with comments, for a person to go on with.
func (d Draft) Marshal() []byte {
	f := &file{}
	f.WriteString("# Whose data is where, and what is examined. Check it with: domicile config validate\nversion: 1\n")
	if d.Name != "" {
		f.WriteString("organization: " + flow{}.with("name", d.Name).String() + "\n")
	}
	f.WriteString("\n# Where the data of each zone may be: every region in full. promise: false is followed and counted, but free to leave.\nzones:\n")
	for _, z := range d.Zones {
		zone := flow{}.with("name", z.Name).with("regions", z.Regions)
		if !z.Promise {
			zone = zone.with("promise", false)
		}
		fmt.Fprintf(f, "  %s: %s\n", scalar(z.ID), zone)
	}
	first := d.Zones[0].ID
	f.WriteString("\n# Whose data a resource holds; the first match wins. What no line matches is unclassified, and never passes.\nassign:\n")
	fmt.Fprintf(f, "  - {tag: %s} # the tag's value names the zone\n", scalar(d.Tag))
	fmt.Fprintf(f, "  # - {account: \"111111111111\", zone: %s}\n", scalar(first))
	fmt.Fprintf(f, "  # - {arn: \"arn:aws:s3:::acme-%s-*\", zone: %s}\n", first, scalar(first))
	f.WriteString("  # - {arn: \"arn:aws:s3:::cdk-*-assets-*\", zone: none, reason: build artefacts, owner: platform} # no customer data starts here\n")
	if _, _, _, overlap := shared(d.Zones); !overlap {
		f.WriteString("  - {region: own} # else the zone of its own region, which proves nothing about the place\n")
	}
	f.WriteString("\n# What is examined.\naws:\n")
	switch {
	case d.Organization:
		f.WriteString("  organization: true # every account of it\n")
	case len(d.Accounts) > 0:
		f.WriteString("  accounts: " + scalar(d.Accounts) + "\n")
	default:
		f.WriteString("  # accounts: [\"111111111111\", \"222222222222\"] # or organization: true; without either, the caller's own\n")
	}
	role := "role: " + scalar(d.Role) + " # assumed in every other account: domicile iam-policy --format cloudformation\n"
	if !d.Organization && len(d.Accounts) == 0 {
		role = "# " + role
	}
	f.WriteString("  " + role + "  regions: all # every region that an account has enabled\n\n")
	if d.Cron == "" {
		f.WriteString("# schedule: {cron: \"0 2 * * *\", timezone: UTC} # see domicile schedule next\n")
	} else {
		f.WriteString("schedule: " + flow{}.with("cron", d.Cron).with("timezone", d.Timezone).String() + "\n")
	}
	f.WriteString(strings.TrimLeft(`
# waivers: waivers.yaml # approved exceptions
# commitments: [{id: C-1, text: EU workspace data stays in the EU hosting zone}]
# controls: [{id: CTL-7, text: Stores and copies are checked every night, owner: security, frequency: daily, commitment: C-1, checks: [RES-001]}]
# signing: {kms_key: "arn:aws:kms:…"} # or key_file; without it, a key is made beside the runs
`, "\n"))
	return []byte(f.String())
}
