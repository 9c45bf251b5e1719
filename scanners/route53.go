package scanners

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Route 53: hosted zones, which have no region, and where the queries that public ones answer are logged. AWS takes a log group of
// us-east-1 only: whoever turns this on outside the United States lets the queries leave.
var _ = register(Scanner{
	Service: "route53", Version: 1, Scope: Global, Kinds: []string{"route53.hosted_zone"},
	Rate: 4, // AWS allows 5 requests a second for an account
	Calls: []Call{
		{Operation: "ListHostedZones", IAM: "route53:ListHostedZones", Facts: allFacts},
		{Operation: "ListQueryLoggingConfigs", IAM: "route53:ListQueryLoggingConfigs", Facts: placements(residency.Log)},
		{Operation: "ListTagsForResources", IAM: "route53:ListTagsForResources", Facts: tagFacts},
	},
	Scan: scanRoute53,
})

// zoneTagBatch is how many hosted zones ListTagsForResources takes at once.
const zoneTagBatch = 10

// dnsScan is the scan of one account.
type dnsScan struct {
	client *route53.Client
	t      *Target
	out    *Sink
	logs   map[string][]residency.Placement // by zone id
	read   bool                             // every logging configuration was listed
}

// hostedZone is a zone with its tags. nil: not read.
type hostedZone struct {
	types.HostedZone
	tags map[string]string
}

func scanRoute53(ctx context.Context, t *Target, out *Sink) error {
	s := &dnsScan{client: route53.NewFromConfig(t.Config()), t: t, out: out, logs: map[string][]residency.Placement{}}
	s.listLogs(ctx)
	listed := map[string]bool{}
	follow(ctx, t, out, "ListHostedZones", func(marker *string) ([]hostedZone, *string, error) {
		page, err := s.client.ListHostedZones(ctx, &route53.ListHostedZonesInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		for _, z := range page.HostedZones {
			listed[zoneID(z.Id)] = true
		}
		if !page.IsTruncated {
			page.NextMarker = nil
		} else if aws.ToString(page.NextMarker) == "" {
			out.Malformed("", "ListHostedZones", "the list was cut without a marker to go on with")
		}
		return s.tagged(ctx, page.HostedZones), page.NextMarker, nil
	}, func(_ context.Context, z hostedZone) { out.Add(s.zone(z)) })
	// What is logged and was not listed: the list failed, or the zone is new.
	var rest []types.HostedZone
	for _, id := range slices.Sorted(maps.Keys(s.logs)) {
		if !listed[id] {
			rest = append(rest, types.HostedZone{Id: aws.String(id)})
		}
	}
	for _, z := range s.tagged(ctx, rest) {
		out.Add(s.zone(z))
	}
	return nil
}

func (s *dnsScan) listLogs(ctx context.Context) {
	all, ok := gather(s.out, "", "ListQueryLoggingConfigs", func(token *string) ([]types.QueryLoggingConfig, *string, error) {
		page, err := s.client.ListQueryLoggingConfigs(ctx, &route53.ListQueryLoggingConfigsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.QueryLoggingConfigs, page.NextToken, nil
	})
	for _, c := range all {
		id := zoneID(c.HostedZoneId)
		s.logs[id] = append(s.logs[id], s.t.Home().Resolve(aws.ToString(c.CloudWatchLogsLogGroupArn)).Place(residency.Log, "query logging configuration"))
	}
	s.read = ok
}

func (s *dnsScan) zone(z hostedZone) residency.Resource {
	id := zoneID(z.Id)
	r := residency.Resource{ID: s.zoneARN(id), Kind: "route53.hosted_zone", Name: orDefault(aws.ToString(z.Name), id), Tags: z.tags, Placements: slices.Clone(s.logs[id])}
	private := z.Config != nil && z.Config.PrivateZone
	if z.Config != nil {
		r.Facts = map[string]any{"private": private}
	}
	if r.Placements == nil && (s.read || private) { // the queries of a private zone are logged by the Resolver, never here
		r.Placements = []residency.Placement{}
	}
	return r
}

func (s *dnsScan) tagged(ctx context.Context, zones []types.HostedZone) (tagged []hostedZone) {
	for batch := range slices.Chunk(zones, zoneTagBatch) {
		var ids []string
		for _, z := range batch {
			ids = append(ids, zoneID(z.Id))
		}
		tags := map[string]map[string]string{}
		got, err := s.client.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{ResourceType: types.TagResourceTypeHostedzone, ResourceIds: ids})
		if err == nil {
			for _, set := range got.ResourceTagSets {
				read := map[string]string{}
				for _, tag := range set.Tags {
					read[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
				}
				tags[zoneID(set.ResourceId)] = read
			}
		}
		for i, z := range batch {
			batchedTag(s.out, s.zoneARN(ids[i]), "ListTagsForResources", err, tags[ids[i]] != nil)
			tagged = append(tagged, hostedZone{z, tags[ids[i]]})
		}
	}
	return tagged
}

func (s *dnsScan) zoneARN(id string) string {
	return "arn:" + s.t.Partition + ":route53:::hostedzone/" + id
}

// zoneID is the id of a zone, which some answers give as a path.
func zoneID(id *string) string { return strings.TrimPrefix(aws.ToString(id), "/hostedzone/") }
