//go:build live

package live

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// cdkMechanism is one way in which data leaves, as app-mechanisms.js makes it: Holder is what holds the data, in one of the three stacks;
// Control judges it by placements of Role, which By declares (the holder itself, where it is empty). Row is the egress catalogue's service and kind.
type cdkMechanism struct {
	Row, Holder, Control, Role, By string
	Home, Moved, There             map[string]any
}

// in is the stack that holds the data.
func (m cdkMechanism) in() string {
	for stack, resources := range map[string]map[string]any{"acme-home/": m.Home, "acme-moved/": m.Moved, "acme-there/": m.There} {
		if resources[m.Holder] != nil {
			return stack
		}
	}
	return ""
}

// declared reports whether a placement is the one that the mechanism makes in a region.
func (m cdkMechanism) declared(p residency.Placement, region string) bool {
	by := m.By
	if by == "" {
		by = m.Holder
	}
	return string(p.Role) == m.Role && p.Region == region && (m.Home == nil || strings.Contains(p.Via, "/"+by+" "))
}

// cdkMechanisms are all of them, and the rows of the catalogue that have none, with the reason.
func cdkMechanisms(t *testing.T) (all []cdkMechanism, exempt map[string]string) {
	t.Helper()
	data, err := os.ReadFile("testdata/cdk/mechanisms.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Mechanisms []cdkMechanism
		Exempt     map[string]string
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.Mechanisms, file.Exempt
}

// TestCDKCatalogue: every row of tier 1 that has a CloudFormation type has a mechanism, or a reason why not.
func TestCDKCatalogue(t *testing.T) {
	all, exempt := cdkMechanisms(t)
	file, err := os.Open("../../scanners/plan/testdata/egress-catalogue.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tier, service, kind, typ := slices.Index(lines[0], "tier"), slices.Index(lines[0], "service"), slices.Index(lines[0], "resource_kind"), slices.Index(lines[0], "cfn_type")
	rows := map[string]bool{}
	for _, line := range lines[1:] {
		row := line[service] + ", " + line[kind]
		if line[tier] != "1" || line[typ] == "" {
			continue
		}
		rows[row] = true
		of := slices.DeleteFunc(slices.Clone(all), func(m cdkMechanism) bool { return m.Row != row })
		if (len(of) > 0) == (exempt[row] != "") {
			t.Errorf("%s: %d mechanisms, exempt because %q", row, len(of), exempt[row])
		}
		if len(of) > 0 && !slices.ContainsFunc(of, func(m cdkMechanism) bool { return m.makes(line[typ]) }) {
			t.Errorf("%s: none makes a %s", row, line[typ])
		}
	}
	for _, m := range all {
		if !rows[m.Row] {
			t.Errorf("%s: no row %q in the catalogue", m.Holder, m.Row)
		}
	}
	for row := range exempt {
		if !rows[row] {
			t.Errorf("exempt: no row %q in the catalogue", row)
		}
	}
}

// makes reports whether the mechanism has a resource of a type.
func (m cdkMechanism) makes(typ string) bool {
	for _, resources := range []map[string]any{m.Home, m.Moved, m.There} {
		for _, r := range resources {
			if r.(map[string]any)["Type"] == typ {
				return true
			}
		}
	}
	return false
}

// TestCDKMechanisms: each mechanism stays inside, leaves for the right region, and goes where nobody can know.
func TestCDKMechanisms(t *testing.T) {
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	all, _ := cdkMechanisms(t)
	for region, outcome := range map[string]residency.Outcome{"eu-central-1": residency.Pass, "us-east-1": residency.Fail, "": residency.Unknown} {
		t.Run(string(outcome), func(t *testing.T) {
			cmd := exec.Command(program, "check", "--config", "testdata/cdk/domicile-mechanisms.yaml", "-o", "ndjson", "--passes", "--exit-zero",
				synthesize(t, "app-mechanisms.js", "DESTINATION="+region))
			var problems bytes.Buffer
			cmd.Stderr = &problems
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("check: %v\n%s", err, &problems)
			}
			verdicts := map[[2]string]residency.Verdict{}
			for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
				var v residency.Verdict
				if err := decoder.Decode(&v); err != nil {
					t.Fatal(err)
				}
				verdicts[[2]string{v.Resource, v.Control}] = v
			}
			for _, m := range all {
				v := verdicts[[2]string{m.in() + m.Holder, m.Control}]
				decides := func(p residency.Placement) bool { return m.declared(p, region) }
				if v.Outcome != outcome || outcome != residency.Pass && !slices.ContainsFunc(v.Placements, decides) {
					t.Errorf("%s%s, %s: %s %q by %+v, want %s for %s in %q", m.in(), m.Holder, m.Control, v.Outcome, v.Reason, v.Placements, outcome, m.Role, region)
				}
			}
		})
	}
}
