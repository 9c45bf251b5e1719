package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types; the one that says "not enabled" has AWS's own words.

const resultsID = "arn:aws:macie2:eu-west-1:111111111111:classification-export-configuration"

func macieExport(destination string) aws {
	return account("eu-west-1").on("eu-west-1", "macie2", "GetClassificationExportConfiguration", "", `{"configuration":{`+destination+`}}`)
}

func TestMacieExport(t *testing.T) {
	f := scan(t, "macie2", headBucketIn(macieExport(`"s3Destination":{"bucketName":"results","keyPrefix":"p","kmsKeyArn":"arn:aws:kms:eu-west-1:111111111111:key/k","expectedBucketOwner":"999999999999"}`), "us-east-1"))
	f.noGaps(t)
	want := residency.Resource{ID: resultsID, Kind: "macie2.classification_export", Account: ownAccount, Region: "eu-west-1", Tags: map[string]string{},
		Placements: []residency.Placement{{Role: residency.Log, Region: "us-east-1", Account: "999999999999", Target: "arn:aws:s3:::results", Via: "s3Destination"},
			{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "s3Destination kmsKeyArn"}}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

func TestMacieAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		a    aws
		gaps []string
	}{
		{"no destination", macieExport(""), nil},
		{"off", account("eu-west-1").fail("eu-west-1", "macie2", "GetClassificationExportConfiguration", "", 403, `{"code":"AccessDeniedException","message":"Macie is not enabled"}`), nil},
		{"denied", account("eu-west-1").fail("eu-west-1", "macie2", "GetClassificationExportConfiguration", "", 403, denied), []string{"GetClassificationExportConfiguration denied"}},
	} {
		f := scan(t, "macie2", c.a)
		if !slices.Equal(f.gaps(), c.gaps) || len(f.resources) != 0 {
			t.Errorf("%s: %v %v", c.name, f.gaps(), f.ids())
		}
	}
}
