"""EC2 and Data Lifecycle Manager. moto keeps no source of a copy and makes ids up anew each time, so all of it is by hand."""

from places import *


def write(r):
    defaults(r)
    zones(r)
    volumes(r)
    snapshots(r)
    images(r)
    exports(r)
    flow_logs(r)
    lifecycle(r)


def snapshot_id(n):
    return f"snap-0ac3e000000000{n:03d}"


def defaults(r):
    empty = {"DescribeVolumes": "Volumes", "DescribeSnapshots": "Snapshots", "DescribeImages": "Images", "DescribeStoreImageTasks": "StoreImageTaskResults",
             "DescribeExportImageTasks": "ExportImageTasks", "DescribeExportTasks": "ExportTasks", "ListSnapshotsInRecycleBin": "Snapshots",
             "ListImagesInRecycleBin": "Images", "DescribeFlowLogs": "FlowLogs", "DescribeAvailabilityZones": "AvailabilityZones"}
    for operation, member in empty.items():
        r.put(ANY, ANY, "ec2", operation, {member: []})
    r.put(ANY, ANY, "ec2", "GetSnapshotBlockPublicAccessState", {"State": "unblocked"})
    r.put(ANY, ANY, "ec2", "GetImageBlockPublicAccessState", {"ImageBlockPublicAccessState": "unblocked"})
    r.put(ANY, ANY, "ec2", "DescribeSnapshotAttribute", {"CreateVolumePermissions": []})
    r.put(ANY, ANY, "ec2", "DescribeImageAttribute", {"LaunchPermissions": []})
    r.put(ANY, ANY, "dlm", "GetLifecyclePolicies", {"Policies": []})


def zones(r):
    def zone(region, name, number, country, kind="availability-zone", group=None):
        return {"ZoneName": name, "ZoneId": number, "RegionName": region, "GroupName": group or region, "ZoneType": kind, "State": "available",
                "OptInStatus": "opt-in-not-required" if kind == "availability-zone" else "opted-in", "Geography": [{"Name": country}]}

    r.put(ANY, EU, "ec2", "DescribeAvailabilityZones", {"AvailabilityZones": [zone(EU, f"eu-west-1{a}", f"euw1-az{n}", "Ireland") for n, a in enumerate("abc", 1)]})
    r.put(ANY, US, "ec2", "DescribeAvailabilityZones", {"AvailabilityZones": [
        *[zone(US, f"us-east-1{a}", f"use1-az{n}", "United States of America") for n, a in enumerate("abcdef", 1)],
        zone(US, "us-east-1-bos-1a", "use1-bos1-az1", "United States of America", "local-zone", "us-east-1-bos-1")]})
    r.put(ANY, AU, "ec2", "DescribeAvailabilityZones", {"AvailabilityZones": [
        *[zone(AU, f"ap-southeast-2{a}", f"apse2-az{n}", "Australia") for n, a in enumerate("abc", 1)],
        zone(AU, "ap-southeast-2-per-1a", "apse2-per1-az1", "Australia", "local-zone", "ap-southeast-2-per-1"),
        zone(AU, "ap-southeast-2-akl-1a", "apse2-akl1-az1", "New Zealand", "local-zone", "ap-southeast-2-akl-1")]})


def volumes(r):
    def volume(n, zone, **more):
        return {"VolumeId": f"vol-0ac3e000000000{n:03d}", "AvailabilityZone": zone, "Encrypted": True, "Size": 100, "State": "in-use", "VolumeType": "gp3"} | more

    given = {"IncludeManagedResources": True, "MaxResults": 500}
    r.put(HOME, EU, "ec2", "DescribeVolumes", {"Volumes": [volume(1, "eu-west-1a", KmsKeyId=key(EU), Tags=tag_list(Name="acme-eu-search"))], "NextToken": "page-2"})
    r.put(HOME, EU, "ec2", "DescribeVolumes", {"Volumes": [volume(2, "eu-west-1b", SnapshotId=snapshot_id(1))]}, given | {"NextToken": "page-2"})
    r.put(HOME, US, "ec2", "DescribeVolumes", {"Volumes": [volume(3, "us-east-1-bos-1a")]})
    # One in Sydney, one in Perth, which is Australia too, and one in Auckland, which is not.
    r.put(AUSTRALIA, AU, "ec2", "DescribeVolumes", {"Volumes": [volume(4, "ap-southeast-2a"), volume(5, "ap-southeast-2-per-1a"), volume(6, "ap-southeast-2-akl-1a")]})


