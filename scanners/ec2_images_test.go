package scanners_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, in EC2's wire form from the SDK's own deserialisers, except where a test says that they were recorded.

// Recorded from AWS (test_ami_cross_accounts): an image shared with an account, an organisation and a unit of it.
func TestEC2ImageShares(t *testing.T) {
	var list struct {
		Images []struct {
			ImageId, OwnerId, Name, Description string
			BlockDeviceMappings                 []struct{ Ebs struct{ SnapshotId string } }
		}
	}
	var attribute struct{ LaunchPermissions []recordedPermission }
	recordedData(t, "test_ami_cross_accounts/ec2.DescribeImages_1.json", &list)
	recordedData(t, "test_ami_cross_accounts/ec2.DescribeImageAttribute_1.json", &attribute)
	i := list.Images[0]
	a := ec2Base("us-east-1").ec2("us-east-1", "DescribeImages", "<imagesSet><item><imageId>"+i.ImageId+"</imageId><imageOwnerId>"+i.OwnerId+"</imageOwnerId><name>"+i.Name+"</name><rootDeviceType>ebs</rootDeviceType><blockDeviceMapping><item><ebs><snapshotId>"+
		i.BlockDeviceMappings[0].Ebs.SnapshotId+"</snapshotId></ebs></item></blockDeviceMapping></item></imagesSet>").
		ec2("us-east-1", "DescribeImageAttribute", "<launchPermission>"+permissionItems(append(attribute.LaunchPermissions, recordedPermission{Group: "all"}))+"</launchPermission>")
	want := []residency.Placement{{Role: residency.Backup, Region: "us-east-1"},
		{Role: residency.Backup, Region: "us-east-1", Account: "185106417252", Via: "launchPermission"},
		{Role: residency.Backup, Region: "us-east-1", Account: "112233445566", Via: "launchPermission organization/o-xyzabc123w"},
		{Role: residency.Backup, Region: "us-east-1", Account: "112233445566", Via: "launchPermission ou/o-xyzabc123w/ou-1xyz-abc123yz"},
		{Role: residency.Backup, Region: "us-east-1", Account: "*", Via: "launchPermission"}}
	f := scan(t, "ec2", a)
	f.noGaps(t)
	r := f.resource(t, "arn:aws:ec2:us-east-1::image/ami-a63ae2db")
	if diff := cmp.Diff(want, r.Placements); diff != "" {
		t.Error(diff)
	}
	if want := (residency.Source{ID: "arn:aws:ec2:us-east-1::snapshot/snap-0507048b4551a4ab4", Role: residency.Backup, Region: "us-east-1", Via: "BlockDeviceMappings"}); !slices.Contains(r.Sources, want) {
		t.Errorf("sources: %+v", r.Sources)
	}
	// In the run's own organisation neither it nor its unit is a receiver.
	delete(a, "any/any/organizations/ListAccounts")
	delete(a, ownAccount+"/any/organizations/ListAccounts")
	a.on("any", "organizations", "ListAccounts", "", `{"Accounts":[{"Id":"111111111111","Arn":"arn:aws:organizations::112233445566:account/o-xyzabc123w/111111111111"}]}`)
	got := scan(t, "ec2", a).resource(t, r.ID).Placements
	if diff := cmp.Diff(slices.Delete(slices.Clone(want), 2, 4), got); diff != "" {
		t.Errorf("own organisation: %s", diff)
	}
}

