package scanners_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Recorded: the answers of AWS in testdata/placebo, parsed by the recorder, here in their wire form again.

// rdsItems are the names of list items in the wire form of the recorded answers.
var rdsItems = map[string]string{"DBInstances": "DBInstance", "DBSnapshots": "DBSnapshot", "DBClusterSnapshots": "DBClusterSnapshot", "TagList": "Tag",
	"DBSnapshotAttributes": "DBSnapshotAttribute", "DBClusterSnapshotAttributes": "DBClusterSnapshotAttribute", "AttributeValues": "AttributeValue",
	"ReadReplicaDBInstanceIdentifiers": "ReadReplicaDBInstanceIdentifier"}

// rdsRecorded reads a recorded answer, its account replaced by the tests' own.
func rdsRecorded(t *testing.T, folder, file string) (status int, data map[string]any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "placebo", folder, file))
	if err != nil {
		t.Fatal(err)
	}
	own := strings.NewReplacer("644160558196", ownAccount, "123456789012", ownAccount).Replace(string(text))
	var answer struct {
		Status int            `json:"status_code"`
		Data   map[string]any `json:"data"`
	}
	if err := json.Unmarshal([]byte(own), &answer); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	delete(answer.Data, "ResponseMetadata")
	return answer.Status, answer.Data
}

// rdsRecordedXML is a recorded answer in its wire form.
func rdsRecordedXML(t *testing.T, folder, operation string, n int) string {
	t.Helper()
	_, data := rdsRecorded(t, folder, fmt.Sprintf("rds.%s_%d.json", operation, n))
	return rdsXML(operation, rdsXMLOf(data, ""))
}

func rdsXMLOf(v any, name string) string {
	out := ""
	switch v := v.(type) {
	case map[string]any:
		if v["__class__"] == "datetime" {
			return fmt.Sprintf("%04v-%02v-%02vT%02v:%02v:%02vZ", v["year"], v["month"], v["day"], v["hour"], v["minute"], v["second"])
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out += "<" + k + ">" + rdsXMLOf(v[k], k) + "</" + k + ">"
		}
	case []any:
		item := rdsItems[name]
		if item == "" {
			item = "member"
		}
		for _, e := range v {
			out += "<" + item + ">" + rdsXMLOf(e, "") + "</" + item + ">"
		}
	default:
		out = fmt.Sprint(v)
	}
	return out
}

// Recorded: a snapshot copied from us-east-1, in the region to which it was copied. The answer has no TagList.
func TestRDSSnapshotCopyRecorded(t *testing.T) {
	const folder = "test_rds_snapshot_region_copy"
	a := rdsEstate("us-east-1", "us-east-2").on("us-east-2", "rds", "DescribeDBSnapshots", "", rdsRecordedXML(t, folder, "DescribeDBSnapshots", 2)).
		on("us-east-1", "rds", "DescribeDBSnapshots", "", rdsRecordedXML(t, folder, "DescribeDBSnapshots", 1)).
		on("any", "rds", "ListTagsForResource", "", rdsRecordedXML(t, folder, "ListTagsForResource", 1))
	f := scan(t, "rds", a)
	f.noGaps(t)
	r := f.resource(t, "arn:aws:rds:us-east-2:111111111111:snapshot:rds-originb-2016-12-28-09-15")
	want := []residency.Source{{ID: "arn:aws:rds:us-east-1:111111111111:snapshot:rds:originb-2016-12-28-09-15", Role: residency.Backup, Region: "us-east-1", Account: ownAccount, Via: "snapshot copy"}}
	if diff := cmp.Diff(want, r.Sources); diff != "" {
		t.Error(diff)
	}
	if r.Tags["migrated_from"] != "us-east-1" {
		t.Errorf("tags: %v", r.Tags)
	}
	origin := f.resource(t, want[0].ID)
	if origin.Sources[0].ID != "arn:aws:rds:us-east-1:111111111111:db:originb" || origin.Facts["type"] != "automated" {
		t.Errorf("origin: %+v", origin)
	}
	delete(a, ownAccount+"/any/rds/ListTagsForResource")
	f = scan(t, "rds", a.fail("any", "rds", "ListTagsForResource", "", 403, rdsDenied))
	if r := f.resource(t, r.ID); r.Tags != nil || !slices.Contains(f.gaps(), "ListTagsForResource denied "+r.ID) {
		t.Errorf("tags that were not read: %v %v", r.Tags, f.gaps())
	}
}

