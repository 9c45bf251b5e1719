# METADATA
# title: No copy of the data is shared publicly or outside the organisation
# description: >-
#   Each account that holds or may read the data is the organisation's own or trusted; the region is judged by
#   the control of the role.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-012
#   severity: critical
#   kinds: ["*"]
#   needs: [sharing]
#   remediation: >-
#     Withdraw the grant (policy statement, snapshot or image permission, replication to the other account),
#     then ask the receiver to delete the copy; list a vendor who may hold the data under trusted_accounts.
package controls.shared_inside

import data.lib.accounts

in_scope contains r.id if { # unless no placement has an account to judge
	some r in input.resources
	not accounts.unjudged(r)
}

compliant contains r.id if {
	some r in input.resources
	is_array(r.placements)
	count(r.placements) > 0
	every p in r.placements {
		accounts.kept(p)
	}
}

violations contains {"resource": r.id, "placement": i} if {
	some r in input.resources
	some i, p in r.placements
	accounts.escaped(p)
}
