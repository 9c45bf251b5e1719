package scanners

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Of the one bucket only log files below the prefix leave the guard, and of S3 no other operation.
func TestTrailBucketGuard(t *testing.T) {
	asked := 0
	base := OfflineConfig("us-east-1")
	base.HTTPClient = httpClient(func(*http.Request) (*http.Response, error) { asked++; return nil, errors.New("asked") })
	b, err := newTrailBucket("s3://trail/org", newSession("111111111111", base, Limits{Rate: 1e6, MaxAttempts: 1}.withDefaults()), "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	client, ctx := b.client("us-east-1", nil, nil), context.Background()
	get := func(bucket, key string) func() error {
		return func() error {
			_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
			return err
		}
	}
	const log = "org/AWSLogs/111111111111/CloudTrail/us-east-1/2026/11/26/111111111111_CloudTrail_us-east-1_20261126T0320Z_a.json.gz"
	for name, tc := range map[string]struct {
		call    func() error
		allowed bool
	}{
		"log file":       {get("trail", log), true},
		"another bucket": {get("files", log), false},
		"digest":         {get("trail", strings.Replace(log, "/CloudTrail/", "/CloudTrail-Digest/", 1)), false},
		"outside":        {get("trail", strings.TrimPrefix(log, "org/")), false},
		"another object": {get("trail", "org/AWSLogs/secrets.json"), false},
		"listing": {func() error {
			_, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("trail"), Prefix: aws.String("org/AWSLogs/1/")})
			return err
		}, true},
		"listing of all": {func() error {
			_, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("trail")})
			return err
		}, false},
		"listing elsewhere": {func() error {
			_, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("files"), Prefix: aws.String("org/AWSLogs/1/")})
			return err
		}, false},
		"writing": {func() error {
			_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("trail"), Key: aws.String(log)})
			return err
		}, false},
		"deleting": {func() error {
			_, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("trail"), Key: aws.String(log)})
			return err
		}, false},
		"another call": {func() error {
			_, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String("trail")})
			return err
		}, false},
	} {
		before := asked
		err := tc.call()
		if left := asked > before; left != tc.allowed || err == nil {
			t.Errorf("%s: left the guard: %v, want %v: %v", name, left, tc.allowed, err)
		}
	}
}

// FuzzRecord: whatever a record holds, reading it ends, and what it makes of it can be judged and written down.
func FuzzRecord(f *testing.F) {
	for key := range moves {
		f.Add([]byte(`{"eventSource":"` + key.source + `","eventName":"` + key.name + `","eventID":"0a","eventTime":"2026-11-26T03:12:00Z","awsRegion":"eu-west-1","requestParameters":{"bucketName":"b"}}`))
	}
	f.Add([]byte(`{"eventSource":"s3.amazonaws.com","eventName":"PutBucketPolicy","eventID":"0a","eventTime":"2026-11-26T03:12:00Z","requestParameters":{"bucketPolicy":"{\"Statement\":[]}"}}`))
	f.Add([]byte(`{"eventSource":"ec2.amazonaws.com","eventName":"CreateFlowLogs","eventID":"0a","eventTime":"2026-11-26T03:12:00Z","requestParameters":{"CreateFlowLogsRequest":{"items":[{"item":[[]]}]}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var file bytes.Buffer
		w := gzip.NewWriter(&file)
		_, _ = w.Write([]byte(`{"Records":[`))
		_, _ = w.Write(data)
		_, _ = w.Write([]byte(`]}`))
		_ = w.Close()
		_ = readLog(&file, func(r *record) {
			r.Recipient = orDefault(r.Recipient, "111111111111")
			m := moveOf(r.Source, r.operation())
			res, ok := m.read("aws", r)
			if !ok {
				return
			}
			h := happened{moved: res, record: r, times: 1}
			got := h.resource(newInventory(nil, true))
			if got.ID != NormalARN(got.ID) || len(got.Placements) == 0 || len(got.Placements) != len(res.copies) {
				t.Errorf("%+v", got)
			}
			for _, p := range got.Placements {
				if !p.Role.Valid() || p.Via == "" || NormalARN(p.Target) != p.Target {
					t.Errorf("%+v", p)
				}
			}
		})
	})
}
