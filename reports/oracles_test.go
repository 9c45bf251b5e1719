package reports

import (
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// What is not judged stands beside the conclusion, and each oracle's comparison under coverage, zero as zero.
func TestTableOracles(t *testing.T) {
	r := residency.Report{Width: 80, Summary: residency.Summary{Conclusion: residency.ConcludeNotConcluded, Complete: true, Scope: &residency.Scope{},
		NotJudged: []residency.NotJudged{
			{Service: "lambda", Account: "111111111111", Region: "eu-west-1", Count: 3, Data: true, By: "tagging"},
			{Service: "lambda", Account: "111111111111", Region: "us-east-1", Count: 2, Data: true, By: "tagging"},
			{Service: "evil\x1b[2J", Account: "111111111111", Region: "us-east-1", Count: 1, Data: true, By: "tagging"},
			{Service: "ec2", Account: "111111111111", Region: "us-east-1", Count: 7, By: "tagging"},
		},
		Oracles: []residency.Reconciled{
			{Oracle: "organizations", What: "accounts", Known: 4, Inventory: 3, Missing: []string{"555555555555"}},
			{Oracle: "tagging", What: "resources", Account: "111111111111", Region: "eu-west-1", Known: 50, Inventory: 10, Gone: 1, Missing: []string{"arn:x"}, Uncounted: 38},
			{Oracle: "tagging", What: "resources", Account: "111111111111", Region: "us-east-1", Known: 2, Inventory: 2},
		}}}
	r.Verdicts = func(func(residency.Verdict, error) bool) {}
	text := table(t, r)
	at := 0
	for _, want := range []string{"NOT CONCLUDED", "NOT JUDGED", "lambda: 5 resources in use and no scanner, in 111111111111, 2 regions", "without customer data, by the shipped list: 7 resources of 1 service",
		"COVERAGE", "organizations: 4 accounts known, 3 examined, 1 missing", "tagging: 52 resources known, 12 examined, 39 missing, 1 gone since"} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("no %q after byte %d of:\n%s", want, at, text)
		}
		at += i
	}
	if strings.Contains(text, "\x1b[2J") {
		t.Errorf("an escape reached the terminal:\n%q", text)
	}
	for line := range strings.Lines(text) {
		if columns(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("wider than 80 columns: %q", line)
		}
	}
}
