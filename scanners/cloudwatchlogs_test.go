package scanners_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand from the SDK's own types, except where a test names a folder of testdata/placebo: those AWS gave.

const (
	logsARN   = "arn:aws:logs:eu-west-1:111111111111:"
	denied    = `{"__type":"AccessDeniedException","message":"User: x is not authorized to perform: y"}`
	noFilters = `{"subscriptionFilters":[]}`
)

// recordedJSON is a recorded answer in the form of the JSON protocols.
func recordedJSON(t *testing.T, folder, file string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/placebo/" + folder + "/" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	delete(answer.Data, "ResponseMetadata")
	body, err := json.Marshal(withoutDates(answer.Data))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// withoutDates leaves out the members that the recorder wrote as objects of its own; no scanner reads them.
func withoutDates(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			if m, ok := member.(map[string]any); ok && m["__class__"] == "datetime" {
				delete(v, k)
				continue
			}
			v[k] = withoutDates(member)
		}
	case []any:
		for i := range v {
			v[i] = withoutDates(v[i])
		}
	}
	return v
}

// logsAnswers is an account without anything of CloudWatch Logs; a test replaces what it needs with set.
func logsAnswers() aws {
	a := account("eu-west-1")
	for operation, body := range map[string]string{
		"DescribeLogGroups": `{"logGroups":[]}`, "DescribeSubscriptionFilters": noFilters, "ListTagsForResource": `{"tags":{}}`,
		"DescribeAccountPolicies": `{"accountPolicies":[]}`, "DescribeDestinations": `{"destinations":[]}`,
		"DescribeDeliveries": `{"deliveries":[]}`, "DescribeDeliverySources": `{"deliverySources":[]}`,
		"DescribeDeliveryDestinations": `{"deliveryDestinations":[]}`, "DescribeExportTasks": `{"exportTasks":[]}`,
		"ListScheduledQueries": `{"scheduledQueries":[]}`,
	} {
		a.on("any", "cloudwatchlogs", operation, "", body)
	}
	return a
}

// set replaces every answer of an operation.
func (a aws) set(service, operation, body string) aws {
	delete(a, ownAccount+"/any/"+service+"/"+operation)
	return a.on("any", service, operation, "", body)
}

// deny replaces every answer of an operation by a refusal.
func (a aws) deny(service, operation string) aws {
	delete(a, ownAccount+"/any/"+service+"/"+operation)
	return a.fail("any", service, operation, "", 400, denied)
}

// bucket answers HeadBucket, which the run asks in us-east-1 for a bucket that no inventory holds.
func (a aws) bucket(name, region string) aws {
	key := ownAccount + "/us-east-1/s3/HeadBucket"
	a[key] = append(a[key], replay.Answer{Input: map[string]any{"Bucket": name, "ExpectedBucketOwner": ownAccount},
		Body: json.RawMessage(`""`), Headers: map[string]string{"x-amz-bucket-region": region}})
	return a
}

func logGroups(names ...string) string {
	var groups []string
	for _, n := range names {
		groups = append(groups, fmt.Sprintf(`{"logGroupName":%q,"arn":"%slog-group:%s:*","logGroupArn":"%slog-group:%s","logGroupClass":"STANDARD"}`, n, logsARN, n, logsARN, n))
	}
	return `{"logGroups":[` + strings.Join(groups, ",") + `]}`
}

func subscription(target string) string {
	return `{"subscriptionFilters":[{"filterName":"all","logGroupName":"/app","destinationArn":"` + target + `"}]}`
}

