"""S3 in all its forms, as far as moto lacks it or answers otherwise than AWS."""

import json

from places import *

OWNER = {"DisplayName": "acme", "ID": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"}


def write(r):
    defaults(r)
    listed(r)
    settings(r)
    directories(r)
    control(r)
    jobs(r)
    lens(r)
    tables(r)
    vectors(r)


def defaults(r):
    """What most buckets say."""
    none = {"GetBucketReplication": ("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
            "GetBucketMetadataConfiguration": ("MetadataConfigurationNotFound", "The metadata configuration does not exist"),
            "GetBucketTagging": ("NoSuchTagSet", "The TagSet does not exist"),
            "GetBucketPolicy": ("NoSuchBucketPolicy", "The bucket policy does not exist"),
            "GetBucketPolicyStatus": ("NoSuchBucketPolicy", "The bucket policy does not exist")}
    for operation, (code, message) in none.items():
        r.fail(ANY, ANY, "s3", operation, 404, code, message)
    for operation in ["GetBucketMetadataConfiguration", "ListBucketAnalyticsConfigurations"]:  # moto lists the objects instead
        r.drop("s3", operation)
    r.fail(ANY, ANY, "s3", "GetBucketMetadataConfiguration", 404, *none["GetBucketMetadataConfiguration"])
    for operation in ["GetBucketLogging", "ListBucketInventoryConfigurations", "ListBucketAnalyticsConfigurations",
                      "GetBucketNotificationConfiguration", "GetBucketAccelerateConfiguration", "GetBucketVersioning"]:
        r.put(ANY, ANY, "s3", operation, {})
    blocked = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    r.put(ANY, ANY, "s3", "GetPublicAccessBlock", {"PublicAccessBlockConfiguration": blocked})
    r.put(ANY, ANY, "s3", "GetBucketAcl", {"Owner": OWNER, "Grants": [
        {"Grantee": {"Type": "CanonicalUser", "ID": OWNER["ID"], "DisplayName": "acme"}, "Permission": "FULL_CONTROL"}]})
    r.drop("s3", "ListDirectoryBuckets")
    r.put(ANY, ANY, "s3", "ListDirectoryBuckets", {})


def listed(r):
    """AWS names each bucket's region when it is asked by pages; moto never does, and knows no token."""
    r.drop("s3", "ListBuckets")
    buckets = [("acme-au-reports", AU), ("acme-eu-access-logs", EU), ("acme-eu-brochures", EU), ("acme-eu-exports", EU), ("acme-eu-files", EU),
               ("acme-eu-invoices", US), ("acme-eu-legal-hold", EU), ("acme-eu-media", EU), ("acme-eu-media-copy", EU), ("acme-eu-partner", EU),
               ("acme-eu-photos", EU), ("acme-eu-reports", EU), ("acme-eu-uploads", EU), ("acme-log-archive-us", US), ("acme-log-landing", EU),
               ("acme-terraform-state", US), ("acme-us-analytics", US), ("acme-us-copy", US), ("acme-us-web", US),
               (f"cdk-hnb659fds-assets-{HOME}-eu-west-1", EU)]

    def page(some):
        return {"Buckets": [{"Name": n, "CreationDate": THEN} | ({"BucketRegion": where} if where else {}) for n, where in some], "Owner": OWNER}

    r.put(HOME, US, "s3", "ListBuckets", page(buckets[:12]) | {"ContinuationToken": "page-2"})
    r.put(HOME, US, "s3", "ListBuckets", page(buckets[12:]), {"MaxBuckets": 10000, "ContinuationToken": "page-2"})
    # An old one, of which the list does not say where it is, nor the denial: its location does.
    r.put(AUSTRALIA, US, "s3", "ListBuckets", page([("acme-au-files", AU), ("acme-au-legacy", ""), ("acme-au-logs", AU)]))
    r.fail(AUSTRALIA, US, "s3", "HeadBucket", 403, "Forbidden", "Forbidden", {"Bucket": "acme-au-legacy"})
    r.put(AUSTRALIA, US, "s3", "GetBucketLocation", {"LocationConstraint": AU}, {"Bucket": "acme-au-legacy"})


def settings(r):
    r.fail(HOME, EU, "s3", "GetBucketReplication", 403, "AccessDenied",
           f"User: arn:aws:sts::{HOME}:assumed-role/DomicileAudit/nightly is not authorized to perform: s3:GetReplicationConfiguration on resource: "
           '"arn:aws:s3:::acme-eu-legal-hold" with an explicit deny in a resource-based policy', {"Bucket": "acme-eu-legal-hold"})

    def rule(name, status, target):
        return {"ID": name, "Status": status, "Priority": 1, "Filter": {"And": {"Prefix": "", "Tags": [{"Key": "copy", "Value": "yes"}]}},
                "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": bucket(target)}}

    role = f"arn:aws:iam::{HOME}:role/replication"
    r.put(HOME, EU, "s3", "GetBucketReplication", {"ReplicationConfiguration": {"Role": role, "Rules": [
        rule("media", "Enabled", "acme-eu-media-copy"), rule("before-2025", "Disabled", "acme-us-copy")]}}, {"Bucket": "acme-eu-media"})
    r.put(HOME, EU, "s3", "GetBucketReplication", {"ReplicationConfiguration": {"Role": role, "Rules": [
        rule("partner", "Enabled", "acme-partner-drop")]}}, {"Bucket": "acme-eu-exports"})
    r.put(HOME, EU, "s3", "GetBucketPolicyStatus", {"PolicyStatus": {"IsPublic": False}}, {"Bucket": "acme-eu-partner"})
    r.put(HOME, EU, "s3", "GetBucketPolicyStatus", {"PolicyStatus": {"IsPublic": False}}, {"Bucket": "acme-eu-access-logs"})
    r.put(HOME, EU, "s3", "GetBucketPolicyStatus", {"PolicyStatus": {"IsPublic": True}}, {"Bucket": "acme-eu-brochures"})
    r.drop("s3control", "GetPublicAccessBlock")
    r.fail(ANY, ANY, "s3control", "GetPublicAccessBlock", 404, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")

    photos = {"Bucket": "acme-eu-photos"}

    def inventory(name):
        return {"Id": name, "IsEnabled": True, "IncludedObjectVersions": "Current", "Schedule": {"Frequency": "Weekly"}, "Destination": {
            "S3BucketDestination": {"Bucket": bucket("acme-eu-reports"), "AccountId": HOME, "Format": "CSV"}}}

    r.put(HOME, EU, "s3", "ListBucketInventoryConfigurations", {"InventoryConfigurationList": [inventory("weekly")], "IsTruncated": True,
          "NextContinuationToken": "page-2"}, photos)
    r.put(HOME, EU, "s3", "ListBucketInventoryConfigurations", {"InventoryConfigurationList": [inventory("monthly")], "IsTruncated": False},
          photos | {"ContinuationToken": "page-2"})

    def analysis(name, target):
        return {"Id": name, "StorageClassAnalysis": {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": {
            "S3BucketDestination": {"Format": "CSV", "Bucket": bucket(target)}}}}}

    r.put(HOME, EU, "s3", "ListBucketAnalyticsConfigurations", {"AnalyticsConfigurationList": [analysis("classes", "acme-us-analytics")]}, photos)
    r.put(HOME, EU, "s3", "GetBucketNotificationConfiguration", {
        "QueueConfigurations": [{"Id": "resize", "QueueArn": arn("sqs", EU, HOME, "acme-eu-resize"), "Events": ["s3:ObjectCreated:*"]}],
        "LambdaFunctionConfigurations": [{"Id": "scan", "LambdaFunctionArn": arn("lambda", EU, HOME, "function:acme-eu-scan"), "Events": ["s3:ObjectCreated:*"]}]}, photos)
    r.put(HOME, EU, "s3", "GetBucketMetadataConfiguration", {"GetBucketMetadataConfigurationResult": {"MetadataConfigurationResult": {
        "DestinationResult": {"TableBucketType": "aws", "TableBucketArn": arn("s3tables", EU, HOME, "bucket/aws-s3"), "TableNamespace": "b_acme-eu-photos"}}}}, photos)


