package scanners_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The answers are by hand, from the SDK's own types, except in the tests that say recorded.

const (
	dynamoDenied   = `{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"User: arn:aws:sts::111111111111:assumed-role/audit/x is not authorized to perform this"}`
	dynamoNoPolicy = `{"__type":"com.amazonaws.dynamodb.v20120810#PolicyNotFoundException","message":"Resource-based policy not found for the provided ResourceArn"}`
	dynamoNoLegacy = `{"__type":"com.amazon.coral.validate#ValidationException","message":"One or more parameter values were invalid: DynamoDB global tables version 2017.11.29 is not supported in this region 'eu-west-3'"}`
	ordersTable    = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
)

// dynamoEstate is an account in which every list is empty that a test does not fill.
func dynamoEstate(regions ...string) aws {
	a := account(regions...)
	for operation, body := range map[string]string{
		"ListTables": `{"TableNames":[]}`, "ListGlobalTables": `{"GlobalTables":[]}`, "ListExports": `{"ExportSummaries":[]}`, "ListImports": `{"ImportSummaryList":[]}`,
		"ListBackups": `{"BackupSummaries":[]}`, "ListTagsOfResource": `{"Tags":[]}`, "DescribeKinesisStreamingDestination": `{"KinesisDataStreamDestinations":[]}`,
	} {
		a.on("any", "dynamodb", operation, "", body)
	}
	return a.fail("any", "dynamodb", "GetResourcePolicy", "", 400, dynamoNoPolicy)
}

// dynamoTable is that with the table orders in a region, described with more.
func dynamoTable(region, more string) aws {
	return dynamoEstate("eu-west-1", "us-east-1").on(region, "dynamodb", "ListTables", "", `{"TableNames":["orders"]}`).
		on(region, "dynamodb", "DescribeTable", "", `{"Table":{"TableName":"orders","TableArn":"arn:aws:dynamodb:`+region+`:111111111111:table/orders"`+more+`}}`)
}

func dynamoDenies(operation string) aws {
	a := dynamoTable("eu-west-1", "")
	a.on("eu-west-1", "dynamodb", "ListExports", "", `{"ExportSummaries":[{"ExportArn":"`+ordersTable+`/export/1","ExportStatus":"COMPLETED"}]}`)
	delete(a, ownAccount+"/eu-west-1/dynamodb/"+operation)
	return a.fail("eu-west-1", "dynamodb", operation, "", 400, dynamoDenied)
}

