package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

// waiver is one that holds on the day of the estates, 2026-11-23, for RES-001 to us-east-1; change makes it another.
func waiver(id string, change func(*residency.Waiver)) residency.Waiver {
	w := residency.Waiver{ID: id, Control: "RES-001", Reason: "move", Owner: "o", Approver: "a", From: day("2026-11-01"), Expires: day("2027-03-01"),
		Scope: residency.WaiverScope{To: residency.WaiverTo{Region: "us-east-1"}}}
	if change != nil {
		change(&w)
	}
	return w
}

// twoCopies is one bucket with copies in two places abroad.
var twoCopies = estate{organization: []string{"1", "2"}, resources: []string{`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[
	{"role":"primary","region":"eu-west-1"},
	{"role":"replica","region":"us-east-1","target":"near"},
	{"role":"replica","region":"us-west-2","account":"2","target":"far"}]}`}}

func judgeWaived(t testing.TB, path string, workers int, waivers ...residency.Waiver) (*residency.Summary, []byte) {
	t.Helper()
	j := &Judge{Engine: engine, Zones: testZones, Rules: []residency.Rule{byTag}, Calls: testCalls, Workers: workers, Waivers: waivers}
	var out bytes.Buffer
	s, err := j.Run(context.Background(), path, func(o residency.Outcome) bool { return o == residency.Fail || o == residency.Waived }, &out)
	if err != nil {
		t.Fatal(err)
	}
	return s, out.Bytes()
}

func TestWaivers(t *testing.T) {
	const both = "replica in us-east-1, outside eu (eu-west-1); replica in us-west-2, outside eu (eu-west-1)"
	west := func(w *residency.Waiver) { w.Scope.To.Region = "us-west-2" }
	every := func(w *residency.Waiver) { w.Scope.To.Region = "*" }
	for _, c := range []struct {
		name    string
		waivers []residency.Waiver
		outcome residency.Outcome
		by      string // id on the verdict
		reason  string
		notes   []string
	}{
		{"none", nil, residency.Fail, "", both, nil},
		{"one of two destinations", []residency.Waiver{waiver("W-1", nil)}, residency.Fail, "",
			both + "; waived in part: replica in us-east-1 of account 1 under W-1", nil},
		{"each destination by its own: the first to end is named", []residency.Waiver{waiver("W-1", nil), waiver("W-2", func(w *residency.Waiver) {
			west(w)
			w.Expires = day("2027-01-01")
		})}, residency.Waived, "W-2", both + "; waived by W-1 and W-2 together", nil},
		{"a glob for both", []residency.Waiver{waiver("W-1", every)}, residency.Waived, "W-1", both, nil},
		{"of two for the same the longer counts", []residency.Waiver{waiver("W-1", every), waiver("W-2", func(w *residency.Waiver) {
			every(w)
			w.Expires = day("2027-05-01")
		})}, residency.Waived, "W-2", both, nil},
		{"every control", []residency.Waiver{waiver("W-1", func(w *residency.Waiver) { w.Control = "*"; every(w) })}, residency.Waived, "W-1", both, nil},
		{"another control", []residency.Waiver{waiver("W-1", func(w *residency.Waiver) { w.Control = "RES-004"; every(w) })}, residency.Fail, "", both,
			[]string{"waiver W-1 matches no violation of this run: drop it, or correct its control and scope"}},
		{"another resource", []residency.Waiver{waiver("W-1", func(w *residency.Waiver) { every(w); w.Scope.Resource = "b" })}, residency.Fail, "", both,
			[]string{"waiver W-1 matches no violation of this run: drop it, or correct its control and scope"}},
		{"another zone", []residency.Waiver{waiver("W-1", func(w *residency.Waiver) { every(w); w.Scope.Zone = "au" })}, residency.Fail, "", both,
			[]string{"waiver W-1 matches no violation of this run: drop it, or correct its control and scope"}},
		{"all of the scope", []residency.Waiver{waiver("W-1", func(w *residency.Waiver) {
			w.Scope = residency.WaiverScope{Resource: "a", Account: "1", Region: "eu-*", Zone: "e*", To: residency.WaiverTo{Region: "us-*", Account: "*", Target: "f*"}}
		}), waiver("W-2", nil)}, residency.Waived, "W-1", both + "; waived by W-1 and W-2 together", nil},
		{"ran out", []residency.Waiver{waiver("W-7", func(w *residency.Waiver) { every(w); w.Expires = day("2026-11-22") })}, residency.Fail, "",
			both + "; waiver W-7 ran out on 2026-11-22",
			[]string{"waiver W-7 ran out on 2026-11-22 (owner o): it covers 1 of the violations no longer; renew it or remedy them, or drop it"}},
		{"ran out and was renewed", []residency.Waiver{waiver("W-7", func(w *residency.Waiver) { every(w); w.Expires = day("2026-11-22") }), waiver("W-8", every)},
			residency.Waived, "W-8", both,
			[]string{"waiver W-7 ran out on 2026-11-22 (owner o): it covers 1 of the violations no longer; renew it or remedy them, or drop it"}},
		{"not yet", []residency.Waiver{waiver("W-7", func(w *residency.Waiver) { every(w); w.From = day("2026-11-24") })}, residency.Fail, "",
			both + "; waiver W-7 is not valid before 2026-11-24",
			[]string{"waiver W-7 is not valid before 2026-11-24: it does not cover 1 of the violations yet"}},
		{"about to end", []residency.Waiver{waiver("W-7", func(w *residency.Waiver) { every(w); w.Expires = day("2026-12-07") })}, residency.Waived, "W-7", both,
			[]string{"waiver W-7 expires on 2026-12-07 (owner o): renew it or remedy the violations, 1 would fail again"}},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			s, lines := judgeWaived(t, twoCopies.write(t), 1, c.waivers...)
			var got residency.Verdict
			for _, v := range verdictsOf(t, lines) {
				if v.Control == "RES-001" {
					got = v
				}
			}
			by := ""
			if got.Waiver != nil {
				by = got.Waiver.ID
			}
			if got.Outcome != c.outcome || by != c.by || got.Reason != c.reason || len(got.Placements) != 2 {
				t.Errorf("%s by %q: %s, %d placements", got.Outcome, by, got.Reason, len(got.Placements))
			}
			if d := cmp.Diff(c.notes, s.Notes); d != "" {
				t.Error(d)
			}
			want := residency.ConcludeFail
			if c.outcome == residency.Waived {
				want = residency.ConcludePass
			}
			if s.Conclusion != want || s.Totals[c.outcome] != 1 || len(s.Waivers) != len(c.waivers) {
				t.Errorf("%s, totals %v, register %v", s.Conclusion, s.Totals, s.Waivers)
			}
		})
	}
}

