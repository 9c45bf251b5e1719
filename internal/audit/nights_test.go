package audit

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

var (
	stories   = flag.Int("stories", 100, "random stories of several nights that TestNightsAgainstModel tells")
	storySeed = flag.Uint64("story", 0, "the one story to tell; 0: all")
)

const modelConfig = taleConfig + `  - {arn: "arn:aws:rds:*", zone: none, reason: by its source, owner: platform}
`

// TestNightsAgainstModel tells random stories of an estate, night after night, and holds how each violation stands against a plain model
// and against the truth.
func TestNightsAgainstModel(t *testing.T) {
	from, to := uint64(1), uint64(*stories)
	if *storySeed > 0 {
		from, to = *storySeed, *storySeed
	}
	ballast := make([]byte, 1<<30) // never touched: beside a small snapshot the judge collects often, and here there are a thousand
	defer runtime.KeepAlive(ballast)
	for seed := from; seed <= to && !t.Failed(); seed++ {
		tellStory(t, seed)
	}
}

func tellStory(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 6))
	s := newTale(t)
	s.config = modelConfig
	w := newTruth(r)
	cleanups, states := map[string]int{}, map[residency.Violation]residency.OpenViolation{}
	var before *ranRun
	for i := range 5 {
		n, told := w.pass(r, i, cleanups)
		var dir string
		switch {
		case seed%20 == 1: // the store, the seal and all
			dir = s.keep(t, told)
		case before == nil:
			dir = s.judge(t, told, "")
		default:
			dir = s.judge(t, told, before.dir)
		}
		run, err := readRun(dir)
		if err != nil {
			t.Fatal(err)
		}
		where := fmt.Sprintf("story %d, night %d", seed, i+1)
		states = held(t, where, w, n, run, states, cleanups)
		if seed%20 == 1 {
			if c, err := Verify(t.Context(), dir, nil, "1"); err != nil || len(c.Problems) > 0 {
				t.Errorf("%s does not verify: %v %v", where, c.Problems, err)
			}
		}
		again(t, where, s, dir, told)
		if before != nil {
			compared(t, where, before, run)
		}
		before = run
		if t.Failed() {
			return
		}
	}
}

// held holds the states after a night against model and truth, and returns those that stand.
func held(t *testing.T, where string, w *truth, n *night, run *ranRun, before map[residency.Violation]residency.OpenViolation, cleanups map[string]int) map[residency.Violation]residency.OpenViolation {
	t.Helper()
	seen := w.sees(n)
	for v := range seen {
		if now := run.states[v]; now == nil || now.State != residency.ViolationOpen {
			t.Errorf("%s: %v is seen, and the run has %+v", where, v, now)
		}
	}
	for v, was := range before {
		if seen[v] {
			continue
		}
		now := run.states[v]
		if now == nil {
			t.Errorf("%s: %v vanished", where, v)
			continue
		}
		if want := w.expects(n, &was, cleanups); !slices.Contains(want, now.State) {
			t.Errorf("%s: %v was %s, is %s (%s), want %v", where, v, was.State, now.State, now.Detail, want)
		}
		if now.State == residency.ViolationEnded && w.remains(&was, cleanups) {
			t.Errorf("%s: %v ended (%s), and in truth it or its copy is still there", where, v, now.Detail)
		}
	}
	after := map[residency.Violation]residency.OpenViolation{}
	for v, now := range run.states {
		if _, known := before[v]; !known && !seen[v] {
			t.Errorf("%s: %v is %s, and nobody saw it", where, v, now.State)
		}
		if now.State.Stands() {
			after[v] = *now
		}
	}
	standIn(t, where, run.dir, after)
	return after
}

