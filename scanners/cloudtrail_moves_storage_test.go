package scanners_test

import "github.com/seed-1578181b/domicile/internal/residency"

var _ = happens("ec2.amazonaws.com", map[string]eventTest{
	"CopySnapshot": {at: "@", role: residency.Backup, from: "arn:aws:ec2:eu-west-1::snapshot/snap-1", to: "arn:aws:ec2:@::snapshot/snap-2", unknown: `"sourceRegion":"eu-west-1"`,
		request:  `{"sourceRegion":"eu-west-1","sourceSnapshotId":"snap-1","destinationRegion":"@","encrypted":true}`,
		response: `{"requestId":"r","snapshotId":"snap-2"}`},
	"CopyImage": {at: "@", role: residency.Backup, from: "arn:aws:ec2:eu-west-1::image/ami-1", to: "arn:aws:ec2:@::image/ami-2", unknown: `"sourceRegion":"eu-west-1"`,
		request: `{"sourceRegion":"eu-west-1","sourceImageId":"ami-1","name":"copy"}`, response: `{"requestId":"r","imageId":"ami-2"}`},
	"ModifySnapshotAttribute": {at: "eu-west-1", role: residency.Backup, share: true, from: "arn:aws:ec2:eu-west-1::snapshot/snap-1",
		request: `{"snapshotId":"snap-1","attributeType":"CREATE_VOLUME_PERMISSION","createVolumePermission":{"add":{"items":[{"userId":"#"}]}}}`, response: `{"_return":true}`},
	"ModifyImageAttribute": {at: "eu-west-1", role: residency.Backup, share: true, from: "arn:aws:ec2:eu-west-1::image/ami-1",
		request: `{"imageId":"ami-1","attributeType":"launchPermission","launchPermission":{"add":{"items":[{"userId":"#"}]}}}`, response: `{"_return":true}`},
	"CreateStoreImageTask": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:ec2:eu-west-1::image/ami-1", to: "arn:aws:s3:::copies", unknown: `"Bucket":"copies"`,
		request: `{"CreateStoreImageTaskRequest":{"ImageId":"ami-1","Bucket":"copies"}}`},
	"ExportImage": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:ec2:eu-west-1::image/ami-1", to: "arn:aws:s3:::copies", unknown: `"S3Bucket":"copies"`,
		request: `{"ExportImageRequest":{"ImageId":"ami-1","DiskImageFormat":"VMDK","S3ExportLocation":{"S3Bucket":"copies","S3Prefix":"p/"}}}`},
	"CreateInstanceExportTask": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", to: "arn:aws:s3:::copies", unknown: `"s3Bucket":"copies"`,
		request: `{"instanceId":"i-1","targetEnvironment":"vmware","exportToS3":{"diskImageFormat":"VMDK","s3Bucket":"copies"}}`},
	"CreateFlowLogs": {at: "eu-west-1", role: residency.Log, from: "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1", to: "arn:aws:s3:::copies",
		request:  `{"CreateFlowLogsRequest":{"ResourceId":{"tag":1,"content":"vpc-1"},"ResourceType":"VPC","TrafficType":"ALL","LogDestinationType":"s3","LogDestination":"arn:aws:s3:::copies/flow/"}}`,
		response: `{"CreateFlowLogsResponse":{"flowLogIdSet":{"item":"fl-1"}}}`},
	"CreateVpcPeeringConnection": {at: "eu-west-1", role: residency.Capability, from: "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1", to: "arn:aws:ec2:@:#:vpc/vpc-2",
		request: `{"vpcId":"vpc-1","peerVpcId":"vpc-2","peerOwnerId":"#","peerRegion":"@"}`},
	"CreateTransitGatewayPeeringAttachment": {at: "eu-west-1", role: residency.Capability, from: "arn:aws:ec2:eu-west-1:111111111111:transit-gateway/tgw-1", to: "arn:aws:ec2:@:#:transit-gateway/tgw-2",
		unknown: `"PeerRegion":"eu-west-1"`,
		request: `{"CreateTransitGatewayPeeringAttachmentRequest":{"TransitGatewayId":"tgw-1","PeerTransitGatewayId":"tgw-2","PeerAccountId":"#","PeerRegion":"@"}}`},
	"CreateVpcEndpoint": {at: "eu-west-1", role: residency.Transit, from: "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1", to: "com.amazonaws.vpce.@.vpce-svc-1",
		request: `{"CreateVpcEndpointRequest":{"VpcId":"vpc-1","VpcEndpointType":"Interface","ServiceName":"com.amazonaws.vpce.@.vpce-svc-1","ServiceRegion":"@"}}`},
})

var _ = happens("ebs.amazonaws.com", map[string]eventTest{
	"GetSnapshotBlock": {at: "eu-west-1", role: residency.Transit, never: "where the blocks go stands in no record", from: "arn:aws:ec2:eu-west-1::snapshot/snap-1",
		request: `{"snapshotId":"snap-1","blockIndex":0}`},
})

