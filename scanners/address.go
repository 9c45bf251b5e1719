package scanners

import (
	"context"
	"net"
	"net/netip"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// reachable takes the account's number off the front of a host that can have none: S3 Control's, where AWS_ENDPOINT_URL names an
// address or localhost. 111111111111.127.0.0.1 is no host, and AWS reads the account from the header X-Amz-Account-Id as well.
func reachable() middleware.FinalizeMiddleware {
	return middleware.FinalizeMiddlewareFunc("domicile.Reachable", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if req, ok := in.Request.(*smithyhttp.Request); ok {
			req.URL.Host = withoutAccount(req.URL.Host)
		}
		return next.HandleFinalize(ctx, in)
	})
}

// byPath names a bucket in the path at an endpoint of the user's own, as the AWS CLI does. Such an endpoint need have no host for each
// bucket: there is none before localhost, and before an address the SDK puts the name of a bucket with dots.
func byPath(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }

var accountNumber = regexp.MustCompile(`^\d{12}$`)

func withoutAccount(host string) string {
	account, rest, _ := strings.Cut(host, ".")
	if !accountNumber.MatchString(account) {
		return host
	}
	name := rest
	if h, _, err := net.SplitHostPort(rest); err == nil {
		name = h
	}
	if _, err := netip.ParseAddr(name); err != nil && name != "localhost" {
		return host
	}
	return rest
}
