package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-1578181b/domicile/internal/grant"
	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// view is a thing's attributes as a row reads them: the whole, or one block. What it finds goes to the draft.
type view struct {
	w    *world
	t    *thing // that declares
	held target // whose settings these are: the thing itself, or the one that it declares settings of
	at   Value
	path string // of the block, for a reader: rule[0].destination[0]
	out  *draft
}

// draft is what the settings of one thing come to: for its own resource, or for the holder's.
type draft struct {
	placements []residency.Placement
	sources    []residency.Source
	gaps       []residency.Gap
	facts      map[string]any
	others     []view // with what the settings say of other resources
	covers     []covers
}

// get is the attribute at a path of names with dots between; indexes are left out, as in the catalogue. Where a list of several
// blocks lies on the way it is the caller who walks them: see each.
// An empty path is an attribute that the language does not have.
func (v view) get(path string) Value {
	if path == "" {
		return Value{}
	}
	at, _ := v.walk(path)
	if at.silent {
		return Value{}
	}
	return at
}

// walk goes to the value at a path, and gives the path as the language of the thing spells it.
func (v view) walk(path string) (at Value, spelled string) {
	at = v.at
	names := strings.Split(path, ".")
	for i, name := range names {
		names[i] = v.spell(at, name)
		at = at.field(names[i])
	}
	return at, strings.Join(names, ".")
}

// spell is the name of an attribute in the language of the thing. Rows name them as Terraform does (log_group_name), with a bar
// between two where the languages differ by more than their spelling (variant|variants); CloudFormation writes LogGroupName.
func (v view) spell(at Value, name string) string {
	either := strings.Split(name, "|")
	if at.kind == list && len(at.list) == 1 {
		at = at.list[0]
	}
	for _, one := range either {
		if _, ok := at.fields[one]; ok {
			return one
		}
	}
	if !v.t.row.template() {
		return either[0]
	}
	for _, one := range either {
		for given := range at.fields {
			if strings.EqualFold(given, strings.ReplaceAll(one, "_", "")) {
				return given
			}
		}
	}
	return pascal(either[len(either)-1])
}

// pascal writes log_group_name as LogGroupName.
func pascal(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// each are the blocks at a path, one after the other through every list on the way. Blocks whose number is not known are one block
// of which nothing is known.
//
// A block of which nothing is given, not even by a configuration that is not known yet, is no block: each leaves it out only where the
// provider would fill it in (see row.filled and declared).
func (v view) each(path string) []view {
	views := []view{v}
	for _, name := range strings.Split(path, ".") {
		var next []view
		for _, parent := range views {
			member, name := parent.at, v.spell(parent.at, name)
			if member.kind == object {
				member = member.fields[name]
			}
			blocks := member.blocks()
			for i, b := range blocks {
				child := parent
				if b.silent && slices.Contains(v.t.row.filled, strings.TrimPrefix(parent.path+"."+name, ".")) {
					continue
				}
				b.silent = false // a dynamic block of which nobody knows how many there will be has no words in the configuration
				child.at, child.path = b, strings.TrimPrefix(parent.path+"."+name, ".")
				if member.kind == list {
					child.path += "[" + strconv.Itoa(i) + "]"
				}
				next = append(next, child)
			}
		}
		views = next
	}
	return views
}

// declared are the blocks at a path that the configuration gives: for attributes that a provider fills in by itself.
func (v view) declared(path string) []view {
	if got, _ := v.walk(path); got.silent || got.kind == unknown && got.text == "" {
		return nil
	}
	return v.each(path)
}

// text is a known text or "".
func (v view) text(path string) string {
	if got := v.get(path); got.kind == text && known(got.text) {
		return got.text
	}
	return ""
}

// open reports whether an attribute is set and not known.
func (v view) open(path string) bool {
	got := v.get(path)
	return got.kind == unknown || got.kind == reference || got.kind == text && !known(got.text)
}

// set reports whether something is given at the path, known or not.
func (v view) set(path string) bool { return !v.get(path).empty() }

// is reports whether the attribute is known to be one of these, without regard to case. What is not known is none.
func (v view) is(path string, words ...string) bool {
	got := v.text(path)
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, got) })
}

