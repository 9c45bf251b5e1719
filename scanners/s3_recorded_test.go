package scanners_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers that AWS gave, recorded by cloud-custodian.
func TestS3Recorded(t *testing.T) {
	a := s3Estate(irelandOnly, "acme=us-east-1", "custodian-replication-west=us-west-2")
	put := func(bucket, operation, file, root string, members map[string]string) {
		status, body := recordedS3(t, file, root, members)
		a.answer(ownAccount, "any", "s3", operation, `{"Bucket":"`+bucket+`"}`, status, body)
	}
	members := map[string]string{"Rules": "/Rule", "Tags": "/Tag", "InventoryConfigurationList": "/InventoryConfiguration", "OptionalFields": "Field"}
	status, body := recordedS3(t, "test_s3_bucket_replication_filter/s3.GetBucketReplication_1.json", "x", members)
	body = strings.TrimSuffix(strings.TrimPrefix(body, "<x>"), "</x>") // the configuration is the payload itself
	a.answer(ownAccount, "any", "s3", "GetBucketReplication", `{"Bucket":"acme"}`, status, body)
	put("custodian-replication-west", "GetBucketReplication", "test_s3_bucket_replication_filter/s3.GetBucketReplication_2.json", "", members)
	put("acme", "ListBucketInventoryConfigurations", "test_s3_inventory/s3.ListBucketInventoryConfigurations_1.json", "ListInventoryConfigurationsResult", members)
	put("acme", "GetBucketLogging", "test_s3_enable_logging/s3.GetBucketLogging_2.json", "BucketLoggingStatus", members)
	put("custodian-replication-west", "GetBucketLogging", "test_s3_enable_logging/s3.GetBucketLogging_1.json", "BucketLoggingStatus", members)
	put("acme", "GetPublicAccessBlock", "test_s3_check_public_block/s3.GetPublicAccessBlock_3.json", "", members)
	put("custodian-replication-west", "GetPublicAccessBlock", "test_s3_check_public_block/s3.GetPublicAccessBlock_1.json", "", members)
	a.bucketIn("custodian-inv", "us-east-1").bucketIn("superduper-and-magic", "us-east-1")
	f := scan(t, "s3", a)
	want := []residency.Placement{{Role: residency.Primary, Region: "us-east-1"},
		{Role: residency.Replica, Region: "us-west-2", Target: "arn:aws:s3:::custodian-replication-west", Via: "replication rule replication-1"},
		{Role: residency.Log, Region: "us-east-1", Target: "arn:aws:s3:::superduper-and-magic", Via: "server access logging"},
		{Role: residency.Metadata, Region: "us-east-1", Target: "arn:aws:s3:::custodian-inv", Via: "inventory something"}}
	if diff := cmp.Diff(want, f.resource(t, acme).Placements); diff != "" {
		t.Error(diff)
	}
	if got := f.gaps(); !slices.Equal(got, []string{"GetPublicAccessBlock denied " + acme}) {
		t.Errorf("gaps %v: want the recorded denial and no other", got)
	}
}

// recordedS3 turns an answer of AWS, recorded by botocore ("status_code", "data"), back into what was on the wire. members
// names the elements of each list; a list without a name there is flattened under its own.
func recordedS3(t *testing.T, file, root string, members map[string]string) (status int, body string) {
	t.Helper()
	data, err := os.ReadFile("testdata/placebo/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Status int            `json:"status_code"`
		Data   map[string]any `json:"data"`
	}
	if err := json.Unmarshal(data, &recorded); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	delete(recorded.Data, "ResponseMetadata")
	var b strings.Builder
	if e, ok := recorded.Data["Error"]; ok {
		writeS3XML(&b, "Error", e, members)
		return recorded.Status, b.String()
	}
	writeS3XML(&b, root, recorded.Data, members)
	return recorded.Status, b.String()
}

// writeS3XML writes one element. In members "Rules": "/Rule" is a flat list of Rule, "Regions": "Region" a list inside Regions.
func writeS3XML(b *strings.Builder, name string, v any, members map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		if v["__class__"] == "datetime" {
			return // no scanner reads a time here
		}
		b.WriteString("<" + name + ">")
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			writeS3XML(b, k, v[k], members)
		}
		b.WriteString("</" + name + ">")
	case []any:
		member, flat := strings.CutPrefix(members[name], "/")
		if !flat {
			b.WriteString("<" + name + ">")
		}
		for _, e := range v {
			writeS3XML(b, member, e, members)
		}
		if !flat {
			b.WriteString("</" + name + ">")
		}
	default:
		text, _ := json.Marshal(v)
		b.WriteString("<" + name + ">")
		_ = xml.EscapeText(b, []byte(strings.Trim(string(text), `"`)))
		b.WriteString("</" + name + ">")
	}
}
