# METADATA
# title: Every cache of the data lies inside the zone
# description: Each region in which the data is cached is one of the zone's.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-007
#   severity: medium
#   kinds: ["*"]
#   needs: [placements.cache]
#   remediation: >-
#     Remove the cache or the member of the global datastore in the region outside; its contents go with it.
package controls.caches_inside

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
