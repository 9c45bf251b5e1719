package scanners_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// Answers by hand, from the SDK's own types; the two that say "not enabled" have AWS's own words.

const (
	hubOff   = `{"code":"InvalidAccessException","message":"Account 111111111111 is not subscribed to AWS Security Hub"}`
	hubV2Off = `{"code":"ConflictException","message":"Security Hub V2 is not enabled for 111111111111"}`
	hubV1ID  = "arn:aws:securityhub:us-east-1:111111111111:finding-aggregator/f-1"
	hubV2ID  = "arn:aws:securityhub:us-east-1:111111111111:aggregatorv2/a-1"
)

// hubs is an account in which Security Hub is off, in every region.
func hubs(regions ...string) aws {
	a := account(regions...).fail("any", "securityhub", "ListFindingAggregators", "", 401, hubOff)
	return a.fail("any", "securityhub", "ListAggregatorsV2", "", 409, hubV2Off)
}

// aggregatesFindings has the older aggregator in home: regions see it, on a second page.
func (a aws) aggregatesFindings(home, mode, linked string, seenIn ...string) aws {
	id := "arn:aws:securityhub:" + home + ":111111111111:finding-aggregator/f-1"
	for _, region := range seenIn {
		a.on(region, "securityhub", "ListFindingAggregators", "{}", `{"FindingAggregators":[],"NextToken":"t"}`)
		a.on(region, "securityhub", "ListFindingAggregators", `{"NextToken":"t"}`, `{"FindingAggregators":[{"FindingAggregatorArn":"`+id+`"}]}`)
	}
	a.on(home, "securityhub", "GetFindingAggregator", "", `{"FindingAggregatorArn":"`+id+`","FindingAggregationRegion":"`+home+`","RegionLinkingMode":"`+mode+`","Regions":[`+linked+`]}`)
	a.on(home, "securityhub", "ListMembers", `{"OnlyAssociated":true}`, `{"Members":[],"NextToken":"t"}`)
	return a.on(home, "securityhub", "ListMembers", `{"OnlyAssociated":true,"NextToken":"t"}`, `{"Members":[{"AccountId":"222222222222"}]}`)
}

// aggregatesFindingsV2 is the same for the newer service.
func (a aws) aggregatesFindingsV2(home, mode, linked string, seenIn ...string) aws {
	id := "arn:aws:securityhub:" + home + ":111111111111:aggregatorv2/a-1"
	for _, region := range seenIn {
		a.on(region, "securityhub", "ListAggregatorsV2", "{}", `{"AggregatorsV2":[],"NextToken":"t"}`)
		a.on(region, "securityhub", "ListAggregatorsV2", `{"NextToken":"t"}`, `{"AggregatorsV2":[{"AggregatorV2Arn":"`+id+`"}]}`)
	}
	a.on(home, "securityhub", "GetAggregatorV2", "", `{"AggregatorV2Arn":"`+id+`","AggregationRegion":"`+home+`","RegionLinkingMode":"`+mode+`","LinkedRegions":[`+linked+`]}`)
	return a.on(home, "securityhub", "ListTagsForResource", "", `{"Tags":{"a":"b"}}`)
}

func TestSecurityHubLinkingModes(t *testing.T) {
	const ap, eu, us = "111111111111 ap-southeast-2 metadata", "111111111111 eu-west-1 metadata", "111111111111 us-east-1 metadata"
	for _, c := range []struct {
		mode, regions string
		want          []string
	}{
		{"ALL_REGIONS", "", []string{ap, eu, us}},
		{"ALL_REGIONS_EXCEPT_SPECIFIED", `"eu-west-1"`, []string{ap, us}},
		{"SPECIFIED_REGIONS", `"eu-west-1"`, []string{eu, us}},
		{"NO_REGIONS", "", []string{us}},
	} {
		t.Run(c.mode, func(t *testing.T) {
			a := withStores(hubs(testRegions...), testRegions...).aggregatesFindings("us-east-1", c.mode, c.regions, testRegions...).aggregatesFindingsV2("us-east-1", c.mode, c.regions, testRegions...)
			f := scan(t, "securityhub", a, besides(t, "kinesis", "securityhub"))
			f.noGaps(t)
			for _, id := range []string{hubV1ID, hubV2ID} {
				r := f.resource(t, id)
				if diff := cmp.Diff(c.want, covered(r)); diff != "" {
					t.Errorf("%s: %s", id, diff)
				}
				if p := placement(t, r, residency.Metadata, ""); p.Region != "us-east-1" || r.Region != "us-east-1" || r.Account != ownAccount || r.Tags == nil || r.Facts["linking_mode"] != c.mode {
					t.Errorf("%+v", r)
				}
			}
			if tags := f.resource(t, hubV2ID).Tags; tags["a"] != "b" {
				t.Error(tags)
			}
			for _, line := range f.coverage {
				if line.Scanner == "securityhub" && line.Region != "us-east-1" && line.Resources != 0 {
					t.Errorf("%s reports what is at home in us-east-1", line.Region)
				}
			}
			if n := len(f.resources); n != 2+len(testRegions) { // each aggregator once, and the streams
				t.Error(f.ids())
			}
		})
	}
}