def snapshots(r):
    def snapshot(n, description, volume="vol-ffffffff", **more):
        return {"SnapshotId": snapshot_id(n), "OwnerId": HOME, "VolumeId": volume, "Description": description, "State": "completed", "Encrypted": True,
                "StorageTier": "standard", "VolumeSize": 100, "StartTime": THEN} | more

    given = {"OwnerIds": ["self"], "MaxResults": 1000}
    search = "vol-0ac3e000000000001"
    r.put(HOME, EU, "ec2", "DescribeSnapshots", {"Snapshots": [snapshot(1, "search, nightly", search, KmsKeyId=key(EU)), snapshot(2, "for the auditor", search)],
                                                 "NextToken": "page-2"})
    r.put(HOME, EU, "ec2", "DescribeSnapshots", {"Snapshots": [snapshot(3, "disk of the worker image", search), snapshot(4, "kept")]}, given | {"NextToken": "page-2"})
    r.put(HOME, EU, "ec2", "DescribeSnapshotAttribute", {"SnapshotId": snapshot_id(2), "CreateVolumePermissions": [{"UserId": STRANGER}, {"UserId": ARCHIVE}]},
          {"SnapshotId": snapshot_id(2), "Attribute": "createVolumePermission"})
    r.put(HOME, US, "ec2", "DescribeSnapshots", {"Snapshots": [snapshot(11, f"[Copied {snapshot_id(1)} from {EU}] search, nightly")]})
    r.put(HOME, AU, "ec2", "DescribeSnapshots", {"Snapshots": [snapshot(12, "Copied for DestinationAmi ami-0ac3e000000000002 from SourceAmi ami-0ac3e000000000001 "
          f"for SourceSnapshot {snapshot_id(3)}. Task created on 1,795,222,800,000.")]})
    r.put(HOME, EU, "ec2", "ListSnapshotsInRecycleBin", {"Snapshots": [{"SnapshotId": snapshot_id(5), "VolumeId": search, "Description": "by mistake"}]})


