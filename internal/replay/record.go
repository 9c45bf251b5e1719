package replay

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
)

// Recorder keeps every answer, redacted, and writes them on Close. It is safe for concurrent use.
type Recorder struct {
	dir string

	mu      sync.Mutex
	answers map[string][]Answer
}

// NewRecorder records into dir, the aws folder of a recording. Close writes it.
func NewRecorder(dir string) *Recorder { return &Recorder{dir: dir, answers: map[string][]Answer{}} }

// Client passes the calls of one account on to next and keeps the answers.
func (r *Recorder) Client(account string, next aws.HTTPClient) aws.HTTPClient {
	return client(func(req *http.Request) (*http.Response, error) {
		res, err := next.Do(req)
		if err != nil {
			return res, err
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, fmt.Errorf("record the answer: %w", err)
		}
		if err := res.Body.Close(); err != nil {
			return nil, fmt.Errorf("record the answer: %w", err)
		}
		res.Body = io.NopCloser(bytes.NewReader(body))
		call := callOf(req.Context(), account)
		r.keep(call.key(), answerOf(call, res, body))
		return res, nil
	})
}

// Register adds the middleware that notes each operation's input.
func (r *Recorder) Register(stack *middleware.Stack) error { return registerInput(stack) }

// keep stores one answer for each input: the last, so that a retry that succeeded replaces the failure before it.
func (r *Recorder) keep(key string, a Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, old := range r.answers[key] {
		if reflect.DeepEqual(old.Input, a.Input) {
			r.answers[key][i] = a
			return
		}
	}
	r.answers[key] = append(r.answers[key], a)
}

func answerOf(c Call, res *http.Response, body []byte) Answer {
	a := Answer{Input: c.Input, Headers: map[string]string{}}
	if a.Input == nil {
		a.Input = map[string]any{}
	}
	if res.StatusCode != http.StatusOK {
		a.Status = res.StatusCode
	}
	for _, k := range []string{"X-Amz-Bucket-Region", "X-Amzn-Errortype", "X-Amzn-Query-Error", "Smithy-Protocol"} {
		if v := res.Header.Get(k); v != "" {
			a.Headers[k] = v
		}
	}
	if ct := res.Header.Get("Content-Type"); ct != "" {
		a.Headers["Content-Type"] = ct
	}
	switch {
	case json.Valid(body):
		a.Body = redactJSON(body)
	case utf8.Valid(body):
		a.Body, _ = json.Marshal(string(redactXML(body))) // a string always marshals
	default:
		a.Body64 = base64.StdEncoding.EncodeToString(body)
	}
	return a
}

// Close writes the recording: one file for each account, region and operation, sorted, so that two recordings compare.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, answers := range r.answers {
		slices.SortFunc(answers, func(a, b Answer) int { return cmp.Compare(fmt.Sprint(a.Input), fmt.Sprint(b.Input)) })
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(answers); err != nil {
			return fmt.Errorf("write the recording: %w", err)
		}
		name := filepath.Join(r.dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("write the recording: %w", err)
		}
		if err := os.WriteFile(name, buf.Bytes(), 0o600); err != nil {
			return fmt.Errorf("write the recording: %w", err)
		}
	}
	return nil
}

// secretMember matches the members that hold secrets in answers of read-only calls: the keys of an assumed role, passwords.
const secretMember = `SecretAccessKey|SessionToken|[A-Za-z]*[Pp]assword|AuthToken|AccessKeyId|PrivateKey`

var (
	secretJSON = regexp.MustCompile(`"(` + secretMember + `)"(\s*:\s*)"(?:[^"\\]|\\.)*"`)
	// Within an event's record, which is JSON as text: whose address and which key it was.
	eventJSON = regexp.MustCompile(`\\"(sourceIPAddress|accessKeyId)\\"(\s*:\s*)\\"[^"\\]*\\"`)
	secretXML = regexp.MustCompile(`<(` + secretMember + `)>[^<]*</`)
	// The session of a recording never ends: a replay would renew it at every call.
	expiryXML = regexp.MustCompile(`(<Credentials>(?s:.*?)<Expiration>)[^<]*</`)
)

// Redact takes secrets out of an answer, as a recording holds it. What holds none comes back as it is.
func Redact(body []byte) []byte {
	if !slices.ContainsFunc(secretWords, func(word []byte) bool { return bytes.Contains(body, word) }) {
		return body
	}
	return redactXML(redactJSON(body))
}

// secretWords are parts of every secretMember: a look for them is cheaper than the expressions.
var secretWords = [][]byte{[]byte("AccessKey"), []byte("SessionToken"), []byte("assword"), []byte("AuthToken"), []byte("PrivateKey"), []byte("<Credentials>"), []byte("sourceIPAddress")}

func redactJSON(b []byte) []byte {
	return eventJSON.ReplaceAll(secretJSON.ReplaceAll(b, []byte(`"$1"$2"REDACTED"`)), []byte(`\"$1\"$2\"REDACTED\"`))
}

func redactXML(b []byte) []byte {
	return expiryXML.ReplaceAll(secretXML.ReplaceAll(b, []byte(`<$1>REDACTED</`)), []byte(`${1}9999-12-31T23:59:59Z</`))
}
