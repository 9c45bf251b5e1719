package audit

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The truth of a small estate, what a night sees of it, and a plain model of how its violations live. Nothing here knows how the judge
// does it: it is slow, and goes by the words of the contract.

const foreignAccount = "999999999999"

// truth is the estate as it is.
type truth struct {
	things map[string]*thing // by id
	ids    []string
	day    int
}

// thing is a resource, in the inventory or not.
type thing struct {
	id, kind, scanner, account, region string
	tag                                string // the zone that it is tagged with
	exists                             bool
	hidden                             bool // of an account that is never scanned
	edges                              []edge
	source                             string // its own record says that it is a copy of this
}

// edge is a setting.
type edge struct {
	on      bool
	role    residency.Role
	call    string // that tells of it
	target  string // id; empty: none is told
	region  string
	account string // as the setting tells it
}

// night is what one night cannot see.
type night struct {
	blind    map[string]string // line "scanner account region" to a form of blindness
	gaps     map[string][]string
	unread   bool // the organisation's accounts
	accounts []string
	scanners map[string]string
	cleanups []string // targets of records of this night
	half     map[string]bool
}

var zoneRegions = map[string][]string{"eu": {"eu-west-1", "eu-central-1"}, "au": {"ap-southeast-2"}, "us": {"us-east-1"}}

var roleControls = map[residency.Role]string{residency.Primary: "RES-002", residency.Replica: "RES-001", residency.Log: "RES-004", residency.Metadata: "RES-010"}

func newTruth(r *rand.Rand) *truth {
	w := &truth{things: map[string]*thing{}}
	add := func(t *thing) {
		t.exists = true
		w.things[t.id], w.ids = t, append(w.ids, t.id)
	}
	account := func() string { return []string{ownAccount, otherAccount}[r.IntN(2)] }
	for i := range 2 {
		add(&thing{id: fmt.Sprintf("arn:aws:s3:::copy-%d", i), kind: "s3.bucket", scanner: "s3", account: account(), region: "us-east-1"})
	}
	add(&thing{id: "arn:aws:s3:::foreign", kind: "s3.bucket", scanner: "s3", account: foreignAccount, region: "us-east-1", hidden: true})
	add(&thing{id: "arn:aws:logs:us-east-1:222222222222:log-group:copy-0", kind: "cloudwatchlogs.group", scanner: "cloudwatchlogs", account: otherAccount, region: "us-east-1"})
	bucketTo := func(role residency.Role, call, id string) edge {
		to := w.things[id]
		e := edge{on: r.IntN(2) == 0, role: role, call: call, target: id, region: to.region, account: to.account}
		if to.hidden {
			e.account = "" // nobody says whose it is
		}
		return e
	}
	add(&thing{id: "arn:aws:s3:::mid-0", kind: "s3.bucket", scanner: "s3", account: account(), region: "eu-west-1", edges: []edge{bucketTo(residency.Replica, "GetBucketReplication", "arn:aws:s3:::copy-0")}})
	for i := range 2 {
		add(&thing{id: fmt.Sprintf("arn:aws:s3:::s-%d", i), kind: "s3.bucket", scanner: "s3", account: account(), region: "eu-west-1", tag: "eu", edges: []edge{
			bucketTo(residency.Replica, "GetBucketReplication", "arn:aws:s3:::copy-0"),
			bucketTo(residency.Replica, "GetBucketReplication", "arn:aws:s3:::copy-1"),
			bucketTo(residency.Replica, "GetBucketReplication", "arn:aws:s3:::mid-0"),
			bucketTo(residency.Log, "GetBucketLogging", "arn:aws:s3:::copy-1"),
			bucketTo(residency.Metadata, "ListBucketInventoryConfigurations", "arn:aws:s3:::copy-0"),
			bucketTo(residency.Replica, "GetBucketReplication", "arn:aws:s3:::foreign"),
			{on: r.IntN(3) == 0, role: residency.Primary, call: "GetBucketPolicy", region: "eu-west-1", account: foreignAccount},
		}})
	}
	add(&thing{id: "arn:aws:logs:eu-west-1:111111111111:log-group:app", kind: "cloudwatchlogs.group", scanner: "cloudwatchlogs", account: ownAccount, region: "eu-west-1", tag: "eu",
		edges: []edge{{on: true, role: residency.Log, call: "DescribeSubscriptionFilters", target: "arn:aws:logs:us-east-1:222222222222:log-group:copy-0", region: "us-east-1", account: otherAccount}}})
	add(&thing{id: "arn:aws:dynamodb:eu-west-1:111111111111:table/t", kind: "dynamodb.table", scanner: "dynamodb", account: ownAccount, region: "eu-west-1", tag: "eu",
		edges: []edge{{on: r.IntN(2) == 0, role: residency.Replica, call: "DescribeTable", region: "us-east-1"}}})
	add(&thing{id: "arn:aws:rds:us-east-1:111111111111:snapshot:p", kind: "rds.snapshot", scanner: "rds", account: ownAccount, region: "us-east-1", source: "arn:aws:s3:::s-0"})
	return w
}

