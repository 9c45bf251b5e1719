package scanners_test

import "github.com/seed-1578181b/domicile/internal/residency"

// Answers by hand, from the SDK's own types.

var s3Regions = []string{"eu-west-1", "us-east-1"}

// s3Home and s3Place are the two shapes of placement that the rows of S3 look for.
func s3Home(region string) residency.Placement {
	return residency.Placement{Role: residency.Primary, Region: region}
}

func s3Place(role residency.Role, region, target, via string) residency.Placement {
	return residency.Placement{Role: role, Region: region, Target: target, Via: via}
}

var _ = catalogue("S3", "general purpose bucket", row{scanner: "s3", resource: acme,
	inside:  expect{answers: s3Estate(s3Regions, "acme=eu-west-1"), placement: s3Home("eu-west-1")},
	outside: expect{answers: s3Estate(s3Regions, "acme=us-east-1"), placement: s3Home("us-east-1")},
	unknown: expect{answers: s3Estate(s3Regions, "acme").fail("any", "s3", "HeadBucket", "", 403, "").fail("any", "s3", "GetBucketLocation", "", 403, deniedXML),
		placement: s3Home("")}})

// toBucket is a row whose setting names the bucket "sink", found in one region, in another, and not at all.
func toBucket(role residency.Role, via string, estate func() aws) row {
	at := func(region string) expect {
		return expect{answers: estate().bucketIn("sink", region), placement: s3Place(role, region, "arn:aws:s3:::sink", via)}
	}
	return row{scanner: "s3", resource: acme, inside: at("eu-west-1"), outside: at("us-east-1"), unknown: at("")}
}

func s3With(operation, body string) func() aws {
	return func() aws { return s3Estate(s3Regions, "acme=eu-west-1").setS3(operation, body) }
}

var _ = catalogue("S3", "bucket replication rule", toBucket(residency.Replica, "replication rule all", s3With("GetBucketReplication",
	`<ReplicationConfiguration><Rule><ID>all</ID><Status>Enabled</Status><Filter><And><Prefix>a</Prefix></And></Filter><Destination><Bucket>arn:aws:s3:::sink</Bucket></Destination></Rule></ReplicationConfiguration>`)))

var _ = catalogue("S3", "server access logging", toBucket(residency.Log, "server access logging", s3With("GetBucketLogging",
	`<BucketLoggingStatus><LoggingEnabled><TargetBucket>sink</TargetBucket><TargetPrefix>p</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`)))

var _ = catalogue("S3", "inventory report", toBucket(residency.Metadata, "inventory daily", s3With("ListBucketInventoryConfigurations",
	`<ListInventoryConfigurationsResult>`+inventoryXML("daily", "sink")+`</ListInventoryConfigurationsResult>`)))

var _ = catalogue("S3", "storage class analysis export", toBucket(residency.Metadata, "storage class analysis a", s3With("ListBucketAnalyticsConfigurations",
	`<ListBucketAnalyticsConfigurationResult>`+analyticsXML("sink")+`</ListBucketAnalyticsConfigurationResult>`)))

var _ = catalogue("S3", "batch operations job", func() row {
	r := toBucket(residency.Replica, "batch copy job", func() aws {
		return copyJob(controlEstate(s3Regions...), "us-east-1", `<Status>Complete</Status><Operation><S3PutObjectCopy><TargetResource>arn:aws:s3:::sink</TargetResource></S3PutObjectCopy></Operation>`+jobManifest)
	})
	r.scanner, r.resource = "s3control", "arn:aws:s3:us-east-1:111111111111:job/j1"
	return r
}())

var _ = catalogue("S3", "storage lens export", func() row {
	r := toBucket(residency.Metadata, "metrics export", func() aws {
		return lensEstate("us-east-1", `<IsEnabled>true</IsEnabled><DataExport><S3BucketDestination><Arn>arn:aws:s3:::sink</Arn></S3BucketDestination></DataExport>`)
	})
	r.scanner, r.resource = "s3control", lensARN
	return r
}())

