package plan

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func readFolder(dir fs.FS, o Options) (string, error) {
	c, err := Read([]Input{{Name: "cdk.out", Dir: dir}}, o, "aws", someRegions, nil)
	if err != nil {
		return "", err
	}
	return dump(c)
}

// TestAssemblies: what cdk synth wrote for an app of two regions, by CDK's two ways to refer from one to the other.
func TestAssemblies(t *testing.T) {
	for _, name := range []string{"cdk.out-two-regions", "cdk.out-weak-references"} {
		t.Run(name, func(t *testing.T) {
			got, err := readFolder(os.DirFS(filepath.Join("testdata", name)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name, got)
			for _, want := range []string{
				"replica in us-east-1 of 111111111111 at acme-us/CopiesA993ADEE by acme-eu/Files8E6940B8",
				"log in eu-west-1 of 111111111111 at acme-eu/Logs6819BB44 by acme-eu/InnerNestedStackInnerNestedStackResource745E041B/Files8E6940B8",
			} {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
	}
}

// TestAssemblyWithoutEnvironment: what no app says is the user's to say, and never guessed.
func TestAssemblyWithoutEnvironment(t *testing.T) {
	stack := func(environment string) string {
		return `{"type":"aws:cloudformation:stack","environment":"` + environment + `","properties":{"templateFile":"a.json"}}`
	}
	dir := fstest.MapFS{
		"manifest.json": {Data: []byte(`{"version":"55.0.0","artifacts":{"Anywhere":` + stack("aws://unknown-account/unknown-region") + `,"Eu":` + stack("aws://111111111111/eu-west-1") + `}}`)},
		"a.json":        {Data: []byte(`{"Resources":{"B":{"Type":"AWS::S3::Bucket"}}}`)},
	}
	for _, tt := range []struct {
		options Options
		want    []string
	}{
		{Options{}, []string{"Anywhere/B · s3.bucket · region - · account -", "primary in ? by stack Anywhere has no region in its app: give env there, or --region", "Eu/B · s3.bucket · region eu-west-1 · account 111111111111"}},
		{Options{Region: "eu-central-1", Account: "333333333333"}, []string{"Anywhere/B · s3.bucket · region eu-central-1 · account 333333333333", "Eu/B · s3.bucket · region eu-west-1 · account 111111111111"}},
	} {
		got, err := readFolder(dir, tt.options)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
	}
}

func TestBadAssemblies(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	const oneStack = `{"version":"1","artifacts":{"A":{"type":"aws:cloudformation:stack","environment":"aws://1/eu-west-1","properties":{"templateFile":"a.json"}}}}`
	for _, tt := range []struct {
		name, want string
		dir        fstest.MapFS
	}{
		{"no assembly", "is a folder without manifest.json", fstest.MapFS{"main.tf": file("")}},
		{"another manifest", "is not the manifest of a cloud assembly", fstest.MapFS{"manifest.json": file(`{"name":"web app"}`)}},
		{"cut off", "manifest.json: line 2: no valid JSON: it ends in the middle", fstest.MapFS{"manifest.json": file("{\"version\":\n\"1\",")}},
		{"no template", "stack A: open a.json: file does not exist", fstest.MapFS{"manifest.json": file(oneStack)}},
		{"bad template", `stack A: a.json: line 1: no valid JSON`, fstest.MapFS{"manifest.json": file(oneStack), "a.json": file(`{"Resources":{]`)}},
		{"outside", "lies outside the assembly", fstest.MapFS{"manifest.json": file(strings.Replace(oneStack, "a.json", "../a.json", 1))}},
		{"in itself", "lies in a folder that is not inside", fstest.MapFS{"manifest.json": file(`{"version":"1","artifacts":{"A":{"type":"cdk:cloud-assembly","properties":{"directoryName":"."}}}}`)}},
		{"stage is missing", "the assembly is not complete", fstest.MapFS{"manifest.json": file(`{"version":"1","artifacts":{"A":{"type":"cdk:cloud-assembly","properties":{"directoryName":"x"}}}}`)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readFolder(tt.dir, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, tt.want)
			}
		})
	}
}
