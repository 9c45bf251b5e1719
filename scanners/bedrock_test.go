package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types.

const (
	claude      = "anthropic.claude-sonnet-4-20250514-v1:0"
	anyModel    = "arn:aws:bedrock:::foundation-model/" + claude
	appID       = "arn:aws:bedrock:eu-west-1:111111111111:application-inference-profile/a1"
	invocations = "arn:aws:bedrock:eu-west-1:111111111111:model-invocation-logging-configuration"
)

func modelIn(region string) string {
	return "arn:aws:bedrock:" + region + "::foundation-model/" + claude
}

func profileJSON(kind, arn, id string, models ...string) string {
	list := ""
	for i, m := range models {
		if i > 0 {
			list += ","
		}
		list += `{"modelArn":"` + m + `"}`
	}
	return `{"inferenceProfileArn":"` + arn + `","inferenceProfileId":"` + id + `","inferenceProfileName":"` + id + `","status":"ACTIVE","type":"` + kind + `","models":[` + list + `]}`
}

func systemID(region, id string) string {
	return "arn:aws:bedrock:" + region + ":111111111111:inference-profile/" + id
}

// prompts is an account with the profiles that AWS gives everybody (one of a geography, one global), those of applications on a
// second page, and no logging.
func prompts(region, applications string) aws {
	a := account(region).on("any", "bedrock", "GetModelInvocationLoggingConfiguration", "", `{}`)
	a.on(region, "bedrock", "ListInferenceProfiles", `{"TypeEquals":"SYSTEM_DEFINED"}`, `{"inferenceProfileSummaries":[`+
		profileJSON("SYSTEM_DEFINED", systemID(region, "eu."+claude), "eu."+claude, modelIn("eu-west-1"), modelIn("eu-central-1"))+`],"nextToken":"t"}`)
	a.on(region, "bedrock", "ListInferenceProfiles", `{"TypeEquals":"SYSTEM_DEFINED","NextToken":"t"}`, `{"inferenceProfileSummaries":[`+
		profileJSON("SYSTEM_DEFINED", systemID(region, "global."+claude), "global."+claude, modelIn(region), anyModel)+`]}`)
	a.on(region, "bedrock", "ListInferenceProfiles", `{"TypeEquals":"APPLICATION"}`, `{"inferenceProfileSummaries":[],"nextToken":"t"}`)
	a.on(region, "bedrock", "ListInferenceProfiles", `{"TypeEquals":"APPLICATION","NextToken":"t"}`, `{"inferenceProfileSummaries":[`+applications+`]}`)
	return a.on(region, "bedrock", "ListTagsForResource", `{"ResourceARN":"`+appID+`"}`, `{"tags":[{"key":"a","value":"b"}]}`)
}

func application(models ...string) aws {
	return prompts("eu-west-1", profileJSON("APPLICATION", appID, "a1", models...))
}

func modelAt(role residency.Role, region, target, via string) residency.Placement {
	return residency.Placement{Role: role, Region: region, Target: target, Via: via}
}

func TestInferenceProfilesOfAWS(t *testing.T) {
	f := scan(t, "bedrock", prompts("eu-west-1", ""))
	f.noGaps(t)
	const via = "system-defined inference profile"
	want := []residency.Resource{
		{ID: systemID("eu-west-1", "eu."+claude), Kind: "bedrock.inference_profile", Account: ownAccount, Region: "eu-west-1", Name: "eu." + claude, Tags: map[string]string{},
			Facts: map[string]any{"type": "SYSTEM_DEFINED"}, Placements: []residency.Placement{
				modelAt(residency.Capability, "eu-west-1", modelIn("eu-west-1"), via), modelAt(residency.Capability, "eu-central-1", modelIn("eu-central-1"), via)}},
		{ID: systemID("eu-west-1", "global."+claude), Kind: "bedrock.inference_profile", Account: ownAccount, Region: "eu-west-1", Name: "global." + claude, Tags: map[string]string{},
			Facts: map[string]any{"type": "SYSTEM_DEFINED", "any_region": true}, Placements: []residency.Placement{
				modelAt(residency.Capability, "eu-west-1", modelIn("eu-west-1"), via),
				modelAt(residency.Capability, "ap-northeast-1", anyModel, via+", any commercial region"),
				modelAt(residency.Capability, "eu-west-1", anyModel, via+", any commercial region"),
				modelAt(residency.Capability, "us-east-1", anyModel, via+", any commercial region")}},
	}
	if diff := cmp.Diff(want, f.resources); diff != "" {
		t.Error(diff)
	}
}

// They are in every account: a clean estate must neither fail by them (a capability is severity info) nor be left open.
func TestInferenceProfilesOfAWSLeaveARunClean(t *testing.T) {
	for _, r := range scan(t, "bedrock", prompts("eu-west-1", "")).resources {
		if r.IsStore() {
			t.Errorf("%s counts as a data store", r.ID)
		}
		for _, p := range r.Placements {
			if p.Role != residency.Capability || p.Region == "" {
				t.Errorf("%s: %+v", r.ID, p)
			}
		}
	}
}

