package lib.placements_test

import data.lib.placements

zone := {"id": "test-zone", "regions": ["test-region-1", "test-region-2"], "promise": true}

test_none_only_for_an_empty_list if {
	placements.none({"placements": []})
	not placements.none({})
	not placements.none({"placements": null})
	not placements.none({"placements": [{"region": "test-region-1"}]})
}

test_inside_takes_listed_regions if {
	placements.inside({"region": "test-region-2"}, zone)
	not placements.inside({"region": "test-region-3"}, zone)
}

test_inside_takes_no_prefix if not placements.inside({"region": "test-region"}, zone)

test_inside_needs_a_region if {
	not placements.inside({}, zone)
	not placements.inside({"region": null}, zone)
}

test_outside_takes_other_regions if {
	placements.outside({"region": "test-region-3"}, zone)
	not placements.outside({"region": "test-region-1"}, zone)
}

test_outside_is_not_unknown if {
	not placements.outside({}, zone)
	not placements.outside({"region": null}, zone)
}

test_outside_needs_a_zone if {
	not placements.outside({"region": "test-region-3"}, {})
	not placements.outside({"region": "test-region-3"}, {"regions": null})
}
