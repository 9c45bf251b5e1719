package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// AWS Config: where the history of configurations is delivered, what gathers it from other regions and accounts, and who is let
// gather it from here. Names, tags and settings, never content.
var _ = register(Scanner{
	Service: "configservice", Version: 1, Scope: Regional, Rate: 10,
	Kinds: []string{"configservice.delivery_channel", "configservice.aggregator", "configservice.aggregation_authorization"},
	Calls: []Call{
		{Operation: "DescribeDeliveryChannels", IAM: "config:DescribeDeliveryChannels", Facts: allFacts},
		{Operation: "DescribeConfigurationAggregators", IAM: "config:DescribeConfigurationAggregators", Facts: allFacts},
		{Operation: "DescribeAggregationAuthorizations", IAM: "config:DescribeAggregationAuthorizations", Facts: allFacts},
		{Operation: "ListTagsForResource", IAM: "config:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanConfig,
})

func scanConfig(ctx context.Context, t *Target, out *Sink) error {
	client := configservice.NewFromConfig(t.Config())
	channels, err := client.DescribeDeliveryChannels(ctx, &configservice.DescribeDeliveryChannelsInput{}) // the operation has no pages
	if err != nil {
		out.Gap("", "DescribeDeliveryChannels", err)
	} else {
		for _, c := range channels.DeliveryChannels {
			name := aws.ToString(c.Name) // AWS gives a channel no ARN and no tags
			out.Add(residency.Resource{ID: t.ARN("config", "delivery-channel/"+name), Kind: "configservice.delivery_channel", Region: t.Region, Name: name,
				Tags: map[string]string{}, Placements: placeDeliveryChannel(t.Home(), c)})
		}
	}
	follow(ctx, t, out, "DescribeConfigurationAggregators", func(token *string) ([]types.ConfigurationAggregator, *string, error) {
		page, err := client.DescribeConfigurationAggregators(ctx, &configservice.DescribeConfigurationAggregatorsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.ConfigurationAggregators, page.NextToken, nil
	}, func(ctx context.Context, a types.ConfigurationAggregator) {
		r := residency.Resource{ID: aws.ToString(a.ConfigurationAggregatorArn), Kind: "configservice.aggregator", Region: t.Region,
			Name: aws.ToString(a.ConfigurationAggregatorName), Tags: configTags(ctx, client, out, a.ConfigurationAggregatorArn),
			Placements: []residency.Placement{{Role: residency.Metadata, Region: t.Region, Via: "configuration aggregator"}}}
		out.AddCollector(r, aggregatorCovers(a)...)
	})
	follow(ctx, t, out, "DescribeAggregationAuthorizations", func(token *string) ([]types.AggregationAuthorization, *string, error) {
		page, err := client.DescribeAggregationAuthorizations(ctx, &configservice.DescribeAggregationAuthorizationsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.AggregationAuthorizations, page.NextToken, nil
	}, func(ctx context.Context, a types.AggregationAuthorization) {
		region, account := aws.ToString(a.AuthorizedAwsRegion), aws.ToString(a.AuthorizedAccountId)
		out.Add(residency.Resource{ID: aws.ToString(a.AggregationAuthorizationArn), Kind: "configservice.aggregation_authorization", Region: t.Region,
			Name: account + "/" + region, Tags: configTags(ctx, client, out, a.AggregationAuthorizationArn),
			Placements: []residency.Placement{{Role: residency.Metadata, Region: region, Account: account, Via: "aggregation authorization"}}})
	})
	return nil
}

func placeDeliveryChannel(h Home, c types.DeliveryChannel) []residency.Placement {
	found := []residency.Placement{}
	if name := aws.ToString(c.S3BucketName); name != "" {
		found = append(found, h.Bucket(name).Place(residency.Metadata, "S3BucketName"))
	}
	if arn := aws.ToString(c.SnsTopicARN); arn != "" {
		found = append(found, h.Resolve(arn).Place(residency.Metadata, "SnsTopicARN"))
	}
	if key := aws.ToString(c.S3KmsKeyArn); key != "" {
		found = append(found, h.Key(key).Place(residency.Key, "S3KmsKeyArn"))
	}
	return found
}

// aggregatorCovers is what an aggregator gathers. All regions include those that AWS opens later.
func aggregatorCovers(a types.ConfigurationAggregator) (covers []Covers) {
	regions := func(all bool, listed []string) []string {
		if all {
			return nil
		}
		return listed
	}
	for _, s := range a.AccountAggregationSources {
		covers = append(covers, Covers{Role: residency.Metadata, Accounts: s.AccountIds, Regions: regions(s.AllAwsRegions, s.AwsRegions), Via: "AccountAggregationSources"})
	}
	if s := a.OrganizationAggregationSource; s != nil {
		covers = append(covers, Covers{Role: residency.Metadata, Organization: true, Regions: regions(s.AllAwsRegions, s.AwsRegions), Via: "OrganizationAggregationSource"})
	}
	return covers
}

func configTags(ctx context.Context, client *configservice.Client, out *Sink, arn *string) map[string]string {
	list, ok := gather(out, aws.ToString(arn), "ListTagsForResource", func(token *string) ([]types.Tag, *string, error) {
		page, err := client.ListTagsForResource(ctx, &configservice.ListTagsForResourceInput{ResourceArn: arn, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.NextToken, nil
	})
	if !ok {
		return nil
	}
	tags := map[string]string{}
	for _, tag := range list {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags
}