func TestEC2Images(t *testing.T) {
	const input = `"Owners":["self"],"IncludeDeprecated":true,"IncludeDisabled":true,"MaxResults":1000`
	a := ec2Base("us-east-1")
	a.on("us-east-1", "ec2", "DescribeImages", "{"+input+"}", ec2XML("DescribeImages", `<imagesSet>
		<item><imageId>ami-9</imageId><imageOwnerId>137112412989</imageOwnerId></item>
		<item><imageId>ami-1</imageId><imageOwnerId>111111111111</imageOwnerId><description>[Copied ami-0a from eu-west-1] web</description></item></imagesSet><nextToken>t</nextToken>`))
	a.on("us-east-1", "ec2", "DescribeImages", "{"+input+`,"NextToken":"t"}`, ec2XML("DescribeImages", `<imagesSet>
		<item><imageId>ami-2</imageId><imageOwnerId>111111111111</imageOwnerId><sourceImageId>ami-0b</sourceImageId><sourceImageRegion>ap-southeast-2</sourceImageRegion></item>
		<item><imageId>ami-6</imageId><imageOwnerId>111111111111</imageOwnerId><sourceImageId>ami-az</sourceImageId><sourceImageRegion>us-west-2</sourceImageRegion></item>
		<item><imageId>ami-7</imageId><imageOwnerId>111111111111</imageOwnerId><sourceImageId>ami-0d</sourceImageId><sourceImageRegion>eu-west-1</sourceImageRegion></item>
		<item><imageId>ami-3</imageId><imageOwnerId>111111111111</imageOwnerId><sourceImageId>ami-0c</sourceImageId></item>
		<item><imageId>ami-4</imageId><imageOwnerId>111111111111</imageOwnerId><rootDeviceType>instance-store</rootDeviceType><imageLocation>disks/web/image.manifest.xml</imageLocation></item>
		<item><imageId>ami-5</imageId><imageOwnerId>111111111111</imageOwnerId><blockDeviceMapping><item><ebs><outpostArn>arn:aws:outposts:us-east-1:111111111111:outpost/op-1</outpostArn></ebs></item></blockDeviceMapping></item></imagesSet>`))
	a.on("us-east-1", "ec2", "GetImageAncestry", `{"ImageId":"ami-2"}`, ec2XML("GetImageAncestry", `<imageAncestryEntrySet>
		<item><imageId>ami-2</imageId><sourceImageId>ami-0b</sourceImageId><sourceImageRegion>ap-southeast-2</sourceImageRegion></item>
		<item><imageId>ami-0b</imageId><sourceImageId>ami-0a</sourceImageId><sourceImageRegion>eu-west-1</sourceImageRegion></item><item><imageId>ami-0a</imageId><sourceImageId>ami-az</sourceImageId><sourceImageRegion>us-west-2</sourceImageRegion></item>
		<item><imageId>ami-az</imageId><imageOwnerAlias>amazon</imageOwnerAlias><sourceImageId>ami-first</sourceImageId><sourceImageRegion>us-west-1</sourceImageRegion></item></imageAncestryEntrySet>`))
	a.on("us-east-1", "ec2", "GetImageAncestry", `{"ImageId":"ami-6"}`, ec2XML("GetImageAncestry", `<imageAncestryEntrySet>
		<item><imageId>ami-6</imageId><sourceImageId>ami-az</sourceImageId><sourceImageRegion>us-west-2</sourceImageRegion></item>
		<item><imageId>ami-az</imageId><imageOwnerAlias>amazon</imageOwnerAlias></item></imageAncestryEntrySet>`))
	a.fail("us-east-1", "ec2", "GetImageAncestry", `{"ImageId":"ami-7"}`, 500, "<Response/>")
	f := scan(t, "ec2", withBucket(a, "disks", "us-east-1"))
	image := func(id string) residency.Resource { return f.resource(t, "arn:aws:ec2:us-east-1::image/"+id) }
	for id, want := range map[string][]residency.Source{
		"ami-1": {{ID: "arn:aws:ec2:eu-west-1::image/ami-0a", Role: residency.Backup, Region: "eu-west-1", Via: "Description of the copy"}},
		"ami-2": {{ID: "arn:aws:ec2:ap-southeast-2::image/ami-0b", Role: residency.Backup, Region: "ap-southeast-2", Via: "SourceImageRegion"},
			{ID: "arn:aws:ec2:eu-west-1::image/ami-0a", Role: residency.Backup, Region: "eu-west-1", Via: "GetImageAncestry"}},
		"ami-3": nil,
		"ami-6": nil,
		"ami-7": {{ID: "arn:aws:ec2:eu-west-1::image/ami-0d", Role: residency.Backup, Region: "eu-west-1", Via: "SourceImageRegion"}},
	} {
		if diff := cmp.Diff(want, image(id).Sources); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	if got := placement(t, image("ami-4"), residency.Backup, "arn:aws:s3:::disks"); got.Region != "us-east-1" || got.Via != "ImageLocation" {
		t.Errorf("instance store: %+v", got)
	}
	if got := image("ami-5").Placements[0]; got.Region != "" {
		t.Errorf("on an Outpost: %+v", got)
	}
	if want := []string{"DescribeImages unresolved arn:aws:ec2:us-east-1::image/ami-3", "GetImageAncestry server_error arn:aws:ec2:us-east-1::image/ami-7"}; !slices.Equal(f.gaps(), want) || len(f.resources) != 7 {
		t.Errorf("gaps %v, want %v; %v", f.gaps(), want, f.ids())
	}
}

// withBucket answers HeadBucket for a bucket of the own account.
func withBucket(a aws, bucket, region string) aws {
	key := ownAccount + "/any/s3/HeadBucket"
	a[key] = append(a[key], replay.Answer{Input: map[string]any{"Bucket": bucket, "ExpectedBucketOwner": ownAccount}, Status: 200,
		Headers: map[string]string{"x-amz-bucket-region": region}, Body: json.RawMessage(`""`)})
	return a
}
