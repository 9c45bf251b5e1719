package plan

import (
	"strings"
	"testing"
)

func TestLogMechanisms(t *testing.T) {
	runMechanisms(t, []mechanism{
		{name: "subscription to a stream", role: "log", to: "stream", besides: []string{"primary in eu-west-1"},
			terraform: `aws_cloudwatch_log_group.x {"name": "/app"}
				aws_cloudwatch_log_subscription_filter.f {"name": "all", "log_group_name": "/app", "destination_arn": "%"}`,
			template: `AWS::Logs::LogGroup x {}
				AWS::Logs::SubscriptionFilter f {"LogGroupName": "@x", "DestinationArn": "%"}`},
		{name: "account policy", role: "log", to: "firehose", besides: []string{"primary in eu-west-1"},
			terraform: `aws_cloudwatch_log_group.x {"name": "/app"}
				aws_iam_role.r {}
				aws_cloudwatch_log_account_policy.p {"policy_name": "p", "policy_type": "SUBSCRIPTION_FILTER_POLICY", "policy_document": "%"}`,
			template: `AWS::Logs::LogGroup x {}
				AWS::Logs::AccountPolicy p {"PolicyName": "p", "PolicyType": "SUBSCRIPTION_FILTER_POLICY", "PolicyDocument": {"DestinationArn": "%"}}`},
		{name: "account policy itself", role: "log", to: "stream",
			terraform: `aws_cloudwatch_log_account_policy.x {"policy_name": "p", "policy_type": "SUBSCRIPTION_FILTER_POLICY", "policy_document": "%"}`,
			template:  `AWS::Logs::AccountPolicy x {"PolicyName": "p", "PolicyType": "SUBSCRIPTION_FILTER_POLICY", "PolicyDocument": {"DestinationArn": "%"}}`},
		{name: "destination", role: "log", to: "stream",
			terraform: `aws_cloudwatch_log_destination.x {"name": "d", "target_arn": "%"}`,
			template:  `AWS::Logs::Destination x {"DestinationName": "d", "TargetArn": "%"}`},
		{name: "delivery destination", role: "log", to: "bucket",
			terraform: `aws_cloudwatch_log_delivery_destination.x {"name": "d", "delivery_destination_configuration": [{"destination_resource_arn": "%"}]}`,
			template:  `AWS::Logs::DeliveryDestination x {"Name": "d", "DestinationResourceArn": "%"}`},
		{name: "scheduled query", role: "stream", to: "bucket", besides: []string{"from stream in eu-west-1 at g"},
			template: `AWS::Logs::LogGroup g {"LogGroupName": "/app"}
				AWS::Logs::ScheduledQuery x {"Name": "q", "LogGroupIdentifiers": ["/app"], "DestinationConfiguration": {"S3Configuration": {"DestinationIdentifier": "%"}}}`},
		{name: "metric stream", role: "metadata", to: "firehose",
			terraform: `aws_cloudwatch_metric_stream.x {"name": "m", "firehose_arn": "%"}`,
			template:  `AWS::CloudWatch::MetricStream x {"Name": "m", "FirehoseArn": "%"}`},
		{name: "link of log groups", role: "transit", to: "sink",
			terraform: `aws_oam_link.x {"resource_types": ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"], "sink_identifier": "%"}`,
			template:  `AWS::Oam::Link x {"ResourceTypes": ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"], "SinkIdentifier": "%"}`},
		{name: "link of metrics", role: "metadata", to: "sink",
			terraform: `aws_oam_link.x {"resource_types": ["AWS::CloudWatch::Metric"], "sink_identifier": "%"}`,
			template:  `AWS::Oam::Link x {"ResourceTypes": ["AWS::CloudWatch::Metric"], "SinkIdentifier": "%"}`},
		{name: "flow log", role: "log", to: "bucket",
			terraform: `aws_flow_log.x {"log_destination_type": "s3", "log_destination": "%"}`,
			template:  `AWS::EC2::FlowLog x {"LogDestinationType": "s3", "LogDestination": "%"}`},
		{name: "query log", role: "log", to: "group",
			terraform: `aws_route53_zone.x {"name": "example.com"}
				aws_route53_query_log.q {"zone_id": "@aws_route53_zone.x.zone_id", "cloudwatch_log_group_arn": "%"}`,
			template: `AWS::Route53::HostedZone x {"Name": "example.com", "QueryLoggingConfig": {"CloudWatchLogsLogGroupArn": "%"}}`},
		{name: "resolver query log", role: "log", to: "group", besides: []string{"from log in eu-west-1 at v"},
			terraform: `aws_vpc.v {}
				aws_route53_resolver_query_log_config.x {"name": "q", "destination_arn": "%"}
				aws_route53_resolver_query_log_config_association.a {"resolver_query_log_config_id": "@aws_route53_resolver_query_log_config.x.id", "resource_id": "@aws_vpc.v.id"}`,
			template: `AWS::EC2::VPC v {}
				AWS::Route53Resolver::ResolverQueryLoggingConfig x {"Name": "q", "DestinationArn": "%"}
				AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation a {"ResolverQueryLogConfigId": "@x", "ResourceId": "@v"}`},
		{name: "web ACL log", role: "log", to: "firehose",
			terraform: `aws_wafv2_web_acl.x {"name": "acl", "scope": "REGIONAL"}
				aws_wafv2_web_acl_logging_configuration.l {"resource_arn": "@aws_wafv2_web_acl.x.arn", "log_destination_configs": ["%"]}`,
			template: `AWS::WAFv2::WebACL x {"Name": "acl", "Scope": "REGIONAL"}
				AWS::WAFv2::LoggingConfiguration l {"ResourceArn": "@x", "LogDestinationConfigs": ["%"]}`},
		{name: "balancer", role: "log", to: "bucket",
			terraform: `aws_lb.x {"access_logs": [{"enabled": true, "bucket": "%"}]}`,
			template:  `AWS::ElasticLoadBalancingV2::LoadBalancer x {"LoadBalancerAttributes": [{"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "%"}]}`},
		{name: "balancer with its log turned off", role: "capability", to: "bucket",
			terraform: `aws_lb.x {"connection_logs": [{"enabled": false, "bucket": "%"}]}`,
			template:  `AWS::ElasticLoadBalancingV2::LoadBalancer x {"LoadBalancerAttributes": [{"Key": "connection_logs.s3.enabled", "Value": "false"}, {"Key": "connection_logs.s3.bucket", "Value": "%"}]}`},
		{name: "balancer with a log that may be on", role: "metadata", to: "bucket",
			terraform: `aws_lb.x {"health_check_logs": [{"enabled": "?", "bucket": "%"}]}`,
			template:  `AWS::ElasticLoadBalancingV2::LoadBalancer x {"LoadBalancerAttributes": [{"Key": "health_check_logs.s3.enabled", "Value": "?"}, {"Key": "health_check_logs.s3.bucket", "Value": "%"}]}`},
		{name: "classic balancer", role: "log", to: "bucket",
			terraform: `aws_elb.x {"access_logs": [{"bucket": "%"}]}`,
			template:  `AWS::ElasticLoadBalancing::LoadBalancer x {"AccessLoggingPolicy": {"Enabled": true, "S3BucketName": "%"}}`},
		{name: "classic balancer with its log turned off", role: "capability", to: "bucket",
			terraform: `aws_elb.x {"access_logs": [{"enabled": false, "bucket": "%"}]}`,
			template:  `AWS::ElasticLoadBalancing::LoadBalancer x {"AccessLoggingPolicy": {"Enabled": "false", "S3BucketName": "%"}}`},
	})
}

