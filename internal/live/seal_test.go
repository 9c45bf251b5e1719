//go:build live

package live

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestSealInAWS seals runs with a key in KMS and publishes their checkpoints to a bucket: what is published finds a store that was
// rolled back. When publishing fails, the run is sealed all the same and says so.
func TestSealInAWS(t *testing.T) {
	moto := startMoto(t)
	arn := strings.TrimSpace(string(script(t, "seal.py", moto.url)))
	env := environment(moto.url, "test", "test", "")
	dir := t.TempDir()
	configure := func(bucket string) {
		base, err := os.ReadFile("testdata/domicile.yaml")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(base), `["111111111111", "222222222222"]`, `["123456789012"]`, 1) +
			"signing: {kms_key: \"" + arn + "\"}\nlog: {publish: \"s3://" + bucket + "/domicile\"}\n"
		if err := os.WriteFile(filepath.Join(dir, "domicile.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	configure("acme-witness")
	domicile := func(want int, args ...string) string {
		t.Helper()
		program, err := binary()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env = dir, env
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		_ = cmd.Run() // its code is looked at
		if code := cmd.ProcessState.ExitCode(); code != want {
			t.Fatalf("%v: exit %d, want %d\n%s", args, code, want, out.String())
		}
		return out.String()
	}
	for range 2 {
		domicile(0, "scan", "--services", "kinesis", "--exit-zero")
	}
	runs, err := filepath.Glob(filepath.Join(dir, "runs", "2*"))
	if err != nil || len(runs) != 2 {
		t.Fatalf("%v %v", runs, err)
	}
	key, log := filepath.Join(runs[0], "key.pub"), filepath.Join(dir, "runs", "log", "log.ndjson")
	if out := domicile(0, "verify", "runs", "--key", key); !strings.Contains(out, "ecdsa-p256-sha256") {
		t.Error(out)
	}
	last := lastRun(t, log)
	witness := filepath.Join(dir, "witness")
	fetch(t, moto, "domicile/checkpoints/"+last+".note", witness)
	domicile(0, "verify", "runs", "--key", key, "--checkpoint", witness)
	lines, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(lines), "\n")
	if err := os.WriteFile(log, []byte(first+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "runs", last)); err != nil {
		t.Fatal(err)
	}
	if out := domicile(1, "verify", "runs", "--key", key, "--checkpoint", witness); !strings.Contains(out, "rolled back") {
		t.Error(out)
	}
	if out := domicile(0, "scan", "--services", "kinesis", "--exit-zero"); !strings.Contains(out, "the first 2 entries were changed") {
		t.Error(out)
	}
	published := filepath.Join(dir, "published")
	fetch(t, moto, "domicile/log.ndjson", published)
	if kept, err := os.ReadFile(published); err != nil || !bytes.Equal(kept, lines) {
		t.Errorf("the witness was overwritten: %v\n%s", err, kept)
	}
	configure("acme-no-such-bucket")
	if out := domicile(0, "scan", "--services", "kinesis", "--exit-zero"); !strings.Contains(out, "the run is sealed, and this failed: publish the log") {
		t.Error(out)
	}
	if out := domicile(0, "verify", "latest"); !strings.Contains(out, "publish to s3://acme-no-such-bucket/domicile did not succeed") {
		t.Error(out)
	}
}

// lastRun is the run of the log's last line.
func lastRun(t testing.TB, log string) string {
	t.Helper()
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data[bytes.LastIndexByte(bytes.TrimSpace(data), '\n')+1:]), `"run":"`)
	run, _, _ := strings.Cut(rest, `"`)
	return run
}

// fetch copies an object of the witness's bucket into a file.
func fetch(t testing.TB, moto *server, key, path string) {
	t.Helper()
	client := s3.New(s3.Options{Region: "eu-west-1", BaseEndpoint: &moto.url, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	out, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("acme-witness"), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	data, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
