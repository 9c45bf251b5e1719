package notify

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Channel carries messages to one receiver.
type Channel interface {
	// Name is that of the configuration, or the type with a number. Addresses may be secrets and are no names.
	Name() string
	// Send tries once. An error that is a *failure says whether another try may help.
	Send(ctx context.Context, m *Message) error
}

// Setting is one entry of notify as the configuration gives it; which keys a type has, the configuration has checked.
type Setting struct {
	Type string
	Name string // distinct among all; empty: the type

	URL, URLEnv, URLFile  string // webhook, slack
	SecretEnv, SecretFile string // webhook
	Topic                 string // sns: ARN
	Host                  string // smtp, as all that follow
	Port                  int    // 0: that of TLS
	From                  string
	To                    []string
	Username              string
	PasswordEnv           string
	PasswordFile          string
	TLS                   string // starttls, implicit or none; empty: starttls
	Line                  int    // in the configuration's file
}

// Machine is what channels need of the machine that they run on.
type Machine struct {
	Getenv   func(string) string
	ReadFile func(name string) ([]byte, error)         // name as the configuration writes it
	AWS      func(context.Context) (aws.Config, error) // asked for at the first message to a topic
	Roots    *x509.CertPool                            // whom TLS trusts; nil: the system's
	Now      func() time.Time
	Sleep    func(ctx context.Context, d time.Duration) error // returns ctx's error where that ends first
}

// Open makes a channel of each setting. One that cannot work, for want of a secret say, says so whenever it is to send: the others work.
func Open(settings []Setting, m Machine) []Channel {
	channels := make([]Channel, 0, len(settings))
	for i, name := range names(settings) {
		c, err := openOne(settings[i], name, &m)
		if err != nil {
			c = broken{name, err}
		}
		channels = append(channels, c)
	}
	return channels
}

func openOne(s Setting, name string, m *Machine) (Channel, error) {
	switch s.Type {
	case "webhook":
		return newWebhook(s, name, m)
	case "slack":
		return newSlack(s, name, m)
	case "sns":
		return newTopic(s, name, m)
	case "smtp":
		return newMailer(s, name, m)
	}
	return nil, fmt.Errorf("type %q is not known: use webhook, slack, sns or smtp", s.Type)
}

// names are those of the settings, else their types, numbered from the second of a type on: dead letters go by them.
func names(settings []Setting) []string {
	all := make([]string, len(settings))
	taken := map[string]bool{}
	for i, s := range settings {
		all[i] = s.Name
		taken[s.Name] = true
	}
	for i, s := range settings {
		for n := 1; all[i] == ""; n++ {
			name := s.Type
			if n > 1 {
				name = fmt.Sprintf("%s %d", s.Type, n)
			}
			if !taken[name] {
				all[i] = name
				taken[name] = true
			}
		}
	}
	return all
}

// broken is a channel that cannot work.
type broken struct {
	name string
	err  error
}

func (b broken) Name() string { return b.name }
func (b broken) Send(context.Context, *Message) error {
	return &failure{text: b.err.Error(), final: true}
}

// failure is a try that did not succeed. Its text holds no secret.
type failure struct {
	text  string
	final bool          // another try would not help
	after time.Duration // how long the receiver asks to wait; 0: it does not say
}

func (f *failure) Error() string { return f.text }

// partial is a message that arrived, but not at everybody.
type partial struct{ text string }

func (p *partial) Error() string { return p.text }
