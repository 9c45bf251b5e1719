package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// CloudTrail: trails, event data stores and channels. Each is reported once: a trail of all regions is seen in each of them, one
// of an organisation in each member. The owner's home region reports it; where the run does not examine the owner, the members
// do, with the owner's account, and a gap says that the owner was not asked. Where there was an earlier run, the events since then are
// read as well: see cloudtrail_events.go.
var _ = register(Scanner{
	Service: "cloudtrail", Version: 2, Scope: Regional, Kinds: []string{"cloudtrail.channel", kindEvent, "cloudtrail.event_data_store", "cloudtrail.trail"},
	Rate: 5, // AWS allows 10 reads a second for an account and region, fewer for some
	Calls: []Call{
		{Operation: "DescribeTrails", IAM: "cloudtrail:DescribeTrails", Facts: allFacts},
		{Operation: "GetEventSelectors", IAM: "cloudtrail:GetEventSelectors",
			Facts: append(placements(residency.Log, residency.Metadata), residency.FactSources)},
		{Operation: "ListTags", IAM: "cloudtrail:ListTags", Facts: tagFacts},
		{Operation: "ListEventDataStores", IAM: "cloudtrail:ListEventDataStores", Facts: allFacts},
		{Operation: "GetEventDataStore", IAM: "cloudtrail:GetEventDataStore", Facts: allFacts},
		{Operation: "GetResourcePolicy", IAM: "cloudtrail:GetResourcePolicy", Facts: shareFacts,
			None: []Answer{{Code: "ResourcePolicyNotFoundException"}}},
		{Operation: "ListChannels", IAM: "cloudtrail:ListChannels", Facts: allFacts},
		{Operation: "GetChannel", IAM: "cloudtrail:GetChannel", Facts: allFacts},
		{Operation: "LookupEvents", IAM: "cloudtrail:LookupEvents", Facts: eventFacts, Rate: 2}, // AWS allows 2 a second for an account and region
		{Operation: "GetTrailStatus", IAM: "cloudtrail:GetTrailStatus", Facts: eventFacts},
	},
	Scan: scanCloudTrail,
})

// trailScan is the scan of one account and region.
type trailScan struct {
	client *cloudtrail.Client
	t      *Target
	out    *Sink
}

func scanCloudTrail(ctx context.Context, t *Target, out *Sink) error {
	s := &trailScan{client: cloudtrail.NewFromConfig(t.Config()), t: t, out: out}
	s.events(ctx) // first: should one of the others crash, what happened would be asked by no later run either
	err := s.trails(ctx)
	s.stores(ctx)
	s.channels(ctx)
	return err
}

func (s *trailScan) trails(ctx context.Context) error {
	// Shadows are asked for, since a trail whose home the run does not examine is seen by them alone. The answer has no pages:
	// AWS allows five trails in a region.
	all, err := s.client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
	if err != nil {
		return err
	}
	return each(ctx, s.t, all.TrailList, func(ctx context.Context, trail types.Trail) error {
		s.trail(ctx, trail)
		return nil
	})
}

func (s *trailScan) trail(ctx context.Context, trail types.Trail) {
	id := aws.ToString(trail.TrailARN)
	_, _, arnRegion, owner, _, _ := ParseARN(id)
	home := orDefault(aws.ToString(trail.HomeRegion), arnRegion)
	if !s.t.Reports(owner, home) {
		return
	}
	r := residency.Resource{ID: id, Kind: "cloudtrail.trail", Account: owner, Region: home, Name: aws.ToString(trail.Name), Facts: map[string]any{
		"multi_region": aws.ToBool(trail.IsMultiRegionTrail), "organization": aws.ToBool(trail.IsOrganizationTrail)}}
	client := s.client
	if home != s.t.Region {
		client = cloudtrail.NewFromConfig(s.t.ConfigIn(home)) // only there are selectors and tags answered
	}
	// Without an answer only so much is proved: events of the control plane are delivered.
	role := residency.Metadata
	selectors, err := client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: trail.TrailARN})
	if err != nil {
		s.out.Gap(r.ID, "GetEventSelectors", err)
	} else {
		role = selectedRole(selectors.EventSelectors, selectors.AdvancedEventSelectors)
		r.Facts["data_events"] = role == residency.Log
	}
	s.logs(ctx, client, trail)
	r.Placements = placeTrail(s.t.Home(), trail, role)
	r.Tags = s.tags(ctx, client, id, owner)
	covers := Covers{Role: role, Organization: aws.ToBool(trail.IsOrganizationTrail), Via: "events of the trail"}
	if !aws.ToBool(trail.IsMultiRegionTrail) {
		covers.Regions = []string{home}
	}
	s.out.AddCollector(r, covers)
}

// placeTrail is where a trail delivers. The topic gets the names of log files and nothing that they hold.
func placeTrail(h Home, trail types.Trail, role residency.Role) []residency.Placement {
	found := []residency.Placement{}
	if name := aws.ToString(trail.S3BucketName); name != "" {
		found = append(found, h.Bucket(name).Place(role, "S3BucketName"))
	}
	if arn := aws.ToString(trail.CloudWatchLogsLogGroupArn); arn != "" {
		found = append(found, h.Resolve(arn).Place(role, "CloudWatchLogsLogGroupArn"))
	}
	if arn := aws.ToString(trail.SnsTopicARN); arn != "" {
		found = append(found, h.Resolve(arn).Place(residency.Metadata, "SnsTopicARN"))
	}
	if key := aws.ToString(trail.KmsKeyId); key != "" {
		found = append(found, h.Key(key).Place(residency.Key, "KmsKeyId"))
	}
	return found
}

// selectedRole: data events name objects, items and functions, and insights and activity from outside hold what was sent; events
// of the control plane and of the network do not.
func selectedRole(simple []types.EventSelector, advanced []types.AdvancedEventSelector) residency.Role {
	for _, s := range simple {
		if len(s.DataResources) > 0 {
			return residency.Log
		}
	}
	for _, s := range advanced {
		for _, f := range s.FieldSelectors {
			if aws.ToString(f.Field) == "eventCategory" && (slices.Contains(f.Equals, "Data") || slices.Contains(f.Equals, "ActivityAuditLog")) {
				return residency.Log
			}
		}
	}
	return residency.Metadata
}

// tags reads the tags of one thing. Those of another account are its own to read.
func (s *trailScan) tags(ctx context.Context, client *cloudtrail.Client, id, owner string) map[string]string {
	if owner != s.t.Account {
		s.out.Unresolved(id, "ListTags", "it belongs to account "+owner+", which the run did not examine: add it")
		return nil
	}
	tags := map[string]string{}
	for pages := cloudtrail.NewListTagsPaginator(client, &cloudtrail.ListTagsInput{ResourceIdList: []string{id}}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap(id, "ListTags", err)
			return nil
		}
		for _, list := range page.ResourceTagList {
			for _, tag := range list.TagsList {
				tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
		}
	}
	return tags
}