// off reports whether a switch is known to be off: set to false, or not set at all where absence means off.
func (v view) off(path string, absentMeansOff bool) bool {
	return v.is(path, "false") || absentMeansOff && !v.set(path)
}

// firstSet is the first of several paths at which something is given, else the first.
func (v view) firstSet(paths ...string) string {
	for _, path := range paths {
		if v.set(path) {
			return path
		}
	}
	return paths[0]
}

// via names the setting for a reader: the address that declares it and the attribute, as a place to edit.
func (v view) via(path, label string) string {
	_, path = v.walk(path)
	full := strings.Trim(v.path+"."+path, ".")
	return strings.TrimSuffix(v.t.address+" "+full+" ("+strings.TrimSpace(label)+")", " ()")
}

// place adds a placement at what the attribute points to. Nothing is added where the attribute is not set.
func (v view) place(role residency.Role, label, path string, as form) {
	for _, to := range v.targets(path, as) {
		v.out.placements = append(v.out.placements, to.place(role, v.via(path, label)))
	}
}

// must is place for what the service does not work without: where nothing is given, nobody knows where.
func (v view) must(role residency.Role, label, path string, as form) {
	if !v.set(path) {
		v.add(residency.Placement{Role: role, Via: v.via(path, label) + ": it is not given"})
	}
	v.place(role, label, path, as)
}

// placeOwned is place, with the account of the target in an attribute of its own.
func (v view) placeOwned(role residency.Role, label, path, account string, as form) {
	for _, to := range v.targets(path, as) {
		v.own(&to, account)
		v.out.placements = append(v.out.placements, to.place(role, v.via(path, label)))
	}
}

// own takes over the owner that a setting names beside its target.
func (v view) own(to *target, account string) {
	if named := v.text(account); named != "" && to.thing == nil {
		to.account, to.unowned = named, false
	}
}

// from adds a source at what the attribute points to.
func (v view) from(role residency.Role, label, path string, as form) {
	for _, to := range v.targets(path, as) {
		v.out.sources = append(v.out.sources, to.source(role, v.via(path, label)))
	}
}

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

// zoned places what stands in an availability zone, or on an Outpost in the customer's building, wherever that is.
func (v view) zoned(role residency.Role, zone, outpost string) {
	name := v.text(zone)
	switch {
	case v.set(outpost):
		v.add(residency.Placement{Role: role, Via: v.via(outpost, "on an Outpost") + ": in the customer's building, wherever that is"})
	case name != "" && v.w.regionOfZone(name) == "":
		v.add(residency.Placement{Role: role, Via: v.via(zone, "zone "+name) + ": a Local or Wavelength Zone stands in another city, and a plan does not say in which country"})
	default:
		v.here(role, "")
	}
}

// here adds a placement where the holder itself is, for what the service keeps with it.
func (v view) here(role residency.Role, label string) {
	v.add(v.ownPlace("").place(role, label))
}

// ownPlace is the holder's own place, seen by an account: a share, or its own where that is empty.
func (v view) ownPlace(account string) target {
	to := target{region: v.held.region, account: account}
	if to.region == "" {
		to.why = v.held.why
	}
	return to
}

// add adds a placement that was made otherwise.
func (v view) add(p residency.Placement) { v.out.placements = append(v.out.placements, p) }

// gap records that something of the thing cannot be told. call names the attribute; its facts stand in Facts.
func (v view) gap(call string, class residency.GapClass, detail string) {
	v.out.gaps = append(v.out.gaps, residency.Gap{Call: call, Class: class, Detail: detail})
}

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

// label is a text to tell blocks apart by, or their number.
func (v view) label(path string, i int) string {
	if s := v.text(path); s != "" {
		return s
	}
	return fmt.Sprint(i + 1)
}

func orElse(s, d string) string {
	if s == "" {
		return d
	}
	return s
}
