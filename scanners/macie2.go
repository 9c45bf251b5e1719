package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/macie2"
	"github.com/aws/aws-sdk-go-v2/service/macie2/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Macie: where the results of classification are written: the paths of objects and where in them sensitive data was found.
var _ = register(Scanner{
	Service: "macie2", Version: 1, Scope: Regional, Kinds: []string{"macie2.classification_export"},
	Calls: []Call{
		{Operation: "GetClassificationExportConfiguration", IAM: "macie2:GetClassificationExportConfiguration", Facts: allFacts,
			None: []Answer{{Code: "AccessDeniedException", Message: "Macie is not enabled"}}},
	},
	Scan: scanMacie,
})

func scanMacie(ctx context.Context, t *Target, out *Sink) error {
	got, err := macie2.NewFromConfig(t.Config()).GetClassificationExportConfiguration(ctx, &macie2.GetClassificationExportConfigurationInput{})
	switch {
	case out.None("GetClassificationExportConfiguration", err):
		return nil
	case err != nil:
		return err
	case got.Configuration == nil || got.Configuration.S3Destination == nil:
		return nil
	}
	// One for each account and region: AWS gives it no name and no tags.
	out.Add(residency.Resource{ID: t.ARN("macie2", "classification-export-configuration"), Kind: "macie2.classification_export", Region: t.Region,
		Tags: map[string]string{}, Placements: placeClassification(t.Home(), *got.Configuration.S3Destination)})
	return nil
}

func placeClassification(h Home, d types.S3Destination) []residency.Placement {
	found := []residency.Placement{exported(h, aws.ToString(d.BucketName), aws.ToString(d.ExpectedBucketOwner), residency.Log, "s3Destination")}
	if key := aws.ToString(d.KmsKeyArn); key != "" {
		found = append(found, h.Key(key).Place(residency.Key, "s3Destination kmsKeyArn"))
	}
	return found
}
