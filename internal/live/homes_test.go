//go:build live

package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// night is a folder in which domicile runs against moto.
type night struct {
	t    *testing.T
	moto *server
	dir  string
}

func newNight(t *testing.T) *night {
	t.Helper()
	n := &night{t: t, moto: startMoto(t), dir: t.TempDir()}
	script(t, "homes.py", n.moto.url)
	return n
}

// configure writes a configuration whose evidence is kept as the text says.
func (n *night) configure(evidence string) {
	n.t.Helper()
	base, err := os.ReadFile("testdata/domicile.yaml")
	if err != nil {
		n.t.Fatal(err)
	}
	text := strings.Replace(string(base), `["111111111111", "222222222222"]`, `["123456789012"]`, 1) + evidence
	if err := os.WriteFile(filepath.Join(n.dir, "domicile.yaml"), []byte(text), 0o644); err != nil {
		n.t.Fatal(err)
	}
}

func (n *night) domicile(want int, args ...string) string {
	n.t.Helper()
	program, err := binary()
	if err != nil {
		n.t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = n.dir, environment(n.moto.url, "test", "test", "")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // its code is looked at
	if code := cmd.ProcessState.ExitCode(); code != want {
		n.t.Fatalf("%v: exit %d, want %d\n%s", args, code, want, out.String())
	}
	return out.String()
}

func (n *night) client(region string) *s3.Client {
	return s3.New(s3.Options{Region: region, BaseEndpoint: &n.moto.url, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
}

// download copies a bucket into a folder, as an auditor would.
func (n *night) download(region, bucket string) string {
	n.t.Helper()
	dir, client := n.t.TempDir(), n.client(region)
	list, err := client.ListObjectsV2(context.Background(), &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, o := range list.Contents {
		out, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: &bucket, Key: o.Key})
		if err != nil {
			n.t.Fatal(err)
		}
		data, err := io.ReadAll(out.Body)
		path := filepath.Join(dir, filepath.FromSlash(*o.Key))
		err = errors.Join(err, out.Body.Close(), os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644))
		if err != nil {
			n.t.Fatal(err)
		}
	}
	return dir
}

func (n *night) empty(region, bucket string) {
	n.t.Helper()
	list, err := n.client(region).ListObjectsV2(context.Background(), &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil || len(list.Contents) > 0 {
		n.t.Errorf("something was written to %s: %v %v", bucket, list, err)
	}
}

// receipt is the last run's about a zone.
func (n *night) receipt(zone string) (r struct {
	Problem string
	Objects []struct {
		Key, Version, Mode string
		Until              time.Time
	}
}) {
	n.t.Helper()
	runs := lastRun(n.t, filepath.Join(n.dir, "runs", "log", "log.ndjson"))
	data, err := os.ReadFile(filepath.Join(n.dir, "runs", runs, "receipts.json"))
	if err != nil {
		n.t.Fatal(err)
	}
	var all []json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		n.t.Fatal(err)
	}
	for _, raw := range all {
		var what struct{ What string }
		if err := errors.Join(json.Unmarshal(raw, &what), json.Unmarshal(raw, &r)); err != nil {
			n.t.Fatal(err)
		}
		if what.What == "evidence of zone "+zone {
			return r
		}
	}
	n.t.Fatalf("no receipt for zone %s: %s", zone, data)
	return r
}

// TestObjectLock keeps two zones' evidence in buckets under Object Lock, in both modes: the retention is read back into the receipt, the
// objects cannot be removed, and what an auditor downloads verifies by itself, night after night.
func TestObjectLock(t *testing.T) {
	n := newNight(t)
	n.configure("evidence:\n  eu: {bucket: evidence-eu, mode: compliance, retention_years: 3}\n  au: {bucket: evidence-au}\n")
	for range 2 {
		if out := n.domicile(0, "scan", "--services", "kinesis", "--exit-zero"); strings.Contains(out, "this failed") {
			t.Fatal(out)
		}
	}
	for zone, want := range map[string]struct {
		region, mode, other string
		years               int
	}{"eu": {"eu-west-1", "COMPLIANCE", "acme-au-clicks", 3}, "au": {"ap-southeast-2", "GOVERNANCE", "acme-eu-clicks", 7}} {
		r := n.receipt(zone)
		if r.Problem != "" || len(r.Objects) < 10 {
			t.Errorf("%s: %q, %d objects", zone, r.Problem, len(r.Objects))
		}
		client := n.client(want.region)
		for _, o := range r.Objects {
			got, err := client.HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: aws.String("evidence-" + zone), Key: &o.Key, VersionId: &o.Version})
			if err != nil || string(got.ObjectLockMode) != want.mode || o.Mode != want.mode || !got.ObjectLockRetainUntilDate.Equal(o.Until) {
				t.Fatalf("%s: %+v %v", zone, o, err)
			}
			if left := time.Until(o.Until).Hours() / 24 / 365.25; left < float64(want.years)-0.1 || left > float64(want.years)+0.1 {
				t.Errorf("%s: kept for %.1f years, want %d", o.Key, left, want.years)
			}
			if _, err := client.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: aws.String("evidence-" + zone), Key: &o.Key, VersionId: &o.Version}); err == nil {
				t.Errorf("%s: %s could be removed", zone, o.Key)
			}
		}
		store := n.download(want.region, "evidence-"+zone)
		out := n.domicile(0, "verify", store, "--key", "runs/keys/signing.pub")
		if !strings.Contains(out, "entries of the log: 2, runs among them: 2") {
			t.Error(out)
		}
		if out := n.domicile(0, "judge", store+"/"+lastRun(t, filepath.Join(store, "log", "log.ndjson")), "--passes", "--exit-zero", "-o", "json"); strings.Contains(out, want.other) || !strings.Contains(out, "acme-"+zone+"-clicks") {
			t.Errorf("%s: %s", zone, out)
		}
	}
	n.domicile(0, "verify", "runs")
}

