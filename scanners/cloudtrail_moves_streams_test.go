package scanners_test

import "github.com/seed-1578181b/domicile/internal/residency"

const (
	rootARN  = "arn:aws:iam::111111111111:root"
	groupEU  = "arn:aws:logs:eu-west-1:111111111111:log-group:/app"
	streamAt = "arn:aws:kinesis:@:111111111111:stream/s"
	streamEU = "arn:aws:kinesis:eu-west-1:111111111111:stream/s"
)

var _ = happens("logs.amazonaws.com", map[string]eventTest{
	"PutSubscriptionFilter": {at: "eu-west-1", role: residency.Log, from: groupEU, to: streamAt, unknown: `"destinationArn":"` + streamEU + `"`,
		request: `{"logGroupName":"/app","filterName":"f","filterPattern":"","destinationArn":"` + streamAt + `"}`},
	"PutAccountPolicy": {at: "eu-west-1", role: residency.Log, from: rootARN, to: streamAt,
		request: `{"policyName":"p","policyType":"SUBSCRIPTION_FILTER_POLICY","policyDocument":"{\"DestinationArn\":\"` + streamAt + `\",\"FilterPattern\":\"\"}"}`},
	"PutDestination": {at: "eu-west-1", role: residency.Log, from: "arn:aws:logs:eu-west-1:111111111111:destination:d", to: streamAt, unknown: `"targetArn":"` + streamEU + `"`,
		request: `{"destinationName":"d","targetArn":"` + streamAt + `","roleArn":"r"}`},
	"CreateExportTask": {at: "eu-west-1", role: residency.Stream, from: groupEU, to: "arn:aws:s3:::copies", unknown: `"destination":"copies"`,
		request: `{"logGroupName":"/app","from":0,"to":1,"destination":"copies"}`, response: `{"taskId":"t"}`},
	"CreateDelivery": {at: "eu-west-1", role: residency.Log, from: "arn:aws:logs:eu-west-1:111111111111:delivery-source:d", to: "arn:aws:logs:@:111111111111:delivery-destination:far",
		unknown: `"deliveryDestinationArn":"arn:aws:logs:eu-west-1:111111111111:delivery-destination:far"`,
		request: `{"deliverySourceName":"d","deliveryDestinationArn":"arn:aws:logs:@:111111111111:delivery-destination:far"}`},
})

var _ = happens("observabilityadmin.amazonaws.com", map[string]eventTest{
	"CreateCentralizationRuleForOrganization": {at: "us-east-1", role: residency.Log, from: rootARN, to: "arn:aws:iam::222222222222:root", unknown: `"region":"eu-west-1"`,
		request: `{"ruleName":"r","rule":{"source":{"regions":["eu-west-1"],"scope":"OrganizationId = 'o-1'"},"destination":{"region":"@","account":"222222222222"}}}`},
})

var _ = happens("oam.amazonaws.com", map[string]eventTest{
	"CreateLink": {at: "eu-west-1", role: residency.Transit, from: rootARN, to: "arn:aws:oam:@:222222222222:sink/s", unknown: `"sinkIdentifier":"arn:aws:oam:eu-west-1:222222222222:sink/s"`,
		request: `{"labelTemplate":"$AccountName","resourceTypes":["AWS::Logs::LogGroup"],"sinkIdentifier":"arn:aws:oam:@:222222222222:sink/s"}`},
})

var _ = happens("cloudtrail.amazonaws.com", map[string]eventTest{
	"CreateTrail": {at: "eu-west-1", role: residency.Metadata, from: rootARN, to: "arn:aws:s3:::copies", unknown: `"s3BucketName":"copies"`,
		request: `{"name":"second","s3BucketName":"copies","isMultiRegionTrail":true}`, response: `{"trailARN":"arn:aws:cloudtrail:eu-west-1:111111111111:trail/second"}`},
	"UpdateTrail":       {at: "eu-west-1", role: residency.Metadata, from: rootARN, to: "arn:aws:s3:::copies", request: `{"name":"main","s3BucketName":"copies"}`},
	"StopLogging":       {at: "eu-west-1", request: `{"name":"arn:aws:cloudtrail:eu-west-1:111111111111:trail/main"}`},
	"PutEventSelectors": {at: "eu-west-1", request: `{"trailName":"main","eventSelectors":[{"readWriteType":"WriteOnly","includeManagementEvents":true}]}`},
})

