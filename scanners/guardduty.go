package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	"github.com/aws/aws-sdk-go-v2/service/guardduty/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// GuardDuty: where findings are exported. Where it was never turned on, there is no detector to list.
var _ = register(Scanner{
	Service: "guardduty", Version: 1, Scope: Regional, Kinds: []string{"guardduty.publishing_destination"}, Rate: 5,
	Calls: []Call{
		{Operation: "ListDetectors", IAM: "guardduty:ListDetectors", Facts: allFacts},
		{Operation: "ListPublishingDestinations", IAM: "guardduty:ListPublishingDestinations", Facts: allFacts},
		{Operation: "DescribePublishingDestination", IAM: "guardduty:DescribePublishingDestination", Facts: allFacts},
	},
	Scan: scanGuardDuty,
})

func scanGuardDuty(ctx context.Context, t *Target, out *Sink) error {
	client := guardduty.NewFromConfig(t.Config())
	detectors, _ := gather(out, "", "ListDetectors", func(token *string) ([]string, *string, error) {
		page, err := client.ListDetectors(ctx, &guardduty.ListDetectorsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.DetectorIds, page.NextToken, nil
	})
	for _, detector := range detectors {
		follow(ctx, t, out, "ListPublishingDestinations", func(token *string) ([]types.Destination, *string, error) {
			page, err := client.ListPublishingDestinations(ctx, &guardduty.ListPublishingDestinationsInput{DetectorId: &detector, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return page.Destinations, page.NextToken, nil
		}, func(ctx context.Context, d types.Destination) {
			id := aws.ToString(d.DestinationId)
			r := residency.Resource{ID: t.ARN("guardduty", "detector/"+detector+"/publishingDestination/"+id), Kind: "guardduty.publishing_destination", Region: t.Region, Name: id}
			got, err := client.DescribePublishingDestination(ctx, &guardduty.DescribePublishingDestinationInput{DetectorId: &detector, DestinationId: d.DestinationId})
			if err != nil {
				out.Gap(r.ID, "DescribePublishingDestination", err)
			} else {
				r.Tags, r.Placements = tagsRead(got.Tags), placeFindings(t.Home(), got.DestinationProperties, got.Status)
			}
			out.Add(r)
		})
	}
	return nil
}

// placeFindings: an export that was stopped leaves in the bucket what it wrote before.
func placeFindings(h Home, d *types.DestinationProperties, status types.PublishingStatus) []residency.Placement {
	if d == nil {
		return []residency.Placement{{Role: residency.Metadata, Via: "findings export without properties"}}
	}
	via := "DestinationArn"
	if status == types.PublishingStatusStopped {
		via += " (stopped)"
	}
	found := []residency.Placement{h.Resolve(aws.ToString(d.DestinationArn)).Place(residency.Metadata, via)}
	if key := aws.ToString(d.KmsKeyArn); key != "" {
		found = append(found, h.Key(key).Place(residency.Key, "KmsKeyArn"))
	}
	return found
}
