package notify

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// mailScript is how a mail server behaves. Replies that are empty are the usual ones.
type mailScript struct {
	offer    []string // of EHLO
	implicit bool
	greeting string
	auth     string
	from     string
	rcpt     map[string]string // by address
	data     string            // after the text
	silent   bool              // accepts and says nothing
}

// mailServer keeps what it was told.
type mailServer struct {
	mailScript
	port   int
	roots  *x509.CertPool
	config *tls.Config

	mu    sync.Mutex
	lines []string // commands, in order
	text  string   // of the last mail
}

func serveMail(t *testing.T, script mailScript) *mailServer {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(web.Close)
	s := &mailServer{mailScript: script, roots: x509.NewCertPool(), config: &tls.Config{Certificates: web.TLS.Certificates}}
	s.roots.AddCert(web.Certificate())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { defer conn.Close(); s.speak(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return s
}

func or(s, usual string) string {
	if s == "" {
		return usual
	}
	return s
}

func (s *mailServer) speak(conn net.Conn) {
	if s.silent {
		io.Copy(io.Discard, conn)
		return
	}
	if s.implicit {
		conn = tls.Server(conn, s.config)
	}
	in := bufio.NewReader(conn)
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	say(or(s.greeting, "220 test ESMTP"))
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.lines = append(s.lines, line)
		s.mu.Unlock()
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch verb {
		case "EHLO":
			say("250-test")
			for _, o := range s.offer {
				say("250-" + o)
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go on")
			secured := tls.Server(conn, s.config)
			conn, in = secured, bufio.NewReader(secured)
			say = func(line string) { fmt.Fprintf(secured, "%s\r\n", line) }
		case "AUTH":
			say(or(s.auth, "235 welcome"))
		case "MAIL":
			say(or(s.from, "250 ok"))
		case "RCPT":
			address := line[strings.IndexByte(line, '<')+1 : strings.IndexByte(line, '>')]
			say(or(s.rcpt[address], "250 ok"))
		case "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(line, "."))
			}
			s.mu.Lock()
			s.text = text.String()
			s.mu.Unlock()
			say(or(s.data, "250 taken"))
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *mailServer) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

// setting is a receiver of mail at the server.
func (s *mailServer) setting(mode string) Setting {
	return Setting{Type: "smtp", Host: "127.0.0.1", Port: s.port, TLS: mode, From: "Prüfung <audit@example.org>", To: []string{"ops@example.org", "Zoë <ciso@example.org>"}}
}

func TestMail(t *testing.T) {
	for _, mode := range []string{startTLS, implicit, noTLS} {
		t.Run(mode, func(t *testing.T) {
			s := serveMail(t, mailScript{offer: []string{"STARTTLS", "AUTH LOGIN PLAIN"}, implicit: mode == implicit})
			m, _ := machine(map[string]string{"PASSWORD": hush})
			m.Roots = s.roots
			setting := s.setting(mode)
			setting.Username, setting.PasswordEnv = "me", "PASSWORD"
			sent := messages()["change"]
			if err := only(t, setting, m).Send(t.Context(), sent); err != nil {
				t.Fatal(err)
			}
			login := base64.StdEncoding.EncodeToString([]byte("\x00me\x00" + hush))
			want := []string{"EHLO example.org", "AUTH PLAIN " + login, "MAIL FROM:<audit@example.org> BODY=8BITMIME", "RCPT TO:<ops@example.org>", "RCPT TO:<ciso@example.org>", "DATA", "QUIT"}
			if mode == startTLS {
				want = slices.Insert(want, 1, "STARTTLS", "EHLO example.org")
			}
			if got := s.heard(); !slices.Equal(got, want) {
				t.Errorf("heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			requireMail(t, s.text, sent)
		})
	}
}

// requireMail reads a mail as a mail reader does.
func requireMail(t *testing.T, text string, sent *Message) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	subject, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != sent.Subject() {
		t.Errorf("subject %q: %v", subject, err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 2 || to[1].Name != "Zoë" {
		t.Errorf("to %v: %v", to, err)
	}
	if date, err := m.Header.Date(); err != nil || !date.Equal(evening) {
		t.Errorf("date %v: %v", date, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || strings.ReplaceAll(string(body), "\r\n", "\n") != sent.Text() {
		t.Errorf("%v: the body is\n%s", err, body)
	}
	if len(m.Header) != 9 {
		t.Errorf("%d headers: %v", len(m.Header), m.Header)
	}
	for _, line := range strings.Split(text, "\r\n") {
		if len(line) > 78 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d: %q", len(line), line)
		}
	}
}

// TestMailHostile: neither the organisation's name nor a resource's makes a header or ends the text.
func TestMailHostile(t *testing.T) {
	s := serveMail(t, mailScript{})
	m, _ := machine(nil)
	n := messages()["hostile"]
	n.Organization = "A\r\nBcc: x@evil.example\r\n\r\n.\r\nMAIL FROM:<x@evil.example>"
	n.Changes[0].Resource = "\r\n.\r\nMAIL FROM:<x@evil.example>\n.\n"
	setting := s.setting(noTLS)
	if err := only(t, setting, m).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	requireMail(t, s.text, n)
	if got := s.heard(); len(got) != 6 || strings.Contains(strings.Join(got[:5], "\n"), "evil") {
		t.Errorf("heard %q", got)
	}
	if strings.Contains(s.text, "\nBcc") {
		t.Error(s.text)
	}
}

func TestMailRefused(t *testing.T) {
	plain := []string{"AUTH PLAIN"}
	for name, c := range map[string]struct {
		script mailScript
		mode   string
		final  bool
		want   string // "": delivered to some
		note   string
	}{
		"no STARTTLS":      {mailScript{offer: plain}, startTLS, true, "the server offers no STARTTLS: use a port that does, or tls: implicit", ""},
		"no sign-in":       {mailScript{}, noTLS, true, "the server offers no sign-in by AUTH PLAIN: leave username and password out, or use another port", ""},
		"LOGIN alone":      {mailScript{offer: []string{"AUTH LOGIN"}}, noTLS, true, "the server offers no sign-in by AUTH PLAIN: leave username and password out, or use another port", ""},
		"wrong password":   {mailScript{offer: plain, auth: "535 5.7.8 no\x1b[2J"}, noTLS, true, `sign-in: 535 5.7.8 no\x1b[2J`, ""},
		"busy":             {mailScript{greeting: "421 busy"}, noTLS, false, "greeting: 421 busy", ""},
		"never":            {mailScript{greeting: "554 go away"}, noTLS, true, "greeting: 554 go away", ""},
		"sender":           {mailScript{offer: plain, from: "550 not you"}, noTLS, true, "from: 550 not you", ""},
		"one receiver":     {mailScript{offer: plain, rcpt: map[string]string{"ops@example.org": "550 who?"}}, noTLS, false, "", "the server refused ops@example.org (550 who?)"},
		"one receiver now": {mailScript{offer: plain, rcpt: map[string]string{"ciso@example.org": "450 later"}}, noTLS, false, "to: 450 later", ""},
		"all receivers":    {mailScript{offer: plain, rcpt: map[string]string{"ops@example.org": "550 a", "ciso@example.org": "551 b"}}, noTLS, true, "the server refused ops@example.org (550 a); ciso@example.org (551 b)", ""},
		"text":             {mailScript{offer: plain, data: "552 too long"}, noTLS, true, "data: 552 too long", ""},
		"text now":         {mailScript{offer: plain, data: "452 full"}, noTLS, false, "data: 452 full", ""},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			s := serveMail(t, c.script)
			m, _ := machine(map[string]string{"PASSWORD": hush})
			setting := s.setting(c.mode)
			setting.Username, setting.PasswordEnv = "me", "PASSWORD"
			dead := OpenDeadLetters(t.TempDir())
			one, _ := sender(dead, only(t, setting, m))
			one.Tries = 1
			r := one.Send(t.Context(), someMessage())[0]
			if c.want == "" {
				if r.Err != nil || r.Note != c.note || s.text == "" {
					t.Errorf("%+v", r)
				}
				return
			}
			if r.Err == nil || r.Err.Error() != c.want || s.text != "" && !strings.HasPrefix(name, "text") {
				t.Fatalf("got %v, want %s", r.Err, c.want)
			}
			if final, _ := finality(t, r.Err); final != c.final {
				t.Errorf("final %v", final)
			}
		})
	}
}

// TestMailTLS: nothing is said in the clear, nor to a server that nobody vouches for.
func TestMailTLS(t *testing.T) {
	for _, mode := range []string{startTLS, implicit} {
		s := serveMail(t, mailScript{offer: []string{"STARTTLS", "AUTH PLAIN"}, implicit: mode == implicit})
		m, _ := machine(map[string]string{"PASSWORD": hush})
		setting := s.setting(mode)
		setting.Username, setting.PasswordEnv = "me", "PASSWORD"
		err := only(t, setting, m).Send(t.Context(), someMessage())
		if err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: %v", mode, err)
		}
		if heard := strings.Join(s.heard(), "\n"); strings.Contains(heard, "AUTH") || strings.Contains(heard, "MAIL") {
			t.Errorf("%s: %s", mode, heard)
		}
	}
}

// TestMailSilent: a server that says nothing holds nobody.
func TestMailSilent(t *testing.T) {
	s := serveMail(t, mailScript{silent: true})
	m, slept := machine(nil)
	c := only(t, s.setting(noTLS), m)
	sent := make(chan error, 1)
	ctx, cancel := contextFor(t, 50*time.Millisecond)
	defer cancel()
	go func() { sent <- c.Send(ctx, someMessage()) }()
	err := <-sent
	if final, _ := finality(t, err); final || len(slept.took) != 0 {
		t.Errorf("%v", err)
	}
}
