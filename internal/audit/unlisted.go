package audit

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// unlisted says why no whole listing shows whether something is still there; "" where one does. Its kind is known of a resource; a
// target is known by its ARN alone, and the ARN of an account's root stands for whatever the account holds.
func (c *coverage) unlisted(kind, id, account, region string) string {
	if facts := c.open[id]; facts != nil { // it was named, and could not be read
		return facts[0].reason
	}
	anything := false
	if parts := strings.SplitN(id, ":", 6); kind == "" && len(parts) == 6 && parts[0] == "arn" {
		kind, account, region = scanners.KindOf(id), cmp.Or(parts[4], account), cmp.Or(parts[3], region)
		anything = parts[2] == "iam" && parts[5] == "root"
	}
	if c.scope == nil {
		return "the snapshot has no scope"
	}
	scanner, _, _ := strings.Cut(kind, ".")
	if _, asked := c.scope.Scanners[scanner]; !asked && !anything {
		return "nothing was asked that lists " + id
	}
	if account == "" && c.scope.OrganizationAccounts == nil {
		return "it tells no account, and the organisation's accounts were not read"
	}
	names := []string{scanner}
	if anything {
		names = slices.Sorted(maps.Keys(c.scope.Scanners))
	}
	for _, name := range names {
		for _, a := range oneOr(account, c.everyAccount) {
			regions := oneOr(region, func() []string { return c.scope.Regions })
			if c.scope.Scanners[name] == residency.ScopeGlobal {
				regions = []string{residency.GlobalRegion}
			}
			for _, r := range regions {
				if why := c.unwhole(line{scanner: name, account: a, region: r}); why != "" {
					return why
				}
			}
		}
	}
	return ""
}

func oneOr(one string, all func() []string) []string {
	if one != "" {
		return []string{one}
	}
	return all()
}

// everyAccount is each one of the scope and of the organisation: something that tells no account may be in any.
func (c *coverage) everyAccount() []string {
	all := slices.Concat(c.scope.Accounts, c.scope.OrganizationAccounts)
	slices.Sort(all)
	return slices.Compact(all)
}

// unwhole says why a line lists not everything.
func (c *coverage) unwhole(key line) string {
	where := key.scanner + ", account " + key.account + ", " + key.region
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
