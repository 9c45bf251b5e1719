package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// divisionName is the file of a divided run that ties the parts to it.
const divisionName = "parts.json"

// notCarried is said by every report of a run that could not read all that earlier runs left open: without it, a proof would claim more
// than was looked at.
const notCarried = "what earlier runs left open could not all be read, and is not all carried on: a copy that stayed behind when its setting went may be missing here; the next run looks further back"

// divide seals the evidence of each zone with a home as a run of its own, in its staging, and leaves the rest in p with the counts of
// the parts. It returns what the rest is judged with.
func (k *Keeper) divide(ctx context.Context, p *evidence.Pending, before *handover, s seen, start time.Time) (mine share, err error) {
	whole := p.Path("whole")
	if err := os.Mkdir(whole, 0o755); err != nil {
		return mine, err
	}
	for _, name := range []string{snapshot.FileName, CallsFileName} {
		if err := os.Rename(p.Path(name), filepath.Join(whole, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return mine, err
		}
	}
	runs, err := k.begin(p)
	if err != nil {
		return mine, err
	}
	defer func() {
		for _, r := range runs[:len(runs)-1] {
			_ = r.Abort() // those that were sealed have another name by now; what is left of others the next run clears away
		}
	}()
	d, err := k.split(ctx, whole, runs, before)
	if err != nil {
		return mine, err
	}
	shares, err := k.handOver(ctx, d, before, whole)
	if err != nil {
		return mine, err
	}
	division := residency.Division{Config: evidence.Digest(k.Config.Raw)}
	if k.Config.Waivers != "" {
		division.Waivers = evidence.Digest(k.Config.Register.Raw)
	}
	for i := range k.Homes {
		part, err := k.sealPart(ctx, d, shares[i], i, runs[i], whole, s, start)
		if err != nil {
			return mine, fmt.Errorf("evidence.%s: %w", k.Homes[i].Zone.ID, err)
		}
		division.Parts = append(division.Parts, *part)
	}
	last := len(k.Homes)
	data, err := json.MarshalIndent(division, "", "  ")
	if err != nil {
		return mine, err
	}
	err = errors.Join(p.Write(divisionName, append(data, '\n')), d.calls(d.parts[last], filepath.Join(whole, CallsFileName), p.Path(CallsFileName)))
	if err != nil {
		return mine, err
	}
	return shares[last], os.RemoveAll(whole)
}

// begin starts a run in the staging of each home; the last is p.
func (k *Keeper) begin(p *evidence.Pending) (runs []*evidence.Pending, err error) {
	for i := range k.Homes {
		run, err := evidence.Begin(k.Homes[i].Staging, k.ID)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return append(runs, p), nil
}

// split writes the snapshot of each part.
func (k *Keeper) split(ctx context.Context, whole string, runs []*evidence.Pending, before *handover) (d *divider, err error) {
	f, err := snapshot.Open(filepath.Join(whole, snapshot.FileName))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	zones := make([]string, len(k.Homes))
	for i := range k.Homes {
		zones[i] = k.Homes[i].Zone.ID
	}
	judge := NewJudge(k.Engine, k.Config)
	judge.Carried = before.all()
	if d, err = judge.divide(ctx, f, zones); err != nil {
		return nil, err
	}
	outs := make([]*snapshot.OutputFile, len(runs))
	defer func() {
		for _, out := range outs {
			if err != nil && out != nil {
				err = errors.Join(err, out.Abort())
			}
		}
	}()
	for i, run := range runs {
		h := f.Header()
		h.Scope = d.scope(d.parts[i])
		if outs[i], err = snapshot.Create(run.Path(snapshot.FileName), h); err != nil {
			return nil, err
		}
	}
	if err := d.write(ctx, f, outs); err != nil {
		return nil, err
	}
	for _, out := range outs {
		if err := out.Close(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// sealPart judges a part, seals it as a run of its own, and counts it.
func (k *Keeper) sealPart(ctx context.Context, d *divider, with share, i int, p *evidence.Pending, whole string, s seen, start time.Time) (*residency.Part, error) {
	if err := d.calls(d.parts[i], filepath.Join(whole, CallsFileName), p.Path(CallsFileName)); err != nil {
		return nil, err
	}
	s.scope = d.scope(d.parts[i])
	summary, m, err := k.complete(ctx, p, with, s, start)
	if err != nil {
		return nil, err
	}
	m.Zone = k.Homes[i].Zone.ID
	dir, err := p.Commit(ctx, k.Signer, m)
	if err != nil {
		return nil, err
	}
	manifest, err := os.ReadFile(filepath.Join(dir, evidence.ManifestName))
	if err != nil {
		return nil, err
	}
	part := &residency.Part{Zone: m.Zone, Store: k.Homes[i].String(), Manifest: evidence.Digest(manifest), Resources: d.parts[i].resources,
		Conclusion: summary.Conclusion, Totals: summary.Totals, Controls: summary.Controls, Stores: map[string]map[residency.Basis]int{},
		Fails: summary.Fails, Open: summary.Open}
	for _, z := range summary.Zones {
		if len(z.Stores) > 0 {
			part.Stores[z.ID] = z.Stores
		}
	}
	return part, nil
}

// Parts are the stores that hold the rest of a kept run; nil where it was not divided.
func Parts(run fs.FS) ([]residency.Part, error) {
	data, err := fs.ReadFile(run, divisionName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d residency.Division
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&d); err != nil {
		return nil, fmt.Errorf("read %s: %w", divisionName, err)
	}
	return d.Parts, nil
}

// withParts adds to the summary of a divided run what its parts came to, where there are any.
func withParts(run fs.FS, s *residency.Summary) (err error) {
	if s.Parts, err = Parts(run); err != nil || len(s.Parts) == 0 {
		return err
	}
	for i := range s.Parts {
		addPart(s, &s.Parts[i])
	}
	switch {
	case failing(s):
		s.Conclusion = residency.ConcludeFail
	case s.Open:
		s.Conclusion = residency.ConcludeNotConcluded
	}
	return nil
}

// partProblems holds the parts of a run that are kept in folders on this machine against the digests that the run has of them. A part
// that is not here is verified where it is.
func partProblems(run fs.FS, id string) (problems []evidence.Problem, err error) {
	parts, err := Parts(run)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		name := filepath.Join(p.Store, id, evidence.ManifestName)
		data, err := os.ReadFile(name)
		if err == nil && evidence.Digest(data) != p.Manifest {
			problems = append(problems, evidence.Problem{File: name, Reason: "it is not the manifest of zone " + p.Zone + " that the run was sealed with"})
		}
	}
	return problems, nil
}

func addPart(s *residency.Summary, p *residency.Part) {
	addCounts(s.Totals, p.Totals)
	addCounts(s.Fails, p.Fails)
	for id, n := range p.Controls {
		if s.Controls[id] == nil {
			s.Controls[id] = map[residency.Outcome]int{}
		}
		addCounts(s.Controls[id], n)
	}
	for i := range s.Zones {
		addCounts(s.Zones[i].Stores, p.Stores[s.Zones[i].ID])
	}
	s.Open = s.Open || p.Open
	what := "zone " + p.Zone
	if p.Zone == residency.NoZone {
		what = "several zones or none"
	}
	s.Notes = append(s.Notes, fmt.Sprintf("the evidence of %s (%d resources, %d fail, %d unknown) is a run of its own, kept in %s, with the manifest sha256:%s: here it is counted and not listed",
		what, p.Resources, p.Totals[residency.Fail], p.Totals[residency.Unknown], p.Store, p.Manifest))
}

func addCounts[K comparable](to, from map[K]int) {
	for key, n := range from {
		to[key] += n
	}
}

func failing(s *residency.Summary) bool {
	for severity, n := range s.Fails {
		if n > 0 && severity.Rank() >= residency.Low.Rank() {
			return true
		}
	}
	return false
}
