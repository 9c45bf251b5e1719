package scanners_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// Answers by hand from the SDK's own types.

const (
	ruleARN   = "arn:aws:observability-admin:eu-west-1:111111111111:organization-centralization-rule/all"
	ruleShort = `"RuleName":"all","RuleArn":"` + ruleARN + `","CreatorAccountId":"111111111111","CreatedRegion":"eu-west-1"`
	ruleFrom  = `"Source":{"Regions":["eu-west-1","ap-southeast-2"],"Scope":"OrganizationId = \"o-abcdefghij\""}`
)

func centralizationAnswers(region, rule string) aws {
	a := account("eu-west-1", "us-east-1")
	a.on("any", "observabilityadmin", "ListCentralizationRulesForOrganization", "", `{"CentralizationRuleSummaries":[{`+ruleShort+`,"DestinationAccountId":"222222222222","DestinationRegion":"`+region+`"}]}`)
	a.on("eu-west-1", "observabilityadmin", "GetCentralizationRuleForOrganization", "", `{"CentralizationRule":`+rule+`}`)
	return a.on("eu-west-1", "observabilityadmin", "ListTagsForResource", "", `{"Tags":{}}`)
}

func TestCentralizationRule(t *testing.T) {
	a := centralizationAnswers("eu-west-1", `{`+ruleFrom+`,"Destination":{"Region":"eu-west-1","Account":"222222222222","DestinationLogsConfiguration":{
		"BackupConfiguration":{"Region":"us-east-1","KmsKeyArn":"arn:aws:kms:us-east-1:222222222222:key/b"},"LogsEncryptionConfiguration":{"KmsKeyArn":"arn:aws:kms:eu-west-1:222222222222:key/l"}}}}`)
	a.secondPage("observabilityadmin", "ListCentralizationRulesForOrganization", `{"AllRegions":true}`, `{"CentralizationRuleSummaries":[],"NextToken":"t"}`)
	f := scan(t, "observabilityadmin", a)
	f.noGaps(t)
	const there = "arn:aws:iam::222222222222:root"
	want := residency.Resource{ID: ruleARN, Kind: "observabilityadmin.centralization_rule", Account: ownAccount, Region: "eu-west-1", Name: "all", Tags: map[string]string{},
		Placements: []residency.Placement{{Role: residency.Log, Region: "eu-west-1", Account: "222222222222", Target: there, Via: "Destination"},
			{Role: residency.Key, Region: "eu-west-1", Account: "222222222222", Target: "arn:aws:kms:eu-west-1:222222222222:key/l", Via: "LogsEncryptionConfiguration"},
			{Role: residency.Backup, Region: "us-east-1", Account: "222222222222", Target: there, Via: "BackupConfiguration"},
			{Role: residency.Key, Region: "us-east-1", Account: "222222222222", Target: "arn:aws:kms:us-east-1:222222222222:key/b", Via: "BackupConfiguration KmsKeyArn"}}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

func TestCentralizationScopeOfUnits(t *testing.T) {
	f := scan(t, "observabilityadmin", centralizationAnswers("eu-west-1", `{"Source":{"Regions":["eu-west-1"],"Scope":"OrganizationalUnitId IN [\"ou-ab12-cdef3456\"]"},"Destination":{"Region":"eu-west-1"}}`))
	if diff := cmp.Diff([]string{"GetCentralizationRuleForOrganization unresolved " + ruleARN}, f.gaps()); diff != "" {
		t.Error(diff)
	}
	f.resource(t, ruleARN)
}

func TestCentralizationDetailsDenied(t *testing.T) {
	a := centralizationAnswers("us-east-1", `{}`)
	delete(a, ownAccount+"/eu-west-1/observabilityadmin/GetCentralizationRuleForOrganization")
	delete(a, ownAccount+"/eu-west-1/observabilityadmin/ListTagsForResource")
	f := scan(t, "observabilityadmin", a.deny("observabilityadmin", "GetCentralizationRuleForOrganization").deny("observabilityadmin", "ListTagsForResource"))
	if diff := cmp.Diff([]string{"GetCentralizationRuleForOrganization denied " + ruleARN, "ListTagsForResource denied " + ruleARN}, f.gaps()); diff != "" {
		t.Error(diff)
	}
	placement(t, f.resource(t, ruleARN), residency.Log, "arn:aws:iam::222222222222:root")
}

// A member is refused. That is no gap where the management account is examined, or where there is no organisation.
func TestCentralizationSeenByMembers(t *testing.T) {
	const member = "222222222222"
	two := func(o *scanners.Options) { o.Accounts, o.Role = []string{ownAccount, member}, "Audit" }
	refuse := func(a aws, id string) aws {
		return a.answer(id, "any", "observabilityadmin", "ListCentralizationRulesForOrganization", "", 400, denied)
	}
	organization := `{"Organization":{"Id":"o-abcdefghij","MasterAccountId":"111111111111"}}`
	for name, tc := range map[string]struct {
		answers aws
		options []func(*scanners.Options)
		gaps    string
	}{
		"management examined": {withMember(refuse(centralizationAnswers("eu-west-1", `{`+ruleFrom+`}`), member), member).
			answer(member, "any", "organizations", "DescribeOrganization", "", 200, organization), []func(*scanners.Options){two}, ""},
		"management not examined": {refuse(account("eu-west-1"), ownAccount).
			on("any", "organizations", "DescribeOrganization", "", strings.Replace(organization, ownAccount, member, 1)), nil, "ListCentralizationRulesForOrganization denied"},
		"management refused": {refuse(account("eu-west-1"), ownAccount).on("any", "organizations", "DescribeOrganization", "", organization), nil, "ListCentralizationRulesForOrganization denied"},
		"no organisation": {refuse(account("eu-west-1"), ownAccount).
			fail("any", "organizations", "DescribeOrganization", "", 400, `{"__type":"AWSOrganizationsNotInUseException","Message":"Your account is not a member of an organization."}`), nil, ""},
		"organisation unknown": {refuse(account("eu-west-1"), ownAccount).fail("any", "organizations", "DescribeOrganization", "", 400, denied), nil,
			"DescribeOrganization denied,ListCentralizationRulesForOrganization denied"},
	} {
		t.Run(name, func(t *testing.T) {
			f := scan(t, "observabilityadmin", tc.answers, tc.options...)
			if got := strings.Join(f.gaps(), ","); got != tc.gaps {
				t.Errorf("gaps %q, want %q", got, tc.gaps)
			}
		})
	}
}

// withMember answers what a run asks of a second account.
func withMember(a aws, id string) aws {
	a.answer("any", "any", "sts", "AssumeRole", "", 200, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::`+id+`:assumed-role/Audit/x</Arn><AssumedRoleId>R:x</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`)
	a.answer(id, "any", "sts", "GetCallerIdentity", "", 200, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::`+id+`:assumed-role/Audit/x</Arn><Account>`+id+`</Account><UserId>X</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	for _, key := range []string{"organizations/ListAccounts", "account/ListRegions"} {
		a[id+"/any/"+key] = a[ownAccount+"/any/"+key]
	}
	return a
}
