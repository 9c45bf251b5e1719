//go:build live

package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/seed-1578181b/domicile/internal/replay"
)

const (
	manyBuckets = 2000
	atOnce      = 32 // requests in flight, the scan's own default
	maxCalls    = 14
	maxResident = 60 << 20
	minRatio    = 0.9
)

// BenchmarkS3 scans 2,000 buckets and compares with a bare client that makes the same calls: the rate must be 90 % of that, and the
// calls and the memory within bounds. Run it with -benchtime 1x.
func BenchmarkS3(b *testing.B) {
	moto := startMoto(b)
	calls := callsOfABucket(b)
	if len(calls) > maxCalls {
		b.Errorf("%d calls a bucket, want at most %d: %v", len(calls), maxCalls, calls)
	}
	script(b, "estate.py", "many", moto.url, strconv.Itoa(manyBuckets))
	env := moto.caller(b, "111111111111")
	requests := float64(manyBuckets*len(calls) + 1)
	for b.Loop() {
		before := bareClient(b, moto, env, calls)
		start := time.Now()
		resident := scanMany(b, env)
		ours := requests / time.Since(start).Seconds()
		// Once before and once after: what a machine gives drifts by several percent within minutes.
		bare := 2 * requests / (before + bareClient(b, moto, env, calls)).Seconds()
		b.Logf("%.0f requests a second, a bare client %.0f: ratio %.2f; %d calls a bucket; %d MB resident", ours, bare, ours/bare, len(calls), resident>>20)
		b.ReportMetric(bare, "bare-requests/s")
		b.ReportMetric(ours, "requests/s")
		b.ReportMetric(ours/bare, "ratio")
		b.ReportMetric(float64(len(calls)), "calls/bucket")
		b.ReportMetric(float64(resident)/(1<<20), "MB-resident")
		if ours/bare < minRatio {
			b.Errorf("%.0f requests a second, a bare client %.0f: ratio %.2f, want %.2f", ours, bare, ours/bare, minRatio)
		}
		if resident > maxResident {
			b.Errorf("%d MB resident, want at most %d", resident>>20, maxResident>>20)
		}
	}
}

// TestEachOperationOnce: a scan asks each operation at most once a bucket.
func TestEachOperationOnce(t *testing.T) {
	if calls := callsOfABucket(t); len(calls) > maxCalls || len(calls) < 10 {
		t.Errorf("%d calls a bucket: %v", len(calls), calls)
	}
}

