package scanners

import (
	"encoding/json"
	"strings"

	"github.com/seed-1578181b/domicile/internal/grant"
	"github.com/seed-1578181b/domicile/internal/residency"
)

var (
	ebsSnapshot, machineImage = local("ec2", "snapshot/"), local("ec2", "image/")
	network                   = local("ec2", "vpc/")
)

var volumeMoves = []move{
	{source: "ec2.amazonaws.com", name: "CopySnapshot", role: residency.Backup,
		from: []end{{name: "sourceSnapshotId", as: ebsSnapshot, region: "sourceRegion"}},
		to:   []end{{name: ">snapshotId", as: ebsSnapshot, here: true, copy: true}}},
	{source: "ec2.amazonaws.com", name: "CopyImage", role: residency.Backup,
		from: []end{{name: "sourceImageId", as: machineImage, region: "sourceRegion"}},
		to:   []end{{name: ">imageId", as: machineImage, here: true, copy: true}}},
	{source: "ec2.amazonaws.com", name: "ModifySnapshotAttribute", role: residency.Backup,
		from: []end{{name: "snapshotId", as: ebsSnapshot, here: true}},
		to:   []end{{each: "createVolumePermission.add", account: "userId", share: true}, {each: "createVolumePermission.add", account: "group", share: true}}},
	{source: "ec2.amazonaws.com", name: "ModifyImageAttribute", role: residency.Backup,
		from: []end{{name: "imageId", as: machineImage, here: true}},
		to: []end{{each: "launchPermission.add", account: "userId", share: true}, {each: "launchPermission.add", account: "group", share: true},
			{each: "launchPermission.add", account: "organizationArn|organizationalUnitArn", share: true}}},
	{source: "ec2.amazonaws.com", name: "CreateStoreImageTask", role: residency.Backup,
		from: []end{{name: "imageId", as: machineImage, here: true}}, to: []end{{name: "bucket", as: bucketName}}},
	{source: "ec2.amazonaws.com", name: "ExportImage", role: residency.Backup,
		from: []end{{name: "imageId", as: machineImage, here: true}}, to: []end{{name: "s3ExportLocation.s3Bucket", as: bucketName}},
		by: []end{{each: ">exportImageTaskId", name: ".", as: local("ec2", "export-image-task/"), here: true}}},
	{source: "ec2.amazonaws.com", name: "CreateInstanceExportTask", role: residency.Backup,
		from: []end{{name: "instanceId", as: local("ec2", "instance/"), here: true}},
		to:   []end{{name: "exportToS3.s3Bucket|exportToS3Task.s3Bucket", as: bucketName}},
		by:   []end{{each: ">exportTask.exportTaskId", name: ".", as: local("ec2", "export-instance-task/"), here: true}}},
	{source: "ec2.amazonaws.com", name: "CreateFlowLogs", role: residency.Log,
		from: []end{{name: "resourceId|resourceIds", as: network, here: true}}, // a subnet or an interface under a network's name: of the same place
		to:   []end{{each: "logDestination", name: "."}, {each: "logGroupName", name: ".", as: local("logs", "log-group:"), here: true}},
		by:   []end{{each: ">flowLogIdSet", name: ".", as: local("ec2", "vpc-flow-log/"), here: true}}, sends: true},
	{source: "ec2.amazonaws.com", name: "CreateVpcPeeringConnection", role: residency.Capability,
		from: []end{{name: "vpcId", as: network, here: true}},
		to:   []end{{name: "peerVpcId", as: network, region: "peerRegion", here: true, account: "peerOwnerId"}}},
	{source: "ec2.amazonaws.com", name: "CreateTransitGatewayPeeringAttachment", role: residency.Capability,
		from: []end{{name: "transitGatewayId", as: local("ec2", "transit-gateway/"), here: true}},
		to:   []end{{name: "peerTransitGatewayId", as: local("ec2", "transit-gateway/"), region: "peerRegion", account: "peerAccountId"}}},
	{source: "ec2.amazonaws.com", name: "CreateVpcEndpoint", role: residency.Transit,
		from: []end{{name: "vpcId", as: network, here: true}},
		to:   []end{{name: "serviceName|resourceConfigurationArn|serviceNetworkArn", region: "serviceRegion", here: true}}},
	// A data event: only a trail that selects such has it. Where the blocks go then, its record does not tell.
	{source: "ebs.amazonaws.com", name: "GetSnapshotBlock", role: residency.Transit,
		from: []end{{name: "snapshotId", as: ebsSnapshot, here: true}}, to: []end{notTold}},

	{source: "elasticfilesystem.amazonaws.com", name: "CreateReplicationConfiguration", role: residency.Replica,
		from: []end{{name: "sourceFileSystemId", as: local("elasticfilesystem", "file-system/"), here: true}},
		to:   []end{{each: "destinations", name: "fileSystemId", as: local("elasticfilesystem", "file-system/"), region: "region", copy: true}}},
	{source: "fsx.amazonaws.com", name: "CopyBackup", role: residency.Backup,
		from: []end{{name: "sourceBackupId", as: local("fsx", "backup/"), region: "sourceRegion", here: true}},
		to:   []end{{name: ">backup.resourceARN", here: true, copy: true}}},
	{source: "fsx.amazonaws.com", name: "CopySnapshotAndUpdateVolume", role: residency.Replica,
		from: []end{{name: "sourceSnapshotARN"}}, to: []end{{name: "volumeId", as: local("fsx", "volume/"), here: true}}},
	{source: "datasync.amazonaws.com", name: "StartTaskExecution", role: residency.Replica, // its locations stand in the task alone
		from: []end{{name: "taskArn"}}, to: []end{notTold}},
	{source: "drs.amazonaws.com", name: "CreateExtendedSourceServer", role: residency.Replica,
		from: []end{{name: "sourceServerArn"}}, to: []end{{name: ">sourceServer.arn", here: true, copy: true}}},
}