def directories(r):
    """Directory buckets name their zone; the list leaves the region of one out."""
    one = {"Name": "acme-eu-cache--euw1-az1--x-s3", "CreationDate": THEN}
    two = {"Name": "acme-eu-index--euw1-az3--x-s3", "CreationDate": THEN, "BucketRegion": EU}
    r.put(HOME, EU, "s3", "ListDirectoryBuckets", {"Buckets": [one], "ContinuationToken": "page-2"})
    r.put(HOME, EU, "s3", "ListDirectoryBuckets", {"Buckets": [two]}, {"ContinuationToken": "page-2"})
    r.put(ANY, ANY, "s3control", "ListTagsForResource", {"Tags": []})


def control(r):
    package = "s3control"
    for operation in ["ListJobs", "ListAccessPoints", "ListMultiRegionAccessPoints", "ListStorageLensConfigurations"]:
        r.put(ANY, ANY, package, operation, {})
    for operation in ["GetAccessPointPolicy", "GetAccessPointPolicyStatus"]:
        r.fail(ANY, ANY, package, operation, 404, "NoSuchAccessPointPolicy", "The specified accesspoint policy does not exist")

    def point(name, target):
        return {"Name": name, "NetworkOrigin": "Internet", "Bucket": target, "BucketAccountId": HOME, "AccessPointArn": arn("s3", EU, HOME, f"accesspoint/{name}")}

    given = {"AccountId": HOME, "DataSourceType": "ALL"}
    r.put(HOME, EU, package, "ListAccessPoints", {"AccessPointList": [point("acme-eu-files-app", "acme-eu-files")], "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListAccessPoints", {"AccessPointList": [point("acme-eu-partner-door", "acme-eu-partner")]}, given | {"NextToken": "page-2"})
    r.put(HOME, EU, package, "GetAccessPoint", {"PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}})
    door = {"AccountId": HOME, "Name": "acme-eu-partner-door"}
    r.put(HOME, EU, package, "GetAccessPointPolicy", {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [{
        "Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "Action": "s3:GetObject",
        "Resource": arn("s3", EU, HOME, "accesspoint/acme-eu-partner-door/object/*")}]})}, door)
    r.put(HOME, EU, package, "GetAccessPointPolicyStatus", {"PolicyStatus": {"IsPublic": False}}, door)

    r.put(HOME, "us-west-2", package, "ListMultiRegionAccessPoints", {"AccessPoints": [{"Name": "acme-media", "Alias": "m1a2b3c4d5e6f.mrap", "Status": "READY", "Regions": [
        {"Bucket": "acme-eu-media", "Region": EU, "BucketAccountId": HOME}, {"Bucket": "acme-us-copy", "Region": US, "BucketAccountId": HOME}]}], "NextToken": "page-2"})
    r.put(HOME, "us-west-2", package, "ListMultiRegionAccessPoints", {}, {"AccountId": HOME, "NextToken": "page-2"})
    r.put(HOME, "us-west-2", package, "GetMultiRegionAccessPointRoutes", {"Mrap": f"arn:aws:s3::{HOME}:accesspoint/m1a2b3c4d5e6f.mrap", "Routes": [
        {"Bucket": "acme-eu-media", "Region": EU, "TrafficDialPercentage": 100}, {"Bucket": "acme-us-copy", "Region": US, "TrafficDialPercentage": 100}]})


def jobs(r):
    package = "s3control"

    def job(region, number, source, target):
        listed = {"JobId": number, "Operation": "S3PutObjectCopy", "Priority": 10, "Status": "Complete", "CreationTime": THEN}
        r.put(HOME, region, package, "ListJobs", {"Jobs": [listed], "NextToken": "page-2"} if region == US else {"Jobs": [listed]})
        r.put(HOME, region, package, "DescribeJob", {"Job": {
            "JobId": number, "JobArn": arn("s3", region, HOME, f"job/{number}"), "Status": "Complete", "Priority": 10, "CreationTime": THEN,
            "Operation": {"S3PutObjectCopy": {"TargetResource": bucket(target)}},
            "Report": {"Enabled": False}, "ProgressSummary": {"TotalNumberOfTasks": 4410, "NumberOfTasksSucceeded": 4410, "NumberOfTasksFailed": 0},
            "ManifestGenerator": {"S3JobManifestGenerator": {"SourceBucket": bucket(source), "EnableManifestOutput": False, "ExpectedBucketOwner": HOME}}}})
        r.put(HOME, region, package, "GetJobTagging", {"Tags": []})

    job(US, "0f3c9f5e-1c1a-4d6f-9a55-5be0d3c1a001", "acme-eu-media", "acme-us-copy")
    r.put(HOME, US, package, "ListJobs", {}, {"AccountId": HOME, "NextToken": "page-2"})
    job(EU, "0f3c9f5e-1c1a-4d6f-9a55-5be0d3c1a002", "acme-eu-photos", "acme-eu-media-copy")


def lens(r):
    package, name = "s3control", "default-account-dashboard"
    listed = {"Id": name, "StorageLensArn": arn("s3", US, HOME, f"storage-lens/{name}"), "HomeRegion": US, "IsEnabled": True}
    r.put(HOME, US, package, "ListStorageLensConfigurations", {"StorageLensConfigurationList": [listed], "NextToken": "page-2"})
    r.put(HOME, US, package, "ListStorageLensConfigurations", {}, {"AccountId": HOME, "NextToken": "page-2"})
    r.put(HOME, US, package, "GetStorageLensConfiguration", {"StorageLensConfiguration": {"Id": name, "IsEnabled": True, "AccountLevel": {"BucketLevel": {}}}})
    r.put(HOME, US, package, "GetStorageLensConfigurationTagging", {"Tags": []})


def tables(r):
    package = "s3tables"
    r.put(ANY, ANY, package, "ListTableBuckets", {"tableBuckets": []})
    r.put(ANY, ANY, package, "ListTables", {"tables": []})
    for operation in ["GetTableBucketReplication", "GetTableBucketPolicy", "GetTableBucketEncryption", "GetTableReplication", "GetTableReplicationStatus", "GetTablePolicy"]:
        r.fail(ANY, ANY, package, operation, 404, "NotFoundException", "The specified configuration does not exist.")
    r.put(ANY, ANY, package, "ListTagsForResource", {"tags": {}})

    def lake(region, name):
        return {"arn": arn("s3tables", region, HOME, f"bucket/{name}"), "name": name, "ownerAccountId": HOME, "createdAt": THEN}

    def table(region, lake_name, number, name, **more):
        return {"namespace": ["acme"], "name": name, "type": "customer", "tableARN": arn("s3tables", region, HOME, f"bucket/{lake_name}/table/{number}"),
                "createdAt": THEN, "modifiedAt": THEN} | more

    eu, us = lake(EU, "acme-eu-lake"), lake(US, "acme-us-lake")
    source = table(EU, "acme-eu-lake", "11111111-aaaa-4bbb-8ccc-000000000001", "events")
    copy = table(US, "acme-us-lake", "11111111-aaaa-4bbb-8ccc-000000000002", "events", type="aws", managedByService="replication.s3tables.amazonaws.com")
    quiet = table(EU, "acme-eu-lake", "11111111-aaaa-4bbb-8ccc-000000000003", "profiles")
    r.put(HOME, EU, package, "ListTableBuckets", {"tableBuckets": [eu], "continuationToken": "page-2"})
    r.put(HOME, EU, package, "ListTableBuckets", {"tableBuckets": [lake(EU, "acme-eu-scratch")]}, {"continuationToken": "page-2"})
    r.put(HOME, US, package, "ListTableBuckets", {"tableBuckets": [us]})
    r.put(HOME, EU, package, "GetTableBucketReplication", {"versionToken": "1", "configuration": {"role": f"arn:aws:iam::{HOME}:role/replication",
          "rules": [{"destinations": [{"destinationTableBucketARN": us["arn"]}]}]}}, {"tableBucketARN": eu["arn"]})
    r.put(HOME, EU, package, "GetTableBucketEncryption", {"encryptionConfiguration": {"sseAlgorithm": "aws:kms", "kmsKeyArn": key(EU)}}, {"tableBucketARN": eu["arn"]})
    r.put(HOME, EU, package, "ListTables", {"tables": [source], "continuationToken": "page-2"}, {"tableBucketARN": eu["arn"]})
    r.put(HOME, EU, package, "ListTables", {"tables": [quiet]}, {"tableBucketARN": eu["arn"], "continuationToken": "page-2"})
    r.put(HOME, US, package, "ListTables", {"tables": [copy]}, {"tableBucketARN": us["arn"]})
    r.put(HOME, EU, package, "GetTableReplicationStatus", {"sourceTableArn": source["tableARN"], "destinations": [{"replicationStatus": "completed",
          "destinationTableBucketArn": us["arn"], "destinationTableArn": copy["tableARN"]}]}, {"tableArn": source["tableARN"]})
    r.put(HOME, US, package, "GetTable", {"name": "events", "type": "aws", "tableARN": copy["tableARN"], "namespace": ["acme"], "versionToken": "1",
          "metadataLocation": "", "warehouseLocation": "s3://warehouse--table-s3", "createdAt": THEN, "createdBy": HOME, "modifiedAt": THEN,
          "modifiedBy": HOME, "ownerAccountId": HOME, "format": "ICEBERG", "managedByService": "replication.s3tables.amazonaws.com",
          "managedTableInformation": {"replicationInformation": {"sourceTableARN": source["tableARN"]}}})


def vectors(r):
    package = "s3vectors"
    r.put(ANY, ANY, package, "ListVectorBuckets", {"vectorBuckets": []})
    r.put(ANY, ANY, package, "ListIndexes", {"indexes": []})
    r.fail(ANY, ANY, package, "GetVectorBucketPolicy", 404, "NotFoundException", "The specified vector bucket policy could not be found")
    r.put(ANY, ANY, package, "ListTagsForResource", {"tags": {}})
    r.put(ANY, ANY, package, "GetVectorBucket", {"vectorBucket": {"vectorBucketName": "acme", "vectorBucketArn": "acme", "creationTime": THEN}})

    def vector_bucket(region, account, name):
        return {"vectorBucketName": name, "vectorBucketArn": arn("s3vectors", region, account, f"bucket/{name}"), "creationTime": THEN}

    eu, prompts = vector_bucket(EU, HOME, "acme-eu-embeddings"), vector_bucket(EU, HOME, "acme-eu-prompts")
    r.put(HOME, EU, package, "ListVectorBuckets", {"vectorBuckets": [eu], "nextToken": "page-2"})
    r.put(HOME, EU, package, "ListVectorBuckets", {"vectorBuckets": [prompts]}, {"nextToken": "page-2"})
    r.put(HOME, EU, package, "GetVectorBucket", {"vectorBucket": eu | {"encryptionConfiguration": {"sseType": "aws:kms", "kmsKeyArn": key(US)}}},
          {"vectorBucketArn": eu["vectorBucketArn"]})
    r.put(HOME, EU, package, "GetVectorBucketPolicy", {"policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "Search", "Effect": "Allow",
          "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "Action": ["s3vectors:QueryVectors", "s3vectors:GetVectors"], "Resource": "*"}]})},
          {"vectorBucketArn": prompts["vectorBucketArn"]})
    index = {"vectorBucketName": "acme-eu-embeddings", "indexName": "messages", "indexArn": eu["vectorBucketArn"] + "/index/messages", "creationTime": THEN}
    r.put(HOME, EU, package, "ListIndexes", {"indexes": [index], "nextToken": "page-2"}, {"vectorBucketArn": eu["vectorBucketArn"]})
    r.put(HOME, EU, package, "ListIndexes", {"indexes": []}, {"vectorBucketArn": eu["vectorBucketArn"], "nextToken": "page-2"})
    r.put(HOME, EU, package, "GetIndex", {"index": index | {"dataType": "float32", "dimension": 1024, "distanceMetric": "cosine"}})
    r.put(AUSTRALIA, AU, package, "ListVectorBuckets", {"vectorBuckets": [vector_bucket(AU, AUSTRALIA, "acme-au-embeddings")]})
