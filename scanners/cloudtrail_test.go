package scanners_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// Answers by hand from the SDK's own types, except where a test names a folder of testdata/placebo: those AWS gave.

const (
	trailARN = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/main"
	lakeARN  = "arn:aws:cloudtrail:eu-west-1:111111111111:eventdatastore/e1"
)

// trailAnswers is an account with these trails, one JSON object each, and nothing else of CloudTrail.
func trailAnswers(trails ...string) aws {
	return trailsOf(account("eu-west-1", "us-east-1"), ownAccount, trails...)
}

func trailsOf(a aws, id string, trails ...string) aws {
	for operation, body := range map[string]string{
		"DescribeTrails":    `{"trailList":[` + strings.Join(trails, ",") + `]}`,
		"GetEventSelectors": `{"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[]}]}`,
		"ListTags":          `{"ResourceTagList":[]}`, "ListEventDataStores": `{"EventDataStores":[]}`, "ListChannels": `{"Channels":[]}`,
	} {
		a.answer(id, "any", "cloudtrail", operation, "", 200, body)
	}
	return a
}

func trail(arn, home, rest string) string {
	return fmt.Sprintf(`{"Name":"main","TrailARN":%q,"HomeRegion":%q,"S3BucketName":"logs"%s}`, arn, home, rest)
}

