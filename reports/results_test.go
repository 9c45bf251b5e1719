package reports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func TestSARIFResult(t *testing.T) {
	for _, tc := range []struct {
		outcome     residency.Outcome
		severity    residency.Severity
		kind, level string
		suppressed  int
	}{
		{residency.Pass, residency.High, "pass", "none", 0},
		{residency.NotApplicable, residency.High, "notApplicable", "none", 0},
		{residency.Unknown, residency.Critical, "review", "none", 0},
		{residency.Fail, residency.Critical, "fail", "error", 0},
		{residency.Fail, residency.Medium, "fail", "warning", 0},
		{residency.Fail, residency.Info, "fail", "note", 0},
		{residency.Waived, residency.High, "fail", "error", 1},
	} {
		v := verdict("RES-001", "eu", "s3.bucket", prod, "arn:aws:s3:::acme", tc.outcome, "")
		v.Severity = tc.severity
		if tc.outcome == residency.Waived {
			v.Waiver = &residency.WaiverRef{ID: "W-1", Owner: "web", Approver: "ciso", Reason: "pictures", Expires: "2027-03-31"}
		}
		got := sarifOf(residency.Report{}, v)
		if got.Kind != tc.kind || got.Level != tc.level || len(got.Suppressions) != tc.suppressed || got.Message.Text == "" ||
			got.Locations[0].Logical[0].Name != "arn:aws:s3:::acme" {
			t.Errorf("%s %s: %+v", tc.outcome, tc.severity, got)
		}
		if tc.suppressed == 1 && (got.Suppressions[0].Justification != "pictures" || got.Suppressions[0].Properties["approver"] != "ciso") {
			t.Errorf("%+v", got.Suppressions)
		}
	}
}

// TestFingerprint holds it to what makes a violation the same in another run (contract, section 6).
func TestFingerprint(t *testing.T) {
	a := residency.Placement{Role: residency.Replica, Region: "us-east-1", Target: "arn:aws:s3:::copy", Via: "rule all"}
	b := residency.Placement{Role: residency.Backup, Region: "us-west-2"}
	base := verdict("RES-001", "eu", "s3.bucket", prod, "arn:aws:s3:::acme", residency.Fail, "words", a, b)
	for _, tc := range []struct {
		name   string
		change func(*residency.Verdict)
		same   bool
	}{
		{"reason", func(v *residency.Verdict) { v.Reason = "other words" }, true},
		{"waived", func(v *residency.Verdict) { v.Outcome = residency.Waived }, true},
		{"order of placements", func(v *residency.Verdict) { v.Placements = []residency.Placement{b, a} }, true},
		{"setting", func(v *residency.Verdict) { v.Placements[0].Via = "rule some" }, true},
		{"control", func(v *residency.Verdict) { v.Control = "RES-002" }, false},
		{"resource", func(v *residency.Verdict) { v.Resource += "x" }, false},
		{"zone", func(v *residency.Verdict) { v.Zone = "" }, false},
		{"region", func(v *residency.Verdict) { v.Placements[0].Region = "us-west-1" }, false},
		{"one placement fewer", func(v *residency.Verdict) { v.Placements = v.Placements[:1] }, false},
		{"shifted field", func(v *residency.Verdict) {
			v.Control, v.Resource = `RES-001" "arn`, strings.TrimPrefix(v.Resource, "arn")
		}, false},
	} {
		v := base
		v.Placements = append([]residency.Placement(nil), base.Placements...)
		tc.change(&v)
		if same := fingerprint(v) == fingerprint(base); same != tc.same {
			t.Errorf("%s: the same %v, want %v", tc.name, same, tc.same)
		}
	}
}

