package controls.stores_classified_test

import data.controls.stores_classified as control

document(resource) := {"resources": [object.union({"id": "0"}, resource)]}

passes(doc) if {
	control.in_scope == {"0"} with input as doc
	control.compliant == {"0"} with input as doc
}

is_unknown(doc) if {
	control.in_scope == {"0"} with input as doc
	control.compliant == set() with input as doc
}

out_of_scope(doc) if {
	control.in_scope == set() with input as doc
	control.compliant == set() with input as doc
}

test_pass_assigned if passes(document({"store": true, "assigned": "test-zone"}))

test_unknown_unassigned if is_unknown(document({"store": true, "assigned": ""}))

test_unknown_without_assignment if is_unknown(document({"store": true}))

test_unknown_null_assignment if is_unknown(document({"store": true, "assigned": null}))

test_unknown_whether_a_store if is_unknown(document({"assigned": ""}))

test_zone_none_is_out_of_scope if out_of_scope(document({"store": true, "assigned": "none"}))

test_no_store_is_out_of_scope if out_of_scope(document({"store": false, "assigned": ""}))

# Nothing can fail: that a store is not assigned proves nothing about its place.
test_nothing_violates if {
	every resource in [{"store": true, "assigned": ""}, {"store": true}, {"store": true, "assigned": "test-zone"}] {
		control.violations == set() with input as document(resource)
	}
}
