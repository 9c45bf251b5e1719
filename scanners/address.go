package scanners

import (
	"context"
	"net"
	"net/netip"
	"regexp"
	"strings"

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
