package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, in EC2's wire form from the SDK's own deserialisers, except where a test says that they were recorded.

// ec2XML is one answer of EC2's protocol.
func ec2XML(operation, body string) string {
	return "<" + operation + `Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>` + body + "</" + operation + "Response>"
}

var ec2Lists = []string{"DescribeVolumes", "DescribeSnapshots", "DescribeImages", "DescribeStoreImageTasks", "DescribeExportImageTasks",
	"DescribeExportTasks", "ListSnapshotsInRecycleBin", "ListImagesInRecycleBin", "DescribeFlowLogs"}

// ec2Base is an account in which EC2 holds nothing, in any region.
func ec2Base(regions ...string) aws {
	a := account(regions...)
	for _, list := range ec2Lists {
		a.on("any", "ec2", list, "", ec2XML(list, ""))
	}
	a.on("any", "ec2", "DescribeAvailabilityZones", "", ec2XML("DescribeAvailabilityZones", ""))
	a.on("any", "ec2", "GetSnapshotBlockPublicAccessState", "", ec2XML("GetSnapshotBlockPublicAccessState", "<state>unblocked</state>"))
	a.on("any", "ec2", "GetImageBlockPublicAccessState", "", ec2XML("GetImageBlockPublicAccessState", "<imageBlockPublicAccessState>unblocked</imageBlockPublicAccessState>"))
	a.on("any", "ec2", "DescribeSnapshotAttribute", "", ec2XML("DescribeSnapshotAttribute", "<createVolumePermission/>"))
	a.on("any", "ec2", "DescribeImageAttribute", "", ec2XML("DescribeImageAttribute", "<launchPermission/>"))
	return a.on("any", "ec2", "GetImageAncestry", "", ec2XML("GetImageAncestry", ""))
}

func (a aws) ec2(region, operation, body string) aws {
	return a.on(region, "ec2", operation, "", ec2XML(operation, body))
}

