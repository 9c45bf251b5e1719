# METADATA
# title: The keys to the data stay inside the zone and the organisation
# description: Each region and account that holds key material for the data is the zone's and the organisation's.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-009
#   severity: low
#   kinds: ["*"]
#   needs: [placements.key]
#   remediation: >-
#     Encrypt with a key of the zone's own regions and accounts, then schedule the deletion of the key's
#     replica outside.
package controls.keys_inside

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
