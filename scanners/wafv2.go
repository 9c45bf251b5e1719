package scanners

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// WAF: where web ACLs log requests, with headers, cookies and query strings. Those of CloudFront are asked for in us-east-1 and
// have no region of their own.
var _ = register(Scanner{
	Service: "wafv2", Version: 1, Scope: Regional, Kinds: []string{"wafv2.web_acl"}, Rate: 5,
	Calls: []Call{
		{Operation: "ListWebACLs", IAM: "wafv2:ListWebACLs", Facts: allFacts},
		{Operation: "ListLoggingConfigurations", IAM: "wafv2:ListLoggingConfigurations", Facts: placements(residency.Log)},
		{Operation: "ListTagsForResource", IAM: "wafv2:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanWAF,
})

// wafScan is the scan of one account, region and scope.
type wafScan struct {
	client *wafv2.Client
	t      *Target
	out    *Sink
	scope  types.Scope
	logs   map[string][]types.LoggingConfiguration // by web ACL
	read   bool                                    // every logging configuration was listed
}

func scanWAF(ctx context.Context, t *Target, out *Sink) error {
	client := wafv2.NewFromConfig(t.Config())
	scopes := []types.Scope{types.ScopeRegional}
	if t.Region == "us-east-1" {
		scopes = append(scopes, types.ScopeCloudfront)
	}
	for _, scope := range scopes {
		s := &wafScan{client: client, t: t, out: out, scope: scope, logs: map[string][]types.LoggingConfiguration{}, read: true}
		// Without a log scope AWS lists those of the customer only, and not what Security Lake or a telemetry rule set up.
		for _, owner := range []types.LogScope{types.LogScopeCustomer, types.LogScopeSecurityLake, types.LogScopeCloudwatchTelemetryRuleManaged} {
			s.listLogs(ctx, owner)
		}
		s.listACLs(ctx)
	}
	return nil
}

func (s *wafScan) listLogs(ctx context.Context, owner types.LogScope) {
	all, ok := gather(s.out, "", "ListLoggingConfigurations", func(marker *string) ([]types.LoggingConfiguration, *string, error) {
		page, err := s.client.ListLoggingConfigurations(ctx, &wafv2.ListLoggingConfigurationsInput{Scope: s.scope, LogScope: owner, NextMarker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.LoggingConfigurations, page.NextMarker, nil
	})
	s.read = s.read && ok
	for _, c := range all {
		s.logs[aws.ToString(c.ResourceArn)] = append(s.logs[aws.ToString(c.ResourceArn)], c)
	}
}

func (s *wafScan) listACLs(ctx context.Context) {
	acls, _ := gather(s.out, "", "ListWebACLs", func(marker *string) ([]types.WebACLSummary, *string, error) {
		page, err := s.client.ListWebACLs(ctx, &wafv2.ListWebACLsInput{Scope: s.scope, NextMarker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.WebACLs, page.NextMarker, nil
	})
	listed := map[string]bool{}
	for _, acl := range acls {
		listed[aws.ToString(acl.ARN)] = true
	}
	for _, arn := range slices.Sorted(maps.Keys(s.logs)) { // logged and not listed: the list failed, or the ACL is new
		if !listed[arn] {
			acls = append(acls, types.WebACLSummary{ARN: aws.String(arn)})
		}
	}
	_ = each(ctx, s.t, acls, func(ctx context.Context, acl types.WebACLSummary) error { // nil: what fails of one ACL is its own gap
		s.out.Add(s.acl(ctx, acl))
		return nil
	})
}

func (s *wafScan) acl(ctx context.Context, acl types.WebACLSummary) residency.Resource {
	r := residency.Resource{ID: aws.ToString(acl.ARN), Kind: "wafv2.web_acl", Region: s.t.Region, Name: aws.ToString(acl.Name), Tags: s.tags(ctx, acl.ARN)}
	if s.scope == types.ScopeCloudfront {
		r.Region = ""
	}
	logs := s.logs[r.ID]
	if len(logs) > 0 || s.read {
		r.Placements = placeWebLogs(s.t.Home(), logs)
	}
	for _, c := range logs {
		r.Facts = map[string]any{"redacted_fields": len(c.RedactedFields), "filtered": c.LoggingFilter != nil, "managed_by_firewall_manager": c.ManagedByFirewallManager}
	}
	return r
}

func placeWebLogs(h Home, logs []types.LoggingConfiguration) []residency.Placement {
	found := []residency.Placement{}
	for _, c := range logs {
		via := "LogDestinationConfigs"
		if c.LogScope != "" && c.LogScope != types.LogScopeCustomer {
			via += " of log scope " + string(c.LogScope)
		}
		for _, to := range c.LogDestinationConfigs {
			if p := h.Resolve(to).Place(residency.Log, via); !slices.Contains(found, p) {
				found = append(found, p)
			}
		}
	}
	return found
}

func (s *wafScan) tags(ctx context.Context, arn *string) map[string]string {
	list, ok := gather(s.out, aws.ToString(arn), "ListTagsForResource", func(marker *string) ([]types.Tag, *string, error) {
		page, err := s.client.ListTagsForResource(ctx, &wafv2.ListTagsForResourceInput{ResourceARN: arn, NextMarker: marker})
		if err != nil || page.TagInfoForResource == nil {
			return nil, nil, err
		}
		return page.TagInfoForResource.TagList, page.NextMarker, nil
	})
	if !ok {
		return nil
	}
	tags := map[string]string{}
	for _, tag := range list {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags
}
