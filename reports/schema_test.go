package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// compile reads a schema that others wrote: see the NOTICE beside it.
func compile(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(path)
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
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, name string, data []byte) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := schema.Validate(document); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// everyReport is each scenario, a kept run, a period and one in which every name is hostile.
func everyReport() map[string]residency.Report {
	all := map[string]residency.Report{"kept": kept(), "period": period(), "hostile": hostileReport(), "hostile change": hostileChange()}
	for _, s := range scenarios() {
		all[s.name] = s.report(0, false)
	}
	return all
}

func TestSARIFSchema(t *testing.T) {
	schema := compile(t, "testdata/sarif/sarif-schema-2.1.0.json")
	for name, r := range everyReport() {
		for _, passes := range []bool{false, true} {
			r.Passes = passes
			var out bytes.Buffer
			if err := writeSARIF(&out, r); err != nil {
				t.Fatal(err)
			}
			validate(t, schema, name, out.Bytes())
		}
	}
}

// oscalFiles are all documents of a report by their names.
func oscalFiles(t *testing.T, r residency.Report) map[string][]byte {
	t.Helper()
	r.Base = "night run #1"
	var out bytes.Buffer
	if err := writeOSCAL(&out, r); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{r.Base + ".json": out.Bytes()}
	for _, s := range oscalSiblings(r) {
		var out bytes.Buffer
		if err := s.Write(&out); err != nil {
			t.Fatal(err)
		}
		if files[r.Base+s.Suffix] != nil {
			t.Fatalf("two files %q", s.Suffix)
		}
		files[r.Base+s.Suffix] = out.Bytes()
	}
	return files
}

func TestOSCALSchema(t *testing.T) {
	schema := compile(t, "testdata/oscal/oscal_complete_schema-1-2-2.json")
	for name, r := range everyReport() {
		for file, data := range oscalFiles(t, r) {
			validate(t, schema, name+": "+file, data)
		}
	}
}

// TestOSCALGolden holds all documents of a kept run with a few verdicts, indented for who reads them.
func TestOSCALGolden(t *testing.T) {
	r := kept()
	r.Verdicts = each(append(storyFails()[:6], storyRest()[:4]...))
	for name, data := range oscalFiles(t, r) {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, data, "", "  "); err != nil {
			t.Fatal(err)
		}
		name = strings.TrimPrefix(name, "night run #1.")
		if name == "json" {
			name = "results.json"
		}
		compareGolden(t, "oscal/"+name, pretty.Bytes())
	}
}

// TestOSCALLinks follows what the schema does not: each reference to a file, a part of one, or a uuid.
func TestOSCALLinks(t *testing.T) {
	for name, r := range everyReport() {
		files := oscalFiles(t, r)
		defined, ids := map[string]bool{}, map[string]map[string]bool{}
		for file, data := range files {
			ids[file] = map[string]bool{}
			walk(t, data, func(key, value string) {
				switch key {
				case "uuid":
					if defined[value] {
						t.Errorf("%s: %s: uuid %s stands twice", name, file, value)
					}
					defined[value] = true
				case "id":
					if ids[file][value] {
						t.Errorf("%s: %s: id %q stands twice", name, file, value)
					}
					ids[file][value] = true
				}
			})
		}
		for file, data := range files {
			walk(t, data, func(key, value string) {
				switch {
				case strings.HasSuffix(key, "-uuid") && !defined[value]:
					t.Errorf("%s: %s: %s %s is nowhere", name, file, key, value)
				case key == "target-id" || key == "objective-id":
					if !ids["night run #1.catalog-domicile.json"][value] {
						t.Errorf("%s: %s: %s %q is in no catalogue", name, file, key, value)
					}
				case key == "href" || key == "source":
					if err := follows(value, files, defined, ids); err != nil {
						t.Errorf("%s: %s: %v", name, file, err)
					}
				}
			})
		}
	}
}

func follows(reference string, files map[string][]byte, defined map[string]bool, ids map[string]map[string]bool) error {
	u, err := url.Parse(reference)
	switch {
	case err != nil:
		return err
	case u.Scheme == "urn":
		return nil // evidence of the run, with its digest
	case u.Path == "" && defined[u.Fragment]:
		return nil
	case u.IsAbs() || files[u.Path] == nil:
		return fmt.Errorf("%q leads to no file of the report", reference)
	case u.Fragment != "" && !ids[u.Path][u.Fragment]:
		return fmt.Errorf("%q leads to no part of the file", reference)
	}
	return nil
}

