package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

// poster sends JSON to one address. No error of it holds the address.
type poster struct {
	address *url.URL
	secrets secrets
	web     *http.Client
	now     func() time.Time
}

func newPoster(s Setting, m *Machine) (*poster, error) {
	u, err := m.address(s)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: m.Roots, MinVersion: tls.VersionTLS12}
	transport.MaxResponseHeaderBytes = maxAnswer
	transport.DisableKeepAlives = true // a message a night: no connection is worth keeping
	web := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &poster{address: u, secrets: ofAddress(u), web: web, now: m.Now}, nil
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 16

func (p *poster) post(ctx context.Context, body []byte, header http.Header) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address.String(), bytes.NewReader(body))
	if err != nil {
		return &failure{text: "the url cannot be asked", final: true}
	}
	req.Header = header
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "domicile")
	res, err := p.web.Do(req)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err // it names the address
		}
		return &failure{text: p.secrets.redact(err.Error())}
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	return p.judge(res)
}

// plainWord is the only form in which an answer's body is repeated: services give their reasons so (invalid_token, no_service).
var plainWord = regexp.MustCompile(`^[a-z_]{2,40}$`)

// judge reads an answer. A redirect is followed nowhere: a POST would become a GET, or go to a stranger.
func (p *poster) judge(res *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if res.StatusCode/100 == 2 {
		return nil
	}
	text := fmt.Sprintf("the answer was %d %s", res.StatusCode, http.StatusText(res.StatusCode))
	if err == nil && plainWord.Match(bytes.TrimSpace(body)) {
		text += ", " + string(bytes.TrimSpace(body))
	}
	f := &failure{text: p.secrets.redact(text), final: true, after: p.retryAfter(res.Header.Get("Retry-After"))}
	switch code := res.StatusCode; {
	case code/100 == 3:
		f.text += ": redirects are not followed, write the address that it leads to"
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code == http.StatusTooEarly, code/100 == 5 && code != http.StatusNotImplemented:
		f.final = false
	}
	return f
}

// retryAfter reads the header of that name: seconds, or a time.
func (p *poster) retryAfter(s string) time.Duration {
	if seconds, err := strconv.ParseUint(s, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(0, at.Sub(p.now()))
	}
	return 0
}
