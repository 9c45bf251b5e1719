package scanners

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// wire answers every request with one status and body, or with an error.
type wire struct {
	status int
	kind   string // content type
	body   string
	err    error
	asked  int
}

func (w *wire) Do(req *http.Request) (*http.Response, error) {
	w.asked++
	if w.err != nil {
		return nil, w.err
	}
	res := &http.Response{StatusCode: w.status, Header: http.Header{"Content-Type": {w.kind}, "X-Amzn-Requestid": {"11112222-3333"}},
		Body: io.NopCloser(strings.NewReader(w.body)), ContentLength: int64(len(w.body)), Request: req}
	return res, nil
}

// ask makes one call of a service over w, as a scanner would.
func ask(w *wire, service string) error {
	base := OfflineConfig("eu-west-1")
	base.HTTPClient = w
	s := newSession("111111111111", base, Limits{Rate: 1e6, MaxAttempts: 4, MaxBackoff: time.Millisecond, Steady: true}.withDefaults())
	cfg := s.config("eu-west-1", func(string, string) bool { return true }, nil)
	var err error
	switch ctx := context.Background(); service {
	case "s3":
		_, err = s3.NewFromConfig(cfg).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String("acme")})
	case "s3 list":
		_, err = s3.NewFromConfig(cfg).ListBuckets(ctx, &s3.ListBucketsInput{})
	case "ec2":
		_, err = ec2.NewFromConfig(cfg).DescribeVolumes(ctx, &ec2.DescribeVolumesInput{})
	default:
		_, err = kinesis.NewFromConfig(cfg).ListStreams(ctx, &kinesis.ListStreamsInput{})
	}
	return err
}

func jsonError(status int, code, message string) wire {
	return wire{status: status, kind: "application/x-amz-json-1.1", body: fmt.Sprintf(`{"__type":"com.amazonaws.kinesis#%s","message":%q}`, code, message)}
}

func s3Error(status int, code, message string) wire {
	return wire{status: status, kind: "application/xml", body: `<Error><Code>` + code + `</Code><Message>` + message + `</Message><RequestId>ABCDEF0123456789</RequestId><HostId>host</HostId></Error>`}
}

func ec2Error(status int, code, message string) wire {
	return wire{status: status, kind: "text/xml", body: `<Response><Errors><Error><Code>` + code + `</Code><Message>` + message + `</Message></Error></Errors><RequestID>11112222-3333</RequestID></Response>`}
}

const (
	who       = "User: arn:aws:sts::111111111111:assumed-role/DomicileAudit/domicile is not authorized to perform: kinesis:ListStreams on resource: arn:aws:kinesis:eu-west-1:111111111111:stream/acme "
	webPage   = "<!doctype html><html><title>acme 111111111111</title></html>"
	throttled = "throttled until the retries ran out: lower --rate or run at a quieter hour"
	absent    = "the endpoint does not implement the operation"
	notRead   = "the answer could not be read"
)

