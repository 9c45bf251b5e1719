package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53resolver"
	"github.com/aws/aws-sdk-go-v2/service/route53resolver/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Route 53 Resolver: where the DNS queries of the account's networks are logged. A configuration that another account shares is
// that account's; what this account sends to it is the association of its network.
var _ = register(Scanner{
	Service: "route53resolver", Version: 1, Scope: Regional, Rate: 5,
	Kinds: []string{"route53resolver.query_log_config", "route53resolver.query_log_config_association"},
	Calls: []Call{
		{Operation: "ListResolverQueryLogConfigs", IAM: "route53resolver:ListResolverQueryLogConfigs", Facts: allFacts},
		{Operation: "ListResolverQueryLogConfigAssociations", IAM: "route53resolver:ListResolverQueryLogConfigAssociations",
			Facts: append(placements(residency.Log), residency.FactSources)},
		{Operation: "ListTagsForResource", IAM: "route53resolver:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanResolver,
})

func scanResolver(ctx context.Context, t *Target, out *Sink) error {
	client := route53resolver.NewFromConfig(t.Config())
	configs, read := gather(out, "", "ListResolverQueryLogConfigs", func(token *string) ([]types.ResolverQueryLogConfig, *string, error) {
		page, err := client.ListResolverQueryLogConfigs(ctx, &route53resolver.ListResolverQueryLogConfigsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.ResolverQueryLogConfigs, page.NextToken, nil
	})
	associations, _ := gather(out, "", "ListResolverQueryLogConfigAssociations", func(token *string) ([]types.ResolverQueryLogConfigAssociation, *string, error) {
		page, err := client.ListResolverQueryLogConfigAssociations(ctx, &route53resolver.ListResolverQueryLogConfigAssociationsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.ResolverQueryLogConfigAssociations, page.NextToken, nil
	})
	byConfig := map[string][]types.ResolverQueryLogConfigAssociation{}
	for _, a := range associations {
		byConfig[aws.ToString(a.ResolverQueryLogConfigId)] = append(byConfig[aws.ToString(a.ResolverQueryLogConfigId)], a)
	}
	err := each(ctx, t, configs, func(ctx context.Context, c types.ResolverQueryLogConfig) error {
		if owner := aws.ToString(c.OwnerId); owner != "" && owner != t.Account {
			for _, a := range byConfig[aws.ToString(c.Id)] {
				out.Add(resolverAssociation(t, a, placeQueryLog(t.Home(), c)))
			}
			return nil
		}
		out.Add(resolverConfig(ctx, client, t, out, c, byConfig[aws.ToString(c.Id)]))
		return nil
	})
	for _, c := range configs {
		delete(byConfig, aws.ToString(c.Id))
	}
	for _, left := range byConfig {
		for _, a := range left {
			via := "query log configuration " + aws.ToString(a.ResolverQueryLogConfigId) + ", which is not listed"
			if !read {
				via = "query log configuration " + aws.ToString(a.ResolverQueryLogConfigId) + ", which was not read"
			}
			out.Add(resolverAssociation(t, a, residency.Placement{Role: residency.Log, Via: via}))
		}
	}
	return err
}

func resolverConfig(ctx context.Context, client *route53resolver.Client, t *Target, out *Sink, c types.ResolverQueryLogConfig, from []types.ResolverQueryLogConfigAssociation) residency.Resource {
	r := residency.Resource{ID: aws.ToString(c.Arn), Kind: "route53resolver.query_log_config", Region: t.Region, Name: aws.ToString(c.Name),
		Placements: []residency.Placement{placeQueryLog(t.Home(), c)},
		Facts:      map[string]any{"associations": int(c.AssociationCount), "share_status": string(c.ShareStatus)}}
	for _, a := range from {
		src := resolverNetwork(t, a)
		if c.ShareStatus == types.ShareStatusSharedByMe { // the network may be another account's, and the answer does not say whose
			src = residency.Source{ID: aws.ToString(a.ResourceId), Role: residency.Log, Region: t.Region, Via: src.Via}
		}
		r.Sources = append(r.Sources, src)
	}
	tags, ok := gather(out, r.ID, "ListTagsForResource", func(token *string) ([]types.Tag, *string, error) {
		page, err := client.ListTagsForResource(ctx, &route53resolver.ListTagsForResourceInput{ResourceArn: c.Arn, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.NextToken, nil
	})
	if ok {
		r.Tags = map[string]string{}
		for _, tag := range tags {
			r.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	return r
}

func placeQueryLog(h Home, c types.ResolverQueryLogConfig) residency.Placement {
	return h.Resolve(aws.ToString(c.DestinationArn)).Place(residency.Log, "DestinationArn of query log configuration "+orDefault(aws.ToString(c.Name), aws.ToString(c.Id)))
}

// resolverAssociation is a network of this account with a configuration that is not. AWS gives it no ARN and no tags.
func resolverAssociation(t *Target, a types.ResolverQueryLogConfigAssociation, p residency.Placement) residency.Resource {
	return residency.Resource{ID: t.ARN("route53resolver", "resolver-query-log-config-association/"+aws.ToString(a.Id)),
		Kind: "route53resolver.query_log_config_association", Region: t.Region, Name: aws.ToString(a.ResourceId), Tags: map[string]string{},
		Placements: []residency.Placement{p}, Sources: []residency.Source{resolverNetwork(t, a)}}
}

func resolverNetwork(t *Target, a types.ResolverQueryLogConfigAssociation) residency.Source {
	return t.Home().Local("ec2", "vpc/"+aws.ToString(a.ResourceId)).Source(residency.Log, "association "+aws.ToString(a.Id))
}
