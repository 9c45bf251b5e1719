package scanners_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// only is a scanner that makes one call, declared or not.
func only(service string, declared []scanners.Call, call func(context.Context, *scanners.Target) error) scanners.Scanner {
	s := streams()
	s.Service, s.Calls = service, declared
	s.Scan = func(ctx context.Context, t *scanners.Target, _ *scanners.Sink) error { return call(ctx, t) }
	return s
}

// forbidden are calls that no scanner declares: writes, reads, and reads of another package under a declared name.
var forbidden = map[string]scanners.Scanner{
	"s3.CreateBucket": only("s3", []scanners.Call{{Operation: "ListBuckets"}}, func(ctx context.Context, t *scanners.Target) error {
		_, err := s3.NewFromConfig(t.Config()).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: sdk.String("acme")})
		return err
	}),
	"s3.DeleteBucket": only("s3", []scanners.Call{{Operation: "ListBuckets"}}, func(ctx context.Context, t *scanners.Target) error {
		_, err := s3.NewFromConfig(t.ConfigIn("us-east-1")).DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: sdk.String("acme")})
		return err
	}),
	"s3.GetObject": only("s3", []scanners.Call{{Operation: "ListBuckets"}}, func(ctx context.Context, t *scanners.Target) error {
		_, err := s3.NewFromConfig(t.Config()).GetObject(ctx, &s3.GetObjectInput{Bucket: sdk.String("acme"), Key: sdk.String("k")})
		return err
	}),
	"kinesis.DescribeStreamSummary": only("kinesis", []scanners.Call{{Operation: "ListStreams"}}, func(ctx context.Context, t *scanners.Target) error {
		_, err := kinesis.NewFromConfig(t.Config()).DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: sdk.String("acme")})
		return err
	}),
	"ec2.DescribeVolumes": only("kinesis", []scanners.Call{{Operation: "ListStreams"}, {Operation: "DescribeVolumes"}}, func(ctx context.Context, t *scanners.Target) error {
		_, err := ec2.NewFromConfig(t.Config()).DescribeVolumes(ctx, &ec2.DescribeVolumesInput{})
		return err
	}),
	"sts.AssumeRole": only("kinesis", []scanners.Call{{Operation: "ListStreams"}}, func(ctx context.Context, t *scanners.Target) error {
		_, err := sts.NewFromConfig(t.Config()).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: sdk.String("arn:aws:iam::222222222222:role/Audit"), RoleSessionName: sdk.String("x")})
		return err
	}),
}

// What is not declared leaves no request, over a recording and over a network alike, and the gap names the call.
func TestReadOnlyGuard(t *testing.T) {
	for call, s := range forbidden {
		t.Run(call, func(t *testing.T) {
			tp := &tape{}
			f := scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(s))
			_, operation, _ := strings.Cut(call, ".")
			if n := tp.asked("", operation); n != 0 {
				t.Errorf("%d requests left", n)
			}
			if len(f.coverage) != 3 || f.coverage[1].Status != residency.Failed || len(f.coverage[1].Gaps) != 1 {
				t.Fatalf("%+v", f.coverage)
			}
			want := residency.Gap{Call: operation, Class: residency.ClassUnimplemented, Detail: call + " is not declared by a scanner: refused by the read-only guard"}
			same(t, "gap", f.coverage[1].Gaps[0], want)
		})
	}
}

func TestGuardOverNetwork(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.ContentLength > 0 && req.FormValue("Action") == "GetCallerIdentity" {
			fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:role/audit</Arn><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
			return
		}
		if req.Method != http.MethodPost { // the organisation and the regions are asked by POST
			requests.Add(1)
		}
		w.WriteHeader(http.StatusBadRequest)
	}))
	defer server.Close()
	for call, s := range forbidden {
		if s.Service != "s3" {
			continue
		}
		o := options(t, &tape{}, quiet(), func(o *scanners.Options) {
			o.Transport, o.AWS.BaseEndpoint, o.AWS.HTTPClient = nil, sdk.String(server.URL), server.Client()
			o.Scanners = []scanners.Scanner{s}
		})
		if _, err := scanners.Run(context.Background(), o, &collect{}); err != nil {
			t.Fatal(err)
		}
		if n := requests.Load(); n != 0 {
			t.Errorf("%s: %d requests reached the server", call, n)
		}
	}
}

// Every operation that the shipped scanners and the runner declare reads: its name says so.
func TestDeclaredCallsRead(t *testing.T) {
	reads := []string{"Get", "List", "Describe", "Head", "BatchGet", "Search", "Lookup"}
	calls := scanners.RunnerCalls()
	for _, s := range scanners.All() {
		calls = append(calls, s.Calls...)
	}
	for _, c := range calls {
		named := func(prefix string) bool { return strings.HasPrefix(c.Operation, prefix) }
		if c.Operation != "AssumeRole" && !slices.ContainsFunc(reads, named) {
			t.Errorf("%s does not sound as if it only read", c.Operation)
		}
	}
}

// How often a call is tried, and the gap that is left.
func TestRetries(t *testing.T) {
	web := map[string]string{"Content-Type": "text/html"}
	ok := &replay.Answer{Body: []byte(`{"StreamNames":[],"HasMoreStreams":false}`)}
	for _, test := range []struct {
		name    string
		answers []*replay.Answer // the last is repeated
		asked   int
		gap     string
	}{
		{"throttled to the end", []*replay.Answer{failure("kinesis", 400, "ThrottlingException", "Rate exceeded")}, 4, "ListStreams throttled"},
		{"throttled once", []*replay.Answer{failure("kinesis", 400, "ThrottlingException", "Rate exceeded"), ok}, 4, ""},
		{"503 twice", []*replay.Answer{failure("kinesis", 503, "ServiceUnavailable", ""), failure("kinesis", 503, "ServiceUnavailable", ""), ok}, 5, ""},
		{"500 and a web page", []*replay.Answer{{Status: 500, Headers: web, Body: text("<html></html>")}}, 1, "ListStreams server_error"},
		{"denied", []*replay.Answer{failure("kinesis", 403, "AccessDenied", "no")}, 1, "ListStreams denied"},
		{"not implemented", []*replay.Answer{{Status: 501, Headers: web, Body: text("<html></html>")}}, 1, "ListStreams unimplemented"},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := 0
			tp := &tape{program: func(c replay.Call) *replay.Answer {
				if c.Operation != "ListStreams" {
					return nil
				}
				n++
				return test.answers[min(n, len(test.answers))-1]
			}}
			f := scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(streams()), func(o *scanners.Options) {
				o.Limits.MaxAttempts, o.Limits.MaxBackoff = 4, time.Microsecond
			})
			if n != test.asked {
				t.Errorf("%d requests, want %d", n, test.asked)
			}
			var want []string
			if test.gap != "" {
				want = []string{test.gap}
			}
			same(t, "gaps", f.gaps(), want)
		})
	}
}
