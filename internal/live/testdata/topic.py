"""A topic, and a queue that gets what is published to it. `make ENDPOINT` prints the topic's ARN and the queue's address; `read ENDPOINT
QUEUE` prints what lies in the queue."""
import json
import sys

import boto3

verb, endpoint = sys.argv[1:3]
made = dict(endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
sqs = boto3.client("sqs", **made)
if verb == "make":
    sns = boto3.client("sns", **made)
    topic = sns.create_topic(Name="residency")["TopicArn"]
    queue = sqs.create_queue(QueueName="residency")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    print(json.dumps({"topic": topic, "queue": queue}))
else:
    got = sqs.receive_message(QueueUrl=sys.argv[3], MaxNumberOfMessages=10)
    print(json.dumps([json.loads(m["Body"]) for m in got.get("Messages", [])]))
