package scanners

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func (s *controlScan) accessPoints(ctx context.Context) error {
	// ALL: without it AWS leaves out those in front of file systems.
	in := &s3control.ListAccessPointsInput{AccountId: &s.t.Account, DataSourceType: aws.String("ALL")}
	for pages := s3control.NewListAccessPointsPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, s.t, page.AccessPointList, func(ctx context.Context, p types.AccessPoint) error {
			s.out.Add(s.accessPoint(ctx, p))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *controlScan) accessPoint(ctx context.Context, p types.AccessPoint) residency.Resource {
	name := aws.ToString(p.Name)
	// Its own ARN says where it is: an endpoint that stands for AWS may list it in every region.
	_, _, region, _, _, _ := ParseARN(aws.ToString(p.AccessPointArn))
	r := residency.Resource{ID: orDefault(aws.ToString(p.AccessPointArn), s.home.ARN("s3", "accesspoint/"+name)), Kind: "s3control.access_point",
		Region: orDefault(region, s.home.Region), Name: name, Facts: map[string]any{"network_origin": string(p.NetworkOrigin)},
		Placements: []residency.Placement{placeAccessPoint(s.home, p)}}
	got, err := s.client.ListTagsForResource(ctx, &s3control.ListTagsForResourceInput{AccountId: &s.t.Account, ResourceArn: &r.ID})
	if err != nil {
		s.out.Gap(r.ID, "ListTagsForResource", err)
	} else {
		r.Tags = controlTags(got.Tags)
	}
	r.Placements = append(r.Placements, s.accessPointShares(ctx, r, p)...)
	return r
}

// placeAccessPoint: an access point is a door and holds nothing; the data is its bucket's, whose region its own ARN does not prove.
func placeAccessPoint(home Home, p types.AccessPoint) residency.Placement {
	to := home.Bucket(aws.ToString(p.Bucket))
	if source := aws.ToString(p.DataSourceId); strings.HasPrefix(source, "arn:") {
		to = home.Resolve(source)
	}
	if account := aws.ToString(p.BucketAccountId); account != home.Account {
		to.Account = orDefault(account, to.Account)
	}
	return to.Place(residency.Capability, "access point")
}

// accessPointShares lists who may come through the access point, if its bucket lets them too.
func (s *controlScan) accessPointShares(ctx context.Context, r residency.Resource, p types.AccessPoint) []residency.Placement {
	policy, err := s.client.GetAccessPointPolicy(ctx, &s3control.GetAccessPointPolicyInput{AccountId: &s.t.Account, Name: p.Name})
	if err != nil && !s.out.None("GetAccessPointPolicy", err) {
		s.out.Gap(r.ID, "GetAccessPointPolicy", err)
	}
	status, statusErr := s.client.GetAccessPointPolicyStatus(ctx, &s3control.GetAccessPointPolicyStatusInput{AccountId: &s.t.Account, Name: p.Name})
	if statusErr != nil && !s.out.None("GetAccessPointPolicyStatus", statusErr) {
		s.out.Gap(r.ID, "GetAccessPointPolicyStatus", statusErr)
	}
	point, pointErr := s.client.GetAccessPoint(ctx, &s3control.GetAccessPointInput{AccountId: &s.t.Account, Name: p.Name})
	if pointErr != nil {
		s.out.Gap(r.ID, "GetAccessPoint", pointErr)
	}
	if err != nil {
		return nil
	}
	public := statusErr == nil && status.PolicyStatus != nil && status.PolicyStatus.IsPublic
	if public && (pointErr != nil || point.PublicAccessBlockConfiguration != nil && aws.ToBool(point.PublicAccessBlockConfiguration.RestrictPublicBuckets)) {
		return nil // restricted, a public policy lets in nobody but the account itself
	}
	shares := s.out.Shares(s.t, r, "GetAccessPointPolicy", aws.ToString(policy.Policy), residency.Capability)
	if public && p.NetworkOrigin != types.NetworkOriginVpc {
		return shares
	}
	return neverPublic(shares)
}