func TestLogSettings(t *testing.T) {
	runLines(t, []lineCase{
		{name: "group with a key and a protection policy", want: []string{"primary in eu-west-1", "key in us-east-1 of 222222222222 at arn:aws:kms:us-east-1:222222222222:key/k",
			"metadata in us-east-1 at there", "metadata in eu-west-1 at found"},
			terraform: `aws_s3_bucket.there in us-east-1 {"bucket": "b"}
				aws_cloudwatch_log_group.found {"name": "found"}
				aws_cloudwatch_log_group.x {"name": "/app", "kms_key_id": "arn:aws:kms:us-east-1:222222222222:key/k"}
				aws_cloudwatch_log_data_protection_policy.p {"log_group_name": "@aws_cloudwatch_log_group.x.name", "policy_document":
				"{\"Statement\":[{\"Operation\":{\"Audit\":{\"FindingsDestination\":{\"S3\":{\"Bucket\":\"b\"},\"CloudWatchLogs\":{\"LogGroup\":\"found\"}}}}},{\"Operation\":{\"Deidentify\":{}}}]}"}`,
			template: `AWS::S3::Bucket there in us-east-1 {}
				AWS::Logs::LogGroup found {"LogGroupName": "found"}
				AWS::Logs::LogGroup x {"KmsKeyId": "arn:aws:kms:us-east-1:222222222222:key/k", "DataProtectionPolicy":
				{"Statement":[{"Operation":{"Audit":{"FindingsDestination":{"S3":{"Bucket":"@there"},"CloudWatchLogs":{"LogGroup":"found"}}}}}]}}`},
		{name: "protection policy that is not known", want: []string{"primary in eu-west-1", "metadata in ?"},
			terraform: `aws_cloudwatch_log_group.x {"name": "/app"}
				aws_cloudwatch_log_data_protection_policy.p {"log_group_name": "/app", "policy_document": "?"}`,
			template: `AWS::Logs::LogGroup x {"DataProtectionPolicy": "?"}`},
		{name: "subscription of a group that is not in the change", want: []string{"log in us-east-1 of 222222222222 at arn:aws:firehose:us-east-1:222222222222:deliverystream/s"},
			terraform: `aws_cloudwatch_log_subscription_filter.x {"name": "all", "log_group_name": "/elsewhere", "destination_arn": "arn:aws:firehose:us-east-1:222222222222:deliverystream/s"}`,
			template:  `AWS::Logs::SubscriptionFilter x {"LogGroupName": "/elsewhere", "DestinationArn": "arn:aws:firehose:us-east-1:222222222222:deliverystream/s"}`},
		{name: "subscription through a function", want: []string{"transit in us-east-1 of 222222222222 at arn:aws:lambda:us-east-1:222222222222:function:f"},
			terraform: `aws_cloudwatch_log_destination.x {"name": "d", "target_arn": "arn:aws:lambda:us-east-1:222222222222:function:f:live"}`,
			template:  `AWS::Logs::Destination x {"TargetArn": "arn:aws:lambda:us-east-1:222222222222:function:f:live"}`},
		{name: "group that the account policy leaves out, and one of another region", want: []string{"primary in eu-west-1"},
			terraform: `aws_cloudwatch_log_group.x {"name": "/out"}
				aws_cloudwatch_log_account_policy.p {"policy_name": "p", "policy_type": "SUBSCRIPTION_FILTER_POLICY", "selection_criteria": "LogGroupName NOT IN [\"/out\"]",
					"policy_document": "{\"DestinationArn\":\"arn:aws:kinesis:us-east-1:222222222222:stream/s\"}"}
				aws_cloudwatch_log_account_policy.q in us-east-1 {"policy_name": "q", "policy_type": "SUBSCRIPTION_FILTER_POLICY",
					"policy_document": "{\"DestinationArn\":\"arn:aws:kinesis:us-east-1:222222222222:stream/s\"}"}`,
			template: `AWS::Logs::LogGroup x {"LogGroupName": "/out"}
				AWS::Logs::AccountPolicy p {"PolicyType": "SUBSCRIPTION_FILTER_POLICY", "SelectionCriteria": "LogGroupName NOT IN [\"/out\"]",
					"PolicyDocument": "{\"DestinationArn\":\"arn:aws:kinesis:us-east-1:222222222222:stream/s\"}"}`},
		{name: "criterion that nobody documents", want: []string{"log in us-east-1 of 222222222222 at arn:aws:kinesis:us-east-1:222222222222:stream/s", "gap selection_criteria malformed"},
			terraform: `aws_cloudwatch_log_account_policy.x {"policy_name": "p", "policy_type": "SUBSCRIPTION_FILTER_POLICY", "selection_criteria": "LogGroupName LIKE \"/out\"",
					"policy_document": "{\"DestinationArn\":\"arn:aws:kinesis:us-east-1:222222222222:stream/s\"}"}`},
		{name: "account policy whose document refers to a stream and a role", want: []string{"log in us-east-1 at there"},
			terraform: `aws_kinesis_stream.there in us-east-1 {"name": "s"}
				aws_iam_role.r {"name": "r"}
				aws_cloudwatch_log_account_policy.x {"policy_name": "p", "policy_type": "SUBSCRIPTION_FILTER_POLICY", "policy_document": "@aws_kinesis_stream.there.arn+aws_iam_role.r.arn"}`},
		{name: "account policy that sends nothing", want: []string{},
			terraform: `aws_cloudwatch_log_account_policy.x {"policy_name": "p", "policy_type": "FIELD_INDEX_POLICY", "policy_document": "{}"}`,
			template:  `AWS::Logs::AccountPolicy x {"PolicyType": "FIELD_INDEX_POLICY", "PolicyDocument": "{}"}`},
		{name: "delivery", want: []string{"log in us-east-1 at there", "from log in eu-west-1 at b"},
			terraform: `aws_bedrockagent_knowledge_base.b {"knowledge_base_configuration": [{"type": "VECTOR"}]}
				aws_cloudwatch_log_delivery_source.s {"name": "s", "log_type": "APPLICATION_LOGS", "resource_arn": "@aws_bedrockagent_knowledge_base.b.arn"}
				aws_cloudwatch_log_delivery_destination.there in us-east-1 {"name": "d", "delivery_destination_type": "XRAY"}
				aws_cloudwatch_log_delivery.x {"delivery_source_name": "@aws_cloudwatch_log_delivery_source.s.name", "delivery_destination_arn": "@aws_cloudwatch_log_delivery_destination.there.arn"}`,
			template: `AWS::Bedrock::KnowledgeBase b {"KnowledgeBaseConfiguration": {"Type": "VECTOR"}}
				AWS::Logs::DeliverySource s {"Name": "s", "LogType": "APPLICATION_LOGS", "ResourceArn": "@b"}
				AWS::Logs::DeliveryDestination there in us-east-1 {"Name": "d"}
				AWS::Logs::Delivery x {"DeliverySourceName": "s", "DeliveryDestinationArn": "@there"}`},
		{name: "delivery of a source that is not in the change", want: []string{"log in eu-west-1 of 222222222222 at arn:aws:logs:eu-west-1:222222222222:delivery-destination:d", "gap sources unresolved"},
			terraform: `aws_cloudwatch_log_delivery.x {"delivery_source_name": "s", "delivery_destination_arn": "arn:aws:logs:eu-west-1:222222222222:delivery-destination:d"}`},
		{name: "delivery destination of traces", want: []string{"log in us-east-1 at xray.us-east-1.amazonaws.com"},
			terraform: `aws_cloudwatch_log_delivery_destination.x in us-east-1 {"name": "d", "delivery_destination_type": "XRAY"}`,
			template:  `AWS::Logs::DeliveryDestination x in us-east-1 {"Name": "d", "DeliveryDestinationType": "XRAY"}`},
		{name: "scheduled query that is off", want: []string{"capability in ? of 222222222222 at arn:aws:s3:::b", "gap sources unresolved"},
			template: `AWS::Logs::ScheduledQuery x {"State": "DISABLED", "DestinationConfiguration": {"S3Configuration": {"DestinationIdentifier": "s3://b/p", "OwnerAccountId": "222222222222"}}}`},
		{name: "sink", want: []string{}, terraform: `aws_oam_sink.x {"name": "s"}`, template: `AWS::Oam::Sink x {"Name": "s"}`},
		{name: "flow log without a destination", want: []string{"log in ?"}, terraform: `aws_flow_log.x {}`, template: `AWS::EC2::FlowLog x {}`},
		{name: "flow log to a group of another account", want: []string{"log in eu-west-1 of 222222222222 at arn:aws:logs:eu-west-1:222222222222:log-group:g"},
			terraform: `aws_flow_log.x {"log_group_name": "g", "deliver_cross_account_role": "arn:aws:iam::222222222222:role/r"}`,
			template:  `AWS::EC2::FlowLog x {"LogGroupName": "g", "DeliverCrossAccountRole": "arn:aws:iam::222222222222:role/r"}`},
		{name: "association with a configuration that is not in the change", want: []string{"log in ?", "from log in eu-west-1 at arn:aws:ec2:eu-west-1::vpc/vpc-1"},
			terraform: `aws_route53_resolver_query_log_config_association.x {"resolver_query_log_config_id": "rqlc-1", "resource_id": "vpc-1"}`,
			template:  `AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation x {"ResolverQueryLogConfigId": "rqlc-1", "ResourceId": "vpc-1"}`},
		{name: "balancer without a log", want: []string{}, terraform: `aws_lb.x {"access_logs": []}`,
			template: `AWS::ElasticLoadBalancingV2::LoadBalancer x {"LoadBalancerAttributes": [{"Key": "access_logs.s3.enabled", "Value": "false"}]}`},
		{name: "balancer with a log to nowhere", want: []string{"log in ?"}, terraform: `aws_lb.x {"access_logs": [{"enabled": true}]}`,
			template: `AWS::ElasticLoadBalancingV2::LoadBalancer x {"LoadBalancerAttributes": [{"Key": "access_logs.s3.enabled", "Value": "true"}]}`},
	})
}

// A web ACL of CloudFront has no region, though it is deployed in us-east-1; its ARN has that region.
func TestEdgeACL(t *testing.T) {
	data := planOf(t, planned{address: "aws_wafv2_web_acl.edge", provider: "aws.us", values: `{"name": "acl", "scope": "CLOUDFRONT"}`},
		planned{address: "aws_wafv2_web_acl.regional", provider: "aws.us", values: `{"name": "acl", "scope": "REGIONAL"}`})
	c, err := Read([]Input{{Name: "plan", Data: strings.NewReader(data), Size: int64(len(data))}}, Options{Account: "111111111111"}, "aws", someRegions, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out collected
	if _, err := c.Emit(&out); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string][2]string{
		"aws_wafv2_web_acl.edge":     {"", "arn:aws:wafv2:us-east-1:111111111111:global/webacl/acl/*"},
		"aws_wafv2_web_acl.regional": {"us-east-1", "arn:aws:wafv2:us-east-1:111111111111:regional/webacl/acl/*"},
	} {
		if r := out.byID[address]; r.Region != want[0] || r.ARN != want[1] {
			t.Errorf("%s: region %q, ARN %s; want %q", address, r.Region, r.ARN, want)
		}
	}
}
