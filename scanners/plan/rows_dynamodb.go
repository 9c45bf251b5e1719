package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

const tableARN = "arn:{partition}:dynamodb:{region}:{account}:table/{name}"

// DynamoDB: tables with their replicas and change feeds, and what is exported or imported through S3.
var _ = both(
	pair("aws_dynamodb_table name", "AWS::DynamoDB::Table TableName", row{kind: "dynamodb.table", arn: tableARN, read: readTable}),
	[]row{
		{typ: "AWS::DynamoDB::GlobalTable", kind: "dynamodb.table", arn: tableARN, name: "TableName", read: readTable},
		{typ: "aws_dynamodb_table_replica", kind: "dynamodb.table", arn: "arn:{partition}:dynamodb:{region}:{account}:table/{id}", read: func(v view) {
			v.here(residency.Primary, "")
			v.place(residency.Key, "KMSMasterKeyArn", "kms_key_arn", asKey)
			v.mutual("global table replica", "global_table_arn", asTable)
		}},
		{typ: "AWS::DynamoDB::Backup", kind: "dynamodb.backup", arn: "arn:{partition}:dynamodb:{region}:{account}:table/{id}", name: "BackupName", read: func(v view) {
			v.here(residency.Backup, "")
			v.from(residency.Backup, "backup", "TableName", asTable)
		}},
		{typ: "aws_dynamodb_global_table", kind: "dynamodb.table", settings: settingsOf("name", asTable), read: readLegacyGlobalTable},
		{typ: "aws_dynamodb_table_export", kind: "dynamodb.export", settings: settingsOf("table_arn", asTable), read: func(v view) {
			v.placeOwned(residency.Stream, "export to S3", "s3_bucket", "s3_bucket_owner", asBucket)
			v.place(residency.Key, "S3SseKmsKeyId of the export", "s3_sse_kms_key_id", copyKey)
		}},
		{typ: "aws_dynamodb_kinesis_streaming_destination", kind: "dynamodb.table", settings: settingsOf("table_name", asTable), read: func(v view) {
			v.place(residency.Stream, "Kinesis streaming destination", "stream_arn", asARN)
		}},
		{typ: "aws_dynamodb_resource_policy", kind: "dynamodb.table", settings: settingsOf("resource_arn", asTable), read: func(v view) {
			role := residency.Primary
			if of := v.get("resource_arn"); of.attr == "stream_arn" || strings.Contains(of.text, "/stream/") {
				role = residency.Stream
			}
			v.share("policy", role, "dynamodb")
		}},
	},
)

// asTable is a table by its name, or by an ARN of its own or of what lies below it: an index, a stream.
func asTable(h locate.Home, s string) locate.Destination {
	if parts := strings.Split(s, "/"); len(parts) > 2 && strings.HasPrefix(s, "arn:") {
		s = parts[0] + "/" + parts[1]
	}
	return asLocal("dynamodb", "table/")(h, s)
}

// asTableIn is the table of a name in each region that a setting names.
func asTableIn(name string) form {
	return func(h locate.Home, region string) locate.Destination {
		return locate.Home{Partition: h.Partition, Region: region, Account: h.Account}.Local("dynamodb", "table/"+name)
	}
}

func readTable(v view) {
	v.here(residency.Primary, "")
	for _, replica := range v.declared("replica|replicas") {
		readReplica(v, replica)
	}
	for _, witness := range v.declared("global_table_witness|global_table_witnesses") { // its log, in no table of the account
		witness.place(residency.Replica, "global table witness", "region_name|region", asRegion)
	}
	stream := "stream_enabled|stream_specification"
	if !v.off(stream, true) {
		v.here(residency.Stream, v.via(stream, "DynamoDB stream"))
		v.share(stream+".resource_policy.policy_document", residency.Stream, "dynamodb")
	}
	sse := "server_side_encryption|sse_specification"
	if !v.off(sse+".enabled|sse_enabled", false) {
		v.place(residency.Key, "KMSMasterKeyArn", sse+".kms_key_arn|kms_master_key_id", asKey)
	}
	v.place(residency.Stream, "Kinesis streaming destination", "kinesis_stream_specification.stream_arn", asARN)
	v.share("resource_policy.policy_document", residency.Primary, "dynamodb")
	for _, from := range v.declared("import_table|import_source_specification") {
		bucket := "s3_bucket_source.bucket|s3_bucket"
		for _, to := range from.targets(bucket, asBucket) {
			from.own(&to, "s3_bucket_source.bucket_owner|s3_bucket_owner")
			v.out.sources = append(v.out.sources, to.source(residency.Stream, from.via(bucket, "import from S3")))
		}
		v.here(residency.Log, from.via("", "log of the import"))
	}
	// A table may be restored from another region. AWS keeps no record of it, the plan is the only one to tell.
	v.from(residency.Backup, "restored from", "restore_source_table_arn", asTable)
}

// readReplica: a template lists the table's own region among its replicas, and gives each its own feed and policy.
func readReplica(v, replica view) {
	for _, to := range replica.targets("region_name|region", asTableIn(v.t.name)) {
		at := replica
		at.held.region, at.held.why = to.region, to.why
		at.place(residency.Stream, "Kinesis streaming destination", "kinesis_stream_specification.stream_arn", asARN)
		at.share("resource_policy.policy_document", residency.Primary, "dynamodb")
		if to.region != "" && to.region == v.held.region { // the key of a replica elsewhere is that one's own
			at.place(residency.Key, "KMSMasterKeyArn", "sse_specification.kms_master_key_id", asKey)
		}
		if to.region == "" || to.region != v.held.region {
			v.add(to.place(residency.Replica, replica.via("region_name|region", "global table replica")))
		}
	}
}

// mutual: each of two tables holds what is written to the other.
func (v view) mutual(label, path string, as form) {
	for _, to := range v.targets(path, as) {
		v.add(to.place(residency.Replica, v.via(path, label)))
		origin := v.onto(to)
		origin.add(v.held.place(residency.Replica, v.via(path, label)))
		v.tell(origin)
	}
}

// readLegacyGlobalTable: version 2017.11.29, in which every table of the name holds what is written to any of them.
func readLegacyGlobalTable(v view) {
	const label = "global table replica (2017.11.29)"
	tables := asTableIn(v.text("name"))
	if v.held.thing != nil { // the name may be a reference
		tables = asTableIn(v.held.thing.name)
	}
	for _, one := range v.each("replica") {
		for _, holder := range one.targets("region_name", tables) {
			at := v.onto(holder)
			if holder.region == v.held.region {
				at = v
			}
			for _, other := range v.each("replica") {
				for _, to := range other.targets("region_name", tables) {
					if to.region == "" || to.region != at.held.region {
						at.add(to.place(residency.Replica, other.via("region_name", label)))
					}
				}
			}
			if holder.region != v.held.region {
				v.tell(at)
			}
		}
	}
}
