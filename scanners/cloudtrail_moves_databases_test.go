package scanners_test

import "github.com/seed-1578181b/domicile/internal/residency"

const (
	rdsEU = "arn:aws:rds:eu-west-1:111111111111:"
	rdsAt = "arn:aws:rds:@:111111111111:"
	table = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
)

var _ = happens("rds.amazonaws.com", map[string]eventTest{
	"CopyDBSnapshot": {at: "@", role: residency.Backup, from: rdsEU + "snapshot:nightly", to: rdsAt + "snapshot:copy",
		request:  `{"sourceDBSnapshotIdentifier":"arn:aws:rds:eu-west-1:111111111111:snapshot:nightly","targetDBSnapshotIdentifier":"copy","sourceRegion":"eu-west-1","kmsKeyId":"k"}`,
		response: `{"dBSnapshotIdentifier":"copy","dBSnapshotArn":"arn:aws:rds:@:111111111111:snapshot:copy","dBInstanceIdentifier":"db","snapshotType":"manual"}`},
	"CopyDBClusterSnapshot": {at: "@", role: residency.Backup, from: rdsEU + "cluster-snapshot:nightly", to: rdsAt + "cluster-snapshot:copy",
		request:  `{"sourceDBClusterSnapshotIdentifier":"arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:nightly","targetDBClusterSnapshotIdentifier":"copy"}`,
		response: `{"dBClusterSnapshotIdentifier":"copy","dBClusterSnapshotArn":"arn:aws:rds:@:111111111111:cluster-snapshot:copy"}`},
	"CreateDBInstanceReadReplica": {at: "@", role: residency.Replica, from: rdsEU + "db:orders", to: rdsAt + "db:reader",
		request:  `{"dBInstanceIdentifier":"reader","sourceDBInstanceIdentifier":"arn:aws:rds:eu-west-1:111111111111:db:orders","sourceRegion":"eu-west-1"}`,
		response: `{"dBInstanceIdentifier":"reader","dBInstanceArn":"arn:aws:rds:@:111111111111:db:reader"}`},
	"CreateDBCluster": {at: "@", role: residency.Replica, from: "arn:aws:rds::111111111111:global-cluster:world", to: rdsAt + "cluster:second",
		request:  `{"dBClusterIdentifier":"second","engine":"aurora-postgresql","globalClusterIdentifier":"world"}`,
		response: `{"dBClusterIdentifier":"second","dBClusterArn":"arn:aws:rds:@:111111111111:cluster:second"}`},
	"CreateGlobalCluster": {at: "@", role: residency.Capability, from: rdsEU + "cluster:orders", to: "arn:aws:rds::111111111111:global-cluster:world",
		request: `{"globalClusterIdentifier":"world","sourceDBClusterIdentifier":"arn:aws:rds:eu-west-1:111111111111:cluster:orders"}`},
	"StartDBInstanceAutomatedBackupsReplication": {at: "@", role: residency.Backup, from: rdsEU + "db:orders", to: rdsAt + "auto-backup:ab-1",
		request:  `{"sourceDBInstanceArn":"arn:aws:rds:eu-west-1:111111111111:db:orders","backupRetentionPeriod":7}`,
		response: `{"dBInstanceAutomatedBackupsArn":"arn:aws:rds:@:111111111111:auto-backup:ab-1","dBInstanceIdentifier":"orders"}`},
	"RestoreDBInstanceFromDBSnapshot": {at: "@", role: residency.Replica, from: rdsEU + "snapshot:nightly", to: rdsAt + "db:restored",
		request: `{"dBInstanceIdentifier":"restored","dBSnapshotIdentifier":"arn:aws:rds:eu-west-1:111111111111:snapshot:nightly"}`},
	"RestoreDBInstanceToPointInTime": {at: "@", role: residency.Replica, from: rdsEU + "auto-backup:ab-1", to: rdsAt + "db:restored",
		request: `{"targetDBInstanceIdentifier":"restored","useLatestRestorableTime":true,"sourceDBInstanceAutomatedBackupsArn":"arn:aws:rds:eu-west-1:111111111111:auto-backup:ab-1"}`},
	"RestoreDBClusterToPointInTime": {at: "@", role: residency.Replica, from: rdsEU + "cluster:orders", to: rdsAt + "cluster:clone",
		request: `{"dBClusterIdentifier":"clone","restoreType":"copy-on-write","sourceDBClusterIdentifier":"arn:aws:rds:eu-west-1:111111111111:cluster:orders"}`},
	"ModifyDBSnapshotAttribute": {at: "eu-west-1", role: residency.Backup, share: true, from: rdsEU + "snapshot:nightly",
		request: `{"dBSnapshotIdentifier":"nightly","attributeName":"restore","valuesToAdd":["#"]}`},
	"ModifyDBClusterSnapshotAttribute": {at: "eu-west-1", role: residency.Backup, share: true, from: rdsEU + "cluster-snapshot:nightly",
		request: `{"dBClusterSnapshotIdentifier":"nightly","attributeName":"restore","valuesToAdd":["#"]}`},
	"StartExportTask": {at: "eu-west-1", role: residency.Stream, from: rdsEU + "snapshot:nightly", to: "arn:aws:s3:::copies", unknown: `"s3BucketName":"copies"`,
		request: `{"exportTaskIdentifier":"e1","sourceArn":"arn:aws:rds:eu-west-1:111111111111:snapshot:nightly","s3BucketName":"copies","iamRoleArn":"r","kmsKeyId":"k"}`},
	"CreateIntegration": {at: "eu-west-1", role: residency.Stream, from: rdsEU + "cluster:orders", to: "arn:aws:redshift-serverless:@:111111111111:namespace/n", unknown: `"targetArn":"arn:aws:redshift-serverless:eu-west-1:111111111111:namespace/n"`,
		request: `{"sourceArn":"arn:aws:rds:eu-west-1:111111111111:cluster:orders","targetArn":"arn:aws:redshift-serverless:@:111111111111:namespace/n","integrationName":"i"}`},
})

