package scanners

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Probed is what a probe came to: whether a run would be answered.
type Probed struct {
	Caller   Identity
	Accounts []ProbedAccount // by id
}

// ProbedAccount is one account: whether it opened, which regions it has on, and what its services answered.
type ProbedAccount struct {
	ID       string
	Closed   *residency.Gap  // why it could not be opened; nil: it was
	Gaps     []residency.Gap // why its regions are not known
	Regions  []string        // that it has on; empty where they are not known
	Services []ProbedService // by name
}

// ProbedService is one service of an account, asked in one place.
type ProbedService struct {
	Service  string
	Region   string // global for a global scanner
	Answered int    // operations that got an answer
	Gaps     []residency.Gap
}

// asked are the operations of one task that were asked.
type asked struct {
	mu         sync.Mutex
	operations map[string]bool
}

// first reports whether an operation is asked for the first time.
func (a *asked) first(operation string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := a.operations[operation]
	a.operations[operation] = true
	return !was
}

// discard takes what a probe finds: nobody wants it.
type discard struct{}

func (discard) Add(*residency.Resource) error { return nil }

// Probe opens the accounts as Run does and runs each scanner in one place of each, in a region of those named first where there is a
// choice. The guard lets every declared operation through once, so that a probe asks no more of a large account than of a small
// one. What only a resource could be asked is not asked where there is none.
func Probe(ctx context.Context, o Options, first []string) (*Probed, error) {
	o.Limits = o.Limits.withDefaults()
	o.Limits.services = rates(o.Scanners)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	id, err := identify(ctx, newSession("caller", o.through("caller", o.AWS), o.Limits))
	if err != nil {
		return nil, err
	}
	caller := newSession(id.Account, o.through(id.Account, o.AWS), o.Limits)
	r := &runner{o: o, id: id, home: homeRegion(id.Partition)}
	if err := r.look(caller); err != nil {
		return nil, err
	}
	r.found = newFindings(discard{}, newInventory(o.Scanners, r.looksBack()), stop)
	r.organization = readOrganization(ctx, caller, r.home)
	wanted, err := r.accounts()
	if err != nil {
		return nil, err
	}
	r.scope(wanted)
	if err := r.open(ctx, caller, wanted); err != nil {
		return nil, err
	}
	probed := &Probed{Caller: id}
	for _, accountID := range r.result.Accounts {
		p := r.places[accountID]
		account := ProbedAccount{ID: accountID, Closed: p.closed, Gaps: p.gaps, Regions: p.on}
		if p.closed == nil {
			account.Services = r.probeAccount(ctx, accountID, first)
		}
		probed.Accounts = append(probed.Accounts, account)
	}
	return probed, ctx.Err()
}

// probeAccount asks the services of one account, several at once.
func (r *runner) probeAccount(ctx context.Context, accountID string, first []string) []ProbedService {
	var mu sync.Mutex
	var services []ProbedService
	var tasks errgroup.Group
	tasks.SetLimit(r.o.Limits.Tasks)
	for i := range r.o.Scanners {
		s := &r.o.Scanners[i]
		region := r.probeRegion(s, accountID, first)
		if region == "" {
			continue // offered in none of the account's regions
		}
		tasks.Go(func() error {
			p := r.probe(ctx, s, accountID, region)
			mu.Lock()
			defer mu.Unlock()
			services = append(services, p)
			return nil
		})
	}
	_ = tasks.Wait() // what went wrong is in the gaps
	slices.SortFunc(services, func(a, b ProbedService) int { return strings.Compare(a.Service, b.Service) })
	return services
}

// probeRegion is where a scanner is tried: a region that is on and has the service, best one of those named first.
func (r *runner) probeRegion(s *Scanner, accountID string, first []string) string {
	if s.Scope == Global {
		return residency.GlobalRegion
	}
	enabled := r.places[accountID].enabled
	offered := func(region string) bool {
		return slices.Contains(enabled, region) && (r.o.Unsupported == nil || !r.o.Unsupported(s.Service, region))
	}
	for _, region := range slices.Concat(first, []string{r.home}, enabled) {
		if offered(region) {
			return region
		}
	}
	return ""
}

// probe runs one scanner with each of its operations let through once.
func (r *runner) probe(ctx context.Context, s *Scanner, accountID, region string) ProbedService {
	where := region
	if s.Scope == Global {
		where = r.home
	}
	answered := &counter{}
	out := &Sink{scanner: s, account: accountID, collector: r.found, answered: answered}
	t := &Target{Account: accountID, Partition: r.id.Partition, Region: where, Regions: []string{where}, Accounts: slices.Sorted(maps.Keys(r.sessions)),
		Organization: r.organization.id, inventory: r.found.inventory, window: r.windowIn(accountID, region), session: r.sessions[accountID], scanner: s, answered: answered, crash: out.crashed,
		once: &asked{operations: map[string]bool{}}}
	if err := guarded(ctx, t, out); err != nil {
		out.Gap("", operationOf(err, s), err)
	}
	p := ProbedService{Service: s.Service, Region: region, Answered: answered.n}
	for _, g := range out.gaps {
		if unanswered(g) && !slices.ContainsFunc(p.Gaps, func(o residency.Gap) bool { return o.Call == g.Call && o.Detail == g.Detail }) {
			p.Gaps = append(p.Gaps, residency.Gap{Call: g.Call, Class: g.Class, Detail: g.Detail})
		}
	}
	slices.SortFunc(p.Gaps, func(a, b residency.Gap) int {
		return cmp.Or(strings.Compare(a.Call, b.Call), strings.Compare(a.Detail, b.Detail))
	})
	return p
}

// unanswered reports whether a gap is a question that was asked and got no answer. The others come of what a probe leaves out.
func unanswered(g residency.Gap) bool {
	switch g.Class {
	case residency.ClassDenied, residency.ClassThrottled, residency.ClassServerError, residency.ClassUnreachable:
		return true
	case residency.ClassUnimplemented:
		return !strings.HasSuffix(g.Detail, refusedByGuard)
	}
	return false
}
