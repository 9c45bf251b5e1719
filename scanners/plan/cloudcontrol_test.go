package plan

import (
	"strings"
	"testing"
)

// TestCloudControl: resources of Terraform's provider awscc are what CloudFormation's are.
func TestCloudControl(t *testing.T) {
	two := func(region string) string {
		return `{"awscc":{"name":"awscc","expressions":{"region":{"constant_value":"eu-west-1"}}},"awscc.us":{"name":"awscc","alias":"us","expressions":{"region":{"constant_value":"` + region + `"}}}}`
	}
	for _, tt := range []struct {
		name, address, after, later, configuration string
		want                                       []string
	}{
		{"log to another bucket of the plan", "awscc_s3_bucket.a", `{"bucket_name":"a","logging_configuration":{},"tags":[{"key":"data-residency","value":"eu"}]}`,
			`{"logging_configuration":{"destination_bucket_name":true}}`,
			`{"logging_configuration":{"destination_bucket_name":{"references":["awscc_s3_bucket.logs.id","awscc_s3_bucket.logs"]}}}`,
			[]string{"awscc_s3_bucket.a · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::a · tags map[data-residency:eu]", "primary in eu-west-1", "log in us-east-1 at awscc_s3_bucket.logs"}},
		{"replica", "awscc_dynamodb_global_table.a", `{"table_name":"t","replicas":[{"region":"eu-west-1"},{"region":"us-west-2"}]}`, "", "", []string{"replica in us-west-2"}},
		{"target that nobody knows", "awscc_s3_bucket.a", `{"bucket_name":"a","logging_configuration":{}}`, `{"logging_configuration":{"destination_bucket_name":true}}`,
			`{"logging_configuration":{"destination_bucket_name":{"references":["local.logs"]}}}`, []string{"log in ?"}},
		{"tags not known", "awscc_s3_bucket.a", `{"bucket_name":"a"}`, `{"tags":true}`, `{"tags":{"references":["local.tags"]}}`, []string{"awscc_s3_bucket.a · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::a · tags not known"}},
		{"no data", "awscc_ec2_vpc.a", `{}`, "", "", nil},
		{"no data, a whole service", "awscc_iam_role.a", `{}`, "", "", nil},
		{"on no list", "awscc_newservice_store.a", `{}`, "", "", []string{"gap awscc_newservice_store unimplemented"}},
		{"on no list, like a service of another name", "awscc_iamlike_role.a", `{}`, "", "", []string{"gap awscc_iamlike_role unimplemented"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			typ, _, _ := strings.Cut(tt.address, ".")
			got, err := readText("plan.json", written([]block{
				{address: tt.address, typ: typ, after: tt.after, later: tt.later, configuration: tt.configuration, provider: "awscc"},
				{address: "awscc_s3_bucket.logs", typ: "awscc_s3_bucket", after: `{"bucket_name":"logs"}`, provider: "awscc.us"},
			}, two("us-east-1"), "", "", ""), Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("want %q in\n%s", want, got)
				}
			}
			if tt.want == nil && (strings.Contains(got, tt.address) || strings.Contains(got, "gap")) {
				t.Errorf("want nothing of it in\n%s", got)
			}
		})
	}
}
