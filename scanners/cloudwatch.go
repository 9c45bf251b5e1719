package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// CloudWatch: metric streams, which forward metrics to a delivery stream. What that delivers to is the scanner of firehose's.
var _ = register(Scanner{
	Service: "cloudwatch", Version: 1, Scope: Regional, Kinds: []string{"cloudwatch.metric_stream"},
	Calls: []Call{
		{Operation: "ListMetricStreams", IAM: "cloudwatch:ListMetricStreams", Facts: allFacts},
		{Operation: "GetMetricStream", IAM: "cloudwatch:GetMetricStream", Facts: []residency.Fact{residency.FactSources}},
		{Operation: "ListTagsForResource", IAM: "cloudwatch:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanCloudWatch,
})

func scanCloudWatch(ctx context.Context, t *Target, out *Sink) error {
	client := cloudwatch.NewFromConfig(t.Config())
	for pages := cloudwatch.NewListMetricStreamsPaginator(client, &cloudwatch.ListMetricStreamsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, t, page.Entries, func(ctx context.Context, m types.MetricStreamEntry) error {
			out.Add(metricStream(ctx, client, t, out, m))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func metricStream(ctx context.Context, client *cloudwatch.Client, t *Target, out *Sink, m types.MetricStreamEntry) residency.Resource {
	via := "firehoseArn"
	if aws.ToString(m.State) == "stopped" {
		via += " (stopped)" // what it sent is there
	}
	r := residency.Resource{ID: aws.ToString(m.Arn), Kind: "cloudwatch.metric_stream", Region: t.Region, Name: aws.ToString(m.Name),
		Placements: []residency.Placement{t.Home().Resolve(aws.ToString(m.FirehoseArn)).Place(residency.Metadata, via)}}
	details, err := client.GetMetricStream(ctx, &cloudwatch.GetMetricStreamInput{Name: m.Name})
	if err != nil {
		out.Gap(r.ID, "GetMetricStream", err)
	} else {
		r.Facts = map[string]any{"linked_accounts": aws.ToBool(details.IncludeLinkedAccountsMetrics)}
	}
	tags, err := client.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: m.Arn})
	if err != nil {
		out.Gap(r.ID, "ListTagsForResource", err)
		return r
	}
	r.Tags = map[string]string{}
	for _, tag := range tags.Tags {
		r.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return r
}
