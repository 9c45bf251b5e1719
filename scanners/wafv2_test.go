package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types.

func aclID(region, scope, name string) string {
	return "arn:aws:wafv2:" + region + ":111111111111:" + scope + "/webacl/" + name + "/0"
}

// webACLs is an account without web ACLs: every list of every scope is empty, tags are none.
func webACLs(regions ...string) aws {
	a := account(regions...).on("any", "wafv2", "ListLoggingConfigurations", "", `{"LoggingConfigurations":[]}`)
	a.on("any", "wafv2", "ListWebACLs", "", `{"WebACLs":[]}`)
	return a.on("any", "wafv2", "ListTagsForResource", "", `{"TagInfoForResource":{"TagList":[{"Key":"a","Value":"b"}]}}`)
}

// acl adds a web ACL on a second page.
func (a aws) acl(region, scope, arn string) aws {
	a.on(region, "wafv2", "ListWebACLs", `{"Scope":"`+scope+`"}`, `{"WebACLs":[],"NextMarker":"m"}`)
	return a.on(region, "wafv2", "ListWebACLs", `{"Scope":"`+scope+`","NextMarker":"m"}`, `{"WebACLs":[{"Name":"acl","Id":"0","ARN":"`+arn+`"}]}`)
}

// webLog adds a logging configuration of a log scope, on a second page.
func (a aws) webLog(region, scope, owner, arn, destination string) aws {
	a.on(region, "wafv2", "ListLoggingConfigurations", `{"Scope":"`+scope+`","LogScope":"`+owner+`"}`, `{"LoggingConfigurations":[],"NextMarker":"m"}`)
	return a.on(region, "wafv2", "ListLoggingConfigurations", `{"Scope":"`+scope+`","LogScope":"`+owner+`","NextMarker":"m"}`,
		`{"LoggingConfigurations":[{"ResourceArn":"`+arn+`","LogScope":"`+owner+`","LogDestinationConfigs":["`+destination+`"],"RedactedFields":[{"SingleHeader":{"Name":"cookie"}}]}]}`)
}

func webGroup(region string) string {
	return "arn:aws:logs:" + region + ":111111111111:log-group:aws-waf-logs-a"
}

func TestWebACLs(t *testing.T) {
	regional, global, unlogged := aclID("eu-west-1", "regional", "acl"), aclID("us-east-1", "global", "acl"), aclID("us-east-1", "regional", "acl")
	a := webACLs("eu-west-1", "us-east-1").acl("eu-west-1", "REGIONAL", regional).acl("us-east-1", "CLOUDFRONT", global).acl("us-east-1", "REGIONAL", unlogged)
	a.webLog("eu-west-1", "REGIONAL", "CUSTOMER", regional, webGroup("eu-west-1")+":*")
	a.webLog("eu-west-1", "REGIONAL", "SECURITY_LAKE", regional, "arn:aws:firehose:us-east-1:999999999999:deliverystream/aws-waf-logs-lake")
	a.webLog("us-east-1", "CLOUDFRONT", "CUSTOMER", global, webGroup("us-east-1"))
	f := scan(t, "wafv2", a)
	f.noGaps(t)
	facts := map[string]any{"redacted_fields": 1, "filtered": false, "managed_by_firewall_manager": false}
	want := []residency.Resource{
		{ID: regional, Kind: "wafv2.web_acl", Account: ownAccount, Region: "eu-west-1", Name: "acl", Tags: map[string]string{"a": "b"}, Facts: facts, Placements: []residency.Placement{
			{Role: residency.Log, Region: "eu-west-1", Account: ownAccount, Target: webGroup("eu-west-1"), Via: "LogDestinationConfigs"},
			{Role: residency.Log, Region: "us-east-1", Account: "999999999999", Target: "arn:aws:firehose:us-east-1:999999999999:deliverystream/aws-waf-logs-lake", Via: "LogDestinationConfigs of log scope SECURITY_LAKE"}}},
		{ID: global, Kind: "wafv2.web_acl", Account: ownAccount, Name: "acl", Tags: map[string]string{"a": "b"}, Facts: facts, Placements: []residency.Placement{
			{Role: residency.Log, Region: "us-east-1", Account: ownAccount, Target: webGroup("us-east-1"), Via: "LogDestinationConfigs"}}},
		{ID: unlogged, Kind: "wafv2.web_acl", Account: ownAccount, Region: "us-east-1", Name: "acl", Tags: map[string]string{"a": "b"}, Placements: []residency.Placement{}},
	}
	if diff := cmp.Diff(want, f.resources); diff != "" {
		t.Error(diff)
	}
}

// Nobody is asked for CloudFront's outside us-east-1: the recording has no answer for it there.
func TestWebACLsOfCloudFrontAreAskedOnce(t *testing.T) {
	a := account("eu-west-1")
	for _, owner := range []string{"CUSTOMER", "SECURITY_LAKE", "CLOUDWATCH_TELEMETRY_RULE_MANAGED"} {
		a.on("eu-west-1", "wafv2", "ListLoggingConfigurations", `{"Scope":"REGIONAL","LogScope":"`+owner+`"}`, `{"LoggingConfigurations":[]}`)
	}
	f := scan(t, "wafv2", a.on("eu-west-1", "wafv2", "ListWebACLs", `{"Scope":"REGIONAL"}`, `{"WebACLs":[]}`))
	f.noGaps(t)
}

func TestWebACLsDenied(t *testing.T) {
	id := aclID("eu-west-1", "regional", "acl")
	for operation, gaps := range map[string][]string{
		"ListWebACLs":               {"ListWebACLs denied"},
		"ListLoggingConfigurations": {"ListLoggingConfigurations denied"},
		"ListTagsForResource":       {"ListTagsForResource denied " + id},
	} {
		a := webACLs("eu-west-1").acl("eu-west-1", "REGIONAL", id).webLog("eu-west-1", "REGIONAL", "CUSTOMER", id, webGroup("eu-west-1"))
		a["111111111111/any/wafv2/"+operation], a["111111111111/eu-west-1/wafv2/"+operation] = nil, nil
		f := scan(t, "wafv2", a.fail("eu-west-1", "wafv2", operation, "", 400, denied))
		if !slices.Equal(f.gaps(), gaps) {
			t.Errorf("%s: %v", operation, f.gaps())
		}
		r := f.resource(t, id) // seen by one list where the other is denied
		if (r.Placements == nil) != (operation == "ListLoggingConfigurations") || (r.Tags == nil) != (operation == "ListTagsForResource") {
			t.Errorf("%s: %+v", operation, r)
		}
	}
}