// The last valid day is valid through its end in UTC, the first from its beginning.
func TestWaiverBorders(t *testing.T) {
	w := waiver("W", func(w *residency.Waiver) { w.From, w.Expires = day("2026-10-01"), day("2026-12-31") })
	for at, want := range map[string]residency.WaiverStatus{
		"2026-09-30T23:59:59Z":           residency.WaiverFuture,
		"2026-10-01T00:00:00Z":           residency.WaiverActive,
		"2026-10-01T01:00:00+02:00":      residency.WaiverFuture, // 23:00 of the day before in UTC
		"2026-12-16T23:59:59.999999999Z": residency.WaiverActive,
		"2026-12-17T00:00:00Z":           residency.WaiverExpiring, // 14 days before
		"2026-12-31T23:59:59.999999999Z": residency.WaiverExpiring,
		"2027-01-01T01:00:00+02:00":      residency.WaiverExpiring,
		"2027-01-01T00:00:00Z":           residency.WaiverExpired,
	} {
		run, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Status(run); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}

// What is unknown is never waived, and a resource that lies abroad itself is its own destination.
func TestWaiverCoversNoUnknownAndOwnPlace(t *testing.T) {
	e := estate{organization: []string{"1"}, resources: []string{
		`{"id":"open","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","target":"gone"}]}`,
		`{"id":"abroad","region":"us-east-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"us-east-1"}]}`,
	}}
	all := waiver("W", func(w *residency.Waiver) { w.Control, w.Scope.To = "*", residency.WaiverTo{Region: "*"} })
	s, _ := judgeWaived(t, e.write(t), 1, all)
	if s.Totals[residency.Unknown] == 0 || s.Totals[residency.Fail] != 0 || s.Totals[residency.Waived] != 1 || s.Conclusion != residency.ConcludeNotConcluded {
		t.Errorf("totals %v, %s", s.Totals, s.Conclusion)
	}
	all.Scope.To.Region = "us-west-2"
	if s, _ = judgeWaived(t, e.write(t), 1, all); s.Totals[residency.Waived] != 0 || s.Totals[residency.Fail] != 1 {
		t.Errorf("totals %v", s.Totals)
	}
}

// TestWaiverForOneDestinationCoversNoOther adds a destination at random to those that are waived: the fail is back, always.
func TestWaiverForOneDestinationCoversNoOther(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	place := func() destination {
		return destination{"replica", pick("us-east-1", "us-east-2", "us-west-1"), pick("1", "2", "3"), pick("x", "y", "")}
	}
	controls := []residency.Control{{ID: "RES-001"}}
	h := holder{control: "RES-001", resource: "a", account: "1", region: "eu-west-1", zone: "eu"}
	covered, escaped := 0, 0
	for range 5000 {
		var list []residency.Waiver
		var to []destination
		for i := range 1 + random.IntN(3) {
			d := place()
			to = append(to, d)
			list = append(list, waiver(fmt.Sprint("W-", i), func(w *residency.Waiver) {
				w.Scope.To = residency.WaiverTo{Region: d.region, Account: d.account, Target: d.target}
			}))
		}
		g := newRegister(list, controls, day("2026-11-23"))
		if g.rule(h, to).ref == nil {
			t.Fatalf("%v is not waived by waivers for each", to)
		}
		covered++
		other := place()
		known := false
		for _, d := range to {
			known = known || d.region == other.region && d.account == other.account && (d.target == other.target || d.target == "")
		}
		at := random.IntN(len(to) + 1)
		got := g.rule(h, append(append(append([]destination{}, to[:at]...), other), to[at:]...))
		if (got.ref != nil) != known {
			t.Fatalf("%v beside %v: waived %v", other, to, got.ref != nil)
		}
		if !known {
			escaped++
		}
	}
	if covered == 0 || escaped < 1000 {
		t.Errorf("%d covered, %d escaped: the draw shows nothing", covered, escaped)
	}
}

func TestWaiversSameBytes(t *testing.T) {
	path, list := manyFails(t, 3000, 40)
	s1, one := judgeWaived(t, path, 1, list...)
	s2, two := judgeWaived(t, path, 2, list...)
	if !bytes.Equal(one, two) || cmp.Diff(s1, s2) != "" {
		t.Error("the verdicts differ with the number of workers")
	}
	if s1.Totals[residency.Waived] != 40 || s1.Totals[residency.Fail] != 2960 {
		t.Errorf("totals %v", s1.Totals)
	}
}

func TestWaiverNotesAreFolded(t *testing.T) {
	var states []residency.WaiverState
	for i := range 25 {
		states = append(states, residency.WaiverState{ID: fmt.Sprint("W-", i), Status: residency.WaiverActive})
	}
	notes := waiverNotes(states)
	if len(notes) != 11 || notes[10] != "15 more waivers match no violation: see waivers in summary.json" {
		t.Errorf("%d notes, the last %q", len(notes), notes[len(notes)-1])
	}
}

// manyFails are n fails, and waivers of which each covers one: every other by a glob.
func manyFails(t testing.TB, n, waivers int) (string, []residency.Waiver) {
	e := estate{organization: []string{"1"}}
	for i := range n {
		e.resources = append(e.resources, fmt.Sprintf(`{"id":"bucket-%06d","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"us-east-1"}]}`, i))
	}
	var list []residency.Waiver
	for i := range waivers {
		list = append(list, waiver(fmt.Sprintf("W-%03d", i), func(w *residency.Waiver) {
			w.Scope.Resource = fmt.Sprintf("bucket-%06d", i) + []string{"", "*"}[i%2]
		}))
	}
	return e.write(t), list
}

// BenchmarkWaivers judges 200,000 fails without waivers and with 200.
func BenchmarkWaivers(b *testing.B) {
	path, list := manyFails(b, 200_000, 200)
	for _, n := range []int{0, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				judgeWaived(b, path, 2, list[:n]...)
			}
		})
	}
}

