package scanners_test

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The rows of CloudWatch Logs, CloudWatch, CloudTrail and Firehose. Answers by hand from the SDK's own types.

// at is a placement of the own account at an ARN of that region.
func at(role residency.Role, arn, region, via string) residency.Placement {
	account := ownAccount
	if strings.HasPrefix(arn, "arn:aws:s3:::") {
		account = ""
	}
	return residency.Placement{Role: role, Region: region, Account: account, Target: arn, Via: via}
}

func withGroup(a aws) aws { return a.set("cloudwatchlogs", "DescribeLogGroups", logGroups("/app")) }

var _ = catalogue("CloudWatch Logs", "log group", row{scanner: "cloudwatchlogs", resource: logsARN + "log-group:/app",
	inside: expect{answers: withGroup(logsAnswers()), placement: residency.Placement{Role: residency.Primary, Region: "eu-west-1"}},
	outside: expect{answers: func() aws {
		a := account("us-east-1")
		for key, answers := range logsAnswers() {
			if strings.Contains(key, "cloudwatchlogs") {
				a[key] = answers
			}
		}
		return a.set("cloudwatchlogs", "DescribeLogGroups", strings.ReplaceAll(logGroups("/app"), "eu-west-1", "us-east-1"))
	}(), resource: "arn:aws:logs:us-east-1:111111111111:log-group:/app", placement: residency.Placement{Role: residency.Primary, Region: "us-east-1"}},
	unknown: expect{answers: logsAnswers().deny("cloudwatchlogs", "DescribeLogGroups"), gap: "DescribeLogGroups denied"},
})

func subscribedTo(target string) aws {
	return withGroup(logsAnswers()).set("cloudwatchlogs", "DescribeSubscriptionFilters", subscription(target))
}

var _ = catalogue("CloudWatch Logs", "subscription filter", row{scanner: "cloudwatchlogs", resource: logsARN + "log-group:/app",
	inside: expect{answers: subscribedTo("arn:aws:kinesis:eu-west-1:111111111111:stream/s"),
		placement: at(residency.Log, "arn:aws:kinesis:eu-west-1:111111111111:stream/s", "eu-west-1", "subscription filter all")},
	outside: expect{answers: subscribedTo("arn:aws:kinesis:us-east-1:111111111111:stream/s"),
		placement: at(residency.Log, "arn:aws:kinesis:us-east-1:111111111111:stream/s", "us-east-1", "subscription filter all")},
	unknown: expect{answers: withGroup(logsAnswers()).deny("cloudwatchlogs", "DescribeSubscriptionFilters"), gap: "DescribeSubscriptionFilters denied " + logsARN + "log-group:/app"},
})

func accountPolicyTo(document string) aws {
	a := withGroup(logsAnswers())
	a.on("any", "cloudwatchlogs", "DescribeAccountPolicies", `{"PolicyType":"SUBSCRIPTION_FILTER_POLICY"}`,
		`{"accountPolicies":[{"policyName":"all","policyType":"SUBSCRIPTION_FILTER_POLICY","policyDocument":"`+strings.ReplaceAll(document, `"`, `\"`)+`"}]}`)
	return a
}

var _ = catalogue("CloudWatch Logs", "account-level subscription policy", row{scanner: "cloudwatchlogs", resource: logsARN + "log-group:/app",
	inside: expect{answers: accountPolicyTo(`{"DestinationArn":"arn:aws:logs:eu-west-1:111111111111:destination:d"}`),
		placement: at(residency.Log, logsARN+"destination:d", "eu-west-1", "account policy all")},
	outside: expect{answers: accountPolicyTo(`{"DestinationArn":"arn:aws:firehose:us-east-1:111111111111:deliverystream/f"}`),
		placement: at(residency.Log, "arn:aws:firehose:us-east-1:111111111111:deliverystream/f", "us-east-1", "account policy all")},
	unknown: expect{answers: accountPolicyTo(`{}`), placement: residency.Placement{Role: residency.Log, Via: "account policy all"}},
})

func destinationTo(target string) aws {
	return logsAnswers().set("cloudwatchlogs", "DescribeDestinations", `{"destinations":[{"arn":"`+logsARN+`destination:d","destinationName":"d","targetArn":"`+target+`"}]}`)
}

var _ = catalogue("CloudWatch Logs", "cross-account destination", row{scanner: "cloudwatchlogs", resource: logsARN + "destination:d",
	inside: expect{answers: destinationTo("arn:aws:firehose:eu-west-1:111111111111:deliverystream/f"),
		placement: at(residency.Log, "arn:aws:firehose:eu-west-1:111111111111:deliverystream/f", "eu-west-1", "targetArn")},
	outside: expect{answers: destinationTo("arn:aws:firehose:us-east-1:111111111111:deliverystream/f"),
		placement: at(residency.Log, "arn:aws:firehose:us-east-1:111111111111:deliverystream/f", "us-east-1", "targetArn")},
	unknown: expect{answers: destinationTo(""), placement: residency.Placement{Role: residency.Log, Via: "targetArn"}},
})

