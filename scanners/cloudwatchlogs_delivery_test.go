package scanners_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand from the SDK's own types.

// The classic hole: the subscription stays in the region, the destination's target does not.
func TestLogDestination(t *testing.T) {
	a := logsAnswers()
	a.on("eu-west-1", "cloudwatchlogs", "DescribeDestinations", "{}", `{"destinations":[],"nextToken":"t"}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeDestinations", `{"NextToken":"t"}`, `{"destinations":[{"arn":"`+logsARN+`destination:central","destinationName":"central",
		"targetArn":"arn:aws:kinesis:us-east-1:222222222222:stream/s","accessPolicy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"333333333333\",\"222222222222\"]},\"Action\":\"logs:PutSubscriptionFilter\"},{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"logs:*\",\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o-abc\"}}}]}"},
		{"arn":"`+logsARN+`destination:odd","destinationName":"odd","targetArn":"","accessPolicy":"{"}]}`)
	f := scan(t, "cloudwatchlogs", a)
	want := []residency.Resource{{ID: logsARN + "destination:central", Kind: "cloudwatchlogs.destination", Account: ownAccount, Region: "eu-west-1", Name: "central", Tags: map[string]string{},
		Placements: []residency.Placement{{Role: residency.Log, Region: "us-east-1", Account: "222222222222", Target: "arn:aws:kinesis:us-east-1:222222222222:stream/s", Via: "targetArn"}},
		Facts:      map[string]any{"senders": []string{"*", "222222222222", "333333333333", "o-abc"}}},
		{ID: logsARN + "destination:odd", Kind: "cloudwatchlogs.destination", Account: ownAccount, Region: "eu-west-1", Name: "odd", Tags: map[string]string{},
			Placements: []residency.Placement{{Role: residency.Log, Via: "targetArn"}}}}
	if diff := cmp.Diff(want, f.resources); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"DescribeDestinations malformed " + logsARN + "destination:odd"}, f.gaps()); diff != "" {
		t.Error(diff)
	}
}

func TestLogDelivery(t *testing.T) {
	const distribution = "arn:aws:cloudfront::111111111111:distribution/E1"
	a := logsAnswers()
	a.on("eu-west-1", "cloudwatchlogs", "DescribeDeliverySources", "{}", `{"deliverySources":[],"nextToken":"t"}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeDeliverySources", `{"NextToken":"t"}`, `{"deliverySources":[{"name":"cf","arn":"`+logsARN+`delivery-source:cf","service":"cloudfront","logType":"ACCESS_LOGS","resourceArns":["`+distribution+`"]}]}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeDeliveryDestinations", "{}", `{"deliveryDestinations":[{"name":"traces","arn":"`+logsARN+`delivery-destination:traces","deliveryDestinationType":"XRAY"}],"nextToken":"t"}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeDeliveryDestinations", `{"NextToken":"t"}`, `{"deliveryDestinations":[{"name":"b","arn":"`+logsARN+`delivery-destination:b","tags":{"k":"v"},"deliveryDestinationType":"S3","deliveryDestinationConfiguration":{"destinationResourceArn":"arn:aws:s3:::logs/prefix"}}]}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeDeliveries", "{}", `{"deliveries":[],"nextToken":"t"}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeDeliveries", `{"NextToken":"t"}`, `{"deliveries":[
		{"id":"1","arn":"`+logsARN+`delivery:1","deliverySourceName":"cf","deliveryDestinationArn":"`+logsARN+`delivery-destination:b","deliveryDestinationType":"S3"},
		{"id":"2","arn":"`+logsARN+`delivery:2","deliverySourceName":"gone","deliveryDestinationArn":"`+logsARN+`delivery-destination:gone","deliveryDestinationType":"S3"},
		{"id":"3","arn":"`+logsARN+`delivery:3","deliverySourceName":"cf","deliveryDestinationArn":"arn:aws:logs:eu-west-1:222222222222:delivery-destination:x","deliveryDestinationType":"FH"}]}`)
	a.bucket("logs", "us-east-1")
	f := scan(t, "cloudwatchlogs", a)
	first := f.resource(t, logsARN+"delivery:1")
	if diff := cmp.Diff([]residency.Source{{ID: distribution, Role: residency.Log, Account: ownAccount, Via: "delivery source cf: cloudfront ACCESS_LOGS"}}, first.Sources); diff != "" {
		t.Error(diff)
	}
	placement(t, first, residency.Log, logsARN+"delivery-destination:b")
	if p := placement(t, f.resource(t, logsARN+"delivery:3"), residency.Log, "arn:aws:logs:eu-west-1:222222222222:delivery-destination:x"); p.Account != "222222222222" {
		t.Errorf("cross-account delivery: %+v", p)
	}
	if p := placement(t, f.resource(t, logsARN+"delivery-destination:b"), residency.Log, "arn:aws:s3:::logs"); p.Region != "us-east-1" {
		t.Errorf("bucket of the delivery destination: %+v", p)
	}
	if p := placement(t, f.resource(t, logsARN+"delivery-destination:traces"), residency.Log, "xray.eu-west-1.amazonaws.com"); p.Region != "eu-west-1" {
		t.Errorf("traces: %+v", p)
	}
	want := []string{"DescribeDeliveryDestinations unresolved " + logsARN + "delivery:2", "DescribeDeliverySources unresolved " + logsARN + "delivery:2"}
	if diff := cmp.Diff(want, f.gaps()); diff != "" {
		t.Error(diff)
	}
}

