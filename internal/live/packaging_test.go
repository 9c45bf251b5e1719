//go:build live

package live

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"
)

const packaging = "../../.packaging/"

// helm is the program, built once from the pins of .ci/helm.
var helm = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "helm")
	build := exec.Command("go", "build", "-modfile=.ci/helm/go.mod", "-o", path, "helm.sh/helm/v3/cmd/helm")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build helm: %w\n%s", err, out)
	}
	return path, nil
})

const chartValues = `
config:
  version: 1
  zones: {eu: {name: European Union, regions: [eu-west-1]}}
  assign: [{tag: data-residency}, {arn: "arn:aws:s3:::acme-*", zone: eu}, {region: own}]
  aws: {accounts: ["012345678901"], role: DomicileAudit}
  schedule: {cron: "0 2 * * *", timezone: Europe/Dublin}
  waivers: waivers.yaml
  notify: [{type: slack, url_file: /run/secrets/domicile/slack-url}]
waivers: {version: 1, waivers: []}
serviceAccount: {annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111111111111:role/domicile"}}
secretName: domicile
`

// rendered runs helm template with these values and settings.
func rendered(t *testing.T, values string, settings ...string) (string, error) {
	t.Helper()
	program, err := helm()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(file, []byte(values), 0o644); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"template", "night", packaging + "helm", "--kube-version", "1.33.0", "-f", file}, settings...)
	cmd := exec.Command(program, args...)
	cmd.Env = cleanEnvironment()
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, problems.String())
	}
	return out.String(), nil
}

// TestChart renders the chart as a CronJob and as a daemon: Kubernetes' own schema takes each object strictly, and domicile the configuration in it.
func TestChart(t *testing.T) {
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	for kind, settings := range map[string][]string{"CronJob": nil, "Deployment": {"--set", "daemon.enabled=true", "--set", "image.digest=sha256:" + strings.Repeat("a", 64)}} {
		t.Run(kind, func(t *testing.T) {
			text, err := rendered(t, chartValues, settings...)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "objects.yaml")
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(interpreter, "-m", "kubernetes_validate", "--strict", "-k", "1.33.0", file).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			kinds := map[string]bool{}
			for d := yaml.NewDecoder(strings.NewReader(text)); ; {
				var object struct {
					Kind string
					Data map[string]string
				}
				if d.Decode(&object) != nil {
					break
				}
				kinds[object.Kind] = true
				for name, content := range object.Data {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			if !kinds[kind] || len(kinds) != 4 {
				t.Errorf("objects %v", kinds)
			}
			program, err := binary()
			if err != nil {
				t.Fatal(err)
			}
			validate := exec.Command(program, "config", "validate", "--quiet")
			validate.Dir = dir
			if out, err := validate.CombinedOutput(); err != nil || !strings.Contains(string(out), "accounts: 012345678901, by role DomicileAudit") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestChartRefuses: what could only fail at night is refused when the chart is installed.
func TestChartRefuses(t *testing.T) {
	for want, settings := range map[string][]string{
		"config has no schedule":                 {"--set", "config.schedule=null"},
		"give one of them":                       {"--set", "existingConfigMap=x"},
		"additional properties 'prot'":           {"--set", "daemon.prot=1"},
		"'/image/digest'":                        {"--set", "image.digest=latest"},
		"is incompatible with Kubernetes v1.26.": {"--kube-version", "1.26.0"},
	} {
		if text, err := rendered(t, chartValues, settings...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q\n%s", settings, err, want, text)
		}
	}
	if _, err := rendered(t, ""); err == nil || !strings.Contains(err.Error(), "there is no configuration") {
		t.Errorf("without a configuration: %v", err)
	}
}

// TestDockerfile holds the image's recipe to hadolint's rules.
func TestDockerfile(t *testing.T) {
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(filepath.Join(filepath.Dir(interpreter), "hadolint"), packaging+"Dockerfile").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestUnits lets systemd itself read the units, and say how exposed they leave the machine.
func TestUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Fatal("the units are checked with systemd-analyze: install systemd")
	}
	root := t.TempDir()
	program := filepath.Join(root, "usr", "bin", "domicile")
	units := filepath.Join(root, "etc", "systemd", "system")
	for _, dir := range []string{filepath.Dir(program), units} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"sysinit", "basic", "shutdown", "network-online", "time-set", "time-sync", "multi-user", "timers"} { // what every system has
		if err := os.WriteFile(filepath.Join(units, target+".target"), []byte("[Unit]\nDescription="+target+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(units, os.DirFS(packaging+"systemd")); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", "--man=no", "--root="+root, "domicile.service", "domicile-once.service", "domicile.timer").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	for _, unit := range []string{"domicile.service", "domicile-once.service"} {
		if out, err := exec.Command(analyze, "security", "--offline=yes", "--threshold=15", packaging+"systemd/"+unit).CombinedOutput(); err != nil { // 1.5 of 10
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
	}
}
