package audit

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// inherited is what earlier runs left open, as one judgement uses it. A violation belongs to one resource, and so to the one worker
// that judges it, which writes down its state; what concerns no resource of the snapshot is settled when all are judged.
type inherited struct {
	entries  []residency.OpenViolation
	first    map[string]int32 // by resource: one of its entries
	next     []int32          // by entry: another of the same resource; below 0: none
	settings []bool           // by entry: the placement that decided it is still there
	there    map[string]bool  // resources and targets that the inventory has
	empty    map[string]bool  // targets of which AWS says that nothing is in them
	cleanups []residency.Cleanup
	run      time.Time
}

// FactEmpty in a resource's facts says that AWS itself counts nothing in it.
const FactEmpty = "empty"

// newInherited is nil where nothing was left open. The states are written into list.
func newInherited(list []residency.OpenViolation, cleanups []residency.Cleanup, run time.Time) *inherited {
	if len(list) == 0 {
		return nil
	}
	p := &inherited{entries: list, first: make(map[string]int32, len(list)), next: make([]int32, len(list)), settings: make([]bool, len(list)),
		there: make(map[string]bool, len(list)), empty: map[string]bool{}, cleanups: cleanups, run: run}
	for i := range list {
		v := &list[i]
		v.State, v.Detail = "", ""
		p.next[i] = -1
		if other, ok := p.first[v.Resource]; ok {
			p.next[i] = other
		}
		p.first[v.Resource] = int32(i)
		p.there[v.Resource] = false
		if v.Target != "" {
			p.there[v.Target] = false
		}
	}
	return p
}

// survey notes on the first reading what the inventory has of that which is named.
func (p *inherited) survey(r *residency.Resource) {
	if _, named := p.there[r.ID]; named {
		p.there[strings.Clone(r.ID)] = true
		if r.Facts[FactEmpty] == true {
			p.empty[strings.Clone(r.ID)] = true
		}
	}
}

// about are the entries of a resource.
func (p *inherited) about(resource string) iter.Seq[int] {
	return func(yield func(int) bool) {
		i, ok := p.first[resource]
		for ok && i >= 0 && yield(int(i)) {
			i = p.next[i]
		}
	}
}

// see notes on the second reading which settings are still there: what is judged otherwise now has not stopped.
func (p *inherited) see(r *residency.Resource) {
	for i := range p.about(r.ID) {
		v := &p.entries[i]
		p.settings[i] = v.Role == "" || slices.ContainsFunc(r.Placements, v.By)
	}
}

// inherit settles what earlier runs left open of a matter. What has stopped, and may have left copies, makes an unknown of a proof.
func (w *worker) inherit(m *matter, findings []finding) []finding {
	if w.past == nil || m.zone < 0 {
		return findings
	}
	for i := range w.past.about(m.resource.ID) {
		v := &w.past.entries[i]
		c := w.controlOf(v.Control)
		if v.Zone != w.judge.Zones[m.zone].ID || c < 0 {
			continue
		}
		k := slices.IndexFunc(findings, func(f finding) bool { return f.control == c })
		if k < 0 {
			k = len(findings)
			findings = append(findings, finding{control: c})
		}
		switch f := &findings[k]; {
		case f.outcome == residency.Fail && w.decides(m, f, v):
			v.State = residency.ViolationOpen
		case f.outcome == residency.Unknown && f.stopped == nil:
			v.State, v.Detail = residency.ViolationNotReexamined, w.reason(m, f)
		default:
			if w.settle(i); v.State == residency.ViolationStopped {
				f.stop(v.Detail)
			}
		}
	}
	findings = slices.DeleteFunc(findings, func(f finding) bool { return f.outcome == "" })
	slices.SortFunc(findings, func(a, b finding) int { return a.control - b.control })
	return findings
}

// stop says beside a fail, or in place of a proof, that an earlier violation may have left copies.
func (f *finding) stop(detail string) {
	if f.outcome != residency.Fail {
		f.outcome, f.reason, f.decides = residency.Unknown, "", nil
	}
	if !slices.Contains(f.stopped, detail) {
		f.stopped = append(f.stopped, detail)
	}
}

// decides reports whether a fail is that very violation.
func (w *worker) decides(m *matter, f *finding, v *residency.OpenViolation) bool {
	if len(f.decides) == 0 {
		return v.Role == ""
	}
	return slices.ContainsFunc(f.decides, func(i int) bool { return v.By(m.resource.Placements[i]) })
}

func (b *bench) controlOf(id string) int {
	return slices.IndexFunc(b.controls, func(c residency.Control) bool { return c.ID == id })
}

// settle says how a violation stands whose matter was examined, and which is seen no more.
func (b *bench) settle(i int) {
	v := &b.past.entries[i]
	v.State = residency.ViolationEnded
	if b.past.settings[i] {
		v.Detail = "the placement is still there, and is judged otherwise now"
		return
	}
	where, remains := b.remains(v)
	switch {
	case !remains:
		v.Detail = "the setting has gone" + where
	case b.cleaned(v, where):
	default:
		v.State = residency.ViolationStopped
		v.Detail = fmt.Sprintf("stopped, copies may remain at %s (last seen failing on %s)", where, v.LastSeen.UTC().Format(time.DateOnly))
	}
}

