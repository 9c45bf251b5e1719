package config

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode"
)

// FuzzParse asserts that whatever the file holds, the reader returns: either a configuration that holds together or a refusal
// of one line with its place.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/contract.yaml", "testdata/every_key.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, table := range refusals {
		for _, c := range table {
			f.Add([]byte(c.text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("domicile.yaml", data, shippedZones)
		if err != nil {
			requireOneLine(t, err)
			return
		}
		requireWhole(t, c)
		again, err := Parse("domicile.yaml", data, shippedZones)
		if err != nil || !reflect.DeepEqual(c, again) {
			t.Errorf("read twice: %+v, then %+v, %v", c, again, err)
		}
	})
}

func requireOneLine(t *testing.T, err error) {
	t.Helper()
	var at *Error
	if !errors.As(err, &at) || at.Line < 1 || at.Column < 1 {
		t.Errorf("no place: %#v", err)
	}
	message := err.Error()
	if i := strings.IndexFunc(message, func(c rune) bool { return !unicode.IsPrint(c) }); i >= 0 || len(message) > 1000 {
		t.Errorf("not one short line: %q", message)
	}
}

func requireWhole(t *testing.T, c *Config) {
	t.Helper()
	known := map[string]bool{"none": true}
	for _, z := range c.Zones {
		if known[z.ID] || len(z.Regions) == 0 {
			t.Errorf("zone %+v", z)
		}
		known[z.ID] = true
		for _, region := range z.Regions {
			if !KnownRegion(region) || Partition(region) != Partition(z.Regions[0]) {
				t.Errorf("zone %q has region %q", z.ID, region)
			}
		}
	}
	if len(c.Zones) == 0 || len(c.Assign) == 0 {
		t.Errorf("%d zones, %d rules", len(c.Zones), len(c.Assign))
	}
	for _, r := range c.Assign {
		forms := 0
		for _, given := range []bool{r.ARN != "", r.TagKey != "", r.Account != "", r.OwnRegion} {
			if given {
				forms++
			}
		}
		finds := r.OwnRegion || r.TagKey != "" && r.TagValue == nil
		if forms != 1 || r.Line < 1 || finds != (r.Zone == "") || !finds && !known[r.Zone] {
			t.Errorf("rule %+v", r)
		}
		if r.Zone == "none" && (strings.TrimSpace(r.Reason) == "" || strings.TrimSpace(r.Owner) == "") {
			t.Errorf("rule %+v", r)
		}
	}
}
