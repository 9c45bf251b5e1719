package policies

import (
	"bytes"
	"path"
	"testing"

	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/format"
)

// The bundle is one that OPA reads, the same at each writing, in OPA's form, and holds no test.
func TestWriteBundle(t *testing.T) {
	e := load(t, Shipped(), policy(custom+sets))
	var first, second bytes.Buffer
	if err := e.WriteBundle(&first); err != nil {
		t.Fatal(err)
	}
	if err := e.WriteBundle(&second); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two writings differ")
	}
	read, err := bundle.NewReader(&first).Read()
	if err != nil {
		t.Fatal(err)
	}
	if read.Manifest.Revision != e.Digest() || len(*read.Manifest.Roots) != 3 {
		t.Errorf("manifest %+v", read.Manifest)
	}
	if len(read.Modules) != len(pinned)+1+2+4 { // controls, the test's own, lib, the entry
		t.Errorf("%d modules", len(read.Modules))
	}
	for _, m := range read.Modules {
		want, err := format.Source(m.Path, m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if path.Dir(m.Path) == "/domicile" && !bytes.Equal(want, m.Raw) {
			t.Errorf("%s is not in the form of opa fmt:\n%s", m.Path, want)
		}
	}
}
