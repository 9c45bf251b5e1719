# METADATA
# title: What describes the data stays inside the zone and the organisation
# description: >-
#   Each region and account that receives names, findings, configuration or management events about the data is
#   the zone's and the organisation's.
# related_resources:
#   - https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation.html
#   - https://docs.aws.amazon.com/config/latest/developerguide/aggregate-data.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-010
#   severity: low
#   kinds: ["*"]
#   needs: [placements.metadata]
#   remediation: >-
#     Aggregate findings, configuration and management events in a region of the zone and an account of the
#     organisation.
package controls.metadata_inside

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