var _ = catalogue("S3", "access point", func() row {
	r := toBucket(residency.Capability, "access point", func() aws {
		return controlEstate(s3Regions...).replaceControl("eu-west-1", "ListAccessPoints",
			`<ListAccessPointsResult><AccessPointList><AccessPoint><Name>door</Name><NetworkOrigin>Internet</NetworkOrigin><Bucket>sink</Bucket><BucketAccountId>111111111111</BucketAccountId></AccessPoint></AccessPointList></ListAccessPointsResult>`)
	})
	r.scanner, r.resource = "s3control", "arn:aws:s3:eu-west-1:111111111111:accesspoint/door"
	return r
}())

// deniedS3 is the third case of rows whose target's ARN tells the region always: the call itself gets no answer.
func deniedS3(operation string) expect {
	return expect{answers: s3Estate(s3Regions, "acme=eu-west-1").fail("any", "s3", operation, `{"Bucket":"acme"}`, 403, deniedXML), gap: operation + " denied " + acme}
}

var _ = catalogue("S3", "event notification target", func() row {
	at := func(region string) expect {
		arn := "arn:aws:sqs:" + region + ":111111111111:q"
		return expect{answers: s3With("GetBucketNotificationConfiguration", `<NotificationConfiguration><QueueConfiguration><Id>q</Id><Queue>`+arn+`</Queue></QueueConfiguration></NotificationConfiguration>`)(),
			placement: residency.Placement{Role: residency.Queue, Region: region, Account: ownAccount, Target: arn, Via: "event notification q"}}
	}
	return row{scanner: "s3", resource: acme, inside: at("eu-west-1"), outside: at("us-east-1"), unknown: deniedS3("GetBucketNotificationConfiguration")}
}())

var _ = catalogue("S3", "S3 Metadata tables", func() row {
	at := func(region string) expect {
		arn := "arn:aws:s3tables:" + region + ":111111111111:bucket/aws-s3"
		return expect{answers: s3With("GetBucketMetadataConfiguration", `<GetBucketMetadataConfigurationResult><MetadataConfigurationResult><DestinationResult><TableBucketArn>`+arn+`</TableBucketArn></DestinationResult></MetadataConfigurationResult></GetBucketMetadataConfigurationResult>`)(),
			placement: residency.Placement{Role: residency.Metadata, Region: region, Account: ownAccount, Target: arn, Via: "S3 Metadata tables"}}
	}
	return row{scanner: "s3", resource: acme, inside: at("eu-west-1"), outside: at("us-east-1"), unknown: deniedS3("GetBucketMetadataConfiguration")}
}())

// The share's region is the bucket's: outside is a bucket outside.
var _ = catalogue("S3", "bucket policy and public access", func() row {
	at := func(region string) expect {
		return expect{answers: s3Estate(s3Regions, "acme="+region).policyS3(vendorReads, false),
			placement: residency.Placement{Role: residency.Primary, Region: region, Account: "999999999999", Via: "policy statement vendor"}}
	}
	return row{scanner: "s3", resource: acme, inside: at("eu-west-1"), outside: at("us-east-1"), unknown: deniedS3("GetBucketPolicy")}
}())

// No answer names the edge that an accelerated transfer enters by: on, it is unknown. A suspended setting could be turned on.
var _ = catalogue("S3", "transfer acceleration", func() row {
	estate := func(region, status string) aws {
		return s3Estate(s3Regions, "acme="+region).setS3("GetBucketAccelerateConfiguration", `<AccelerateConfiguration><Status>`+status+`</Status></AccelerateConfiguration>`)
	}
	at := func(region string) expect {
		return expect{answers: estate(region, "Suspended"), placement: s3Place(residency.Capability, region, "", "transfer acceleration (suspended)")}
	}
	return row{scanner: "s3", resource: acme, inside: at("eu-west-1"), outside: at("us-east-1"),
		unknown: expect{answers: estate("eu-west-1", "Enabled"), placement: s3Place(residency.Transit, "", "acme.s3-accelerate.amazonaws.com", "transfer acceleration")}}
}())

