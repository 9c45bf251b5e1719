# METADATA
# title: Every queue that takes the data lies inside the zone
# description: Each region whose queues or topics receive the data is one of the zone's.
# related_resources:
#   - https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-006
#   severity: medium
#   kinds: ["*"]
#   needs: [placements.queue]
#   remediation: >-
#     Send the messages to a queue or topic in a region of the zone, dead-letter queues included, then purge
#     the one outside.
package controls.queues_inside

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
