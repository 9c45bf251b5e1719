package scanners_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/seed-1578181b/domicile/scanners"
)

// The SDK puts the account's number before the host of S3 Control; before an address that is no host.
func TestAccountBeforeAnAddress(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(req.URL.Path, "/v20180820/") {
			asked = append(asked, req.URL.Path+" of "+req.Header.Get("X-Amz-Account-Id")+" at "+req.Host)
			fmt.Fprint(w, `<ListAccessPointsResult><AccessPointList/></ListAccessPointsResult>`)
			return
		}
		fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:role/audit</Arn><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	}))
	defer server.Close()
	s := only("s3control", []scanners.Call{{Operation: "ListAccessPoints"}}, func(ctx context.Context, t *scanners.Target) error {
		_, err := s3control.NewFromConfig(t.Config()).ListAccessPoints(ctx, &s3control.ListAccessPointsInput{AccountId: &t.Account})
		return err
	})
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1:" + port, "localhost:" + port} {
		asked = nil
		o := options(t, &tape{}, quiet(), func(o *scanners.Options) {
			o.Transport, o.AWS.BaseEndpoint, o.AWS.HTTPClient = nil, sdk.String("http://"+host), server.Client()
			o.Scanners, o.Regions = []scanners.Scanner{s}, []string{"eu-west-1"}
		})
		if _, err := scanners.Run(context.Background(), o, &collect{}); err != nil {
			t.Fatal(err)
		}
		if want := "/v20180820/accesspoint of 111111111111 at " + host; !slices.Contains(asked, want) {
			t.Errorf("want %q, asked %q", want, asked)
		}
	}
}

// A bucket stands in the path at an endpoint of the user's own: no host is made of its name, dots or none.
func TestBucketAtAnEndpoint(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[req.Method+" "+req.Host+req.URL.Path] = true
		switch req.URL.Path {
		case "/":
			if req.Method == http.MethodGet {
				fmt.Fprint(w, `<ListAllMyBucketsResult><Buckets><Bucket><Name>acme</Name></Bucket><Bucket><Name>acme.eu.files</Name></Bucket></Buckets></ListAllMyBucketsResult>`)
				return
			}
			fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:role/audit</Arn><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		default:
			w.Header().Set("X-Amz-Bucket-Region", "eu-west-1")
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	buckets, err := scanners.Select(scanners.All(), []string{"s3"})
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1:" + port, "localhost:" + port} {
		o := options(t, &tape{}, quiet(), func(o *scanners.Options) {
			o.Transport, o.AWS.BaseEndpoint, o.AWS.HTTPClient = nil, sdk.String("http://"+host), server.Client()
			o.Scanners, o.Regions = buckets, []string{"eu-west-1"}
		})
		if _, err := scanners.Run(context.Background(), o, &collect{}); err != nil {
			t.Fatal(err)
		}
		for _, bucket := range []string{"acme", "acme.eu.files"} {
			if want := "HEAD " + host + "/" + bucket; !asked[want] {
				t.Errorf("want %q, asked %v", want, slices.Sorted(maps.Keys(asked)))
			}
		}
	}
}
