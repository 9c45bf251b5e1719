package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/scanners"
	"github.com/seed-1578181b/domicile/scanners/plan"
)

// Scan is the main job: inventory, judge, keep the run.
type Scan struct {
	Keeper
	Options  scanners.Options // accounts, regions and scanners as the flags ask; the configuration fills in the rest
	Observed time.Time        // the snapshot's time: the start, or the recording's
	// Redact takes secrets out of an answer before its digest is kept, as a recording would.
	Redact func(body []byte) []byte
}

// sortBudget bounds the resources held in memory before they are sorted to disk, in bytes.
const sortBudget = 4 << 20

// Run scans, judges and keeps the run. An interruption keeps what was finished: the run is marked incomplete and the error is
// the context's.
func (s *Scan) Run(ctx context.Context) (*Run, error) {
	// An answer is garbage as soon as it is read; 30 here costs a tenth of the request rate, and 100 two megabytes.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	if len(s.Homes) == 0 {
		if _, err := s.takeUp(s.Observed); err != nil {
			return nil, err
		}
	}
	run, err := s.keep(context.WithoutCancel(ctx), s.Observed, func(p *evidence.Pending) (seen, error) {
		log, err := newCalls(p.Path(CallsFileName), s.Now, s.Redact)
		if err != nil {
			return seen{}, err
		}
		log.warm = s.Forget
		s.Options.Witness = log
		result, err := s.inventory(ctx, p)
		if err := errors.Join(err, log.close()); err != nil {
			return seen{}, err
		}
		return seen{caller: result.Caller.ARN, scope: &result.Scope, skew: log.skew}, nil
	})
	if err != nil || run.Summary.Complete { // an interruption that came too late to leave anything out is none
		return run, err
	}
	return run, ctx.Err()
}

// inventory runs the scanners and writes the snapshot, sorted.
func (s *Scan) inventory(ctx context.Context, p *evidence.Pending) (result *scanners.Result, err error) {
	sorter := snapshot.NewSorter(p.Dir(), sortBudget)
	defer func() { err = errors.Join(err, sorter.Close()) }()
	o := s.options()
	if err := errors.Join(s.between(&o), noteAsked(p, &o)); err != nil {
		return nil, err
	}
	result, err = scanners.Run(ctx, o, sorter)
	if err != nil {
		return nil, err
	}
	out, err := snapshot.Create(p.Path(snapshot.FileName), residency.Header{Schema: residency.SchemaVersion, Run: s.Observed.UTC().Truncate(time.Second),
		Tool: s.Tool, Partition: result.Caller.Partition, Scope: &result.Scope})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Abort())
		}
	}()
	merge := joiner{finish: result.Finish, write: out.Resource}
	if err := sorter.Merge(merge.take); err != nil {
		return nil, err
	}
	if err := merge.flush(); err != nil {
		return nil, err
	}
	for _, c := range result.Coverage() {
		if err := out.Coverage(c); err != nil {
			return nil, err
		}
	}
	return result, out.Close()
}

// joiner makes one resource of what two regions or accounts report of the same id.
type joiner struct {
	finish func(*residency.Resource) // each part
	settle func(*residency.Resource) // the whole; nil: nothing
	write  func(*residency.Resource) error
	last   *residency.Resource
}

func (j *joiner) take(r *residency.Resource) error {
	j.finish(r)
	if j.last == nil || j.last.ID != r.ID {
		err := j.flush()
		last := *r // r is valid only until this returns
		last.Placements, last.Sources = slices.Clone(r.Placements), slices.Clone(r.Sources)
		last.Tags, last.Facts = maps.Clone(r.Tags), maps.Clone(r.Facts)
		j.last = &last
		return err
	}
	for _, p := range r.Placements {
		if !slices.Contains(j.last.Placements, p) {
			j.last.Placements = append(j.last.Placements, p)
		}
	}
	for _, s := range r.Sources {
		if !slices.Contains(j.last.Sources, s) {
			j.last.Sources = append(j.last.Sources, s)
		}
	}
	if j.last.Tags == nil {
		j.last.Tags = maps.Clone(r.Tags)
	}
	for name, fact := range r.Facts {
		if j.last.Facts == nil {
			j.last.Facts = map[string]any{}
		}
		j.last.Facts[name] = fact
	}
	return nil
}

