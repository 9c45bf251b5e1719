package scanners_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

const acme = "arn:aws:s3:::acme"

var irelandOnly = []string{"eu-west-1"}

func TestS3Bucket(t *testing.T) {
	a := s3Estate(irelandOnly, "acme=eu-west-1", "copy=us-east-1")
	a.setS3("GetBucketReplication", `<ReplicationConfiguration>
<Rule><ID>all</ID><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::copy</Bucket><EncryptionConfiguration><ReplicaKmsKeyID>arn:aws:kms:us-east-1:111111111111:key/k</ReplicaKmsKeyID></EncryptionConfiguration></Destination></Rule>
<Rule><ID>old</ID><Status>Disabled</Status><Destination><Bucket>arn:aws:s3:::theirs</Bucket><Account>999999999999</Account></Destination></Rule>
</ReplicationConfiguration>`)
	a.bucketIn("theirs", "us-west-2")
	a.setS3("GetBucketTagging", `<Tagging><TagSet><Tag><Key>data-residency</Key><Value>eu</Value></Tag></TagSet></Tagging>`)
	f := scan(t, "s3", a)
	f.noGaps(t)
	want := residency.Resource{ID: acme, Kind: "s3.bucket", Account: ownAccount, Region: "eu-west-1", Name: "acme",
		Tags: map[string]string{"data-residency": "eu"}, Facts: map[string]any{"versioning": "Enabled"}, Placements: []residency.Placement{
			{Role: residency.Primary, Region: "eu-west-1"},
			{Role: residency.Replica, Region: "us-east-1", Target: "arn:aws:s3:::copy", Via: "replication rule all"},
			{Role: residency.Key, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:kms:us-east-1:111111111111:key/k", Via: "ReplicaKmsKeyID of replication rule all"},
			{Role: residency.Capability, Region: "us-west-2", Account: "999999999999", Target: "arn:aws:s3:::theirs", Via: "disabled replication rule old: copies it made may remain"},
		}}
	if diff := cmp.Diff(want, f.resource(t, acme)); diff != "" {
		t.Error(diff)
	}
	if len(f.resources) != 2 {
		t.Errorf("resources: %v", f.ids())
	}
}

// A bucket is asked by the client of its own region: the others answer it with a redirect.
func TestS3BucketAskedInItsRegion(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	edit := func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
		mu.Lock()
		defer mu.Unlock()
		if c.Input["Bucket"] == "acme" {
			seen[c.Operation+" "+c.Region]++
		}
		return a, nil
	}
	scanWith(t, replay.Open(s3Estate(irelandOnly, "acme=ap-southeast-2").files(t)).Edit(edit), "s3")
	total := 0
	for call, n := range seen {
		total += n
		if n > 1 || !strings.HasSuffix(call, " ap-southeast-2") {
			t.Errorf("%s: %d times", call, n)
		}
	}
	if total != 13 {
		t.Errorf("%d calls: %v", total, seen)
	}
}

func TestS3Region(t *testing.T) {
	head := func(status int, region string) func(aws) {
		return func(a aws) {
			ans := replay.Answer{Status: status, Input: map[string]any{"Bucket": "acme"}, Body: []byte(`""`), Headers: map[string]string{}}
			if region != "" {
				ans.Headers["x-amz-bucket-region"] = region
			}
			a["any/any/s3/HeadBucket"] = append(a["any/any/s3/HeadBucket"], ans)
		}
	}
	location := func(body string) func(aws) {
		return func(a aws) { a.setS3("GetBucketLocation", `<LocationConstraint>`+body+`</LocationConstraint>`) }
	}
	for _, test := range []struct {
		name   string
		set    []func(aws)
		region string
		gaps   []string
	}{
		{"head_says", []func(aws){head(200, "ap-southeast-2")}, "ap-southeast-2", nil},
		{"head_denied_but_says", []func(aws){head(403, "ap-southeast-2")}, "ap-southeast-2", nil},
		{"head_redirects", []func(aws){head(301, "eu-west-1")}, "eu-west-1", nil},
		{"location_none", []func(aws){head(403, ""), location("")}, "us-east-1", nil},
		{"location_eu", []func(aws){head(403, ""), location("EU")}, "eu-west-1", nil},
		{"location_named", []func(aws){head(200, ""), location("ap-southeast-2")}, "ap-southeast-2", nil},
		{"both_denied", []func(aws){head(403, ""), func(a aws) { a.fail("any", "s3", "GetBucketLocation", "", 403, deniedXML) }}, "",
			[]string{"GetBucketLocation denied " + acme, "HeadBucket denied " + acme}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := s3Estate(irelandOnly, "acme")
			for _, set := range test.set {
				set(a)
			}
			var calls int
			var mu sync.Mutex
			f := scanWith(t, replay.Open(a.files(t)).Edit(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
				mu.Lock()
				defer mu.Unlock()
				if c.Input["Bucket"] == "acme" {
					calls++
				}
				return a, nil
			}), "s3")
			r := f.resource(t, acme)
			if r.Region != test.region || placement(t, r, residency.Primary, "").Region != test.region {
				t.Errorf("region %q, placements %+v", r.Region, r.Placements)
			}
			if diff := cmp.Diff(test.gaps, f.gaps()); diff != "" {
				t.Error(diff)
			}
			if calls > 14 || r.Facts["versioning"] != "Enabled" {
				t.Errorf("%d calls for one bucket, facts %v", calls, r.Facts)
			}
		})
	}
}

