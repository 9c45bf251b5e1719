package scanners

import (
	"errors"
	"strings"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// bucketRegionHeader is the region that S3 names in its answer whatever the permissions: on 301, 400 and 403 too.
// Source: header x-amz-bucket-region of HeadBucket.
func bucketRegionHeader(err error) string {
	var re *smithyhttp.ResponseError
	if !errors.As(err, &re) || re.Response == nil || re.Response.Response == nil {
		return ""
	}
	return re.Response.Header.Get("x-amz-bucket-region")
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
