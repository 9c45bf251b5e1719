package plan

import "testing"

const (
	localTarget = `"arn:aws:rds:eu-west-1:111111111111:`
	awayTarget  = `"arn:aws:rds:us-east-1:111111111111:`
)

// refsTo is what an attribute that is known only after apply refers to.
func refsTo(attr string, references ...string) map[string]any {
	return map[string]any{attr: references}
}

func TestDatabases(t *testing.T) {
	src := planned{address: "aws_db_instance.src", values: `{"identifier":"src"}`}
	g := planned{address: "aws_rds_global_cluster.g", values: `{"global_cluster_identifier":"g"}`}
	toG := refsTo("global_cluster_identifier", "aws_rds_global_cluster.g.id", "aws_rds_global_cluster.g")
	runRows(t, []rowCase{
		{name: "instance", terraform: []planned{src}, want: placed{"aws_db_instance.src": {"primary in eu-west-1"}}},
		{name: "instance of no region", terraform: []planned{{address: "aws_db_instance.x", provider: "aws.open"}}, want: placed{"aws_db_instance.x": {"primary in ?"}}},
		{name: "instance placed by its zone", terraform: []planned{{address: "aws_db_instance.x", provider: "aws.open", values: `{"availability_zone":"us-east-1a"}`}},
			want: placed{"aws_db_instance.x": {"primary in us-east-1"}}},
		{name: "replica inside", terraform: []planned{src, {address: "aws_db_instance.copy", values: `{"replicate_source_db":"src"}`}},
			want: placed{"aws_db_instance.src": {"primary in eu-west-1", "replica in eu-west-1 at aws_db_instance.copy"},
				"aws_db_instance.copy": {"primary in eu-west-1", "from replica in eu-west-1 at aws_db_instance.src"}}},
		{name: "replica abroad", terraform: []planned{src, {address: "aws_db_instance.copy", provider: "aws.us", refs: refsTo("replicate_source_db", "aws_db_instance.src.arn", "aws_db_instance.src")}},
			want: placed{"aws_db_instance.src": {"primary in eu-west-1", "replica in us-east-1 at aws_db_instance.copy"},
				"aws_db_instance.copy": {"primary in us-east-1", "from replica in eu-west-1 at aws_db_instance.src"}}},
		{name: "replica of nobody knows what", terraform: []planned{{address: "aws_db_instance.copy", refs: refsTo("replicate_source_db", "local.source")}},
			want: placed{"aws_db_instance.copy": {"primary in eu-west-1", "from replica in ?"}}},
		{name: "replica of what is elsewhere", terraform: []planned{{address: "aws_db_instance.copy", values: `{"replicate_source_db":` + awayTarget + `db:x"}`}},
			want: placed{"aws_db_instance.copy": {"primary in eu-west-1", "from replica in us-east-1 of 111111111111 at arn:aws:rds:us-east-1:111111111111:db:x"}}},
		{name: "backups replicated abroad", terraform: []planned{src, {address: "aws_db_instance_automated_backups_replication.r", provider: "aws.us",
			refs: refsTo("source_db_instance_arn", "aws_db_instance.src.arn", "aws_db_instance.src")}},
			want: placed{"aws_db_instance.src": {"primary in eu-west-1", "backup in us-east-1 at aws_db_instance_automated_backups_replication.r"},
				"aws_db_instance_automated_backups_replication.r": {"backup in us-east-1", "from backup in eu-west-1 at aws_db_instance.src"}}},
		{name: "key abroad and log exports", terraform: []planned{{address: "aws_db_instance.x",
			values: `{"identifier":"x","kms_key_id":"arn:aws:kms:us-east-1:111111111111:key/k","enabled_cloudwatch_logs_exports":["audit"]}`}},
			want: placed{"aws_db_instance.x": {"primary in eu-west-1", "key in us-east-1 of 111111111111 at arn:aws:kms:us-east-1:111111111111:key/k",
				"log in eu-west-1 at arn:aws:logs:eu-west-1::log-group:/aws/rds/instance/x/audit"}}},
		{name: "blue and green", terraform: []planned{{address: "aws_db_instance.x", values: `{"blue_green_update":[{"enabled":true}]}`}},
			want: placed{"aws_db_instance.x": {"primary in eu-west-1", "capability in eu-west-1"}}},

		{name: "global cluster", terraform: []planned{g,
			{address: "aws_rds_cluster.a", values: `{"master_username":"x"}`, refs: toG},
			{address: "aws_rds_cluster.b", provider: "aws.us", refs: toG},
			{address: "aws_rds_cluster.c", provider: "aws.open", refs: toG}},
			want: placed{"aws_rds_global_cluster.g": {"primary in eu-west-1 at aws_rds_cluster.a", "from primary in eu-west-1 at aws_rds_cluster.a",
				"replica in us-east-1 at aws_rds_cluster.b", "replica in ? at aws_rds_cluster.c"},
				"aws_rds_cluster.a": {"primary in eu-west-1"},
				"aws_rds_cluster.b": {"primary in us-east-1", "from replica in ? at aws_rds_global_cluster.g"}}},
		{name: "global cluster of a cluster", terraform: []planned{
			{address: "aws_rds_global_cluster.g", refs: refsTo("source_db_cluster_identifier", "aws_rds_cluster.a.arn", "aws_rds_cluster.a")},
			{address: "aws_rds_cluster.a", values: `{"master_username":"x"}`},
			{address: "aws_rds_cluster.b", provider: "aws.us", values: `{"enable_global_write_forwarding":true}`, refs: toG}},
			want: placed{"aws_rds_global_cluster.g": {"primary in eu-west-1 at aws_rds_cluster.a", "from primary in eu-west-1 at aws_rds_cluster.a",
				"replica in us-east-1 at aws_rds_cluster.b"},
				"aws_rds_cluster.b": {"primary in us-east-1", "from replica in ? at aws_rds_global_cluster.g", "transit in ?"}}},
		{name: "cluster replicating a cluster abroad", terraform: []planned{{address: "aws_rds_cluster.a", values: `{"cluster_identifier":"a"}`},
			{address: "aws_rds_cluster.b", provider: "aws.us", refs: refsTo("replication_source_identifier", "aws_rds_cluster.a.arn", "aws_rds_cluster.a")}},
			want: placed{"aws_rds_cluster.a": {"primary in eu-west-1", "replica in us-east-1 at aws_rds_cluster.b"}}},

		{name: "snapshot shared", terraform: []planned{src, {address: "aws_db_snapshot.s", values: `{"db_instance_identifier":"src","shared_accounts":["222222222222","all"]}`}},
			want: placed{"aws_db_snapshot.s": {"backup in eu-west-1", "backup in eu-west-1 of 222222222222", "backup in eu-west-1 of *", "from backup in eu-west-1 at aws_db_instance.src"}}},
		{name: "snapshot shared with nobody knows whom", terraform: []planned{{address: "aws_db_snapshot.s", refs: refsTo("shared_accounts", "local.friends")}},
			want: placed{"aws_db_snapshot.s": {"backup in eu-west-1", "gap policy unresolved"}}},
		{name: "snapshot copied from abroad", terraform: []planned{{address: "aws_db_snapshot_copy.s", values: `{"source_db_snapshot_identifier":` + awayTarget + `snapshot:x"}`}},
			want: placed{"aws_db_snapshot_copy.s": {"backup in eu-west-1", "from backup in us-east-1 of 111111111111 at arn:aws:rds:us-east-1:111111111111:snapshot:x"}}},
		{name: "snapshot copied elsewhere", terraform: []planned{{address: "aws_rds_cluster_snapshot_copy.s", values: `{"source_db_cluster_snapshot_identifier":` + localTarget + `cluster-snapshot:x","destination_region":"us-east-1"}`}},
			want: placed{"aws_rds_cluster_snapshot_copy.s": {"backup in eu-west-1", "backup in us-east-1", "from backup in eu-west-1 of 111111111111 at arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:x"}}},
		{name: "exports", terraform: []planned{src, {address: "aws_s3_bucket.away", provider: "aws.us", values: `{"bucket":"away"}`},
			{address: "aws_rds_export_task.e", values: `{"s3_bucket_name":"away"}`, refs: refsTo("source_arn", "aws_db_instance.src.arn", "aws_db_instance.src")},
			{address: "aws_rds_integration.i", values: `{"target_arn":"arn:aws:redshift:us-east-1:111111111111:namespace:n"}`, refs: refsTo("source_arn", "aws_db_instance.src.arn")},
			{address: "aws_rds_export_task.open", refs: map[string]any{"source_arn": []string{"aws_db_instance.src.arn"}, "s3_bucket_name": []string{"local.bucket"}}}},
			want: placed{"aws_db_instance.src": {"primary in eu-west-1", "stream in us-east-1 at aws_s3_bucket.away",
				"stream in us-east-1 of 111111111111 at arn:aws:redshift:us-east-1:111111111111:namespace:n", "stream in ?"}}},
		{name: "activity stream", terraform: []planned{{address: "aws_rds_cluster.a", values: `{"cluster_identifier":"a"}`},
			{address: "aws_rds_cluster_activity_stream.s", values: `{"kms_key_id":"k"}`, refs: refsTo("resource_arn", "aws_rds_cluster.a.arn")}},
			want: placed{"aws_rds_cluster.a": {"primary in eu-west-1", "stream in eu-west-1", "key in eu-west-1 at arn:aws:kms:eu-west-1::key/k"}}},
	})
}

