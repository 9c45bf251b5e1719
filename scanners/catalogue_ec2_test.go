package scanners_test

import "github.com/seed-1578181b/domicile/internal/residency"

// Answers by hand, from the SDK's own types.

func snapshotAnswers(region, more string) aws {
	return ec2Base(region).ec2(region, "DescribeSnapshots", "<snapshotSet>"+snapshotItem("snap-1", more)+"</snapshotSet>")
}

func imageAnswers(region, more string) aws {
	return ec2Base(region).ec2(region, "DescribeImages", "<imagesSet><item><imageId>ami-1</imageId><imageOwnerId>111111111111</imageOwnerId>"+more+"</item></imagesSet>")
}

func volumeAnswers(zone, more string) aws {
	return ec2Base("ap-southeast-2").ec2("ap-southeast-2", "DescribeAvailabilityZones", zoneAnswer).ec2("ap-southeast-2", "DescribeVolumes", volumeIn(zone, more))
}

// A Local Zone belongs to the region and lies in another country; where an Outpost is AWS does not say.
var _ = catalogue("EC2 / EBS", "volume", row{scanner: "ec2", resource: "arn:aws:ec2:ap-southeast-2:111111111111:volume/vol-1",
	inside: expect{answers: volumeAnswers("ap-southeast-2a", ""), placement: residency.Placement{Role: residency.Primary, Region: "ap-southeast-2"}},
	outside: expect{answers: volumeAnswers("ap-southeast-2-akl-1a", ""),
		placement: residency.Placement{Role: residency.Primary, Region: "ap-southeast-2-akl-1", Via: "local zone ap-southeast-2-akl-1a, New Zealand"}},
	unknown: expect{answers: volumeAnswers("ap-southeast-2a", "<outpostArn>arn:aws:outposts:ap-southeast-2:111111111111:outpost/op-1</outpostArn>"),
		placement: residency.Placement{Role: residency.Primary, Via: "on Outpost arn:aws:outposts:ap-southeast-2:111111111111:outpost/op-1"}}})

func copiedFrom(region string) residency.Source {
	return residency.Source{ID: "arn:aws:ec2:" + region + "::snapshot/snap-0a", Role: residency.Backup, Region: region, Via: "Description of the copy"}
}

var _ = catalogue("EC2 / EBS", "snapshot copy", row{scanner: "ec2", resource: "arn:aws:ec2:eu-west-1::snapshot/snap-1",
	inside: expect{answers: snapshotAnswers("eu-west-1", "<transferType>standard</transferType><description>[Copied snap-0a from eu-west-1] x</description>"), source: copiedFrom("eu-west-1")},
	outside: expect{answers: snapshotAnswers("us-east-1", "<transferType>standard</transferType><description>[Copied snap-0a from ap-southeast-2]</description>"),
		resource: "arn:aws:ec2:us-east-1::snapshot/snap-1", source: copiedFrom("ap-southeast-2")},
	unknown: expect{answers: snapshotAnswers("eu-west-1", "<transferType>standard</transferType><description>mine</description>"), gap: "DescribeSnapshots unresolved arn:aws:ec2:eu-west-1::snapshot/snap-1"}})

func sharedSnapshot(region, permission string) aws {
	return snapshotAnswers(region, "").ec2(region, "DescribeSnapshotAttribute", "<createVolumePermission><item>"+permission+"</item></createVolumePermission>")
}

var _ = catalogue("EC2 / EBS", "snapshot sharing", row{scanner: "ec2", resource: "arn:aws:ec2:eu-west-1::snapshot/snap-1",
	inside: expect{answers: sharedSnapshot("eu-west-1", "<userId>999999999999</userId>"),
		placement: residency.Placement{Role: residency.Backup, Region: "eu-west-1", Account: "999999999999", Via: "createVolumePermission"}},
	outside: expect{answers: sharedSnapshot("us-east-1", "<group>all</group>"), resource: "arn:aws:ec2:us-east-1::snapshot/snap-1",
		placement: residency.Placement{Role: residency.Backup, Region: "us-east-1", Account: "*", Via: "createVolumePermission"}},
	unknown: expect{answers: snapshotAnswers("eu-west-1", "").ec2Denied("eu-west-1", "DescribeSnapshotAttribute"), gap: "DescribeSnapshotAttribute denied arn:aws:ec2:eu-west-1::snapshot/snap-1"}})

func dlmCopies(target string) aws {
	return dlmAnswers("ENABLED", `{"Schedules":[{"Name":"s","CrossRegionCopyRules":[{"Target":"`+target+`"}]}]}`)
}

var _ = catalogue("EC2 / EBS", "Data Lifecycle Manager policy", row{scanner: "dlm", resource: dlmID,
	inside:  expect{answers: dlmCopies("eu-west-1"), placement: residency.Placement{Role: residency.Backup, Region: "eu-west-1", Via: "CrossRegionCopyRules of schedule s"}},
	outside: expect{answers: dlmCopies("us-east-1"), placement: residency.Placement{Role: residency.Backup, Region: "us-east-1", Via: "CrossRegionCopyRules of schedule s"}},
	unknown: expect{answers: dlmCopies("arn:aws:outposts:eu-west-1:111111111111:outpost/op-1"),
		placement: residency.Placement{Role: residency.Backup, Target: "arn:aws:outposts:eu-west-1:111111111111:outpost/op-1", Via: "CrossRegionCopyRules of schedule s"}}})

