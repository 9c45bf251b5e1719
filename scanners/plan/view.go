package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

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
