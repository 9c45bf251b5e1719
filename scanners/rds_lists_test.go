package scanners_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The XML is by hand, from the SDK's own types.

// A copy's record joins its source, and stands for itself where the source is gone.
func TestRDSRecords(t *testing.T) {
	const cluster = "arn:aws:rds:eu-west-1:111111111111:cluster:orders"
	export := func(id, source, more string) string {
		return "<ExportTaskIdentifier>" + id + "</ExportTaskIdentifier><SourceArn>" + source + "</SourceArn><S3Bucket>parquet</S3Bucket>" + more
	}
	a := rdsWith("eu-west-1", "DescribeDBClusters", dbCluster("eu-west-1", "orders", ""))
	a.on("eu-west-1", "rds", "DescribeExportTasks", "", rdsPage("DescribeExportTasks", "",
		export("one", cluster, "<Status>COMPLETE</Status>"), export("two", cluster, "<Status>COMPLETE</Status>"),
		export("none", cluster, "<Status>FAILED</Status>"), export("part", "arn:aws:rds:eu-west-1:111111111111:snapshot:gone", "<Status>CANCELED</Status><PercentProgress>40</PercentProgress>")))
	a.on("eu-west-1", "rds", "DescribeBlueGreenDeployments", "", rdsPage("DescribeBlueGreenDeployments", "", "<BlueGreenDeploymentIdentifier>bgd-1</BlueGreenDeploymentIdentifier><BlueGreenDeploymentName>next</BlueGreenDeploymentName><Source>"+cluster+"</Source>"))
	f := scan(t, "rds", headBucketIn(a, "us-east-1"))
	f.noGaps(t)
	r := f.resource(t, cluster)
	want := []residency.Placement{
		{Role: residency.Primary, Region: "eu-west-1"},
		{Role: residency.Capability, Region: "us-east-1", Target: "arn:aws:s3:::parquet", Via: "export to S3 (FAILED)"},
		{Role: residency.Stream, Region: "us-east-1", Target: "arn:aws:s3:::parquet", Via: "export to S3"},
	}
	if diff := cmp.Diff(want, r.Placements); diff != "" {
		t.Error(diff)
	}
	gone := f.resource(t, "arn:aws:rds:eu-west-1:111111111111:export-task:part")
	if gone.Kind != "rds.export_task" || placement(t, gone, residency.Stream, "arn:aws:s3:::parquet").Region != "us-east-1" || gone.Sources[0].ID != "arn:aws:rds:eu-west-1:111111111111:snapshot:gone" {
		t.Errorf("export of a snapshot that is gone: %+v", gone)
	}
	if len(f.resources) != 2 {
		t.Errorf("%v", f.ids())
	}
}

// The second page of every list is read, and a marker that repeats ends the list with a gap.
func TestRDSPages(t *testing.T) {
	items := map[string][2]string{ // an item, and the id of the resource that comes of it
		"DescribeDBInstances":                {dbInstance("eu-west-1", "x", ""), "arn:aws:rds:eu-west-1:111111111111:db:x"},
		"DescribeDBClusters":                 {dbCluster("eu-west-1", "x", ""), "arn:aws:rds:eu-west-1:111111111111:cluster:x"},
		"DescribeGlobalClusters":             {globalCluster("x", "disabled", "arn:aws:rds:eu-west-1:111111111111:cluster:x"), "arn:aws:rds::111111111111:global-cluster:x"},
		"DescribeDBSnapshots":                {"<DBSnapshotIdentifier>x</DBSnapshotIdentifier><TagList/>", "arn:aws:rds:eu-west-1:111111111111:snapshot:x"},
		"DescribeDBClusterSnapshots":         {"<DBClusterSnapshotIdentifier>x</DBClusterSnapshotIdentifier><TagList/>", "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:x"},
		"DescribeDBInstanceAutomatedBackups": {"<DbiResourceId>db-X</DbiResourceId>", "arn:aws:rds:eu-west-1:111111111111:auto-backup:db-X"},
		"DescribeDBClusterAutomatedBackups":  {"<DbClusterResourceId>cluster-X</DbClusterResourceId>", "arn:aws:rds:eu-west-1:111111111111:cluster-auto-backup:cluster-X"},
		"DescribeExportTasks":                {"<ExportTaskIdentifier>x</ExportTaskIdentifier>", "arn:aws:rds:eu-west-1:111111111111:export-task:x"},
		"DescribeIntegrations":               {"<IntegrationArn>arn:aws:rds:eu-west-1:111111111111:integration:x</IntegrationArn>", "arn:aws:rds:eu-west-1:111111111111:integration:x"},
		"DescribeBlueGreenDeployments":       {"<BlueGreenDeploymentIdentifier>bgd-x</BlueGreenDeploymentIdentifier>", "arn:aws:rds:eu-west-1:111111111111:deployment:bgd-x"},
	}
	for _, operation := range slices.Sorted(maps.Keys(rdsLists)) {
		t.Run(operation, func(t *testing.T) {
			a := rdsEstate("eu-west-1")
			a.on("eu-west-1", "rds", operation, "{}", rdsPage(operation, "m"))
			a.on("eu-west-1", "rds", operation, `{"Marker":"m"}`, rdsPage(operation, "m", items[operation][0]))
			f := scan(t, "rds", a)
			f.resource(t, items[operation][1])
			if gap := operation + " malformed"; !slices.Contains(f.gaps(), gap) {
				t.Errorf("no gap %q: %v", gap, f.gaps())
			}
		})
	}
}

// One list that is denied leaves the others.
func TestRDSListDenied(t *testing.T) {
	for _, operation := range slices.Sorted(maps.Keys(rdsLists)) {
		a := rdsEstate("eu-west-1").
			on("eu-west-1", "rds", "DescribeDBSnapshots", "", rdsPage("DescribeDBSnapshots", "", "<DBSnapshotIdentifier>x</DBSnapshotIdentifier><TagList/>")).
			on("eu-west-1", "rds", "DescribeDBInstances", "", rdsPage("DescribeDBInstances", "", dbInstance("eu-west-1", "x", "")))
		delete(a, ownAccount+"/eu-west-1/rds/"+operation)
		f := scan(t, "rds", a.fail("eu-west-1", "rds", operation, "", 403, rdsDenied))
		if diff := cmp.Diff([]string{operation + " denied"}, f.gaps()); diff != "" {
			t.Errorf("%s: %s", operation, diff)
		}
		if len(f.resources) == 0 {
			t.Errorf("%s: nothing found of the other lists", operation)
		}
	}
}
