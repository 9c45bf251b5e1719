"""Buckets for the evidence of zones, made by boto3: with Object Lock in two regions, and one without it."""
import sys

import boto3

made = dict(endpoint_url=sys.argv[1], aws_access_key_id="test", aws_secret_access_key="test")
for bucket, region, lock in (("evidence-eu", "eu-west-1", True), ("evidence-au", "ap-southeast-2", True), ("evidence-open", "eu-west-1", False)):
    boto3.client("s3", region_name=region, **made).create_bucket(
        Bucket=bucket, ObjectLockEnabledForBucket=lock, CreateBucketConfiguration={"LocationConstraint": region})
client = boto3.client("kinesis", region_name="eu-west-1", **made)
client.create_stream(StreamName="acme-eu-clicks", ShardCount=1)
boto3.client("kinesis", region_name="ap-southeast-2", **made).create_stream(StreamName="acme-au-clicks", ShardCount=1)
