//go:build live

package live

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBundle: the plain opa program comes to the verdicts that domicile comes to, from the bundle and the input that policy bundle writes.
func TestBundle(t *testing.T) {
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	opa := peer(t, "opa", "github.com/open-policy-agent/opa")
	dir := t.TempDir()
	run := func(name string, args ...string) []byte {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Stderr = dir, os.Stderr
		out, err := cmd.Output()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 1 {
			t.Fatalf("%s %s: %v", filepath.Base(name), strings.Join(args, " "), err)
		}
		return out
	}
	story, err := filepath.Abs("../../fixtures/three-zones")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(story, "domicile.yaml")
	run(program, "scan", "--replay", story, "--quiet", "--exit-zero", "-o", "ndjson")
	run(program, "policy", "bundle", "-o", "bundle.tar.gz", "--data", "latest", "--input", "input.json", "--config", config)
	var theirs []map[string]any
	if err := json.Unmarshal(run(opa, "eval", "--bundle", "bundle.tar.gz", "--input", "input.json", "data.domicile.verdicts", "--format", "raw"), &theirs); err != nil {
		t.Fatal(err)
	}
	key := func(v map[string]any) string {
		var parts []string
		for _, name := range []string{"control", "resource", "kind", "zone", "outcome", "severity"} {
			word, _ := v[name].(string)
			parts = append(parts, word)
		}
		return strings.Join(parts, " ")
	}
	var want, got []string
	for line := range strings.Lines(string(run(program, "judge", "latest", "--config", config, "-o", "ndjson", "--passes", "--exit-zero", "--quiet"))) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		want = append(want, key(v))
	}
	for _, v := range theirs {
		got = append(got, key(v))
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(want, got) {
		t.Errorf("%d verdicts of domicile, %d of opa, and they differ", len(want), len(got))
		for _, one := range want {
			if !slices.Contains(got, one) {
				t.Logf("only domicile: %s", one)
			}
		}
	}
}

// peer builds a program of others, pinned in .ci/peers.
func peer(t testing.TB, name, module string) string {
	t.Helper()
	path := filepath.Join(scratch, name)
	build := exec.Command("go", "build", "-modfile=.ci/peers/go.mod", "-o", path, module)
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}
