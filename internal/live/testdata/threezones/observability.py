"""CloudWatch, CloudWatch Logs, CloudTrail, Kinesis and Firehose, as far as moto lacks it or answers otherwise than AWS."""

import json

from places import *


def write(r):
    logs_defaults(r)
    policies(r)
    groups(r)
    deliveries(r)
    queries(r)
    streams(r)
    metrics(r)
    links(r)
    trails(r)
    lakes(r)


def logs_defaults(r):
    empty = {"DescribeLogGroups": "logGroups", "DescribeSubscriptionFilters": "subscriptionFilters", "DescribeAccountPolicies": "accountPolicies",
             "DescribeDestinations": "destinations", "DescribeDeliveries": "deliveries", "DescribeDeliverySources": "deliverySources",
             "DescribeDeliveryDestinations": "deliveryDestinations", "DescribeExportTasks": "exportTasks", "ListScheduledQueries": "scheduledQueries"}
    for operation, member in empty.items():
        if operation not in ("DescribeLogGroups", "DescribeSubscriptionFilters"):
            r.drop("cloudwatchlogs", operation)
        r.put(ANY, ANY, "cloudwatchlogs", operation, {member: []})
    r.put(ANY, ANY, "cloudwatchlogs", "ListTagsForResource", {"tags": {}})


def policies(r):
    package = "cloudwatchlogs"
    document = json.dumps({"DestinationArn": arn("firehose", AU, AUSTRALIA, "deliverystream/acme-au-clickstream"), "FilterPattern": "", "Distribution": "Random"})
    r.put(AUSTRALIA, AU, package, "DescribeAccountPolicies", {"accountPolicies": [{"policyName": "ship", "policyType": "SUBSCRIPTION_FILTER_POLICY",
          "policyDocument": document, "scope": "ALL", "selectionCriteria": 'LogGroupName NOT IN ["/acme/au/worker"]', "accountId": AUSTRALIA}],
          "nextToken": "page-2"}, {"policyType": "SUBSCRIPTION_FILTER_POLICY"})
    r.put(AUSTRALIA, AU, package, "DescribeAccountPolicies", {"accountPolicies": []}, {"policyType": "SUBSCRIPTION_FILTER_POLICY", "nextToken": "page-2"})
    r.put(HOME, EU, package, "GetDataProtectionPolicy", {"logGroupIdentifier": "/acme/eu/payments", "policyDocument": json.dumps({
        "Name": "cards", "Version": "2021-06-01", "Statement": [{"Sid": "audit", "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"],
        "Operation": {"Audit": {"FindingsDestination": {"S3": {"Bucket": "acme-eu-reports"}}}}}]})})


def groups(r):
    """The second page, and what a Logs destination passes on to another region: moto refuses that."""
    package = "cloudwatchlogs"
    payments = arn("logs", EU, HOME, "log-group:/acme/eu/payments")
    r.page_on(HOME, EU, package, "DescribeLogGroups", "page-2", {"logGroups": [{"logGroupName": "/acme/eu/payments", "arn": payments + ":*", "logGroupArn": payments,
              "retentionInDays": 30, "kmsKeyId": key(EU), "dataProtectionStatus": "ACTIVATED", "logGroupClass": "STANDARD"}]}, "nextToken", {"nextToken": "page-2"})
    central = arn("logs", EU, HOME, "destination:acme-central")
    r.put(HOME, EU, package, "DescribeSubscriptionFilters", {"subscriptionFilters": [{"filterName": "central", "logGroupName": "/acme/eu/audit", "filterPattern": "",
          "destinationArn": central, "creationTime": 1795222800000}]}, {"logGroupName": "/acme/eu/audit"})
    r.put(HOME, EU, package, "DescribeDestinations", {"destinations": [{"destinationName": "acme-central", "arn": central,
          "targetArn": arn("kinesis", US, HOME, "stream/acme-us-events"), "roleArn": f"arn:aws:iam::{HOME}:role/central", "accessPolicy": json.dumps({
              "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": AUSTRALIA}, "Action": "logs:PutSubscriptionFilter", "Resource": central}]})}]})
    r.put(HOME, EU, package, "DescribeExportTasks", {"exportTasks": [
        {"taskId": "0ac3e000-0000-4000-8000-00000000e001", "logGroupName": "/acme/eu/worker", "destination": "acme-eu-reports", "status": {"code": "COMPLETED"}},
        {"taskId": "0ac3e000-0000-4000-8000-00000000e002", "logGroupName": "/acme/eu/deleted", "destination": "acme-eu-reports", "status": {"code": "COMPLETED"}}],
        "nextToken": "page-2"})
    r.put(HOME, EU, package, "DescribeExportTasks", {"exportTasks": []}, {"nextToken": "page-2"})