var _ = happens("bedrock.amazonaws.com", map[string]eventTest{
	"PutModelInvocationLoggingConfiguration": {at: "eu-west-1", role: residency.Log, from: rootARN, to: "arn:aws:s3:::copies", unknown: `"bucketName":"copies"`,
		request: `{"loggingConfig":{"s3Config":{"bucketName":"copies"},"textDataDeliveryEnabled":true}}`},
	"CreateModelCopyJob": {at: "@", role: residency.Replica, from: "arn:aws:bedrock:eu-west-1:111111111111:custom-model/m", request: `{"sourceModelArn":"arn:aws:bedrock:eu-west-1:111111111111:custom-model/m","targetModelName":"copy"}`},
	"CreateInferenceProfile": {at: "eu-west-1", role: residency.Transit, from: rootARN, to: "arn:aws:bedrock:@::foundation-model/anthropic.claude",
		request: `{"inferenceProfileName":"p","modelSource":{"copyFrom":"arn:aws:bedrock:@::foundation-model/anthropic.claude"}}`},
	"Converse": {at: "eu-west-1", role: residency.Transit, from: rootARN, to: "eu.anthropic.claude", request: `{"modelId":"eu.anthropic.claude"}`, extra: `{"inferenceRegion":"@"}`},
	"InvokeModel": {at: "eu-west-1", role: residency.Transit, from: rootARN, to: "arn:aws:bedrock:eu-west-1:111111111111:inference-profile/us.anthropic.claude",
		request: `{"modelId":"arn:aws:bedrock:eu-west-1:111111111111:inference-profile/us.anthropic.claude"}`, extra: `{"inferenceRegion":"@"}`},
})

var _ = happens("ssm.amazonaws.com", map[string]eventTest{
	"CreateResourceDataSync": {at: "eu-west-1", role: residency.Metadata, from: rootARN, to: "arn:aws:s3:::inventory", unknown: `"region":"eu-west-1"`,
		request: `{"syncName":"s","s3Destination":{"bucketName":"inventory","syncFormat":"JsonSerDe","region":"@"}}`},
})

var _ = happens("route53.amazonaws.com", map[string]eventTest{
	"CreateQueryLoggingConfig": {at: "us-east-1", role: residency.Metadata, from: "arn:aws:route53:::hostedzone/Z1", to: "arn:aws:logs:@:111111111111:log-group:/dns",
		unknown: `"cloudWatchLogsLogGroupArn":"arn:aws:logs:eu-west-1:111111111111:log-group:/dns"`,
		request: `{"hostedZoneId":"Z1","cloudWatchLogsLogGroupArn":"arn:aws:logs:@:111111111111:log-group:/dns"}`},
})

var _ = happens("firehose.amazonaws.com", map[string]eventTest{
	"CreateDeliveryStream": {at: "eu-west-1", role: residency.Stream, from: "arn:aws:firehose:eu-west-1:111111111111:deliverystream/d", to: "arn:aws:s3:::copies", unknown: `"bucketARN":"arn:aws:s3:::copies"`,
		request: `{"deliveryStreamName":"d","deliveryStreamType":"DirectPut","extendedS3DestinationConfiguration":{"roleARN":"r","bucketARN":"arn:aws:s3:::copies"}}`},
	"UpdateDestination": {at: "eu-west-1", role: residency.Stream, from: "arn:aws:firehose:eu-west-1:111111111111:deliverystream/d", to: "arn:aws:s3:::copies",
		request: `{"deliveryStreamName":"d","destinationId":"destinationId-000000000001","currentDeliveryStreamVersionId":"1","extendedS3DestinationUpdate":{"bucketARN":"arn:aws:s3:::copies"}}`},
})

