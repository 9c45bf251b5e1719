package scanners_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// The XML is by hand, from the SDK's own types and the documented examples, except in the tests that say recorded.

// rdsLists are the lists of a run, each with its element and the element of an item.
var rdsLists = map[string][2]string{
	"DescribeDBInstances":                {"DBInstances", "DBInstance"},
	"DescribeDBClusters":                 {"DBClusters", "DBCluster"},
	"DescribeGlobalClusters":             {"GlobalClusters", "GlobalClusterMember"},
	"DescribeDBSnapshots":                {"DBSnapshots", "DBSnapshot"},
	"DescribeDBClusterSnapshots":         {"DBClusterSnapshots", "DBClusterSnapshot"},
	"DescribeDBInstanceAutomatedBackups": {"DBInstanceAutomatedBackups", "DBInstanceAutomatedBackup"},
	"DescribeDBClusterAutomatedBackups":  {"DBClusterAutomatedBackups", "DBClusterAutomatedBackup"},
	"DescribeExportTasks":                {"ExportTasks", "ExportTask"},
	"DescribeIntegrations":               {"Integrations", "Integration"},
	"DescribeBlueGreenDeployments":       {"BlueGreenDeployments", "member"},
}

// rdsXML is an answer with the inside of its result.
func rdsXML(operation, inside string) string {
	return fmt.Sprintf("<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", operation, inside)
}

// rdsPage is an answer of a list.
func rdsPage(operation, marker string, items ...string) string {
	list := rdsLists[operation]
	inside := "<" + list[0] + ">"
	for _, i := range items {
		inside += "<" + list[1] + ">" + i + "</" + list[1] + ">"
	}
	inside += "</" + list[0] + ">"
	if marker != "" {
		inside += "<Marker>" + marker + "</Marker>"
	}
	return rdsXML(operation, inside)
}

// rdsEstate is an account in which every list is empty that a test does not fill.
func rdsEstate(regions ...string) aws {
	a := account(regions...)
	for operation := range rdsLists {
		a.on("any", "rds", operation, "", rdsPage(operation, ""))
	}
	none := func(s string) string {
		return rdsXML("Describe"+s+"Attributes", "<"+s+"AttributesResult><"+s+"Attributes><"+s+"Attribute><AttributeName>restore</AttributeName><AttributeValues/></"+s+"Attribute></"+s+"Attributes></"+s+"AttributesResult>")
	}
	a.on("any", "rds", "DescribeDBSnapshotAttributes", "", none("DBSnapshot"))
	return a.on("any", "rds", "DescribeDBClusterSnapshotAttributes", "", none("DBClusterSnapshot"))
}

// rdsWith is an account in both regions with one item in one list of one of them.
func rdsWith(region, operation string, items ...string) aws {
	return rdsEstate("eu-west-1", "us-east-1").on(region, "rds", operation, "", rdsPage(operation, "", items...))
}

