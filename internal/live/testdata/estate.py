"""Estates for the live tests, made in moto through boto3 and CloudFormation, and what a scan of each must find.

usage: estate.py clean|story|many ENDPOINT [N]

Two accounts, three regions. The expectations stand beside the seed that gives rise to them and are printed as JSON:
each violation as control, resource, zone, the regions of the placements that decide it, and the chain that leads there.
"""

import concurrent.futures
import json
import sys

import boto3
import botocore.config

EU, AU, US = "eu-west-1", "ap-southeast-2", "us-east-1"
HOME, SECOND, STRANGER = "111111111111", "222222222222", "999999999999"
REGIONS = {EU: "eu", AU: "au", US: "us"}
SHORT = {HOME: "one", SECOND: "two"}


class Account:
    """Clients of one account; moto switches accounts for any role that is assumed."""

    def __init__(self, endpoint, number):
        self.endpoint, self.number, self.keys = endpoint, number, {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        role = f"arn:aws:iam::{number}:role/DomicileAudit"
        got = self.client("sts", US).assume_role(RoleArn=role, RoleSessionName="seed")["Credentials"]
        self.keys = {"aws_access_key_id": got["AccessKeyId"], "aws_secret_access_key": got["SecretAccessKey"], "aws_session_token": got["SessionToken"]}

    def client(self, service, region):
        settings = botocore.config.Config(max_pool_connections=64)
        return boto3.client(service, region_name=region, endpoint_url=self.endpoint, config=settings, **self.keys)

    def arn(self, service, region, resource):
        return f"arn:aws:{service}:{region}:{self.number}:{resource}"

    def role(self, name):
        return f"arn:aws:iam::{self.number}:role/{name}"


class Expected:
    def __init__(self):
        self.violations = []

    def violation(self, control, resource, zone, *regions, chain=()):
        self.violations.append({"control": control, "resource": resource, "zone": zone, "regions": sorted(regions), "path": [*chain, resource]})


def s3(name):
    return f"arn:aws:s3:::{name}"


def tags(**pairs):
    return [{"Key": k.replace("_", "-"), "Value": v} for k, v in pairs.items()]


def bucket(account, region, name):
    client = account.client("s3", region)
    where = {} if region == US else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=name, **where)
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    return client


def replicate(client, account, source, target, rule):
    for name in (source, target):
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    client.put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": account.role("replication"), "Rules": [
        {"ID": rule, "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
         "Destination": {"Bucket": s3(target)}}]})


def delivery_stream(account, region, name, target, **more):
    account.client("firehose", region).create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration={
        "RoleARN": account.role("deliver"), "BucketARN": s3(target)}, **more)
    return account.arn("firehose", region, f"deliverystream/{name}")


# The clean estate: every store in its zone, every copy beside it.


def clean(endpoint, expected):
    for account in (Account(endpoint, HOME), Account(endpoint, SECOND)):
        for region, zone in REGIONS.items():
            clean_stores(account, region, f"acme-{zone}-{SHORT[account.number]}")
            clean_network(account, region, f"acme-{zone}-{SHORT[account.number]}")
        zone = account.client("route53", US).create_hosted_zone(Name=f"{SHORT[account.number]}.acme.example", CallerReference=account.number)
        account.client("route53", US).change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone["HostedZone"]["Id"].split("/")[-1], AddTags=tags(team="web"))


