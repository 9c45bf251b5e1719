"""RDS, Aurora and DynamoDB, as far as moto lacks it or answers otherwise than AWS: what replicates what, and copies."""

import json

from places import *


def write(r):
    rds_defaults(r)
    instances(r)
    automated_backups(r)
    snapshots(r)
    clusters(r)
    copies(r)
    dynamo_defaults(r)
    tables(r)
    exports(r)


def rds_defaults(r):
    for operation in ["DescribeDBInstances", "DescribeDBClusters", "DescribeGlobalClusters", "DescribeDBSnapshots", "DescribeDBClusterSnapshots",
                      "DescribeDBInstanceAutomatedBackups", "DescribeDBClusterAutomatedBackups", "DescribeExportTasks", "DescribeIntegrations",
                      "DescribeBlueGreenDeployments", "ListTagsForResource"]:
        r.put(ANY, ANY, "rds", operation, {})
    for operation in ["DescribeGlobalClusters", "DescribeDBInstanceAutomatedBackups", "DescribeDBClusterAutomatedBackups", "DescribeIntegrations",
                      "DescribeBlueGreenDeployments", "DescribeExportTasks"]:
        r.drop("rds", operation)
        r.put(ANY, ANY, "rds", operation, {})
    r.put(ANY, ANY, "rds", "DescribeDBSnapshotAttributes", {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": []}]}})
    r.put(ANY, ANY, "rds", "DescribeDBClusterSnapshotAttributes", {"DBClusterSnapshotAttributesResult": {
        "DBClusterSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": []}]}})


def instances(r):
    """The second page: backups replicated to another region, an activity stream, logs and a key, which moto does not keep."""
    billing = {"DBInstanceIdentifier": "acme-eu-billing", "DBInstanceArn": arn("rds", EU, HOME, "db:acme-eu-billing"), "Engine": "oracle-ee",
               "DBInstanceStatus": "available", "AvailabilityZone": "eu-west-1a", "StorageEncrypted": True, "KmsKeyId": key(EU), "DbiResourceId": "db-BILLING",
               "ActivityStreamStatus": "started", "ActivityStreamKinesisStreamName": "aws-rds-das-db-BILLING", "ActivityStreamKmsKeyId": key(EU),
               "EnabledCloudwatchLogsExports": ["audit"],
               "DBInstanceAutomatedBackupsReplications": [{"DBInstanceAutomatedBackupsArn": arn("rds", US, HOME, "auto-backup:ab-billing-us")}]}
    r.page_on(HOME, EU, "rds", "DescribeDBInstances", "page-2", {"DBInstances": [billing]}, "Marker", {"Marker": "page-2"})
    r.put(HOME, EU, "rds", "ListTagsForResource", {"TagList": tag_list(data_residency="eu")}, {"ResourceName": billing["DBInstanceArn"]})


def automated_backups(r):
    def backup(region, name, of, database_region, status, **more):
        return {"DBInstanceArn": arn("rds", database_region, HOME, f"db:{of}"), "DBInstanceIdentifier": of, "DbiResourceId": f"db-{name}", "Region": database_region,
                "Status": status, "Engine": "oracle-ee", "Encrypted": True, "KmsKeyId": key(region), "TagList": [],
                "DBInstanceAutomatedBackupsArn": arn("rds", region, HOME, f"auto-backup:{name}")} | more

    operation = "DescribeDBInstanceAutomatedBackups"
    r.put(HOME, EU, "rds", operation, {"DBInstanceAutomatedBackups": [backup(EU, "ab-billing", "acme-eu-billing", EU, "active")], "Marker": "page-2"})
    r.put(HOME, EU, "rds", operation, {"DBInstanceAutomatedBackups": [backup(EU, "ab-crm", "acme-eu-crm", EU, "retained")]}, {"Marker": "page-2"})
    # The first is the copy that acme-eu-billing names; the second is all that is left of a database and of its setting.
    r.put(HOME, US, "rds", operation, {"DBInstanceAutomatedBackups": [backup(US, "ab-billing-us", "acme-eu-billing", EU, "replicating"),
                                                                      backup(US, "ab-hr-us", "acme-eu-hr", EU, "retained")]})
    r.put(HOME, EU, "rds", "DescribeDBClusterAutomatedBackups", {"DBClusterAutomatedBackups": [
        {"DBClusterIdentifier": "acme-eu-ledger", "DBClusterArn": arn("rds", EU, HOME, "cluster:acme-eu-ledger"), "Region": EU, "Status": "active",
         "Engine": "aurora-postgresql", "DbClusterResourceId": "cluster-LEDGER", "TagList": [],
         "DBClusterAutomatedBackupsArn": arn("rds", EU, HOME, "cluster-auto-backup:ab-ledger")}]})


