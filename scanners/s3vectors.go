package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3vectors"
	"github.com/aws/aws-sdk-go-v2/service/s3vectors/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// S3 Vectors: embeddings of customer text are customer data. AWS blocks public access to them always.
var _ = register(Scanner{
	Service: "s3vectors", Version: 1, Scope: Regional, Kinds: []string{"s3vectors.vector_bucket", "s3vectors.index"},
	Calls: []Call{
		{Operation: "ListVectorBuckets", IAM: "s3vectors:ListVectorBuckets", Facts: allFacts},
		{Operation: "GetVectorBucket", IAM: "s3vectors:GetVectorBucket", Facts: placements(residency.Key)},
		{Operation: "GetVectorBucketPolicy", IAM: "s3vectors:GetVectorBucketPolicy", Facts: shareFacts, None: tablesNone},
		{Operation: "ListIndexes", IAM: "s3vectors:ListIndexes", Facts: allFacts},
		{Operation: "GetIndex", IAM: "s3vectors:GetIndex", Facts: placements(residency.Key)},
		{Operation: "ListTagsForResource", IAM: "s3vectors:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanS3Vectors,
})

// vectorScan is one run over a region's vector buckets.
type vectorScan struct {
	t      *Target
	out    *Sink
	client *s3vectors.Client
}

func scanS3Vectors(ctx context.Context, t *Target, out *Sink) error {
	s := &vectorScan{t, out, s3vectors.NewFromConfig(t.Config())}
	for pages := s3vectors.NewListVectorBucketsPaginator(s.client, &s3vectors.ListVectorBucketsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, t, page.VectorBuckets, func(ctx context.Context, b types.VectorBucketSummary) error {
			out.Add(s.bucket(ctx, b))
			if err := s.indexes(ctx, b.VectorBucketArn); err != nil {
				out.Gap(aws.ToString(b.VectorBucketArn), "ListIndexes", err)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// store is what buckets and indexes have in common: a place and tags.
func (s *vectorScan) store(ctx context.Context, kind string, arn, name *string) residency.Resource {
	_, _, region, _, _, _ := ParseARN(aws.ToString(arn)) // and not the region that was asked: an endpoint may list those of all
	region = orDefault(region, s.t.Region)
	r := residency.Resource{ID: aws.ToString(arn), Kind: kind, Region: region, Name: aws.ToString(name),
		Placements: []residency.Placement{{Role: residency.Primary, Region: region}}}
	got, err := s.client.ListTagsForResource(ctx, &s3vectors.ListTagsForResourceInput{ResourceArn: arn})
	switch {
	case err != nil:
		s.out.Gap(r.ID, "ListTagsForResource", err)
	case got.Tags == nil:
		r.Tags = map[string]string{}
	default:
		r.Tags = got.Tags
	}
	return r
}

func (s *vectorScan) bucket(ctx context.Context, b types.VectorBucketSummary) residency.Resource {
	r := s.store(ctx, "s3vectors.vector_bucket", b.VectorBucketArn, b.VectorBucketName)
	got, err := s.client.GetVectorBucket(ctx, &s3vectors.GetVectorBucketInput{VectorBucketArn: b.VectorBucketArn})
	switch {
	case err != nil:
		s.out.Gap(r.ID, "GetVectorBucket", err)
	case got.VectorBucket != nil:
		r.Placements = append(r.Placements, placeVectorKey(s.t.Home(), got.VectorBucket.EncryptionConfiguration)...)
	}
	policy, err := s.client.GetVectorBucketPolicy(ctx, &s3vectors.GetVectorBucketPolicyInput{VectorBucketArn: b.VectorBucketArn})
	switch {
	case s.out.None("GetVectorBucketPolicy", err):
	case err != nil:
		s.out.Gap(r.ID, "GetVectorBucketPolicy", err)
	default:
		r.Placements = append(r.Placements, neverPublic(s.out.Shares(s.t, r, "GetVectorBucketPolicy", aws.ToString(policy.Policy), residency.Primary))...)
	}
	return r
}

func (s *vectorScan) indexes(ctx context.Context, bucket *string) error {
	for pages := s3vectors.NewListIndexesPaginator(s.client, &s3vectors.ListIndexesInput{VectorBucketArn: bucket}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, s.t, page.Indexes, func(ctx context.Context, i types.IndexSummary) error {
			r := s.store(ctx, "s3vectors.index", i.IndexArn, i.IndexName)
			got, err := s.client.GetIndex(ctx, &s3vectors.GetIndexInput{IndexArn: i.IndexArn})
			switch {
			case err != nil:
				s.out.Gap(r.ID, "GetIndex", err)
			case got.Index != nil:
				r.Placements = append(r.Placements, placeVectorKey(s.t.Home(), got.Index.EncryptionConfiguration)...)
			}
			s.out.Add(r)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func placeVectorKey(home Home, e *types.EncryptionConfiguration) []residency.Placement {
	if e == nil {
		return nil
	}
	return placeCopyKey(home, e.KmsKeyArn, "KmsKeyArn")
}
