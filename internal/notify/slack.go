package notify

import (
	"context"
	"encoding/json"
	"net/http"
)

// slack is an incoming webhook of Slack, or of what takes the same messages (Mattermost, Rocket.Chat).
type slack struct {
	name   string
	poster *poster
}

func newSlack(s Setting, name string, m *Machine) (Channel, error) {
	p, err := newPoster(s, m)
	if err != nil {
		return nil, err
	}
	return &slack{name, p}, nil
}

func (s *slack) Name() string { return s.name }

// Send posts the message as mrkdwn.
func (s *slack) Send(ctx context.Context, m *Message) error {
	body, err := json.Marshal(map[string]string{"text": m.Mrkdwn()})
	if err != nil {
		return err
	}
	return s.poster.post(ctx, body, http.Header{})
}
