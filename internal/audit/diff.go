package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// Diff compares two kept runs, by their folders.
func Diff(ctx context.Context, oldDir, newDir string) (*residency.Comparison, error) {
	was, err := readRun(oldDir)
	if err != nil {
		return nil, err
	}
	is, err := readRun(newDir)
	if err != nil {
		return nil, err
	}
	after, ended, err := is.follow(ctx, was.open)
	if err != nil {
		return nil, err
	}
	c := &residency.Comparison{Old: was.manifest.Run, New: is.manifest.Run, Policies: was.manifest.Policies != is.manifest.Policies, Config: was.manifest.Config != is.manifest.Config,
		Tool: was.manifest.Tool != is.manifest.Tool, Differences: []residency.Difference{}}
	c.Differences = append(c.Differences, history.Became(history.StatesOf(was.open), history.StatesOf(after), ended)...)
	c.Differences = append(c.Differences, is.opened(was)...)
	c.Differences = append(c.Differences, is.counted(was)...)
	history.Sort(c.Differences)
	return c, nil
}

func byViolation(list []residency.OpenViolation) map[residency.Violation]*residency.OpenViolation {
	all := make(map[residency.Violation]*residency.OpenViolation, len(list))
	for i := range list {
		all[list[i].Violation] = &list[i]
	}
	return all
}

// opened are the unknowns and gaps of a run that the one before did not have. What was a violation and is unknown now is told as
// such.
func (r *ranRun) opened(was *ranRun) (out []residency.Difference) {
	told := map[residency.Matter]bool{}
	for i := range was.open {
		told[was.open[i].Matter()] = true
	}
	for m, reason := range r.unknowns {
		if _, old := was.unknowns[m]; !old && !told[m] {
			out = append(out, residency.Difference{Change: residency.NewlyUnknown, Control: m.Control, Resource: m.Resource, Zone: m.Zone, Detail: reason})
		}
	}
	for g := range r.gaps {
		if !was.gaps[g] {
			out = append(out, residency.Difference{Change: residency.Uncovered, Resource: g.Resource, Account: g.Account, Region: g.Region,
				Detail: strings.TrimSpace(g.Scanner + " " + g.Call + " " + string(g.Class))})
		}
	}
	return out
}

// partOf is the part of a run in another store that may hold what concerns a zone; nil where all of that is here.
func (r *ranRun) partOf(zone string) *residency.Part {
	for i := range r.parts {
		if p := &r.parts[i]; p.Zone == zone || p.Zone == residency.NoZone {
			return p
		}
	}
	return nil
}

// counted is what changed in other stores, as far as their counts tell: by control, of each part that both runs have.
func (r *ranRun) counted(was *ranRun) (out []residency.Difference) {
	for _, now := range r.parts {
		i := slices.IndexFunc(was.parts, func(p residency.Part) bool { return p.Zone == now.Zone })
		if i < 0 {
			continue
		}
		before := was.parts[i]
		controls := maps.Clone(now.Controls)
		maps.Copy(controls, before.Controls)
		for id := range controls {
			for _, o := range []struct {
				outcome    residency.Outcome
				more, less residency.Became
			}{{residency.Fail, residency.Opened, residency.Fixed}, {residency.Unknown, residency.NewlyUnknown, ""}} {
				m, n := before.Controls[id][o.outcome], now.Controls[id][o.outcome]
				change := o.more
				if n < m {
					change = o.less
				}
				if n != m && change != "" {
					out = append(out, residency.Difference{Change: change, Control: id, Zone: now.Zone, Detail: fmt.Sprintf("%d %s, before %d; see the store %s", n, o.outcome, m, now.Store)})
				}
			}
		}
	}
	return out
}

// ranRun is a kept run as far as a comparison needs it.
type ranRun struct {
	dir      string
	manifest residency.Manifest
	open     []residency.OpenViolation                        // what it left open
	states   map[residency.Violation]*residency.OpenViolation // of all that it knew of, what it proved to have ended too
	unknowns map[residency.Matter]string                      // with the reason
	gaps     map[residency.RunGap]bool
	parts    []residency.Part // stores that hold the rest of it
}