// turn lets some things happen between two nights.
func (w *truth) turn(r *rand.Rand) {
	w.day++
	for _, id := range w.ids {
		t := w.things[id]
		if t.hidden {
			continue
		}
		if r.IntN(8) == 0 {
			t.exists = !t.exists
		}
		if t.tag != "" && r.IntN(10) == 0 {
			t.tag = []string{"eu", "au", "us"}[r.IntN(3)]
		}
		for i := range t.edges {
			if r.IntN(4) == 0 {
				t.edges[i].on = !t.edges[i].on
			}
		}
	}
}

// pass lets the time go by to the i-th night, and adds its records of clean-ups to those of before.
func (w *truth) pass(r *rand.Rand, i int, cleanups map[string]int) (*night, taleNight) {
	if i > 0 {
		w.turn(r)
	}
	n := w.see(r)
	for _, target := range n.cleanups {
		cleanups[target] = w.day - r.IntN(2)
	}
	told := w.tale(n)
	told.waivers = cleanupFile(cleanups)
	return n, told
}

func (t *thing) line() string {
	if t.scanner == "s3" {
		return "s3 " + t.account + " global"
	}
	return t.scanner + " " + t.account + " " + t.region
}

// see is a night with some blindness, or none.
func (w *truth) see(r *rand.Rand) *night {
	n := &night{blind: map[string]string{}, gaps: map[string][]string{}, half: map[string]bool{}, accounts: []string{ownAccount, otherAccount}, scanners: taleScanners}
	if r.IntN(3) == 0 {
		n.cleanups = append(n.cleanups, []string{"arn:aws:s3:::copy-0", "arn:aws:s3:::foreign", "arn:aws:logs:*", ""}[r.IntN(4)])
	}
	if r.IntN(3) == 0 {
		return n
	}
	for _, id := range w.ids {
		t := w.things[id]
		if r.IntN(9) == 0 {
			n.blind[t.line()] = []string{"denied", "failed", "disabled", "partial", "missing"}[r.IntN(5)]
		}
		if t.exists && !t.hidden && r.IntN(6) == 0 {
			calls := []string{"tags"}
			for _, e := range t.edges {
				calls = append(calls, e.call)
			}
			if t.source != "" {
				calls = append(calls, "sources")
			}
			n.gaps[id] = []string{calls[r.IntN(len(calls))]}
		}
		if r.IntN(12) == 0 {
			n.half[id] = true // the half listing of its line leaves it out
		}
	}
	for line, form := range n.blind {
		if form == "disabled" && strings.HasSuffix(line, "global") {
			n.blind[line] = "failed"
		}
	}
	n.unread = r.IntN(10) == 0
	if r.IntN(10) == 0 {
		n.accounts = []string{ownAccount}
	}
	if r.IntN(10) == 0 {
		n.scanners = map[string]string{"s3": "global", "rds": "regional"}
	}
	return n
}

