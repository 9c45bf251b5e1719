package scanners

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// runAll runs every scanner in every account and region, and then the oracles, which compare with what all of them found. A task
// writes coverage and returns nil, so that one failure cancels nothing.
func (r *runner) runAll(ctx context.Context) {
	r.total = 0
	for _, accountID := range r.result.Accounts {
		for i := range r.o.Scanners {
			r.total += len(r.regionsOf(&r.o.Scanners[i], accountID))
		}
	}
	r.pass(ctx, false)
	r.found.inventory.close()
	r.pass(ctx, true)
}

// pass runs the oracles, or all others, and waits for them.
func (r *runner) pass(ctx context.Context, oracles bool) {
	var accounts errgroup.Group
	accounts.SetLimit(r.o.Limits.Accounts)
	for _, accountID := range r.result.Accounts {
		accounts.Go(func() error {
			var tasks errgroup.Group
			tasks.SetLimit(r.o.Limits.Tasks)
			for _, global := range []bool{true, false} { // buckets first: most destinations are one
				for i := range r.o.Scanners {
					s := &r.o.Scanners[i]
					if (s.Scope == Global) != global || s.Oracle != oracles {
						continue
					}
					for _, region := range r.regionsOf(s, accountID) {
						tasks.Go(func() error { r.line(r.task(ctx, s, accountID, region)); return nil })
					}
				}
			}
			return tasks.Wait()
		})
	}
	_ = accounts.Wait()
}

func (r *runner) regionsOf(s *Scanner, accountID string) []string {
	if s.Scope == Global {
		return []string{residency.GlobalRegion}
	}
	p := r.places[accountID]
	return append(slices.Clone(p.enabled), p.disabled...)
}

// task runs one scanner in one place, or says why it cannot.
func (r *runner) task(ctx context.Context, s *Scanner, accountID, region string) residency.Coverage {
	line := residency.Coverage{Scanner: s.Service, Account: accountID, Region: region}
	p := r.places[accountID]
	switch {
	case p.closed != nil:
		line.Status = residency.Failed
		if p.closed.Class == residency.ClassDenied || p.closed.Class == residency.ClassMismatch {
			line.Status = residency.Denied
		}
		return line
	case slices.Contains(p.disabled, region):
		line.Status = residency.Disabled
		return line
	case r.o.Unsupported != nil && region != residency.GlobalRegion && r.o.Unsupported(s.Service, region):
		line.Status = residency.Unsupported
		return line
	case ctx.Err() != nil:
		line.Status = residency.Failed
		line.Gaps = []residency.Gap{{Call: s.Calls[0].Operation, Class: residency.ClassCancelled, Detail: "the run was interrupted: run it again"}}
		return line
	}
	where := region
	if s.Scope == Global {
		where = r.home
	}
	ctx = context.WithValue(ctx, taskKey{}, taskOf{s.Service, region})
	answered := &counter{}
	out := &Sink{scanner: s, account: accountID, collector: r.found, answered: answered}
	t := &Target{Account: accountID, Partition: r.id.Partition, Region: where, Regions: p.enabled, Accounts: slices.Sorted(maps.Keys(r.sessions)),
		Organization: r.organization.id, inventory: r.found.inventory, window: r.windowIn(accountID, region), session: r.sessions[accountID], scanner: s, answered: answered, crash: out.crashed}
	if err := guarded(ctx, t, out); err != nil {
		out.Gap("", operationOf(err, s), err)
	}
	if err := ctx.Err(); err != nil && !out.interrupted() { // what a scanner leaves out when it is interrupted must not go unsaid
		out.Gap("", s.Calls[0].Operation, err)
	}
	return out.coverage(region, answered.n)
}

// guarded runs Scan. A service that answers what its own documents rule out may crash a scanner: that is a gap like any other
// and must not take the rest of the run with it.
func guarded(ctx context.Context, t *Target, out *Sink) (err error) {
	defer func() {
		if v := recover(); v != nil {
			out.crashed(v)
		}
	}()
	return t.scanner.Scan(ctx, t, out)
}

// operationOf is the call that an error came from.
func operationOf(err error, s *Scanner) string {
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return op.Operation()
	}
	var undeclared errUndeclared
	if errors.As(err, &undeclared) {
		return undeclared.operation
	}
	return s.Calls[0].Operation
}

func (r *runner) line(c residency.Coverage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, c)
	r.gaps += len(c.Gaps)
	if r.o.Progress != nil {
		r.o.Progress(Progress{Done: len(r.lines), Total: r.total, Resources: r.found.count(), Gaps: r.gaps})
	}
}

// coverage sorts the lines and puts the gaps that concern an account as a whole on one of the account's.
func (r *runner) coverage() {
	slices.SortFunc(r.lines, func(a, b residency.Coverage) int {
		return cmp.Or(strings.Compare(a.Scanner, b.Scanner), strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region))
	})
	for accountID, p := range r.places {
		gaps := p.gaps
		if p.closed != nil {
			gaps = []residency.Gap{*p.closed}
		}
		if i := lineFor(r.lines, coverageKey{account: accountID}); i >= 0 {
			addGaps(&r.lines[i], gaps)
		}
	}
}

// lineFor finds the line on which a gap without a line of its own stands: the first of the scanner in the account that was to be
// examined, else the account's, else the scanner's, else the first of all. -1 where there is no line.
func lineFor(lines []residency.Coverage, key coverageKey) int {
	best, most := -1, -1
	for i, c := range lines {
		fit := 0
		for _, point := range []struct {
			worth int
			ok    bool
		}{{4, c.Account == key.account}, {2, c.Scanner == key.scanner}, {1, c.Status != residency.Disabled && c.Status != residency.Unsupported}} {
			if point.ok {
				fit += point.worth
			}
		}
		if fit > most {
			best, most = i, fit
		}
	}
	return best
}

func addGaps(c *residency.Coverage, gaps []residency.Gap) {
	c.Gaps = append(c.Gaps, gaps...)
	if len(c.Gaps) > 0 && c.Status == residency.Complete {
		c.Status = residency.Partial
	}
	sortGaps(c.Gaps)
	c.Gaps = slices.Compact(c.Gaps) // asked twice, or seen from two places: one question
}
