package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	tableLake = "arn:aws:s3tables:eu-west-1:111111111111:bucket/lake"
	tableARN  = tableLake + "/table/t1"
)

// tableEstate has one table bucket with one table, each on a second page. Answers by hand, from the SDK's own types.
func tableEstate(managedBy string) aws {
	a := account("eu-west-1")
	a.on("eu-west-1", "s3tables", "ListTableBuckets", "{}", `{"tableBuckets":[],"continuationToken":"t"}`)
	a.on("eu-west-1", "s3tables", "ListTableBuckets", `{"ContinuationToken":"t"}`, `{"tableBuckets":[{"arn":"`+tableLake+`","name":"lake","ownerAccountId":"111111111111"}]}`)
	a.on("eu-west-1", "s3tables", "ListTables", `{"TableBucketARN":"`+tableLake+`"}`, `{"tables":[],"continuationToken":"t"}`)
	a.on("eu-west-1", "s3tables", "ListTables", `{"TableBucketARN":"`+tableLake+`","ContinuationToken":"t"}`,
		`{"tables":[{"tableARN":"`+tableARN+`","name":"tickets","namespace":["sales"],"type":"customer","managedByService":"`+managedBy+`"}]}`)
	a.on("eu-west-1", "s3tables", "ListTagsForResource", "", `{"tags":{}}`)
	for _, operation := range []string{"GetTableBucketReplication", "GetTableBucketPolicy", "GetTableBucketEncryption", "GetTableReplication", "GetTableReplicationStatus", "GetTablePolicy"} {
		a.fail("eu-west-1", "s3tables", operation, "", 404, `{"__type":"NotFoundException","message":"not found"}`)
	}
	return a
}

func (a aws) setTables(operation, body string) aws {
	delete(a, "111111111111/eu-west-1/s3tables/"+operation)
	return a.on("eu-west-1", "s3tables", operation, "", body)
}

func TestS3Tables(t *testing.T) {
	const there, copied = "arn:aws:s3tables:us-east-1:999999999999:bucket/copy", "arn:aws:s3tables:us-east-1:999999999999:bucket/copy/table/t2"
	a := tableEstate("replication.s3tables.amazonaws.com")
	a.setTables("GetTableBucketReplication", `{"configuration":{"role":"r","rules":[{"destinations":[{"destinationTableBucketARN":"`+there+`"}]}]}}`)
	a.setTables("GetTableReplication", `{"configuration":{"role":"r","rules":[{"destinations":[{"destinationTableBucketARN":"`+there+`"}]}]}}`)
	a.setTables("GetTableReplicationStatus", `{"sourceTableArn":"`+tableARN+`","destinations":[{"destinationTableBucketArn":"`+there+`","destinationTableArn":"`+copied+`","replicationStatus":"completed"}]}`)
	a.setTables("GetTableBucketEncryption", `{"encryptionConfiguration":{"sseAlgorithm":"aws:kms","kmsKeyArn":"arn:aws:kms:eu-west-1:111111111111:key/k"}}`)
	a.setTables("GetTablePolicy", `{"resourcePolicy":"{\"Statement\":[{\"Sid\":\"v\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"999999999999\"},\"Action\":\"s3tables:GetTableData\"}]}"}`)
	a.on("eu-west-1", "s3tables", "GetTable", `{"TableArn":"`+tableARN+`"}`, `{"managedTableInformation":{"replicationInformation":{"sourceTableARN":"arn:aws:s3tables:ap-southeast-2:111111111111:bucket/origin/table/t0"}}}`)
	f := scan(t, "s3tables", a)
	f.noGaps(t)
	at := residency.Placement{Role: residency.Replica, Region: "us-east-1", Account: "999999999999", Target: there}
	with := func(p residency.Placement, target, via string) residency.Placement {
		p.Target, p.Via = target, via
		return p
	}
	home := residency.Placement{Role: residency.Primary, Region: "eu-west-1"}
	want := []residency.Resource{
		{ID: tableLake, Kind: "s3tables.table_bucket", Account: ownAccount, Region: "eu-west-1", Name: "lake", Tags: map[string]string{}, Placements: []residency.Placement{
			home, with(at, there, "replication of the table bucket"),
			{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "KmsKeyArn"}}},
		{ID: tableARN, Kind: "s3tables.table", Account: ownAccount, Region: "eu-west-1", Name: "sales.tickets", Tags: map[string]string{}, Placements: []residency.Placement{
			home, with(at, copied, "replication status of the table"), with(at, there, "replication of the table"),
			{Role: residency.Primary, Region: "eu-west-1", Account: "999999999999", Via: "policy statement v"}},
			Sources: []residency.Source{{ID: "arn:aws:s3tables:ap-southeast-2:111111111111:bucket/origin/table/t0", Role: residency.Replica, Region: "ap-southeast-2", Account: ownAccount, Via: "SourceTableARN"}}},
	}
	if diff := cmp.Diff(want, f.resources); diff != "" {
		t.Error(diff)
	}
}

// Nothing set is an answer; a table that no service manages is no replica and is not asked for its source.
func TestS3TablesPlain(t *testing.T) {
	f := scan(t, "s3tables", tableEstate(""))
	f.noGaps(t)
	for _, r := range f.resources {
		if len(r.Placements) != 1 || r.Sources != nil {
			t.Errorf("%+v", r)
		}
	}
	a := tableEstate("")
	delete(a, "111111111111/eu-west-1/s3tables/ListTables")
	a.fail("eu-west-1", "s3tables", "ListTables", "", 403, `{"__type":"AccessDeniedException","message":"no"}`)
	if got := scan(t, "s3tables", a).gaps(); !slices.Equal(got, []string{"ListTables denied " + tableLake}) {
		t.Error(got)
	}
}
