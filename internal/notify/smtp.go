package notify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// How a mail server is spoken to.
const (
	startTLS = "starttls" // in the clear until both agree on TLS, which is required
	implicit = "implicit" // TLS from the first byte
	noTLS    = "none"     // for a server on this machine alone
)

// mailPorts are the usual ones.
var mailPorts = map[string]int{startTLS: 587, implicit: 465, noTLS: 25}

type mailer struct {
	name     string
	host     string
	port     string
	tls      string
	config   *tls.Config
	from     *mail.Address
	to       []*mail.Address
	username string
	password string
	secrets  secrets
	now      func() time.Time
}

func newMailer(s Setting, name string, m *Machine) (Channel, error) {
	mode := s.TLS
	if mode == "" {
		mode = startTLS
	}
	port := s.Port
	if port == 0 {
		port = mailPorts[mode]
	}
	if mode == noTLS && !loopback(s.Host) {
		return nil, errors.New("tls: none is for a server on this machine alone (127.0.0.1, localhost): use starttls or implicit")
	}
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	var to []*mail.Address
	for _, t := range s.To {
		a, err := mail.ParseAddress(t)
		if err != nil {
			return nil, fmt.Errorf("to: %w", err)
		}
		to = append(to, a)
	}
	password, err := m.secret("password", s.PasswordEnv, s.PasswordFile)
	if err != nil {
		return nil, err
	}
	login := base64.StdEncoding.EncodeToString([]byte("\x00" + s.Username + "\x00" + password)) // as it goes to the server
	return &mailer{name: name, host: s.Host, port: strconv.Itoa(port), tls: mode, config: &tls.Config{ServerName: s.Host, RootCAs: m.Roots, MinVersion: tls.VersionTLS12},
		from: from, to: to, username: s.Username, password: password, secrets: secrets{login, password}, now: m.Now}, nil
}

func (s *mailer) Name() string { return s.name }

// Send delivers one mail to all receivers. Whom the server refuses for good is left out and named.
func (s *mailer) Send(ctx context.Context, m *Message) error {
	text, err := compose(m, s.from, s.to, s.now())
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(s.host, s.port))
	if err != nil {
		return s.failed("", err)
	}
	closed := context.AfterFunc(ctx, func() { _ = conn.Close() }) // a server that falls silent must not hold the night
	defer func() { closed(); _ = conn.Close() }()
	refused, err := s.speak(ctx, conn, text)
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		return &partial{"the server refused " + strings.Join(refused, "; ")}
	}
	return nil
}

// speak holds the conversation.
func (s *mailer) speak(ctx context.Context, conn net.Conn, text []byte) (refused []string, err error) {
	if s.tls == implicit {
		secured := tls.Client(conn, s.config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, s.failed("TLS", err)
		}
		conn = secured
	}
	server, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, s.failed("greeting", err)
	}
	if err := s.introduce(server); err != nil {
		return nil, err
	}
	if err := server.Mail(s.from.Address); err != nil {
		return nil, s.failed("from", err)
	}
	if refused, err = s.address(server); err != nil {
		return nil, err
	}
	w, err := server.Data()
	if err != nil {
		return nil, s.failed("data", err)
	}
	_, err = w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, s.failed("data", err)
	}
	_ = server.Quit() // the mail is taken, whatever comes of the farewell
	return refused, nil
}

// introduce greets, secures the connection and signs in.
func (s *mailer) introduce(server *smtp.Client) error {
	if err := server.Hello(domainOf(s.from)); err != nil {
		return s.failed("hello", err)
	}
	if s.tls == startTLS {
		if ok, _ := server.Extension("STARTTLS"); !ok {
			return &failure{text: "the server offers no STARTTLS: use a port that does, or tls: implicit", final: true}
		}
		if err := server.StartTLS(s.config); err != nil {
			return s.failed("STARTTLS", err)
		}
	}
	if s.username == "" {
		return nil
	}
	if ok, kinds := server.Extension("AUTH"); !ok || !strings.Contains(" "+kinds+" ", " PLAIN ") {
		return &failure{text: "the server offers no sign-in by AUTH PLAIN: leave username and password out, or use another port", final: true}
	}
	if err := server.Auth(smtp.PlainAuth("", s.username, s.password, s.host)); err != nil {
		return s.failed("sign-in", err)
	}
	return nil
}

// address names the receivers. One that the server cannot take just now postpones the mail for all, before anybody has it.
func (s *mailer) address(server *smtp.Client) (refused []string, err error) {
	for _, a := range s.to {
		err := server.Rcpt(a.Address)
		switch {
		case err == nil:
		case refusedForGood(err):
			refused = append(refused, fmt.Sprintf("%s (%s)", oneLine(a.Address), s.said(err)))
		default:
			return nil, s.failed("to", err)
		}
	}
	if len(refused) == len(s.to) {
		return nil, &failure{text: "the server refused " + strings.Join(refused, "; "), final: true}
	}
	return refused, nil
}

// failed words an error of one step. What a server refuses with a code from 500 on, it will refuse again.
func (s *mailer) failed(step string, err error) error {
	f := &failure{text: s.said(err), final: refusedForGood(err)}
	if step != "" {
		f.text = step + ": " + f.text
	}
	return f
}

// refusedForGood reports whether the server said so: by a code from 500 on.
func refusedForGood(err error) bool {
	var answer *textproto.Error
	return errors.As(err, &answer) && answer.Code/100 == 5
}

// said is an error in the server's own words where it is one of the server's.
func (s *mailer) said(err error) string {
	text := err.Error()
	var answer *textproto.Error
	if errors.As(err, &answer) {
		text = fmt.Sprintf("%d %s", answer.Code, answer.Msg)
	}
	return s.secrets.redact(text)
}