// Recorded: the answer to the copy of a cluster snapshot, which has the source; DocumentDB's, by the same endpoint.
func TestRDSClusterSnapshotCopyRecorded(t *testing.T) {
	const folder = "test_rds_cluster_snapshot_region_copy"
	_, copied := rdsRecorded(t, folder, "rds.CopyDBClusterSnapshot_1.json")
	list := map[string]any{"DBClusterSnapshots": []any{copied["DBClusterSnapshot"]}}
	f := scan(t, "rds", rdsEstate("us-east-2").on("us-east-2", "rds", "DescribeDBClusterSnapshots", "", rdsXML("DescribeDBClusterSnapshots", rdsXMLOf(list, ""))).
		on("any", "rds", "ListTagsForResource", "", rdsRecordedXML(t, folder, "ListTagsForResource", 1)))
	f.noGaps(t)
	r := f.resource(t, "arn:aws:rds:us-east-2:111111111111:cluster-snapshot:test-cluster-final-snapshot")
	if s := r.Sources[0]; s.Region != "us-east-1" || s.ID != "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:test-cluster-final-snapshot" || r.Facts["engine"] != "docdb" {
		t.Errorf("%+v", r)
	}
}

// Recorded: automated snapshots, one shared with everybody, one with an account and copied within its region.
func TestRDSSnapshotAccessRecorded(t *testing.T) {
	const folder = "test_rds_snapshot_access"
	a := rdsEstate("us-east-1").on("us-east-1", "rds", "DescribeDBSnapshots", "", rdsRecordedXML(t, folder, "DescribeDBSnapshots", 1)).
		on("any", "rds", "ListTagsForResource", "", rdsXML("ListTagsForResource", "<TagList/>"))
	for n, name := range []string{"rds:tidx-2016-12-31-23-16", "rds:tidx-2017-01-01-07-59", "tidx-pub", "tidx-rdx"} {
		a.on("us-east-1", "rds", "DescribeDBSnapshotAttributes", `{"DBSnapshotIdentifier":"`+name+`"}`, rdsRecordedXML(t, folder, "DescribeDBSnapshotAttributes", n+1))
	}
	f := scan(t, "rds", a)
	f.noGaps(t)
	for name, receiver := range map[string]string{"tidx-pub": "*", "tidx-rdx": "619193117841", "rds:tidx-2016-12-31-23-16": ""} {
		r := f.resource(t, "arn:aws:rds:us-east-1:111111111111:snapshot:"+name)
		share := residency.Placement{Role: residency.Backup, Region: "us-east-1", Account: receiver, Via: "snapshot attribute restore"}
		if got := slices.Contains(r.Placements, share); got != (receiver != "") {
			t.Errorf("%s: %+v", name, r.Placements)
		}
		source := "arn:aws:rds:us-east-1:111111111111:db:tidx"
		if name == "tidx-rdx" { // AWS names the source of a copy within the region too
			source = "arn:aws:rds:us-east-1:111111111111:snapshot:rds:tidx-2017-01-01-07-59"
		}
		if s := r.Sources[0]; len(r.Sources) != 1 || s.Region != "us-east-1" || s.ID != source {
			t.Errorf("%s: %+v", name, r.Sources)
		}
	}
}

// Recorded: a cluster snapshot shared with an account; an instance and its last snapshot, with tags in the answer.
func TestRDSOthersRecorded(t *testing.T) {
	a := rdsEstate("us-east-1", "us-east-2").on("any", "rds", "ListTagsForResource", "", rdsXML("ListTagsForResource", "<TagList/>"))
	a.on("us-east-1", "rds", "DescribeDBClusterSnapshots", "", rdsRecordedXML(t, "test_rds_cluster_snapshot_cross_account", "DescribeDBClusterSnapshots", 1))
	a.on("us-east-1", "rds", "DescribeDBClusterSnapshotAttributes", "", rdsRecordedXML(t, "test_rds_cluster_snapshot_cross_account", "DescribeDBClusterSnapshotAttributes", 1))
	a.on("us-east-2", "rds", "DescribeDBInstances", "", rdsRecordedXML(t, "test_rds_delete_copy_restore", "DescribeDBInstances", 1))
	a.on("us-east-2", "rds", "DescribeDBSnapshots", "", rdsRecordedXML(t, "test_rds_delete_copy_restore", "DescribeDBSnapshots", 1))
	f := scan(t, "rds", a)
	f.noGaps(t)
	shared := f.resource(t, "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:test-cluster-final-snapshot")
	if !slices.Contains(shared.Placements, residency.Placement{Role: residency.Backup, Region: "us-east-1", Account: "12345678910", Via: "snapshot attribute restore"}) {
		t.Errorf("%+v", shared.Placements)
	}
	last := f.resource(t, "arn:aws:rds:us-east-2:111111111111:snapshot:final-mxtest-2017-05-25")
	instance := f.resource(t, "arn:aws:rds:us-east-2:111111111111:db:mxtest")
	if last.Tags["workload-type"] != "other" || last.Sources[0].ID != instance.ID || instance.Facts["encrypted"] != true {
		t.Errorf("%+v\n%+v", last, instance)
	}
}
