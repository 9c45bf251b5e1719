//go:build live

package live

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const threeZones = "../../fixtures/three-zones"

// recordedServices are those of which moto answers a good part as AWS does. What it does not is written by hand.
const recordedServices = "s3,rds,dynamodb,cloudwatchlogs,cloudtrail,firehose,kinesis,backup"

// TestThreeZones makes the recording of three-zones anew, from moto and from what is written by hand, and compares: the fixture is
// what its README says it is. With -update it writes the fixture.
func TestThreeZones(t *testing.T) {
	moto := startMoto(t)
	moto.control(t, "/moto-api/seed?a=42", "") // ids are random, and the same each time
	script(t, "threezones/seed.py", moto.url)
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	recorded := t.TempDir()
	cmd := exec.Command(program, "scan", "--config", filepath.Join(threeZones, "domicile.yaml"), "--accounts", "111111111111,222222222222",
		"--regions", "eu-west-1,ap-southeast-2,us-east-1", "--services", recordedServices, "--record", recorded, "--out", t.TempDir(), "--rate", "10000", "--exit-zero")
	cmd.Env = moto.caller(t, "111111111111")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("record: %v\n%s", err, out)
	}
	target := filepath.Join(t.TempDir(), "aws")
	if *update {
		target = filepath.Join(threeZones, "aws")
	}
	script(t, "threezones/build.py", filepath.Join(recorded, "aws"), target)
	if diff := cmp.Diff(tree(t, filepath.Join(threeZones, "aws")), tree(t, target)); diff != "" {
		t.Errorf("the recording differs: run with -update, and read what changed (-fixture +made):\n%s", diff)
	}
}

// tree is every file of a folder by its name.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, relErr := filepath.Rel(dir, path)
		if relErr != nil {
			return relErr
		}
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
