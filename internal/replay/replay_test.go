package replay_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
)

// transport is what a recorder and a replay have in common.
type transport interface {
	Client(account string, next aws.HTTPClient) aws.HTTPClient
	Register(*middleware.Stack) error
}

// over is a configuration of one account whose calls go through t, and from there to next.
func over(t transport, account, region string, next aws.HTTPClient) aws.Config {
	return aws.Config{Region: region, HTTPClient: t.Client(account, next), APIOptions: []func(*middleware.Stack) error{t.Register},
		Credentials: credentials.NewStaticCredentialsProvider("K", "S", ""), RetryMaxAttempts: 1,
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
		}}
}

func files(entries map[string]string) *replay.Replay {
	all := fstest.MapFS{}
	for name, body := range entries {
		all[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return replay.Open(all)
}

// streamNames lists every page.
func streamNames(t *testing.T, cfg aws.Config) (names []string, err error) {
	t.Helper()
	for pages := kinesis.NewListStreamsPaginator(kinesis.NewFromConfig(cfg), &kinesis.ListStreamsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			return names, err
		}
		names = append(names, page.StreamNames...)
	}
	return names, nil
}

const onePage = `[{"body":{"StreamNames":["%"],"HasMoreStreams":false}}]`

func named(name string) string { return strings.Replace(onePage, "%", name, 1) }

// The folder of the account and region comes first, then that of the account, then that of the region, then the one for all.
func TestFolders(t *testing.T) {
	all := map[string]string{"any/any/kinesis/ListStreams.json": named("everywhere")}
	for _, step := range []struct{ add, want string }{
		{"", "everywhere"}, {"any/eu-west-1", "region"}, {"111111111111/any", "account"}, {"111111111111/eu-west-1", "both"},
	} {
		if step.add != "" {
			all[step.add+"/kinesis/ListStreams.json"] = named(step.want)
		}
		got, err := streamNames(t, over(files(all), "111111111111", "eu-west-1", nil))
		if err != nil || len(got) != 1 || got[0] != step.want {
			t.Errorf("%s: %v, %v", step.want, got, err)
		}
	}
	got, err := streamNames(t, over(files(all), "222222222222", "us-east-1", nil))
	if err != nil || len(got) != 1 || got[0] != "everywhere" {
		t.Errorf("another place: %v, %v", got, err)
	}
}

// An answer serves its own input; one without an input serves any that has none of its own; page one never serves for page two.
func TestInputs(t *testing.T) {
	const first, second = `{"input":{},"body":{"StreamNames":["a"],"HasMoreStreams":true,"NextToken":"t"}}`, `{"input":{"NextToken":"t"},"body":{"StreamNames":["b"],"HasMoreStreams":false}}`
	for _, test := range []struct {
		name, answers string
		want          []string
		missing       bool
	}{
		{"two pages", first + "," + second, []string{"a", "b"}, false},
		{"in any order", second + "," + first, []string{"a", "b"}, false},
		{"no second page", first, []string{"a"}, true},
		{"only a second page", second, nil, true},
		{"any input", `{"body":{"StreamNames":["c"],"HasMoreStreams":false}}`, []string{"c"}, false},
		{"its own before any", `{"body":{"StreamNames":["c"],"HasMoreStreams":false}},` + first + "," + second, []string{"a", "b"}, false},
		{"another input", `{"input":{"Limit":5},"body":{"StreamNames":["d"],"HasMoreStreams":false}}`, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := streamNames(t, over(files(map[string]string{"any/any/kinesis/ListStreams.json": "[" + test.answers + "]"}), "1", "eu-west-1", nil))
			if diff := cmp.Diff(test.want, got); diff != "" || errors.Is(err, replay.ErrNoAnswer) != test.missing {
				t.Errorf("%s\n%v", diff, err)
			}
		})
	}
}

// A call that the recording does not hold is an error that says which, and is not worth a second try.
func TestNoAnswer(t *testing.T) {
	r := files(map[string]string{"111111111111/eu-west-1/kinesis/ListStreams.json": named("a")})
	_, err := streamNames(t, over(r, "222222222222", "eu-west-1", nil))
	if !errors.Is(err, replay.ErrNoAnswer) || !strings.Contains(err.Error(), "kinesis.ListStreams of account 222222222222 in eu-west-1: no recorded answer") {
		t.Errorf("got %v", err)
	}
	var again interface{ RetryableError() bool }
	if !errors.As(err, &again) || again.RetryableError() {
		t.Error("worth a second try")
	}
}

