package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// CloudWatch Logs: log groups, and every way in which their events leave them: subscriptions of the group and of the account,
// logical destinations, vended deliveries, exports and scheduled queries.
var _ = register(Scanner{
	Service: "cloudwatchlogs", Version: 1, Scope: Regional,
	Kinds: []string{"cloudwatchlogs.delivery", "cloudwatchlogs.delivery_destination", "cloudwatchlogs.destination",
		"cloudwatchlogs.export_task", "cloudwatchlogs.group", "cloudwatchlogs.scheduled_query"},
	Calls: []Call{
		{Operation: "DescribeLogGroups", IAM: "logs:DescribeLogGroups", Facts: allFacts},
		{Operation: "DescribeSubscriptionFilters", IAM: "logs:DescribeSubscriptionFilters", Facts: placements(residency.Log, residency.Transit)},
		{Operation: "ListTagsForResource", IAM: "logs:ListTagsForResource", Facts: tagFacts},
		{Operation: "GetDataProtectionPolicy", IAM: "logs:GetDataProtectionPolicy", Facts: placements(residency.Metadata)},
		{Operation: "DescribeAccountPolicies", IAM: "logs:DescribeAccountPolicies", Facts: placements(residency.Log, residency.Transit, residency.Metadata)},
		{Operation: "DescribeDestinations", IAM: "logs:DescribeDestinations", Facts: allFacts},
		{Operation: "DescribeDeliveries", IAM: "logs:DescribeDeliveries", Facts: allFacts},
		{Operation: "DescribeDeliverySources", IAM: "logs:DescribeDeliverySources", Facts: []residency.Fact{residency.FactSources}},
		{Operation: "DescribeDeliveryDestinations", IAM: "logs:DescribeDeliveryDestinations", Facts: allFacts},
		{Operation: "DescribeExportTasks", IAM: "logs:DescribeExportTasks", Facts: placements(residency.Stream, residency.Capability)},
		{Operation: "ListScheduledQueries", IAM: "logs:ListScheduledQueries", Facts: allFacts},
		{Operation: "GetScheduledQuery", IAM: "logs:GetScheduledQuery", Facts: []residency.Fact{residency.FactSources}},
	},
	Scan: scanLogs,
})

// logScan is the scan of one account and region.
type logScan struct {
	client   *cloudwatchlogs.Client
	t        *Target
	out      *Sink
	policies []logPolicy
	exports  *logExports
	unread   []unread // lists of the account whose answer every group needs
}

// unread is a list that gave no answer.
type unread struct {
	operation string
	err       error
}

func scanLogs(ctx context.Context, t *Target, out *Sink) error {
	s := &logScan{client: cloudwatchlogs.NewFromConfig(t.Config()), t: t, out: out}
	s.readPolicies(ctx)
	s.readExports(ctx)
	err := s.groups(ctx)
	s.exports.addRest(t, out)
	s.destinations(ctx)
	s.deliveries(ctx)
	s.queries(ctx)
	return err
}

// missed records a list that no group can be proved without: once for the region, and with each group.
func (s *logScan) missed(operation string, err error) {
	s.out.Gap("", operation, err)
	if !slices.ContainsFunc(s.unread, func(u unread) bool { return u.operation == operation }) {
		s.unread = append(s.unread, unread{operation, err})
	}
}

func (s *logScan) groups(ctx context.Context) error {
	// Linked accounts are left out: what a source account owns is inventoried there.
	for pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(s.client, &cloudwatchlogs.DescribeLogGroupsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, s.t, page.LogGroups, func(ctx context.Context, g types.LogGroup) error {
			s.out.Add(s.group(ctx, g))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *logScan) group(ctx context.Context, g types.LogGroup) residency.Resource {
	name := aws.ToString(g.LogGroupName)
	id := orDefault(aws.ToString(g.LogGroupArn), aws.ToString(g.Arn))
	r := residency.Resource{ID: NormalARN(orDefault(id, s.t.ARN("logs", "log-group:"+name))), Kind: "cloudwatchlogs.group", Region: s.t.Region, Name: name,
		Placements: []residency.Placement{{Role: residency.Primary, Region: s.t.Region}}, Facts: map[string]any{}}
	if g.LogGroupClass != "" {
		r.Facts["class"] = string(g.LogGroupClass)
	}
	if g.RetentionInDays != nil {
		r.Facts["retention_days"] = int(*g.RetentionInDays)
	}
	if key := aws.ToString(g.KmsKeyId); key != "" {
		r.Placements = append(r.Placements, s.t.Home().Key(key).Place(residency.Key, "kmsKeyId"))
	}
	for _, u := range s.unread {
		s.out.Gap(r.ID, u.operation, u.err)
	}
	for _, p := range s.policies {
		if p.covers(name) {
			r.Placements = append(r.Placements, p.placements...)
		}
	}
	r.Placements = append(r.Placements, s.exports.take(name)...)
	s.subscriptions(ctx, &r)
	if g.DataProtectionStatus == types.DataProtectionStatusActivated {
		s.protection(ctx, &r)
	}
	tags, err := s.client.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &r.ID})
	if err != nil {
		s.out.Gap(r.ID, "ListTagsForResource", err)
		return r
	}
	r.Tags = tagsRead(tags.Tags)
	return r
}

func (s *logScan) subscriptions(ctx context.Context, r *residency.Resource) {
	in := &cloudwatchlogs.DescribeSubscriptionFiltersInput{LogGroupName: &r.Name}
	for pages := cloudwatchlogs.NewDescribeSubscriptionFiltersPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap(r.ID, "DescribeSubscriptionFilters", err)
			return
		}
		for _, f := range page.SubscriptionFilters {
			r.Placements = append(r.Placements, subscribed(s.t.Home(), aws.ToString(f.DestinationArn), "subscription filter "+aws.ToString(f.FilterName)))
		}
	}
}

// subscribed is where a subscription sends events: to rest, or through a function.
func subscribed(h Home, destination, via string) residency.Placement {
	to := h.Resolve(destination)
	if _, service, _, _, _, ok := ParseARN(to.ID); ok && service == "lambda" {
		return to.Place(residency.Transit, via)
	}
	return to.Place(residency.Log, via)
}

// tagsRead tells tags that were read and are none from tags that were not read.
func tagsRead(tags map[string]string) map[string]string {
	if tags == nil {
		return map[string]string{}
	}
	return tags
}
