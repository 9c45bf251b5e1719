package scanners

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dlm"
	"github.com/aws/aws-sdk-go-v2/service/dlm/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Data Lifecycle Manager: where its policies copy snapshots and images, and with whom they share them.
var _ = register(Scanner{
	Service: "dlm", Version: 1, Scope: Regional, Kinds: []string{"dlm.policy"},
	Calls: []Call{
		{Operation: "GetLifecyclePolicies", IAM: "dlm:GetLifecyclePolicies", Facts: allFacts},
		{Operation: "GetLifecyclePolicy", IAM: "dlm:GetLifecyclePolicy", Facts: allFacts},
	},
	Scan: scanDLM,
})

func scanDLM(ctx context.Context, t *Target, out *Sink) error {
	client := dlm.NewFromConfig(t.Config())
	list, err := client.GetLifecyclePolicies(ctx, &dlm.GetLifecyclePoliciesInput{}) // the operation has no pages
	if err != nil {
		return err
	}
	return each(ctx, t, list.Policies, func(ctx context.Context, p types.LifecyclePolicySummary) error {
		out.Add(dlmPolicy(ctx, client, t, out, p))
		return nil
	})
}

func dlmPolicy(ctx context.Context, client *dlm.Client, t *Target, out *Sink, p types.LifecyclePolicySummary) residency.Resource {
	r := residency.Resource{ID: t.ARN("dlm", "policy/"+aws.ToString(p.PolicyId)), Kind: "dlm.policy", Region: t.Region,
		Name: orDefault(aws.ToString(p.Description), aws.ToString(p.PolicyId)), Tags: p.Tags, Facts: map[string]any{"state": string(p.State)}}
	if r.Tags == nil {
		r.Tags = map[string]string{} // the list gives the tags; none are left out
	}
	got, err := client.GetLifecyclePolicy(ctx, &dlm.GetLifecyclePolicyInput{PolicyId: p.PolicyId})
	switch {
	case err != nil:
		out.Gap(r.ID, "GetLifecyclePolicy", err)
		return r
	case got.Policy == nil || got.Policy.PolicyDetails == nil:
		out.Malformed(r.ID, "GetLifecyclePolicy", "the policy has no details")
		return r
	}
	r.Placements = placeDLM(t.Home(), *got.Policy.PolicyDetails)
	if p.State == types.GettablePolicyStateValuesDisabled {
		for i := range r.Placements {
			r.Placements[i].Role = residency.Capability
			r.Placements[i].Via = "disabled policy, copies it made may remain: " + r.Placements[i].Via
		}
	}
	r.Sources = dlmSources(t, *got.Policy.PolicyDetails)
	return r
}

// placeDLM lists where a policy sends copies: schedules of their own, targets of a default policy, actions upon an event.
func placeDLM(home Home, d types.PolicyDetails) []residency.Placement {
	all := []residency.Placement{}
	for _, s := range d.Schedules {
		via := " of schedule " + aws.ToString(s.Name)
		for _, c := range s.CrossRegionCopyRules {
			// Target is the newer of two fields for the same.
			p := dlmTarget(orDefault(aws.ToString(c.Target), aws.ToString(c.TargetRegion)), "CrossRegionCopyRules"+via)
			all = append(all, dlmCopy(home, p, aws.ToString(c.CmkArn))...)
		}
		for _, share := range s.ShareRules {
			for _, account := range share.TargetAccounts {
				if account != home.Account {
					all = append(all, residency.Placement{Role: residency.Backup, Region: home.Region, Account: account, Via: "ShareRules" + via})
				}
			}
		}
	}
	for _, c := range d.CrossRegionCopyTargets {
		all = append(all, dlmTarget(aws.ToString(c.TargetRegion), "CrossRegionCopyTargets"))
	}
	for _, action := range d.Actions {
		for _, c := range action.CrossRegionCopy {
			p := dlmTarget(aws.ToString(c.Target), "CrossRegionCopy of action "+aws.ToString(action.Name))
			key := ""
			if c.EncryptionConfiguration != nil {
				key = aws.ToString(c.EncryptionConfiguration.CmkArn)
			}
			all = append(all, dlmCopy(home, p, key)...)
		}
	}
	return all
}

// dlmTarget is a region by its name, or an Outpost, which stands in the customer's building: where that is AWS does not say.
func dlmTarget(target, via string) residency.Placement {
	if strings.HasPrefix(target, "arn:") {
		return residency.Placement{Role: residency.Backup, Target: target, Via: via}
	}
	return residency.Placement{Role: residency.Backup, Region: target, Via: via}
}

// dlmCopy is a copy with the key that encrypts it there.
func dlmCopy(home Home, p residency.Placement, key string) []residency.Placement {
	if key == "" {
		return []residency.Placement{p}
	}
	return []residency.Placement{p, home.Key(key).Place(residency.Key, "CmkArn of "+p.Via)}
}

// dlmSources are the accounts whose shared snapshots an event policy copies.
func dlmSources(t *Target, d types.PolicyDetails) (sources []residency.Source) {
	if d.EventSource == nil || d.EventSource.Parameters == nil {
		return nil
	}
	for _, owner := range d.EventSource.Parameters.SnapshotOwner {
		sources = append(sources, residency.Source{ID: "arn:" + t.Partition + ":iam::" + owner + ":root", Role: residency.Backup,
			Region: t.Region, Account: owner, Via: "EventSource SnapshotOwner"})
	}
	return sources
}
