package plan

import "testing"

func TestMessageMechanisms(t *testing.T) {
	capability := []string{"capability in eu-west-1"}
	runMechanisms(t, []mechanism{
		{name: "subscription of a queue", role: "queue", to: "queue", besides: []string{"queue in eu-west-1"},
			terraform: `aws_sns_topic.x {"name": "t"}
				aws_sns_topic_subscription.s {"topic_arn": "@aws_sns_topic.x.arn", "protocol": "sqs", "endpoint": "%"}`,
			template: `AWS::SNS::Topic x {}
				AWS::SNS::Subscription s {"TopicArn": "@x", "Protocol": "sqs", "Endpoint": "%"}`},
		{name: "subscription of a delivery stream, in the topic", role: "stream", to: "firehose", besides: []string{"queue in eu-west-1"},
			template: `AWS::SNS::Topic x {"Subscription": [{"Protocol": "firehose", "Endpoint": "%"}]}`},
		{name: "dead letters of a subscription", role: "queue", to: "queue", besides: []string{"queue in eu-west-1", "transit in ? at example.com"},
			terraform: `aws_sns_topic.x {"name": "t"}
				aws_sns_topic_subscription.s {"topic_arn": "@aws_sns_topic.x.arn", "protocol": "https", "endpoint": "https://example.com/x", "redrive_policy": "%"}`,
			template: `AWS::SNS::Topic x {}
				AWS::SNS::Subscription s {"TopicArn": "@x", "Protocol": "https", "Endpoint": "https://example.com/x", "RedrivePolicy": {"deadLetterTargetArn": "%"}}`},
		{name: "dead letters of a queue", role: "queue", to: "queue", besides: []string{"primary in eu-west-1"},
			terraform: `aws_sqs_queue.x {"name": "q", "redrive_policy": "%"}`, template: `AWS::SQS::Queue x {"RedrivePolicy": {"deadLetterTargetArn": "%"}}`},
		{name: "target of a rule", role: "transit", to: "bus", besides: capability,
			terraform: `aws_cloudwatch_event_rule.x {"name": "r", "event_bus_name": "b"}
				aws_cloudwatch_event_target.t {"rule": "@aws_cloudwatch_event_rule.x.name", "event_bus_name": "b", "arn": "%"}`,
			template: `AWS::Events::Rule x {"Name": "r", "Targets": [{"Arn": "%"}]}`},
		{name: "target of a disabled rule", role: "capability", to: "queue", besides: capability, template: `AWS::Events::Rule x {"State": "DISABLED", "Targets": [{"Arn": "%"}]}`},
		{name: "archive", role: "from primary", to: "bus", besides: []string{"primary in eu-west-1"},
			terraform: `aws_cloudwatch_event_archive.x {"name": "a", "event_source_arn": "%"}`, template: `AWS::Events::Archive x {"ArchiveName": "a", "SourceArn": "%"}`},
		{name: "endpoint of two regions", role: "transit", template: `AWS::Events::Endpoint x {"RoutingConfig": {"FailoverConfig": {"Secondary": {"Route": "%"}}}}`},
		{name: "endpoint for a failover", role: "capability", template: `AWS::Events::Endpoint x {"ReplicationConfig": {"State": "DISABLED"}, "RoutingConfig": {"FailoverConfig": {"Secondary": {"Route": "%"}}}}`},
		{name: "pipe", role: "stream", unknown: "transit", to: "stream", besides: append([]string{"from transit in us-east-1 at q"}, capability...),
			terraform: `aws_sqs_queue.q in us-east-1 {"name": "q"}
				aws_pipes_pipe.x {"name": "p", "source": "@aws_sqs_queue.q.arn", "target": "%"}`,
			template: `AWS::SQS::Queue q in us-east-1 {}
				AWS::Pipes::Pipe x {"Name": "p", "Source": "@q", "Target": "%"}`},
		{name: "log of a pipe", role: "log", to: "bucket", besides: capability,
			terraform: `aws_pipes_pipe.x {"name": "p", "log_configuration": [{"s3_log_destination": [{"bucket_name": "%"}]}]}`,
			template:  `AWS::Pipes::Pipe x {"Name": "p", "LogConfiguration": {"S3LogDestination": {"BucketName": "%"}}}`},
		{name: "schedule", role: "capability", to: "queue",
			terraform: `aws_scheduler_schedule.x {"name": "s", "target": [{"arn": "%"}]}`, template: `AWS::Scheduler::Schedule x {"Name": "s", "Target": {"Arn": "%"}}`},
		{name: "dead letters of a function", role: "queue", to: "queue", besides: capability,
			terraform: `aws_lambda_function.x {"function_name": "f", "dead_letter_config": [{"target_arn": "%"}]}`, template: `AWS::Lambda::Function x {"DeadLetterConfig": {"TargetArn": "%"}}`},
		{name: "failures of a function, by its alias", role: "replica", unknown: "transit", to: "bucket", besides: capability,
			terraform: `aws_lambda_function.x {"function_name": "f"}
				aws_lambda_alias.live {"name": "live", "function_name": "@aws_lambda_function.x.arn"}
				aws_lambda_function_event_invoke_config.c {"function_name": "@aws_lambda_alias.live.arn", "destination_config": [{"on_failure": [{"destination": "%"}]}]}`,
			template: `AWS::Lambda::Function x {}
				AWS::Lambda::Alias live {"Name": "live", "FunctionName": "@x"}
				AWS::Lambda::EventInvokeConfig c {"FunctionName": "@live", "DestinationConfig": {"OnFailure": {"Destination": "%"}}}`},
		{name: "source of a function", role: "from transit", to: "stream", besides: capability,
			terraform: `aws_lambda_function.x {"function_name": "f"}
				aws_lambda_event_source_mapping.m {"function_name": "f:live", "event_source_arn": "%"}`,
			template: `AWS::Lambda::Function x {"FunctionName": "f"}
				AWS::Lambda::EventSourceMapping m {"FunctionName": "f", "EventSourceArn": "%"}`},
		{name: "replicator", role: "replica", to: "msk", besides: []string{"from replica in eu-west-1 at s"},
			terraform: `aws_msk_cluster.s {"cluster_name": "s"}
				aws_msk_replicator.x {"replicator_name": "r", "replication_info_list": [{"source_kafka_cluster_arn": "@aws_msk_cluster.s.arn", "target_kafka_cluster_arn": "%"}]}`,
			template: `AWS::MSK::Cluster s {}
				AWS::MSK::Replicator x {"ReplicatorName": "r", "ReplicationInfoList": [{"SourceKafkaClusterArn": "@s", "TargetKafkaClusterArn": "%"}]}`},
		{name: "log of brokers", role: "log", to: "bucket", besides: []string{"primary in eu-west-1"},
			terraform: `aws_msk_cluster.x {"cluster_name": "c", "logging_info": [{"broker_logs": [{"s3": [{"enabled": true, "bucket": "%"}]}]}]}`,
			template:  `AWS::MSK::Cluster x {"LoggingInfo": {"BrokerLogs": {"S3": {"Enabled": true, "Bucket": "%"}}}}`},
		{name: "log of brokers that is off", role: "capability", to: "bucket", besides: []string{"primary in eu-west-1"},
			terraform: `aws_msk_cluster.x {"cluster_name": "c", "logging_info": [{"broker_logs": [{"s3": [{"enabled": false, "bucket": "%"}]}]}]}`,
			template:  `AWS::MSK::Cluster x {"LoggingInfo": {"BrokerLogs": {"S3": {"Enabled": false, "Bucket": "%"}}}}`},
		{name: "connector", role: "replica", to: "bucket", besides: append([]string{"transit in us-east-1"}, capability...),
			template: `AWS::KafkaConnect::Connector x {"ConnectorName": "c", "ConnectorConfiguration": {"s3.bucket.name": "%", "s3.region": "us-east-1"}}`},
	})
}