func deliveryTo(target string) aws {
	return logsAnswers().set("cloudwatchlogs", "DescribeDeliveryDestinations", `{"deliveryDestinations":[{"arn":"`+logsARN+`delivery-destination:d","name":"d","deliveryDestinationType":"FH","deliveryDestinationConfiguration":{"destinationResourceArn":"`+target+`"}}]}`)
}

var _ = catalogue("CloudWatch Logs", "vended log delivery", row{scanner: "cloudwatchlogs", resource: logsARN + "delivery-destination:d",
	inside: expect{answers: deliveryTo(logsARN + "log-group:vended:*"), placement: at(residency.Log, logsARN+"log-group:vended", "eu-west-1", "destinationResourceArn")},
	outside: expect{answers: deliveryTo("arn:aws:s3:::vended").bucket("vended", "us-east-1"),
		placement: at(residency.Log, "arn:aws:s3:::vended", "us-east-1", "destinationResourceArn")},
	unknown: expect{answers: deliveryTo("").deny("cloudwatchlogs", "DescribeDeliveries"), placement: residency.Placement{Role: residency.Log, Via: "destinationResourceArn"}},
})

func exportTo(bucket string) aws {
	return withGroup(logsAnswers()).set("cloudwatchlogs", "DescribeExportTasks", `{"exportTasks":[{"taskId":"1","logGroupName":"/app","destination":"`+bucket+`","status":{"code":"COMPLETED"}}]}`)
}

var _ = catalogue("CloudWatch Logs", "export task", row{scanner: "cloudwatchlogs", resource: logsARN + "log-group:/app",
	inside:  expect{answers: exportTo("dump").bucket("dump", "eu-west-1"), placement: at(residency.Stream, "arn:aws:s3:::dump", "eu-west-1", "export task 1")},
	outside: expect{answers: exportTo("dump").bucket("dump", "us-east-1"), placement: at(residency.Stream, "arn:aws:s3:::dump", "us-east-1", "export task 1")},
	unknown: expect{answers: exportTo("dump"), placement: at(residency.Stream, "arn:aws:s3:::dump", "", "export task 1")},
})

func queryTo(bucket string) aws {
	a := logsAnswers().set("cloudwatchlogs", "ListScheduledQueries", `{"scheduledQueries":[{"scheduledQueryArn":"`+logsARN+`scheduled-query:q","name":"q","state":"ENABLED","destinationConfiguration":{"s3Configuration":{"destinationIdentifier":"s3://`+bucket+`/p","roleArn":"r"}}}]}`)
	return a.on("any", "cloudwatchlogs", "GetScheduledQuery", "", `{"logGroupIdentifiers":["/app"]}`)
}

var _ = catalogue("CloudWatch Logs", "scheduled query result delivery", row{scanner: "cloudwatchlogs", resource: logsARN + "scheduled-query:q",
	inside:  expect{answers: queryTo("results").bucket("results", "eu-west-1"), placement: at(residency.Stream, "arn:aws:s3:::results", "eu-west-1", "s3Configuration")},
	outside: expect{answers: queryTo("results").bucket("results", "us-east-1"), placement: at(residency.Stream, "arn:aws:s3:::results", "us-east-1", "s3Configuration")},
	unknown: expect{answers: queryTo("results"), placement: at(residency.Stream, "arn:aws:s3:::results", "", "s3Configuration")},
})

var _ = catalogue("CloudWatch", "cross-account observability link", row{scanner: "oam", resource: oamARN + "link/1",
	inside: expect{answers: oamAnswers("eu-west-1"),
		placement: residency.Placement{Role: residency.Transit, Region: "eu-west-1", Account: "222222222222", Target: "arn:aws:oam:eu-west-1:222222222222:sink/9", Via: "link of LogGroup, Metric"}},
	outside: expect{answers: oamAnswers("us-east-1"),
		placement: residency.Placement{Role: residency.Transit, Region: "us-east-1", Account: "222222222222", Target: "arn:aws:oam:us-east-1:222222222222:sink/9", Via: "link of LogGroup, Metric"}},
	unknown: expect{answers: oamAnswers("eu-west-1").deny("oam", "ListLinks"), gap: "ListLinks denied"},
})

func centralizedTo(region string) residency.Placement {
	return residency.Placement{Role: residency.Log, Region: region, Account: "222222222222", Target: "arn:aws:iam::222222222222:root", Via: "Destination"}
}

