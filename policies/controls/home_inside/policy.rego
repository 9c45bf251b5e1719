# METADATA
# title: Every store has its home inside the zone
# description: The region in which a resource keeps its data is one of the zone's.
# related_resources:
#   - https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/regions.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-002
#   severity: high
#   kinds: ["*"]
#   needs: [placements.primary]
#   remediation: >-
#     Create the store anew in a region of the zone, move the data, and delete the old one; or correct assign,
#     if the data belongs to another zone.
package controls.home_inside

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
