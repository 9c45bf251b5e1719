"""Counts what the seeded accounts own, kind by kind, through boto3: the independent opinion on an inventory.

usage: inventory.py ENDPOINT
"""

import collections
import json
import sys

import estate

# kind: service, operation, how to find the things in an answer; all of them paginate or answer whole.
REGIONAL = {
    "backup.plan": ("backup", "list_backup_plans", "BackupPlansList"),
    "backup.vault": ("backup", "list_backup_vaults", "BackupVaultList"),
    "cloudtrail.trail": ("cloudtrail", "describe_trails", "trailList"),
    "cloudwatchlogs.group": ("logs", "describe_log_groups", "logGroups"),
    "configservice.delivery_channel": ("config", "describe_delivery_channels", "DeliveryChannels"),
    "dynamodb.backup": ("dynamodb", "list_backups", "BackupSummaries"),
    "dynamodb.table": ("dynamodb", "list_tables", "TableNames"),
    "ec2.flow_log": ("ec2", "describe_flow_logs", "FlowLogs"),
    "ec2.image": ("ec2", "describe_images", "Images"),
    "ec2.snapshot": ("ec2", "describe_snapshots", "Snapshots"),
    "ec2.volume": ("ec2", "describe_volumes", "Volumes"),
    "elasticloadbalancing.load_balancer": ("elb", "describe_load_balancers", "LoadBalancerDescriptions"),
    "elasticloadbalancingv2.load_balancer": ("elbv2", "describe_load_balancers", "LoadBalancers"),
    "firehose.stream": ("firehose", "list_delivery_streams", "DeliveryStreamNames"),
    "kinesis.stream": ("kinesis", "list_streams", "StreamNames"),
    "rds.automated_backup": ("rds", "describe_db_instance_automated_backups", "DBInstanceAutomatedBackups"),
    "rds.cluster": ("rds", "describe_db_clusters", "DBClusters"),
    "rds.cluster_snapshot": ("rds", "describe_db_cluster_snapshots", "DBClusterSnapshots"),
    "rds.instance": ("rds", "describe_db_instances", "DBInstances"),
    "rds.snapshot": ("rds", "describe_db_snapshots", "DBSnapshots"),
}
OWNED = {"describe_images": {"Owners": ["self"]}, "describe_snapshots": {"OwnerIds": ["self"]}, "list_delivery_streams": {"Limit": 1000},
         "describe_trails": {"includeShadowTrails": False}}


def count(endpoint):
    found = collections.Counter()
    for number in (estate.HOME, estate.SECOND):
        account = estate.Account(endpoint, number)
        found["s3.bucket"] += len(account.client("s3", estate.US).list_buckets()["Buckets"])
        found["route53.hosted_zone"] += len(account.client("route53", estate.US).list_hosted_zones()["HostedZones"])
        for bucket in account.client("s3vectors", estate.US).list_vector_buckets()["vectorBuckets"]:  # moto lists those of every region
            found["s3vectors.vector_bucket"] += 1
            region = bucket["vectorBucketArn"].split(":")[3]
            found["s3vectors.index"] += len(account.client("s3vectors", region).list_indexes(vectorBucketName=bucket["vectorBucketName"])["indexes"])
        for region in estate.REGIONS:
            for kind, (service, operation, member) in REGIONAL.items():
                found[kind] += len(everything(account.client(service, region), operation, member, owner=number))
            found["wafv2.web_acl"] += len(account.client("wafv2", region).list_web_acls(Scope="REGIONAL")["WebACLs"])
    return {kind: n for kind, n in sorted(found.items()) if n}


def everything(client, operation, member, owner):
    given = OWNED.get(operation, {})
    pages = client.get_paginator(operation).paginate(**given) if client.can_paginate(operation) else [getattr(client, operation)(**given)]
    all_of = [thing for page in pages for thing in page[member]]
    return [t for t in all_of if not isinstance(t, dict) or t.get("OwnerId", owner) == owner]  # moto's "self" knows public snapshots too


if __name__ == "__main__":
    json.dump(count(sys.argv[1]), sys.stdout)
