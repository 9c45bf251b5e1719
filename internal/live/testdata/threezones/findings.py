"""Config, Security Hub, GuardDuty and Macie: what gathers descriptions and findings in one place."""

from places import *


def write(r):
    config(r)
    hub(r)
    guard(r)
    macie(r)


def config(r):
    package = "configservice"
    r.put(ANY, ANY, package, "DescribeDeliveryChannels", {"DeliveryChannels": []})
    r.put(ANY, ANY, package, "DescribeConfigurationAggregators", {"ConfigurationAggregators": []})
    r.put(ANY, ANY, package, "DescribeAggregationAuthorizations", {"AggregationAuthorizations": []})
    r.put(ANY, ANY, package, "ListTagsForResource", {"Tags": []})
    for account, region in [(HOME, EU), (AUSTRALIA, AU)]:  # one for both: the Australian history is kept in Europe
        r.put(account, region, package, "DescribeDeliveryChannels", {"DeliveryChannels": [{"name": "default", "s3BucketName": "acme-eu-access-logs"}]})
    r.put(HOME, EU, package, "DescribeConfigurationAggregators", {"ConfigurationAggregators": [{"ConfigurationAggregatorName": "acme-organization",
          "ConfigurationAggregatorArn": arn("config", EU, HOME, "config-aggregator/config-aggregator-acme0001"), "OrganizationAggregationSource": {
              "RoleArn": f"arn:aws:iam::{HOME}:role/config", "AllAwsRegions": True}}], "NextToken": "page-2"})
    r.put(HOME, EU, package, "DescribeConfigurationAggregators", {"ConfigurationAggregators": []}, {"NextToken": "page-2"})
    r.put(AUSTRALIA, AU, package, "DescribeAggregationAuthorizations", {"AggregationAuthorizations": [{"AuthorizedAccountId": HOME, "AuthorizedAwsRegion": EU,
          "AggregationAuthorizationArn": arn("config", AU, AUSTRALIA, f"aggregation-authorization/{HOME}/{EU}")}]})


def hub(r):
    package = "securityhub"
    r.fail(ANY, ANY, package, "ListFindingAggregators", 401, "InvalidAccessException", "Account is not subscribed to AWS Security Hub")
    r.fail(ANY, ANY, package, "ListAggregatorsV2", 409, "ConflictException", "Security Hub V2 is not enabled for account")
    aggregator = arn(package, US, HOME, "finding-aggregator/0ac3e000-0000-4000-8000-00000000fa01")
    r.put(HOME, ANY, package, "ListFindingAggregators", {"FindingAggregators": [{"FindingAggregatorArn": aggregator}], "NextToken": "page-2"})
    r.put(HOME, ANY, package, "ListFindingAggregators", {"FindingAggregators": []}, {"NextToken": "page-2"})
    r.put(HOME, US, package, "GetFindingAggregator", {"FindingAggregatorArn": aggregator, "FindingAggregationRegion": US, "RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": [EU]})
    r.put(HOME, US, package, "ListMembers", {"Members": []})
    second = arn(package, EU, HOME, "aggregatorv2/0ac3e000-0000-4000-8000-00000000fa02")
    r.put(HOME, EU, package, "ListAggregatorsV2", {"AggregatorsV2": [{"AggregatorV2Arn": second}]})
    r.put(HOME, EU, package, "GetAggregatorV2", {"AggregatorV2Arn": second, "AggregationRegion": EU, "RegionLinkingMode": "SPECIFIED_REGIONS", "LinkedRegions": [AU]})
    r.put(HOME, EU, package, "ListTagsForResource", {"Tags": {}})


def guard(r):
    package, detector = "guardduty", "0ac3e0000000000000000000000000d1"
    r.put(ANY, ANY, package, "ListDetectors", {"DetectorIds": []})
    r.put(HOME, EU, package, "ListDetectors", {"DetectorIds": [detector], "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListDetectors", {"DetectorIds": []}, {"NextToken": "page-2"})
    r.put(HOME, EU, package, "ListPublishingDestinations", {"Destinations": [{"DestinationId": "dest1", "DestinationType": "S3", "Status": "PUBLISHING"}]})
    r.put(HOME, EU, package, "DescribePublishingDestination", {"DestinationId": "dest1", "DestinationType": "S3", "Status": "PUBLISHING",
          "PublishingFailureStartTimestamp": 0, "DestinationProperties": {"DestinationArn": bucket("acme-us-analytics"), "KmsKeyArn": key(EU)}})


def macie(r):
    package, operation = "macie2", "GetClassificationExportConfiguration"
    r.fail(ANY, ANY, package, operation, 403, "AccessDeniedException", "Macie is not enabled.")
    r.put(HOME, EU, package, operation, {"configuration": {"s3Destination": {"bucketName": "acme-eu-reports", "kmsKeyArn": key(EU)}}})
