package sbom

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// built is what the linker writes, as debug.BuildInfo prints it.
const built = `go	go1.26.8
path	github.com/seed-1578181b/domicile/cmd/domicile
mod	github.com/seed-1578181b/domicile	(devel)	
dep	example.org/b	v1.2.3	h1:bbb=
dep	example.org/a	v2.0.0+incompatible	h1:aaa=
dep	example.org/gone	v1.0.0
=>	example.org/fork	v1.0.1	h1:ccc=
build	-trimpath=true
build	CGO_ENABLED=0
build	GOARCH=arm64
build	GOOS=linux
build	vcs.revision=0123456789abcdef
build	vcs.time=2026-11-23T02:00:00Z
build	vcs.modified=false
`

func write(t *testing.T, info *debug.BuildInfo) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, info, "0.1.0"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type bill struct {
	SpecVersion  string
	SerialNumber string
	Metadata     struct {
		Timestamp string
		Component struct {
			Name, Version, Purl string
			Properties          []struct{ Name, Value string }
		}
	}
	Components   []struct{ Name, Version, Purl string }
	Dependencies []struct {
		Ref       string
		DependsOn []string
	}
}

func read(t *testing.T, data []byte) (b bill) {
	t.Helper()
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	return b
}

func TestWrite(t *testing.T) {
	info, err := debug.ParseBuildInfo(built)
	if err != nil {
		t.Fatal(err)
	}
	info.GoVersion = "go1.26.8"
	data := write(t, info)
	requireSchema(t, data)
	b := read(t, data)
	var got []string
	for _, c := range b.Components {
		got = append(got, c.Purl)
	}
	want := "pkg:golang/example.org/a@v2.0.0%2Bincompatible pkg:golang/example.org/b@v1.2.3 pkg:golang/example.org/fork@v1.0.1 pkg:golang/std@1.26.8"
	if strings.Join(got, " ") != want || strings.Join(b.Dependencies[0].DependsOn, " ") != want || b.Dependencies[0].Ref != "pkg:golang/github.com/seed-1578181b/domicile@0.1.0" {
		t.Errorf("%v, %+v", got, b.Dependencies)
	}
	if b.SpecVersion != "1.6" || b.Metadata.Timestamp != "2026-11-23T02:00:00Z" || b.Metadata.Component.Version != "0.1.0" || len(b.Metadata.Component.Properties) != 7 {
		t.Errorf("%+v", b)
	}
	if !strings.Contains(string(data), `"value": "h1:bbb="`) {
		t.Error("no sum")
	}
	if again := write(t, info); !bytes.Equal(data, again) {
		t.Error("the same program, another bill")
	}
	info.Deps[0].Version = "v1.2.4"
	if other := read(t, write(t, info)); other.SerialNumber == b.SerialNumber || len(b.SerialNumber) != len("urn:uuid:00000000-0000-0000-0000-000000000000") {
		t.Errorf("serial numbers %s and %s", b.SerialNumber, other.SerialNumber)
	}
}

// requireSchema checks a bill with CycloneDX's schema, which lies in the library's module.
func requireSchema(t *testing.T, data []byte) {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	for id, file := range map[string]string{"bom-1.6.schema.json": "bom-1.6.schema.json", "spdx.schema.json": "spdx.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schemax.json"} {
		f, err := os.Open(filepath.Join(strings.TrimSpace(string(dir)), "schema", file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		resource, err := jsonschema.UnmarshalJSON(f)
		if err == nil {
			err = c.AddResource("http://cyclonedx.org/schema/"+id, resource)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(document); err != nil {
		t.Errorf("%v in\n%s", err, data)
	}
}

func TestWriteOfNothing(t *testing.T) {
	for _, info := range []*debug.BuildInfo{nil, {}} {
		if err := Write(&bytes.Buffer{}, info, "0.1.0"); err == nil {
			t.Error("a bill of nothing")
		}
	}
}