def clean_stores(account, region, name):
    client = bucket(account, region, f"{name}-files")
    bucket(account, region, f"{name}-copy")
    bucket(account, region, f"{name}-logs")
    bucket(account, region, f"{name}.example.org")  # with dots, which no host of its own can have
    client.put_bucket_tagging(Bucket=f"{name}-files", Tagging={"TagSet": tags(team="messaging")})
    replicate(client, account, f"{name}-files", f"{name}-copy", "near")
    client.put_bucket_policy(Bucket=f"{name}-files", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account.number}:root"}, "Action": "s3:GetObject", "Resource": s3(f"{name}-files/*")}]}))
    client.put_bucket_inventory_configuration(Bucket=f"{name}-files", Id="weekly", InventoryConfiguration={
        "Id": "weekly", "IsEnabled": True, "IncludedObjectVersions": "Current", "Schedule": {"Frequency": "Weekly"},
        "Destination": {"S3BucketDestination": {"Bucket": s3(f"{name}-logs"), "Format": "CSV", "AccountId": account.number}}})
    delivery_stream(account, region, f"{name}-clicks", f"{name}-logs")
    kinesis = account.client("kinesis", region)
    kinesis.create_stream(StreamName=f"{name}-events", ShardCount=1)
    vectors = account.client("s3vectors", region)
    vectors.create_vector_bucket(vectorBucketName=f"{name}-vectors")
    vectors.create_index(vectorBucketName=f"{name}-vectors", indexName="messages", dataType="float32", dimension=2, distanceMetric="cosine")


def clean_network(account, region, name):
    ec2 = account.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{region}{zone}")["Subnet"]["SubnetId"] for n, zone in enumerate("ab")]
    elb = account.client("elbv2", region)
    balancer = elb.create_load_balancer(Name=f"{name}-web", Subnets=subnets, Type="application")["LoadBalancers"][0]["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[
        {"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": f"{name}-logs"}])
    account.client("elb", region).create_load_balancer(LoadBalancerName=f"{name}-old", Subnets=subnets[:1], Listeners=[
        {"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 80}])
    waf = account.client("wafv2", region)
    acl = waf.create_web_acl(Name=f"{name}-web", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig={
        "SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "web"})["Summary"]["ARN"]
    waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": acl, "LogDestinationConfigs": [account.arn("firehose", region, f"deliverystream/{name}-clicks")]})
    config = account.client("config", region)
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": account.role("config")})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": f"{name}-logs"})


# The story: one violation by each mechanism that moto keeps.


def story(endpoint, expected):
    home, second = Account(endpoint, HOME), Account(endpoint, SECOND)
    clean(endpoint, expected)
    for part in (story_buckets, story_databases, story_tables, story_streams, story_chain, story_logs, story_volumes, story_backups, story_template):
        part(home, second, expected)


def story_buckets(home, second, expected):
    client = bucket(home, EU, "acme-eu-archive")
    bucket(home, US, "acme-us-archive")
    replicate(client, home, "acme-eu-archive", "acme-us-archive", "far")
    expected.violation("RES-001", s3("acme-eu-archive"), "eu", US)
    client = bucket(second, AU, "acme-au-archive")
    bucket(home, EU, "acme-eu-mirror")
    client.put_bucket_versioning(Bucket="acme-au-archive", VersioningConfiguration={"Status": "Enabled"})
    home.client("s3", EU).put_bucket_versioning(Bucket="acme-eu-mirror", VersioningConfiguration={"Status": "Enabled"})
    client.put_bucket_replication(Bucket="acme-au-archive", ReplicationConfiguration={"Role": second.role("replication"), "Rules": [
        {"ID": "across", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
         "Destination": {"Bucket": s3("acme-eu-mirror"), "Account": HOME}}]})
    expected.violation("RES-001", s3("acme-au-archive"), "au", EU)
    client = bucket(home, EU, "acme-eu-partner")
    client.put_bucket_policy(Bucket="acme-eu-partner", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "Action": "s3:GetObject", "Resource": s3("acme-eu-partner/*")},
        {"Sid": "Sister", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SECOND}:root"}, "Action": "s3:GetObject", "Resource": s3("acme-eu-partner/*")}]}))
    expected.violation("RES-012", s3("acme-eu-partner"), "eu", EU)
    client = bucket(home, EU, "acme-eu-brochures")
    client.delete_public_access_block(Bucket="acme-eu-brochures")
    client.put_bucket_policy(Bucket="acme-eu-brochures", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": s3("acme-eu-brochures/*")}]}))
    expected.violation("RES-012", s3("acme-eu-brochures"), "eu", EU)
    client = bucket(home, EU, "acme-eu-flyers")
    client.delete_public_access_block(Bucket="acme-eu-flyers")
    client.put_bucket_acl(Bucket="acme-eu-flyers", ACL="public-read")
    expected.violation("RES-012", s3("acme-eu-flyers"), "eu", EU)
    bucket(home, US, "acme-eu-invoices")  # named for Europe, made in Virginia
    expected.violation("RES-002", s3("acme-eu-invoices"), "eu", US)
    client = bucket(home, EU, "acme-eu-photos")
    client.put_bucket_inventory_configuration(Bucket="acme-eu-photos", Id="far", InventoryConfiguration={
        "Id": "far", "IsEnabled": True, "IncludedObjectVersions": "Current", "Schedule": {"Frequency": "Weekly"},
        "Destination": {"S3BucketDestination": {"Bucket": s3("acme-us-archive"), "Format": "CSV", "AccountId": HOME}}})
    expected.violation("RES-010", s3("acme-eu-photos"), "eu", US)


def story_databases(home, second, expected):
    shape = {"Engine": "postgres", "DBInstanceClass": "db.m6g.large", "AllocatedStorage": 20, "MasterUsername": "acme", "MasterUserPassword": "not-a-secret"}
    eu, us, au = home.client("rds", EU), home.client("rds", US), second.client("rds", AU)
    eu.create_db_instance(DBInstanceIdentifier="acme-eu-orders", **shape)
    eu.create_db_instance_read_replica(DBInstanceIdentifier="acme-eu-orders-near", SourceDBInstanceIdentifier="acme-eu-orders", DBInstanceClass="db.m6g.large")
    us.create_db_instance_read_replica(DBInstanceIdentifier="acme-eu-orders-far", DBInstanceClass="db.m6g.large",
                                       SourceDBInstanceIdentifier=home.arn("rds", EU, "db:acme-eu-orders"), SourceRegion=EU)
    expected.violation("RES-001", home.arn("rds", EU, "db:acme-eu-orders"), "eu", US)
    au.create_db_instance(DBInstanceIdentifier="acme-au-orders", **shape)
    for name, receivers in [("acme-eu-orders-kept", []), ("acme-eu-orders-auditor", [STRANGER]), ("acme-eu-orders-demo", ["all"]), ("acme-eu-orders-sister", [SECOND])]:
        eu.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="acme-eu-orders")
        if receivers:
            eu.modify_db_snapshot_attribute(DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=receivers)
    for name in ("acme-eu-orders-auditor", "acme-eu-orders-demo"):
        expected.violation("RES-012", home.arn("rds", EU, f"snapshot:{name}"), "eu", EU)
    ledger = {"Engine": "aurora-postgresql", "MasterUsername": "acme", "MasterUserPassword": "not-a-secret"}
    eu.create_db_cluster(DBClusterIdentifier="acme-eu-ledger", **ledger)


def story_tables(home, second, expected):
    for account, region, name, tag in [(home, EU, "acme-eu-messages", {}), (home, US, "acme-us-messages", {}), (second, AU, "acme-au-messages", {}),
                                       (home, US, "acme-astray", {"data_residency": "eu"})]:
        account.client("dynamodb", region).create_table(TableName=name, BillingMode="PAY_PER_REQUEST", Tags=tags(**tag),
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    expected.violation("RES-002", home.arn("dynamodb", US, "table/acme-astray"), "eu", US)
    home.client("dynamodb", EU).create_backup(TableName="acme-eu-messages", BackupName="before")


def story_streams(home, second, expected):
    far = delivery_stream(home, EU, "acme-eu-export", "acme-us-archive")
    expected.violation("RES-005", far, "eu", US)
    far = delivery_stream(second, AU, "acme-au-export", "acme-eu-mirror")
    expected.violation("RES-005", far, "au", EU)
    intended = delivery_stream(home, US, "acme-us-export", "acme-eu-mirror")  # the United States are free to leave
    expected.violation("RES-005", intended, "us", EU)


def story_chain(home, second, expected):
    """Log group, delivery stream, bucket, and from there abroad. The pipe originates nothing: zone none."""
    client = bucket(home, EU, "acme-log-landing")
    bucket(home, US, "acme-log-far")
    replicate(client, home, "acme-log-landing", "acme-log-far", "archive")
    pipe = delivery_stream(home, EU, "acme-log-pipe", "acme-log-landing")
    logs = home.client("logs", EU)
    logs.create_log_group(logGroupName="/acme/api")
    logs.put_subscription_filter(logGroupName="/acme/api", filterName="ship", filterPattern="", destinationArn=pipe, roleArn=home.role("ship"))
    expected.violation("RES-001", s3("acme-log-landing"), "eu", US, chain=[home.arn("logs", EU, "log-group:/acme/api"), pipe])


def story_logs(home, second, expected):
    trail = home.client("cloudtrail", EU)
    trail.create_trail(Name="acme-data", S3BucketName="acme-us-archive", IsMultiRegionTrail=False, IncludeGlobalServiceEvents=False)
    trail.put_event_selectors(TrailName="acme-data", EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True,
                              "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}])
    expected.violation("RES-004", home.arn("cloudtrail", EU, "trail/acme-data"), "eu", US)
    ec2 = second.client("ec2", AU)
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    for target in ("acme-au-two-logs", "acme-eu-mirror"):
        got = ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3", LogDestination=s3(target))
        if target == "acme-eu-mirror":
            expected.violation("RES-004", second.arn("ec2", AU, f"vpc-flow-log/{got['FlowLogIds'][0]}"), "au", EU)


def story_volumes(home, second, expected):
    eu, au = home.client("ec2", EU), second.client("ec2", AU)
    volume = eu.create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
    au.create_volume(AvailabilityZone="ap-southeast-2a", Size=1)
    kept = eu.create_snapshot(VolumeId=volume, Description="kept")["SnapshotId"]
    for receiver in ({"UserIds": [STRANGER]}, {"GroupNames": ["all"]}):
        shared = eu.create_snapshot(VolumeId=volume, Description="shared")["SnapshotId"]
        eu.modify_snapshot_attribute(SnapshotId=shared, Attribute="createVolumePermission", OperationType="add", **receiver)
        expected.violation("RES-012", f"arn:aws:ec2:{EU}::snapshot/{shared}", "eu", EU)
    sister = eu.create_snapshot(VolumeId=volume, Description="for the sister")["SnapshotId"]
    eu.modify_snapshot_attribute(SnapshotId=sister, Attribute="createVolumePermission", OperationType="add", UserIds=[SECOND])
    # AWS itself writes where a copy came from into its description; moto leaves that to the caller.
    far = home.client("ec2", US).copy_snapshot(SourceRegion=EU, SourceSnapshotId=kept, Description=f"[Copied {kept} from {EU}] kept")["SnapshotId"]
    expected.violation("RES-003", f"arn:aws:ec2:{US}::snapshot/{far}", "eu", US, chain=[f"arn:aws:ec2:{EU}::snapshot/{kept}"])


def story_backups(home, second, expected):
    for account, region in ((home, EU), (home, US), (second, AU)):
        account.client("backup", region).create_backup_vault(BackupVaultName="acme-vault")

    def plan(account, region, name, *copies):
        return account.client("backup", region).create_backup_plan(BackupPlan={"BackupPlanName": name, "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "acme-vault",
            "ScheduleExpression": "cron(0 3 ? * * *)", "CopyActions": [{"DestinationBackupVaultArn": c} for c in copies]}]})["BackupPlanArn"]

    plan(second, AU, "near")
    far = plan(home, EU, "far", home.arn("backup", US, "backup-vault:acme-vault"))
    expected.violation("RES-003", far, "eu", US)


def story_template(home, second, expected):
    """The same by CloudFormation."""
    template = {"Resources": {
        "Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "acme-eu-stack-files"}},
        "Events": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "acme-eu-stack-events", "ShardCount": 1}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "acme-eu-stack-queue"}},
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/acme/stack"}}}}
    home.client("cloudformation", EU).create_stack(StackName="acme-eu", TemplateBody=json.dumps(template))


def many(endpoint, expected, count):
    """Many buckets of one account, for the speed of the scan."""
    home = Account(endpoint, HOME)
    client = home.client("s3", EU)

    def one(n):
        client.create_bucket(Bucket=f"acme-eu-many-{n:05d}", CreateBucketConfiguration={"LocationConstraint": EU})

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(count)))


def main(what, endpoint, *more):
    expected = Expected()
    {"clean": clean, "story": story, "many": many}[what](endpoint, expected, *map(int, more))
    json.dump(expected.violations, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