// remains says where a violation that is seen no more may have left copies, and whether it may; if not, in words why. A share is access, not a copy; keys,
// capabilities and what only passes data on leave none.
func (b *bench) remains(v *residency.OpenViolation) (where string, may bool) {
	account := cmp.Or(v.Account, v.ResourceAccount)
	switch {
	case !v.Role.Stores() && v.Role != residency.Metadata:
		return "", false
	case v.Target == "" && v.Region == v.ResourceRegion && account != v.ResourceAccount:
		return "", false
	case v.Target == "" && v.Region == v.ResourceRegion: // the copy is the resource itself
		where, may = v.Resource, b.past.there[v.Resource] || b.cover.unlisted(v.Kind, v.Resource, account, v.Region) != ""
	case v.Target == "":
		where, may = v.Region, b.cover.unlisted(v.Kind, v.Resource, account, v.Region) != ""
	case b.past.empty[v.Target]:
		return ", and AWS lists nothing in " + v.Target, false
	default:
		where, may = v.Target, b.past.there[v.Target] || b.cover.unlisted("", v.Target, account, v.Region) != ""
	}
	if !may {
		where = ", and a whole listing shows " + where + " no more"
	}
	return where, may
}

// cleaned reports whether a record or a waiver covers the copies.
func (b *bench) cleaned(v *residency.OpenViolation, where string) bool {
	to := destination{string(v.Role), v.Region, cmp.Or(v.Account, v.ResourceAccount), v.Target}
	h := holder{control: v.Control, resource: v.Resource, account: v.ResourceAccount, region: v.ResourceRegion, zone: v.Zone}
	if b.register != nil {
		if r := b.register.rule(h, []destination{to}); r.ref != nil {
			v.Detail = "the setting has gone; copies at " + where + " stand under waiver " + r.ref.ID
			return true
		}
	}
	for _, c := range b.past.cleanups {
		if (c.Control == "" || c.Control == v.Control) && orAny(c.Resource).Match(v.Resource) && orAny(c.To.Region).Match(to.region) &&
			orAny(c.To.Account).Match(to.account) && orAny(c.To.Target).Match(where) &&
			!c.Date.Before(v.LastSeen.UTC().Truncate(24*time.Hour)) && !c.Date.After(b.past.run) {
			v.Detail = fmt.Sprintf("the setting has gone; copies at %s were removed on %s by %s, approved by %s (%s)", where, c.Date.Format(time.DateOnly), c.Who, c.Approver, c.Ticket)
			return true
		}
	}
	return false
}

// rest settles what belongs to no matter of the snapshot: its resource is gone, or holds the zone no more. It returns the verdicts on
// what has stopped.
func (b *bench) rest(total *tally) (lines []byte) {
	if b.past == nil {
		return nil
	}
	for i := range b.past.entries {
		v := &b.past.entries[i]
		c, z := b.controlOf(v.Control), slices.IndexFunc(b.judge.Zones, func(z residency.Zone) bool { return z.ID == v.Zone })
		switch {
		case v.State != "":
			continue
		case c < 0 || z < 0 || !b.judge.Zones[z].Promise:
			v.State, v.Detail = residency.ViolationEnded, "its control or its zone's promise is no more"
			continue
		case !b.past.there[v.Resource]:
			if why := b.cover.unlisted(v.Kind, v.Resource, v.ResourceAccount, v.ResourceRegion); why != "" {
				v.State, v.Detail = residency.ViolationNotReexamined, why
				continue
			}
		}
		if b.settle(i); v.State == residency.ViolationStopped {
			total.verdict(c, residency.Unknown, b.controls[c].Severity, true)
			if b.keep != nil && b.keep(residency.Unknown) {
				lines = append(snapshot.AppendVerdict(lines, &residency.Verdict{Control: v.Control, Resource: v.Resource, Kind: v.Kind, Account: v.ResourceAccount,
					Region: v.ResourceRegion, Zone: v.Zone, Outcome: residency.Unknown, Severity: b.controls[c].Severity, Reason: v.Detail}), '\n')
			}
		}
	}
	return lines
}

// listings are the scanners that list what an ARN's service names, where the two are not called the same.
var listings = map[string]string{"logs": "cloudwatchlogs", "monitoring": "cloudwatch", "config": "configservice", "elasticloadbalancing": "elasticloadbalancingv2"}

// unlisted says why no whole listing shows whether something is still there; "" where one does. Its kind is known of a resource; a
// target is known by its ARN alone.
func (c *coverage) unlisted(kind, id, account, region string) string {
	scanner, _, _ := strings.Cut(kind, ".")
	if parts := strings.SplitN(id, ":", 6); kind == "" && len(parts) == 6 && parts[0] == "arn" {
		if scanner = parts[2]; listings[scanner] != "" {
			scanner = listings[scanner]
		}
		account, region = cmp.Or(parts[4], account), cmp.Or(parts[3], region)
	}
	if c.scope == nil {
		return "the snapshot has no scope"
	}
	scope, asked := c.scope.Scanners[scanner]
	if !asked {
		return "nothing was asked that lists it"
	}
	if scope == residency.ScopeGlobal {
		region = residency.GlobalRegion
	}
	key := line{scanner: scanner, account: account, region: region}
	where := strings.TrimSpace(scanner + ", account " + account + ", " + region)
	switch status, ok := c.lines[key]; {
	case !ok:
		return where + " was not examined"
	case status != residency.Complete && status != residency.Partial && status != residency.Unsupported:
		return where + ": " + string(status)
	case c.holes[key] != "":
		return where + ": " + c.holes[key]
	}
	return ""
}
