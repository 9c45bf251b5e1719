package reports

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func table(t *testing.T, r residency.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := writeTable(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func requireLine(t *testing.T, text, want string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == want {
			return
		}
	}
	t.Errorf("no line %q in:\n%s", want, text)
}

func TestTableLinesFitTheirWidth(t *testing.T) {
	arn := regexp.MustCompile(`^ *arn:\S+$`)
	for _, s := range scenarios() {
		for _, width := range []int{60, 80, 99, 100, 120, 200} {
			for line := range strings.SplitSeq(table(t, s.report(width, false)), "\n") {
				paste := strings.HasPrefix(line, "  - {") // a line to paste is whole
				if columns(line) > width && !arn.MatchString(line) && !paste {
					t.Errorf("%s at %d: %d columns: %q", s.name, width, columns(line), line)
				}
				if strings.TrimRight(line, " ") != line {
					t.Errorf("%s at %d: space at the end of %q", s.name, width, line)
				}
			}
		}
	}
}

// TestTableKeepsIdentifiersWhole proves that what is shown of a resource can be copied, at every width.
func TestTableKeepsIdentifiersWhole(t *testing.T) {
	s := story()
	for _, width := range []int{60, 80, 100, 120, 200} {
		got := table(t, s.report(width, false))
		for _, v := range s.verdicts[:4] {
			for _, id := range v.Path {
				if !strings.Contains(got, id) {
					t.Errorf("width %d: %q is broken or missing", width, id)
				}
			}
		}
	}
}

func TestTableNeutralisesHostileNames(t *testing.T) {
	for _, width := range []int{80, 100, 200} {
		got := table(t, story().report(width, false))
		if !utf8.ValidString(got) {
			t.Error("not UTF-8")
		}
		for _, r := range got {
			if r != '\n' && hostile(r) || r == '↩' {
				t.Fatalf("width %d: %U reaches the terminal", width, r)
			}
		}
		for _, want := range []string{`\x1b[31mred\x1b[0m`, `safe\u202egnp.exe`, `zero\u200bwidth\ufeff`, `two\nlines\r\tand\x9bmore`, `\xff\xfe`, "顧客データ"} {
			if !strings.Contains(got, want) {
				t.Errorf("width %d: no %q", width, want)
			}
		}
	}
}

// TestTableColourSaysNothingAlone proves that a table without its colours is the table without colours.
func TestTableColourSaysNothingAlone(t *testing.T) {
	codes := regexp.MustCompile("\x1b\\[[0-9;]+m")
	for _, s := range scenarios() {
		for _, width := range []int{80, 100, 200} {
			colored := table(t, s.report(width, true))
			if !codes.MatchString(colored) {
				t.Errorf("%s at %d: no colour", s.name, width)
			}
			if got, want := codes.ReplaceAllString(colored, ""), table(t, s.report(width, false)); got != want {
				t.Errorf("%s at %d: differs beyond colour:\n%s", s.name, width, got)
			}
		}
	}
}

func TestTableConclusions(t *testing.T) {
	first := map[string]string{
		"story":         "FAIL: 935 violations (1 critical, 920 high, 14 medium)",
		"empty_pass":    "PASS: no exceptions noted in the population examined",
		"narrowed":      "PASS: no exceptions noted in the population examined",
		"not_concluded": "NOT CONCLUDED: no violation was seen, but not everything could be proved",
		"change":        "FAIL: 1 violation (1 high)",
	}
	for _, s := range scenarios() {
		got := table(t, s.report(0, false))
		if line, _, _ := strings.Cut(got, "\n"); line != first[s.name] {
			t.Errorf("%s: %q, want %q", s.name, line, first[s.name])
		}
		for _, word := range []string{"certified", "compliant"} {
			if strings.Contains(strings.ToLower(got), word) {
				t.Errorf("%s claims %q", s.name, word)
			}
		}
		if !strings.Contains(got, "account-region") && !strings.Contains(got, "2 of 2 inputs read: plan.json, app.yaml") || !strings.Contains(got, "COVERAGE") {
			t.Errorf("%s: no coverage line", s.name)
		}
	}
	requireLine(t, table(t, story().report(200, false)), "412 of 420 account-regions examined, 8 denied")
	requireLine(t, table(t, emptyPass().report(200, false)), "1 of 1 account-region examined")
	requireLine(t, table(t, narrowed().report(200, false)),
		"The scope was narrowed: this run concludes about account 111111111111; regions eu-west-1, eu-west-3; scanners rds, s3 only.")
}

// TestTableOrder proves that what is free to leave comes after the story, and unknowns after violations.
func TestTableOrder(t *testing.T) {
	got := table(t, story().report(200, false))
	at := 0
	for _, want := range []string{
		"FAIL", "VIOLATIONS", "eu · European Union", "account 111111111111 · 933 violations, 1 finding of severity info", "RES-012", "RES-001", "RES-003", "912 recovery points by backup plan nightly",
		"RES-004 · 13", "and 3 more: domicile judge runs/latest -o csv", "account 222222222222 · 1", "au · Australia", "free to leave", "us · RES-001 · 3 violations",
		"UNKNOWN", "acme-eu-vault", "unclassified", "us · RES-001 · 1 unknown", "WAIVED", "W-7", "GAPS", "24 denied · AssumeRole · account 333333333333", "COVERAGE", "ZONES",
		"none · 6 data stores", "UNCLASSIFIED", `- {arn: "arn:aws:s3:::acme-lab-*", zone: ZONE}`, "NOTES",
	} {
		i := strings.Index(got[at:], want)
		if i < 0 {
			t.Fatalf("no %q after byte %d of:\n%s", want, at, got)
		}
		at += i
	}
	if n := strings.Count(got, "table/global-"); n != 0 {
		t.Errorf("a zone that is free to leave shows %d resources", n)
	}
}

// TestTableCountsWhatItDoesNotShow proves that rows and the rest of each group add up to its count.
func TestTableCountsWhatItDoesNotShow(t *testing.T) {
	for _, tc := range []struct {
		name   string
		causes int
		each   int
		rows   int
		rest   int
	}{
		{"one", 1, 1, 1, 0},
		{"few_of_one_cause_stay_apart", 1, 3, 3, 0},
		{"many_of_one_cause_fold", 1, 4, 1, 0},
		{"ten_causes", 10, 1, 10, 0},
		{"eleven_causes", 11, 1, 10, 1},
		{"folds_are_cut_too", 12, 5, 10, 10},
		{"more_causes_than_are_told_apart", groupFolds + 36, 1, 10, groupFolds + 26},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSection(residency.Report{})
			for i := range tc.causes * tc.each {
				s.add(verdict("RES-001", "eu", "s3.bucket", prod, fmt.Sprint("arn:aws:s3:::b", i), residency.Fail, "r",
					residency.Placement{Role: residency.Replica, Region: "us-east-1", Via: fmt.Sprint("rule ", i%tc.causes)}))
			}
			groups := s.sorted(func(string) int { return 0 })
			if len(groups) != 1 {
				t.Fatalf("%d groups", len(groups))
			}
			rows, covered := groups[0].entries()
			if len(rows) != tc.rows || groups[0].count-covered != tc.rest {
				t.Errorf("%d rows and %d more, want %d and %d", len(rows), groups[0].count-covered, tc.rows, tc.rest)
			}
		})
	}
}

