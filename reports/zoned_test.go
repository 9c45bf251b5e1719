package reports

import (
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// zoned is a sealed run in which au fails, eu passes, and one store of whose zone nothing is known fails a control of its own.
func zoned() residency.Report {
	pass, fail := map[residency.Outcome]int{residency.Pass: 5}, map[residency.Outcome]int{residency.Fail: 2, residency.Pass: 1}
	promised := func(id, region string) residency.ZoneCount {
		return residency.ZoneCount{Zone: residency.Zone{ID: id, Regions: []string{region}, Promise: true}}
	}
	r := residency.Report{Controls: controls(), Summary: residency.Summary{Complete: true, Scope: &residency.Scope{}, Zones: []residency.ZoneCount{promised("eu", "eu-west-1"), promised("au", "ap-southeast-2")},
		Oracles:  []residency.Reconciled{{Oracle: "organizations", Known: 1, Inventory: 1}},
		Controls: map[string]map[residency.Outcome]int{"RES-001": {residency.Fail: 2, residency.Pass: 6}, "RES-013": {residency.Unknown: 1}}}}
	r.Verdicts = func(yield func(residency.Verdict, error) bool) {
		for _, v := range []residency.Verdict{{Control: "RES-001", Zone: "au", Outcome: residency.Fail, Severity: residency.High}, {Control: "RES-001", Zone: "au", Outcome: residency.Fail, Severity: residency.High},
			{Control: "RES-013", Outcome: residency.Unknown, Severity: residency.High}} {
			if !yield(v, nil) {
				return
			}
		}
	}
	r.Dossier = &residency.Dossier{Seal: residency.Seal{Manifest: "ab", Key: "SHA256:x"}, Calls: residency.CallSummary{Total: 3},
		ByZone: []residency.ZoneResult{{Control: "RES-001", Zone: "au", Outcomes: fail}, {Control: "RES-001", Zone: "eu", Outcomes: pass},
			{Control: "RES-004", Zone: "eu", Outcomes: map[residency.Outcome]int{residency.Fail: 1, residency.Pass: 1}, Info: 1},
			{Control: "RES-013", Outcomes: map[residency.Outcome]int{residency.Unknown: 1}}}}
	return r
}

// TestJudged: an own control stands as the verdicts of its zones do, and one that only checks of the runs test as these do.
func TestJudged(t *testing.T) {
	parted := func(r *residency.Report) {
		r.Summary.Parts = []residency.Part{{Zone: "eu", Controls: map[string]map[residency.Outcome]int{"RES-001": {residency.Fail: 7}}, Fails: map[residency.Severity]int{residency.High: 7}}}
	}
	gaps := func(r *residency.Report) { r.Summary.Coverage.Gaps = make([]residency.RunGap, 6) }
	for _, tc := range []struct {
		name      string
		checks    string
		zones     string
		change    func(*residency.Report)
		word, why string
		html      htmlStanding
	}{
		{"all zones", "RES-001", "", nil, "Exceptions noted: 2 fail", "6 pass, 2 fail, 0 unknown, 0 waived, by RES-001.", standFails},
		{"eu", "RES-001", "eu", nil, "No exceptions noted in the population examined", "5 pass, 0 fail, 0 unknown, 0 waived, by RES-001; of zone eu and of unclassified stores.", standsInside},
		{"au", "RES-001", "au", nil, "Exceptions noted: 2 fail", "1 pass, 2 fail", standFails},
		{"both", "RES-001", "au eu", nil, "Exceptions noted: 2 fail", "6 pass, 2 fail", standFails},
		{"fails of severity info", "RES-004", "eu", nil, "No exceptions noted in the population examined", "1 pass, 0 fail", standsInside},
		{"unclassified may be eu's", "RES-013", "eu", nil, "Not concluded: 1 unknown", "0 pass, 0 fail, 1 unknown", standOpen},
		{"nothing in the zone", "RES-004", "au", nil, "Not concluded: no verdict decides it", "0 pass, 0 fail", standUnseen},
		{"a part of eu", "RES-001", "eu", parted, "Exceptions noted: 7 fail", "5 pass, 7 fail", standFails},
		{"a part of eu, au asked", "RES-001", "au", parted, "Exceptions noted: 2 fail", "1 pass, 2 fail", standFails},
		{"a gap", "RES-001", "eu", gaps, "Not concluded: 1 area not examined", "5 pass", standsInside},
		{"sealed, with gaps", "RUN-003", "", gaps, "No deviation noted in the operation", "In operation: RUN-003 pass: signed and logged", standsRan},
		{"sealed and read only", "RUN-003 RUN-005", "eu", gaps, "No deviation noted in the operation", "RUN-005 pass: 3 calls", standsRan},
		{"population, with gaps", "RUN-001", "", gaps, "Not concluded: RUN-001 unknown", "In operation: RUN-001 unknown: 6 questions without an answer.", standOpen},
		{"one instant", "RUN-002", "", nil, "Not applicable", "RUN-002 not applicable: this report is about one instant", standsIdle},
		{"a night missed", "RUN-002", "", func(r *residency.Report) {
			r.Dossier.Period = &residency.Period{Nights: []residency.Night{{State: residency.NightMissed}}}
		}, "Deviation in the operation of the control", "RUN-002 fail: 1 day", standFails},
		{"both kinds", "RES-001 RUN-002", "eu", nil, "No exceptions noted in the population examined", "5 pass", standsInside},
		{"both kinds, open", "RES-001 RUN-003", "eu", func(r *residency.Report) { r.Dossier.Seal.Key = "" }, "Not concluded: RUN-003 unknown", "the run bears no seal", standOpen},
		{"of another version", "RES-999", "", nil, "Not concluded", "This version has no check RES-999.", standUnseen},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := zoned()
			if tc.change != nil {
				tc.change(&r)
			}
			f, err := gatherFacts(r)
			if err != nil {
				t.Fatal(err)
			}
			c := residency.OwnControl{Checks: strings.Fields(tc.checks), Zones: strings.Fields(tc.zones)}
			p := &pages{r: r, s: r.Summary, dossier: *r.Dossier, facts: f, runs: runResults(r)}
			if word, why := p.judged(testedBy(c)); word != tc.word || !strings.Contains(why, tc.why) {
				t.Errorf("PDF: %s: %s\nwant %s: %s", word, why, tc.word, tc.why)
			}
			if _, got := (&htmlPage{report: r}).ownControl(c); got != tc.html {
				t.Errorf("HTML: %s, want %s", got.words, tc.html.words)
			}
		})
	}
}

// TestTestedBy: a commitment's checks count for the zones of the controls that use them, and for all where one does.
func TestTestedBy(t *testing.T) {
	eu := residency.OwnControl{Checks: []string{"RES-001", "RES-002"}, Zones: []string{"eu"}}
	au := residency.OwnControl{Checks: []string{"RES-001"}, Zones: []string{"au", "eu"}}
	all := residency.OwnControl{Checks: []string{"RES-002"}}
	for _, order := range [][]residency.OwnControl{{eu, au, all}, {all, au, eu}} {
		got := testedBy(order...)
		if strings.Join(got["RES-001"], " ") != "au eu" || got["RES-002"] != nil || len(got) != 2 {
			t.Errorf("%v", got)
		}
	}
}
