package plan

import "testing"

func TestTrailMechanisms(t *testing.T) {
	runMechanisms(t, []mechanism{
		{name: "trail to a bucket", role: "metadata", to: "bucket", gathers: true,
			terraform: `aws_cloudtrail.x {"name": "t", "s3_bucket_name": "%"}`, template: `AWS::CloudTrail::Trail x {"S3BucketName": "%"}`},
		{name: "trail of data events", role: "log", to: "bucket", gathers: true,
			terraform: `aws_cloudtrail.x {"name": "t", "s3_bucket_name": "%", "event_selector": [{"data_resource": [{"type": "AWS::S3::Object"}]}]}`,
			template:  `AWS::CloudTrail::Trail x {"S3BucketName": "%", "EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object"}]}]}`},
		{name: "trail to a log group", role: "log", to: "group", gathers: true, besides: []string{"log in ? at arn:aws:s3:::b"},
			terraform: `aws_cloudtrail.x {"name": "t", "s3_bucket_name": "b", "cloud_watch_logs_group_arn": "%",
				"advanced_event_selector": [{"field_selector": [{"field": "eventCategory", "equals": ["Data"]}]}]}`,
			template: `AWS::CloudTrail::Trail x {"S3BucketName": "b", "CloudWatchLogsLogGroupArn": "%", "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}`},
		{name: "channel", role: "log", to: "store", template: `AWS::CloudTrail::Channel x {"Destinations": [{"Type": "EVENT_DATA_STORE", "Location": "%"}]}`},
		{name: "delivery channel", role: "metadata", to: "bucket",
			terraform: `aws_config_delivery_channel.x {"name": "c", "s3_bucket_name": "%"}`, template: `AWS::Config::DeliveryChannel x {"Name": "c", "S3BucketName": "%"}`},
		{name: "aggregation authorization", role: "metadata",
			terraform: `aws_config_aggregate_authorization.x {"authorized_aws_region": "%"}`, template: `AWS::Config::AggregationAuthorization x {"AuthorizedAwsRegion": "%"}`},
		{name: "findings export", role: "metadata", to: "bucket",
			terraform: `aws_guardduty_publishing_destination.x {"detector_id": "d", "destination_arn": "%"}`,
			template:  `AWS::GuardDuty::PublishingDestination x {"DetectorId": "d", "DestinationProperties": {"DestinationArn": "%"}}`},
		{name: "classification export", role: "log", to: "bucket", terraform: `aws_macie2_classification_export_configuration.x {"s3_destination": [{"bucket_name": "%"}]}`},
		{name: "centralization", role: "log", besides: []string{"gap sources unresolved"},
			terraform: `aws_observabilityadmin_centralization_rule_for_organization.x {"rule_name": "r", "rule": [{"destination": [{"region": "%"}], "source": [{"regions": ["us-east-1"], "scope": "?"}]}]}`,
			template:  `AWS::ObservabilityAdmin::OrganizationCentralizationRule x {"RuleName": "r", "Rule": {"Destination": {"Region": "%"}, "Source": {"Regions": ["us-east-1"], "Scope": "?"}}}`},
	})
}

