package plan

import (
	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Stores in memory: ElastiCache, MemoryDB, DAX.
var _ = both(
	pair("aws_elasticache_replication_group replication_group_id", "AWS::ElastiCache::ReplicationGroup ReplicationGroupId", row{kind: "elasticache.replication_group",
		arn: "arn:{partition}:elasticache:{region}:{account}:replicationgroup:{name}", read: func(v view) {
			readElastiCache(v)
			v.memberOf("global_replication_group_id", asGlobalReplicationGroup, "member of the global datastore")
		}}),
	pair("aws_elasticache_cluster cluster_id", "AWS::ElastiCache::CacheCluster ClusterName", row{kind: "elasticache.cluster",
		arn: "arn:{partition}:elasticache:{region}:{account}:cluster:{name}", read: readElastiCache}),
	pair("aws_elasticache_serverless_cache name", "AWS::ElastiCache::ServerlessCache ServerlessCacheName", row{kind: "elasticache.serverless_cache",
		arn: "arn:{partition}:elasticache:{region}:{account}:serverlesscache:{name}", read: keeps(residency.Primary, "kms_key_id")}),
	pair("aws_elasticache_global_replication_group", "AWS::ElastiCache::GlobalReplicationGroup", row{kind: "elasticache.global_replication_group", global: true,
		arn: "arn:{partition}:elasticache::{account}:globalreplicationgroup:{id}", read: readGlobalReplicationGroup}),
	holding("elasticache.snapshot", "arn:{partition}:elasticache:{region}:{account}:snapshot:{name}", "", "AWS::ElastiCache::Snapshot SnapshotName"),
	holding("elasticache.serverless_cache_snapshot", "arn:{partition}:elasticache:{region}:{account}:serverlesscachesnapshot:{name}", "", "AWS::ElastiCache::ServerlessCacheSnapshot ServerlessCacheSnapshotName"),
	pair("aws_memorydb_cluster name", "AWS::MemoryDB::Cluster ClusterName", row{kind: "memorydb.cluster",
		arn: "arn:{partition}:memorydb:{region}:{account}:cluster/{name}", read: func(v view) {
			v.here(residency.Primary, "")
			v.place(residency.Key, "KmsKeyId", "kms_key_arn|kms_key_id", asKey)
			v.memberOf("multi_region_cluster_name", asMultiRegionCluster, "member of the multi-region cluster")
		}}),
	pair("aws_memorydb_multi_region_cluster", "AWS::MemoryDB::MultiRegionCluster", row{kind: "memorydb.multi_region_cluster", global: true,
		arn: "arn:{partition}:memorydb::{account}:multiregioncluster/{id}", read: func(view) {}}),
	pair("aws_memorydb_snapshot name", "AWS::MemoryDB::Snapshot SnapshotName", row{kind: "memorydb.snapshot",
		arn: "arn:{partition}:memorydb:{region}:{account}:snapshot/{name}", read: func(v view) {
			v.here(residency.Backup, "")
			v.place(residency.Key, "KmsKeyId", "kms_key_arn|kms_key_id", asKey)
			v.from(residency.Backup, "snapshot", "cluster_name", asLocal("memorydb", "cluster/"))
		}}),
	pair("aws_dax_cluster cluster_name", "AWS::DAX::Cluster ClusterName", row{kind: "dax.cluster",
		arn: "arn:{partition}:dax:{region}:{account}:cache/{name}", read: keeps(residency.Cache, "")}),
)

// keeps reads a store of which the place and the key are all there is to tell.
func keeps(role residency.Role, key string) func(view) {
	return func(v view) {
		v.here(role, "")
		v.place(residency.Key, "KmsKeyId", key, asKey)
	}
}

func readElastiCache(v view) {
	v.here(residency.Primary, "")
	v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
	v.from(residency.Backup, "restored from S3", "snapshot_arns", asBucket)
	for _, d := range v.each("log_delivery_configuration|log_delivery_configurations") {
		if v.t.row.template() {
			d.place(residency.Log, "log delivery", "destination_details.cloudwatch_logs_details.log_group", asNamed("logs", "log-group:"))
			d.place(residency.Log, "log delivery", "destination_details.kinesis_firehose_details.delivery_stream", asNamed("firehose", "deliverystream/"))
			continue
		}
		as := asNamed("logs", "log-group:")
		if d.is("destination_type", "kinesis-firehose") {
			as = asNamed("firehose", "deliverystream/")
		}
		d.place(residency.Log, "log delivery", "destination", as)
	}
}

// memberOf says at a store that spans regions that the holder keeps its data too: what is written to one is in all.
func (v view) memberOf(path string, as form, label string) {
	for _, to := range v.targets(path, as) {
		v.out.sources = append(v.out.sources, target{id: to.id, account: to.account}.source(residency.Replica, v.via(path, label)))
		at := v.onto(to)
		at.add(v.held.place(residency.Replica, v.via(path, label)))
		v.tell(at)
	}
}

func asGlobalReplicationGroup(h locate.Home, s string) locate.Destination {
	h.Region = ""
	return asLocal("elasticache", "globalreplicationgroup:")(h, s)
}

func asMultiRegionCluster(h locate.Home, s string) locate.Destination {
	h.Region = ""
	return asLocal("memorydb", "multiregioncluster/")(h, s)
}

// readGlobalReplicationGroup: Terraform names the primary only, a template all members with their regions.
func readGlobalReplicationGroup(v view) {
	group := asLocal("elasticache", "replicationgroup:")
	v.place(residency.Primary, "primary of the global datastore", "primary_replication_group_id", asBareToken(group))
	v.from(residency.Primary, "primary of the global datastore", "primary_replication_group_id", asBareToken(group))
	for _, m := range v.each("members") {
		role := residency.Replica
		if m.is("role", "PRIMARY") {
			role = residency.Primary
		}
		for _, to := range m.targetsIn("replication_group_id", "replication_group_region", group) {
			v.add(to.place(role, m.via("replication_group_id", "member of the global datastore")))
			if role == residency.Primary {
				v.out.sources = append(v.out.sources, to.source(role, m.via("replication_group_id", "primary of the global datastore")))
			}
		}
	}
}

// asBareToken understands a bare name of something that has no region to understand it in: only one of the change can be found.
func asBareToken(as form) form {
	return func(h locate.Home, s string) locate.Destination {
		if h.Region == "" {
			h.Region = tokenBecause("the region of " + s + " is not said")
		}
		return as(h, s)
	}
}
