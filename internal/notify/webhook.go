package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// SignatureHeader is the header by which a webhook's receiver can tell that a message is ours and new: "t=SECONDS,v1=HEX". HEX is the
// HMAC-SHA256, under the shared secret, of SECONDS, a dot, and the body as it came. A receiver computes it anew, compares the two in
// constant time, and refuses a SECONDS (of the Unix epoch) that is more than five minutes from its own clock.
const SignatureHeader = "X-Domicile-Signature"

// shortestSecret is what a webhook's secret must have at least, in bytes.
const shortestSecret = 16

type webhook struct {
	name   string
	poster *poster
	secret []byte // nil: unsigned
	now    func() time.Time
}

func newWebhook(s Setting, name string, m *Machine) (Channel, error) {
	p, err := newPoster(s, m)
	if err != nil {
		return nil, err
	}
	secret, err := m.secret("secret", s.SecretEnv, s.SecretFile)
	if err != nil {
		return nil, err
	}
	if secret != "" && len(secret) < shortestSecret {
		return nil, fmt.Errorf("the secret has %d bytes: give it %d or more, as openssl rand -hex 32 does", len(secret), shortestSecret)
	}
	p.secrets = append(p.secrets, secret)
	return &webhook{name: name, poster: p, secret: []byte(secret), now: m.Now}, nil
}

func (w *webhook) Name() string { return w.name }

// Send posts the message's JSON form.
func (w *webhook) Send(ctx context.Context, m *Message) error {
	body, err := m.JSON()
	if err != nil {
		return err
	}
	header := http.Header{"X-Domicile-Message": {m.ID}}
	if len(w.secret) > 0 {
		header.Set(SignatureHeader, sign(w.secret, w.now(), body))
	}
	return w.poster.post(ctx, body, header)
}

func sign(secret []byte, at time.Time, body []byte) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
