package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Known is what is known of a resource that the change refers to and does not describe.
type Known struct {
	ID      string // its ARN
	Kind    string
	Region  string
	Account string
}

// Outside finds what lies outside the change by its ARN, in the last scan say.
type Outside interface {
	// Find reports ok false for what is not there.
	Find(arn string) (k Known, ok bool)
}

// nowhere is an Outside that knows nothing.
type nowhere struct{}

func (nowhere) Find(string) (Known, bool) { return Known{}, false }

// world is all that the settings of one change may refer to: the things of every input, and what lies outside.
type world struct {
	partition string
	things    map[string]*thing // by address
	byARN     map[string]*thing // by symbolic ARN; nil for one that two things share
	outside   Outside
	regions   []string // of the partition, sorted
	notes     []string
	deleted   []string        // ARNs of what the change deletes
	wanted    map[string]bool // ARNs outside that a setting names
	stacks    []*stack        // of every template
	exports   []export        // what they offer to each other
	input     string          // that is being indexed
	removes   map[string]bool // inputs that delete something of AWS, or let go of it
}

func newWorld(partition string, regions []string, outside Outside) *world {
	if outside == nil {
		outside = nowhere{}
	}
	return &world{partition: partition, things: map[string]*thing{}, byARN: map[string]*thing{}, outside: outside, regions: regions,
		wanted: map[string]bool{}, removes: map[string]bool{}}
}

// unique is the address of a thing of an input: with the input's name in front where another input has the same address.
func (w *world) unique(input, address string) string {
	if _, taken := w.things[address]; taken {
		return input + ":" + address
	}
	return address
}

// add makes a thing known to the settings of the others.
func (w *world) add(t *thing) {
	w.things[t.address], t.input = t, w.input
	t.describe(w.partition)
	for _, arn := range []string{t.arn, t.lives} {
		if arn == "" || t.row.settings != nil {
			continue
		}
		if other, twice := w.byARN[arn]; twice && other != t {
			w.byARN[arn] = nil
			continue
		}
		w.byARN[arn] = t
	}
}

// isRegion reports whether a text names a region of the partition.
func (w *world) isRegion(s string) bool {
	_, ok := slices.BinarySearch(w.regions, s)
	return ok
}

// regionOfZone is the region of an availability zone by its name alone: eu-west-1a. A Local or Wavelength Zone belongs to its
// parent region but stands in another city, and a plan does not say in which country: empty.
func (w *world) regionOfZone(zone string) string {
	if n := len(zone) - 1; n > 0 && w.isRegion(zone[:n]) && zone[n] >= 'a' && zone[n] <= 'z' {
		return zone[:n]
	}
	return ""
}

// target is what a setting points to.
type target struct {
	id      string // address of a thing of the change, else ARN or host; empty where not even that is known
	region  string
	account string
	why     string // why the region is not known, and what would tell
	unowned bool   // whose it is is not known either
	thing   *thing
}

// unownedMark stands for the account of a placement at an unowned target until the resource is handed over.
const unownedMark = mark + because + "whose it is" + mark

// place makes a placement of it.
func (t target) place(role residency.Role, via string) residency.Placement {
	if t.region == "" && t.why != "" {
		via = strings.TrimPrefix(via+": "+t.why, ": ")
	}
	if t.unowned && role.Carries() {
		t.account = unownedMark
	}
	return residency.Placement{Role: role, Region: t.region, Account: t.account, Target: t.id, Via: via}
}

func (t target) source(role residency.Role, via string) residency.Source {
	return residency.Source{ID: t.id, Role: role, Region: t.region, Account: t.account, Via: via}
}

// service is that of the target's ARN: logs, lambda. Empty where it is not known.
func (t target) service() string {
	arn := t.id
	if t.thing != nil {
		arn = t.thing.row.arn
	}
	parts := strings.SplitN(arn, ":", 4)
	if len(parts) < 4 {
		return ""
	}
	return parts[2]
}

// of is the target that a thing of the change is.
func (w *world) of(t *thing) target {
	if t.row.settings != nil {
		if t.asking {
			return target{why: t.address + " belongs to itself"}
		}
		t.asking = true
		defer func() { t.asking = false }()
		return t.row.settings(view{w: w, t: t, at: t.attributes()})
	}
	why := ""
	if t.region == "" && !t.row.global {
		why = t.unsaid
	}
	return target{id: t.address, region: t.region, account: t.account, why: why, thing: t}
}

// holds reports whether something is known of a target besides its name: it is a thing of the change, or the last scan saw it.
func (w *world) holds(t target) bool {
	if t.thing != nil {
		return true
	}
	_, ok := w.outside.Find(t.id)
	return ok
}

// find follows a name that was understood: to a thing of the change, to what lies outside, or to what the name itself tells.
func (w *world) find(d locate.Destination) target {
	if t := w.byARN[d.ID]; t != nil {
		return w.of(t)
	}
	if token, ok := soleToken(d.ID); ok {
		if t := w.things[token]; t != nil {
			return w.of(t)
		}
	}
	if _, _, _, account, _, ok := locate.ParseARN(d.ID); ok && account == ownUnsaid { // of the change's own account
		if only := strings.Replace(d.ID, ":"+ownUnsaid+":", "::", 1); known(only) {
			d.ID, d.Account = only, ""
		}
	}
	if !known(d.ID) {
		to := target{region: d.Region, account: d.Account}
		if !known(to.region) {
			to.region = ""
		}
		if !known(to.account) {
			to.account = ""
		}
		if to.region == "" {
			to.why = shown(d.ID) + " is not known before the deployment"
			if reason := missing(d.Region + d.ID); reason != "" {
				to.why = reason
			}
			to.unowned = to.account == "" && d.Account != ownUnsaid
		}
		return to
	}
	w.wanted[d.ID] = true
	if k, ok := w.outside.Find(d.ID); ok {
		return target{id: k.ID, region: k.Region, account: k.Account}
	}
	to := target{id: d.ID, region: d.Region, account: d.Account}
	if to.region == "" {
		to.why = "it is not in the change: name the last scan with --with"
		to.unowned = to.account == "" && strings.HasPrefix(to.id, "arn:")
		if _, none := w.outside.(nowhere); !none {
			to.why = "it is neither in the change nor in the scan of --with: scan where it lies"
		}
	}
	return to
}

// ofKind are the things of one kind, in the order of their addresses. What only declares settings is none.
func (w *world) ofKind(kind string) (all []*thing) {
	for _, t := range w.things {
		if t.row.kind == kind && t.row.settings == nil {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *thing) int { return strings.Compare(a.address, b.address) })
	return all
}

// sameHome reports whether two things are of one account and region, as far as either is known.
func sameHome(a, b *thing) bool {
	return a.region == b.region && a.account == b.account && (a.region != "" || a.unsaid == b.unsaid)
}

// regionOf is a place that only a region names.
func (w *world) regionOf(region string) target {
	if !known(region) {
		return target{why: orElse(missing(region), "the region is known only after the deployment")}
	}
	if !w.isRegion(region) {
		return target{why: strconv.Quote(region) + " is no region of partition " + w.partition}
	}
	return target{region: region}
}

// soleToken is the address in an ARN whose name is nothing but a token.
func soleToken(arn string) (address string, ok bool) {
	_, _, _, _, resource, isARN := locate.ParseARN(arn)
	if !isARN {
		resource = arn
	}
	if len(resource) < 3 || resource[0] != mark[0] || resource[len(resource)-1] != mark[0] {
		return "", false
	}
	token := resource[1 : len(resource)-1]
	return plainText.Replace(token), known(token) && !strings.HasPrefix(token, because)
}
