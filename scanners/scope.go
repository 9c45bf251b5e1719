package scanners

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// accounts is the list of accounts to examine.
func (r *runner) accounts() ([]string, error) {
	org, wanted := &r.organization, slices.Clone(r.o.Accounts)
	switch {
	case r.o.Organization && org.err != nil:
		_, detail := classify(org.err)
		return nil, fmt.Errorf("aws.organization: list the accounts (organizations:ListAccounts): %s; or list aws.accounts", detail)
	case r.o.Organization && len(org.accounts) == 0:
		return nil, fmt.Errorf("aws.organization: account %s is in no organisation: list aws.accounts instead", r.id.Account)
	case r.o.Organization:
		wanted = slices.Clone(org.accounts)
	case len(wanted) == 0:
		wanted = []string{r.id.Account}
	}
	wanted = slices.DeleteFunc(wanted, func(a string) bool { return slices.Contains(r.o.Excluded, a) })
	if len(wanted) == 0 {
		return nil, fmt.Errorf("aws.excluded_accounts: every account is excluded: nothing is left to examine")
	}
	for _, a := range r.o.Only {
		if !slices.Contains(wanted, a) {
			return nil, fmt.Errorf("--accounts: %s is not among the accounts of the configuration: %s", a, strings.Join(wanted, ", "))
		}
	}
	slices.Sort(wanted)
	return slices.Compact(wanted), nil
}

// scope writes down what should be examined, as far as it is known before the accounts are opened.
func (r *runner) scope(wanted []string) {
	s := residency.Scope{Accounts: wanted, Scanners: map[string]string{}}
	if len(r.o.Only) > 0 {
		s.Accounts = slices.Compact(slices.Sorted(slices.Values(r.o.Only)))
		s.Narrowed = len(s.Accounts) < len(wanted)
	}
	for _, sc := range r.o.Scanners {
		s.Scanners[sc.Service] = sc.Scope.String()
	}
	if len(r.o.Scanners) < r.o.Shipped {
		s.Narrowed = true
	}
	if r.organization.err == nil {
		known := slices.Concat(r.organization.accounts, wanted, r.o.Excluded)
		slices.Sort(known)
		s.OrganizationAccounts = slices.Compact(known)
	}
	r.result = s
}

// open assumes the role in each account and asks for its regions.
func (r *runner) open(ctx context.Context, caller *session, wanted []string) error {
	r.sessions, r.places = map[string]*session{}, map[string]place{}
	all := r.o.Partition(r.id.Partition)
	if len(all) == 0 {
		return fmt.Errorf("partition %q is not known to this version", r.id.Partition)
	}
	inScope := map[string]bool{}
	for _, region := range r.o.Regions {
		inScope[region] = true
	}
	if len(inScope) == 0 {
		for _, region := range all {
			inScope[region] = true
		}
	}
	var group errgroup.Group
	group.SetLimit(r.o.Limits.Accounts)
	for _, accountID := range r.result.Accounts {
		group.Go(func() error {
			s, closed := assume(ctx, caller, r.o, r.id, accountID)
			if state := r.organization.states[accountID]; state != "" && closed != nil && closed.Class == residency.ClassDenied {
				closed.Detail = fmt.Sprintf("the account is %s, and its role cannot be assumed: if that is meant, list it under aws.excluded_accounts with a reason", state)
			}
			p := place{closed: closed}
			var known []string
			if s != nil {
				p.enabled, known, p.gaps = enabledRegions(ctx, s, r.home)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			if s != nil {
				r.sessions[accountID] = s
			}
			r.places[accountID] = p
			if len(r.o.Regions) == 0 { // a region that our table does not know yet, and an account has: the most suspicious one
				for _, region := range known {
					inScope[region] = true
				}
			}
			return nil
		})
	}
	_ = group.Wait() // tasks write what went wrong into their place
	r.result.Regions = slices.Sorted(maps.Keys(inScope))
	for accountID, p := range r.places {
		r.places[accountID] = r.split(p)
	}
	return nil
}

// split sorts the regions in scope into those to examine and those that the account has off. A region that an account has on
// and the scope leaves out narrows the run.
func (r *runner) split(p place) place {
	if p.closed != nil || len(p.gaps) > 0 { // not known: every region is asked
		if len(r.o.Regions) > 0 && len(r.o.Regions) < len(r.o.Partition(r.id.Partition)) {
			r.result.Narrowed = true
		}
		p.enabled = r.result.Regions
		return p
	}
	on := map[string]bool{}
	for _, region := range p.enabled {
		on[region] = true
		if !slices.Contains(r.result.Regions, region) {
			r.result.Narrowed = true
		}
	}
	p.on, p.enabled, p.disabled = p.enabled, nil, nil
	for _, region := range r.result.Regions {
		if on[region] {
			p.enabled = append(p.enabled, region)
		} else {
			p.disabled = append(p.disabled, region)
		}
	}
	return p
}

// homeRegion is where a partition's global services answer.
func homeRegion(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	case "aws-iso":
		return "us-iso-east-1"
	case "aws-iso-b":
		return "us-isob-east-1"
	case "aws-iso-e":
		return "eu-isoe-west-1"
	case "aws-iso-f":
		return "us-isof-south-1"
	}
	return "us-east-1"
}