func verdictsOf(t testing.TB, lines []byte) (out []residency.Verdict) {
	t.Helper()
	for line := range bytes.Lines(lines) {
		var v residency.Verdict
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, v)
	}
	return out
}

// A copy in an account outside the organisation, which only its own record shows, is waived for that account alone.
func TestWaiverForAStrangersCopy(t *testing.T) {
	e := estate{organization: []string{"1"}, resources: []string{
		`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
		`{"id":"b","account":"9","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}],"sources":[{"id":"a","region":"eu-west-1","account":"1"}]}`,
	}}
	path := e.write(t)
	before, _ := judgeWaived(t, path, 1)
	if before.Controls["RES-012"][residency.Fail] != 1 {
		t.Fatalf("no such violation: %v", before.Controls["RES-012"])
	}
	for account, want := range map[string]residency.Outcome{"9": residency.Waived, "8": residency.Fail} {
		s, _ := judgeWaived(t, path, 1, waiver("W", func(w *residency.Waiver) {
			w.Control, w.Scope = "RES-012", residency.WaiverScope{Resource: "b", To: residency.WaiverTo{Account: account}}
		}))
		if s.Controls["RES-012"][want] != 1 {
			t.Errorf("account %s: %v", account, s.Controls["RES-012"])
		}
	}
}
