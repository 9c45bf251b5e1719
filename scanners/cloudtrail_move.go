package scanners

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// kindEvent is the kind of an event by which data moved between two scans. AWS knows no ARN of an event: its id has the form
// arn:PARTITION:cloudtrail:REGION:ACCOUNT:event/EVENT-ID, in which region and account say where it was recorded.
const kindEvent = residency.KindEvent

// move is one kind of event that copies or sends data: how its record tells what was copied, and where it came to rest.
type move struct {
	source string // event source: ec2.amazonaws.com
	name   string // event name without an API version; another that means the same behind a bar
	role   residency.Role

	from []end // what was copied, or is sent
	to   []end // where it came to rest
	by   []end // resources by which the inventory may know the setting, where they are neither of both

	// copied: a call that names no source copies nothing (a cluster that is made new), and is no move.
	copied bool
	// sends: a call that names no destination which this version knows sends somewhere all the same.
	sends bool
	// when is a path and the value without which the call moves nothing: importMode=SPICE.
	when string
	// blind: the call switches the evidence itself off. It moves nothing and leaves a gap.
	blind bool
}

// end reads one end of a move out of a record.
type end struct {
	each    string                                // path of the members, one end each; empty: the record itself
	name    string                                // path of its name; below each, "." for the member itself, and a slash before what stands outside
	as      form                                  // how the name is understood; nil: as any destination
	region  string                                // path of its region, where the name has none
	here    bool                                  // where nothing else tells it is where the event was recorded
	account string                                // path of its account, or of the receivers of a share
	share   bool                                  // the accounts receive what stays where it is
	copy    bool                                  // the name is the copy's own: what the inventory has of that name is judged there
	role    residency.Role                        // where it is not the move's
	read    func(h Home, r *record) []Destination // instead of all that: what no path tells
}

// form understands a name that a field holds.
type form func(h Home, name string) Destination

// local is a thing of the region that h names, by ARN or by its bare name.
func local(service, prefix string) form {
	return func(h Home, name string) Destination {
		if strings.HasPrefix(name, "arn:") {
			return h.Resolve(name)
		}
		return resting(h, h.ARN(service, prefix+name))
	}
}

// worldwide is a thing whose ARN has no region.
func worldwide(service, prefix string) form {
	return func(h Home, name string) Destination {
		if strings.HasPrefix(name, "arn:") {
			return h.Resolve(name)
		}
		h.Region = ""
		return resting(h, h.ARN(service, prefix+name))
	}
}

// resting is an ARN in the normal form, in h's place.
func resting(h Home, arn string) Destination {
	d := Destination{ID: NormalARN(arn), Region: h.Region, Account: h.Account}
	if _, _, _, account, _, _ := ParseARN(d.ID); account == "" {
		d.Account = "" // a snapshot or an image may be of another account, which its name does not tell
	}
	return d
}

// elsewhere is a copy that has its source's name in another region: the region is h's, whatever the name says.
func elsewhere(as form) form {
	return func(h Home, name string) Destination {
		d := as(h, name)
		partition, service, region, account, resource, ok := ParseARN(d.ID)
		if ok && region != h.Region {
			d.ID = NormalARN("arn:" + partition + ":" + service + ":" + h.Region + ":" + account + ":" + resource)
		}
		d.Region = h.Region
		return d
	}
}

// The forms beside those of single services.
var (
	bucketName form = Home.Bucket
	keyName    form = Home.Key
	// unnamed has a place and no name that the inventory would know it by.
	unnamed form = func(h Home, _ string) Destination { return Destination{Region: h.Region, Account: h.Account} }
)

// thisAccount is whatever the account holds in the region where the event was recorded.
var thisAccount = end{read: func(h Home, _ *record) []Destination {
	return []Destination{{ID: accountARN(h), Region: h.Region, Account: h.Account}}
}}

// notTold is a place that no member of the call tells.
var notTold = end{read: func(Home, *record) []Destination { return []Destination{{}} }}

func accountARN(h Home) string { return "arn:" + h.Partition + ":iam::" + h.Account + ":root" }

// moved is an event as a resource, and what the inventory may know of it.
type moved struct {
	residency.Resource
	copies []bool   // by placement: its target is the copy itself
	by     []string // what the inventory may know the setting by, beside the sources
}

