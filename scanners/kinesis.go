package scanners

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Kinesis Data Streams: records at rest for up to a year, and who in another account may read them.
var _ = register(Scanner{
	Service: "kinesis", Version: 1, Scope: Regional, Kinds: []string{"kinesis.stream"},
	Calls: []Call{
		{Operation: "ListStreams", IAM: "kinesis:ListStreams", Facts: allFacts},
		{Operation: "ListTagsForStream", IAM: "kinesis:ListTagsForStream", Facts: tagFacts},
		{Operation: "DescribeStreamSummary", IAM: "kinesis:DescribeStreamSummary", Facts: placements(residency.Key)},
		{Operation: "GetResourcePolicy", IAM: "kinesis:GetResourcePolicy", Facts: shareFacts,
			None: []Answer{{Code: "ResourceNotFoundException"}}},
	},
	Scan: scanKinesis,
})

func scanKinesis(ctx context.Context, t *Target, out *Sink) error {
	client := kinesis.NewFromConfig(t.Config())
	for pages := kinesis.NewListStreamsPaginator(client, &kinesis.ListStreamsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, t, page.StreamSummaries, func(ctx context.Context, s types.StreamSummary) error {
			out.Add(kinesisStream(ctx, client, t, out, s))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func kinesisStream(ctx context.Context, client *kinesis.Client, t *Target, out *Sink, s types.StreamSummary) residency.Resource {
	r := residency.Resource{ID: aws.ToString(s.StreamARN), Kind: "kinesis.stream", Region: t.Region, Name: aws.ToString(s.StreamName),
		Placements: []residency.Placement{{Role: residency.Primary, Region: t.Region}}}
	summary, err := client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamARN: s.StreamARN})
	switch {
	case err != nil:
		out.Gap(r.ID, "DescribeStreamSummary", err)
	case summary.StreamDescriptionSummary != nil:
		if key := aws.ToString(summary.StreamDescriptionSummary.KeyId); key != "" {
			r.Placements = append(r.Placements, t.Home().Key(key).Place(residency.Key, "KeyId"))
		}
	}
	if r.Tags, err = kinesisTags(ctx, client, s.StreamARN); err != nil {
		out.Gap(r.ID, "ListTagsForStream", err)
	}
	policy, err := client.GetResourcePolicy(ctx, &kinesis.GetResourcePolicyInput{ResourceARN: s.StreamARN})
	switch {
	case out.None("GetResourcePolicy", err):
	case err != nil:
		out.Gap(r.ID, "GetResourcePolicy", err)
	default:
		r.Placements = append(r.Placements, out.Shares(t, r, "GetResourcePolicy", aws.ToString(policy.Policy), residency.Primary)...)
	}
	return r
}

// kinesisTags pages by the last key, since the operation has no token. Nil with the error: the tags were not read.
func kinesisTags(ctx context.Context, client *kinesis.Client, arn *string) (map[string]string, error) {
	tags, in := map[string]string{}, &kinesis.ListTagsForStreamInput{StreamARN: arn}
	for {
		page, err := client.ListTagsForStream(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, tag := range page.Tags {
			in.ExclusiveStartTagKey = tag.Key
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		if !aws.ToBool(page.HasMoreTags) {
			return tags, nil
		}
		if len(page.Tags) == 0 {
			return nil, errors.New("more tags announced and none given")
		}
	}
}