func TestTrailSettings(t *testing.T) {
	stores := `aws_s3_bucket.a {"bucket": "a"}
		aws_s3_bucket.b in us-east-1 {"bucket": "b"}
		`
	templates := `AWS::S3::Bucket a {"BucketName": "a"}
		AWS::S3::Bucket b in us-east-1 {"BucketName": "b"}
		`
	runLines(t, []lineCase{
		{name: "trail of one region", want: []string{"metadata in eu-west-1 at a", "from metadata in eu-west-1"},
			terraform: stores + `aws_cloudtrail.x {"name": "t", "s3_bucket_name": "a", "is_multi_region_trail": false}`,
			template:  templates + `AWS::CloudTrail::Trail x {"S3BucketName": "a"}`},
		{name: "trail of all regions", want: []string{"metadata in eu-west-1 at a", "from metadata in eu-west-1", "from metadata in us-east-1"},
			terraform: stores + `aws_cloudtrail.x {"name": "t", "s3_bucket_name": "a", "is_multi_region_trail": true}`,
			template:  templates + `AWS::CloudTrail::Trail x {"S3BucketName": "a", "IsMultiRegionTrail": true}`},
		{name: "trail that may be of all regions, of events that are not known", want: []string{"log in eu-west-1 at a", "from log in eu-west-1", "from log in us-east-1"},
			terraform: stores + `aws_cloudtrail.x {"name": "t", "s3_bucket_name": "a", "is_multi_region_trail": "?", "event_selector": [{"data_resource": "?"}]}`,
			template:  templates + `AWS::CloudTrail::Trail x {"S3BucketName": "a", "IsMultiRegionTrail": "?", "EventSelectors": "?"}`},
		{name: "trail with a topic and a key", want: []string{"metadata in us-east-1 at b", "metadata in eu-west-1 at arn:aws:sns:eu-west-1::t", "key in eu-west-1 at arn:aws:kms:eu-west-1::alias/k", "from metadata in eu-west-1"},
			terraform: stores + `aws_cloudtrail.x {"name": "t", "s3_bucket_name": "b", "sns_topic_name": "t", "kms_key_id": "alias/k"}`,
			template:  templates + `AWS::CloudTrail::Trail x {"S3BucketName": "b", "SnsTopicName": "t", "KMSKeyId": "alias/k"}`},
		{name: "event data store, of all regions unless it says no", want: []string{"metadata in eu-west-1", "from metadata in eu-west-1", "from metadata in us-east-1"},
			terraform: stores + `aws_cloudtrail_event_data_store.x {"name": "s"}`,
			template:  templates + `AWS::CloudTrail::EventDataStore x {"Name": "s"}`},
		{name: "event data store of data events of one region", want: []string{"log in eu-west-1", "from log in eu-west-1"},
			terraform: stores + `aws_cloudtrail_event_data_store.x {"name": "s", "multi_region_enabled": false, "advanced_event_selector": [{"field_selector": [{"field": "eventCategory", "equals": ["Data"]}]}]}`,
			template:  templates + `AWS::CloudTrail::EventDataStore x {"Name": "s", "MultiRegionEnabled": false, "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}`},
		{name: "shared event data store", want: []string{"log in eu-west-1 of 222222222222", "metadata in eu-west-1"},
			template: `AWS::CloudTrail::EventDataStore x {"Name": "s"}
				AWS::CloudTrail::ResourcePolicy p {"ResourceArn": "@x", "ResourcePolicy": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "cloudtrail:*", "Resource": "*"}]}}`},
		{name: "aggregator of named regions", want: []string{"metadata in eu-west-1"},
			terraform: `aws_s3_bucket.b in us-east-1 {"bucket": "b"}
				aws_config_configuration_aggregator.x {"name": "a", "account_aggregation_source": [{"account_ids": ["222222222222"], "regions": ["us-east-1"]}]}`,
			template: `AWS::S3::Bucket b in us-east-1 {}
				AWS::Config::ConfigurationAggregator x {"AccountAggregationSources": [{"AccountIds": ["222222222222"], "AwsRegions": ["us-east-1"]}]}`},
		{name: "aggregator of the organisation", want: []string{"metadata in eu-west-1", "from metadata in eu-west-1", "from metadata in us-east-1"},
			terraform: stores + `aws_config_configuration_aggregator.x {"name": "a", "organization_aggregation_source": [{"all_regions": true}]}`,
			template:  templates + `AWS::Config::ConfigurationAggregator x {"OrganizationAggregationSource": {"AllAwsRegions": true}}`},
		{name: "aggregator of another region of the organisation", want: []string{"metadata in eu-west-1", "from metadata in us-east-1"},
			terraform: stores + `aws_config_configuration_aggregator.x {"name": "a", "organization_aggregation_source": [{"regions": ["us-east-1"]}]}`,
			template:  templates + `AWS::Config::ConfigurationAggregator x {"OrganizationAggregationSource": {"AwsRegions": ["us-east-1"]}}`},
		{name: "authorization as providers before version 6 wrote it", want: []string{"metadata in us-east-1 of 222222222222"},
			terraform: `aws_config_aggregate_authorization.x {"account_id": "222222222222", "region": "us-east-1"}`},
		{name: "findings of all regions", want: []string{"metadata in eu-west-1", "from metadata in eu-west-1", "from metadata in us-east-1"},
			terraform: stores + `aws_securityhub_finding_aggregator.x {"linking_mode": "ALL_REGIONS"}`,
			template:  templates + `AWS::SecurityHub::FindingAggregator x {"RegionLinkingMode": "ALL_REGIONS"}`},
		{name: "findings of all regions but one", want: []string{"metadata in eu-west-1", "from metadata in eu-west-1"},
			terraform: stores + `aws_securityhub_finding_aggregator.x {"linking_mode": "ALL_REGIONS_EXCEPT_SPECIFIED", "specified_regions": ["us-east-1"]}`,
			template:  templates + `AWS::SecurityHub::AggregatorV2 x {"RegionLinkingMode": "ALL_REGIONS_EXCEPT_SPECIFIED", "LinkedRegions": ["us-east-1"]}`},
		{name: "findings of named regions", want: []string{"metadata in us-east-1", "from metadata in eu-west-1", "from metadata in us-east-1"},
			terraform: stores + `aws_securityhub_finding_aggregator.x in us-east-1 {"linking_mode": "SPECIFIED_REGIONS", "specified_regions": ["eu-west-1"]}`,
			template:  templates + `AWS::SecurityHub::FindingAggregator x in us-east-1 {"RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": ["eu-west-1"]}`},
		{name: "centralization with a backup", want: []string{"log in eu-west-1 of 222222222222 at arn:aws:iam::222222222222:root", "backup in us-east-1 of 222222222222 at arn:aws:iam::222222222222:root",
			"key in us-east-1 of 222222222222 at arn:aws:kms:us-east-1:222222222222:key/k", "from log in us-east-1"},
			terraform: stores + `aws_observabilityadmin_centralization_rule_for_organization.x {"rule_name": "r", "rule": [{"destination": [{"region": "eu-west-1", "account": "222222222222",
				"destination_logs_configuration": [{"backup_configuration": [{"region": "us-east-1", "kms_key_arn": "arn:aws:kms:us-east-1:222222222222:key/k"}]}]}],
				"source": [{"regions": ["us-east-1"], "scope": "OrganizationId = 'o-abcdefghij'"}]}]}`,
			template: templates + `AWS::ObservabilityAdmin::OrganizationCentralizationRule x {"RuleName": "r", "Rule": {"Destination": {"Region": "eu-west-1", "Account": "222222222222",
				"DestinationLogsConfiguration": {"BackupConfiguration": {"Region": "us-east-1", "KmsKeyArn": "arn:aws:kms:us-east-1:222222222222:key/k"}}},
				"Source": {"Regions": ["us-east-1"], "Scope": "OrganizationId = 'o-abcdefghij'"}}}`},
		{name: "centralization of units", want: []string{"log in eu-west-1 of 222222222222 at arn:aws:iam::222222222222:root", "gap sources unresolved"},
			terraform: stores + `aws_observabilityadmin_centralization_rule_for_organization.x {"rule_name": "r", "rule": [{"destination": [{"region": "eu-west-1", "account": "222222222222"}],
				"source": [{"regions": ["us-east-1"], "scope": "OrganizationalUnitId = 'ou-abcd1234'"}]}]}`},
	})
}