// Where finding the region took two calls and there is a policy, the versioning gives way to the limit.
func TestS3CallLimit(t *testing.T) {
	a := s3Estate(irelandOnly, "acme").policyS3(vendorReads, false).fail("any", "s3", "HeadBucket", "", 403, "").setS3("GetBucketLocation", `<LocationConstraint>EU</LocationConstraint>`)
	var calls int
	var mu sync.Mutex
	f := scanWith(t, replay.Open(a.files(t)).Edit(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
		mu.Lock()
		defer mu.Unlock()
		if c.Input["Bucket"] == "acme" {
			calls++
		}
		return a, nil
	}), "s3")
	f.noGaps(t)
	if r := f.resource(t, acme); calls != 14 || r.Facts != nil || len(r.Placements) != 2 {
		t.Errorf("%d calls, %+v", calls, r)
	}
}

func TestS3SecondPage(t *testing.T) {
	a := account("eu-west-1")
	for k, v := range s3Estate(irelandOnly) {
		if !strings.HasSuffix(k, "ListBuckets") {
			a[k] = v
		}
	}
	page := func(name, token string) string {
		return `<ListAllMyBucketsResult><Buckets><Bucket><Name>` + name + `</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets>` + token + `</ListAllMyBucketsResult>`
	}
	a.on("us-east-1", "s3", "ListBuckets", `{"MaxBuckets":10000}`, page("acme", "<ContinuationToken>t</ContinuationToken>"))
	a.on("us-east-1", "s3", "ListBuckets", `{"MaxBuckets":10000,"ContinuationToken":"t"}`, page("second", ""))
	a.setS3("ListBucketInventoryConfigurations", `<ListInventoryConfigurationsResult>`+inventoryXML("one", "acme")+`<IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken></ListInventoryConfigurationsResult>`)
	a.on("any", "s3", "ListBucketInventoryConfigurations", `{"Bucket":"acme","ContinuationToken":"n"}`,
		`<ListInventoryConfigurationsResult>`+inventoryXML("two", "second")+`<IsTruncated>false</IsTruncated></ListInventoryConfigurationsResult>`)
	a.setS3("ListBucketAnalyticsConfigurations", `<ListBucketAnalyticsConfigurationResult>`+analyticsXML("acme")+`<IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken></ListBucketAnalyticsConfigurationResult>`)
	a.on("any", "s3", "ListBucketAnalyticsConfigurations", `{"Bucket":"acme","ContinuationToken":"n"}`,
		`<ListBucketAnalyticsConfigurationResult>`+analyticsXML("second")+`<IsTruncated>false</IsTruncated></ListBucketAnalyticsConfigurationResult>`)
	f := scan(t, "s3", a)
	f.noGaps(t)
	f.resource(t, "arn:aws:s3:::second")
	var vias []string
	for _, p := range f.resource(t, acme).Placements[1:] {
		vias = append(vias, p.Via+" "+p.Target)
	}
	want := []string{"inventory one arn:aws:s3:::acme", "inventory two arn:aws:s3:::second",
		"storage class analysis a arn:aws:s3:::acme", "storage class analysis a arn:aws:s3:::second"}
	if diff := cmp.Diff(want, vias); diff != "" {
		t.Error(diff)
	}
}

func inventoryXML(id, bucket string) string {
	return `<InventoryConfiguration><Id>` + id + `</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Bucket>arn:aws:s3:::` + bucket + `</Bucket></S3BucketDestination></Destination></InventoryConfiguration>`
}

func analyticsXML(bucket string) string {
	return `<AnalyticsConfiguration><Id>a</Id><StorageClassAnalysis><DataExport><Destination><S3BucketDestination><Bucket>arn:aws:s3:::` + bucket + `</Bucket></S3BucketDestination></Destination></DataExport></StorageClassAnalysis></AnalyticsConfiguration>`
}

