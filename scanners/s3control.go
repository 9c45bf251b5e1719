package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// S3 Control: batch jobs that copy, access points to other accounts' buckets, routes between regions, exported metrics. It is
// one scanner for all regions, since multi-region access points belong to none.
var _ = register(Scanner{
	Service: "s3control", Version: 1, Scope: Global,
	Kinds: []string{"s3control.job", "s3control.access_point", "s3control.multi_region_access_point", "s3control.storage_lens_configuration"},
	Calls: []Call{
		{Operation: "ListJobs", IAM: "s3:ListJobs", Facts: allFacts},
		{Operation: "DescribeJob", IAM: "s3:DescribeJob", Facts: append(placements(residency.Replica, residency.Metadata, residency.Key,
			residency.Capability), residency.FactSources)},
		{Operation: "GetJobTagging", IAM: "s3:GetJobTagging", Facts: tagFacts},
		{Operation: "ListAccessPoints", IAM: "s3:ListAccessPoints", Facts: allFacts},
		{Operation: "GetAccessPoint", IAM: "s3:GetAccessPoint", Facts: capabilityFacts},
		{Operation: "GetAccessPointPolicy", IAM: "s3:GetAccessPointPolicy", Facts: capabilityFacts, None: []Answer{{Code: "NoSuchAccessPointPolicy"}}},
		{Operation: "GetAccessPointPolicyStatus", IAM: "s3:GetAccessPointPolicyStatus", Facts: capabilityFacts,
			None: []Answer{{Code: "NoSuchAccessPointPolicy"}}},
		{Operation: "ListTagsForResource", IAM: "s3:ListTagsForResource", Facts: tagFacts},
		{Operation: "ListMultiRegionAccessPoints", IAM: "s3:ListMultiRegionAccessPoints", Facts: allFacts},
		{Operation: "GetMultiRegionAccessPointRoutes", IAM: "s3:GetMultiRegionAccessPointRoutes",
			Facts: placements(residency.Transit, residency.Capability)},
		{Operation: "ListStorageLensConfigurations", IAM: "s3:ListStorageLensConfigurations", Facts: allFacts},
		{Operation: "GetStorageLensConfiguration", IAM: "s3:GetStorageLensConfiguration", Facts: append(placements(residency.Metadata, residency.Key,
			residency.Capability), residency.FactSources)},
		{Operation: "GetStorageLensConfigurationTagging", IAM: "s3:GetStorageLensConfigurationTagging", Facts: tagFacts},
	},
	Scan: scanS3Control,
})

// capabilityFacts is what an access point's answers tell: who may come through it, which its bucket's policy must allow too.
var capabilityFacts = placements(residency.Capability)

// controlScan is one run over an account's S3 Control, in one region.
type controlScan struct {
	t      *Target
	out    *Sink
	client *s3control.Client
	home   Home // the region that is asked
}

func scanS3Control(ctx context.Context, t *Target, out *Sink) error {
	err := each(ctx, t, t.Regions, func(ctx context.Context, region string) error {
		s := &controlScan{t: t, out: out, client: s3control.NewFromConfig(t.ConfigIn(region)), home: Home{Partition: t.Partition, Region: region, Account: t.Account}}
		for _, list := range []struct {
			operation string
			scan      func(context.Context) error
		}{{"ListJobs", s.jobs}, {"ListAccessPoints", s.accessPoints}, {"ListStorageLensConfigurations", s.storageLens}} {
			if err := list.scan(ctx); err != nil {
				out.Gap("", list.operation, err)
			}
		}
		return nil
	})
	if err != nil || t.Partition != "aws" { // the other partitions have no multi-region access points
		return err
	}
	return scanMultiRegion(ctx, t, out)
}

// multiRegionControl is where AWS answers about multi-region access points and, among others, about their routes.
const multiRegionControl = "us-west-2"

func scanMultiRegion(ctx context.Context, t *Target, out *Sink) error {
	client := s3control.NewFromConfig(t.ConfigIn(multiRegionControl))
	in := &s3control.ListMultiRegionAccessPointsInput{AccountId: &t.Account}
	for pages := s3control.NewListMultiRegionAccessPointsPaginator(client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, t, page.AccessPoints, func(ctx context.Context, p types.MultiRegionAccessPointReport) error {
			// Its ARN has no region; it cannot carry tags.
			r := residency.Resource{ID: "arn:" + t.Partition + ":s3::" + t.Account + ":accesspoint/" + aws.ToString(p.Alias),
				Kind: "s3control.multi_region_access_point", Name: aws.ToString(p.Name), Tags: map[string]string{}}
			routes, err := client.GetMultiRegionAccessPointRoutes(ctx, &s3control.GetMultiRegionAccessPointRoutesInput{AccountId: &t.Account, Mrap: &r.ID})
			if err != nil {
				out.Gap(r.ID, "GetMultiRegionAccessPointRoutes", err)
				routes = &s3control.GetMultiRegionAccessPointRoutesOutput{}
			}
			r.Placements, r.Sources = placeMultiRegion(t.Home(), p.Regions, routes.Routes)
			out.Add(r)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// placeMultiRegion: a request goes to the nearest of the buckets whose route is not dialled down to 0, a passive one; each
// bucket's objects can leave through it.
func placeMultiRegion(home Home, regions []types.RegionReport, routes []types.MultiRegionAccessPointRoute) ([]residency.Placement, []residency.Source) {
	places, sources := []residency.Placement{}, []residency.Source(nil)
	for _, region := range regions {
		to := home.Bucket(aws.ToString(region.Bucket))
		to.Region, to.Account = aws.ToString(region.Region), aws.ToString(region.BucketAccountId)
		role, via := residency.Transit, "multi-region access point"
		for _, route := range routes {
			if aws.ToString(route.Region) == to.Region && route.TrafficDialPercentage != nil && *route.TrafficDialPercentage == 0 {
				role, via = residency.Capability, "multi-region access point (passive route)"
			}
		}
		places = append(places, to.Place(role, via))
		sources = append(sources, to.Source(role, via))
	}
	return places, sources
}

// controlTags turns S3 Control's tags into a map.
func controlTags(list []types.Tag) map[string]string {
	tags := make(map[string]string, len(list))
	for _, tag := range list {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags
}
