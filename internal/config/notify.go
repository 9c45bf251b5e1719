package config

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Notify is one receiver of messages. Which keys stand in it is its type's: webhook, slack, sns or smtp.
type Notify struct {
	Type string
	Name string // for messages and dead letters; empty: the type, numbered

	URL, URLEnv, URLFile  string
	SecretEnv, SecretFile string
	Topic                 string // ARN
	Host                  string
	Port                  int // 0: that of TLS
	From                  string
	To                    []string
	Username              string
	PasswordEnv           string
	PasswordFile          string
	TLS                   string // starttls, implicit, none, or empty
	Line                  int    // in the file, for messages
}

// DefaultTLS is how a mail server is spoken to where the file does not say.
const DefaultTLS = "starttls"

// notifyTypes are those of a receiver.
var notifyTypes = []string{"webhook", "slack", "sns", "smtp"}

func (r *reader) notify(f fields) []Notify {
	var out []Notify
	seen := make(map[string]int)
	for _, v := range f.list("notify", "[{type: webhook, url: …}], say") {
		if v.kind != mappingKind {
			r.wrongType(v, `an item of "notify"`, "a mapping", "write {type: webhook, url: …}, say")
			return nil
		}
		r.unique(v)
		r.noSecrets(v)
		if r.err != nil {
			return nil
		}
		n := r.receiver(v)
		n.Line = v.line
		if n.Name != "" {
			r.once(seen, n.Name, v.place, "the receiver")
		}
		out = append(out, n)
	}
	return out
}

// receiver reads the keys that the type has, and no others.
func (r *reader) receiver(v value) Notify {
	i := slices.IndexFunc(v.pairs, func(p pair) bool { return p.key.text == "type" })
	if i < 0 {
		r.fail(v.place, "an item of \"notify\" has no \"type\": add it, one of %s", oneOf(notifyTypes))
		return Notify{}
	}
	at := v.pairs[i].value
	switch kind := r.text(at, `"type"`); kind {
	case "webhook":
		m := r.fields(v, "a webhook", "type", "name", "url", "url_env", "url_file", "secret_env", "secret_file")
		n := r.address(m, "a webhook")
		n.SecretEnv, n.SecretFile = r.envAndFile(m, "secret", false, "a webhook")
		return n
	case "slack":
		return r.address(r.fields(v, "a slack receiver", "type", "name", "url", "url_env", "url_file"), "a slack receiver")
	case "sns":
		m := r.fields(v, "an sns receiver", "type", "name", "topic")
		m.need("an sns receiver", "topic")
		return Notify{Type: kind, Name: m.text("name"), Topic: r.topic(m)}
	case "smtp":
		return r.mailServer(r.fields(v, "an smtp receiver", "type", "name", "host", "port", "from", "to", "username", "password_env", "password_file", "tls"))
	default:
		if meant := nearest(kind, notifyTypes); meant != "" {
			r.fail(at.place, "unknown type %s: did you mean %q?", quoted(kind), meant)
		}
		r.fail(at.place, "unknown type %s: use %s", quoted(kind), oneOf(notifyTypes))
	}
	return Notify{}
}

// secretHosts are those whose addresses are secrets: whoever has one may send.
var secretHosts = []string{"hooks.slack.com", "hooks.slack-gov.com", "discord.com/api/webhooks", "webhook.office.com", "logic.azure.com", "chat.googleapis.com"}