// read makes a resource of an event, without the words that tell of it. ok is false where the call moved nothing: a setting that was
// turned off, a table whose throughput was changed.
func (m *move) read(partition string, r *record) (res moved, ok bool) {
	h := Home{Partition: partition, Region: r.Region, Account: r.Recipient}
	res.Resource = residency.Resource{ID: NormalARN(h.ARN("cloudtrail", "event/"+r.ID)), Kind: kindEvent, Account: r.Recipient, Region: r.Region,
		Name: r.Name, Tags: map[string]string{}, Placements: []residency.Placement{}}
	m.readSources(h, r, &res)
	happens, told := m.happens(r)
	if m.blind || !happens || m.copied && len(res.Sources) == 0 && !r.omitted() {
		return res, false
	}
	for i := range m.to {
		role := m.role
		if m.to[i].role != "" {
			role = m.to[i].role
		}
		for _, d := range m.to[i].found(h, r) {
			p := d.Place(role, r.Name)
			if m.to[i].share && d.Account == r.Recipient { // the owner lets himself in
				continue
			}
			if !told {
				p.Region, p.Target = "", ""
			}
			if !slices.Contains(res.Placements, p) {
				res.Placements, res.copies = append(res.Placements, p), append(res.copies, m.to[i].copy)
			}
		}
	}
	if len(res.Placements) == 0 && (m.sends || r.omitted()) { // what CloudTrail left out may be anywhere
		res.Placements, res.copies = []residency.Placement{{Role: m.role, Via: r.Name}}, []bool{false}
	}
	return res, len(res.Placements) > 0
}

func (m *move) readSources(h Home, r *record, res *moved) {
	role := m.role
	if role.Carries() {
		role = "" // a copy of the data
	}
	for i := range m.from {
		for _, d := range m.from[i].found(h, r) {
			if s := d.Source(role, r.Name); d != (Destination{}) && !slices.Contains(res.Sources, s) {
				res.Sources = append(res.Sources, s)
			}
		}
	}
	for i := range m.by {
		for _, d := range m.by[i].found(h, r) {
			res.by = append(res.by, d.ID)
		}
	}
}

// happens reports whether the value that the move hangs on is the one; told is false where the record lacks it.
func (m *move) happens(r *record) (happens, told bool) {
	if m.when == "" {
		return true, true
	}
	path, want, _ := strings.Cut(m.when, "=")
	got := texts(r.values(path))
	return len(got) == 0 || strings.EqualFold(got[0], want), len(got) > 0
}

// found are the destinations that an end names in a record.
func (e *end) found(h Home, r *record) (all []Destination) {
	switch {
	case e.read != nil:
		return e.read(h, r)
	case e.each == "":
		if r.omitted() && r.Response == nil {
			return nil
		}
		return e.one(h, func(path string) []string { return texts(r.values(path)) })
	}
	for _, item := range r.values(e.each) {
		all = append(all, e.one(h, func(path string) []string {
			if outside, ok := strings.CutPrefix(path, "/"); ok {
				return texts(r.values(strings.ReplaceAll(outside, "|/", "|")))
			}
			return texts(alternatives(path, func(one string) []any { return walk(item, strings.TrimPrefix(one, ".")) }))
		})...)
	}
	return all
}

// one reads an end whose members at finds.
func (e *end) one(h Home, at func(path string) []string) (all []Destination) {
	read := func(path string) []string {
		if path == "" {
			return nil
		}
		return at(path)
	}
	if e.share {
		for _, name := range read(e.account) {
			if account, told := receiver(name); account != "" {
				all = append(all, Destination{Region: h.Region, Account: account})
			} else if !told {
				all = append(all, Destination{})
			}
		}
		return all
	}
	in := h
	stated, account := read(e.region), ""
	if owners := read(e.account); len(owners) > 0 {
		account, _ = receiver(owners[0])
		in.Account = orDefault(account, in.Account)
	}
	switch {
	case len(stated) > 0:
		in.Region = stated[0]
	case e.region != "" && !e.here:
		in.Region = ""
	}
	names := read(e.name)
	for _, name := range names {
		d := e.named(in, name)
		d.Account = orDefault(account, d.Account)
		all = append(all, d)
	}
	switch {
	case len(names) > 0:
	case e.region == "" && !e.here: // its name would have told
		all = append(all, Destination{})
	default:
		all = append(all, Destination{Region: in.Region, Account: account})
	}
	return all
}

// named is the destination behind one name, in a place where the name tells none.
func (e *end) named(in Home, name string) Destination {
	as := e.as
	if as == nil {
		as = Home.Resolve
	}
	d := as(in, name)
	if d.Region == "" && (e.region != "" || e.here) {
		d.Region = in.Region
	}
	return d
}

// receiver is the account that a value lets in: its number, that of an ARN, or "*" for everybody. It is empty for AWS's own services;
// told is false where the value tells no account.
func receiver(s string) (account string, told bool) {
	switch {
	case strings.EqualFold(s, "all"), s == "*":
		return "*", true
	case strings.HasPrefix(s, "arn:"):
		_, _, _, account, _, _ = ParseARN(s)
		return account, account != ""
	case s != "" && strings.Trim(s, "0123456789") == "" && len(s) <= 12:
		return strings.Repeat("0", 12-len(s)) + s, true // a number loses its zeros on the way
	}
	return "", strings.HasSuffix(s, ".amazonaws.com")
}
