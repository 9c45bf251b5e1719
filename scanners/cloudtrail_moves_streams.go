package scanners

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var logGroup = local("logs", "log-group:")

var logMoves = []move{
	{source: "logs.amazonaws.com", name: "PutSubscriptionFilter", role: residency.Log,
		from: []end{{name: "logGroupName", as: logGroup, here: true}}, to: []end{{name: "destinationArn"}}},
	{source: "logs.amazonaws.com", name: "PutAccountPolicy", role: residency.Log, from: []end{thisAccount},
		to: []end{{each: "policyDocument.destinationArn", name: "."},
			{each: "policyDocument.statement.operation.audit.findingsDestination.s3.bucket", name: ".", as: bucketName},
			{each: "policyDocument.statement.operation.audit.findingsDestination.firehose.deliveryStream", name: ".", as: local("firehose", "deliverystream/"), here: true}}},
	{source: "logs.amazonaws.com", name: "PutDestination", role: residency.Log,
		from: []end{{name: "destinationName", as: local("logs", "destination:"), here: true}}, to: []end{{name: "targetArn"}}},
	{source: "logs.amazonaws.com", name: "CreateExportTask", role: residency.Stream,
		from: []end{{name: "logGroupName", as: logGroup, here: true}}, to: []end{{name: "destination", as: bucketName}}},
	{source: "logs.amazonaws.com", name: "CreateDelivery", role: residency.Log,
		from: []end{{name: "deliverySourceName", as: local("logs", "delivery-source:"), here: true}}, to: []end{{name: "deliveryDestinationArn"}},
		by: []end{{each: ">delivery.arn", name: "."}}},
	{source: "observabilityadmin.amazonaws.com", name: "CreateCentralizationRuleForOrganization", role: residency.Log,
		from: []end{{each: "rule.source.regions|rule.source.sourceRegions", as: accountOf, name: ".", region: "."}},
		to:   []end{{each: "rule.destination", name: "account", as: accountOf, region: "region", account: "account"}}, sends: true,
		by: []end{{each: ">ruleArn", name: "."}}},
	{source: "oam.amazonaws.com", name: "CreateLink", role: residency.Transit, from: []end{thisAccount},
		to: []end{{name: "sinkIdentifier"}}, by: []end{{each: ">arn", name: "."}}},
	{source: "cloudtrail.amazonaws.com", name: "CreateTrail", role: residency.Metadata, from: []end{thisAccount},
		to: []end{{name: "s3BucketName", as: bucketName}, {each: "cloudWatchLogsLogGroupArn", name: "."}}, by: []end{trailOfCall}},
	{source: "cloudtrail.amazonaws.com", name: "UpdateTrail", role: residency.Metadata, from: []end{thisAccount},
		to: []end{{each: "s3BucketName", name: ".", as: bucketName}, {each: "cloudWatchLogsLogGroupArn", name: "."}}, by: []end{trailOfCall}},
	{source: "cloudtrail.amazonaws.com", name: "StopLogging|PutEventSelectors|DeleteTrail", role: residency.Capability, blind: true},
	{source: "bedrock.amazonaws.com", name: "PutModelInvocationLoggingConfiguration", role: residency.Log, from: []end{thisAccount},
		to: []end{{each: "loggingConfig.s3Config", name: "bucketName", as: bucketName},
			{each: "loggingConfig.cloudWatchConfig", name: "logGroupName", as: logGroup, here: true},
			{each: "loggingConfig.cloudWatchConfig.largeDataDeliveryS3Config", name: "bucketName", as: bucketName}},
		by: []end{{read: func(h Home, _ *record) []Destination {
			return []Destination{h.Local("bedrock", "model-invocation-logging-configuration")}
		}}}},
	{source: "ssm.amazonaws.com", name: "CreateResourceDataSync", role: residency.Metadata, from: []end{thisAccount},
		to: []end{{each: "s3Destination", name: "bucketName", as: bucketName, region: "region"}}},
	{source: "route53.amazonaws.com", name: "CreateQueryLoggingConfig", role: residency.Metadata,
		from: []end{{name: "hostedZoneId", as: hostedZoneName}}, to: []end{{name: "cloudWatchLogsLogGroupArn"}}},
}

// trailOfCall is the trail that a call makes or changes.
var trailOfCall = end{each: ">trailARN|name", name: ".", as: local("cloudtrail", "trail/"), here: true}

