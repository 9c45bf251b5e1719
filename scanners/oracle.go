package scanners

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// inventory is what the oracles compare with: what was found, and which kinds were looked for. Ids are kept as seeded hashes of
// 64 bits, some 20 bytes each, so that an estate of a million stays in bounds.
type inventory struct {
	seed  maphash.Seed
	kinds map[string]bool
	edges bool // where data goes is remembered beside the ids

	mu     sync.Mutex
	ids    map[uint64]struct{}
	closed bool // what the oracles add themselves is not what they compare with
}

// newInventory is nil where no oracle runs and no events are asked: nothing needs to be remembered then.
func newInventory(all []Scanner, events bool) *inventory {
	if !events && !slices.ContainsFunc(all, func(s Scanner) bool { return s.Oracle }) {
		return nil
	}
	inv := &inventory{seed: maphash.MakeSeed(), ids: map[uint64]struct{}{}, kinds: map[string]bool{}, edges: events}
	for _, s := range all {
		for _, kind := range s.Kinds {
			inv.kinds[kind] = true
		}
	}
	return inv
}

func (i *inventory) add(r *residency.Resource) {
	if i == nil {
		return
	}
	keys := []string{r.ID}
	if i.edges {
		keys = append(keys, edges(r)...)
	}
	i.note(keys)
}

// note remembers ids and edges.
func (i *inventory) note(keys []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return
	}
	for _, key := range keys {
		i.ids[maphash.String(i.seed, key)] = struct{}{}
	}
}

func (i *inventory) close() {
	if i == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed = true
}

func (i *inventory) has(id string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, ok := i.ids[maphash.String(i.seed, id)]
	return ok
}

// looked reports whether a scanner of the run looks for the kind.
func (i *inventory) looked(kind string) bool { return i.kinds[kind] }

// mostMissing is how many names a comparison keeps of what is missing.
const mostMissing = 20

// nameMissing puts the first names in order on a comparison and counts the rest. It reports whether anything is missing.
func nameMissing(c *residency.Reconciled, names []string) bool {
	slices.Sort(names)
	if len(names) > mostMissing {
		c.Uncounted, names = len(names)-mostMissing, names[:mostMissing]
	}
	if len(names) > 0 {
		c.Missing = slices.Clone(names)
	}
	return len(names) > 0
}

// mismatch is the gap that a comparison leaves, with both numbers and the first names.
func mismatch(call string, c *residency.Reconciled, cure string) residency.Gap {
	rest := ""
	if c.Uncounted > 0 {
		rest = fmt.Sprintf(" and %d more", c.Uncounted)
	}
	gone := ""
	if c.Gone > 0 {
		gone = fmt.Sprintf(" (%d gone since)", c.Gone)
	}
	return residency.Gap{Call: call, Class: residency.ClassMismatch, Detail: fmt.Sprintf("%d %s are known to %s%s, %d were examined; missing: %s%s: %s",
		c.Known, c.What, c.Oracle, gone, c.Inventory, strings.Join(c.Missing, ", "), rest, cure)}
}

// reconcile compares the accounts and regions examined with those that AWS itself lists. A narrowed run concludes about its own
// scope only: there the difference is written down and is no gap. Nor is one that other gaps explain already: an account without
// a role, a region that refuses.
func (r *runner) reconcile() {
	if org := r.organization; org.err == nil && len(org.accounts) > 0 {
		known := slices.DeleteFunc(slices.Clone(org.accounts), func(id string) bool { return slices.Contains(r.o.Excluded, id) })
		r.compare(comparison{account: r.id.Account, result: residency.Reconciled{Oracle: "organizations", What: "accounts"}, known: known,
			examined:  func(id string) bool { return r.sessions[id] != nil },
			explained: func(id string) bool { return slices.Contains(r.result.Accounts, id) },
			call:      "ListAccounts", cure: "add them to aws.accounts, or list them under aws.excluded_accounts with a reason"})
	}
	regional := slices.ContainsFunc(r.o.Scanners, func(s Scanner) bool { return s.Scope == Regional && !s.Oracle })
	for _, accountID := range r.result.Accounts {
		if p := r.places[accountID]; p.closed == nil && len(p.gaps) == 0 && regional { // it said which are on, and they were to be asked
			asked, answered := r.regionsAsked(accountID)
			r.compare(comparison{account: accountID, result: residency.Reconciled{Oracle: "regions", Account: accountID, What: "regions"}, known: p.on,
				examined:  func(region string) bool { return answered[region] },
				explained: func(region string) bool { return asked[region] },
				call:      "ListRegions", cure: "this version has no scanner that asked there"})
		}
	}
}

// regionsAsked are the regions of an account that a scanner asked, and those of them that gave one at least an answer.
func (r *runner) regionsAsked(accountID string) (asked, answered map[string]bool) {
	asked, answered = map[string]bool{}, map[string]bool{}
	for i := range r.lines {
		c := &r.lines[i]
		if c.Account != accountID || c.Scanner == taggingOracle || c.Status == residency.Disabled || c.Status == residency.Unsupported {
			continue
		}
		asked[c.Region] = true
		if c.Status == residency.Complete || c.Status == residency.Partial {
			answered[c.Region] = true
		}
	}
	return asked, answered
}

// comparison is one source's list of names, held against what the run examined.
type comparison struct {
	account             string // on whose line it stands
	result              residency.Reconciled
	known               []string
	examined, explained func(name string) bool
	call, cure          string
}

func (r *runner) compare(c comparison) {
	i := lineFor(r.lines, coverageKey{scanner: taggingOracle, account: c.account})
	if i < 0 {
		return
	}
	missing := slices.DeleteFunc(slices.Clone(c.known), c.examined)
	open := slices.ContainsFunc(missing, func(name string) bool { return !c.explained(name) })
	c.result.Known, c.result.Inventory = len(c.known), len(c.known)-len(missing)
	nameMissing(&c.result, missing)
	if open && !r.result.Narrowed {
		addGaps(&r.lines[i], []residency.Gap{mismatch(c.call, &c.result, c.cure)})
	}
	r.lines[i].Oracles = append([]residency.Reconciled{c.result}, r.lines[i].Oracles...)
}
