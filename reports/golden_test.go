package reports

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds every format of the registry to its file, for every scenario; the table at each of its widths.
func TestGolden(t *testing.T) {
	for _, s := range scenarios() {
		for _, f := range All() {
			switch f.Name {
			case "pdf", "html":
				continue // TestPDFText and TestHTMLGolden look at what they say
			case "package":
				continue // is made of a kept run, and a scenario is none
			}
			widths := []int{0}
			if f.Name == "table" {
				widths = []int{80, 100, 200}
			}
			for _, width := range widths {
				name := s.name + f.Ext
				if f.Name == "oscal" {
					if s.name == "story" {
						continue // of 1.4 MB: TestOSCALGolden has one to be read
					}
					name = s.name + ".oscal" + f.Ext // beside that of json
				}
				if width > 0 {
					name = fmt.Sprintf("%s.%d%s", s.name, width, f.Ext)
				}
				t.Run(name, func(t *testing.T) {
					var got bytes.Buffer
					if err := f.Write(&got, s.report(width, false)); err != nil {
						t.Fatal(err)
					}
					compareGolden(t, name, got.Bytes())
				})
			}
		}
		t.Run(s.name+".summary.json", func(t *testing.T) {
			var got bytes.Buffer
			if err := WriteSummary(&got, s.summary); err != nil {
				t.Fatal(err)
			}
			compareGolden(t, s.name+".summary.json", got.Bytes())
		})
	}
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
