# METADATA
# title: The data passes only through regions of the zone
# description: >-
#   Each region in which the data is processed or through which it is routed on its way is one of the zone's.
# related_resources:
#   - https://docs.aws.amazon.com/bedrock/latest/userguide/cross-region-inference.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-008
#   severity: medium
#   kinds: ["*"]
#   needs: [placements.transit]
#   remediation: >-
#     Route the traffic through an endpoint or inference profile of the zone's own regions, and turn the
#     cross-region routing off.
package controls.transit_inside

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
	}
}

violations contains {"resource": r.id, "placement": i} if {
	some r in input.resources
	some i, p in r.placements
	placements.outside(p, input.zone)
}
