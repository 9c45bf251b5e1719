package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// The databases with endpoints of their own: Keyspaces, DSQL, Timestream, elastic DocumentDB, Neptune Analytics, and the ledgers.
var _ = both(
	pair("aws_keyspaces_keyspace name", "AWS::Cassandra::Keyspace KeyspaceName", row{kind: "keyspaces.keyspace", arn: "arn:{partition}:cassandra:{region}:{account}:/keyspace/{name}/", read: func(v view) {
		v.here(residency.Primary, "")
		v.replicas("replication_specification.region_list", "keyspace replica", asRegion)
	}}),
	pair("aws_keyspaces_table table_name", "AWS::Cassandra::Table TableName", row{kind: "keyspaces.table", arn: "arn:{partition}:cassandra:{region}:{account}:/keyspace/{id}", read: func(v view) {
		v.here(residency.Primary, "")
		v.place(residency.Key, "KmsKeyIdentifier", "encryption_specification.kms_key_identifier", asKey)
		for _, replica := range v.each("replica_specifications") {
			replica.replicas("region", "table replica", asRegion)
		}
	}}),
	pair("aws_dsql_cluster", "AWS::DSQL::Cluster", row{kind: "dsql.cluster", arn: "arn:{partition}:dsql:{region}:{account}:cluster/{id}", read: func(v view) {
		v.here(residency.Primary, "")
		v.place(residency.Key, "KmsEncryptionKey", "kms_encryption_key", asKey)
		v.place(residency.Replica, "peer cluster", "multi_region_properties.clusters", asARN)
		v.place(residency.Replica, "witness region", "multi_region_properties.witness_region", asRegion)
		v.share("policy_document", residency.Primary, "dsql")
	}}),
	[]row{{typ: "aws_dsql_cluster_peering", kind: "dsql.cluster", settings: settingsOf("identifier", asLocal("dsql", "cluster/")), read: func(v view) {
		for _, peer := range v.targets("clusters", asARN) {
			v.add(peer.place(residency.Replica, v.via("clusters", "peer cluster")))
		}
		v.place(residency.Replica, "witness region", "witness_region", asRegion)
	}}},
	pair("aws_timestreamwrite_database database_name", "AWS::Timestream::Database DatabaseName", row{kind: "timestreamwrite.database",
		arn: "arn:{partition}:timestream:{region}:{account}:database/{name}", read: keeps(residency.Primary, "kms_key_id")}),
	pair("aws_timestreamwrite_table table_name", "AWS::Timestream::Table TableName", row{kind: "timestreamwrite.table", arn: "arn:{partition}:timestream:{region}:{account}:database/{id}", read: func(v view) {
		v.here(residency.Primary, "")
		v.place(residency.Log, "records that were rejected", "magnetic_store_write_properties.magnetic_store_rejected_data_location.s3_configuration.bucket_name", asBucket)
	}}),
	pair("aws_timestreamquery_scheduled_query name", "AWS::Timestream::ScheduledQuery ScheduledQueryName", row{kind: "timestreamquery.scheduled_query",
		arn: "arn:{partition}:timestream:{region}:{account}:scheduled-query/{id}", read: func(v view) {
			v.here(residency.Stream, v.via("target_configuration", "results"))
			v.place(residency.Log, "error reports", "error_report_configuration.s3_configuration.bucket_name", asBucket)
			v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
		}}),
	pair("aws_timestreaminfluxdb_db_instance name", "AWS::Timestream::InfluxDBInstance Name", row{kind: "timestreaminfluxdb.db_instance",
		arn: "arn:{partition}:timestream-influxdb:{region}:{account}:db-instance/{id}", read: readInflux}),
	pair("aws_timestreaminfluxdb_db_cluster name", "AWS::Timestream::InfluxDBCluster Name", row{kind: "timestreaminfluxdb.db_cluster",
		arn: "arn:{partition}:timestream-influxdb:{region}:{account}:db-cluster/{id}", read: readInflux}),
	pair("aws_docdbelastic_cluster name", "AWS::DocDBElastic::Cluster ClusterName", row{kind: "docdbelastic.cluster",
		arn: "arn:{partition}:docdb-elastic:{region}:{account}:cluster/{id}", read: keeps(residency.Primary, "kms_key_id")}),
	pair("aws_neptunegraph_graph graph_name", "AWS::NeptuneGraph::Graph GraphName", row{kind: "neptunegraph.graph",
		arn: "arn:{partition}:neptune-graph:{region}:{account}:graph/{id}", read: keeps(residency.Primary, "kms_key_identifier")}),
	[]row{
		{typ: "AWS::DocDBElastic::ClusterSnapshot", kind: "docdbelastic.cluster_snapshot", arn: "arn:{partition}:docdb-elastic:{region}:{account}:cluster-snapshot/{id}", read: keeps(residency.Backup, "KmsKeyId")},
		{typ: "AWS::NeptuneGraph::GraphSnapshot", kind: "neptunegraph.graph_snapshot", arn: "arn:{partition}:neptune-graph:{region}:{account}:graph-snapshot/{id}", read: keeps(residency.Backup, "KmsKeyIdentifier")},
	},
	pair("aws_qldb_stream stream_name", "AWS::QLDB::Stream StreamName", row{kind: "qldb.stream", settings: settingsOf("ledger_name", asLocal("qldb", "ledger/")), read: func(v view) {
		v.place(residency.Stream, "journal stream", "kinesis_configuration.stream_arn", asARN)
	}}),
)

// replicas places a copy in each region of a list that names the holder's own among them.
func (v view) replicas(path, label string, as form) {
	for _, to := range v.targets(path, as) {
		if to.region == "" || to.region != v.held.region {
			v.add(to.place(residency.Replica, v.via(path, label)))
		}
	}
}

func readInflux(v view) {
	v.here(residency.Primary, "")
	if !v.is("log_delivery_configuration.s3_configuration.enabled", "false") {
		v.place(residency.Log, "log delivery", "log_delivery_configuration.s3_configuration.bucket_name", asBucket)
	}
}
