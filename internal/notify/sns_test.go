package notify

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

// topicAt is a channel to a topic whose service answers at the given place.
func topicAt(t *testing.T, endpoint, arn string) Channel {
	m, _ := machine(nil)
	m.AWS = func(context.Context) (aws.Config, error) {
		return aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("AKIA", hush, "")}, nil
	}
	return only(t, Setting{Type: "sns", Topic: arn}, m)
}

const published = `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`

func TestTopic(t *testing.T) {
	for arn, fifo := range map[string]bool{"arn:aws:sns:eu-west-1:111111111111:residency": false, "arn:aws:sns:eu-west-1:111111111111:residency.fifo": true} {
		s := serve(t, answer{status: http.StatusOK, body: published})
		sent := messages()["change"]
		if err := topicAt(t, s.URL, arn).Send(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
		form, err := url.ParseQuery(s.bodies[0])
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]string{"Action": "Publish", "TopicArn": arn, "Subject": sent.Subject(), "Message": sent.Text(),
			"MessageAttributes.entry.1.Name": "", "MessageGroupId": map[bool]string{true: "domicile"}[fifo]} {
			if got := form.Get(key); got != want && want != "" {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}
		if (form.Get("MessageDeduplicationId") != "") != fifo || !strings.Contains(s.bodies[0], "conclusion") || !strings.Contains(s.bodies[0], "kind") {
			t.Error(s.bodies[0])
		}
		if signed := s.requests[0].Header.Get("Authorization"); !strings.Contains(signed, "/eu-west-1/sns/") {
			t.Errorf("signed for another region than the topic's: %s", signed)
		}
	}
}

func TestTopicErrors(t *testing.T) {
	refusal := func(code, message string) string {
		return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message + "</Message></Error></ErrorResponse>"
	}
	for name, c := range map[string]struct {
		answer
		final bool
		want  string
	}{
		"denied":    {answer{status: 403, body: refusal("AuthorizationError", "not authorized")}, true, "AuthorizationError: not authorized: allow sns:Publish on the topic"},
		"no topic":  {answer{status: 404, body: refusal("NotFound", "Topic does not\nexist")}, true, `NotFound: Topic does not\nexist`},
		"throttled": {answer{status: 429, body: refusal("Throttling", "Rate exceeded")}, false, "Throttling: Rate exceeded"},
		"broken":    {answer{status: 500, body: refusal("InternalError", "sorry")}, false, "InternalError: sorry"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			s := serve(t, c.answer)
			err := topicAt(t, s.URL, "arn:aws:sns:eu-west-1:111111111111:residency").Send(t.Context(), someMessage())
			if err == nil || err.Error() != c.want || len(s.requests) != 1 {
				t.Fatalf("got %v in %d requests, want %s", err, len(s.requests), c.want)
			}
			if final, _ := finality(t, err); final != c.final {
				t.Errorf("final %v", final)
			}
		})
	}
	err := topicAt(t, "http://127.0.0.1:1", "arn:aws:sns:eu-west-1:111111111111:residency").Send(t.Context(), someMessage())
	if final, _ := finality(t, err); final || strings.Contains(err.Error(), hush) {
		t.Errorf("%v", err)
	}
	m, _ := machine(nil)
	m.AWS = func(context.Context) (aws.Config, error) { return aws.Config{}, errors.New("load aws settings: none") }
	err = only(t, Setting{Type: "sns", Topic: "arn:aws:sns:eu-west-1:111111111111:residency"}, m).Send(t.Context(), someMessage())
	if final, _ := finality(t, err); !final || err.Error() != "load aws settings: none" {
		t.Errorf("%v", err)
	}
}

// TestTopicLength: SNS takes 256 KiB and a subject of 100 characters.
func TestTopicLength(t *testing.T) {
	m := someMessage()
	for range 2000 {
		m.Changes = append(m.Changes, m.Changes[0])
	}
	in := (&topic{}).input(m)
	if n := len(*in.Message); n > 256<<10 || n < 200<<10 || len(*in.Subject) > 100 {
		t.Errorf("%d bytes, subject %q", n, *in.Subject)
	}
}
