package scanners_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand from the SDK's own types; the service speaks CBOR, to which the replay turns them.

const metricStreamARN = "arn:aws:cloudwatch:eu-west-1:111111111111:metric-stream/"

func metricStreams(region string) aws {
	a := account("eu-west-1")
	a.on("any", "cloudwatch", "ListMetricStreams", "", `{"Entries":[{"Arn":"`+metricStreamARN+`m","Name":"m","State":"running","OutputFormat":"json","FirehoseArn":"arn:aws:firehose:`+region+`:111111111111:deliverystream/fh"}]}`)
	a.on("any", "cloudwatch", "GetMetricStream", "", `{"Name":"m","IncludeLinkedAccountsMetrics":true}`)
	return a.on("any", "cloudwatch", "ListTagsForResource", "", `{"Tags":[{"Key":"k","Value":"v"}]}`)
}

func TestMetricStreams(t *testing.T) {
	a := metricStreams("eu-west-1").secondPage("cloudwatch", "ListMetricStreams", "{}",
		`{"Entries":[{"Arn":"`+metricStreamARN+`old","Name":"old","State":"stopped","FirehoseArn":"arn:aws:firehose:eu-west-1:111111111111:deliverystream/fh"}],"NextToken":"t"}`)
	f := scan(t, "cloudwatch", a)
	f.noGaps(t)
	r := f.resource(t, metricStreamARN+"m")
	want := residency.Resource{ID: metricStreamARN + "m", Kind: "cloudwatch.metric_stream", Account: ownAccount, Region: "eu-west-1", Name: "m", Tags: map[string]string{"k": "v"},
		Facts:      map[string]any{"linked_accounts": true},
		Placements: []residency.Placement{{Role: residency.Metadata, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:firehose:eu-west-1:111111111111:deliverystream/fh", Via: "firehoseArn"}}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if via := f.resource(t, metricStreamARN+"old").Placements[0].Via; via != "firehoseArn (stopped)" {
		t.Errorf("stopped stream: %q", via)
	}
}

func TestMetricStreamDetailsDenied(t *testing.T) {
	f := scan(t, "cloudwatch", metricStreams("eu-west-1").deny("cloudwatch", "GetMetricStream").deny("cloudwatch", "ListTagsForResource"))
	if diff := cmp.Diff([]string{"GetMetricStream denied " + metricStreamARN + "m", "ListTagsForResource denied " + metricStreamARN + "m"}, f.gaps()); diff != "" {
		t.Error(diff)
	}
	if r := f.resource(t, metricStreamARN+"m"); r.Tags != nil || len(r.Placements) != 1 {
		t.Errorf("%+v", r)
	}
}