var bucketMoves = []move{
	{source: "s3.amazonaws.com", name: "PutBucketReplication", role: residency.Replica,
		from: []end{{name: "bucketName", as: bucketName, here: true}},
		to:   []end{{each: "replicationConfiguration.rule.destination|replicationConfiguration.rules.destination", name: "bucket", as: bucketName, account: "account"}}},
	// What was copied while the rule stood stays where it is, and the call does not tell where.
	{source: "s3.amazonaws.com", name: "DeleteBucketReplication", role: residency.Replica,
		from: []end{{name: "bucketName", as: bucketName, here: true}}, to: []end{notTold}},
	{source: "s3.amazonaws.com", name: "PutBucketLogging", role: residency.Log,
		from: []end{{name: "bucketName", as: bucketName, here: true}},
		to:   []end{{each: "bucketLoggingStatus.loggingEnabled", name: "targetBucket", as: bucketName}}},
	{source: "s3.amazonaws.com", name: "PutBucketPolicy", role: residency.Primary,
		from: []end{{name: "bucketName", as: bucketName, here: true}}, to: []end{{read: policyReaders, share: true}}},
	{source: "s3.amazonaws.com", name: "PutBucketInventoryConfiguration|PutInventoryConfiguration", role: residency.Metadata,
		from: []end{{name: "bucketName", as: bucketName, here: true}},
		to:   []end{{each: "inventoryConfiguration.destination.s3BucketDestination", name: "bucket", as: bucketName, account: "accountId"}}},
	{source: "s3.amazonaws.com", name: "PutBucketNotificationConfiguration|PutBucketNotification", role: residency.Capability,
		from: []end{{name: "bucketName", as: bucketName, here: true}},
		to: []end{{each: "notificationConfiguration.topicConfiguration|notificationConfiguration.topicConfigurations", name: "topic|topicArn"},
			{each: "notificationConfiguration.queueConfiguration|notificationConfiguration.queueConfigurations", name: "queue|queueArn"},
			{each: "notificationConfiguration.cloudFunctionConfiguration|notificationConfiguration.lambdaFunctionConfigurations",
				name: "cloudFunction|lambdaFunctionArn"},
			{each: "notificationConfiguration.eventBridgeConfiguration", here: true}}},
	// An accelerated transfer enters at an edge location anywhere in the world; no call tells which.
	{source: "s3.amazonaws.com", name: "PutBucketAccelerateConfiguration|PutAccelerateConfiguration", role: residency.Transit, when: "accelerateConfiguration.status=Enabled",
		from: []end{{name: "bucketName", as: bucketName, here: true}}, to: []end{notTold}},
	// A data event: only a trail that selects such has it.
	{source: "s3.amazonaws.com", name: "CopyObject", role: residency.Replica,
		from: []end{{name: "x-amz-copy-source|copySource", as: copySource}}, to: []end{{name: "bucketName", as: bucketName, here: true}}},
	{source: "s3.amazonaws.com", name: "CreateBucket", role: residency.Primary,
		from: []end{{name: "bucketName", as: bucketName, region: "createBucketConfiguration.locationConstraint", here: true}},
		to:   []end{{name: "bucketName", as: bucketName, region: "createBucketConfiguration.locationConstraint", here: true, copy: true}}},
	{source: "s3.amazonaws.com", name: "CreateMultiRegionAccessPoint", role: residency.Transit,
		from: []end{{each: "details.regions.region|createMultiRegionAccessPointRequest.details.regions.region|details.regions", name: "bucket", as: bucketName}},
		to:   []end{{each: "details.regions.region|createMultiRegionAccessPointRequest.details.regions.region|details.regions", name: "bucket", as: bucketName}}, sends: true},
	{source: "s3.amazonaws.com", name: "CreateJob", role: residency.Replica,
		from: []end{{each: "manifest.location|createJobRequest.manifest.location", name: "objectArn", as: bucketName},
			{each: "manifestGenerator.s3JobManifestGenerator|createJobRequest.manifestGenerator.s3JobManifestGenerator", name: "sourceBucket", as: bucketName}},
		to: []end{{each: "operation.s3PutObjectCopy|createJobRequest.operation.s3PutObjectCopy", name: "targetResource", as: bucketName},
			{each: "report.bucket|createJobRequest.report.bucket", name: ".", as: bucketName, role: residency.Metadata}},
		by: []end{{each: ">jobId|>createJobResult.jobId", name: ".", as: local("s3", "job/"), here: true}}},
	{source: "s3.amazonaws.com", name: "PutStorageLensConfiguration", role: residency.Metadata, from: []end{thisAccount},
		to: []end{{each: "storageLensConfiguration.dataExport.s3BucketDestination", name: "arn", as: bucketName, account: "accountId"}},
		by: []end{{each: "configId|storageLensConfiguration.id", name: ".", as: local("s3", "storage-lens/"), here: true}}},
	{source: "s3tables.amazonaws.com", name: "PutTableBucketReplication", role: residency.Replica,
		from: []end{{name: "tableBucketARN"}}, to: []end{{each: "configuration.rules.destinations", name: "destinationTableBucketARN"}}},
}