// standIn: what has stopped is an unknown of its matter, or noted beside a fail; a matter has one verdict.
func standIn(t *testing.T, where, dir string, after map[residency.Violation]residency.OpenViolation) {
	t.Helper()
	verdicts := map[residency.Matter]residency.Verdict{}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(dir, snapshot.VerdictsFileName)) {
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := verdicts[matterOf(&v)]; twice {
			t.Errorf("%s: two verdicts on %v", where, matterOf(&v))
		}
		verdicts[matterOf(&v)] = v
	}
	for v, now := range after {
		verdict := verdicts[v.Matter()]
		if now.State == residency.ViolationStopped && (verdict.Outcome != residency.Unknown && verdict.Outcome != residency.Fail || !strings.Contains(verdict.Reason, now.Detail)) {
			t.Errorf("%s: %v has stopped, and its verdict is %q: %s", where, v, verdict.Outcome, verdict.Reason)
		}
		if verdict.Outcome == residency.Pass {
			t.Errorf("%s: %v is %s, and its matter passes", where, v, now.State)
		}
	}
}

// again judges a run once more, on odd nights with one worker and on even ones with two: the same bytes, and the same left open.
func again(t *testing.T, where string, s *tale, dir string, told taleNight) {
	t.Helper()
	cfg := s.configOf(t, told)
	var kept bytes.Buffer
	if err := snapshot.EachLine(filepath.Join(dir, snapshot.VerdictsFileName), func(line string) error {
		kept.WriteString(strings.TrimSuffix(line, "\n") + "\n")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	judge := NewJudge(s.rules, cfg)
	judge.Workers = 1 + s.n%2
	if err := judge.WithCarried(dir); err != nil {
		t.Fatal(err)
	}
	carried := slices.Clone(judge.Carried)
	var out bytes.Buffer
	if _, err := judge.Run(t.Context(), filepath.Join(dir, snapshot.FileName), everyOutcome, &out); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept.Bytes(), out.Bytes()) {
		t.Errorf("%s: %d workers judge otherwise:\n%s\nand the run has\n%s", where, judge.Workers, out.Bytes(), kept.Bytes())
	}
	same := func(a, b residency.OpenViolation) bool {
		return a.Violation == b.Violation && a.State == b.State && a.Detail == b.Detail
	}
	if !slices.EqualFunc(carried, notSeen(judge.Carried), same) {
		t.Errorf("%s: %d workers leave other violations open", where, judge.Workers)
	}
}

// compared holds what is told of two nights against how the violations stood.
func compared(t *testing.T, where string, was, is *ranRun) {
	t.Helper()
	c, err := Diff(t.Context(), was.dir, is.dir)
	if err != nil {
		t.Fatal(err)
	}
	told := map[residency.Violation]residency.Difference{}
	for _, d := range c.Differences {
		if d.Change != residency.NewlyUnknown && d.Change != residency.Uncovered {
			told[residency.Violation{Control: d.Control, Resource: d.Resource, Zone: d.Zone, Role: residency.Role(d.Role), Region: d.Region, Account: d.Account, Target: d.Target}] = d
		}
	}
	before := byViolation(was.open)
	for v, now := range is.states {
		old, stood := before[v]
		var want []residency.Became
		switch {
		case now.State == residency.ViolationOpen && (!stood || old.State == residency.ViolationWaived || old.State == residency.ViolationStopped):
			want = []residency.Became{residency.Opened, residency.Moved}
		case now.State == residency.ViolationOpen, stood && now.State == old.State:
			want = []residency.Became{""}
		case now.State == residency.ViolationStopped:
			want = []residency.Became{residency.Stopped}
		case now.State == residency.ViolationNotReexamined:
			want = []residency.Became{residency.NotReexamined}
		case now.State == residency.ViolationEnded:
			want = []residency.Became{residency.Fixed, ""} // or told as what moved
		}
		if !slices.Contains(want, told[v].Change) {
			t.Errorf("%s: %v was %v and is %s, and the comparison says %q", where, v, old, now.State, told[v].Change)
		}
	}
	open, err := Standings(t.Context(), is.dir, was.open)
	if err != nil {
		t.Fatal(err)
	}
	standing := map[residency.Violation]bool{}
	for _, v := range open {
		if v.State.Stands() {
			standing[v.Violation] = true
		}
	}
	for v, now := range is.states {
		if now.State.Stands() != standing[v] {
			t.Errorf("%s: %v is %s, and stands for the history: %v", where, v, now.State, standing[v])
		}
	}
}
