//go:build live

package live

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The versions of CDK that the test installs.
var cdkPackages = []string{"aws-cdk@2.1148.1", "aws-cdk-lib@2.276.0", "constructs@10.8.1"}

// cdk is the folder with CDK's packages, from the npm registry, kept in the user's cache.
var cdk = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "domicile-live", strings.ReplaceAll(strings.Join(cdkPackages, "-"), "@", "-"))
	unlock, err := lock(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	ready := filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	install := exec.Command("npm", append([]string{"install", "--silent", "--no-audit", "--no-fund", "--no-save", "--prefix", dir}, cdkPackages...)...)
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm install %s: %w\n%s", strings.Join(cdkPackages, " "), err, out)
	}
	return dir, os.WriteFile(ready, nil, 0o644)
})

// synthesize runs cdk synth on an app of testdata/cdk, with a variable of the environment that it reads, and gives the cloud assembly.
func synthesize(t *testing.T, app, variable string) string {
	t.Helper()
	dir, err := cdk()
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	if err := errors.Join(os.CopyFS(work, os.DirFS("testdata/cdk")), os.Symlink(filepath.Join(dir, "node_modules"), filepath.Join(work, "node_modules"))); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, "node_modules", ".bin", "cdk"), "synth", "--app", "node "+app, "--quiet", "--no-notices")
	cmd.Dir = work
	cmd.Env = append(os.Environ(), variable, "CDK_DISABLE_CLI_TELEMETRY=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cdk synth: %v\n%s", err, out)
	}
	return filepath.Join(work, "cdk.out")
}

// TestCloudAssembly: one app, synthesized with its copies inside, outside, and nobody says where.
func TestCloudAssembly(t *testing.T) {
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		copies string
		exit   int
		want   string
	}{
		{"eu-west-1", 0, "PASS"},
		{"us-east-1", 2, "replica in us-east-1, outside eu (eu-west-1)"},
		{"", 3, "NOT CONCLUDED"},
	} {
		t.Run("copies in "+tt.copies, func(t *testing.T) {
			cmd := exec.Command(program, "check", "--config", "testdata/cdk/domicile.yaml", synthesize(t, "app.js", "COPIES="+tt.copies))
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != tt.exit || !strings.Contains(string(out), tt.want) {
				t.Errorf("exit %d, want %d with %q\n%s", got, tt.exit, tt.want, out)
			}
		})
	}
}
