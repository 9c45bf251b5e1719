package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, in EC2's wire form from the SDK's own deserialisers, except where a test says that they were recorded.

// What rests in the recycle bin, on two pages each, with the copy of an image that went there.
func TestEC2RecycleBin(t *testing.T) {
	a := ec2Base("us-east-1")
	a.on("us-east-1", "ec2", "ListSnapshotsInRecycleBin", `{"MaxResults":1000}`, ec2XML("ListSnapshotsInRecycleBin", `<snapshotSet><item><snapshotId>snap-1</snapshotId><volumeId>vol-ffffffff</volumeId><description>[Copied snap-0a from eu-west-1]</description></item></snapshotSet><nextToken>t</nextToken>`))
	a.on("us-east-1", "ec2", "ListSnapshotsInRecycleBin", `{"MaxResults":1000,"NextToken":"t"}`, ec2XML("ListSnapshotsInRecycleBin", `<snapshotSet><item><snapshotId>snap-2</snapshotId><volumeId>vol-2</volumeId></item></snapshotSet>`))
	a.on("us-east-1", "ec2", "ListImagesInRecycleBin", `{"MaxResults":1000}`, ec2XML("ListImagesInRecycleBin", `<imageSet/><nextToken>t</nextToken>`))
	a.on("us-east-1", "ec2", "ListImagesInRecycleBin", `{"MaxResults":1000,"NextToken":"t"}`, ec2XML("ListImagesInRecycleBin", `<imageSet><item><imageId>ami-1</imageId><name>web</name></item></imageSet>`))
	a.on("us-east-1", "ec2", "DescribeStoreImageTasks", `{"MaxResults":200}`, ec2XML("DescribeStoreImageTasks", `<storeImageTaskResultSet><item><amiId>ami-1</amiId><bucket>b</bucket><s3objectKey>ami-1.bin</s3objectKey><storeTaskState>Completed</storeTaskState></item></storeImageTaskResultSet><nextToken>t</nextToken>`))
	a.on("us-east-1", "ec2", "DescribeStoreImageTasks", `{"MaxResults":200,"NextToken":"t"}`, ec2XML("DescribeStoreImageTasks", `<storeImageTaskResultSet><item><amiId>ami-2</amiId><bucket>b</bucket><s3objectKey>ami-2.bin</s3objectKey><storeTaskState>Completed</storeTaskState></item><item><amiId>ami-3</amiId><bucket>b</bucket><storeTaskState>Failed</storeTaskState></item></storeImageTaskResultSet>`))
	f := scan(t, "ec2", withBucket(a, "b", "us-east-1"))
	f.noGaps(t)
	bin := residency.Placement{Role: residency.Backup, Region: "us-east-1", Via: "recycle bin"}
	stored := func(id string) residency.Placement {
		return residency.Placement{Role: residency.Backup, Region: "us-east-1", Target: "arn:aws:s3:::b", Via: "StoreImageTask " + id + ".bin"}
	}
	want := []residency.Resource{
		{ID: "arn:aws:ec2:us-east-1::image/ami-1", Kind: "ec2.image", Account: ownAccount, Region: "us-east-1", Name: "web", Placements: []residency.Placement{bin, stored("ami-1")}, Facts: map[string]any{"recycle_bin": true}},
		{ID: "arn:aws:ec2:us-east-1::image/ami-2", Kind: "ec2.image", Account: ownAccount, Region: "us-east-1", Name: "ami-2", Placements: []residency.Placement{stored("ami-2")}, Facts: map[string]any{"listed": false}},
		{ID: "arn:aws:ec2:us-east-1::snapshot/snap-1", Kind: "ec2.snapshot", Account: ownAccount, Region: "us-east-1", Name: "snap-1", Placements: []residency.Placement{bin}, Facts: map[string]any{"recycle_bin": true},
			Sources: []residency.Source{{ID: "arn:aws:ec2:eu-west-1::snapshot/snap-0a", Role: residency.Backup, Region: "eu-west-1", Via: "Description of the copy"}}},
		{ID: "arn:aws:ec2:us-east-1::snapshot/snap-2", Kind: "ec2.snapshot", Account: ownAccount, Region: "us-east-1", Name: "snap-2", Placements: []residency.Placement{bin}, Facts: map[string]any{"recycle_bin": true},
			Sources: []residency.Source{{ID: "arn:aws:ec2:us-east-1:111111111111:volume/vol-2", Role: residency.Backup, Region: "us-east-1", Account: ownAccount, Via: "VolumeId"}}},
	}
	if diff := cmp.Diff(want, f.resources); diff != "" {
		t.Error(diff)
	}
}

