package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"
)

// Target is one account and region that a scanner is run against. Region is the partition's home region for a global scanner.
type Target struct {
	Account   string
	Partition string // aws, aws-cn, aws-us-gov, …
	Region    string
	Regions   []string // the account's enabled regions that are in scope, sorted
	Accounts  []string // those that the run could open, sorted

	Organization string // the organisation's id (o-…), empty where it was not read or there is none

	inventory *inventory // what the other scanners found; for an oracle
	window    window     // the time of which the events are asked

	session  *session
	scanner  *Scanner
	answered *counter
	crash    func(value any) // records a panic of the scanner
	once     *asked          // for a probe: what was asked already, and is not asked again; nil: everything may be
}

// Config is the SDK configuration for the target's own region, for the scanner's declared calls and no others.
func (t *Target) Config() aws.Config { return t.ConfigIn(t.Region) }

// ConfigIn is the same for another region. Make one client for each region and keep it: a client's retry quota is its own.
func (t *Target) ConfigIn(region string) aws.Config {
	return t.session.config(region, t.declared, t.answered)
}

func (t *Target) declared(service, operation string) bool {
	for _, c := range t.scanner.Calls {
		if c.Operation == operation && (c.Package == service || c.Package == "" && t.scanner.Service == service) {
			return t.once == nil || t.once.first(service+"."+operation)
		}
	}
	return false
}

// Home is where names without a region or an account are understood: the target's own place.
func (t *Target) Home() Home {
	return Home{Partition: t.Partition, Region: t.Region, Account: t.Account}
}

// ARN is the name of something of the target's own account and region.
func (t *Target) ARN(service, resource string) string { return t.Home().ARN(service, resource) }

// Reports says whether this target is the one to report a thing that is seen from many: a trail's shadows, an organisation's trail
// in its members. The owner's home region does; where the run does not examine the home, the first region; where it does not
// examine the owner, everybody who sees it, and the runner keeps one of them.
func (t *Target) Reports(owner, home string) bool {
	switch {
	case owner != t.Account && slices.Contains(t.Accounts, owner):
		return false
	case slices.Contains(t.Regions, home), len(t.Regions) == 0:
		return t.Region == home
	}
	return t.Region == t.Regions[0]
}

// each runs do for every item with bounded concurrency and waits. An error stops it, and so does an interruption; what concerns
// one item only is a gap and not an error, and so is an item at which the scanner crashes. This is the runner's fan-out:
// scanners start no goroutine of their own.
func each[T any](ctx context.Context, t *Target, items []T, do func(context.Context, T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(t.session.limits.Requests)
	for _, item := range items {
		group.Go(func() error {
			defer func() { // a panic of a goroutine would take the whole run with it
				if v := recover(); v != nil {
					t.crash(v)
				}
			}()
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(ctx, item)
		})
	}
	return group.Wait()
}
