package config

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
)

// What holds where the file does not say.
const (
	DefaultMode      = "governance" // of a bucket's object lock
	DefaultRetention = 7            // years in a bucket
)

// hidden stands for what may be a secret.
const hidden = "(not shown)"

// Show is c as a file that Parse reads again, with what holds where nothing was written, and without secrets.
func (c *Config) Show() []byte {
	f := &file{}
	c.scope(f)
	if len(c.AWS.Regions) == 0 {
		f.WriteString("  regions: all\n")
	}
	c.words(f)
	f.section("signing", flow{}.with("key_file", c.Signing.KeyFile).with("kms_key", c.Signing.KMSKey))
	if len(c.Evidence) > 0 {
		f.WriteString("evidence:\n")
	}
	for _, e := range c.Evidence {
		store := flow{}.with("dir", e.Dir).with("bucket", e.Bucket)
		if e.Bucket != "" {
			store = append(store.with("mode", strings.ToLower(cmp.Or(e.Mode, DefaultMode))), fmt.Sprintf("retention_years: %d", cmp.Or(e.RetentionYears, DefaultRetention)))
		}
		fmt.Fprintf(f, "  %s: %s\n", scalar(e.Zone), store)
	}
	f.section("log", flow{}.with("publish", c.Log.Publish))
	f.section("timestamp", flow{}.with("url", withoutPassword(c.Timestamp.URL)))
	if c.Schedule.Cron != "" {
		f.section("schedule", flow{}.with("cron", c.Schedule.Cron).with("timezone", cmp.Or(c.Schedule.Timezone, "UTC")).with("jitter", c.Schedule.Jitter.String()))
	}
	if c.History.DSN != "" {
		f.section("history", flow{}.with("dsn", hidden))
	}
	f.section("events", flow{}.with("trail_bucket", c.Events.TrailBucket))
	list(f, "", "notify", c.Notify, Notify.show)
	return []byte(f.String())
}

// show is a receiver as far as it is no secret: an address keeps its host alone.
func (n Notify) show() flow {
	m := flow{}.with("type", n.Type).with("name", n.Name).with("url", hostAlone(n.URL)).with("url_env", n.URLEnv).with("url_file", n.URLFile).
		with("secret_env", n.SecretEnv).with("secret_file", n.SecretFile).with("topic", n.Topic).with("host", n.Host)
	if n.Port != 0 {
		m = m.with("port", n.Port)
	}
	m = m.with("from", n.From).with("to", n.To).with("username", n.Username).with("password_env", n.PasswordEnv).with("password_file", n.PasswordFile)
	if n.Type == "smtp" {
		m = m.with("tls", cmp.Or(n.TLS, DefaultTLS))
	}
	return m
}

// hostAlone hides what an address has behind its host: whoever knows that may send as often as not.
func hostAlone(address string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" || u.Path+u.RawQuery+u.Fragment == "" {
		return address
	}
	return u.Scheme + "://" + u.Host + "/" + hidden
}

// section writes a mapping on one line; none without keys.
func (f *file) section(key string, m flow) {
	if len(m) > 0 {
		f.WriteString(key + ": " + m.String() + "\n")
	}
}

func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil && u.RawQuery == "" {
		return address
	}
	u.User, u.RawQuery = nil, ""
	return u.String()
}