// callsOfABucket records the scan of one bucket and counts on the way what reaches the server.
func callsOfABucket(t testing.TB) (calls []string) {
	t.Helper()
	moto := startMoto(t)
	m := startMeter(t, moto)
	script(t, "estate.py", "many", moto.url, "1")
	env := moto.caller(t, "111111111111")
	for i := range env {
		env[i] = strings.Replace(env[i], moto.url, m.url, 1)
	}
	recording := t.TempDir()
	if got := scan(t, env, "s3", "--accounts", "111111111111", "--regions", "eu-west-1", "--record", recording); got.exit != 0 {
		t.Fatalf("exit %d: %+v", got.exit, got.Coverage.Gaps)
	}
	files, err := filepath.Glob(filepath.Join(recording, "aws", "111111111111", "*", "s3", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var answers []replay.Answer
		if err := json.Unmarshal(data, &answers); err != nil {
			t.Fatal(err)
		}
		for _, a := range answers {
			if a.Input["Bucket"] != nil {
				calls = append(calls, strings.TrimSuffix(filepath.Base(f), ".json"))
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ofBucket != len(calls) {
		t.Errorf("%d requests for one bucket, and %d different calls: %v", m.ofBucket, len(calls), calls)
	}
	return calls
}

// bareClient makes the calls for every bucket, many at once, and does nothing with the answers.
func bareClient(b *testing.B, moto *server, env []string, calls []string) time.Duration {
	b.Helper()
	value := func(name string) string {
		for _, e := range env {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v
			}
		}
		return ""
	}
	client := s3.New(s3.Options{Region: "eu-west-1", BaseEndpoint: &moto.url, UsePathStyle: true, Retryer: aws.NopRetryer{}, Credentials: credentials.NewStaticCredentialsProvider(
		value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"), value("AWS_SESSION_TOKEN"))})
	var ask []func(context.Context, *string) error
	for _, c := range calls {
		do, ok := bareCalls(client)[c]
		if !ok {
			b.Fatalf("the bare client does not know %s", c)
		}
		ask = append(ask, do)
	}
	ctx, start := context.Background(), time.Now()
	if _, err := client.ListBuckets(ctx, &s3.ListBucketsInput{MaxBuckets: aws.Int32(10000)}); err != nil {
		b.Fatal(err)
	}
	var group errgroup.Group
	group.SetLimit(atOnce)
	for n := range manyBuckets {
		name := fmt.Sprintf("acme-eu-many-%05d", n)
		group.Go(func() error {
			for _, do := range ask {
				_ = do(ctx, &name) // "there is none" is an error too
			}
			return nil
		})
	}
	_ = group.Wait()
	return time.Since(start)
}

func bareCalls(c *s3.Client) map[string]func(context.Context, *string) error {
	type run = func(context.Context, *string) error
	return map[string]run{
		"HeadBucket": func(ctx context.Context, b *string) error {
			_, err := c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: b})
			return err
		},
		"GetBucketReplication": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: b})
			return err
		},
		"GetBucketLogging": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: b})
			return err
		},
		"ListBucketInventoryConfigurations": func(ctx context.Context, b *string) error {
			_, err := c.ListBucketInventoryConfigurations(ctx, &s3.ListBucketInventoryConfigurationsInput{Bucket: b})
			return err
		},
		"ListBucketAnalyticsConfigurations": func(ctx context.Context, b *string) error {
			_, err := c.ListBucketAnalyticsConfigurations(ctx, &s3.ListBucketAnalyticsConfigurationsInput{Bucket: b})
			return err
		},
		"GetBucketNotificationConfiguration": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: b})
			return err
		},
		"GetBucketMetadataConfiguration": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketMetadataConfiguration(ctx, &s3.GetBucketMetadataConfigurationInput{Bucket: b})
			return err
		},
		"GetBucketAccelerateConfiguration": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketAccelerateConfiguration(ctx, &s3.GetBucketAccelerateConfigurationInput{Bucket: b})
			return err
		},
		"GetBucketTagging": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: b})
			return err
		},
		"GetBucketPolicy": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
			return err
		},
		"GetBucketPolicyStatus": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketPolicyStatus(ctx, &s3.GetBucketPolicyStatusInput{Bucket: b})
			return err
		},
		"GetPublicAccessBlock": func(ctx context.Context, b *string) error {
			_, err := c.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
			return err
		},
		"GetBucketAcl": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: b})
			return err
		},
		"GetBucketVersioning": func(ctx context.Context, b *string) error {
			_, err := c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b})
			return err
		},
	}
}

// scanMany runs the built program and returns the most memory that it held, in bytes.
func scanMany(b *testing.B, env []string) (resident int) {
	b.Helper()
	program, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(program, "scan", "--config", "testdata/domicile.yaml", "--accounts", "111111111111", "--regions", "eu-west-1", "--services", "s3",
		"--out", b.TempDir(), "--rate", "100000", "--quiet", "-o", "json="+filepath.Join(b.TempDir(), "report.json"))
	var stderr bytes.Buffer
	cmd.Env, cmd.Stderr = env, &stderr
	resident, err = watched(cmd)
	if err != nil {
		b.Fatalf("scan: %v\n%s", err, stderr.String())
	}
	return resident
}

// watched runs a command to its end and returns the most memory that it held, in bytes. What the system reports at the end would not do:
// it counts what this process held when it started the other.
func watched(cmd *exec.Cmd) (resident int, err error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-done:
			return resident, err
		case <-look.C:
			resident = max(resident, peak(cmd.Process.Pid))
		}
	}
}

// peak is a process's largest resident set so far. Its own, and not what its parent held when it was forked.
func peak(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0 // it is ending
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), " kB"))
			return kilobytes << 10
		}
	}
	return 0
}
