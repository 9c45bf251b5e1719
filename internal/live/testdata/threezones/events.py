"""What CloudTrail tells of the day before the night: only a scan that follows another asks. Shaped as AWS documents records; no scan
of a fresh store reads these answers."""

import json

from places import *

SINCE, UNTIL = "2026-11-21T01:45:00Z", "2026-11-22T02:00:00Z"  # a quarter of an hour before the last run, and this one's start
JANE = {"type": "AssumedRole", "principalId": "AROAEXAMPLE:jane", "arn": f"arn:aws:sts::{HOME}:assumed-role/Operations/jane", "accountId": HOME}


def record(n, time, region, source, name, request, response=None, **more):
    return {"eventVersion": "1.11", "userIdentity": JANE, "eventTime": time, "eventSource": source + ".amazonaws.com", "eventName": name, "awsRegion": region,
            "sourceIPAddress": "192.0.2.7", "userAgent": "aws-cli/2.31.0", "requestParameters": request, "responseElements": response,
            "requestID": f"0ac3e000-0000-4000-8000-0000000f100{n}", "eventID": f"0ac3e000-0000-4000-8000-0000000f000{n}", "readOnly": False,
            "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": HOME, "eventCategory": "Management"} | more


def page(r, region, records, token=None, following=None):
    output = {"Events": [{"EventId": e["eventID"], "EventName": e["eventName"], "ReadOnly": "false", "EventTime": e["eventTime"], "EventSource": e["eventSource"],
                          "Username": "jane", "Resources": [], "CloudTrailEvent": json.dumps(e, separators=(",", ":"))} for e in records]}
    given = {"LookupAttributes": [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}], "StartTime": SINCE, "EndTime": UNTIL, "MaxResults": 50}
    if token:
        given["NextToken"] = token
    if following:
        output["NextToken"] = following
    r.put(HOME, region, "cloudtrail", "LookupEvents", output, given)


def write(r):
    r.put(ANY, ANY, "cloudtrail", "LookupEvents", {"Events": []})
    r.put(ANY, ANY, "cloudtrail", "GetTrailStatus", {"IsLogging": True})
    # A snapshot was copied to Virginia, and the copy deleted an hour later: no inventory holds it.
    copied = record(1, "2026-11-21T03:12:00Z", US, "ec2", "CopySnapshot", {"sourceRegion": EU, "sourceSnapshotId": "snap-0ac3e000000000001", "encrypted": True},
                    {"requestId": "0ac3e000-0000-4000-8000-0000000f1001", "snapshotId": "snap-0ac3e0000000000ff"})
    deleted = record(2, "2026-11-21T04:15:00Z", US, "ec2", "DeleteSnapshot", {"snapshotId": "snap-0ac3e0000000000ff"})
    refused = record(3, "2026-11-21T04:20:00Z", US, "ec2", "CopySnapshot", {"sourceRegion": EU, "sourceSnapshotId": "snap-0ac3e000000000001"},
                     errorCode="Client.UnauthorizedOperation", errorMessage="You are not authorized to perform this operation.")
    page(r, US, [refused, deleted], following="page-2")
    page(r, US, [copied], token="page-2")
    # The rule that the inventory finds as well, and a snapshot that was shared with a stranger for ten minutes.
    ruled = record(4, "2026-11-21T09:00:00Z", EU, "s3", "PutBucketReplication", {"bucketName": "acme-eu-files", "Host": "acme-eu-files.s3.eu-west-1.amazonaws.com",
                   "replication": "", "ReplicationConfiguration": {"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/", "Role": f"arn:aws:iam::{HOME}:role/replication",
                   "Rule": {"ID": "all", "Status": "Enabled", "Destination": {"Bucket": bucket("acme-us-copy")}}}})
    shared = record(5, "2026-11-21T10:00:00Z", EU, "ec2", "ModifySnapshotAttribute", {"snapshotId": "snap-0ac3e000000000001", "attributeType": "CREATE_VOLUME_PERMISSION",
                    "createVolumePermission": {"add": {"items": [{"userId": STRANGER}]}}}, {"_return": True})
    page(r, EU, [shared, ruled])
