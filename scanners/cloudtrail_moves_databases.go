package scanners

import "github.com/seed-1578181b/domicile/internal/residency"

// The names of RDS: an ARN where the thing is of another region or account, else its identifier.
var (
	rdsDB, rdsCluster          = local("rds", "db:"), local("rds", "cluster:")
	rdsSnapshot                = local("rds", "snapshot:")
	rdsClusterSnapshot         = local("rds", "cluster-snapshot:")
	dynamoTable                = local("dynamodb", "table/")
	redshiftCluster            = local("redshift", "cluster:")
	cacheSnapshot, cacheGroup  = local("elasticache", "snapshot:"), local("elasticache", "replicationgroup:")
	memorySnapshot             = local("memorydb", "snapshot/")
	searchDomain, keyspaceName = local("es", "domain/"), func(h Home, name string) Destination { return local("cassandra", "/keyspace/")(h, name+"/") }
)

var databaseMoves = []move{
	{source: "rds.amazonaws.com", name: "CopyDBSnapshot", role: residency.Backup,
		from: []end{{name: "sourceDBSnapshotIdentifier", as: rdsSnapshot, region: "sourceRegion", here: true}},
		to:   []end{{name: ">dBSnapshotArn|targetDBSnapshotIdentifier", as: rdsSnapshot, here: true, copy: true}}},
	{source: "rds.amazonaws.com", name: "CopyDBClusterSnapshot", role: residency.Backup,
		from: []end{{name: "sourceDBClusterSnapshotIdentifier", as: rdsClusterSnapshot, region: "sourceRegion", here: true}},
		to:   []end{{name: ">dBClusterSnapshotArn|targetDBClusterSnapshotIdentifier", as: rdsClusterSnapshot, here: true, copy: true}}},
	{source: "rds.amazonaws.com", name: "CreateDBInstanceReadReplica", role: residency.Replica,
		from: []end{{each: "sourceDBInstanceIdentifier", name: ".", as: rdsDB, region: "/sourceRegion", here: true},
			{each: "sourceDBClusterIdentifier", name: ".", as: rdsCluster, region: "/sourceRegion", here: true}},
		to: []end{{name: ">dBInstanceArn|dBInstanceIdentifier", as: rdsDB, here: true, copy: true}}},
	{source: "rds.amazonaws.com", name: "CreateDBCluster", role: residency.Replica, copied: true,
		from: []end{{each: "replicationSourceIdentifier", name: ".", as: rdsCluster, region: "/sourceRegion", here: true},
			{each: "globalClusterIdentifier", name: ".", as: worldwide("rds", "global-cluster:")}},
		to: []end{{name: ">dBClusterArn|dBClusterIdentifier", as: rdsCluster, here: true, copy: true}}},
	{source: "rds.amazonaws.com", name: "CreateGlobalCluster", role: residency.Capability, copied: true,
		from: []end{{each: "sourceDBClusterIdentifier", name: ".", as: rdsCluster, here: true}},
		to:   []end{{name: "globalClusterIdentifier", as: worldwide("rds", "global-cluster:"), here: true, copy: true}}},
	{source: "rds.amazonaws.com", name: "StartDBInstanceAutomatedBackupsReplication", role: residency.Backup,
		from: []end{{name: "sourceDBInstanceArn", as: rdsDB}},
		to:   []end{{name: ">dBInstanceAutomatedBackupsArn", here: true, copy: true}}},
	{source: "rds.amazonaws.com", name: "RestoreDBInstanceFromDBSnapshot", role: residency.Replica,
		from: []end{{each: "dBSnapshotIdentifier", name: ".", as: rdsSnapshot, here: true}, {each: "dBClusterSnapshotIdentifier", name: ".", as: rdsClusterSnapshot, here: true}},
		to:   []end{{name: ">dBInstanceArn|dBInstanceIdentifier", as: rdsDB, here: true, copy: true}}},
	{source: "rds.amazonaws.com", name: "RestoreDBInstanceToPointInTime", role: residency.Replica,
		from: []end{{each: "sourceDBInstanceAutomatedBackupsArn", name: "."}, {each: "sourceDBInstanceIdentifier", name: ".", as: rdsDB, here: true},
			{each: "sourceDbiResourceId", name: ".", as: unnamed, here: true}}, // an id that no ARN holds; it is of the same region
		to: []end{{name: ">dBInstanceArn|targetDBInstanceIdentifier", as: rdsDB, here: true, copy: true}}},
	{source: "rds.amazonaws.com", name: "RestoreDBClusterToPointInTime", role: residency.Replica,
		from: []end{{each: "sourceDBClusterIdentifier", name: ".", as: rdsCluster, here: true}, {each: "sourceDbClusterResourceId", name: ".", as: unnamed, here: true}},
		to:   []end{{name: ">dBClusterArn|dBClusterIdentifier", as: rdsCluster, here: true, copy: true}}},
	{source: "rds.amazonaws.com", name: "ModifyDBSnapshotAttribute", role: residency.Backup,
		from: []end{{name: "dBSnapshotIdentifier", as: rdsSnapshot, here: true}}, to: []end{{account: "valuesToAdd", share: true}}},
	{source: "rds.amazonaws.com", name: "ModifyDBClusterSnapshotAttribute", role: residency.Backup,
		from: []end{{name: "dBClusterSnapshotIdentifier", as: rdsClusterSnapshot, here: true}}, to: []end{{account: "valuesToAdd", share: true}}},
	{source: "rds.amazonaws.com", name: "StartExportTask", role: residency.Stream,
		from: []end{{name: "sourceArn|>sourceArn"}}, to: []end{{name: "s3BucketName|>s3Bucket", as: bucketName}}},
	{source: "rds.amazonaws.com", name: "CreateIntegration", role: residency.Stream,
		from: []end{{name: "sourceArn"}}, to: []end{{name: "targetArn"}}},

	{source: "dynamodb.amazonaws.com", name: "UpdateTable", role: residency.Replica,
		from: []end{{name: "tableName", as: dynamoTable, here: true}},
		to: []end{{each: "replicaUpdates.create", name: "/tableName", as: elsewhere(dynamoTable), region: "regionName", copy: true},
			{each: "globalTableWitnessUpdates.create", region: "regionName"}}},
	{source: "dynamodb.amazonaws.com", name: "CreateGlobalTable", role: residency.Replica,
		from: []end{{name: "globalTableName", as: dynamoTable, here: true}},
		to:   []end{{each: "replicationGroup", name: "/globalTableName", as: elsewhere(dynamoTable), region: "regionName", copy: true}}},
	{source: "dynamodb.amazonaws.com", name: "UpdateGlobalTable", role: residency.Replica,
		from: []end{{name: "globalTableName", as: dynamoTable, here: true}},
		to:   []end{{each: "replicaUpdates.create", name: "/globalTableName", as: elsewhere(dynamoTable), region: "regionName", copy: true}}},
	{source: "dynamodb.amazonaws.com", name: "ExportTableToPointInTime", role: residency.Stream,
		from: []end{{name: "tableArn", as: dynamoTable}}, to: []end{{name: "s3Bucket", as: bucketName, account: "s3BucketOwner"}}},
	{source: "dynamodb.amazonaws.com", name: "RestoreTableToPointInTime", role: residency.Replica,
		from: []end{{name: "sourceTableArn|sourceTableName", as: dynamoTable, here: true}},
		to:   []end{{name: "targetTableName|>tableDescription.tableArn", as: dynamoTable, here: true, copy: true}}},
	{source: "dynamodb.amazonaws.com", name: "EnableKinesisStreamingDestination", role: residency.Stream,
		from: []end{{name: "tableName", as: dynamoTable, here: true}}, to: []end{{name: "streamArn"}}},

	// A global datastore is made beside its primary; it is elsewhere as soon as a group of another region joins.
	{source: "elasticache.amazonaws.com", name: "CreateGlobalReplicationGroup", role: residency.Replica,
		from: []end{{name: "primaryReplicationGroupId", as: cacheGroup, here: true}},
		to:   []end{{name: ">globalReplicationGroup.aRN", here: true, copy: true}}},
	{source: "elasticache.amazonaws.com", name: "CreateReplicationGroup", role: residency.Replica, copied: true,
		from: []end{{each: "globalReplicationGroupId", name: ".", as: worldwide("elasticache", "globalreplicationgroup:")}},
		to:   []end{{name: "replicationGroupId|>aRN", as: cacheGroup, here: true, copy: true}}},
	{source: "elasticache.amazonaws.com", name: "CopySnapshot", role: residency.Backup,
		from: []end{{name: "sourceSnapshotName", as: cacheSnapshot, here: true}},
		to:   []end{{each: "targetBucket", name: ".", as: bucketName}, {name: "targetSnapshotName", as: cacheSnapshot, here: true, copy: true}}},
	{source: "elasticache.amazonaws.com", name: "ExportServerlessCacheSnapshot", role: residency.Backup,
		from: []end{{name: "serverlessCacheSnapshotName", as: local("elasticache", "serverlesscachesnapshot:"), here: true}},
		to:   []end{{name: "s3BucketName", as: bucketName}}},
	{source: "memorydb.amazonaws.com", name: "CreateMultiRegionCluster", role: residency.Replica,
		from: []end{{name: "multiRegionClusterNameSuffix", as: local("memorydb", "multiregioncluster/"), here: true}},
		to:   []end{{name: ">multiRegionCluster.aRN", here: true, copy: true}}},
	{source: "memorydb.amazonaws.com", name: "CopySnapshot", role: residency.Backup,
		from: []end{{name: "sourceSnapshotName", as: memorySnapshot, here: true}},
		to:   []end{{each: "targetBucket", name: ".", as: bucketName}, {name: "targetSnapshotName", as: memorySnapshot, here: true, copy: true}}},

	{source: "redshift.amazonaws.com", name: "EnableSnapshotCopy", role: residency.Backup,
		from: []end{{name: "clusterIdentifier", as: redshiftCluster, here: true}}, to: []end{{region: "destinationRegion"}}},
	{source: "redshift.amazonaws.com", name: "AuthorizeSnapshotAccess", role: residency.Backup,
		from: []end{{name: "snapshotArn|snapshotIdentifier", as: local("redshift", "snapshot:*/"), here: true}},
		to:   []end{{account: "accountWithRestoreAccess", share: true}}},
	{source: "redshift.amazonaws.com", name: "AuthorizeDataShare", role: residency.Transit,
		from: []end{{name: "dataShareArn"}}, to: []end{{account: "consumerIdentifier", share: true}}},
	{source: "redshift.amazonaws.com", name: "AssociateDataShareConsumer", role: residency.Transit,
		from: []end{{name: "dataShareArn"}}, to: []end{{name: "consumerArn", region: "consumerRegion", here: true}}},
	{source: "redshift-serverless.amazonaws.com", name: "CreateSnapshotCopyConfiguration", role: residency.Backup,
		from: []end{{name: "namespaceName", as: local("redshift-serverless", "namespace/"), here: true}}, to: []end{{region: "destinationRegion"}}},

	// A follower pulls: the data comes from the remote domain to the local one.
	{source: "es.amazonaws.com", name: "CreateOutboundConnection", role: residency.Replica,
		from:  []end{{each: "remoteDomainInfo.aWSDomainInformation", name: "domainName", as: searchDomain, region: "region", account: "ownerId"}},
		to:    []end{{each: "localDomainInfo.aWSDomainInformation", name: "domainName", as: searchDomain, region: "region", here: true, account: "ownerId"}},
		sends: true},
	{source: "cassandra.amazonaws.com", name: "UpdateKeyspace", role: residency.Replica,
		from: []end{{name: "keyspaceName", as: keyspaceName, here: true}},
		to:   []end{{each: "replicationSpecification.regionList", name: "/keyspaceName", as: elsewhere(keyspaceName), region: ".", copy: true}}},
	{source: "dsql.amazonaws.com", name: "CreateCluster", role: residency.Replica,
		from: []end{{name: ">arn", here: true}},
		to:   []end{{each: "multiRegionProperties.clusters", name: "."}, {each: "multiRegionProperties.witnessRegion", region: "."}}},
	{source: "dms.amazonaws.com", name: "StartReplicationTask", role: residency.Replica, // its endpoints stand in the task alone
		from: []end{{name: "replicationTaskArn"}}, to: []end{notTold}},
}
