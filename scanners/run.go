package scanners

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

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
	Since        time.Time                   // the start of the last run: the events since then are read; zero: there was none
	SinceIn      map[AccountRegion]time.Time // where another run was the last to read them
	Until        time.Time                   // the start of this run
	TrailBucket  string                      // s3://BUCKET/PREFIX of the trail whose log files are read for that; empty: by look-up
	Limits       Limits
	Witness      Witness        // sees every answer; nil: nobody does
	Progress     func(Progress) // called from several goroutines; nil: nobody looks
}

// AccountRegion is one account and one of its regions.
type AccountRegion struct{ Account, Region string }

// through puts the transport, and who sees the answers, between an account's calls and the network.
func (o Options) through(accountID string, base aws.Config) aws.Config {
	base.HTTPClient, base.APIOptions = o.AWS.HTTPClient, slices.Clone(o.AWS.APIOptions) // base may be another account's
	if o.Transport != nil {
		base.HTTPClient = o.Transport.Client(accountID, o.AWS.HTTPClient)
		base.APIOptions = append(base.APIOptions, o.Transport.Register)
	}
	if o.Witness != nil {
		next := base.HTTPClient
		if next == nil {
			next = awshttp.NewBuildableClient()
		}
		base.HTTPClient = witnessed(o.Witness, accountID, next)
		base.APIOptions = append(base.APIOptions, noteInput)
	}
	return base
}

// Progress is how far a run came.
type Progress struct{ Done, Total, Resources, Gaps int }

// Result is what a run examined. Its resources went to the collector; each must pass through Finish before Coverage is read.
type Result struct {
	Caller   Identity
	Scope    residency.Scope
	Complete bool // false: interrupted
	Events   EventCount

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

// Coverage is every line, sorted by scanner, account and region.
func (r *Result) Coverage() []residency.Coverage {
	for i := range r.lines {
		c := &r.lines[i]
		key := coverageKey{c.Scanner, c.Account, c.Region}
		addGaps(c, r.late[key])
		delete(r.late, key)
	}
	for key, gaps := range r.late { // a resource without a region of its own, or of an account that only others see
		if i := lineFor(r.lines, key); i >= 0 {
			addGaps(&r.lines[i], gaps)
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
	r := &runner{o: o, id: id, home: homeRegion(id.Partition)}
	if err := r.look(caller); err != nil {
		return nil, err
	}
	r.found = newFindings(c, newInventory(o.Scanners, r.looksBack()), stop)
	org := readOrganization(ctx, caller, r.home)
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
	r.noteRegions()
	r.runAll(ctx)
	r.coverage()
	r.reconcile()
	res := &Result{Caller: id, lines: r.lines, late: map[coverageKey][]residency.Gap{}}
	res.Scope = r.result
	res.buckets = r.found.resolve(ctx, r.sessions, r.home, r.unlisted())
	if err := r.found.flush(r.id.Partition); err != nil {
		return nil, err
	}
	r.countEvents(res)
	res.Complete = whole.Err() == nil
	if !res.Complete {
		interrupted(res.lines)
	}
	return res, nil
}

// unlisted are the accounts whose own list of buckets was not read, sorted.
func (r *runner) unlisted() []string {
	open := slices.Sorted(maps.Keys(r.sessions))
	return slices.DeleteFunc(open, func(account string) bool {
		return slices.ContainsFunc(r.lines, func(c residency.Coverage) bool {
			return c.Scanner == "s3" && c.Account == account && (c.Status == residency.Complete || c.Status == residency.Partial) &&
				!slices.ContainsFunc(c.Gaps, func(g residency.Gap) bool { return g.Call == "ListBuckets" })
		})
	})
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
	window       window // the time of which the events are asked, where no place has its own
	trail        *trailBucket

	mu       sync.Mutex
	sessions map[string]*session
	places   map[string]place // by account
	lines    []residency.Coverage
	gaps     int // so far
	total    int // lines
}

// place is where an account is examined.
type place struct {
	on       []string // regions that the account says are on, in scope or not
	enabled  []string // regions to examine
	disabled []string // regions in scope that the account has off
	closed   *residency.Gap
	gaps     []residency.Gap // of the account as a whole
}
