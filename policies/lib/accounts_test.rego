package lib.accounts_test

import data.lib.accounts

test_kept if {
	every standing in ["own", "inside", "unjudged"] {
		accounts.kept({"standing": standing})
		not accounts.escaped({"standing": standing})
	}
}

test_escaped if {
	every standing in ["outside", "public"] {
		accounts.escaped({"standing": standing})
		not accounts.kept({"standing": standing})
	}
}

test_unknown_is_neither if {
	every p in [{"standing": "unknown"}, {"standing": null}, {}] {
		not accounts.kept(p)
		not accounts.escaped(p)
	}
}

test_unjudged_only_if_all_are if {
	accounts.unjudged({"placements": [{"standing": "unjudged"}]})
	accounts.unjudged({"placements": []})
	not accounts.unjudged({"placements": [{"standing": "unjudged"}, {"standing": "own"}]})
	not accounts.unjudged({"placements": [{}]})
}

test_unjudged_needs_placements if {
	not accounts.unjudged({})
	not accounts.unjudged({"placements": null})
}
