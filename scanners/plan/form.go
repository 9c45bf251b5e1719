package plan

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
)

// form understands what an attribute's text names, at the place of the thing that has it.
type form func(h locate.Home, s string) locate.Destination

// The forms of names.
func asBucket(h locate.Home, s string) locate.Destination { return h.Bucket(s) }
func asARN(h locate.Home, s string) locate.Destination    { return h.Resolve(s) }
func asKey(h locate.Home, s string) locate.Destination    { return perhapsARN(s, h.Key(s)) }

// copyKey is the key of a copy: only an ARN tells where it is, an id names a key at the copy's own place.
func copyKey(h locate.Home, s string) locate.Destination {
	if strings.HasPrefix(s, "arn:") {
		return h.Key(s)
	}
	return locate.Destination{ID: s}
}

// asLocal is a bare name of the same account and region, or an ARN: a text that begins with what nobody knows may be either.
func asLocal(service, prefix string) form {
	named := asNamed(service, prefix)
	return func(h locate.Home, s string) locate.Destination {
		return perhapsARN(s, named(h, s))
	}
}

// perhapsARN takes the place from what a text names that begins with something unknown: it may be the ARN of another region.
func perhapsARN(s string, d locate.Destination) locate.Destination {
	if strings.HasPrefix(s, mark+because) {
		d.Region, d.Account = tokenBecause(missing(s)), ""
	}
	return d
}

// asNamed is the name of one of the same account and region, where the service takes nothing else.
func asNamed(service, prefix string) form {
	return func(h locate.Home, s string) locate.Destination {
		if strings.HasPrefix(s, "arn:") {
			return h.Resolve(s)
		}
		return h.Local(service, prefix+s)
	}
}

// asRegion is the name of a region.
func asRegion(_ locate.Home, s string) locate.Destination { return locate.Destination{Region: s} }

// targets are what the attribute at a path points to: one for each value of a list.
func (v view) targets(path string, as form) (all []target) {
	return v.targetsOf(v.get(path), as)
}

func (v view) targetsOf(val Value, as form) (all []target) {
	switch val.kind {
	case absent, object:
		return nil
	case list:
		for _, one := range val.list {
			all = append(all, v.targetsOf(one, as)...)
		}
		return all
	case unknown:
		return []target{{why: orElse(val.text, "it is known only after the deployment"), unowned: !namesRegion(as)}}
	case reference:
		return []target{v.follow(val, as)}
	}
	if val.text == "" {
		return nil
	}
	d := as(v.t.home(v.w.partition), val.text)
	if d.ID == "" { // a region
		return []target{v.w.regionOf(d.Region)}
	}
	return []target{v.w.find(d)}
}

// namesRegion reports whether a form understands no names, only regions.
func namesRegion(as form) bool { return as(locate.Home{}, "x").ID == "" }

// contents are the attributes that do not name a thing but hold what somebody put into it.
var contents = []string{"value", "insecure_value", "secret_string", "result", "output", "outputs", "json"}

// follow goes to the thing that a reference names.
func (v view) follow(val Value, as form) target {
	t := v.w.things[val.text]
	switch {
	case t == nil:
		return target{why: val.text + " is not in the change", unowned: true}
	case slices.Contains(contents, strings.ToLower(val.attr)):
		return target{why: "what stands in " + val.text + " is known only after the deployment", unowned: !namesRegion(as)}
	case namesRegion(as): // only where it is, not what it is
		to := v.w.of(t)
		if !strings.HasSuffix(strings.ToLower(val.attr), "region") {
			return target{why: orElse(to.why, val.attr+" of "+val.text+" is known only after the deployment")}
		}
		return target{region: to.region, why: to.why}
	}
	return v.w.of(t)
}
