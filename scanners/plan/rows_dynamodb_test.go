package plan

import "testing"

func TestTables(t *testing.T) {
	table := planned{address: "aws_dynamodb_table.t", values: `{"name":"t"}`}
	away := planned{address: "aws_s3_bucket.away", provider: "aws.us", values: `{"bucket":"away"}`}
	runRows(t, []rowCase{
		{name: "replica inside", terraform: []planned{{address: "aws_dynamodb_table.t", values: `{"name":"t","replica":[{"region_name":"eu-west-1"}]}`}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1"}}},
		{name: "replica abroad", terraform: []planned{{address: "aws_dynamodb_table.t", values: `{"name":"t","replica":[{"region_name":"us-east-1"}]}`}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "replica in us-east-1 at arn:aws:dynamodb:us-east-1::table/t"}}},
		{name: "replica nobody knows where", terraform: []planned{{address: "aws_dynamodb_table.t", values: `{"name":"t"}`, refs: refsTo("replica.region_name", "local.region")}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "replica in ?"}}},
		{name: "witness", terraform: []planned{{address: "aws_dynamodb_table.t", values: `{"name":"t","global_table_witness":[{"region_name":"us-east-2"}]}`}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "replica in us-east-2"}}},
		{name: "replica declared there", terraform: []planned{table, {address: "aws_dynamodb_table_replica.r", provider: "aws.us", refs: refsTo("global_table_arn", "aws_dynamodb_table.t.arn")}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "replica in us-east-1 at aws_dynamodb_table_replica.r"},
				"aws_dynamodb_table_replica.r": {"primary in us-east-1", "replica in eu-west-1 at aws_dynamodb_table.t"}}},
		{name: "legacy global table", terraform: []planned{table, {address: "aws_dynamodb_table.u", provider: "aws.us", values: `{"name":"t"}`},
			{address: "aws_dynamodb_global_table.g", values: `{"name":"t","replica":[{"region_name":"eu-west-1"},{"region_name":"us-east-1"}]}`}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "replica in us-east-1 at aws_dynamodb_table.u"},
				"aws_dynamodb_table.u": {"primary in us-east-1", "replica in eu-west-1 at aws_dynamodb_table.t"}}},
		{name: "legacy global table by reference", terraform: []planned{table, {address: "aws_dynamodb_table.u", provider: "aws.us", values: `{"name":"t"}`},
			{address: "aws_dynamodb_global_table.g", values: `{"replica":[{"region_name":"eu-west-1"},{"region_name":"us-east-1"}]}`, refs: refsTo("name", "aws_dynamodb_table.t.name")}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "replica in us-east-1 at aws_dynamodb_table.u"},
				"aws_dynamodb_table.u": {"primary in us-east-1", "replica in eu-west-1 at aws_dynamodb_table.t"}}},
		{name: "feed and key", terraform: []planned{{address: "aws_dynamodb_table.t", values: `{"name":"t","stream_enabled":true,"server_side_encryption":[{"enabled":true,"kms_key_arn":"arn:aws:kms:us-east-1:111111111111:key/k"}]}`},
			{address: "aws_dynamodb_kinesis_streaming_destination.k", values: `{"table_name":"t","stream_arn":"arn:aws:kinesis:us-east-1:111111111111:stream/s"}`},
			{address: "aws_dynamodb_kinesis_streaming_destination.open", values: `{"table_name":"t"}`, refs: refsTo("stream_arn", "local.stream")}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "stream in eu-west-1", "key in us-east-1 of 111111111111 at arn:aws:kms:us-east-1:111111111111:key/k",
				"stream in us-east-1 of 111111111111 at arn:aws:kinesis:us-east-1:111111111111:stream/s", "stream in ?"}}},
		{name: "export", terraform: []planned{table, away, {address: "aws_dynamodb_table_export.e", values: `{"s3_bucket":"away"}`, refs: refsTo("table_arn", "aws_dynamodb_table.t.arn")},
			{address: "aws_dynamodb_table_export.open", values: `{"s3_bucket":"elsewhere","s3_bucket_owner":"222222222222"}`, refs: refsTo("table_arn", "aws_dynamodb_table.t.arn")}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "stream in us-east-1 at aws_s3_bucket.away", "stream in ? of 222222222222 at arn:aws:s3:::elsewhere"}}},
		{name: "import and restore", terraform: []planned{away, {address: "aws_dynamodb_table.t",
			values: `{"import_table":[{"s3_bucket_source":[{"bucket":"away"}]}],"restore_source_table_arn":"arn:aws:dynamodb:us-east-1:111111111111:table/o"}`}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "log in eu-west-1", "from stream in us-east-1 at aws_s3_bucket.away",
				"from backup in us-east-1 of 111111111111 at arn:aws:dynamodb:us-east-1:111111111111:table/o"}}},
		{name: "policy", terraform: []planned{table, {address: "aws_dynamodb_resource_policy.p", values: `{"policy":` +
			`"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"dynamodb:GetItem\",\"Resource\":\"*\"}]}"}`,
			refs: refsTo("resource_arn", "aws_dynamodb_table.t.arn")}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "primary in eu-west-1 of 222222222222"}}},
		{name: "policy that is not known", terraform: []planned{table, {address: "aws_dynamodb_resource_policy.p", refs: map[string]any{"policy": []string{"local.policy"}, "resource_arn": []string{"aws_dynamodb_table.t.stream_arn"}}}},
			want: placed{"aws_dynamodb_table.t": {"primary in eu-west-1", "gap policy unresolved"}}},
	})
}

