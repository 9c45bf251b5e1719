package audit

import (
	"encoding/json"
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

// between fills in the time of which the events are read: from the last run of the store to this one's start.
func (s *Scan) between(o *scanners.Options) error {
	if !slices.ContainsFunc(o.Scanners, func(sc scanners.Scanner) bool { return sc.Service == eventScanner }) {
		return nil
	}
	log, err := evidence.ReadLog(s.Store)
	if err != nil {
		return err
	}
	o.Since, o.Until = since(s.Store, log.Entries(), o, s.Observed), s.Observed
	return nil
}

// since is when the last run looked at what this one will look at. A run that was narrowed looked at less: then for what it left out
// an older one counts, and the oldest of these times is the answer, since what was read once may be read again and what was left
// out never is. Runs whose manifest is not the one in the log say nothing, nor do those of a clock that was ahead. Zero: there was no run
// before.
func since(store string, entries []evidence.Entry, o *scanners.Options, observed time.Time) (from time.Time) {
	seen := map[[2]string]bool{} // account, region
	var asked *extent
	for i := len(entries) - 1; i >= 0; i-- {
		leaf := &entries[i].Leaf
		if leaf.Kind != evidence.KindRun {
			continue
		}
		at, scope := looked(store, leaf)
		if scope == nil || scope.Scanners[eventScanner] == "" || at.After(observed) {
			continue
		}
		if asked == nil {
			asked = extentOf(o, scope)
		}
		older := from.IsZero()
		for _, account := range scope.Accounts {
			for _, region := range scope.Regions {
				if place := [2]string{account, region}; !seen[place] && asked.hold(account, region) {
					seen[place], older = true, true
				}
			}
		}
		if older {
			from = at
		}
		if asked.all(scope, seen) || observed.Sub(at) > longest {
			return from
		}
	}
	if from.IsZero() {
		from = firstRun(entries)
	}
	return from
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

// looked is when a complete run observed what, by its manifest and summary. The scope is nil where these are not those that the log
// vouches for.
func looked(store string, leaf *evidence.Leaf) (time.Time, *residency.Scope) {
	dir := evidence.RunDir(store, leaf.Run)
	data, err := os.ReadFile(filepath.Join(dir, evidence.ManifestName))
	var m residency.Manifest
	if err != nil || evidence.Digest(data) != leaf.Manifest || json.Unmarshal(data, &m) != nil || !m.Complete {
		return time.Time{}, nil
	}
	data, err = os.ReadFile(filepath.Join(dir, summaryName))
	var summary residency.Summary
	if err != nil || !slices.ContainsFunc(m.Files, func(f residency.FileDigest) bool { return f.Name == summaryName && f.SHA256 == evidence.Digest(data) }) ||
		json.Unmarshal(data, &summary) != nil {
		return time.Time{}, nil
	}
	return m.Observed, summary.Scope
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

// all reports whether everything that is asked for was seen. Where no account is named, a run that was not narrowed saw all.
func (p *extent) all(scope *residency.Scope, seen map[[2]string]bool) bool {
	if !scope.Narrowed {
		return true
	}
	accounts := p.accounts
	if len(accounts) == 0 {
		accounts = scope.Accounts
	}
	for _, account := range accounts {
		for _, region := range p.regions {
			if !seen[[2]string{account, region}] {
				return false
			}
		}
	}
	return true
}
