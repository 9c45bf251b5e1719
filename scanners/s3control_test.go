package scanners_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// controlEstate answers for an account without jobs, access points or storage lens. Answers by hand, from the SDK's own types.
func controlEstate(regions ...string) aws {
	a := account(regions...)
	a.on("any", "s3control", "ListJobs", "", `<ListJobsResult><Jobs/></ListJobsResult>`)
	a.on("any", "s3control", "ListAccessPoints", "", `<ListAccessPointsResult><AccessPointList/></ListAccessPointsResult>`)
	a.on("any", "s3control", "ListStorageLensConfigurations", "", `<ListStorageLensConfigurationResult/>`)
	a.on("us-west-2", "s3control", "ListMultiRegionAccessPoints", "", `<ListMultiRegionAccessPointsResult><AccessPoints/></ListMultiRegionAccessPointsResult>`)
	a.on("any", "s3control", "GetJobTagging", "", `<GetJobTaggingResult><Tags><member><Key>k</Key><Value>v</Value></member></Tags></GetJobTaggingResult>`)
	a.on("any", "s3control", "ListTagsForResource", "", `<ListTagsForResourceResult><Tags/></ListTagsForResourceResult>`)
	a.on("any", "s3control", "GetStorageLensConfigurationTagging", "", `<GetStorageLensConfigurationTaggingResult><Tags><Tag><Key>k</Key><Value>v</Value></Tag></Tags></GetStorageLensConfigurationTaggingResult>`)
	a.on("any", "s3control", "GetAccessPoint", "", `<GetAccessPointResult/>`)
	a.fail("any", "s3control", "GetAccessPointPolicy", "", 404, controlError("NoSuchAccessPointPolicy"))
	return a.fail("any", "s3control", "GetAccessPointPolicyStatus", "", 404, controlError("NoSuchAccessPointPolicy"))
}

func controlError(code string) string {
	return `<ErrorResponse><Error><Code>` + code + `</Code><Message>m</Message></Error></ErrorResponse>`
}

// replaceControl sets the only answer of an operation.
func (a aws) replaceControl(region, operation, body string) aws {
	for _, place := range []string{region, "any"} {
		delete(a, ownAccount+"/"+place+"/s3control/"+operation)
	}
	if region != "any" && strings.HasPrefix(operation, "List") && operation != "ListMultiRegionAccessPoints" {
		a.on("any", "s3control", operation, "", `<None/>`)
	}
	return a.on(region, "s3control", operation, "", body)
}

// copyJob is one batch job of a region.
func copyJob(a aws, region, descriptor string) aws {
	a.replaceControl(region, "ListJobs", `<ListJobsResult><Jobs><member><JobId>j1</JobId><Operation>S3PutObjectCopy</Operation></member></Jobs></ListJobsResult>`)
	return a.on(region, "s3control", "DescribeJob", `{"AccountId":"111111111111","JobId":"j1"}`, `<DescribeJobResult><Job><JobId>j1</JobId>`+descriptor+`</Job></DescribeJobResult>`)
}

const jobManifest = `<Manifest><Location><ObjectArn>arn:aws:s3:::lists/manifest.csv</ObjectArn><ETag>e</ETag></Location></Manifest>`

