package plan

import (
	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// RDS and Aurora, and what their endpoint lists too: DocumentDB and Neptune stand under the same kinds, as in a scan.
const (
	instanceARN        = "arn:{partition}:rds:{region}:{account}:db:{name}"
	clusterARN         = "arn:{partition}:rds:{region}:{account}:cluster:{name}"
	globalClusterARN   = "arn:{partition}:rds::{account}:global-cluster:{name}"
	clusterSnapshotARN = "arn:{partition}:rds:{region}:{account}:cluster-snapshot:{name}"
)

var _ = rows(
	row{typ: "aws_db_instance", kind: "rds.instance", arn: instanceARN, name: "identifier", zone: "availability_zone", read: instance{
		key: "kms_key_id", source: "replicate_source_db", logs: "enabled_cloudwatch_logs_exports", blueGreen: "blue_green_update.enabled"}.read},
	row{typ: "aws_rds_cluster_instance", kind: "rds.instance", arn: instanceARN, name: "identifier", zone: "availability_zone"},
	row{typ: "aws_docdb_cluster_instance", kind: "rds.instance", arn: instanceARN, name: "identifier", zone: "availability_zone"},
	row{typ: "aws_neptune_cluster_instance", kind: "rds.instance", arn: instanceARN, name: "identifier", zone: "availability_zone"},
	row{typ: "AWS::RDS::DBInstance", kind: "rds.instance", arn: instanceARN, name: "DBInstanceIdentifier", zone: "AvailabilityZone", read: instance{
		key: "KmsKeyId", source: "SourceDBInstanceIdentifier", sourceCluster: "SourceDBClusterIdentifier", sourceRegion: "SourceRegion",
		logs: "EnableCloudwatchLogsExports", cluster: "DBClusterIdentifier",
		backups: "AutomaticBackupReplicationRegion"}.read},
	row{typ: "AWS::DocDB::DBInstance", kind: "rds.instance", arn: instanceARN, name: "DBInstanceIdentifier", zone: "AvailabilityZone"},
	row{typ: "AWS::Neptune::DBInstance", kind: "rds.instance", arn: instanceARN, name: "DBInstanceIdentifier", zone: "AvailabilityZone"},

	row{typ: "aws_rds_cluster", kind: "rds.cluster", arn: clusterARN, name: "cluster_identifier", read: terraformCluster("rds/cluster").read},
	row{typ: "aws_docdb_cluster", kind: "rds.cluster", arn: clusterARN, name: "cluster_identifier", read: terraformCluster("docdb").read},
	row{typ: "aws_neptune_cluster", kind: "rds.cluster", arn: clusterARN, name: "cluster_identifier", read: cluster{
		family: "neptune", key: "kms_key_arn", source: "replication_source_identifier", logs: "enable_cloudwatch_logs_exports", global: "global_cluster_identifier"}.read},
	row{typ: "AWS::RDS::DBCluster", kind: "rds.cluster", arn: clusterARN, name: "DBClusterIdentifier", read: templateCluster("rds/cluster").read},
	row{typ: "AWS::DocDB::DBCluster", kind: "rds.cluster", arn: clusterARN, name: "DBClusterIdentifier", read: templateCluster("docdb").read},
	row{typ: "AWS::Neptune::DBCluster", kind: "rds.cluster", arn: clusterARN, name: "DBClusterIdentifier", read: cluster{
		family: "neptune", key: "KmsKeyId", logs: "EnableCloudwatchLogsExports", global: "GlobalClusterIdentifier"}.read},

	row{typ: "aws_rds_global_cluster", kind: "rds.global_cluster", global: true, arn: globalClusterARN, name: "global_cluster_identifier", read: globalWriter("source_db_cluster_identifier")},
	row{typ: "aws_docdb_global_cluster", kind: "rds.global_cluster", global: true, arn: globalClusterARN, name: "global_cluster_identifier", read: globalWriter("source_db_cluster_identifier")},
	row{typ: "aws_neptune_global_cluster", kind: "rds.global_cluster", global: true, arn: globalClusterARN, name: "global_cluster_identifier", read: globalWriter("source_db_cluster_identifier")},
	row{typ: "AWS::RDS::GlobalCluster", kind: "rds.global_cluster", global: true, arn: globalClusterARN, name: "GlobalClusterIdentifier", read: globalWriter("SourceDBClusterIdentifier")},
	row{typ: "AWS::Neptune::GlobalCluster", kind: "rds.global_cluster", global: true, arn: globalClusterARN, name: "GlobalClusterIdentifier", read: globalWriter("SourceDBClusterIdentifier")},
	row{typ: "AWS::DocDB::GlobalCluster", kind: "rds.global_cluster", global: true, arn: globalClusterARN, name: "GlobalClusterIdentifier", read: globalWriter("SourceDBClusterIdentifier")},
)

// instance are the attributes of a database instance in one language; empty where the language has none.
type instance struct {
	key, source, sourceCluster, sourceRegion, logs, cluster, backups, blueGreen string
}

func (a instance) read(v view) {
	v.here(residency.Primary, "")
	v.place(residency.Key, "KmsKeyId", a.key, asKey)
	v.copied(residency.Replica, "read replica", a.source, v.targetsIn(a.source, a.sourceRegion, asRDS("db")))
	v.copied(residency.Replica, "read replica", a.sourceCluster, v.targetsIn(a.sourceCluster, a.sourceRegion, asRDS("cluster")))
	v.place(residency.Backup, "automated backup replication", a.backups, asRegion) // their key is of their own region, as that of any backup
	if !v.set(a.cluster) {                                                         // a member's logs are its cluster's
		v.place(residency.Log, "log export", a.logs, asLogExport("rds/instance", v.t.name))
	}
	if a.blueGreen != "" && !v.off(a.blueGreen, true) {
		v.here(residency.Capability, v.via(a.blueGreen, "a second database beside the first while an update lasts"))
	}
}

// cluster are the attributes of a cluster in one language.
type cluster struct {
	family                                                       string // of its log groups
	key, source, sourceRegion, logs, global, forwarding, foreign string
	born                                                         []string // given to a cluster that does not begin as another's secondary
}

func terraformCluster(family string) cluster {
	return cluster{family: family, key: "kms_key_id", source: "replication_source_identifier", logs: "enabled_cloudwatch_logs_exports",
		global: "global_cluster_identifier", forwarding: "enable_global_write_forwarding", foreign: "source_region",
		born: []string{"master_username", "manage_master_user_password", "snapshot_identifier", "restore_to_point_in_time", "s3_import"}}
}

func templateCluster(family string) cluster {
	return cluster{family: family, key: "KmsKeyId", source: "ReplicationSourceIdentifier", sourceRegion: "SourceRegion", logs: "EnableCloudwatchLogsExports",
		global: "GlobalClusterIdentifier", forwarding: "EnableGlobalWriteForwarding", foreign: "SourceRegion",
		born: []string{"MasterUsername", "ManageMasterUserPassword", "SnapshotIdentifier", "SourceDBClusterIdentifier"}}
}

func (a cluster) read(v view) {
	v.here(residency.Primary, "")
	v.place(residency.Key, "KmsKeyId", a.key, asKey)
	v.copied(residency.Replica, "replication source", a.source, v.targetsIn(a.source, a.sourceRegion, asRDS("cluster")))
	v.place(residency.Log, "log export", a.logs, asLogExport(a.family, v.t.name))
	a.member(v)
}

// member says at the global cluster that this is one of its clusters, so that a copy is one violation. A secondary's data comes from
// it; with write forwarding a secondary's statements go back to the writer. What may be the writer is taken for it.
func (a cluster) member(v view) {
	forwards := !v.off(a.forwarding, true)
	secondary := forwards || anySet(v, a.foreign, a.source) || len(a.born) > 0 && !anySet(v, a.born...)
	for _, g := range v.targets(a.global, asGlobalCluster) {
		at, role, label := v.onto(g), residency.Primary, "global cluster writer"
		if secondary {
			role, label = residency.Replica, "global cluster member"
			v.out.sources = append(v.out.sources, target{id: g.id, account: g.account}.source(residency.Replica, v.via(a.global, label)))
		} else {
			at.out.sources = append(at.out.sources, v.held.source(residency.Primary, v.via(a.global, label)))
		}
		at.add(v.held.place(role, v.via(a.global, label)))
		v.tell(at)
		if secondary && forwards {
			v.add(residency.Placement{Role: residency.Transit, Via: v.via(a.forwarding, "write forwarding") + ": which cluster writes is known only after the deployment"})
		}
	}
}

func anySet(v view, paths ...string) bool {
	for _, path := range paths {
		if v.set(path) {
			return true
		}
	}
	return false
}

// globalWriter: the cluster that a global cluster is made of.
func globalWriter(path string) func(view) {
	return func(v view) {
		v.place(residency.Primary, "global cluster writer", path, asRDS("cluster"))
		v.from(residency.Primary, "global cluster writer", path, asRDS("cluster"))
	}
}

// asRDS is how RDS names another of its resources: in the same account and region by its identifier, elsewhere by its ARN.
func asRDS(kind string) form { return asLocal("rds", kind+":") }

func asGlobalCluster(h locate.Home, s string) locate.Destination {
	h.Region = ""
	return asRDS("global-cluster")(h, s)
}

// asLogExport is the log group of AWS's fixed name: /aws/rds/instance/NAME/postgresql, /aws/docdb/NAME/audit.
func asLogExport(family, name string) form {
	return func(h locate.Home, s string) locate.Destination {
		return h.Local("logs", "log-group:/aws/"+family+"/"+name+"/"+s)
	}
}
