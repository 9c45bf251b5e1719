package scanners

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// errEmpty is a success without a document. The SDK reads it as an answer in which nothing is set, and "none" would be proved by
// an answer that was cut off.
var errEmpty = errors.New("the answer is empty")

// spoken refuses a success with an empty body, closest to the wire. A HEAD answers with headers alone.
func spoken() middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc("domicile.Spoken", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, meta, err := next.HandleDeserialize(ctx, in)
		req, isRequest := in.Request.(*smithyhttp.Request)
		res, isResponse := out.RawResponse.(*smithyhttp.Response)
		if err != nil || !isRequest || !isResponse || req.Method == http.MethodHead || res.StatusCode/100 != 2 {
			return out, meta, err
		}
		body := bufio.NewReaderSize(res.Body, 512) // it is asked for one byte, once a call
		if _, err := body.Peek(1); errors.Is(err, io.EOF) {
			return out, meta, fmt.Errorf("read the answer: %w", errEmpty)
		}
		res.Body = struct {
			io.Reader
			io.Closer
		}{body, res.Body}
		return out, meta, nil
	})
}