func TestTablesOfTemplates(t *testing.T) {
	runRows(t, []rowCase{
		{name: "global table inside", template: []property{{id: "T", typ: "AWS::DynamoDB::GlobalTable", values: `{"TableName":"t","Replicas":[{"Region":"eu-west-1"}]}`}},
			want: placed{"T": {"primary in eu-west-1"}}},
		{name: "global table abroad", template: []property{{id: "T", typ: "AWS::DynamoDB::GlobalTable", values: `{"TableName":"t","StreamSpecification":{"StreamViewType":"NEW_IMAGE"},"GlobalTableWitnesses":[{"Region":"us-west-2"}],
			"Replicas":[{"Region":"eu-west-1"},{"Region":"us-east-1","KinesisStreamSpecification":{"StreamArn":"arn:aws:kinesis:us-east-1:111111111111:stream/s"}}]}`}},
			want: placed{"T": {"primary in eu-west-1", "stream in eu-west-1", "replica in us-west-2", "replica in us-east-1 at arn:aws:dynamodb:us-east-1::table/t",
				"stream in us-east-1 of 111111111111 at arn:aws:kinesis:us-east-1:111111111111:stream/s"}}},
		{name: "keys of a global table", template: []property{{id: "T", typ: "AWS::DynamoDB::GlobalTable", values: `{"TableName":"t","SSESpecification":{"SSEEnabled":true,"SSEType":"KMS"},
			"Replicas":[{"Region":"eu-west-1","SSESpecification":{"KMSMasterKeyId":"arn:aws:kms:eu-west-1:111111111111:key/k"}},
			{"Region":"us-east-1","SSESpecification":{"KMSMasterKeyId":"arn:aws:kms:us-east-1:111111111111:key/k"}}]}`}},
			want: placed{"T": {"primary in eu-west-1", "key in eu-west-1 of 111111111111 at arn:aws:kms:eu-west-1:111111111111:key/k", "replica in us-east-1 at arn:aws:dynamodb:us-east-1::table/t"}}},
		{name: "global table nobody knows where", template: []property{{id: "T", typ: "AWS::DynamoDB::GlobalTable", values: `{"Replicas":[{"Region":{"Unknown":"a parameter"}}]}`}},
			want: placed{"T": {"primary in eu-west-1", "replica in ?"}}},
		{name: "table", template: []property{{id: "T", typ: "AWS::DynamoDB::Table", values: `{"KinesisStreamSpecification":{"StreamArn":"arn:aws:kinesis:us-east-1:111111111111:stream/s"},
			"SSESpecification":{"SSEEnabled":true,"KMSMasterKeyId":"arn:aws:kms:us-east-1:111111111111:key/k"},
			"ImportSourceSpecification":{"S3BucketSource":{"S3Bucket":"b","S3BucketOwner":"222222222222"}}}`}},
			want: placed{"T": {"primary in eu-west-1", "log in eu-west-1", "stream in us-east-1 of 111111111111 at arn:aws:kinesis:us-east-1:111111111111:stream/s",
				"key in us-east-1 of 111111111111 at arn:aws:kms:us-east-1:111111111111:key/k", "from stream in ? of 222222222222 at arn:aws:s3:::b"}}},
		{name: "feed nobody knows where", template: []property{{id: "T", typ: "AWS::DynamoDB::Table", values: `{"KinesisStreamSpecification":{"StreamArn":{"Unknown":"x"}}}`}},
			want: placed{"T": {"primary in eu-west-1", "stream in ?"}}},
		{name: "backup", template: []property{{id: "T", typ: "AWS::DynamoDB::Table"}, {id: "B", typ: "AWS::DynamoDB::Backup", values: `{"TableName":{"Ref":"T"}}`}},
			want: placed{"B": {"backup in eu-west-1", "from backup in eu-west-1 at T"}}},
	})
}
