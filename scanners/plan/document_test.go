package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// TestPoliciesByReference: an expression that goes on behind an ARN ("${aws_s3_bucket.b.arn}/*") refers to no more than the ARN, so that
// a grant is taken to reach both; a denial that may not reach what is granted leaves open whom the policy lets in.
func TestPoliciesByReference(t *testing.T) {
	policy := func(statements string) []property {
		return []property{{id: "B", typ: "AWS::S3::Bucket", values: `{"BucketName":"b"}`},
			{id: "P", typ: "AWS::S3::BucketPolicy", values: `{"Bucket":{"Ref":"B"},"PolicyDocument":{"Statement":[` + statements + `]}}`}}
	}
	const (
		objects  = `{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:GetObject","Resource":[{"Ref":"B","Attr":"arn"}]}`
		one      = `{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:GetObject","Resource":{"Ref":"B","Attr":"arn"}}`
		somebody = `{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:GetObject","Resource":{"Unknown":"a variable"}}`
		named    = `{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
		unless   = `,{"Effect":"Deny","NotPrincipal":{"AWS":"333333333333"},"Action":"s3:*","Resource":`
	)
	shared := []string{"primary in eu-west-1", "primary in eu-west-1 of 222222222222"}
	runRows(t, []rowCase{
		{name: "objects", template: policy(objects), want: placed{"B": shared}},
		{name: "without a list", template: policy(one), want: placed{"B": shared}},
		{name: "of what nobody knows", template: policy(somebody), want: placed{"B": shared}},
		{name: "denied by name", template: policy(named + unless + `"arn:aws:s3:::b/*"}`), want: placed{"B": {"primary in eu-west-1"}}},
		{name: "denied by reference", template: policy(named + unless + `{"Ref":"B","Attr":"arn"}}`), want: placed{"B": {"primary in eu-west-1", "gap policy unresolved"}}},
		{name: "denied to what nobody knows", template: policy(named + unless + `{"Unknown":"a variable"}}`), want: placed{"B": {"primary in eu-west-1", "gap policy unresolved"}}},
		{name: "another one denied", template: policy(named + unless + `"arn:aws:s3:::other/*"}`), want: placed{"B": shared}},
	})
}

func TestMetadataTables(t *testing.T) {
	const own = "metadata in eu-west-1 at arn:aws:s3tables:eu-west-1::bucket/aws-s3"
	bucket := planned{address: "aws_s3_bucket.b", values: `{"bucket":"b"}`}
	runRows(t, []rowCase{
		{name: "AWS's own bucket", terraform: []planned{bucket, {address: "aws_s3_bucket_metadata_configuration.m", values: `{"bucket":"b","metadata_configuration":[{"journal_table_configuration":[{}]}]}`}},
			want: placed{"aws_s3_bucket.b": {"primary in eu-west-1", own}}},
		{name: "AWS's own bucket, by a template", template: []property{{id: "B", typ: "AWS::S3::Bucket", values: `{"MetadataConfiguration":{"JournalTableConfiguration":{}}}`}},
			want: placed{"B": {"primary in eu-west-1", own}}},
		{name: "one's own", template: []property{{id: "B", typ: "AWS::S3::Bucket",
			values: `{"MetadataTableConfiguration":{"S3TablesDestination":{"TableBucketArn":"arn:aws:s3tables:us-east-1:111111111111:bucket/t"}}}`}},
			want: placed{"B": {"primary in eu-west-1", "metadata in us-east-1 of 111111111111 at arn:aws:s3tables:us-east-1:111111111111:bucket/t"}}},
	})
}

// TestOwnersNobodyKnows: where a target's account is not known, neither is whether the data stays inside the organisation. A key gets
// no data, a host outside AWS has no account, and a bare name is of the change's own.
func TestOwnersNobodyKnows(t *testing.T) {
	for _, tc := range []struct {
		name, typ, values string
		open              bool
	}{
		{"bucket that is not in the change", "aws_s3_bucket_logging", `{"bucket":"b","target_bucket":"elsewhere"}`, true},
		{"bucket whose owner is named", "aws_s3_bucket_inventory", `{"bucket":"b","destination":[{"bucket":[{"bucket_arn":"arn:aws:s3:::elsewhere","account_id":"222222222222"}]}]}`, false},
		{"ARN", "aws_cloudwatch_log_subscription_filter", `{"log_group_name":"g","destination_arn":"arn:aws:kinesis:us-east-1:222222222222:stream/s"}`, false},
		{"host", "aws_kinesis_firehose_delivery_stream", `{"name":"f","http_endpoint_configuration":[{"url":"https://example.com"}]}`, false},
		{"region", "aws_dynamodb_table", `{"name":"t","global_table_witness":[{"region_name":"us-east-1"}]}`, false},
		{"topic by its name", "aws_cloudtrail", `{"name":"t","s3_bucket_name":"b","sns_topic_name":"n"}`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			data := planOf(t, planned{address: "aws_s3_bucket.b", values: `{"bucket":"b"}`}, planned{address: tc.typ + ".x", values: tc.values})
			if got := asksOwner(t, data); got != tc.open {
				t.Errorf("a gap of the owner: %v, want %v", got, tc.open)
			}
		})
	}
	later := planOf(t, planned{address: "aws_s3_bucket.b", values: `{"bucket":"b"}`}, planned{address: "aws_s3_bucket_logging.x", values: `{"bucket":"b"}`, refs: refsTo("target_bucket", "local.bucket")})
	if !asksOwner(t, later) {
		t.Error("a target that is known only after apply has an owner")
	}
}

func asksOwner(t *testing.T, data string) bool {
	t.Helper()
	c, err := Read([]Input{{Name: "plan", Data: strings.NewReader(data), Size: int64(len(data))}}, Options{Account: "111111111111"}, "aws", someRegions, nil)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := c.Emit(&collected{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(lines[0].Gaps, func(g residency.Gap) bool { return g.Call == OwnerGap })
}
