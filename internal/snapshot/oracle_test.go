package snapshot

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// What the oracles say is read as it was written.
func TestOraclesAreKept(t *testing.T) {
	doc := contractDocument()
	doc.Coverage[1].Oracles = []residency.Reconciled{
		{Oracle: "organizations", What: "accounts", Known: 3, Inventory: 2, Missing: []string{"222222222222"}},
		{Oracle: "tagging", Account: "111111111111", Region: "eu-west-1", What: "resources", Known: 9, Inventory: 7, Gone: 1, Missing: []string{"arn:a", "arn:b"}, Uncounted: 5},
	}
	doc.Coverage[1].NotJudged = []residency.NotJudged{{Service: "lambda", Account: "111111111111", Region: "eu-west-1", Count: 3, Data: true, By: "tagging"}}
	got, err := readText(string(write(t, doc)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(doc.Coverage, got.Coverage); diff != "" {
		t.Errorf("coverage (-written +read):\n%s", diff)
	}
}

// A comparison without its numbers, or with impossible ones, is corrupt and not a comparison that agrees.
func TestCorruptOracles(t *testing.T) {
	const whole = `{"coverage":{"scanner":"s","account":"a","region":"r","status":"complete","resources":0,"gaps":[],`
	for name, c := range map[string]struct{ members, want string }{
		"no numbers":       {`"oracles":[{"oracle":"tagging","what":"resources"}]`, "a comparison with an oracle without known"},
		"negative":         {`"oracles":[{"oracle":"tagging","what":"resources","known":-1,"inventory":0}]`, "want a whole number"},
		"a null name":      {`"oracles":[{"oracle":"x","what":"y","known":1,"inventory":0,"missing":[null]}]`, "want a string"},
		"twice":            {`"oracles":[{"oracle":"x","oracle":"y","what":"y","known":1,"inventory":0}]`, "twice"},
		"no oracle":        {`"oracles":[{"oracle":"","what":"y","known":1,"inventory":0}]`, "no oracle"},
		"data not said":    {`"not_judged":[{"service":"lambda","account":"a","region":"r","count":1,"by":"tagging"}]`, "a service that is not judged without data"},
		"data is no truth": {`"not_judged":[{"service":"lambda","account":"a","region":"r","count":1,"data":1,"by":"tagging"}]`, "false"},
		"no service":       {`"not_judged":[{"service":"","account":"a","region":"r","count":1,"data":true,"by":"tagging"}]`, "no name"},
		"a fraction":       {`"not_judged":[{"service":"x","account":"a","region":"r","count":1.5,"data":true,"by":"tagging"}]`, "whole number"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decodeCoverage(whole + c.members + `}}`); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
