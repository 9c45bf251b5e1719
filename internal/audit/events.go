package audit

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// eventScanner reads what happened between two scans.
const eventScanner = "cloudtrail"

// between fills in the time of which the events are read: from the last run of the store that read them to this one's start.
func (s *Scan) between(o *scanners.Options) error {
	if !slices.ContainsFunc(o.Scanners, func(sc scanners.Scanner) bool { return sc.Service == eventScanner }) {
		return nil
	}
	log, err := evidence.ReadLog(s.Store)
	if err != nil {
		return err
	}
	o.Until = s.Observed
	o.Since, o.SinceIn = since(s.Store, log.Entries(), o, s.Observed)
	return nil
}

// since is when the events of each account and region were last read; whole holds where in says nothing else, and is zero where there was
// no run before. A run that was narrowed, or that got no answer in some place, did not read them there: there an older one counts. What
// was read once may be read again; what was left out never is. Runs of a clock that was ahead say nothing.
func since(store string, entries []evidence.Entry, o *scanners.Options, observed time.Time) (whole time.Time, in map[scanners.AccountRegion]time.Time) {
	r := &reading{in: map[scanners.AccountRegion]time.Time{}, owed: map[scanners.AccountRegion]time.Time{}}
	for i := len(entries) - 1; i >= 0; i-- {
		leaf := &entries[i].Leaf
		if leaf.Kind != evidence.KindRun {
			continue
		}
		at, summary, asked := looked(store, leaf)
		switch {
		case at.After(observed):
			continue
		case summary == nil:
			r.guess(at)
		case summary.Scope == nil || summary.Scope.Scanners[eventScanner] == "":
			continue
		case r.take(at, summary, asked, o):
			return r.times()
		}
		if o.TrailBucket == "" && observed.Sub(at) > longest { // a trail's bucket may hold all that there was
			break
		}
	}
	if r.whole.IsZero() {
		r.whole = firstRun(entries)
	}
	return r.times()
}

// reading is when the events were read, as far as the log was followed back.
type reading struct {
	asked      *extent
	whole      time.Time
	everywhere bool // a run that was not narrowed was found
	in         map[scanners.AccountRegion]time.Time
	owed       map[scanners.AccountRegion]time.Time // what no run has read so far, with the oldest that tried
}

// take adds a run, and reports whether no older one is needed. Of a place that gave no answer it may say itself since when that is asked.
func (r *reading) take(at time.Time, summary *residency.Summary, asked askedSince, o *scanners.Options) bool {
	scope := summary.Scope
	if r.asked == nil {
		r.asked = extentOf(o, scope)
	}
	if !r.everywhere {
		r.whole, r.everywhere = at, !scope.Narrowed
	}
	left := unread(summary.Coverage.Gaps)
	for _, place := range r.asked.of(scope) {
		switch _, done := r.in[place]; {
		case done:
		case !left[place] && !left[scanners.AccountRegion{Account: place.Account}]:
			r.in[place] = at
			delete(r.owed, place)
		case asked != nil:
			r.in[place] = asked.of(place)
			delete(r.owed, place)
		default:
			r.owed[place] = at
		}
	}
	return len(r.owed) == 0 && (r.everywhere || r.asked.all(scope, r.in))
}

// guess adds a run of which nothing is known, since its folder has gone or was changed, or since it was cut short. It may have been the
// first that tried wherever no later one got an answer.
func (r *reading) guess(at time.Time) {
	if !r.everywhere {
		r.whole = at
	}
	for place := range r.owed {
		r.owed[place] = at
	}
}

func (r *reading) times() (whole time.Time, in map[scanners.AccountRegion]time.Time) {
	maps.Copy(r.in, r.owed)
	maps.DeleteFunc(r.in, func(_ scanners.AccountRegion, at time.Time) bool { return at.Equal(r.whole) })
	return r.whole, r.in
}

// unread are the places whose events a run was not told, by its gaps. Without a region: all of the account.
func unread(gaps []residency.RunGap) map[scanners.AccountRegion]bool {
	left := map[scanners.AccountRegion]bool{}
	for i := range gaps {
		switch g := &gaps[i]; {
		case g.Scanner == eventScanner && scanners.LeavesEventsUnread(g.Gap):
			left[scanners.AccountRegion{Account: g.Account, Region: g.Region}] = true
		case scanners.ClosesAccount(g.Gap):
			left[scanners.AccountRegion{Account: g.Account}] = true
		}
	}
	return left
}

