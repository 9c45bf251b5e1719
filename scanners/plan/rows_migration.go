package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// What moves data between stores: DMS and DataSync. An endpoint or a location is no resource of its own but names the store behind it,
// to which a task's reference goes through.
var _ = both(
	pair("aws_dms_endpoint endpoint_id", "AWS::DMS::Endpoint EndpointIdentifier", row{kind: "databasemigrationservice.endpoint", settings: endpointOf}),
	[]row{{typ: "aws_dms_s3_endpoint", kind: "databasemigrationservice.endpoint", settings: settingsOf("bucket_name", asBucket)}},
	pair("aws_dms_replication_instance replication_instance_id", "AWS::DMS::ReplicationInstance ReplicationInstanceIdentifier", row{kind: "databasemigrationservice.replication_instance",
		arn: "arn:{partition}:dms:{region}:{account}:rep:{id}", read: func(v view) {
			v.here(residency.Transit, "")
			v.place(residency.Key, "KmsKeyId", "kms_key_arn|kms_key_id", asKey)
		}}),
	pair("aws_dms_replication_task replication_task_id", "AWS::DMS::ReplicationTask ReplicationTaskIdentifier", row{kind: "databasemigrationservice.replication_task",
		arn: "arn:{partition}:dms:{region}:{account}:task:{id}", read: moves("source_endpoint_arn", "target_endpoint_arn", "replication task")}),
	pair("aws_dms_replication_config replication_config_identifier", "AWS::DMS::ReplicationConfig ReplicationConfigIdentifier", row{kind: "databasemigrationservice.replication_config",
		arn: "arn:{partition}:dms:{region}:{account}:replication-config:{id}", read: moves("source_endpoint_arn", "target_endpoint_arn", "serverless replication")}),
	pair("aws_datasync_task name", "AWS::DataSync::Task Name", row{kind: "datasync.task", arn: "arn:{partition}:datasync:{region}:{account}:task/{id}", read: func(v view) {
		moves("source_location_arn", "destination_location_arn", "task")(v)
		v.place(residency.Log, "log of the task", "cloudwatch_log_group_arn|cloud_watch_log_group_arn", asARN)
		v.place(residency.Metadata, "report of the task", "task_report_config.s3_destination.s3_bucket_arn", asBucket)
		v.place(residency.Metadata, "report of the task", "task_report_config.destination.s3.s3_bucket_arn", asBucket)
	}}),
	pair("aws_datasync_location_s3", "AWS::DataSync::LocationS3", row{kind: "datasync.location", settings: settingsOf("s3_bucket_arn", asBucket)}),
	pair("aws_datasync_location_efs", "AWS::DataSync::LocationEFS", row{kind: "datasync.location", settings: settingsOf("efs_file_system_arn", asARN)}),
	pair("aws_datasync_location_fsx_lustre_file_system", "AWS::DataSync::LocationFSxLustre", row{kind: "datasync.location", settings: settingsOf("fsx_filesystem_arn", asARN)}),
	pair("aws_datasync_location_fsx_openzfs_file_system", "AWS::DataSync::LocationFSxOpenZFS", row{kind: "datasync.location", settings: settingsOf("fsx_filesystem_arn", asARN)}),
	pair("aws_datasync_location_fsx_windows_file_system", "AWS::DataSync::LocationFSxWindows", row{kind: "datasync.location", settings: settingsOf("fsx_filesystem_arn", asARN)}),
	pair("aws_datasync_location_fsx_ontap_file_system", "AWS::DataSync::LocationFSxONTAP", row{kind: "datasync.location", settings: settingsOf("storage_virtual_machine_arn", asARN)}),
	pair("aws_datasync_location_object_storage", "AWS::DataSync::LocationObjectStorage", row{kind: "datasync.location", settings: settingsOf("server_hostname", asHost)}),
	pair("aws_datasync_location_azure_blob", "AWS::DataSync::LocationAzureBlob", row{kind: "datasync.location", settings: settingsOf("container_url|azure_blob_container_url", asHost)}),
	pair("aws_datasync_location_nfs", "AWS::DataSync::LocationNFS", row{kind: "datasync.location", settings: settingsOf("server_hostname", asHost)}),
	pair("aws_datasync_location_smb", "AWS::DataSync::LocationSMB", row{kind: "datasync.location", settings: settingsOf("server_hostname", asHost)}),
	pair("aws_datasync_location_hdfs", "AWS::DataSync::LocationHDFS", row{kind: "datasync.location", settings: settingsOf("name_node|name_nodes.hostname", asHost)}),
	pair("aws_datasync_agent name", "AWS::DataSync::Agent AgentName", row{class: NoData}),
)

// moves reads what carries data from one store to another.
func moves(source, target, label string) func(view) {
	return func(v view) {
		v.place(residency.Replica, label, target, asARN)
		v.from(residency.Replica, label, source, asARN)
	}
}

// endpointOf is the store behind an endpoint of DMS: a bucket, a stream, a table's service, or a host.
func endpointOf(v view) target {
	for _, by := range []struct {
		path string
		as   form
	}{
		{"s3_settings.bucket_name", asBucket},
		{"kinesis_settings.stream_arn", asARN},
		{"kafka_settings.broker", asHost},
		{"elasticsearch_settings.endpoint_uri", asHost},
		{"server_name", asHost},
	} {
		if v.set(by.path) {
			return settingsOf(by.path, by.as)(v)
		}
	}
	if strings.EqualFold(v.text("engine_name"), "dynamodb") { // of the endpoint's own place
		return target{region: v.t.region, account: v.t.account, why: v.t.unsaid}
	}
	return target{why: "the endpoint names no store: its secret does"}
}

// asHost is a machine by its name or address.
func asHost(h locate.Home, s string) locate.Destination { return h.Resolve(s) }
