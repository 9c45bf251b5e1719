package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Services whose logs, events or recordings go to a bucket, a stream or a group that their settings name.
var _ = both(
	pair("aws_sfn_state_machine name", "AWS::StepFunctions::StateMachine StateMachineName", row{kind: "sfn.state_machine", arn: "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
		filled: []string{"logging_configuration", "encryption_configuration"}, read: func(v view) {
			v.here(residency.Capability, "")
			role := residency.Log
			if v.is("logging_configuration.level", "OFF") {
				role = residency.Capability
			}
			sends(leg{role, "logging_configuration.log_destination", asARN, ""},
				leg{role, "logging_configuration.destinations.cloud_watch_logs_log_group.log_group_arn", asARN, ""},
				leg{residency.Key, "encryption_configuration.kms_key_id", asKey, ""})(v)
			for _, region := range v.w.regionsIn(v.text("definition|definition_string")) {
				if region != v.held.region {
					v.add(residency.Placement{Role: residency.Capability, Region: region, Via: v.via("definition|definition_string", "names "+region)})
				}
			}
		}}),
	pair("aws_networkfirewall_firewall name", "AWS::NetworkFirewall::Firewall FirewallName", row{kind: "networkfirewall.firewall", arn: "arn:{partition}:network-firewall:{region}:{account}:firewall/{name}", read: nothing}),
	pair("aws_networkfirewall_logging_configuration", "AWS::NetworkFirewall::LoggingConfiguration", row{kind: "networkfirewall.firewall", settings: settingsOf("firewall_arn", asARN),
		read: sends(leg{residency.Log, "logging_configuration.log_destination_config|log_destination_configs.log_destination.bucketName", asBucket, ""},
			leg{residency.Log, "logging_configuration.log_destination_config|log_destination_configs.log_destination.logGroup", asGroup, ""},
			leg{residency.Log, "logging_configuration.log_destination_config|log_destination_configs.log_destination.deliveryStream", asFirehose, ""})}),
	pair("aws_vpclattice_access_log_subscription", "AWS::VpcLattice::AccessLogSubscription", row{kind: "vpclattice.access_log_subscription",
		arn: "arn:{partition}:vpc-lattice:{region}:{account}:accesslogsubscription/{id}", read: func(v view) {
			v.must(residency.Log, "", "destination_arn", asARN)
		}}),
	pair("aws_verifiedaccess_instance", "AWS::EC2::VerifiedAccessInstance", row{kind: "ec2.verified_access_instance", arn: "arn:{partition}:ec2:{region}:{account}:verified-access-instance/{id}",
		read: func(v view) { verifiedAccessLogs(v, "logging_configurations") }}),
	pair("aws_connect_instance instance_alias", "AWS::Connect::Instance InstanceAlias", row{kind: "connect.instance", arn: "arn:{partition}:connect:{region}:{account}:instance/{id}"}),
	pair("aws_connect_instance_storage_config", "AWS::Connect::InstanceStorageConfig", row{kind: "connect.instance", settings: settingsOf("instance_id|instance_arn", asLocal("connect", "instance/")), read: func(v view) {
		for _, prefix := range []string{"", "storage_config."} { // Terraform wraps them
			sends(leg{residency.Replica, prefix + "s3_config.bucket_name", asBucket, ""}, leg{residency.Key, prefix + "s3_config.encryption_config.key_id", asKey, ""},
				leg{residency.Stream, prefix + "kinesis_stream_config.stream_arn", asARN, ""}, leg{residency.Stream, prefix + "kinesis_firehose_config.firehose_arn", asARN, ""},
				leg{residency.Key, prefix + "kinesis_video_stream_config.encryption_config.key_id", asKey, ""})(v)
		}
	}}),
	pair("aws_pinpoint_event_stream", "AWS::Pinpoint::EventStream", row{kind: "pinpoint.event_stream", read: func(v view) { v.must(residency.Stream, "", "destination_stream_arn", asARN) }}),
	pair("aws_synthetics_canary name", "AWS::Synthetics::Canary Name", row{kind: "synthetics.canary", arn: "arn:{partition}:synthetics:{region}:{account}:canary:{name}", read: func(v view) {
		v.must(residency.Metadata, "", "artifact_s3_location", asARN)
	}}),
	pair("aws_codebuild_project name", "AWS::CodeBuild::Project Name", row{kind: "codebuild.project", arn: "arn:{partition}:codebuild:{region}:{account}:project/{name}", read: func(v view) {
		v.here(residency.Metadata, "")
		for _, path := range []string{"artifacts.location", "secondary_artifacts.location", "cache.location", "logs_config.s3_logs.location"} {
			v.leg(leg{residency.Metadata, path, asBuildPlace, ""})
		}
		v.leg(leg{residency.Metadata, "logs_config.cloudwatch_logs|cloud_watch_logs.group_name", asGroup, ""})
	}}),
	pair("aws_codepipeline name", "AWS::CodePipeline::Pipeline Name", row{kind: "codepipeline.pipeline", arn: "arn:{partition}:codepipeline:{region}:{account}:{name}", read: sends(
		leg{residency.Metadata, "artifact_store.location", asBucket, ""}, leg{residency.Metadata, "artifact_store.region", asRegion, ""},
		leg{residency.Metadata, "artifact_stores.artifact_store.location", asBucket, ""}, leg{residency.Metadata, "artifact_stores.region", asRegion, ""},
		leg{residency.Metadata, "stage|stages.action|actions.region", asRegion, ""})}),
	pair("aws_securitylake_data_lake", "AWS::SecurityLake::DataLake", row{kind: "securitylake.data_lake", arn: "arn:{partition}:securitylake:{region}:{account}:data-lake/default", read: func(v view) {
		v.here(residency.Metadata, "")
		sends(leg{residency.Metadata, "configuration.region", asRegion, ""}, leg{residency.Metadata, "configuration.replication_configuration.regions", asRegion, ""},
			leg{residency.Metadata, "replication_configuration.regions", asRegion, ""})(v)
	}}),
	pair("aws_bcmdataexports_export", "AWS::BCMDataExports::Export", row{kind: "bcmdataexports.export", global: true, arn: "arn:{partition}:bcm-data-exports:us-east-1:{account}:export/{id}",
		read: sends(leg{residency.Metadata, "export.destination_configurations.s3_destination.s3_bucket", asBucket, ""}, leg{residency.Metadata, "export.destination_configurations.s3_destination.s3_region", asRegion, ""})}),
	pair("aws_cur_report_definition report_name", "AWS::CUR::ReportDefinition ReportName", row{kind: "costandusagereportservice.report_definition", global: true,
		read: sends(leg{residency.Metadata, "s3_bucket", asBucket, ""}, leg{residency.Metadata, "s3_region", asRegion, ""})}),
	pair("aws_transfer_user", "AWS::Transfer::User", row{kind: "transfer.user", arn: "arn:{partition}:transfer:{region}:{account}:user/{id}",
		read: holds(residency.Capability, leg{residency.Transit, "home_directory", asDirectory, ""}, leg{residency.Transit, "home_directory_mappings.target", asDirectory, ""})}),
	[]row{
		{typ: "aws_verifiedaccess_instance_logging_configuration", kind: "ec2.verified_access_instance", settings: settingsOf("verifiedaccess_instance_id", asLocal("ec2", "verified-access-instance/")),
			read: func(v view) { verifiedAccessLogs(v, "access_logs") }},
	},
)

func verifiedAccessLogs(v view, path string) {
	sends(leg{residency.Log, path + ".s3.bucket_name", asBucket, "enabled"}, leg{residency.Log, path + ".cloudwatch_logs|cloud_watch_logs.log_group", asGroup, "enabled"},
		leg{residency.Log, path + ".kinesis_data_firehose.delivery_stream", asFirehose, "enabled"})(v)
}

// asBuildPlace is a bucket with a path behind it, or its ARN.
func asBuildPlace(h locate.Home, s string) locate.Destination { return h.Bucket(s) }

// asDirectory is a directory of a user: a bucket with a path, or a file system by its id.
func asDirectory(h locate.Home, s string) locate.Destination {
	first, _, _ := strings.Cut(strings.TrimPrefix(s, "/"), "/")
	if strings.HasPrefix(first, "fs-") {
		return h.Local("elasticfilesystem", "file-system/"+first)
	}
	return h.Bucket(first)
}
