package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Data Lifecycle Manager: where its policies copy snapshots and images, and with whom they share them.
var _ = both(
	pair("aws_dlm_lifecycle_policy", "AWS::DLM::LifecyclePolicy", row{kind: "dlm.policy", arn: "arn:{partition}:dlm:{region}:{account}:policy/{id}", read: readLifecyclePolicy}),
)

func readLifecyclePolicy(v view) {
	details := v.inner("policy_details")
	for i, s := range details.each("schedule|schedules") {
		of := " of schedule " + s.label("name", i)
		for _, c := range s.each("cross_region_copy_rule|cross_region_copy_rules") {
			path := "target" // the newer of two fields for the same
			if !c.set(path) {
				path = "target_region"
			}
			c.place(residency.Backup, "CrossRegionCopyRules"+of, path, asRegionOrOutpost)
			c.place(residency.Key, "CmkArn of CrossRegionCopyRules"+of, "cmk_arn", asKey)
		}
		for _, share := range s.each("share_rule|share_rules") {
			share.shareWith(residency.Backup, "ShareRules"+of, "target_accounts", "")
		}
	}
	for _, at := range []view{v, details} { // of a default policy
		for _, c := range at.each("cross_region_copy_targets") {
			c.place(residency.Backup, "CrossRegionCopyTargets", "target_region", asRegionOrOutpost)
		}
	}
	for i, action := range details.each("action|actions") {
		of := " of action " + action.label("name", i)
		for _, c := range action.each("cross_region_copy") {
			c.place(residency.Backup, "CrossRegionCopy"+of, "target", asRegionOrOutpost)
			c.place(residency.Key, "CmkArn of CrossRegionCopy"+of, "encryption_configuration.cmk_arn", asKey)
		}
	}
	if v.is("state", "DISABLED") {
		for i := range v.out.placements {
			v.out.placements[i].Role = residency.Capability
			v.out.placements[i].Via += ": disabled policy, copies it made may remain"
		}
	}
	// The accounts whose shared snapshots an event policy copies.
	details.from(residency.Backup, "EventSource SnapshotOwner", "event_source.parameters.snapshot_owner", asAccount)
}

// asRegionOrOutpost is a region by its name, or an Outpost, which stands in the customer's building: where that is AWS does not say.
func asRegionOrOutpost(h locate.Home, s string) locate.Destination {
	if strings.HasPrefix(s, "arn:") {
		return locate.Destination{ID: s}
	}
	return asRegion(h, s)
}

// asAccount is an account by its id, in the region of the holder.
func asAccount(h locate.Home, s string) locate.Destination {
	return locate.Destination{ID: "arn:" + h.Partition + ":iam::" + s + ":root", Region: h.Region, Account: s}
}
