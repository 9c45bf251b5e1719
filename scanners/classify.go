package scanners

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Details of denied calls. They name cause and cure and nothing that differs from call to call, so that gaps of one cause fold.
const (
	detailMissingAction = "the audit role lacks the IAM action: allow it"
	detailServiceSCP    = "explicit deny in a service control policy: exempt the audit role from it"
	detailResourceSCP   = "explicit deny in a resource control policy: exempt the audit role from it"
	detailBoundary      = "denied by a permissions boundary: widen the audit role's boundary"
	detailPolicy        = "explicit deny in an IAM or resource policy: exempt the audit role from it"
	detailRegion        = "the region refused the credentials: enable the region for the account or exempt the audit role"
)

// errUndeclared is what the guard answers to a call that the scanner did not declare.
type errUndeclared struct{ service, operation string }

func (e errUndeclared) Error() string {
	return fmt.Sprintf("%s.%s is not declared by a scanner: refused by the read-only guard", e.service, e.operation)
}

// classify says why a call gave no answer: the class of the gap, and cause and cure in words.
func classify(err error) (residency.GapClass, string) {
	var api smithy.APIError
	code := ""
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	status, html := response(err)
	var undeclared errUndeclared
	var dns *net.DNSError
	var network net.Error
	var decode *smithy.DeserializationError
	switch {
	case errors.As(err, &undeclared):
		return residency.ClassUnimplemented, undeclared.Error()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return residency.ClassCancelled, "the run was interrupted: run it again"
	case throttleCodes[code], status == http.StatusTooManyRequests:
		return residency.ClassThrottled, "throttled until the retries ran out: lower --rate or run at a quieter hour"
	case refusedCodes[code]:
		return residency.ClassDenied, detailRegion
	case deniedCodes[code], status == http.StatusUnauthorized, status == http.StatusForbidden:
		return residency.ClassDenied, denial(api)
	case unimplementedCodes[code], status == http.StatusNotImplemented, status == http.StatusMethodNotAllowed, html && status == http.StatusNotFound:
		return residency.ClassUnimplemented, "the endpoint does not implement the operation"
	case status >= 500:
		return residency.ClassServerError, fmt.Sprintf("the endpoint answered HTTP %d: run it again", status)
	case status == http.StatusNotFound, strings.Contains(code, "NotFound"), strings.HasPrefix(code, "NoSuch"):
		return residency.ClassNotFound, "gone when asked for: " + code
	case errors.As(err, &decode):
		return residency.ClassMalformed, "the answer could not be read"
	case errors.As(err, &dns):
		return residency.ClassUnreachable, fmt.Sprintf("no such host %q: is the service offered there?", dns.Name)
	case errors.As(err, &network):
		return residency.ClassUnreachable, "the endpoint could not be reached: check network and proxy"
	case code != "":
		return residency.ClassServerError, "the endpoint answered " + code
	case status >= 400:
		return residency.ClassServerError, fmt.Sprintf("the endpoint answered HTTP %d", status)
	}
	return residency.ClassUnreachable, rootCause(err)
}

// response is the HTTP status behind an error, 0 for none, and whether its body is a web page and so not the service's own.
func response(err error) (status int, html bool) {
	var re *smithyhttp.ResponseError
	if !errors.As(err, &re) || re.Response == nil || re.Response.Response == nil {
		return 0, false
	}
	return re.Response.StatusCode, strings.HasPrefix(re.Response.Header.Get("Content-Type"), "text/html")
}

// denial tells apart who denied, by the words that IAM puts into its message.
func denial(api smithy.APIError) string {
	if api == nil {
		return detailMissingAction
	}
	m := api.ErrorMessage()
	switch {
	case strings.Contains(m, "service control policy"):
		return detailServiceSCP
	case strings.Contains(m, "resource control policy"):
		return detailResourceSCP
	case strings.Contains(m, "permissions boundary"):
		return detailBoundary
	case strings.Contains(m, "explicit deny"):
		return detailPolicy
	}
	return detailMissingAction
}

var throttleCodes = func() map[string]bool {
	codes := map[string]bool{"LimitExceededException": true, "TooManyRequests": true}
	for code := range retry.DefaultThrottleErrorCodes {
		codes[code] = true
	}
	return codes
}()

// refusedCodes come from a region that does not know the credentials. The account's own region list alone says "disabled".
var refusedCodes = map[string]bool{
	"UnrecognizedClientException": true, "InvalidClientTokenId": true, "AuthFailure": true, "InvalidAccessKeyId": true,
	"InvalidToken": true, "ExpiredToken": true, "ExpiredTokenException": true, "RequestExpired": true,
}

var deniedCodes = map[string]bool{
	"AccessDenied": true, "AccessDeniedException": true, "UnauthorizedOperation": true, "AuthorizationError": true,
	"AuthorizationErrorException": true, "NotAuthorized": true, "UnauthorizedException": true, "AllAccessDisabled": true,
	"OptInRequired": true, "SubscriptionRequiredException": true, "InvalidAccessException": true,
	"InsufficientPrivilegesException": true, "OperationNotPermittedException": true,
}

var unimplementedCodes = map[string]bool{
	"UnknownOperationException": true, "InvalidAction": true, "NotImplemented": true, "MethodNotAllowed": true,
	"UnsupportedOperation": true, "UnsupportedOperationException": true,
}

// rootCause is the innermost error in one line: what is around it names the call, which the gap has already.
func rootCause(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(next) {
		err = next
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func sortGaps(gaps []residency.Gap) {
	slices.SortFunc(gaps, func(a, b residency.Gap) int {
		return cmp.Or(strings.Compare(a.Call, b.Call), strings.Compare(a.Resource, b.Resource),
			strings.Compare(string(a.Class), string(b.Class)), strings.Compare(a.Detail, b.Detail))
	})
}
