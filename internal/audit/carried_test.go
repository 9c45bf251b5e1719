package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// TestOlderSnapshot: an older snapshot that is judged again follows upon the run of its own time, and no later run upon it; history and
// notifications go the same way.
func TestOlderSnapshot(t *testing.T) {
	s, one := newTale(t), copyIn("copy-1", "us-east-1", ownAccount)
	with := taleNight{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ownAccount)), one}}
	without := taleNight{resources: []string{bucket("a", euTag, "")}}
	h := openHistory(t, filepath.Join(t.TempDir(), "history.db"))
	var dirs []string
	for _, day := range []int{0, 2, 1, 3, 4} { // of day 1 late
		n := with
		if day == 1 || day == 4 {
			n = without
		}
		n.day = day
		if day == 1 {
			n.begun = 2
		}
		dirs = append(dirs, s.keep(t, n))
		if _, err := Remember(t.Context(), s.store, h, Standings); err != nil {
			t.Fatal(err)
		}
	}
	period, latest, err := PeriodOf(t.Context(), s.store, dayOf(0), dayOf(4))
	if err != nil || latest != dirs[4] || len(period.Spells) != 1 || period.Spells[0].FirstSeen != dayOf(0) || period.Spells[0].LastSeen != dayOf(3) || period.Spells[0].Ended != dayOf(4) {
		t.Errorf("%+v %s %v", period.Spells, latest, err)
	}
	for i, want := range []int{-1, 0, 0, 1, 3} {
		before, err := Before(s.store, dirs[i])
		if err != nil || want < 0 && before != "" || want >= 0 && before != dirs[want] {
			t.Errorf("run %d follows upon %q %v, want run %d", i, before, err, want)
		}
	}
	spells, err := h.Spells(t.Context(), time.Time{}, time.Time{}, firstNight.AddDate(0, 0, 9))
	if err != nil || len(spells) != 1 {
		t.Fatalf("%+v %v, want one violation, opened once", spells, err)
	}
	if p := spells[0]; !p.Closed.Equal(firstNight.AddDate(0, 0, 4)) || !p.LastSeen.Equal(firstNight.AddDate(0, 0, 3)) || p.Ending != "the setting has gone, and a whole listing shows arn:aws:s3:::copy-1 no more" {
		t.Errorf("%+v", p)
	}
}

// TestLeftOpenOfTouchedRun: what the run before left open is taken from nothing but what was sealed; an older run may be broken.
func TestLeftOpenOfTouchedRun(t *testing.T) {
	for name, tc := range map[string]struct {
		run   int
		touch func(dir string) error
		want  string // in the error; empty: none
	}{
		"nothing":         {1, func(string) error { return nil }, ""},
		"the last's gone": {1, os.RemoveAll, ""},
		"a manifest": {1, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, evidence.ManifestName), []byte("{}"), 0o644)
		}, "is not the one in the log: see domicile verify "},
		"a manifest before it": {0, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, evidence.ManifestName), []byte("{}"), 0o644)
		}, ""},
		"the verdicts": {1, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, snapshot.VerdictsFileName), nil, 0o644)
		}, "verdicts.ndjson.zst of the run"},
		"added": {1, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, CarriedFileName), nil, 0o644)
		}, "was added after it was sealed: see domicile verify "},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTale(t)
			n := taleNight{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ownAccount))}}
			var dirs []string
			for n.day = range 2 {
				dirs = append(dirs, s.keep(t, n))
			}
			if err := tc.touch(dirs[tc.run]); err != nil {
				t.Fatal(err)
			}
			before, err := keptIn(s.store)
			if err != nil {
				t.Fatal(err)
			}
			l, err := before.leftOpen(firstNight.AddDate(0, 0, 2))
			open := l.open
			switch {
			case tc.want == "" && (err != nil || len(open) != 1):
				t.Errorf("%+v %v", open, err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

// TestFollowedOfOverlapping: the log has runs in the order in which they were sealed; the latest by its snapshot is followed, whatever
// stands between.
func TestFollowedOfOverlapping(t *testing.T) {
	s := newTale(t)
	latest := s.keep(t, taleNight{day: 2})
	s.keep(t, taleNight{})
	s.keep(t, taleNight{day: 1})
	before, err := keptIn(s.store)
	if err != nil {
		t.Fatal(err)
	}
	if _, dir, _, err := before.followed(firstNight.AddDate(0, 0, 3)); err != nil || dir != latest {
		t.Errorf("%s %v, want %s", dir, err, latest)
	}
}

// TestEndedStaysSo: what a run proved ended is not open again since the run could not read something else, and the next looks behind it.
func TestEndedStaysSo(t *testing.T) {
	s := newTale(t)
	homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "au")
	a, one := bucket("a", euTag, ""), copyIn("copy-1", "us-east-1", ownAccount)
	s.keepDivided(t, taleNight{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ownAccount)), one}}, homes)
	run, _ := s.keepDivided(t, taleNight{day: 1, resources: []string{a}}, nil) // without the home, which it says
	if m, _, err := Outline(run.Dir); err != nil || !m.Uncarried {
		t.Fatalf("%+v %v", m, err)
	}
	for v, how := range stands(t, run.Dir) {
		if !strings.HasPrefix(how, "ended: ") {
			t.Errorf("%s: %s", v, how)
		}
	}
	hole := []residency.Coverage{gapLine("s3", ownAccount, residency.GlobalRegion, "ListBuckets", "")}
	run, _ = s.keepDivided(t, taleNight{day: 2, resources: []string{a}, lines: hole}, nil)
	if all := stands(t, run.Dir); len(all) > 0 {
		t.Errorf("it ended in the night before: %v", all)
	}
}

