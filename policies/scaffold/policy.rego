# METADATA
# title: No bucket is replicated, not even inside the zone
# description: Say here what is demanded, and why.
# schemas:
#   - input: schema.input
# custom:
#   id: OWN-000
#   severity: medium
#   kinds: [s3.bucket]
#   needs: [placements.replica]
#   remediation: Say here what to do about a violation.
package controls.new_control

import data.lib.placements

# What is judged. In scope and neither proved nor violated is unknown.
in_scope contains r.id if some r in input.resources

# What is proved. An empty list was read; one that is absent was not.
compliant contains r.id if {
	some r in input.resources
	placements.none(r)
}

# What is violated, by the position of the placement.
violations contains {"resource": r.id, "placement": i} if {
	some r in input.resources
	some i, _ in r.placements
}
