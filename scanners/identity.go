package scanners

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Identity is who asks.
type Identity struct{ Account, ARN, Partition string }

// The first call gives up early: most often a slip in the settings makes it fail, and a person waits to see it.
const (
	identityAttempts = 3
	identityTimeout  = 15 * time.Second
)

// identify is the first call of a run. Its failure ends the run: without it nothing that follows can be trusted.
func identify(ctx context.Context, s *session) (Identity, error) {
	if s.base.Credentials != nil { // before the call and without its deadline: a login may wait for a person
		if _, err := s.base.Credentials.Retrieve(ctx); err != nil {
			return Identity{}, credentialsCure(err)
		}
	}
	limits := s.limits
	limits.MaxAttempts, limits.MaxBackoff = min(limits.MaxAttempts, identityAttempts), min(limits.MaxBackoff, time.Second)
	cfg := newSession(s.account, s.base, limits).config(s.base.Region, runnerDeclares, nil)
	limited, cancel := context.WithTimeout(ctx, identityTimeout)
	defer cancel()
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(limited, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, fmt.Errorf("ask AWS who is calling (sts:GetCallerIdentity): %w", identityCure(err, endpointOf(err, cfg.BaseEndpoint)))
	}
	arn := aws.ToString(out.Arn)
	partition, _, _, _, _, ok := ParseARN(arn)
	if !ok {
		return Identity{}, errors.New("ask AWS who is calling (sts:GetCallerIdentity): no ARN in the answer: check AWS_ENDPOINT_URL and proxy")
	}
	return Identity{Account: aws.ToString(out.Account), ARN: arn, Partition: partition}, nil
}

// cured is an error in words for a person, with the cure; its cause is kept for those who ask what it was.
type cured struct {
	text  string
	cause error
}

func (c cured) Error() string { return c.text }
func (c cured) Unwrap() error { return c.cause }

// credentialsCure is for a source of credentials that has none to give. The instance's own is the last that is tried, so that its
// failure means that there was no other.
func credentialsCure(err error) error {
	text := strings.TrimPrefix(err.Error(), "failed to refresh cached credentials, ")
	var op *smithy.OperationError
	var api smithy.APIError
	var refused *url.Error
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &op) && op.Service() == "ec2imds":
		text = "no credentials found: set AWS_PROFILE, log in with aws sso login, or use --replay"
	case strings.Contains(text, "SSO session has expired"), strings.Contains(text, "SSO token"), strings.Contains(text, "refresh cached SSO"):
		text = "the SSO session has expired or is not there: run aws sso login and start again"
	case errors.As(err, &op) && errors.As(err, &api):
		text = fmt.Sprintf("no credentials: %s of the profile answered %s: check AWS_PROFILE and what it builds on", op.Operation(), api.ErrorCode())
	case errors.As(err, &refused):
		text = fmt.Sprintf("no credentials: %s cannot be reached (%s): check network, proxy and AWS_PROFILE", endpointOf(err, nil), rootCause(err))
	default:
		text = fmt.Sprintf("no credentials: %s: check AWS_PROFILE, or use --replay", text)
	}
	return cured{text, err}
}

var expiredCodes = map[string]bool{"ExpiredToken": true, "ExpiredTokenException": true, "RequestExpired": true}

// identityCure says what to do about a first call that failed.
func identityCure(err error, endpoint string) error {
	class, detail := classify(err)
	status, html := response(err)
	var api smithy.APIError
	var decode *smithy.DeserializationError
	var refused *url.Error
	var send *smithyhttp.RequestSendError
	code := ""
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	text := detail
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case expiredCodes[code]:
		text = "the credentials have expired: renew them (aws sso login, or new keys) and run again"
	case status >= 500:
		text = fmt.Sprintf("%s answered HTTP %d: run it again, or check AWS_ENDPOINT_URL and proxy", endpoint, status)
	case html, errors.As(err, &decode), code == "UnknownError", class == residency.ClassUnimplemented, class == residency.ClassNotFound:
		text = endpoint + " does not answer as AWS does: check AWS_ENDPOINT_URL and proxy"
	case class == residency.ClassDenied:
		text = fmt.Sprintf("the credentials were refused (%s): check AWS_PROFILE or the access keys", code)
	case errors.Is(err, context.DeadlineExceeded):
		text = fmt.Sprintf("%s gave no answer within %s: check network, proxy and AWS_ENDPOINT_URL", endpoint, identityTimeout)
	case certificate(err):
		text = fmt.Sprintf("the certificate of %s is not trusted: name its authority with AWS_CA_BUNDLE, or check AWS_ENDPOINT_URL", endpoint)
	case !isURL(endpoint):
		text = fmt.Sprintf("%q is no URL: write AWS_ENDPOINT_URL with its scheme, as in http://127.0.0.1:5000", endpoint)
	case errors.As(err, &refused):
		text = fmt.Sprintf("%s cannot be reached (%s): check network, proxy, AWS_REGION and AWS_ENDPOINT_URL", endpoint, rootCause(err))
	case errors.As(err, &send):
		text = send.Err.Error()
	}
	return cured{text, err}
}

// isURL reports whether an endpoint can be one: a host and port alone are not.
func isURL(endpoint string) bool {
	_, err := url.Parse(endpoint)
	return err == nil
}

func certificate(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid)
}

// endpointOf is where a call went, as far as its error or the settings tell.
func endpointOf(err error, base *string) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		return strings.TrimSuffix(failed.URL, "/")
	}
	var re *smithyhttp.ResponseError
	if errors.As(err, &re) && re.Response != nil && re.Response.Response != nil && re.Response.Request != nil && re.Response.Request.URL != nil {
		return re.Response.Request.URL.Scheme + "://" + re.Response.Request.URL.Host
	}
	if base != nil {
		return *base
	}
	return "the endpoint"
}