// A delivery whose ends could not be listed says so itself.
func TestLogDeliveryEndsDenied(t *testing.T) {
	a := logsAnswers().set("cloudwatchlogs", "DescribeDeliveries", `{"deliveries":[{"id":"1","arn":"`+logsARN+`delivery:1","deliverySourceName":"cf","deliveryDestinationArn":"`+logsARN+`delivery-destination:b"}]}`)
	a.deny("cloudwatchlogs", "DescribeDeliverySources").deny("cloudwatchlogs", "DescribeDeliveryDestinations")
	want := []string{"DescribeDeliveryDestinations denied", "DescribeDeliveryDestinations denied " + logsARN + "delivery:1", "DescribeDeliverySources denied", "DescribeDeliverySources denied " + logsARN + "delivery:1"}
	if diff := cmp.Diff(want, scan(t, "cloudwatchlogs", a).gaps()); diff != "" {
		t.Error(diff)
	}
}

func TestLogExports(t *testing.T) {
	task := func(id, group, status string) string {
		return `{"taskId":"` + id + `","logGroupName":"` + group + `","destination":"dump","status":{"code":"` + status + `"}}`
	}
	a := logsAnswers().set("cloudwatchlogs", "DescribeLogGroups", logGroups("/app"))
	a.on("eu-west-1", "cloudwatchlogs", "DescribeExportTasks", "{}", `{"exportTasks":[`+task("1", "/app", "COMPLETED")+`],"nextToken":"t"}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeExportTasks", `{"NextToken":"t"}`, `{"exportTasks":[`+task("2", "/app", "FAILED")+","+task("3", "/gone", "COMPLETED")+`]}`)
	a.bucket("dump", "eu-west-1")
	f := scan(t, "cloudwatchlogs", a)
	f.noGaps(t)
	group := f.resource(t, logsARN+"log-group:/app")
	if p := placement(t, group, residency.Stream, "arn:aws:s3:::dump"); p.Via != "export task 1" || p.Region != "eu-west-1" {
		t.Errorf("export: %+v", p)
	}
	if p := placement(t, group, residency.Capability, "arn:aws:s3:::dump"); p.Via != "export task 2 (failed: what it wrote may remain)" {
		t.Errorf("failed export: %+v", p)
	}
	gone := f.resource(t, logsARN+"export-task:3") // its group is deleted, the copy is not
	placement(t, gone, residency.Stream, "arn:aws:s3:::dump")
	if diff := cmp.Diff([]residency.Source{{ID: logsARN + "log-group:/gone", Role: residency.Stream, Region: "eu-west-1", Account: ownAccount, Via: "logGroupName"}}, gone.Sources); diff != "" {
		t.Error(diff)
	}
}

func TestRepeatedToken(t *testing.T) {
	a := logsAnswers().set("cloudwatchlogs", "DescribeExportTasks", `{"exportTasks":[],"nextToken":"t"}`).set("cloudwatchlogs", "DescribeAccountPolicies", `{"accountPolicies":[],"nextToken":"t"}`)
	want := []string{"DescribeAccountPolicies malformed", "DescribeExportTasks malformed"}
	if diff := cmp.Diff(want, scan(t, "cloudwatchlogs", a).gaps()); diff != "" {
		t.Error(diff)
	}
}

func TestScheduledQueries(t *testing.T) {
	query := func(id, rest string) string {
		return `{"scheduledQueryArn":"` + logsARN + `scheduled-query:` + id + `","name":"` + id + `",` + rest + `}`
	}
	s3 := `"destinationConfiguration":{"s3Configuration":{"destinationIdentifier":"s3://results/x","ownerAccountId":"222222222222","kmsKeyId":"arn:aws:kms:us-east-1:222222222222:key/k","roleArn":"r"}}`
	a := logsAnswers()
	a.on("eu-west-1", "cloudwatchlogs", "ListScheduledQueries", "{}", `{"scheduledQueries":[`+query("on", `"state":"ENABLED",`+s3)+`],"nextToken":"t"}`)
	a.on("eu-west-1", "cloudwatchlogs", "ListScheduledQueries", `{"NextToken":"t"}`, `{"scheduledQueries":[`+query("never", `"state":"DISABLED",`+s3)+","+
		query("ran", `"state":"DISABLED","lastTriggeredTime":1,"destinationConfiguration":{"lookupTableConfiguration":{"tableName":"users","roleArn":"r"}}`)+","+query("text", `"state":"ENABLED"`)+`]}`)
	a.on("eu-west-1", "cloudwatchlogs", "GetScheduledQuery", "", `{"logGroupIdentifiers":["/app","arn:aws:logs:eu-west-1:222222222222:log-group:/their:*"]}`)
	a.on("eu-west-1", "cloudwatchlogs", "GetScheduledQuery", `{"Identifier":"`+logsARN+`scheduled-query:text"}`, `{}`)
	a.on("us-east-1", "s3", "HeadBucket", `{"Bucket":"results","ExpectedBucketOwner":"111111111111"}`, `""`)
	f := scan(t, "cloudwatchlogs", a)
	on := f.resource(t, logsARN+"scheduled-query:on")
	if p := placement(t, on, residency.Stream, "arn:aws:s3:::results"); p.Account != "222222222222" || p.Via != "s3Configuration" {
		t.Errorf("results: %+v", p)
	}
	placement(t, on, residency.Key, "arn:aws:kms:us-east-1:222222222222:key/k")
	wantSources := []residency.Source{{ID: logsARN + "log-group:/app", Role: residency.Stream, Region: "eu-west-1", Account: ownAccount, Via: "logGroupIdentifiers"},
		{ID: "arn:aws:logs:eu-west-1:222222222222:log-group:/their", Role: residency.Stream, Region: "eu-west-1", Account: "222222222222", Via: "logGroupIdentifiers"}}
	if diff := cmp.Diff(wantSources, on.Sources); diff != "" {
		t.Error(diff)
	}
	if p := placement(t, f.resource(t, logsARN+"scheduled-query:never"), residency.Capability, "arn:aws:s3:::results"); p.Via != "s3Configuration (disabled)" {
		t.Errorf("never ran: %+v", p)
	}
	placement(t, f.resource(t, logsARN+"scheduled-query:ran"), residency.Stream, logsARN+"lookup-table:users")
	if text := f.resource(t, logsARN+"scheduled-query:text"); text.Placements == nil || len(text.Placements) != 0 {
		t.Errorf("no destination: %+v", text.Placements)
	}
	if diff := cmp.Diff([]string{"GetScheduledQuery unresolved " + logsARN + "scheduled-query:text"}, f.gaps()); diff != "" {
		t.Error(diff)
	}
}