func TestLogGroup(t *testing.T) {
	a := logsAnswers()
	delete(a, ownAccount+"/any/cloudwatchlogs/DescribeLogGroups")
	a.on("eu-west-1", "cloudwatchlogs", "DescribeLogGroups", "{}", `{"logGroups":[],"nextToken":"t"}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeLogGroups", `{"NextToken":"t"}`, `{"logGroups":[{"logGroupName":"/app","arn":"`+logsARN+`log-group:/app:*",
		"kmsKeyId":"arn:aws:kms:eu-west-1:111111111111:key/k","retentionInDays":30,"logGroupClass":"STANDARD","dataProtectionStatus":"ACTIVATED"}]}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeSubscriptionFilters", `{"LogGroupName":"/app"}`,
		`{"subscriptionFilters":[{"filterName":"first","destinationArn":"`+logsARN+`destination:central"}],"nextToken":"t"}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeSubscriptionFilters", `{"LogGroupName":"/app","NextToken":"t"}`,
		`{"subscriptionFilters":[{"filterName":"second","destinationArn":"arn:aws:lambda:eu-west-1:111111111111:function:parse:live"}]}`)
	a.on("eu-west-1", "cloudwatchlogs", "ListTagsForResource", `{"ResourceArn":"`+logsARN+`log-group:/app"}`, `{"tags":{"data-residency":"eu"}}`)
	a.on("eu-west-1", "cloudwatchlogs", "GetDataProtectionPolicy", "", `{"policyDocument":"{\"Statement\":[{\"Operation\":{\"Audit\":{\"FindingsDestination\":{\"CloudWatchLogs\":{\"LogGroup\":\"found\"},\"Firehose\":{\"DeliveryStream\":\"fh\"},\"S3\":{\"Bucket\":\"b\"}}}}},{\"Operation\":{\"Deidentify\":{\"MaskConfig\":{}}}}]}"}`)
	a.bucket("b", "eu-west-1")
	f := scan(t, "cloudwatchlogs", a)
	f.noGaps(t)
	want := residency.Resource{ID: logsARN + "log-group:/app", Kind: "cloudwatchlogs.group", Account: ownAccount, Region: "eu-west-1", Name: "/app",
		Tags: map[string]string{"data-residency": "eu"}, Facts: map[string]any{"class": "STANDARD", "retention_days": 30}, Placements: []residency.Placement{
			{Role: residency.Primary, Region: "eu-west-1"},
			{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "kmsKeyId"},
			{Role: residency.Log, Region: "eu-west-1", Account: ownAccount, Target: logsARN + "destination:central", Via: "subscription filter first"},
			{Role: residency.Transit, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:lambda:eu-west-1:111111111111:function:parse", Via: "subscription filter second"},
			{Role: residency.Metadata, Region: "eu-west-1", Account: ownAccount, Target: logsARN + "log-group:found", Via: "data protection policy, findings"},
			{Role: residency.Metadata, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:firehose:eu-west-1:111111111111:deliverystream/fh", Via: "data protection policy, findings"},
			{Role: residency.Metadata, Region: "eu-west-1", Target: "arn:aws:s3:::b", Via: "data protection policy, findings"},
		}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

func TestAccountSubscriptionPolicy(t *testing.T) {
	policy := func(criteria string) string {
		return `{"accountPolicies":[{"policyName":"all","policyType":"SUBSCRIPTION_FILTER_POLICY","scope":"ALL","selectionCriteria":"` + criteria + `",
			"policyDocument":"{\"DestinationArn\":\"arn:aws:firehose:us-east-1:222222222222:deliverystream/out\",\"FilterPattern\":\"\"}"}]}`
	}
	sent := residency.Placement{Role: residency.Log, Region: "us-east-1", Account: "222222222222", Target: "arn:aws:firehose:us-east-1:222222222222:deliverystream/out", Via: "account policy all"}
	for name, tc := range map[string]struct {
		criteria string
		concerns map[string]bool
		gaps     []string
	}{
		"all":        {"", map[string]bool{"/app": true, "/other": true}, nil},
		"some":       {`LogGroupName NOT IN [\"/other\", \"/third\"]`, map[string]bool{"/app": true, "/other": false}, nil},
		"misread":    {`LogGroupName LIKE \"x\"`, map[string]bool{"/app": true, "/other": true}, []string{"DescribeAccountPolicies malformed"}},
		"unreadable": {`LogGroupName NOT IN [x]`, map[string]bool{"/app": true, "/other": true}, []string{"DescribeAccountPolicies malformed"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := logsAnswers().set("cloudwatchlogs", "DescribeLogGroups", logGroups("/app", "/other"))
			a.on("eu-west-1", "cloudwatchlogs", "DescribeAccountPolicies", `{"PolicyType":"SUBSCRIPTION_FILTER_POLICY"}`, `{"accountPolicies":[],"nextToken":"t"}`)
			a.on("eu-west-1", "cloudwatchlogs", "DescribeAccountPolicies", `{"PolicyType":"SUBSCRIPTION_FILTER_POLICY","NextToken":"t"}`, policy(tc.criteria))
			a.on("eu-west-1", "cloudwatchlogs", "DescribeAccountPolicies", `{"PolicyType":"DATA_PROTECTION_POLICY"}`, `{"accountPolicies":[]}`)
			f := scan(t, "cloudwatchlogs", a)
			for group, concerned := range tc.concerns {
				if got := slices.Contains(f.resource(t, logsARN+"log-group:"+group).Placements, sent); got != concerned {
					t.Errorf("%s: sent by the account policy is %v, want %v", group, got, concerned)
				}
			}
			if diff := cmp.Diff(tc.gaps, f.gaps()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAccountPolicyWithoutDestination(t *testing.T) {
	a := logsAnswers().set("cloudwatchlogs", "DescribeLogGroups", logGroups("/app"))
	a.on("eu-west-1", "cloudwatchlogs", "DescribeAccountPolicies", `{"PolicyType":"SUBSCRIPTION_FILTER_POLICY"}`, `{"accountPolicies":[{"policyName":"p","policyType":"SUBSCRIPTION_FILTER_POLICY","policyDocument":"{}"}]}`)
	a.on("eu-west-1", "cloudwatchlogs", "DescribeAccountPolicies", `{"PolicyType":"DATA_PROTECTION_POLICY"}`, `{"accountPolicies":[{"policyName":"q","policyType":"DATA_PROTECTION_POLICY","policyDocument":"no"}]}`)
	f := scan(t, "cloudwatchlogs", a)
	want := []residency.Placement{{Role: residency.Primary, Region: "eu-west-1"}, {Role: residency.Log, Via: "account policy p"}, {Role: residency.Metadata, Via: "account policy q"}}
	if diff := cmp.Diff(want, f.resource(t, logsARN+"log-group:/app").Placements); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"DescribeAccountPolicies malformed", "DescribeAccountPolicies malformed"}, f.gaps()); diff != "" {
		t.Error(diff)
	}
}

// A policy that could not be read may send every group's events: each group says so.
func TestAccountListsDenied(t *testing.T) {
	a := logsAnswers().set("cloudwatchlogs", "DescribeLogGroups", logGroups("/app")).deny("cloudwatchlogs", "DescribeAccountPolicies").deny("cloudwatchlogs", "DescribeExportTasks")
	f := scan(t, "cloudwatchlogs", a)
	group := logsARN + "log-group:/app"
	want := []string{"DescribeAccountPolicies denied", "DescribeAccountPolicies denied", "DescribeAccountPolicies denied " + group, "DescribeExportTasks denied", "DescribeExportTasks denied " + group}
	if diff := cmp.Diff(want, f.gaps()); diff != "" {
		t.Error(diff)
	}
}

func TestLogDetailsDenied(t *testing.T) {
	a := logsAnswers().set("cloudwatchlogs", "DescribeLogGroups", logGroups("/app")).deny("cloudwatchlogs", "DescribeSubscriptionFilters").deny("cloudwatchlogs", "ListTagsForResource")
	f := scan(t, "cloudwatchlogs", a)
	if r := f.resource(t, logsARN+"log-group:/app"); r.Tags != nil || len(r.Placements) != 1 {
		t.Errorf("tags %v, placements %v: want none read, the own place", r.Tags, r.Placements)
	}
	if diff := cmp.Diff([]string{"DescribeSubscriptionFilters denied " + logsARN + "log-group:/app", "ListTagsForResource denied " + logsARN + "log-group:/app"}, f.gaps()); diff != "" {
		t.Error(diff)
	}
}

func TestLogLists(t *testing.T) {
	a := logsAnswers()
	for _, list := range []string{"DescribeLogGroups", "DescribeDestinations", "DescribeDeliveries", "DescribeDeliverySources", "DescribeDeliveryDestinations", "ListScheduledQueries"} {
		a.deny("cloudwatchlogs", list)
	}
	f := scan(t, "cloudwatchlogs", a)
	want := []string{"DescribeDeliveries denied", "DescribeDeliveryDestinations denied", "DescribeDeliverySources denied", "DescribeDestinations denied", "DescribeLogGroups denied", "ListScheduledQueries denied"}
	if diff := cmp.Diff(want, f.gaps()); diff != "" {
		t.Error(diff)
	}
}

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
	want := []string{"DescribeAccountPolicies malformed", "DescribeAccountPolicies malformed", "DescribeExportTasks malformed"}
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

// What AWS answered: groups without logGroupArn, a function of another account, a logical destination.
func TestLogGroupsRecorded(t *testing.T) {
	for folder, want := range map[string]residency.Placement{
		"test_log_group_cross_account":           {Role: residency.Transit, Region: "us-east-2", Account: "1111111111111", Target: "arn:aws:lambda:us-east-2:1111111111111:function:CloudCustodian", Via: "subscription filter LambdaStream_CloudCustodian"},
		"test_log_group_subscription_filter":     {Role: residency.Transit, Region: "us-east-2", Account: "1111111111111", Target: "arn:aws:lambda:us-east-2:1111111111111:function:CloudCustodian", Via: "subscription filter LambdaStream_CloudCustodian"},
		"test_log_group_put_subscription_filter": {Role: residency.Log, Region: "us-east-1", Account: "644160558196", Target: "arn:aws:logs:us-east-1:644160558196:destination:lambda", Via: "subscription filter log-susbscription-filter-a"},
	} {
		t.Run(folder, func(t *testing.T) {
			f := scan(t, "cloudwatchlogs", logsAnswers().set("cloudwatchlogs", "DescribeLogGroups", recordedJSON(t, folder, "logs.DescribeLogGroups_1")).
				set("cloudwatchlogs", "DescribeSubscriptionFilters", recordedJSON(t, folder, "logs.DescribeSubscriptionFilters_1")))
			f.noGaps(t)
			if len(f.resources) != 1 || strings.HasSuffix(f.resources[0].ID, ":*") || !slices.Contains(f.resources[0].Placements, want) {
				t.Errorf("want one group with %+v: %+v", want, f.resources)
			}
		})
	}
}

// A second page that AWS throttled at the first try.
func TestLogGroupsThrottled(t *testing.T) {
	const folder = "test_query_pagination_retry"
	a := logsAnswers()
	delete(a, ownAccount+"/any/cloudwatchlogs/DescribeLogGroups")
	a.on("eu-west-1", "cloudwatchlogs", "DescribeLogGroups", "{}", recordedJSON(t, folder, "logs.DescribeLogGroups_1"))
	a.on("eu-west-1", "cloudwatchlogs", "DescribeLogGroups", `{"NextToken":"moreplease+kthnxbye"}`, recordedJSON(t, folder, "logs.DescribeLogGroups_3"))
	throttled := false
	f := scanWith(t, replay.Open(a.files(t)).Edit(func(c replay.Call, ans *replay.Answer) (*replay.Answer, error) {
		if c.Operation == "DescribeLogGroups" && c.Input["NextToken"] != nil && !throttled {
			throttled = true
			return &replay.Answer{Status: 400, Body: json.RawMessage(`{"__type":"ThrottlingException"}`)}, nil
		}
		return ans, nil
	}), "cloudwatchlogs")
	f.noGaps(t)
	f.resource(t, "arn:aws:logs:us-west-2:644160558196:log-group:/aws/lambda/C7N-c7nRun")
	f.resource(t, "arn:aws:logs:us-west-2:644160558196:log-group:c7n-test-a")
	if !throttled {
		t.Error("the second page was never throttled")
	}
}