var _ = happens("kafka.amazonaws.com", map[string]eventTest{
	"CreateReplicator": {at: "@", role: residency.Replica, from: "arn:aws:kafka:eu-west-1:111111111111:cluster/near/1", to: "arn:aws:kafka:@:111111111111:cluster/far/2",
		unknown: `"targetKafkaClusterArn":"arn:aws:kafka:eu-west-1:111111111111:cluster/far/2"`,
		request: `{"replicatorName":"r","replicationInfoList":[{"sourceKafkaClusterArn":"arn:aws:kafka:eu-west-1:111111111111:cluster/near/1","targetKafkaClusterArn":"arn:aws:kafka:@:111111111111:cluster/far/2"}]}`},
})

var _ = happens("sns.amazonaws.com", map[string]eventTest{
	"Subscribe": {at: "eu-west-1", role: residency.Stream, from: "arn:aws:sns:eu-west-1:111111111111:orders", to: "arn:aws:sqs:@:111111111111:q", unknown: `"endpoint":"arn:aws:sqs:eu-west-1:111111111111:q"`,
		request: `{"topicArn":"arn:aws:sns:eu-west-1:111111111111:orders","protocol":"sqs","endpoint":"arn:aws:sqs:@:111111111111:q"}`},
})

var _ = happens("events.amazonaws.com", map[string]eventTest{
	"PutTargets": {at: "eu-west-1", role: residency.Transit, from: "arn:aws:events:eu-west-1:111111111111:rule/r", to: "arn:aws:events:@:111111111111:event-bus/b",
		unknown: `"arn":"arn:aws:events:eu-west-1:111111111111:event-bus/b"`,
		request: `{"rule":"r","targets":[{"id":"1","arn":"arn:aws:events:@:111111111111:event-bus/b","roleArn":"x"}]}`},
	"CreateEndpoint": {at: "eu-west-1", role: residency.Transit, from: rootARN, to: "arn:aws:events:@:111111111111:event-bus/b", unknown: `"eventBusArn":"arn:aws:events:eu-west-1:111111111111:event-bus/b"`,
		request: `{"name":"e","eventBuses":[{"eventBusArn":"arn:aws:events:@:111111111111:event-bus/b"}],"routingConfig":{"failoverConfig":{"secondary":{"route":"@"}}}}`},
})

var _ = happens("lambda.amazonaws.com", map[string]eventTest{
	"PutFunctionEventInvokeConfig": {at: "eu-west-1", role: residency.Stream, from: "arn:aws:lambda:eu-west-1:111111111111:function:f", to: "arn:aws:sqs:@:111111111111:q",
		request: `{"functionName":"f","destinationConfig":{"onSuccess":{"destination":"arn:aws:sqs:@:111111111111:q"}}}`},
})

var _ = happens("globalaccelerator.amazonaws.com", map[string]eventTest{
	"CreateEndpointGroup": {at: "us-west-2", role: residency.Transit, from: "arn:aws:globalaccelerator::111111111111:accelerator/a/listener/l", unknown: `"endpointGroupRegion":"eu-west-1"`,
		request: `{"listenerArn":"arn:aws:globalaccelerator::111111111111:accelerator/a/listener/l","endpointGroupRegion":"@"}`},
})

var _ = happens("ses.amazonaws.com", map[string]eventTest{
	"CreateMultiRegionEndpoint": {at: "eu-west-1", role: residency.Transit, from: rootARN, unknown: `"region":"eu-west-1"`,
		request: `{"endpointName":"e","details":{"routesDetails":[{"region":"@"}]}}`},
})
