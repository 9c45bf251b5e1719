package plan

import "testing"

func TestFurtherMechanisms(t *testing.T) {
	capability := []string{"capability in eu-west-1"}
	primary := []string{"primary in eu-west-1"}
	runMechanisms(t, []mechanism{
		{name: "device messages to a bucket", role: "replica", to: "bucket", besides: capability,
			terraform: `aws_iot_topic_rule.x {"name": "r", "s3": [{"bucket_name": "%"}]}`, template: `AWS::IoT::TopicRule x {"TopicRulePayload": {"Actions": [{"S3": {"BucketName": "%"}}]}}`},
		{name: "device messages in error", role: "queue", to: "queue", besides: capability,
			terraform: `aws_iot_topic_rule.x {"name": "r", "error_action": [{"sqs": [{"queue_url": "%"}]}]}`, template: `AWS::IoT::TopicRule x {"TopicRulePayload": {"ErrorAction": {"Sqs": {"QueueUrl": "%"}}}}`},
		{name: "mail events", role: "metadata", to: "firehose",
			terraform: `aws_sesv2_configuration_set_event_destination.x {"event_destination": [{"enabled": true, "kinesis_firehose_destination": [{"delivery_stream_arn": "%"}]}]}`,
			template:  `AWS::SES::ConfigurationSetEventDestination x {"EventDestination": {"Enabled": true, "KinesisFirehoseDestination": {"DeliveryStreamARN": "%"}}}`},
		{name: "received mail", role: "replica", to: "bucket", besides: capability,
			terraform: `aws_ses_receipt_rule.x {"name": "r", "enabled": true, "s3_action": [{"bucket_name": "%"}]}`, template: `AWS::SES::ReceiptRule x {"Rule": {"Enabled": true, "Actions": [{"S3Action": {"BucketName": "%"}}]}}`},
		{name: "received mail, turned off", role: "capability", to: "function", besides: capability,
			terraform: `aws_ses_receipt_rule.x {"name": "r", "enabled": false, "lambda_action": [{"function_arn": "%"}]}`, template: `AWS::SES::ReceiptRule x {"Rule": {"Enabled": false, "Actions": [{"LambdaAction": {"FunctionArn": "%"}}]}}`},
		{name: "mail from two regions", role: "transit", besides: []string{"transit in ?"}, template: `AWS::SES::MultiRegionEndpoint x in ? {"Details": {"RouteDetails": [{"Region": "%"}]}}`},
		{name: "flow between clouds", role: "replica", to: "bucket", besides: capability,
			terraform: `aws_appflow_flow.x {"name": "f", "destination_flow_config": [{"connector_type": "S3", "destination_connector_properties": [{"s3": [{"bucket_name": "%"}]}]}]}`,
			template:  `AWS::AppFlow::Flow x {"DestinationFlowConfigList": [{"ConnectorType": "S3", "DestinationConnectorProperties": {"S3": {"BucketName": "%"}}}]}`},
		{name: "short messages", role: "metadata", to: "topic", template: `AWS::SMSVOICE::ConfigurationSet x {"EventDestinations": [{"SnsDestination": {"TopicArn": "%"}}]}`},
		{name: "images", role: "metadata",
			terraform: `aws_imagebuilder_distribution_configuration.x {"name": "d", "distribution": [{"region": "%"}]}`, template: `AWS::ImageBuilder::DistributionConfiguration x {"Distributions": [{"Region": "%"}]}`},
		{name: "custom model", role: "replica", to: "bucket", besides: primary, terraform: `aws_bedrock_custom_model.x {"custom_model_name": "m", "output_data_config": [{"s3_uri": "%"}]}`},
		{name: "bot", role: "replica", besides: primary, template: `AWS::Lex::Bot x {"Replication": {"ReplicaRegions": ["%"]}}`},
		{name: "matches of profiles", role: "replica", to: "bucket", besides: primary,
			terraform: `aws_customerprofiles_domain.x {"domain_name": "d", "matching": [{"exporting_config": [{"s3_exporting": [{"s3_bucket_name": "%"}]}]}]}`,
			template:  `AWS::CustomerProfiles::Domain x {"DomainName": "d", "Matching": {"ExportingConfig": {"S3Exporting": {"S3BucketName": "%"}}}}`},
		{name: "documents of Kendra", role: "from", to: "bucket", besides: primary,
			terraform: `aws_kendra_data_source.x {"name": "d", "configuration": [{"s3_configuration": [{"bucket_name": "%"}]}]}`,
			template:  `AWS::Kendra::DataSource x {"Name": "d", "DataSourceConfiguration": {"S3Configuration": {"BucketName": "%"}}}`},
		{name: "log of a cluster", role: "log", to: "bucket", besides: capability, terraform: `aws_emr_cluster.x {"name": "c", "log_uri": "%"}`, template: `AWS::EMR::Cluster x {"Name": "c", "LogUri": "%"}`},
		{name: "record by latency", role: "transit", terraform: `aws_route53_record.x {"latency_routing_policy": [{"region": "%"}]}`, template: `AWS::Route53::RecordSet x {"Region": "%"}`},
		{name: "stack set", role: "capability", besides: []string{"capability in eu-west-1", "gap template unimplemented"},
			terraform: `aws_cloudformation_stack_set.x {"name": "s"}
				aws_cloudformation_stack_set_instance.i {"stack_set_name": "@aws_cloudformation_stack_set.x.name", "stack_set_instance_region": "%"}`},
		{name: "plan of Region switch", role: "capability", template: `AWS::ARCRegionSwitch::Plan x {"Regions": ["%"]}`},
	})
}

