package scanners_test

import (
	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// The tier-1 rows of RDS, Aurora and DynamoDB. Answers by hand, from the SDK's own types; the recorded ones stand in the
// scanners' own tests.

// headBucketIn answers for every bucket that it is the asking account's and lies in region.
func headBucketIn(a aws, region string) aws {
	key := ownAccount + "/any/s3/HeadBucket"
	a[key] = append(a[key], replay.Answer{Headers: map[string]string{"x-amz-bucket-region": region}})
	return a
}

const (
	ordersDB      = "arn:aws:rds:eu-west-1:111111111111:db:orders"
	ordersCluster = "arn:aws:rds:eu-west-1:111111111111:cluster:orders"
	euBackup      = "arn:aws:rds:eu-west-1:111111111111:auto-backup:ab-1"
	euSnapshotDB  = "arn:aws:rds:eu-west-1:111111111111:snapshot:s"
	usSnapshotDB  = "arn:aws:rds:us-east-1:111111111111:snapshot:s"
)

// ownPlace is the place of a store in its region.
func ownPlace(region string) residency.Placement {
	return residency.Placement{Role: residency.Primary, Region: region}
}

// dbCopy is a placement at something of the own account.
func dbCopy(role residency.Role, region, target, via string) residency.Placement {
	return residency.Placement{Role: role, Region: region, Account: ownAccount, Target: target, Via: via}
}

func dbInstanceWith(more string) aws {
	return rdsWith("eu-west-1", "DescribeDBInstances", dbInstance("eu-west-1", "orders", more))
}

func dbClusterWith(region, more string) aws {
	return rdsWith(region, "DescribeDBClusters", dbCluster(region, "orders", more))
}

// dbBesideCluster is the cluster orders with an item of another list.
func dbBesideCluster(operation, item string) aws {
	return dbClusterWith("eu-west-1", "").on("eu-west-1", "rds", operation, "", rdsPage(operation, "", item))
}

var _ = catalogue("RDS", "DB instance", row{scanner: "rds", resource: ordersDB,
	inside:  expect{answers: dbInstanceWith(""), placement: ownPlace("eu-west-1")},
	outside: expect{answers: rdsWith("us-east-1", "DescribeDBInstances", dbInstance("us-east-1", "orders", "")), resource: "arn:aws:rds:us-east-1:111111111111:db:orders", placement: ownPlace("us-east-1")},
	unknown: expect{answers: rdsDenies("DescribeDBInstances"), gap: "DescribeDBInstances denied"},
})

var _ = catalogue("RDS", "read replica", row{scanner: "rds", resource: ordersDB,
	inside: expect{answers: dbInstanceWith("<ReadReplicaDBInstanceIdentifiers><ReadReplicaDBInstanceIdentifier>r</ReadReplicaDBInstanceIdentifier></ReadReplicaDBInstanceIdentifiers>"),
		placement: dbCopy(residency.Replica, "eu-west-1", "arn:aws:rds:eu-west-1:111111111111:db:r", "read replica")},
	outside: expect{answers: dbInstanceWith("<ReadReplicaDBInstanceIdentifiers><ReadReplicaDBInstanceIdentifier>arn:aws:rds:us-east-1:111111111111:db:r</ReadReplicaDBInstanceIdentifier></ReadReplicaDBInstanceIdentifiers>"),
		placement: dbCopy(residency.Replica, "us-east-1", "arn:aws:rds:us-east-1:111111111111:db:r", "read replica")},
	unknown: expect{answers: rdsDenies("DescribeDBInstances"), gap: "DescribeDBInstances denied"},
})

var _ = catalogue("RDS", "DB instance -> Aurora read replica", row{scanner: "rds", resource: ordersCluster,
	inside: expect{answers: dbClusterWith("eu-west-1", "<ReplicationSourceIdentifier>arn:aws:rds:eu-west-1:111111111111:db:src</ReplicationSourceIdentifier>"),
		source: residency.Source{ID: "arn:aws:rds:eu-west-1:111111111111:db:src", Role: residency.Replica, Region: "eu-west-1", Account: ownAccount, Via: "replication source"}},
	outside: expect{answers: dbClusterWith("eu-west-1", "<ReplicationSourceIdentifier>arn:aws:rds:us-east-1:111111111111:db:src</ReplicationSourceIdentifier>"),
		source: residency.Source{ID: "arn:aws:rds:us-east-1:111111111111:db:src", Role: residency.Replica, Region: "us-east-1", Account: ownAccount, Via: "replication source"}},
	unknown: expect{answers: rdsDenies("DescribeDBClusters"), gap: "DescribeDBClusters denied"},
})

func dbReplicatedBackup(arn string) string {
	return "<DBInstanceAutomatedBackupsReplications><DBInstanceAutomatedBackupsReplication><DBInstanceAutomatedBackupsArn>" + arn + "</DBInstanceAutomatedBackupsArn></DBInstanceAutomatedBackupsReplication></DBInstanceAutomatedBackupsReplications>"
}

var _ = catalogue("RDS", "automated backup replication", row{scanner: "rds", resource: ordersDB,
	inside: expect{answers: dbInstanceWith(dbReplicatedBackup("arn:aws:rds:eu-central-1:111111111111:auto-backup:ab-2")),
		placement: dbCopy(residency.Backup, "eu-central-1", "arn:aws:rds:eu-central-1:111111111111:auto-backup:ab-2", "automated backup replication")},
	outside: expect{answers: dbInstanceWith(dbReplicatedBackup("arn:aws:rds:us-east-1:111111111111:auto-backup:ab-2")),
		placement: dbCopy(residency.Backup, "us-east-1", "arn:aws:rds:us-east-1:111111111111:auto-backup:ab-2", "automated backup replication")},
	unknown: expect{answers: dbInstanceWith(dbReplicatedBackup("")), placement: residency.Placement{Role: residency.Backup, Via: "automated backup replication"}},
})

func dbRetainedBackup(region string) aws {
	return rdsWith("eu-west-1", "DescribeDBInstanceAutomatedBackups", "<DBInstanceAutomatedBackupsArn>"+euBackup+"</DBInstanceAutomatedBackupsArn><DBInstanceArn>arn:aws:rds:"+region+":111111111111:db:gone</DBInstanceArn><Region>"+region+"</Region><Status>retained</Status>")
}

func dbRetainedFrom(region string) residency.Source {
	return residency.Source{ID: "arn:aws:rds:" + region + ":111111111111:db:gone", Role: residency.Backup, Region: region, Account: ownAccount, Via: "automated backup"}
}

var _ = catalogue("RDS / Aurora", "retained automated backup", row{scanner: "rds", resource: euBackup,
	inside:  expect{answers: dbRetainedBackup("eu-west-1"), source: dbRetainedFrom("eu-west-1")},
	outside: expect{answers: dbRetainedBackup("us-east-1"), source: dbRetainedFrom("us-east-1")},
	unknown: expect{answers: rdsDenies("DescribeDBClusterAutomatedBackups"), gap: "DescribeDBClusterAutomatedBackups denied"},
})

var _ = catalogue("Aurora", "DB cluster", row{scanner: "rds", resource: ordersCluster,
	inside:  expect{answers: dbClusterWith("eu-west-1", ""), placement: ownPlace("eu-west-1")},
	outside: expect{answers: dbClusterWith("us-east-1", ""), resource: "arn:aws:rds:us-east-1:111111111111:cluster:orders", placement: ownPlace("us-east-1")},
	unknown: expect{answers: rdsDenies("DescribeDBClusters"), gap: "DescribeDBClusters denied"},
})

func dbGlobalWith(member string) aws {
	return rdsEverywhere(dbClusterWith("eu-west-1", ""), "DescribeGlobalClusters", rdsPage("DescribeGlobalClusters", "", globalCluster("world", "disabled", ordersCluster, member)))
}

var _ = catalogue("Aurora", "global database", row{scanner: "rds", resource: "arn:aws:rds::111111111111:global-cluster:world",
	inside: expect{answers: dbGlobalWith("arn:aws:rds:eu-central-1:111111111111:cluster:s"),
		placement: dbCopy(residency.Replica, "eu-central-1", "arn:aws:rds:eu-central-1:111111111111:cluster:s", "global cluster member")},
	outside: expect{answers: dbGlobalWith("arn:aws:rds:us-east-1:111111111111:cluster:s"),
		placement: dbCopy(residency.Replica, "us-east-1", "arn:aws:rds:us-east-1:111111111111:cluster:s", "global cluster member")},
	unknown: expect{answers: rdsDenies("DescribeGlobalClusters"), gap: "DescribeGlobalClusters denied"},
})

func dbSnapshotWith(region, more string) aws {
	return rdsWith(region, "DescribeDBSnapshots", "<DBSnapshotIdentifier>s</DBSnapshotIdentifier><SnapshotType>manual</SnapshotType><TagList/>"+more)
}

func dbSnapshotFrom(region string) (aws, residency.Source) {
	arn := "arn:aws:rds:" + region + ":111111111111:snapshot:origin"
	return dbSnapshotWith("eu-west-1", "<SourceRegion>"+region+"</SourceRegion><SourceDBSnapshotIdentifier>"+arn+"</SourceDBSnapshotIdentifier>"),
		residency.Source{ID: arn, Role: residency.Backup, Region: region, Account: ownAccount, Via: "snapshot copy"}
}

var _ = func() struct{} {
	insideAnswers, inside := dbSnapshotFrom("eu-west-1")
	outsideAnswers, outside := dbSnapshotFrom("us-east-1")
	return catalogue("RDS / Aurora", "manual DB / cluster snapshot", row{scanner: "rds", resource: euSnapshotDB,
		inside: expect{answers: insideAnswers, source: inside}, outside: expect{answers: outsideAnswers, source: outside},
		unknown: expect{answers: rdsDenies("DescribeDBClusterSnapshots"), gap: "DescribeDBClusterSnapshots denied"},
	})
}()

func dbSharedSnapshot(region string) aws {
	return dbSnapshotWith(region, "").on(region, "rds", "DescribeDBSnapshotAttributes", "", rdsXML("DescribeDBSnapshotAttributes", "<DBSnapshotAttributesResult><DBSnapshotAttributes><DBSnapshotAttribute><AttributeName>restore</AttributeName><AttributeValues><AttributeValue>999999999999</AttributeValue></AttributeValues></DBSnapshotAttribute></DBSnapshotAttributes></DBSnapshotAttributesResult>"))
}

func dbSnapshotShare(region string) residency.Placement {
	return residency.Placement{Role: residency.Backup, Region: region, Account: "999999999999", Via: "snapshot attribute restore"}
}

var _ = catalogue("RDS / Aurora", "snapshot sharing", row{scanner: "rds", resource: euSnapshotDB,
	inside:  expect{answers: dbSharedSnapshot("eu-west-1"), placement: dbSnapshotShare("eu-west-1")},
	outside: expect{answers: dbSharedSnapshot("us-east-1"), resource: usSnapshotDB, placement: dbSnapshotShare("us-east-1")},
	unknown: expect{answers: dbSnapshotWith("eu-west-1", "").fail("eu-west-1", "rds", "DescribeDBSnapshotAttributes", "", 403, rdsDenied), gap: "DescribeDBSnapshotAttributes denied " + euSnapshotDB},
})

func dbExport() aws {
	return dbBesideCluster("DescribeExportTasks", "<ExportTaskIdentifier>e</ExportTaskIdentifier><SourceArn>"+ordersCluster+"</SourceArn><S3Bucket>lake</S3Bucket><Status>COMPLETE</Status>")
}

// dbExportAt is a placement in the bucket lake. Without a region nobody could be asked for it.
func dbExportAt(region string) residency.Placement {
	return residency.Placement{Role: residency.Stream, Region: region, Target: "arn:aws:s3:::lake", Via: "export to S3"}
}

var _ = catalogue("RDS / Aurora", "snapshot export to S3", row{scanner: "rds", resource: ordersCluster,
	inside:  expect{answers: headBucketIn(dbExport(), "eu-west-1"), placement: dbExportAt("eu-west-1")},
	outside: expect{answers: headBucketIn(dbExport(), "us-east-1"), placement: dbExportAt("us-east-1")},
	unknown: expect{answers: dbExport(), placement: dbExportAt("")},
})

func dbIntegrationTo(target string) aws {
	return dbBesideCluster("DescribeIntegrations", "<IntegrationName>wh</IntegrationName><IntegrationArn>arn:aws:rds:eu-west-1:111111111111:integration:i</IntegrationArn><SourceArn>"+ordersCluster+"</SourceArn><TargetArn>"+target+"</TargetArn>")
}

var _ = catalogue("RDS / Aurora", "zero-ETL integration", row{scanner: "rds", resource: ordersCluster,
	inside: expect{answers: dbIntegrationTo("arn:aws:redshift:eu-west-1:111111111111:namespace:n"),
		placement: dbCopy(residency.Stream, "eu-west-1", "arn:aws:redshift:eu-west-1:111111111111:namespace:n", "zero-ETL integration wh")},
	outside: expect{answers: dbIntegrationTo("arn:aws:redshift:us-east-1:222222222222:namespace:n"),
		placement: residency.Placement{Role: residency.Stream, Region: "us-east-1", Account: "222222222222", Target: "arn:aws:redshift:us-east-1:222222222222:namespace:n", Via: "zero-ETL integration wh"}},
	unknown: expect{answers: dbIntegrationTo(""), placement: residency.Placement{Role: residency.Stream, Via: "zero-ETL integration wh"}},
})

const dasStarted = "<ActivityStreamKinesisStreamName>das</ActivityStreamKinesisStreamName><ActivityStreamStatus>started</ActivityStreamStatus>"

var _ = catalogue("RDS / Aurora", "database activity stream", row{scanner: "rds", resource: ordersCluster,
	inside: expect{answers: dbClusterWith("eu-west-1", dasStarted), placement: dbCopy(residency.Stream, "eu-west-1", "arn:aws:kinesis:eu-west-1:111111111111:stream/das", "activity stream")},
	outside: expect{answers: dbClusterWith("us-east-1", dasStarted), resource: "arn:aws:rds:us-east-1:111111111111:cluster:orders",
		placement: dbCopy(residency.Stream, "us-east-1", "arn:aws:kinesis:us-east-1:111111111111:stream/das", "activity stream")},
	unknown: expect{answers: rdsDenies("DescribeDBClusters"), gap: "DescribeDBClusters denied"},
})

func dbDeploymentTo(target string) aws {
	return dbBesideCluster("DescribeBlueGreenDeployments", "<BlueGreenDeploymentIdentifier>bgd-1</BlueGreenDeploymentIdentifier><BlueGreenDeploymentName>next</BlueGreenDeploymentName><Source>"+ordersCluster+"</Source><Target>"+target+"</Target>")
}

var _ = catalogue("RDS / Aurora", "blue/green deployment", row{scanner: "rds", resource: ordersCluster,
	inside: expect{answers: dbDeploymentTo("arn:aws:rds:eu-west-1:111111111111:cluster:green"),
		placement: dbCopy(residency.Replica, "eu-west-1", "arn:aws:rds:eu-west-1:111111111111:cluster:green", "blue/green deployment next")},
	outside: expect{answers: dbDeploymentTo("arn:aws:rds:us-east-1:111111111111:cluster:green"),
		placement: dbCopy(residency.Replica, "us-east-1", "arn:aws:rds:us-east-1:111111111111:cluster:green", "blue/green deployment next")},
	unknown: expect{answers: rdsDenies("DescribeBlueGreenDeployments"), gap: "DescribeBlueGreenDeployments denied"},
})

var _ = catalogue("DynamoDB", "table", row{scanner: "dynamodb", resource: ordersTable,
	inside:  expect{answers: dynamoTable("eu-west-1", ""), placement: ownPlace("eu-west-1")},
	outside: expect{answers: dynamoTable("us-east-1", ""), resource: "arn:aws:dynamodb:us-east-1:111111111111:table/orders", placement: ownPlace("us-east-1")},
	unknown: expect{answers: dynamoDenies("ListTables"), gap: "ListTables denied"},
})

func tableReplicaIn(region, via string) residency.Placement {
	return dbCopy(residency.Replica, region, "arn:aws:dynamodb:"+region+":111111111111:table/orders", via)
}

var _ = catalogue("DynamoDB", "global table (version 2019.11.21)", row{scanner: "dynamodb", resource: ordersTable,
	inside:  expect{answers: dynamoTable("eu-west-1", `,"Replicas":[{"RegionName":"eu-central-1"}]`), placement: tableReplicaIn("eu-central-1", "global table replica")},
	outside: expect{answers: dynamoTable("eu-west-1", `,"Replicas":[{"RegionName":"us-east-1"}]`), placement: tableReplicaIn("us-east-1", "global table replica")},
	unknown: expect{answers: dynamoDenies("DescribeTable"), gap: "DescribeTable denied " + ordersTable},
})

func legacyTable(region string) aws {
	return dynamoTable("eu-west-1", "").on("eu-west-1", "dynamodb", "ListGlobalTables", "",
		`{"GlobalTables":[{"GlobalTableName":"orders","ReplicationGroup":[{"RegionName":"eu-west-1"},{"RegionName":"`+region+`"}]},{"GlobalTableName":"other","ReplicationGroup":[{"RegionName":"us-east-1"}]}]}`)
}

var _ = catalogue("DynamoDB", "global table (legacy 2017.11.29)", row{scanner: "dynamodb", resource: ordersTable,
	inside:  expect{answers: legacyTable("eu-central-1"), placement: tableReplicaIn("eu-central-1", "global table replica (2017.11.29)")},
	outside: expect{answers: legacyTable("us-east-1"), placement: tableReplicaIn("us-east-1", "global table replica (2017.11.29)")},
	unknown: expect{answers: dynamoDenies("ListGlobalTables"), gap: "ListGlobalTables denied"},
})

func tableExport() aws {
	return dynamoTable("eu-west-1", "").on("eu-west-1", "dynamodb", "ListExports", "", `{"ExportSummaries":[{"ExportArn":"`+ordersTable+`/export/1","ExportStatus":"COMPLETED"}]}`).
		on("eu-west-1", "dynamodb", "DescribeExport", "", `{"ExportDescription":{"ExportArn":"`+ordersTable+`/export/1","ExportStatus":"COMPLETED","S3Bucket":"lake"}}`)
}

var _ = catalogue("DynamoDB", "export to S3", row{scanner: "dynamodb", resource: ordersTable,
	inside:  expect{answers: headBucketIn(tableExport(), "eu-west-1"), placement: dbExportAt("eu-west-1")},
	outside: expect{answers: headBucketIn(tableExport(), "us-east-1"), placement: dbExportAt("us-east-1")},
	unknown: expect{answers: dynamoDenies("DescribeExport"), placement: residency.Placement{Role: residency.Stream, Via: "export to S3"}},
})

func tableFeed(region string) aws {
	return dynamoTable(region, "").on(region, "dynamodb", "DescribeKinesisStreamingDestination", "", `{"KinesisDataStreamDestinations":[{"StreamArn":"arn:aws:kinesis:`+region+`:111111111111:stream/feed","DestinationStatus":"ACTIVE"}]}`)
}

func feedIn(region string) residency.Placement {
	return dbCopy(residency.Stream, region, "arn:aws:kinesis:"+region+":111111111111:stream/feed", "Kinesis streaming destination")
}

var _ = catalogue("DynamoDB", "Kinesis streaming destination / streams", row{scanner: "dynamodb", resource: ordersTable,
	inside:  expect{answers: tableFeed("eu-west-1"), placement: feedIn("eu-west-1")},
	outside: expect{answers: tableFeed("us-east-1"), resource: "arn:aws:dynamodb:us-east-1:111111111111:table/orders", placement: feedIn("us-east-1")},
	unknown: expect{answers: dynamoDenies("DescribeKinesisStreamingDestination"), gap: "DescribeKinesisStreamingDestination denied " + ordersTable},
})

func backupOf(region string) (aws, string, residency.Source) {
	table := "arn:aws:dynamodb:" + region + ":111111111111:table/orders"
	return dynamoEstate("eu-west-1", "us-east-1").on(region, "dynamodb", "ListBackups", `{"BackupType":"ALL"}`, `{"BackupSummaries":[{"BackupArn":"`+table+`/backup/1","TableArn":"`+table+`","BackupType":"SYSTEM"}]}`),
		table + "/backup/1", residency.Source{ID: table, Role: residency.Backup, Region: region, Account: ownAccount, Via: "backup"}
}

var _ = func() struct{} {
	insideAnswers, inside, insideSource := backupOf("eu-west-1")
	outsideAnswers, outside, outsideSource := backupOf("us-east-1")
	return catalogue("DynamoDB", "on-demand backup", row{scanner: "dynamodb", resource: inside,
		inside: expect{answers: insideAnswers, source: insideSource}, outside: expect{answers: outsideAnswers, resource: outside, source: outsideSource},
		unknown: expect{answers: dynamoDenies("ListBackups"), gap: "ListBackups denied"},
	})
}()

func tableImport() aws {
	return dynamoTable("eu-west-1", "").on("eu-west-1", "dynamodb", "ListImports", "", `{"ImportSummaryList":[{"ImportArn":"`+ordersTable+`/import/1","TableArn":"`+ordersTable+`","S3BucketSource":{"S3Bucket":"lake"}}]}`)
}

func importFrom(region string) residency.Source {
	return residency.Source{ID: "arn:aws:s3:::lake", Role: residency.Stream, Region: region, Via: "import from S3"}
}

var _ = catalogue("DynamoDB", "import from S3", row{scanner: "dynamodb", resource: ordersTable,
	inside:  expect{answers: headBucketIn(tableImport(), "eu-west-1"), source: importFrom("eu-west-1")},
	outside: expect{answers: headBucketIn(tableImport(), "us-east-1"), source: importFrom("us-east-1")},
	unknown: expect{answers: tableImport(), source: importFrom("")},
})
