package scanners_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, in EC2's wire form from the SDK's own deserialisers, except where a test says that they were recorded.

func snapshotItem(id, more string) string {
	return "<item><snapshotId>" + id + "</snapshotId><ownerId>111111111111</ownerId>" + more + "</item>"
}

// The second page, what others own, and what a copy's own record says of its origin.
func TestEC2SnapshotOrigins(t *testing.T) {
	first, second := `{"OwnerIds":["self"],"MaxResults":1000}`, `{"OwnerIds":["self"],"MaxResults":1000,"NextToken":"t"}`
	a := ec2Base("eu-west-1")
	a.on("eu-west-1", "ec2", "DescribeSnapshots", first, ec2XML("DescribeSnapshots", "<snapshotSet>"+
		"<item><snapshotId>snap-a</snapshotId><ownerId>099720109477</ownerId></item>"+
		snapshotItem("snap-1", "<volumeId>vol-1</volumeId>")+
		snapshotItem("snap-2", "<volumeId>vol-ffffffff</volumeId><transferType>standard</transferType><description>[Copied snap-0ab from us-east-1] nightly</description>")+
		"</snapshotSet><nextToken>t</nextToken>"))
	a.on("eu-west-1", "ec2", "DescribeSnapshots", second, ec2XML("DescribeSnapshots", "<snapshotSet>"+
		snapshotItem("snap-3", "<volumeId>vol-77</volumeId><transferType>time-based</transferType><description>mine</description>")+
		snapshotItem("snap-4", "<volumeId>vol-ffffffff</volumeId><description>Copied for DestinationAmi ami-0a from SourceAmi ami-0b for SourceSnapshot snap-0c. Task created on 1.</description>")+
		snapshotItem("snap-5", "<volumeId>vol-ffffffff</volumeId><description>Created by AWS-VMImport service for import-snap-1</description>")+
		snapshotItem("snap-6", "<volumeId>vol-1</volumeId><transferType>standard</transferType><tagSet><item><key>aws:backup:source-resource</key><value>vol-1:x</value></item></tagSet>")+
		"</snapshotSet>"))
	a.ec2("eu-west-1", "DescribeImages", `<imagesSet><item><imageId>ami-0a</imageId><imageOwnerId>111111111111</imageOwnerId><name>web</name><sourceImageId>ami-0b</sourceImageId><sourceImageRegion>ap-southeast-2</sourceImageRegion>
		<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-4</snapshotId></ebs></item></blockDeviceMapping></item></imagesSet>`)
	f := scan(t, "ec2", a)
	own := residency.Source{ID: "arn:aws:ec2:eu-west-1:111111111111:volume/vol-1", Role: residency.Backup, Region: "eu-west-1", Account: ownAccount, Via: "VolumeId"}
	for id, want := range map[string][]residency.Source{
		"snap-1": {own},
		"snap-2": {{ID: "arn:aws:ec2:us-east-1::snapshot/snap-0ab", Role: residency.Backup, Region: "us-east-1", Via: "Description of the copy"}},
		"snap-3": nil,
		"snap-4": {{ID: "arn:aws:ec2:ap-southeast-2::snapshot/snap-0c", Role: residency.Backup, Region: "ap-southeast-2", Via: "SourceImageRegion"}},
		"snap-5": nil,
		"snap-6": nil,
	} {
		if diff := cmp.Diff(want, f.resource(t, "arn:aws:ec2:eu-west-1::snapshot/"+id).Sources); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	if len(f.resources) != 7 {
		t.Errorf("others' snapshots were listed: %v", f.ids())
	}
	if want := []string{"DescribeSnapshots unresolved arn:aws:ec2:eu-west-1::snapshot/snap-3"}; !slices.Equal(f.gaps(), want) {
		t.Errorf("gaps %v, want %v", f.gaps(), want)
	}
}

// recordedData reads an answer of AWS that botocore parsed, for an account that is the tests' own.
func recordedData(t *testing.T, file string, data any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata/placebo", file))
	if err != nil {
		t.Fatal(err)
	}
	raw = []byte(strings.ReplaceAll(string(raw), "644160558196", ownAccount))
	if err := json.Unmarshal(raw, &struct{ Data any }{data}); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

type recordedPermission struct{ UserId, Group, OrganizationArn, OrganizationalUnitArn string }

func permissionItems(permissions []recordedPermission) (items string) {
	for _, p := range permissions {
		items += "<item>"
		for name, value := range map[string]string{"userId": p.UserId, "group": p.Group, "organizationArn": p.OrganizationArn, "organizationalUnitArn": p.OrganizationalUnitArn} {
			if value != "" {
				items += "<" + name + ">" + value + "</" + name + ">"
			}
		}
		items += "</item>"
	}
	return items
}

// Recorded from AWS (test_ebs_cross_account): four snapshots, one shared, one public, one shared with its owner.
func TestEC2SnapshotShares(t *testing.T) {
	var list struct {
		Snapshots []struct{ SnapshotId, OwnerId, VolumeId, Description string }
	}
	recordedData(t, "test_ebs_cross_account/ec2.DescribeSnapshots_1.json", &list)
	answers := func(state string) aws {
		a, items := ec2Base("us-east-1"), ""
		for _, s := range list.Snapshots {
			items += "<item><snapshotId>" + s.SnapshotId + "</snapshotId><ownerId>" + s.OwnerId + "</ownerId><volumeId>" + s.VolumeId + "</volumeId><description>" + s.Description + "</description></item>"
		}
		a.ec2("us-east-1", "DescribeSnapshots", "<snapshotSet>"+items+"</snapshotSet>")
		for _, n := range []string{"1", "2", "3", "4"} {
			var attribute struct {
				SnapshotId              string
				CreateVolumePermissions []recordedPermission
			}
			recordedData(t, "test_ebs_cross_account/ec2.DescribeSnapshotAttribute_"+n+".json", &attribute)
			a.on("us-east-1", "ec2", "DescribeSnapshotAttribute", `{"SnapshotId":"`+attribute.SnapshotId+`","Attribute":"createVolumePermission"}`,
				ec2XML("DescribeSnapshotAttribute", "<createVolumePermission>"+permissionItems(attribute.CreateVolumePermissions)+"</createVolumePermission>"))
		}
		return a.ec2("us-east-1", "GetSnapshotBlockPublicAccessState", "<state>"+state+"</state>")
	}
	own := residency.Placement{Role: residency.Backup, Region: "us-east-1"}
	for _, c := range []struct{ state, id, account, via string }{
		{"unblocked", "snap-07459fee", "", ""},
		{"unblocked", "snap-7f9496cf", "619193117841", "createVolumePermission"},
		{"unblocked", "snap-af0eb71b", "*", "createVolumePermission"},
		{"block-new-sharing", "snap-af0eb71b", "*", "createVolumePermission"},
		{"unblocked", "snap-08d7898add8b041a9", "", ""},
	} {
		f := scan(t, "ec2", answers(c.state))
		f.noGaps(t)
		want := []residency.Placement{own}
		if c.account != "" {
			want = append(want, residency.Placement{Role: residency.Backup, Region: "us-east-1", Account: c.account, Via: c.via})
		}
		if diff := cmp.Diff(want, f.resource(t, "arn:aws:ec2:us-east-1::snapshot/"+c.id).Placements); diff != "" {
			t.Errorf("%s %s: %s", c.state, c.id, diff)
		}
	}
	blocked := scan(t, "ec2", answers("block-all-sharing")).resource(t, "arn:aws:ec2:us-east-1::snapshot/snap-af0eb71b")
	want := residency.Placement{Role: residency.Capability, Region: "us-east-1", Account: "*", Via: "createVolumePermission all, held back by the public access block"}
	if diff := cmp.Diff([]residency.Placement{own, want}, blocked.Placements); diff != "" {
		t.Errorf("held back: %s", diff)
	}
}