func TestServiceMechanisms(t *testing.T) {
	capability := []string{"capability in eu-west-1"}
	runMechanisms(t, []mechanism{
		{name: "state machine", role: "log", to: "group", besides: capability,
			terraform: `aws_sfn_state_machine.x {"name": "m", "logging_configuration": [{"level": "ALL", "log_destination": "%"}]}`,
			template:  `AWS::StepFunctions::StateMachine x {"LoggingConfiguration": {"Level": "ALL", "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": "%"}}]}}`},
		{name: "firewall", role: "log", to: "bucket",
			terraform: `aws_networkfirewall_firewall.x {"name": "f"}
				aws_networkfirewall_logging_configuration.l {"firewall_arn": "@aws_networkfirewall_firewall.x.arn", "logging_configuration": [{"log_destination_config": [{"log_destination": {"bucketName": "%"}}]}]}`,
			template: `AWS::NetworkFirewall::Firewall x {"FirewallName": "f"}
				AWS::NetworkFirewall::LoggingConfiguration l {"FirewallArn": "@x", "LoggingConfiguration": {"LogDestinationConfigs": [{"LogDestination": {"bucketName": "%"}}]}}`},
		{name: "lattice", role: "log", to: "group", terraform: `aws_vpclattice_access_log_subscription.x {"destination_arn": "%"}`, template: `AWS::VpcLattice::AccessLogSubscription x {"DestinationArn": "%"}`},
		{name: "verified access", role: "log", to: "bucket",
			terraform: `aws_verifiedaccess_instance.x {}
				aws_verifiedaccess_instance_logging_configuration.l {"verifiedaccess_instance_id": "@aws_verifiedaccess_instance.x.id", "access_logs": [{"s3": [{"enabled": true, "bucket_name": "%"}]}]}`,
			template: `AWS::EC2::VerifiedAccessInstance x {"LoggingConfigurations": {"S3": {"Enabled": true, "BucketName": "%"}}}`},
		{name: "recordings", role: "replica", to: "bucket", besides: []string{"primary in eu-west-1"},
			terraform: `aws_connect_instance.x {"instance_alias": "c"}
				aws_connect_instance_storage_config.s {"instance_id": "@aws_connect_instance.x.id", "storage_config": [{"s3_config": [{"bucket_name": "%"}]}]}`,
			template: `AWS::Connect::Instance x {}
				AWS::Connect::InstanceStorageConfig s {"InstanceArn": "@x", "S3Config": {"BucketName": "%"}}`},
		{name: "events of Pinpoint", role: "stream", to: "stream", terraform: `aws_pinpoint_event_stream.x {"destination_stream_arn": "%"}`, template: `AWS::Pinpoint::EventStream x {"DestinationStreamArn": "%"}`},
		{name: "pipeline", role: "metadata", terraform: `aws_codepipeline.x {"name": "p", "artifact_store": [{"region": "%"}]}`, template: `AWS::CodePipeline::Pipeline x {"Stages": [{"Actions": [{"Region": "%"}]}]}`},
		{name: "build", role: "metadata", to: "bucket", besides: []string{"metadata in eu-west-1"},
			terraform: `aws_codebuild_project.x {"name": "p", "logs_config": [{"s3_logs": [{"location": "%"}]}]}`, template: `AWS::CodeBuild::Project x {"LogsConfig": {"S3Logs": {"Location": "%"}}}`},
		{name: "security lake", role: "metadata", besides: []string{"metadata in ?"}, terraform: `aws_securitylake_data_lake.x in ? {"configuration": [{"replication_configuration": [{"regions": ["%"]}]}]}`,
			template: `AWS::SecurityLake::DataLake x in ? {"ReplicationConfiguration": {"Regions": ["%"]}}`},
		{name: "bill", role: "metadata", terraform: `aws_bcmdataexports_export.x {"export": [{"destination_configurations": [{"s3_destination": [{"s3_region": "%"}]}]}]}`,
			template: `AWS::BCMDataExports::Export x {"Export": {"DestinationConfigurations": {"S3Destination": {"S3Region": "%"}}}}`},
		{name: "API stage", role: "log", to: "group", besides: capability,
			terraform: `aws_api_gateway_stage.x {"access_log_settings": [{"destination_arn": "%"}]}`, template: `AWS::ApiGateway::Stage x {"AccessLogSetting": {"DestinationArn": "%"}}`},
		{name: "HTTP API stage", role: "log", to: "firehose", besides: capability,
			terraform: `aws_apigatewayv2_stage.x {"access_log_settings": [{"destination_arn": "%"}]}`, template: `AWS::ApiGatewayV2::Stage x {"AccessLogSettings": {"DestinationArn": "%"}}`},
		{name: "data source of AppSync", role: "transit", besides: capability,
			terraform: `aws_appsync_datasource.x {"dynamodb_config": [{"region": "%"}]}`, template: `AWS::AppSync::DataSource x {"DynamoDBConfig": {"AwsRegion": "%"}}`},
		{name: "endpoint group", role: "transit", terraform: `aws_globalaccelerator_endpoint_group.x {"endpoint_group_region": "%"}`, template: `AWS::GlobalAccelerator::EndpointGroup x {"EndpointGroupRegion": "%"}`},
		{name: "flow log of an accelerator", role: "log", to: "bucket", besides: []string{"transit in ? at awsglobalaccelerator.com"},
			terraform: `aws_globalaccelerator_accelerator.x {"name": "a", "attributes": [{"flow_logs_enabled": true, "flow_logs_s3_bucket": "%"}]}`},
		{name: "log of a distribution", role: "log", to: "bucket", besides: []string{"cache in ? at cloudfront.net"},
			terraform: `aws_cloudfront_distribution.x {"enabled": true, "logging_config": [{"bucket": "%"}]}`, template: `AWS::CloudFront::Distribution x {"DistributionConfig": {"Enabled": true, "Logging": {"Bucket": "%"}}}`},
		{name: "origin of a distribution", role: "from transit", to: "bucket", besides: []string{"capability in ?"},
			terraform: `aws_cloudfront_distribution.x {"enabled": false, "origin": [{"domain_name": "%"}]}`, template: `AWS::CloudFront::Distribution x {"DistributionConfig": {"Enabled": false, "Origins": [{"DomainName": "%"}]}}`},
		{name: "viewers of a distribution", role: "log", to: "stream",
			terraform: `aws_cloudfront_realtime_log_config.x {"name": "l", "endpoint": [{"kinesis_stream_config": [{"stream_arn": "%"}]}]}`,
			template:  `AWS::CloudFront::RealtimeLogConfig x {"EndPoints": [{"KinesisStreamConfig": {"StreamArn": "%"}}]}`},
		{name: "user of Transfer", role: "transit", to: "bucket", besides: capability,
			terraform: `aws_transfer_user.x {"home_directory_mappings": [{"target": "%"}]}`, template: `AWS::Transfer::User x {"HomeDirectoryMappings": [{"Target": "%"}]}`},
		{name: "canary", role: "metadata", to: "bucket", terraform: `aws_synthetics_canary.x {"name": "c", "artifact_s3_location": "%"}`, template: `AWS::Synthetics::Canary x {"ArtifactS3Location": "%"}`},
	})
}

