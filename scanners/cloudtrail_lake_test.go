package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand from the SDK's own types.

// lakeAnswers is an account with one event data store, whose details are given.
func lakeAnswers(details string) aws {
	a := trailAnswers().set("cloudtrail", "ListEventDataStores", `{"EventDataStores":[{"EventDataStoreArn":"`+lakeARN+`","Name":"e1"}]}`)
	a.on("any", "cloudtrail", "GetEventDataStore", "", details)
	return a.fail("any", "cloudtrail", "GetResourcePolicy", "", 400, `{"__type":"ResourcePolicyNotFoundException","message":"none"}`)
}

const dataEvents = `"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]`

func TestEventDataStore(t *testing.T) {
	a := lakeAnswers(`{"EventDataStoreArn":"`+lakeARN+`","Status":"ENABLED","MultiRegionEnabled":true,"KmsKeyId":"arn:aws:kms:eu-west-1:111111111111:key/k",`+dataEvents+`}`).
		secondPage("cloudtrail", "ListEventDataStores", "{}", `{"EventDataStores":[],"NextToken":"t"}`)
	f := scan(t, "cloudtrail", a)
	f.noGaps(t)
	want := residency.Resource{ID: lakeARN, Kind: "cloudtrail.event_data_store", Account: ownAccount, Region: "eu-west-1", Name: "e1", Tags: map[string]string{},
		Facts: map[string]any{"multi_region": true, "organization": false, "status": "ENABLED", "data_events": true}, Placements: []residency.Placement{
			{Role: residency.Log, Region: "eu-west-1", Via: "AdvancedEventSelectors"},
			{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "KmsKeyId"}}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

func TestEventDataStoreShared(t *testing.T) {
	a := lakeAnswers(`{"Status":"ENABLED"}`)
	delete(a, ownAccount+"/any/cloudtrail/GetResourcePolicy")
	a.on("any", "cloudtrail", "GetResourcePolicy", "", `{"ResourcePolicy":"{\"Statement\":[{\"Sid\":\"q\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"999999999999\"},\"Action\":\"cloudtrail:StartQuery\"}]}"}`)
	f := scan(t, "cloudtrail", a)
	f.noGaps(t)
	want := []residency.Placement{{Role: residency.Metadata, Region: "eu-west-1", Via: "AdvancedEventSelectors"}, {Role: residency.Metadata, Region: "eu-west-1", Account: "999999999999", Via: "policy statement q"}}
	if diff := cmp.Diff(want, f.resource(t, lakeARN).Placements); diff != "" {
		t.Error(diff)
	}
}

func TestLakeDenied(t *testing.T) {
	f := scan(t, "cloudtrail", lakeAnswers(`{}`).deny("cloudtrail", "GetEventDataStore").set("cloudtrail", "ListChannels", `{"Channels":[{"ChannelArn":"`+channelARN+`","Name":"c"}]}`).deny("cloudtrail", "GetChannel"))
	if diff := cmp.Diff([]string{"GetChannel denied " + channelARN, "GetEventDataStore denied " + lakeARN}, f.gaps()); diff != "" {
		t.Error(diff)
	}
	for _, id := range []string{channelARN, lakeARN} {
		if r := f.resource(t, id); r.Placements != nil {
			t.Errorf("%s: placements %v were not read", id, r.Placements)
		}
	}
	f = scan(t, "cloudtrail", trailAnswers().deny("cloudtrail", "DescribeTrails").deny("cloudtrail", "ListEventDataStores").deny("cloudtrail", "ListChannels"))
	want := []string{"DescribeTrails denied", "ListChannels denied", "ListEventDataStores denied"}
	if diff := cmp.Diff(append(slices.Clone(want), want...), f.gaps()); diff != "" { // in two regions
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"GetResourcePolicy denied " + lakeARN}, scan(t, "cloudtrail", lakeAnswers(`{}`).deny("cloudtrail", "GetResourcePolicy")).gaps()); diff != "" {
		t.Error(diff)
	}
}

const channelARN = "arn:aws:cloudtrail:eu-west-1:111111111111:channel/c"

func TestChannels(t *testing.T) {
	a := trailAnswers().set("cloudtrail", "ListChannels", `{"Channels":[{"ChannelArn":"`+channelARN+`","Name":"c"}]}`).
		secondPage("cloudtrail", "ListChannels", "{}", `{"Channels":[{"ChannelArn":"`+channelARN+`2","Name":"linked"}],"NextToken":"t"}`)
	a.on("any", "cloudtrail", "GetChannel", `{"Channel":"`+channelARN+`"}`, `{"Source":"Custom","Destinations":[{"Type":"EVENT_DATA_STORE","Location":"`+lakeARN+`"}]}`)
	a.on("any", "cloudtrail", "GetChannel", `{"Channel":"`+channelARN+`2"}`, `{"Source":"CloudTrail","SourceConfig":{"ApplyToAllRegions":true},"Destinations":[{"Type":"AWS_SERVICE","Location":"thing.amazonaws.com"}]}`)
	f := scan(t, "cloudtrail", a)
	f.noGaps(t)
	want := []residency.Placement{{Role: residency.Log, Region: "eu-west-1", Account: ownAccount, Target: lakeARN, Via: "Destinations EVENT_DATA_STORE"}}
	if diff := cmp.Diff(want, f.resource(t, channelARN).Placements); diff != "" {
		t.Error(diff)
	}
	want = []residency.Placement{{Role: residency.Metadata, Region: "eu-west-1", Target: "thing.amazonaws.com", Via: "Destinations AWS_SERVICE"}}
	if diff := cmp.Diff(want, f.resource(t, channelARN+"2").Placements); diff != "" {
		t.Error(diff)
	}
}
