"""Load balancers, DNS and WAF. Their ids are random in moto, and most of their logging is missing there: all by hand."""

from places import *


def write(r):
    balancers(r)
    classic(r)
    dns(r)
    resolver(r)
    firewall(r)


def balancers(r):
    package = "elasticloadbalancingv2"
    r.put(ANY, ANY, package, "DescribeLoadBalancers", {"LoadBalancers": []})

    def balancer(account, region, name, bucket_name, enabled="true"):
        name_arn = arn("elasticloadbalancing", region, account, f"loadbalancer/app/{name}/0ac3e00000000001")
        r.put(account, region, package, "DescribeLoadBalancerAttributes", {"Attributes": [
            {"Key": "access_logs.s3.enabled", "Value": enabled}, {"Key": "access_logs.s3.bucket", "Value": bucket_name}, {"Key": "access_logs.s3.prefix", "Value": ""},
            {"Key": "connection_logs.s3.enabled", "Value": "false"}, {"Key": "connection_logs.s3.bucket", "Value": ""}]}, {"LoadBalancerArn": name_arn})
        return {"LoadBalancerArn": name_arn, "LoadBalancerName": name, "Type": "application", "Scheme": "internet-facing"}

    def tagged(*all_of):
        return {"TagDescriptions": [{"ResourceArn": b["LoadBalancerArn"], "Tags": tag_list(team="web")} for b in all_of]}

    web, partner, old = (balancer(HOME, EU, name, target, on) for name, target, on in [
        ("acme-eu-web", "acme-eu-access-logs", "true"), ("acme-eu-partner-web", "vendor-metrics-eu", "true"), ("acme-eu-old-web", "acme-eu-access-logs", "false")])
    r.put(HOME, EU, package, "DescribeLoadBalancers", {"LoadBalancers": [web, partner], "NextMarker": "page-2"})
    r.put(HOME, EU, package, "DescribeLoadBalancers", {"LoadBalancers": [old]}, {"Marker": "page-2"})
    r.put(HOME, EU, package, "DescribeTags", tagged(web, partner, old))
    australian = balancer(AUSTRALIA, AU, "acme-au-web", "acme-au-logs")
    r.put(AUSTRALIA, AU, package, "DescribeLoadBalancers", {"LoadBalancers": [australian]})
    r.put(AUSTRALIA, AU, package, "DescribeTags", tagged(australian))


def classic(r):
    package = "elasticloadbalancing"
    r.put(ANY, ANY, package, "DescribeLoadBalancers", {"LoadBalancerDescriptions": []})
    r.put(HOME, EU, package, "DescribeLoadBalancers", {"LoadBalancerDescriptions": [{"LoadBalancerName": "acme-eu-classic"}], "NextMarker": "page-2"})
    r.put(HOME, EU, package, "DescribeLoadBalancers", {"LoadBalancerDescriptions": []}, {"Marker": "page-2"})
    r.put(HOME, EU, package, "DescribeLoadBalancerAttributes", {"LoadBalancerAttributes": {"AccessLog": {"Enabled": True, "S3BucketName": "acme-eu-access-logs"}}})
    r.put(HOME, EU, package, "DescribeTags", {"TagDescriptions": [{"LoadBalancerName": "acme-eu-classic", "Tags": tag_list(team="web")}]})


def dns(r):
    package = "route53"
    zones = [{"Id": f"/hostedzone/Z0AC3E000000000000{n}", "Name": name, "CallerReference": str(n), "Config": {"PrivateZone": private}}
             for n, name, private in [(1, "eu.acme.example.", False), (2, "internal.acme.example.", True)]]
    r.put(ANY, ANY, package, "ListHostedZones", {"HostedZones": [], "IsTruncated": False, "MaxItems": "100"})
    r.put(ANY, ANY, package, "ListQueryLoggingConfigs", {"QueryLoggingConfigs": []})
    r.put(HOME, ANY, package, "ListHostedZones", {"HostedZones": zones[:1], "IsTruncated": True, "NextMarker": "page-2", "MaxItems": "100"})
    r.put(HOME, ANY, package, "ListHostedZones", {"HostedZones": zones[1:], "IsTruncated": False, "MaxItems": "100"}, {"Marker": "page-2"})
    r.put(HOME, ANY, package, "ListQueryLoggingConfigs", {"QueryLoggingConfigs": [{"Id": "0ac3e000-0000-4000-8000-00000000f001", "HostedZoneId": "Z0AC3E0000000000001",
          "CloudWatchLogsLogGroupArn": arn("logs", US, HOME, "log-group:/aws/route53/eu.acme.example")}]})
    r.put(HOME, ANY, package, "ListTagsForResources", {"ResourceTagSets": [
        {"ResourceType": "hostedzone", "ResourceId": "Z0AC3E0000000000001", "Tags": tag_list(data_residency="eu")},
        {"ResourceType": "hostedzone", "ResourceId": "Z0AC3E0000000000002", "Tags": []}]})


