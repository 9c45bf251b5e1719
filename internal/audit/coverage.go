package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
	"github.com/seed-1578181b/domicile/scanners/plan"
)

// coverage gathers what was examined and what the scope says should have been.
type coverage struct {
	scope     *residency.Scope
	calls     func(scanner, call string) ([]residency.Fact, bool)
	lines     map[line]residency.Status
	gaps      []residency.RunGap
	open      map[string][]openFact // by resource id
	holes     map[line]string       // lines with a gap that names no resource, and may hide one
	cancelled bool

	oracles   []residency.Reconciled
	notJudged []residency.NotJudged
	unscanned map[string]bool // services of notJudged that can hold data
}

type line struct{ scanner, account, region, input string }

// openFact is a gap that names a resource: what it leaves open, and how to say so.
type openFact struct {
	facts  []residency.Fact
	reason string
	owner  bool // whose something is that the resource names
}

func newCoverage(scope *residency.Scope, calls func(scanner, call string) ([]residency.Fact, bool)) *coverage {
	return &coverage{scope: scope, calls: calls, lines: map[line]residency.Status{}, open: map[string][]openFact{}, holes: map[line]string{}, unscanned: map[string]bool{}}
}

func (c *coverage) add(l *residency.Coverage) {
	key := line{l.Scanner, l.Account, l.Region, l.Input}
	status := l.Status
	if before, twice := c.lines[key]; twice {
		c.gap(key, residency.Gap{Class: residency.ClassMismatch, Detail: "the snapshot covers it twice: scan again"})
		if rank(before) > rank(status) { // the worse one stands, in whatever order they were read
			status = before
		}
	}
	c.lines[key] = status
	for _, g := range l.Gaps {
		c.gap(key, g)
	}
	c.oracles, c.notJudged = append(c.oracles, l.Oracles...), append(c.notJudged, l.NotJudged...)
	for _, n := range l.NotJudged {
		c.unscanned[n.Service] = c.unscanned[n.Service] || n.Data
	}
	// A line that says "denied" or "failed" and names no gap is open all the same; the account's first line has the cause.
}

func (c *coverage) gap(key line, g residency.Gap) {
	c.gaps = append(c.gaps, residency.RunGap{Scanner: key.scanner, Account: key.account, Region: key.region, Input: key.input, Gap: g})
	c.cancelled = c.cancelled || g.Class == residency.ClassCancelled
	if g.Resource == "" {
		c.holes[key] = strings.TrimSpace(g.Call + " " + strings.ReplaceAll(string(g.Class), "_", " "))
		return
	}
	facts, known := c.calls(key.scanner, g.Call)
	if !known {
		facts = []residency.Fact{residency.FactAll}
	}
	reason := fmt.Sprintf("%s %s", g.Call, strings.ReplaceAll(string(g.Class), "_", " "))
	c.open[g.Resource] = append(c.open[g.Resource], openFact{facts, reason, g.Call == scanners.OwnerCall || g.Call == plan.OwnerGap})
}

// close looks for what the scope promises and no line covers, after every line was added.
func (c *coverage) close() {
	missing := func(key line) {
		if _, ok := c.lines[key]; !ok {
			c.gap(key, residency.Gap{Class: residency.ClassNotFound, Detail: "the snapshot has no coverage line for it: scan again"})
			c.lines[key] = residency.Failed
		}
	}
	switch {
	case c.scope != nil && c.scope.Inputs != nil && len(c.lines) > 0: // of plans: one line for each
	case c.scope != nil && (len(c.scope.Accounts) == 0 || len(c.scope.Scanners) == 0 || len(c.scope.Regions) == 0 && c.regional()):
		c.gap(line{}, residency.Gap{Class: residency.ClassNotFound, Detail: "the snapshot's scope is empty: nothing was to be examined"})
	case c.scope == nil:
		c.gap(line{}, residency.Gap{Class: residency.ClassNotFound, Detail: "the snapshot does not say what should have been examined (no scope): scan again"})
	case len(c.lines) == 0:
		c.gap(line{}, residency.Gap{Class: residency.ClassNotFound, Detail: "the snapshot has no coverage line: nothing says what was examined"})
	}
	if c.scope != nil {
		for _, input := range c.scope.Inputs {
			missing(line{scanner: "plan", region: residency.GlobalRegion, input: input})
		}
		for scanner, kind := range c.scope.Scanners {
			for _, account := range c.scope.Accounts {
				if kind == residency.ScopeGlobal {
					missing(line{scanner: scanner, account: account, region: residency.GlobalRegion})
					continue
				}
				for _, region := range c.scope.Regions {
					missing(line{scanner: scanner, account: account, region: region})
				}
			}
		}
	}
	slices.SortStableFunc(c.gaps, func(a, b residency.RunGap) int {
		return cmp.Or(strings.Compare(a.Scanner, b.Scanner), strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region),
			strings.Compare(a.Call, b.Call), strings.Compare(a.Resource, b.Resource), strings.Compare(a.Detail, b.Detail))
	})
	for _, facts := range c.open {
		slices.SortFunc(facts, func(a, b openFact) int { return strings.Compare(a.reason, b.reason) })
	}
}

