package main

import (
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/reports"
)

// TestOutputsRefused holds what a terminal or a pipe is given to what it can take.
func TestOutputsRefused(t *testing.T) {
	for _, f := range reports.All() {
		for _, terminal := range []bool{true, false} {
			c := &common{system: &system{terminal: func(any) (int, bool) { return 80, terminal }}, formats: []string{f.Name}}
			_, err := c.outputs()
			want := ""
			switch {
			case f.Siblings != nil:
				want = "name the first (-o " + f.Name + "=FILE"
			case f.Binary && terminal:
				want = "is nothing for a terminal: name a file (-o " + f.Name + "=FILE"
			}
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s, terminal %v: %v, want %q", f.Name, terminal, err, want)
			}
		}
	}
	for _, name := range []string{"pdf", "package"} {
		if f, ok := reports.ByName(name); ok && !f.Binary {
			t.Errorf("%s could be written to a terminal", name)
		}
	}
}

func TestBase(t *testing.T) {
	oscal, ok := reports.ByName("oscal")
	if !ok {
		t.Fatal("there is no format oscal")
	}
	for _, tc := range []struct{ file, want string }{
		{"night.json", "night"}, {"a/b/night.json", "night"}, {"night", "night"}, {"night.xml", "night.xml"}, {"a.b.json", "a.b"},
	} {
		if got := base(output{oscal, tc.file}); got != tc.want {
			t.Errorf("base of %q is %q, want %q", tc.file, got, tc.want)
		}
	}
}