func TestEC2Exports(t *testing.T) {
	a := ec2Base("eu-west-1")
	a.on("eu-west-1", "ec2", "DescribeExportImageTasks", "{}", ec2XML("DescribeExportImageTasks", `<exportImageTaskSet><item><exportImageTaskId>export-ami-1</exportImageTaskId><imageId>ami-1</imageId><status>completed</status><s3ExportLocation><s3Bucket>b</s3Bucket></s3ExportLocation></item></exportImageTaskSet><nextToken>t</nextToken>`))
	a.on("eu-west-1", "ec2", "DescribeExportImageTasks", `{"NextToken":"t"}`, ec2XML("DescribeExportImageTasks", `<exportImageTaskSet><item><exportImageTaskId>export-ami-2</exportImageTaskId><status>deleted</status><s3ExportLocation><s3Bucket>b</s3Bucket></s3ExportLocation></item></exportImageTaskSet>`))
	a.ec2("eu-west-1", "DescribeExportTasks", `<exportTaskSet><item><exportTaskId>export-i-1</exportTaskId><state>completed</state><instanceExport><instanceId>i-1</instanceId></instanceExport><exportToS3><s3Bucket>b</s3Bucket></exportToS3></item></exportTaskSet>`)
	f := scan(t, "ec2", withBucket(a, "b", "us-east-1"))
	f.noGaps(t)
	task := func(kind, name, id string, role residency.Role, via string, sources ...residency.Source) residency.Resource {
		return residency.Resource{ID: "arn:aws:ec2:eu-west-1:111111111111:" + name + "/" + id, Kind: kind, Account: ownAccount, Region: "eu-west-1", Name: id, Tags: map[string]string{},
			Placements: []residency.Placement{{Role: role, Region: "us-east-1", Target: "arn:aws:s3:::b", Via: via}}, Sources: sources}
	}
	want := []residency.Resource{
		task("ec2.export_image_task", "export-image-task", "export-ami-1", residency.Backup, "S3ExportLocation", residency.Source{ID: "arn:aws:ec2:eu-west-1::image/ami-1", Role: residency.Backup, Region: "eu-west-1", Via: "ImageId"}),
		task("ec2.export_image_task", "export-image-task", "export-ami-2", residency.Capability, "S3ExportLocation (cancelled)"),
		task("ec2.export_task", "export-instance-task", "export-i-1", residency.Backup, "ExportToS3Task", residency.Source{ID: "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", Region: "eu-west-1", Account: ownAccount, Via: "InstanceId"}),
	}
	if diff := cmp.Diff(want, f.resources); diff != "" {
		t.Error(diff)
	}
}

// The first page recorded from AWS (test_vpc_flow_logs), the second by hand.
func TestEC2FlowLogs(t *testing.T) {
	var list struct {
		FlowLogs []struct{ FlowLogId, LogDestination, LogGroupName, ResourceId string }
	}
	recordedData(t, "test_vpc_flow_logs/ec2.DescribeFlowLogs_1.json", &list)
	items := ""
	for _, l := range list.FlowLogs {
		items += "<item><flowLogId>" + l.FlowLogId + "</flowLogId><resourceId>" + l.ResourceId + "</resourceId><logGroupName>" + l.LogGroupName + "</logGroupName><logDestination>" + l.LogDestination + "</logDestination></item>"
	}
	a := ec2Base("us-east-1")
	a.on("us-east-1", "ec2", "DescribeFlowLogs", `{"MaxResults":1000}`, ec2XML("DescribeFlowLogs", "<flowLogSet>"+items+"</flowLogSet><nextToken>t</nextToken>"))
	a.on("us-east-1", "ec2", "DescribeFlowLogs", `{"MaxResults":1000,"NextToken":"t"}`, ec2XML("DescribeFlowLogs", `<flowLogSet>
		<item><flowLogId>fl-1</flowLogId><logGroupName>old</logGroupName></item>
		<item><flowLogId>fl-2</flowLogId><logGroupName>far</logGroupName><deliverCrossAccountRole>arn:aws:iam::222222222222:role/logs</deliverCrossAccountRole></item>
		<item><flowLogId>fl-3</flowLogId><logDestinationType>s3</logDestinationType><logDestination>arn:aws:s3:::b/flow/</logDestination></item>
		<item><flowLogId>fl-4</flowLogId><logDestination>arn:aws:firehose:eu-west-1:222222222222:deliverystream/f</logDestination></item>
		<item><flowLogId>fl-5</flowLogId></item></flowLogSet>`))
	f := scan(t, "ec2", withBucket(a, "b", "ap-southeast-2"))
	for id, want := range map[string]residency.Placement{
		"fl-0df85cc33e19397d2": {Role: residency.Log, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:logs:us-east-1:111111111111:log-group:example", Via: "LogDestination"},
		"fl-1":                 {Role: residency.Log, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:logs:us-east-1:111111111111:log-group:old", Via: "LogGroupName"},
		"fl-2":                 {Role: residency.Log, Region: "us-east-1", Account: "222222222222", Target: "arn:aws:logs:us-east-1:222222222222:log-group:far", Via: "LogGroupName"},
		"fl-3":                 {Role: residency.Log, Region: "ap-southeast-2", Target: "arn:aws:s3:::b", Via: "LogDestination"},
		"fl-4":                 {Role: residency.Log, Region: "eu-west-1", Account: "222222222222", Target: "arn:aws:firehose:eu-west-1:222222222222:deliverystream/f", Via: "LogDestination"},
		"fl-5":                 {Role: residency.Log, Via: "LogDestination"},
	} {
		got := f.resource(t, "arn:aws:ec2:us-east-1:111111111111:vpc-flow-log/"+id).Placements
		if diff := cmp.Diff([]residency.Placement{want}, got); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	if want := []string{"DescribeFlowLogs unresolved arn:aws:ec2:us-east-1:111111111111:vpc-flow-log/fl-5"}; !slices.Equal(f.gaps(), want) {
		t.Errorf("gaps %v, want %v", f.gaps(), want)
	}
}
