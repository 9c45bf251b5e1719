package controls.caches_inside_test

import data.controls.caches_inside as control

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
	passes(with_placements([{"role": "cache", "region": "test-region-1"}]))
}

test_pass_in_each_region_of_the_zone if {
	passes(with_placements([
		{"role": "cache", "region": "test-region-1"},
		{"role": "cache", "region": "test-region-2"},
	]))
}

test_fail_outside if {
	fails(with_placements([{"role": "cache", "region": "test-region-9"}]), {0})
}

test_fail_names_only_what_is_outside if {
	placements := [
		{"role": "cache", "region": "test-region-1"},
		{"role": "cache", "region": "test-region-9"},
		{"role": "cache", "region": "test-region-2"},
	]
	fails(with_placements(placements), {1})
}

test_fail_though_another_region_is_unknown if {
	placements := [
		{"role": "cache"},
		{"role": "cache", "region": "test-region-9"},
	]
	fails(with_placements(placements), {1})
}

test_unknown_region if is_unknown(with_placements([{"role": "cache"}]))

test_unknown_region_beside_one_inside if {
	is_unknown(with_placements([
		{"role": "cache", "region": "test-region-1"},
		{"role": "cache"},
	]))
}

test_unknown_null_region if is_unknown(with_placements([{"role": "cache", "region": null}]))

test_unknown_not_read if is_unknown(document({}))

test_unknown_null_placements if is_unknown(document({"placements": null}))

test_none_is_out_of_scope if {
	control.in_scope == set() with input as with_placements([])
	control.compliant == set() with input as with_placements([])
	control.violations == set() with input as with_placements([])
}