// accountOf is the ARN that stands for whatever lies in an account: that of a number, else the event's own.
func accountOf(h Home, name string) Destination {
	if account, _ := receiver(name); account != "" {
		h.Account = account
	}
	return Destination{ID: accountARN(h), Region: h.Region, Account: h.Account}
}

func hostedZoneName(h Home, name string) Destination {
	return Destination{ID: "arn:" + h.Partition + ":route53:::hostedzone/" + strings.TrimPrefix(name, "/hostedzone/"), Account: h.Account}
}

var streamMoves = []move{
	{source: "firehose.amazonaws.com", name: "CreateDeliveryStream", role: residency.Stream, sends: true,
		from: []end{{name: "deliveryStreamName", as: local("firehose", "deliverystream/"), here: true},
			{each: "kinesisStreamSourceConfiguration.kinesisStreamARN", name: "."}},
		to: firehoseEnds("Configuration")},
	{source: "firehose.amazonaws.com", name: "UpdateDestination", role: residency.Stream,
		from: []end{{name: "deliveryStreamName", as: local("firehose", "deliverystream/"), here: true}}, to: firehoseEnds("Update")},
	{source: "kafka.amazonaws.com", name: "CreateReplicator", role: residency.Replica, sends: true,
		from: []end{{each: "replicationInfoList", name: "sourceKafkaClusterArn"}}, to: []end{{each: "replicationInfoList", name: "targetKafkaClusterArn"}}},
	{source: "sns.amazonaws.com", name: "Subscribe", role: residency.Stream,
		from: []end{{name: "topicArn"}}, to: []end{{name: "endpoint", as: subscriber}}},
	{source: "events.amazonaws.com", name: "PutTargets", role: residency.Transit, sends: true,
		from: []end{{name: "rule", as: local("events", "rule/"), here: true}}, to: []end{{each: "targets", name: "arn"}}},
	{source: "events.amazonaws.com", name: "CreateEndpoint", role: residency.Transit, from: []end{thisAccount},
		to: []end{{each: "eventBuses", name: "eventBusArn"}, {each: "routingConfig.failoverConfig.secondary", region: "route"}}, sends: true},
	{source: "lambda.amazonaws.com", name: "PutFunctionEventInvokeConfig", role: residency.Stream,
		from: []end{{name: "functionName", as: local("lambda", "function:"), here: true}},
		to:   []end{{each: "destinationConfig.onSuccess.destination", name: "."}, {each: "destinationConfig.onFailure.destination", name: "."}}},
	{source: "globalaccelerator.amazonaws.com", name: "CreateEndpointGroup", role: residency.Transit,
		from: []end{{name: "listenerArn"}}, to: []end{{region: "endpointGroupRegion"}}},
	{source: "ses.amazonaws.com", name: "CreateMultiRegionEndpoint", role: residency.Transit, from: []end{thisAccount},
		to: []end{{each: "details.routesDetails", region: "region"}}, sends: true},
}

// firehoseEnds are the destinations of a delivery stream, whose names end differently in a call that makes it and one that changes it.
func firehoseEnds(ending string) []end {
	to := func(name, path string, as form) end { return end{each: name + ending + "." + path, name: ".", as: as} }
	return []end{to("extendedS3Destination", "bucketARN", nil), to("s3Destination", "bucketARN", nil),
		to("httpEndpointDestination", "endpointConfiguration.url", nil), to("httpEndpointDestination", "s3"+ending+".bucketARN", nil),
		to("splunkDestination", "hECEndpoint", nil), to("snowflakeDestination", "accountUrl", nil), to("redshiftDestination", "clusterJDBCURL", nil),
		to("elasticsearchDestination", "domainARN", nil), to("amazonopensearchserviceDestination", "domainARN", nil),
		to("amazonopensearchserviceDestination", "clusterEndpoint", nil), to("amazonOpenSearchServerlessDestination", "collectionEndpoint", nil),
		to("icebergDestination", "catalogConfiguration.catalogARN", nil)}
}

// subscriber is whoever receives from a topic. A mail address or a telephone number is a person's, and is not kept.
func subscriber(h Home, name string) Destination {
	if strings.HasPrefix(name, "arn:") || strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		return h.Resolve(name)
	}
	return Destination{}
}