def images(r):
    def image(n, name, disk, **more):
        return {"ImageId": f"ami-0ac3e000000000{n:03d}", "Name": name, "OwnerId": HOME, "RootDeviceType": "ebs", "State": "available", "Public": False,
                "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot_id(disk)}}]} | more

    given = {"Owners": ["self"], "IncludeDeprecated": True, "IncludeDisabled": True, "MaxResults": 1000}
    worker = "ami-0ac3e000000000001"
    r.put(HOME, EU, "ec2", "DescribeImages", {"Images": [image(1, "acme-eu-worker", 3)], "NextToken": "page-2"})
    r.put(HOME, EU, "ec2", "DescribeImages", {"Images": [image(3, "acme-eu-demo", 3, Public=True)]}, given | {"NextToken": "page-2"})
    r.put(HOME, EU, "ec2", "DescribeImageAttribute", {"ImageId": "ami-0ac3e000000000003", "LaunchPermissions": [{"Group": "all"}]},
          {"ImageId": "ami-0ac3e000000000003", "Attribute": "launchPermission"})
    r.put(HOME, AU, "ec2", "DescribeImages", {"Images": [image(2, "acme-eu-worker", 12, SourceImageId=worker, SourceImageRegion=EU)]})
    r.put(HOME, AU, "ec2", "GetImageAncestry", {"ImageAncestryEntries": [
        {"ImageId": "ami-0ac3e000000000002", "SourceImageId": worker, "SourceImageRegion": EU, "ImageOwnerAlias": "self"},
        {"ImageId": worker, "ImageOwnerAlias": "self"}]})
    r.put(HOME, EU, "ec2", "ListImagesInRecycleBin", {"Images": [{"ImageId": "ami-0ac3e000000000009", "Name": "acme-eu-worker-old"}]})


def exports(r):
    r.put(HOME, EU, "ec2", "DescribeStoreImageTasks", {"StoreImageTaskResults": [{"AmiId": "ami-0ac3e000000000001", "Bucket": "acme-us-analytics",
          "S3objectKey": "ami-0ac3e000000000001.bin", "StoreTaskState": "Completed", "ProgressPercentage": 100}]})
    r.put(HOME, EU, "ec2", "DescribeExportImageTasks", {"ExportImageTasks": [{"ExportImageTaskId": "export-ami-0ac3e001", "ImageId": "ami-0ac3e000000000001",
          "Status": "completed", "S3ExportLocation": {"S3Bucket": "acme-eu-reports", "S3Prefix": "vm/"}}], "NextToken": "page-2"})
    r.put(HOME, EU, "ec2", "DescribeExportImageTasks", {"ExportImageTasks": []}, {"NextToken": "page-2"})
    r.put(HOME, EU, "ec2", "DescribeExportTasks", {"ExportTasks": [{"ExportTaskId": "export-i-0ac3e001", "State": "completed",
          "InstanceExportDetails": {"InstanceId": "i-0ac3e000000000001", "TargetEnvironment": "vmware"},
          "ExportToS3Task": {"S3Bucket": "acme-eu-reports", "S3Key": "vm/export-i-0ac3e001.ova", "DiskImageFormat": "VMDK"}}]})


def flow_logs(r):
    def flow_log(n, target, **more):
        return {"FlowLogId": f"fl-0ac3e000000000{n:03d}", "ResourceId": "vpc-0ac3e000000000001", "FlowLogStatus": "ACTIVE", "TrafficType": "ALL",
                "LogDestinationType": "s3", "LogDestination": target} | more

    r.put(HOME, EU, "ec2", "DescribeFlowLogs", {"FlowLogs": [flow_log(1, bucket("acme-eu-access-logs/vpc/")), flow_log(2, bucket("acme-us-analytics/vpc/"))],
                                                "NextToken": "page-2"})
    r.put(HOME, EU, "ec2", "DescribeFlowLogs", {"FlowLogs": [flow_log(3, bucket("acme-eu-gone"))]}, {"MaxResults": 1000, "NextToken": "page-2"})
    r.put(AUSTRALIA, AU, "ec2", "DescribeFlowLogs", {"FlowLogs": [flow_log(4, bucket("acme-au-logs/vpc/"))]})


def lifecycle(r):
    def policy(account, region, n, state, name, schedule):
        pid = f"policy-0ac3e000000000{n:03d}"
        r.put(account, region, "dlm", "GetLifecyclePolicy", {"Policy": {"PolicyId": pid, "State": state, "Description": name, "PolicyDetails": {
            "PolicyType": "EBS_SNAPSHOT_MANAGEMENT", "ResourceTypes": ["VOLUME"], "Schedules": [{"Name": "daily", "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS"},
                                                                                                "RetainRule": {"Count": 7}} | schedule]}}}, {"PolicyId": pid})
        return {"PolicyId": pid, "State": state, "Description": name, "Tags": {}}

    abroad = {"CrossRegionCopyRules": [{"Target": US, "Encrypted": True}]}
    r.put(HOME, EU, "dlm", "GetLifecyclePolicies", {"Policies": [
        policy(HOME, EU, 1, "ENABLED", "nightly copy", abroad),
        policy(HOME, EU, 2, "DISABLED", "former copy", abroad),
        policy(HOME, EU, 3, "ENABLED", "shared with the auditor", {"ShareRules": [{"TargetAccounts": [STRANGER]}]})]})
    r.put(AUSTRALIA, AU, "dlm", "GetLifecyclePolicies", {"Policies": [policy(AUSTRALIA, AU, 4, "ENABLED", "nightly", {})]})
