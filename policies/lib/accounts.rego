# What the account of a placement is to the organisation.
package lib.accounts

kept(p) if p.standing in {"own", "inside", "unjudged"}

escaped(p) if p.standing in {"outside", "public"}

# True also of an empty list: there is no account to judge.
unjudged(r) if {
	is_array(r.placements)
	every p in r.placements {
		p.standing == "unjudged"
	}
}
