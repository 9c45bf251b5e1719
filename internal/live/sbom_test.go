//go:build live

package live

import (
	"debug/buildinfo"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// TestBillOfMaterials compares what the program says that it is made of with what the linker wrote into its file.
func TestBillOfMaterials(t *testing.T) {
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	linked := map[string]string{"std": strings.TrimPrefix(info.GoVersion, "go")}
	for _, m := range info.Deps {
		linked[m.Path] = m.Version
	}
	var bills [2][]byte
	for i := range bills {
		of := [][]string{{"version", "--sbom"}, {"version", "--sbom", "--program", program}}[i]
		if bills[i], err = exec.Command(program, of...).Output(); err != nil {
			t.Fatal(err)
		}
	}
	if string(bills[0]) != string(bills[1]) {
		t.Error("of itself and of its file, two bills")
	}
	var bill struct {
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(bills[0], &bill); err != nil {
		t.Fatal(err)
	}
	for _, c := range bill.Components {
		if linked[c.Name] != c.Version {
			t.Errorf("%s %s: linked is %q", c.Name, c.Version, linked[c.Name])
		}
		delete(linked, c.Name)
	}
	if len(linked) > 0 || len(bill.Components) < 50 {
		t.Errorf("%d components, not in the bill: %v", len(bill.Components), linked)
	}
}
