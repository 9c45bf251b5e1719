package scanners_test

import "github.com/seed-1578181b/domicile/internal/residency"

// Answers by hand, from the SDK's own types.

// bucketRow is a row whose destination is a bucket by its bare name: where it is, HeadBucket says, or nobody.
func bucketRow(scanner, resource string, role residency.Role, bucket, via string, answers func() aws) row {
	at := func(region string) residency.Placement { return modelAt(role, region, "arn:aws:s3:::"+bucket, via) }
	return row{scanner: scanner, resource: resource,
		inside:  expect{answers: headBucketIn(answers(), "eu-west-1"), placement: at("eu-west-1")},
		outside: expect{answers: headBucketIn(answers(), "us-east-1"), placement: at("us-east-1")},
		unknown: expect{answers: answers().fail("any", "s3", "HeadBucket", "", 403, ""), placement: at("")}}
}

var _ = catalogue("ELB (ALB/NLB/GWLB)", "access / connection / health logs", bucketRow("elasticloadbalancingv2", balancerARN("eu-west-1", "a"), residency.Log, "logs", "access_logs",
	func() aws {
		return balancers("eu-west-1", attributes("access_logs.s3.enabled", "true", "access_logs.s3.bucket", "logs"), "a")
	}))

var _ = catalogue("ELB (Classic)", "access logs", bucketRow("elasticloadbalancing", classicID, residency.Log, "logs", "AccessLog",
	func() aws {
		return classic("eu-west-1", "<AccessLog><Enabled>true</Enabled><S3BucketName>logs</S3BucketName></AccessLog>")
	}))

// AWS takes a group of us-east-1 only; a group elsewhere shows that it is the answer that tells the region, and not that rule.
var _ = catalogue("Route 53", "public zone query logging", row{scanner: "route53", resource: "arn:aws:route53:::hostedzone/ZA",
	inside: expect{answers: hostedZones(queryLog("ZA", groupIn("eu-west-1"))),
		placement: residency.Placement{Role: residency.Log, Region: "eu-west-1", Account: ownAccount, Target: groupIn("eu-west-1"), Via: "query logging configuration"}},
	outside: expect{answers: hostedZones(queryLog("ZA", groupIn("us-east-1"))),
		placement: residency.Placement{Role: residency.Log, Region: "us-east-1", Account: ownAccount, Target: groupIn("us-east-1"), Via: "query logging configuration"}},
	unknown: expect{answers: deniedAt(hostedZones(""), "us-east-1", "route53", "ListQueryLoggingConfigs", queryDenied), gap: "ListQueryLoggingConfigs denied"}})

// deniedAt replaces the answers of one operation by a denial.
func deniedAt(a aws, region, service, operation, body string) aws {
	delete(a, ownAccount+"/"+region+"/"+service+"/"+operation)
	delete(a, ownAccount+"/any/"+service+"/"+operation)
	return a.fail(region, service, operation, "", 403, body)
}

var _ = catalogue("Route 53 Resolver", "VPC query logging", bucketRow("route53resolver", queryConfigID("eu-west-1"), residency.Log, "dns", "DestinationArn of query log configuration dns",
	func() aws { return queryConfigs("eu-west-1", ownAccount, "NOT_SHARED", "arn:aws:s3:::dns/prefix") }))

func webLogTo(destination string) aws {
	id := aclID("eu-west-1", "regional", "acl")
	return webACLs("eu-west-1").acl("eu-west-1", "REGIONAL", id).webLog("eu-west-1", "REGIONAL", "CUSTOMER", id, destination)
}

var _ = catalogue("WAF", "web ACL logging", row{scanner: "wafv2", resource: aclID("eu-west-1", "regional", "acl"),
	inside: expect{answers: webLogTo(webGroup("eu-west-1")),
		placement: residency.Placement{Role: residency.Log, Region: "eu-west-1", Account: ownAccount, Target: webGroup("eu-west-1"), Via: "LogDestinationConfigs"}},
	outside: expect{answers: headBucketIn(webLogTo("arn:aws:s3:::aws-waf-logs-a"), "us-east-1"),
		placement: modelAt(residency.Log, "us-east-1", "arn:aws:s3:::aws-waf-logs-a", "LogDestinationConfigs")},
	unknown: expect{answers: webLogTo("arn:aws:s3:::aws-waf-logs-a").fail("any", "s3", "HeadBucket", "", 403, ""),
		placement: modelAt(residency.Log, "", "arn:aws:s3:::aws-waf-logs-a", "LogDestinationConfigs")}})

var _ = catalogue("AWS Config", "delivery channel", bucketRow("configservice", "arn:aws:config:eu-west-1:111111111111:delivery-channel/default", residency.Metadata, "history", "S3BucketName",
	func() aws {
		return recorder("eu-west-1").on("eu-west-1", "configservice", "DescribeDeliveryChannels", "", `{"DeliveryChannels":[{"name":"default","s3BucketName":"history"}]}`)
	}))

func authorizedIn(region string) residency.Placement {
	return residency.Placement{Role: residency.Metadata, Region: region, Account: "999999999999", Via: "aggregation authorization"}
}

