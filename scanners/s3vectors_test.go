package scanners_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func vectorARN(region string) string {
	return "arn:aws:s3vectors:" + region + ":111111111111:bucket/memories"
}

// vectorEstate has one vector bucket with one index, each on a second page. Answers by hand, from the SDK's own types.
func vectorEstate(region string) aws {
	arn := vectorARN(region)
	a := account("eu-west-1", "us-east-1")
	a.on("any", "s3vectors", "ListVectorBuckets", "", `{"vectorBuckets":[]}`)
	a.on(region, "s3vectors", "ListVectorBuckets", "{}", `{"vectorBuckets":[],"nextToken":"t"}`)
	a.on(region, "s3vectors", "ListVectorBuckets", `{"NextToken":"t"}`, `{"vectorBuckets":[{"vectorBucketArn":"`+arn+`","vectorBucketName":"memories"}]}`)
	a.on(region, "s3vectors", "GetVectorBucket", `{"VectorBucketArn":"`+arn+`"}`, `{"vectorBucket":{"vectorBucketArn":"`+arn+`","encryptionConfiguration":{"sseType":"aws:kms","kmsKeyArn":"arn:aws:kms:`+region+`:111111111111:key/k"}}}`)
	a.fail(region, "s3vectors", "GetVectorBucketPolicy", "", 404, `{"__type":"NotFoundException","message":"not found"}`)
	a.on(region, "s3vectors", "ListIndexes", `{"VectorBucketArn":"`+arn+`"}`, `{"indexes":[],"nextToken":"t"}`)
	a.on(region, "s3vectors", "ListIndexes", `{"VectorBucketArn":"`+arn+`","NextToken":"t"}`, `{"indexes":[{"indexArn":"`+arn+`/index/i","indexName":"i","vectorBucketName":"memories"}]}`)
	a.on(region, "s3vectors", "GetIndex", `{"IndexArn":"`+arn+`/index/i"}`, `{"index":{"indexArn":"`+arn+`/index/i"}}`)
	return a.on(region, "s3vectors", "ListTagsForResource", "", `{"tags":{"k":"v"}}`)
}

func TestS3Vectors(t *testing.T) {
	arn := vectorARN("eu-west-1")
	a := vectorEstate("eu-west-1")
	delete(a, "111111111111/eu-west-1/s3vectors/GetVectorBucketPolicy")
	a.on("eu-west-1", "s3vectors", "GetVectorBucketPolicy", "", `{"policy":"{\"Statement\":[{\"Sid\":\"v\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"999999999999\"},\"Action\":\"s3vectors:QueryVectors\"}]}"}`)
	f := scan(t, "s3vectors", a)
	f.noGaps(t)
	home := residency.Placement{Role: residency.Primary, Region: "eu-west-1"}
	want := []residency.Resource{
		{ID: arn, Kind: "s3vectors.vector_bucket", Account: ownAccount, Region: "eu-west-1", Name: "memories", Tags: map[string]string{"k": "v"}, Placements: []residency.Placement{
			home, {Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "KmsKeyArn"},
			{Role: residency.Primary, Region: "eu-west-1", Account: "999999999999", Via: "policy statement v"}}},
		{ID: arn + "/index/i", Kind: "s3vectors.index", Account: ownAccount, Region: "eu-west-1", Name: "i", Tags: map[string]string{"k": "v"}, Placements: []residency.Placement{home}},
	}
	if diff := cmp.Diff(want, f.resources); diff != "" {
		t.Error(diff)
	}
	scan(t, "s3vectors", vectorEstate("us-east-1")).noGaps(t)
}