func TestDynamoDBTable(t *testing.T) {
	a := dynamoTable("eu-west-1", `,"GlobalTableVersion":"2019.11.21","MultiRegionConsistency":"STRONG",
		"Replicas":[{"RegionName":"eu-west-1","ReplicaStatus":"ACTIVE"},{"RegionName":"us-east-1","ReplicaStatus":"ACTIVE"},
			{"RegionName":"eu-central-1","ReplicaArn":"arn:aws:dynamodb:eu-central-1:222222222222:table/orders","ReplicaStatus":"ACTIVE"},
			{"RegionName":"us-west-2","ReplicaStatus":"CREATION_FAILED"}],
		"GlobalTableWitnesses":[{"RegionName":"us-east-2","WitnessStatus":"ACTIVE"}],
		"StreamSpecification":{"StreamEnabled":true},"LatestStreamArn":"`+ordersTable+`/stream/1",
		"SSEDescription":{"KMSMasterKeyArn":"arn:aws:kms:eu-west-1:111111111111:key/k"}`)
	a.on("eu-west-1", "dynamodb", "ListTagsOfResource", `{"ResourceArn":"`+ordersTable+`"}`, `{"Tags":[{"Key":"a","Value":"1"}],"NextToken":"t"}`)
	a.on("eu-west-1", "dynamodb", "ListTagsOfResource", `{"ResourceArn":"`+ordersTable+`","NextToken":"t"}`, `{"Tags":[{"Key":"b","Value":"2"}]}`)
	a.on("eu-west-1", "dynamodb", "DescribeKinesisStreamingDestination", "", `{"KinesisDataStreamDestinations":[
		{"StreamArn":"arn:aws:kinesis:eu-west-1:111111111111:stream/feed","DestinationStatus":"ACTIVE"},{"StreamArn":"arn:aws:kinesis:eu-west-1:111111111111:stream/old","DestinationStatus":"DISABLED"}]}`)
	a.on("eu-west-1", "dynamodb", "GetResourcePolicy", `{"ResourceArn":"`+ordersTable+`/stream/1"}`, `{"Policy":"{\"Statement\":[{\"Sid\":\"feed\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"999999999999\"},\"Action\":\"dynamodb:GetRecords\"}]}"}`)
	f := scan(t, "dynamodb", a)
	f.noGaps(t)
	at := func(role residency.Role, region, account, target, via string) residency.Placement {
		return residency.Placement{Role: role, Region: region, Account: account, Target: target, Via: via}
	}
	want := residency.Resource{ID: ordersTable, Kind: "dynamodb.table", Account: ownAccount, Region: "eu-west-1", Name: "orders", Tags: map[string]string{"a": "1", "b": "2"},
		Placements: []residency.Placement{
			{Role: residency.Primary, Region: "eu-west-1"},
			at(residency.Replica, "us-east-1", ownAccount, "arn:aws:dynamodb:us-east-1:111111111111:table/orders", "global table replica"),
			at(residency.Replica, "eu-central-1", "222222222222", "arn:aws:dynamodb:eu-central-1:222222222222:table/orders", "global table replica"),
			at(residency.Capability, "us-west-2", ownAccount, "arn:aws:dynamodb:us-west-2:111111111111:table/orders", "global table replica (creation failed)"),
			at(residency.Replica, "us-east-2", "", "", "global table witness"),
			at(residency.Stream, "eu-west-1", ownAccount, ordersTable+"/stream/1", "DynamoDB stream"),
			at(residency.Key, "eu-west-1", ownAccount, "arn:aws:kms:eu-west-1:111111111111:key/k", "KMSMasterKeyArn"),
			at(residency.Stream, "eu-west-1", ownAccount, "arn:aws:kinesis:eu-west-1:111111111111:stream/feed", "Kinesis streaming destination"),
			at(residency.Capability, "eu-west-1", ownAccount, "arn:aws:kinesis:eu-west-1:111111111111:stream/old", "Kinesis streaming destination (DISABLED)"),
			at(residency.Stream, "eu-west-1", "999999999999", "", "stream's policy statement feed"),
		}, Facts: map[string]any{"global_table_version": "2019.11.21", "multi_region_consistency": "STRONG"}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

// What fails of a table is a gap that names it, and the table is there all the same.
func TestDynamoDBDenied(t *testing.T) {
	for operation, resource := range map[string]string{"DescribeTable": ordersTable, "ListTagsOfResource": ordersTable, "GetResourcePolicy": ordersTable,
		"DescribeKinesisStreamingDestination": ordersTable, "DescribeExport": ordersTable, "ListGlobalTables": "", "ListImports": "", "ListBackups": "", "ListExports": ""} {
		a := dynamoDenies(operation)
		if operation != "DescribeExport" {
			a.on("eu-west-1", "dynamodb", "DescribeExport", "", `{"ExportDescription":{"ExportStatus":"FAILED"}}`)
		}
		f := scan(t, "dynamodb", a)
		gap := operation + " denied"
		if resource != "" {
			gap += " " + resource
		}
		if diff := cmp.Diff([]string{gap}, f.gaps()); diff != "" {
			t.Errorf("%s: %s", operation, diff)
		}
		r := f.resource(t, ordersTable)
		placement(t, r, residency.Primary, "")
		if (operation == "ListTagsOfResource") != (r.Tags == nil) {
			t.Errorf("%s: tags %v", operation, r.Tags)
		}
	}
}

// Every list has a second page; a token that repeats ends it with a gap.
func TestDynamoDBPages(t *testing.T) {
	for operation, page := range map[string]struct{ list, item, token, next, more, found string }{
		"ListTables":       {"TableNames", `"orders"`, "LastEvaluatedTableName", "ExclusiveStartTableName", "", ordersTable},
		"ListGlobalTables": {"GlobalTables", `{"GlobalTableName":"orders","ReplicationGroup":[{"RegionName":"eu-west-1"}]}`, "LastEvaluatedGlobalTableName", "ExclusiveStartGlobalTableName", "", ordersTable},
		"ListExports":      {"ExportSummaries", `{"ExportArn":"` + ordersTable + `/export/1"}`, "NextToken", "NextToken", "", ordersTable + "/export/1"},
		"ListImports":      {"ImportSummaryList", `{"ImportArn":"` + ordersTable + `/import/1"}`, "NextToken", "NextToken", "", ""},
		"ListBackups":      {"BackupSummaries", `{"BackupArn":"` + ordersTable + `/backup/1"}`, "LastEvaluatedBackupArn", "ExclusiveStartBackupArn", `"BackupType":"ALL"`, ordersTable + "/backup/1"},
	} {
		a := dynamoEstate("eu-west-1").on("eu-west-1", "dynamodb", "DescribeExport", "", `{"ExportDescription":{"S3Bucket":"b"}}`).
			on("eu-west-1", "dynamodb", "DescribeTable", "", `{"Table":{"TableName":"orders"}}`)
		more := page.more
		if more != "" {
			more = "," + more
		}
		a.on("eu-west-1", "dynamodb", operation, "{"+page.more+"}", fmt.Sprintf(`{"%s":[],"%s":"t"}`, page.list, page.token))
		a.on("eu-west-1", "dynamodb", operation, fmt.Sprintf(`{"%s":"t"%s}`, page.next, more), fmt.Sprintf(`{"%s":[%s],"%s":"t"}`, page.list, page.item, page.token))
		f := scan(t, "dynamodb", headBucketIn(a, "eu-west-1"))
		if diff := cmp.Diff([]string{operation + " malformed"}, f.gaps()); diff != "" {
			t.Errorf("%s: %s", operation, diff)
		}
		if page.found != "" {
			f.resource(t, page.found)
		}
	}
}

// A region that never had legacy global tables says so; the same code with other words is a gap.
func TestDynamoDBLegacyUnsupported(t *testing.T) {
	scan(t, "dynamodb", dynamoEstate("eu-west-1").fail("eu-west-1", "dynamodb", "ListGlobalTables", "", 400, dynamoNoLegacy)).noGaps(t)
	f := scan(t, "dynamodb", dynamoEstate("eu-west-1").fail("eu-west-1", "dynamodb", "ListGlobalTables", "", 400, `{"__type":"ValidationException","message":"other"}`))
	if len(f.gaps()) != 1 {
		t.Errorf("%v", f.gaps())
	}
}

// An export joins its table, and outlives it.
func TestDynamoDBExports(t *testing.T) {
	a := dynamoTable("eu-west-1", "")
	const gone = "arn:aws:dynamodb:eu-west-1:111111111111:table/gone"
	a.on("eu-west-1", "dynamodb", "ListExports", "", `{"ExportSummaries":[{"ExportArn":"`+ordersTable+`/export/1"},{"ExportArn":"`+ordersTable+`/export/2"},{"ExportArn":"`+gone+`/export/3"}]}`)
	a.on("eu-west-1", "dynamodb", "DescribeExport", "", `{"ExportDescription":{"ExportStatus":"COMPLETED","S3Bucket":"lake","S3BucketOwner":"222222222222"}}`)
	f := scan(t, "dynamodb", headBucketIn(a, "us-east-1"))
	f.noGaps(t)
	want := residency.Placement{Role: residency.Stream, Region: "us-east-1", Account: "222222222222", Target: "arn:aws:s3:::lake", Via: "export to S3"}
	for id, n := range map[string]int{ordersTable: 2, gone + "/export/3": 1} {
		r := f.resource(t, id)
		if len(r.Placements) != n || !slices.Contains(r.Placements, want) {
			t.Errorf("%s: %+v", id, r.Placements)
		}
	}
	if s := f.resource(t, gone+"/export/3").Sources; len(s) != 1 || s[0].ID != gone {
		t.Errorf("%+v", s)
	}
}

// dynamoRecorded adds a recorded answer in its wire form.
func dynamoRecorded(t *testing.T, a aws, region, folder, operation string, n int, input string) aws {
	t.Helper()
	status, data := rdsRecorded(t, folder, fmt.Sprintf("dynamodb.%s_%d.json", operation, n))
	if e, ok := data["Error"].(map[string]any); ok {
		data = map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + e["Code"].(string), "message": e["Message"]}
	}
	body, err := json.Marshal(dynamoWithoutTimes(data))
	if err != nil {
		t.Fatal(err)
	}
	return a.answer(ownAccount, region, "dynamodb", operation, input, status, string(body))
}

// dynamoWithoutTimes drops the moments, which the recorder wrote in a form of its own.
func dynamoWithoutTimes(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if m, ok := e.(map[string]any); ok && m["__class__"] == "datetime" {
				delete(v, k)
			} else {
				v[k] = dynamoWithoutTimes(e)
			}
		}
	case []any:
		for i := range v {
			v[i] = dynamoWithoutTimes(v[i])
		}
	}
	return v
}

