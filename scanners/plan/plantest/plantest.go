// Package plantest makes plans to measure with.
package plantest

import (
	"fmt"
	"strings"
)

// Synthetic writes a plan of about n resources: buckets with their logging, log groups, queues and roles, linked by references.
func Synthetic(n int) string {
	var changes, blocks, planned strings.Builder
	comma := ""
	add := func(typ, name, after, later, expressions string) {
		address := typ + "." + name
		fmt.Fprintf(&changes, `%s{"address":%q,"mode":"managed","type":%q,"name":%q,"provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["create"],"before":null,"after":%s,"after_unknown":%s,"before_sensitive":false,"after_sensitive":{"tags":{}}}}`,
			comma, address, typ, name, after, later)
		fmt.Fprintf(&blocks, `%s{"address":%q,"mode":"managed","type":%q,"name":%q,"provider_config_key":"aws","expressions":%s,"schema_version":0}`, comma, address, typ, name, expressions)
		fmt.Fprintf(&planned, `%s{"address":%q,"mode":"managed","type":%q,"name":%q,"values":%s}`, comma, address, typ, name, after)
		comma = ","
	}
	for i := range n / 5 {
		tags := fmt.Sprintf(`{"Name":"n%d","data-residency":"eu"}`, i)
		add("aws_s3_bucket", fmt.Sprint("b", i), fmt.Sprintf(`{"bucket":"acme-eu-%d","tags":%s,"tags_all":%s,"force_destroy":false,"bucket_prefix":null,"timeouts":null}`, i, tags, tags),
			`{"arn":true,"id":true,"bucket_domain_name":true,"acl":true,"logging":true,"tags":{},"tags_all":{}}`, fmt.Sprintf(`{"bucket":{"constant_value":"acme-eu-%d"}}`, i))
		add("aws_s3_bucket_logging", fmt.Sprint("l", i), `{"target_prefix":"x/"}`, `{"bucket":true,"target_bucket":true,"id":true}`,
			fmt.Sprintf(`{"bucket":{"references":["aws_s3_bucket.b%d.id","aws_s3_bucket.b%d"]},"target_bucket":{"references":["aws_s3_bucket.b0.id","aws_s3_bucket.b0"]}}`, i, i))
		add("aws_cloudwatch_log_group", fmt.Sprint("g", i), fmt.Sprintf(`{"name":"/acme/%d","retention_in_days":30,"tags":%s,"tags_all":%s,"kms_key_id":null,"skip_destroy":false}`, i, tags, tags),
			`{"arn":true,"id":true,"tags":{},"tags_all":{}}`, fmt.Sprintf(`{"name":{"constant_value":"/acme/%d"}}`, i))
		add("aws_sqs_queue", fmt.Sprint("q", i), fmt.Sprintf(`{"name":"q%d","delay_seconds":0,"tags":%s,"tags_all":%s}`, i, tags, tags),
			`{"arn":true,"id":true,"policy":true,"redrive_policy":true,"url":true}`, fmt.Sprintf(`{"name":{"constant_value":"q%d"}}`, i))
		add("aws_iam_role", fmt.Sprint("r", i), fmt.Sprintf(`{"name":"r%d","assume_role_policy":"{\"Statement\":[]}","tags":null}`, i), `{"arn":true,"id":true}`, fmt.Sprintf(`{"name":{"constant_value":"r%d"}}`, i))
	}
	return `{"format_version":"1.2","terraform_version":"1.9.8","planned_values":{"root_module":{"resources":[` + planned.String() + `]}},"resource_changes":[` + changes.String() +
		`],"configuration":{"provider_config":{"aws":{"name":"aws","expressions":{"region":{"constant_value":"eu-west-1"}}}},"root_module":{"resources":[` + blocks.String() + `]}}}`
}