var _ = happens("s3.amazonaws.com", map[string]eventTest{
	"PutBucketReplication": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:s3:::files", to: "arn:aws:s3:::copies", unknown: `"Bucket":"arn:aws:s3:::copies"`,
		request: `{"replication":"","bucketName":"files","Host":"files.s3.eu-west-1.amazonaws.com","ReplicationConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/",
			"Role":"r","Rule":{"ID":"all","Status":"Enabled","Destination":{"Bucket":"arn:aws:s3:::copies"}}}}`},
	"DeleteBucketReplication": {at: "eu-west-1", role: residency.Replica, never: "the rule that is gone is not in the call", request: `{"replication":"","bucketName":"files"}`},
	"PutBucketLogging": {at: "eu-west-1", role: residency.Log, from: "arn:aws:s3:::files", to: "arn:aws:s3:::copies", unknown: `"TargetBucket":"copies"`,
		request: `{"bucketName":"files","logging":"","BucketLoggingStatus":{"xmlns":"http://doc.s3.amazonaws.com/2006-03-01","LoggingEnabled":{"TargetBucket":"copies","TargetPrefix":"log/"}}}`},
	"PutBucketPolicy": {at: "eu-west-1", role: residency.Primary, share: true, from: "arn:aws:s3:::files",
		request: `{"bucketName":"files","policy":"","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"Other","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::#:root"},
			"Action":"s3:GetObject","Resource":"arn:aws:s3:::files/*"}]}}`},
	"PutBucketInventoryConfiguration": {at: "eu-west-1", role: residency.Metadata, from: "arn:aws:s3:::files", to: "arn:aws:s3:::copies", unknown: `"Bucket":"arn:aws:s3:::copies"`,
		request: `{"bucketName":"files","inventory":"","id":"i","InventoryConfiguration":{"Id":"i","IsEnabled":true,"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::copies","Format":"CSV"}}}}`},
	"PutBucketNotificationConfiguration": {at: "eu-west-1", role: residency.Capability, from: "arn:aws:s3:::files", to: "arn:aws:lambda:@:111111111111:function:f", unknown: `"CloudFunction":"arn:aws:lambda:eu-west-1:111111111111:function:f"`,
		request: `{"bucketName":"files","notification":"","NotificationConfiguration":{"CloudFunctionConfiguration":{"CloudFunction":"arn:aws:lambda:@:111111111111:function:f","Event":["s3:ObjectCreated:*"]}}}`},
	"PutBucketAccelerateConfiguration": {at: "eu-west-1", role: residency.Transit, never: "an edge location anywhere", request: `{"bucketName":"files","accelerate":"","AccelerateConfiguration":{"Status":"Enabled"}}`},
	"CopyObject": {at: "@", role: residency.Replica, from: "arn:aws:s3:::files", to: "arn:aws:s3:::copies",
		request: `{"bucketName":"copies","key":"k","x-amz-copy-source":"/files/k","Host":"copies.s3.@.amazonaws.com"}`},
	"CreateBucket": {at: "@", role: residency.Primary, from: "arn:aws:s3:::new", to: "arn:aws:s3:::new",
		request: `{"bucketName":"new","CreateBucketConfiguration":{"LocationConstraint":"@"}}`},
	"CreateMultiRegionAccessPoint": {at: "us-west-2", role: residency.Transit, from: "arn:aws:s3:::files", to: "arn:aws:s3:::copies", unknown: `"bucket":"copies"`,
		request: `{"details":{"name":"m","regions":{"region":[{"bucket":"files"},{"bucket":"copies"}]}},"clientToken":"t"}`},
	"CreateJob": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:s3:::files", to: "arn:aws:s3:::copies", unknown: `"targetResource":"arn:aws:s3:::copies"`,
		request: `{"operation":{"s3PutObjectCopy":{"targetResource":"arn:aws:s3:::copies"}},"manifest":{"location":{"objectArn":"arn:aws:s3:::files/manifest.csv"}},"report":{"enabled":false}}`},
	"PutStorageLensConfiguration": {at: "eu-west-1", role: residency.Metadata, from: "arn:aws:iam::111111111111:root", to: "arn:aws:s3:::copies", unknown: `"arn":"arn:aws:s3:::copies"`,
		request: `{"configId":"l","storageLensConfiguration":{"id":"l","isEnabled":true,"dataExport":{"s3BucketDestination":{"arn":"arn:aws:s3:::copies","accountId":"111111111111"}}}}`},
})

var _ = happens("s3tables.amazonaws.com", map[string]eventTest{
	"PutTableBucketReplication": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:s3tables:eu-west-1:111111111111:bucket/t", to: "arn:aws:s3tables:@:111111111111:bucket/u",
		unknown: `"destinationTableBucketARN":"arn:aws:s3tables:eu-west-1:111111111111:bucket/u"`,
		request: `{"tableBucketARN":"arn:aws:s3tables:eu-west-1:111111111111:bucket/t","configuration":{"role":"r","rules":[{"destinations":[{"destinationTableBucketARN":"arn:aws:s3tables:@:111111111111:bucket/u"}]}]}}`},
})

