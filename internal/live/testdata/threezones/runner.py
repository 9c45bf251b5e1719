"""Who asks, which accounts there are, which regions are on, and whose a bucket is that nobody lists."""

import json

from places import *

# The regions that every account has, and those that one must opt in to, as of 2026-11.
BY_DEFAULT = ["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
              "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"]
OPT_IN = ["af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
          "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1"]


def write(r):
    r.files = {k: v for k, v in r.files.items() if k[0] != "caller" and k[2] not in ("sts", "account", "organizations")}
    who = f"arn:aws:sts::{HOME}:assumed-role/DomicileAudit/nightly"
    r.put("caller", ANY, "sts", "GetCallerIdentity", {"UserId": "AROA1111111111EXAMPLE:nightly", "Account": HOME, "Arn": who})
    for account in (HOME, AUSTRALIA):
        role = f"arn:aws:iam::{account}:role/DomicileAudit"
        r.put(HOME, ANY, "sts", "AssumeRole", {
            "Credentials": {"AccessKeyId": "RECORDED", "SecretAccessKey": "RECORDED", "SessionToken": "RECORDED", "Expiration": "2099-01-01T00:00:00Z"},
            "AssumedRoleUser": {"AssumedRoleId": "AROAEXAMPLE:domicile", "Arn": f"arn:aws:sts::{account}:assumed-role/DomicileAudit/domicile"}},
            {"RoleArn": role, "RoleSessionName": "domicile", "DurationSeconds": 3600})
    r.fail(HOME, ANY, "sts", "AssumeRole", 403, "AccessDenied",
           f"User: {who} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{GONE}:role/DomicileAudit")

    def member(account, name):
        return {"Id": account, "Arn": f"arn:aws:organizations::{HOME}:account/{ORGANIZATION}/{account}", "Email": f"{name}@acme.example",
                "Name": f"acme-{name}", "Status": "ACTIVE", "JoinedMethod": "CREATED", "JoinedTimestamp": "2021-03-01T09:00:00Z"}

    r.put(HOME, ANY, "organizations", "ListAccounts", {"Accounts": [member(HOME, "production"), member(AUSTRALIA, "australia"), member(GONE, "acquired")],
                                                       "NextToken": "page-2"})
    r.put(HOME, ANY, "organizations", "ListAccounts", {"Accounts": [member(SANDBOX, "sandbox"), member(ARCHIVE, "archive")]}, {"NextToken": "page-2"})

    regions = sorted([(n, "ENABLED_BY_DEFAULT") for n in BY_DEFAULT] + [(n, "DISABLED") for n in OPT_IN])
    listed = [{"RegionName": n, "RegionOptStatus": s} for n, s in regions]
    r.put(ANY, ANY, "account", "ListRegions", {"Regions": listed[:20], "NextToken": "page-2"})
    r.put(ANY, ANY, "account", "ListRegions", {"Regions": listed[20:]}, {"MaxResults": 50, "NextToken": "page-2"})

    # AWS tells a bucket's region with a denial too; one that is gone has none.
    r.fail(ANY, ANY, "s3", "HeadBucket", 404, "NotFound", "Not Found")
    head(r, HOME, "acme-partner-drop", US)
    head(r, HOME, "vendor-metrics-eu", EU)


def head(r, account, name, region):
    r.fail(account, ANY, "s3", "HeadBucket", 403, "Forbidden", "Forbidden", {"Bucket": name, "ExpectedBucketOwner": account},
           {"X-Amz-Bucket-Region": region})