// whole reports whether everything on a line was listed.
func (n *night) whole(line string) bool {
	parts := strings.Fields(line)
	return slices.Contains(n.accounts, parts[1]) && n.scanners[parts[0]] != "" && n.blind[line] == ""
}

// shown reports whether a night's inventory has a thing.
func (n *night) shown(t *thing) bool {
	parts := strings.Fields(t.line())
	if !t.exists || t.hidden || !slices.Contains(n.accounts, parts[1]) || n.scanners[parts[0]] == "" {
		return false
	}
	form := n.blind[t.line()]
	return form == "" || form == "partial" && !n.half[t.id]
}

// read reports whether a call about a thing was answered.
func (n *night) read(t *thing, call string) bool { return !slices.Contains(n.gaps[t.id], call) }

// placements are those that a night reads.
func (n *night) placements(t *thing) []residency.Placement {
	out := []residency.Placement{{Role: residency.Primary, Region: t.region}}
	for _, e := range t.edges {
		if e.on && n.read(t, e.call) {
			out = append(out, residency.Placement{Role: e.role, Region: e.region, Account: e.account, Target: e.target})
		}
	}
	return out
}

// everything is a night that sees all.
var everything = &night{accounts: []string{ownAccount, otherAccount}, scanners: taleScanners}

// zones are those whose data a night finds in a thing.
func (w *truth) zones(n *night, t *thing) (zones []string) {
	if t.tag != "" && n.read(t, "tags") {
		zones = append(zones, t.tag)
	}
	for _, id := range w.ids {
		s := w.things[id]
		if s.tag == "" || !n.shown(s) || !n.read(s, "tags") || slices.Contains(zones, s.tag) {
			continue
		}
		for _, p := range n.placements(s) {
			if p.Target == t.id && slices.Contains(zoneRegions[s.tag], p.Region) && (s.account == t.account || !n.unread) && !slices.Contains(zones, s.tag) {
				zones = append(zones, s.tag)
			}
		}
	}
	return zones
}

// sees are the violations that a night sees.
func (w *truth) sees(n *night) map[residency.Violation]bool {
	seen := map[residency.Violation]bool{}
	for _, id := range w.ids {
		t := w.things[id]
		if !n.shown(t) {
			continue
		}
		fail := func(control, zone string, p residency.Placement) {
			seen[residency.Violation{Control: control, Resource: id, Zone: zone, Role: p.Role, Region: p.Region, Account: p.Account, Target: p.Target}] = true
		}
		for _, zone := range w.zones(n, t) {
			for _, p := range n.placements(t) {
				if !slices.Contains(zoneRegions[zone], p.Region) {
					fail(roleControls[p.Role], zone, p)
				}
				if p.Account == foreignAccount && !n.unread {
					fail("RES-012", zone, p)
				}
			}
		}
		if source := w.things[t.source]; source != nil && n.shown(source) && n.read(t, "sources") {
			for _, zone := range w.zones(n, source) { // its data came from there, and here is outside
				if !slices.Contains(zoneRegions[zone], t.region) {
					fail("RES-002", zone, n.placements(t)[0])
				}
			}
		}
	}
	return seen
}

// held reports whether a thing holds a zone, or a copy brought it over the border.
func (w *truth) held(n *night, t *thing, zone string) bool {
	if source := w.things[t.source]; source != nil {
		return n.shown(source) && n.read(t, "sources") && slices.Contains(w.zones(n, source), zone)
	}
	return slices.Contains(w.zones(n, t), zone)
}

