package scanners_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/scanners"
)

// TestNoCredentials: a source of credentials that has none ends the run in words that say what to do, before any call.
func TestNoCredentials(t *testing.T) {
	refused := &url.Error{Op: "Post", URL: "https://sts.eu-west-1.amazonaws.com/", Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"none": {&smithy.OperationError{ServiceID: "ec2imds", OperationName: "GetMetadata", Err: errors.New("access disabled")},
			"no credentials found: set AWS_PROFILE, log in with aws sso login, or use --replay"},
		"sso": {errors.New("the SSO session has expired or is invalid: open cache: no such file"),
			"the SSO session has expired or is not there: run aws sso login and start again"},
		"role": {&smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: &smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}},
			"no credentials: AssumeRole of the profile answered AccessDenied: check AWS_PROFILE and what it builds on"},
		"role, unreachable": {&smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: refused},
			"no credentials: https://sts.eu-west-1.amazonaws.com cannot be reached (connection refused): check network, proxy and AWS_PROFILE"},
		"process": {errors.New("process provider error: exit status 1"),
			"no credentials: process provider error: exit status 1: check AWS_PROFILE, or use --replay"},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			err := identify(t, replay.Open(fstest.MapFS{}).Edit(func(replay.Call, *replay.Answer) (*replay.Answer, error) {
				calls++
				return nil, errors.New("asked")
			}), test.err)
			if err == nil || err.Error() != test.want {
				t.Errorf("%v, want %s", err, test.want)
			}
			if calls > 0 {
				t.Errorf("%d calls without credentials", calls)
			}
			if !errors.Is(err, test.err) {
				t.Error("the cause is lost")
			}
		})
	}
}

// TestFirstCallGivesUp: three tries, where other calls have eight.
func TestFirstCallGivesUp(t *testing.T) {
	var calls atomic.Int64
	err := identify(t, aws{}.fail("any", "sts", "GetCallerIdentity", "", 503, "<busy/>").replayed(t, &calls), nil)
	if err == nil || !strings.Contains(err.Error(), "answered HTTP 503: run it again") {
		t.Errorf("%v", err)
	}
	if calls.Load() != 3 {
		t.Errorf("%d tries", calls.Load())
	}
}

// replayed answers as recorded for any account, and counts.
func (a aws) replayed(t *testing.T, calls *atomic.Int64) *replay.Replay {
	t.Helper()
	files := fstest.MapFS{}
	for name, f := range a.files(t) {
		files[strings.Replace(name, ownAccount, "any", 1)] = f
	}
	return replay.Open(files).Edit(func(_ replay.Call, answer *replay.Answer) (*replay.Answer, error) {
		calls.Add(1)
		return answer, nil
	})
}

// identify makes a run's first call, with credentials or with the error of their source.
func identify(t *testing.T, transport scanners.Transport, none error) error {
	t.Helper()
	cfg := scanners.OfflineConfig("us-east-1")
	if none != nil {
		cfg.Credentials = awssdk.CredentialsProviderFunc(func(context.Context) (awssdk.Credentials, error) { return awssdk.Credentials{}, none })
	}
	_, err := scanners.Run(t.Context(), scanners.Options{AWS: cfg, Transport: transport, Limits: scanners.Limits{MaxBackoff: time.Millisecond}}, nil)
	return err
}
