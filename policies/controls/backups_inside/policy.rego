# METADATA
# title: Every backup and snapshot stays inside the zone
# description: >-
#   Each region in which a snapshot, a recovery point or an automated backup of the data lies is one of the
#   zone's.
# related_resources:
#   - https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-003
#   severity: high
#   kinds: ["*"]
#   needs: [placements.backup]
#   remediation: >-
#     Remove the copy action or cross-region backup whose destination lies outside, then delete the recovery
#     points and snapshots that it left there.
package controls.backups_inside

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
