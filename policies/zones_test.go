package policies

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestShippedZones(t *testing.T) {
	zones, err := Zones()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("testdata/regions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			known = append(known, strings.TrimSpace(line))
		}
	}
	files, err := os.ReadDir("zones")
	if err != nil {
		t.Fatal(err)
	}
	if len(zones) != len(files) {
		t.Errorf("%d zones from %d files", len(zones), len(files))
	}
	owner := map[string]string{}
	for id, z := range zones {
		if z.ID != id || z.Name == "" || !z.Promise {
			t.Errorf("zone %q is %+v", id, z)
		}
		for _, region := range z.Regions {
			if !slices.Contains(known, region) {
				t.Errorf("zone %q: AWS has no region %q", id, region)
			}
			if other := owner[region]; other != "" {
				t.Errorf("zones %q and %q share region %q: both could not be taken with a {region: own} line", id, other, region)
			}
			owner[region] = id
		}
	}
	for id, region := range map[string]string{
		"eu": "eu-west-1", "au": "ap-southeast-2", "us": "us-east-1", "uk": "eu-west-2", "de": "eu-central-1", "ch": "eu-central-2",
	} {
		if !slices.Equal(zones[id].Regions, []string{region}) {
			t.Errorf("zone %q has regions %q, want only %q", id, zones[id].Regions, region)
		}
	}
}

func TestZoneFiles(t *testing.T) {
	const good = "id: xx\nname: Testland\nregions: [test-region-1]\nsources: [https://example.org/rule]\n"
	tests := []struct{ name, text, want string }{
		{"good", good, ""},
		{"no promise", good + "promise: false\n", ""},
		{"unknown field", good + "region: [x]\n", `unknown field "region"`},
		{"wrong type", strings.Replace(good, "[test-region-1]", "test-region-1", 1), "cannot unmarshal string"},
		{"other id", strings.Replace(good, "id: xx", "id: yy", 1), `id "yy": want that of the file's name`},
		{"no regions", strings.Replace(good, "[test-region-1]", "[]", 1), "regions is missing"},
		{"no name", strings.Replace(good, "name: Testland\n", "", 1), "name is missing"},
		{"no sources", strings.Replace(good, "sources: [https://example.org/rule]\n", "", 1), "sources is missing"},
		{"empty", "", "id \"\""},
		{"no YAML", "id: [", "zones/xx.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			zones, err := readZones(fstest.MapFS{"zones/xx.yaml": {Data: []byte(tt.text)}})
			if tt.want == "" {
				if err != nil || zones["xx"].Promise == strings.Contains(tt.text, "promise: false") {
					t.Errorf("got %+v, %v", zones, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := readZones(fstest.MapFS{"zones/none.yaml": {Data: []byte(strings.Replace(good, "xx", "none", 1))}}); err == nil {
		t.Error("the reserved id none was taken")
	}
}