func TestFurtherSettings(t *testing.T) {
	runLines(t, []lineCase{
		{name: "guardrail", want: []string{"transit in eu-west-1"}, terraform: `aws_bedrock_guardrail.x {"name": "g"}`, template: `AWS::Bedrock::Guardrail x {"Name": "g"}`},
		{name: "guardrail of a profile", want: []string{"transit in ?", "transit in eu-west-1"},
			terraform: `aws_bedrock_guardrail.x {"name": "g", "cross_region_config": [{"guardrail_profile_identifier": "eu.guardrail.v1:0"}]}`,
			template:  `AWS::Bedrock::Guardrail x {"Name": "g", "CrossRegionConfig": {"GuardrailProfileArn": "eu.guardrail.v1:0"}}`},
		{name: "Data Automation", want: []string{"transit in ?"}, template: `AWS::Bedrock::DataAutomationProject x {"ProjectName": "p"}`},
		{name: "flow to a service", want: []string{"capability in eu-west-1", "replica in ?"},
			terraform: `aws_appflow_flow.x {"name": "f", "destination_flow_config": [{"connector_type": "Salesforce"}]}`, template: `AWS::AppFlow::Flow x {"DestinationFlowConfigList": [{"ConnectorType": "Salesforce"}]}`},
		{name: "images for another account", want: []string{"metadata in us-east-1", "metadata in us-east-1 of 222222222222"},
			terraform: `aws_imagebuilder_distribution_configuration.x {"name": "d", "distribution": [{"region": "us-east-1", "ami_distribution_configuration": [{"target_account_ids": ["222222222222"]}]}]}`,
			template:  `AWS::ImageBuilder::DistributionConfiguration x {"Distributions": [{"Region": "us-east-1", "AmiDistributionConfiguration": {"TargetAccountIds": ["222222222222"]}}]}`},
		{name: "stack", want: []string{"capability in eu-west-1", "gap template unimplemented"}, terraform: `aws_cloudformation_stack.x {"name": "s"}`},
		{name: "index of all regions", want: []string{"metadata in eu-west-1", "from metadata in us-east-1"},
			terraform: `aws_s3_bucket.b in us-east-1 {"bucket": "b"}
				aws_resourceexplorer2_index.x {"type": "AGGREGATOR"}`,
			template: `AWS::S3::Bucket b in us-east-1 {}
				AWS::ResourceExplorer2::Index x {"Type": "AGGREGATOR"}`},
	})
}
