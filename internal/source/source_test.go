package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// write makes files below a new folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const replication = `resource "aws_s3_bucket" "src" {
  bucket = "a"
}

resource "aws_s3_bucket_replication_configuration" "r" {
  rule {
    id = "one"
  }
  rule {
    id = "two"
    destination {
      bucket = aws_s3_bucket.dst.arn
    }
  }
  dynamic "extra" {
    for_each = var.x
    content {
      to = extra.value
    }
  }
}

module "local" {
  source = "./modules/store"
  for_each = toset(["a.b"])
}
module "far" {
  source = "registry.example/x/y"
}
module "gone" {
  source = "registry.example/x/z"
}
`

func TestTerraform(t *testing.T) {
	dir := write(t, map[string]string{
		"plan.json":                       "{}",
		"main.tf":                         replication,
		"broken.tf":                       "resource \"aws_kms_key\" \"k\" {\n}\nresource \"aws_x",
		"more.tf.json":                    "{\n\"resource\": {\n\t\"aws_sqs_queue\": {\n\"q\": {\n\"name\": \"x\"}}},\n\"module\": [{\n\"json\": {\"source\": \"./modules/store\"}}]}",
		"modules/store/main.tf":           "\n\nresource \"aws_s3_bucket\" \"b\" {\n}\nmodule \"inner\" {\nsource = \"../leaf\"\n}\n",
		"modules/leaf/leaf.tf":            "data \"aws_region\" \"here\" {}\nresource \"aws_db_instance\" \"d\" {}\n",
		".terraform/modules/modules.json": `{"Modules":[{"Key":"far","Source":"registry.example/x/y","Dir":".terraform/modules/far"}]}`,
		".terraform/modules/far/x.tf":     "# a comment\nresource \"aws_s3_bucket\" \"f\" {}\n",
		"modules/unrelated/should_not.tf": "resource \"aws_s3_bucket\" \"other\" {}",
	})
	f := New([]Input{{Name: "plan.json", Path: filepath.Join(dir, "plan.json")}}, "", "", dir)
	for _, c := range []struct {
		address, attribute, file string
		line                     int
	}{
		{"aws_s3_bucket.src", "", "main.tf", 1},
		{"aws_s3_bucket.src[0]", "", "main.tf", 1},
		{`aws_s3_bucket.src["a]\"[0].b"]`, "", "main.tf", 1},
		{"plan.json:aws_s3_bucket.src", "", "main.tf", 1},
		{"aws_s3_bucket_replication_configuration.r", "rule[1].destination[0].bucket", "main.tf", 12},
		{"aws_s3_bucket_replication_configuration.r", "rule[1].destination[0].account", "main.tf", 11},
		{"aws_s3_bucket_replication_configuration.r", "rule[7]", "main.tf", 5},
		{"aws_s3_bucket_replication_configuration.r", "extra[3].to", "main.tf", 18},
		{"aws_kms_key.k", "", "broken.tf", 1},
		{"aws_sqs_queue.q", "name", "more.tf.json", 4},
		{`module.local["a.b"].aws_s3_bucket.b`, "", "modules/store/main.tf", 3},
		{`module.local["a.b"].module.inner[1].aws_db_instance.d`, "", "modules/leaf/leaf.tf", 2},
		{`module.local["a.b"].module.inner.data.aws_region.here`, "", "modules/leaf/leaf.tf", 1},
		{"module.json.aws_s3_bucket.b", "", "modules/store/main.tf", 3},
		{"module.far.aws_s3_bucket.f", "", ".terraform/modules/far/x.tf", 2},
		{"module.gone.aws_s3_bucket.g", "", "main.tf", 30},          // its call is the nearest that is here
		{"module.local.aws_s3_bucket.elsewhere", "", "main.tf", 23}, // declared by something else than a block of that name
		{"aws_s3_bucket.other", "", "", 0},                          // of a folder that no module call leads to
		{"module.nobody.aws_s3_bucket.b", "", "", 0},
	} {
		at, ok := f.Declared(c.address, c.attribute)
		if at != (residency.Location{File: c.file, Line: c.line}) || ok != (c.line > 0) {
			t.Errorf("%s %s: %v %v, want %s:%d", c.address, c.attribute, at, ok, c.file, c.line)
		}
	}
}

// The configuration may lie elsewhere than the plan, and the plan may have come through a pipe.
func TestSourceFolder(t *testing.T) {
	dir := write(t, map[string]string{"infra/main.tf": replication})
	f := New([]Input{{Name: "-"}}, filepath.Join(dir, "infra"), "", filepath.Join(dir, "elsewhere"))
	if at, ok := f.Declared("aws_s3_bucket.src", "bucket"); !ok || at != (residency.Location{File: "../infra/main.tf", Line: 2}) {
		t.Errorf("%v %v", at, ok)
	}
	if at := f.Input("-"); at != (residency.Location{File: "stdin", Line: 1}) {
		t.Errorf("%v", at)
	}
}

func TestTemplates(t *testing.T) {
	yaml := "Resources:\n  Files: # ours\n    Type: AWS::S3::Bucket\n    Properties:\n      ReplicationConfiguration:\n        Rules:\n          - Id: one\n          - Id: two\n            Destination:\n              Bucket: !GetAtt Copy.Arn\n  Copy: {Type: AWS::S3::Bucket}\n"
	dir := write(t, map[string]string{
		"app.yaml":                    yaml,
		"data.json":                   "{\"Resources\": {\n  \"Table\": {\n    \"Type\": \"x\",\n \"Table2\": 1},\n  \"Table2\": {}\n}}",
		"cdk.out/manifest.json":       `{"artifacts":{"Prod":{"type":"aws:cloudformation:stack","properties":{"templateFile":"Prod.template.json","stackName":"prod-eu"}},"stage":{"type":"cdk:cloud-assembly","properties":{"directoryName":"stage"}},"bad":{"type":"aws:cloudformation:stack","properties":{"templateFile":"../app.yaml"}}}}`,
		"cdk.out/Prod.template.json":  "{\n\"Resources\": {\n\"Queue\": {}}}",
		"cdk.out/stage/manifest.json": `{"artifacts":{"Inner":{"type":"aws:cloudformation:stack","properties":{"templateFile":"i.json"}}}}`,
		"cdk.out/stage/i.json":        "{\n\n\"Resources\": {\"Queue\": {}}}",
		"bomb.yaml":                   "a: &a [x]\nb: &b [*a,*a]\nResources: *b\n",
		"deep.json":                   strings.Repeat("[", 100_000),
	})
	var inputs []Input
	for _, name := range []string{"app.yaml", "data.json", "cdk.out", "bomb.yaml", "deep.json", "missing.json"} {
		inputs = append(inputs, Input{Name: name, Path: filepath.Join(dir, name)})
	}
	f := New(inputs, "", "", dir)
	for _, c := range []struct {
		address, attribute, file string
		line                     int
	}{
		{"app/Files", "", "app.yaml", 2},
		{"app/Files", "ReplicationConfiguration.Rules[1].Destination.Bucket", "app.yaml", 10},
		{"app/Files", "ReplicationConfiguration.Rules[1].Priority", "app.yaml", 8},
		{"app/Files", "ReplicationConfiguration.Rules[9]", "app.yaml", 6},
		{"app.yaml:app/Copy", "", "app.yaml", 11},
		{"data/Table", "", "data.json", 2},
		{"app/Files@eu-west-1/Inner", "", "app.yaml", 2}, // of a stack set or a nested stack: where that is declared
		{"app/Copy/Inner/Deeper", "", "app.yaml", 11},
		{"data/Table2", "", "data.json", 5},
		{"prod-eu/Queue", "", "cdk.out/Prod.template.json", 3},
		{"Inner/Queue", "", "cdk.out/stage/i.json", 3},
		{"named-by-a-flag/Table", "", "data.json", 2}, // only one template has it
		{"unknown/Queue", "", "", 0},                  // two have it
	} {
		at, ok := f.Declared(c.address, c.attribute)
		if at != (residency.Location{File: c.file, Line: c.line}) || ok != (c.line > 0) {
			t.Errorf("%s %s: %v %v, want %s:%d", c.address, c.attribute, at, ok, c.file, c.line)
		}
	}
	if at := f.Input("cdk.out"); at.File != "cdk.out/manifest.json" {
		t.Errorf("%v", at)
	}
	if at := f.Input("data.json"); at.File != "data.json" || at.Line != 1 {
		t.Errorf("%v", at)
	}
}
