package plan

import "testing"

const lets222Read = `{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"*\",\"Resource\":\"*\"}]}`

func TestDoorsToBuckets(t *testing.T) {
	home := planned{address: "aws_s3_bucket.home", values: `{"bucket":"home"}`}
	away := planned{address: "aws_s3_bucket.away", provider: "aws.us", values: `{"bucket":"away"}`}
	lens := func(enabled, arn string) planned {
		return planned{address: "aws_s3control_storage_lens_configuration.l", values: `{"config_id":"l","storage_lens_configuration":[{"enabled":` + enabled + `,"data_export":[{"s3_bucket_destination":[{"arn":` + arn + `,"account_id":"111111111111"}]}]}]}`}
	}
	runRows(t, []rowCase{
		{name: "multi-region access point", terraform: []planned{home, away,
			{address: "aws_s3control_multi_region_access_point.m", values: `{"details":[{"region":[{"bucket":"home"},{"bucket":"away"},{"bucket":"foreign","bucket_account_id":"222222222222"}]}]}`}},
			want: placed{"aws_s3control_multi_region_access_point.m": {"transit in eu-west-1 at aws_s3_bucket.home", "transit in us-east-1 at aws_s3_bucket.away", "transit in ? of 222222222222 at arn:aws:s3:::foreign",
				"from transit in eu-west-1 at aws_s3_bucket.home", "from transit in us-east-1 at aws_s3_bucket.away", "from transit in ? of 222222222222 at arn:aws:s3:::foreign"}}},
		{name: "access points", terraform: []planned{home, away,
			{address: "aws_s3_access_point.in", values: `{"name":"in","bucket":"home"}`},
			{address: "aws_s3_access_point.out", values: `{"name":"out","bucket":"away","policy":"` + lets222Read + `"}`},
			{address: "aws_s3_access_point.open", refs: refsTo("bucket", "local.bucket")},
			{address: "aws_s3control_access_point_policy.p", values: `{"policy":"` + lets222Read + `"}`, refs: refsTo("access_point_arn", "aws_s3_access_point.in.arn")},
			{address: "aws_s3control_object_lambda_access_point.o", values: `{"configuration":[{"transformation_configuration":[{"content_transformation":[{"aws_lambda":[{"function_arn":"arn:aws:lambda:us-east-1:111111111111:function:f"}]}]}]}]}`}},
			want: placed{"aws_s3_access_point.in": {"capability in eu-west-1 at aws_s3_bucket.home", "capability in eu-west-1 of 222222222222"},
				"aws_s3_access_point.out":                    {"capability in us-east-1 at aws_s3_bucket.away", "capability in eu-west-1 of 222222222222"},
				"aws_s3_access_point.open":                   {"capability in ?"},
				"aws_s3control_object_lambda_access_point.o": {"capability in us-east-1 of 111111111111 at arn:aws:lambda:us-east-1:111111111111:function:f"}}},
		{name: "metrics inside", terraform: []planned{home, lens("true", `"arn:aws:s3:::home"`)},
			want: placed{"aws_s3control_storage_lens_configuration.l": {"metadata in eu-west-1", "metadata in eu-west-1 at aws_s3_bucket.home", "from metadata in eu-west-1"}}},
		{name: "metrics abroad", terraform: []planned{away, lens("true", `"arn:aws:s3:::away"`)},
			want: placed{"aws_s3control_storage_lens_configuration.l": {"metadata in eu-west-1", "metadata in us-east-1 at aws_s3_bucket.away", "from metadata in us-east-1"}}},
		{name: "metrics nobody knows where", terraform: []planned{lens("true", `"arn:aws:s3:::elsewhere"`)},
			want: placed{"aws_s3control_storage_lens_configuration.l": {"metadata in eu-west-1", "metadata in ? of 111111111111 at arn:aws:s3:::elsewhere"}}},
		{name: "metrics switched off", terraform: []planned{away, lens("false", `"arn:aws:s3:::away"`)},
			want: placed{"aws_s3control_storage_lens_configuration.l": {"capability in eu-west-1", "capability in us-east-1 at aws_s3_bucket.away"}}},
		{name: "object copied abroad", terraform: []planned{home, away, {address: "aws_s3_object_copy.c", values: `{"source":"home/key","bucket":"away"}`}},
			want: placed{"aws_s3_bucket.home": {"primary in eu-west-1", "replica in us-east-1 at aws_s3_bucket.away"}}},
		{name: "on an Outpost", terraform: []planned{{address: "aws_s3control_bucket.b", values: `{"bucket":"b","outpost_id":"op-1"}`}}, want: placed{"aws_s3control_bucket.b": {"primary in ?"}}},
		{name: "directory buckets", terraform: []planned{{address: "aws_s3_directory_bucket.d", values: `{"bucket":"d--euw1-az1--x-s3","location":[{"name":"euw1-az1"}]}`},
			{address: "aws_s3_directory_bucket.l", values: `{"bucket":"l--usw2-lax1-az1--x-s3","location":[{"name":"usw2-lax1-az1"}]}`}},
			want: placed{"aws_s3_directory_bucket.d": {"primary in eu-west-1"}, "aws_s3_directory_bucket.l": {"primary in ?"}}},

		{name: "templates", template: []property{{id: "Home", typ: "AWS::S3::Bucket"}, {id: "Away", typ: "AWS::S3::Bucket", region: "us-east-1"},
			{id: "M", typ: "AWS::S3::MultiRegionAccessPoint", values: `{"Regions":[{"Bucket":{"Ref":"Home"}},{"Bucket":{"Ref":"Away"}},{"Bucket":{"Unknown":"x"}}]}`},
			{id: "P", typ: "AWS::S3::AccessPoint", values: `{"Bucket":{"Ref":"Away"}}`},
			{id: "Q", typ: "AWS::S3::AccessPoint", values: `{"Bucket":"b","BucketAccountId":"222222222222","VpcConfiguration":{"VpcId":"v"},"PublicAccessBlockConfiguration":{"RestrictPublicBuckets":false},
				"Policy":{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}}`},
			{id: "L", typ: "AWS::S3::StorageLens", values: `{"StorageLensConfiguration":{"Id":"l","IsEnabled":true,"DataExport":{"S3BucketDestination":{"Arn":{"Ref":"Away"},"AccountId":"111111111111","Encryption":{"SSEKMS":{"KeyId":"arn:aws:kms:us-east-1:111111111111:key/k"}}}}}}`}},
			want: placed{"M": {"transit in eu-west-1 at Home", "transit in us-east-1 at Away", "transit in ?", "from transit in eu-west-1 at Home", "from transit in us-east-1 at Away", "from transit in ?"},
				"P": {"capability in us-east-1 at Away"}, "Q": {"capability in ? of 222222222222 at arn:aws:s3:::b"},
				"L": {"metadata in eu-west-1", "metadata in us-east-1 at Away", "key in us-east-1 of 111111111111 at arn:aws:kms:us-east-1:111111111111:key/k", "from metadata in eu-west-1", "from metadata in us-east-1"}}},
	})
}