def snapshots(r):
    def snapshot(region, name, of, **more):
        return {"DBSnapshotIdentifier": name, "DBSnapshotArn": arn("rds", region, HOME, f"snapshot:{name}"), "DBInstanceIdentifier": of, "Engine": "postgres",
                "Status": "available", "SnapshotType": "manual", "Encrypted": True, "KmsKeyId": key(region), "TagList": []} | more

    r.page_on(HOME, EU, "rds", "DescribeDBSnapshots", "page-2", {"DBSnapshots": [snapshot(EU, "acme-eu-billing-final", "acme-eu-billing", SourceRegion=EU)]},
              "Marker", {"Marker": "page-2"})
    before = arn("rds", EU, HOME, "snapshot:acme-eu-orders-before-upgrade")
    r.put(HOME, AU, "rds", "DescribeDBSnapshots", {"DBSnapshots": [snapshot(AU, "acme-eu-orders-moved", "acme-eu-orders", SourceRegion=EU,
          SourceDBSnapshotIdentifier=before)]})
    r.put(HOME, US, "rds", "DescribeDBClusterSnapshots", {"DBClusterSnapshots": [
        {"DBClusterSnapshotIdentifier": "acme-eu-ledger-far", "DBClusterSnapshotArn": arn("rds", US, HOME, "cluster-snapshot:acme-eu-ledger-far"),
         "DBClusterIdentifier": "acme-eu-ledger", "Engine": "aurora-postgresql", "Status": "available", "SnapshotType": "manual", "StorageEncrypted": True,
         "TagList": [], "SourceDBClusterSnapshotArn": arn("rds", EU, HOME, "cluster-snapshot:acme-eu-ledger-close")}]})


def clusters(r):
    eu, us = arn("rds", EU, HOME, "cluster:acme-eu-ledger"), arn("rds", US, HOME, "cluster:acme-us-ledger")
    ledger = {"GlobalClusterIdentifier": "acme-ledger", "GlobalClusterArn": f"arn:aws:rds::{HOME}:global-cluster:acme-ledger", "Engine": "aurora-postgresql",
              "Status": "available", "StorageEncrypted": True, "TagList": tag_list(data_residency="eu"), "GlobalClusterMembers": [
                  {"DBClusterArn": eu, "Readers": [us], "IsWriter": True, "GlobalWriteForwardingStatus": "disabled"},
                  {"DBClusterArn": us, "Readers": [], "IsWriter": False, "GlobalWriteForwardingStatus": "disabled"}]}
    for region in (EU, US):
        r.put(HOME, region, "rds", "DescribeGlobalClusters", {"GlobalClusters": [ledger], "Marker": "page-2"})
        r.put(HOME, region, "rds", "DescribeGlobalClusters", {}, {"Marker": "page-2"})


def copies(r):
    r.put(HOME, EU, "rds", "DescribeExportTasks", {"ExportTasks": [
        {"ExportTaskIdentifier": "orders-to-parquet", "SourceArn": arn("rds", EU, HOME, "snapshot:acme-eu-orders-before-upgrade"), "S3Bucket": "acme-eu-reports",
         "KmsKeyId": key(EU), "Status": "COMPLETE", "PercentProgress": 100, "SourceType": "SNAPSHOT"},
        {"ExportTaskIdentifier": "crm-to-parquet", "SourceArn": arn("rds", EU, HOME, "snapshot:acme-eu-crm-last"), "S3Bucket": "acme-eu-reports",
         "KmsKeyId": key(EU), "Status": "COMPLETE", "PercentProgress": 100, "SourceType": "SNAPSHOT"}]})
    r.put(HOME, EU, "rds", "DescribeIntegrations", {"Integrations": [{"IntegrationName": "warehouse", "SourceArn": arn("rds", EU, HOME, "cluster:acme-eu-ledger"),
          "TargetArn": arn("redshift-serverless", EU, HOME, "namespace/7f3f6ad1-0000-4a4a-9b9b-000000000001"), "Status": "active",
          "IntegrationArn": arn("rds", EU, HOME, "integration:warehouse"), "KMSKeyId": key(EU), "Tags": []}]})
    r.put(HOME, EU, "rds", "DescribeBlueGreenDeployments", {"BlueGreenDeployments": [{"BlueGreenDeploymentIdentifier": "bgd-orders17", "TagList": [],
          "BlueGreenDeploymentName": "orders-17", "Source": arn("rds", EU, HOME, "db:acme-eu-orders"), "Target": arn("rds", EU, HOME, "db:acme-eu-orders-green"),
          "Status": "AVAILABLE"}]})


