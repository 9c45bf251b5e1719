// Package replay fakes AWS: an HTTP client below the SDK that answers from recorded responses, and one that records them. It
// learns account, service, region, operation and input from the request's context, where the SDK and its own middleware put
// them, so one fake serves every protocol.
//
// Answers lie in DIR/<account>/<region>/<service>/<Operation>.json, a list of Answer. A folder "any" in place of account or
// region answers for all that have no folder of their own: the empty answers of the many regions in which there is nothing.
package replay

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"reflect"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/aws/smithy-go/middleware"
)

// Answer is one recorded response.
type Answer struct {
	// Input is the operation's input, empty members left out; absent: any input. The most specific answer is given.
	Input   map[string]any    `json:"input,omitzero"`
	Status  int               `json:"status,omitempty"` // HTTP status; 0: 200
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`   // a JSON value as it is, or a string that holds XML or anything else
	Body64  string            `json:"body64,omitempty"` // a body that is not text
	By      string            `json:"by,omitempty"`     // who wrote it where it was not recorded: for a reader
}

// Call is what a transport knows of a request.
type Call struct {
	Account, Region, Service, Operation string
	Input                               map[string]any
}

// Key is the path of the call's answers below the recording's folder.
func (c Call) key() string {
	return path.Join(c.Account, c.Region, c.Service, c.Operation+".json")
}

// Replay answers from a folder. It is safe for concurrent use.
type Replay struct {
	files fs.FS
	edit  func(Call, *Answer) (*Answer, error)

	mu    sync.Mutex
	cache map[string]loaded
}

// loaded is a file of answers, or why it could not be read.
type loaded struct {
	answers []Answer
	err     error
}

// Open reads answers from files, the aws folder of a recording.
func Open(files fs.FS) *Replay { return &Replay{files: files, cache: map[string]loaded{}} }

// Edit lets a test change each answer, or fail the call: denied, throttled, cut short.
func (r *Replay) Edit(edit func(Call, *Answer) (*Answer, error)) *Replay {
	return &Replay{files: r.files, edit: edit, cache: map[string]loaded{}}
}

// Client answers the calls of one account; next is never asked.
func (r *Replay) Client(account string, _ aws.HTTPClient) aws.HTTPClient {
	return client(func(req *http.Request) (*http.Response, error) {
		call := callOf(req.Context(), account)
		a, err := r.answer(call)
		if r.edit != nil && err == nil {
			a, err = r.edit(call, a)
		}
		if err != nil {
			return nil, err
		}
		return a.response(req)
	})
}

// Register adds the middleware that notes each operation's input.
func (r *Replay) Register(stack *middleware.Stack) error { return registerInput(stack) }

// ErrNoAnswer is returned for a call that the recording does not hold. It is not worth a second try.
var ErrNoAnswer error = noAnswer{}

type noAnswer struct{}

func (noAnswer) Error() string        { return "no recorded answer" }
func (noAnswer) RetryableError() bool { return false }

// unreadable is a file of the recording that holds no answers. It is not worth a second try, and its cause is in its words, so that
// whoever shows only the innermost error still names the file.
type unreadable struct {
	file  string
	cause error
}

func (u unreadable) Error() string {
	return fmt.Sprintf("read recorded answers: %s: %v", u.file, u.cause)
}
func (u unreadable) RetryableError() bool { return false }

// parse reads the answers of one file, strictly: a misspelt member would answer with something else than was meant.
func parse(data []byte) (answers []Answer, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&answers); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("more than one list")
	}
	return answers, nil
}

func (r *Replay) answer(c Call) (*Answer, error) {
	for _, place := range []Call{c, {Account: c.Account, Region: "any"}, {Account: "any", Region: c.Region}, {Account: "any", Region: "any"}} {
		place.Service, place.Operation = c.Service, c.Operation
		answers, err := r.load(place.key())
		if err != nil {
			return nil, err
		}
		if best := pick(answers, c.Input); best != nil {
			return best, nil
		}
	}
	return nil, fmt.Errorf("%s.%s of account %s in %s: %w", c.Service, c.Operation, c.Account, c.Region, ErrNoAnswer)
}

func (r *Replay) load(key string) ([]Answer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l, ok := r.cache[key]; ok {
		return l.answers, l.err
	}
	data, err := fs.ReadFile(r.files, key)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		r.cache[key] = loaded{}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read recorded answers: %w", err)
	}
	answers, err := parse(data)
	if err != nil {
		err = unreadable{key, err}
	}
	r.cache[key] = loaded{answers, err}
	return answers, err
}

// pick is the answer whose input equals the call's, else the one for any input. An answer for another input never serves:
// page two must not be given for page one.
func pick(answers []Answer, input map[string]any) *Answer {
	var wild *Answer
	for i := range answers {
		a := &answers[i]
		if a.Input == nil && wild == nil {
			wild = a
		}
		if a.Input != nil && reflect.DeepEqual(prune(a.Input), prune(input)) {
			return a
		}
	}
	return wild
}

func (a *Answer) response(req *http.Request) (*http.Response, error) {
	body, contentType, err := a.body(req)
	if err != nil {
		return nil, err
	}
	status := a.Status
	if status == 0 {
		status = http.StatusOK
	}
	res := &http.Response{StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req}
	res.Header.Set("Content-Type", contentType)
	for k, v := range a.Headers {
		res.Header.Set(k, v)
	}
	return res, nil
}

func (a *Answer) body(req *http.Request) (body []byte, contentType string, err error) {
	if a.Body64 != "" {
		body, err = base64.StdEncoding.DecodeString(a.Body64)
		return body, "application/octet-stream", err
	}
	var text string
	if json.Unmarshal(a.Body, &text) == nil {
		return []byte(text), "text/xml", nil
	}
	if req.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" {
		var v any
		if err := json.Unmarshal(a.Body, &v); err != nil {
			return nil, "", err
		}
		return cbor.Encode(toCBOR(v)), "application/cbor", nil
	}
	return a.Body, "application/json", nil
}

// toCBOR lets a recording hold readable JSON for the services that speak CBOR. Their times are {"$time": SECONDS}.
func toCBOR(v any) cbor.Value {
	switch v := v.(type) {
	case map[string]any:
		if seconds, ok := v["$time"].(float64); ok && len(v) == 1 {
			return &cbor.Tag{ID: 1, Value: cbor.Float64(seconds)}
		}
		m := cbor.Map{}
		for k, e := range v {
			m[k] = toCBOR(e)
		}
		return m
	case []any:
		l := cbor.List{}
		for _, e := range v {
			l = append(l, toCBOR(e))
		}
		return l
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case float64:
		switch {
		case v == float64(int64(v)) && v >= 0:
			return cbor.Uint(uint64(v))
		case v == float64(int64(v)):
			return cbor.NegInt(uint64(-v))
		}
		return cbor.Float64(v)
	}
	return &cbor.Nil{}
}

type client func(*http.Request) (*http.Response, error)

func (c client) Do(req *http.Request) (*http.Response, error) { return c(req) }

type inputKey struct{}

func registerInput(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("replay.Input", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(context.WithValue(ctx, inputKey{}, in.Parameters), in)
	}), middleware.After)
}

func callOf(ctx context.Context, account string) Call {
	service := strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(awsmiddleware.GetServiceID(ctx)))
	return Call{Account: account, Region: awsmiddleware.GetRegion(ctx), Service: service,
		Operation: awsmiddleware.GetOperationName(ctx), Input: inputOf(ctx.Value(inputKey{}))}
}

// inputOf is an operation's input as plain data, without what is not set.
func inputOf(v any) map[string]any {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var m map[string]any
	if json.Unmarshal(data, &m) != nil {
		return nil
	}
	return prune(m)
}

// prune drops null, empty, false and zero members, by which an unset field and its default look alike.
func prune(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		switch v := v.(type) {
		case nil:
			continue
		case string:
			if v == "" {
				continue
			}
		case map[string]any:
			if v := prune(v); len(v) > 0 {
				out[k] = v
			}
			continue
		case []any:
			if len(v) == 0 {
				continue
			}
		case bool:
			if !v {
				continue
			}
		case float64:
			if v == 0 {
				continue
			}
		}
		out[k] = v
	}
	return out
}