// regional reports whether a scanner of the scope asks each region.
func (c *coverage) regional() bool {
	for _, kind := range c.scope.Scanners {
		if kind == residency.ScopeRegional {
			return true
		}
	}
	return false
}

// closed reports whether the coverage leaves no question open.
func (c *coverage) closed() bool {
	if len(c.gaps) > 0 {
		return false
	}
	for _, s := range c.lines {
		if !s.Closed() {
			return false
		}
	}
	return true
}

// of says what a gap leaves open of a control's needs, for one resource: "" where nothing is. Whose data a resource holds
// hangs on its sources, and on its tags where assign asked for them.
func (c *coverage) of(resource string, needs []residency.Fact, tags bool) string {
	var reasons []string
	for _, f := range c.open[resource] {
		touched := residency.Touches(f.facts, needs)
		if slices.Contains(needs, residency.FactAssignment) {
			touched = touched || slices.Contains(f.facts, residency.FactSources) || tags && slices.Contains(f.facts, residency.FactTags)
		}
		if touched && !slices.Contains(reasons, f.reason) {
			reasons = append(reasons, f.reason)
		}
	}
	return strings.Join(reasons, "; ")
}

// unowned reports whether a gap leaves open whose something is that the resource names.
func (c *coverage) unowned(resource string) bool {
	return slices.ContainsFunc(c.open[resource], func(f openFact) bool { return f.owner })
}

// mayStore reports whether a gap leaves open that data rests in a resource.
func (c *coverage) mayStore(resource string) bool {
	return c.open[resource] != nil && c.of(resource, storing, false) != ""
}

// storing are the facts of the placements in which data rests.
var storing = func() (facts []residency.Fact) {
	for _, role := range residency.Roles() {
		if role.Stores() {
			facts = append(facts, residency.PlacementsOf(role))
		}
	}
	return facts
}()

// summary counts account-regions: those of regional lines, each once.
func (c *coverage) summary() (residency.CoverageSummary, bool) {
	type place struct{ account, region string }
	worst := map[place]int{}
	for l, s := range c.lines {
		if l.region == residency.GlobalRegion || s == residency.Unsupported {
			continue
		}
		p := place{l.account, l.region}
		worst[p] = max(worst[p], rank(s))
	}
	var n residency.AccountRegions
	for _, r := range worst {
		n.Planned++
		switch r {
		case rank(residency.Disabled):
			n.Disabled++
		case rank(residency.Failed):
			n.Failed++
		case rank(residency.Denied):
			n.Denied++
		default:
			n.Examined++
		}
	}
	gaps := c.gaps
	if gaps == nil {
		gaps = []residency.RunGap{}
	}
	return residency.CoverageSummary{AccountRegions: n, Inputs: c.inputs(), Gaps: gaps}, c.closed()
}

// inputs counts those of a change. One that could not be read at all stops a check, so that the two differ in a stored snapshot alone.
func (c *coverage) inputs() *residency.InputCount {
	if c.scope == nil || c.scope.Inputs == nil {
		return nil
	}
	n := &residency.InputCount{Given: len(c.scope.Inputs)}
	for l, s := range c.lines {
		if slices.Contains(c.scope.Inputs, l.input) && (s == residency.Complete || s == residency.Partial) {
			n.Read++
		}
	}
	return n
}

// rank orders statuses: the highest of an account-region's lines is its own.
func rank(s residency.Status) int {
	switch s {
	case residency.Disabled:
		return 1
	case residency.Denied:
		return 3
	case residency.Failed:
		return 4
	}
	return 2
}
