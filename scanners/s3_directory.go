package scanners

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// expressRegions are those that offer directory buckets. Elsewhere the control endpoint has no host name, and that is an answer.
// Source: Amazon S3 User Guide, "S3 Express One Zone Availability Zones and Regions", as of 2026-09.
var expressRegions = []string{"ap-northeast-1", "ap-south-1", "eu-north-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-2"}

const directorySuffix = "--x-s3"

// directories lists a region's directory buckets: ListBuckets does not name them.
func (s *s3Scan) directories(ctx context.Context, region string) error {
	client := s.client(region)
	tags := s3control.NewFromConfig(s.t.ConfigIn(region))
	zones := sync.OnceValues(func() (map[string]string, error) { return zoneRegions(ctx, ec2.NewFromConfig(s.t.ConfigIn(region))) })
	for pages := s3.NewListDirectoryBucketsPaginator(client, &s3.ListDirectoryBucketsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		var dns *net.DNSError
		if errors.As(err, &dns) && dns.IsNotFound && !slices.Contains(expressRegions, region) {
			return nil
		}
		if err != nil {
			return err
		}
		// An endpoint that does not know the operation may list the general purpose buckets again.
		found := slices.DeleteFunc(page.Buckets, func(b types.Bucket) bool { return !strings.HasSuffix(aws.ToString(b.Name), directorySuffix) })
		if err := each(ctx, s.t, found, func(ctx context.Context, b types.Bucket) error {
			s.out.Add(s.directory(ctx, client, tags, region, b, zones))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *s3Scan) directory(ctx context.Context, client *s3.Client, tags *s3control.Client, region string, listed types.Bucket,
	zones func() (map[string]string, error)) residency.Resource {
	name := aws.ToString(listed.Name)
	home := Home{Partition: s.t.Partition, Region: region, Account: s.t.Account}
	r := residency.Resource{ID: orDefault(aws.ToString(listed.BucketArn), home.ARN("s3express", "bucket/"+name)), Kind: "s3.directory_bucket",
		Name: name, Region: aws.ToString(listed.BucketRegion), Facts: map[string]any{"zone": zoneOf(name)}}
	if r.Region == "" {
		known, err := zones()
		r.Region = known[zoneOf(name)]
		switch {
		case err != nil:
			s.out.Gap(r.ID, "DescribeAvailabilityZones", err)
		case r.Region == "":
			s.out.Unresolved(r.ID, "DescribeAvailabilityZones", "the bucket's zone is none of the region's")
		}
	}
	r.Placements = []residency.Placement{{Role: residency.Primary, Region: r.Region}}
	got, err := tags.ListTagsForResource(ctx, &s3control.ListTagsForResourceInput{AccountId: &s.t.Account, ResourceArn: &r.ID})
	if err != nil {
		s.out.Gap(r.ID, "ListTagsForResource", err)
	} else {
		r.Tags = controlTags(got.Tags)
	}
	policy, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: listed.Name})
	switch {
	case s.out.None("GetBucketPolicy", err):
	case err != nil:
		s.out.Gap(r.ID, "GetBucketPolicy", err)
	default:
		r.Placements = append(r.Placements, neverPublic(s.out.Shares(s.t, r, "GetBucketPolicy", aws.ToString(policy.Policy), residency.Primary))...)
	}
	return r
}

// neverPublic leaves out "*" for kinds whose public access AWS blocks always, whatever the policy says.
func neverPublic(shares []residency.Placement) []residency.Placement {
	return slices.DeleteFunc(shares, func(p residency.Placement) bool { return p.Account == "*" })
}

// zoneOf is the zone id in a directory bucket's name: base--euw1-az1--x-s3.
func zoneOf(name string) string {
	parts := strings.Split(strings.TrimSuffix(name, directorySuffix), "--")
	return parts[len(parts)-1]
}

// zoneRegions maps zone ids to regions. Ids are physical; names (eu-west-1a) differ from account to account.
func zoneRegions(ctx context.Context, client *ec2.Client) (map[string]string, error) {
	got, err := client.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{AllAvailabilityZones: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	regions := map[string]string{}
	for _, z := range got.AvailabilityZones {
		regions[aws.ToString(z.ZoneId)] = aws.ToString(z.RegionName)
	}
	return regions, nil
}