func (a aws) ec2Denied(region, operation string) aws {
	return a.fail(region, "ec2", operation, "", 403, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors><RequestID>r</RequestID></Response>`)
}

const zoneAnswer = `<availabilityZoneInfo>
<item><zoneName>ap-southeast-2a</zoneName><zoneType>availability-zone</zoneType><regionName>ap-southeast-2</regionName><groupName>ap-southeast-2-zg-1</groupName><geographySet><item><name>Australia</name></item></geographySet></item>
<item><zoneName>ap-southeast-2-per-1a</zoneName><zoneType>local-zone</zoneType><regionName>ap-southeast-2</regionName><groupName>ap-southeast-2-per-1</groupName><geographySet><item><name>Australia</name></item></geographySet></item>
<item><zoneName>ap-southeast-2-akl-1a</zoneName><zoneType>local-zone</zoneType><regionName>ap-southeast-2</regionName><groupName>ap-southeast-2-akl-1</groupName><geographySet><item><name>New Zealand</name></item></geographySet></item>
<item><zoneName>ap-southeast-2-wl1-xyz</zoneName><zoneType>wavelength-zone</zoneType><regionName>ap-southeast-2</regionName><groupName>ap-southeast-2-wl1</groupName></item>
</availabilityZoneInfo>`

func volumeIn(zone, more string) string {
	return "<volumeSet><item><volumeId>vol-1</volumeId><availabilityZone>" + zone + "</availabilityZone>" + more + "</item></volumeSet>"
}

func TestEC2VolumePlaces(t *testing.T) {
	const outpost = "arn:aws:outposts:ap-southeast-2:111111111111:outpost/op-1"
	for _, c := range []struct{ name, zone, more, zones, region, via string }{
		{"availability zone", "ap-southeast-2a", "", zoneAnswer, "ap-southeast-2", ""},
		{"local zone at home", "ap-southeast-2-per-1a", "", zoneAnswer, "ap-southeast-2", "local zone ap-southeast-2-per-1a, Australia"},
		{"local zone abroad", "ap-southeast-2-akl-1a", "", zoneAnswer, "ap-southeast-2-akl-1", "local zone ap-southeast-2-akl-1a, New Zealand"},
		{"no country", "ap-southeast-2-wl1-xyz", "", zoneAnswer, "", "wavelength zone ap-southeast-2-wl1-xyz, AWS names no country"},
		{"not listed", "ap-southeast-2-bne-1a", "", zoneAnswer, "", "zone ap-southeast-2-bne-1a, not in the region's list"},
		{"ordinary by its name", "ap-southeast-2b", "", "", "ap-southeast-2", ""},
		{"another region's", "ap-southeast-22a", "", "", "", "zone ap-southeast-22a, not in the region's list"},
		{"outpost", "ap-southeast-2a", "<outpostArn>" + outpost + "</outpostArn>", zoneAnswer, "", "on Outpost " + outpost},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := scan(t, "ec2", ec2Base("ap-southeast-2").ec2("ap-southeast-2", "DescribeAvailabilityZones", c.zones).
				ec2("ap-southeast-2", "DescribeVolumes", volumeIn(c.zone, c.more)))
			f.noGaps(t)
			r := f.resource(t, "arn:aws:ec2:ap-southeast-2:111111111111:volume/vol-1")
			want := residency.Placement{Role: residency.Primary, Region: c.region, Via: c.via}
			if got := placement(t, r, residency.Primary, ""); got != want || r.Region != "ap-southeast-2" {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestEC2Volume(t *testing.T) {
	a := ec2Base("eu-west-1")
	a.on("eu-west-1", "ec2", "DescribeVolumes", `{"IncludeManagedResources":true,"MaxResults":500}`, ec2XML("DescribeVolumes", "<volumeSet/><nextToken>t</nextToken>"))
	a.on("eu-west-1", "ec2", "DescribeVolumes", `{"IncludeManagedResources":true,"MaxResults":500,"NextToken":"t"}`, ec2XML("DescribeVolumes", volumeIn("eu-west-1b",
		`<snapshotId>snap-9</snapshotId><sourceVolumeId>vol-0</sourceVolumeId><encrypted>true</encrypted><kmsKeyId>arn:aws:kms:eu-west-1:111111111111:key/k</kmsKeyId><tagSet><item><key>Name</key><value>db</value></item></tagSet>`)))
	f := scan(t, "ec2", a)
	f.noGaps(t)
	want := residency.Resource{ID: "arn:aws:ec2:eu-west-1:111111111111:volume/vol-1", Kind: "ec2.volume", Account: ownAccount, Region: "eu-west-1", Name: "db",
		Tags: map[string]string{"Name": "db"}, Facts: map[string]any{"encrypted": true}, Placements: []residency.Placement{
			{Role: residency.Primary, Region: "eu-west-1"},
			{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "KmsKeyId"},
		}, Sources: []residency.Source{
			{ID: "arn:aws:ec2:eu-west-1::snapshot/snap-9", Region: "eu-west-1", Via: "SnapshotId"},
			{ID: "arn:aws:ec2:eu-west-1:111111111111:volume/vol-0", Region: "eu-west-1", Account: ownAccount, Via: "SourceVolumeId"},
		}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

// A list that fails is a gap and the others go on; a region without a subscription has nothing.
func TestEC2Failures(t *testing.T) {
	a := ec2Base("eu-west-1").ec2("eu-west-1", "DescribeSnapshots", "<snapshotSet>"+snapshotItem("snap-1", "")+"</snapshotSet>").
		ec2Denied("eu-west-1", "DescribeSnapshotAttribute").ec2Denied("eu-west-1", "DescribeImages").
		ec2("eu-west-1", "DescribeVolumes", volumeIn("eu-west-1a", "")).ec2Denied("eu-west-1", "DescribeAvailabilityZones")
	f := scan(t, "ec2", a)
	want := []string{"DescribeAvailabilityZones denied", "DescribeImages denied", "DescribeSnapshotAttribute denied arn:aws:ec2:eu-west-1::snapshot/snap-1"}
	if !slices.Equal(f.gaps(), want) || len(f.resources) != 2 {
		t.Errorf("gaps %v, want %v; %v", f.gaps(), want, f.ids())
	}
	if got := f.resource(t, "arn:aws:ec2:eu-west-1:111111111111:volume/vol-1").Placements[0].Region; got != "eu-west-1" {
		t.Errorf("an ordinary zone tells its region by its name: %q", got)
	}
	none := account("eu-west-1")
	for _, operation := range append(slices.Clone(ec2Lists), "DescribeAvailabilityZones", "GetSnapshotBlockPublicAccessState", "GetImageBlockPublicAccessState") {
		none.fail("any", "ec2", operation, "", 401, `<Response><Errors><Error><Code>OptInRequired</Code><Message>You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.</Message></Error></Errors><RequestID>r</RequestID></Response>`)
	}
	f = scan(t, "ec2", none)
	f.noGaps(t)
}
