package scanners

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/smithy-go"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Collector receives what scanners find. It is called from several goroutines.
type Collector interface {
	Add(*residency.Resource) error
}

// Sink takes the results of one scanner in one account and region: resources and gaps, nothing else.
type Sink struct {
	scanner   *Scanner
	account   string
	collector *findings
	answered  *counter

	mu        sync.Mutex
	resources int
	gaps      []residency.Gap
	oracles   []residency.Reconciled
	unjudged  []residency.NotJudged
}

// Add hands a resource over. Its account is the target's where the scanner left it empty.
func (s *Sink) Add(r residency.Resource) {
	if r.Account == "" {
		r.Account = s.account
	}
	s.collector.add(&r, s.account)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resources++
}

// AddCollector hands over a resource that gathers from other accounts and regions. Its sources are filled in when it is known
// where there are data stores.
func (s *Sink) AddCollector(r residency.Resource, covers ...Covers) {
	if r.Account == "" {
		r.Account = s.account
	}
	s.collector.later(r, covers, s.account)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resources++
}

// Gap records that a call gave no answer. The resource is the id of the one it concerns, empty for none in particular.
func (s *Sink) Gap(resource, operation string, err error) {
	class, detail := classify(err)
	if class == residency.ClassDenied {
		detail = s.cure(operation, detail)
	}
	s.record(residency.Gap{Call: operation, Class: class, Resource: resource, Detail: detail})
}

// Unresolved records that an answer came but does not say what was asked: a destination without a region, say.
func (s *Sink) Unresolved(resource, operation, detail string) {
	s.record(residency.Gap{Call: operation, Class: residency.ClassUnresolved, Resource: resource, Detail: detail})
}

// Malformed records that an answer contradicts itself: a list that was cut without a token to go on with, say.
func (s *Sink) Malformed(resource, operation, detail string) {
	s.record(residency.Gap{Call: operation, Class: residency.ClassMalformed, Resource: resource, Detail: detail})
}

func (s *Sink) record(g residency.Gap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, g)
}

// reconcile records what a comparison came to.
func (s *Sink) reconcile(c residency.Reconciled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oracles = append(s.oracles, c)
}

// notJudged records a service in use that has no scanner.
func (s *Sink) notJudged(n residency.NotJudged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unjudged = append(s.unjudged, n)
}

// None reports whether err is one that the call's declaration lists as the answer "there is none".
func (s *Sink) None(operation string, err error) bool {
	if err == nil {
		return false
	}
	call, ok := s.scanner.Call(operation)
	if !ok {
		return false
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	for _, a := range call.None {
		if api.ErrorCode() == a.Code && strings.Contains(api.ErrorMessage(), a.Message) {
			s.answered.add()
			return true
		}
	}
	return false
}

// cure names the IAM action that a denied call needs, unless a policy above the account denied it.
func (s *Sink) cure(operation, detail string) string {
	call, ok := s.scanner.Call(operation)
	if !ok || call.IAM == "" || detail != detailMissingAction {
		return detail
	}
	return fmt.Sprintf("the audit role lacks %s: allow it", call.IAM)
}

// crashed records that the scanner stopped at an answer that its service's documents rule out.
func (s *Sink) crashed(value any) { s.Gap("", s.scanner.Calls[0].Operation, errCrashed{value}) }

// interrupted reports whether a gap says that the scan was cut short.
func (s *Sink) interrupted() bool {
	return s.leaves(func(g residency.Gap) bool { return g.Class == residency.ClassCancelled })
}

// leaves reports whether there is such a gap so far.
func (s *Sink) leaves(such func(residency.Gap) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.gaps, such)
}

// coverage sums up one task. answered is the number of calls that got an answer.
func (s *Sink) coverage(region string, answered int) residency.Coverage {
	s.mu.Lock()
	defer s.mu.Unlock()
	sortGaps(s.gaps)
	c := residency.Coverage{Scanner: s.scanner.Service, Account: s.account, Region: region, Resources: s.resources, Gaps: s.gaps,
		Oracles: s.oracles, NotJudged: s.unjudged}
	switch {
	case len(s.gaps) == 0:
		c.Status = residency.Complete
	case answered > 0 || s.resources > 0:
		c.Status = residency.Partial
	case allDenied(s.gaps):
		c.Status = residency.Denied
	default:
		c.Status = residency.Failed
	}
	return c
}

func allDenied(gaps []residency.Gap) bool {
	for _, g := range gaps {
		if g.Class != residency.ClassDenied {
			return false
		}
	}
	return true
}