func TestApplicationInferenceProfiles(t *testing.T) {
	const via = "application inference profile"
	for _, c := range []struct {
		name   string
		models []string
		want   []residency.Placement
	}{
		{"one region", []string{modelIn("eu-west-1")}, []residency.Placement{modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), via)}},
		{"a geography", []string{modelIn("eu-west-1"), modelIn("eu-central-1")}, []residency.Placement{
			modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), via), modelAt(residency.Transit, "eu-central-1", modelIn("eu-central-1"), via)}},
		{"global", []string{anyModel}, []residency.Placement{ // fails every zone that lacks one of the three, and passes none
			modelAt(residency.Transit, "ap-northeast-1", anyModel, via+", any commercial region"), modelAt(residency.Transit, "eu-west-1", anyModel, via+", any commercial region"),
			modelAt(residency.Transit, "us-east-1", anyModel, via+", any commercial region"), modelAt(residency.Transit, "", anyModel, via+", any region")}},
		{"no models", nil, []residency.Placement{{Role: residency.Transit, Via: via + " without models"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := scan(t, "bedrock", application(c.models...))
			f.noGaps(t)
			r := f.resource(t, appID)
			if diff := cmp.Diff(c.want, r.Placements); diff != "" || r.Tags["a"] != "b" {
				t.Errorf("%+v: %s", r.Tags, diff)
			}
		})
	}
}

// An endpoint that does not know the filter gives every profile on both questions: each is one resource all the same.
func TestInferenceProfilesWithoutFilter(t *testing.T) {
	all := `{"inferenceProfileSummaries":[` + profileJSON("SYSTEM_DEFINED", systemID("eu-west-1", "eu.x"), "eu.x", modelIn("eu-west-1")) + "," + profileJSON("APPLICATION", appID, "a1", modelIn("eu-west-1")) + `]}`
	a := prompts("eu-west-1", "")
	a["111111111111/eu-west-1/bedrock/ListInferenceProfiles"] = nil
	f := scan(t, "bedrock", a.on("eu-west-1", "bedrock", "ListInferenceProfiles", "", all))
	f.noGaps(t)
	if len(f.resources) != 2 {
		t.Error(f.ids())
	}
}

func logsInvocations(config string) aws {
	return prompts("eu-west-1", "").on("eu-west-1", "bedrock", "GetModelInvocationLoggingConfiguration", "", `{"loggingConfig":{`+config+`}}`)
}

func TestInvocationLogging(t *testing.T) {
	const off = `"imageDataDeliveryEnabled":false,"embeddingDataDeliveryEnabled":false,"videoDataDeliveryEnabled":false,"audioDataDeliveryEnabled":false`
	group := residency.Placement{Role: residency.Log, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:logs:eu-west-1:111111111111:log-group:chats", Via: "cloudWatchConfig"}
	for _, c := range []struct {
		name, config string
		want         []residency.Placement
	}{
		{"bucket", `"s3Config":{"bucketName":"chats"}`, []residency.Placement{modelAt(residency.Log, "us-east-1", "arn:aws:s3:::chats", "s3Config")}},
		{"log group", `"cloudWatchConfig":{"logGroupName":"chats","roleArn":"r","largeDataDeliveryS3Config":{"bucketName":"large"}}`,
			[]residency.Placement{group, modelAt(residency.Log, "us-east-1", "arn:aws:s3:::large", "largeDataDeliveryS3Config")}},
		{"some content", `"textDataDeliveryEnabled":true,` + off + `,"s3Config":{"bucketName":"chats"}`, []residency.Placement{modelAt(residency.Log, "us-east-1", "arn:aws:s3:::chats", "s3Config")}},
		{"no content", `"textDataDeliveryEnabled":false,` + off + `,"s3Config":{"bucketName":"chats"}`, []residency.Placement{modelAt(residency.Metadata, "us-east-1", "arn:aws:s3:::chats", "s3Config")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := scan(t, "bedrock", headBucketIn(logsInvocations(c.config), "us-east-1"))
			f.noGaps(t)
			r := f.resource(t, invocations)
			if diff := cmp.Diff(c.want, r.Placements); diff != "" || r.Tags == nil || r.Region != "eu-west-1" {
				t.Error(diff)
			}
		})
	}
}

// A configuration that names no place to deliver to is off.
func TestInvocationLoggingOff(t *testing.T) {
	f := scan(t, "bedrock", logsInvocations(""))
	f.noGaps(t)
	for _, r := range f.resources {
		if r.ID == invocations {
			t.Errorf("logging to nowhere: %+v", r)
		}
	}
}

func TestBedrockDenied(t *testing.T) {
	for operation, want := range map[string][]string{
		"GetModelInvocationLoggingConfiguration": {"GetModelInvocationLoggingConfiguration denied"},
		"ListInferenceProfiles":                  {"ListInferenceProfiles denied"},
		"ListTagsForResource":                    {"ListTagsForResource denied " + appID},
	} {
		a := application(modelIn("eu-west-1")).on("eu-west-1", "bedrock", "GetModelInvocationLoggingConfiguration", "", `{"loggingConfig":{"s3Config":{"bucketName":"chats"}}}`)
		headBucketIn(a, "eu-west-1")
		a["111111111111/any/bedrock/"+operation], a["111111111111/eu-west-1/bedrock/"+operation] = nil, nil
		f := scan(t, "bedrock", a.fail("eu-west-1", "bedrock", operation, "", 403, denied))
		if !slices.Equal(f.gaps(), want) || len(f.resources) == 0 {
			t.Errorf("%s: %v %v", operation, f.gaps(), f.ids())
		}
	}
}
