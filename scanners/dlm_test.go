package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types.

const dlmID = "arn:aws:dlm:eu-west-1:111111111111:policy/policy-1"

// dlmAnswers is one policy with these details.
func dlmAnswers(state, details string) aws {
	a := account("eu-west-1")
	a.on("eu-west-1", "dlm", "GetLifecyclePolicies", "", `{"Policies":[{"PolicyId":"policy-1","Description":"nightly","State":"`+state+`","PolicyType":"EBS_SNAPSHOT_MANAGEMENT","Tags":{"team":"db"}}]}`)
	return a.on("eu-west-1", "dlm", "GetLifecyclePolicy", `{"PolicyId":"policy-1"}`, `{"Policy":{"PolicyId":"policy-1","State":"`+state+`","PolicyArn":"`+dlmID+`","PolicyDetails":`+details+`}}`)
}

func TestDLM(t *testing.T) {
	const outpost = "arn:aws:outposts:eu-west-1:111111111111:outpost/op-1"
	key := residency.Placement{Role: residency.Key, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:kms:us-east-1:111111111111:key/k"}
	withVia := func(p residency.Placement, via string) residency.Placement { p.Via = via; return p }
	backup := func(region, via string) residency.Placement {
		return residency.Placement{Role: residency.Backup, Region: region, Via: via}
	}
	for _, c := range []struct {
		name, details string
		want          []residency.Placement
		sources       []residency.Source
	}{
		{"nothing leaves", `{"Schedules":[{"Name":"s"}]}`, []residency.Placement{}, nil},
		{"target", `{"Schedules":[{"Name":"s","CrossRegionCopyRules":[{"Target":"us-east-1","Encrypted":true,"CmkArn":"arn:aws:kms:us-east-1:111111111111:key/k"}]}]}`,
			[]residency.Placement{backup("us-east-1", "CrossRegionCopyRules of schedule s"), withVia(key, "CmkArn of CrossRegionCopyRules of schedule s")}, nil},
		{"older field", `{"Schedules":[{"Name":"s","CrossRegionCopyRules":[{"TargetRegion":"ap-southeast-2"}]}]}`,
			[]residency.Placement{backup("ap-southeast-2", "CrossRegionCopyRules of schedule s")}, nil},
		{"outpost", `{"Schedules":[{"Name":"s","CrossRegionCopyRules":[{"Target":"` + outpost + `"}]}]}`,
			[]residency.Placement{{Role: residency.Backup, Target: outpost, Via: "CrossRegionCopyRules of schedule s"}}, nil},
		{"default policy", `{"PolicyLanguage":"SIMPLIFIED","CrossRegionCopyTargets":[{"TargetRegion":"us-east-1"}]}`,
			[]residency.Placement{backup("us-east-1", "CrossRegionCopyTargets")}, nil},
		{"shares", `{"Schedules":[{"Name":"s","ShareRules":[{"TargetAccounts":["111111111111","999999999999"]}]}]}`,
			[]residency.Placement{{Role: residency.Backup, Region: "eu-west-1", Account: "999999999999", Via: "ShareRules of schedule s"}}, nil},
		{"event", `{"PolicyType":"EVENT_BASED_POLICY","EventSource":{"Type":"MANAGED_CWE","Parameters":{"EventType":"shareSnapshot","SnapshotOwner":["222222222222"],"DescriptionRegex":".*"}},"Actions":[{"Name":"a","CrossRegionCopy":[{"Target":"us-east-1","EncryptionConfiguration":{"Encrypted":true,"CmkArn":"arn:aws:kms:us-east-1:111111111111:key/k"}}]}]}`,
			[]residency.Placement{backup("us-east-1", "CrossRegionCopy of action a"), withVia(key, "CmkArn of CrossRegionCopy of action a")},
			[]residency.Source{{ID: "arn:aws:iam::222222222222:root", Role: residency.Backup, Region: "eu-west-1", Account: "222222222222", Via: "EventSource SnapshotOwner"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := scan(t, "dlm", dlmAnswers("ENABLED", c.details))
			f.noGaps(t)
			want := residency.Resource{ID: dlmID, Kind: "dlm.policy", Account: ownAccount, Region: "eu-west-1", Name: "nightly",
				Tags: map[string]string{"team": "db"}, Placements: c.want, Sources: c.sources, Facts: map[string]any{"state": "ENABLED"}}
			if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A disabled policy copies nothing; an erroneous one may.
func TestDLMStates(t *testing.T) {
	const details = `{"Schedules":[{"Name":"s","CrossRegionCopyRules":[{"Target":"us-east-1"}]}]}`
	for state, want := range map[string]residency.Placement{
		"DISABLED": {Role: residency.Capability, Region: "us-east-1", Via: "disabled policy, copies it made may remain: CrossRegionCopyRules of schedule s"},
		"ERROR":    {Role: residency.Backup, Region: "us-east-1", Via: "CrossRegionCopyRules of schedule s"},
	} {
		f := scan(t, "dlm", dlmAnswers(state, details))
		if diff := cmp.Diff([]residency.Placement{want}, f.resource(t, dlmID).Placements); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
}

func TestDLMDetailsDenied(t *testing.T) {
	a := dlmAnswers("ENABLED", "{}")
	delete(a, ownAccount+"/eu-west-1/dlm/GetLifecyclePolicy")
	a.fail("eu-west-1", "dlm", "GetLifecyclePolicy", "", 403, `{"__type":"AccessDeniedException","Message":"no"}`)
	f := scan(t, "dlm", a)
	if r := f.resource(t, dlmID); r.Placements != nil || !slices.Equal(f.gaps(), []string{"GetLifecyclePolicy denied " + dlmID}) {
		t.Errorf("placements %v, gaps %v", r.Placements, f.gaps())
	}
}
