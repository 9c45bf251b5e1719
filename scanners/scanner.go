// Package scanners sees: it inventories AWS through read-only calls, one file for each service, and turns what a service says
// into resources with placements. A scanner may return an error, add a resource or record a gap; it may not drop, log, retry
// or start a goroutine. Only the runner does.
package scanners

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Scope says how often a scanner is run in an account.
type Scope int

// The scopes of a scanner.
const (
	Regional Scope = iota // once in every enabled region
	Global                // once
)

func (s Scope) String() string {
	if s == Global {
		return residency.ScopeGlobal
	}
	return residency.ScopeRegional
}

// Answer is a service's own error that is an answer, "there is none", and not a gap. Both parts must match: the same code
// with another message is an ordinary failure.
type Answer struct {
	Code    string // the API error code, whole
	Message string // a part of the message; empty matches any
}

// Call declares one SDK operation of a scanner. The read-only guard, iam-policy, the operation list and the conformance
// suite are all made from these.
type Call struct {
	Operation string           // SDK operation name: GetBucketReplication
	IAM       string           // the IAM action that it needs, empty where none is
	Facts     []residency.Fact // what it answers; a gap on it leaves these open
	Optional  bool             // a second source of facts that another call proves too: its denial alone is no gap
	Package   string           // SDK package of the operation where it is not the scanner's own: "ec2"
	None      []Answer         // errors that mean "there is none" or "not enabled here"
	Rate      float64          // requests a second of this operation alone, where AWS allows it fewer than its service; 0: the service's
}

// Scanner describes one service. It is data; Scan is its only behaviour.
type Scanner struct {
	Service string // SDK package name, the part before the dot of its kinds
	Version int    // raised when the same answers would give other resources
	Scope   Scope
	Kinds   []string
	Oracle  bool // run when the others are done, to hold their inventory against what it knows
	Calls   []Call
	Rate    float64 // requests a second for each account and region, 0 for the runner's default
	Scan    func(ctx context.Context, t *Target, out *Sink) error
}

// Call finds the declaration of an operation.
func (s *Scanner) Call(operation string) (Call, bool) {
	i := slices.IndexFunc(s.Calls, func(c Call) bool { return c.Operation == operation })
	if i < 0 {
		return Call{}, false
	}
	return s.Calls[i], true
}

var registry []Scanner

// register puts a scanner on the list; it returns a value so that a file needs no init.
func register(s Scanner) struct{} {
	registry = append(registry, s)
	return struct{}{}
}

// All lists the shipped scanners by name.
func All() []Scanner {
	all := slices.Clone(registry)
	slices.SortFunc(all, func(a, b Scanner) int { return strings.Compare(a.Service, b.Service) })
	return all
}

// Select picks scanners by name. An unknown name is an error that lists the known ones.
func Select(all []Scanner, names []string) ([]Scanner, error) {
	if len(names) == 0 {
		return all, nil
	}
	var picked []Scanner
	for _, name := range names {
		i := slices.IndexFunc(all, func(s Scanner) bool { return s.Service == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown service %q: one of %s", name, strings.Join(Names(all), ", "))
		}
		if !slices.ContainsFunc(picked, func(s Scanner) bool { return s.Service == name }) {
			picked = append(picked, all[i])
		}
	}
	slices.SortFunc(picked, func(a, b Scanner) int { return strings.Compare(a.Service, b.Service) })
	return picked, nil
}

// Names lists the services of some scanners.
func Names(all []Scanner) []string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Service
	}
	return names
}

// Actions are the IAM actions that a run of some scanners needs, the runner's own among them, sorted.
func Actions(picked []Scanner) []string {
	var actions []string
	add := func(calls []Call) {
		for _, c := range calls {
			if c.IAM != "" {
				actions = append(actions, c.IAM)
			}
		}
	}
	add(RunnerCalls())
	for _, s := range picked {
		add(s.Calls)
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// placements is the fact of the placements with these roles.
func placements(roles ...residency.Role) []residency.Fact {
	facts := make([]residency.Fact, len(roles))
	for i, r := range roles {
		facts[i] = residency.PlacementsOf(r)
	}
	return facts
}

// allFacts is what a list call answers: without it nothing is known.
var allFacts = []residency.Fact{residency.FactAll}

// tagFacts and shareFacts are what tag and permission calls answer.
var (
	tagFacts   = []residency.Fact{residency.FactTags}
	shareFacts = []residency.Fact{residency.FactSharing}
)
