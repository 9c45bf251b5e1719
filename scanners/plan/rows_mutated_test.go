package plan

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mutation is one edit of a published plan: a resource's planned value, or the expression of its configuration.
type mutation struct {
	address, attribute string
	value              any // of after, which is then known
	expression         any // of the configuration, for a value that is known only after apply
}

// mutated is a published plan with edits, as placesOf tells it.
func mutated(t *testing.T, file, address string, edits ...mutation) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/tfplan/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, m := range edits {
		change := member(t, doc["resource_changes"], m.address)["change"].(map[string]any)
		after, unknown := change["after"].(map[string]any), change["after_unknown"].(map[string]any)
		if m.expression != nil {
			delete(after, m.attribute)
			unknown[m.attribute] = true
			block := member(t, doc["configuration"].(map[string]any)["root_module"].(map[string]any)["resources"], m.address)
			block["expressions"].(map[string]any)[m.attribute] = m.expression
			continue
		}
		delete(unknown, m.attribute)
		after[m.attribute] = m.value
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Read([]Input{{Name: file, Data: strings.NewReader(string(data)), Size: int64(len(data))}}, Options{Account: "111111111111"}, "aws", someRegions, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out collected
	if _, err := c.Emit(&out); err != nil {
		t.Fatal(err)
	}
	places := []string{}
	for _, p := range out.byID[address].Placements {
		places = append(places, strings.ReplaceAll(placeLine(string(p.Role), p.Region, "", p.Target), address, "itself"))
	}
	slices.Sort(places)
	return places
}

func member(t *testing.T, list any, address string) map[string]any {
	t.Helper()
	for _, one := range list.([]any) {
		if m := one.(map[string]any); m["address"] == address {
			return m
		}
	}
	t.Fatalf("the plan has no %s", address)
	return nil
}

// Published plans in which a log leaves: the bucket is moved by the region attribute of the provider's version 6.
func TestMutatedLogs(t *testing.T) {
	const (
		tags  = "001_bridgecrewio__checkov__resources_plan_tags_tfplan.json"
		trail = "006_fugue__regula__cloudtrail_inputs_log_file_validation_infra.json"
	)
	nowhere := map[string]any{"references": []string{"local.bucket"}}
	dataEvents := []any{map[string]any{"data_resource": []any{map[string]any{"type": "AWS::S3::Object", "values": []any{"arn:aws:s3"}}}}}
	accessLogs := []any{map[string]any{"bucket": "123456789123-acme-corp-flowlogs", "enabled": true}}
	away := func(bucket string) mutation {
		return mutation{address: bucket, attribute: "region", value: "eu-west-1"}
	}
	for name, tc := range map[string]struct {
		file, address string
		edits         []mutation
		want          []string
	}{
		"flow log stays":   {tags, "aws_flow_log.vpcflowlogs", nil, []string{"log in us-west-2 at aws_s3_bucket.flowbucket"}},
		"flow log leaves":  {tags, "aws_flow_log.vpcflowlogs", []mutation{away("aws_s3_bucket.flowbucket")}, []string{"log in eu-west-1 at aws_s3_bucket.flowbucket"}},
		"flow log unknown": {tags, "aws_flow_log.vpcflowlogs", []mutation{{address: "aws_flow_log.vpcflowlogs", attribute: "log_destination", expression: nowhere}}, []string{"log in ?"}},
		"balancer stays": {tags, "aws_elb.weblb", []mutation{{address: "aws_elb.weblb", attribute: "access_logs", value: accessLogs}},
			[]string{"log in us-west-2 at aws_s3_bucket.flowbucket"}},
		"balancer leaves": {tags, "aws_elb.weblb", []mutation{{address: "aws_elb.weblb", attribute: "access_logs", value: accessLogs}, away("aws_s3_bucket.flowbucket")},
			[]string{"log in eu-west-1 at aws_s3_bucket.flowbucket"}},
		"balancer unknown": {tags, "aws_elb.weblb", []mutation{{address: "aws_elb.weblb", attribute: "access_logs", expression: nowhere}}, []string{"log in ?"}},
		"trail stays":      {trail, "aws_cloudtrail.valid_trail", nil, []string{"metadata in us-east-2 at aws_s3_bucket.trail_bucket"}},
		"trail leaves":     {trail, "aws_cloudtrail.valid_trail", []mutation{away("aws_s3_bucket.trail_bucket")}, []string{"metadata in eu-west-1 at aws_s3_bucket.trail_bucket"}},
		"trail of data events leaves": {trail, "aws_cloudtrail.valid_trail", []mutation{away("aws_s3_bucket.trail_bucket"), {address: "aws_cloudtrail.valid_trail", attribute: "event_selector", value: dataEvents}},
			[]string{"log in eu-west-1 at aws_s3_bucket.trail_bucket"}},
		"trail unknown": {trail, "aws_cloudtrail.valid_trail", []mutation{{address: "aws_cloudtrail.valid_trail", attribute: "s3_bucket_name", expression: nowhere}}, []string{"metadata in ?"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, mutated(t, tc.file, tc.address, tc.edits...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
