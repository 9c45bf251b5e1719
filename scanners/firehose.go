package scanners

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Firehose: delivery streams, which buffer records in their own region and deliver them to any.
var _ = register(Scanner{
	Service: "firehose", Version: 1, Scope: Regional, Kinds: []string{"firehose.stream"},
	Rate: 5, // AWS throttles reads of delivery streams at a few a second
	Calls: []Call{
		{Operation: "ListDeliveryStreams", IAM: "firehose:ListDeliveryStreams", Facts: allFacts},
		{Operation: "DescribeDeliveryStream", IAM: "firehose:DescribeDeliveryStream",
			Facts: append(placements(residency.Stream, residency.Key, residency.Capability), residency.FactSources)},
		{Operation: "ListTagsForDeliveryStream", IAM: "firehose:ListTagsForDeliveryStream", Facts: tagFacts},
	},
	Scan: scanFirehose,
})

func scanFirehose(ctx context.Context, t *Target, out *Sink) error {
	client := firehose.NewFromConfig(t.Config())
	in := &firehose.ListDeliveryStreamsInput{Limit: aws.Int32(1000)} // without it AWS gives ten a page
	for {
		page, err := client.ListDeliveryStreams(ctx, in)
		if err != nil {
			return err
		}
		if err := each(ctx, t, page.DeliveryStreamNames, func(ctx context.Context, name string) error {
			out.Add(deliveryStream(ctx, client, t, out, name))
			return nil
		}); err != nil {
			return err
		}
		if !aws.ToBool(page.HasMoreDeliveryStreams) {
			return nil
		}
		n := len(page.DeliveryStreamNames)
		if n == 0 || page.DeliveryStreamNames[n-1] == aws.ToString(in.ExclusiveStartDeliveryStreamName) {
			out.Malformed("", "ListDeliveryStreams", "more delivery streams announced and none given")
			return nil
		}
		in.ExclusiveStartDeliveryStreamName = &page.DeliveryStreamNames[n-1]
	}
}

func deliveryStream(ctx context.Context, client *firehose.Client, t *Target, out *Sink, name string) residency.Resource {
	r := residency.Resource{ID: t.ARN("firehose", "deliverystream/"+name), Kind: "firehose.stream", Region: t.Region, Name: name,
		Placements: []residency.Placement{{Role: residency.Stream, Region: t.Region}}}
	in := &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: &name}
	for {
		answer, err := client.DescribeDeliveryStream(ctx, in)
		if err != nil {
			out.Gap(r.ID, "DescribeDeliveryStream", err)
			break
		}
		d := answer.DeliveryStreamDescription
		if d == nil {
			out.Malformed(r.ID, "DescribeDeliveryStream", "the answer describes no stream")
			break
		}
		if in.ExclusiveStartDestinationId == nil {
			describeStream(&r, t.Home(), d)
		}
		for _, to := range d.Destinations {
			r.Placements = append(r.Placements, placeDestination(t.Home(), to)...)
		}
		if !aws.ToBool(d.HasMoreDestinations) {
			break
		}
		n := len(d.Destinations)
		if n == 0 || aws.ToString(d.Destinations[n-1].DestinationId) == aws.ToString(in.ExclusiveStartDestinationId) {
			out.Malformed(r.ID, "DescribeDeliveryStream", "more destinations announced and none given")
			break
		}
		in.ExclusiveStartDestinationId = d.Destinations[n-1].DestinationId
	}
	var err error
	if r.Tags, err = deliveryStreamTags(ctx, client, name); err != nil {
		out.Gap(r.ID, "ListTagsForDeliveryStream", err)
	}
	return r
}

// describeStream fills in what stands beside the destinations: where the records come from, and the stream's own key.
func describeStream(r *residency.Resource, h Home, d *types.DeliveryStreamDescription) {
	r.Facts = map[string]any{"type": string(d.DeliveryStreamType)}
	if e := d.DeliveryStreamEncryptionConfiguration; e != nil && aws.ToString(e.KeyARN) != "" {
		r.Placements = append(r.Placements, h.Key(*e.KeyARN).Place(residency.Key, "DeliveryStreamEncryptionConfiguration"))
	}
	if d.Source == nil {
		return
	}
	from := func(name *string, via string) {
		if aws.ToString(name) != "" {
			r.Sources = append(r.Sources, h.Resolve(*name).Source(residency.Stream, via))
		}
	}
	if s := d.Source.KinesisStreamSourceDescription; s != nil {
		from(s.KinesisStreamARN, "Kinesis source")
	}
	if s := d.Source.MSKSourceDescription; s != nil {
		from(s.MSKClusterARN, "MSK source, topic "+aws.ToString(s.TopicName))
	}
	if s := d.Source.DatabaseSourceDescription; s != nil {
		from(s.Endpoint, "database source")
	}
}

// deliveryStreamTags pages by the last key, since the operation has no token. Nil with the error: the tags were not read.
func deliveryStreamTags(ctx context.Context, client *firehose.Client, name string) (map[string]string, error) {
	tags, in := map[string]string{}, &firehose.ListTagsForDeliveryStreamInput{DeliveryStreamName: &name}
	for {
		page, err := client.ListTagsForDeliveryStream(ctx, in)
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