// Recorded: a table with a policy for another account, and one without.
func TestDynamoDBPolicyRecorded(t *testing.T) {
	const folder, prefix = "test_dynamodb_cross_account_filter", "arn:aws:dynamodb:us-east-1:111111111111:table/"
	a := dynamoEstate("us-east-1")
	delete(a, ownAccount+"/any/dynamodb/GetResourcePolicy")
	dynamoRecorded(t, a, "us-east-1", folder, "ListTables", 1, "")
	for n, name := range []string{"c7n-cross-account", "test-1"} {
		dynamoRecorded(t, a, "us-east-1", folder, "DescribeTable", n+1, `{"TableName":"`+name+`"}`)
		dynamoRecorded(t, a, "us-east-1", folder, "GetResourcePolicy", n+1, `{"ResourceArn":"`+prefix+name+`"}`)
	}
	f := scan(t, "dynamodb", a)
	f.noGaps(t)
	want := []residency.Placement{{Role: residency.Primary, Region: "us-east-1"}, {Role: residency.Primary, Region: "us-east-1", Account: "210987654321", Via: "policy statement Statement1"}}
	if diff := cmp.Diff(want, f.resource(t, prefix+"c7n-cross-account").Placements); diff != "" {
		t.Error(diff)
	}
	if n := len(f.resource(t, prefix+"test-1").Placements); n != 1 {
		t.Errorf("no policy: %d placements", n)
	}
}

