# METADATA
# title: Every replica of the data stays inside the zone
# description: Each region to which a resource replicates its data is one of the zone's.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
#   - https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.XRgn.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-001
#   severity: high
#   kinds: ["*"]
#   needs: [placements.replica]
#   remediation: >-
#     Remove the replication rule, replica or global table member in the region outside, then delete the copy
#     that it left there.
package controls.replicas_inside

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
