package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Secrets, parameters and keys, and what Systems Manager writes to buckets and log groups.
var _ = both(
	pair("aws_secretsmanager_secret name", "AWS::SecretsManager::Secret Name", row{kind: "secretsmanager.secret", arn: "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{id}", read: func(v view) {
		v.here(residency.Primary, "")
		v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
		for _, r := range v.declared("replica|replica_regions") { // the provider fills it in by itself
			r.place(residency.Replica, "secret replica", "region", asRegion)
			r.place(residency.Key, "key of the secret replica", "kms_key_id", copyKey)
		}
		v.share("policy", residency.Primary, "secretsmanager")
	}}),
	pair("aws_secretsmanager_secret_policy", "AWS::SecretsManager::ResourcePolicy", row{kind: "secretsmanager.secret", settings: settingsOf("secret_arn|secret_id", asLocal("secretsmanager", "secret:")), read: func(v view) {
		v.share("policy|resource_policy", residency.Primary, "secretsmanager")
	}}),
	pair("aws_kms_key", "AWS::KMS::Key", row{kind: "kms.key", arn: keyARN, read: keeps(residency.Key, "")}),
	[]row{
		{typ: "aws_kms_external_key", kind: "kms.key", arn: keyARN, read: keeps(residency.Key, "")},
		{typ: "aws_kms_replica_external_key", kind: "kms.key", arn: keyARN, read: readReplicaKey},
	},
	pair("aws_kms_replica_key", "AWS::KMS::ReplicaKey", row{kind: "kms.key", arn: keyARN, read: readReplicaKey}),
	holding("kms.custom_key_store", "", "aws_kms_custom_key_store custom_key_store_name", ""),
	pair("aws_ssm_parameter name", "AWS::SSM::Parameter Name", row{kind: "ssm.parameter", arn: "arn:{partition}:ssm:{region}:{account}:parameter/{name}", read: keeps(residency.Primary, "key_id")}),
	pair("aws_ssm_resource_data_sync name", "AWS::SSM::ResourceDataSync SyncName", row{kind: "ssm.resource_data_sync", arn: "arn:{partition}:ssm:{region}:{account}:resource-data-sync/{name}", read: func(v view) {
		for _, at := range []view{v, v.inner("s3_destination")} { // older templates give it outside
			at.place(residency.Metadata, "resource data sync", "bucket_name", asBucket)
			at.place(residency.Metadata, "region of the resource data sync", "region|bucket_region", asRegion)
			at.place(residency.Key, "key of the resource data sync", "kms_key_arn", copyKey)
		}
	}}),
	pair("aws_ssm_document name", "AWS::SSM::Document Name", row{kind: "ssm.document", arn: "arn:{partition}:ssm:{region}:{account}:document/{name}", read: readSessionDocument}),
	pair("aws_ssm_association", "AWS::SSM::Association", row{kind: "ssm.association", arn: "arn:{partition}:ssm:{region}:{account}:association/{id}", read: func(v view) {
		out := v.inner("output_location")
		if v.t.row.template() {
			out = out.inner("s3_location")
		}
		out.place(residency.Log, "output of the association", "s3_bucket_name|output_s3_bucket_name", asBucket)
	}}),
	pair("aws_ssm_maintenance_window_task", "AWS::SSM::MaintenanceWindowTask", row{kind: "ssm.maintenance_window_task", read: func(v view) {
		run := v.inner("task_invocation_parameters.run_command_parameters|maintenance_window_run_command_parameters")
		run.place(residency.Log, "output of the task", "output_s3_bucket|output_s3_bucket_name", asBucket)
		if run.is("cloudwatch_config|cloud_watch_output_config.cloudwatch_output_enabled|cloud_watch_output_enabled", "true") {
			v.here(residency.Log, run.via("", "output of the task"))
		}
		v.place(residency.Log, "output of the task", "logging_info.s3_bucket", asBucket)
	}}),
)

const keyARN = "arn:{partition}:kms:{region}:{account}:key/{id}"

// readReplicaKey: the same key material in a second region.
func readReplicaKey(v view) {
	v.here(residency.Key, "")
	v.copyOf(residency.Key, "multi-region key replica", "primary_key_arn", asKey)
}

// readSessionDocument: the preferences of Session Manager are a document, which names where transcripts go.
func readSessionDocument(v view) {
	kind := "document_type"
	if v.set(kind) && !v.open(kind) && !v.is(kind, "Session") {
		return // commands and runbooks: what they do is not their text's to tell
	}
	content, ok := v.parsed("content")
	if !ok {
		if v.is(kind, "Session") {
			v.gap("content", residency.ClassUnresolved, v.via("content", "session preferences")+" is not known before the deployment, or is no JSON")
		}
		return
	}
	inputs := content.field("inputs")
	for _, to := range v.targetsOf(inputs.field("s3BucketName"), asBucket) {
		v.add(to.place(residency.Log, v.via("content", "session transcripts")))
	}
	for _, to := range v.targetsOf(inputs.field("cloudWatchLogGroupName"), asNamed("logs", "log-group:")) {
		v.add(to.place(residency.Log, v.via("content", "session transcripts")))
	}
	for _, to := range v.targetsOf(inputs.field("kmsKeyId"), asKey) {
		v.add(to.place(residency.Key, v.via("content", "key of the sessions")))
	}
}
