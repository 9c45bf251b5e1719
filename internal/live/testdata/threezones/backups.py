"""AWS Backup: moto keeps vaults, and neither what rests in them nor what was copied."""

import json

from places import *

VAULT = arn("backup", EU, HOME, "backup-vault:acme-eu-vault")
FAR = arn("backup", US, HOME, "backup-vault:acme-us-vault")
FILES = arn("elasticfilesystem", EU, HOME, "file-system/fs-0ac3e0000000000")
PLAN = {"BackupPlanId": "0ac3e000-0000-4000-8000-000000000001", "BackupPlanName": "acme-eu-nightly",
        "BackupPlanArn": arn("backup", EU, HOME, "backup-plan:0ac3e000-0000-4000-8000-000000000001"), "BackupRuleId": "r-1", "BackupRuleName": "far"}


def write(r):
    package = "backup"
    r.put(ANY, ANY, package, "ListBackupVaults", {"BackupVaultList": []})
    r.drop(package, "ListRecoveryPointsByBackupVault")
    r.put(ANY, ANY, package, "ListRecoveryPointsByBackupVault", {"RecoveryPoints": []})
    for operation, member in [("ListCopyJobs", "CopyJobs"), ("ListBackupPlans", "BackupPlansList")]:
        r.drop(package, operation)
        r.put(ANY, ANY, package, operation, {member: []})
    r.put(ANY, ANY, package, "ListTags", {"Tags": {}})
    r.drop(package, "DescribeGlobalSettings")
    r.put(ANY, ANY, package, "DescribeGlobalSettings", {"GlobalSettings": {"isCrossAccountBackupEnabled": "true"}, "LastUpdateTime": THEN})
    r.drop(package, "GetBackupVaultAccessPolicy")
    r.fail(ANY, ANY, package, "GetBackupVaultAccessPolicy", 400, "ResourceNotFoundException", "Backup vault has no associated POLICY")
    vaults(r)
    points(r)
    plans(r)


def vaults(r):
    package = "backup"

    def vault(name, kind, account=HOME):
        return {"BackupVaultName": name, "BackupVaultArn": arn(package, EU, account, f"backup-vault:{name}"), "VaultType": kind, "Locked": False, "NumberOfRecoveryPoints": 0}

    airgap, door = vault("acme-eu-airgap", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"), vault("acme-eu-door", "RESTORE_ACCESS_BACKUP_VAULT")
    r.page_on(HOME, EU, package, "ListBackupVaults", "page-2", {"BackupVaultList": [airgap, door]}, "NextToken", {"NextToken": "page-2"})
    r.put(HOME, EU, package, "ListRestoreAccessBackupVaults", {"RestoreAccessBackupVaults": [
        {"RestoreAccessBackupVaultArn": arn(package, EU, STRANGER, "backup-vault:their-door"), "VaultState": "AVAILABLE", "ApprovalDate": THEN}]})
    r.put(HOME, EU, package, "DescribeBackupVault", {"BackupVaultName": "acme-eu-door", "BackupVaultArn": door["BackupVaultArn"], "VaultType": "RESTORE_ACCESS_BACKUP_VAULT",
          "SourceBackupVaultArn": arn(package, EU, ARCHIVE, "backup-vault:archive")})
    r.put(AUSTRALIA, AU, package, "GetBackupVaultAccessPolicy", {"BackupVaultName": "acme-au-vault", "Policy": json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "Organisation", "Effect": "Allow", "Principal": "*", "Action": "backup:StartRestoreJob", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}}]})})


def points(r):
    package = "backup"

    def point(region, vault, n, of, **more):
        return {"RecoveryPointArn": arn(package, region, HOME, f"recovery-point:0ac3e000-0000-4000-8000-0000000{n:05d}"), "BackupVaultName": vault, "ResourceArn": FILES + of,
                "ResourceType": "EFS", "ResourceName": f"acme-eu-files-{of}", "Status": "COMPLETED", "IsEncrypted": True, "CreationDate": THEN,
                "CreatedBy": PLAN} | more

    near = {"BackupVaultName": "acme-eu-vault", "MaxResults": 1000}
    r.put(HOME, EU, package, "ListRecoveryPointsByBackupVault", {"RecoveryPoints": [point(EU, "acme-eu-vault", n, "1") for n in (1, 2, 3)], "NextToken": "page-2"}, near)
    snapshot = point(EU, "acme-eu-vault", 4, "1") | {"RecoveryPointArn": "arn:aws:ec2:eu-west-1::snapshot/snap-0ac3e000000000001", "ResourceType": "EBS",
                                                    "ResourceArn": arn("ec2", EU, HOME, "volume/vol-0ac3e000000000001")}
    r.put(HOME, EU, package, "ListRecoveryPointsByBackupVault", {"RecoveryPoints": [snapshot]}, near | {"NextToken": "page-2"})
    r.put(HOME, US, package, "ListRecoveryPointsByBackupVault", {"RecoveryPoints": [
        point(US, "acme-us-vault", n, "1", SourceBackupVaultArn=VAULT) for n in (11, 12, 13)]}, {"BackupVaultName": "acme-us-vault", "MaxResults": 1000})
    job = {"CopyJobId": "0AC3E000-1", "SourceBackupVaultArn": VAULT, "DestinationBackupVaultArn": FAR, "ResourceArn": FILES + "1", "ResourceType": "EFS",
           "State": "COMPLETED", "CreatedBy": PLAN, "AccountId": HOME}
    r.put(HOME, EU, package, "ListCopyJobs", {"CopyJobs": [job], "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListCopyJobs", {"CopyJobs": [job | {"CopyJobId": "0AC3E000-2"}]}, {"MaxResults": 1000, "NextToken": "page-2"})


def plans(r):
    package = "backup"
    listed = {k: PLAN[k] for k in ("BackupPlanId", "BackupPlanName", "BackupPlanArn")}
    near = {"BackupPlanId": "0ac3e000-0000-4000-8000-000000000002", "BackupPlanName": "acme-eu-weekly",
            "BackupPlanArn": arn(package, EU, HOME, "backup-plan:0ac3e000-0000-4000-8000-000000000002")}
    r.put(HOME, EU, package, "ListBackupPlans", {"BackupPlansList": [listed], "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListBackupPlans", {"BackupPlansList": [near]}, {"NextToken": "page-2"})
    far = {"RuleName": "far", "TargetBackupVaultName": "acme-eu-vault", "CopyActions": [{"DestinationBackupVaultArn": FAR}]}
    r.put(HOME, EU, package, "GetBackupPlan", {"BackupPlan": {"BackupPlanName": "acme-eu-nightly", "Rules": [far]}}, {"BackupPlanId": PLAN["BackupPlanId"]})
    r.put(HOME, EU, package, "GetBackupPlan", {"BackupPlan": {"BackupPlanName": "acme-eu-weekly", "Rules": [{"RuleName": "near", "TargetBackupVaultName": "acme-eu-vault"}]}},
          {"BackupPlanId": near["BackupPlanId"]})
