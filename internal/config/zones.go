package config

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func (r *reader) zones(f fields) []residency.Zone {
	v, ok := f.of["zones"]
	switch {
	case !ok:
		r.fail(f.place, "the file has no \"zones\": add zones: {eu: {name: European Union, regions: [eu-west-1]}}, say")
		return nil
	case v.kind != mappingKind:
		r.wrongType(v, `"zones"`, "a mapping", "write {eu: {name: European Union, regions: [eu-west-1]}}, say")
		return nil
	case len(v.pairs) == 0:
		r.fail(v.place, "\"zones\" is empty: add at least one, such as eu: {name: European Union, regions: [eu-west-1]}")
		return nil
	}
	r.unique(v)
	var zones []residency.Zone
	for _, p := range v.pairs {
		r.zoneID(p.key)
		zones = append(zones, r.zone(p.key, p.value))
	}
	return zones
}

// zoneID refuses what could not be a tag's value, a file's name and a word of the command line alike.
func (r *reader) zoneID(key value) {
	id := key.text
	switch {
	case key.kind == numberKind:
		r.fail(key.place, "the zone id %s is a number: quote it", clip(id))
	case id == residency.NoZone:
		r.fail(key.place, "the zone id %q is reserved for stores without customer data: choose another", id)
	case len(id) > 63, id == "", strings.Trim(id[:1], letters+digits) != "", strings.Trim(id, letters+digits+"-_.") != "":
		r.fail(key.place, "the zone id %s is not usable: start with a letter or digit, then letters, digits, -, _ and ., at most 63", quoted(id))
	}
}

const (
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	digits  = "0123456789"
)

func (r *reader) zone(key, v value) residency.Zone {
	if v.kind == textKind {
		return r.shippedZone(key, v)
	}
	what := "zone " + quoted(key.text)
	f := r.fields(v, what, "name", "regions", "promise")
	z := residency.Zone{ID: key.text, Name: f.text("name"), Promise: f.flag("promise", true)}
	listed := f.of["regions"]
	if !f.has("regions") || listed.kind == nullKind || listed.kind == listKind && len(listed.items) == 0 {
		r.fail(key.place, "%s has no regions: list them, as in regions: [eu-west-1]", what)
	}
	z.Regions = r.regions(f)
	return z
}

func (r *reader) shippedZone(key, v value) residency.Zone {
	z, ok := r.shipped[key.text]
	ids := make([]string, 0, len(r.shipped))
	for id := range r.shipped {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	what := "zone " + quoted(key.text)
	switch {
	case v.text != "shipped":
		r.wrongType(v, what, "a mapping or the word shipped", "write {name: …, regions: [eu-west-1]}, say")
	case !ok && len(ids) == 0:
		r.fail(v.place, "%s is not shipped, none is: write {name: …, regions: [eu-west-1]}, say", what)
	case !ok:
		r.fail(v.place, "%s is not shipped: use %s, or list its regions", what, oneOf(ids))
	}
	z.ID, z.Regions = key.text, slices.Clone(z.Regions)
	return z
}

// regions reads the key "regions": known ones of one partition, each once.
func (r *reader) regions(f fields) []string {
	var out []string
	seen := make(map[string]int)
	for _, v := range f.filled("regions", "[eu-west-1, eu-central-1], say") {
		id := r.region(v, `an item of "regions"`)
		if r.err != nil {
			return nil
		}
		r.once(seen, id, v.place, "region")
		if len(out) > 0 && Partition(id) != Partition(out[0]) {
			r.fail(v.place, "region %s is of partition %s, but %s of %s: keep to one partition", id, Partition(id), out[0], Partition(out[0]))
		}
		out = append(out, id)
	}
	return out
}

// region reads one region that the table knows.
func (r *reader) region(v value, name string) string {
	id := r.text(v, name)
	if r.err == nil && !KnownRegion(id) {
		r.unknownRegion(v.place, id)
	}
	return id
}

// unknownRegion says what is wrong with a region as people write them: globs, prefixes, availability zones, slips.
func (r *reader) unknownRegion(at place, id string) {
	all := allRegions()
	lower := strings.ToLower(id)
	var longer []string
	for _, known := range all {
		if strings.HasPrefix(known, lower) {
			longer = append(longer, known)
		}
		if after, ok := strings.CutPrefix(lower, known); ok && after != "" && strings.Trim(after[:1], digits) != "" &&
			strings.Trim(after, letters+digits+"-") == "" {
			r.fail(at, "%s is a zone within a region: write %s", quoted(id), known)
			return
		}
	}
	meant := nearest(id, all)
	switch {
	case strings.ContainsAny(id, "*?"):
		r.fail(at, "region %s has a wildcard: list each region by its full name", quoted(id))
	case id == "all":
		r.fail(at, "region \"all\" in a list: only aws.regions takes it, as regions: all without brackets")
	case meant != "" && strings.EqualFold(meant, id):
		r.fail(at, "unknown region %s: did you mean %q?", quoted(id), meant)
	case len(longer) > 0:
		r.fail(at, "%s is only the beginning of a region: write %s in full", quoted(id), oneOf(longer))
	case meant != "":
		r.fail(at, "unknown region %s: did you mean %q?", quoted(id), meant)
	default:
		r.fail(at, "unknown region %s: write an AWS region such as eu-west-1 (known are those of %s)", quoted(id), RegionsAsOf)
	}
}

// shared finds two zones with a region in common.
func shared(zones []residency.Zone) (first, second residency.Zone, region string, ok bool) {
	holder := make(map[string]residency.Zone)
	for _, z := range zones {
		for _, id := range z.Regions {
			if other, taken := holder[id]; taken {
				return other, z, id, true
			}
			holder[id] = z
		}
	}
	return residency.Zone{}, residency.Zone{}, "", false
}
