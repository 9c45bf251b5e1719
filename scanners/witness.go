package scanners

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Witness sees each answer that AWS gave, retries among them: what the audit can prove that it saw. It is called from several
// goroutines and must not keep the body.
type Witness interface {
	// Saw is given the call without time and digest, the answer's Date header (zero where there was none), how long it took, and
	// its body.
	Saw(call residency.CallRecord, date time.Time, took time.Duration, body []byte)
	Now() time.Time
}

// taskKey and inputKey are where a call's context holds the line of coverage that it belongs to, and its input.
type (
	taskKey  struct{}
	inputKey struct{}
	taskOf   struct{ scanner, place string }
)

// witnessed puts a witness between an account's calls and whatever answers them.
func witnessed(w Witness, accountID string, next aws.HTTPClient) aws.HTTPClient {
	return httpClient(func(req *http.Request) (*http.Response, error) {
		start := w.Now()
		res, err := next.Do(req)
		if err != nil {
			return res, err
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		took := w.Now().Sub(start)
		if err := res.Body.Close(); err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		res.Body = io.NopCloser(bytes.NewReader(body))
		date, _ := http.ParseTime(res.Header.Get("Date"))
		w.Saw(callRecord(req.Context(), accountID, res), date, took, body)
		return res, nil
	})
}

type httpClient func(*http.Request) (*http.Response, error)

func (c httpClient) Do(req *http.Request) (*http.Response, error) { return c(req) }

func callRecord(ctx context.Context, accountID string, res *http.Response) residency.CallRecord {
	c := residency.CallRecord{Service: packageName(awsmiddleware.GetServiceID(ctx)), Operation: awsmiddleware.GetOperationName(ctx),
		Account: accountID, Region: awsmiddleware.GetRegion(ctx), Status: res.StatusCode, Request: requestID(res.Header)}
	if task, ok := ctx.Value(taskKey{}).(taskOf); ok {
		c.Scanner, c.Place = task.scanner, task.place
	}
	input := ctx.Value(inputKey{})
	c.Input, c.Page = queryOf(input), continues(input)
	return c
}

// requestID is the id under which AWS knows the call.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Request-Id", "X-Amzn-Request-Id"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// noteInput lets the transport below see what an operation was asked with.
func noteInput(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("domicile.Input", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(context.WithValue(ctx, inputKey{}, in.Parameters), in)
	}), middleware.After)
}

// unsaid are input fields that are no part of the question: where a list goes on, and what a role's trust may keep secret.
var unsaid = append([]string{"ExternalId", "TokenCode", "SerialNumber", "RoleSessionName"}, tokens...)

// queryOf is an operation's input as plain data, without what is not set.
func queryOf(input any) map[string]any {
	data, err := json.Marshal(input)
	if err != nil {
		return nil
	}
	var m map[string]any
	if json.Unmarshal(data, &m) != nil {
		return nil
	}
	for k, v := range m {
		switch v := v.(type) {
		case nil:
			delete(m, k)
		case []any:
			if len(v) == 0 {
				delete(m, k)
			}
		case string:
			if v == "" {
				delete(m, k)
			}
		}
		if slices.Contains(unsaid, k) {
			delete(m, k)
		}
	}
	return m
}
