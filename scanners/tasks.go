package scanners

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// runAll runs every scanner in every account and region. A task writes coverage and returns nil, so that one failure cancels
// nothing.
func (r *runner) runAll(ctx context.Context) {
	var accounts errgroup.Group
	accounts.SetLimit(r.o.Limits.Accounts)
	r.total = 0
	for _, accountID := range r.result.Accounts {
		for i := range r.o.Scanners {
			r.total += len(r.regionsOf(&r.o.Scanners[i], accountID))
		}
	}
	for _, accountID := range r.result.Accounts {
		accounts.Go(func() error {
			var tasks errgroup.Group
			tasks.SetLimit(r.o.Limits.Tasks)
			for _, global := range []bool{true, false} { // buckets first: most destinations are one
				for i := range r.o.Scanners {
					s := &r.o.Scanners[i]
					if (s.Scope == Global) != global {
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
	answered := &counter{}
	t := &Target{Account: accountID, Partition: r.id.Partition, Region: where, Regions: p.enabled, Accounts: slices.Sorted(maps.Keys(r.sessions)), Organization: r.organization, session: r.sessions[accountID], scanner: s, answered: answered}
	out := &Sink{scanner: s, account: accountID, collector: r.found, answered: answered}
	if err := guarded(ctx, t, out); err != nil {
		out.Gap("", operationOf(err, s), err)
	}
	return out.coverage(region, answered.n)
}

// guarded runs Scan. A service that answers what its own documents rule out may crash a scanner: that is a gap like any other
// and must not take the rest of the run with it.
func guarded(ctx context.Context, t *Target, out *Sink) (err error) {
	defer func() {
		if v := recover(); v != nil {
			out.Malformed("", t.scanner.Calls[0].Operation, fmt.Sprintf("the scanner stopped at an answer that it does not understand: %v", v))
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
	r.done++
	if r.o.Progress != nil {
		gaps := 0
		for _, l := range r.lines[max(0, len(r.lines)-1):] {
			gaps += len(l.Gaps)
		}
		r.o.Progress(Progress{Done: r.done, Total: r.total, Resources: r.found.count(), Gaps: gaps})
	}
}

// coverage is every line, sorted, with the gaps that concern an account as a whole on the account's first line.
func (r *runner) coverage() []residency.Coverage {
	slices.SortFunc(r.lines, func(a, b residency.Coverage) int {
		return cmp.Or(strings.Compare(a.Scanner, b.Scanner), strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region))
	})
	told := map[string]bool{}
	for i := range r.lines {
		c := &r.lines[i]
		if !told[c.Account] && c.Status != residency.Disabled && c.Status != residency.Unsupported {
			told[c.Account] = true
			p := r.places[c.Account]
			if p.closed != nil {
				c.Gaps = append(c.Gaps, *p.closed)
			}
			addGaps(c, p.gaps)
		}
		if c.Gaps == nil {
			c.Gaps = []residency.Gap{}
		}
	}
	return r.lines
}

func addGaps(c *residency.Coverage, gaps []residency.Gap) {
	c.Gaps = append(c.Gaps, gaps...)
	if len(c.Gaps) > 0 && c.Status == residency.Complete {
		c.Status = residency.Partial
	}
	sortGaps(c.Gaps)
}
