//go:build live

package live

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// meter passes requests on to moto and counts them.
type meter struct {
	url string

	mu       sync.Mutex
	refused  map[string]int // by request: those that moto has no operation for
	ofBucket int            // requests to S3 that name a bucket
}

var credential = regexp.MustCompile(`Credential=([^/]+)/\d+/([^/]+)/([^/]+)/`)

func startMeter(t testing.TB, moto *server) *meter {
	t.Helper()
	target, err := url.Parse(moto.url)
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{refused: map[string]int{}}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 128}
	proxy.ModifyResponse = func(res *http.Response) error {
		r, html := res.Request, strings.HasPrefix(res.Header.Get("Content-Type"), "text/html")
		m.mu.Lock()
		defer m.mu.Unlock()
		if strings.Contains(r.Header.Get("X-Meter"), " s3 ") && strings.Trim(r.URL.Path, "/") != "" {
			m.ofBucket++
		}
		if html && (res.StatusCode == http.StatusInternalServerError || res.StatusCode == http.StatusNotFound) {
			m.refused[r.Header.Get("X-Meter")]++
		}
		return nil
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.Header.Set("X-Meter", describe(r, body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	m.url = front.URL
	return m
}

// describe tells requests apart by caller, region, service, and everything that they ask.
func describe(r *http.Request, body []byte) string {
	who := credential.FindStringSubmatch(r.Header.Get("Authorization"))
	if who == nil {
		who = make([]string, 4)
	}
	return strings.Join([]string{who[1], who[2], who[3], r.Header.Get("X-Amz-Target"), r.Method, r.URL.RequestURI(), string(body)}, " ")
}

// TestUnimplemented: an operation that the endpoint does not have is asked once in each place, so that it costs the run seconds;
// and it is a gap, never an answer.
func TestUnimplemented(t *testing.T) {
	moto := startMoto(t)
	m := startMeter(t, moto)
	env := moto.caller(t, "111111111111")
	for i := range env {
		env[i] = strings.Replace(env[i], moto.url, m.url, 1)
	}
	got := scan(t, env, all())
	if got.exit != 3 || got.Conclusion != residency.ConcludeNotConcluded {
		t.Errorf("exit %d, conclusion %q", got.exit, got.Conclusion)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.refused) < 20 {
		t.Errorf("moto refused %d kinds of requests: is the meter blind?", len(m.refused))
	}
	for request, n := range m.refused {
		limit := 1
		if strings.Contains(request, "/inference-profiles") {
			limit = 2 // two scanners need them
		}
		if n > limit {
			t.Errorf("asked %d times: %s", n, request)
		}
	}
	if len(got.Coverage.Gaps) < 20 {
		t.Errorf("%d gaps for %d refusals", len(got.Coverage.Gaps), len(m.refused))
	}
}

// sendTo reaches one server and keeps AWS's own host name, by which moto knows an account of S3 Control.
type sendTo struct{ host string }

func (t sendTo) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.URL.Scheme, r.URL.Host = "http", t.host
	return http.DefaultTransport.RoundTrip(r)
}

type inventory struct {
	mu    sync.Mutex
	found []residency.Resource
}

func (i *inventory) Add(r *residency.Resource) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.found = append(i.found, *r)
	return nil
}

// TestAccessPoints reaches S3 Control by its own host.
func TestAccessPoints(t *testing.T) {
	moto := startMoto(t)
	cfg := aws.Config{Region: "us-east-1", HTTPClient: &http.Client{Transport: sendTo{strings.TrimPrefix(moto.url, "http://")}},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	account := "123456789012" // moto's own, since no role is assumed
	_, err := s3control.NewFromConfig(cfg).CreateAccessPoint(context.Background(), &s3control.CreateAccessPointInput{AccountId: &account,
		Name: aws.String("acme-us-door"), Bucket: aws.String("acme-us-files")})
	if err != nil {
		t.Fatal(err)
	}
	picked, err := scanners.Select(scanners.All(), []string{"s3control"})
	if err != nil {
		t.Fatal(err)
	}
	var seen inventory
	_, err = scanners.Run(context.Background(), scanners.Options{AWS: cfg, Scanners: picked, Shipped: len(scanners.All()), Regions: []string{"us-east-1"},
		Partition: func(string) []string { return []string{"us-east-1"} }, Limits: scanners.Limits{Rate: 1e4, MaxAttempts: 1}}, &seen)
	if err != nil {
		t.Fatal(err)
	}
	var doors []string
	for _, r := range seen.found {
		if r.Kind == "s3control.access_point" {
			doors = append(doors, r.ID+" "+r.Placements[0].Target)
		}
	}
	slices.Sort(doors)
	want := []string{"arn:aws:s3:us-east-1:123456789012:accesspoint/acme-us-door arn:aws:s3:::acme-us-files"}
	if diff := cmp.Diff(want, doors); diff != "" {
		t.Errorf("access points (-want +got):\n%s", diff)
	}
}
