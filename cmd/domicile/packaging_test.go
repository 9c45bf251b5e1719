package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const packaging = "../../.packaging/"

// commandLines are those that the files of the packaging run, without the program's own name.
func commandLines(t *testing.T) map[string][][]string {
	all := map[string][][]string{}
	units, err := filepath.Glob(packaging + "systemd/*.service")
	if err != nil || len(units) != 2 {
		t.Fatalf("%v %v", units, err)
	}
	for _, unit := range units {
		for _, m := range regexp.MustCompile(`(?m)^ExecStart=/usr/bin/domicile (.*)$`).FindAllStringSubmatch(text(t, unit), -1) {
			all[unit] = append(all[unit], strings.Fields(m[1]))
		}
	}
	var entry, usual []string
	for instruction, into := range map[string]*[]string{"ENTRYPOINT": &entry, "CMD": &usual} {
		m := regexp.MustCompile(`(?m)^` + instruction + ` (\[.*\])$`).FindStringSubmatch(text(t, packaging+"Dockerfile"))
		if m == nil || json.Unmarshal([]byte(m[1]), into) != nil {
			t.Fatalf("the Dockerfile has no %s in JSON", instruction)
		}
	}
	all["Dockerfile"] = [][]string{append(slices.Clone(entry[1:]), usual...), append(slices.Clone(entry[1:]), "watch")}
	for _, name := range []string{"cronjob.yaml", "deployment.yaml"} {
		m := regexp.MustCompile(`\$args := (.*)`).FindStringSubmatch(text(t, packaging+"helm/templates/"+name))
		if m == nil {
			t.Fatalf("%s has no arguments", name)
		}
		var words []string
		for _, w := range regexp.MustCompile(`"(watch|--[a-z-]+|:)`).FindAllStringSubmatch(m[1], -1) {
			words = append(words, w[1])
		}
		all[name] = [][]string{append(slices.Clone(entry[1:]), words...)}
	}
	for _, m := range regexp.MustCompile(`(?m)^"\$out/domicile" ([^>\n]*)`).FindAllStringSubmatch(text(t, packaging+"extras"), -1) {
		all["extras"] = append(all["extras"], strings.Fields(m[1]))
	}
	m := regexp.MustCompile(`/out/domicile" ([^>\n]*)`).FindStringSubmatch(text(t, packaging+"bill"))
	if m == nil || !strings.Contains(text(t, "../../.goreleaser.yaml"), "cmd: ../.packaging/bill") {
		t.Fatal("the release makes no bill of materials")
	}
	all["bill"] = [][]string{strings.Fields(m[1])}
	return all
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestPackagingCommands: every command and flag that a unit, an image, a chart or a release names exists.
func TestPackagingCommands(t *testing.T) {
	lines := commandLines(t)
	if len(lines) != 7 {
		t.Fatalf("command lines of %d files", len(lines))
	}
	for file, all := range lines {
		for _, args := range all {
			s := inProcess(&bytes.Buffer{}, &bytes.Buffer{})
			root := newRoot(&s)
			root.InitDefaultHelpCmd()
			root.InitDefaultCompletionCmd(args...)
			cmd, rest, err := root.Find(args)
			if err == nil {
				cmd.InitDefaultHelpFlag()
				err = cmd.ParseFlags(rest)
			}
			if err != nil && !strings.Contains(err.Error(), "help requested") {
				t.Errorf("%s: domicile %s: %v", file, strings.Join(args, " "), err)
			}
		}
	}
}

// TestPackagingAgrees: version, Go and flags of the build are the same wherever they stand.
func TestPackagingAgrees(t *testing.T) {
	var chart struct {
		AppVersion string `yaml:"appVersion"`
	}
	if err := yaml.Unmarshal([]byte(text(t, packaging+"helm/Chart.yaml")), &chart); err != nil || chart.AppVersion != version {
		t.Errorf("the chart is of %q, the program %q: %v", chart.AppVersion, version, err)
	}
	image, ci, release := text(t, packaging+"Dockerfile"), text(t, "../../.ci/run"), text(t, "../../.goreleaser.yaml")
	if n := strings.Count(image, "VERSION="+version+"\n"); n != 2 {
		t.Errorf("the Dockerfile names the version %d times, want twice", n)
	}
	golang := regexp.MustCompile(`go-version: "([0-9.]+)"`).FindStringSubmatch(text(t, "../../.github/workflows/ci.yml"))
	if golang == nil || !strings.Contains(image, "golang:"+golang[1]+"-") {
		t.Errorf("the image is built with another Go than CI's %v", golang)
	}
	for name, of := range map[string]string{".ci/run": ci, "Dockerfile": image, "goreleaser": release} {
		if !strings.Contains(of, "-s -w") || !regexp.MustCompile(`CGO_ENABLED=0`).MatchString(of) {
			t.Errorf("%s builds otherwise", name)
		}
	}
}

// TestPackagingHardened: what a reader of the units and the chart relies on.
func TestPackagingHardened(t *testing.T) {
	for _, unit := range []string{"domicile.service", "domicile-once.service"} {
		of := text(t, packaging+"systemd/"+unit)
		for _, line := range []string{"DynamicUser=yes", "ProtectSystem=strict", "ProtectHome=yes", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes",
			"SystemCallFilter=@system-service", "StateDirectory=domicile", "UMask=0077"} {
			if !strings.Contains(of, "\n"+line+"\n") {
				t.Errorf("%s lacks %s", unit, line)
			}
		}
	}
	var values struct {
		PodSecurityContext struct {
			RunAsNonRoot   bool                  `yaml:"runAsNonRoot"`
			RunAsUser      int                   `yaml:"runAsUser"`
			SeccompProfile struct{ Type string } `yaml:"seccompProfile"`
		} `yaml:"podSecurityContext"`
		SecurityContext struct {
			AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
			Capabilities             struct{ Drop []string }
		} `yaml:"securityContext"`
	}
	if err := yaml.Unmarshal([]byte(text(t, packaging+"helm/values.yaml")), &values); err != nil {
		t.Fatal(err)
	}
	pod, container := values.PodSecurityContext, values.SecurityContext
	if !pod.RunAsNonRoot || pod.RunAsUser != 65532 || pod.SeccompProfile.Type != "RuntimeDefault" || container.AllowPrivilegeEscalation == nil || *container.AllowPrivilegeEscalation ||
		!container.ReadOnlyRootFilesystem || !slices.Equal(container.Capabilities.Drop, []string{"ALL"}) {
		t.Errorf("%+v", values)
	}
	if image := text(t, packaging+"Dockerfile"); !strings.Contains(image, "\nFROM scratch\n") || !strings.Contains(image, "\nUSER 65532:65532\n") || strings.Contains(image, ":latest") {
		t.Error("the image is not the smallest, or root's")
	}
}
