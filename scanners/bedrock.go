package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrock/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Bedrock: where prompts and completions are logged, and into which regions inference profiles send them.
var _ = register(Scanner{
	Service: "bedrock", Version: 1, Scope: Regional, Rate: 10,
	Kinds: []string{"bedrock.model_invocation_logging", "bedrock.inference_profile"},
	Calls: []Call{
		{Operation: "GetModelInvocationLoggingConfiguration", IAM: "bedrock:GetModelInvocationLoggingConfiguration", Facts: allFacts},
		{Operation: "ListInferenceProfiles", IAM: "bedrock:ListInferenceProfiles", Facts: allFacts},
		{Operation: "ListTagsForResource", IAM: "bedrock:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanBedrock,
})

func scanBedrock(ctx context.Context, t *Target, out *Sink) error {
	client := bedrock.NewFromConfig(t.Config())
	got, err := client.GetModelInvocationLoggingConfiguration(ctx, &bedrock.GetModelInvocationLoggingConfigurationInput{})
	switch {
	case err != nil:
		out.Gap("", "GetModelInvocationLoggingConfiguration", err)
	case got.LoggingConfig != nil && (got.LoggingConfig.S3Config != nil || got.LoggingConfig.CloudWatchConfig != nil): // else it is off
		// One for each account and region: AWS gives it no name and no tags.
		out.Add(residency.Resource{ID: t.ARN("bedrock", "model-invocation-logging-configuration"), Kind: "bedrock.model_invocation_logging", Region: t.Region,
			Tags: map[string]string{}, Placements: placeInvocations(t.Home(), *got.LoggingConfig)})
	}
	for _, kind := range profileTypes {
		follow(ctx, t, out, "ListInferenceProfiles", func(token *string) ([]types.InferenceProfileSummary, *string, error) {
			return pageOfProfiles(ctx, client, kind, token)
		}, func(ctx context.Context, p types.InferenceProfileSummary) {
			out.Add(inferenceProfile(ctx, client, t, out, p))
		})
	}
	return nil
}

// placeInvocations: whole conversations, unless every kind of content is expressly left out; then who asked which model, and when.
func placeInvocations(h Home, c types.LoggingConfig) []residency.Placement {
	role := residency.Metadata
	for _, delivered := range []*bool{c.TextDataDeliveryEnabled, c.ImageDataDeliveryEnabled, c.EmbeddingDataDeliveryEnabled, c.VideoDataDeliveryEnabled, c.AudioDataDeliveryEnabled} {
		if delivered == nil || *delivered {
			role = residency.Log
		}
	}
	found := []residency.Placement{}
	if to := c.S3Config; to != nil {
		found = append(found, exported(h, aws.ToString(to.BucketName), "", role, "s3Config"))
	}
	if to := c.CloudWatchConfig; to != nil {
		found = append(found, h.Local("logs", "log-group:"+aws.ToString(to.LogGroupName)).Place(role, "cloudWatchConfig"))
		if large := to.LargeDataDeliveryS3Config; large != nil {
			found = append(found, exported(h, aws.ToString(large.BucketName), "", role, "largeDataDeliveryS3Config"))
		}
	}
	return found
}