var _ = happens("dynamodb.amazonaws.com", map[string]eventTest{
	"UpdateTable": {at: "eu-west-1", role: residency.Replica, from: table, to: "arn:aws:dynamodb:@:111111111111:table/orders", unknown: `"regionName":"eu-west-1"`,
		request: `{"tableName":"orders","replicaUpdates":[{"create":{"regionName":"@"}}]}`},
	"CreateGlobalTable": {at: "eu-west-1", role: residency.Replica, from: table, to: "arn:aws:dynamodb:@:111111111111:table/orders",
		request: `{"globalTableName":"orders","replicationGroup":[{"regionName":"eu-west-1"},{"regionName":"@"}]}`},
	"UpdateGlobalTable": {at: "eu-west-1", role: residency.Replica, from: table, to: "arn:aws:dynamodb:@:111111111111:table/orders", unknown: `"regionName":"eu-west-1"`,
		request: `{"globalTableName":"orders","replicaUpdates":[{"create":{"regionName":"@"}}]}`},
	"ExportTableToPointInTime": {at: "eu-west-1", role: residency.Stream, from: table, to: "arn:aws:s3:::copies", unknown: `"s3Bucket":"copies"`,
		request: `{"tableArn":"arn:aws:dynamodb:eu-west-1:111111111111:table/orders","s3Bucket":"copies","s3BucketOwner":"111111111111","exportFormat":"DYNAMODB_JSON"}`},
	"RestoreTableToPointInTime": {at: "@", role: residency.Replica, from: table, to: "arn:aws:dynamodb:@:111111111111:table/restored",
		request: `{"sourceTableArn":"arn:aws:dynamodb:eu-west-1:111111111111:table/orders","targetTableName":"restored","useLatestRestorableTime":true}`},
	"EnableKinesisStreamingDestination": {at: "eu-west-1", role: residency.Stream, from: table, to: "arn:aws:kinesis:@:111111111111:stream/changes", unknown: `"streamArn":"arn:aws:kinesis:eu-west-1:111111111111:stream/changes"`,
		request: `{"tableName":"orders","streamArn":"arn:aws:kinesis:@:111111111111:stream/changes"}`},
})

var _ = happens("elasticache.amazonaws.com", map[string]eventTest{
	"CreateGlobalReplicationGroup": {at: "@", role: residency.Replica, from: "arn:aws:elasticache:@:111111111111:replicationgroup:sessions", to: "arn:aws:elasticache::111111111111:globalreplicationgroup:ldgnf-world",
		request:  `{"globalReplicationGroupIdSuffix":"world","primaryReplicationGroupId":"sessions"}`,
		response: `{"globalReplicationGroup":{"globalReplicationGroupId":"ldgnf-world","aRN":"arn:aws:elasticache::111111111111:globalreplicationgroup:ldgnf-world"}}`},
	"CreateReplicationGroup": {at: "@", role: residency.Replica, from: "arn:aws:elasticache::111111111111:globalreplicationgroup:ldgnf-world", to: "arn:aws:elasticache:@:111111111111:replicationgroup:second",
		request: `{"replicationGroupId":"second","replicationGroupDescription":"d","globalReplicationGroupId":"ldgnf-world"}`},
	"CopySnapshot": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:elasticache:eu-west-1:111111111111:snapshot:nightly", to: "arn:aws:s3:::copies",
		request: `{"sourceSnapshotName":"nightly","targetSnapshotName":"export","targetBucket":"copies"}`},
	"ExportServerlessCacheSnapshot": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:elasticache:eu-west-1:111111111111:serverlesscachesnapshot:nightly", to: "arn:aws:s3:::copies", unknown: `"s3BucketName":"copies"`,
		request: `{"serverlessCacheSnapshotName":"nightly","s3BucketName":"copies"}`},
})