def deliveries(r):
    package = "cloudwatchlogs"
    near, far = (arn("logs", EU, HOME, f"delivery-destination:{name}") for name in ("acme-near", "acme-far"))
    r.put(HOME, EU, package, "DescribeDeliverySources", {"deliverySources": [{"name": "acme-eu-bus", "arn": arn("logs", EU, HOME, "delivery-source:acme-eu-bus"),
          "service": "events", "logType": "ERROR_LOGS", "resourceArns": [arn("events", EU, HOME, "event-bus/acme-eu")]}]})
    r.put(HOME, EU, package, "DescribeDeliveryDestinations", {"deliveryDestinations": [
        {"name": "acme-near", "arn": near, "deliveryDestinationType": "S3", "deliveryDestinationConfiguration": {"destinationResourceArn": bucket("acme-eu-access-logs")}},
        {"name": "acme-far", "arn": far, "deliveryDestinationType": "S3", "deliveryDestinationConfiguration": {"destinationResourceArn": bucket("acme-us-analytics")}}]})
    r.put(HOME, EU, package, "DescribeDeliveries", {"deliveries": [{"id": "near0001", "arn": arn("logs", EU, HOME, "delivery:near0001"), "deliverySourceName": "acme-eu-bus",
          "deliveryDestinationArn": near, "deliveryDestinationType": "S3"}], "nextToken": "page-2"})
    r.put(HOME, EU, package, "DescribeDeliveries", {"deliveries": [{"id": "far00001", "arn": arn("logs", EU, HOME, "delivery:far00001"), "deliverySourceName": "acme-eu-bus",
          "deliveryDestinationArn": far, "deliveryDestinationType": "S3"}]}, {"nextToken": "page-2"})


def queries(r):
    package = "cloudwatchlogs"
    query = arn("logs", EU, HOME, "scheduled-query:acme-eu-slow")
    r.put(HOME, EU, package, "ListScheduledQueries", {"scheduledQueries": [{"scheduledQueryArn": query, "name": "acme-eu-slow", "state": "ENABLED",
          "lastTriggeredTime": 1795222800000, "destinationConfiguration": {"s3Configuration": {"destinationIdentifier": "s3://acme-us-analytics/slow",
          "roleArn": f"arn:aws:iam::{HOME}:role/query"}}}], "nextToken": "page-2"})
    r.put(HOME, EU, package, "ListScheduledQueries", {"scheduledQueries": []}, {"nextToken": "page-2"})
    r.put(HOME, EU, package, "GetScheduledQuery", {"scheduledQueryArn": query, "name": "acme-eu-slow", "logGroupIdentifiers": ["/acme/eu/api"], "queryString": "fields @message"})


