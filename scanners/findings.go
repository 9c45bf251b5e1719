package scanners

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Covers says what an organisation or multi-region collector gathers: events, findings, logs of every covered account-region
// in which data stores were found.
type Covers struct {
	Role     residency.Role // Log where it carries object keys or bodies, Metadata for management events and findings
	Accounts []string       // nil: its own; see Organization
	// Organization: every account of the run.
	Organization bool
	Regions      []string // nil: every region
	Via          string
}

type collector struct {
	resource residency.Resource
	covers   []Covers
	by       string // the account that saw it
}

type coverageKey struct{ scanner, account, region string }

// findings is the collector that the scanners see. It passes resources on, and keeps the little that only the whole
// inventory can answer: which buckets there are, which are named, where there are data stores.
type findings struct {
	next      Collector
	inventory *inventory // nil: no oracle will ask

	mu         sync.Mutex
	n          int
	stores     map[[2]string]bool     // account, region
	known      map[string]bucketPlace // by name
	wanted     map[string]string      // by bucket name: an account that names it
	collectors map[string]collector   // by id
	events     occurrences
	err        error  // the first of the collector behind: the disk is full, say
	stop       func() // ends the run, since nothing more can be kept
}

type bucketPlace struct {
	region, account string
	missing         bool
}

func newFindings(next Collector, inv *inventory, stop func()) *findings {
	return &findings{next: next, inventory: inv, stop: stop, stores: map[[2]string]bool{}, known: map[string]bucketPlace{}, wanted: map[string]string{},
		collectors: map[string]collector{}, events: newOccurrences()}
}

func (f *findings) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

// add passes on a resource that the account by saw.
func (f *findings) add(r *residency.Resource, by string) {
	f.inventory.add(r)
	f.mu.Lock()
	f.n++
	if r.Region != "" && r.IsStore() {
		f.stores[[2]string{r.Account, r.Region}] = true
	}
	if r.Kind == "s3.bucket" {
		f.known[r.Name] = bucketPlace{region: r.Region, account: r.Account}
	}
	f.want(r, by)
	f.mu.Unlock()
	if err := f.next.Add(r); err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.err == nil {
			f.err = fmt.Errorf("keep %s: %w", r.ID, err)
		}
		f.stop()
	}
}

// want notes the buckets that r names. by is the account to ask about them: who saw r, and not always its owner. Of several the
// first by number is asked, so that two runs ask the same.
func (f *findings) want(r *residency.Resource, by string) {
	note := func(id string) {
		if name, ok := IsBucket(id); ok && (f.wanted[name] == "" || by < f.wanted[name]) {
			f.wanted[name] = by
		}
	}
	for _, p := range r.Placements {
		note(p.Target)
	}
	for _, src := range r.Sources {
		note(src.ID)
	}
}

// later keeps a collector until it is known where there are data stores. Several accounts may see the same one: it is kept
// once, by the owner's word or else by that of the first account.
func (f *findings) later(r residency.Resource, covers []Covers, by string) {
	f.inventory.add(&r)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.want(&r, by)
	old, twice := f.collectors[r.ID]
	if !twice || old.by != r.Account && (by == r.Account || by < old.by) {
		f.collectors[r.ID] = collector{r, covers, by}
	}
}

