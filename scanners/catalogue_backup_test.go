package scanners_test

import "github.com/seed-1578181b/domicile/internal/residency"

// Answers by hand, from the SDK's own types.

func toVault(arn, via string) residency.Placement {
	region := map[string]string{vaultEU: "eu-west-1", vaultUS: "us-east-1"}[arn]
	return residency.Placement{Role: residency.Backup, Region: region, Account: ownAccount, Target: arn, Via: via}
}

func planCopies(to string) aws {
	return backupPlan("eu-west-1", `{"RuleName":"r","TargetBackupVaultName":"first","CopyActions":[{"DestinationBackupVaultArn":"`+to+`"}]}`)
}

// The last is a name that AWS would not give: it tells no region.
var _ = catalogue("AWS Backup", "backup plan copy action", row{scanner: "backup", resource: "arn:aws:backup:eu-west-1:111111111111:backup-plan:p1",
	inside:  expect{answers: planCopies(vaultEU), placement: toVault(vaultEU, "CopyActions of plan nightly, rule r")},
	outside: expect{answers: planCopies(vaultUS), placement: toVault(vaultUS, "CopyActions of plan nightly, rule r")},
	unknown: expect{answers: planCopies("second"), placement: residency.Placement{Role: residency.Backup, Target: "second", Via: "CopyActions of plan nightly, rule r"}}})

const jobVault = "arn:aws:backup:eu-west-1:111111111111:backup-vault:daily"

func copyJobTo(to string) aws {
	return backupVault("eu-west-1", "BACKUP_VAULT").on("eu-west-1", "backup", "ListCopyJobs", "", `{"CopyJobs":[{"SourceBackupVaultArn":"`+jobVault+`","State":"COMPLETED","DestinationBackupVaultArn":"`+to+`"}]}`)
}

var _ = catalogue("AWS Backup", "copy job", row{scanner: "backup", resource: jobVault,
	inside:  expect{answers: copyJobTo(vaultEU), placement: toVault(vaultEU, "copy job made by hand")},
	outside: expect{answers: copyJobTo(vaultUS), placement: toVault(vaultUS, "copy job made by hand")},
	unknown: expect{answers: copyJobTo(""), placement: residency.Placement{Role: residency.Backup, Via: "copy job made by hand"}}})

func pointOf(resource string) aws {
	return backupVault("us-east-1", "BACKUP_VAULT").on("us-east-1", "backup", "ListRecoveryPointsByBackupVault", "",
		`{"RecoveryPoints":[{"RecoveryPointArn":"arn:aws:backup:us-east-1:111111111111:recovery-point:x","BackupVaultName":"daily","ResourceArn":"`+resource+`"}]}`)
}

func pointFrom(region string) residency.Source {
	return residency.Source{ID: "arn:aws:dynamodb:" + region + ":111111111111:table/t", Role: residency.Backup, Region: region, Account: ownAccount, Via: "recovery point made by hand"}
}

var _ = catalogue("AWS Backup", "recovery point", row{scanner: "backup", resource: "arn:aws:backup:us-east-1:111111111111:recovery-point:x",
	inside:  expect{answers: pointOf("arn:aws:dynamodb:us-east-1:111111111111:table/t"), source: pointFrom("us-east-1")},
	outside: expect{answers: pointOf("arn:aws:dynamodb:eu-west-1:111111111111:table/t"), source: pointFrom("eu-west-1")},
	unknown: expect{answers: pointOf(""), gap: "ListRecoveryPointsByBackupVault unresolved arn:aws:backup:us-east-1:111111111111:recovery-point:x"}})

func openVault(region string) aws {
	return backupVault(region, "BACKUP_VAULT").on(region, "backup", "GetBackupVaultAccessPolicy", "",
		`{"Policy":"{\"Statement\":{\"Sid\":\"far\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"999999999999\"},\"Action\":\"backup:CopyFromBackupVault\"}}"}`)
}

func openTo(region string) residency.Placement {
	return residency.Placement{Role: residency.Backup, Region: region, Account: "999999999999", Via: "policy statement far"}
}

var _ = catalogue("AWS Backup", "vault sharing / air-gapped vault", row{scanner: "backup", resource: vaultEU,
	inside:  expect{answers: openVault("eu-west-1"), placement: openTo("eu-west-1")},
	outside: expect{answers: openVault("us-east-1"), resource: vaultUS, placement: openTo("us-east-1")},
	unknown: expect{answers: backupVault("eu-west-1", "BACKUP_VAULT").fail("eu-west-1", "backup", "GetBackupVaultAccessPolicy", "", 403, `{"__type":"AccessDeniedException","message":"no"}`),
		gap: "GetBackupVaultAccessPolicy denied " + vaultEU}})

func effectiveCopy(to string) aws { return member(effectivePlan(`["eu-west-1"]`, to)) }

var _ = catalogue("AWS Backup", "Organizations backup policy", row{scanner: "organizations", resource: effectiveID + "eu-west-1",
	inside:  expect{answers: effectiveCopy("arn:aws:backup:eu-west-1:$account:backup-vault:daily"), placement: toVault(vaultEU, "copy_actions of plan pii, rule hourly")},
	outside: expect{answers: effectiveCopy("arn:aws:backup:us-east-1:$account:backup-vault:daily"), placement: toVault(vaultUS, "copy_actions of plan pii, rule hourly")},
	unknown: expect{answers: account("eu-west-1").fail("any", "organizations", "DescribeEffectivePolicy", "", 400, `{"__type":"AccessDeniedException","Message":"no"}`).
		fail("any", "organizations", "ListPolicies", "", 400, notAdmin), gap: "DescribeEffectivePolicy denied"}})