const rdsDenied = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:sts::111111111111:assumed-role/audit/x is not authorized to perform this</Message></Error></ErrorResponse>`

func rdsDenies(operation string) aws {
	return rdsEstate("eu-west-1").fail("eu-west-1", "rds", operation, "", 403, rdsDenied)
}

// rdsEverywhere gives a list the same answer in every region, as AWS does for global clusters.
func rdsEverywhere(a aws, operation, body string) aws {
	delete(a, ownAccount+"/any/rds/"+operation)
	return a.on("any", "rds", operation, "", body)
}

func dbInstance(region, name, more string) string {
	return `<DBInstanceArn>arn:aws:rds:` + region + `:111111111111:db:` + name + `</DBInstanceArn><DBInstanceIdentifier>` + name + `</DBInstanceIdentifier><Engine>postgres</Engine><TagList/>` + more
}

func dbCluster(region, name, more string) string {
	return `<DBClusterArn>arn:aws:rds:` + region + `:111111111111:cluster:` + name + `</DBClusterArn><DBClusterIdentifier>` + name + `</DBClusterIdentifier><TagList/>` + more
}

func TestRDSInstance(t *testing.T) {
	f := scan(t, "rds", rdsWith("eu-west-1", "DescribeDBInstances", dbInstance("eu-west-1", "orders", `<StorageEncrypted>true</StorageEncrypted>
		<AvailabilityZone>eu-west-1a</AvailabilityZone><KmsKeyId>arn:aws:kms:eu-west-1:111111111111:key/k</KmsKeyId>
		<ReadReplicaDBInstanceIdentifiers><ReadReplicaDBInstanceIdentifier>orders-r</ReadReplicaDBInstanceIdentifier>
		<ReadReplicaDBInstanceIdentifier>arn:aws:rds:us-east-1:111111111111:db:orders-us</ReadReplicaDBInstanceIdentifier></ReadReplicaDBInstanceIdentifiers>
		<ReadReplicaDBClusterIdentifiers><ReadReplicaDBClusterIdentifier>orders-aurora</ReadReplicaDBClusterIdentifier></ReadReplicaDBClusterIdentifiers>
		<DBInstanceAutomatedBackupsReplications><DBInstanceAutomatedBackupsReplication><DBInstanceAutomatedBackupsArn>arn:aws:rds:us-east-1:111111111111:auto-backup:ab-1</DBInstanceAutomatedBackupsArn></DBInstanceAutomatedBackupsReplication></DBInstanceAutomatedBackupsReplications>
		<ActivityStreamKinesisStreamName>aws-rds-das-db-1</ActivityStreamKinesisStreamName><ActivityStreamStatus>started</ActivityStreamStatus><ActivityStreamKmsKeyId>a</ActivityStreamKmsKeyId>
		<EnabledCloudwatchLogsExports><member>postgresql</member></EnabledCloudwatchLogsExports>
		<ReadReplicaSourceDBInstanceIdentifier>arn:aws:rds:ap-southeast-2:222222222222:db:first</ReadReplicaSourceDBInstanceIdentifier>`)))
	f.noGaps(t)
	own := func(role residency.Role, target, via string) residency.Placement {
		return residency.Placement{Role: role, Region: "eu-west-1", Account: ownAccount, Target: target, Via: via}
	}
	us := func(role residency.Role, target, via string) residency.Placement {
		return residency.Placement{Role: role, Region: "us-east-1", Account: ownAccount, Target: target, Via: via}
	}
	want := residency.Resource{ID: "arn:aws:rds:eu-west-1:111111111111:db:orders", Kind: "rds.instance", Account: ownAccount, Region: "eu-west-1", Name: "orders",
		Tags: map[string]string{}, Placements: []residency.Placement{
			{Role: residency.Primary, Region: "eu-west-1"},
			own(residency.Key, "arn:aws:kms:eu-west-1:111111111111:key/k", "KmsKeyId"),
			own(residency.Replica, "arn:aws:rds:eu-west-1:111111111111:db:orders-r", "read replica"),
			us(residency.Replica, "arn:aws:rds:us-east-1:111111111111:db:orders-us", "read replica"),
			own(residency.Replica, "arn:aws:rds:eu-west-1:111111111111:cluster:orders-aurora", "read replica cluster"),
			us(residency.Backup, "arn:aws:rds:us-east-1:111111111111:auto-backup:ab-1", "automated backup replication"),
			own(residency.Stream, "arn:aws:kinesis:eu-west-1:111111111111:stream/aws-rds-das-db-1", "activity stream"),
			own(residency.Key, "arn:aws:kms:eu-west-1:111111111111:key/a", "ActivityStreamKmsKeyId"),
			own(residency.Log, "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/rds/instance/orders/postgresql", "log export postgresql"),
		}, Sources: []residency.Source{{ID: "arn:aws:rds:ap-southeast-2:222222222222:db:first", Role: residency.Replica, Region: "ap-southeast-2", Account: "222222222222", Via: "read replica source"}},
		Facts: map[string]any{"engine": "postgres", "encrypted": true, "availability_zone": "eu-west-1a"}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

func TestRDSCluster(t *testing.T) {
	logs := "<EnabledCloudwatchLogsExports><member>audit</member></EnabledCloudwatchLogsExports>"
	replica := "<ReadReplicaIdentifiers><ReadReplicaIdentifier>copy</ReadReplicaIdentifier></ReadReplicaIdentifiers>"
	f := scan(t, "rds", rdsWith("eu-west-1", "DescribeDBClusters",
		dbCluster("eu-west-1", "aurora", "<Engine>aurora-postgresql</Engine>"+logs+replica+"<ActivityStreamKinesisStreamName>das</ActivityStreamKinesisStreamName><ActivityStreamStatus>stopped</ActivityStreamStatus>"),
		dbCluster("eu-west-1", "docs", "<Engine>docdb</Engine>"+logs),
		dbCluster("eu-west-1", "graph", "<Engine>neptune</Engine>"+logs),
		dbCluster("eu-west-1", "multi", "<Engine>postgres</Engine>"+replica)).
		on("eu-west-1", "rds", "DescribeDBInstances", "", rdsPage("DescribeDBInstances", "", dbInstance("eu-west-1", "aurora-1", "<DBClusterIdentifier>aurora</DBClusterIdentifier>"+logs))))
	f.noGaps(t)
	id := func(name string) string { return "arn:aws:rds:eu-west-1:111111111111:cluster:" + name }
	for name, want := range map[string]struct {
		role         residency.Role
		target, fact string
	}{
		"aurora": {residency.Log, "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/rds/cluster/aurora/audit", "aurora-postgresql"},
		"docs":   {residency.Log, "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/docdb/docs/audit", "docdb"},
		"graph":  {residency.Log, "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/neptune/graph/audit", "neptune"},
		"multi":  {residency.Replica, "arn:aws:rds:eu-west-1:111111111111:db:copy", "postgres"},
	} {
		r := f.resource(t, id(name))
		placement(t, r, residency.Primary, "")
		placement(t, r, want.role, want.target)
		if r.Kind != "rds.cluster" || r.Facts["engine"] != want.fact {
			t.Errorf("%s: %s %v", name, r.Kind, r.Facts)
		}
	}
	placement(t, f.resource(t, id("aurora")), residency.Replica, id("copy"))
	placement(t, f.resource(t, id("aurora")), residency.Capability, "arn:aws:kinesis:eu-west-1:111111111111:stream/das")
	if n := len(f.resource(t, "arn:aws:rds:eu-west-1:111111111111:db:aurora-1").Placements); n != 1 {
		t.Errorf("a cluster's instance has %d placements, want its own alone: its logs are the cluster's", n)
	}
}

func TestRDSAutomatedBackups(t *testing.T) {
	const replicated = `<DBInstanceAutomatedBackupsReplications><DBInstanceAutomatedBackupsReplication><DBInstanceAutomatedBackupsArn>arn:aws:rds:us-east-1:111111111111:auto-backup:ab-copy</DBInstanceAutomatedBackupsArn></DBInstanceAutomatedBackupsReplication></DBInstanceAutomatedBackupsReplications>`
	backup := func(arn, status, more string) string {
		return `<DBInstanceAutomatedBackupsArn>` + arn + `</DBInstanceAutomatedBackupsArn><DBInstanceArn>arn:aws:rds:eu-west-1:111111111111:db:orders</DBInstanceArn><DBInstanceIdentifier>orders</DBInstanceIdentifier><Region>eu-west-1</Region><Status>` + status + `</Status>` + more
	}
	const own = "arn:aws:rds:eu-west-1:111111111111:auto-backup:ab-"
	a := rdsWith("eu-west-1", "DescribeDBInstanceAutomatedBackups", backup(own+"active", "active", replicated), backup(own+"retained", "retained", replicated+"<TagList><Tag><Key>a</Key><Value>b</Value></Tag></TagList>"))
	a.on("us-east-1", "rds", "DescribeDBInstanceAutomatedBackups", "", rdsPage("DescribeDBInstanceAutomatedBackups", "", backup("arn:aws:rds:us-east-1:111111111111:auto-backup:ab-copy", "replicating", ""),
		"<DBInstanceIdentifier>bare</DBInstanceIdentifier><Region>ap-southeast-2</Region>"))
	a.on("us-east-1", "rds", "DescribeDBClusterAutomatedBackups", "", rdsPage("DescribeDBClusterAutomatedBackups", "", `<DBClusterAutomatedBackupsArn>arn:aws:rds:us-east-1:111111111111:cluster-auto-backup:cab-1</DBClusterAutomatedBackupsArn><DBClusterArn>arn:aws:rds:us-east-1:111111111111:cluster:gone</DBClusterArn><Region>us-east-1</Region><Status>retained</Status>`))
	f := scan(t, "rds", a)
	f.noGaps(t)
	copied := f.resource(t, "arn:aws:rds:us-east-1:111111111111:auto-backup:ab-copy")
	source := residency.Source{ID: "arn:aws:rds:eu-west-1:111111111111:db:orders", Role: residency.Backup, Region: "eu-west-1", Account: ownAccount, Via: "automated backup"}
	if copied.Region != "us-east-1" || placement(t, copied, residency.Backup, "").Region != "us-east-1" || !slices.Contains(copied.Sources, source) {
		t.Errorf("replicated backup: %+v", copied)
	}
	if n := len(f.resource(t, own+"active").Placements); n != 1 {
		t.Errorf("an active backup has %d placements: its instance tells of the copies", n)
	}
	retained := f.resource(t, own+"retained")
	placement(t, retained, residency.Backup, copied.ID)
	if diff := cmp.Diff(map[string]string{"a": "b"}, retained.Tags); diff != "" {
		t.Error(diff)
	}
	bare := f.resource(t, "arn:aws:rds:us-east-1:111111111111:auto-backup:bare") // neither ARN nor resource id
	if len(bare.Sources) != 1 || bare.Sources[0].ID != "arn:aws:rds:ap-southeast-2:111111111111:db:bare" {
		t.Errorf("%+v", bare)
	}
	if r := f.resource(t, "arn:aws:rds:us-east-1:111111111111:cluster-auto-backup:cab-1"); r.Facts["status"] != "retained" || len(r.Sources) != 1 {
		t.Errorf("cluster backup: %+v", r)
	}
}

// globalCluster is a global cluster of clusters: the first is the writer.
func globalCluster(name, forwarding string, members ...string) string {
	list := ""
	for i, m := range members {
		list += fmt.Sprintf("<GlobalClusterMember><DBClusterArn>%s</DBClusterArn><IsWriter>%t</IsWriter><GlobalWriteForwardingStatus>%s</GlobalWriteForwardingStatus></GlobalClusterMember>", m, i == 0, forwarding)
	}
	return "<GlobalClusterIdentifier>" + name + "</GlobalClusterIdentifier><GlobalClusterArn>arn:aws:rds::111111111111:global-cluster:" + name + "</GlobalClusterArn><Engine>aurora-mysql</Engine><TagList/><GlobalClusterMembers>" + list + "</GlobalClusterMembers>"
}

func TestRDSGlobalCluster(t *testing.T) {
	const global, writer, secondary = "arn:aws:rds::111111111111:global-cluster:world", "arn:aws:rds:eu-west-1:111111111111:cluster:w", "arn:aws:rds:us-east-1:111111111111:cluster:s"
	estate := func() aws {
		a := rdsEverywhere(rdsEstate("ap-southeast-2", "eu-west-1", "us-east-1"), "DescribeGlobalClusters",
			rdsPage("DescribeGlobalClusters", "", globalCluster("world", "enabled", writer, secondary)))
		a.on("eu-west-1", "rds", "DescribeDBClusters", "", rdsPage("DescribeDBClusters", "", dbCluster("eu-west-1", "w", "<GlobalClusterIdentifier>world</GlobalClusterIdentifier>")))
		return a.on("us-east-1", "rds", "DescribeDBClusters", "", rdsPage("DescribeDBClusters", "", dbCluster("us-east-1", "s", "<GlobalClusterIdentifier>world</GlobalClusterIdentifier>")))
	}
	for _, regions := range [][]string{nil, {"eu-west-1"}, {"us-east-1"}, {"ap-southeast-2"}} {
		f := scan(t, "rds", estate(), func(o *scanners.Options) { o.Regions = regions })
		f.noGaps(t)
		n := 0
		for _, r := range f.resources {
			if r.ID == global {
				n++
			}
		}
		if n != 1 {
			t.Errorf("regions %v: %d times in the inventory, want once", regions, n)
		}
	}
	f := scan(t, "rds", estate())
	g := f.resource(t, global)
	if g.Region != "" || placement(t, g, residency.Primary, writer).Region != "eu-west-1" || placement(t, g, residency.Replica, secondary).Region != "us-east-1" {
		t.Errorf("global cluster: %+v", g)
	}
	if from := (residency.Source{ID: writer, Role: residency.Primary, Region: "eu-west-1", Account: ownAccount, Via: "global cluster writer"}); !slices.Equal(g.Sources, []residency.Source{from}) {
		t.Errorf("global cluster: %+v", g.Sources)
	}
	if got := f.resource(t, writer).Placements; len(got) != 1 { // the copy is the global cluster's, so that it is one violation
		t.Errorf("writer: %+v", got)
	}
	s := f.resource(t, secondary)
	if !slices.Contains(s.Sources, residency.Source{ID: global, Role: residency.Replica, Account: ownAccount, Via: "global cluster world"}) {
		t.Errorf("secondary: %+v", s.Sources)
	}
	if p := placement(t, s, residency.Transit, writer); p.Region != "eu-west-1" || p.Via != "global cluster world, write forwarding enabled" {
		t.Errorf("write forwarding: %+v", p)
	}
	a := estate()
	delete(a, ownAccount+"/any/rds/DescribeGlobalClusters")
	f = scan(t, "rds", a.fail("any", "rds", "DescribeGlobalClusters", "", 403, rdsDenied))
	if gap := "DescribeGlobalClusters denied " + writer; !slices.Contains(f.gaps(), gap) {
		t.Errorf("no gap %q: %v", gap, f.gaps())
	}
}