def streams(r):
    r.put(ANY, ANY, "kinesis", "ListStreams", {"StreamNames": [], "HasMoreStreams": False, "StreamSummaries": []})
    r.put(ANY, ANY, "kinesis", "ListTagsForStream", {"Tags": [], "HasMoreTags": False})
    r.drop("kinesis", "GetResourcePolicy")
    r.fail(ANY, ANY, "kinesis", "GetResourcePolicy", 400, "ResourceNotFoundException", "Resource Policy not found")
    clicks, events = (arn("kinesis", EU, HOME, f"stream/{name}") for name in ("acme-eu-clicks", "acme-eu-events"))
    r.fail(HOME, EU, "kinesis", "ListTagsForStream", 400, "AccessDeniedException",
           f"User: arn:aws:sts::{HOME}:assumed-role/DomicileAudit/nightly is not authorized to perform: kinesis:ListTagsForStream on resource: {clicks} "
           "with an explicit deny in a service control policy", {"StreamARN": clicks})
    r.put(HOME, EU, "kinesis", "GetResourcePolicy", {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "Vendor", "Effect": "Allow",
          "Principal": {"AWS": f"arn:aws:iam::{VENDOR}:root"}, "Action": ["kinesis:GetRecords", "kinesis:GetShardIterator"], "Resource": events}]})}, {"ResourceARN": events})

    def summary(account, region, name):
        return {"StreamName": name, "StreamARN": arn("kinesis", region, account, f"stream/{name}"), "StreamStatus": "ACTIVE"}

    listed = [summary(HOME, EU, name) for name in ("acme-eu-clicks", "acme-eu-events")]
    r.put(HOME, EU, "kinesis", "ListStreams", {"StreamNames": ["acme-eu-clicks"], "HasMoreStreams": True, "NextToken": "page-2", "StreamSummaries": listed[:1]})
    r.put(HOME, EU, "kinesis", "ListStreams", {"StreamNames": ["acme-eu-events"], "HasMoreStreams": False, "StreamSummaries": listed[1:]}, {"NextToken": "page-2"})

    r.put(ANY, ANY, "firehose", "ListDeliveryStreams", {"DeliveryStreamNames": [], "HasMoreDeliveryStreams": False})
    r.put(ANY, ANY, "firehose", "ListTagsForDeliveryStream", {"Tags": [], "HasMoreTags": False})
    r.drop("firehose", "ListTagsForDeliveryStream")
    r.put(ANY, ANY, "firehose", "ListTagsForDeliveryStream", {"Tags": [], "HasMoreTags": False})
    r.put(HOME, EU, "firehose", "ListDeliveryStreams", {"DeliveryStreamNames": ["acme-eu-clickstream", "acme-eu-monitoring"], "HasMoreDeliveryStreams": True})
    r.put(HOME, EU, "firehose", "ListDeliveryStreams", {"DeliveryStreamNames": ["acme-log-shipper"], "HasMoreDeliveryStreams": False},
          {"Limit": 1000, "ExclusiveStartDeliveryStreamName": "acme-eu-monitoring"})


