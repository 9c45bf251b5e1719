"""What one account of ministack does before a night, and between two.

usage: between.py ENDPOINT before | between SNAPSHOT
"""

import sys

import boto3

EU, US, ACCOUNT = "eu-west-1", "us-east-1", "111111111111"
FAR = f"arn:aws:logs:{US}:{ACCOUNT}:destination:central"


def client(endpoint, service, region):
    made = boto3.client(service, region_name=region, endpoint_url=endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="x")
    if service == "ec2":  # ministack's CloudTrail knows a call of EC2 by the action in the address alone
        made.meta.events.register("before-sign.ec2", lambda request, operation_name, **_: setattr(request, "url", f"{request.url}?Action={operation_name}"))
    return made


def before(endpoint):
    ec2 = client(endpoint, "ec2", EU)
    volume = ec2.create_volume(AvailabilityZone=EU + "a", Size=1)["VolumeId"]
    client(endpoint, "logs", EU).create_log_group(logGroupName="/acme/api")
    print(ec2.create_snapshot(VolumeId=volume)["SnapshotId"])


def between(endpoint, snapshot):
    """A copy abroad that is deleted again, and a subscription that is taken back."""
    far, logs = client(endpoint, "ec2", US), client(endpoint, "logs", EU)
    far.delete_snapshot(SnapshotId=far.copy_snapshot(SourceRegion=EU, SourceSnapshotId=snapshot)["SnapshotId"])
    logs.put_subscription_filter(logGroupName="/acme/api", filterName="abroad", filterPattern="", destinationArn=FAR)
    logs.delete_subscription_filter(logGroupName="/acme/api", filterName="abroad")


if __name__ == "__main__":
    {"before": before, "between": between}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
