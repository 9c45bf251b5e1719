package controls.shared_inside_test

import data.controls.shared_inside as control

document(resource) := {"resources": [object.union({"id": "0"}, resource)]}

with_standings(standings) := document({"placements": [{"standing": standing} | some standing in standings]})

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

test_pass_own if passes(with_standings(["own"]))

test_pass_inside if passes(with_standings(["inside", "own"]))

test_pass_unjudged_beside_own if passes(with_standings(["own", "unjudged"]))

test_fail_outside if fails(with_standings(["outside"]), {0})

test_fail_public if fails(with_standings(["own", "public"]), {1})

test_fail_though_another_is_unknown if fails(with_standings(["outside", "own", "unknown"]), {0})

test_unknown_account if is_unknown(with_standings(["own", "unknown"]))

test_unknown_null_account if is_unknown(with_standings([null]))

test_unknown_without_standing if is_unknown(document({"placements": [{}]}))

test_unknown_not_read if is_unknown(document({}))

test_unknown_null_placements if is_unknown(document({"placements": null}))

test_none_is_out_of_scope if {
	control.in_scope == set() with input as with_standings([])
	control.compliant == set() with input as with_standings([])
	control.violations == set() with input as with_standings([])
}

test_unjudged_is_out_of_scope if {
	control.in_scope == set() with input as with_standings(["unjudged"])
	control.violations == set() with input as with_standings(["unjudged"])
}
