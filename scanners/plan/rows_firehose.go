package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Firehose: delivery streams, which buffer records in their own region and deliver them to any.
var _ = both(
	pair("aws_kinesis_firehose_delivery_stream name", "AWS::KinesisFirehose::DeliveryStream DeliveryStreamName", row{kind: "firehose.stream",
		arn: "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}", read: func(v view) {
			v.here(residency.Stream, "")
			v.place(residency.Key, "", "server_side_encryption|delivery_stream_encryption_configuration_input.key_arn", asKey)
			v.from(residency.Stream, "Kinesis source", "kinesis_source_configuration|kinesis_stream_source_configuration.kinesis_stream_arn", asARN)
			v.from(residency.Stream, "MSK source", "msk_source_configuration.msk_cluster_arn", asARN)
			v.from(residency.Stream, "database source", "database_source_configuration.endpoint", asARN)
			readDestinations(v)
		}}),
)

// firehoseTarget is a block of a delivery stream that names where it delivers, and a bucket for what could not be delivered, or for all.
type firehoseTarget struct {
	block, label string
	to           []string // the first that is set counts
	onTheWay     string   // label of its bucket
}

const firehoseBackup = "S3 backup"

var firehoseTargets = []firehoseTarget{
	{"redshift_configuration|redshift_destination_configuration", "Redshift destination", []string{"cluster_jdbcurl"}, "Redshift destination, S3 on the way"},
	{"elasticsearch_configuration|elasticsearch_destination_configuration", "Elasticsearch destination", []string{"domain_arn", "cluster_endpoint"}, firehoseBackup},
	{"opensearch_configuration|amazonopensearchservice_destination_configuration", "OpenSearch destination", []string{"domain_arn", "cluster_endpoint"}, firehoseBackup},
	{"opensearchserverless_configuration|amazon_open_search_serverless_destination_configuration", "OpenSearch Serverless destination", []string{"collection_endpoint"}, firehoseBackup},
	{"http_endpoint_configuration|http_endpoint_destination_configuration", "HTTP endpoint destination", []string{"url", "endpoint_configuration.url"}, firehoseBackup},
	{"splunk_configuration|splunk_destination_configuration", "Splunk destination", []string{"hec_endpoint"}, firehoseBackup},
	{"snowflake_configuration|snowflake_destination_configuration", "Snowflake destination", []string{"account_url"}, firehoseBackup},
	{"iceberg_configuration|iceberg_destination_configuration", "Iceberg destination", []string{"catalog_arn", "catalog_configuration.catalog_arn"}, firehoseBackup},
}

// readDestinations is every place that the stream writes to.
func readDestinations(v view) {
	before := len(v.out.placements)
	for _, d := range v.each("extended_s3_configuration|extended_s3_destination_configuration") {
		firehoseBucket(d, residency.Stream, "S3 destination")
		sourceBackup(d)
	}
	for _, d := range v.each("s3_configuration|s3_destination_configuration") { // Terraform before version 5 keeps every destination's bucket here
		firehoseBucket(d, residency.Stream, "S3 destination")
	}
	for _, to := range firehoseTargets {
		for _, d := range v.each(to.block) {
			d.must(residency.Stream, to.label, d.firstSet(to.to...), asARN)
			d.place(residency.Stream, to.label+", warehouse", "catalog_configuration.warehouse_location", asARN)
			for _, b := range d.each("s3_configuration") {
				firehoseBucket(b, residency.Stream, to.onTheWay)
			}
			sourceBackup(d)
		}
	}
	if len(v.out.placements) == before {
		v.add(residency.Placement{Role: residency.Stream, Via: v.via("destination", "destination of an unknown type")})
	}
}

func firehoseBucket(d view, role residency.Role, label string) {
	d.must(role, label, "bucket_arn", asBucket)
	d.place(residency.Key, label, d.firstSet("kms_key_arn", "encryption_configuration.kms_encryption_config.awskms_key_arn"), asKey)
}

// sourceBackup is the bucket for source records. One that is given and turned off gets none.
func sourceBackup(d view) {
	for _, b := range d.each("s3_backup_configuration") {
		if d.off("s3_backup_mode", true) || d.is("s3_backup_mode", "Disabled") {
			firehoseBucket(b, residency.Capability, firehoseBackup+" (disabled): what it wrote may remain")
			continue
		}
		firehoseBucket(b, residency.Stream, firehoseBackup)
	}
}