// TestJUnitCounts compares what each suite says of itself with what it holds.
func TestJUnitCounts(t *testing.T) {
	type problem struct{}
	var got struct {
		Suites []struct {
			Name     string `xml:"name,attr"`
			Tests    int    `xml:"tests,attr"`
			Failures int    `xml:"failures,attr"`
			Errors   int    `xml:"errors,attr"`
			Skipped  int    `xml:"skipped,attr"`
			Cases    []struct {
				Failure *problem `xml:"failure"`
				Error   *problem `xml:"error"`
				Skipped *problem `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	for _, s := range scenarios() {
		var out bytes.Buffer
		if err := writeJUnit(&out, s.report(0, false)); err != nil {
			t.Fatal(err)
		}
		got.Suites = nil
		if err := xml.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Suites) != 3 {
			t.Fatalf("%s: %d suites", s.name, len(got.Suites))
		}
		for _, suite := range got.Suites {
			failures, errors, skipped := 0, 0, 0
			for _, c := range suite.Cases {
				switch {
				case c.Failure != nil:
					failures++
				case c.Error != nil:
					errors++
				case c.Skipped != nil:
					skipped++
				}
			}
			if want := []int{suite.Tests, suite.Failures, suite.Errors, suite.Skipped}; fmt.Sprint(want) != fmt.Sprint([]int{len(suite.Cases), failures, errors, skipped}) {
				t.Errorf("%s: suite %s says %v and holds %d, %d, %d, %d", s.name, suite.Name, want, len(suite.Cases), failures, errors, skipped)
			}
		}
	}
}

// TestMarkdownSaysWhatIsLeftOut bounds the comment and names the rest with the command that lists it.
func TestMarkdownSaysWhatIsLeftOut(t *testing.T) {
	var ranged int
	var out bytes.Buffer
	r := residency.Report{Controls: controls(), Verdicts: many(20_000, &ranged), Command: "domicile judge RUN -o csv"}
	if err := writeMarkdown(&out, r); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 65_536 || !strings.Contains(out.String(), "## Violations (20000)") || !strings.Contains(out.String(), "not shown here: `domicile judge RUN -o csv` lists every one.") {
		t.Errorf("%d bytes: %s", out.Len(), out.String()[:500])
	}
}

func TestRunResults(t *testing.T) {
	whole := func() residency.Report {
		r := emptyPass().report(0, false)
		r.Summary.Oracles = []residency.Reconciled{{Oracle: "tagging", Known: 3, Inventory: 3}}
		return r
	}
	sealedRun := func(r residency.Report) residency.Report {
		r.Dossier = &residency.Dossier{Seal: residency.Seal{Manifest: digest, Key: "SHA256:x"}, Calls: residency.CallSummary{Total: 2}}
		return r
	}
	night := func(states ...residency.NightState) residency.Report {
		r := sealedRun(whole())
		r.Dossier.Period = &residency.Period{}
		for _, s := range states {
			r.Dossier.Period.Nights = append(r.Dossier.Period.Nights, residency.Night{State: s})
		}
		return r
	}
	with := func(change func(*residency.Report)) residency.Report {
		r := sealedRun(whole())
		change(&r)
		return r
	}
	for _, tc := range []struct {
		name, id string
		report   residency.Report
		want     residency.Outcome
	}{
		{"whole", "RUN-001", whole(), residency.Pass},
		{"no oracle", "RUN-001", emptyPass().report(0, false), residency.Unknown},
		{"gap", "RUN-001", with(func(r *residency.Report) { r.Summary.Coverage.Gaps = make([]residency.RunGap, 1) }), residency.Unknown},
		{"interrupted", "RUN-001", with(func(r *residency.Report) { r.Summary.Complete = false }), residency.Unknown},
		{"no scope", "RUN-001", with(func(r *residency.Report) { r.Summary.Scope = nil }), residency.Unknown},
		{"narrowed", "RUN-001", with(func(r *residency.Report) { r.Summary.Scope = &residency.Scope{Narrowed: true} }), residency.Unknown},
		{"missing", "RUN-001", with(func(r *residency.Report) { r.Summary.Oracles[0].Uncounted = 1 }), residency.Unknown},
		{"not judged", "RUN-001", with(func(r *residency.Report) { r.Summary.NotJudged = []residency.NotJudged{{Data: true}} }), residency.Unknown},
		{"holds no data", "RUN-001", with(func(r *residency.Report) { r.Summary.NotJudged = []residency.NotJudged{{}} }), residency.Pass},
		{"instant", "RUN-002", sealedRun(whole()), residency.NotApplicable},
		{"every night", "RUN-002", night(residency.NightDone, residency.NightLate), residency.Pass},
		{"missed", "RUN-002", night(residency.NightDone, residency.NightMissed), residency.Fail},
		{"partial", "RUN-002", night(residency.NightDone, residency.NightPartial), residency.Unknown},
		{"no night", "RUN-002", night(), residency.Unknown},
		{"nothing kept", "RUN-003", whole(), residency.NotApplicable},
		{"sealed", "RUN-003", sealedRun(whole()), residency.Pass},
		{"no seal", "RUN-003", with(func(r *residency.Report) { r.Dossier.Seal = residency.Seal{} }), residency.Unknown},
		{"half sealed", "RUN-003", with(func(r *residency.Report) { r.Dossier.Manifest.Problems = []string{"x"} }), residency.Unknown},
		{"no waivers", "RUN-004", whole(), residency.NotApplicable},
		{"in force", "RUN-004", with(func(r *residency.Report) { r.Summary.Waivers = keptWaivers()[:1] }), residency.Pass},
		{"expired", "RUN-004", with(func(r *residency.Report) { r.Summary.Waivers = keptWaivers() }), residency.Fail},
		{"register not known", "RUN-004", with(func(r *residency.Report) { r.Summary.Totals = map[residency.Outcome]int{residency.Waived: 1} }), residency.Unknown},
		{"no calls", "RUN-005", whole(), residency.NotApplicable},
		{"calls", "RUN-005", sealedRun(whole()), residency.Pass},
	} {
		t.Run(tc.id+" "+tc.name, func(t *testing.T) {
			for _, got := range runResults(tc.report) {
				if got.reason == "" {
					t.Errorf("%s gives no reason", got.ID)
				}
				if got.ID == tc.id && got.outcome != tc.want {
					t.Errorf("%s: %s, want %s", got.outcome, got.reason, tc.want)
				}
			}
		})
	}
}

// TestOSCALRisks holds a waiver to its state: only one in force is an approved deviation.
func TestOSCALRisks(t *testing.T) {
	r := kept()
	r.Verdicts = each(storyRest()[:1])
	var out bytes.Buffer
	if err := writeOSCAL(&out, r); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Root struct {
			Results []struct {
				Risks []oscalRisk `json:"risks"`
			} `json:"results"`
		} `json:"assessment-results"`
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	risks := got.Root.Results[0].Risks
	if len(risks) != 2 {
		t.Fatalf("%d risks", len(risks))
	}
	expired, active := risks[0], risks[1]
	if active.Status != "deviation-approved" || active.Deadline != "2027-03-31T23:59:59Z" || len(active.Observations) != 1 {
		t.Errorf("in force: %+v", active)
	}
	if expired.Status != "open" || expired.Deadline != "2026-10-31T23:59:59Z" || len(expired.Observations) != 0 {
		t.Errorf("expired: %+v", expired)
	}
}
