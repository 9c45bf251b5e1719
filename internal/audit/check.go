package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/scanners/plan"
)

// Check judges a change before it is deployed: plans and templates, with the last scan for what they refer to and do not describe.
type Check struct {
	Judge   *Judge
	Config  *config.Config
	Inputs  []plan.Input
	Options plan.Options
	With    string        // a snapshot or an index of one; empty: none
	MaxAge  time.Duration // of With; 0: any
	NewOnly bool          // tell what the change makes worse from what was there before
	Dir     string        // for files on the way; the caller removes it
	Tool    string
	Now     time.Time
}

// Checked is what a check came to.
type Checked struct {
	Summary *residency.Summary
	// Worse are the unwaived fails by severity that were not there before the change; nil unless asked for.
	Worse map[residency.Severity]int
	Notes []string
	// Change is what was judged, and Snapshot the file, below Dir, that it was judged as.
	Change   *plan.Change
	Snapshot string
}

// Run judges the change and writes the verdicts that keep asks for to out.
func (c *Check) Run(ctx context.Context, keep func(residency.Outcome) bool, out io.Writer) (*Checked, error) {
	last, err := c.openLast(ctx)
	if err != nil {
		return nil, err
	}
	if last != nil {
		defer func() { _ = last.file.Close() }() // it was only read
	}
	after, err := c.change(ctx, last, false)
	if err != nil {
		return nil, err
	}
	c.Judge.Limit = after.limit
	result := &Checked{Notes: after.notes, Change: after.read, Snapshot: after.path}
	var fails violations
	if c.NewOnly {
		out = &watcher{next: out, fails: &fails, names: after.lives}
	}
	result.Summary, err = c.Judge.Run(ctx, after.path, keep, out)
	if err != nil {
		return nil, err
	}
	result.Summary.Notes = append(result.Notes, result.Summary.Notes...)
	if c.NewOnly {
		if result.Worse, err = c.worse(ctx, last, after, fails); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// nobody takes resources and keeps none.
type nobody struct{}

func (nobody) Add(*residency.Resource) error { return nil }

// changed is a change as a snapshot.
type changed struct {
	path  string
	read  *plan.Change
	limit *Limit // nil: everything in it
	notes []string
	lives map[string]string // by address: the ARN under which the thing lives already
}

// change writes the snapshot of the change: as it will be, or as it was before.
func (c *Check) change(ctx context.Context, last *lastScan, before bool) (_ *changed, err error) {
	defer debug.SetGCPercent(debug.SetGCPercent(c.garbage()))
	partition, err := c.partition()
	if err != nil {
		return nil, err
	}
	var outside plan.Outside
	if last != nil {
		outside = last
	}
	o := c.Options
	o.Before = before && last == nil // what a scan saw is more than what a plan remembers
	read, err := plan.Read(c.Inputs, o, partition, config.PartitionRegions(partition), outside)
	if err != nil {
		return nil, err
	}
	name := "after"
	if before {
		name = "before"
	}
	result := &changed{path: filepath.Join(c.Dir, name+".ndjson"), read: read, lives: read.Lives()}
	sorter := snapshot.NewSorter(c.Dir, sortBudget)
	defer func() { err = errors.Join(err, sorter.Close()) }()
	var sink plan.Sink = sorter
	if before && last != nil {
		sink = nobody{}
	}
	lines, err := read.Emit(sink)
	if err != nil {
		return nil, err
	}
	result.notes = append(result.notes, read.Notes()...)
	scope := &residency.Scope{Accounts: []string{}, Regions: []string{}, Scanners: map[string]string{}, OrganizationAccounts: c.accounts(read, last)}
	for _, in := range c.Inputs {
		scope.Inputs = append(scope.Inputs, in.Name)
	}
	if scope.OrganizationAccounts == nil {
		withoutOwners(lines)
		result.notes = append(result.notes, "no account is known: copies to and shares with other accounts were not judged; name yours under aws.accounts or with --account")
	}
	if last != nil {
		involved, err := last.involve(ctx, read, before, sorter)
		if err != nil {
			return nil, err
		}
		lines = append(lines, involved...)
		result.notes = append(result.notes, last.notes(c.Now)...)
		c.outdated(last, lines)
	}
	inline := newInline(c.Judge.Waivers)
	var part *partIn
	if last != nil || read.Leaves() {
		part = newPartIn(read.Changes)
	}
	header := residency.Header{Run: c.Now.UTC().Truncate(time.Second), Tool: c.Tool, Partition: partition, Scope: scope}
	err = c.write(sorter, result.path, header, func(r *residency.Resource) {
		inline.take(r)
		part.take(r)
	}, func() []residency.Coverage {
		part.follow()
		return part.withLeft(lines, read.LeftGaps())
	})
	if err != nil {
		return nil, err
	}
	result.notes, result.limit = append(result.notes, inline.notes()...), part.limit()
	return result, nil
}

// withoutOwners takes off the gaps about whose a target is: with no account known, that decides nothing.
func withoutOwners(lines []residency.Coverage) {
	for i := range lines {
		lines[i].Gaps = slices.DeleteFunc(lines[i].Gaps, func(g residency.Gap) bool { return g.Call == plan.OwnerGap })
		if len(lines[i].Gaps) == 0 {
			lines[i].Status = residency.Complete
		}
	}
}

// outdated makes a scan that is older than the user allows a gap.
func (c *Check) outdated(last *lastScan, lines []residency.Coverage) {
	if c.MaxAge <= 0 || c.Now.Sub(last.header.Run) <= c.MaxAge {
		return
	}
	lines[0].Status = residency.Partial
	lines[0].Gaps = append(lines[0].Gaps, residency.Gap{Call: "--with-max-age", Class: residency.ClassMismatch,
		Detail: fmt.Sprintf("the scan of %s is older than %s: scan again", last.header.Run.Format(time.RFC3339), c.MaxAge)})
}

// write writes the snapshot: the resources, each whole, and then the coverage, which may hang on them.
func (c *Check) write(sorter *snapshot.Sorter, path string, h residency.Header, see func(*residency.Resource), lines func() []residency.Coverage) error {
	out, err := snapshot.Create(path, h)
	if err != nil {
		return err
	}
	merge := joiner{finish: func(*residency.Resource) {}, settle: plan.Settle, write: func(r *residency.Resource) error {
		see(r)
		return out.Resource(r)
	}}
	err = sorter.Merge(merge.take)
	if err == nil {
		err = merge.flush()
	}
	if err == nil {
		for _, line := range lines() {
			err = errors.Join(err, out.Coverage(line))
		}
	}
	if err != nil {
		return errors.Join(err, out.Abort())
	}
	return out.Close()
}

// garbage is how much of it may lie about while plans are read, in percent of what is in use: what is read is garbage at once, and of a
// large plan the index alone is much.
func (c *Check) garbage() int {
	const large = 100 << 20 // bytes
	size := int64(0)
	for _, in := range c.Inputs {
		size += in.Size
	}
	if size > large {
		return 40
	}
	return 200
}

// partition is that of the zones: a change is deployed to one.
func (c *Check) partition() (string, error) {
	for _, z := range c.Config.Zones {
		for _, r := range z.Regions {
			if p := config.Partition(r); p != "" {
				return p, nil
			}
		}
	}
	return "", errors.New("no zone of the configuration has a region of a known partition")
}

// accounts are those that are inside: the configuration's, the one that the user names, the inputs' own and the last scan's. nil where
// none of them names any.
func (c *Check) accounts(read *plan.Change, last *lastScan) (inside []string) {
	inside = append(inside, c.Config.AWS.Accounts...)
	if c.Options.Account != "" {
		inside = append(inside, c.Options.Account)
	}
	inside = append(inside, read.Accounts()...)
	if last != nil && last.header.Scope != nil {
		inside = append(inside, last.header.Scope.OrganizationAccounts...)
		inside = append(inside, last.header.Scope.Accounts...)
	}
	slices.Sort(inside)
	return slices.Compact(inside)
}
