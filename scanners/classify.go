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
	detailServiceAllow  = "no service control policy allows it: let one allow it for the account"
	detailResourceSCP   = "explicit deny in a resource control policy: exempt the audit role from it"
	detailBoundary      = "denied by a permissions boundary: widen the audit role's boundary"
	detailSession       = "denied by a session policy: widen the policy under which the caller's session runs"
	detailEndpoint      = "denied by a VPC endpoint policy: widen it, or run outside that network"
	detailPolicy        = "explicit deny in an IAM or resource policy: exempt the audit role from it"
	detailRegion        = "the region refused the credentials: enable the region for the account or exempt the audit role"
	detailExpired       = "the credentials expired during the run: renew them and run again"
	detailSubscription  = "the service says that it is not enabled for the account, in words that this version does not know: enable it, or check by hand"
	detailGateway       = "a web page refused it, not AWS: check proxy and AWS_ENDPOINT_URL"
)

// errUndeclared is what the guard answers to a call that the scanner did not declare.
type errUndeclared struct{ service, operation string }

func (e errUndeclared) Error() string {
	return fmt.Sprintf("%s.%s is not declared by a scanner: %s", e.service, e.operation, refusedByGuard)
}

const refusedByGuard = "refused by the read-only guard"

// errCrashed is a scanner that stopped at an answer which its service's own documents rule out.
type errCrashed struct{ value any }

func (e errCrashed) Error() string {
	return fmt.Sprintf("the scanner stopped at an answer that it does not understand: %v", e.value)
}

// classify says why a call gave no answer: the class of the gap, and cause and cure in words.
func classify(err error) (residency.GapClass, string) {
	var undeclared errUndeclared
	var crashed errCrashed
	switch {
	case errors.Is(err, errRepeats):
		return residency.ClassMalformed, errRepeats.Error()
	case errors.Is(err, errNobody):
		return residency.ClassMalformed, errNobody.Error()
	case errors.As(err, &undeclared):
		return residency.ClassUnimplemented, undeclared.Error()
	case errors.As(err, &crashed):
		return residency.ClassMalformed, crashed.Error()
	case errors.Is(err, context.Canceled):
		return residency.ClassCancelled, "the run was interrupted: run it again"
	}
	if class, detail, ok := refusal(err); ok {
		if operation := renewing(err); operation != "" {
			return class, fmt.Sprintf("the session could not be renewed (%s): check the role and its trust policy, or log in again", operation)
		}
		return class, detail
	}
	return silence(err)
}

// refusal reads an answer that is an error, by its code first and by its HTTP status else. ok is false where no answer came.
func refusal(err error) (class residency.GapClass, detail string, ok bool) {
	var api smithy.APIError
	code := ""
	if errors.As(err, &api) && api.ErrorCode() != "UnknownError" { // the SDK's word for none
		code = api.ErrorCode()
	}
	status, html := response(err)
	switch {
	case throttleCodes[code], status == http.StatusTooManyRequests:
		return residency.ClassThrottled, "throttled until the retries ran out: lower --rate or run at a quieter hour", true
	case expiredCodes[code]:
		return residency.ClassDenied, detailExpired, true
	case refusedCodes[code] && !(code == "AuthFailure" && strings.Contains(api.ErrorMessage(), "ot authorized")):
		return residency.ClassDenied, detailRegion, true
	case html && (status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired):
		return residency.ClassDenied, detailGateway, true
	case denies(code), status == http.StatusUnauthorized, status == http.StatusForbidden:
		return residency.ClassDenied, denial(api), true
	case unimplementedCodes[code], status == http.StatusNotImplemented, status == http.StatusMethodNotAllowed, html && status == http.StatusNotFound:
		return residency.ClassUnimplemented, "the endpoint does not implement the operation", true
	case status >= 500:
		return residency.ClassServerError, fmt.Sprintf("the endpoint answered HTTP %d: run it again", status), true
	case status == http.StatusNotFound, strings.Contains(code, "NotFound"), strings.HasPrefix(code, "NoSuch"):
		return residency.ClassNotFound, "gone when asked for: " + orDefault(code, "HTTP 404"), true
	case code != "":
		return residency.ClassServerError, "the endpoint answered " + code, true
	case status >= 300:
		return residency.ClassServerError, fmt.Sprintf("the endpoint answered HTTP %d", status), true
	}
	return "", "", false
}

// renewing names the call that failed where that was one for new credentials, made on the way to another.
func renewing(err error) string {
	var outer, inner *smithy.OperationError
	if errors.As(err, &outer) && errors.As(outer.Err, &inner) {
		return inner.Operation()
	}
	return ""
}

// silence is for a call to which no answer came, or none that could be read.
func silence(err error) (residency.GapClass, string) {
	var op *smithy.OperationError
	var decode *smithy.DeserializationError
	var encode *smithy.SerializationError
	var params smithy.InvalidParamsError
	var dns *net.DNSError
	var network net.Error
	status, html := response(err)
	switch {
	case err == nil, errors.Is(err, errEmpty):
		return residency.ClassMalformed, errEmpty.Error()
	case errors.As(err, &decode) && html:
		return residency.ClassMalformed, "the answer is a web page: check proxy and AWS_ENDPOINT_URL"
	case errors.As(err, &decode), status >= 200:
		return residency.ClassMalformed, "the answer could not be read"
	case errors.As(err, &encode), errors.As(err, &params):
		return residency.ClassMalformed, "an answer lacks what the next question needs"
	case errors.As(err, &dns):
		return residency.ClassUnreachable, fmt.Sprintf("no such host %q: is the service offered there?", dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return residency.ClassUnreachable, "the endpoint did not answer in time: check network and proxy"
	case errors.As(err, &network):
		return residency.ClassUnreachable, "the endpoint could not be reached: check network and proxy"
	case errors.As(err, &op):
		return residency.ClassUnreachable, rootCause(err)
	}
	return residency.ClassMalformed, rootCause(err) // the scanner's own words
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
	case subscriptionCodes[api.ErrorCode()]:
		return detailSubscription
	case strings.Contains(m, "no service control policy allows"):
		return detailServiceAllow
	case strings.Contains(m, "service control policy"):
		return detailServiceSCP
	case strings.Contains(m, "resource control policy"):
		return detailResourceSCP
	case strings.Contains(m, "permissions boundary"):
		return detailBoundary
	case strings.Contains(m, "session policy"):
		return detailSession
	case strings.Contains(m, "VPC endpoint policy"):
		return detailEndpoint
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
	"UnrecognizedClientException": true, "InvalidClientTokenId": true, "AuthFailure": true, "InvalidAccessKeyId": true, "InvalidToken": true,
}

var deniedCodes = map[string]bool{
	"UnauthorizedOperation": true, "AuthorizationError": true, "AuthorizationErrorException": true, "NotAuthorized": true, "AuthFailure": true,
	"UnauthorizedException": true, "AllAccessDisabled": true, "InsufficientPrivilegesException": true, "OperationNotPermittedException": true,
}

// subscriptionCodes say that a service was not enabled. With the words that a call's declaration lists they are an answer; with
// others they are denials.
var subscriptionCodes = map[string]bool{"OptInRequired": true, "SubscriptionRequiredException": true, "InvalidAccessException": true}

func denies(code string) bool {
	return deniedCodes[code] || subscriptionCodes[code] || containsAny(code, "AccessDenied", "NotAuthorized", "Forbidden")
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