var _ = catalogue("CloudWatch", "log centralization rule", row{scanner: "observabilityadmin", resource: ruleARN,
	inside:  expect{answers: centralizationAnswers("eu-west-1", `{`+ruleFrom+`}`), placement: centralizedTo("eu-west-1")},
	outside: expect{answers: centralizationAnswers("us-east-1", `{`+ruleFrom+`}`), placement: centralizedTo("us-east-1")},
	unknown: expect{answers: centralizationAnswers("", `{`+ruleFrom+`}`), placement: centralizedTo("")},
})

var _ = catalogue("CloudWatch", "metric stream", row{scanner: "cloudwatch", resource: metricStreamARN + "m",
	inside: expect{answers: metricStreams("eu-west-1"),
		placement: at(residency.Metadata, "arn:aws:firehose:eu-west-1:111111111111:deliverystream/fh", "eu-west-1", "firehoseArn")},
	outside: expect{answers: metricStreams("us-east-1"),
		placement: at(residency.Metadata, "arn:aws:firehose:us-east-1:111111111111:deliverystream/fh", "us-east-1", "firehoseArn")},
	unknown: expect{answers: metricStreams("eu-west-1").deny("cloudwatch", "ListMetricStreams"), gap: "ListMetricStreams denied"},
})

var _ = catalogue("CloudTrail", "trail", row{scanner: "cloudtrail", resource: trailARN,
	inside: expect{answers: trailAnswers(trail(trailARN, "eu-west-1", "")).bucket("logs", "eu-west-1"),
		placement: at(residency.Metadata, "arn:aws:s3:::logs", "eu-west-1", "S3BucketName")},
	outside: expect{answers: trailAnswers(trail(trailARN, "eu-west-1", "")).bucket("logs", "us-east-1"),
		placement: at(residency.Metadata, "arn:aws:s3:::logs", "us-east-1", "S3BucketName")},
	unknown: expect{answers: trailAnswers(trail(trailARN, "eu-west-1", "")), placement: at(residency.Metadata, "arn:aws:s3:::logs", "", "S3BucketName")},
})

var _ = catalogue("CloudTrail", "event data store", row{scanner: "cloudtrail", resource: lakeARN,
	inside: expect{answers: lakeAnswers(`{` + dataEvents + `}`), placement: residency.Placement{Role: residency.Log, Region: "eu-west-1", Via: "AdvancedEventSelectors"}},
	outside: expect{answers: lakeAnswers(`{`+dataEvents+`}`).
		set("cloudtrail", "ListEventDataStores", `{"EventDataStores":[{"EventDataStoreArn":"`+strings.Replace(lakeARN, "eu-west-1", "us-east-1", 1)+`","Name":"e1"}]}`),
		resource: strings.Replace(lakeARN, "eu-west-1", "us-east-1", 1), placement: residency.Placement{Role: residency.Log, Region: "us-east-1", Via: "AdvancedEventSelectors"}},
	unknown: expect{answers: lakeAnswers(`{}`).deny("cloudtrail", "GetEventDataStore"), gap: "GetEventDataStore denied " + lakeARN},
})

func channelTo(location string) aws {
	a := trailAnswers().set("cloudtrail", "ListChannels", `{"Channels":[{"ChannelArn":"`+channelARN+`","Name":"c"}]}`)
	return a.on("any", "cloudtrail", "GetChannel", "", `{"Source":"Custom","Destinations":[{"Type":"EVENT_DATA_STORE","Location":"`+location+`"}]}`)
}

var _ = catalogue("CloudTrail", "channel", row{scanner: "cloudtrail", resource: channelARN,
	inside: expect{answers: channelTo(lakeARN), placement: at(residency.Log, lakeARN, "eu-west-1", "Destinations EVENT_DATA_STORE")},
	outside: expect{answers: channelTo(strings.Replace(lakeARN, "eu-west-1", "us-east-1", 1)),
		placement: at(residency.Log, strings.Replace(lakeARN, "eu-west-1", "us-east-1", 1), "us-east-1", "Destinations EVENT_DATA_STORE")},
	unknown: expect{answers: channelTo(lakeARN).deny("cloudtrail", "GetChannel"), gap: "GetChannel denied " + channelARN},
})

func deliversTo(bucket string) aws {
	return hose(`"Destinations":[{"DestinationId":"d","ExtendedS3DestinationDescription":{"BucketARN":"arn:aws:s3:::` + bucket + `"}}]`)
}

var _ = catalogue("Firehose", "delivery stream", row{scanner: "firehose", resource: streamARN,
	inside:  expect{answers: deliversTo("out").bucket("out", "eu-west-1"), placement: at(residency.Stream, "arn:aws:s3:::out", "eu-west-1", "S3 destination")},
	outside: expect{answers: deliversTo("out").bucket("out", "us-east-1"), placement: at(residency.Stream, "arn:aws:s3:::out", "us-east-1", "S3 destination")},
	unknown: expect{answers: deliversTo("out"), placement: at(residency.Stream, "arn:aws:s3:::out", "", "S3 destination")},
})
