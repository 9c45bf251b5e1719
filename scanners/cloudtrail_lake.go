package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// stores lists the event data stores, CloudTrail Lake's own rest of events.
func (s *trailScan) stores(ctx context.Context) {
	for pages := cloudtrail.NewListEventDataStoresPaginator(s.client, &cloudtrail.ListEventDataStoresInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap("", "ListEventDataStores", err)
			return
		}
		if err := each(ctx, s.t, page.EventDataStores, func(ctx context.Context, e types.EventDataStore) error {
			s.store(ctx, aws.ToString(e.EventDataStoreArn), aws.ToString(e.Name))
			return nil
		}); err != nil {
			s.out.Gap("", "ListEventDataStores", err)
			return
		}
	}
}

// store asks for one, since the list tells no more than its name.
func (s *trailScan) store(ctx context.Context, id, name string) {
	_, _, region, owner, _, _ := ParseARN(id)
	if !s.t.Reports(owner, region) {
		return
	}
	r := residency.Resource{ID: id, Kind: "cloudtrail.event_data_store", Account: owner, Region: region, Name: name, Tags: s.tags(ctx, s.client, id, owner)}
	e, err := s.client.GetEventDataStore(ctx, &cloudtrail.GetEventDataStoreInput{EventDataStore: &id})
	if err != nil {
		s.out.Gap(id, "GetEventDataStore", err)
		s.out.AddCollector(r)
		return
	}
	role := selectedRole(nil, e.AdvancedEventSelectors)
	r.Facts = map[string]any{"multi_region": aws.ToBool(e.MultiRegionEnabled), "organization": aws.ToBool(e.OrganizationEnabled),
		"status": string(e.Status), "data_events": role == residency.Log}
	r.Placements = []residency.Placement{{Role: role, Region: region, Via: "AdvancedEventSelectors"}}
	if key := aws.ToString(e.KmsKeyId); key != "" {
		r.Placements = append(r.Placements, s.t.Home().Key(key).Place(residency.Key, "KmsKeyId"))
	}
	policy, err := s.client.GetResourcePolicy(ctx, &cloudtrail.GetResourcePolicyInput{ResourceArn: &id})
	switch {
	case s.out.None("GetResourcePolicy", err):
	case err != nil:
		s.out.Gap(id, "GetResourcePolicy", err)
	default:
		r.Placements = append(r.Placements, s.out.Shares(s.t, r, "GetResourcePolicy", aws.ToString(policy.ResourcePolicy), role)...)
	}
	covers := Covers{Role: role, Organization: aws.ToBool(e.OrganizationEnabled), Via: "events of the event data store"}
	if !aws.ToBool(e.MultiRegionEnabled) {
		covers.Regions = []string{region}
	}
	s.out.AddCollector(r, covers)
}

// channels lists what brings events in: integrations from outside into an event data store, and service-linked channels by
// which an AWS service reads the account's events.
func (s *trailScan) channels(ctx context.Context) {
	for pages := cloudtrail.NewListChannelsPaginator(s.client, &cloudtrail.ListChannelsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap("", "ListChannels", err)
			return
		}
		if err := each(ctx, s.t, page.Channels, func(ctx context.Context, c types.Channel) error {
			s.channel(ctx, aws.ToString(c.ChannelArn), aws.ToString(c.Name))
			return nil
		}); err != nil {
			s.out.Gap("", "ListChannels", err)
			return
		}
	}
}

func (s *trailScan) channel(ctx context.Context, id, name string) {
	_, _, region, owner, _, _ := ParseARN(id)
	if !s.t.Reports(owner, region) {
		return
	}
	r := residency.Resource{ID: id, Kind: "cloudtrail.channel", Account: owner, Region: region, Name: name, Tags: s.tags(ctx, s.client, id, owner)}
	c, err := s.client.GetChannel(ctx, &cloudtrail.GetChannelInput{Channel: &id})
	if err != nil {
		s.out.Gap(id, "GetChannel", err)
		s.out.AddCollector(r)
		return
	}
	r.Facts = map[string]any{"source": aws.ToString(c.Source)}
	role := residency.Log // an integration brings in whatever its partner sends
	var covers []Covers
	if c.SourceConfig != nil {
		role = selectedRole(nil, c.SourceConfig.AdvancedEventSelectors)
		cover := Covers{Role: role, Via: "events of the channel"}
		if !aws.ToBool(c.SourceConfig.ApplyToAllRegions) {
			cover.Regions = []string{region}
		}
		covers = append(covers, cover)
	}
	r.Placements = placeChannel(s.t.Home(), region, c.Destinations, role)
	s.out.AddCollector(r, covers...)
}

// placeChannel: the location is an event data store's ARN, or the name of a service, which takes the events in the channel's region.
func placeChannel(h Home, region string, to []types.Destination, role residency.Role) []residency.Placement {
	found := []residency.Placement{}
	for _, d := range to {
		p := h.Resolve(aws.ToString(d.Location)).Place(role, "Destinations "+string(d.Type))
		if d.Type == types.DestinationTypeAwsService {
			p.Region = region
		}
		found = append(found, p)
	}
	return found
}