// flush adds the collectors with their sources and the events of which the inventory has nothing, and returns what went wrong with keeping any resource.
func (f *findings) flush(partition string) error {
	var all []collector
	for _, id := range slices.Sorted(maps.Keys(f.collectors)) {
		c := f.collectors[id]
		for _, cover := range c.covers {
			c.resource.Sources = append(c.resource.Sources, f.sources(partition, c.resource.Account, cover)...)
		}
		all = append(all, c)
	}
	for i := range all { // only now, since a collector that is a store itself must not change what the next one covers
		f.add(&all[i].resource, all[i].by)
	}
	events := f.unknownEvents()
	for i := range events {
		f.add(&events[i], events[i].Account)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *findings) sources(partition, own string, c Covers) []residency.Source {
	var out []residency.Source
	for place := range f.stores {
		account, region := place[0], place[1]
		if len(c.Regions) > 0 && !slices.Contains(c.Regions, region) {
			continue
		}
		if !c.Organization && !slices.Contains(c.Accounts, account) && !(c.Accounts == nil && account == own) {
			continue
		}
		// An account-region has no ARN of its own; the account's stands for it, with the region beside it.
		out = append(out, residency.Source{ID: "arn:" + partition + ":iam::" + account + ":root", Role: c.Role, Region: region, Account: account, Via: c.Via})
	}
	slices.SortFunc(out, func(a, b residency.Source) int {
		return strings.Compare(a.Account+a.Region, b.Account+b.Region)
	})
	return out
}

// buckets knows the place of every bucket that a resource names.
type buckets struct {
	places map[string]bucketPlace
	failed map[string]residency.Gap // by bucket name, for each whose owner or region stayed open
}

// resolve finds the buckets that are named as destinations and are in no inventory. unlisted are the accounts whose buckets it may lack.
func (f *findings) resolve(ctx context.Context, sessions map[string]*session, home string, unlisted []string) *buckets {
	b := &buckets{places: maps.Clone(f.known), failed: map[string]residency.Gap{}} // known is read while answers come in
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(16)
	for name, accountID := range f.wanted {
		s := sessions[accountID]
		if _, ok := f.known[name]; ok || s == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			mu.Lock()
			b.found(name, accountID, "", false, err)
			mu.Unlock()
			continue
		}
		group.Go(func() error {
			region, owned, err := headBucket(ctx, s, home, name)
			owner := accountID
			for i := 0; i < len(unlisted) && !owned && region != ""; i++ {
				if other := unlisted[i]; other != accountID {
					if _, owned, _ = headBucket(ctx, sessions[other], region, name); owned {
						owner = other
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			b.found(name, owner, region, owned, err)
			return nil
		})
	}
	_ = group.Wait()
	return b
}

// OwnerCall asks whose a bucket is that a resource names: a gap on it leaves the owner open, or the region.
const OwnerCall = "HeadBucket"

// found writes down what HeadBucket said. Whose the bucket is stays open unless its owner was confirmed.
func (b *buckets) found(name, accountID, region string, owned bool, err error) {
	status, html := response(err)
	place := bucketPlace{region: region, missing: status == http.StatusNotFound && !html}
	if owned {
		place.account = accountID
	}
	b.places[name] = place
	if place.missing || owned {
		return
	}
	gap := residency.Gap{Call: OwnerCall, Class: residency.ClassUnresolved,
		Detail: fmt.Sprintf("bucket %q is in no account of the run: add its account, or name the owner in the setting", name)}
	if region == "" && err != nil {
		if gap.Class, gap.Detail = classify(err); gap.Detail == detailMissingAction {
			gap.Detail = "the audit role lacks s3:ListBucket: allow it"
		}
	}
	b.failed[name] = gap
}

// finish fills in the region and owner of the buckets that r names, and returns the gaps of those that stayed open.
func (b *buckets) finish(r *residency.Resource) []residency.Gap {
	var gaps []residency.Gap
	for i := range r.Placements {
		p := &r.Placements[i]
		name, ok := IsBucket(p.Target)
		if !ok {
			continue
		}
		place := b.places[name]
		if p.Region == "" {
			p.Region = place.region
		}
		if place.missing {
			p.Via = strings.TrimPrefix(p.Via+"; the bucket does not exist", "; ")
		}
		if p.Account == "" && place.account != r.Account {
			p.Account = place.account
		}
		if gap, open := b.failed[name]; open && (p.Account == "" || p.Region == "") {
			gap.Resource = r.ID
			gaps = append(gaps, gap)
		}
	}
	for i := range r.Sources { // where data came from is no place that it is in now: an open one is no gap
		src := &r.Sources[i]
		name, ok := IsBucket(src.ID)
		if !ok {
			continue
		}
		place := b.places[name]
		if src.Region == "" {
			src.Region = place.region
		}
		if src.Account == "" && place.account != r.Account {
			src.Account = place.account
		}
	}
	return gaps
}
