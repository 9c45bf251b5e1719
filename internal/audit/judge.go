// Package audit joins: scanners, snapshot, lineage, policies and reports, so that a command is one call. It is the only package
// that knows them all.
package audit

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/seed-1578181b/domicile/internal/lineage"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
)

// Judge is what a judgement depends on, beside the snapshot.
type Judge struct {
	Engine  *policies.Engine
	Zones   []residency.Zone
	Rules   []residency.Rule
	Trusted []residency.TrustedAccount
	Own     []string // the configuration's accounts, examined or excluded
	// Calls says which facts a scanner's call answers; false for a call that this version does not know.
	Calls   func(scanner, call string) ([]residency.Fact, bool)
	Scanned func(kind string) bool // reports whether a shipped scanner reads the kind; nil: nothing is said of that
	Notes   []string               // what every report says beside the verdicts
	Waivers []residency.Waiver     // with distinct ids; they hold or not at the snapshot's time
	// Carried is what earlier runs left open. A judgement writes into it how each stands now.
	Carried  []residency.OpenViolation
	Settled  bool // how they stand was found out already, over the whole of which this is a part
	Cleanups []residency.Cleanup
	Workers  int    // 0: one for each processor
	Limit    *Limit // what is told of; nil: everything

	assigner *lineage.Assigner
}

// Limit restricts what is told to what a change has a part in. What it leaves alone is in the graph, and is nobody's news.
type Limit struct {
	Changes func(id string) bool              // made or changed by it: everything is told
	Reaches func(id string) bool              // its data comes here: told for the zones that may come by a chain
	Touches func(p *residency.Placement) bool // declared by it, or pointing to it: told where such a placement decides
}

// Run judges the snapshot at path and writes the verdicts that keep asks for to out, as lines in the snapshot's order. The
// bytes do not depend on the number of workers.
func (j *Judge) Run(ctx context.Context, path string, keep func(residency.Outcome) bool, out io.Writer) (*residency.Summary, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(garbage(path)))
	f, err := snapshot.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return j.judge(ctx, f, keep, out)
}

// garbage is how much of it may lie about, in percent of what is in use. The index is long-lived and the rest is garbage at once:
// collecting more often than by default keeps a million resources in bounds, and beside a small snapshot next to nothing need lie.
func garbage(path string) int {
	const small = 1 << 20 // bytes on disk: some 20,000 resources
	if info, err := os.Stat(path); err == nil && info.Size() < small {
		return 15
	}
	return 40
}

// bench is the first pass, and what the second needs.
func (j *Judge) bench(ctx context.Context, f *snapshot.File) (*bench, error) {
	header := f.Header()
	var organization []string
	if header.Scope != nil {
		organization = header.Scope.OrganizationAccounts
	}
	accounts := residency.NewAccounts(organization, j.Trusted, j.Own...)
	if header.Scope != nil && header.Scope.Inputs != nil && organization == nil {
		accounts = residency.NoAccounts()
	}
	j.assigner = lineage.NewAssigner(j.Zones, j.Rules)
	cover, past := newCoverage(header.Scope, j.Calls), newInherited(j.Carried, j.Cleanups, header.Run, j.Settled)
	graph, err := j.survey(ctx, f, accounts, cover, past)
	if err != nil {
		return nil, err
	}
	p := &bench{judge: j, graph: graph, accounts: accounts, cover: cover, verdicts: j.Engine.NewJudge(j.Zones),
		register: newRegister(j.Waivers, j.Engine.Controls(), header.Run), past: past}
	p.prepare()
	return p, nil
}

func (j *Judge) judge(ctx context.Context, f *snapshot.File, keep func(residency.Outcome) bool, out io.Writer) (*residency.Summary, error) {
	header := f.Header()
	p, err := j.bench(ctx, f)
	if err != nil {
		return nil, err
	}
	p.keep = keep
	cover := p.cover
	total := newTally(j.Engine.Controls(), j.Zones)
	work := func() func(*snapshot.Chunk) (*sheet, error) {
		w := p.worker()
		return func(c *snapshot.Chunk) (*sheet, error) { return w.chunk(ctx, c) }
	}
	err = inOrder(ctx, f, j.workers(), work, func(s *sheet) error {
		total.add(s.tally)
		_, err := out.Write(s.lines)
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := out.Write(p.rest(total)); err != nil {
		return nil, err
	}
	summary := total.summary(cover.summary())
	cover.witnessed(summary)
	summary.Scope, summary.Run, summary.Complete, summary.Notes = header.Scope, header.Run, !cover.cancelled, append(slices.Clone(j.Notes), summary.Notes...)
	summary.Waivers = p.register.states(total.waived)
	summary.Notes = append(waiverNotes(summary.Waivers), summary.Notes...)
	return summary, nil
}

func (j *Judge) workers() int {
	if j.Workers > 0 {
		return j.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// survey is the first pass: coverage, and the index of who is linked with whom.
func (j *Judge) survey(ctx context.Context, f *snapshot.File, accounts residency.Accounts, cover *coverage, past *inherited) (*lineage.Graph, error) {
	b, err := lineage.NewBuilder(j.Zones, j.Rules, accounts)
	if err != nil {
		return nil, err
	}
	skip := snapshot.SkipFacts
	if past != nil {
		skip = 0
	}
	err = eachChunk(ctx, f, j.workers(), skip, func(l *snapshot.Line) {
		if l.Coverage != nil {
			cover.add(l.Coverage)
			return
		}
		if past != nil {
			past.survey(l.Resource)
		}
		b.Add(l.Resource)
	})
	if err != nil {
		return nil, err
	}
	cover.close()
	graph, err := b.Build()
	if err != nil {
		return nil, j.nameDuplicate(ctx, f, b, err)
	}
	if graph.Linked() {
		err := eachChunk(ctx, f, j.workers(), snapshot.SkipFacts|snapshot.SkipTags, func(l *snapshot.Line) {
			if l.Resource != nil {
				graph.Name(l.Resource.ID)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	graph.Follow()
	return graph, nil
}

// nameDuplicate looks a second time for the id that stands twice, since the index keeps no names.
func (j *Judge) nameDuplicate(ctx context.Context, f *snapshot.File, b *lineage.Builder, err error) error {
	name := ""
	second := eachChunk(ctx, f, 1, snapshot.SkipFacts|snapshot.SkipTags, func(l *snapshot.Line) {
		if l.Resource != nil && name == "" && b.DuplicateID(err, l.Resource.ID) {
			name = l.Resource.ID
		}
	})
	if second != nil || name == "" {
		return err
	}
	return fmt.Errorf("%s: %w: repeat the scan", f.Name(), &lineage.DuplicateError{ID: name})
}
