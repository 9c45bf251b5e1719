package controls.metadata_inside_test

import data.controls.metadata_inside as control

zone := {"id": "test-zone", "regions": ["test-region-1", "test-region-2"], "promise": true}

document(resource) := {"zone": zone, "resources": [object.union({"id": "0"}, resource)]}

with_placements(placements) := document({"placements": placements})

passes(doc) if {
	control.in_scope == {"0"} with input as doc
	control.compliant == {"0"} with input as doc
	control.violations == set() with input as doc
}

fails(doc, positions) if {
	control.in_scope == {"0"} with input as doc
	control.compliant == set() with input as doc
	control.violations == {{"resource": "0", "placement": i} | some i in positions} with input as doc
}

is_unknown(doc) if {
	control.in_scope == {"0"} with input as doc
	control.compliant == set() with input as doc
	control.violations == set() with input as doc
}

test_pass_inside if {
	passes(with_placements([{"role": "metadata", "region": "test-region-1", "standing": "own"}]))
}

test_pass_in_each_region_of_the_zone if {
	passes(with_placements([
		{"role": "metadata", "region": "test-region-1", "standing": "own"},
		{"role": "metadata", "region": "test-region-2", "standing": "own"},
	]))
}

test_fail_outside if {
	fails(with_placements([{"role": "metadata", "region": "test-region-9", "standing": "own"}]), {0})
}

test_fail_names_only_what_is_outside if {
	placements := [
		{"role": "metadata", "region": "test-region-1", "standing": "own"},
		{"role": "metadata", "region": "test-region-9", "standing": "own"},
		{"role": "metadata", "region": "test-region-2", "standing": "own"},
	]
	fails(with_placements(placements), {1})
}

test_fail_though_another_region_is_unknown if {
	placements := [
		{"role": "metadata", "standing": "own"},
		{"role": "metadata", "region": "test-region-9", "standing": "own"},
	]
	fails(with_placements(placements), {1})
}

test_unknown_region if is_unknown(with_placements([{"role": "metadata", "standing": "own"}]))

test_unknown_region_beside_one_inside if {
	is_unknown(with_placements([
		{"role": "metadata", "region": "test-region-1", "standing": "own"},
		{"role": "metadata", "standing": "own"},
	]))
}

test_unknown_null_region if is_unknown(with_placements([{"role": "metadata", "region": null, "standing": "own"}]))

test_unknown_not_read if is_unknown(document({}))

test_unknown_null_placements if is_unknown(document({"placements": null}))

test_none_is_out_of_scope if {
	control.in_scope == set() with input as with_placements([])
	control.compliant == set() with input as with_placements([])
	control.violations == set() with input as with_placements([])
}

test_pass_trusted_or_unjudged_account if {
	every standing in ["inside", "unjudged"] {
		placement := {"role": "metadata", "region": "test-region-1", "standing": standing}
		passes(with_placements([placement]))
	}
}

test_fail_account_outside if {
	every standing in ["outside", "public"] {
		placement := {"role": "metadata", "region": "test-region-1", "standing": standing}
		fails(with_placements([placement]), {0})
	}
}

test_unknown_account if {
	is_unknown(with_placements([{"role": "metadata", "region": "test-region-1", "standing": "unknown"}]))
}
