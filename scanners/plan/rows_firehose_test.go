package plan

import "testing"

func TestFirehoseMechanisms(t *testing.T) {
	own := []string{"stream in eu-west-1"}
	withBucket := []string{"stream in eu-west-1", "stream in ? at arn:aws:s3:::b"}
	runMechanisms(t, []mechanism{
		{name: "bucket", role: "stream", to: "bucket", besides: own,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "destination": "extended_s3", "extended_s3_configuration": [{"bucket_arn": "%"}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"ExtendedS3DestinationConfiguration": {"BucketARN": "%"}}`},
		{name: "plain bucket", role: "stream", to: "bucket", besides: own,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "destination": "s3", "s3_configuration": [{"bucket_arn": "%"}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"S3DestinationConfiguration": {"BucketARN": "%"}}`},
		{name: "backup of source records", role: "stream", to: "bucket", besides: withBucket,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "extended_s3_configuration": [{"bucket_arn": "arn:aws:s3:::b", "s3_backup_mode": "Enabled", "s3_backup_configuration": [{"bucket_arn": "%"}]}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"ExtendedS3DestinationConfiguration": {"BucketARN": "arn:aws:s3:::b", "S3BackupMode": "Enabled", "S3BackupConfiguration": {"BucketARN": "%"}}}`},
		{name: "backup that is off", role: "capability", to: "bucket", besides: withBucket,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "extended_s3_configuration": [{"bucket_arn": "arn:aws:s3:::b", "s3_backup_mode": "Disabled", "s3_backup_configuration": [{"bucket_arn": "%"}]}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"ExtendedS3DestinationConfiguration": {"BucketARN": "arn:aws:s3:::b", "S3BackupConfiguration": {"BucketARN": "%"}}}`},
		{name: "backup that may be on", role: "stream", to: "bucket", besides: withBucket,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "extended_s3_configuration": [{"bucket_arn": "arn:aws:s3:::b", "s3_backup_mode": "?", "s3_backup_configuration": [{"bucket_arn": "%"}]}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"ExtendedS3DestinationConfiguration": {"BucketARN": "arn:aws:s3:::b", "S3BackupMode": "?", "S3BackupConfiguration": {"BucketARN": "%"}}}`},
		{name: "Redshift", role: "stream", to: "redshift", besides: withBucket,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "redshift_configuration": [{"cluster_jdbcurl": "%", "s3_configuration": [{"bucket_arn": "arn:aws:s3:::b"}]}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"RedshiftDestinationConfiguration": {"ClusterJDBCURL": "%", "S3Configuration": {"BucketARN": "arn:aws:s3:::b"}}}`},
		{name: "Elasticsearch", role: "stream", to: "elasticsearch", besides: withBucket,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "elasticsearch_configuration": [{"domain_arn": "%", "s3_configuration": [{"bucket_arn": "arn:aws:s3:::b"}]}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"ElasticsearchDestinationConfiguration": {"DomainARN": "%", "S3Configuration": {"BucketARN": "arn:aws:s3:::b"}}}`},
		{name: "OpenSearch", role: "stream", to: "opensearch", besides: withBucket,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "opensearch_configuration": [{"domain_arn": "%", "s3_configuration": [{"bucket_arn": "arn:aws:s3:::b"}]}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"AmazonopensearchserviceDestinationConfiguration": {"DomainARN": "%", "S3Configuration": {"BucketARN": "arn:aws:s3:::b"}}}`},
		{name: "OpenSearch Serverless", role: "stream", to: "collection", besides: withBucket,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "opensearchserverless_configuration": [{"collection_endpoint": "%", "s3_configuration": [{"bucket_arn": "arn:aws:s3:::b"}]}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"AmazonOpenSearchServerlessDestinationConfiguration": {"CollectionEndpoint": "%", "S3Configuration": {"BucketARN": "arn:aws:s3:::b"}}}`},
		{name: "Iceberg", role: "stream", to: "bucket", besides: withBucket,
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "iceberg_configuration": [{"catalog_arn": "%", "s3_configuration": [{"bucket_arn": "arn:aws:s3:::b"}]}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"IcebergDestinationConfiguration": {"CatalogConfiguration": {"CatalogArn": "%"}, "S3Configuration": {"BucketARN": "arn:aws:s3:::b"}}}`},
		{name: "bucket behind a host", role: "stream", to: "bucket", besides: []string{"stream in eu-west-1", "stream in us-east-1 at acme.us-east-1.snowflakecomputing.com"},
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "snowflake_configuration": [{"account_url": "https://acme.us-east-1.snowflakecomputing.com", "s3_configuration": [{"bucket_arn": "%"}]}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"SnowflakeDestinationConfiguration": {"AccountUrl": "https://acme.us-east-1.snowflakecomputing.com", "S3Configuration": {"BucketARN": "%"}}}`},
	})
}

func TestFirehoseSettings(t *testing.T) {
	runLines(t, []lineCase{
		{name: "host outside AWS, keys and sources", want: []string{"stream in eu-west-1", "stream in ? at collector.example.com", "stream in ? at arn:aws:s3:::b", "from stream in us-east-1 at k",
			"key in eu-west-1 of 111111111111 at arn:aws:kms:eu-west-1:111111111111:key/s", "key in us-east-1 of 111111111111 at arn:aws:kms:us-east-1:111111111111:key/b"},
			terraform: `aws_kinesis_stream.k in us-east-1 {"name": "k"}
				aws_kinesis_firehose_delivery_stream.x {"name": "s", "kinesis_source_configuration": [{"kinesis_stream_arn": "@aws_kinesis_stream.k.arn"}],
				"server_side_encryption": [{"enabled": true, "key_arn": "arn:aws:kms:eu-west-1:111111111111:key/s"}],
				"http_endpoint_configuration": [{"url": "https://collector.example.com/x", "s3_configuration": [{"bucket_arn": "arn:aws:s3:::b", "kms_key_arn": "arn:aws:kms:us-east-1:111111111111:key/b"}]}]}`,
			template: `AWS::Kinesis::Stream k in us-east-1 {}
				AWS::KinesisFirehose::DeliveryStream x {"KinesisStreamSourceConfiguration": {"KinesisStreamARN": "@k"},
				"DeliveryStreamEncryptionConfigurationInput": {"KeyARN": "arn:aws:kms:eu-west-1:111111111111:key/s"},
				"HttpEndpointDestinationConfiguration": {"EndpointConfiguration": {"Url": "https://collector.example.com/x"},
				"S3Configuration": {"BucketARN": "arn:aws:s3:::b", "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": "arn:aws:kms:us-east-1:111111111111:key/b"}}}}}`},
		{name: "Splunk from a cluster", want: []string{"stream in eu-west-1", "stream in ? at acme.splunkcloud.com", "stream in ? at arn:aws:s3:::b", "from stream in us-east-1 of 222222222222 at arn:aws:kafka:us-east-1:222222222222:cluster/c/1"},
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "msk_source_configuration": [{"msk_cluster_arn": "arn:aws:kafka:us-east-1:222222222222:cluster/c/1", "topic_name": "t"}],
				"splunk_configuration": [{"hec_endpoint": "https://acme.splunkcloud.com:8088", "s3_configuration": [{"bucket_arn": "arn:aws:s3:::b"}]}]}`,
			template: `AWS::KinesisFirehose::DeliveryStream x {"MSKSourceConfiguration": {"MSKClusterARN": "arn:aws:kafka:us-east-1:222222222222:cluster/c/1", "TopicName": "t"},
				"SplunkDestinationConfiguration": {"HECEndpoint": "https://acme.splunkcloud.com:8088", "S3Configuration": {"BucketARN": "arn:aws:s3:::b"}}}`},
		{name: "destination that is newer than this version", want: []string{"stream in eu-west-1", "stream in ?"},
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "destination": "fax"}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"FaxDestinationConfiguration": {}}`},
		{name: "destination without a place", want: []string{"stream in eu-west-1", "stream in ?"},
			terraform: `aws_kinesis_firehose_delivery_stream.x {"name": "s", "http_endpoint_configuration": [{"name": "x"}]}`,
			template:  `AWS::KinesisFirehose::DeliveryStream x {"HttpEndpointDestinationConfiguration": {"EndpointConfiguration": {}}}`},
		{name: "stream with a key, shared", want: []string{"primary in us-east-1", "primary in us-east-1 of 222222222222", "key in us-east-1 at arn:aws:kms:us-east-1::key/k"},
			terraform: `aws_kinesis_stream.x in us-east-1 {"name": "s", "kms_key_id": "k"}
				aws_kinesis_resource_policy.p {"resource_arn": "@aws_kinesis_stream.x.arn", "policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"kinesis:GetRecords\",\"Resource\":\"*\"}]}"}`,
			template: `AWS::Kinesis::Stream x in us-east-1 {"StreamEncryption": {"EncryptionType": "KMS", "KeyId": "k"}}
				AWS::Kinesis::ResourcePolicy p {"ResourceArn": "@x", "ResourcePolicy": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "kinesis:GetRecords", "Resource": "*"}]}}`},
		{name: "stream whose region is not known, with a consumer and a policy that is not", want: []string{"primary in ?", "gap policy unresolved"},
			terraform: `aws_kinesis_stream.x in ? {"name": "s"}
				aws_kinesis_stream_consumer.c {"name": "c", "stream_arn": "@aws_kinesis_stream.x.arn"}
				aws_kinesis_resource_policy.p {"resource_arn": "@aws_kinesis_stream_consumer.c.arn", "policy": "?"}`,
			template: `AWS::Kinesis::Stream x in ? {}
				AWS::Kinesis::ResourcePolicy p {"ResourceArn": "@x", "ResourcePolicy": "?"}`},
	})
}