func TestS3ControlJobs(t *testing.T) {
	const id = "arn:aws:s3:us-east-1:111111111111:job/j1"
	target := residency.Placement{Role: residency.Replica, Region: "us-east-1", Target: "arn:aws:s3:::copy", Via: "batch copy job"}
	manifest := residency.Source{ID: "arn:aws:s3:::lists", Role: residency.Replica, Via: "manifest of the batch job"}
	for _, test := range []struct {
		name, descriptor string
		places           []residency.Placement
		sources          []residency.Source
	}{
		{"copy", `<Status>Complete</Status><Operation><S3PutObjectCopy><TargetResource>arn:aws:s3:::copy</TargetResource></S3PutObjectCopy></Operation>` + jobManifest,
			[]residency.Placement{target}, []residency.Source{manifest}},
		{"copy_with_key_and_report", `<Status>Active</Status><Operation><S3PutObjectCopy><TargetResource>arn:aws:s3:::copy</TargetResource><SSEAwsKmsKeyId>arn:aws:kms:us-east-1:111111111111:key/k</SSEAwsKmsKeyId></S3PutObjectCopy></Operation><Report><Enabled>true</Enabled><Bucket>arn:aws:s3:::reports</Bucket></Report>` + jobManifest,
			[]residency.Placement{target,
				{Role: residency.Key, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:kms:us-east-1:111111111111:key/k", Via: "SSEAwsKmsKeyId of the batch copy job"},
				{Role: residency.Metadata, Region: "eu-west-1", Target: "arn:aws:s3:::reports", Via: "completion report of the batch job"}},
			[]residency.Source{manifest}},
		{"copied_nothing", `<Status>Cancelled</Status><Operation><S3PutObjectCopy><TargetResource>arn:aws:s3:::copy</TargetResource></S3PutObjectCopy></Operation><Report><Enabled>false</Enabled><Bucket>arn:aws:s3:::reports</Bucket></Report>`,
			[]residency.Placement{{Role: residency.Capability, Region: "us-east-1", Target: "arn:aws:s3:::copy", Via: "batch copy job (copied nothing)"}}, nil},
		{"failed_half_way", `<Status>Failed</Status><ProgressSummary><NumberOfTasksSucceeded>3</NumberOfTasksSucceeded></ProgressSummary><Operation><S3PutObjectCopy><TargetResource>arn:aws:s3:::copy</TargetResource></S3PutObjectCopy></Operation>`,
			[]residency.Placement{target}, nil},
		{"replicate", `<Status>Complete</Status><Operation><S3ReplicateObject/></Operation><ManifestGenerator><S3JobManifestGenerator><SourceBucket>arn:aws:s3:::acme</SourceBucket><ManifestOutputLocation><Bucket>arn:aws:s3:::reports</Bucket></ManifestOutputLocation></S3JobManifestGenerator></ManifestGenerator>`,
			[]residency.Placement{{Role: residency.Capability, Region: "us-east-1", Via: "batch replication by the bucket's own rules"},
				{Role: residency.Metadata, Region: "eu-west-1", Target: "arn:aws:s3:::reports", Via: "generated manifest of the batch job"}},
			[]residency.Source{{ID: acme, Role: residency.Replica, Via: "source bucket of the batch job"}}},
		{"function", `<Status>Complete</Status><Operation><LambdaInvoke><FunctionArn>arn:aws:lambda:us-east-1:111111111111:function:f</FunctionArn></LambdaInvoke></Operation>`,
			[]residency.Placement{{Role: residency.Capability, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:lambda:us-east-1:111111111111:function:f", Via: "batch job invokes a function"}}, nil},
		{"tagging_only", `<Status>Complete</Status><Operation><S3DeleteObjectTagging/></Operation>`, []residency.Placement{}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := copyJob(controlEstate("eu-west-1", "us-east-1"), "us-east-1", test.descriptor)
			f := scan(t, "s3control", a.bucketIn("copy", "us-east-1").bucketIn("reports", "eu-west-1"))
			f.noGaps(t)
			r := f.resource(t, id)
			if diff := cmp.Diff(test.places, r.Placements); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.sources, r.Sources); diff != "" {
				t.Error(diff)
			}
			if r.Tags["k"] != "v" || r.Region != "us-east-1" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestS3ControlAccessPoints(t *testing.T) {
	const id = "arn:aws:s3:eu-west-1:111111111111:accesspoint/door"
	estate := func() aws {
		a := controlEstate("eu-west-1")
		a.replaceControl("eu-west-1", "ListAccessPoints", `<None/>`)
		delete(a, "111111111111/eu-west-1/s3control/ListAccessPoints")
		a.on("eu-west-1", "s3control", "ListAccessPoints", `{"AccountId":"111111111111","DataSourceType":"ALL","MaxResults":0}`, `<ListAccessPointsResult><AccessPointList/><NextToken>t</NextToken></ListAccessPointsResult>`)
		a.on("eu-west-1", "s3control", "ListAccessPoints", `{"AccountId":"111111111111","DataSourceType":"ALL","MaxResults":0,"NextToken":"t"}`,
			`<ListAccessPointsResult><AccessPointList><AccessPoint><Name>door</Name><NetworkOrigin>Internet</NetworkOrigin><Bucket>theirs</Bucket><BucketAccountId>999999999999</BucketAccountId><AccessPointArn>`+id+`</AccessPointArn></AccessPoint></AccessPointList></ListAccessPointsResult>`)
		return a.bucketIn("theirs", "eu-west-1")
	}
	policy := func(a aws, text string, public string) aws {
		a.replaceControl("any", "GetAccessPointPolicy", `<GetAccessPointPolicyResult><Policy>`+strings.ReplaceAll(text, `"`, "&quot;")+`</Policy></GetAccessPointPolicyResult>`)
		return a.replaceControl("any", "GetAccessPointPolicyStatus", `<GetAccessPointPolicyStatusResult><PolicyStatus><IsPublic>`+public+`</IsPublic></PolicyStatus></GetAccessPointPolicyStatusResult>`)
	}
	door := residency.Placement{Role: residency.Capability, Region: "eu-west-1", Account: "999999999999", Target: "arn:aws:s3:::theirs", Via: "access point"}
	share := func(account, sid string) residency.Placement {
		return residency.Placement{Role: residency.Capability, Region: "eu-west-1", Account: account, Via: "policy statement " + sid}
	}
	for _, test := range []struct {
		name    string
		answers aws
		want    []residency.Placement
	}{
		{"no_policy", estate(), []residency.Placement{door}},
		{"vendor", policy(estate(), vendorReads, "false"), []residency.Placement{door, share("999999999999", "vendor")}},
		{"public", policy(estate(), everybodyReads, "true"), []residency.Placement{door, share("*", "all")}},
		{"not_public_by_aws", policy(estate(), everybodyReads, "false"), []residency.Placement{door}},
		{"restricted", policy(estate(), everybodyReads, "true").replaceControl("any", "GetAccessPoint", `<GetAccessPointResult>`+restricts+`</GetAccessPointResult>`), []residency.Placement{door}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := scan(t, "s3control", test.answers)
			f.noGaps(t)
			if diff := cmp.Diff(test.want, f.resource(t, id).Placements); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An access point is one resource in the region of its ARN, whichever region lists it besides.
func TestS3ControlAccessPointListedTwice(t *testing.T) {
	const id = "arn:aws:s3:us-east-1:111111111111:accesspoint/door"
	list := `<ListAccessPointsResult><AccessPointList><AccessPoint><Name>door</Name><NetworkOrigin>Internet</NetworkOrigin><Bucket>files</Bucket><BucketAccountId>111111111111</BucketAccountId><AccessPointArn>` + id + `</AccessPointArn></AccessPoint></AccessPointList></ListAccessPointsResult>`
	a := controlEstate("us-east-1", "eu-west-1")
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		a.replaceControl(region, "ListAccessPoints", list)
	}
	f := scan(t, "s3control", a.bucketIn("files", "us-east-1"))
	f.noGaps(t)
	if len(f.resources) == 0 {
		t.Fatal("no access point")
	}
	for _, r := range f.resources {
		if r.ID != id || r.Region != "us-east-1" {
			t.Errorf("%s in %s", r.ID, r.Region)
		}
	}
}

// The metrics of every region come together at home; the dashboard is one resource, whoever else lists it.
func TestS3ControlStorageLens(t *testing.T) {
	a := lensEstate("us-east-1", `<IsEnabled>true</IsEnabled><DataExport><S3BucketDestination><Arn>arn:aws:s3:::metrics</Arn><AccountId>111111111111</AccountId><Encryption><SSE-KMS><KeyId>arn:aws:kms:us-east-1:111111111111:key/k</KeyId></SSE-KMS></Encryption></S3BucketDestination><StorageLensTableDestination><IsEnabled>true</IsEnabled></StorageLensTableDestination></DataExport>`)
	a.on("eu-west-1", "s3control", "ListStorageLensConfigurations", "", lensList("us-east-1"))
	f := scan(t, "s3control", a.bucketIn("metrics", "us-east-1"))
	f.noGaps(t)
	if len(f.resources) != 1 {
		t.Fatalf("resources: %v", f.ids())
	}
	want := []residency.Placement{{Role: residency.Metadata, Region: "us-east-1", Via: "home region of the metrics"},
		{Role: residency.Metadata, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:s3:::metrics", Via: "metrics export"},
		{Role: residency.Key, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:kms:us-east-1:111111111111:key/k", Via: "KeyId of the metrics export"},
		{Role: residency.Metadata, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:s3tables:us-east-1:111111111111:bucket/aws-s3", Via: "metrics export to tables"}}
	if diff := cmp.Diff(want, f.resources[0].Placements); diff != "" {
		t.Error(diff)
	}
	if f.resources[0].Tags["k"] != "v" {
		t.Errorf("tags %v", f.resources[0].Tags)
	}
	off := scan(t, "s3control", lensEstate("us-east-1", `<IsEnabled>false</IsEnabled>`))
	for _, p := range off.resource(t, lensARN).Placements {
		if p.Role != residency.Capability {
			t.Errorf("disabled: %+v", p)
		}
	}
}

// Where the list tells no home region, the ARN does: an endpoint that stands for AWS lists the dashboard in every region.
func TestS3ControlStorageLensWithoutHome(t *testing.T) {
	a := lensEstate("us-east-1", `<IsEnabled>true</IsEnabled>`)
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		a.replaceControl(region, "ListStorageLensConfigurations", lensList(""))
	}
	f := scan(t, "s3control", a)
	f.noGaps(t)
	if len(f.resources) != 1 || f.resources[0].Region != "us-east-1" {
		t.Errorf("resources: %+v", f.resources)
	}
}

// TestS3ControlStorageLensOfAnotherRegion: its home is not examined, and whoever lists it says where the metrics are.
func TestS3ControlStorageLensOfAnotherRegion(t *testing.T) {
	a := lensEstate("eu-west-1", `<IsEnabled>true</IsEnabled>`)
	a.replaceControl("eu-west-1", "ListStorageLensConfigurations", lensList("sa-east-1"))
	a.replaceControl("us-east-1", "ListStorageLensConfigurations", lensList("sa-east-1"))
	a.fail("us-east-1", "s3control", "GetStorageLensConfiguration", "", 404, controlError("NoSuchConfiguration"))
	f := scan(t, "s3control", a)
	want := []residency.Placement{{Role: residency.Metadata, Region: "sa-east-1", Via: "home region of the metrics"}}
	if len(f.resources) != 1 || f.resources[0].Region != "sa-east-1" {
		t.Fatalf("resources: %+v", f.resources)
	}
	if diff := cmp.Diff(want, f.resources[0].Placements); diff != "" {
		t.Error(diff)
	}
}

const lensARN = "arn:aws:s3:us-east-1:111111111111:storage-lens/lens"

func lensList(home string) string {
	return `<ListStorageLensConfigurationResult><StorageLensConfiguration><Id>lens</Id><HomeRegion>` + home + `</HomeRegion><StorageLensArn>` + lensARN + `</StorageLensArn><IsEnabled>true</IsEnabled></StorageLensConfiguration></ListStorageLensConfigurationResult>`
}

// lensEstate has one storage lens, on the second page.
func lensEstate(home, configuration string) aws {
	a := controlEstate("eu-west-1", "us-east-1")
	a.on(home, "s3control", "ListStorageLensConfigurations", `{"AccountId":"111111111111"}`, `<ListStorageLensConfigurationResult><NextToken>t</NextToken></ListStorageLensConfigurationResult>`)
	a.on(home, "s3control", "ListStorageLensConfigurations", `{"AccountId":"111111111111","NextToken":"t"}`, lensList(home))
	return a.on(home, "s3control", "GetStorageLensConfiguration", `{"AccountId":"111111111111","ConfigId":"lens"}`, `<StorageLensConfiguration><Id>lens</Id>`+configuration+`</StorageLensConfiguration>`)
}

const mrapARN = "arn:aws:s3::111111111111:accesspoint/mokkwp4hcdned.mrap"

// mrapEstate has the access point that AWS reported to cloud-custodian, in the regions given; routes by hand.
func mrapEstate(t *testing.T, first, second, routes string) aws {
	t.Helper()
	_, body := recordedS3(t, "test_s3_multi_region_access_point/s3-control.ListMultiRegionAccessPoints_1.json", "ListMultiRegionAccessPointsResult",
		map[string]string{"AccessPoints": "AccessPoint", "Regions": "Region"})
	body = strings.NewReplacer("644160558196", ownAccount, "<Region>us-east-1</Region>", "<Region>"+first+"</Region>", "<Region>us-east-2</Region>", "<Region>"+second+"</Region>").Replace(body)
	a := controlEstate("eu-west-1")
	a.replaceControl("us-west-2", "ListMultiRegionAccessPoints", body)
	return a.on("us-west-2", "s3control", "GetMultiRegionAccessPointRoutes", "", `<GetMultiRegionAccessPointRoutesResult><Routes>`+routes+`</Routes></GetMultiRegionAccessPointRoutesResult>`)
}

func TestS3ControlMultiRegion(t *testing.T) {
	f := scan(t, "s3control", mrapEstate(t, "us-east-1", "us-east-2", `<Route><Region>us-east-1</Region><TrafficDialPercentage>100</TrafficDialPercentage></Route><Route><Region>us-east-2</Region><TrafficDialPercentage>0</TrafficDialPercentage></Route>`))
	f.noGaps(t)
	r := f.resource(t, mrapARN)
	want := []residency.Placement{
		{Role: residency.Transit, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:s3:::c1-replication", Via: "multi-region access point"},
		{Role: residency.Capability, Region: "us-east-2", Account: ownAccount, Target: "arn:aws:s3:::c7n-ssm-build", Via: "multi-region access point (passive route)"}}
	if diff := cmp.Diff(want, r.Placements); diff != "" {
		t.Error(diff)
	}
	if r.Region != "" || r.Tags == nil || len(r.Sources) != 2 {
		t.Errorf("%+v", r)
	}
}

// A list that fails is one gap; the others go on.
func TestS3ControlListsAreIndependent(t *testing.T) {
	a := copyJob(controlEstate("us-east-1"), "us-east-1", `<Status>Complete</Status>`)
	for _, operation := range []string{"ListAccessPoints", "ListStorageLensConfigurations"} {
		delete(a, "111111111111/any/s3control/"+operation)
		a.fail("any", "s3control", operation, "", 403, controlError("AccessDenied"))
	}
	delete(a, "111111111111/us-west-2/s3control/ListMultiRegionAccessPoints")
	a.fail("any", "s3control", "ListMultiRegionAccessPoints", "", 403, controlError("AccessDenied"))
	f := scan(t, "s3control", a)
	if got := f.gaps(); !slices.Equal(got, []string{"ListAccessPoints denied", "ListMultiRegionAccessPoints denied", "ListStorageLensConfigurations denied"}) {
		t.Error(got)
	}
	f.resource(t, "arn:aws:s3:us-east-1:111111111111:job/j1")
}
