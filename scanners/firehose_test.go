package scanners_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand from the SDK's own types, except where a test names a folder of testdata/placebo: those AWS gave.

const streamARN = "arn:aws:firehose:eu-west-1:111111111111:deliverystream/fh"

// hose is an account with one delivery stream; rest is what its description holds besides its name.
func hose(rest string) aws {
	a := account("eu-west-1")
	a.on("any", "firehose", "ListDeliveryStreams", "", `{"DeliveryStreamNames":["fh"],"HasMoreDeliveryStreams":false}`)
	a.on("any", "firehose", "DescribeDeliveryStream", "", `{"DeliveryStreamDescription":{"DeliveryStreamName":"fh","DeliveryStreamARN":"`+streamARN+`","DeliveryStreamType":"DirectPut","HasMoreDestinations":false,`+rest+`}}`)
	return a.on("any", "firehose", "ListTagsForDeliveryStream", "", `{"Tags":[],"HasMoreTags":false}`)
}

func s3Destination(bucket string) string {
	return `{"BucketARN":"arn:aws:s3:::` + bucket + `","EncryptionConfiguration":{"KMSEncryptionConfig":{"AWSKMSKeyARN":"arn:aws:kms:eu-west-1:111111111111:key/s"}}}`
}

func TestDeliveryStream(t *testing.T) {
	a := account("eu-west-1")
	a.on("eu-west-1", "firehose", "ListDeliveryStreams", `{"Limit":1000}`, `{"DeliveryStreamNames":["first"],"HasMoreDeliveryStreams":true}`)
	a.on("eu-west-1", "firehose", "ListDeliveryStreams", `{"Limit":1000,"ExclusiveStartDeliveryStreamName":"first"}`, `{"DeliveryStreamNames":["fh"],"HasMoreDeliveryStreams":false}`)
	a.on("eu-west-1", "firehose", "DescribeDeliveryStream", `{"DeliveryStreamName":"first"}`, `{"DeliveryStreamDescription":{"Destinations":[]}}`)
	a.on("eu-west-1", "firehose", "DescribeDeliveryStream", `{"DeliveryStreamName":"fh"}`, `{"DeliveryStreamDescription":{"DeliveryStreamType":"KinesisStreamAsSource","HasMoreDestinations":true,
		"DeliveryStreamEncryptionConfiguration":{"KeyARN":"arn:aws:kms:eu-west-1:111111111111:key/k"},"Source":{"KinesisStreamSourceDescription":{"KinesisStreamARN":"arn:aws:kinesis:eu-west-1:111111111111:stream/s"}},
		"Destinations":[{"DestinationId":"d1","HttpEndpointDestinationDescription":{"EndpointConfiguration":{"Url":"https://aws-kinesis-http-intake.logs.datadoghq.eu/v1/input"},"S3DestinationDescription":`+s3Destination("b")+`}}]}}`)
	a.on("eu-west-1", "firehose", "DescribeDeliveryStream", `{"DeliveryStreamName":"fh","ExclusiveStartDestinationId":"d1"}`, `{"DeliveryStreamDescription":{"HasMoreDestinations":false,
		"Destinations":[{"DestinationId":"d2","SplunkDestinationDescription":{"HECEndpoint":"https://http-inputs-acme.splunkcloud.com:443"}}]}}`)
	a.on("eu-west-1", "firehose", "ListTagsForDeliveryStream", "", `{"Tags":[{"Key":"a","Value":"1"}],"HasMoreTags":true}`)
	for _, name := range []string{"first", "fh"} {
		a.on("eu-west-1", "firehose", "ListTagsForDeliveryStream", `{"DeliveryStreamName":"`+name+`","ExclusiveStartTagKey":"a"}`, `{"Tags":[{"Key":"b","Value":"2"}],"HasMoreTags":false}`)
	}
	f := scan(t, "firehose", a.bucket("b", "us-east-1"))
	f.noGaps(t)
	f.resource(t, "arn:aws:firehose:eu-west-1:111111111111:deliverystream/first")
	want := residency.Resource{ID: streamARN, Kind: "firehose.stream", Account: ownAccount, Region: "eu-west-1", Name: "fh", Tags: map[string]string{"a": "1", "b": "2"},
		Facts: map[string]any{"type": "KinesisStreamAsSource"}, Placements: []residency.Placement{
			{Role: residency.Stream, Region: "eu-west-1"},
			{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "DeliveryStreamEncryptionConfiguration"},
			{Role: residency.Stream, Target: "aws-kinesis-http-intake.logs.datadoghq.eu", Via: "HTTP endpoint destination"},
			{Role: residency.Stream, Region: "us-east-1", Target: "arn:aws:s3:::b", Via: "S3 backup"},
			{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/s", Via: "S3 backup key"},
			{Role: residency.Stream, Target: "http-inputs-acme.splunkcloud.com", Via: "Splunk destination"},
		}, Sources: []residency.Source{{ID: "arn:aws:kinesis:eu-west-1:111111111111:stream/s", Role: residency.Stream, Region: "eu-west-1", Account: ownAccount, Via: "Kinesis source"}}}
	if diff := cmp.Diff(want, f.resource(t, streamARN)); diff != "" {
		t.Error(diff)
	}
}

// Every type of destination, with the bucket beside it.
func TestDeliveryDestinations(t *testing.T) {
	const bucket = "arn:aws:s3:::b"
	type place struct {
		role                residency.Role
		target, region, via string
	}
	backup := place{residency.Stream, bucket, "eu-west-1", "S3 backup"}
	for name, tc := range map[string]struct {
		destination string
		want        []place
	}{
		"s3": {`"S3DestinationDescription":{"BucketARN":"` + bucket + `"}`, []place{{residency.Stream, bucket, "eu-west-1", "S3 destination"}}},
		"extended s3, repeated as s3": {`"ExtendedS3DestinationDescription":{"BucketARN":"` + bucket + `","S3BackupMode":"Enabled","S3BackupDescription":{"BucketARN":"arn:aws:s3:::c"}},"S3DestinationDescription":{"BucketARN":"` + bucket + `"}`,
			[]place{{residency.Stream, bucket, "eu-west-1", "S3 destination"}, {residency.Stream, "arn:aws:s3:::c", "us-east-1", "S3 backup"}}},
		"extended s3, backup off": {`"ExtendedS3DestinationDescription":{"BucketARN":"` + bucket + `","S3BackupMode":"Disabled","S3BackupDescription":{"BucketARN":"arn:aws:s3:::c"}}`,
			[]place{{residency.Stream, bucket, "eu-west-1", "S3 destination"}, {residency.Capability, "arn:aws:s3:::c", "us-east-1", "S3 backup (disabled): what it wrote may remain"}}},
		"redshift": {`"RedshiftDestinationDescription":{"ClusterJDBCURL":"jdbc:redshift://dw.abc.us-east-1.redshift.amazonaws.com:5439/db","S3DestinationDescription":{"BucketARN":"` + bucket + `"},"S3BackupMode":"Enabled","S3BackupDescription":{"BucketARN":"arn:aws:s3:::c"}}`,
			[]place{{residency.Stream, "dw.abc.us-east-1.redshift.amazonaws.com", "us-east-1", "Redshift destination"}, {residency.Stream, bucket, "eu-west-1", "Redshift destination, S3 on the way"}, {residency.Stream, "arn:aws:s3:::c", "us-east-1", "S3 backup"}}},
		"elasticsearch": {`"ElasticsearchDestinationDescription":{"DomainARN":"arn:aws:es:us-east-1:111111111111:domain/d","S3DestinationDescription":{"BucketARN":"` + bucket + `"}}`,
			[]place{{residency.Stream, "arn:aws:es:us-east-1:111111111111:domain/d", "us-east-1", "Elasticsearch destination"}, backup}},
		"opensearch by endpoint": {`"AmazonopensearchserviceDestinationDescription":{"ClusterEndpoint":"https://vpc-d-x.us-east-1.es.amazonaws.com","S3DestinationDescription":{"BucketARN":"` + bucket + `"}}`,
			[]place{{residency.Stream, "vpc-d-x.us-east-1.es.amazonaws.com", "us-east-1", "OpenSearch destination"}, backup}},
		"opensearch serverless": {`"AmazonOpenSearchServerlessDestinationDescription":{"CollectionEndpoint":"https://x.us-east-1.aoss.amazonaws.com","S3DestinationDescription":{"BucketARN":"` + bucket + `"}}`,
			[]place{{residency.Stream, "x.us-east-1.aoss.amazonaws.com", "us-east-1", "OpenSearch Serverless destination"}, backup}},
		"snowflake": {`"SnowflakeDestinationDescription":{"AccountUrl":"https://acme.us-east-1.aws.snowflakecomputing.com","S3DestinationDescription":{"BucketARN":"` + bucket + `"}}`,
			[]place{{residency.Stream, "acme.us-east-1.aws.snowflakecomputing.com", "us-east-1", "Snowflake destination"}, backup}},
		"snowflake without region": {`"SnowflakeDestinationDescription":{"AccountUrl":"https://org-acme.snowflakecomputing.com"}`,
			[]place{{residency.Stream, "org-acme.snowflakecomputing.com", "", "Snowflake destination"}}},
		"iceberg": {`"IcebergDestinationDescription":{"CatalogConfiguration":{"CatalogARN":"arn:aws:glue:us-east-1:111111111111:catalog","WarehouseLocation":"s3://c/w"},"S3DestinationDescription":{"BucketARN":"` + bucket + `"}}`,
			[]place{{residency.Stream, "arn:aws:glue:us-east-1:111111111111:catalog", "us-east-1", "Iceberg destination"}, {residency.Stream, "arn:aws:s3:::c", "us-east-1", "Iceberg destination, warehouse"}, backup}},
		"iceberg without catalogue":     {`"IcebergDestinationDescription":{}`, []place{{residency.Stream, "", "", "Iceberg destination"}}},
		"http without endpoint":         {`"HttpEndpointDestinationDescription":{}`, []place{{residency.Stream, "", "", "HTTP endpoint destination"}}},
		"newer than this version knows": {`"QuantumDestinationDescription":{}`, []place{{residency.Stream, "", "", "destination of an unknown type"}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := scan(t, "firehose", hose(`"Destinations":[{"DestinationId":"d",`+tc.destination+`}]`).bucket("b", "eu-west-1").bucket("c", "us-east-1"))
			f.noGaps(t)
			var got []place
			for _, p := range f.resource(t, streamARN).Placements[1:] {
				got = append(got, place{p.Role, p.Target, p.Region, p.Via})
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(place{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDeliverySources(t *testing.T) {
	for name, tc := range map[string]struct {
		source string
		want   residency.Source
	}{
		"msk":      {`"MSKSourceDescription":{"MSKClusterARN":"arn:aws:kafka:eu-west-1:222222222222:cluster/c/1","TopicName":"t"}`, residency.Source{ID: "arn:aws:kafka:eu-west-1:222222222222:cluster/c/1", Role: residency.Stream, Region: "eu-west-1", Account: "222222222222", Via: "MSK source, topic t"}},
		"database": {`"DatabaseSourceDescription":{"Endpoint":"db.abc.eu-west-1.rds.amazonaws.com"}`, residency.Source{ID: "db.abc.eu-west-1.rds.amazonaws.com", Role: residency.Stream, Region: "eu-west-1", Via: "database source"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := scan(t, "firehose", hose(`"Source":{`+tc.source+`},"Destinations":[]`))
			if diff := cmp.Diff([]residency.Source{tc.want}, f.resource(t, streamARN).Sources); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDeliveryStreamGaps(t *testing.T) {
	for name, tc := range map[string]struct {
		answers aws
		want    []string
	}{
		"denied":            {hose(`"Destinations":[]`).deny("firehose", "DescribeDeliveryStream").deny("firehose", "ListTagsForDeliveryStream"), []string{"DescribeDeliveryStream denied " + streamARN, "ListTagsForDeliveryStream denied " + streamARN}},
		"no description":    {hose(`"Destinations":[]`).set("firehose", "DescribeDeliveryStream", `{}`), []string{"DescribeDeliveryStream malformed " + streamARN}},
		"more and none":     {hose(`"Destinations":[]`).set("firehose", "DescribeDeliveryStream", `{"DeliveryStreamDescription":{"HasMoreDestinations":true}}`), []string{"DescribeDeliveryStream malformed " + streamARN}},
		"tags without end":  {hose(`"Destinations":[]`).set("firehose", "ListTagsForDeliveryStream", `{"HasMoreTags":true}`), []string{"ListTagsForDeliveryStream malformed " + streamARN}},
		"list without end":  {hose(`"Destinations":[]`).set("firehose", "ListDeliveryStreams", `{"DeliveryStreamNames":["fh"],"HasMoreDeliveryStreams":true}`), []string{"ListDeliveryStreams malformed"}},
		"list announces":    {hose(`"Destinations":[]`).set("firehose", "ListDeliveryStreams", `{"DeliveryStreamNames":[],"HasMoreDeliveryStreams":true}`), []string{"ListDeliveryStreams malformed"}},
		"list denied":       {hose(`"Destinations":[]`).deny("firehose", "ListDeliveryStreams"), []string{"ListDeliveryStreams denied"}},
		"nothing to report": {hose(`"Destinations":[]`), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, scan(t, "firehose", tc.answers).gaps()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What AWS answered: three pages of names, each stream with one bucket that AWS describes twice.
func TestDeliveryStreamsRecorded(t *testing.T) {
	const folder = "test_kinesis_hose_paginate"
	a := account("eu-west-1")
	for page, start := range map[string]string{"1": "", "2": "terraform-kinesis-firehose-extended-s3-test-stream-2", "3": "terraform-kinesis-firehose-extended-s3-test-stream-7"} {
		a.on("eu-west-1", "firehose", "ListDeliveryStreams", `{"Limit":1000,"ExclusiveStartDeliveryStreamName":"`+start+`"}`, recordedJSON(t, folder, "firehose.ListDeliveryStreams_"+page))
	}
	a.on("eu-west-1", "firehose", "DescribeDeliveryStream", "", recordedJSON(t, folder, "firehose.DescribeDeliveryStream_5"))
	a.on("eu-west-1", "firehose", "DescribeDeliveryStream", `{"DeliveryStreamName":"PUT-S3-HFKce"}`, recordedJSON(t, folder, "firehose.DescribeDeliveryStream_1"))
	a.on("eu-west-1", "firehose", "ListTagsForDeliveryStream", "", `{"Tags":[],"HasMoreTags":false}`)
	f := scan(t, "firehose", a.bucket("test-c7n-brigade20231027135140188300000001", "us-east-1"))
	f.noGaps(t)
	if len(f.resources) != 12 {
		t.Fatalf("%d streams, want 12: %v", len(f.resources), f.ids())
	}
	for _, r := range f.resources {
		want := residency.Placement{Role: residency.Stream, Region: "us-east-1", Target: "arn:aws:s3:::test-c7n-brigade20231027135140188300000001", Via: "S3 destination"}
		if len(r.Placements) != 2 || r.Placements[1] != want {
			t.Errorf("%s: %+v", r.Name, r.Placements)
		}
	}
}

func TestDeliveryDestinationsRecorded(t *testing.T) {
	backup := residency.Placement{Role: residency.Stream, Region: "us-east-1", Target: "arn:aws:s3:::this-bucket", Via: "S3 backup"}
	for folder, want := range map[string][]residency.Placement{
		"test_firehose_ext_s3_encrypt_s3_destination": {{Role: residency.Stream, Region: "us-east-1", Target: "arn:aws:s3:::this-bucket", Via: "S3 destination"},
			{Role: residency.Key, Region: "us-east-1", Account: "123456789", Target: "arn:aws:kms:us-east-1:123456789:alias/aws/s3", Via: "S3 destination key"}},
		"test_firehose_elasticsearch_encrypt_s3_destination": {{Role: residency.Stream, Region: "us-east-1", Account: "123456789", Target: "arn:aws:es:us-east-1:123456789:domain/this-es", Via: "Elasticsearch destination"}, backup,
			{Role: residency.Key, Region: "us-east-1", Account: "123456789", Target: "arn:aws:kms:us-east-1:123456789:alias/aws/s3", Via: "S3 backup key"}},
		"test_firehose_splunk_encrypt_s3_destination": {{Role: residency.Stream, Target: "www.mysplunk.com", Via: "Splunk destination"}, backup,
			{Role: residency.Key, Region: "us-east-1", Account: "123456789", Target: "arn:aws:kms:us-east-1:123456789:alias/aws/s3", Via: "S3 backup key"}},
	} {
		t.Run(folder, func(t *testing.T) {
			a := hose(`"Destinations":[]`).set("firehose", "ListDeliveryStreams", recordedJSON(t, folder, "firehose.ListDeliveryStreams_1")).
				set("firehose", "DescribeDeliveryStream", recordedJSON(t, folder, "firehose.DescribeDeliveryStream_2")).bucket("this-bucket", "us-east-1")
			f := scan(t, "firehose", a)
			f.noGaps(t)
			if diff := cmp.Diff(want, f.resources[0].Placements[1:]); diff != "" {
				t.Error(diff)
			}
		})
	}
}