// The zone's region counts, not the region that was asked.
var _ = catalogue("S3", "directory bucket (S3 Express One Zone)", row{scanner: "s3", resource: expressARN,
	inside:  expect{answers: directoryEstate("eu-west-1", "euw1-az1"), placement: s3Home("eu-west-1")},
	outside: expect{answers: directoryEstate("us-east-1", "euw1-az1"), placement: s3Home("us-east-1")},
	unknown: expect{answers: directoryEstate("eu-west-1", "euw1-az9"), placement: s3Home("")}})

var _ = catalogue("S3", "Multi-Region Access Point", func() row {
	estate := func(region string) aws {
		a := controlEstate(s3Regions...)
		a.replaceControl("us-west-2", "ListMultiRegionAccessPoints", `<ListMultiRegionAccessPointsResult><AccessPoints><AccessPoint><Name>m</Name><Alias>mokkwp4hcdned.mrap</Alias><Regions><Region><Bucket>acme</Bucket><Region>`+region+`</Region><BucketAccountId>111111111111</BucketAccountId></Region></Regions></AccessPoint></AccessPoints></ListMultiRegionAccessPointsResult>`)
		return a.on("us-west-2", "s3control", "GetMultiRegionAccessPointRoutes", "", `<GetMultiRegionAccessPointRoutesResult/>`)
	}
	at := func(region string) expect {
		return expect{answers: estate(region), placement: residency.Placement{Role: residency.Transit, Region: region, Account: ownAccount, Target: acme, Via: "multi-region access point"}}
	}
	denied := controlEstate(s3Regions...)
	delete(denied, "111111111111/us-west-2/s3control/ListMultiRegionAccessPoints")
	return row{scanner: "s3control", resource: mrapARN, inside: at("eu-west-1"), outside: at("us-east-1"),
		unknown: expect{answers: denied.fail("us-west-2", "s3control", "ListMultiRegionAccessPoints", "", 403, controlError("AccessDenied")), gap: "ListMultiRegionAccessPoints denied"}}
}())

var _ = catalogue("S3 Tables", "table bucket / table", func() row {
	at := func(region string) expect {
		arn := "arn:aws:s3tables:" + region + ":111111111111:bucket/copy"
		return expect{answers: tableEstate("").setTables("GetTableBucketReplication", `{"configuration":{"role":"r","rules":[{"destinations":[{"destinationTableBucketARN":"`+arn+`"}]}]}}`),
			placement: residency.Placement{Role: residency.Replica, Region: region, Account: ownAccount, Target: arn, Via: "replication of the table bucket"}}
	}
	denied := tableEstate("")
	delete(denied, "111111111111/eu-west-1/s3tables/GetTableBucketReplication")
	return row{scanner: "s3tables", resource: tableLake, inside: at("eu-west-1"), outside: at("us-east-1"),
		unknown: expect{answers: denied.fail("eu-west-1", "s3tables", "GetTableBucketReplication", "", 403, `{"__type":"AccessDeniedException","message":"no"}`),
			gap: "GetTableBucketReplication denied " + tableLake}}
}())

var _ = catalogue("S3 Vectors", "vector bucket", func() row {
	denied := vectorEstate("eu-west-1")
	delete(denied, "111111111111/eu-west-1/s3vectors/ListVectorBuckets")
	return row{scanner: "s3vectors", resource: vectorARN("eu-west-1"),
		inside:  expect{answers: vectorEstate("eu-west-1"), placement: s3Home("eu-west-1")},
		outside: expect{answers: vectorEstate("us-east-1"), resource: vectorARN("us-east-1"), placement: s3Home("us-east-1")},
		unknown: expect{answers: denied.fail("eu-west-1", "s3vectors", "ListVectorBuckets", "", 403, `{"__type":"AccessDeniedException","message":"no"}`), gap: "ListVectorBuckets denied"}}
}())
