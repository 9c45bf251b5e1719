package replay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
)

// secret stands wherever a server gives one away.
const secret = "hunter2"

// endpoint answers as several services at once. The first list of streams is refused, so that the SDK asks again.
// metricStreams is encoded once: the encoder walks a map in random order, and two recordings of one answer must be equal.
var metricStreams = cbor.Encode(cbor.Map{"Entries": cbor.List{cbor.Map{"Name": cbor.String("m"), "CreationDate": &cbor.Tag{ID: 1, Value: cbor.Float64(1700000000)}}}})

func endpoint(t *testing.T) *httptest.Server {
	t.Helper()
	var refused atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("X-Amzn-Requestid", "r-1")
		switch target := req.Header.Get("X-Amz-Target"); {
		case strings.HasSuffix(target, ".ListStreams"):
			var in struct{ NextToken string }
			_ = json.NewDecoder(req.Body).Decode(&in)
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			switch {
			case refused.CompareAndSwap(false, true):
				w.WriteHeader(http.StatusServiceUnavailable)
			case in.NextToken == "":
				fmt.Fprint(w, `{"StreamNames":["a"],"HasMoreStreams":true,"NextToken":"t","MasterPassword":"`+secret+`\"`+secret+`"}`)
			default:
				fmt.Fprint(w, `{"StreamNames":["b"],"HasMoreStreams":false}`)
			}
		case strings.HasSuffix(target, ".DescribeStreamSummary"):
			w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"message":"gone"}`)
		case req.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
			w.Header().Set("Content-Type", "application/cbor")
			w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
			_, _ = w.Write(metricStreams)
		case req.Method == http.MethodHead:
			w.Header().Set("X-Amz-Bucket-Region", "us-west-2")
			w.WriteHeader(http.StatusForbidden)
		case req.Method == http.MethodPost && req.FormValue("Action") == "AssumeRole":
			fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::222222222222:assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>`+secret+
				`</AccessKeyId><SecretAccessKey>`+secret+`</SecretAccessKey><SessionToken>`+secret+"\n"+secret+`</SessionToken><Expiration>2020-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
		default:
			fmt.Fprint(w, `<ListAllMyBucketsResult><Buckets><Bucket><Name>acme</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>`)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// everything asks all of them and tells what came.
func everything(t *testing.T, cfg aws.Config) (told []string) {
	t.Helper()
	ctx, path := context.Background(), func(o *s3.Options) { o.UsePathStyle = true }
	add := func(format string, args ...any) { told = append(told, fmt.Sprintf(format, args...)) }
	names, err := streamNames(t, cfg)
	add("streams %v %v", names, err)
	_, err = kinesis.NewFromConfig(cfg).DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("x")})
	add("summary %v", err != nil && strings.Contains(err.Error(), "ResourceNotFoundException: gone"))
	buckets, err := s3.NewFromConfig(cfg, path).ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		t.Fatal(err)
	}
	add("buckets %s %s", aws.ToString(buckets.Buckets[0].Name), aws.ToString(buckets.Buckets[0].BucketRegion))
	_, err = s3.NewFromConfig(cfg, path).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("b")})
	add("head %v", err != nil && strings.Contains(err.Error(), "403"))
	metrics, err := cloudwatch.NewFromConfig(cfg).ListMetricStreams(ctx, &cloudwatch.ListMetricStreamsInput{})
	if err != nil {
		t.Fatal(err)
	}
	add("metrics %s %s", aws.ToString(metrics.Entries[0].Name), metrics.Entries[0].CreationDate.UTC())
	role, err := sts.NewFromConfig(cfg).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::222222222222:role/r"), RoleSessionName: aws.String("s")})
	if err != nil {
		t.Fatal(err)
	}
	add("role %s", aws.ToString(role.AssumedRoleUser.Arn))
	return told
}

// record asks everything of the endpoint and gives the folder of the recording.
func record(t *testing.T) (dir string, told []string) {
	t.Helper()
	server := endpoint(t)
	dir = t.TempDir()
	r := replay.NewRecorder(dir)
	cfg := over(r, "111111111111", "eu-west-1", server.Client())
	cfg.BaseEndpoint, cfg.RetryMaxAttempts = aws.String(server.URL), 3
	told = everything(t, cfg)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, told
}

// What was recorded is answered alike, without the endpoint and without its refusals that a second try mended.
func TestRecordAndReplay(t *testing.T) {
	dir, live := record(t)
	again := everything(t, over(replay.Open(os.DirFS(dir)), "111111111111", "eu-west-1", nil))
	if diff := cmp.Diff(live, again); diff != "" {
		t.Error(diff)
	}
	if want := "streams [a b] <nil>"; live[0] != want {
		t.Errorf("got %s, want %s", live[0], want)
	}
}

// No secret of an answer is written, in whatever protocol it came.
func TestRedaction(t *testing.T) {
	dir, _ := record(t)
	files := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files++
		if strings.Contains(string(data), secret) {
			t.Errorf("%s holds a secret:\n%s", name, data)
		}
		if !json.Valid(data) {
			t.Errorf("%s is not JSON any more:\n%s", name, data)
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v", name, info.Mode())
		}
		return err
	})
	if err != nil || files != 6 {
		t.Errorf("%d files, %v", files, err)
	}
	// The session in it never ends, or a replay would open the account anew for every call.
	data, err := os.ReadFile(filepath.Join(dir, "111111111111/eu-west-1/sts/AssumeRole.json"))
	if err != nil || strings.Contains(string(data), "2020") || !strings.Contains(string(data), "9999-12-31T23:59:59Z") {
		t.Errorf("%s, %v", data, err)
	}
}

// Two recordings of the same estate are the same bytes.
func TestRecordingsCompare(t *testing.T) {
	first, _ := record(t)
	second, _ := record(t)
	for name, data := range contents(t, first) {
		if other := contents(t, second)[name]; other != data {
			t.Errorf("%s differs:\n%s\n%s", name, data, other)
		}
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		all[strings.TrimPrefix(name, dir)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A folder that cannot be written is an error of Close, and not a recording that lacks answers.
func TestCloseFails(t *testing.T) {
	server := endpoint(t)
	file := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := replay.NewRecorder(file)
	cfg := over(r, "111111111111", "eu-west-1", server.Client())
	cfg.BaseEndpoint, cfg.RetryMaxAttempts = aws.String(server.URL), 3
	if _, err := streamNames(t, cfg); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err == nil || !strings.Contains(err.Error(), "write the recording") {
		t.Errorf("got %v", err)
	}
}

// The record of an event is JSON within JSON: whose address and which key it was stays out of a recording.
func TestRedactionOfEvents(t *testing.T) {
	in := `{"Events":[{"EventId":"e","AccessKeyId":"AKIAEXAMPLE","CloudTrailEvent":"{\"sourceIPAddress\":\"192.0.2.7\",\"userIdentity\":{\"accessKeyId\" : \"ASIAEXAMPLE\",\"arn\":\"a\"}}"}]}`
	want := `{"Events":[{"EventId":"e","AccessKeyId":"REDACTED","CloudTrailEvent":"{\"sourceIPAddress\":\"REDACTED\",\"userIdentity\":{\"accessKeyId\" : \"REDACTED\",\"arn\":\"a\"}}"}]}`
	if got := string(replay.Redact([]byte(in))); got != want {
		t.Errorf("%s", got)
	}
}