func readRun(dir string) (r *ranRun, err error) {
	r = &ranRun{dir: dir, unknowns: map[residency.Matter]string{}, gaps: map[residency.RunGap]bool{}}
	if r.manifest, err = readManifest(dir); err != nil {
		return nil, err
	}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(dir, snapshot.VerdictsFileName), residency.Pass, residency.NotApplicable) {
		if err != nil {
			return nil, err
		}
		if v.Outcome == residency.Unknown {
			r.unknowns[matterOf(&v)] = v.Reason
		}
		r.open = append(r.open, v.Violations(r.manifest.Observed)...)
	}
	var s residency.Summary
	if err := readJSON(filepath.Join(dir, summaryName), &s); err != nil {
		return nil, err
	}
	owners := unowned(&s)
	for i := range r.open {
		r.open[i].OwnerUnknown = owners.unknown(&r.open[i])
	}
	carried, err := readCarried(dir)
	if err != nil {
		return nil, err
	}
	r.states = byViolation(slices.Concat(r.open, carried))
	r.open = append(r.open, slices.DeleteFunc(carried, func(v residency.OpenViolation) bool { return !v.State.Stands() })...)
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		if r.parts, err = Parts(os.DirFS(dir)); err != nil {
			return nil, err
		}
	}
	for _, g := range s.Coverage.Gaps {
		r.gaps[gapKey(g)] = true
	}
	return r, nil
}

// follow says how what was open before a run stands after it: what it left open, and how the rest has ended. What the run knew nothing
// of, since it did not follow upon that state, is judged with it now.
func (r *ranRun) follow(ctx context.Context, before []residency.OpenViolation) (after []residency.OpenViolation, ended map[residency.Violation]string, err error) {
	after, ended = slices.Clone(r.open), map[residency.Violation]string{}
	var strangers []residency.OpenViolation
	for _, v := range before {
		now, known := r.states[v.Violation]
		part := r.partOf(v.Zone)
		switch {
		case !known && part != nil:
			v.State, v.Detail = residency.ViolationNotReexamined, "the evidence of zone "+part.Zone+" is kept in "+part.Store
			after = append(after, v)
		case !known:
			strangers = append(strangers, v)
		case !now.State.Stands():
			ended[v.Violation] = now.Detail
		}
	}
	if len(strangers) == 0 {
		return after, ended, nil
	}
	engine, cfg, err := stored(ctx, r.dir)
	if err != nil {
		return nil, nil, err
	}
	judge := NewJudge(engine, cfg)
	judge.Carried = strangers
	if _, err := judge.Run(ctx, filepath.Join(r.dir, snapshot.FileName), nil, io.Discard); err != nil {
		return nil, nil, err
	}
	if err := r.doubt(ctx, strangers); err != nil {
		return nil, nil, err
	}
	for _, v := range strangers {
		if v.State.Stands() {
			after = append(after, v)
		} else {
			ended[v.Violation] = v.Detail
		}
	}
	return after, ended, nil
}

// doubt takes back of a part that something has ended of which it cannot tell: another part has the resource by now, or the run could not
// take up what was open.
func (r *ranRun) doubt(ctx context.Context, list []residency.OpenViolation) error {
	if r.manifest.Zone == "" && len(r.parts) == 0 {
		return nil
	}
	here := map[string]bool{}
	for i := range list {
		here[list[i].Resource] = false
	}
	f, err := snapshot.Open(filepath.Join(r.dir, snapshot.FileName))
	if err != nil {
		return err
	}
	err = f.Each(ctx, func(res *residency.Resource) error {
		if _, asked := here[res.ID]; asked && !r.manifest.Uncarried {
			here[strings.Clone(res.ID)] = true
		}
		return nil
	}, nil)
	for i := range list {
		if v := &list[i]; !v.State.Stands() && !here[v.Resource] {
			v.State, v.Detail = residency.ViolationNotReexamined, "this store alone does not tell: another may have its resource by now"
		}
	}
	return errors.Join(err, f.Close())
}
