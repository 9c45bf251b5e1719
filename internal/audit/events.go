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
// was read once may be read again; what was left out never is. Runs whose manifest is not the one in the log say nothing, nor do those of
// a clock that was ahead.
func since(store string, entries []evidence.Entry, o *scanners.Options, observed time.Time) (whole time.Time, in map[scanners.AccountRegion]time.Time) {
	in = map[scanners.AccountRegion]time.Time{}
	owed := map[scanners.AccountRegion]time.Time{} // what no run has read so far, with the oldest that tried
	var asked *extent
	everywhere := false // a run that was not narrowed was found
	for i := len(entries) - 1; i >= 0; i-- {
		leaf := &entries[i].Leaf
		if leaf.Kind != evidence.KindRun {
			continue
		}
		at, summary := looked(store, leaf)
		scope := summary.Scope
		if scope == nil || scope.Scanners[eventScanner] == "" || at.After(observed) {
			continue
		}
		if asked == nil {
			asked = extentOf(o, scope)
		}
		if !everywhere {
			whole, everywhere = at, !scope.Narrowed
		}
		left := unread(summary.Coverage.Gaps)
		for _, place := range asked.of(scope) {
			switch _, done := in[place]; {
			case done:
			case left[place] || left[scanners.AccountRegion{Account: place.Account}]:
				owed[place] = at
			default:
				in[place] = at
				delete(owed, place)
			}
		}
		if len(owed) == 0 && (everywhere || asked.all(scope, in)) || observed.Sub(at) > longest {
			break
		}
	}
	maps.Copy(in, owed)
	maps.DeleteFunc(in, func(_ scanners.AccountRegion, at time.Time) bool { return at.Equal(whole) })
	if whole.IsZero() {
		whole = firstRun(entries)
	}
	return whole, in
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

// looked is when a complete run observed what, by its manifest and summary. The summary is empty where these are not those that the log
// vouches for.
func looked(store string, leaf *evidence.Leaf) (time.Time, residency.Summary) {
	dir := evidence.RunDir(store, leaf.Run)
	data, err := os.ReadFile(filepath.Join(dir, evidence.ManifestName))
	var m residency.Manifest
	if err != nil || evidence.Digest(data) != leaf.Manifest || json.Unmarshal(data, &m) != nil || !m.Complete {
		return time.Time{}, residency.Summary{}
	}
	data, err = os.ReadFile(filepath.Join(dir, summaryName))
	var summary residency.Summary
	if err != nil || !slices.ContainsFunc(m.Files, func(f residency.FileDigest) bool { return f.Name == summaryName && f.SHA256 == evidence.Digest(data) }) ||
		json.Unmarshal(data, &summary) != nil {
		return time.Time{}, residency.Summary{}
	}
	return m.Observed, summary
}

// extent is the accounts and regions that a scan is asked for; nil for every one.
type extent struct{ accounts, regions []string }

// extentOf is what is asked for, as far as it is known before the first call: of an organisation, the accounts that the last run knew.
func extentOf(o *scanners.Options, last *residency.Scope) *extent {
	p := &extent{accounts: o.Accounts, regions: o.Regions}
	switch {
	case len(o.Only) > 0:
		p.accounts = o.Only
	case o.Organization && last.OrganizationAccounts != nil:
		p.accounts = slices.DeleteFunc(slices.Clone(last.OrganizationAccounts), func(a string) bool { return slices.Contains(o.Excluded, a) })
	}
	if len(p.regions) == 0 && len(last.Regions) > 0 {
		p.regions = config.PartitionRegions(config.Partition(last.Regions[0]))
	}
	return p
}

func (p *extent) hold(account, region string) bool {
	return (len(p.accounts) == 0 || slices.Contains(p.accounts, account)) && (len(p.regions) == 0 || slices.Contains(p.regions, region))
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
	for _, account := range accounts {
		for _, region := range p.regions {
			if _, ok := read[scanners.AccountRegion{Account: account, Region: region}]; !ok {
				return false
			}
		}
	}
	return true
}