func recycled(region, description string) aws {
	return ec2Base(region).ec2(region, "ListSnapshotsInRecycleBin", "<snapshotSet><item><snapshotId>snap-1</snapshotId><description>"+description+"</description></item></snapshotSet>")
}

var _ = catalogue("EC2 / EBS", "recycle bin", row{scanner: "ec2", resource: "arn:aws:ec2:eu-west-1::snapshot/snap-1",
	inside: expect{answers: recycled("eu-west-1", ""), placement: residency.Placement{Role: residency.Backup, Region: "eu-west-1", Via: "recycle bin"}},
	outside: expect{answers: recycled("us-east-1", ""), resource: "arn:aws:ec2:us-east-1::snapshot/snap-1",
		placement: residency.Placement{Role: residency.Backup, Region: "us-east-1", Via: "recycle bin"}},
	unknown: expect{answers: ec2Base("eu-west-1").ec2Denied("eu-west-1", "ListSnapshotsInRecycleBin"), gap: "ListSnapshotsInRecycleBin denied"}})

func imageFrom(region string) residency.Source {
	return residency.Source{ID: "arn:aws:ec2:" + region + "::image/ami-0a", Role: residency.Backup, Region: region, Via: "SourceImageRegion"}
}

var _ = catalogue("EC2", "AMI copy", row{scanner: "ec2", resource: "arn:aws:ec2:us-east-1::image/ami-1",
	inside:  expect{answers: imageAnswers("us-east-1", "<sourceImageId>ami-0a</sourceImageId><sourceImageRegion>us-east-1</sourceImageRegion>"), source: imageFrom("us-east-1")},
	outside: expect{answers: imageAnswers("us-east-1", "<sourceImageId>ami-0a</sourceImageId><sourceImageRegion>eu-west-1</sourceImageRegion>"), source: imageFrom("eu-west-1")},
	unknown: expect{answers: imageAnswers("us-east-1", "<sourceImageId>ami-0a</sourceImageId>"), gap: "DescribeImages unresolved arn:aws:ec2:us-east-1::image/ami-1"}})

func sharedImage(region, permission string) aws {
	return imageAnswers(region, "").ec2(region, "DescribeImageAttribute", "<launchPermission><item>"+permission+"</item></launchPermission>")
}

var _ = catalogue("EC2", "AMI sharing", row{scanner: "ec2", resource: "arn:aws:ec2:eu-west-1::image/ami-1",
	inside: expect{answers: sharedImage("eu-west-1", "<userId>999999999999</userId>"),
		placement: residency.Placement{Role: residency.Backup, Region: "eu-west-1", Account: "999999999999", Via: "launchPermission"}},
	outside: expect{answers: sharedImage("us-east-1", "<organizationArn>arn:aws:organizations::888888888888:organization/o-far</organizationArn>"), resource: "arn:aws:ec2:us-east-1::image/ami-1",
		placement: residency.Placement{Role: residency.Backup, Region: "us-east-1", Account: "888888888888", Via: "launchPermission organization/o-far"}},
	unknown: expect{answers: imageAnswers("eu-west-1", "").ec2Denied("eu-west-1", "DescribeImageAttribute"), gap: "DescribeImageAttribute denied arn:aws:ec2:eu-west-1::image/ami-1"}})

func storedImage() aws {
	return imageAnswers("eu-west-1", "").ec2("eu-west-1", "DescribeStoreImageTasks", "<storeImageTaskResultSet><item><amiId>ami-1</amiId><bucket>kept</bucket><s3objectKey>ami-1.bin</s3objectKey><storeTaskState>Completed</storeTaskState></item></storeImageTaskResultSet>")
}

func storedIn(region string) residency.Placement {
	return residency.Placement{Role: residency.Backup, Region: region, Target: "arn:aws:s3:::kept", Via: "StoreImageTask ami-1.bin"}
}

var _ = catalogue("EC2", "AMI stored to S3 / VM export", row{scanner: "ec2", resource: "arn:aws:ec2:eu-west-1::image/ami-1",
	inside:  expect{answers: withBucket(storedImage(), "kept", "eu-west-1"), placement: storedIn("eu-west-1")},
	outside: expect{answers: withBucket(storedImage(), "kept", "us-east-1"), placement: storedIn("us-east-1")},
	unknown: expect{answers: storedImage().fail("any", "s3", "HeadBucket", "", 403, ""), placement: storedIn("")}})

func flowLog(destination string) aws {
	return ec2Base("eu-west-1").ec2("eu-west-1", "DescribeFlowLogs", "<flowLogSet><item><flowLogId>fl-1</flowLogId>"+destination+"</item></flowLogSet>")
}

func flowTo(region string) residency.Placement {
	return residency.Placement{Role: residency.Log, Region: region, Target: "arn:aws:s3:::flows", Via: "LogDestination"}
}

const flowBucket = "<logDestinationType>s3</logDestinationType><logDestination>arn:aws:s3:::flows/vpc/</logDestination>"

var _ = catalogue("VPC", "flow logs", row{scanner: "ec2", resource: "arn:aws:ec2:eu-west-1:111111111111:vpc-flow-log/fl-1",
	inside:  expect{answers: withBucket(flowLog(flowBucket), "flows", "eu-west-1"), placement: flowTo("eu-west-1")},
	outside: expect{answers: withBucket(flowLog(flowBucket), "flows", "us-east-1"), placement: flowTo("us-east-1")},
	unknown: expect{answers: flowLog(flowBucket).fail("any", "s3", "HeadBucket", "", 403, ""), placement: flowTo("")}})
