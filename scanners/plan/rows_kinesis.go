package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Kinesis Data Streams: records at rest for up to a year, and who in another account may read them.
var _ = both(
	pair("aws_kinesis_stream name", "AWS::Kinesis::Stream Name", row{kind: "kinesis.stream",
		arn: "arn:{partition}:kinesis:{region}:{account}:stream/{name}", read: func(v view) {
			v.here(residency.Primary, "")
			v.place(residency.Key, "", v.firstSet("kms_key_id", "stream_encryption.key_id"), asKey)
		}}),
	pair("aws_kinesis_resource_policy", "AWS::Kinesis::ResourcePolicy", row{kind: "kinesis.stream", settings: settingsOf("resource_arn", asARN), read: func(v view) {
		v.share("policy|resource_policy", residency.Primary, "kinesis")
	}}),
	// A consumer is a right to read, and reads nothing by itself.
	pair("aws_kinesis_stream_consumer", "AWS::Kinesis::StreamConsumer", row{kind: "kinesis.stream", settings: settingsOf("stream_arn", asARN), read: nothing}),
)
