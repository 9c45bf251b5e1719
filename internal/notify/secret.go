package notify

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strings"
)

// hidden stands for a secret in what is shown.
const hidden = "(not shown)"

// MaxSecret bounds a secret's file, in bytes.
const MaxSecret = 1 << 16

// secret reads what the environment or a file holds, without white space around it. key is that of the configuration, less _env and _file.
// Both empty: there is none.
func (m *Machine) secret(key, env, file string) (string, error) {
	switch {
	case env != "":
		if s := strings.TrimSpace(m.Getenv(env)); s != "" {
			return s, nil
		}
		return "", fmt.Errorf("%s_env: the environment variable %s is not set: set it, or name a file with %s_file", key, env, key)
	case file != "":
		data, err := m.ReadFile(file)
		if err != nil {
			var at *fs.PathError
			if errors.As(err, &at) {
				err = at.Err
			}
			return "", fmt.Errorf("%s_file: %s: %w", key, file, err)
		}
		s := strings.TrimSpace(string(data))
		if s == "" || len(data) > MaxSecret {
			return "", fmt.Errorf("%s_file: %s has %d bytes: write the secret into it, and nothing else", key, file, len(data))
		}
		return s, nil
	}
	return "", nil
}

// secrets are the words that no error may hold.
type secrets []string

// shortestWord keeps redaction from hiding ordinary text: parts of an address that are shorter are no secrets.
const shortestWord = 6

// ofAddress are the parts of an address that may be secrets: all but its host.
func ofAddress(u *url.URL) secrets {
	s := secrets{u.String()}
	words := append(strings.Split(u.Path, "/"), u.Path, u.EscapedPath(), u.RawQuery, u.Fragment)
	for _, values := range u.Query() {
		words = append(words, values...)
	}
	for _, w := range words {
		if len(w) >= shortestWord {
			s = append(s, w)
		}
	}
	if password, ok := u.User.Password(); ok && password != "" {
		s = append(s, password)
	}
	return s
}

// redact takes the secrets out of a text that somebody else may have written, and keeps it on one short line.
func (s secrets) redact(text string) string {
	for _, word := range s {
		if word != "" {
			text = strings.ReplaceAll(text, word, hidden)
		}
	}
	return cut(oneLine(text), 300)
}

// address is that of a webhook. Errors do not name it: it may be a secret.
func (m *Machine) address(s Setting) (*url.URL, error) {
	raw, err := m.secret("url", s.URLEnv, s.URLFile)
	if err != nil {
		return nil, err
	}
	if raw == "" {
		raw = s.URL
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return nil, errors.New("the url is none: write https://HOST/PATH")
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("the url is not safe: write https://HOST/PATH; http is for this machine alone (127.0.0.1, localhost)")
}

// loopback reports whether a host is this machine by its name alone.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
