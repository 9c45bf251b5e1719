package scanners_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types, except where a test says that they were recorded.

const (
	vaultEU = "arn:aws:backup:eu-west-1:111111111111:backup-vault:daily"
	vaultUS = "arn:aws:backup:us-east-1:111111111111:backup-vault:daily"
	noVault = `{"__type":"ResourceNotFoundException","code":"ERROR_2106","message":"Backup Vault arn:aws:backup:eu-west-1:111111111111:backup-vault:daily has no associated POLICY"}`
)

// backupBase is an account in which AWS Backup holds nothing, in any region.
func backupBase(regions ...string) aws {
	a := account(regions...)
	a.on("any", "backup", "ListBackupVaults", "", `{"BackupVaultList":[]}`)
	a.on("any", "backup", "ListCopyJobs", "", `{"CopyJobs":[]}`)
	a.on("any", "backup", "ListBackupPlans", "", `{"BackupPlansList":[]}`)
	a.on("any", "backup", "ListTags", "", `{"Tags":{}}`)
	a.on("any", "backup", "ListRecoveryPointsByBackupVault", "", `{"RecoveryPoints":[]}`)
	a.fail("any", "backup", "GetBackupVaultAccessPolicy", "", 400, noVault)
	return a.on("any", "backup", "DescribeGlobalSettings", "", `{"GlobalSettings":{"isCrossAccountBackupEnabled":"false"}}`)
}

// backupVault is one vault of a region, of a type.
func backupVault(region, kind string) aws {
	return backupBase(region).on(region, "backup", "ListBackupVaults", "", `{"BackupVaultList":[{"BackupVaultName":"daily","BackupVaultArn":"arn:aws:backup:`+region+`:111111111111:backup-vault:daily","VaultType":"`+kind+`"}]}`)
}

func backupPlan(region, rules string) aws {
	return backupBase(region).on(region, "backup", "ListBackupPlans", "", `{"BackupPlansList":[{"BackupPlanArn":"arn:aws:backup:`+region+`:111111111111:backup-plan:p1","BackupPlanId":"p1","BackupPlanName":"nightly"}]}`).
		on(region, "backup", "GetBackupPlan", `{"BackupPlanId":"p1","MaxScheduledRunsPreview":0}`, `{"BackupPlan":{"BackupPlanName":"nightly","Rules":[`+rules+`]}}`)
}

