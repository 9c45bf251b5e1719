package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

// The files by which others run domicile in their pipelines. Each is YAML, calls check with flags that exist, and pins what it
// fetches.
var integrations = []string{".github/actions/check/action.yml", ".gitlab/domicile.gitlab-ci.yml", ".pre-commit-hooks.yaml"}

var (
	checkLine = regexp.MustCompile(`(?m)domicile"? check(?: .*)?$`)
	setLine   = regexp.MustCompile(`(?m)set -- .*$`)
	flagWord  = regexp.MustCompile(`(?:^|\s)(--?[a-z][a-z-]*)`)
	fetched   = regexp.MustCompile(`(?:uses: |go install \S+|image: )\S*`)
	pinned    = regexp.MustCompile(`@[0-9a-f]{40}$|@\$\[\[ inputs.version|golang:\d+\.\d+\.\d+$`)
)

func TestIntegrations(t *testing.T) {
	var check *cobra.Command
	root := newRoot(&system{getenv: func(string) string { return "" }})
	check, _, err := root.Find([]string{"check"})
	if err != nil || check.Name() != "check" {
		t.Fatalf("there is no command check: %v", err)
	}
	for _, name := range integrations {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("../..", name))
			if err != nil {
				t.Fatal(err)
			}
			var text []string // every scalar: what is a comment calls nothing
			for d := yaml.NewDecoder(bytes.NewReader(data)); ; {
				var doc yaml.Node
				if err := d.Decode(&doc); err != nil {
					if err.Error() != "EOF" {
						t.Fatal(err)
					}
					break
				}
				text = append(text, scalars(&doc)...)
			}
			all := strings.Join(text, "\n")
			lines := append(checkLine.FindAllString(all, -1), setLine.FindAllString(all, -1)...)
			if !checkLine.MatchString(all) {
				t.Fatal("it does not call domicile check")
			}
			for _, line := range lines {
				before, _, _ := strings.Cut(line, " -- \"$")
				for _, m := range flagWord.FindAllStringSubmatch(strings.TrimPrefix(before, "set --"), -1) {
					requireFlag(t, check, m[1])
				}
			}
			for _, what := range fetched.FindAllString(strings.ReplaceAll(string(data), " ]]", ""), -1) {
				if !pinned.MatchString(what) && !strings.Contains(what, "@$[[") {
					t.Errorf("%q is not pinned", what)
				}
			}
			if strings.Contains(string(data), "latest") {
				t.Error("it speaks of latest")
			}
		})
	}
}

func requireFlag(t *testing.T, check *cobra.Command, flag string) {
	t.Helper()
	name := strings.TrimLeft(flag, "-")
	check.InheritedFlags() // merges those of the root
	if len(name) == 1 && check.Flags().ShorthandLookup(name) != nil || len(name) > 1 && check.Flags().Lookup(name) != nil {
		return
	}
	t.Errorf("domicile check has no flag %s", flag)
}

func scalars(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var all []string
	for _, c := range n.Content {
		all = append(all, scalars(c)...)
	}
	return all
}
