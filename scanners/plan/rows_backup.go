package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

const vaultARN = "arn:{partition}:backup:{region}:{account}:backup-vault:{name}"

// AWS Backup: vaults, the plans that fill them and copy between them, and the plans that an organisation lays on its accounts.
var _ = both(
	pair("aws_backup_vault name", "AWS::Backup::BackupVault BackupVaultName", row{kind: "backup.vault", arn: vaultARN, read: readVault}),
	pair("aws_backup_logically_air_gapped_vault name", "AWS::Backup::LogicallyAirGappedBackupVault BackupVaultName", row{kind: "backup.vault", arn: vaultARN, read: readVault}),
	[]row{{typ: "aws_backup_vault_policy", kind: "backup.vault", settings: settingsOf("backup_vault_name", asVault), read: func(v view) {
		v.share("policy", residency.Backup, "backup")
	}}},
	pair("aws_backup_plan name", "AWS::Backup::BackupPlan", row{kind: "backup.plan", arn: "arn:{partition}:backup:{region}:{account}:backup-plan:{id}", read: readBackupPlan}),
	pair("aws_backup_report_plan name", "AWS::Backup::ReportPlan ReportPlanName", row{kind: "backup.report_plan", arn: "arn:{partition}:backup:{region}:{account}:report-plan:{id}", read: func(v view) {
		v.place(residency.Metadata, "reports", "report_delivery_channel.s3_bucket_name", asBucket)
	}}),
	pair("aws_organizations_policy name", "AWS::Organizations::Policy Name", row{kind: "organizations.policy", global: true,
		arn: "arn:{partition}:organizations::{account}:policy/{id}", variant: onlyBackupPolicies, read: readBackupPolicy}),
)

func asVault(h locate.Home, s string) locate.Destination {
	return asLocal("backup", "backup-vault:")(h, s)
}

func readVault(v view) {
	v.here(residency.Backup, "")
	v.place(residency.Key, "EncryptionKeyArn", "kms_key_arn|encryption_key_arn", asKey)
	v.share("access_policy", residency.Backup, "backup")
}

// readBackupPlan: the name of a vault's ARN tells its region and account; a rule names the vault that it fills within its own.
func readBackupPlan(v view) {
	name := v.t.name
	if v.t.row.template() {
		v = v.inner("backup_plan")
		name = v.text("backup_plan_name")
	}
	for i, rule := range v.each("rule|backup_plan_rule") {
		of := " of plan " + pattern(name) + ", rule " + rule.label("rule_name", i)
		rule.place(residency.Backup, "TargetBackupVaultName"+of, "target_vault_name|target_backup_vault", asNamed("backup", "backup-vault:"))
		rule.place(residency.Backup, "TargetLogicallyAirGappedBackupVaultArn"+of, "target_logically_air_gapped_backup_vault_arn", asVault)
		for _, c := range rule.each("copy_action|copy_actions") {
			c.place(residency.Backup, "CopyActions"+of, "destination_vault_arn|destination_backup_vault_arn", asVault)
		}
	}
}

// onlyBackupPolicies: the other policies of an organisation (service control, resource control, tags) neither hold nor move data.
func onlyBackupPolicies(r row, values Value) row {
	typ := values.field("type")
	if r.template() {
		typ = values.field("Type")
	}
	if typ.kind == absent || typ.kind == text && known(typ.text) && typ.text != "BACKUP_POLICY" {
		r.class = NoData
	}
	return r
}

// readBackupPolicy lists where the plans of a backup policy would write, in whichever account it is attached to. It moves nothing by
// itself: what is in effect stands with each account. Values stand under inheritance operators ("@@assign", "@@append").
func readBackupPolicy(v view) {
	doc, ok := v.parsed("content")
	if !ok {
		v.gap("content", residency.ClassUnresolved, v.via("content", "backup policy")+" is not known before the deployment")
		return
	}
	for plan, p := range plainMembers(doc.field("plans")) {
		regions := assigned(p.field("regions"))
		if len(regions) == 0 {
			regions = []Value{unknownBecause("another policy that is inherited names the regions")}
		}
		for rule, r := range plainMembers(p.field("rules")) {
			of := " of plan " + plan + ", rule " + rule
			for _, region := range regions {
				for range assigned(r.field("target_backup_vault_name")) {
					for _, to := range v.targetsOf(region, asRegion) {
						v.add(to.place(residency.Capability, v.via("content", "target_backup_vault_name"+of)))
					}
				}
			}
			for _, vault := range assigned(r.field("target_logically_air_gapped_backup_vault_arn")) {
				v.placePolicyVault(vault, "target_logically_air_gapped_backup_vault_arn"+of)
			}
			for arn := range plainMembers(r.field("copy_actions")) { // the key repeats the ARN that the action holds
				v.placePolicyVault(textOf(arn), "copy_actions"+of)
			}
		}
	}
}

// placePolicyVault is a vault by its ARN, in which $account stands for the account that the policy is in effect in.
func (v view) placePolicyVault(arn Value, label string) {
	for _, to := range v.targetsOf(arn, asARN) {
		if strings.Contains(to.account, "$") {
			to.id, to.account = "", ""
		}
		v.add(to.place(residency.Capability, v.via("content", label)))
	}
}

// plainMembers are the members of a part of a backup policy that are no operators, sorted by name.
func plainMembers(v Value) func(yield func(string, Value) bool) {
	return func(yield func(string, Value) bool) {
		for _, name := range slices.Sorted(maps.Keys(v.fields)) {
			if !strings.HasPrefix(name, "@@") && !yield(name, v.fields[name]) {
				return
			}
		}
	}
}

// assigned are one or more values, bare or under the operators that set or add them.
func assigned(v Value) []Value {
	if v.kind == object {
		return slices.Concat(v.fields["@@assign"].blocks(), v.fields["@@append"].blocks())
	}
	return v.blocks()
}
