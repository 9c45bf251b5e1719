package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/scanners"
)

// Kept is a kept run, read for a report.
type Kept struct {
	Dir     string
	Summary residency.Summary
	Engine  *policies.Engine
	Config  *config.Config
	Dossier *residency.Dossier
}

// Sampling says which items an auditor is given: the same run, seed and size give the same.
type Sampling struct {
	Seed string // empty: the digest of the run's manifest
	Size int
}

// Open reads a kept run whose seal holds. One that does not verify is refused: a report must not speak for it.
func Open(ctx context.Context, dir string, s Sampling) (*Kept, error) {
	checked, err := evidence.Verify(ctx, evidence.Folder(dir), nil)
	if err != nil {
		return nil, err
	}
	if len(checked.Problems) > 0 {
		return nil, fmt.Errorf("%s does not verify (%s): see domicile verify", dir, checked.Problems[0])
	}
	k := &Kept{Dir: dir}
	if k.Engine, k.Config, err = stored(ctx, dir); err != nil {
		return nil, err
	}
	if err := readJSON(filepath.Join(dir, summaryName), &k.Summary); err != nil {
		return nil, err
	}
	if k.Dossier, err = k.dossier(ctx, checked, s); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *Kept) dossier(ctx context.Context, checked *evidence.Checked, s Sampling) (*residency.Dossier, error) {
	frameworks, err := policies.Frameworks()
	if err != nil {
		return nil, err
	}
	c := k.Config
	d := &residency.Dossier{Organization: c.Organization.Name, System: c.Organization.System, Commitments: c.Commitments, Controls: c.Controls,
		Excluded: c.AWS.ExcludedAccounts, Trusted: c.AWS.TrustedAccounts, Frameworks: frameworks, Waivers: k.Summary.Waivers,
		Manifest: checked.Manifest, Seal: checked.Seal, Files: evidence.Folder(k.Dir)}
	if d.SampleSeed = s.Seed; d.SampleSeed == "" {
		d.SampleSeed = checked.Seal.Manifest
	}
	if d.Scanners = scannersOf(k.Summary.Scope); d.Scanners != nil {
		d.Runner = asks(residency.ScannerInfo{}, scanners.RunnerCalls())
	}
	picks := newPicks(d.SampleSeed, s.Size)
	if err := k.population(ctx, d, picks); err != nil {
		return nil, err
	}
	if d.Samples, err = k.samples(picks); err != nil {
		return nil, err
	}
	if d.Calls, err = k.calls(d.Samples); err != nil {
		return nil, err
	}
	d.ByZone, err = k.byZone()
	return d, err
}

// byZone counts the verdicts of each control and zone, where the configuration asks for single zones.
func (k *Kept) byZone() ([]residency.ZoneResult, error) {
	named := func(zones []string) bool { return len(zones) > 0 }
	if !slices.ContainsFunc(k.Config.Controls, func(c residency.OwnControl) bool { return named(c.Zones) }) &&
		!slices.ContainsFunc(k.Config.Commitments, func(c residency.Commitment) bool { return named(c.Zones) }) {
		return nil, nil
	}
	counts := map[[2]string]*residency.ZoneResult{}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(k.Dir, snapshot.VerdictsFileName)) {
		if err != nil {
			return nil, err
		}
		n := counts[[2]string{v.Control, v.Zone}]
		if n == nil {
			n = &residency.ZoneResult{Control: strings.Clone(v.Control), Zone: strings.Clone(v.Zone), Outcomes: map[residency.Outcome]int{}}
			counts[[2]string{n.Control, n.Zone}] = n
		}
		if n.Outcomes[v.Outcome]++; v.Outcome == residency.Fail && v.Severity == residency.Info {
			n.Info++
		}
	}
	var all []residency.ZoneResult
	for _, n := range counts {
		all = append(all, *n)
	}
	slices.SortFunc(all, func(a, b residency.ZoneResult) int {
		return cmp.Or(strings.Compare(a.Control, b.Control), strings.Compare(a.Zone, b.Zone))
	})
	return all, nil
}

// population reads the snapshot once: coverage, counts and the items of the sample.
func (k *Kept) population(ctx context.Context, d *residency.Dossier, picks *picks) (err error) {
	f, err := snapshot.Open(filepath.Join(k.Dir, snapshot.FileName))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	type place struct{ account, region, kind string }
	counts := map[place]*residency.Population{}
	err = f.Each(ctx, func(r *residency.Resource) error {
		if r.Elsewhere() {
			return nil
		}
		at := place{r.Account, r.Region, r.Kind}
		n := counts[at]
		if n == nil {
			n = &residency.Population{Account: strings.Clone(r.Account), Region: strings.Clone(r.Region), Kind: strings.Clone(r.Kind)}
			counts[place{n.Account, n.Region, n.Kind}] = n
		}
		if n.Count++; r.IsStore() {
			n.Stores++
		}
		picks.offer(r)
		return nil
	}, func(c *residency.Coverage) error {
		d.Coverage = append(d.Coverage, *c)
		return nil
	})
	for _, n := range counts {
		d.Population = append(d.Population, *n)
	}
	slices.SortFunc(d.Population, func(a, b residency.Population) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region), strings.Compare(a.Kind, b.Kind))
	})
	slices.SortFunc(d.Coverage, func(a, b residency.Coverage) int {
		return cmp.Or(strings.Compare(a.Scanner, b.Scanner), strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region))
	})
	return err
}

// scannersOf describes the scanners of a scope as this version knows them.
func scannersOf(scope *residency.Scope) (infos []residency.ScannerInfo) {
	if scope == nil {
		return nil
	}
	for _, s := range scanners.All() {
		if _, ran := scope.Scanners[s.Service]; !ran {
			continue
		}
		infos = append(infos, asks(residency.ScannerInfo{Service: s.Service, Version: s.Version, Scope: s.Scope.String(), Kinds: s.Kinds}, s.Calls))
	}
	return infos
}

// asks adds operations, and the actions that a role must allow for them.
func asks(info residency.ScannerInfo, calls []scanners.Call) residency.ScannerInfo {
	for _, c := range calls {
		info.Operations = append(info.Operations, c.Operation)
		if c.IAM != "" {
			info.Actions = append(info.Actions, c.IAM)
		}
	}
	slices.Sort(info.Operations)
	slices.Sort(info.Actions)
	info.Operations, info.Actions = slices.Compact(info.Operations), slices.Compact(info.Actions)
	return info
}

// Report is the run as a format takes it; each call reads the verdicts anew.
func (k *Kept) Report(passes bool) residency.Report {
	return ReportOf(&k.Summary, k.Engine, filepath.Join(k.Dir, snapshot.VerdictsFileName), passes, k.Dossier)
}

// ReportOf is a judged run as a format takes it. The dossier is nil for one that was not kept.
func ReportOf(summary *residency.Summary, engine *policies.Engine, verdicts string, passes bool, dossier *residency.Dossier) residency.Report {
	controls := map[string]residency.Control{}
	for _, c := range engine.Controls() {
		controls[c.ID] = c
	}
	var leaveOut []residency.Outcome
	if !passes {
		leaveOut = []residency.Outcome{residency.Pass, residency.NotApplicable}
	}
	return residency.Report{Summary: *summary, Controls: controls, Verdicts: snapshot.ReadVerdicts(verdicts, leaveOut...), Passes: passes, Dossier: dossier}
}
