package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/scanners/plan"
)

// lastScan is a stored snapshot, or an index of one, as a check uses it: who is where, and who sends to whom. It keeps hashes and no
// documents: what concerns the change is read a second time.
type lastScan struct {
	file    *snapshot.File
	header  residency.Header
	workers int
	seed    maphash.Seed
	nodes   []lastNode // sorted by hash
	out, in []lastEdge // the same edges, sorted by where they come from and by where they go
	words   []string   // regions, accounts and kinds, each once
	word    map[string]uint16
	lines   map[line]residency.Status
	gaps    []residency.RunGap // that name a resource
}

type lastNode struct {
	hash                  uint64
	region, account, kind uint16
}

type lastEdge struct{ from, to uint64 }

// staleAfter is the age from which a check says that its scan is old.
const staleAfter = 48 * time.Hour

// openLast reads the snapshot that --with names; nil without one.
func (c *Check) openLast(ctx context.Context) (*lastScan, error) {
	if c.With == "" {
		return nil, nil
	}
	f, err := snapshot.Open(c.With)
	if err != nil {
		return nil, err
	}
	l := &lastScan{file: f, header: f.Header(), workers: c.Judge.workers(), seed: maphash.MakeSeed(), word: map[string]uint16{}, lines: map[line]residency.Status{}}
	err = eachChunk(ctx, f, l.workers, snapshot.SkipFacts|snapshot.SkipTags|snapshot.SkipNames, func(line *snapshot.Line) {
		if line.Coverage != nil {
			l.cover(line.Coverage)
			return
		}
		l.add(line.Resource)
	})
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if len(l.words) > maxWords {
		return nil, errors.Join(fmt.Errorf("%s: more than %d regions, accounts and kinds in one snapshot", c.With, maxWords), f.Close())
	}
	slices.SortFunc(l.nodes, func(a, b lastNode) int { return cmp.Compare(a.hash, b.hash) })
	l.in = slices.Clone(l.out)
	slices.SortFunc(l.out, func(a, b lastEdge) int { return cmp.Compare(a.from, b.from) })
	slices.SortFunc(l.in, func(a, b lastEdge) int { return cmp.Compare(a.to, b.to) })
	return l, nil
}

const maxWords = 1<<16 - 1

func (l *lastScan) hash(s string) uint64 { return maphash.String(l.seed, s) }

func (l *lastScan) keep(s string) uint16 {
	i, ok := l.word[s]
	if !ok && len(l.words) <= maxWords {
		s = strings.Clone(s)
		i = uint16(len(l.words))
		l.words, l.word[s] = append(l.words, s), i
	}
	return i
}

func (l *lastScan) add(r *residency.Resource) {
	own := l.hash(r.ID)
	l.nodes = append(l.nodes, lastNode{own, l.keep(r.Region), l.keep(r.Account), l.keep(r.Kind)})
	for i := range r.Placements {
		if p := &r.Placements[i]; p.Target != "" && p.Target != r.ID && p.Role.Carries() {
			l.out = append(l.out, lastEdge{own, l.hash(p.Target)})
		}
	}
	for i := range r.Sources {
		if s := &r.Sources[i]; s.ID != "" && s.ID != r.ID && carrying(s) {
			l.out = append(l.out, lastEdge{l.hash(s.ID), own})
		}
	}
}

func (l *lastScan) cover(c *residency.Coverage) {
	l.lines[line{scanner: c.Scanner, account: c.Account, region: c.Region}] = c.Status
	for _, g := range c.Gaps {
		if g.Resource != "" {
			l.gaps = append(l.gaps, residency.RunGap{Scanner: c.Scanner, Account: c.Account, Region: c.Region, Gap: g})
		}
	}
}

func (l *lastScan) node(hash uint64) (lastNode, bool) {
	i, ok := slices.BinarySearchFunc(l.nodes, hash, func(n lastNode, h uint64) int { return cmp.Compare(n.hash, h) })
	if !ok {
		return lastNode{}, false
	}
	return l.nodes[i], true
}

// Find is where a resource was at the last scan.
func (l *lastScan) Find(arn string) (plan.Known, bool) {
	n, ok := l.node(l.hash(arn))
	if !ok {
		return plan.Known{}, false
	}
	return plan.Known{ID: arn, Kind: l.words[n.kind], Region: l.words[n.region], Account: l.words[n.account]}, true
}

// involve adds to the sorter what of the last scan the change concerns: whatever its data goes on to, and whoever sends data to what it
// describes. The live selves of what it describes give way to it. It returns coverage lines with the gaps that concern these.
//
// before: as it was before the change, the live selves in place of what the change makes of them.
func (l *lastScan) involve(ctx context.Context, change *plan.Change, before bool, sorter *snapshot.Sorter) ([]residency.Coverage, error) {
	replaced := map[uint64]string{} // address, or "" for what is deleted
	for address, arn := range change.Lives() {
		replaced[l.hash(arn)] = address
	}
	for _, arn := range change.Deleted() {
		replaced[l.hash(arn)] = ""
	}
	reached := map[uint64]bool{}
	var down, up []uint64
	for _, arn := range change.Wanted() {
		down = append(down, l.hash(arn))
	}
	for hash := range replaced {
		up = append(up, hash)
	}
	if before {
		down, replaced = append(down, up...), nil
	}
	l.spread(down, replaced, reached, l.out, func(e lastEdge) (uint64, uint64) { return e.from, e.to })
	l.spread(up, replaced, reached, l.in, func(e lastEdge) (uint64, uint64) { return e.to, e.from })
	lines := l.unexamined(change)
	if len(reached) == 0 {
		return lines, nil
	}
	err := eachChunk(ctx, l.file, l.workers, snapshot.SkipFacts|snapshot.SkipNames, func(line *snapshot.Line) {
		r := line.Resource
		if r == nil || !reached[l.hash(r.ID)] {
			return
		}
		if _, gone := replaced[l.hash(r.ID)]; gone {
			return
		}
		l.redirect(r, replaced, change)
		_ = sorter.Add(r) // its error stays and comes again with Merge
	})
	return append(lines, l.open(reached)...), err
}

