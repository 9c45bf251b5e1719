package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// covers reports whether the coverage of an account is the part's: a zone has that of the accounts of its resources. Where it has no
// resource nothing says which accounts would be its, and it has all.
func (p *part) covers(account string) bool {
	return p.zone == nil || p.resources == 0 || p.accounts[account]
}

// scope is the part's own: fewer accounts, and the organisation's as far as the part names them.
func (d *divider) scope(p *part) *residency.Scope {
	if d.header.Scope == nil || p.zone == nil {
		return d.header.Scope
	}
	s := *d.header.Scope
	not := func(keep func(string) bool) func(string) bool { return func(a string) bool { return !keep(a) } }
	s.Accounts = slices.DeleteFunc(slices.Clone(s.Accounts), not(p.covers))
	s.Narrowed = s.Narrowed || len(s.Accounts) < len(d.header.Scope.Accounts)
	s.OrganizationAccounts = slices.DeleteFunc(slices.Clone(s.OrganizationAccounts), not(p.mentions))
	return &s
}

// mentions reports whether an account is one that the part's judgement may ask about.
func (p *part) mentions(account string) bool {
	return p.zone == nil || p.named[account] || p.accounts[account]
}

// cut is a coverage line as it stands in the part. A gap that names a resource of another part is in that one; what names something
// that is in no inventory stays, and is named only where it is in the zone, or where a resource of the part names it.
func (d *divider) cut(p *part, c *residency.Coverage) residency.Coverage {
	out := *c
	out.Gaps, out.Oracles = []residency.Gap{}, slices.Clone(c.Oracles)
	for _, g := range c.Gaps {
		if d.elsewhere(p, g.Resource) {
			continue
		}
		if g.Detail = d.names.veil(p.index, g.Detail); d.hidden(p, c, g.Resource) {
			hidden := pseudonym(g.Resource)
			for _, name := range []string{g.Resource, g.Resource[strings.LastIndexAny(g.Resource, ":/")+1:]} {
				if len(name) >= shortestName {
					g.Detail = strings.ReplaceAll(g.Detail, name, hidden)
				}
			}
			g.Resource = hidden
		} else {
			g.Resource = d.id(p, g.Resource)
		}
		out.Gaps = append(out.Gaps, g)
	}
	if len(out.Gaps) == 0 && len(c.Gaps) > 0 && out.Status == residency.Partial {
		out.Status = residency.Complete
	}
	for i := range out.Oracles {
		o := &out.Oracles[i]
		o.Missing = slices.Clone(o.Missing)
		for k, id := range o.Missing {
			if strings.HasPrefix(id, "arn:") && d.hidden(p, c, id) {
				o.Missing[k] = pseudonym(id)
			}
		}
	}
	return out
}

// hidden reports whether the part may not name something that is in no inventory.
func (d *divider) hidden(p *part, c *residency.Coverage, id string) bool {
	if p.zone == nil || id == "" || p.zone.Contains(c.Region) {
		return false
	}
	_, known := d.graph.Find(id)
	return !known && !p.outside[d.names.hash(id)]
}

// calls writes those of the part: of its accounts, in its zone's regions or in none, and naming nothing of another part.
func (d *divider) calls(p *part, from, to string) error {
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return nil // judged from a snapshot, nobody was asked
	}
	out, err := snapshot.CreateVerdicts(to)
	if err != nil {
		return err
	}
	err = snapshot.EachLine(from, func(line string) error {
		var c residency.CallRecord
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return err
		}
		if !d.called(p, &c) {
			return nil
		}
		_, err := out.Write([]byte(line + "\n"))
		return err
	})
	if err != nil {
		return errors.Join(fmt.Errorf("divide the calls: %w", err), out.Abort())
	}
	return out.Close()
}

func (d *divider) called(p *part, c *residency.CallRecord) bool {
	input, err := json.Marshal(c.Input)
	switch {
	case err != nil, d.names.veil(p.index, string(input)) != string(input):
		return false
	case p.zone == nil:
		return true
	case !p.covers(c.Account):
		return false
	}
	return len(c.Input) == 0 || c.Place == residency.GlobalRegion || p.zone.Contains(c.Place)
}

