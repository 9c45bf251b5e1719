package plan

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBackups(t *testing.T) {
	vaults := []planned{{address: "aws_backup_vault.home", values: `{"name":"home"}`}, {address: "aws_backup_vault.away", provider: "aws.us", values: `{"name":"away"}`}}
	with := func(p ...planned) []planned { return append(vaults[:2:2], p...) }
	runRows(t, []rowCase{
		{name: "inside", terraform: with(planned{address: "aws_backup_plan.p", values: `{"name":"p","rule":[{"rule_name":"r","target_vault_name":"home"}]}`}),
			want: placed{"aws_backup_plan.p": {"backup in eu-west-1 at aws_backup_vault.home"}, "aws_backup_vault.home": {"backup in eu-west-1"}, "aws_backup_vault.away": {"backup in us-east-1"}}},
		{name: "copied abroad", terraform: with(planned{address: "aws_backup_plan.p", values: `{"name":"p","rule":[{"rule_name":"r","target_vault_name":"home"}]}`,
			refs: refsTo("rule.copy_action.destination_vault_arn", "aws_backup_vault.away.arn")}),
			want: placed{"aws_backup_plan.p": {"backup in eu-west-1 at aws_backup_vault.home", "backup in us-east-1 at aws_backup_vault.away"}}},
		{name: "copied to an ARN", terraform: []planned{{address: "aws_backup_plan.p", values: `{"name":"p","rule":[{"target_vault_name":"x","copy_action":[{"destination_vault_arn":"arn:aws:backup:us-east-1:222222222222:backup-vault:v"}]}]}`}},
			want: placed{"aws_backup_plan.p": {"backup in eu-west-1 at arn:aws:backup:eu-west-1::backup-vault:x", "backup in us-east-1 of 222222222222 at arn:aws:backup:us-east-1:222222222222:backup-vault:v"}}},
		{name: "nobody knows where", terraform: []planned{{address: "aws_backup_plan.p", values: `{"name":"p"}`, refs: refsTo("rule.copy_action.destination_vault_arn", "local.vault")}},
			want: placed{"aws_backup_plan.p": {"backup in ?"}}},
		{name: "vault shared", terraform: with(planned{address: "aws_backup_vault_policy.p", values: `{"backup_vault_name":"home","policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"backup:*\",\"Resource\":\"*\"}]}"}`}),
			want: placed{"aws_backup_vault.home": {"backup in eu-west-1", "backup in eu-west-1 of 222222222222"}}},
		{name: "reports", terraform: []planned{{address: "aws_s3_bucket.away", provider: "aws.us", values: `{"bucket":"away"}`},
			{address: "aws_backup_report_plan.r", values: `{"report_delivery_channel":[{"s3_bucket_name":"away"}]}`}}, want: placed{"aws_backup_report_plan.r": {"metadata in us-east-1 at aws_s3_bucket.away"}}},
		{name: "policy of an organisation", terraform: []planned{{address: "aws_organizations_policy.b", values: `{"type":"BACKUP_POLICY","content":` +
			`"{\"plans\":{\"p\":{\"regions\":{\"@@assign\":[\"eu-west-1\"]},\"rules\":{\"r\":{\"target_backup_vault_name\":{\"@@assign\":\"v\"},\"copy_actions\":{\"arn:aws:backup:us-east-1:$account:backup-vault:w\":{}}}}}}}"}`},
			{address: "aws_organizations_policy.scp", values: `{"type":"SERVICE_CONTROL_POLICY","content":"{}"}`}},
			want: placed{"aws_organizations_policy.b": {"capability in eu-west-1", "capability in us-east-1"}, "aws_organizations_policy.scp": nil}},
		{name: "policy that is not known", terraform: []planned{{address: "aws_organizations_policy.b", values: `{"type":"BACKUP_POLICY"}`, refs: refsTo("content", "local.policy")}},
			want: placed{"aws_organizations_policy.b": {"gap content unresolved"}}},
		{name: "template", template: []property{{id: "Home", typ: "AWS::Backup::BackupVault", values: `{"BackupVaultName":"home","EncryptionKeyArn":"arn:aws:kms:us-east-1:111111111111:key/k",
			"AccessPolicy":{"Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"backup:*","Resource":"*"}]}}`},
			{id: "In", typ: "AWS::Backup::BackupPlan", values: `{"BackupPlan":{"BackupPlanName":"p","BackupPlanRule":[{"RuleName":"r","TargetBackupVault":{"Ref":"Home"}}]}}`},
			{id: "Out", typ: "AWS::Backup::BackupPlan", values: `{"BackupPlan":{"BackupPlanName":"p","BackupPlanRule":[{"RuleName":"r","TargetBackupVault":"home","CopyActions":[{"DestinationBackupVaultArn":"arn:aws:backup:us-east-1:111111111111:backup-vault:v"}]}]}}`},
			{id: "Open", typ: "AWS::Backup::BackupPlan", values: `{"BackupPlan":{"BackupPlanRule":[{"CopyActions":[{"DestinationBackupVaultArn":{"Unknown":"x"}}]}]}}`}},
			want: placed{"Home": {"backup in eu-west-1", "key in us-east-1 of 111111111111 at arn:aws:kms:us-east-1:111111111111:key/k", "backup in eu-west-1 of 222222222222"},
				"In": {"backup in eu-west-1 at Home"}, "Out": {"backup in eu-west-1 at Home", "backup in us-east-1 of 111111111111 at arn:aws:backup:us-east-1:111111111111:backup-vault:v"},
				"Open": {"backup in ?"}}},
		{name: "policies of templates", template: []property{{id: "P", typ: "AWS::Organizations::Policy", values: `{"Type":"BACKUP_POLICY","Content":{"plans":{"p":{"rules":{"r":{"target_backup_vault_name":{"@@assign":"v"}}}}}}}`},
			{id: "S", typ: "AWS::Organizations::Policy", values: `{"Type":"SERVICE_CONTROL_POLICY","Content":{}}`}},
			want: placed{"P": {"capability in ?"}, "S": nil}},
	})
}

// A parameter without a value may be an ARN of another region, but not where only a name is taken.
func TestGivenNames(t *testing.T) {
	for _, tt := range []struct {
		resource string
		want     []string
	}{
		{`AWS::Backup::BackupPlan x {"BackupPlan": {"BackupPlanName": "p", "BackupPlanRule": [{"RuleName": "r", "TargetBackupVault": "?", "CopyActions": [{"DestinationBackupVaultArn": "?"}]}]}}`,
			[]string{"backup in ?", "backup in eu-west-1"}},
		{`AWS::CloudTrail::Channel x {"Name": "c", "Source": "Custom", "Destinations": [{"Type": "EVENT_DATA_STORE", "Location": "?"}]}`, []string{"log in ?"}},
		{`AWS::Logs::LogGroup x {"KmsKeyId": "?"}`, []string{"key in ?", "primary in eu-west-1"}},
	} {
		if diff := cmp.Diff(tt.want, slices.Sorted(slices.Values(templateRead(t, tt.resource)))); diff != "" {
			t.Errorf("%s: %s", tt.resource, diff)
		}
	}
}
