package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Classic load balancers: where their access logs go.
var _ = register(Scanner{
	Service: "elasticloadbalancing", Version: 1, Scope: Regional, Kinds: []string{"elasticloadbalancing.load_balancer"},
	Calls: []Call{
		{Operation: "DescribeLoadBalancers", IAM: "elasticloadbalancing:DescribeLoadBalancers", Facts: allFacts},
		{Operation: "DescribeLoadBalancerAttributes", IAM: "elasticloadbalancing:DescribeLoadBalancerAttributes",
			Facts: placements(residency.Log, residency.Capability)},
		{Operation: "DescribeTags", IAM: "elasticloadbalancing:DescribeTags", Facts: tagFacts},
	},
	Scan: scanClassicBalancers,
})

// classicBalancer is a load balancer with its tags. nil: not read.
type classicBalancer struct {
	id   string
	name *string
	tags map[string]string
}

func scanClassicBalancers(ctx context.Context, t *Target, out *Sink) error {
	client := elb.NewFromConfig(t.Config())
	follow(ctx, t, out, "DescribeLoadBalancers", func(token *string) ([]classicBalancer, *string, error) {
		page, err := client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Marker: token})
		if err != nil {
			return nil, nil, err
		}
		return taggedClassic(ctx, client, t, out, page.LoadBalancerDescriptions), page.NextMarker, nil
	}, func(ctx context.Context, b classicBalancer) {
		r := residency.Resource{ID: b.id, Kind: "elasticloadbalancing.load_balancer", Region: t.Region, Name: aws.ToString(b.name), Tags: b.tags}
		got, err := client.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerName: b.name})
		switch {
		case err != nil:
			out.Gap(r.ID, "DescribeLoadBalancerAttributes", err)
		case got.LoadBalancerAttributes == nil:
			out.Malformed(r.ID, "DescribeLoadBalancerAttributes", "the answer has no attributes")
		default:
			r.Placements = []residency.Placement{}
			if log := got.LoadBalancerAttributes.AccessLog; log != nil {
				r.Placements = append(r.Placements, placeAccessLog(t.Home(), aws.ToString(log.S3BucketName), log.Enabled, residency.Log, "AccessLog")...)
			}
		}
		out.Add(r)
	})
	return nil
}

func taggedClassic(ctx context.Context, client *elb.Client, t *Target, out *Sink, page []types.LoadBalancerDescription) (tagged []classicBalancer) {
	for batch := range slices.Chunk(page, balancerTagBatch) {
		var names []string
		for _, b := range batch {
			names = append(names, aws.ToString(b.LoadBalancerName))
		}
		tags := map[string]map[string]string{}
		got, err := client.DescribeTags(ctx, &elb.DescribeTagsInput{LoadBalancerNames: names})
		if err == nil {
			for _, d := range got.TagDescriptions {
				read := map[string]string{}
				for _, tag := range d.Tags {
					read[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
				}
				tags[aws.ToString(d.LoadBalancerName)] = read
			}
		}
		for i, b := range batch {
			id := t.ARN("elasticloadbalancing", "loadbalancer/"+names[i])
			batchedTag(out, id, "DescribeTags", err, tags[names[i]] != nil)
			tagged = append(tagged, classicBalancer{id, b.LoadBalancerName, tags[names[i]]})
		}
	}
	return tagged
}
