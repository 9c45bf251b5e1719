package scanners_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types; the policies' contents after the examples of the Organizations user guide.

const (
	effectiveID = "arn:aws:organizations::111111111111:effective-policy/backup_policy/pii/"
	policyID    = "arn:aws:organizations::111111111111:policy/o-abc/backup_policy/p-1"
	notAdmin    = `{"__type":"AccessDeniedException","Message":"You don't have permissions to access this resource."}`
	noneInForce = `{"__type":"EffectivePolicyNotFoundException","Message":"no policy of this type"}`
)

// effectivePlan is a plan in effect that runs in some regions and copies to a vault.
func effectivePlan(regions, copyTo string) string {
	return `{"plans":{"pii":{"regions":` + regions + `,"rules":{"hourly":{"schedule_expression":"cron(0 5 ? * * *)","target_backup_vault_name":"daily","copy_actions":{"` +
		copyTo + `":{"target_backup_vault_arn":"` + copyTo + `","lifecycle":{"delete_after_days":"10"}}}}},"selections":{"tags":{"s":{"iam_role_arn":"arn:aws:iam::$account:role/r","tag_key":"k","tag_value":["v"]}}}}}}`
}

func policyAnswer(field, content string) string {
	data, _ := json.Marshal(content)
	return `{"` + field + `":{"` + map[string]string{"EffectivePolicy": "PolicyContent", "Policy": "Content"}[field] + `":` + string(data) + `}}`
}

// member is an account in which a backup policy is in effect, and which may not read the organisation's policies.
func member(content string) aws {
	a := account("eu-west-1")
	a.on("any", "organizations", "DescribeEffectivePolicy", `{"PolicyType":"BACKUP_POLICY"}`, policyAnswer("EffectivePolicy", content))
	return a.fail("any", "organizations", "ListPolicies", "", 400, notAdmin)
}