func TestTrail(t *testing.T) {
	a := trailAnswers(trail(trailARN, "eu-west-1", `,"IsMultiRegionTrail":true,"CloudWatchLogsLogGroupArn":"arn:aws:logs:eu-west-1:111111111111:log-group:trail:*",
		"SnsTopicARN":"arn:aws:sns:eu-west-1:111111111111:topic","KmsKeyId":"arn:aws:kms:eu-west-1:111111111111:key/k"`))
	a.bucket("logs", "us-east-1")
	a.on("any", "cloudtrail", "ListTags", `{"ResourceIdList":["`+trailARN+`"]}`, `{"ResourceTagList":[{"ResourceId":"`+trailARN+`","TagsList":[{"Key":"a","Value":"1"}]}],"NextToken":"t"}`)
	a.on("any", "cloudtrail", "ListTags", `{"ResourceIdList":["`+trailARN+`"],"NextToken":"t"}`, `{"ResourceTagList":[{"ResourceId":"`+trailARN+`","TagsList":[{"Key":"b","Value":"2"}]}]}`)
	f := scan(t, "cloudtrail", a)
	f.noGaps(t)
	want := residency.Resource{ID: trailARN, Kind: "cloudtrail.trail", Account: ownAccount, Region: "eu-west-1", Name: "main", Tags: map[string]string{"a": "1", "b": "2"},
		Facts: map[string]any{"multi_region": true, "organization": false, "data_events": false}, Placements: []residency.Placement{
			{Role: residency.Metadata, Region: "us-east-1", Target: "arn:aws:s3:::logs", Via: "S3BucketName"},
			{Role: residency.Metadata, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:logs:eu-west-1:111111111111:log-group:trail", Via: "CloudWatchLogsLogGroupArn"},
			{Role: residency.Metadata, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:sns:eu-west-1:111111111111:topic", Via: "SnsTopicARN"},
			{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "KmsKeyId"},
		}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" { // one, though seen in both regions
		t.Error(diff)
	}
}

func TestTrailSelectors(t *testing.T) {
	for name, tc := range map[string]struct {
		selectors string
		role      residency.Role
	}{
		"management":           {`{"EventSelectors":[{"IncludeManagementEvents":true,"DataResources":[]}]}`, residency.Metadata},
		"objects":              {`{"EventSelectors":[{"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}]}`, residency.Log},
		"items":                {`{"EventSelectors":[{"DataResources":[]},{"DataResources":[{"Type":"AWS::DynamoDB::Table","Values":["arn:aws:dynamodb"]}]}]}`, residency.Log},
		"functions":            {`{"EventSelectors":[{"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}]}`, residency.Log},
		"advanced, management": {`{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]}`, residency.Metadata},
		"advanced, network":    {`{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["NetworkActivity"]}]}]}`, residency.Metadata},
		"advanced, data":       {`{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]},{"FieldSelectors":[{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"eventCategory","Equals":["Data"]}]}]}`, residency.Log},
	} {
		t.Run(name, func(t *testing.T) {
			a := trailAnswers(trail(trailARN, "eu-west-1", "")).set("cloudtrail", "GetEventSelectors", tc.selectors).bucket("logs", "eu-west-1")
			f := scan(t, "cloudtrail", a)
			f.noGaps(t)
			r := f.resource(t, trailARN)
			if placement(t, r, tc.role, "arn:aws:s3:::logs"); r.Facts["data_events"] != (tc.role == residency.Log) {
				t.Errorf("facts %v", r.Facts)
			}
		})
	}
}

func TestTrailDetailsDenied(t *testing.T) {
	a := trailAnswers(trail(trailARN, "eu-west-1", "")).deny("cloudtrail", "GetEventSelectors").deny("cloudtrail", "ListTags").bucket("logs", "eu-west-1")
	f := scan(t, "cloudtrail", a)
	if diff := cmp.Diff([]string{"GetEventSelectors denied " + trailARN, "ListTags denied " + trailARN}, f.gaps()); diff != "" {
		t.Error(diff)
	}
	r := f.resource(t, trailARN)
	if _, claimed := r.Facts["data_events"]; claimed || r.Tags != nil {
		t.Errorf("facts %v, tags %v: neither was read", r.Facts, r.Tags)
	}
	placement(t, r, residency.Metadata, "arn:aws:s3:::logs")
}

// A trail of all regions whose home the run leaves out is reported by the first region that sees its shadow.
func TestTrailHomeNotExamined(t *testing.T) {
	a := trailAnswers(trail("arn:aws:cloudtrail:us-east-1:111111111111:trail/main", "us-east-1", `,"IsMultiRegionTrail":true`)).bucket("logs", "us-east-1")
	f := scan(t, "cloudtrail", a, func(o *scanners.Options) { o.Regions = []string{"ap-southeast-2", "eu-west-1"} })
	f.noGaps(t)
	if len(f.resources) != 1 || f.resources[0].Region != "us-east-1" {
		t.Errorf("want the trail once, at home in us-east-1: %+v", f.resources)
	}
}

// An organisation's trail is seen in every member. Its owner reports it; if the owner is not examined, the members' word is
// kept once, with the owner's account and a gap of each member that could not read what only the owner may.
func TestTrailOfOrganisation(t *testing.T) {
	const owner, member = "999999999999", "222222222222"
	foreign := trail("arn:aws:cloudtrail:eu-west-1:999999999999:trail/main", "eu-west-1", `,"IsMultiRegionTrail":true,"IsOrganizationTrail":true`)
	members := func() aws {
		return trailsOf(withMember(trailAnswers(foreign), member), member, foreign).bucket("logs", "eu-west-1")
	}
	t.Run("owner not examined", func(t *testing.T) {
		f := scan(t, "cloudtrail", members(), func(o *scanners.Options) { o.Accounts, o.Role = []string{ownAccount, member}, "Audit" })
		if len(f.resources) != 1 || f.resources[0].Account != owner {
			t.Fatalf("want one trail of account %s: %+v", owner, f.resources)
		}
		if r := f.resources[0]; r.Tags != nil || placement(t, r, residency.Metadata, "arn:aws:s3:::logs").Region != "eu-west-1" {
			t.Errorf("%+v", r)
		}
		gap := "ListTags unresolved " + f.resources[0].ID
		if got := f.gaps(); !slices.Contains(got, gap) {
			t.Errorf("no gap %q: %v", gap, got)
		}
	})
	t.Run("owner examined", func(t *testing.T) {
		a := trailsOf(withMember(trailAnswers(trail(trailARN, "eu-west-1", `,"IsMultiRegionTrail":true,"IsOrganizationTrail":true`)), member), member,
			trail(trailARN, "eu-west-1", `,"IsMultiRegionTrail":true,"IsOrganizationTrail":true`)).bucket("logs", "eu-west-1")
		f := scan(t, "cloudtrail", a, func(o *scanners.Options) { o.Accounts, o.Role = []string{ownAccount, member}, "Audit" })
		f.noGaps(t)
		if len(f.resources) != 1 || f.resources[0].Account != ownAccount || f.resources[0].Tags == nil {
			t.Errorf("want the owner's word: %+v", f.resources)
		}
	})
}

// accountNamed answers what every run asks first, for another caller.
func accountNamed(id string, regions ...string) aws {
	a := aws{}
	for key, answers := range account(regions...) {
		for i := range answers {
			answers[i].Body = []byte(strings.ReplaceAll(string(answers[i].Body), ownAccount, id))
		}
		a[strings.Replace(key, ownAccount, id, 1)] = answers
	}
	return a
}

// What AWS answered: shadows in other regions, trails of another account, trails with and without data events.
func TestTrailsRecorded(t *testing.T) {
	const custodian = "644160558196"
	for _, tc := range []struct {
		folder, account, trails string
		selectors               []string
		want                    map[string]residency.Role // by "name region"
	}{
		{"test_account_trail", custodian, "cloudtrail.DescribeTrails_1", nil, map[string]residency.Role{"skunk-trails us-east-1": residency.Metadata}},
		{"test_account_trail_same_region", custodian, "cloudtrail.DescribeTrails_1", nil, map[string]residency.Role{"skunk-trails us-east-1": residency.Metadata}},
		{"test_account_data_events", custodian, "cloudtrail.DescribeTrails_3", []string{"cloudtrail.GetEventSelectors_3", "cloudtrail.GetEventSelectors_4"},
			map[string]residency.Role{"S3-DataEvents-test2 us-east-1": residency.Log, "skunk-trails us-east-1": residency.Metadata}},
		{"test_cloudtrail_create_bucket_exists_in_west", custodian, "cloudtrail.DescribeTrails_2", nil, map[string]residency.Role{"nosetest us-east-1": residency.Metadata}},
		{"test_cloudtrail_is_shadow", custodian, "cloudtrail.DescribeTrails_1", nil, map[string]residency.Role{"orgTrail us-east-1": residency.Metadata}},
		{"test_cloudtrail_status", custodian, "cloudtrail.DescribeTrails_1", nil, map[string]residency.Role{"S3-DataEvents us-east-1": residency.Metadata, "skunk-trails us-east-1": residency.Metadata}},
		{"test_cloudtrail_event_selectors", "123456789012", "cloudtrail.DescribeTrails_1", []string{"cloudtrail.GetEventSelectors_1", "cloudtrail.GetEventSelectors_2", "cloudtrail.GetEventSelectors_3", "cloudtrail.GetEventSelectors_4"},
			map[string]residency.Role{"MultiRegion1CloudTrail us-east-1": residency.Metadata, "MultiRegion2CloudTrail us-east-2": residency.Metadata, "SingleCloudTrail us-east-1": residency.Metadata, "orgTrail us-east-1": residency.Metadata}},
	} {
		t.Run(tc.folder, func(t *testing.T) {
			a := trailsOf(accountNamed(tc.account, "eu-west-1", "us-east-1", "us-east-2"), tc.account)
			a[tc.account+"/any/cloudtrail/DescribeTrails"] = nil
			a.answer(tc.account, "any", "cloudtrail", "DescribeTrails", `{"IncludeShadowTrails":true}`, 200, recordedJSON(t, tc.folder, tc.trails))
			for _, file := range tc.selectors {
				body := recordedJSON(t, tc.folder, file)
				_, rest, _ := strings.Cut(body, `"TrailARN":"`)
				arn, _, _ := strings.Cut(rest, `"`)
				a.answer(tc.account, "any", "cloudtrail", "GetEventSelectors", `{"TrailName":"`+arn+`"}`, 200, body)
			}
			was := testRegions
			testRegions = []string{"eu-west-1", "us-east-1", "us-east-2"}
			f := scan(t, "cloudtrail", a)
			testRegions = was
			got := map[string]residency.Role{}
			for _, r := range f.resources {
				got[r.Name+" "+r.Region] = r.Placements[0].Role
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A trail gathers from where there are data stores: of its region, of every region, of every account.
func TestTrailCovers(t *testing.T) {
	const member = "222222222222"
	both, err := scanners.Select(scanners.All(), []string{"cloudtrail", "cloudwatchlogs"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		trail string
		want  []string // "account region"
	}{
		"one region":   {"", []string{"111111111111 eu-west-1"}},
		"all regions":  {`,"IsMultiRegionTrail":true`, []string{"111111111111 eu-west-1", "111111111111 us-east-1"}},
		"organisation": {`,"IsMultiRegionTrail":true,"IsOrganizationTrail":true`, []string{"111111111111 eu-west-1", "111111111111 us-east-1", "222222222222 eu-west-1", "222222222222 us-east-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := trailAnswers(trail(trailARN, "eu-west-1", tc.trail)).bucket("logs", "eu-west-1")
			for key, answers := range logsAnswers().set("cloudwatchlogs", "DescribeLogGroups", logGroups("/app")) {
				if strings.Contains(key, "cloudwatchlogs") {
					a[key], a[strings.Replace(key, ownAccount, member, 1)] = answers, answers
				}
			}
			a = trailsOf(withMember(a, member), member)
			f := scan(t, "cloudtrail", a, func(o *scanners.Options) {
				o.Scanners, o.Accounts, o.Role = both, []string{ownAccount, member}, "Audit"
			})
			f.noGaps(t)
			var got []string
			for _, s := range f.resource(t, trailARN).Sources {
				if s.Role != residency.Metadata || s.Via != "events of the trail" {
					t.Errorf("source %+v", s)
				}
				got = append(got, s.Account+" "+s.Region)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
