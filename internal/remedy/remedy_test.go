package remedy

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// without are the rows of tier 1 that place nothing.
var without = map[string]bool{
	"S3 / replica objects already present": true, "STS / caller identity": true, "EC2 / Region list (fallback)": true,
	"Organizations / service control policy (Region deny)": true, "Organizations / resource control policy": true,
	"Organizations / account inventory": true, "Account / Region opt-in status": true,
}

// TestEveryMechanism: each row of tier 1 of the egress catalogue has a remedy, in each language in which it can be declared.
func TestEveryMechanism(t *testing.T) {
	f, err := os.Open("../../scanners/testdata/egress-catalogue.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	rows := map[string]int{}
	for _, record := range records[1:] {
		key := record[column["service"]] + " / " + record[column["resource_kind"]]
		if record[column["tier"]] != "1" || without[key] {
			continue
		}
		rows[key]++
		var own *Remedy
		for i := range remedies {
			if remedies[i].Row == key && own == nil {
				own = &remedies[i]
			}
		}
		if own == nil {
			t.Errorf("%s: no remedy", key)
			continue
		}
		if own.CLI == "" {
			t.Errorf("%s: nothing for the command line", key)
		}
		for _, language := range []struct{ typ, text string }{{record[column["terraform_type"]], own.Terraform}, {record[column["cfn_type"]], own.CloudFormation}} {
			if language.typ != "" && language.text == "" {
				t.Errorf("%s: nothing for %s", key, language.typ)
			}
			if strings.Contains(language.text, "name one") && !strings.Contains(language.text, "{regions}") {
				t.Errorf("%s: does not say which regions: %s", key, language.text)
			}
		}
	}
	seen := map[string]bool{}
	for _, r := range remedies {
		if r.Row != "" && rows[r.Row] == 0 {
			t.Errorf("%s: no such row", r.Row)
		}
		key := r.Kind + " " + string(r.Role) + " " + r.Via
		if r.Role != "" && !r.Role.Valid() || seen[key] {
			t.Errorf("%s: %s is no role, or twice", r.Row, key)
		}
		seen[key] = true
		if found := Find(r.Kind, r.Role, r.Via); found == nil || found.Row != r.Row {
			t.Errorf("%s: hidden behind %v", r.Row, found)
		}
	}
	if len(rows) < 78 {
		t.Errorf("%d rows were looked at", len(rows))
	}
}

// A share is not cured by moving the store, and a key of any store by a key.
func TestFind(t *testing.T) {
	for _, c := range []struct {
		kind      string
		role      residency.Role
		via, want string
	}{
		{"dynamodb.table", residency.Primary, "aws_dynamodb_resource_policy.p policy (policy statement vendor)", "the resource policy"},
		{"dynamodb.table", residency.Primary, "", "aws_dynamodb_table: provider"},
		{"s3.bucket", residency.Primary, "policy statement vendor", "aws_s3_bucket_policy: take"},
		{"nobody.knows", residency.Key, "KmsKeyId", "the attribute that names the key"},
		{"nobody.knows", residency.Replica, "x", ""},
	} {
		got := ""
		if found := Find(c.kind, c.role, c.via); found != nil {
			got = found.Terraform
		}
		if !strings.HasPrefix(got, c.want) || got != "" && c.want == "" {
			t.Errorf("%s %s %q: %q", c.kind, c.role, c.via, got)
		}
	}
}

func TestFill(t *testing.T) {
	zone := residency.Zone{ID: "eu", Regions: []string{"eu-west-1", "eu-central-1"}}
	live := &residency.Verdict{Resource: "arn:aws:backup:eu-west-1:1:backup-plan:nightly", Region: "eu-west-1"}
	planned := &residency.Verdict{Resource: "aws_backup_plan.nightly"}
	to := &residency.Placement{Target: "arn:aws:backup:us-east-1:1:backup-vault:v"}
	const text = "{name} in {region} to {target}: {regions} of {id}"
	if got := Fill(text, zone, live, to); got != "nightly in eu-west-1 to arn:aws:backup:us-east-1:1:backup-vault:v: eu-west-1, eu-central-1 of arn:aws:backup:eu-west-1:1:backup-plan:nightly" {
		t.Error(got)
	}
	if got := Fill(text, residency.Zone{}, planned, nil); got != "NAME in REGION to TARGET: its zone of aws_backup_plan.nightly" {
		t.Error(got)
	}
}