// Lists that are cut, or announce more without a way to it, must not look whole.
func TestS3CutLists(t *testing.T) {
	t.Run("list_buckets_cut_without_token", func(t *testing.T) {
		names := make([]string, 10000)
		for i := range names {
			names[i] = fmt.Sprintf("b%05d=eu-west-1", i)
		}
		f := scan(t, "s3", s3Estate(irelandOnly, names...), func(o *scanners.Options) {
			o.Scanners[0].Calls = o.Scanners[0].Calls[:1] // only the list matters: whatever else it asks is refused at once
		})
		if !slices.Contains(f.gaps(), "ListBuckets malformed") {
			t.Error("a full page without a token passes for the whole list")
		}
	})
	t.Run("inventory_without_token", func(t *testing.T) {
		a := s3Estate(irelandOnly, "acme=eu-west-1").setS3("ListBucketInventoryConfigurations", `<ListInventoryConfigurationsResult><IsTruncated>true</IsTruncated></ListInventoryConfigurationsResult>`)
		if got := scan(t, "s3", a).gaps(); !slices.Equal(got, []string{"ListBucketInventoryConfigurations malformed " + acme}) {
			t.Error(got)
		}
	})
	t.Run("analytics_token_repeats", func(t *testing.T) {
		a := s3Estate(irelandOnly, "acme=eu-west-1").on("any", "s3", "ListBucketAnalyticsConfigurations", "",
			`<ListBucketAnalyticsConfigurationResult><IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken></ListBucketAnalyticsConfigurationResult>`)
		a["111111111111/any/s3/ListBucketAnalyticsConfigurations"] = a["111111111111/any/s3/ListBucketAnalyticsConfigurations"][1:]
		if got := scan(t, "s3", a).gaps(); !slices.Equal(got, []string{"ListBucketAnalyticsConfigurations malformed " + acme}) {
			t.Error(got)
		}
	})
}

// What an endpoint does not implement is a gap for the bucket, and the bucket stays.
func TestS3Unimplemented(t *testing.T) {
	for _, status := range []int{404, 500} {
		f := scanWith(t, replay.Open(s3Estate(irelandOnly, "acme=eu-west-1").files(t)).Edit(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
			if c.Input["Bucket"] != nil {
				return &replay.Answer{Status: status, Headers: map[string]string{"Content-Type": "text/html"}, Body: []byte(`"<html><body>no</body></html>"`)}, nil
			}
			return a, nil
		}), "s3")
		if got := f.gaps(); len(got) != 13 {
			t.Errorf("HTTP %d: %d gaps, want one for each call: %v", status, len(got), got)
		}
		if r := f.resource(t, acme); r.Tags != nil || len(r.Placements) != 1 {
			t.Errorf("HTTP %d: %+v", status, r)
		}
	}
}

// Denied calls: each is a gap of its own, naming the call and the bucket.
func TestS3Denied(t *testing.T) {
	for _, operation := range []string{"GetBucketReplication", "GetBucketLogging", "ListBucketInventoryConfigurations",
		"ListBucketAnalyticsConfigurations", "GetBucketNotificationConfiguration", "GetBucketMetadataConfiguration",
		"GetBucketAccelerateConfiguration", "GetBucketTagging", "GetBucketPolicy", "GetBucketPolicyStatus", "GetPublicAccessBlock",
		"GetBucketAcl", "GetBucketVersioning"} {
		a := s3Estate(irelandOnly, "acme=eu-west-1").fail("any", "s3", operation, `{"Bucket":"acme"}`, 403, deniedXML)
		f := scan(t, "s3", a)
		if got := f.gaps(); !slices.Equal(got, []string{operation + " denied " + acme}) {
			t.Errorf("%s: %v", operation, got)
		}
		f.resource(t, acme)
	}
}

func TestS3AccelerateAnswers(t *testing.T) {
	for message, gaps := range map[string]int{
		"Amazon S3 Transfer Acceleration is not supported for buckets with periods (.) in their names": 0,
		"Something else": 1,
	} {
		a := s3Estate(irelandOnly, "acme=eu-west-1").fail("any", "s3", "GetBucketAccelerateConfiguration", `{"Bucket":"acme"}`, 400, s3Error("InvalidRequest", message))
		if got := scan(t, "s3", a).gaps(); len(got) != gaps {
			t.Errorf("%q: %v", message, got)
		}
	}
}

func TestS3Notifications(t *testing.T) {
	a := s3Estate(irelandOnly, "acme=eu-west-1").setS3("GetBucketNotificationConfiguration", `<NotificationConfiguration>
<QueueConfiguration><Id>q</Id><Queue>arn:aws:sqs:eu-west-1:111111111111:q</Queue></QueueConfiguration>
<TopicConfiguration><Id>t</Id><Topic>arn:aws:sns:eu-west-1:999999999999:t</Topic></TopicConfiguration>
<CloudFunctionConfiguration><Id>f</Id><CloudFunction>arn:aws:lambda:eu-west-1:111111111111:function:f:live</CloudFunction></CloudFunctionConfiguration>
<EventBridgeConfiguration/></NotificationConfiguration>`)
	want := []residency.Placement{{Role: residency.Primary, Region: "eu-west-1"},
		{Role: residency.Queue, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:sqs:eu-west-1:111111111111:q", Via: "event notification q"},
		{Role: residency.Capability, Region: "eu-west-1", Account: "999999999999", Target: "arn:aws:sns:eu-west-1:999999999999:t", Via: "event notification t"},
		{Role: residency.Capability, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:lambda:eu-west-1:111111111111:function:f", Via: "event notification f"},
		{Role: residency.Capability, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:events:eu-west-1:111111111111:event-bus/default", Via: "event notification to EventBridge"}}
	if diff := cmp.Diff(want, scan(t, "s3", a).resource(t, acme).Placements); diff != "" {
		t.Error(diff)
	}
}