// A file that cannot be read is an error that names it, and is not asked for again and again.
func TestCorrupt(t *testing.T) {
	for name, body := range map[string]string{"cut short": `[{"body":{"Stream`, "no list": `{"body":{}}`, "empty": ``, "a misspelt member": `[{"bodi":{}}]`, "two values": `[] []`} {
		opened := 0
		r := replay.Open(counting{fstest.MapFS{"any/any/kinesis/ListStreams.json": {Data: []byte(body)}}, &opened})
		cfg := over(r, "1", "eu-west-1", nil)
		cfg.RetryMaxAttempts = 3
		_, err := streamNames(t, cfg)
		if err == nil || !strings.Contains(err.Error(), "read recorded answers: any/any/kinesis/ListStreams.json: ") {
			t.Errorf("%s: %v", name, err)
		}
		if opened != 1 {
			t.Errorf("%s: read %d times", name, opened)
		}
	}
}

type counting struct {
	fstest.MapFS
	opened *int
}

func (c counting) ReadFile(name string) ([]byte, error) {
	if data, err := c.MapFS.ReadFile(name); err == nil {
		*c.opened++
		return data, nil
	}
	return c.MapFS.ReadFile(name)
}

func TestAnswers(t *testing.T) {
	r := files(map[string]string{
		"any/any/s3/ListBuckets.json":               `[{"body":"<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>"}]`,
		"any/any/s3/HeadBucket.json":                `[{"status":403,"headers":{"x-amz-bucket-region":"us-west-2"}}]`,
		"any/any/s3/GetBucketPolicy.json":           `[{"body64":"eyJTdGF0ZW1lbnQiOltdfQ=="}]`,
		"any/any/s3/GetBucketLocation.json":         `[{"body64":"%%%"}]`,
		"any/any/kinesis/ListStreams.json":          `[{"status":400,"body":{"__type":"ThrottlingException","message":"slow"}}]`,
		"any/any/cloudwatch/ListMetricStreams.json": `[{"body":{"Entries":[{"Name":"m","Arn":"arn:x","CreationDate":{"$time":1700000000},"OutputFormat":"json"}],"NextToken":null}}]`,
	})
	cfg, ctx := over(r, "1", "eu-west-1", nil), context.Background()
	if out, err := s3.NewFromConfig(cfg).ListBuckets(ctx, &s3.ListBucketsInput{}); err != nil || len(out.Buckets) != 1 || aws.ToString(out.Buckets[0].BucketRegion) != "eu-west-1" {
		t.Errorf("XML: %+v, %v", out, err)
	}
	var status interface{ HTTPStatusCode() int }
	if _, err := s3.NewFromConfig(cfg).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("b")}); !errors.As(err, &status) || status.HTTPStatusCode() != http.StatusForbidden {
		t.Errorf("status: %v", err)
	}
	if out, err := s3.NewFromConfig(cfg).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String("b")}); err != nil || aws.ToString(out.Policy) != `{"Statement":[]}` {
		t.Errorf("base64: %+v, %v", out, err)
	}
	if _, err := s3.NewFromConfig(cfg).GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: aws.String("b")}); err == nil {
		t.Error("broken base64: no error")
	}
	if _, err := streamNames(t, cfg); err == nil || !strings.Contains(err.Error(), "ThrottlingException") {
		t.Errorf("error: %v", err)
	}
	out, err := cloudwatch.NewFromConfig(cfg).ListMetricStreams(ctx, &cloudwatch.ListMetricStreamsInput{})
	if err != nil || len(out.Entries) != 1 || aws.ToString(out.Entries[0].Name) != "m" {
		t.Errorf("CBOR from JSON: %+v, %v", out, err)
	} else if d := out.Entries[0].CreationDate; d == nil || !d.Equal(time.Unix(1700000000, 0)) {
		t.Errorf("time: %v", d)
	}
}