// spread follows edges from some resources to all that they lead to, and stops at those that the change replaces.
func (l *lastScan) spread(from []uint64, replaced map[uint64]string, reached map[uint64]bool, edges []lastEdge, ends func(lastEdge) (uint64, uint64)) {
	seen := map[uint64]bool{}
	for len(from) > 0 {
		hash := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[hash] {
			continue
		}
		seen[hash] = true
		if _, ok := l.node(hash); ok {
			reached[hash] = true
		}
		i, _ := slices.BinarySearchFunc(edges, hash, func(e lastEdge, h uint64) int { a, _ := ends(e); return cmp.Compare(a, h) })
		for ; i < len(edges); i++ {
			a, b := ends(edges[i])
			if a != hash {
				break
			}
			if _, gone := replaced[b]; !gone {
				from = append(from, b)
			}
		}
	}
}

// redirect lets what points to a live self point to what the change makes of it.
func (l *lastScan) redirect(r *residency.Resource, replaced map[uint64]string, change *plan.Change) {
	for i := range r.Placements {
		if p := &r.Placements[i]; p.Target != "" {
			if address := replaced[l.hash(p.Target)]; address != "" {
				p.Target = address
				p.Region, p.Account = change.Place(address)
			}
		}
	}
	for i := range r.Sources {
		if s := &r.Sources[i]; s.ID != "" {
			if address := replaced[l.hash(s.ID)]; address != "" {
				s.ID = address
			}
		}
	}
}

// open are the gaps of the last scan that concern what was reached.
func (l *lastScan) open(reached map[uint64]bool) (lines []residency.Coverage) {
	at := map[line]int{}
	for _, g := range l.gaps {
		if !reached[l.hash(g.Resource)] {
			continue
		}
		key := line{scanner: g.Scanner, account: g.Account, region: g.Region}
		i, ok := at[key]
		if !ok {
			i = len(lines)
			at[key] = i
			lines = append(lines, residency.Coverage{Scanner: g.Scanner, Account: g.Account, Region: g.Region, Status: residency.Partial})
		}
		lines[i].Gaps = append(lines[i].Gaps, g.Gap)
	}
	return lines
}

// scannerOf is the scanner that inventories what an ARN's service names, of those whose targets a setting can name by it.
var scannerOf = map[string]string{"logs": "cloudwatchlogs", "firehose": "firehose", "kinesis": "kinesis", "rds": "rds", "dynamodb": "dynamodb", "backup": "backup",
	"cloudtrail": "cloudtrail", "s3tables": "s3tables", "s3vectors": "s3vectors", "ec2": "ec2"}

// unexamined: what a setting names and the scan does not hold may lie in a part that the scan did not examine.
func (l *lastScan) unexamined(change *plan.Change) (lines []residency.Coverage) {
	var gaps []residency.Gap
	for _, arn := range change.Wanted() {
		parts := strings.SplitN(arn, ":", 6)
		if len(parts) != 6 || scannerOf[parts[2]] == "" || parts[3] == "" {
			continue
		}
		if _, ok := l.node(l.hash(arn)); ok {
			continue
		}
		status, ok := l.lines[line{scanner: scannerOf[parts[2]], account: parts[4], region: parts[3]}]
		if ok && status == residency.Complete || parts[4] == "" {
			continue
		}
		gaps = append(gaps, residency.Gap{Call: "--with", Class: residency.ClassUnresolved,
			Detail: fmt.Sprintf("%s is not in the scan of %s, which did not examine all of %s in account %s, %s: where its data goes on to is not known; scan that too",
				arn, l.header.Run.Format(time.RFC3339), scannerOf[parts[2]], parts[4], parts[3])})
	}
	if len(gaps) == 0 {
		return nil
	}
	return []residency.Coverage{{Scanner: plan.Scanner, Region: residency.GlobalRegion, Input: "--with", Status: residency.Partial, Gaps: gaps}}
}

// notes say how old the scan is.
func (l *lastScan) notes(now time.Time) []string {
	age := now.Sub(l.header.Run).Round(time.Hour)
	note := fmt.Sprintf("what the change does not describe is looked up in the scan of %s, %d h old", l.header.Run.Format(time.RFC3339), int(age.Hours()))
	if age > staleAfter {
		note += ": older than 48 h, what changed since is not seen; scan again"
	}
	notes := []string{note}
	if s := l.header.Scope; s != nil && s.Narrowed {
		notes = append(notes, "that scan was narrowed: it did not examine everything")
	}
	return notes
}