// longest is how long ago a run may be that is still asked for: nothing older can be looked up.
const longest = 91 * 24 * time.Hour

// firstRun is when the first run of a log began: all that is known where none of its runs can be read.
func firstRun(entries []evidence.Entry) time.Time {
	for i := range entries {
		if entries[i].Leaf.Kind == evidence.KindRun {
			return begun(&entries[i].Leaf)
		}
	}
	return time.Time{}
}

// looked is when a run observed what, by its manifest and summary. The summary is nil where these are not those that the log vouches for,
// and where the run is not complete; it is empty where nothing was asked. asked is since when the run asked for the events; nil: it does not
// say.
func looked(store string, leaf *evidence.Leaf) (at time.Time, summary *residency.Summary, asked askedSince) {
	dir := evidence.RunDir(store, leaf.Run)
	data, err := os.ReadFile(filepath.Join(dir, evidence.ManifestName))
	var m residency.Manifest
	if err != nil || evidence.Digest(data) != leaf.Manifest || json.Unmarshal(data, &m) != nil || !m.Complete {
		return begun(leaf), nil, nil
	}
	if m.Caller == "" { // judged from a snapshot, which may be another store's: nobody was asked since that one's last run
		return m.Observed, &residency.Summary{}, nil
	}
	data, err = os.ReadFile(filepath.Join(dir, summaryName))
	if err != nil || !listed(&m, summaryName, data) || json.Unmarshal(data, &summary) != nil {
		return begun(leaf), nil, nil
	}
	return trueTime(&m), summary, readAsked(dir, &m)
}

// trueTime is when a run observed by AWS's clock, which dates the events, where this machine's was ahead: of the time between nothing
// had happened yet. One that was behind asked for no more than it says.
func trueTime(m *residency.Manifest) time.Time {
	if m.ClockSkew == nil || *m.ClockSkew <= 0 {
		return m.Observed
	}
	return m.Observed.Add(-time.Duration(*m.ClockSkew * float64(time.Second)))
}

// extent is the accounts and regions that a scan is asked for; nil for every one.
type extent struct {
	accounts, regions []string
	anywhere          bool // no region was named: those that an account has and our table does not know are among them
}

// extentOf is what is asked for, as far as it is known before the first call: of an organisation, the accounts that the last run knew.
func extentOf(o *scanners.Options, last *residency.Scope) *extent {
	p := &extent{accounts: o.Accounts, regions: o.Regions, anywhere: len(o.Regions) == 0}
	switch {
	case len(o.Only) > 0:
		p.accounts = o.Only
	case o.Organization && last.OrganizationAccounts != nil:
		p.accounts = slices.DeleteFunc(slices.Clone(last.OrganizationAccounts), func(a string) bool { return slices.Contains(o.Excluded, a) })
	}
	for i := 0; len(p.regions) == 0 && i < len(last.Regions); i++ { // one that our table does not know tells no partition
		p.regions = config.PartitionRegions(config.Partition(last.Regions[i]))
	}
	return p
}

func (p *extent) hold(account, region string) bool {
	return (len(p.accounts) == 0 || slices.Contains(p.accounts, account)) && (p.anywhere || slices.Contains(p.regions, region))
}

// of is what a run looked at of that.
func (p *extent) of(scope *residency.Scope) (places []scanners.AccountRegion) {
	for _, account := range scope.Accounts {
		for _, region := range scope.Regions {
			if p.hold(account, region) {
				places = append(places, scanners.AccountRegion{Account: account, Region: region})
			}
		}
	}
	return places
}

// all reports whether everything that is asked for was read; where no account is named, whatever the last run looked at.
func (p *extent) all(scope *residency.Scope, read map[scanners.AccountRegion]time.Time) bool {
	accounts := p.accounts
	if len(accounts) == 0 {
		accounts = scope.Accounts
	}
	if len(p.regions) == 0 {
		return false
	}
	for _, account := range accounts {
		for _, region := range p.regions {
			if _, ok := read[scanners.AccountRegion{Account: account, Region: region}]; !ok {
				return false
			}
		}
	}
	return true
}
