package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
)

// maxPublish is what SNS takes of a message, in bytes, less a little for its attributes.
const maxPublish = 256<<10 - 1<<10

// topic is one of SNS. It needs sns:Publish on it, and nothing else.
type topic struct {
	name string
	arn  arn.ARN
	aws  func(context.Context) (aws.Config, error)
}

func newTopic(s Setting, name string, m *Machine) (Channel, error) {
	a, err := arn.Parse(s.Topic)
	if err != nil || a.Service != "sns" || a.Region == "" || strings.Contains(a.Resource, ":") {
		return nil, fmt.Errorf("%q is no topic: write arn:aws:sns:REGION:ACCOUNT:NAME", s.Topic)
	}
	return &topic{name, a, m.AWS}, nil
}

func (t *topic) Name() string { return t.name }

// Send publishes the message's text in the topic's own region.
func (t *topic) Send(ctx context.Context, m *Message) error {
	cfg, err := t.aws(ctx)
	if err != nil {
		return &failure{text: oneLine(err.Error()), final: true}
	}
	client := sns.NewFromConfig(cfg, func(o *sns.Options) {
		o.Region, o.Retryer = t.arn.Region, aws.NopRetryer{} // tries are counted in one place
	})
	_, err = client.Publish(ctx, t.input(m))
	if err == nil {
		return nil
	}
	f := &failure{text: publishError(err)}
	var api smithy.APIError
	if errors.As(err, &api) { // what did not come to an answer may come to one
		f.final = retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) != aws.TrueTernary
	}
	return f
}

func (t *topic) input(m *Message) *sns.PublishInput {
	attribute := func(v string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &v}
	}
	in := &sns.PublishInput{TopicArn: aws.String(t.arn.String()), Subject: aws.String(m.Subject()), Message: aws.String(cut(m.Text(), maxPublish)),
		MessageAttributes: map[string]types.MessageAttributeValue{"kind": attribute(string(m.Kind))}} // for filter policies
	if m.Conclusion != "" {
		in.MessageAttributes["conclusion"] = attribute(string(m.Conclusion))
	}
	if strings.HasSuffix(t.arn.Resource, ".fifo") {
		sum := sha256.Sum256([]byte(m.ID))
		in.MessageGroupId, in.MessageDeduplicationId = aws.String("domicile"), aws.String(hex.EncodeToString(sum[:]))
	}
	return in
}

// publishError says what SNS refused, and what cures it, without the request that failed.
func publishError(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return secrets(nil).redact(err.Error())
	}
	text := api.ErrorCode() + ": " + api.ErrorMessage()
	if api.ErrorCode() == "AuthorizationError" {
		text += ": allow sns:Publish on the topic"
	}
	return secrets(nil).redact(text)
}
