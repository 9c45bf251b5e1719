# METADATA
# title: Nothing stands ready to move the data out of the zone or the organisation
# description: >-
#   Each region and account to which a setting could move the data, though nothing shows that it has, is the
#   zone's and the organisation's.
# related_resources:
#   - https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-011
#   severity: info
#   kinds: ["*"]
#   needs: [placements.capability]
#   remediation: >-
#     Remove the setting if nothing uses it; else narrow it to regions of the zone and accounts of the
#     organisation.
package controls.capabilities_inside

import data.lib.accounts
import data.lib.placements

in_scope contains r.id if { # unless it is known that there are none
	some r in input.resources
	not placements.none(r)
}

compliant contains r.id if {
	some r in input.resources
	is_array(r.placements)
	count(r.placements) > 0
	every p in r.placements {
		placements.inside(p, input.zone)
		accounts.kept(p)
	}
}

violations contains {"resource": r.id, "placement": i} if {
	some r in input.resources
	some i, p in r.placements
	placements.outside(p, input.zone)
}

violations contains {"resource": r.id, "placement": i} if {
	some r in input.resources
	some i, p in r.placements
	accounts.escaped(p)
}