func TestServiceSettings(t *testing.T) {
	runLines(t, []lineCase{
		{name: "subscription by mail keeps no address", want: []string{"queue in eu-west-1", "transit in ?"},
			terraform: `aws_sns_topic.x {"name": "t"}
				aws_sns_topic_subscription.s {"topic_arn": "@aws_sns_topic.x.arn", "protocol": "email", "endpoint": "someone@example.com"}`,
			template: `AWS::SNS::Topic x {"Subscription": [{"Protocol": "email", "Endpoint": "someone@example.com"}]}`},
		{name: "rule of a bus that is not known", want: []string{"capability in eu-west-1", "queue in us-east-1 at q"},
			terraform: `aws_sqs_queue.q in us-east-1 {"name": "q"}
				aws_cloudwatch_event_bus.b {}
				aws_cloudwatch_event_rule.x {"name": "r", "event_bus_name": "@aws_cloudwatch_event_bus.b.name"}
				aws_cloudwatch_event_target.t {"rule": "r", "event_bus_name": "@aws_cloudwatch_event_bus.b.name", "arn": "@aws_sqs_queue.q.arn"}`},
		{name: "policy of several topics", want: []string{"queue in us-east-1", "queue in us-east-1 of *"},
			template: `AWS::SNS::Topic a {}
				AWS::SNS::Topic x in us-east-1 {}
				AWS::SNS::TopicPolicy p {"Topics": ["@a", "@x"], "PolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Subscribe", "Resource": "*"}]}}`},
		{name: "queue that others may read", want: []string{"primary in eu-west-1", "primary in eu-west-1 of 222222222222"},
			terraform: `aws_sqs_queue.x {"name": "q"}
				aws_sqs_queue_policy.p {"queue_url": "@aws_sqs_queue.x.id", "policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"sqs:ReceiveMessage\",\"Resource\":\"*\"}]}"}`,
			template: `AWS::SQS::Queue x {}
				AWS::SQS::QueuePolicy p {"Queues": ["@x"], "PolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sqs:ReceiveMessage", "Resource": "*"}]}}`},
		{name: "scheduled copy", want: []string{"backup in ?"},
			terraform: `aws_scheduler_schedule.x {"name": "s", "target": [{"arn": "arn:aws:scheduler:::aws-sdk:rds:copyDBSnapshot"}]}`,
			template:  `AWS::Scheduler::Schedule x {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:rds:copyDBSnapshot"}}`},
		{name: "environment that names a region", want: []string{"capability in eu-west-1", "capability in us-east-1"},
			terraform: `aws_lambda_function.x {"function_name": "f", "environment": [{"variables": {"ENDPOINT": "https://sqs.us-east-1.amazonaws.com", "HOME": "eu-west-1"}}]}`,
			template:  `AWS::Lambda::Function x {"Environment": {"Variables": {"ENDPOINT": "https://sqs.us-east-1.amazonaws.com", "HOME": "eu-west-1"}}}`},
		{name: "connector to a bucket", want: []string{"capability in eu-west-1", "replica in us-east-1 at b", "transit in us-east-1"},
			terraform: `aws_s3_bucket.b in us-east-1 {"bucket": "b"}
				aws_mskconnect_connector.x {"name": "c", "connector_configuration": {"s3.bucket.name": "b", "s3.region": "us-east-1"}}`},
		{name: "connector that nobody understands", want: []string{"capability in eu-west-1", "gap connector_configuration unresolved"},
			terraform: `aws_mskconnect_connector.x {"name": "c", "connector_configuration": {"connector.class": "com.example.Fax"}}`,
			template:  `AWS::KafkaConnect::Connector x {"ConnectorConfiguration": {"connector.class": "com.example.Fax"}}`},
		{name: "API at the edge, where nothing else is said", want: []string{"capability in eu-west-1", "transit in ? at cloudfront.net"}, terraform: `aws_api_gateway_rest_api.x {"name": "a"}`, template: `AWS::ApiGateway::RestApi x {"Name": "a"}`},
		{name: "API of a region", want: []string{"capability in eu-west-1"},
			terraform: `aws_api_gateway_rest_api.x {"name": "a", "endpoint_configuration": [{"types": ["REGIONAL"]}]}`, template: `AWS::ApiGateway::RestApi x {"EndpointConfiguration": {"Types": ["REGIONAL"]}}`},
		{name: "integration with a function", want: []string{"capability in eu-west-1", "transit in us-east-1 of 222222222222 at arn:aws:lambda:us-east-1:222222222222:function:f"},
			terraform: `aws_api_gateway_integration.x {"uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:222222222222:function:f/invocations"}`,
			template:  `AWS::ApiGateway::Method x {"Integration": {"Uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:222222222222:function:f/invocations"}}`},
		{name: "function at the edge", want: []string{"cache in ? at cloudfront.net", "log in ?"},
			terraform: `aws_cloudfront_distribution.x {"enabled": true, "ordered_cache_behavior": [{"lambda_function_association": [{"lambda_arn": "arn:aws:lambda:us-east-1:111111111111:function:f:1"}]}]}`,
			template:  `AWS::CloudFront::Distribution x {"DistributionConfig": {"Enabled": true, "CacheBehaviors": [{"LambdaFunctionAssociations": [{"LambdaFunctionARN": "arn:aws:lambda:us-east-1:111111111111:function:f:1"}]}]}}`},
		{name: "integration with a function of the change", want: []string{"capability in eu-west-1", "transit in us-east-1 at f"},
			template: `AWS::Lambda::Function f in us-east-1 {}
				AWS::ApiGateway::Method x {"Integration": {"Uri": "@f"}}`},
		{name: "integration with a service", want: []string{"capability in eu-west-1", "transit in us-east-1"},
			terraform: `aws_api_gateway_integration.x {"uri": "arn:aws:apigateway:us-east-1:sqs:path/222222222222/q"}`,
			template:  `AWS::ApiGateway::Method x {"Integration": {"Uri": "arn:aws:apigateway:us-east-1:sqs:path/222222222222/q"}}`},
		{name: "log of a distribution by the bucket's host", want: []string{"cache in ? at cloudfront.net", "log in us-east-1 at b"},
			terraform: `aws_s3_bucket.b in us-east-1 {"bucket": "b"}
				aws_cloudfront_distribution.x {"enabled": true, "logging_config": [{"bucket": "b.s3.amazonaws.com"}]}`},
		{name: "integration with a host", want: []string{"capability in eu-west-1", "transit in ? at api.example.com"},
			terraform: `aws_apigatewayv2_integration.x {"integration_uri": "https://api.example.com/x"}`, template: `AWS::ApiGatewayV2::Integration x {"IntegrationUri": "https://api.example.com/x"}`},
		{name: "broker that replicates another", want: []string{"primary in eu-west-1", "from replica in us-east-1 of 111111111111 at arn:aws:mq:us-east-1:111111111111:broker:b:1"},
			terraform: `aws_mq_broker.x {"broker_name": "b", "data_replication_primary_broker_arn": "arn:aws:mq:us-east-1:111111111111:broker:b:1"}`,
			template:  `AWS::AmazonMQ::Broker x {"BrokerName": "b", "DataReplicationPrimaryBrokerArn": "arn:aws:mq:us-east-1:111111111111:broker:b:1"}`},
	})
}
