package plan

import (
	"strings"
	"testing"
)

// TestNothingToJudge: a change that passes because there is nothing in it says so.
func TestNothingToJudge(t *testing.T) {
	bucket := func(actions string) block {
		return block{address: "aws_s3_bucket.a", typ: "aws_s3_bucket", after: `{"bucket":"a"}`, actions: actions}
	}
	gone := bucket(`["delete"]`)
	gone.after = "null"
	for _, tt := range []struct{ name, data, want string }{
		{"resources of others", written([]block{{address: "random_id.a", typ: "random_id", after: `{}`}}, "", "", "", ""), "describes no resource of AWS"},
		{"no resource at all", written(nil, "", "", "", ""), "describes no resource of AWS"},
		{"only deleted", written([]block{gone}, "", "", "", ""), "only deletes"},
		{"left as it is", written([]block{bucket(`["no-op"]`)}, "", "", "", ""), "leaves the 1 resources of AWS"},
		{"created", written([]block{bucket("")}, "", "", "", ""), ""},
		{"no data, but AWS's", written([]block{{address: "aws_vpc.a", typ: "aws_vpc", after: `{}`}}, "", "", "", ""), ""},
		{"cut short", written(nil, "", "", "", `,"errored":true`), ""},
		{"empty template", `{"Resources":{}}`, "describes no resource of AWS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Read([]Input{{Name: "in", Data: strings.NewReader(tt.data), Size: int64(len(tt.data))}}, Options{}, "aws", someRegions, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Emit(&collected{}); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(c.Notes(), "; ")
			if (got != "") != (tt.want != "") || !strings.Contains(got, tt.want) {
				t.Errorf("notes %q, want %q", got, tt.want)
			}
		})
	}
}

// TestUnsaidChange: a change that makes a resource and does not say what it will be is a gap, not nothing.
func TestUnsaidChange(t *testing.T) {
	for _, change := range []string{`null`, `{}`, `{"actions":["create"],"after":null}`, `{"actions":["create"],"after":"x","after_unknown":[]}`, `{"actions":["delete","create"]}`} {
		got, err := readText("plan.json", `{"format_version":"1.2","resource_changes":[{"address":"aws_s3_bucket.a","mode":"managed","type":"aws_s3_bucket","name":"a","change":`+change+`}]}`, Options{})
		if err != nil {
			continue // refused is as good
		}
		if !strings.Contains(got, "gap plan unresolved  the plan does not say what aws_s3_bucket.a will be") {
			t.Errorf("%s: %s", change, got)
		}
	}
}

// TestServerlessAPIs: an API of SAM, named or made of its events, is entered where SAM's settings say.
func TestServerlessAPIs(t *testing.T) {
	const edge = "cloudfront.net"
	event := `"F":{"Type":"AWS::Serverless::Function","Properties":{"Events":{"E":{"Type":"Api","Properties":{"Path":"/","Method":"get"}}}}}`
	for _, tt := range []struct {
		name, more, resources string
		edge                  bool
	}{
		{"edge", "", `"A":{"Type":"AWS::Serverless::Api","Properties":{"StageName":"x"}}`, true},
		{"regional, a word", "", `"A":{"Type":"AWS::Serverless::Api","Properties":{"StageName":"x","EndpointConfiguration":"REGIONAL"}}`, false},
		{"regional, a block", "", `"A":{"Type":"AWS::Serverless::Api","Properties":{"StageName":"x","EndpointConfiguration":{"Type":"REGIONAL"}}}`, false},
		{"made of an event", "", event, true},
		{"made of an event, regional", `"Globals":{"Api":{"EndpointConfiguration":{"Type":"REGIONAL"}}},`, event, false},
		{"an event of an HTTP API", "", strings.Replace(event, `"Api"`, `"HttpApi"`, 1), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readText("t.json", `{"Transform":"AWS::Serverless-2016-10-31",`+tt.more+`"Resources":{`+tt.resources+`}}`, Options{Region: "eu-west-1"})
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(got, edge) != tt.edge {
				t.Errorf("at the edge: want %v in\n%s", tt.edge, got)
			}
		})
	}
}