def resolver(r):
    package = "route53resolver"
    r.put(ANY, ANY, package, "ListResolverQueryLogConfigs", {"ResolverQueryLogConfigs": []})
    r.put(ANY, ANY, package, "ListResolverQueryLogConfigAssociations", {"ResolverQueryLogConfigAssociations": []})
    r.put(ANY, ANY, package, "ListTagsForResource", {"Tags": []})

    def config(region, owner, n, name, target, share):
        return {"Id": f"rqlc-0ac3e00000000{n}", "Arn": arn(package, region, owner, f"resolver-query-log-config/rqlc-0ac3e00000000{n}"), "Name": name, "OwnerId": owner,
                "Status": "CREATED", "ShareStatus": share, "AssociationCount": 1, "DestinationArn": target}

    def association(n, vpc):
        return {"Id": f"rqlca-0ac3e00000000{n}", "ResolverQueryLogConfigId": f"rqlc-0ac3e00000000{n}", "ResourceId": vpc, "Status": "ACTIVE"}

    r.put(HOME, EU, package, "ListResolverQueryLogConfigs", {"ResolverQueryLogConfigs": [config(EU, HOME, 1, "acme-eu-dns", bucket("acme-us-analytics/dns"), "NOT_SHARED")],
                                                             "NextToken": "page-2"})
    r.put(HOME, EU, package, "ListResolverQueryLogConfigs", {"ResolverQueryLogConfigs": []}, {"NextToken": "page-2"})
    r.put(HOME, EU, package, "ListResolverQueryLogConfigAssociations", {"ResolverQueryLogConfigAssociations": [association(1, "vpc-0ac3e000000000001")]})
    # Shared by the archive's account: what this account sends there is the association of its network.
    central = arn("firehose", AU, ARCHIVE, "deliverystream/central-dns")
    r.put(AUSTRALIA, AU, package, "ListResolverQueryLogConfigs", {"ResolverQueryLogConfigs": [config(AU, ARCHIVE, 2, "central-dns", central, "SHARED_WITH_ME")]})
    r.put(AUSTRALIA, AU, package, "ListResolverQueryLogConfigAssociations", {"ResolverQueryLogConfigAssociations": [association(2, "vpc-0ac3e000000000002")]})


def firewall(r):
    package = "wafv2"
    r.put(ANY, ANY, package, "ListWebACLs", {"WebACLs": []})
    r.put(ANY, ANY, package, "ListLoggingConfigurations", {"LoggingConfigurations": []})

    def acl(region, scope, name):
        path = f"{scope}/webacl/{name}/0ac3e000-0000-4000-8000-00000000a0c1"
        return {"Name": name, "Id": "0ac3e000-0000-4000-8000-00000000a0c1", "ARN": arn(package, region, HOME, path), "LockToken": "0ac3e000-0000-4000-8000-000000000000"}

    def logged(region, one, target, scope):
        r.put(HOME, region, package, "ListLoggingConfigurations", {"LoggingConfigurations": [{"ResourceArn": one["ARN"], "LogDestinationConfigs": [target],
              "LogScope": "CUSTOMER", "LogType": "WAF_LOGS"}]}, {"Scope": scope, "LogScope": "CUSTOMER"})

    web, api, cdn = acl(EU, "regional", "acme-eu-web"), acl(EU, "regional", "acme-eu-api"), acl(US, "global", "acme-eu-cdn")
    r.put(HOME, EU, package, "ListWebACLs", {"WebACLs": [web], "NextMarker": "page-2"})
    r.put(HOME, EU, package, "ListWebACLs", {"WebACLs": [api]}, {"Scope": "REGIONAL", "NextMarker": "page-2"})
    r.put(HOME, US, package, "ListWebACLs", {"WebACLs": [cdn]}, {"Scope": "CLOUDFRONT"})
    logged(EU, web, arn("logs", EU, HOME, "log-group:aws-waf-logs-eu:*"), "REGIONAL")
    logged(US, cdn, arn("logs", US, HOME, "log-group:aws-waf-logs-cdn:*"), "CLOUDFRONT")
    r.put(HOME, EU, package, "ListTagsForResource", {"TagInfoForResource": {"TagList": []}})
    r.put(HOME, US, package, "ListTagsForResource", {"TagInfoForResource": {"ResourceARN": cdn["ARN"], "TagList": tag_list(data_residency="eu")}})
