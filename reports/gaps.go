package reports

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	mostGapLines = 20
	sameGapLines = 3 // so many lines of one cause stay apart; more become one
)

// distinct counts different names and remembers the first.
type distinct struct {
	seen  map[string]bool
	first string
}

func (d *distinct) add(name string) {
	if name == "" || d.seen[name] {
		return
	}
	if d.seen == nil {
		d.seen, d.first = map[string]bool{}, name
	}
	d.seen[name] = true
}

// words is "in eu-west-1" or "in 3 regions": one is named, more are counted.
func (d *distinct) words(noun string) string {
	if len(d.seen) == 1 {
		return cell(d.first)
	}
	return counted(len(d.seen), noun)
}

// gapLine is the gaps of one cause.
type gapLine struct {
	class                               residency.GapClass
	cause, detail                       string // cause is detail without what differs from gap to gap
	count                               int
	scanners, calls, accounts, resource distinct // calls with their scanner
	bare, regions, inputs               distinct
}

// wholeAccount are the calls that open an account: their gap closes all of it, whichever line it stands on.
var wholeAccount = map[string]bool{"AssumeRole": true, "ListAccounts": true, "ListRegions": true, "DescribeRegions": true}

func (l *gapLine) add(g residency.RunGap) {
	l.count++
	if wholeAccount[g.Call] {
		g.Scanner, g.Region = "", ""
	}
	if g.Input != "" {
		g.Region = ""
	}
	l.inputs.add(g.Input)
	l.scanners.add(g.Scanner)
	l.bare.add(g.Call)
	l.calls.add(strings.TrimPrefix(g.Scanner+" "+g.Call, " "))
	l.accounts.add(g.Account)
	l.regions.add(g.Region)
	l.resource.add(g.Resource)
}

// foldGaps folds gaps of one scanner, call, class and cause into one line, and then lines that differ in their call alone
// where there are many: a region that a policy closes is one fact, not one for each call that ran into it.
func foldGaps(gaps []residency.RunGap) []*gapLine {
	own := func(g residency.RunGap) string {
		if ofType(g) {
			return "types"
		}
		if wholeAccount[g.Call] {
			return g.Call
		}
		return fmt.Sprintf("%q %q", g.Scanner, g.Call)
	}
	lines := foldBy(gaps, own)
	perCause := map[string]int{}
	for _, l := range lines {
		perCause[string(l.class)+l.cause]++
	}
	lines = foldBy(gaps, func(g residency.RunGap) string {
		if perCause[string(g.Class)+causeOfGap(g.Detail)] > sameGapLines && g.Detail != "" {
			return ""
		}
		return own(g)
	})
	slices.SortStableFunc(lines, func(a, b *gapLine) int { return cmp.Compare(b.count, a.count) })
	return lines
}

// foldBy folds gaps of one class and cause whose key is the same, in the order in which they come.
func foldBy(gaps []residency.RunGap, key func(residency.RunGap) string) []*gapLine {
	var lines []*gapLine
	byKey := map[string]*gapLine{}
	for _, g := range gaps {
		cause := causeOfGap(g.Detail)
		if ofType(g) {
			cause = unjudgedType
			if g.Resource != "" {
				cause = unjudgedCopies
			}
		}
		k := fmt.Sprintf("%s %q %q", key(g), g.Class, cause)
		l := byKey[k]
		if l == nil {
			l = &gapLine{class: g.Class, cause: cause, detail: g.Detail}
			byKey[k], lines = l, append(lines, l)
		}
		l.add(g)
	}
	return lines
}

// ofType reports whether a gap says that a plan or template has resources of a type that this version does not judge, or not wholly.
// The call is then the type.
func ofType(g residency.RunGap) bool {
	return g.Scanner == "plan" && g.Class == residency.ClassUnimplemented
}

// What the gaps of several types say together.
const (
	unjudgedType   = "this version does not know these types: whether they hold data was not judged"
	unjudgedCopies = "where these types copy their data to is not judged by this version: only where they are"
)

// particular is what one gap's detail has and another's of the same cause has not: an ARN, a quoted name, an account, a region.
var particular = regexp.MustCompile(`arn:\S+|"[^"]*"|\b[0-9]{12}\b|\b[a-z]{2,4}(-[a-z]+){1,3}-[0-9]\b`)

func causeOfGap(detail string) string { return particular.ReplaceAllString(detail, "…") }

// text is the line: count, class, call, where, and the cure.
func (l *gapLine) text() string {
	parts := []string{strconv.Itoa(l.count) + " " + cell(string(l.class))}
	types := l.cause == unjudgedType || l.cause == unjudgedCopies
	switch n := len(l.calls.seen); {
	case types && n > 1:
		names := slices.Sorted(maps.Keys(l.bare.seen))
		parts = append(parts, counted(len(names), "type")+": "+cell(few(names, 5)))
		l.detail = l.cause
	case n == 1:
		parts = append(parts, cell(l.calls.first))
	case n > 1 && len(l.bare.seen) == 1:
		parts = append(parts, cell(l.bare.first)+" for "+l.scanners.words("scanner"))
	case n > 1:
		parts = append(parts, counted(n, "call")+" of "+l.scanners.words("scanner"))
	}
	var where []string
	if len(l.accounts.seen) == 1 {
		where = append(where, "account "+cell(l.accounts.first))
	} else if len(l.accounts.seen) > 1 {
		where = append(where, l.accounts.words("account"))
	}
	if len(l.regions.seen) > 0 {
		where = append(where, l.regions.words("region"))
	}
	if len(l.inputs.seen) > 0 {
		where = append(where, l.inputs.words("input"))
	}
	if len(l.resource.seen) > 0 {
		where = append(where, l.resource.words("resource"))
	}
	if len(where) > 0 {
		parts = append(parts, strings.Join(where, ", "))
	}
	if l.detail != "" {
		parts = append(parts, cell(clip(l.detail)))
	}
	return strings.Join(parts, " · ")
}

func (p *page) gaps(gaps []residency.RunGap) {
	if len(gaps) == 0 {
		return
	}
	p.title("GAPS · " + counted(len(gaps), "question") + " without an answer")
	lines := foldGaps(gaps)
	for _, l := range lines[:min(len(lines), mostGapLines)] {
		p.text(2, 2, plain, l.text())
	}
	if len(lines) > mostGapLines {
		rest := 0
		for _, l := range lines[mostGapLines:] {
			rest += l.count
		}
		p.text(2, 2, plain, fmt.Sprintf("and %s of %s: -o json lists every one", counted(rest, "more gap"), counted(len(lines)-mostGapLines, "more cause")))
	}
}