// noSecrets refuses a secret that stands in the file, without repeating it.
func (r *reader) noSecrets(v value) {
	for _, p := range v.pairs {
		switch key := p.key.text; key {
		case "secret", "password":
			r.fail(p.key.place, "a %s does not belong into this file: put it into a file or the environment, and name that with %s_file or %s_env", key, key, key)
		}
		text := strings.ToLower(p.value.text)
		if slices.ContainsFunc(secretHosts, func(host string) bool { return strings.Contains(text, host) }) {
			r.fail(p.value.place, "an address of this service is a secret: put it into a file or the environment, and name that with url_file or url_env")
		}
		if key := p.key.text; strings.HasSuffix(key, "_env") && p.value.kind == textKind && !envName.MatchString(p.value.text) {
			r.fail(p.value.place, "%q is no name of an environment variable: write its name, as in DOMICILE_SECRET, and not what it holds", key)
		}
	}
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// envAndFile reads KEY_env and KEY_file, of which one at most is given, or just one where need is set.
func (r *reader) envAndFile(m fields, key string, need bool, what string) (env, file string) {
	env, file = m.text(key+"_env"), m.text(key+"_file")
	if m.has(key+"_env") && m.has(key+"_file") || need && env == "" && file == "" {
		r.fail(m.place, "%s takes one of %s_env and %s_file: give either", what, key, key)
	}
	return env, file
}

func (r *reader) address(m fields, what string) Notify {
	n := Notify{Type: m.text("type"), Name: m.text("name"), URL: m.text("url"), URLEnv: m.text("url_env"), URLFile: m.text("url_file")}
	given := 0
	for _, key := range []string{"url", "url_env", "url_file"} {
		if m.has(key) {
			given++
		}
	}
	if given != 1 {
		r.fail(m.place, "%s takes one address: give either \"url\", \"url_env\" or \"url_file\"", what)
		return n
	}
	if n.URL == "" {
		return n
	}
	u, err := url.Parse(n.URL)
	at := m.of["url"].place
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		r.fail(at, "\"url\" is no address: write https://HOST/PATH")
	case u.User != nil:
		r.fail(at, "\"url\" holds a sign-in: put the whole address into a file or the environment, and name that with url_file or url_env")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		r.fail(at, "\"url\" is not safe: write https://HOST/PATH; http is for this machine alone (127.0.0.1, localhost)")
	}
	return n
}

// loopback reports whether a host is this machine by its name alone.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

var topicARN = regexp.MustCompile(`^arn:aws[a-z-]*:sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$`)

func (r *reader) topic(m fields) string {
	topic := m.text("topic")
	if r.err != nil {
		return ""
	}
	at := m.of["topic"].place
	parts := topicARN.FindStringSubmatch(topic)
	if parts == nil {
		r.fail(at, "the topic %s is none: write arn:aws:sns:REGION:ACCOUNT:NAME", quoted(topic))
		return ""
	}
	if !KnownRegion(parts[1]) {
		r.fail(at, "the topic's region %s is not known (as of %s): write its ARN in full", quoted(parts[1]), RegionsAsOf)
	}
	return topic
}

func (r *reader) mailServer(m fields) Notify {
	m.need("an smtp receiver", "host", "from", "to")
	n := Notify{Type: m.text("type"), Name: m.text("name"), Host: m.text("host"), Port: m.count("port"), From: m.text("from"), To: m.texts("to", "[ops@example.org]"),
		Username: m.text("username"), TLS: m.text("tls")}
	n.PasswordEnv, n.PasswordFile = r.envAndFile(m, "password", m.has("username"), "an smtp receiver with \"username\"")
	if r.err != nil {
		return n
	}
	switch {
	case strings.ContainsAny(n.Host, ":/@ \t\r\n") && net.ParseIP(n.Host) == nil:
		r.fail(m.of["host"].place, "the host %s is none: write its name alone, and the port as \"port\"", quoted(n.Host))
	case n.Port > 65535:
		r.fail(m.of["port"].place, "\"port\" is %d: write a number up to 65535", n.Port)
	case n.Username == "" && (m.has("password_env") || m.has("password_file")):
		r.fail(m.place, "a password without \"username\": add it")
	case m.has("tls") && !slices.Contains([]string{"starttls", "implicit", "none"}, n.TLS):
		r.fail(m.of["tls"].place, "\"tls\" is %s: use \"starttls\", \"implicit\" or \"none\"", quoted(n.TLS))
	case n.TLS == "none" && !loopback(n.Host):
		r.fail(m.of["tls"].place, "\"tls\" none is for a server on this machine alone (127.0.0.1, localhost): use starttls or implicit")
	case len(n.To) == 0:
		r.fail(m.of["to"].place, "\"to\" is empty: name a receiver")
	}
	r.mailAddress(m.of["from"], n.From)
	for i, to := range n.To {
		r.mailAddress(m.of["to"].items[i], to)
	}
	return n
}

func (r *reader) mailAddress(at value, address string) {
	if _, err := mail.ParseAddress(address); err != nil {
		r.fail(at.place, "%s is no mail address: write one as ops@example.org or Name <ops@example.org>", quoted(address))
	}
}