// Error texts by hand, after those that AWS documents and sends.
var classifyTests = []struct {
	name, service string
	wire          wire
	class         residency.GapClass
	detail        string
	asked         int // requests; 0: one
}{
	{"implicit deny", "", jsonError(400, "AccessDeniedException", who+"because no identity-based policy allows the kinesis:ListStreams action"), residency.ClassDenied, detailMissingAction, 0},
	{"identity policy denies", "", jsonError(400, "AccessDeniedException", who+"with an explicit deny in an identity-based policy"), residency.ClassDenied, detailPolicy, 0},
	{"service control policy denies", "", jsonError(400, "AccessDeniedException", who+"with an explicit deny in a service control policy"), residency.ClassDenied, detailServiceSCP, 0},
	{"service control policy by ARN", "", jsonError(400, "AccessDeniedException", who+"with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-ours/service_control_policy/p-1"), residency.ClassDenied, detailServiceSCP, 0},
	{"service control policy allows nothing", "", jsonError(400, "AccessDeniedException", who+"because no service control policy allows the kinesis:ListStreams action"), residency.ClassDenied, detailServiceAllow, 0},
	{"resource control policy", "s3", s3Error(403, "AccessDenied", who+"with an explicit deny in a resource control policy"), residency.ClassDenied, detailResourceSCP, 0},
	{"boundary", "", jsonError(400, "AccessDeniedException", who+"because no permissions boundary allows the kinesis:ListStreams action"), residency.ClassDenied, detailBoundary, 0},
	{"session policy", "", jsonError(400, "AccessDeniedException", who+"because no session policy allows the kinesis:ListStreams action"), residency.ClassDenied, detailSession, 0},
	{"endpoint policy", "s3", s3Error(403, "AccessDenied", who+"because no VPC endpoint policy allows the s3:GetBucketPolicy action"), residency.ClassDenied, detailEndpoint, 0},
	{"resource policy denies", "s3", s3Error(403, "AccessDenied", who+"with an explicit deny in a resource-based policy"), residency.ClassDenied, detailPolicy, 0},
	{"S3's short answer", "s3", s3Error(403, "AccessDenied", "Access Denied"), residency.ClassDenied, detailMissingAction, 0},
	{"S3's disabled access", "s3", s3Error(403, "AllAccessDisabled", "All access to this object has been disabled"), residency.ClassDenied, detailMissingAction, 0},
	{"EC2", "ec2", ec2Error(403, "UnauthorizedOperation", "You are not authorized to perform this operation. "+who+"because no identity-based policy allows the ec2:DescribeVolumes action"), residency.ClassDenied, detailMissingAction, 0},
	{"EC2 by a service control policy", "ec2", ec2Error(403, "UnauthorizedOperation", "You are not authorized to perform this operation. "+who+"with an explicit deny in a service control policy"), residency.ClassDenied, detailServiceSCP, 0},
	{"a code that holds AccessDenied", "", jsonError(400, "KMSAccessDeniedException", "no"), residency.ClassDenied, detailMissingAction, 0},
	{"403 without a body", "s3", wire{status: 403}, residency.ClassDenied, detailMissingAction, 0},
	{"403 cut short", "s3", wire{status: 403, kind: "application/xml", body: "<Error><Code>Acce"}, residency.ClassDenied, detailMissingAction, 0},
	{"401", "", wire{status: 401, kind: "application/json", body: "{}"}, residency.ClassDenied, detailMissingAction, 0},
	{"proxy's 403", "", wire{status: 403, kind: "text/html", body: webPage}, residency.ClassDenied, detailGateway, 0},
	{"proxy's 407", "", wire{status: 407, kind: "text/html; charset=utf-8", body: webPage}, residency.ClassDenied, detailGateway, 0},

	{"opt in", "ec2", ec2Error(401, "OptInRequired", "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe."), residency.ClassDenied, detailSubscription, 0},
	{"subscription", "", jsonError(400, "SubscriptionRequiredException", "The AWS Access Key Id needs a subscription for the service"), residency.ClassDenied, detailSubscription, 0},

	{"region off, JSON", "", jsonError(400, "UnrecognizedClientException", "The security token included in the request is invalid."), residency.ClassDenied, detailRegion, 0},
	{"region off, S3", "s3", s3Error(403, "InvalidClientTokenId", "The security token included in the request is invalid"), residency.ClassDenied, detailRegion, 0},
	{"region off, S3 key", "s3", s3Error(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."), residency.ClassDenied, detailRegion, 0},
	{"region off, EC2", "ec2", ec2Error(401, "AuthFailure", "AWS was not able to validate the provided access credentials"), residency.ClassDenied, detailRegion, 0},
	{"somebody else's image", "ec2", ec2Error(403, "AuthFailure", "Not authorized for images: [ami-1]"), residency.ClassDenied, detailMissingAction, 0},
	{"expired", "", jsonError(400, "ExpiredTokenException", "The security token included in the request is expired"), residency.ClassDenied, detailExpired, 0},
	{"expired, S3", "s3", s3Error(400, "ExpiredToken", "The provided token has expired."), residency.ClassDenied, detailExpired, 0},
	{"expired request", "ec2", ec2Error(400, "RequestExpired", "Request has expired."), residency.ClassDenied, detailExpired, 0},

	{"throttled", "", jsonError(400, "ThrottlingException", "Rate exceeded"), residency.ClassThrottled, throttled, 4},
	{"throttled, EC2", "ec2", ec2Error(503, "RequestLimitExceeded", "Request limit exceeded."), residency.ClassThrottled, throttled, 4},
	{"throttled, S3", "s3", s3Error(503, "SlowDown", "Please reduce your request rate."), residency.ClassThrottled, throttled, 4},
	{"throttled, Kinesis", "", jsonError(400, "LimitExceededException", "Rate exceeded for account 111111111111."), residency.ClassThrottled, throttled, 4},
	{"429", "", wire{status: 429, kind: "application/json", body: "{}"}, residency.ClassThrottled, throttled, 0},

	{"500 and a web page", "", wire{status: 500, kind: "text/html", body: webPage}, residency.ClassServerError, "the endpoint answered HTTP 500: run it again", 1},
	{"503 and a web page", "", wire{status: 503, kind: "text/html", body: webPage}, residency.ClassServerError, "the endpoint answered HTTP 503: run it again", 4},
	{"500 of the service", "", jsonError(500, "InternalFailure", "request 11112222"), residency.ClassServerError, "the endpoint answered HTTP 500: run it again", 4},
	{"404 and a web page", "", wire{status: 404, kind: "text/html", body: webPage}, residency.ClassUnimplemented, absent, 0},
	{"405", "s3", s3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource."), residency.ClassUnimplemented, absent, 0},
	{"501", "s3", s3Error(501, "NotImplemented", "A header you provided implies functionality that is not implemented."), residency.ClassUnimplemented, absent, 1},
	{"501 and a web page", "", wire{status: 501, kind: "text/html", body: webPage}, residency.ClassUnimplemented, absent, 1},
	{"unknown operation", "", jsonError(400, "UnknownOperationException", ""), residency.ClassUnimplemented, absent, 0},
	{"unknown action", "ec2", ec2Error(400, "InvalidAction", "The action DescribeVolumes is not valid for this web service."), residency.ClassUnimplemented, absent, 0},

	{"gone", "s3", s3Error(404, "NoSuchBucket", "The specified bucket does not exist"), residency.ClassNotFound, "gone when asked for: NoSuchBucket", 0},
	{"gone, EC2", "ec2", ec2Error(400, "InvalidVolume.NotFound", "The volume 'vol-1' does not exist."), residency.ClassNotFound, "gone when asked for: InvalidVolume.NotFound", 0},
	{"gone, JSON", "", jsonError(400, "ResourceNotFoundException", "Stream acme under account 111111111111 not found."), residency.ClassNotFound, "gone when asked for: ResourceNotFoundException", 0},
	{"404 alone", "", wire{status: 404, kind: "application/json", body: "{}"}, residency.ClassNotFound, "gone when asked for: HTTP 404", 0},
	{"another error", "", jsonError(400, "ValidationException", "1 validation error: stream acme"), residency.ClassServerError, "the endpoint answered ValidationException", 0},
	{"another error without a name", "", wire{status: 400, kind: "application/json", body: "{}"}, residency.ClassServerError, "the endpoint answered HTTP 400", 0},
	{"redirect", "s3", s3Error(301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint."), residency.ClassServerError, "the endpoint answered PermanentRedirect", 0},
	{"redirect without a body", "", wire{status: 301, kind: "application/json"}, residency.ClassServerError, "the endpoint answered HTTP 301", 0},

	{"XML cut short", "s3 list", wire{status: 200, kind: "application/xml", body: "<ListAllMyBucketsResult><Buckets><Bucket><Name>acme</Na"}, residency.ClassMalformed, notRead, 0},
	{"XML cut short, EC2", "ec2", wire{status: 200, kind: "text/xml", body: "<DescribeVolumesResponse><volumeSet><item><volumeId>vol-1</vol"}, residency.ClassMalformed, notRead, 0},
	{"JSON cut short", "", wire{status: 200, kind: "application/x-amz-json-1.1", body: `{"StreamNames":["acme"`}, residency.ClassMalformed, notRead, 0},
	{"nothing with 200, S3", "s3 list", wire{status: 200, kind: "application/xml"}, residency.ClassMalformed, errEmpty.Error(), 0},
	{"nothing with 200, EC2", "ec2", wire{status: 200, kind: "text/xml"}, residency.ClassMalformed, errEmpty.Error(), 0},
	{"nothing with 200, JSON", "", wire{status: 200, kind: "application/x-amz-json-1.1"}, residency.ClassMalformed, errEmpty.Error(), 0},
	{"a web page with 200", "", wire{status: 200, kind: "text/html", body: webPage}, residency.ClassMalformed, "the answer is a web page: check proxy and AWS_ENDPOINT_URL", 0},

	{"no such host", "", wire{err: &url.Error{Op: "Post", URL: "https://kinesis.eu-west-1.amazonaws.com", Err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "kinesis.eu-west-1.amazonaws.com", IsNotFound: true}}}}, residency.ClassUnreachable, `no such host "kinesis.eu-west-1.amazonaws.com": is the service offered there?`, 1},
	{"refused", "", wire{err: &url.Error{Op: "Post", URL: "https://kinesis.eu-west-1.amazonaws.com", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}}, residency.ClassUnreachable, "the endpoint could not be reached: check network and proxy", 4},
	{"timeout", "", wire{err: &url.Error{Op: "Post", URL: "https://kinesis.eu-west-1.amazonaws.com", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}}}, residency.ClassUnreachable, "the endpoint did not answer in time: check network and proxy", 4},
	{"deadline of the transport", "", wire{err: &url.Error{Op: "Post", URL: "https://kinesis.eu-west-1.amazonaws.com", Err: context.DeadlineExceeded}}, residency.ClassUnreachable, "the endpoint did not answer in time: check network and proxy", 0},
	{"interrupted", "", wire{err: context.Canceled}, residency.ClassCancelled, "the run was interrupted: run it again", 0},
}

// particulars are what would keep gaps of one cause from folding.
var particulars = regexp.MustCompile(`acme|[0-9]{12}|11112222|ABCDEF0|arn:|vol-|ami-`)

func TestClassify(t *testing.T) {
	for _, test := range classifyTests {
		t.Run(test.name, func(t *testing.T) {
			w := test.wire
			err := ask(&w, test.service)
			if err == nil {
				t.Fatal("no error")
			}
			class, detail := classify(err)
			if class != test.class || detail != test.detail {
				t.Errorf("got %s: %s\nwant %s: %s\nof %v", class, detail, test.class, test.detail, err)
			}
			if particulars.MatchString(detail) {
				t.Errorf("%q names what differs from call to call", detail)
			}
			if test.asked > 0 && w.asked != test.asked {
				t.Errorf("asked %d times, want %d", w.asked, test.asked)
			}
		})
	}
}

// What scanners make themselves: their own words are about an answer that they could not use.
func TestClassifyOwn(t *testing.T) {
	for _, test := range []struct {
		err    error
		class  residency.GapClass
		detail string
	}{
		{nil, residency.ClassMalformed, "the answer is empty"},
		{errors.New("more tags announced and none given"), residency.ClassMalformed, "more tags announced and none given"},
		{fmt.Errorf("list tags: %w", errors.New("two\nlines")), residency.ClassMalformed, "two"},
		{fmt.Errorf("list: %w", errRepeats), residency.ClassMalformed, errRepeats.Error()},
		{errCrashed{"index out of range"}, residency.ClassMalformed, "the scanner stopped at an answer that it does not understand: index out of range"},
		{errUndeclared{"s3", "CreateBucket"}, residency.ClassUnimplemented, "s3.CreateBucket is not declared by a scanner: refused by the read-only guard"},
		{fmt.Errorf("wait for the rate limit: %w", context.Canceled), residency.ClassCancelled, "the run was interrupted: run it again"},
	} {
		if class, detail := classify(test.err); class != test.class || detail != test.detail {
			t.Errorf("%v: got %s: %s", test.err, class, detail)
		}
	}
	_, err := s3.NewFromConfig(OfflineConfig("eu-west-1")).GetBucketPolicy(context.Background(), &s3.GetBucketPolicyInput{})
	if class, detail := classify(err); class != residency.ClassMalformed || detail != "an answer lacks what the next question needs" {
		t.Errorf("a question without its bucket: %s: %s (%v)", class, detail, err)
	}
}

// A denied gap names the action that its call needs, unless a policy above the account denied it.
func TestGapCure(t *testing.T) {
	s := &Scanner{Service: "kinesis", Calls: []Call{{Operation: "ListStreams", IAM: "kinesis:ListStreams"}, {Operation: "Free"}}}
	for _, test := range []struct {
		operation, message, want string
	}{
		{"ListStreams", "because no identity-based policy allows it", "the audit role lacks kinesis:ListStreams: allow it"},
		{"ListStreams", "with an explicit deny in a service control policy", detailServiceSCP},
		{"Free", "", detailMissingAction},
	} {
		out, w := &Sink{scanner: s}, jsonError(400, "AccessDeniedException", test.message)
		out.Gap("arn:x", test.operation, ask(&w, ""))
		if out.gaps[0].Detail != test.want || out.gaps[0].Resource != "arn:x" || out.gaps[0].Call != test.operation {
			t.Errorf("%+v", out.gaps[0])
		}
	}
}

func TestStatusOfLine(t *testing.T) {
	denied, lost := residency.Gap{Class: residency.ClassDenied}, residency.Gap{Class: residency.ClassServerError}
	for _, test := range []struct {
		gaps      []residency.Gap
		answered  int
		resources int
		want      residency.Status
	}{
		{nil, 0, 0, residency.Complete},
		{[]residency.Gap{denied}, 0, 0, residency.Denied},
		{[]residency.Gap{denied, lost}, 0, 0, residency.Failed},
		{[]residency.Gap{denied}, 1, 0, residency.Partial},
		{[]residency.Gap{lost}, 0, 1, residency.Partial},
		{[]residency.Gap{lost}, 0, 0, residency.Failed},
	} {
		s := &Sink{scanner: &Scanner{}, gaps: test.gaps, resources: test.resources}
		if got := s.coverage("eu-west-1", test.answered).Status; got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
