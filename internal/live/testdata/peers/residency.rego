# Three rules as a user of conftest would write them for a plan: where buckets, log groups and queues are. They follow no reference.
package main

import rego.v1

region := input.configuration.provider_config.aws.expressions.region.constant_value

created contains r if {
	some r in input.resource_changes
	"create" in r.change.actions
}

deny contains msg if {
	some r in created
	r.type == "aws_s3_bucket"
	region != "eu-west-1"
	msg := sprintf("%s is in %s", [r.address, region])
}

deny contains msg if {
	some r in created
	r.type == "aws_cloudwatch_log_group"
	region != "eu-west-1"
	msg := sprintf("%s is in %s", [r.address, region])
}

deny contains msg if {
	some r in created
	r.type == "aws_s3_bucket_replication_configuration"
	not startswith(r.change.after.rule[0].destination[0].bucket, "arn:aws:s3:::acme-eu-")
	msg := sprintf("%s copies abroad", [r.address])
}
