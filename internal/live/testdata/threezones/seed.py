"""Seeds moto with the part of three-zones that moto answers as AWS does. What it lacks or gets wrong is in hand.py.

usage: seed.py ENDPOINT
"""

import json
import sys

import boto3

EU, AU, US = "eu-west-1", "ap-southeast-2", "us-east-1"
HOME, AUSTRALIA = "111111111111", "222222222222"


class Account:
    """Clients of one account; moto switches accounts for any role that is assumed."""

    def __init__(self, endpoint, account):
        self.endpoint, self.keys = endpoint, {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        role = f"arn:aws:iam::{account}:role/DomicileAudit"
        got = self.client("sts", US).assume_role(RoleArn=role, RoleSessionName="domicile")["Credentials"]
        self.keys = {"aws_access_key_id": got["AccessKeyId"], "aws_secret_access_key": got["SecretAccessKey"],
                     "aws_session_token": got["SessionToken"]}

    def client(self, service, region):
        return boto3.client(service, region_name=region, endpoint_url=self.endpoint, **self.keys)


def tags(**pairs):
    return [{"Key": k.replace("_", "-"), "Value": v} for k, v in pairs.items()]


def bucket(account, region, name, **tag):
    s3 = account.client("s3", region)
    where = {} if region == US else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)
    if tag:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags(**tag)})
    return s3


def replicate(s3, source, target, rule):
    s3.put_bucket_versioning(Bucket=source, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": f"arn:aws:iam::{HOME}:role/replication", "Rules": [
        {"ID": rule, "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
         "Destination": {"Bucket": f"arn:aws:s3:::{target}"}}]})