var _ = happens("backup.amazonaws.com", map[string]eventTest{
	"StartCopyJob": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:backup:eu-west-1:111111111111:recovery-point:r", to: "arn:aws:backup:@:111111111111:backup-vault:far",
		unknown: `"destinationBackupVaultArn":"arn:aws:backup:eu-west-1:111111111111:backup-vault:far"`,
		request: `{"recoveryPointArn":"arn:aws:backup:eu-west-1:111111111111:recovery-point:r","sourceBackupVaultName":"near","destinationBackupVaultArn":"arn:aws:backup:@:111111111111:backup-vault:far"}`},
	"CreateBackupPlan": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:backup:eu-west-1:111111111111:backup-vault:near", to: "arn:aws:backup:@:111111111111:backup-vault:far",
		request:  `{"backupPlan":{"backupPlanName":"p","rules":[{"ruleName":"r","targetBackupVaultName":"near","copyActions":[{"destinationBackupVaultArn":"arn:aws:backup:@:111111111111:backup-vault:far"}]}]}}`,
		response: `{"backupPlanId":"p1","backupPlanArn":"arn:aws:backup:eu-west-1:111111111111:backup-plan:p1"}`},
	"UpdateBackupPlan": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:backup:eu-west-1:111111111111:backup-vault:near", to: "arn:aws:backup:@:111111111111:backup-vault:far",
		request: `{"backupPlanId":"p1","backupPlan":{"backupPlanName":"p","rules":[{"ruleName":"r","targetBackupVaultName":"near","copyActions":[{"destinationBackupVaultArn":"arn:aws:backup:@:111111111111:backup-vault:far"}]}]}}`},
	"StartRestoreJob": {at: "@", role: residency.Replica, from: "arn:aws:backup:eu-west-1:111111111111:recovery-point:r",
		request: `{"recoveryPointArn":"arn:aws:backup:eu-west-1:111111111111:recovery-point:r","metadata":{},"resourceType":"EBS"}`},
})

var _ = happens("dlm.amazonaws.com", map[string]eventTest{
	"CreateLifecyclePolicy": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:iam::111111111111:root", unknown: `"targetRegion":"eu-west-1"`,
		request:  `{"description":"d","state":"ENABLED","policyDetails":{"policyType":"EBS_SNAPSHOT_MANAGEMENT","schedules":[{"name":"s","crossRegionCopyRules":[{"targetRegion":"@","encrypted":true}]}]}}`,
		response: `{"policyId":"policy-1"}`},
})

var _ = happens("elasticfilesystem.amazonaws.com", map[string]eventTest{
	"CreateReplicationConfiguration": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:elasticfilesystem:eu-west-1:111111111111:file-system/fs-1", unknown: `"region":"eu-west-1"`,
		request: `{"sourceFileSystemId":"fs-1","destinations":[{"region":"@"}]}`},
})

var _ = happens("fsx.amazonaws.com", map[string]eventTest{
	"CopyBackup": {at: "@", role: residency.Backup, from: "arn:aws:fsx:eu-west-1:111111111111:backup/backup-1", to: "arn:aws:fsx:@:111111111111:backup/backup-2",
		request: `{"sourceBackupId":"backup-1","sourceRegion":"eu-west-1"}`, response: `{"backup":{"backupId":"backup-2","resourceARN":"arn:aws:fsx:@:111111111111:backup/backup-2"}}`},
	"CopySnapshotAndUpdateVolume": {at: "@", role: residency.Replica, from: "arn:aws:fsx:eu-west-1:111111111111:snapshot/fs-1/fsvol-1/fsvolsnap-1", to: "arn:aws:fsx:@:111111111111:volume/fsvol-2",
		request: `{"volumeId":"fsvol-2","sourceSnapshotARN":"arn:aws:fsx:eu-west-1:111111111111:snapshot/fs-1/fsvol-1/fsvolsnap-1"}`},
})

var _ = happens("datasync.amazonaws.com", map[string]eventTest{
	"StartTaskExecution": {at: "eu-west-1", role: residency.Replica, never: "the locations stand in the task", request: `{"taskArn":"arn:aws:datasync:eu-west-1:111111111111:task/task-1"}`},
})

var _ = happens("drs.amazonaws.com", map[string]eventTest{
	"CreateExtendedSourceServer": {at: "@", role: residency.Replica, from: "arn:aws:drs:eu-west-1:222222222222:source-server/s-1", to: "arn:aws:drs:@:111111111111:source-server/s-2",
		request: `{"sourceServerArn":"arn:aws:drs:eu-west-1:222222222222:source-server/s-1"}`, response: `{"sourceServer":{"arn":"arn:aws:drs:@:111111111111:source-server/s-2"}}`},
})