func (j *joiner) flush() error {
	if j.last == nil {
		return nil
	}
	if j.settle != nil {
		j.settle(j.last)
	}
	return j.write(j.last)
}

// Probe asks every account and service a little, in one of the regions that are named first where there is a choice: whether a scan
// would be answered.
func (s *Scan) Probe(ctx context.Context, first []string) (*scanners.Probed, error) {
	o := s.options()
	o.Since, o.Until = s.Observed.Add(-time.Hour), s.Observed // the events of an hour, as a scan after an hour would ask
	return scanners.Probe(ctx, o, first)
}

// options are the flags' and the configuration's together.
func (s *Scan) options() scanners.Options {
	o, c := s.Options, s.Config.AWS
	o.Accounts, o.Organization, o.Role = c.Accounts, c.Organization, c.Role
	for _, e := range c.ExcludedAccounts {
		o.Excluded = append(o.Excluded, e.ID)
	}
	if len(o.Regions) == 0 {
		o.Regions = c.Regions
	}
	o.TrailBucket = s.Config.Events.TrailBucket
	o.Partition, o.Unsupported = config.PartitionRegions, scanners.NotOffered
	return o
}

// NewJudge is a judge with the shipped scanners' knowledge of which call answers what.
func NewJudge(engine *policies.Engine, c *config.Config) *Judge {
	return &Judge{Engine: engine, Zones: c.Zones, Rules: c.Assign, Trusted: c.AWS.TrustedAccounts, Own: ownAccounts(c), Calls: CallFacts(), Scanned: scannedKinds(),
		Notes: exclusions(c), Waivers: c.Register.Waivers, Cleanups: c.Register.Cleanups}
}

func ownAccounts(c *config.Config) []string {
	own := slices.Clone(c.AWS.Accounts)
	for _, e := range c.AWS.ExcludedAccounts {
		own = append(own, e.ID)
	}
	return own
}

// scannedKinds knows every kind that a shipped scanner reads.
func scannedKinds() func(kind string) bool {
	kinds := map[string]bool{}
	for _, s := range scanners.All() {
		for _, k := range s.Kinds {
			kinds[k] = true
		}
	}
	return func(kind string) bool { return kinds[kind] }
}

// exclusions says in every report which accounts the configuration leaves out.
func exclusions(c *config.Config) (notes []string) {
	for _, e := range c.AWS.ExcludedAccounts {
		notes = append(notes, fmt.Sprintf("account %s is excluded from the audit: %s (approved by %s)", e.ID, e.Reason, e.Approver))
	}
	return notes
}

// CallFacts says which facts each call of each shipped scanner answers, those of the runner among them.
func CallFacts() func(scanner, call string) ([]residency.Fact, bool) {
	type key struct{ scanner, call string }
	facts := map[key][]residency.Fact{}
	for _, s := range scanners.All() {
		for _, c := range s.Calls { // one operation may be declared of two packages
			k := key{s.Service, c.Operation}
			facts[k] = slices.Concat(facts[k], c.Facts)
		}
		// The runner's own come last: it asks HeadBucket about what a resource names. Where s3 asks it about a bucket itself and gets
		// no answer, there is a gap on GetBucketLocation beside it, which leaves the same open.
		for _, c := range scanners.RunnerCalls() {
			if k := (key{s.Service, c.Operation}); len(c.Facts) > 0 || len(facts[k]) == 0 {
				facts[k] = c.Facts
			}
		}
	}
	return func(scanner, call string) ([]residency.Fact, bool) {
		if scanner == plan.Scanner {
			return plan.Facts(call)
		}
		f, ok := facts[key{scanner, call}]
		return f, ok
	}
}
