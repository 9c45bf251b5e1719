package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const hush = "hush-0123456789abcdef"

// TestWebhook checks the signature as a receiver would, from the header's own description.
func TestWebhook(t *testing.T) {
	s := serve(t, answer{status: http.StatusAccepted})
	m, _ := machine(map[string]string{"KEY": hush + "\n"})
	c := only(t, Setting{Type: "webhook", URL: s.URL + "/hook", SecretEnv: "KEY"}, m)
	sent := someMessage()
	if err := c.Send(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	r, body := s.requests[0], s.bodies[0]
	var seconds int64
	var mac string
	if _, err := fmt.Sscanf(strings.Replace(r.Header.Get("X-Domicile-Signature"), ",v1=", " ", 1), "t=%d %s", &seconds, &mac); err != nil {
		t.Fatalf("%q: %v", r.Header.Get("X-Domicile-Signature"), err)
	}
	want := hmac.New(sha256.New, []byte(hush))
	fmt.Fprintf(want, "%d.%s", seconds, body)
	if mac != hex.EncodeToString(want.Sum(nil)) || seconds != evening.Unix() {
		t.Errorf("signature t=%d v1=%s", seconds, mac)
	}
	var got Message
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.ID != sent.ID || len(got.Changes) != 1 {
		t.Errorf("%v: %s", err, body)
	}
	if r.Method != http.MethodPost || r.URL.Path != "/hook" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Domicile-Message") != sent.ID {
		t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
	}
}

func TestWebhookUnsigned(t *testing.T) {
	s := serve(t, answer{status: http.StatusOK})
	m, _ := machine(nil)
	if err := only(t, Setting{Type: "webhook", URL: s.URL}, m).Send(t.Context(), someMessage()); err != nil {
		t.Fatal(err)
	}
	if signature, ok := s.requests[0].Header[SignatureHeader]; ok {
		t.Errorf("signed with nothing: %s", signature)
	}
}

func TestSlack(t *testing.T) {
	s := serve(t, answer{status: http.StatusOK, body: "ok"})
	m, _ := machine(map[string]string{"HOOK": s.URL + "/services/T0/B0/" + hush})
	sent := messages()["hostile"]
	if err := only(t, Setting{Type: "slack", URLEnv: "HOOK"}, m).Send(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(s.bodies[0]), &got); err != nil || len(got) != 1 || got["text"] != sent.Mrkdwn() || s.requests[0].URL.Path != "/services/T0/B0/"+hush {
		t.Errorf("%v: %s", err, s.bodies[0])
	}
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer
		final bool
		after time.Duration
		want  string
	}{
		"busy":               {answer{status: 503}, false, 0, "the answer was 503 Service Unavailable"},
		"busy for a while":   {answer{status: 503, header: map[string]string{"Retry-After": "17"}}, false, 17 * time.Second, "the answer was 503 Service Unavailable"},
		"too many":           {answer{status: 429, header: map[string]string{"Retry-After": "Mon, 23 Nov 2026 02:15:00 GMT"}}, false, time.Minute, "the answer was 429 Too Many Requests"},
		"a date gone by":     {answer{status: 429, header: map[string]string{"Retry-After": "Mon, 23 Nov 2026 02:13:00 GMT"}}, false, 0, "the answer was 429 Too Many Requests"},
		"no date at all":     {answer{status: 429, header: map[string]string{"Retry-After": "soon"}}, false, 0, "the answer was 429 Too Many Requests"},
		"negative":           {answer{status: 429, header: map[string]string{"Retry-After": "-5"}}, false, 0, "the answer was 429 Too Many Requests"},
		"revoked":            {answer{status: 404, body: "no_service\n"}, true, 0, "the answer was 404 Not Found, no_service"},
		"page":               {answer{status: 403, body: "<html>" + hush}, true, 0, "the answer was 403 Forbidden"},
		"secret echoed":      {answer{status: 403, body: "hushhushhush"}, true, 0, "the answer was 403 Forbidden, (not shown)"},
		"unimplemented":      {answer{status: 501}, true, 0, "the answer was 501 Not Implemented"},
		"moved":              {answer{status: 301, header: map[string]string{"Location": "/elsewhere"}}, true, 0, "the answer was 301 Moved Permanently: redirects are not followed, write the address that it leads to"},
		"temporarily":        {answer{status: 307, header: map[string]string{"Location": "https://evil.example/"}}, true, 0, "the answer was 307 Temporary Redirect: redirects are not followed, write the address that it leads to"},
		"a body without end": {answer{status: 400, body: strings.Repeat("a", 1<<22)}, true, 0, "the answer was 400 Bad Request"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			s := serve(t, c.answer)
			m, _ := machine(nil)
			err := only(t, Setting{Type: "slack", URL: s.URL + "/hushhushhush"}, m).Send(t.Context(), someMessage())
			if err == nil || err.Error() != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if final, after := finality(t, err); final != c.final || after != c.after {
				t.Errorf("final %v, after %s", final, after)
			}
			if len(s.requests) != 1 {
				t.Errorf("%d requests", len(s.requests))
			}
		})
	}
}

