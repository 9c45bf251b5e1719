# Where placements lie: proved inside a zone, proved outside, or neither where the region is not known.
package lib.placements

# Only a list that was read and is empty says that there are none.
none(r) if r.placements == []

inside(p, zone) if p.region in zone.regions

# An unknown region is not outside, and without a zone nothing is.
outside(p, zone) if {
	is_string(p.region)
	is_array(zone.regions)
	not inside(p, zone)
}
