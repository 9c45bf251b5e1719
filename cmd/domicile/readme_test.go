package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadme: what the README shows of a run is what the run prints, at 80 columns and with "…" for what it leaves out.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```\nFAIL:")
	excerpt, _, found := strings.Cut(rest, "\n```")
	if !found {
		t.Fatal("README.md shows no run")
	}
	var out, errs bytes.Buffer
	s := inProcess(&out, &errs, "scan", "--replay", "../../fixtures/three-zones", "--out", filepath.Join(t.TempDir(), "runs"))
	s.terminal = func(any) (int, bool) { return 80, false }
	if code := run(t.Context(), s); code != exitFail {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var part []string
	check := func() {
		if shown := strings.Trim(strings.Join(part, "\n"), "\n"); !strings.Contains(out.String(), shown) {
			t.Errorf("the run does not print:\n%s", shown)
		}
		part = nil
	}
	for _, line := range strings.Split("FAIL:"+excerpt, "\n") {
		if strings.TrimSpace(line) == "…" {
			check()
			continue
		}
		part = append(part, line)
	}
	check()
}
