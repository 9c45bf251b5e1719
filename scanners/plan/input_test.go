package plan

import (
	"bytes"
	"encoding/binary"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// TestBadInputs: one line each, which names the input, the place where there is one, and the cure.
func TestBadInputs(t *testing.T) {
	deepYAML := "Resources: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 8 {
		c, p := string(rune('b'+i)), string(rune('a'+i))
		bomb += c + ": &" + c + " [*" + strings.TrimSuffix(strings.Repeat(p+",*", 10), ",*") + "]\n"
	}
	for _, tt := range []struct{ name, file, data, want string }{
		{"empty", "p.json", "", "is empty"},
		{"only space", "p.json", " \n\t", "is empty"},
		{"only a mark", "p.json", "\xef\xbb\xbf", "is empty"},
		{"cut off", "p.json", `{"format_version":"1.2",` + "\n" + `"resource_changes":[{"address":`, "line 2: no valid JSON: it ends in the middle: is it cut off?"},
		{"cut off early", "p.json", `{"format_version":`, "no valid JSON: it ends in the middle"},
		{"template cut off", "t.json", "{\n\"Resources\": {\"B\": {", "line 2: no valid JSON: it ends in the middle"},
		{"more behind", "p.json", `{"format_version":"1.2","resource_changes":[]}` + "\n{}", "more follows after the end of the JSON"},
		{"broken", "t.json", "{\"Resources\": {\n\"B\" 1}}", "line 2: no valid JSON: "},
		{"twice", "t.json", "{\"Resources\": {\"B\": {},\n\"B\": {}}}", `line 2: no valid JSON: "B" stands twice in one object`},
		{"state", "terraform.tfstate", `{"version":4,"terraform_version":"1.9.0","serial":3,"lineage":"x","outputs":{},"resources":[]}`, "is a Terraform state, not a plan: give what terraform show -json PLANFILE prints"},
		{"state shown", "s.json", `{"format_version":"1.0","terraform_version":"1.9.0","values":{"root_module":{}}}`, "is a Terraform state, not a plan"},
		{"log", "l.json", `{"@level":"info","@message":"Terraform 1.9.0"}` + "\n" + `{"@level":"info"}`, "is the log of terraform plan -json, not the plan"},
		{"binary plan", "tfplan", "PK\x03\x04rest", "is a binary plan: give what terraform show -json PLANFILE prints"},
		{"Terraform's language", "main.tf", "resource \"aws_s3_bucket\" \"b\" {}\n", "is Terraform's own language"},
		{"a later format", "p.json", `{"format_version":"2.0","resource_changes":[]}`, `is of format_version "2.0": this version reads plans of 0.1 to 1.2`},
		{"a word of a plan's", "x.json", `{"configuration":{"name":"x"}}`, "has no format_version, so it is no Terraform plan"},
		{"other JSON", "x.json", `{"name":"x"}`, "is neither a Terraform plan nor a CloudFormation template"},
		{"not a text", "x.bin", "\x7fELF\x02\x01\x01\x00\x00", "is neither a Terraform plan nor a CloudFormation template"},
		{"UTF-32", "x.json", "\xff\xfe\x00\x00{\x00\x00\x00", "is neither a Terraform plan nor a CloudFormation template"},
		{"a list", "x.json", `[1]`, "is neither a Terraform plan nor a CloudFormation template"},
		{"a text", "x.txt", "hello\n", "is neither a Terraform plan nor a CloudFormation template"},
		{"no resources", "t.yaml", "Parameters: {}\n", "is neither a Terraform plan nor a CloudFormation template"},
		{"manifest", "manifest.json", `{"version":"55.0.0","artifacts":{}}`, "is part of a cloud assembly: give the folder that it lies in"},
		{"another format version", "t.yaml", "AWSTemplateFormatVersion: 2010-09-09-OC\nResources: {}\n", "CloudFormation knows only 2010-09-09"},
		{"two documents", "t.yaml", "Resources: {}\n---\nResources: {}\n", "line 2: a second YAML document"},
		{"broken YAML", "t.yaml", "Resources:\n  B: [\n", "line 2: did not find expected node content"},
		{"twice in YAML", "t.yaml", "Resources:\n  B: {}\n  B: {}\n", "line 3: B stands twice in one mapping"},
		{"no UTF-8", "t.yaml", "Resources:\n  B: \xff\xff\n", "line 2: not UTF-8"},
		{"no UTF-8 in JSON", "t.json", "{\"Resources\":\n{\"\xff\xff\": 1}}", "line 2: no valid JSON: invalid UTF-8"},
		{"half UTF-16", "t.yaml", "\xff\xfeR\x00e", "is UTF-16 with half a character at its end"},
		{"alias loop", "t.yaml", "Resources: &a\n  B: *a\n", "line 2: alias *a lies in what it stands for"},
		{"bomb", "t.yaml", bomb + "Resources: *i\n", "expand to more than 500000 values"},
		{"deep YAML", "t.yaml", deepYAML, "objects and lists lie more than 200 deep in each other"},
		{"deep JSON", "t.json", `{"Resources":` + strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5001), "objects and lists lie more than 200 deep in each other"},
		{"deep plan", "p.json", `{"format_version":"1.2","variables":{"x":{"value":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}},"resource_changes":[]}`, "objects and lists lie more than 200 deep in each other"},
		{"key that is no text", "t.yaml", "Resources:\n  [a]: b\n", "line 2: a key that is not a plain text"},
		{"too large", "t.yaml", "Resources: {}\n#" + strings.Repeat("x", maxTemplate), "has 16 MB: a CloudFormation template has 1 MB at most"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readText(tt.file, tt.data, Options{})
			if err == nil {
				t.Fatalf("read as\n%s", got)
			}
			if msg := err.Error(); !strings.HasPrefix(msg, tt.file+": ") || !strings.Contains(msg, tt.want) || strings.Contains(msg, "\n") || len(msg) > 400 {
				t.Errorf("got  %s\nwant one line with %s", msg, tt.want)
			}
		})
	}
}