// config is the configuration of the part: the lines of assign at which a search in the part ends, and those that any search may
// ask; the accounts that it mentions; no name of another part. It is read back from what is written.
func (d *divider) config(p *part, whole *config.Config) (*config.Config, error) {
	c := *whole
	c.Assign = nil
	for i := range d.judge.Rules {
		r := d.judge.Rules[i]
		asked := r.TagKey != "" || r.OwnRegion || r.Account != "" && p.noAccount
		if asked || p.rules[&d.judge.Rules[i]] {
			r.Reason, r.Owner = d.names.veil(p.index, r.Reason), d.names.veil(p.index, r.Owner)
			c.Assign = append(c.Assign, r)
		}
	}
	if len(c.Assign) == 0 {
		c.Assign = []residency.Rule{{ARN: "arn:none", Zone: residency.NoZone, Reason: "no line of assign decides in this part", Owner: "domicile"}}
	}
	c.AWS.Accounts = slices.DeleteFunc(slices.Clone(c.AWS.Accounts), func(a string) bool { return !p.covers(a) && !p.mentions(a) })
	c.AWS.TrustedAccounts = slices.DeleteFunc(slices.Clone(c.AWS.TrustedAccounts), func(t residency.TrustedAccount) bool { return !p.mentions(t.ID) })
	c.AWS.ExcludedAccounts = slices.Clone(c.AWS.ExcludedAccounts)
	for i := range c.AWS.ExcludedAccounts {
		e := &c.AWS.ExcludedAccounts[i]
		e.Reason = d.names.veil(p.index, e.Reason)
	}
	// One about other zones alone has nothing in this part that it could hold or break.
	elsewhere := func(zones []string) bool {
		return p.zone != nil && len(zones) > 0 && !slices.Contains(zones, p.zone.ID)
	}
	c.Controls = slices.DeleteFunc(slices.Clone(c.Controls), func(o residency.OwnControl) bool { return elsewhere(o.Zones) })
	c.Commitments = slices.DeleteFunc(slices.Clone(c.Commitments), func(m residency.Commitment) bool { return elsewhere(m.Zones) })
	for i := range c.Controls {
		c.Controls[i].Text = d.names.veil(p.index, c.Controls[i].Text)
	}
	for i := range c.Commitments {
		c.Commitments[i].Text = d.names.veil(p.index, c.Commitments[i].Text)
	}
	if c.Waivers != "" {
		c.Waivers = waiversName
	}
	out, err := config.Parse(configName, c.Marshal(), nil)
	if err != nil || c.Waivers == "" {
		return out, err
	}
	return out, out.ParseWaivers(waiversName, config.MarshalWaivers(d.register(p)), d.judge.Engine.Controls())
}

// register are the waivers that can cover something in the part. The rest has those too that cover nothing anywhere, which must not go
// unsaid. A target in another part is named by its pseudonym; a glob that covers several of them becomes a waiver for each.
func (d *divider) register(p *part) (out []residency.Waiver) {
	rest := d.parts[len(d.parts)-1]
	for i, w := range d.judge.Waivers {
		idle := p == rest && !slices.ContainsFunc(d.parts, func(o *part) bool { return o.waivers[i] })
		if !p.waivers[i] && !idle {
			continue
		}
		for _, text := range []*string{&w.Reason, &w.Risk, &w.Ticket, &w.Scope.Resource} {
			*text = d.names.veil(p.index, *text)
		}
		glob := orAny(w.Scope.To.Target)
		named := w.Scope.To.Target
		if w.Scope.To.Target = d.names.veil(p.index, named); d.elsewhere(p, named) || p.gone[named] {
			w.Scope.To.Target = pseudonym(named)
		}
		out = append(out, w)
		n := 0
		for _, target := range slices.Sorted(maps.Keys(p.targets)) {
			hidden := pseudonym(target)
			if !glob.Match(target) || residency.NewGlob(w.Scope.To.Target).Match(hidden) || w.Scope.To.Target == "" {
				continue
			}
			n++
			more := w
			more.ID, more.Scope.To.Target = fmt.Sprintf("%s (%d)", w.ID, n), hidden
			out = append(out, more)
		}
	}
	return out
}
