package plan

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/grant"
	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// onto gives the view of another resource of which the settings say something too.
func (v view) onto(to target) view {
	v.held, v.out = to, &draft{}
	return v
}

// through gives the view of another thing of the change, whose settings decide something of this one. ok is false where it is none.
func (v view) through(to target) (other view, ok bool) {
	if to.thing == nil {
		return v, false
	}
	v.t, v.at, v.path = to.thing, to.thing.attributes(), ""
	return v, true
}

// tell hands over what was said of another resource, where there is one: in the change, or in the last scan.
func (v view) tell(other view) {
	if v.w.holds(other.held) {
		v.out.others = append(v.out.others, other)
	}
}

// copyOf says that the holder is a copy of what the attribute points to: a source here, a placement there. An edge that is seen
// from both sides is one edge, and it is judged where the copied resource is, if that is known.
func (v view) copyOf(role residency.Role, label, path string, as form) {
	v.copied(role, label, path, v.targets(path, as))
}

func (v view) copied(role residency.Role, label, path string, all []target) {
	for _, from := range all {
		v.out.sources = append(v.out.sources, from.source(role, v.via(path, label)))
		origin := v.onto(from)
		origin.add(v.held.place(role, v.via(path, label)))
		v.tell(origin)
	}
}

// targetsIn are those of a name that is understood in the region which another attribute gives, if it gives one.
func (v view) targetsIn(path, region string, as form) []target {
	in := v.get(region)
	if in.empty() {
		return v.targets(path, as)
	}
	name := v.text(region)
	all := v.targets(path, func(h locate.Home, s string) locate.Destination {
		h.Region = orElse(name, tokenBecause(orElse(in.text, "the region is known only after the deployment")))
		return as(h, s)
	})
	for i := range all {
		if all[i].region == "" && name != "" {
			all[i].region, all[i].why = name, ""
		}
	}
	return all
}

// shareWith reads a list of accounts by their ids, in which one word may stand for everybody.
func (v view) shareWith(role residency.Role, label, path, everybody string) {
	for _, account := range v.get(path).blocks() {
		switch {
		case account.kind != text || !known(account.text):
			v.gap("policy", residency.ClassUnresolved, v.via(path, label)+" is known only after the deployment: whom it lets in cannot be told")
		case account.text == everybody:
			v.add(v.ownPlace(residency.Everybody).place(role, v.via(path, label)))
		case account.text != "" && account.text != v.ownAccount():
			v.add(v.ownPlace(account.text).place(role, v.via(path, label)))
		}
	}
}

// share reads a resource policy: who else is let in is a placement with the receiver's account. role is that of the resource.
func (v view) share(path string, role residency.Role, service string) {
	val := v.get(path)
	if val.empty() {
		return
	}
	document, ok := v.document(val, writing{})
	if !ok {
		v.gap("policy", residency.ClassUnresolved, v.via(path, "policy")+" is not known before the deployment: whom it lets in cannot be told")
		return
	}
	found, open, err := grant.Readers(document, service, "")
	if err != nil {
		v.gap("policy", residency.ClassMalformed, v.via(path, "policy")+": "+err.Error())
		return
	}
	if len(open) > 0 {
		v.gap("policy", residency.ClassUnresolved, v.via(path, "policy")+" lets in principals whose account it does not tell: statement "+strings.Join(open, ", "))
	}
	for _, g := range found {
		if g.Account != v.ownAccount() {
			v.add(v.ownPlace(g.Account).place(role, v.via(path, g.Via)))
		}
	}
	if narrow, _ := v.document(val, writing{narrow: true}); narrow != document {
		if more, _, err := grant.Readers(narrow, service, ""); err != nil || !slices.Equal(more, found) {
			v.gap("policy", residency.ClassUnresolved, v.via(path, "policy")+" denies by resources that are not known before the deployment: whom it lets in cannot be told")
		}
	}
}
