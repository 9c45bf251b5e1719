package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Application, network and gateway load balancers: where their logs of requests and connections go. A bucket of the same region
// is required by AWS, one of another account is not refused.
var _ = register(Scanner{
	Service: "elasticloadbalancingv2", Version: 1, Scope: Regional, Kinds: []string{"elasticloadbalancingv2.load_balancer"},
	Calls: []Call{
		{Operation: "DescribeLoadBalancers", IAM: "elasticloadbalancing:DescribeLoadBalancers", Facts: allFacts},
		{Operation: "DescribeLoadBalancerAttributes", IAM: "elasticloadbalancing:DescribeLoadBalancerAttributes",
			Facts: placements(residency.Log, residency.Metadata, residency.Capability)},
		{Operation: "DescribeTags", IAM: "elasticloadbalancing:DescribeTags", Facts: tagFacts},
	},
	Scan: scanLoadBalancers,
})

// balancerTagBatch is how many load balancers DescribeTags of either generation takes at once.
const balancerTagBatch = 20

// balancer is a load balancer with its tags, which AWS gives for many at once. nil: not read.
type balancer struct {
	types.LoadBalancer
	tags map[string]string
}

func scanLoadBalancers(ctx context.Context, t *Target, out *Sink) error {
	client := elb.NewFromConfig(t.Config())
	follow(ctx, t, out, "DescribeLoadBalancers", func(token *string) ([]balancer, *string, error) {
		page, err := client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Marker: token})
		if err != nil {
			return nil, nil, err
		}
		return taggedBalancers(ctx, client, out, page.LoadBalancers), page.NextMarker, nil
	}, func(ctx context.Context, b balancer) {
		r := residency.Resource{ID: aws.ToString(b.LoadBalancerArn), Kind: "elasticloadbalancingv2.load_balancer", Region: t.Region,
			Name: aws.ToString(b.LoadBalancerName), Tags: b.tags, Facts: map[string]any{"type": string(b.Type), "scheme": string(b.Scheme)}}
		got, err := client.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
		if err != nil {
			out.Gap(r.ID, "DescribeLoadBalancerAttributes", err)
		} else {
			r.Placements = placeBalancerLogs(t.Home(), got.Attributes)
		}
		out.Add(r)
	})
	return nil
}

func taggedBalancers(ctx context.Context, client *elb.Client, out *Sink, page []types.LoadBalancer) (tagged []balancer) {
	for batch := range slices.Chunk(page, balancerTagBatch) {
		var arns []string
		for _, b := range batch {
			arns = append(arns, aws.ToString(b.LoadBalancerArn))
		}
		tags := map[string]map[string]string{}
		got, err := client.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: arns})
		if err == nil {
			for _, d := range got.TagDescriptions {
				read := map[string]string{}
				for _, tag := range d.Tags {
					read[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
				}
				tags[aws.ToString(d.ResourceArn)] = read
			}
		}
		for i, b := range batch {
			batchedTag(out, arns[i], "DescribeTags", err, tags[arns[i]] != nil)
			tagged = append(tagged, balancer{b, tags[arns[i]]})
		}
	}
	return tagged
}

// batchedTag records for one of a batch that its tags were not read: the call failed, or its answer leaves it out.
func batchedTag(out *Sink, id, operation string, err error, read bool) {
	switch {
	case err != nil:
		out.Gap(id, operation, err)
	case !read:
		out.Malformed(id, operation, "the answer leaves it out")
	}
}

// balancerLogs are the kinds of logs by the prefix of their attributes. Health checks name targets and hold nothing of a request.
var balancerLogs = []struct {
	prefix string
	role   residency.Role
}{{"access_logs", residency.Log}, {"connection_logs", residency.Log}, {"health_check_logs", residency.Metadata}}

func placeBalancerLogs(h Home, attributes []types.LoadBalancerAttribute) []residency.Placement {
	set := map[string]string{}
	for _, a := range attributes {
		set[aws.ToString(a.Key)] = aws.ToString(a.Value)
	}
	found := []residency.Placement{}
	for _, l := range balancerLogs {
		found = append(found, placeAccessLog(h, set[l.prefix+".s3.bucket"], set[l.prefix+".s3.enabled"] == "true", l.role, l.prefix)...)
	}
	return found
}

// placeAccessLog is the bucket of a load balancer's log. One that is still named after the log was turned off may hold what was
// written before.
func placeAccessLog(h Home, bucket string, enabled bool, role residency.Role, via string) []residency.Placement {
	switch {
	case enabled:
		return []residency.Placement{exported(h, bucket, "", role, via)}
	case bucket != "":
		return []residency.Placement{exported(h, bucket, "", residency.Capability, via+" (disabled): logs written before may remain")}
	}
	return nil
}