var _ = happens("memorydb.amazonaws.com", map[string]eventTest{
	"CreateMultiRegionCluster": {at: "@", role: residency.Replica, from: "arn:aws:memorydb:@:111111111111:multiregioncluster/world", to: "arn:aws:memorydb::111111111111:multiregioncluster/virxk-world",
		request:  `{"multiRegionClusterNameSuffix":"world","nodeType":"db.r7g.xlarge"}`,
		response: `{"multiRegionCluster":{"multiRegionClusterName":"virxk-world","aRN":"arn:aws:memorydb::111111111111:multiregioncluster/virxk-world"}}`},
	"CopySnapshot": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:memorydb:eu-west-1:111111111111:snapshot/nightly", to: "arn:aws:s3:::copies",
		request: `{"sourceSnapshotName":"nightly","targetSnapshotName":"export","targetBucket":"copies"}`},
})

var _ = happens("redshift.amazonaws.com", map[string]eventTest{
	"EnableSnapshotCopy": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:redshift:eu-west-1:111111111111:cluster:facts", unknown: `"destinationRegion":"eu-west-1"`,
		request: `{"clusterIdentifier":"facts","destinationRegion":"@","retentionPeriod":7}`},
	"AuthorizeSnapshotAccess": {at: "eu-west-1", role: residency.Backup, share: true, from: "arn:aws:redshift:eu-west-1:111111111111:snapshot:facts/nightly",
		request: `{"snapshotArn":"arn:aws:redshift:eu-west-1:111111111111:snapshot:facts/nightly","accountWithRestoreAccess":"#"}`},
	"AuthorizeDataShare": {at: "eu-west-1", role: residency.Transit, share: true, from: "arn:aws:redshift:eu-west-1:111111111111:datashare:n/s",
		request: `{"dataShareArn":"arn:aws:redshift:eu-west-1:111111111111:datashare:n/s","consumerIdentifier":"#"}`},
	"AssociateDataShareConsumer": {at: "eu-west-1", role: residency.Transit, from: "arn:aws:redshift:eu-west-1:111111111111:datashare:n/s",
		request: `{"dataShareArn":"arn:aws:redshift:eu-west-1:111111111111:datashare:n/s","associateEntireAccount":false,"consumerRegion":"@"}`},
})

var _ = happens("redshift-serverless.amazonaws.com", map[string]eventTest{
	"CreateSnapshotCopyConfiguration": {at: "eu-west-1", role: residency.Backup, from: "arn:aws:redshift-serverless:eu-west-1:111111111111:namespace/facts", unknown: `"destinationRegion":"eu-west-1"`,
		request: `{"namespaceName":"facts","destinationRegion":"@"}`},
})

var _ = happens("es.amazonaws.com", map[string]eventTest{
	"CreateOutboundConnection": {at: "@", role: residency.Replica, from: "arn:aws:es:eu-west-1:111111111111:domain/leader", to: "arn:aws:es:@:111111111111:domain/follower",
		request: `{"localDomainInfo":{"aWSDomainInformation":{"ownerId":"111111111111","domainName":"follower","region":"@"}},
			"remoteDomainInfo":{"aWSDomainInformation":{"ownerId":"111111111111","domainName":"leader","region":"eu-west-1"}},"connectionAlias":"c"}`},
})

var _ = happens("cassandra.amazonaws.com", map[string]eventTest{
	"UpdateKeyspace": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:cassandra:eu-west-1:111111111111:/keyspace/orders/", to: "arn:aws:cassandra:@:111111111111:/keyspace/orders/",
		request: `{"keyspaceName":"orders","replicationSpecification":{"replicationStrategy":"MULTI_REGION","regionList":["eu-west-1","@"]}}`},
})

var _ = happens("dsql.amazonaws.com", map[string]eventTest{
	"CreateCluster": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:dsql:eu-west-1:111111111111:cluster/a", to: "arn:aws:dsql:@:111111111111:cluster/b",
		request:  `{"multiRegionProperties":{"witnessRegion":"eu-west-1","clusters":["arn:aws:dsql:@:111111111111:cluster/b"]}}`,
		response: `{"identifier":"a","arn":"arn:aws:dsql:eu-west-1:111111111111:cluster/a"}`},
})

var _ = happens("dms.amazonaws.com", map[string]eventTest{
	"StartReplicationTask": {at: "eu-west-1", role: residency.Replica, never: "the endpoints stand in the task", from: "arn:aws:dms:eu-west-1:111111111111:task:T",
		request: `{"replicationTaskArn":"arn:aws:dms:eu-west-1:111111111111:task:T","startReplicationTaskType":"start-replication"}`},
})