var backupMoves = []move{
	{source: "backup.amazonaws.com", name: "StartCopyJob", role: residency.Backup,
		from: []end{{name: "recoveryPointArn"}, {each: "sourceBackupVaultName", name: ".", as: backupVault, here: true}}, to: []end{{name: "destinationBackupVaultArn"}}},
	{source: "backup.amazonaws.com", name: "CreateBackupPlan|UpdateBackupPlan", role: residency.Backup,
		from: []end{{each: "backupPlan.rules", name: "targetBackupVaultName", as: backupVault, here: true}},
		to:   []end{{each: "backupPlan.rules.copyActions", name: "destinationBackupVaultArn"}},
		by:   []end{{each: ">backupPlanArn|backupPlanId", name: ".", as: local("backup", "backup-plan:"), here: true}}},
	{source: "backup.amazonaws.com", name: "StartRestoreJob", role: residency.Replica,
		from: []end{{name: "recoveryPointArn"}}, to: []end{{here: true}}},
	{source: "dlm.amazonaws.com", name: "CreateLifecyclePolicy", role: residency.Backup, from: []end{thisAccount},
		to: []end{{each: "policyDetails.schedules.crossRegionCopyRules", region: "targetRegion|target"},
			{each: "policyDetails.actions.crossRegionCopy", region: "target"},
			{each: "crossRegionCopyTargets|policyDetails.crossRegionCopyTargets", region: "targetRegion"},
			{each: "policyDetails.schedules.shareRules", account: "targetAccounts", share: true}},
		by: []end{{each: ">policyId", name: ".", as: local("dlm", "policy/"), here: true}}},
}

var backupVault = local("backup", "backup-vault:")

// policyReaders are the accounts that a bucket's policy lets read; without an account where the policy does not tell it.
func policyReaders(h Home, r *record) (all []Destination) {
	for _, policy := range r.values("bucketPolicy|policy") {
		text, ok := policy.(string)
		if !ok {
			data, err := json.Marshal(policy)
			if err != nil {
				return []Destination{{}}
			}
			text = string(data)
		}
		readers, open, err := grant.Readers(text, "s3", r.organization)
		if err != nil || len(open) > 0 {
			all = append(all, Destination{})
		}
		for _, g := range readers {
			all = append(all, Destination{Region: h.Region, Account: g.Account})
		}
	}
	return all
}

// copySource is the bucket of "bucket/key", as S3's header writes it.
func copySource(h Home, name string) Destination {
	return h.Bucket(strings.TrimLeft(name, "/"))
}
