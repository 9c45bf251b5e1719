package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// TestMarshal: what is written is read again as the same, whatever its strings look like.
func TestMarshal(t *testing.T) {
	hostile := `version: 1
zones: {"yes": {name: "a: # {x} \" \\ \n é 😀 <&>", regions: [eu-west-1], promise: false}, us: {regions: [us-east-1]}}
assign: [{tag: {key: "null", value: ""}, zone: us}, {arn: "arn:*", zone: none, reason: "~", owner: "- 1"}]
aws: {accounts: ["000000000001"], role: "12"}
waivers: "true"
`
	for name, want := range map[string]*Config{"every key": load(t, "every_key.yaml"), "contract": load(t, "contract.yaml"), "hostile": mustParse(t, hostile)} {
		got, err := Parse(name, want.Marshal(), nil)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, want.Marshal())
			continue
		}
		left := cmpopts.IgnoreFields(Config{}, "Raw", "Signing", "Evidence", "Log", "Timestamp", "Schedule", "History", "Events", "Notify", "Register")
		if diff := cmp.Diff(want, got, left, cmpopts.IgnoreFields(residency.Rule{}, "Line"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func mustParse(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse("x.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMarshalWaivers(t *testing.T) {
	want, err := parseWaivers(sound)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseWaivers(string(MarshalWaivers(want.Waivers)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Waivers, got.Waivers); diff != "" {
		t.Error(diff)
	}
	if none, err := parseWaivers(string(MarshalWaivers(nil))); err != nil || len(none.Waivers) > 0 {
		t.Error(none, err)
	}
}
