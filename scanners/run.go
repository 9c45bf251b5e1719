package scanners

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Options say what a run examines and how hard it may ask.
type Options struct {
	AWS          aws.Config                      // the caller's
	Transport    Transport                       // nil: straight to AWS
	Scanners     []Scanner                       // those to run
	Shipped      int                             // how many there are in all; fewer narrows the run
	Accounts     []string                        // asked for; empty: the caller's own
	Organization bool                            // every account of the organisation instead
	Only         []string                        // accounts to examine of these; empty: all
	Excluded     []string                        // accounts left out by the configuration
	Role         string                          // assumed in every account but the caller's
	Regions      []string                        // to examine; empty: every region that an account has enabled
	Partition    func(partition string) []string // every region of a partition
	Unsupported  func(service, region string) bool
	Limits       Limits
	Progress     func(Progress) // called from several goroutines; nil: nobody looks
}

// through puts the transport between an account's calls and the network.
func (o Options) through(accountID string, base aws.Config) aws.Config {
	if o.Transport == nil {
		return base
	}
	base.HTTPClient = o.Transport.Client(accountID, o.AWS.HTTPClient)
	base.APIOptions = append([]func(*middleware.Stack) error{}, o.Transport.Register)
	return base
}

// Progress is how far a run came.
type Progress struct{ Done, Total, Resources, Gaps int }

// Result is what a run examined. Its resources went to the collector; each must pass through Finish before Coverage is read.
type Result struct {
	Caller   Identity
	Scope    residency.Scope
	Complete bool // false: interrupted

	lines   []residency.Coverage
	late    map[coverageKey][]residency.Gap
	buckets *buckets
}

// Finish fills in what only the whole inventory knows: the region and owner of buckets that are named as destinations.
func (r *Result) Finish(res *residency.Resource) {
	gaps := r.buckets.finish(res)
	if len(gaps) == 0 {
		return
	}
	key := coverageKey{account: res.Account, region: res.Region}
	key.scanner, _, _ = strings.Cut(res.Kind, ".")
	if r.Scope.Scanners[key.scanner] == residency.ScopeGlobal {
		key.region = residency.GlobalRegion
	}
	r.late[key] = append(r.late[key], gaps...)
}

// distinctGaps says once what a resource that is seen from several places, or names a bucket twice, leaves open.
func distinctGaps(gaps []residency.Gap) []residency.Gap {
	sortGaps(gaps)
	return slices.Compact(gaps)
}

// Coverage is every line, sorted by scanner, account and region.
func (r *Result) Coverage() []residency.Coverage {
	for i := range r.lines {
		c := &r.lines[i]
		key := coverageKey{c.Scanner, c.Account, c.Region}
		addGaps(c, distinctGaps(r.late[key]))
		delete(r.late, key)
	}
	for key, gaps := range r.late { // a resource without a region of its own, or of an account that only others see
		if i := lineFor(r.lines, key); i >= 0 {
			addGaps(&r.lines[i], distinctGaps(gaps))
		}
		delete(r.late, key)
	}
	for i := range r.lines {
		if r.lines[i].Gaps == nil {
			r.lines[i].Gaps = []residency.Gap{}
		}
	}
	return r.lines
}

// Run examines the accounts and hands each resource to c. The error is one that ends the run: who calls is not known, the
// organisation cannot be listed, the collector failed. Everything else is coverage.
func Run(ctx context.Context, o Options, c Collector) (*Result, error) {
	o.Limits = o.Limits.withDefaults()
	o.Limits.services = rates(o.Scanners)
	whole := ctx
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	caller := newSession("caller", o.through("caller", o.AWS), o.Limits)
	id, err := identify(ctx, caller)
	if err != nil {
		return nil, err
	}
	caller = newSession(id.Account, o.through(id.Account, o.AWS), o.Limits)
	r := &runner{o: o, id: id, home: homeRegion(id.Partition), found: newFindings(c, stop)}
	org := organizationAccounts(ctx, caller, r.home)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.organization = org
	wanted, err := r.accounts()
	if err != nil {
		return nil, err
	}
	r.scope(wanted)
	if err := r.open(ctx, caller, wanted); err != nil {
		return nil, err
	}
	r.runAll(ctx)
	res := &Result{Caller: id, lines: r.coverage(), late: map[coverageKey][]residency.Gap{}}
	res.Scope = r.result
	res.buckets = r.found.resolve(ctx, r.sessions, r.home)
	if err := r.found.flush(r.id.Partition); err != nil {
		return nil, err
	}
	res.Complete = whole.Err() == nil
	if !res.Complete {
		interrupted(res.lines)
	}
	return res, nil
}

// interrupted makes sure that a run which was cut short does not look whole, wherever it was when that happened.
func interrupted(lines []residency.Coverage) {
	cut := func(g residency.Gap) bool { return g.Class == residency.ClassCancelled }
	if slices.ContainsFunc(lines, func(c residency.Coverage) bool { return slices.ContainsFunc(c.Gaps, cut) }) || len(lines) == 0 {
		return
	}
	gap := residency.Gap{Call: "HeadBucket"} // what is asked last
	gap.Class, gap.Detail = classify(context.Canceled)
	addGaps(&lines[max(lineFor(lines, coverageKey{}), 0)], []residency.Gap{gap})
}

// runner is one run.
type runner struct {
	o            Options
	id           Identity
	home         string
	organization organization
	result       residency.Scope
	found        *findings

	mu       sync.Mutex
	sessions map[string]*session
	places   map[string]place // by account
	lines    []residency.Coverage
	gaps     int // so far
	total    int // lines
}

// place is where an account is examined.
type place struct {
	enabled  []string // regions to examine
	disabled []string // regions in scope that the account has off
	closed   *residency.Gap
	gaps     []residency.Gap // of the account as a whole
}

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
	p.enabled, p.disabled = nil, nil
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