def organization(r):
    """Backup policies of the organisation, and log centralisation."""
    nightly = json.dumps({"plans": {"org-nightly": {"regions": [EU], "rules": {"daily": {
        "target_backup_vault_name": "acme-eu-vault", "schedule_expression": "cron(0 3 ? * * *)",
        "copy_actions": {f"arn:aws:backup:{US}:$account:backup-vault:acme-us-vault": {
            "target_backup_vault_arn": f"arn:aws:backup:{US}:$account:backup-vault:acme-us-vault"}}}}}}})
    written = nightly.replace(f'["{EU}"]', f'{{"@@assign": ["{EU}"]}}').replace('"acme-eu-vault"', '{"@@assign": "acme-eu-vault"}')
    r.fail(ANY, ANY, "organizations", "DescribeEffectivePolicy", 400, "EffectivePolicyNotFoundException", "There is no effective policy of this type")
    r.put(HOME, ANY, "organizations", "DescribeEffectivePolicy", {"EffectivePolicy": {"PolicyContent": nightly, "PolicyType": "BACKUP_POLICY",
          "TargetId": HOME, "LastUpdatedTimestamp": THEN}})
    r.fail(ANY, ANY, "organizations", "ListPolicies", 400, "AccessDeniedException", "You don't have permissions to access this resource.")

    def policy(pid, name):
        return {"Id": pid, "Arn": f"arn:aws:organizations::{HOME}:policy/{ORGANIZATION}/backup_policy/{pid}", "Name": name, "Type": "BACKUP_POLICY", "AwsManaged": False}

    first, second = policy("p-1111111111", "nightly"), policy("p-2222222222", "weekly")
    r.put(HOME, ANY, "organizations", "ListPolicies", {"Policies": [first], "NextToken": "page-2"})
    r.put(HOME, ANY, "organizations", "ListPolicies", {"Policies": [second]}, {"Filter": "BACKUP_POLICY", "NextToken": "page-2"})
    r.put(HOME, ANY, "organizations", "DescribePolicy", {"Policy": {"PolicySummary": first, "Content": written}}, {"PolicyId": "p-1111111111"})
    r.put(HOME, ANY, "organizations", "DescribePolicy", {"Policy": {"PolicySummary": second, "Content": json.dumps({"plans": {}})}}, {"PolicyId": "p-2222222222"})
    r.put(HOME, ANY, "organizations", "ListTagsForResource", {"Tags": tag_list(owner="platform")})
    r.put(ANY, ANY, "organizations", "DescribeOrganization", {"Organization": {"Id": ORGANIZATION, "MasterAccountId": HOME, "FeatureSet": "ALL",
          "Arn": f"arn:aws:organizations::{HOME}:organization/{ORGANIZATION}"}})

    rule = {"RuleName": "acme-central-logs", "RuleArn": arn("observability-admin", EU, HOME, "organization-centralization-rule/acme-central-logs"),
            "CreatorAccountId": HOME, "CreatedRegion": EU, "DestinationAccountId": HOME, "DestinationRegion": US, "RuleHealth": "Healthy"}
    package = "observabilityadmin"
    r.fail(ANY, ANY, package, "ListCentralizationRulesForOrganization", 400, "AccessDeniedException", "Only the management account or a delegated administrator may list rules")
    r.put(HOME, ANY, package, "ListCentralizationRulesForOrganization", {"CentralizationRuleSummaries": [rule], "NextToken": "page-2"})
    r.put(HOME, ANY, package, "ListCentralizationRulesForOrganization", {"CentralizationRuleSummaries": []}, {"AllRegions": True, "NextToken": "page-2"})
    r.put(HOME, ANY, package, "GetCentralizationRuleForOrganization", {"RuleName": "acme-central-logs", "CreatorAccountId": HOME, "CentralizationRule": {
        "Source": {"Regions": [EU, AU], "Scope": f"OrganizationId = '{ORGANIZATION}'", "SourceLogsConfiguration": {
            "LogGroupSelectionCriteria": "*", "EncryptedLogGroupStrategy": "ALLOW"}},
        "Destination": {"Region": US, "Account": HOME, "DestinationLogsConfiguration": {}}}})
    r.put(HOME, ANY, package, "ListTagsForResource", {"Tags": {"owner": "observability"}})
