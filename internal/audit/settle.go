package audit

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// settle says how a violation stands whose matter was examined, and which is seen no more.
func (b *bench) settle(i int) {
	v := &b.past.entries[i]
	v.State = residency.ViolationEnded
	switch b.past.settings[i] {
	case settingThere:
		v.Detail = "the placement is still there, and is judged otherwise now"
		if v.Role == "" {
			v.Detail = "the resource is still there, and is judged otherwise now"
		}
		return
	case settingRetold:
		v.Detail = "the placement is still there, and more is known of its destination now"
		return
	}
	gone := "the setting has gone"
	switch {
	case v.Kind == residency.KindEvent:
		gone = "it happened between two scans"
	case !b.past.sight(v.Resource).there:
		gone = "the resource has gone"
	}
	where, remains := b.remains(v)
	switch {
	case !remains:
		v.Detail = gone + where
	case b.inside(v):
		v.Detail = gone + ", and copies at " + where + " are inside the zone now"
	case b.cleaned(v, gone, where):
	default:
		v.State = residency.ViolationStopped
		v.Detail = fmt.Sprintf("stopped, copies may remain at %s (last seen failing on %s)", where, v.LastSeen.UTC().Format(time.DateOnly))
	}
}

// leave says that a violation was not examined: it stays as it was, what had stopped too, and what a waiver lets stand for as long as it
// is valid.
func (b *bench) leave(i int, why string) {
	v := &b.past.entries[i]
	v.State, v.Detail = residency.ViolationNotReexamined, why
	was := b.past.before[i]
	switch {
	case was.state == residency.ViolationStopped, was.state == residency.ViolationWaived && was.detail != "" && b.allowed(v).ref != nil:
		v.State, v.Detail = was.state, was.detail
	case was.state == residency.ViolationWaived && was.detail == "":
		if allowed := b.allowed(v); allowed.ref != nil {
			v.State, v.Detail = residency.ViolationWaived, "not re-examined ("+why+"); it stands under waiver "+allowed.ref.ID
		}
	}
}

// remains says where a violation that is seen no more may have left copies, and whether it may; if not, in words why. A share is access, not a copy; keys,
// capabilities and what only passes data on leave none.
func (b *bench) remains(v *residency.OpenViolation) (where string, may bool) {
	account, event := cmp.Or(v.Account, v.ResourceAccount), v.Kind == residency.KindEvent
	switch {
	case !v.Role.Stores() && v.Role != residency.Metadata:
		return "", false
	case v.Target == "" && v.Region == v.ResourceRegion && account != v.ResourceAccount:
		return "", false
	case v.Target == "" && v.Region == v.ResourceRegion && !event: // the copy is the resource itself
		where, may = v.Resource, b.past.sight(v.Resource).there || b.cover.unlisted(v.Kind, v.Resource, account, v.Region) != ""
	case v.Target == "": // it has no name by which a listing could show it
		return cmp.Or(v.Region, "a place that is not known") + " of account " + account, true
	case b.past.sight(v.Target).empty:
		return ", and AWS lists nothing in " + v.Target, false
	default:
		where, may = v.Target, v.OwnerUnknown || b.past.sight(v.Target).there || b.cover.unlisted("", v.Target, account, v.Region) != ""
	}
	if !may {
		where = ", and a whole listing shows " + where + " no more"
	}
	return where, may
}

// inside reports whether the place of the copies is inside the zone by now. What is shared, and what the user's own controls ask, is no
// question of the place.
func (b *bench) inside(v *residency.OpenViolation) bool {
	c, z := b.controlOf(v.Control), slices.IndexFunc(b.judge.Zones, func(z residency.Zone) bool { return z.ID == v.Zone })
	if c < 0 || z < 0 || b.controls[c].Own || slices.Contains(b.controls[c].Needs, residency.FactSharing) {
		return false
	}
	region := b.graph.Region(&residency.Placement{Region: v.Region, Target: v.Target})
	return region != "" && b.judge.Zones[z].Contains(region) && b.accounts.Standing(v.ResourceAccount, v.Account).Inside()
}

// cleanup is a record with its globs taken apart.
type cleanup struct {
	residency.Cleanup
	resource, region, account, target residency.Glob
}

func cleanupsOf(list []residency.Cleanup) (all []cleanup) {
	for _, c := range list {
		all = append(all, cleanup{c, orAny(c.Resource), orAny(c.To.Region), orAny(c.To.Account), orAny(c.To.Target)})
	}
	return all
}

// cleaned reports whether a record closes the violation, or a waiver lets the copies stand.
func (b *bench) cleaned(v *residency.OpenViolation, gone, where string) bool {
	account, target := cmp.Or(v.Account, v.ResourceAccount), v.Target
	if target == "" && v.Region == v.ResourceRegion {
		target = v.Resource
	}
	for _, c := range b.past.cleanups {
		if (c.Control == "" || c.Control == v.Control) && c.resource.Match(v.Resource) && c.region.Match(v.Region) && c.account.Match(account) && c.target.Match(target) &&
			!c.Date.Before(v.LastSeen.UTC().Truncate(24*time.Hour)) && !c.Date.After(b.past.run) {
			v.Detail = fmt.Sprintf("%s; copies at %s were removed on %s by %s, approved by %s (%s)", gone, where, c.Date.Format(time.DateOnly), c.Who, c.Approver, c.Ticket)
			return true
		}
	}
	allowed := b.allowed(v)
	if allowed.ref != nil {
		v.State, v.Detail = residency.ViolationWaived, gone+"; copies at "+where+" stand under waiver "+allowed.ref.ID
	}
	return allowed.ref != nil
}

// allowed asks the register about the copies that a violation left.
func (b *bench) allowed(v *residency.OpenViolation) ruling {
	if b.register == nil {
		return ruling{}
	}
	h := holder{control: v.Control, resource: v.Resource, account: v.ResourceAccount, region: v.ResourceRegion, zone: v.Zone}
	return b.register.rule(h, []destination{{string(v.Role), v.Region, cmp.Or(v.Account, v.ResourceAccount), v.Target}})
}