func TestDatabasesOfTemplates(t *testing.T) {
	runRows(t, []rowCase{
		{name: "replica inside", template: []property{{id: "Src", typ: "AWS::RDS::DBInstance"}, {id: "Copy", typ: "AWS::RDS::DBInstance", values: `{"SourceDBInstanceIdentifier":{"Ref":"Src"}}`}},
			want: placed{"Src": {"primary in eu-west-1", "replica in eu-west-1 at Copy"}, "Copy": {"primary in eu-west-1", "from replica in eu-west-1 at Src"}}},
		{name: "replica from abroad", template: []property{{id: "Copy", typ: "AWS::RDS::DBInstance", values: `{"SourceDBInstanceIdentifier":"src","SourceRegion":"us-east-1"}`}},
			want: placed{"Copy": {"primary in eu-west-1", "from replica in us-east-1 at arn:aws:rds:us-east-1::db:src"}}},
		{name: "replica from nobody knows where", template: []property{{id: "Copy", typ: "AWS::RDS::DBInstance", values: `{"SourceDBInstanceIdentifier":"src","SourceRegion":{"Unknown":"a parameter without a default"}}`}},
			want: placed{"Copy": {"primary in eu-west-1", "from replica in ?"}}},
		{name: "backups", template: []property{{id: "In", typ: "AWS::RDS::DBInstance", values: `{"AutomaticBackupReplicationRegion":"eu-west-1"}`},
			{id: "Out", typ: "AWS::RDS::DBInstance", values: `{"AutomaticBackupReplicationRegion":"us-east-1","AutomaticBackupReplicationKmsKeyId":"arn:aws:kms:us-east-1:111111111111:key/k"}`},
			{id: "Open", typ: "AWS::RDS::DBInstance", values: `{"AutomaticBackupReplicationRegion":{"Unknown":"x"}}`}},
			want: placed{"In": {"primary in eu-west-1", "backup in eu-west-1"}, "Open": {"primary in eu-west-1", "backup in ?"},
				"Out": {"primary in eu-west-1", "backup in us-east-1"}}}, // the key lies with the backups and is no key of the database
		{name: "logs of a member are its cluster's", template: []property{{id: "I", typ: "AWS::RDS::DBInstance", values: `{"DBClusterIdentifier":"c","EnableCloudwatchLogsExports":["audit"]}`}},
			want: placed{"I": {"primary in eu-west-1"}}},
		{name: "global cluster", template: []property{{id: "G", typ: "AWS::RDS::GlobalCluster", values: `{"SourceDBClusterIdentifier":{"Ref":"A"}}`},
			{id: "A", typ: "AWS::RDS::DBCluster", values: `{"MasterUsername":"x"}`},
			{id: "B", typ: "AWS::RDS::DBCluster", region: "us-east-1", values: `{"GlobalClusterIdentifier":{"Ref":"G"}}`},
			{id: "C", typ: "AWS::RDS::DBCluster", region: "?", values: `{"GlobalClusterIdentifier":{"Ref":"G"}}`}},
			want: placed{"G": {"primary in eu-west-1 at A", "from primary in eu-west-1 at A", "replica in us-east-1 at B", "replica in ? at C"},
				"B": {"primary in us-east-1", "from replica in ? at G"}}},
		{name: "feed abroad", template: []property{{id: "A", typ: "AWS::RDS::DBCluster"},
			{id: "I", typ: "AWS::RDS::Integration", values: `{"SourceArn":{"Ref":"A"},"TargetArn":"arn:aws:redshift:us-east-1:111111111111:namespace:n"}`}},
			want: placed{"A": {"primary in eu-west-1", "stream in us-east-1 of 111111111111 at arn:aws:redshift:us-east-1:111111111111:namespace:n"}}},
		{name: "feed to nobody knows where", template: []property{{id: "A", typ: "AWS::RDS::DBCluster"},
			{id: "I", typ: "AWS::RDS::Integration", values: `{"SourceArn":{"Ref":"A"},"TargetArn":{"Unknown":"x"}}`}},
			want: placed{"A": {"primary in eu-west-1", "stream in ?"}}},
		{name: "snapshots", template: []property{{id: "A", typ: "AWS::RDS::DBInstance"}, {id: "S", typ: "AWS::RDS::DBSnapshot", region: "us-east-1", values: `{"DBInstanceIdentifier":{"Ref":"A"}}`},
			{id: "D", typ: "AWS::RDS::Deployment", values: `{"Source":{"Ref":"A"}}`}},
			want: placed{"S": {"backup in us-east-1", "from backup in eu-west-1 at A"}, "A": {"primary in eu-west-1", "replica in eu-west-1"}}},
	})
}
