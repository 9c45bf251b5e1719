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

// secondPage makes the answers of an operation its second page, after one that holds body and a token. input is the page's own
// besides the token.
func (a aws) secondPage(service, operation, input, first string) aws {
	key := ownAccount + "/any/" + service + "/" + operation
	for i := range a[key] {
		a[key][i].Input = map[string]any{"NextToken": "t"}
		if err := json.Unmarshal([]byte(input), &a[key][i].Input); err != nil {
			panic(err)
		}
	}
	return a.on("any", service, operation, "", first)
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
	want := []string{"DescribeAccountPolicies denied", "DescribeAccountPolicies denied " + group, "DescribeExportTasks denied", "DescribeExportTasks denied " + group}
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
