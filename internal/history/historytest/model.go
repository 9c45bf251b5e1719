// Package historytest is one suite that every database of package history must pass.
package historytest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// first is the night on which the suite begins.
var first = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// hostile is a name that a database's text cannot hold as it is.
const hostile = "arn:aws:s3:::\x00\x1a1'\"; DROP TABLE entries; --\u202e"

// Night makes the entry of a run, n nights after the first, that leaves these violations.
func Night(n int64, violations []residency.OpenViolation, more ...history.Finding) history.Entry {
	at := first.AddDate(0, 0, int(n))
	r := &history.Run{Ended: at.Add(time.Minute), Observed: at, Conclusion: residency.ConcludeFail, Complete: true, Policies: "p", Config: "c", Tool: "1", Build: "b", Verdicts: "v",
		Totals: map[residency.Outcome]int{residency.Pass: 5, residency.Fail: len(violations), residency.Waived: 1, residency.Unknown: len(more), residency.NotApplicable: 2},
		Stores: 7, Violations: violations, Findings: more}
	for _, v := range violations {
		if v.State == residency.ViolationOpen || v.State == residency.ViolationWaived {
			r.Findings = append(r.Findings, history.Finding{Matter: v.Matter(), Outcome: residency.Fail, Line: fmt.Sprintf(`{"resource":%q,"reason":%q}`, v.Resource, v.Severity)})
		}
	}
	return history.Entry{Sequence: n, Kind: "run", RunID: RunID(n), Begun: at.Add(-time.Second), Time: at.Add(time.Minute), Manifest: fmt.Sprintf("%064d", n), Run: r}
}

// RunID is the id of the run of a night.
func RunID(n int64) string { return fmt.Sprintf("20261123T020000Z-%06x", n) }

// unknown is a finding that is none of a violation.
func unknown(resource, reason string) history.Finding {
	return history.Finding{Matter: residency.Matter{Control: "RES-012", Resource: resource, Zone: "eu"}, Outcome: residency.Unknown, Line: fmt.Sprintf(`{"reason":%q}`, reason)}
}

// violation is one of a small universe.
func violation(resource, region string, state residency.ViolationState, seen time.Time) residency.OpenViolation {
	return residency.OpenViolation{Violation: residency.Violation{Control: "RES-001", Resource: resource, Zone: "eu", Role: residency.Replica, Region: region, Account: "111111111111",
		Target: resource + "-copy"}, Kind: "s3.bucket", ResourceAccount: "111111111111", ResourceRegion: "eu-west-1", Severity: residency.High, State: state, LastSeen: seen}
}

// estate changes at random from night to night, as a model that holds whole copies of what the database holds as intervals.
type estate struct {
	random *rand.Rand
	width  int                         // resources
	nights [][]residency.OpenViolation // as each left them, sorted, without those that ended
	seen   map[residency.Violation]time.Time
}

func newEstate(seed uint64, width int) *estate {
	return &estate{random: rand.New(rand.NewPCG(seed, seed)), width: width, seen: map[residency.Violation]time.Time{}}
}

// Log is a log of random nights, always the same, and what each leaves.
func Log(nights, width int) (log []history.Entry, left [][]residency.OpenViolation) {
	e := newEstate(1, width)
	for n := range int64(nights) {
		log = append(log, Night(n, e.next()))
	}
	return log, e.nights
}

// Holds makes sure that a database has just the first entries of a log, whole: what is open is what the last of them left.
func Holds(t testing.TB, s *history.Store, log []history.Entry, left [][]residency.OpenViolation) (recorded int) {
	t.Helper()
	n, err := s.Agrees(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	var want []residency.OpenViolation
	if n > 0 {
		want = left[n-1]
	}
	if d := cmp.Diff(want, openIn(t, s), cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("open after %d entries (-want +got):\n%s", n, d)
	}
	return n
}

// openIn are the open violations, without since when, in the order of the model.
func openIn(t testing.TB, s *history.Store) (open []residency.OpenViolation) {
	t.Helper()
	for _, l := range must(s.Open(t.Context(), first))(t) {
		open = append(open, l.OpenViolation)
	}
	slices.SortFunc(open, byName)
	return open
}

func byName(a, b residency.OpenViolation) int {
	return strings.Compare(fmt.Sprint(a.Violation), fmt.Sprint(b.Violation))
}

// next is what another night leaves: most as it was, some new, ended, waived, stopped or not looked at.
func (e *estate) next() (left []residency.OpenViolation) {
	now := first.AddDate(0, 0, len(e.nights))
	was := map[residency.Violation]residency.OpenViolation{}
	if len(e.nights) > 0 {
		for _, v := range e.nights[len(e.nights)-1] {
			was[v.Violation] = v
		}
	}
	for i := range e.width {
		for _, region := range []string{"us-east-1", "ap-southeast-2"} {
			name := fmt.Sprintf("arn:aws:s3:::acme-%d", i)
			if i == 3 {
				name = hostile
			}
			v := violation(name, region, residency.ViolationOpen, now)
			old, stood := was[v.Violation]
			state := old.State
			if e.random.IntN(4) == 0 {
				state = []residency.ViolationState{"", residency.ViolationOpen, residency.ViolationWaived, residency.ViolationNotReexamined, residency.ViolationStopped}[e.random.IntN(5)]
			}
			if !stood && (state == residency.ViolationNotReexamined || state == residency.ViolationStopped) || state == "" {
				continue
			}
			v.State = state
			if !seen(state) {
				v.LastSeen, v.Detail = e.seen[v.Violation], "why: "+string(state)
			}
			e.seen[v.Violation] = v.LastSeen
			left = append(left, v)
		}
	}
	slices.SortFunc(left, func(a, b residency.OpenViolation) int {
		return strings.Compare(fmt.Sprint(a.Violation), fmt.Sprint(b.Violation))
	})
	e.nights = append(e.nights, left)
	return left
}

func seen(s residency.ViolationState) bool {
	return s == residency.ViolationOpen || s == residency.ViolationWaived
}

// spells are those of the model: who stands from which night to which, "" for one that has not ended.
func (e *estate) spells() (all []string) {
	open := map[residency.Violation]int{}
	for n, left := range e.nights {
		now := map[residency.Violation]bool{}
		for _, v := range left {
			now[v.Violation] = true
			if _, since := open[v.Violation]; !since {
				open[v.Violation] = n
			}
		}
		for v, since := range open {
			if !now[v] {
				all = append(all, fmt.Sprint(v, since, n))
				delete(open, v)
			}
		}
	}
	for v, since := range open {
		all = append(all, fmt.Sprint(v, since, -1))
	}
	slices.Sort(all)
	return all
}