var _ = catalogue("AWS Config", "aggregator / authorization", row{scanner: "configservice", resource: authorizationID("us-east-1"),
	inside:  expect{answers: recorder("eu-west-1").authorizes("eu-west-1"), resource: authorizationID("eu-west-1"), placement: authorizedIn("eu-west-1")},
	outside: expect{answers: recorder("eu-west-1").authorizes("us-east-1"), placement: authorizedIn("us-east-1")},
	unknown: expect{answers: deniedAt(recorder("eu-west-1"), "eu-west-1", "configservice", "DescribeConfigurationAggregators", denied), gap: "DescribeConfigurationAggregators denied"}})

func findingsIn(region string) residency.Placement {
	return residency.Placement{Role: residency.Metadata, Region: region, Via: "finding aggregation"}
}

var _ = catalogue("Security Hub", "finding aggregator", row{scanner: "securityhub", resource: hubV1ID,
	inside: expect{answers: hubs("eu-west-1").aggregatesFindings("eu-west-1", "ALL_REGIONS", "", "eu-west-1"),
		resource: "arn:aws:securityhub:eu-west-1:111111111111:finding-aggregator/f-1", placement: findingsIn("eu-west-1")},
	outside: expect{answers: hubs("eu-west-1", "us-east-1").aggregatesFindings("us-east-1", "ALL_REGIONS", "", "eu-west-1", "us-east-1"), placement: findingsIn("us-east-1")},
	unknown: expect{answers: deniedAt(hubs("eu-west-1"), "eu-west-1", "securityhub", "ListFindingAggregators", denied), gap: "ListFindingAggregators denied"}})

var _ = catalogue("GuardDuty", "findings export", bucketRow("guardduty", exportID, residency.Metadata, "findings", "DestinationArn",
	func() aws { return findingsExport("PUBLISHING", "findings") }))

var _ = catalogue("Macie", "classification results export", bucketRow("macie2", resultsID, residency.Log, "results", "s3Destination",
	func() aws {
		return macieExport(`"s3Destination":{"bucketName":"results","kmsKeyArn":"arn:aws:kms:eu-west-1:111111111111:key/k"}`)
	}))

var _ = catalogue("Bedrock", "model invocation logging", bucketRow("bedrock", invocations, residency.Log, "chats", "s3Config",
	func() aws { return logsInvocations(`"textDataDeliveryEnabled":true,"s3Config":{"bucketName":"chats"}`) }))

func profileAt(region, target, more string) residency.Placement {
	return modelAt(residency.Transit, region, target, "application inference profile"+more)
}

var _ = catalogue("Bedrock", "system-defined and application inference profile", row{scanner: "bedrock", resource: appID,
	inside:  expect{answers: application(modelIn("eu-west-1")), placement: profileAt("eu-west-1", modelIn("eu-west-1"), "")},
	outside: expect{answers: application(modelIn("eu-west-1"), modelIn("us-east-1")), placement: profileAt("us-east-1", modelIn("us-east-1"), "")},
	unknown: expect{answers: application(anyModel), placement: profileAt("", anyModel, ", any region")}})

func asks(model string) aws { return agents("").agent(`"foundationModel":"` + model + `"`) }

var _ = catalogue("Bedrock", "agent / knowledge base / prompt / flow model reference", row{scanner: "bedrockagent", resource: agentID,
	inside:  expect{answers: asks(claude), placement: modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), "foundationModel "+claude)},
	outside: expect{answers: asks("eu." + claude), placement: modelAt(residency.Transit, "eu-central-1", modelIn("eu-central-1"), "foundationModel eu."+claude)},
	unknown: expect{answers: asks("global." + claude), placement: modelAt(residency.Transit, "", anyModel, "foundationModel global."+claude+", any region")}})

func storesVectors(storage string) aws { return agents("").knowledge(vectorBase(storage), "") }

func vectorsIn(region string) (aws, residency.Placement) {
	target := "arn:aws:aoss:" + region + ":111111111111:collection/c"
	return storesVectors(`"type":"OPENSEARCH_SERVERLESS","opensearchServerlessConfiguration":{"collectionArn":"` + target + `"}`),
		residency.Placement{Role: residency.Replica, Region: region, Account: ownAccount, Target: target, Via: "storageConfiguration OPENSEARCH_SERVERLESS"}
}

var _ = catalogue("Bedrock", "knowledge base storage and data source", func() row {
	in, inside := vectorsIn("eu-west-1")
	out, outside := vectorsIn("us-east-1")
	return row{scanner: "bedrockagent", resource: baseID, inside: expect{answers: in, placement: inside}, outside: expect{answers: out, placement: outside},
		unknown: expect{answers: storesVectors(`"type":"PINECONE","pineconeConfiguration":{"connectionString":"https://docs-1.svc.aped.pinecone.io"}`),
			placement: modelAt(residency.Replica, "", "docs-1.svc.aped.pinecone.io", "storageConfiguration PINECONE")}}
}())
