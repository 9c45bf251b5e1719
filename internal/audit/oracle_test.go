package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// witnessedLine is a line on which the tagging API names functions that no scanner reads.
func witnessedLine(gaps ...residency.Gap) residency.Coverage {
	c := covered("resourcegroupstaggingapi", "eu-west-1", gaps...)
	c.Oracles = []residency.Reconciled{{Oracle: "tagging", Account: "1", Region: "eu-west-1", What: "resources", Known: 4, Inventory: 4}}
	c.NotJudged = []residency.NotJudged{{Service: "lambda", Account: "1", Region: "eu-west-1", Count: 2, Data: true, By: "tagging"}}
	return c
}

// Inside its assigned zone what has no scanner is counted and has no verdict; outside it is unknown, once. The run does not pass,
// not even where the gap were taken out of the snapshot.
func TestNotJudged(t *testing.T) {
	function := func(id, region string) string {
		return fmt.Sprintf(`{"id":%q,"kind":"lambda.function","region":%q,"tags":{"zone":"eu"}}`, id, region)
	}
	lines := []residency.Coverage{covered("s3", "global"), covered("rds", "eu-west-1"), witnessedLine()}
	inside, outside, nowhere := function("arn:in", "eu-west-1"), function("arn:out", "us-east-1"), `{"id":"arn:no","kind":"lambda.function","tags":{"zone":"eu"}}`
	unknown := func(id, place string) string {
		return id + " eu unknown no scanner for lambda.function: " + place + "; its placements were not read"
	}
	for name, c := range map[string]struct {
		resources []string
		want      []string
	}{
		"inside":           {[]string{inside}, nil},
		"outside":          {[]string{outside}, []string{unknown("arn:out", "it is in us-east-1, outside eu (eu-west-1)")}},
		"without a region": {[]string{nowhere}, []string{unknown("arn:no", "AWS gives it no region")}},
	} {
		t.Run(name, func(t *testing.T) {
			s, verdicts := judgeScanned(t, estate{resources: c.resources, coverage: lines}.write(t))
			var got []string
			for _, v := range verdicts {
				if v.Control != "RES-002" {
					t.Errorf("verdict of %s", v.Control)
				}
				got = append(got, fmt.Sprintf("%s %s %s %s", v.Resource, v.Zone, v.Outcome, v.Reason))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
			if s.Conclusion != residency.ConcludeNotConcluded || !s.Open {
				t.Errorf("conclusion %s, open %t", s.Conclusion, s.Open)
			}
			if len(s.NotJudged) != 1 || s.NotJudged[0].Count != 2 || len(s.Oracles) != 1 || s.Oracles[0].Known != 4 {
				t.Errorf("summary %+v %+v", s.NotJudged, s.Oracles)
			}
		})
	}
}

// A kind that this version does not know, of a service that no oracle calls not judged, is unknown of everything as ever.
func TestUnknownKindIsNoWitness(t *testing.T) {
	path := estate{resources: []string{`{"id":"arn:x","kind":"sqs.queue","region":"eu-west-1","tags":{"zone":"eu"}}`},
		coverage: []residency.Coverage{covered("s3", "global"), covered("rds", "eu-west-1"), witnessedLine()}}.write(t)
	_, verdicts := judgeScanned(t, path)
	if len(verdicts) < 2 {
		t.Errorf("%d verdicts, want one of each control: %v", len(verdicts), told(verdicts))
	}
}

// What holds no data decides nothing.
func TestNotJudgedWithoutData(t *testing.T) {
	line := witnessedLine()
	line.NotJudged[0].Data = false
	s, _ := judgeScanned(t, estate{coverage: []residency.Coverage{covered("s3", "global"), covered("rds", "eu-west-1"), line}}.write(t))
	if s.Conclusion != residency.ConcludePass || len(s.NotJudged) != 1 {
		t.Errorf("conclusion %s, not judged %+v", s.Conclusion, s.NotJudged)
	}
}

func judgeScanned(t *testing.T, path string) (*residency.Summary, []residency.Verdict) {
	t.Helper()
	j := &Judge{Engine: engine, Zones: testZones, Rules: []residency.Rule{byTag}, Calls: testCalls, Scanned: scannedKinds()}
	var out bytes.Buffer
	s, err := j.Run(context.Background(), path, func(o residency.Outcome) bool { return o != residency.Pass }, &out)
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []residency.Verdict
	for line := range bytes.Lines(out.Bytes()) {
		var v residency.Verdict
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, v)
	}
	return s, verdicts
}
