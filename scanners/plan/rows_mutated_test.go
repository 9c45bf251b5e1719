package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	acme    = "001_bridgecrewio__checkov__resources_plan_tags_tfplan.json"
	variety = "023_bridgecrewio__checkov__resources_plan_tags_variety_tfplan.json"
)

// TestMutatedPlans: published plans, changed in one value so that data stays, leaves, or nobody can tell.
func TestMutatedPlans(t *testing.T) {
	for _, tc := range []struct{ name, file, old, with, want string }{
		{"replica of a database at home", acme, `"replicate_source_db": null`, `"replicate_source_db": "arn:aws:rds:us-west-2:123456789123:db:x"`,
			"from replica arn:aws:rds:us-west-2:123456789123:db:x in us-west-2 of 123456789123"},
		{"replica of a database abroad", acme, `"replicate_source_db": null`, `"replicate_source_db": "arn:aws:rds:eu-west-1:123456789123:db:x"`,
			"from replica arn:aws:rds:eu-west-1:123456789123:db:x in eu-west-1 of 123456789123"},
		{"cluster that replicates one abroad", acme, `"replication_source_identifier": null`, `"replication_source_identifier": "arn:aws:rds:eu-west-1:123456789123:cluster:x"`,
			"from replica arn:aws:rds:eu-west-1:123456789123:cluster:x in eu-west-1 of 123456789123"},
		{"everything moved abroad", acme, `"constant_value": "us-west-2"`, `"constant_value": "eu-west-1"`,
			"aws_db_instance.default · rds.instance · region eu-west-1"},
		{"nobody knows where", acme, `"constant_value": "us-west-2"`, `"references": ["local.region"]`,
			"aws_db_instance.default · rds.instance · region -"},
		{"volume of a Local Zone", acme, `"availability_zone": "us-west-2a"`, `"availability_zone": "us-west-2-lax-1a"`,
			"primary in ? by aws_ebs_volume.web_host_storage availability_zone (zone us-west-2-lax-1a)"},
		{"table with a replica at home", variety, `"replica": []`, `"replica": [{"region_name": "us-west-2"}]`,
			"aws_dynamodb_table.basic-dynamodb-table · dynamodb.table · region us-west-2"},
		{"table with a replica abroad", variety, `"replica": []`, `"replica": [{"region_name": "eu-west-1"}]`,
			"replica in eu-west-1 at arn:aws:dynamodb:eu-west-1::table/test"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata/tfplan", tc.file))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(data), tc.old) {
				t.Fatalf("the plan no longer holds %s", tc.old)
			}
			options := Options{}
			if tc.file == variety {
				options.Region = "us-west-2"
			}
			before, err := readText("plan", string(data), options)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readText("plan", strings.ReplaceAll(string(data), tc.old, tc.with), options)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got, tc.want) {
				t.Errorf("%q is not in\n%s", tc.want, got)
			}
			if tc.name != "table with a replica at home" && strings.Contains(before, tc.want) {
				t.Errorf("%q is so before the change already", tc.want)
			}
			if tc.name == "table with a replica at home" && got != before {
				t.Errorf("a replica in the table's own region changes\n%s\nto\n%s", before, got)
			}
		})
	}
}
