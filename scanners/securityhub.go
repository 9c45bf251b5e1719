package scanners

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/securityhub/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// notSubscribed is what AWS answers where Security Hub was never turned on.
var notSubscribed = []Answer{{Code: "InvalidAccessException", Message: "is not subscribed to AWS Security Hub"}}

// Security Hub: what copies findings into one region, for the older service and for its successor, which are turned on apart.
// Every region lists the same aggregator, and its home alone describes it: there it is reported.
var _ = register(Scanner{
	Service: "securityhub", Version: 1, Scope: Regional, Rate: 5,
	Kinds: []string{"securityhub.finding_aggregator", "securityhub.aggregator_v2"},
	Calls: []Call{
		{Operation: "ListFindingAggregators", IAM: "securityhub:ListFindingAggregators", Facts: allFacts, None: notSubscribed},
		{Operation: "GetFindingAggregator", IAM: "securityhub:GetFindingAggregator", Facts: append(placements(residency.Metadata), residency.FactSources)},
		{Operation: "ListMembers", IAM: "securityhub:ListMembers", Facts: []residency.Fact{residency.FactSources}},
		// The account's number follows. The same code says of other calls that they were asked in the wrong region.
		{Operation: "ListAggregatorsV2", IAM: "securityhub:ListAggregatorsV2", Facts: allFacts,
			None: []Answer{{Code: "ConflictException", Message: "Security Hub V2 is not enabled"}}},
		{Operation: "GetAggregatorV2", IAM: "securityhub:GetAggregatorV2", Facts: append(placements(residency.Metadata), residency.FactSources)},
		{Operation: "ListTagsForResource", IAM: "securityhub:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanSecurityHub,
})

// hubScan is the scan of one account and region.
type hubScan struct {
	t   *Target
	out *Sink

	mu      sync.Mutex
	clients map[string]*securityhub.Client // by region
}

func scanSecurityHub(ctx context.Context, t *Target, out *Sink) error {
	s := &hubScan{t: t, out: out, clients: map[string]*securityhub.Client{}}
	client := s.client(t.Region)
	follow(ctx, t, out, "ListFindingAggregators", func(token *string) ([]types.FindingAggregator, *string, error) {
		page, err := client.ListFindingAggregators(ctx, &securityhub.ListFindingAggregatorsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.FindingAggregators, page.NextToken, nil
	}, func(ctx context.Context, a types.FindingAggregator) {
		s.aggregator(ctx, aws.ToString(a.FindingAggregatorArn))
	})
	follow(ctx, t, out, "ListAggregatorsV2", func(token *string) ([]types.AggregatorV2, *string, error) {
		page, err := client.ListAggregatorsV2(ctx, &securityhub.ListAggregatorsV2Input{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.AggregatorsV2, page.NextToken, nil
	}, func(ctx context.Context, a types.AggregatorV2) { s.aggregatorV2(ctx, aws.ToString(a.AggregatorV2Arn)) })
	return nil
}

func (s *hubScan) client(region string) *securityhub.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients[region] == nil {
		s.clients[region] = securityhub.NewFromConfig(s.t.ConfigIn(region))
	}
	return s.clients[region]
}

// home is the region and account of an aggregator, by its ARN. elsewhere: another region reports it. Where the run does not examine
// the home, every region that sees it does, since Security Hub may be off in any of them, and the runner keeps one.
func (s *hubScan) home(arn string) (region, account string, elsewhere bool) {
	_, _, region, account, _, _ = ParseARN(arn)
	return region, account, region != s.t.Region && slices.Contains(s.t.Regions, region)
}

func (s *hubScan) aggregator(ctx context.Context, arn string) {
	home, owner, elsewhere := s.home(arn)
	if elsewhere {
		return
	}
	// The service lets no tags be put on it.
	r := residency.Resource{ID: arn, Kind: "securityhub.finding_aggregator", Account: owner, Region: home, Tags: map[string]string{}}
	got, err := s.client(home).GetFindingAggregator(ctx, &securityhub.GetFindingAggregatorInput{FindingAggregatorArn: &arn})
	if err != nil {
		s.out.Gap(arn, "GetFindingAggregator", err)
		s.out.AddCollector(aggregated(r, home, ""))
		return
	}
	mode, region := aws.ToString(got.RegionLinkingMode), orDefault(aws.ToString(got.FindingAggregationRegion), home)
	covers := Covers{Role: residency.Metadata, Accounts: append(s.members(ctx, arn, home), owner),
		Regions: linkedRegions(mode, got.Regions, region, s.t.Regions), Via: "findings of linked regions, " + mode}
	s.out.AddCollector(aggregated(r, region, mode), covers)
}

// members are the accounts whose findings an administrator's account holds too.
func (s *hubScan) members(ctx context.Context, arn, home string) (accounts []string) {
	client := s.client(home)
	all, _ := gather(s.out, arn, "ListMembers", func(token *string) ([]types.Member, *string, error) {
		page, err := client.ListMembers(ctx, &securityhub.ListMembersInput{OnlyAssociated: aws.Bool(true), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Members, page.NextToken, nil
	})
	for _, m := range all {
		accounts = append(accounts, aws.ToString(m.AccountId))
	}
	return accounts
}

func (s *hubScan) aggregatorV2(ctx context.Context, arn string) {
	home, owner, elsewhere := s.home(arn)
	if elsewhere {
		return
	}
	r := residency.Resource{ID: arn, Kind: "securityhub.aggregator_v2", Account: owner, Region: home}
	client := s.client(home)
	tags, err := client.ListTagsForResource(ctx, &securityhub.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		s.out.Gap(arn, "ListTagsForResource", err)
	} else {
		r.Tags = tagsRead(tags.Tags)
	}
	got, err := client.GetAggregatorV2(ctx, &securityhub.GetAggregatorV2Input{AggregatorV2Arn: &arn})
	if err != nil {
		s.out.Gap(arn, "GetAggregatorV2", err)
		s.out.AddCollector(aggregated(r, home, ""))
		return
	}
	mode, region := aws.ToString(got.RegionLinkingMode), orDefault(aws.ToString(got.AggregationRegion), home)
	s.out.AddCollector(aggregated(r, region, mode), Covers{Role: residency.Metadata, Accounts: []string{owner},
		Regions: linkedRegions(mode, got.LinkedRegions, region, s.t.Regions), Via: "findings of linked regions, " + mode})
}

// aggregated adds the region in which the findings come together. That is the ARN's, also where the settings were not read.
func aggregated(r residency.Resource, region, mode string) residency.Resource {
	r.Placements = []residency.Placement{{Role: residency.Metadata, Region: region, Via: "finding aggregation"}}
	if mode != "" {
		r.Facts = map[string]any{"linking_mode": mode}
	}
	return r
}

// linkedRegions are those whose findings are copied, the home among them; nil: every one, those that AWS opens later too.
func linkedRegions(mode string, listed []string, home string, enabled []string) []string {
	linked := []string{home}
	switch mode {
	case "NO_REGIONS":
	case "SPECIFIED_REGIONS":
		linked = append(linked, listed...)
	case "ALL_REGIONS_EXCEPT_SPECIFIED":
		for _, region := range enabled {
			if region != home && !slices.Contains(listed, region) {
				linked = append(linked, region)
			}
		}
	default:
		return nil
	}
	return linked
}