// withTwin has a second account that answers just what the first does.
func withTwin(a aws) aws {
	for key, answers := range maps.Clone(a) {
		if rest, ok := strings.CutPrefix(key, ownAccount+"/"); ok {
			a["222222222222/"+rest] = answers
		}
	}
	a.answer("any", "any", "sts", "AssumeRole", "", 200, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>k</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>x</AssumedRoleId><Arn>arn:aws:sts::222222222222:assumed-role/r/s</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`)
	return a.answer("222222222222", "any", "sts", "GetCallerIdentity", "", 200, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::222222222222:assumed-role/r/s</Arn><Account>222222222222</Account><UserId>X</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>`)
}

func twinAccounts(o *scanners.Options) {
	o.Accounts, o.Role = []string{ownAccount, "222222222222"}, "r"
}

// An administrator's aggregator gathers from the accounts of its members too.
func TestSecurityHubMembers(t *testing.T) {
	a := withTwin(withStores(hubs("us-east-1"), "us-east-1").aggregatesFindings("us-east-1", "ALL_REGIONS", "", "us-east-1"))
	delete(a, "222222222222/us-east-1/securityhub/ListFindingAggregators") // the member has none of its own
	f := scan(t, "securityhub", a, besides(t, "kinesis", "securityhub"), twinAccounts)
	f.noGaps(t)
	if got := covered(f.resource(t, hubV1ID)); !slices.Equal(got, []string{"111111111111 us-east-1 metadata", "222222222222 us-east-1 metadata"}) {
		t.Error(got)
	}
}

func TestSecurityHubOff(t *testing.T) {
	f := scan(t, "securityhub", hubs("eu-west-1", "us-east-1"))
	f.noGaps(t)
	if len(f.resources) != 0 {
		t.Error(f.ids())
	}
	// The same codes with other words are no answer.
	for operation, body := range map[string]string{
		"ListFindingAggregators": `{"code":"InvalidAccessException","message":"Account 111111111111 is not an administrator for this organization"}`,
		"ListAggregatorsV2":      `{"code":"ConflictException","message":"The current Region eu-west-1 does not match the aggregation Region us-east-1"}`,
	} {
		a := hubs("eu-west-1")
		a["111111111111/any/securityhub/"+operation] = nil
		if got := scan(t, "securityhub", a.fail("any", "securityhub", operation, "", 409, body)).gaps(); len(got) != 1 || got[0][:len(operation)] != operation {
			t.Errorf("%s: %v", operation, got)
		}
	}
}

// Where the home is out of the run's reach, the regions that see the aggregator report it, although others have the service off.
func TestSecurityHubHomeNotExamined(t *testing.T) {
	a := hubs("ap-southeast-2", "eu-west-1").aggregatesFindings("us-east-1", "ALL_REGIONS", "", "eu-west-1")
	f := scan(t, "securityhub", a)
	f.noGaps(t)
	if r := f.resource(t, hubV1ID); len(f.resources) != 1 || placement(t, r, residency.Metadata, "").Region != "us-east-1" {
		t.Errorf("%+v", f.resources)
	}
}

func TestSecurityHubDetailsDenied(t *testing.T) {
	for operation, id := range map[string]string{"GetFindingAggregator": hubV1ID, "ListMembers": hubV1ID, "GetAggregatorV2": hubV2ID, "ListTagsForResource": hubV2ID} {
		a := hubs("us-east-1").aggregatesFindings("us-east-1", "ALL_REGIONS", "", "us-east-1").aggregatesFindingsV2("us-east-1", "ALL_REGIONS", "", "us-east-1")
		a["111111111111/us-east-1/securityhub/"+operation] = nil
		f := scan(t, "securityhub", a.fail("us-east-1", "securityhub", operation, "", 403, denied))
		if !slices.Equal(f.gaps(), []string{operation + " denied " + id}) || len(f.resources) != 2 {
			t.Errorf("%s: %v %v", operation, f.gaps(), f.ids())
		}
		if p := placement(t, f.resource(t, id), residency.Metadata, ""); p.Region != "us-east-1" { // the ARN tells as much
			t.Errorf("%s: %+v", operation, p)
		}
	}
}
