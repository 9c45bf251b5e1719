package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// What copies databases: snapshots, replicated backups, exports and feeds. An export or a feed is a setting of what it copies, so that
// it shares that one's tags and zone, as in a scan.
var _ = rows(
	row{typ: "aws_db_snapshot", kind: "rds.snapshot", arn: "arn:{partition}:rds:{region}:{account}:snapshot:{name}", name: "db_snapshot_identifier", read: func(v view) {
		v.here(residency.Backup, "")
		v.from(residency.Backup, "snapshot", "db_instance_identifier", asRDS("db"))
		v.shareWith(residency.Backup, "snapshot attribute restore", "shared_accounts", "all")
	}},
	row{typ: "aws_db_snapshot_copy", kind: "rds.snapshot", arn: "arn:{partition}:rds:{region}:{account}:snapshot:{name}", name: "target_db_snapshot_identifier",
		read: databaseSnapshotCopy("source_db_snapshot_identifier", "snapshot")},
	row{typ: "aws_db_cluster_snapshot", kind: "rds.cluster_snapshot", arn: clusterSnapshotARN, name: "db_cluster_snapshot_identifier", read: clusterSnapshot},
	row{typ: "aws_docdb_cluster_snapshot", kind: "rds.cluster_snapshot", arn: clusterSnapshotARN, name: "db_cluster_snapshot_identifier", read: clusterSnapshot},
	row{typ: "aws_neptune_cluster_snapshot", kind: "rds.cluster_snapshot", arn: clusterSnapshotARN, name: "db_cluster_snapshot_identifier", read: clusterSnapshot},
	row{typ: "aws_rds_cluster_snapshot_copy", kind: "rds.cluster_snapshot", arn: clusterSnapshotARN, name: "target_db_cluster_snapshot_identifier",
		read: databaseSnapshotCopy("source_db_cluster_snapshot_identifier", "cluster-snapshot")},
	row{typ: "aws_db_instance_automated_backups_replication", kind: "rds.automated_backup", arn: "arn:{partition}:rds:{region}:{account}:auto-backup:{id}", read: func(v view) {
		v.here(residency.Backup, "") // it is declared where the backups go
		v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
		v.copyOf(residency.Backup, "automated backup replication", "source_db_instance_arn", asRDS("db"))
	}},
	row{typ: "aws_rds_export_task", kind: "rds.export_task", settings: settingsOf("source_arn", asARN), read: func(v view) {
		v.place(residency.Stream, "export to S3", "s3_bucket_name", asBucket)
		v.place(residency.Key, "KmsKeyId of the export", "kms_key_id", asKey)
	}},
	row{typ: "aws_rds_integration", kind: "rds.integration", settings: settingsOf("source_arn", asARN), read: func(v view) {
		v.place(residency.Stream, "zero-ETL integration "+v.text("integration_name"), "target_arn", asARN)
		v.place(residency.Key, "KMSKeyId of the integration", "kms_key_id", asKey)
	}},
	row{typ: "AWS::RDS::Integration", kind: "rds.integration", settings: settingsOf("SourceArn", asARN), read: func(v view) {
		v.place(residency.Stream, "zero-ETL integration "+v.text("IntegrationName"), "TargetArn", asARN)
		v.place(residency.Key, "KMSKeyId of the integration", "KMSKeyId", asKey)
	}},
	row{typ: "aws_rds_cluster_activity_stream", kind: "rds.cluster", settings: settingsOf("resource_arn", asARN), read: func(v view) {
		v.here(residency.Stream, v.via("kinesis_stream_name", "activity stream")) // RDS makes the stream in the same account and region
		v.place(residency.Key, "ActivityStreamKmsKeyId", "kms_key_id", asKey)
	}},
	row{typ: "AWS::RDS::DBSnapshot", kind: "rds.snapshot", arn: "arn:{partition}:rds:{region}:{account}:snapshot:{name}", name: "DBSnapshotIdentifier", read: func(v view) {
		v.here(residency.Backup, "")
		v.from(residency.Backup, "snapshot", "DBInstanceIdentifier", asRDS("db"))
	}},
	row{typ: "AWS::RDS::ClusterSnapshot", kind: "rds.cluster_snapshot", arn: clusterSnapshotARN, name: "DBClusterSnapshotIdentifier", read: func(v view) {
		v.here(residency.Backup, "")
		v.from(residency.Backup, "snapshot", "DBClusterIdentifier", asRDS("cluster"))
	}},
	row{typ: "AWS::RDS::Deployment", kind: "rds.blue_green_deployment", settings: settingsOf("Source", asARN), read: func(v view) {
		v.here(residency.Replica, v.via("Target", "blue/green deployment "+v.text("BlueGreenDeploymentName"))) // in the same account and region
	}},
	row{typ: "AWS::RDS::DBShardGroup", kind: "rds.shard_group", arn: "arn:{partition}:rds:{region}:{account}:shard-group:{id}"},
	row{typ: "aws_rds_shard_group", kind: "rds.shard_group", arn: "arn:{partition}:rds:{region}:{account}:shard-group:{id}"},
)

func clusterSnapshot(v view) {
	v.here(residency.Backup, "")
	v.from(residency.Backup, "snapshot", "db_cluster_identifier", asRDS("cluster"))
	v.shareWith(residency.Backup, "snapshot attribute restore", "shared_accounts", "all")
}

// databaseSnapshotCopy: the copy lies where its provider is, and where it names another region, there.
func databaseSnapshotCopy(source, kind string) func(view) {
	return func(v view) {
		v.here(residency.Backup, "")
		v.place(residency.Backup, "snapshot copy into another region", "destination_region", asRegion)
		v.place(residency.Key, "KmsKeyId", "kms_key_id", copyKey)
		v.from(residency.Backup, "snapshot copy", source, asRDS(kind))
		v.shareWith(residency.Backup, "snapshot attribute restore", "shared_accounts", "all")
	}
}