def dynamo_defaults(r):
    package = "dynamodb"
    r.put(ANY, ANY, package, "ListTables", {"TableNames": []})
    r.put(ANY, ANY, package, "ListTagsOfResource", {"Tags": []})
    r.put(ANY, ANY, package, "DescribeKinesisStreamingDestination", {"KinesisDataStreamDestinations": []})
    r.put(ANY, ANY, package, "ListExports", {"ExportSummaries": []})
    r.put(ANY, ANY, package, "ListImports", {"ImportSummaryList": []})
    r.put(ANY, ANY, package, "ListBackups", {"BackupSummaries": []})
    r.put(ANY, ANY, package, "ListGlobalTables", {"GlobalTables": []})
    r.fail(ANY, ANY, package, "GetResourcePolicy", 400, "PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn")


def tables(r):
    package = "dynamodb"

    def table(region, name, *replicas, **more):
        described = {"TableName": name, "TableArn": arn(package, region, HOME, f"table/{name}"), "TableStatus": "ACTIVE"} | more
        if replicas:
            described |= {"GlobalTableVersion": "2019.11.21", "Replicas": [
                {"RegionName": other, "ReplicaStatus": "ACTIVE", "ReplicaArn": arn(package, other, HOME, f"table/{name}")} for other in replicas]}
        r.put(HOME, region, package, "DescribeTable", {"Table": described}, {"TableName": name})

    stream = arn(package, EU, HOME, "table/acme-eu-messages/stream/2026-01-01T00:00:00.000")
    table(EU, "acme-eu-messages", AU, LatestStreamArn=stream, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
          SSEDescription={"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key(EU)})
    table(AU, "acme-eu-messages", EU)
    table(US, "acme-us-sessions", EU)  # meant to be: the United States are free to leave
    table(EU, "acme-us-sessions", US)
    carts = {"GlobalTableName": "acme-legacy-carts", "ReplicationGroup": [{"RegionName": EU}, {"RegionName": US}]}
    for region in (EU, US):
        r.put(HOME, region, package, "ListGlobalTables", {"GlobalTables": [carts], "LastEvaluatedGlobalTableName": "acme-legacy-carts"})
        r.put(HOME, region, package, "ListGlobalTables", {"GlobalTables": []}, {"ExclusiveStartGlobalTableName": "acme-legacy-carts"})
    r.put(HOME, EU, package, "DescribeKinesisStreamingDestination", {"TableName": "acme-eu-profiles", "KinesisDataStreamDestinations": [
        {"StreamArn": arn("kinesis", EU, HOME, "stream/acme-eu-events"), "DestinationStatus": "ACTIVE"}]}, {"TableName": "acme-eu-profiles"})
    r.put(HOME, EU, package, "GetResourcePolicy", {"RevisionId": "1", "Policy": json.dumps({"Version": "2012-10-17", "Statement": [{
        "Sid": "Archive", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ARCHIVE}:root"}, "Action": "dynamodb:Query", "Resource": "*"}]})},
          {"ResourceArn": arn(package, EU, HOME, "table/acme-eu-drafts")})


def exports(r):
    package = "dynamodb"
    profiles, carts = (arn(package, EU, HOME, f"table/{name}/export/01700000000000-{number}") for name, number in [("acme-eu-profiles", "0001"), ("acme-eu-wishes", "0002")])
    r.put(HOME, EU, package, "ListExports", {"ExportSummaries": [{"ExportArn": profiles, "ExportStatus": "COMPLETED", "ExportType": "FULL_EXPORT"}], "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListExports", {"ExportSummaries": [{"ExportArn": carts, "ExportStatus": "COMPLETED", "ExportType": "FULL_EXPORT"}]}, {"NextToken": "page-2"})
    for export, target in [(profiles, "acme-us-analytics"), (carts, "acme-eu-reports")]:
        r.put(HOME, EU, package, "DescribeExport", {"ExportDescription": {"ExportArn": export, "ExportStatus": "COMPLETED", "S3Bucket": target, "S3BucketOwner": HOME,
              "S3SseAlgorithm": "AES256"}}, {"ExportArn": export})
    r.put(HOME, EU, package, "ListImports", {"ImportSummaryList": [{"ImportArn": arn(package, EU, HOME, "table/acme-eu-drafts/import/01700000000000-0003"),
          "ImportStatus": "COMPLETED", "TableArn": arn(package, EU, HOME, "table/acme-eu-drafts"), "S3BucketSource": {"S3Bucket": "acme-eu-media", "S3BucketOwner": HOME},
          "CloudWatchLogGroupArn": arn("logs", EU, HOME, "log-group:/aws-dynamodb/imports:*")}]})
