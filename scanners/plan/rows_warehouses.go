package plan

import (
	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Redshift, provisioned and serverless.
var _ = both(
	pair("aws_redshift_cluster cluster_identifier", "AWS::Redshift::Cluster ClusterIdentifier", row{kind: "redshift.cluster",
		arn: "arn:{partition}:redshift:{region}:{account}:cluster:{name}", zone: "availability_zone", read: readRedshift}),
	[]row{
		{typ: "aws_redshift_snapshot_copy", kind: "redshift.cluster", settings: settingsOf("cluster_identifier", asRedshift), read: func(v view) {
			v.place(residency.Backup, "snapshot copy", "destination_region", asRegion)
		}},
		{typ: "aws_redshift_logging", kind: "redshift.cluster", settings: settingsOf("cluster_identifier", asRedshift), read: func(v view) { redshiftLogging(v, v) }},
		{typ: "aws_redshift_cluster_snapshot", kind: "redshift.snapshot", arn: "arn:{partition}:redshift:{region}:{account}:snapshot:{id}", name: "snapshot_identifier", read: func(v view) {
			v.here(residency.Backup, "")
			v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
			v.from(residency.Backup, "snapshot", "cluster_identifier", asRedshift)
		}},
		{typ: "aws_redshift_data_share_authorization", kind: "redshift.data_share", settings: settingsOf("data_share_arn", asARN), read: func(v view) {
			v.shareWith(residency.Transit, "data share", "consumer_identifier", "")
		}},
		{typ: "aws_redshift_data_share_consumer_association", kind: "redshift.data_share", settings: settingsOf("data_share_arn", asARN), read: func(v view) {
			if v.set("consumer_region") {
				v.place(residency.Transit, "consumer of the data share", "consumer_region", asRegion)
				return
			}
			for _, to := range v.targets("consumer_arn", asARN) {
				v.add(to.place(residency.Transit, v.via("consumer_arn", "consumer of the data share")))
			}
		}},
		{typ: "aws_redshift_resource_policy", kind: "redshift.cluster", settings: settingsOf("resource_arn", asARN), read: func(v view) {
			v.share("policy", residency.Primary, "redshift")
		}},
	},
	holding("redshift.snapshot", "arn:{partition}:redshift:{region}:{account}:snapshot:{id}", "", "AWS::Redshift::Snapshot"),
	pair("aws_redshift_endpoint_authorization", "AWS::Redshift::EndpointAuthorization", row{kind: "redshift.cluster", settings: settingsOf("cluster_identifier", asRedshift), read: func(v view) {
		v.shareWith(residency.Transit, "endpoint authorization", "account", "")
	}}),
	pair("aws_redshift_integration", "AWS::Redshift::Integration", row{kind: "redshift.integration", settings: settingsOf("source_arn", asARN), read: func(v view) {
		v.place(residency.Stream, "zero-ETL integration "+v.text("integration_name"), "target_arn", asARN)
		v.place(residency.Key, "KMSKeyId of the integration", "kms_key_id", asKey)
	}}),
	pair("aws_redshiftserverless_namespace namespace_name", "AWS::RedshiftServerless::Namespace NamespaceName", row{kind: "redshiftserverless.namespace",
		arn: "arn:{partition}:redshift-serverless:{region}:{account}:namespace/{id}", read: func(v view) {
			v.here(residency.Primary, "")
			v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
			if v.set("log_exports") {
				v.here(residency.Log, v.via("log_exports", "log export"))
			}
			for _, c := range v.each("snapshot_copy_configurations") {
				c.place(residency.Backup, "snapshot copy", "destination_region", asRegion)
				c.place(residency.Key, "key of the snapshot copy", "destination_kms_key_id", copyKey)
			}
		}}),
	pair("aws_redshiftserverless_snapshot snapshot_name", "AWS::RedshiftServerless::Snapshot SnapshotName", row{kind: "redshiftserverless.snapshot",
		arn: "arn:{partition}:redshift-serverless:{region}:{account}:snapshot/{id}", read: keeps(residency.Backup, "kms_key_id")}),
	[]row{{typ: "aws_redshiftserverless_resource_policy", kind: "redshiftserverless.snapshot", settings: settingsOf("resource_arn", asARN), read: func(v view) {
		v.share("policy", residency.Backup, "redshift-serverless")
	}}},
	pair("aws_redshiftserverless_workgroup", "AWS::RedshiftServerless::Workgroup", row{class: NoData}), // its data is its namespace's
)

func asRedshift(h locate.Home, s string) locate.Destination {
	return asLocal("redshift", "cluster:")(h, s)
}

func readRedshift(v view) {
	v.here(residency.Primary, "")
	v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
	v.place(residency.Backup, "snapshot copy", "destination_region", asRegion)
	for _, c := range v.declared("snapshot_copy") { // of providers before version 5.70
		c.place(residency.Backup, "snapshot copy", "destination_region", asRegion)
	}
	for _, l := range v.declared("logging|logging_properties") {
		redshiftLogging(v, l)
	}
	v.share("namespace_resource_policy", residency.Primary, "redshift")
}

// redshiftLogging: audit logs go to a bucket, or to log groups of the cluster's own place.
func redshiftLogging(v, l view) {
	switch {
	case l.is("enable", "false"):
	case l.is("log_destination_type", "cloudwatch"):
		v.here(residency.Log, l.via("log_destination_type", "audit logging"))
	default:
		l.place(residency.Log, "audit logging", "bucket_name", asBucket)
	}
}
