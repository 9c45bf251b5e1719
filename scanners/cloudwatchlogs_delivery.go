package scanners

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/seed-1578181b/domicile/internal/grant"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// destinations lists the receiving ends of cross-account subscriptions. One rests nothing; its target may be in another region
// than itself, and so no group's subscription shows where the events end.
func (s *logScan) destinations(ctx context.Context) {
	for pages := cloudwatchlogs.NewDescribeDestinationsPaginator(s.client, &cloudwatchlogs.DescribeDestinationsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap("", "DescribeDestinations", err)
			return
		}
		if err := each(ctx, s.t, page.Destinations, func(ctx context.Context, d types.Destination) error {
			s.out.Add(s.destination(ctx, d))
			return nil
		}); err != nil {
			s.out.Gap("", "DescribeDestinations", err)
			return
		}
	}
}

func (s *logScan) destination(ctx context.Context, d types.Destination) residency.Resource {
	r := residency.Resource{ID: aws.ToString(d.Arn), Kind: "cloudwatchlogs.destination", Region: s.t.Region, Name: aws.ToString(d.DestinationName),
		Placements: []residency.Placement{subscribed(s.t.Home(), aws.ToString(d.TargetArn), "targetArn")}}
	// The access policy says who may send in. That is no share: nobody reads by it.
	senders, err := grant.Senders(aws.ToString(d.AccessPolicy))
	switch {
	case err != nil:
		s.out.Malformed(r.ID, "DescribeDestinations", err.Error())
	case len(senders) > 0:
		r.Facts = map[string]any{"senders": senders}
	}
	tags, err := s.client.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &r.ID})
	if err != nil {
		s.out.Gap(r.ID, "ListTagsForResource", err)
		return r
	}
	r.Tags = tagsRead(tags.Tags)
	return r
}

// deliveries lists vended logs: what a source sends, to which delivery destination, and what that stands for. A delivery
// destination may be another account's, and is then inventoried there.
func (s *logScan) deliveries(ctx context.Context) {
	sources, sourcesErr := s.deliverySources(ctx)
	known, destinationsErr := s.deliveryDestinations(ctx)
	if sourcesErr != nil {
		s.out.Gap("", "DescribeDeliverySources", sourcesErr)
	}
	if destinationsErr != nil {
		s.out.Gap("", "DescribeDeliveryDestinations", destinationsErr)
	}
	for pages := cloudwatchlogs.NewDescribeDeliveriesPaginator(s.client, &cloudwatchlogs.DescribeDeliveriesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap("", "DescribeDeliveries", err)
			return
		}
		for _, d := range page.Deliveries {
			r := s.delivery(d)
			source, ok := sources[aws.ToString(d.DeliverySourceName)]
			switch {
			case ok:
				r.Sources = deliveredFrom(s.t.Home(), source)
			case sourcesErr != nil:
				s.out.Gap(r.ID, "DescribeDeliverySources", sourcesErr)
			default:
				s.out.Unresolved(r.ID, "DescribeDeliverySources", fmt.Sprintf("delivery source %q is not in the list", aws.ToString(d.DeliverySourceName)))
			}
			to := s.t.Home().Resolve(aws.ToString(d.DeliveryDestinationArn))
			switch {
			case known[to.ID] || to.Account != s.t.Account:
			case destinationsErr != nil:
				s.out.Gap(r.ID, "DescribeDeliveryDestinations", destinationsErr)
			default:
				s.out.Unresolved(r.ID, "DescribeDeliveryDestinations", fmt.Sprintf("delivery destination %q is not in the list", to.ID))
			}
			s.out.Add(r)
		}
	}
}

func (s *logScan) delivery(d types.Delivery) residency.Resource {
	id := aws.ToString(d.Id)
	return residency.Resource{ID: orDefault(aws.ToString(d.Arn), s.t.ARN("logs", "delivery:"+id)), Kind: "cloudwatchlogs.delivery", Region: s.t.Region,
		Name: id, Tags: tagsRead(d.Tags),
		Placements: []residency.Placement{s.t.Home().Resolve(aws.ToString(d.DeliveryDestinationArn)).Place(residency.Log, "deliveryDestinationArn")}}
}

// deliveredFrom: the resources whose logs a delivery source sends.
func deliveredFrom(h Home, source types.DeliverySource) []residency.Source {
	via := fmt.Sprintf("delivery source %s: %s %s", aws.ToString(source.Name), aws.ToString(source.Service), aws.ToString(source.LogType))
	var from []residency.Source
	for _, arn := range source.ResourceArns {
		from = append(from, h.Resolve(arn).Source(residency.Log, via))
	}
	return from
}

func (s *logScan) deliverySources(ctx context.Context) (map[string]types.DeliverySource, error) {
	sources := map[string]types.DeliverySource{}
	for pages := cloudwatchlogs.NewDescribeDeliverySourcesPaginator(s.client, &cloudwatchlogs.DescribeDeliverySourcesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return sources, err
		}
		for _, source := range page.DeliverySources {
			sources[aws.ToString(source.Name)] = source
		}
	}
	return sources, nil
}

// deliveryDestinations adds each as a resource of its own, since other accounts may deliver to it, and returns their ids.
func (s *logScan) deliveryDestinations(ctx context.Context) (map[string]bool, error) {
	known := map[string]bool{}
	for pages := cloudwatchlogs.NewDescribeDeliveryDestinationsPaginator(s.client, &cloudwatchlogs.DescribeDeliveryDestinationsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return known, err
		}
		for _, d := range page.DeliveryDestinations {
			known[aws.ToString(d.Arn)] = true
			s.out.Add(residency.Resource{ID: aws.ToString(d.Arn), Kind: "cloudwatchlogs.delivery_destination", Region: s.t.Region, Name: aws.ToString(d.Name),
				Tags: tagsRead(d.Tags), Placements: []residency.Placement{placeDelivery(s.t.Home(), d)}})
		}
	}
	return known, nil
}

// placeDelivery: X-Ray, which has no ARN of its own, takes traces in the same region.
func placeDelivery(h Home, d types.DeliveryDestination) residency.Placement {
	if d.DeliveryDestinationConfiguration != nil && aws.ToString(d.DeliveryDestinationConfiguration.DestinationResourceArn) != "" {
		return h.Resolve(*d.DeliveryDestinationConfiguration.DestinationResourceArn).Place(residency.Log, "destinationResourceArn")
	}
	if d.DeliveryDestinationType == types.DeliveryDestinationTypeXray {
		return residency.Placement{Role: residency.Log, Region: h.Region, Account: h.Account, Target: "xray." + h.Region + ".amazonaws.com", Via: "deliveryDestinationType XRAY"}
	}
	return residency.Placement{Role: residency.Log, Via: "destinationResourceArn"}
}
