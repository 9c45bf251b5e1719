package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// SNS and SQS: messages at rest, where they are delivered, and where those go that could not be.
var _ = both(
	pair("aws_sns_topic name", "AWS::SNS::Topic TopicName", row{kind: "sns.topic", arn: "arn:{partition}:sns:{region}:{account}:{name}", read: func(v view) {
		v.here(residency.Queue, "")
		v.place(residency.Key, "", "kms_master_key_id", asKey)
		v.share("policy", residency.Queue, "sns")
		for _, s := range v.each("subscription") { // CloudFormation may declare them in the topic
			readSubscription(s)
		}
	}}),
	pair("aws_sns_topic_subscription", "AWS::SNS::Subscription", row{kind: "sns.topic", settings: settingsOf("topic_arn", asTopic), read: readSubscription}),
	pair("aws_sqs_queue name", "AWS::SQS::Queue QueueName", row{kind: "sqs.queue", arn: "arn:{partition}:sqs:{region}:{account}:{name}", read: func(v view) {
		v.here(residency.Primary, "")
		v.place(residency.Key, "", "kms_master_key_id", asKey)
		redrive(v)
		v.share("policy", residency.Primary, "sqs")
	}}),
	ofEach("topics", asTopic, row{typ: "AWS::SNS::TopicPolicy", kind: "sns.topic", read: func(v view) { v.share("policy_document", residency.Queue, "sns") }}),
	ofEach("queues", asQueue, row{typ: "AWS::SQS::QueuePolicy", kind: "sqs.queue", read: func(v view) { v.share("policy_document", residency.Primary, "sqs") }}),
	[]row{
		{typ: "AWS::SNS::TopicInlinePolicy", kind: "sns.topic", settings: settingsOf("topic_arn", asTopic), read: func(v view) { v.share("policy_document", residency.Queue, "sns") }},
		{typ: "aws_sns_topic_policy", kind: "sns.topic", settings: settingsOf("arn", asTopic), read: func(v view) { v.share("policy", residency.Queue, "sns") }},
		{typ: "AWS::SQS::QueueInlinePolicy", kind: "sqs.queue", settings: settingsOf("queue", asQueue), read: func(v view) { v.share("policy_document", residency.Primary, "sqs") }},
		{typ: "aws_sqs_queue_policy", kind: "sqs.queue", settings: settingsOf("queue_url", asQueue), read: func(v view) { v.share("policy", residency.Primary, "sqs") }},
		{typ: "aws_sqs_queue_redrive_policy", kind: "sqs.queue", settings: settingsOf("queue_url", asQueue), read: redrive},
	},
)

// ofEach is a type that declares the same settings of several resources.
func ofEach(path string, as form, r row) []row {
	read := r.read
	r.settings = func(v view) target {
		if all := v.targets(path, as); len(all) > 0 {
			return all[0]
		}
		return target{why: "the one that it sets is not known before the deployment"}
	}
	r.read = func(v view) {
		read(v)
		for _, to := range v.targets(path, as)[min(1, len(v.targets(path, as))):] {
			other := v.onto(to)
			read(other)
			v.out.others = append(v.out.others, other)
		}
	}
	return []row{r}
}

// redrive is the queue for messages that could not be handled.
func redrive(v view) {
	if v.set("redrive_policy") {
		v.placeInside(residency.Queue, "dead-letter queue", "redrive_policy", "deadLetterTargetArn", asQueue, "aws_sqs_queue")
	}
}

// readSubscription: a queue, a stream or a function is named by its ARN, an endpoint by its URL. Addresses and telephone numbers are
// people's, and lie anywhere: they are not kept.
func readSubscription(v view) {
	defer redrive(v)
	label := "subscription " + v.text("protocol")
	if v.is("protocol", "email", "email-json", "sms", "application") {
		v.add(residency.Placement{Role: residency.Transit, Via: v.via("endpoint", label) + ": whoever receives it, anywhere"})
		return
	}
	if !v.set("endpoint") {
		v.must(residency.Transit, label, "endpoint", asARN)
		return
	}
	for _, to := range v.targets("endpoint", asARN) {
		role := takenBy(to)
		if v.is("protocol", "sqs") {
			role = residency.Queue
		} else if v.is("protocol", "firehose") {
			role = residency.Stream
		}
		v.add(to.place(role, v.via("endpoint", label)))
	}
}