// TestTableCountsGroupsThatItDoesNotKeep proves that a number of groups that no reader would read is counted to the last verdict.
func TestTableCountsGroupsThatItDoesNotKeep(t *testing.T) {
	var ranged int
	got := table(t, residency.Report{
		Summary:  residency.Summary{Conclusion: residency.ConcludeFail, Totals: map[residency.Outcome]int{residency.Fail: 10_000}},
		Verdicts: many(10_000, &ranged), Command: "domicile judge x -o csv", // two in each of 5000 accounts
	})
	requireLine(t, got, "eu · 4000 violations")
	requireLine(t, got, "and 6000 more: domicile judge x -o csv (in further accounts and controls)")
	requireLine(t, got, "FAIL: 10000 violations (10000 high)")
	if n := strings.Count(got, "  account "); n != mostGroups {
		t.Errorf("%d accounts shown", n)
	}
}

// TestTableLongChain proves that a chain of any length is shown from its origin to the resource.
func TestTableLongChain(t *testing.T) {
	v := verdict("RES-001", "eu", "s3.bucket", prod, "hop-99", residency.Fail, "r")
	v.Path = nil
	for i := range 100 {
		v.Path = append(v.Path, fmt.Sprint("hop-", i))
	}
	r := newRow(v)
	if len(r.path) != mostHops || r.path[0] != "hop-0" || r.path[1] != "(85 more hops)" || r.path[2] != "hop-86" || r.path[mostHops-1] != "hop-99" {
		t.Errorf("%d hops: %q", len(r.path), r.path)
	}
}

func TestGapsFold(t *testing.T) {
	gap := func(scanner, call, region, detail string) residency.RunGap {
		return residency.RunGap{Scanner: scanner, Account: prod, Region: region, Gap: residency.Gap{Call: call, Class: residency.ClassDenied, Detail: detail}}
	}
	scp := "explicit deny in a service control policy: exempt the audit role from it"
	for _, tc := range []struct {
		name string
		gaps []residency.RunGap
		want []string
	}{
		{"same_call", []residency.RunGap{gap("s3", "A", "r1", "x"), gap("s3", "A", "r2", "x")},
			[]string{"2 denied · s3 A · account 111111111111, 2 regions · x"}},
		{"details_differ_in_a_name", []residency.RunGap{gap("s3", "A", "r1", `no "a"`), gap("s3", "A", "r1", `no "b"`)},
			[]string{`2 denied · s3 A · account 111111111111, r1 · no "a"`}},
		{"few_calls_stay_apart", []residency.RunGap{gap("s3", "A", "r1", scp), gap("rds", "B", "r1", scp)},
			[]string{"1 denied · s3 A · account 111111111111, r1 · " + scp, "1 denied · rds B · account 111111111111, r1 · " + scp}},
		{"three_lines_stay_apart", []residency.RunGap{gap("s3", "A", "r1", scp), gap("rds", "B", "r1", scp), gap("rds", "C", "r2", scp)},
			[]string{"1 denied · s3 A · account 111111111111, r1 · " + scp, "1 denied · rds B · account 111111111111, r1 · " + scp, "1 denied · rds C · account 111111111111, r2 · " + scp}},
		{"many_calls_of_one_cause", []residency.RunGap{gap("s3", "A", "r1", scp), gap("rds", "B", "r1", scp), gap("rds", "C", "r2", scp), gap("sqs", "D", "r1", scp)},
			[]string{"4 denied · 4 calls of 3 scanners · account 111111111111, 2 regions · " + scp}},
		{"many_calls_without_a_cause", []residency.RunGap{gap("s3", "A", "", ""), gap("s3", "B", "", ""), gap("s3", "C", "", ""), gap("s3", "D", "", "")},
			[]string{"1 denied · s3 A · account 111111111111", "1 denied · s3 B · account 111111111111", "1 denied · s3 C · account 111111111111", "1 denied · s3 D · account 111111111111"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, l := range foldGaps(tc.gaps) {
				got = append(got, l.text())
			}
			if strings.Join(got, "\n") != strings.Join(tc.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}