// wideText writes a text as PowerShell's > does.
func wideText(s string, order binary.AppendByteOrder, mark bool) []byte {
	var out []byte
	if mark {
		out = order.AppendUint16(out, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

// TestEncodings: a plan and a template come to the same in every encoding.
func TestEncodings(t *testing.T) {
	for _, file := range []string{"testdata/tfplan/001_bridgecrewio__checkov__resources_plan_tags_tfplan.json", "testdata/cfn/017_aws-cloudformation__rain__bucket_bucket.yaml"} {
		plain, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := readText("x.yaml", string(plain), Options{Region: "eu-west-1"})
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{
			"UTF-8 with a mark":      append([]byte("\xef\xbb\xbf"), plain...),
			"UTF-16 LE":              wideText(string(plain), binary.LittleEndian, true),
			"UTF-16 BE":              wideText(string(plain), binary.BigEndian, true),
			"UTF-16 LE without mark": wideText(string(plain), binary.LittleEndian, false),
			"UTF-16 BE without mark": wideText(string(plain), binary.BigEndian, false),
		} {
			if got, err := readText("x.yaml", string(data), Options{Region: "eu-west-1"}); err != nil || got != want {
				t.Errorf("%s in %s: %v\n%s", filepath.Base(file), name, err, got)
			}
		}
	}
}

// TestWide reads a text over several pieces, with pairs of surrogates where pieces meet.
func TestWide(t *testing.T) {
	var b strings.Builder
	for i := range 60_000 {
		b.WriteString("😀é" + strconv.Itoa(i))
	}
	for _, lead := range []string{"", "x"} {
		want := lead + b.String()
		data := wideText(want, binary.LittleEndian, true)
		in, err := Input{Data: bytes.NewReader(data), Size: int64(len(data))}.utf8()
		if err != nil {
			t.Fatal(err)
		}
		if in.Size != int64(len(want)) {
			t.Errorf("size %d, want %d", in.Size, len(want))
		}
		if err := iotest.TestReader(io.NewSectionReader(in.Data, 0, in.Size), []byte(want)); err != nil {
			t.Error(err)
		}
	}
}

func TestYAML(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{"a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", "{a={b=1 c=2} d={b=1 c=3}}"},
		{"a: &x {b: 1}\ny: &y {b: 2, c: 3}\nd: {<<: [*x, *y]}", "{a={b=1} d={b=1 c=3} y={b=2 c=3}}"},
		{"a: True\nb: ~\nc: 012345678901\nd: 2010-09-09\ne: 'yes'\nf: yes\ng: 1e3", "{a=true b=nothing c=012345678901 d=2010-09-09 e=yes f=yes g=1e3}"},
		{"a: !Ref X\nb: !GetAtt X.Arn\nc: !Sub [a, {b: !Ref C}]\nd: !Condition Y", "{a={Ref=X} b={Fn::GetAtt=X.Arn} c={Fn::Sub=[a | {b={Ref=C}}]} d={Condition=Y}}"},
		{"a: !!str 5", "{a=5}"},
		{"a: |\n  x\n  y\n", "{a=x\ny\n}"},
		{"{\"a\":\t[1, 2,],}", "{a=[1 | 2]}"},
	} {
		v, _, err := readYAML([]byte(tt.yaml))
		if got := told(v); err != nil || got != tt.want {
			t.Errorf("%q: got %s, %v, want %s", tt.yaml, got, err, tt.want)
		}
	}
}

func TestReadParameters(t *testing.T) {
	want := map[string]string{"Stage": "prod", "Zones": "a,b"}
	for _, s := range []string{
		`[{"ParameterKey":"Stage","ParameterValue":"prod"},{"ParameterKey":"Zones","ParameterValue":"a,b"}]`,
		`["Stage=prod","Zones=a,b"]`,
		`{"Parameters":{"Stage":"prod","Zones":"a,b"},"Tags":{"x":"y"}}`,
		`{"Stage":"prod","Zones":["a","b"]}`,
		"Stage: prod\nZones: a,b\n",
		"- ParameterKey: Stage\n  ParameterValue: prod\n- ParameterKey: Zones\n  ParameterValue: a,b\n",
		string(wideText(`{"Stage":"prod","Zones":"a,b"}`, binary.LittleEndian, true)),
	} {
		if got, err := ReadParameters([]byte(s)); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: got %v, %v", s, got, err)
		}
	}
	for s, want := range map[string]string{
		``:              "is empty",
		`{"Stage":`:     "line 1: no valid JSON: it ends in the middle",
		`3`:             "holds no parameters",
		`[{"Key":"a"}]`: "entry 1 of the list has no ParameterKey",
		`[{"ParameterKey":"Stage","UsePreviousValue":true}]`: "parameter Stage keeps its previous value, which is not in the file",
		`["A=1","A=2"]`:   "parameter A is given twice",
		`{"A":{"b":"c"}}`: "parameter A has a value that is neither a text nor a list",
	} {
		if _, err := ReadParameters([]byte(s)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", s, err, want)
		}
	}
}

// fuzzed reads an input twice: it must not fail otherwise than by an error of one line, and come to the same both times.
func fuzzed(t *testing.T, name string, data []byte) {
	t.Helper()
	o := Options{Region: "eu-west-1"}
	first, err := readText(name, string(data), o)
	second, again := readText(name, string(data), o)
	switch {
	case (err == nil) != (again == nil) || first != second:
		t.Errorf("read twice, not the same:\n%s\n%v\n%s\n%v", first, err, second, again)
	case err != nil && (strings.Contains(err.Error(), "\n") || err.Error() != again.Error()):
		t.Errorf("not one line, or not the same: %v, %v", err, again)
	}
}

func seed(f *testing.F, pattern string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatal("no test data", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 20_000 {
			f.Add(data)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	seed(f, "testdata/cfn/*.y*ml")
	seed(f, "testdata/cfn/*.json")
	f.Add([]byte("Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::A: [X, [a, b], {'R${X}': {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'x-${X}'}}}]\n"))
	f.Add([]byte("a: &a [x]\nResources: {B: {Type: AWS::S3::Bucket, Properties: {Tags: *a, BucketName: !If [C, !Ref B, !Ref B]}}}\nConditions: {C: !And [!Condition C, !Condition C]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) { fuzzed(t, "t.yaml", data) })
}

func FuzzPlan(f *testing.F) {
	seed(f, "testdata/tfplan/*.json")
	f.Add(wideText(`{"format_version":"1.2","resource_changes":[]}`, binary.LittleEndian, true))
	f.Fuzz(func(t *testing.T, data []byte) { fuzzed(t, "p.json", slices.Clone(data)) })
}