func TestBackupPlan(t *testing.T) {
	a := backupPlan("eu-west-1", `{"RuleName":"r","TargetBackupVaultName":"daily","TargetLogicallyAirGappedBackupVaultArn":"arn:aws:backup:eu-west-1:111111111111:backup-vault:gap",
		"CopyActions":[{"DestinationBackupVaultArn":"`+vaultUS+`"},{"DestinationBackupVaultArn":"arn:aws:backup:eu-west-1:222222222222:backup-vault:far"}]}`)
	a.on("eu-west-1", "backup", "ListTags", `{"ResourceArn":"arn:aws:backup:eu-west-1:111111111111:backup-plan:p1"}`, `{"Tags":{"a":"1"},"NextToken":"t"}`)
	a.on("eu-west-1", "backup", "ListTags", `{"ResourceArn":"arn:aws:backup:eu-west-1:111111111111:backup-plan:p1","NextToken":"t"}`, `{"Tags":{"b":"2"}}`)
	f := scan(t, "backup", a)
	f.noGaps(t)
	to := func(region, account, vault, via string) residency.Placement {
		return residency.Placement{Role: residency.Backup, Region: region, Account: account, Target: "arn:aws:backup:" + region + ":" + account + ":backup-vault:" + vault, Via: via + " of plan nightly, rule r"}
	}
	want := residency.Resource{ID: "arn:aws:backup:eu-west-1:111111111111:backup-plan:p1", Kind: "backup.plan", Account: ownAccount, Region: "eu-west-1", Name: "nightly",
		Tags: map[string]string{"a": "1", "b": "2"}, Placements: []residency.Placement{
			to("eu-west-1", ownAccount, "daily", "TargetBackupVaultName"), to("eu-west-1", ownAccount, "gap", "TargetLogicallyAirGappedBackupVaultArn"),
			to("us-east-1", ownAccount, "daily", "CopyActions"), to("eu-west-1", "222222222222", "far", "CopyActions")}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

// Recorded from AWS (test_backup_augment): one plan of two rules without copies, with its tags; a second page by hand.
func TestBackupPlanRecorded(t *testing.T) {
	var list, plan, tags map[string]any
	recordedData(t, "test_backup_augment/backup.ListBackupPlans_1.json", &list)
	recordedData(t, "test_backup_augment/backup.GetBackupPlan_1.json", &plan)
	recordedData(t, "test_backup_augment/backup.ListTags_1.json", &tags)
	delete(list["BackupPlansList"].([]any)[0].(map[string]any), "CreationDate")
	list["NextToken"] = "t"
	a := backupBase("us-east-1").on("us-east-1", "backup", "ListBackupPlans", "{}", backupWire(t, list)).
		on("us-east-1", "backup", "ListBackupPlans", `{"NextToken":"t"}`, `{"BackupPlansList":[{"BackupPlanArn":"arn:aws:backup:us-east-1:111111111111:backup-plan:p2","BackupPlanId":"p2"}]}`).
		on("us-east-1", "backup", "GetBackupPlan", `{"BackupPlanId":"14c4daac-b199-45ce-8644-c541734ebd14","MaxScheduledRunsPreview":0}`, backupWire(t, map[string]any{"BackupPlan": plan["BackupPlan"]})).
		fail("us-east-1", "backup", "GetBackupPlan", `{"BackupPlanId":"p2","MaxScheduledRunsPreview":0}`, 403, `{"__type":"AccessDeniedException","message":"no"}`).
		on("us-east-1", "backup", "ListTags", "", backupWire(t, map[string]any{"Tags": tags["Tags"]}))
	f := scan(t, "backup", a)
	r := f.resource(t, "arn:aws:backup:us-east-1:111111111111:backup-plan:14c4daac-b199-45ce-8644-c541734ebd14")
	var rules []string
	for _, p := range r.Placements {
		rules = append(rules, p.Region+" "+p.Target+" "+p.Via)
	}
	want := []string{"us-east-1 arn:aws:backup:us-east-1:111111111111:backup-vault:Default TargetBackupVaultName of plan test, rule dev",
		"us-east-1 arn:aws:backup:us-east-1:111111111111:backup-vault:Default TargetBackupVaultName of plan test, rule weekly-archive"}
	if diff := cmp.Diff(want, rules); diff != "" || r.Tags["App"] != "Backups" {
		t.Errorf("%s tags %v", diff, r.Tags)
	}
	const second = "arn:aws:backup:us-east-1:111111111111:backup-plan:p2"
	if f.resource(t, second).Placements != nil || !slices.Equal(f.gaps(), []string{"GetBackupPlan denied " + second}) {
		t.Errorf("gaps %v", f.gaps())
	}
}

// A recovery point of AWS Backup's own name is a resource; of another service's name it is a source of the vault, once for
// each resource and plan.
func TestBackupRecoveryPoints(t *testing.T) {
	const (
		own   = "arn:aws:backup:us-east-1:111111111111:recovery-point:1EB3B5E7"
		by    = `"CreatedBy":{"BackupPlanArn":"arn:aws:backup:eu-west-1:111111111111:backup-plan:p1","BackupPlanId":"p1","BackupPlanName":"nightly","BackupRuleId":"r1","BackupRuleName":"copy"}`
		input = `"BackupVaultName":"daily","MaxResults":1000`
	)
	a := backupVault("us-east-1", "BACKUP_VAULT")
	a.on("us-east-1", "backup", "ListRecoveryPointsByBackupVault", "{"+input+"}", `{"NextToken":"t","RecoveryPoints":[
		{"RecoveryPointArn":"arn:aws:ec2:us-east-1::snapshot/snap-1","ResourceArn":"arn:aws:ec2:eu-west-1:111111111111:volume/vol-1","SourceBackupVaultArn":"`+vaultEU+`",`+by+`},
		{"RecoveryPointArn":"arn:aws:ec2:us-east-1::snapshot/snap-2","ResourceArn":"arn:aws:ec2:eu-west-1:111111111111:volume/vol-1","SourceBackupVaultArn":"`+vaultEU+`",`+by+`},
		{"RecoveryPointArn":"arn:aws:rds:us-east-1:111111111111:snapshot:awsbackup:job-1","ResourceArn":"arn:aws:rds:us-east-1:111111111111:db:orders"}]}`)
	a.on("us-east-1", "backup", "ListRecoveryPointsByBackupVault", "{"+input+`,"NextToken":"t"}`, `{"RecoveryPoints":[
		{"RecoveryPointArn":"`+own+`","BackupVaultName":"daily","ResourceArn":"arn:aws:elasticfilesystem:eu-west-1:222222222222:file-system/fs-1","ResourceName":"home","ResourceType":"EFS","IsEncrypted":true,"EncryptionKeyArn":"arn:aws:kms:us-east-1:111111111111:key/k",`+by+`},
		{"RecoveryPointArn":"`+own+`-2","BackupVaultName":"daily","ResourceType":"EFS"}]}`)
	a.on("us-east-1", "backup", "ListTags", `{"ResourceArn":"`+own+`"}`, `{"Tags":{"data-residency":"eu"}}`)
	f := scan(t, "backup", a)
	const made = "recovery point by plan nightly, rule copy"
	wantPoint := residency.Resource{ID: own, Kind: "backup.recovery_point", Account: ownAccount, Region: "us-east-1", Name: "home", Tags: map[string]string{"data-residency": "eu"},
		Placements: []residency.Placement{{Role: residency.Backup, Region: "us-east-1", Via: "plan nightly, rule copy, vault daily"},
			{Role: residency.Key, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:kms:us-east-1:111111111111:key/k", Via: "EncryptionKeyArn"}},
		Sources: []residency.Source{{ID: "arn:aws:elasticfilesystem:eu-west-1:222222222222:file-system/fs-1", Role: residency.Backup, Region: "eu-west-1", Account: "222222222222", Via: made}},
		Facts:   map[string]any{"resource_type": "EFS", "encrypted": true}}
	if diff := cmp.Diff(wantPoint, f.resource(t, own)); diff != "" {
		t.Error(diff)
	}
	wantSources := []residency.Source{
		{ID: vaultEU, Role: residency.Backup, Region: "eu-west-1", Account: ownAccount, Via: "SourceBackupVaultArn of " + made},
		{ID: "arn:aws:ec2:eu-west-1:111111111111:volume/vol-1", Role: residency.Backup, Region: "eu-west-1", Account: ownAccount, Via: made},
		{ID: "arn:aws:rds:us-east-1:111111111111:db:orders", Role: residency.Backup, Region: "us-east-1", Account: ownAccount, Via: "recovery point made by hand"},
	}
	if diff := cmp.Diff(wantSources, f.resource(t, vaultUS).Sources); diff != "" {
		t.Error(diff)
	}
	if want := []string{"ListRecoveryPointsByBackupVault unresolved " + own + "-2"}; !slices.Equal(f.gaps(), want) || len(f.resources) != 3 {
		t.Errorf("gaps %v, want %v; %v", f.gaps(), want, f.ids())
	}
}

func TestBackupCopyJobs(t *testing.T) {
	job := func(from, to, state, by string) string {
		return fmt.Sprintf(`{"SourceBackupVaultArn":%q,"DestinationBackupVaultArn":%q,"State":%q%s}`, from, to, state, by)
	}
	const far, gone = "arn:aws:backup:eu-west-1:222222222222:backup-vault:far", "arn:aws:backup:eu-west-1:111111111111:backup-vault:gone"
	byPlan := `,"CreatedBy":{"BackupPlanArn":"arn:aws:backup:eu-west-1:111111111111:backup-plan:p1","BackupRuleId":"r1"}`
	a := backupVault("eu-west-1", "BACKUP_VAULT")
	a.on("eu-west-1", "backup", "ListCopyJobs", `{"MaxResults":1000}`, `{"NextToken":"t","CopyJobs":[`+strings.Join([]string{
		job(vaultEU, vaultUS, "COMPLETED", ""), job(vaultEU, vaultUS, "COMPLETED", ""), job(vaultEU, vaultUS, "RUNNING", byPlan), job(vaultEU, far, "FAILED", "")}, ",")+`]}`)
	a.on("eu-west-1", "backup", "ListCopyJobs", `{"MaxResults":1000,"NextToken":"t"}`, `{"CopyJobs":[`+strings.Join([]string{
		job(far, vaultEU, "COMPLETED", ""), job(gone, vaultUS, "PARTIAL", ""), `{"State":"COMPLETED","DestinationBackupVaultArn":"` + vaultUS + `"}`}, ",")+`]}`)
	f := scan(t, "backup", a)
	copied := func(via string) residency.Placement {
		return residency.Placement{Role: residency.Backup, Region: "us-east-1", Account: ownAccount, Target: vaultUS, Via: via}
	}
	vault := f.resource(t, vaultEU)
	want := []residency.Placement{{Role: residency.Backup, Region: "eu-west-1"}, copied("copy job by plan p1, rule r1"), copied("copy job made by hand")}
	if diff := cmp.Diff(want, vault.Placements); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]residency.Source{{ID: far, Role: residency.Backup, Region: "eu-west-1", Account: "222222222222", Via: "copy job made by hand"}}, vault.Sources); diff != "" {
		t.Error(diff)
	}
	wantGone := residency.Resource{ID: gone, Kind: "backup.vault", Account: ownAccount, Region: "eu-west-1", Name: "gone",
		Placements: []residency.Placement{copied("copy job made by hand")}, Facts: map[string]any{"listed": false}}
	if diff := cmp.Diff(wantGone, f.resource(t, gone)); diff != "" {
		t.Error(diff)
	}
	if want := []string{"ListCopyJobs unresolved"}; !slices.Equal(f.gaps(), want) {
		t.Errorf("gaps %v, want %v", f.gaps(), want)
	}
}

func TestBackupVaultSharing(t *testing.T) {
	a := backupVault("eu-west-1", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
	a.on("eu-west-1", "backup", "GetBackupVaultAccessPolicy", `{"BackupVaultName":"daily"}`, `{"Policy":"{\"Statement\":[{\"Sid\":\"in\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"333333333333\"},\"Action\":\"backup:CopyIntoBackupVault\"},{\"Sid\":\"out\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::999999999999:root\"},\"Action\":\"backup:StartRestoreJob\"}]}"}`)
	a.on("eu-west-1", "backup", "ListRestoreAccessBackupVaults", `{"BackupVaultName":"daily"}`, `{"NextToken":"t","RestoreAccessBackupVaults":[{"RestoreAccessBackupVaultArn":"arn:aws:backup:eu-west-1:888888888888:backup-vault:door","VaultState":"AVAILABLE"}]}`)
	a.on("eu-west-1", "backup", "ListRestoreAccessBackupVaults", `{"BackupVaultName":"daily","NextToken":"t"}`, `{"RestoreAccessBackupVaults":[{"RestoreAccessBackupVaultArn":"arn:aws:backup:eu-west-1:777777777777:backup-vault:door","VaultState":"FAILED"}]}`)
	f := scan(t, "backup", a)
	f.noGaps(t)
	r := f.resource(t, vaultEU)
	want := []residency.Placement{{Role: residency.Backup, Region: "eu-west-1"}, {Role: residency.Backup, Region: "eu-west-1", Account: "999999999999", Via: "policy statement out"},
		{Role: residency.Backup, Region: "eu-west-1", Account: "888888888888", Via: "restore access vault"}}
	if diff := cmp.Diff(want, r.Placements); diff != "" {
		t.Error(diff)
	}
	if r.Facts["cross_account_backup"] != "false" {
		t.Errorf("facts %v", r.Facts)
	}
}

// The other side: a door to somebody else's vault, whose points are listed by their owner.
func TestBackupRestoreAccessVault(t *testing.T) {
	const theirs = "arn:aws:backup:eu-west-1:888888888888:backup-vault:gap"
	a := backupVault("eu-west-1", "RESTORE_ACCESS_BACKUP_VAULT")
	a.on("eu-west-1", "backup", "DescribeBackupVault", `{"BackupVaultName":"daily"}`, `{"BackupVaultArn":"`+vaultEU+`","SourceBackupVaultArn":"`+theirs+`"}`)
	a.on("eu-west-1", "backup", "ListRecoveryPointsByBackupVault", "", `{"RecoveryPoints":[{"RecoveryPointArn":"arn:aws:backup:eu-west-1:888888888888:recovery-point:x"}]}`)
	f := scan(t, "backup", a)
	f.noGaps(t)
	r := f.resource(t, vaultEU)
	if diff := cmp.Diff([]residency.Placement{{Role: residency.Capability, Region: "eu-west-1", Via: "restore access"}}, r.Placements); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]residency.Source{{ID: theirs, Role: residency.Capability, Region: "eu-west-1", Account: "888888888888", Via: "SourceBackupVaultArn"}}, r.Sources); diff != "" || len(f.resources) != 1 {
		t.Errorf("%s %v", diff, f.ids())
	}
}

// The same code with another message is no answer; what fails leaves the rest standing.
func TestBackupFailures(t *testing.T) {
	const denied = `{"__type":"AccessDeniedException","message":"no"}`
	a := backupVault("eu-west-1", "BACKUP_VAULT")
	a.fail("eu-west-1", "backup", "GetBackupVaultAccessPolicy", "", 400, `{"__type":"ResourceNotFoundException","message":"Backup vault daily does not exist"}`)
	a.fail("eu-west-1", "backup", "ListRecoveryPointsByBackupVault", "", 403, denied).fail("eu-west-1", "backup", "ListTags", "", 403, denied)
	a.fail("eu-west-1", "backup", "ListCopyJobs", "", 403, denied).fail("eu-west-1", "backup", "DescribeGlobalSettings", "", 403, denied)
	f := scan(t, "backup", a)
	want := []string{"DescribeGlobalSettings denied", "GetBackupVaultAccessPolicy not_found " + vaultEU, "ListCopyJobs denied",
		"ListRecoveryPointsByBackupVault denied " + vaultEU, "ListTags denied " + vaultEU}
	if diff := cmp.Diff(want, f.gaps()); diff != "" {
		t.Error(diff)
	}
	if r := f.resource(t, vaultEU); r.Tags != nil || len(r.Placements) != 1 {
		t.Errorf("%+v", r)
	}
	alone := backupVault("eu-west-1", "BACKUP_VAULT").fail("eu-west-1", "backup", "DescribeGlobalSettings", "", 400, `{"code":"ERROR_9601","message":"Your account is not a member of an organization."}`)
	scan(t, "backup", alone).noGaps(t)
}

// backupWire is data as a JSON service sends it.
func backupWire(t *testing.T, data any) string {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
