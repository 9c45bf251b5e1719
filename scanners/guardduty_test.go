package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types.

const exportID = "arn:aws:guardduty:eu-west-1:111111111111:detector/d1/publishingDestination/p1"

// findingsExport is an account whose detector exports to a bucket; each list has a second page.
func findingsExport(status, bucket string) aws {
	a := account("eu-west-1").on("eu-west-1", "guardduty", "ListDetectors", "{}", `{"detectorIds":[],"nextToken":"t"}`)
	a.on("eu-west-1", "guardduty", "ListDetectors", `{"NextToken":"t"}`, `{"detectorIds":["d1"]}`)
	a.on("eu-west-1", "guardduty", "ListPublishingDestinations", `{"DetectorId":"d1"}`, `{"destinations":[],"nextToken":"t"}`)
	a.on("eu-west-1", "guardduty", "ListPublishingDestinations", `{"DetectorId":"d1","NextToken":"t"}`, `{"destinations":[{"destinationId":"p1","destinationType":"S3","status":"`+status+`"}]}`)
	return a.on("eu-west-1", "guardduty", "DescribePublishingDestination", `{"DetectorId":"d1","DestinationId":"p1"}`, `{"destinationId":"p1","destinationType":"S3","status":"`+status+
		`","destinationProperties":{"destinationArn":"arn:aws:s3:::`+bucket+`/prefix","kmsKeyArn":"arn:aws:kms:eu-west-1:111111111111:key/k"},"tags":{"a":"b"}}`)
}

func TestGuardDutyExport(t *testing.T) {
	for status, via := range map[string]string{"PUBLISHING": "DestinationArn", "STOPPED": "DestinationArn (stopped)"} {
		f := scan(t, "guardduty", headBucketIn(findingsExport(status, "findings"), "us-east-1"))
		f.noGaps(t)
		want := residency.Resource{ID: exportID, Kind: "guardduty.publishing_destination", Account: ownAccount, Region: "eu-west-1", Name: "p1", Tags: map[string]string{"a": "b"},
			Placements: []residency.Placement{{Role: residency.Metadata, Region: "us-east-1", Target: "arn:aws:s3:::findings", Via: via},
				{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "KmsKeyArn"}}}
		if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
			t.Error(diff)
		}
	}
}

func TestGuardDutyOff(t *testing.T) {
	f := scan(t, "guardduty", account("eu-west-1").on("eu-west-1", "guardduty", "ListDetectors", "", `{"detectorIds":[]}`))
	f.noGaps(t)
	if len(f.resources) != 0 {
		t.Error(f.ids())
	}
}

func TestGuardDutyDenied(t *testing.T) {
	for operation, want := range map[string]string{"ListDetectors": "ListDetectors denied", "ListPublishingDestinations": "ListPublishingDestinations denied",
		"DescribePublishingDestination": "DescribePublishingDestination denied " + exportID} {
		a := findingsExport("PUBLISHING", "findings")
		a["111111111111/eu-west-1/guardduty/"+operation] = nil
		f := scan(t, "guardduty", a.fail("eu-west-1", "guardduty", operation, "", 403, denied))
		if !slices.Equal(f.gaps(), []string{want}) {
			t.Errorf("%s: %v", operation, f.gaps())
		}
		if operation == "DescribePublishingDestination" {
			if r := f.resource(t, exportID); r.Placements != nil || r.Tags != nil {
				t.Errorf("%+v: nothing was read", r)
			}
		}
	}
}
