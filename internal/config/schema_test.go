package config

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bySchema is what the schema says of a YAML file.
func bySchema(t *testing.T, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	converted, err := yaml.YAMLToJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(converted))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(document)
}

func TestSchemaTakesExamples(t *testing.T) {
	s := compiledSchema(t)
	for _, path := range []string{"testdata/contract.yaml", "testdata/every_key.yaml", "../../fixtures/three-zones/domicile.yaml",
		"../../cmd/domicile/testdata/estate/domicile.yaml", "../live/testdata/domicile.yaml", "../live/testdata/cdk/domicile.yaml"} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := bySchema(t, s, data); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compiledSchema(t)
	const sound = "version: 1\nzones: {eu: {regions: [eu-west-1]}}\nassign: [{tag: data-residency}]\n"
	if err := bySchema(t, s, []byte(sound)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"no zones":        "version: 1\nassign: [{region: own}]\n",
		"version":         strings.Replace(sound, "version: 1", "version: 2", 1),
		"unknown key":     sound + "asign: []\n",
		"unknown region":  strings.Replace(sound, "eu-west-1", "eu-west-9", 1),
		"zone none":       strings.Replace(sound, "eu:", "none:", 1),
		"no regions":      strings.Replace(sound, "[eu-west-1]", "[]", 1),
		"two forms":       strings.Replace(sound, "{tag: data-residency}", `{tag: data-residency, arn: "arn:*"}`, 1),
		"none, no reason": strings.Replace(sound, "{tag: data-residency}", `{arn: "arn:*", zone: none}`, 1),
		"short account":   sound + "aws: {accounts: [\"123\"]}\n",
		"two keys":        sound + "signing: {key_file: a, kms_key: b}\n",
		"mode of a dir":   sound + "evidence: {eu: {dir: a, mode: governance}}\n",
		"half a year":     sound + "evidence: {eu: {bucket: a, retention_years: 0.5}}\n",
		"no cron":         sound + "schedule: {timezone: UTC}\n",
		"no type":         sound + "notify: [{url: \"https://example.org\"}]\n",
		"another's key":   sound + "notify: [{type: slack, url_env: A, secret_env: B}]\n",
		"two addresses":   sound + "notify: [{type: slack, url_env: A, url_file: B}]\n",
		"two secrets":     sound + "notify: [{type: webhook, url_env: A, secret_env: B, secret_file: C}]\n",
		"secret":          sound + "notify: [{type: webhook, url_env: A, secret: B}]\n",
		"value as name":   sound + "notify: [{type: webhook, url_env: \"https://example.org\"}]\n",
		"no topic":        sound + "notify: [{type: sns, topic: residency}]\n",
		"mail to nobody":  sound + "notify: [{type: smtp, host: a, from: b@c, to: []}]\n",
		"lone password":   sound + "notify: [{type: smtp, host: a, from: b@c, to: [d@e], password_env: F}]\n",
		"port":            sound + "notify: [{type: smtp, host: a, from: b@c, to: [d@e], port: 65536}]\n",
	} {
		if bySchema(t, s, []byte(text)) == nil {
			t.Errorf("%s: the schema takes it", name)
		}
		if _, err := Parse(name, []byte(text), nil); err == nil {
			t.Errorf("%s: Parse takes it", name)
		}
	}
}

// TestSchemaKnowsEveryKey compares the mappings of the schema with those that the reader's source asks for: a key that the one
// learns, the other must.
func TestSchemaKnowsEveryKey(t *testing.T) {
	read := readersKeys(t)
	var tree any
	if err := json.Unmarshal(schema, &tree); err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	schemaKeys(tree, written)
	if got, want := slices.Sorted(maps.Keys(written)), slices.Sorted(maps.Keys(read)); !slices.Equal(got, want) || len(got) < 15 {
		t.Errorf("the schema's mappings\n%s\nthe reader's\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// readersKeys finds the known keys in every call of fields and section.
func readersKeys(t *testing.T) map[string]bool {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "waivers.go" { // another file's keys
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			called, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || called.Sel.Name != "fields" && called.Sel.Name != "section" || call.Ellipsis.IsValid() {
				return true
			}
			var keys []string
			for _, arg := range call.Args[2:] {
				if literal, ok := arg.(*ast.BasicLit); ok {
					key, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					keys = append(keys, key)
				}
			}
			slices.Sort(keys)
			sets[strings.Join(keys, " ")] = len(keys) > 0
			return true
		})
	}
	delete(sets, "")
	return sets
}

func schemaKeys(node any, sets map[string]bool) {
	switch n := node.(type) {
	case map[string]any:
		if properties, ok := n["properties"].(map[string]any); ok && n["type"] == "object" {
			sets[strings.Join(slices.Sorted(maps.Keys(properties)), " ")] = true
		}
		for _, child := range n {
			schemaKeys(child, sets)
		}
	case []any:
		for _, child := range n {
			schemaKeys(child, sets)
		}
	}
}
