"""A key that seals and a bucket that takes checkpoints, made by boto3. Prints the key's ARN."""
import sys

import boto3

endpoint = sys.argv[1]
made = dict(endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
key = boto3.client("kms", **made).create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
boto3.client("s3", **made).create_bucket(Bucket="acme-witness", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
print(key["KeyMetadata"]["Arn"])