// TestBaselineNotReexamined: what the baseline's run could not look at, and was a violation before, is no worse when it is seen again.
func TestBaselineNotReexamined(t *testing.T) {
	s := newTale(t)
	with := taleNight{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ownAccount))}}
	s.keep(t, with)
	base, err := ReadBaseline(s.keep(t, taleNight{day: 1, lines: []residency.Coverage{deniedLine("s3", ownAccount, "global")}}))
	if err != nil {
		t.Fatal(err)
	}
	with.day = 2
	dir := s.keep(t, with)
	var sum residency.Summary
	if err := readJSON(filepath.Join(dir, summaryName), &sum); err != nil {
		t.Fatal(err)
	}
	if fails, open, err := base.Worse(dir, &sum); len(fails) > 0 || open || err != nil {
		t.Errorf("%v %v %v", fails, open, err)
	}
}

// BenchmarkInherit: 80,000 violations left open, of which the night sees each again, could look at none, or finds all gone with their
// copies left.
func BenchmarkInherit(b *testing.B) {
	const many = 80000
	for name, more := range map[string]func(i int) string{
		"seen":    func(i int) string { return leads("replica", fmt.Sprintf("copy-%d", i), "us-east-1", ownAccount) },
		"stopped": func(int) string { return "" },
	} {
		b.Run(name, func(b *testing.B) {
			var resources []string
			var open []residency.OpenViolation
			for i := range many {
				id := fmt.Sprintf("b-%d", i)
				resources = append(resources, bucket(id, euTag, more(i)), copyIn(fmt.Sprintf("copy-%d", i), "us-east-1", ownAccount))
				open = append(open, residency.OpenViolation{Violation: residency.Violation{Control: "RES-001", Resource: "arn:aws:s3:::" + id, Zone: "eu", Role: residency.Replica, Region: "us-east-1",
					Account: ownAccount, Target: fmt.Sprintf("arn:aws:s3:::copy-%d", i)}, Kind: "s3.bucket", ResourceAccount: ownAccount, ResourceRegion: "eu-west-1", Severity: "high", State: residency.ViolationOpen})
			}
			s, n := newTale(b), taleNight{resources: resources}
			n.waivers = cleanupFile(map[string]int{"arn:aws:s3:::other-*": 0})
			path := filepath.Join(b.TempDir(), snapshot.FileName)
			n.write(b, path, n.at())
			for _, carried := range [][]residency.OpenViolation{nil, open} {
				b.Run(fmt.Sprint(len(carried)), func(b *testing.B) {
					for b.Loop() {
						j := NewJudge(s.rules, s.configOf(b, n))
						j.Carried = append(j.Carried, carried...)
						if _, err := j.Run(b.Context(), path, everyOutcome, discard{}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// TestWaiverRunsOutUnseen: a night that could not look does not hide that a waiver ran out.
func TestWaiverRunsOutUnseen(t *testing.T) {
	s := newTale(t)
	with := taleNight{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ownAccount))}, waivers: taleWaiver}
	first := s.keep(t, with)
	denied := s.keep(t, taleNight{day: 5, lines: []residency.Coverage{deniedLine("s3", ownAccount, "global")}, waivers: taleWaiver}) // its last day
	with.day = 6
	last := s.keep(t, with)
	for _, tc := range []struct {
		from, to, want string
	}{{first, denied, ""}, {denied, last, "new: it was waived"}} {
		c, err := Diff(t.Context(), tc.from, tc.to)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, d := range c.Differences {
			if d.Change != residency.Uncovered {
				got += string(d.Change) + ": " + d.Detail
			}
		}
		if got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}
