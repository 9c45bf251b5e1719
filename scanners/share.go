package scanners

import (
	"slices"

	"github.com/seed-1578181b/domicile/internal/grant"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Shares turns a resource policy into the shares of r: placements with its own role and region and the receiver's account.
// What cannot be told is a gap on the call that read the policy.
func (s *Sink) Shares(t *Target, r residency.Resource, operation, policy string, role residency.Role) []residency.Placement {
	_, service, _, _, _, _ := ParseARN(r.ID)
	found, open, err := grant.Readers(policy, service, t.Organization)
	if err != nil {
		s.Malformed(r.ID, operation, err.Error())
		return nil
	}
	if len(open) > 0 {
		s.Unresolved(r.ID, operation, "the policy lets in principals whose account it does not tell")
	}
	var shares []residency.Placement
	for _, g := range found {
		share := residency.Placement{Role: role, Region: r.Region, Account: g.Account, Via: g.Via}
		if g.Account != orDefault(r.Account, t.Account) && !slices.Contains(shares, share) {
			shares = append(shares, share)
		}
	}
	return shares
}