def buckets(home, australia):
    for region, name in [(US, "acme-us-copy"), (US, "acme-us-analytics"), (US, "acme-log-archive-us"), (US, "acme-terraform-state"),
                         (US, "acme-us-web"), (EU, f"cdk-hnb659fds-assets-{HOME}-eu-west-1"), (EU, "acme-eu-media-copy"),
                         (EU, "acme-eu-access-logs"), (EU, "acme-eu-reports"), (AU, "acme-au-reports")]:
        bucket(home, region, name)
    for region, name in [(AU, "acme-au-files"), (AU, "acme-au-logs")]:
        bucket(australia, region, name)
    for name in ["acme-us-copy", "acme-log-archive-us", "acme-eu-media-copy"]:
        home.client("s3", US).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    replicate(bucket(home, EU, "acme-eu-files", data_residency="eu", owner="messaging"), "acme-eu-files", "acme-us-copy", "all")
    replicate(bucket(home, EU, "acme-eu-media"), "acme-eu-media", "acme-eu-media-copy", "media")
    replicate(bucket(home, EU, "acme-log-landing"), "acme-log-landing", "acme-log-archive-us", "archive")

    bucket(home, US, "acme-eu-invoices")  # named for Europe, made in Virginia
    bucket(home, EU, "acme-eu-legal-hold")  # its owner denies GetBucketReplication: hand.py
    s3 = bucket(home, EU, "acme-eu-photos")
    s3.put_bucket_policy(Bucket="acme-eu-access-logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "LogDelivery", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
         "Resource": "arn:aws:s3:::acme-eu-access-logs/*"}]}))
    s3.put_bucket_logging(Bucket="acme-eu-photos", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "acme-eu-access-logs", "TargetPrefix": "photos/"}})
    s3.put_bucket_inventory_configuration(Bucket="acme-eu-photos", Id="weekly", InventoryConfiguration={
        "Id": "weekly", "IsEnabled": True, "IncludedObjectVersions": "Current", "Schedule": {"Frequency": "Weekly"},
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::acme-eu-reports", "Format": "CSV", "AccountId": HOME}}})
    s3 = bucket(home, EU, "acme-eu-uploads")
    s3.put_bucket_accelerate_configuration(Bucket="acme-eu-uploads", AccelerateConfiguration={"Status": "Enabled"})
    s3 = bucket(home, EU, "acme-eu-partner")
    s3.put_bucket_policy(Bucket="acme-eu-partner", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "PartnerReads", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": ["s3:GetObject", "s3:ListBucket"],
         "Resource": ["arn:aws:s3:::acme-eu-partner", "arn:aws:s3:::acme-eu-partner/*"]},
        {"Sid": "VendorReads", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::888888888888:role/ingest"}, "Action": "s3:GetObject",
         "Resource": "arn:aws:s3:::acme-eu-partner/*"},
        {"Sid": "AustraliaReads", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{AUSTRALIA}:root"}, "Action": "s3:GetObject",
         "Resource": "arn:aws:s3:::acme-eu-partner/*"}]}))
    s3 = bucket(home, EU, "acme-eu-brochures")
    s3.put_bucket_policy(Bucket="acme-eu-brochures", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-eu-brochures/*"}]}))
    s3.put_public_access_block(Bucket="acme-eu-brochures", PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False})


def databases(home, australia):
    eu, us, au = home.client("rds", EU), home.client("rds", US), australia.client("rds", AU)
    shape = {"Engine": "postgres", "DBInstanceClass": "db.m6g.large", "AllocatedStorage": 100, "MasterUsername": "acme", "MasterUserPassword": "not-a-secret"}
    eu.create_db_instance(DBInstanceIdentifier="acme-eu-orders", Tags=tags(data_residency="eu"), **shape)
    eu.create_db_instance_read_replica(DBInstanceIdentifier="acme-eu-orders-read", SourceDBInstanceIdentifier="acme-eu-orders", DBInstanceClass="db.m6g.large")
    us.create_db_instance_read_replica(DBInstanceIdentifier="acme-eu-orders-us", DBInstanceClass="db.m6g.large", Tags=tags(purpose="reporting"),
                                       SourceDBInstanceIdentifier=f"arn:aws:rds:{EU}:{HOME}:db:acme-eu-orders", SourceRegion=EU)
    us.create_db_instance(DBInstanceIdentifier="acme-us-orders", **shape)
    au.create_db_instance(DBInstanceIdentifier="acme-au-orders", **shape)
    for name in ["acme-eu-orders-before-upgrade", "acme-eu-orders-for-auditor", "acme-eu-orders-demo"]:
        eu.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="acme-eu-orders")
    eu.modify_db_snapshot_attribute(DBSnapshotIdentifier="acme-eu-orders-for-auditor", AttributeName="restore", ValuesToAdd=["999999999999"])
    eu.modify_db_snapshot_attribute(DBSnapshotIdentifier="acme-eu-orders-demo", AttributeName="restore", ValuesToAdd=["all"])

    ledger = {"Engine": "aurora-postgresql", "MasterUsername": "acme", "MasterUserPassword": "not-a-secret"}
    eu.create_db_cluster(DBClusterIdentifier="acme-eu-ledger", Tags=tags(data_residency="eu"), **ledger)
    us.create_db_cluster(DBClusterIdentifier="acme-us-ledger", **ledger)
    eu.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="acme-eu-ledger-close", DBClusterIdentifier="acme-eu-ledger")


def tables(home, australia):
    def table(client, name, **tag):
        client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", Tags=tags(**tag), KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])

    eu, us, au = home.client("dynamodb", EU), home.client("dynamodb", US), australia.client("dynamodb", AU)
    for name in ["acme-eu-messages", "acme-eu-profiles", "acme-eu-drafts"]:
        table(eu, name)
    table(eu, "acme-feature-flags", data_residency="emea")  # the tag names no zone
    table(us, "acme-us-messages")
    for client in [us, eu]:  # which replicates which, moto loses: databases.py
        table(client, "acme-us-sessions", data_residency="us")
        table(client, "acme-legacy-carts")
    table(home.client("dynamodb", AU), "acme-eu-messages", data_residency="eu")
    table(au, "acme-au-messages")
    eu.create_backup(TableName="acme-eu-messages", BackupName="before-migration")


def logs(home, australia):
    eu, us, au = home.client("logs", EU), home.client("logs", US), australia.client("logs", AU)
    for client, name in [(eu, "/acme/eu/api"), (eu, "/acme/eu/worker"), (eu, "/acme/eu/audit"), (us, "/acme/us/api"), (au, "/acme/au/api"), (au, "/acme/au/worker")]:
        client.create_log_group(logGroupName=name)
        client.put_retention_policy(logGroupName=name, retentionInDays=90)
    eu.put_subscription_filter(logGroupName="/acme/eu/api", filterName="ship", filterPattern="",
                               destinationArn=f"arn:aws:firehose:{EU}:{HOME}:deliverystream/acme-log-shipper", roleArn=f"arn:aws:iam::{HOME}:role/ship")
    eu.put_subscription_filter(logGroupName="/acme/eu/worker", filterName="records", filterPattern="",
                               destinationArn=f"arn:aws:kinesis:{EU}:{HOME}:stream/acme-eu-events", roleArn=f"arn:aws:iam::{HOME}:role/ship")


def streams(home, australia):
    eu, us, au = home.client("firehose", EU), home.client("firehose", US), australia.client("firehose", AU)
    for client, region, names in [(home.client("kinesis", EU), EU, ["acme-eu-events", "acme-eu-clicks"]), (home.client("kinesis", US), US, ["acme-us-events"]),
                                  (australia.client("kinesis", AU), AU, ["acme-au-events"])]:
        for name in names:
            client.create_stream(StreamName=name, ShardCount=1)

    def to_bucket(client, name, target, **more):
        client.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{HOME}:role/deliver", "BucketARN": f"arn:aws:s3:::{target}"}, **more)

    to_bucket(eu, "acme-log-shipper", "acme-log-landing")
    to_bucket(eu, "acme-eu-clickstream", "acme-us-analytics", DeliveryStreamType="KinesisStreamAsSource", KinesisStreamSourceConfiguration={
        "KinesisStreamARN": f"arn:aws:kinesis:{EU}:{HOME}:stream/acme-eu-clicks", "RoleARN": f"arn:aws:iam::{HOME}:role/deliver"})
    to_bucket(us, "acme-us-clickstream", "acme-us-analytics")
    to_bucket(au, "acme-au-clickstream", "acme-au-logs")
    eu.create_delivery_stream(DeliveryStreamName="acme-eu-monitoring", HttpEndpointDestinationConfiguration={
        "EndpointConfiguration": {"Url": "https://ingest.monitoring.example/v1", "Name": "monitoring"},
        "S3Configuration": {"RoleARN": f"arn:aws:iam::{HOME}:role/deliver", "BucketARN": "arn:aws:s3:::acme-eu-reports"}})


def trails(home, australia):
    eu, au = home.client("cloudtrail", EU), australia.client("cloudtrail", AU)
    eu.create_trail(Name="acme-eu-data-events", S3BucketName="acme-us-analytics", IsMultiRegionTrail=False, IncludeGlobalServiceEvents=False)
    eu.put_event_selectors(TrailName="acme-eu-data-events", EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True,
                           "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}])
    au.create_trail(Name="acme-au-management", S3BucketName="acme-au-logs", IsMultiRegionTrail=False, IncludeGlobalServiceEvents=False)


def vaults(home, australia):
    home.client("backup", EU).create_backup_vault(BackupVaultName="acme-eu-vault")
    home.client("backup", US).create_backup_vault(BackupVaultName="acme-us-vault")
    australia.client("backup", AU).create_backup_vault(BackupVaultName="acme-au-vault")


def main(endpoint):
    home, australia = Account(endpoint, HOME), Account(endpoint, AUSTRALIA)
    for part in [buckets, databases, tables, streams, logs, trails, vaults]:
        part(home, australia)


if __name__ == "__main__":
    main(*sys.argv[1:])
