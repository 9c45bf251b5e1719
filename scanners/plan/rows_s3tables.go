package plan

import (
	"slices"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// S3 Tables and S3 Vectors. AWS blocks public access to both always.
var _ = both(
	pair("aws_s3tables_table_bucket name", "AWS::S3Tables::TableBucket TableBucketName", row{kind: "s3tables.table_bucket", arn: "arn:{partition}:s3tables:{region}:{account}:bucket/{name}", read: func(v view) {
		v.here(residency.Primary, "")
		v.place(residency.Key, "KmsKeyArn", "encryption_configuration.kms_key_arn", copyKey)
		replicateTables(v.inner("replication_configuration"), "replication of the table bucket")
	}}),
	pair("aws_s3tables_table", "AWS::S3Tables::Table", row{kind: "s3tables.table", arn: "arn:{partition}:s3tables:{region}:{account}:bucket/{id}", read: func(v view) {
		v.here(residency.Primary, "")
		replicateTables(v.inner("replication_configuration"), "replication of the table")
	}}),
	[]row{
		{typ: "aws_s3tables_table_bucket_replication", kind: "s3tables.table_bucket", settings: settingsOf("table_bucket_arn", asARN), read: func(v view) {
			replicateTables(v, "replication of the table bucket")
		}},
		{typ: "aws_s3tables_table_replication", kind: "s3tables.table", settings: settingsOf("table_arn", asARN), read: func(v view) {
			replicateTables(v, "replication of the table")
		}},
	},
	pair("aws_s3tables_table_bucket_policy", "AWS::S3Tables::TableBucketPolicy", row{kind: "s3tables.table_bucket", settings: settingsOf("table_bucket_arn", asARN), read: func(v view) {
		v.shareNeverPublic("resource_policy", "s3tables")
	}}),
	[]row{
		{typ: "aws_s3tables_table_policy", kind: "s3tables.table", settings: settingsOf("name", asTableOfBucket), read: func(v view) {
			v.shareNeverPublic("resource_policy", "s3tables")
		}},
		{typ: "AWS::S3Tables::TablePolicy", kind: "s3tables.table", settings: settingsOf("table_arn", asARN), read: func(v view) {
			v.shareNeverPublic("resource_policy", "s3tables")
		}},
	},
	pair("aws_s3vectors_vector_bucket vector_bucket_name", "AWS::S3Vectors::VectorBucket VectorBucketName", row{kind: "s3vectors.vector_bucket", arn: "arn:{partition}:s3vectors:{region}:{account}:bucket/{name}", read: readVectors}),
	pair("aws_s3vectors_index index_name", "AWS::S3Vectors::Index IndexName", row{kind: "s3vectors.index", arn: "arn:{partition}:s3vectors:{region}:{account}:bucket/{id}", read: readVectors}),
	pair("aws_s3vectors_vector_bucket_policy", "AWS::S3Vectors::VectorBucketPolicy", row{kind: "s3vectors.vector_bucket", settings: settingsOf("vector_bucket_arn", asARN), read: func(v view) {
		v.shareNeverPublic("policy", "s3vectors")
	}}),
)

func replicateTables(v view, label string) {
	for _, rule := range v.each("rule|rules") {
		for _, d := range rule.each("destination|destinations") {
			d.place(residency.Replica, label, "destination_table_bucket_arn", asARN)
		}
	}
}

func readVectors(v view) {
	v.here(residency.Primary, "")
	v.place(residency.Key, "KmsKeyArn", "encryption_configuration.kms_key_arn", copyKey)
}

// asTableOfBucket: a table's name alone does not tell which it is.
func asTableOfBucket(h locate.Home, s string) locate.Destination {
	d := h.Local("s3tables", "bucket/"+tokenBecause("its bucket")+"/table/"+s)
	return d
}

// shareNeverPublic is share, for what cannot be public whatever its policy says.
func (v view) shareNeverPublic(path, service string) {
	v.share(path, residency.Primary, service)
	v.out.placements = slices.DeleteFunc(v.out.placements, func(p residency.Placement) bool { return p.Account == residency.Everybody })
}