func TestOrganizationsEffectivePolicy(t *testing.T) {
	f := scan(t, "organizations", member(effectivePlan(`["eu-west-1","us-east-1"]`, "arn:aws:backup:us-east-1:$account:backup-vault:second")))
	f.noGaps(t)
	plan := func(region string) residency.Resource {
		return residency.Resource{ID: effectiveID + region, Kind: "organizations.effective_policy", Account: ownAccount, Region: region, Name: "pii", Tags: map[string]string{},
			Placements: []residency.Placement{
				{Role: residency.Backup, Region: region, Account: ownAccount, Target: "arn:aws:backup:" + region + ":111111111111:backup-vault:daily", Via: "target_backup_vault_name of plan pii, rule hourly"},
				{Role: residency.Backup, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:backup:us-east-1:111111111111:backup-vault:second", Via: "copy_actions of plan pii, rule hourly"}}}
	}
	if diff := cmp.Diff([]residency.Resource{plan("eu-west-1"), plan("us-east-1")}, f.resources); diff != "" {
		t.Error(diff)
	}
}

// The management account reads the policies as they were written, two pages of them.
func TestOrganizationsPolicies(t *testing.T) {
	a := account("eu-west-1").fail("any", "organizations", "DescribeEffectivePolicy", "", 400, noneInForce)
	a.on("any", "organizations", "ListPolicies", `{"Filter":"BACKUP_POLICY"}`, `{"Policies":[{"Id":"p-1","Arn":"`+policyID+`","Name":"backups","Type":"BACKUP_POLICY"}],"NextToken":"t"}`)
	a.on("any", "organizations", "ListPolicies", `{"Filter":"BACKUP_POLICY","NextToken":"t"}`, `{"Policies":[{"Id":"p-2","Arn":"`+policyID+`2","Name":"broken"},{"Id":"p-3","Arn":"`+policyID+`3","Name":"closed"}]}`)
	a.on("any", "organizations", "ListTagsForResource", "", `{"Tags":[]}`)
	a.on("any", "organizations", "ListTagsForResource", `{"ResourceId":"p-1"}`, `{"Tags":[{"Key":"a","Value":"1"}],"NextToken":"t"}`)
	a.on("any", "organizations", "ListTagsForResource", `{"ResourceId":"p-1","NextToken":"t"}`, `{"Tags":[{"Key":"b","Value":"2"}]}`)
	a.on("any", "organizations", "DescribePolicy", `{"PolicyId":"p-1"}`, policyAnswer("Policy", `{"plans":{"@@operators_allowed_for_child_policies":["@@all"],"pii":{
		"regions":{"@@assign":["eu-west-1"],"@@append":"us-east-1"},"rules":{"hourly":{"target_backup_vault_name":{"@@assign":"daily"},
		"target_logically_air_gapped_backup_vault_arn":{"@@assign":"arn:aws:backup:eu-west-1:$account:backup-vault:gap"},
		"copy_actions":{"@@operators_allowed_for_child_policies":["@@none"],"arn:aws:backup:ap-southeast-2:222222222222:backup-vault:far":{"target_backup_vault_arn":{"@@assign":"arn:aws:backup:ap-southeast-2:222222222222:backup-vault:far"}}}}}}}}`))
	a.on("any", "organizations", "DescribePolicy", `{"PolicyId":"p-2"}`, policyAnswer("Policy", `{"plans":{"pii":{"regions":{"@@assign":{"a":"b"}}}}}`))
	a.fail("any", "organizations", "DescribePolicy", `{"PolicyId":"p-3"}`, 400, `{"__type":"AccessDeniedException","Message":"User: arn:aws:iam::111111111111:role/audit is not authorized to perform: organizations:DescribePolicy"}`)
	f := scan(t, "organizations", a)
	may := func(region, account, target, via string) residency.Placement {
		return residency.Placement{Role: residency.Capability, Region: region, Account: account, Target: target, Via: via + " of plan pii, rule hourly"}
	}
	want := residency.Resource{ID: policyID, Kind: "organizations.policy", Account: ownAccount, Name: "backups", Tags: map[string]string{"a": "1", "b": "2"}, Placements: []residency.Placement{
		may("eu-west-1", "", "", "target_backup_vault_name"), may("eu-west-1", "", "", "target_logically_air_gapped_backup_vault_arn"),
		may("ap-southeast-2", "222222222222", "arn:aws:backup:ap-southeast-2:222222222222:backup-vault:far", "copy_actions"), may("us-east-1", "", "", "target_backup_vault_name")}}
	if diff := cmp.Diff(want, f.resource(t, policyID)); diff != "" {
		t.Error(diff)
	}
	if want := []string{"DescribePolicy malformed " + policyID + "2", "DescribePolicy denied " + policyID + "3"}; !slices.Equal(f.gaps(), want) {
		t.Errorf("gaps %v, want %v", f.gaps(), want)
	}
	if f.resource(t, policyID+"2").Placements != nil || f.resource(t, policyID+"3").Placements != nil {
		t.Error("what was not read counts as read")
	}
}

// What AWS answers where there is nothing, and the denials that are none of these answers.
func TestOrganizationsNone(t *testing.T) {
	const alone = `{"__type":"AWSOrganizationsNotInUseException","Message":"Your account is not a member of an organization."}`
	const lacking = `{"__type":"AccessDeniedException","Message":"User: arn:aws:iam::111111111111:role/audit is not authorized to perform: organizations:ListPolicies"}`
	for _, c := range []struct {
		name, effective, policies string
		gaps                      []string
	}{
		{"no organisation", alone, alone, nil},
		{"a member without a policy", noneInForce, notAdmin, nil},
		{"the permission is missing", noneInForce, lacking, []string{"ListPolicies denied"}},
		{"the effective policy is closed too", notAdmin, notAdmin, []string{"DescribeEffectivePolicy denied"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := account("eu-west-1").fail("any", "organizations", "DescribeEffectivePolicy", "", 400, c.effective)
			f := scan(t, "organizations", a.fail("any", "organizations", "ListPolicies", "", 400, c.policies))
			if !slices.Equal(f.gaps(), c.gaps) || len(f.resources) != 0 {
				t.Errorf("gaps %v, want %v; %v", f.gaps(), c.gaps, f.ids())
			}
		})
	}
}

func TestOrganizationsUnreadable(t *testing.T) {
	const id = "arn:aws:organizations::111111111111:effective-policy/backup_policy"
	for content, want := range map[string]string{
		`{"plans":[]}`:                "DescribeEffectivePolicy malformed " + id,
		`{"plans":{"pii":{}}}`:        "DescribeEffectivePolicy unresolved " + id + "/pii",
		`{"plans":{"p":{"rules":7}}}`: "DescribeEffectivePolicy malformed " + id,
	} {
		if f := scan(t, "organizations", member(content)); !slices.Equal(f.gaps(), []string{want}) {
			t.Errorf("%s: gaps %v, want %q", content, f.gaps(), want)
		}
	}
}
