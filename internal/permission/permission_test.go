package permission

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the golden files")

var small = Role{Name: "audit/DomicileAudit", Partition: "aws",
	Actions: []string{"s3:ListAllMyBuckets", "sts:AssumeRole", "kinesis:ListStreams", "s3:ListAllMyBuckets", "s3:GetBucketAcl"}}

// large needs three policies.
func large() Role {
	r := Role{Name: "DomicileAudit", Partition: "aws-cn", Actions: []string{"sts:AssumeRole"}}
	for i := range 500 {
		r.Actions = append(r.Actions, fmt.Sprintf("service%02d:DescribeSomething%03d", (i*7)%20, i))
	}
	return r
}

func TestGolden(t *testing.T) {
	document, err := small.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"role.json": document, "role.yaml": small.CloudFormation(), "role.tf": small.Terraform()} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is\n%s", name, got)
		}
	}
}

func TestSplit(t *testing.T) {
	r := large()
	want := slices.DeleteFunc(slices.Sorted(slices.Values(r.Actions)), func(a string) bool { return a == assume })
	var got []string
	documents := r.Reading()
	if len(documents) != 3 {
		t.Errorf("%d documents", len(documents))
	}
	for _, d := range documents {
		got = append(got, d.Statement[0].Action...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d actions of %d, or out of order", len(got), len(want))
	}
	for i, d := range r.Caller() {
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > MaxPolicy {
			t.Errorf("document %d has %d characters", i, len(data))
		}
	}
	slices.Reverse(r.Actions)
	if again := r.Reading(); fmt.Sprint(again) != fmt.Sprint(documents) {
		t.Error("another order of the actions gives other documents")
	}
}

// TestAssumeHasRoom: the right to assume the role goes along where it fits, and else into a document of its own.
func TestAssumeHasRoom(t *testing.T) {
	for n := 150; n < 260; n++ {
		r := Role{Name: "DomicileAudit", Partition: "aws", Actions: large().Actions[:n]}
		found := 0
		for _, d := range r.Caller() {
			if size(d) > MaxPolicy {
				t.Fatalf("%d actions: %d characters", n, size(d))
			}
			for _, s := range d.Statement {
				if slices.Contains(s.Action, assume) {
					found++
					if s.Resource != "arn:aws:iam::*:role/DomicileAudit" || len(s.Action) != 1 {
						t.Fatalf("%+v", s)
					}
				}
			}
		}
		if found != 1 {
			t.Fatalf("%d actions: %d statements to assume the role", n, found)
		}
	}
}

// action is one in any of the forms.
var action = regexp.MustCompile(`\b[a-z0-9-]+:[A-Z][A-Za-z0-9]+`)

// TestTemplates: both templates parse as what they are, and allow just what the documents do.
func TestTemplates(t *testing.T) {
	for name, r := range map[string]Role{"small": small, "large": large()} {
		t.Run(name, func(t *testing.T) {
			var template struct {
				Resources map[string]struct {
					Type       string
					Properties struct {
						ManagedPolicyArns []string
						PolicyDocument    Document
					}
				}
			}
			var tree any
			if err := yaml.Unmarshal(r.CloudFormation(), &tree); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &template); err != nil {
				t.Fatal(err)
			}
			want := r.Reading()
			if n := len(template.Resources["Role"].Properties.ManagedPolicyArns); n != len(want) || len(template.Resources) != n+1 {
				t.Fatalf("%d policies are attached, %d resources", n, len(template.Resources))
			}
			var allowed []string
			for i, d := range want {
				if got := template.Resources[fmt.Sprintf("Inventory%d", i+1)]; fmt.Sprint(got.Properties.PolicyDocument) != fmt.Sprint(d) {
					t.Errorf("document %d: %+v", i, got)
				}
				allowed = append(allowed, d.Statement[0].Action...)
			}
			if _, diagnostics := hclparse.NewParser().ParseHCL(r.Terraform(), "role.tf"); diagnostics.HasErrors() {
				t.Fatal(diagnostics)
			}
			got := slices.DeleteFunc(action.FindAllString(string(r.Terraform()), -1), func(a string) bool { return a == assume }) // in its trust policy
			if !slices.Equal(got, allowed) {
				t.Errorf("terraform allows %v", got)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for name, want := range map[string]string{
		"DomicileAudit": "", "audit/eu/Domicile_Audit": "", "": "no name", "audit/": "no name", "/audit/x": "path", "a//b": "path",
		`x" }`: "no name", `a"b/x`: "path", strings.Repeat("x", 65): "no name",
	} {
		err := Role{Name: name, Partition: "aws"}.Check()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
