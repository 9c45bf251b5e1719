# METADATA
# title: Every log of the data is delivered inside the zone
# description: >-
#   Each region to which a resource delivers logs that carry names or contents of the data is one of the
#   zone's.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/receive-cloudtrail-log-files-from-multiple-regions.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-004
#   severity: medium
#   kinds: ["*"]
#   needs: [placements.log]
#   remediation: >-
#     Deliver the log to a bucket, log group or stream in a region of the zone, then delete what was delivered
#     outside.
package controls.logs_inside

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