// TestEvidenceIsRefused: a bucket outside the zone gets nothing and the command fails; one without a lock, and one that is not there,
// leave a run that says so. The part waits, and the next night's run brings both home.
func TestEvidenceIsRefused(t *testing.T) {
	n := newNight(t)
	for _, c := range []struct {
		evidence, said string
		code           int
	}{
		{"evidence: {eu: {bucket: evidence-au}}\n", "evidence.eu: s3://evidence-au is in ap-southeast-2, outside eu (eu-west-1): nothing was written there", 1},
		{"evidence: {eu: {bucket: evidence-open}}\n", "the bucket needs Object Lock", 0},
		{"evidence: {eu: {bucket: evidence-nowhere}}\n", "find the region of s3://evidence-nowhere", 0},
	} {
		n.configure(c.evidence)
		out := n.domicile(c.code, "scan", "--services", "kinesis", "--exit-zero")
		if !strings.Contains(out, c.said) || !strings.Contains(out, "the evidence of zone eu stays in runs/parts/eu") || !strings.Contains(out, "run kept in") {
			t.Errorf("%s: %s", c.evidence, out)
		}
		if r := n.receipt("eu"); !strings.Contains(r.Problem, c.said) || len(r.Objects) > 0 {
			t.Errorf("%s: %+v", c.evidence, r)
		}
		if out := n.domicile(0, "verify", "latest"); !strings.Contains(out, "did not succeed: ") {
			t.Error(out)
		}
	}
	n.empty("ap-southeast-2", "evidence-au")
	n.configure("evidence: {eu: {bucket: evidence-eu}}\n")
	if out := n.domicile(0, "scan", "--services", "kinesis", "--exit-zero"); strings.Contains(out, "this failed") {
		t.Fatal(out)
	}
	store := n.download("eu-west-1", "evidence-eu")
	if out := n.domicile(0, "verify", store); !strings.Contains(out, "runs among them: 4") {
		t.Error(out)
	}
}

// TestHandoverFromABucket: what a part in a bucket left open is read from there the next night, and a copy whose rule has gone is not
// forgotten.
func TestHandoverFromABucket(t *testing.T) {
	n := newNight(t)
	n.configure("evidence:\n  eu: {bucket: evidence-eu}\n")
	ctx := context.Background()
	source, target := "acme-eu-files", "acme-us-copy"
	made := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	eu, us := n.client("eu-west-1"), n.client("us-east-1")
	_, err := eu.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &source, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}})
	made(err)
	_, err = us.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &target})
	made(err)
	for client, bucket := range map[*s3.Client]string{eu: source, us: target} {
		_, err = client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}})
		made(err)
	}
	_, err = eu.PutBucketReplication(ctx, &s3.PutBucketReplicationInput{Bucket: &source, ReplicationConfiguration: &types.ReplicationConfiguration{Role: aws.String("arn:aws:iam::123456789012:role/r"),
		Rules: []types.ReplicationRule{{Status: "Enabled", Priority: aws.Int32(1), Filter: &types.ReplicationRuleFilter{Prefix: aws.String("")}, DeleteMarkerReplication: &types.DeleteMarkerReplication{Status: "Disabled"},
			Destination: &types.Destination{Bucket: aws.String("arn:aws:s3:::" + target)}}}}})
	made(err)
	n.domicile(0, "scan", "--services", "s3", "--exit-zero")
	_, err = eu.DeleteBucketReplication(ctx, &s3.DeleteBucketReplicationInput{Bucket: &source})
	made(err)
	for range 2 { // from the fail, then from what was carried
		n.domicile(0, "scan", "--services", "s3", "--exit-zero")
		store := n.download("eu-west-1", "evidence-eu")
		n.domicile(0, "verify", store, "--key", "runs/keys/signing.pub")
		out := n.domicile(0, "judge", store+"/"+lastRun(t, filepath.Join(store, "log", "log.ndjson")), "--exit-zero", "-o", "json")
		if !strings.Contains(out, "stopped, copies may remain at arn:aws:s3:::") || strings.Contains(out, "could not all be read") || strings.Contains(out, target) {
			t.Error(out)
		}
	}
}
