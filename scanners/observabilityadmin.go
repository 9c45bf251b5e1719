package scanners

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/observabilityadmin"
	"github.com/aws/aws-sdk-go-v2/service/observabilityadmin/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/smithy-go"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// CloudWatch log centralization: an organisation's rule copies log events of its accounts and regions to one account and region.
// The list is asked for once, for all regions.
var _ = register(Scanner{
	Service: "observabilityadmin", Version: 1, Scope: Global, Kinds: []string{"observabilityadmin.centralization_rule"},
	Calls: []Call{
		{Operation: "ListCentralizationRulesForOrganization", IAM: "observabilityadmin:ListCentralizationRulesForOrganization", Facts: allFacts},
		{Operation: "GetCentralizationRuleForOrganization", IAM: "observabilityadmin:GetCentralizationRuleForOrganization",
			Facts: append(placements(residency.Backup, residency.Key), residency.FactSources)},
		{Operation: "ListTagsForResource", IAM: "observabilityadmin:ListTagsForResource", Facts: tagFacts},
		{Operation: "DescribeOrganization", IAM: "organizations:DescribeOrganization", Facts: allFacts, Package: "organizations",
			None: []Answer{{Code: "AWSOrganizationsNotInUseException"}}},
	},
	Scan: scanCentralization,
})

func scanCentralization(ctx context.Context, t *Target, out *Sink) error {
	client := observabilityadmin.NewFromConfig(t.Config())
	in := &observabilityadmin.ListCentralizationRulesForOrganizationInput{AllRegions: aws.Bool(true)}
	for pages := observabilityadmin.NewListCentralizationRulesForOrganizationPaginator(client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			if seenElsewhere(ctx, t, out, err) {
				return nil
			}
			return err
		}
		if err := each(ctx, t, page.CentralizationRuleSummaries, func(ctx context.Context, s types.CentralizationRuleSummary) error {
			if creator := aws.ToString(s.CreatorAccountId); creator == t.Account || !slices.Contains(t.Accounts, creator) {
				centralizationRule(ctx, t, out, s)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// seenElsewhere decides about a refusal. Only the management account and delegated administrators may list; AWS publishes no
// message by which its refusal to a member differs from a missing permission. So a member's is no gap where the management
// account is examined too, which sees every rule, or where there is no organisation.
func seenElsewhere(ctx context.Context, t *Target, out *Sink, refusal error) bool {
	var api smithy.APIError
	if !errors.As(refusal, &api) {
		return false
	}
	answer, err := organizations.NewFromConfig(t.Config()).DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if out.None("DescribeOrganization", err) {
		return true
	}
	if err != nil || answer.Organization == nil {
		if err != nil {
			out.Gap("", "DescribeOrganization", err)
		}
		return false
	}
	management := aws.ToString(answer.Organization.MasterAccountId)
	return management != t.Account && slices.Contains(t.Accounts, management)
}

func centralizationRule(ctx context.Context, t *Target, out *Sink, s types.CentralizationRuleSummary) {
	region := orDefault(aws.ToString(s.CreatedRegion), t.Region)
	client := observabilityadmin.NewFromConfig(t.ConfigIn(region))
	r := residency.Resource{ID: aws.ToString(s.RuleArn), Kind: "observabilityadmin.centralization_rule", Account: aws.ToString(s.CreatorAccountId),
		Region: region, Name: aws.ToString(s.RuleName),
		Placements: []residency.Placement{centralized(t, residency.Log, aws.ToString(s.DestinationRegion), aws.ToString(s.DestinationAccountId), "Destination")}}
	tags, err := client.ListTagsForResource(ctx, &observabilityadmin.ListTagsForResourceInput{ResourceARN: s.RuleArn})
	if err != nil {
		out.Gap(r.ID, "ListTagsForResource", err)
	} else {
		r.Tags = tagsRead(tags.Tags)
	}
	answer, err := client.GetCentralizationRuleForOrganization(ctx, &observabilityadmin.GetCentralizationRuleForOrganizationInput{RuleIdentifier: s.RuleArn})
	switch {
	case err != nil:
		out.Gap(r.ID, "GetCentralizationRuleForOrganization", err)
	case answer.CentralizationRule == nil || answer.CentralizationRule.Source == nil:
		out.Malformed(r.ID, "GetCentralizationRuleForOrganization", "the rule has no source")
	default:
		r.Placements = append(r.Placements, placeCentralized(t, aws.ToString(s.DestinationAccountId), answer.CentralizationRule.Destination)...)
		covers, ok := centralizedFrom(answer.CentralizationRule.Source)
		if ok {
			out.AddCollector(r, covers)
			return
		}
		out.Unresolved(r.ID, "GetCentralizationRuleForOrganization", "the rule's scope names organisational units, whose accounts are not read: "+covers.Via)
	}
	out.AddCollector(r)
}

// centralized is a place that a rule copies to: log groups of an account and region, for which the account's ARN stands.
func centralized(t *Target, role residency.Role, region, account, via string) residency.Placement {
	return residency.Placement{Role: role, Region: region, Account: account, Target: "arn:" + t.Partition + ":iam::" + account + ":root", Via: via}
}

// placeCentralized is what only the rule itself names: the backup copy and the keys.
func placeCentralized(t *Target, account string, to *types.CentralizationRuleDestination) []residency.Placement {
	if to == nil || to.DestinationLogsConfiguration == nil {
		return nil
	}
	var found []residency.Placement
	key := func(arn *string, via string) {
		if aws.ToString(arn) != "" {
			found = append(found, t.Home().Key(*arn).Place(residency.Key, via))
		}
	}
	if c := to.DestinationLogsConfiguration.LogsEncryptionConfiguration; c != nil {
		key(c.KmsKeyArn, "LogsEncryptionConfiguration")
	}
	if c := to.DestinationLogsConfiguration.BackupConfiguration; c != nil {
		found = append(found, centralized(t, residency.Backup, aws.ToString(c.Region), account, "BackupConfiguration"))
		key(c.KmsKeyArn, "BackupConfiguration KmsKeyArn")
	}
	return found
}

var (
	scopeAccount = regexp.MustCompile(`\b\d{12}\b`)
	scopeOrg     = regexp.MustCompile(`\bo-[a-z0-9]{10,32}\b`)
	scopeUnit    = regexp.MustCompile(`\b(?:ou|r)-[a-z0-9]{4,32}\b`)
)

// centralizedFrom reads the scope, an expression over the organisation's id, accounts or units. ok is false where it names a unit
// or nothing that is understood.
func centralizedFrom(from *types.CentralizationRuleSource) (covers Covers, ok bool) {
	scope := aws.ToString(from.Scope)
	covers = Covers{Role: residency.Log, Regions: from.Regions, Via: "source scope " + scope}
	if scopeUnit.MatchString(scope) {
		return covers, false
	}
	covers.Accounts = scopeAccount.FindAllString(scope, -1)
	covers.Organization = scope == "" || scopeOrg.MatchString(scope)
	return covers, covers.Organization || len(covers.Accounts) > 0
}
