package plan

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Settle finishes a resource of which every part has come in: a public-access block, declared apart from the policy, closes what looks
// public. Source: Amazon S3 User Guide, "Blocking public access": with RestrictPublicBuckets a public policy lets in nobody but the
// account itself and AWS's services; with IgnorePublicAcls no ACL makes anything public.
func Settle(r *residency.Resource) {
	if r.Facts[restrictsPolicies] == true && slices.ContainsFunc(r.Placements, publicByPolicy) {
		r.Placements = slices.DeleteFunc(r.Placements, func(p residency.Placement) bool { return isShare(r, p) && !strings.Contains(p.Via, viaACL) })
	}
	if r.Facts[ignoresACLs] == true {
		r.Placements = slices.DeleteFunc(r.Placements, func(p residency.Placement) bool {
			return p.Account == residency.Everybody && strings.Contains(p.Via, viaACL)
		})
	}
	delete(r.Facts, restrictsPolicies)
	delete(r.Facts, ignoresACLs)
}

func publicByPolicy(p residency.Placement) bool {
	return p.Account == residency.Everybody && !strings.Contains(p.Via, viaACL)
}

// isShare reports whether a placement is the resource's own place seen by another account.
func isShare(r *residency.Resource, p residency.Placement) bool {
	return p.Target == "" && p.Account != "" && p.Account != r.Account && p.Role == residency.Primary
}
