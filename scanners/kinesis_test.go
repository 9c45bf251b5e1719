package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types.
func kinesisAnswers() aws {
	const arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/events"
	a := account("eu-west-1")
	a.on("eu-west-1", "kinesis", "ListStreams", "{}", `{"StreamNames":["a"],"HasMoreStreams":true,"NextToken":"t","StreamSummaries":[]}`)
	a.on("eu-west-1", "kinesis", "ListStreams", `{"NextToken":"t"}`, `{"StreamNames":["events"],"HasMoreStreams":false,"StreamSummaries":[{"StreamName":"events","StreamARN":"`+arn+`","StreamStatus":"ACTIVE"}]}`)
	a.on("eu-west-1", "kinesis", "DescribeStreamSummary", "", `{"StreamDescriptionSummary":{"StreamName":"events","StreamARN":"`+arn+`","StreamStatus":"ACTIVE","RetentionPeriodHours":24,"KeyId":"alias/aws/kinesis"}}`)
	a.on("eu-west-1", "kinesis", "ListTagsForStream", "", `{"Tags":[{"Key":"data-residency","Value":"eu"}],"HasMoreTags":false}`)
	return a.on("eu-west-1", "kinesis", "GetResourcePolicy", "", `{"Policy":"{\"Statement\":[{\"Sid\":\"share\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"999999999999\"},\"Action\":\"kinesis:GetRecords\"}]}"}`)
}

func TestKinesis(t *testing.T) {
	f := scan(t, "kinesis", kinesisAnswers())
	f.noGaps(t)
	want := residency.Resource{ID: "arn:aws:kinesis:eu-west-1:111111111111:stream/events", Kind: "kinesis.stream", Account: ownAccount,
		Region: "eu-west-1", Name: "events", Tags: map[string]string{"data-residency": "eu"}, Placements: []residency.Placement{
			{Role: residency.Primary, Region: "eu-west-1"},
			{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:alias/aws/kinesis", Via: "KeyId"},
			{Role: residency.Primary, Region: "eu-west-1", Account: "999999999999", Via: "policy statement share"},
		}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

// TestRepeatedPage: a list that leads back to itself ends with a gap.
func TestRepeatedPage(t *testing.T) {
	a := account("eu-west-1")
	a.on("eu-west-1", "kinesis", "ListStreams", "", `{"StreamNames":["a"],"HasMoreStreams":true,"NextToken":"same","StreamSummaries":[]}`)
	if got := scan(t, "kinesis", a).gaps(); !slices.Contains(got, "ListStreams malformed") {
		t.Errorf("no gap: %v", got)
	}
}
