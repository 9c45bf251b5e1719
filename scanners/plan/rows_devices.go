package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// What comes from devices, by mail and from other clouds: IoT rules, SES, short messages, AppFlow, and events of Cognito and CodeCommit.
var _ = both(
	pair("aws_iot_topic_rule name", "AWS::IoT::TopicRule RuleName", row{kind: "iot.topic_rule", arn: "arn:{partition}:iot:{region}:{account}:rule/{name}", read: func(v view) {
		v.here(residency.Capability, "")
		for _, at := range []string{"error_action", "topic_rule_payload.actions", "topic_rule_payload.error_action"} {
			for _, action := range v.each(at) {
				sends(iotActions...)(action)
			}
		}
		sends(iotActions...)(v) // Terraform keeps them beside each other
	}}),
	pair("aws_sesv2_configuration_set_event_destination", "AWS::SES::ConfigurationSetEventDestination", row{kind: "sesv2.configuration_set_event_destination", read: func(v view) {
		for _, d := range v.each("event_destination") {
			role := onUnless(d.is("enabled", "false"), residency.Metadata)
			sends(leg{role, "kinesis_firehose_destination.delivery_stream_arn", asARN, ""}, leg{role, "sns_destination.topic_arn", asARN, ""},
				leg{role, "event_bridge_destination.event_bus_arn", asARN, ""}, leg{role, "pinpoint_destination.application_arn", asARN, ""})(d)
		}
	}}),
	pair("aws_ses_receipt_rule name", "AWS::SES::ReceiptRule", row{kind: "ses.receipt_rule", read: func(v view) {
		v.here(residency.Capability, "")
		at := []view{v}
		if v.t.row.template() {
			at = v.each("rule.actions")
		}
		off := v.is("enabled", "false") || v.is("rule.enabled", "false")
		for _, a := range at {
			sends(leg{onUnless(off, residency.Replica), "s3_action.bucket_name", asBucket, ""}, leg{onUnless(off, residency.Transit), "lambda_action.function_arn", asARN, ""},
				leg{onUnless(off, residency.Queue), "sns_action.topic_arn", asARN, ""}, leg{onUnless(off, residency.Transit), "workmail_action.organization_arn", asARN, ""})(a)
		}
	}}),
	pair("aws_appflow_flow name", "AWS::AppFlow::Flow FlowName", row{kind: "appflow.flow", arn: "arn:{partition}:appflow:{region}:{account}:flow/{name}", read: readFlow}),
	pair("aws_cognito_log_delivery_configuration", "AWS::Cognito::LogDeliveryConfiguration", row{kind: "cognitoidentityprovider.user_pool",
		settings: settingsOf("user_pool_id", asLocal("cognito-idp", "userpool/")), read: sends(
			leg{residency.Log, "log_configurations.cloud_watch_logs_configuration.log_group_arn", asARN, ""},
			leg{residency.Log, "log_configurations.firehose_configuration.stream_arn", asARN, ""},
			leg{residency.Log, "log_configurations.s3_configuration.bucket_arn", asBucket, ""})}),
	pair("aws_pinpointsmsvoicev2_configuration_set name", "AWS::SMSVOICE::ConfigurationSet ConfigurationSetName", row{kind: "pinpointsmsvoicev2.configuration_set",
		arn: "arn:{partition}:sms-voice:{region}:{account}:configuration-set/{name}", read: sends(
			leg{residency.Metadata, "event_destinations.kinesis_firehose_destination.delivery_stream_arn", asARN, ""},
			leg{residency.Metadata, "event_destinations.cloud_watch_logs_destination.log_group_arn", asARN, ""},
			leg{residency.Metadata, "event_destinations.sns_destination.topic_arn", asARN, ""})}),
	[]row{
		{typ: "aws_ses_event_destination", kind: "ses.event_destination", read: func(v view) {
			role := onUnless(v.is("enabled", "false"), residency.Metadata)
			sends(leg{role, "kinesis_destination.stream_arn", asARN, ""}, leg{role, "sns_destination.topic_arn", asARN, ""})(v)
		}},
		{typ: "AWS::SES::MultiRegionEndpoint", kind: "sesv2.multi_region_endpoint", read: func(v view) {
			v.here(residency.Transit, "")
			v.leg(leg{residency.Transit, "details.route_details.region", asRegion, ""})
		}},
		{typ: "aws_codecommit_trigger", kind: "codecommit.repository", settings: settingsOf("repository_name", asLocal("codecommit", "")),
			read: sends(leg{residency.Metadata, "trigger.destination_arn", asARN, ""})},
	},
)

// iotActions are the actions of a rule that send a message on as it is.
var iotActions = []leg{
	{residency.Replica, "s3.bucket_name", asBucket, ""}, {residency.Stream, "kinesis.stream_name", asStream, ""}, {residency.Stream, "firehose.delivery_stream_name", asFirehose, ""},
	{residency.Log, "cloudwatch_logs.log_group_name", asGroup, ""}, {residency.Queue, "sqs.queue_url", asQueue, ""}, {residency.Queue, "sns.target_arn", asTopic, ""},
	{residency.Replica, "dynamodb.table_name", asLocal("dynamodb", "table/"), ""}, {residency.Replica, "dynamodbv2.put_item.table_name", asLocal("dynamodb", "table/"), ""},
	{residency.Transit, "lambda.function_arn", asARN, ""}, {residency.Transit, "http.url", asARN, ""}, {residency.Stream, "kafka.destination_arn", asARN, ""},
	{residency.Replica, "elasticsearch.endpoint", asARN, ""}, {residency.Replica, "open_search.endpoint", asARN, ""},
	{residency.Transit, "step_functions.state_machine_name", asLocal("states", "stateMachine:"), ""},
	{residency.Replica, "timestream.database_name", asLocal("timestream", "database/"), ""},
}

// onUnless is the role of what a switch turns on; off, what went before may remain.
func onUnless(off bool, role residency.Role) residency.Role {
	if off {
		return residency.Capability
	}
	return role
}

// readFlow: a flow copies between a bucket and services that may lie anywhere.
func readFlow(v view) {
	v.here(residency.Capability, "")
	v.fromAll("", "source_flow_config.source_connector_properties.s3.bucket_name", asBucket)
	for _, d := range v.each("destination_flow_config|destination_flow_config_list") {
		before := len(v.out.placements)
		for _, name := range []string{"s3.bucket_name", "upsolver.bucket_name", "redshift.intermediate_bucket_name", "snowflake.intermediate_bucket_name"} {
			d.leg(leg{residency.Replica, "destination_connector_properties." + name, asBucket, ""})
		}
		if !d.is("connector_type", "S3") || len(v.out.placements) == before {
			v.add(residency.Placement{Role: residency.Replica, Via: d.via("connector_type", "destination "+d.text("connector_type")) + ": where it is stands in its connection"})
		}
	}
	v.place(residency.Key, "", "kms_arn", asKey)
}