// expects says how a violation that stood may stand after a night that does not see it. Several: the model does not say which.
func (w *truth) expects(n *night, v *residency.OpenViolation, cleanups map[string]int) []residency.ViolationState {
	t := w.things[v.Resource]
	left := []residency.ViolationState{residency.ViolationNotReexamined}
	if v.State == residency.ViolationStopped || v.State == residency.ViolationWaived && v.Detail != "" {
		left[0] = v.State
	}
	setting := slices.ContainsFunc(n.placements(t), v.By)
	settled := func() []residency.ViolationState {
		if n.shown(t) && setting {
			return []residency.ViolationState{residency.ViolationEnded}
		}
		return []residency.ViolationState{w.copies(n, v, cleanups)}
	}
	switch {
	case !n.shown(t) && (!n.whole(t.line()) || len(n.gaps[t.id]) > 0):
		return left
	case !n.shown(t):
		return settled()
	case !w.held(n, t, v.Zone):
		switch {
		case w.sharp(n), !setting && w.asked(n, t, v):
			return settled()
		case setting && (len(v.Path) == 0 && t.tag != "" && !n.read(t, "tags") || w.still(v)):
			return left
		}
		return append(left, settled()...)
	case !w.asked(n, t, v):
		return left
	case setting && v.Control == "RES-012" && n.unread:
		return left
	}
	return settled()
}

// still reports whether in truth the zone comes to a violation's resource as it did.
func (w *truth) still(v *residency.OpenViolation) bool {
	if len(v.Path) == 0 {
		return w.things[v.Resource].tag == v.Zone
	}
	from, t := w.things[v.Path[0]], w.things[v.Resource]
	return from.exists && from.tag == v.Zone && (t.source == from.id || slices.ContainsFunc(everything.placements(from), func(p residency.Placement) bool {
		return p.Target == t.id && slices.Contains(zoneRegions[v.Zone], p.Region)
	}))
}

// sharp reports whether a night leaves nothing open.
func (w *truth) sharp(n *night) bool {
	return len(n.blind) == 0 && len(n.gaps) == 0 && !n.unread && len(n.accounts) == 2 && len(n.scanners) == len(taleScanners)
}

// callOf is the call that tells of a violation's setting.
func (w *truth) callOf(v *residency.OpenViolation) string {
	for _, e := range w.things[v.Resource].edges {
		if e.role == v.Role && e.role != residency.Primary {
			return e.call
		}
	}
	return "none"
}

// asked reports whether the calls that tell of a violation were answered.
func (w *truth) asked(n *night, t *thing, v *residency.OpenViolation) bool {
	return n.read(t, w.callOf(v)) && (v.Control != "RES-012" && v.Account != foreignAccount || w.readAll(n, t))
}

// readAll: what is shared stands on all that carries data.
func (w *truth) readAll(n *night, t *thing) bool {
	for _, e := range t.edges {
		if e.role != residency.Metadata && !n.read(t, e.call) || e.on && n.read(t, e.call) && e.target == "arn:aws:s3:::foreign" { // nobody says whose that is
			return false
		}
	}
	return true
}

// copies says what has become of a violation whose setting has gone.
func (w *truth) copies(n *night, v *residency.OpenViolation, cleanups map[string]int) residency.ViolationState {
	t := w.things[v.Resource]
	at := w.things[v.Target]
	switch {
	case v.Target == "" && v.Region == t.region: // a share, or the thing itself, which is gone
		return residency.ViolationEnded
	case at != nil && !at.hidden && !n.shown(at) && n.whole(at.line()):
		return residency.ViolationEnded
	}
	for target, day := range cleanups {
		matches := target == "" && v.Region == "us-east-1" || target != "" && target == v.Target || strings.HasSuffix(target, "*") && strings.HasPrefix(v.Target, strings.TrimSuffix(target, "*"))
		if matches && day <= w.day && !firstNight.AddDate(0, 0, day).Before(v.LastSeen) {
			return residency.ViolationEnded
		}
	}
	return residency.ViolationStopped
}