// Recorded: the backups of a table.
func TestDynamoDBBackupsRecorded(t *testing.T) {
	const folder = "test_dynamodb_consecutive_backup_count_filter"
	a := dynamoEstate("us-west-2")
	dynamoRecorded(t, a, "us-west-2", folder, "ListTables", 1, "")
	dynamoRecorded(t, a, "us-west-2", folder, "DescribeTable", 1, "")
	dynamoRecorded(t, a, "us-west-2", folder, "ListBackups", 1, `{"BackupType":"ALL"}`)
	f := scan(t, "dynamodb", a)
	f.noGaps(t)
	const table = "arn:aws:dynamodb:us-west-2:111111111111:table/Test-DDBTable-backup"
	want := residency.Resource{ID: table + "/backup/01661373354159-fd0bfa7d", Kind: "dynamodb.backup", Account: ownAccount, Region: "us-west-2", Name: "test-manual", Tags: map[string]string{},
		Placements: []residency.Placement{{Role: residency.Backup, Region: "us-west-2"}}, Facts: map[string]any{"type": "USER"},
		Sources: []residency.Source{{ID: table, Role: residency.Backup, Region: "us-west-2", Account: ownAccount, Via: "backup"}}}
	if diff := cmp.Diff(want, f.resource(t, want.ID)); diff != "" {
		t.Error(diff)
	}
	if len(f.resources) != 4 {
		t.Errorf("%v", f.ids())
	}
}
