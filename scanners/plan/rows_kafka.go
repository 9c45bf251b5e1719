package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Brokers: MSK with its connectors and replicators, Amazon MQ, and Kinesis Video Streams.
var _ = both(
	pair("aws_msk_cluster cluster_name", "AWS::MSK::Cluster ClusterName", row{kind: "kafka.cluster", arn: kafkaARN, read: holds(residency.Primary,
		leg{residency.Log, "logging_info.broker_logs.cloudwatch_logs|cloud_watch_logs.log_group", asGroup, "enabled"},
		leg{residency.Log, "logging_info.broker_logs.firehose.delivery_stream", asFirehose, "enabled"},
		leg{residency.Log, "logging_info.broker_logs.s3.bucket", asBucket, "enabled"},
		leg{residency.Key, "encryption_info.encryption_at_rest_kms_key_arn", asKey, ""},
		leg{residency.Key, "encryption_info.encryption_at_rest.data_volume_kms_key_id", asKey, ""})}),
	pair("aws_msk_serverless_cluster cluster_name", "AWS::MSK::ServerlessCluster ClusterName", row{kind: "kafka.cluster", arn: kafkaARN}),
	pair("aws_msk_cluster_policy", "AWS::MSK::ClusterPolicy", row{kind: "kafka.cluster", settings: settingsOf("cluster_arn", asARN), read: func(v view) {
		v.share("policy", residency.Primary, "kafka-cluster")
	}}),
	pair("aws_msk_replicator replicator_name", "AWS::MSK::Replicator ReplicatorName", row{kind: "kafka.replicator", arn: "arn:{partition}:kafka:{region}:{account}:replicator/{name}/{id}", read: func(v view) {
		v.fromAll(residency.Replica, "replication_info_list.source_kafka_cluster_arn", asARN)
		sends(leg{residency.Replica, "replication_info_list.target_kafka_cluster_arn", asARN, ""})(v)
	}}),
	pair("aws_mskconnect_connector name", "AWS::KafkaConnect::Connector ConnectorName", row{kind: "kafkaconnect.connector",
		arn: "arn:{partition}:kafkaconnect:{region}:{account}:connector/{name}/{id}", read: readConnector}),
	pair("aws_mq_broker broker_name", "AWS::AmazonMQ::Broker BrokerName", row{kind: "mq.broker", arn: "arn:{partition}:mq:{region}:{account}:broker:{name}:{id}", read: func(v view) {
		v.here(residency.Primary, "")
		v.from(residency.Replica, "data replication", "data_replication_primary_broker_arn", asARN)
		sends(leg{residency.Key, "encryption_options.kms_key_id", asKey, ""})(v)
	}}),
	pair("aws_kinesis_video_stream name", "AWS::KinesisVideo::Stream Name", row{kind: "kinesisvideo.stream", arn: "arn:{partition}:kinesisvideo:{region}:{account}:stream/{name}/{id}",
		read: holds(residency.Primary, leg{residency.Key, "kms_key_id", asKey, ""})}),
)

const kafkaARN = "arn:{partition}:kafka:{region}:{account}:cluster/{name}/{id}"

// readConnector: a connector's settings are free text of its vendor. Buckets and regions are understood; whatever else it writes to
// is not.
func readConnector(v view) {
	v.here(residency.Capability, "")
	sends(leg{residency.Log, "log_delivery.worker_log_delivery.cloudwatch_logs|cloud_watch_logs.log_group", asGroup, "enabled"},
		leg{residency.Log, "log_delivery.worker_log_delivery.firehose.delivery_stream", asFirehose, "enabled"},
		leg{residency.Log, "log_delivery.worker_log_delivery.s3.bucket", asBucket, "enabled"})(v)
	settings := v.get("connector_configuration")
	understood := false
	for _, name := range slices.Sorted(maps.Keys(settings.fields)) {
		via := v.via("connector_configuration", name)
		switch lower := strings.ToLower(name); {
		case strings.HasSuffix(lower, "bucket.name"):
			understood = true
			for _, to := range v.targetsOf(settings.fields[name], asBucket) {
				v.add(to.place(residency.Replica, via))
			}
		case strings.HasSuffix(lower, "region"):
			for _, to := range v.targetsOf(settings.fields[name], asRegion) {
				v.add(to.place(residency.Transit, via))
			}
		}
	}
	if !understood {
		v.gap("connector_configuration", residency.ClassUnresolved, v.via("connector_configuration", "")+": what this connector reads and writes is not known to this version")
	}
}
