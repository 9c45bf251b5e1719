package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// notInOrganization is the answer to an account that stands alone.
var notInOrganization = Answer{Code: "AWSOrganizationsNotInUseException"}

// notManagement is the answer to an account that has the permission and is neither the management account nor a delegated
// one. A missing permission reads otherwise: "User: … is not authorized to perform: …".
var notManagement = Answer{Code: "AccessDeniedException", Message: "You don't have permissions to access this resource"}

// Organizations: the backup policies that the management account lays on its members, copy actions among them. Every account
// may read what is in effect for itself, and that proves its copies; only the management account or a delegated one may read the
// policies, which may be attached to nothing.
var _ = register(Scanner{
	Service: "organizations", Version: 1, Scope: Global, Kinds: []string{"organizations.effective_policy", "organizations.policy"},
	Calls: []Call{
		{Operation: "DescribeEffectivePolicy", IAM: "organizations:DescribeEffectivePolicy", Facts: allFacts,
			None: []Answer{notInOrganization, {Code: "EffectivePolicyNotFoundException"}}},
		{Operation: "ListPolicies", IAM: "organizations:ListPolicies", Facts: allFacts, None: []Answer{notInOrganization, notManagement}},
		{Operation: "DescribePolicy", IAM: "organizations:DescribePolicy", Facts: placements(residency.Capability)},
		{Operation: "ListTagsForResource", IAM: "organizations:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanOrganizations,
})

func scanOrganizations(ctx context.Context, t *Target, out *Sink) error {
	client := organizations.NewFromConfig(t.Config())
	effective, err := client.DescribeEffectivePolicy(ctx, &organizations.DescribeEffectivePolicyInput{PolicyType: types.EffectivePolicyTypeBackupPolicy})
	switch {
	case out.None("DescribeEffectivePolicy", err):
	case err != nil:
		out.Gap("", "DescribeEffectivePolicy", err)
	case effective.EffectivePolicy == nil:
		out.Malformed("", "DescribeEffectivePolicy", "the answer holds no policy")
	default:
		addEffectivePlans(t, out, aws.ToString(effective.EffectivePolicy.PolicyContent))
	}
	in := &organizations.ListPoliciesInput{Filter: types.PolicyTypeBackupPolicy}
	for pages := organizations.NewListPoliciesPaginator(client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if out.None("ListPolicies", err) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(ctx, t, page.Policies, func(ctx context.Context, p types.PolicySummary) error {
			out.Add(backupPolicy(ctx, client, t, out, p))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// addEffectivePlans adds each plan of the account's effective policy once for each region that it runs in, like the plans that
// it turns into: what is a copy abroad in one region is at home in another. AWS gives the effective policy no name; the id says
// whose it is.
func addEffectivePlans(t *Target, out *Sink, content string) {
	id := Home{Partition: t.Partition, Region: "", Account: t.Account}.ARN("organizations", "effective-policy/backup_policy")
	plans, err := readBackupPolicy(content)
	if err != nil {
		out.Malformed(id, "DescribeEffectivePolicy", err.Error())
		return
	}
	for _, p := range plans {
		if len(p.regions) == 0 {
			out.Unresolved(id+"/"+p.name, "DescribeEffectivePolicy", "the plan names no region")
		}
		for _, region := range p.regions {
			home := Home{Partition: t.Partition, Region: region, Account: t.Account}
			out.Add(residency.Resource{ID: id + "/" + p.name + "/" + region, Kind: "organizations.effective_policy", Region: region, Name: p.name,
				Tags: map[string]string{}, Placements: p.place(home, residency.Backup)})
		}
	}
}

// backupPolicy is one policy of the organisation. It moves nothing by itself: what is in effect stands with each account.
func backupPolicy(ctx context.Context, client *organizations.Client, t *Target, out *Sink, p types.PolicySummary) residency.Resource {
	r := residency.Resource{ID: aws.ToString(p.Arn), Kind: "organizations.policy", Name: aws.ToString(p.Name)}
	r.Tags = organizationTags(ctx, client, out, r.ID, p.Id)
	got, err := client.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: p.Id})
	switch {
	case err != nil:
		out.Gap(r.ID, "DescribePolicy", err)
		return r
	case got.Policy == nil:
		out.Malformed(r.ID, "DescribePolicy", "the answer holds no policy")
		return r
	}
	plans, err := readBackupPolicy(aws.ToString(got.Policy.Content))
	if err != nil {
		out.Malformed(r.ID, "DescribePolicy", err.Error())
		return r
	}
	r.Placements = placePolicy(t.Partition, plans)
	return r
}

// placePolicy lists where the plans of a policy would write, in whichever account it is attached to.
func placePolicy(partition string, plans []policyPlan) []residency.Placement {
	all := []residency.Placement{}
	for _, plan := range plans {
		regions := plan.regions
		if len(regions) == 0 {
			regions = []string{""} // another policy that is inherited names them
		}
		for _, region := range regions {
			for _, place := range plan.place(Home{Partition: partition, Region: region, Account: accountVariable}, residency.Capability) {
				if place.Account == accountVariable {
					place.Account, place.Target = "", ""
				}
				if !slices.Contains(all, place) {
					all = append(all, place)
				}
			}
		}
	}
	return all
}

func organizationTags(ctx context.Context, client *organizations.Client, out *Sink, arn string, id *string) map[string]string {
	tags := map[string]string{}
	for pages := organizations.NewListTagsForResourcePaginator(client, &organizations.ListTagsForResourceInput{ResourceId: id}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			out.Gap(arn, "ListTagsForResource", err)
			return nil
		}
		for _, tag := range page.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	return tags
}
