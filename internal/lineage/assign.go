// Package lineage follows: which zone's data a resource holds, by assignment or by a chain of placements and sources, and by
// which chain. It keeps an index of ids and edges in memory, never the documents.
package lineage

import (
	"fmt"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Assignment says whose data a resource originates.
type Assignment struct {
	Zone   int             // index into the zones; -1: none, or unclassified
	None   bool            // under zone none: it originates no customer data
	Basis  residency.Basis // the form of the rule that decided
	Rule   *residency.Rule // the rule that decided, nil without one
	Reason string          // why it is unclassified
	Tags   bool            // the search asked for tags
}

// Assigned reports whether a zone was found.
func (a Assignment) Assigned() bool { return a.Zone >= 0 }

// Assigner decides by the configuration's assign list. It is safe for concurrent use.
type Assigner struct {
	zones []residency.Zone
	rules []residency.Rule
	byID  map[string]int
}

// NewAssigner takes zones and rules as the configuration lists them; the first match wins.
func NewAssigner(zones []residency.Zone, rules []residency.Rule) *Assigner {
	a := &Assigner{zones: zones, rules: rules, byID: map[string]int{}}
	for i, z := range zones {
		a.byID[z.ID] = i
	}
	return a
}

// answer is what one rule says of one resource.
type answer int

const (
	no    answer = iota // known not to match: the search goes on
	yes                 // matches
	stuck               // cannot be decided: the search stops
)

// Resource assigns a resource. A stand-in brings its zone along, since what a line of assign asks for is not with it.
func (a *Assigner) Resource(r *residency.Resource) Assignment {
	if r.Assigned != nil {
		return a.before(r.Assigned)
	}
	if r.Elsewhere() {
		if z, ok := a.byID[r.Tags[residency.ElsewhereZone]]; ok {
			return Assignment{Zone: z, Basis: residency.ByARN}
		}
		return Assignment{Zone: -1, None: true}
	}
	if r.IsEvent() { // it has what it moved from its sources, and originates nothing
		return Assignment{Zone: -1, None: true}
	}
	tags := false
	for i := range a.rules {
		rule := &a.rules[i]
		tags = tags || rule.TagKey != ""
		id := r.ID
		if r.ARN != "" {
			id = r.ARN
		}
		got, zone, why := a.ask(rule, id, r.Account, r.Region, r.Tags)
		switch got {
		case stuck:
			return Assignment{Zone: -1, Reason: why, Tags: tags}
		case yes:
			found := a.assignment(rule, zone)
			found.Tags = tags
			return found
		}
	}
	return Assignment{Zone: -1, Reason: "no line of assign matches", Tags: tags}
}

// before is an assignment that an index holds.
func (a *Assigner) before(was *residency.Assigned) Assignment {
	zone, known := a.byID[was.Zone]
	switch {
	case known:
		return Assignment{Zone: zone, Basis: was.Basis}
	case was.Zone == residency.NoZone:
		return Assignment{Zone: -1, None: true, Basis: was.Basis, Rule: &residency.Rule{Reason: "as at the scan", Owner: "see that run"}}
	case was.Zone != "":
		return Assignment{Zone: -1, Reason: fmt.Sprintf("the index assigned it to %q, which is no zone of this configuration: make the index anew", was.Zone)}
	}
	return Assignment{Zone: -1, Reason: "it was unclassified when the index was made"}
}

// Source assigns a source outside the inventory: tag lines are skipped, since its tags are not ours to read.
func (a *Assigner) Source(id, account, region string) Assignment {
	for i := range a.rules {
		rule := &a.rules[i]
		if rule.TagKey != "" {
			continue
		}
		got, zone, why := a.ask(rule, id, account, region, nil)
		switch got {
		case stuck:
			return Assignment{Zone: -1, Reason: why}
		case yes:
			return a.assignment(rule, zone)
		}
	}
	return Assignment{Zone: -1, Reason: "no line of assign matches"}
}

func (a *Assigner) assignment(rule *residency.Rule, zone string) Assignment {
	got := Assignment{Zone: -1, Rule: rule, Basis: basis(rule)}
	if zone == residency.NoZone {
		got.None = true
		return got
	}
	got.Zone = a.byID[zone]
	return got
}

func basis(rule *residency.Rule) residency.Basis {
	switch {
	case rule.ARN != "":
		return residency.ByARN
	case rule.TagKey != "":
		return residency.ByTag
	case rule.Account != "":
		return residency.ByAccount
	}
	return residency.ByOwnRegion
}

func (a *Assigner) ask(rule *residency.Rule, id, account, region string, tags map[string]string) (answer, string, string) {
	switch {
	case rule.ARN != "":
		if id == "" && strings.Trim(rule.ARN, "*") != "" {
			return stuck, "", "its ARN is not known"
		}
		if strings.Contains(id, "*") { // of a plan: in part not known yet
			return askPart(rule, id)
		}
		return when(match(rule.ARN, id)), rule.Zone, ""
	case rule.TagKey != "":
		return a.askTag(rule, tags)
	case rule.Account != "":
		if account == "" {
			return stuck, "", "its account is not known"
		}
		return when(match(rule.Account, account)), rule.Zone, ""
	}
	for _, z := range a.zones {
		if z.Contains(region) {
			return yes, z.ID, ""
		}
	}
	return no, "", ""
}

func (a *Assigner) askTag(rule *residency.Rule, tags map[string]string) (answer, string, string) {
	if tags == nil {
		return stuck, "", fmt.Sprintf("its tags were not read, and a line of assign asks for tag %q", rule.TagKey)
	}
	value, ok := tags[rule.TagKey]
	switch {
	case !ok:
		return no, "", ""
	case rule.TagValue != nil:
		if value == residency.UntilApply && strings.Trim(*rule.TagValue, "*") != "" {
			return stuck, "", fmt.Sprintf("the value of tag %q is known only after the deployment", rule.TagKey)
		}
		return when(match(*rule.TagValue, value)), rule.Zone, ""
	case value == residency.UntilApply:
		return stuck, "", fmt.Sprintf("the value of tag %q is known only after the deployment", rule.TagKey)
	}
	if _, ok := a.byID[value]; !ok {
		return stuck, "", fmt.Sprintf("tag %q says %q, which names no zone", rule.TagKey, value)
	}
	return yes, value, ""
}

// askPart compares with an ARN that is known in part.
func askPart(rule *residency.Rule, arn string) (answer, string, string) {
	switch always, never := residency.NewGlob(rule.ARN).Compare(arn); {
	case always:
		return yes, rule.Zone, ""
	case never:
		return no, "", ""
	case arn == "*":
		return stuck, "", fmt.Sprintf("its ARN is known only after the deployment, and a line of assign asks for %q", rule.ARN)
	}
	return stuck, "", fmt.Sprintf("of its ARN only %s is known before the deployment, and a line of assign asks for %q", arn, rule.ARN)
}

func when(matches bool) answer {
	if matches {
		return yes
	}
	return no
}

// match compares with a glob in which * stands for any run of characters, colons and slashes too.
func match(glob, s string) bool { return residency.NewGlob(glob).Match(s) }