def metrics(r):
    package = "cloudwatch"
    r.put(ANY, ANY, package, "ListMetricStreams", {"Entries": []})
    r.put(ANY, ANY, package, "ListTagsForResource", {"Tags": []})

    def metric_stream(name, target):
        r.put(HOME, EU, package, "GetMetricStream", {"Name": name, "IncludeLinkedAccountsMetrics": False}, {"Name": name})
        return {"Arn": arn("cloudwatch", EU, HOME, f"metric-stream/{name}"), "Name": name, "FirehoseArn": target, "State": "running", "OutputFormat": "json"}

    r.put(HOME, EU, package, "ListMetricStreams", {"Entries": [metric_stream("acme-eu-metrics", arn("firehose", EU, HOME, "deliverystream/acme-eu-monitoring"))], "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListMetricStreams", {"Entries": [metric_stream("acme-eu-old-metrics", arn("firehose", US, HOME, "deliverystream/acme-us-clickstream"))]},
          {"NextToken": "page-2"})


def links(r):
    package = "oam"
    for operation in ["ListLinks", "ListSinks", "ListAttachedLinks"]:
        r.put(ANY, ANY, package, operation, {"Items": []})
    r.put(ANY, ANY, package, "ListTagsForResource", {"Tags": {}})
    sink = arn(package, EU, AUSTRALIA, "sink/0ac3e000-0000-4000-8000-00000000a001")
    stranger = arn(package, EU, STRANGER, "sink/0ac3e000-0000-4000-8000-00000000a002")

    def link(n, to, label):
        return {"Arn": arn(package, EU, HOME, f"link/0ac3e000-0000-4000-8000-00000000b00{n}"), "Id": f"b00{n}", "Label": label, "SinkArn": to,
                "ResourceTypes": ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"]}

    r.put(HOME, EU, package, "ListLinks", {"Items": [link(1, sink, "acme-production")], "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListLinks", {"Items": [link(2, stranger, "acme-production")]}, {"NextToken": "page-2"})
    r.put(AUSTRALIA, EU, package, "ListSinks", {"Items": [{"Arn": sink, "Id": "a001", "Name": "acme-monitoring"}], "NextToken": "page-2"})
    r.put(AUSTRALIA, EU, package, "ListSinks", {"Items": []}, {"NextToken": "page-2"})
    r.put(AUSTRALIA, EU, package, "ListAttachedLinks", {"Items": [{"Label": "acme-production", "LinkArn": link(1, sink, "")["Arn"],
          "ResourceTypes": ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"]}]})


def trails(r):
    """The organisation's trail is seen as a shadow in every region of every account."""
    package = "cloudtrail"
    everywhere = {"Name": "acme-organization", "TrailARN": arn(package, EU, HOME, "trail/acme-organization"), "HomeRegion": EU, "S3BucketName": "acme-eu-access-logs",
                  "CloudWatchLogsLogGroupArn": arn("logs", EU, HOME, "log-group:/acme/eu/audit:*"), "IsMultiRegionTrail": True, "IsOrganizationTrail": True,
                  "IncludeGlobalServiceEvents": True, "LogFileValidationEnabled": True, "HasCustomEventSelectors": True}
    for account, region in [(HOME, EU), (HOME, AU), (HOME, US), (AUSTRALIA, EU), (AUSTRALIA, AU), (AUSTRALIA, US)]:
        own = [{k: v for k, v in t.items() if v is not None} for a in r.files.get((account, region, package, "DescribeTrails"), [])
               for t in a["body"]["trailList"]]
        if own:
            del r.files[(account, region, package, "DescribeTrails")]
            r.put(account, region, package, "DescribeTrails", {"trailList": own + [everywhere]})
            r.files[(account, region, package, "DescribeTrails")][0]["by"] = "moto, and by hand the organisation's trail"
    r.put(ANY, ANY, package, "DescribeTrails", {"trailList": [everywhere]})
    r.put(HOME, EU, package, "GetEventSelectors", {"TrailARN": everywhere["TrailARN"], "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True,
          "DataResources": []}]}, {"TrailName": everywhere["TrailARN"]})
    r.put(ANY, ANY, package, "ListTags", {"ResourceTagList": []})


def lakes(r):
    package = "cloudtrail"
    r.put(ANY, ANY, package, "ListEventDataStores", {"EventDataStores": []})
    r.put(ANY, ANY, package, "ListChannels", {"Channels": []})
    r.fail(ANY, ANY, package, "GetResourcePolicy", 400, "ResourcePolicyNotFoundException", "The resource policy could not be found")
    data = [{"Name": "objects", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]}]

    def lake(region, n, name, everywhere):
        store = {"EventDataStoreArn": arn(package, region, HOME, f"eventdatastore/0ac3e000-0000-4000-8000-00000000c00{n}"), "Name": name}
        r.put(HOME, region, package, "GetEventDataStore", store | {"Status": "ENABLED", "MultiRegionEnabled": everywhere, "OrganizationEnabled": False,
              "AdvancedEventSelectors": data, "RetentionPeriod": 366}, {"EventDataStore": store["EventDataStoreArn"]})
        return store

    near = lake(EU, 1, "acme-eu-lake", False)
    r.put(HOME, EU, package, "ListEventDataStores", {"EventDataStores": [near], "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListEventDataStores", {"EventDataStores": []}, {"NextToken": "page-2"})
    r.put(HOME, US, package, "ListEventDataStores", {"EventDataStores": [lake(US, 2, "acme-us-lake", True)]})
    channel = {"ChannelArn": arn(package, EU, HOME, "channel/0ac3e000-0000-4000-8000-00000000d001"), "Name": "acme-eu-partner"}
    r.put(HOME, EU, package, "ListChannels", {"Channels": [channel], "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListChannels", {"Channels": []}, {"NextToken": "page-2"})
    r.put(HOME, EU, package, "GetChannel", channel | {"Source": "Custom", "Destinations": [{"Type": "EVENT_DATA_STORE", "Location": near["EventDataStoreArn"]}]})