// TestTLS: a certificate that nobody vouches for gets no message.
func TestTLS(t *testing.T) {
	got := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got++ }))
	defer s.Close()
	s.Config.ErrorLog = nil
	m, _ := machine(nil)
	setting := Setting{Type: "webhook", URL: s.URL + "/" + hush}
	if err := only(t, setting, m).Send(t.Context(), someMessage()); err == nil || !strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), hush) || got != 0 {
		t.Errorf("%v, %d requests", err, got)
	}
	m.Roots = x509.NewCertPool()
	m.Roots.AddCert(s.Certificate())
	if err := only(t, setting, m).Send(t.Context(), someMessage()); err != nil || got != 1 {
		t.Errorf("%v, %d requests", err, got)
	}
}

// TestUnreachable: neither a closed port nor a server that never answers is named by its address, and both may be tried again.
func TestUnreachable(t *testing.T) {
	silent := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-silent }))
	defer s.Close()
	defer close(silent)
	closed := httptest.NewServer(nil)
	closed.Close()
	m, _ := machine(nil)
	for _, address := range []string{closed.URL, s.URL} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := only(t, Setting{Type: "slack", URL: address + "/" + hush}, m).Send(ctx, someMessage())
		cancel()
		if err == nil || strings.Contains(err.Error(), hush) {
			t.Fatalf("got %v", err)
		}
		if final, _ := finality(t, err); final {
			t.Errorf("%v is final", err)
		}
	}
}

// TestBroken: what keeps a channel from working is its error whenever it is to send, and final.
func TestBroken(t *testing.T) {
	empty := t.TempDir() + "/empty"
	write(t, empty, "\n")
	insecure := map[string]string{"PLAIN": "http://e.org/" + hush, "NONE": "::" + hush, "SHORT": "hush", "USER": "ftp://me:" + hush + "@e.org/"}
	m, _ := machine(insecure)
	for want, s := range map[string]Setting{
		"url_env: the environment variable ABSENT is not set: set it, or name a file with url_file":           {Type: "slack", URLEnv: "ABSENT"},
		"url_file: /nowhere/url: no such file or directory":                                                   {Type: "slack", URLFile: "/nowhere/url"},
		"url_file: " + empty + " has 1 bytes: write the secret into it, and nothing else":                     {Type: "slack", URLFile: empty},
		"the url is not safe: write https://HOST/PATH; http is for this machine alone (127.0.0.1, localhost)": {Type: "slack", URLEnv: "PLAIN"},
		"the url is none: write https://HOST/PATH":                                                            {Type: "webhook", URLEnv: "NONE"},
		"the secret has 4 bytes: give it 16 or more, as openssl rand -hex 32 does":                            {Type: "webhook", URL: "https://e.org", SecretEnv: "SHORT"},
		"\"residency\" is no topic: write arn:aws:sns:REGION:ACCOUNT:NAME":                                    {Type: "sns", Topic: "residency"},
		"type \"pager\" is not known: use webhook, slack, sns or smtp":                                        {Type: "pager"},
		"tls: none is for a server on this machine alone (127.0.0.1, localhost): use starttls or implicit":    {Type: "smtp", Host: "mail.example.org", TLS: "none"},
		"password_env: the environment variable ABSENT is not set: set it, or name a file with password_file": {Type: "smtp", Host: "h", From: "a@b", To: []string{"c@d"}, Username: "e", PasswordEnv: "ABSENT"},
	} {
		err := Open([]Setting{s}, m)[0].Send(t.Context(), someMessage())
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
			continue
		}
		if final, _ := finality(t, err); !final {
			t.Errorf("%v is not final", err)
		}
	}
}

func TestNames(t *testing.T) {
	var got []string
	for _, c := range Open([]Setting{{Type: "sns"}, {Type: "slack", Name: "sns 2"}, {Type: "sns"}, {Type: "slack"}, {Type: "sns"}}, Machine{}) {
		got = append(got, c.Name())
	}
	if want := "sns|sns 2|sns 3|slack|sns 4"; strings.Join(got, "|") != want {
		t.Errorf("%v, want %s", got, want)
	}
}