// remains reports whether in truth a copy of an ended violation still lies there, and nobody recorded otherwise.
func (w *truth) remains(v *residency.OpenViolation, cleanups map[string]int) bool {
	t, really := w.things[v.Resource], *everything
	if slices.ContainsFunc(really.placements(t), v.By) && t.exists {
		return w.still(v) && w.sees(&really)[v.Violation]
	}
	return w.copies(&really, v, cleanups) == residency.ViolationStopped
}

// tale renders a night.
func (w *truth) tale(n *night) taleNight {
	out := taleNight{day: w.day, accounts: n.accounts, scanners: n.scanners, unread: n.unread}
	for _, id := range w.ids {
		t := w.things[id]
		if !n.shown(t) {
			continue
		}
		r := residency.Resource{ID: id, Kind: t.kind, Account: t.account, Region: t.region, Tags: map[string]string{}, Placements: n.placements(t)}
		if t.tag != "" {
			r.Tags["data-residency"] = t.tag
		}
		if !n.read(t, "tags") {
			r.Tags = nil
		}
		if t.source != "" && n.read(t, "sources") {
			r.Sources = []residency.Source{{ID: t.source}}
		}
		data, err := json.Marshal(r)
		if err != nil {
			panic(err)
		}
		out.resources = append(out.resources, string(data))
	}
	out.lines, out.without = w.lines(n)
	return out
}

// lines are those that are not complete, and those that are left out.
func (w *truth) lines(n *night) (lines []residency.Coverage, without []string) {
	at := func(line string) *residency.Coverage {
		parts := strings.Fields(line)
		for i := range lines {
			if l := &lines[i]; l.Scanner == parts[0] && l.Account == parts[1] && l.Region == parts[2] {
				return l
			}
		}
		lines = append(lines, residency.Coverage{Scanner: parts[0], Account: parts[1], Region: parts[2], Status: residency.Partial})
		return &lines[len(lines)-1]
	}
	for line, form := range n.blind {
		switch form {
		case "missing":
			without = append(without, line)
		case "disabled":
			at(line).Status = residency.Disabled
		default:
			l := at(line)
			l.Status, l.Gaps = residency.Status(form), append(l.Gaps, residency.Gap{Call: "List", Class: residency.ClassDenied})
		}
	}
	for _, id := range w.ids {
		t := w.things[id]
		for _, call := range n.gaps[id] {
			w.gap(n, at, t, map[string]string{"tags": "ListTagsForResource", "sources": "DescribeDBSnapshots"}[call], call)
		}
		foreign := slices.ContainsFunc(n.placements(t), func(p residency.Placement) bool { return p.Target == "arn:aws:s3:::foreign" })
		if foreign && n.shown(t) {
			w.gap(n, at, t, "HeadBucket", "")
		}
	}
	return lines, without
}

func (w *truth) gap(n *night, at func(string) *residency.Coverage, t *thing, call, otherwise string) {
	if form := n.blind[t.line()]; form == "missing" || form == "disabled" {
		return
	}
	if call == "ListTagsForResource" && t.scanner == "s3" {
		call = "GetBucketTagging"
	}
	if call == "ListTagsForResource" && t.scanner == "dynamodb" {
		call = "ListTagsOfResource"
	}
	if call == "" {
		call = otherwise
	}
	l := at(t.line())
	l.Gaps = append(l.Gaps, residency.Gap{Call: call, Class: residency.ClassThrottled, Resource: t.id})
}

// waivers writes the records of clean-ups.
func cleanupFile(cleanups map[string]int) string {
	if len(cleanups) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("version: 1\nwaivers: []\ncleanups:\n")
	for target, day := range cleanups {
		to := "target: \"" + target + "\""
		if target == "" {
			to = `region: us-east-1`
		}
		fmt.Fprintf(&b, "  - {to: {%s}, date: %q, who: jo, approver: ann, ticket: OPS-1}\n", to, firstNight.AddDate(0, 0, day).Format(time.DateOnly))
	}
	return b.String()
}
