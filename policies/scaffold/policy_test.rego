package controls.new_control_test

import data.controls.new_control as control

document(resource) := {
	"zone": {"id": "test-zone", "regions": ["test-region-1"], "promise": true},
	"resources": [object.union({"id": "0", "kind": "s3.bucket"}, resource)],
}

test_pass_no_replica if {
	doc := document({"placements": []})
	control.in_scope == {"0"} with input as doc
	control.compliant == {"0"} with input as doc
	control.violations == set() with input as doc
}

test_fail_replica if {
	doc := document({"placements": [{"role": "replica", "region": "test-region-1"}]})
	control.in_scope == {"0"} with input as doc
	control.compliant == set() with input as doc
	control.violations == {{"resource": "0", "placement": 0}} with input as doc
}

test_unknown_not_read if {
	doc := document({})
	control.in_scope == {"0"} with input as doc
	control.compliant == set() with input as doc
	control.violations == set() with input as doc
}
