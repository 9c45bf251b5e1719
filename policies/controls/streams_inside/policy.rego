# METADATA
# title: Every stream of the data ends inside the zone
# description: >-
#   Each region to which a delivery stream, subscription or change stream hands the data is one of the zone's.
# related_resources:
#   - https://docs.aws.amazon.com/firehose/latest/dev/what-is-this-service.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-005
#   severity: medium
#   kinds: ["*"]
#   needs: [placements.stream]
#   remediation: >-
#     Point the stream or subscription to a destination in a region of the zone, then delete what it delivered
#     outside.
package controls.streams_inside

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
