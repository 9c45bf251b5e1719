# METADATA
# title: Every data store is assigned to a zone
# description: >-
#   A store whose data belongs to nobody known cannot be judged. Nothing violates this control; what is not
#   assigned is unknown.
# related_resources:
#   - https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html
# schemas:
#   - input: schema.input
# custom:
#   id: RES-013
#   severity: medium
#   kinds: ["*"]
#   needs: [assignment]
#   remediation: >-
#     Add a line to assign that matches the store, by ARN, tag or account; or zone none with reason and owner,
#     if it originates no customer data.
package controls.stores_classified

in_scope contains r.id if { # unless it is known to need no zone
	some r in input.resources
	not _exempt(r)
}

compliant contains r.id if {
	some r in input.resources
	not _exempt(r)
	_assigned(r)
}

violations := set()

_exempt(r) if r.store == false

_exempt(r) if r.assigned == "none"

_assigned(r) if {
	is_string(r.assigned)
	r.assigned != ""
}
