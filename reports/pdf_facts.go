package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	mostDetail  = 20_000 // rows on pages; more go to an annex
	mostCauses  = 1000   // told apart in a section, each with a diagram
	annexedRows = 3      // of a cause, on pages, when there is an annex
	mostTargets = 200    // places outside of one zone, told apart
)

// detailClass is the section that a verdict is listed in.
type detailClass int

const (
	classFail detailClass = iota
	classUnknown
	classWaived
	classFree // of a zone without a promise
	classPass
	classNotApplicable
	detailClasses
)

// detailCause is the verdicts that only their resource tells apart.
type detailCause struct {
	verdict residency.Verdict // the first
	rest    bool              // of several causes, because there are too many to tell apart
	count   int
	rows    []residency.Verdict
}

// controlCount is the outcomes of one control, in promised zones and in the others.
type controlCount struct {
	promised, free map[residency.Outcome]int
	info           int // fails in promised zones that decide nothing
}

// facts is what the pages keep of the verdicts.
type facts struct {
	zones    map[string]residency.Zone
	causes   [detailClasses][]*detailCause
	byCause  [detailClasses]map[string]*detailCause
	controls map[string]*controlCount
	leaves   map[string]map[string]int // crossings by zone and place
	total    int                       // rows of detail
	annex    *annex                    // nil: all are in memory
}

// gatherFacts ranges over the verdicts once. Beyond mostDetail rows all of them go to the annex, and few stay in memory.
func gatherFacts(r residency.Report) (*facts, error) {
	f := &facts{zones: map[string]residency.Zone{}, controls: map[string]*controlCount{}, leaves: map[string]map[string]int{}}
	for _, z := range r.Summary.Zones {
		f.zones[z.ID] = z.Zone
	}
	for i := range f.byCause {
		f.byCause[i] = map[string]*detailCause{}
	}
	if r.Verdicts == nil {
		return f, nil
	}
	for v, err := range r.Verdicts {
		if err != nil {
			return nil, fmt.Errorf("read verdicts: %w", err)
		}
		if err := f.add(v); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *facts) free(zone string) bool {
	z, known := f.zones[zone]
	return known && !z.Promise
}

func (f *facts) class(v residency.Verdict) detailClass {
	switch {
	case v.Outcome == residency.Pass:
		return classPass
	case v.Outcome == residency.NotApplicable:
		return classNotApplicable
	case f.free(v.Zone):
		return classFree
	case v.Outcome == residency.Fail:
		return classFail
	case v.Outcome == residency.Waived:
		return classWaived
	}
	return classUnknown
}

func (f *facts) add(v residency.Verdict) error {
	f.count(v)
	if f.total++; f.total > mostDetail && f.annex == nil {
		if err := f.overflow(); err != nil {
			return err
		}
	}
	class := f.class(v)
	key := detailKey(v)
	c := f.byCause[class][key]
	if c == nil {
		c = &detailCause{verdict: v}
		if len(f.causes[class]) >= mostCauses {
			key, c.rest = "rest "+v.Control+" "+v.Zone, true
			if known := f.byCause[class][key]; known != nil {
				c = known
			}
		}
		if c.count == 0 {
			f.byCause[class][key] = c
			f.causes[class] = append(f.causes[class], c)
		}
	}
	c.count++
	if f.annex == nil {
		c.rows = append(c.rows, v)
		return nil
	}
	if len(c.rows) < annexedRows {
		c.rows = append(c.rows, v)
	}
	f.annex.escaped(csvRow(v))
	return nil
}

// overflow starts the annex with the rows that are in memory, and keeps few of them.
func (f *facts) overflow() (err error) {
	f.annex, err = newAnnex("detail.csv", "every row of detail of this report", csvHeader())
	if err != nil {
		return err
	}
	for _, causes := range f.causes {
		for _, c := range causes {
			for _, v := range c.rows {
				f.annex.escaped(csvRow(v))
			}
			c.rows = slices.Clone(c.rows[:min(len(c.rows), annexedRows)])
		}
	}
	return nil
}

// detailKey is equal for what one diagram can show.
func detailKey(v residency.Verdict) string {
	var b strings.Builder
	b.WriteString(v.Control)
	for _, part := range []string{v.Zone, v.Kind, v.Account, string(v.Outcome), string(v.Severity)} {
		b.WriteByte(0)
		b.WriteString(part)
	}
	for _, p := range v.Placements {
		for _, part := range []string{string(p.Role), p.Region, p.Account, p.Via} {
			b.WriteByte(0)
			b.WriteString(part)
		}
	}
	if v.Waiver != nil {
		b.WriteString("\x00" + v.Waiver.ID)
	}
	return b.String()
}

func (f *facts) count(v residency.Verdict) {
	c := f.controls[v.Control]
	if c == nil {
		c = &controlCount{promised: map[residency.Outcome]int{}, free: map[residency.Outcome]int{}}
		f.controls[v.Control] = c
	}
	if f.free(v.Zone) {
		c.free[v.Outcome]++
	} else {
		c.promised[v.Outcome]++
		if v.Outcome == residency.Fail && v.Severity == residency.Info {
			c.info++
		}
	}
	if v.Outcome != residency.Fail && v.Outcome != residency.Waived {
		return
	}
	for _, p := range v.Placements {
		places := f.leaves[v.Zone]
		if places == nil {
			places = map[string]int{}
			f.leaves[v.Zone] = places
		}
		place := f.place(v, p)
		if _, known := places[place]; !known && len(places) >= mostTargets {
			place = "further places"
		}
		places[place]++
	}
}

// place says in words what lies beyond the border that a placement crosses.
func (f *facts) place(v residency.Verdict, p residency.Placement) string {
	if z := f.zones[v.Zone]; p.Region != "" && !z.Contains(p.Region) {
		for _, id := range slices.Sorted(keysOf(f.zones)) {
			if f.zones[id].Contains(p.Region) {
				return p.Region + ", a region of zone " + id
			}
		}
		return p.Region + ", in no zone"
	}
	switch {
	case p.Account == residency.Everybody:
		return "the public"
	case p.Account != "" && p.Account != v.Account:
		return "account " + p.Account + ", outside the organisation"
	}
	return cmp.Or(p.Target, p.Region, "a place that is not resolved")
}

// ordered are the causes of a class: the gravest first, then the largest, else as they came.
func (f *facts) ordered(class detailClass) []*detailCause {
	causes := slices.Clone(f.causes[class])
	slices.SortStableFunc(causes, func(a, b *detailCause) int {
		return cmp.Or(cmp.Compare(b.verdict.Severity.Rank(), a.verdict.Severity.Rank()), strings.Compare(a.verdict.Control, b.verdict.Control),
			strings.Compare(a.verdict.Zone, b.verdict.Zone), cmp.Compare(b.count, a.count))
	})
	return causes
}

// rows of a class.
func (f *facts) rows(class detailClass) (n int) {
	for _, c := range f.causes[class] {
		n += c.count
	}
	return n
}