// walk visits each string of a JSON document with its key.
func walk(t *testing.T, data []byte, visit func(key, value string)) {
	t.Helper()
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	var descend func(key string, x any)
	descend = func(key string, x any) {
		switch x := x.(type) {
		case map[string]any:
			for k, v := range x {
				descend(k, v)
			}
		case []any:
			for _, v := range x {
				descend(key, v)
			}
		case string:
			visit(key, x)
		}
	}
	descend("", document)
}

// TestOSCALOutcomes holds what a reader of findings sees to what the run proved: never more.
func TestOSCALOutcomes(t *testing.T) {
	for _, tc := range []struct {
		name            string
		counts          map[residency.Outcome]int
		gaps            int
		state, reason   string
		remark, outcome string
	}{
		{"proved", map[residency.Outcome]int{residency.Pass: 3}, 0, "satisfied", "pass", "", "pass"},
		{"violated", map[residency.Outcome]int{residency.Pass: 3, residency.Fail: 1, residency.Unknown: 1}, 1, "not-satisfied", "fail", "", "fail"},
		{"unknown", map[residency.Outcome]int{residency.Pass: 3, residency.Unknown: 1}, 0, "not-satisfied", "other", "Not concluded: 1 unknown", "unknown"},
		{"gap elsewhere", map[residency.Outcome]int{residency.Pass: 3}, 2, "not-satisfied", "other", "Not concluded: 2 areas not examined", "unknown"},
		{"waived", map[residency.Outcome]int{residency.Pass: 3, residency.Waived: 1}, 0, "not-satisfied", "other", "waived", "waived"},
		{"nothing", map[residency.Outcome]int{}, 0, "not-satisfied", "other", "nothing in scope", "not_applicable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := emptyPass().summary
			s.Controls = map[string]map[residency.Outcome]int{"RES-001": tc.counts}
			s.Coverage.Gaps = make([]residency.RunGap, tc.gaps)
			o := &oscalWriter{oscal: newOSCAL(residency.Report{Summary: s}), related: map[string][]oscalRelated{"RES-001": {{"x"}}, "RUN-001": {{"x"}}}}
			f := o.findings(nil)[0]
			got := f.Target.Status
			if f.Target.ID != "res-001_obj" || got.State != tc.state || got.Reason != tc.reason || !strings.Contains(got.Remarks, tc.remark) || f.Props[0].Value != tc.outcome {
				t.Errorf("%+v %+v", f.Target, f.Props)
			}
		})
	}
}

// TestOSCALIsBounded groups what is beyond the bound and says how much it is.
func TestOSCALIsBounded(t *testing.T) {
	var ranged int
	write := func(n int) string {
		var out bytes.Buffer
		if err := writeOSCAL(&out, residency.Report{Controls: controls(), Verdicts: many(n, &ranged)}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	small, large, other := write(mostObservations), write(mostObservations+70), write(mostObservations+71)
	if strings.Contains(small, `"grouped"`) || !strings.Contains(large, "70 more verdicts of outcome `fail`, grouped") {
		t.Error("the bound is not told")
	}
	if grew := len(large) - len(small); grew > 2000 {
		t.Errorf("70 verdicts beyond the bound add %d bytes", grew)
	}
	digest := func(s string) string {
		_, after, ok := strings.Cut(s, "in the order of the run's verdicts: ")
		if !ok {
			t.Fatal("no digest")
		}
		return after[:66]
	}
	if digest(large) == digest(other) || digest(large) != digest(write(mostObservations+70)) {
		t.Error("the digest does not stand for what was grouped")
	}
}

func TestToken(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"CC6.7", "cc6.7"}, {"RES-001", "res-001"}, {"164.308(a)(8)", "_164.308-a-8"}, {"Art. 28(2), 28(4)", "art.-28-2-28-4"}, {"A&A-02", "a-a-02"},
		{"", "_"}, {"§", "_"}, {"../x y", "_..-x-y"}, {"cl. 9.1", "cl.-9.1"},
	} {
		if got := token(tc.in); got != tc.want {
			t.Errorf("token(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}