func TestTableBuckets(t *testing.T) {
	home := planned{address: "aws_s3tables_table_bucket.home", values: `{"name":"home"}`}
	away := planned{address: "aws_s3tables_table_bucket.away", provider: "aws.us", values: `{"name":"away"}`}
	runRows(t, []rowCase{
		{name: "replicated abroad", terraform: []planned{home, away, {address: "aws_s3tables_table_bucket_replication.r", refs: map[string]any{
			"table_bucket_arn": []string{"aws_s3tables_table_bucket.home.arn"}, "rule.destination.destination_table_bucket_arn": []string{"aws_s3tables_table_bucket.away.arn"}}}},
			want: placed{"aws_s3tables_table_bucket.home": {"primary in eu-west-1", "replica in us-east-1 at aws_s3tables_table_bucket.away"}}},
		{name: "table replicated nobody knows where", terraform: []planned{{address: "aws_s3tables_table.t"}, {address: "aws_s3tables_table_replication.r", refs: map[string]any{
			"table_arn": []string{"aws_s3tables_table.t.arn"}, "rule.destination.destination_table_bucket_arn": []string{"local.bucket"}}}},
			want: placed{"aws_s3tables_table.t": {"primary in eu-west-1", "replica in ?"}}},
		{name: "shared", terraform: []planned{home, {address: "aws_s3tables_table_bucket_policy.p", values: `{"resource_policy":"` + lets222Read + `"}`, refs: refsTo("table_bucket_arn", "aws_s3tables_table_bucket.home.arn")}},
			want: placed{"aws_s3tables_table_bucket.home": {"primary in eu-west-1", "primary in eu-west-1 of 222222222222"}}},
		{name: "vectors", terraform: []planned{{address: "aws_s3vectors_vector_bucket.v", provider: "aws.us", values: `{"vector_bucket_name":"v","encryption_configuration":[{"kms_key_arn":"arn:aws:kms:eu-west-1:111111111111:key/k"}]}`},
			{address: "aws_s3vectors_index.i", provider: "aws.open"}},
			want: placed{"aws_s3vectors_vector_bucket.v": {"primary in us-east-1", "key in eu-west-1 of 111111111111 at arn:aws:kms:eu-west-1:111111111111:key/k"}, "aws_s3vectors_index.i": {"primary in ?"}}},
		{name: "templates", template: []property{
			{id: "In", typ: "AWS::S3Tables::TableBucket", values: `{"TableBucketName":"in"}`},
			{id: "Out", typ: "AWS::S3Tables::TableBucket", values: `{"TableBucketName":"out","ReplicationConfiguration":{"Rules":[{"Destinations":[{"DestinationTableBucketARN":"arn:aws:s3tables:us-east-1:111111111111:bucket/b"}]}]}}`},
			{id: "Open", typ: "AWS::S3Tables::TableBucket", values: `{"ReplicationConfiguration":{"Rules":[{"Destinations":[{"DestinationTableBucketARN":{"Unknown":"x"}}]}]}}`},
			{id: "V", typ: "AWS::S3Vectors::VectorBucket", region: "us-east-1"}},
			want: placed{"In": {"primary in eu-west-1"}, "Out": {"primary in eu-west-1", "replica in us-east-1 of 111111111111 at arn:aws:s3tables:us-east-1:111111111111:bucket/b"},
				"Open": {"primary in eu-west-1", "replica in ?"}, "V": {"primary in us-east-1"}}},
	})
}
