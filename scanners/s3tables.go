package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/s3tables/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// S3 Tables: table buckets, their tables, and the managed replicas of both. AWS blocks public access to them always.
var _ = register(Scanner{
	Service: "s3tables", Version: 1, Scope: Regional, Kinds: []string{"s3tables.table_bucket", "s3tables.table"},
	Calls: []Call{
		{Operation: "ListTableBuckets", IAM: "s3tables:ListTableBuckets", Facts: allFacts},
		{Operation: "GetTableBucketReplication", IAM: "s3tables:GetTableBucketReplication", Facts: placements(residency.Replica), None: tablesNone},
		{Operation: "GetTableBucketPolicy", IAM: "s3tables:GetTableBucketPolicy", Facts: shareFacts, None: tablesNone},
		{Operation: "GetTableBucketEncryption", IAM: "s3tables:GetTableBucketEncryption", Facts: placements(residency.Key), None: tablesNone},
		{Operation: "ListTables", IAM: "s3tables:ListTables", Facts: allFacts},
		{Operation: "GetTable", IAM: "s3tables:GetTable", Facts: []residency.Fact{residency.FactSources}},
		{Operation: "GetTableReplication", IAM: "s3tables:GetTableReplication", Facts: placements(residency.Replica), None: tablesNone},
		{Operation: "GetTableReplicationStatus", IAM: "s3tables:GetTableReplicationStatus", Facts: placements(residency.Replica, residency.Capability),
			None: tablesNone},
		{Operation: "GetTablePolicy", IAM: "s3tables:GetTablePolicy", Facts: shareFacts, None: tablesNone},
		{Operation: "ListTagsForResource", IAM: "s3tables:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanS3Tables,
})

// tablesNone is how S3 Tables and S3 Vectors say that a thing has no such setting.
var tablesNone = []Answer{{Code: "NotFoundException"}}

// tableScan is one run over a region's table buckets.
type tableScan struct {
	t      *Target
	out    *Sink
	client *s3tables.Client
}

func scanS3Tables(ctx context.Context, t *Target, out *Sink) error {
	s := &tableScan{t, out, s3tables.NewFromConfig(t.Config())}
	for pages := s3tables.NewListTableBucketsPaginator(s.client, &s3tables.ListTableBucketsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, t, page.TableBuckets, func(ctx context.Context, b types.TableBucketSummary) error {
			out.Add(s.bucket(ctx, b))
			if err := s.tables(ctx, b.Arn); err != nil {
				out.Gap(aws.ToString(b.Arn), "ListTables", err)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// unanswered reports whether there is nothing to read: the answer is "none", or there is a gap.
func (s *tableScan) unanswered(id, operation string, err error) bool {
	if err != nil && !s.out.None(operation, err) {
		s.out.Gap(id, operation, err)
	}
	return err != nil
}

func (s *tableScan) tags(ctx context.Context, id *string) map[string]string {
	got, err := s.client.ListTagsForResource(ctx, &s3tables.ListTagsForResourceInput{ResourceArn: id})
	switch {
	case err != nil:
		s.out.Gap(*id, "ListTagsForResource", err)
		return nil
	case got.Tags == nil:
		return map[string]string{}
	}
	return got.Tags
}

func (s *tableScan) bucket(ctx context.Context, b types.TableBucketSummary) residency.Resource {
	r := residency.Resource{ID: aws.ToString(b.Arn), Kind: "s3tables.table_bucket", Region: s.t.Region, Name: aws.ToString(b.Name),
		Placements: []residency.Placement{{Role: residency.Primary, Region: s.t.Region}}}
	r.Tags = s.tags(ctx, b.Arn)
	replication, err := s.client.GetTableBucketReplication(ctx, &s3tables.GetTableBucketReplicationInput{TableBucketARN: b.Arn})
	if !s.unanswered(r.ID, "GetTableBucketReplication", err) && replication.Configuration != nil {
		for _, rule := range replication.Configuration.Rules {
			r.Placements = append(r.Placements, placeTables(s.t.Home(), rule.Destinations, "replication of the table bucket")...)
		}
	}
	encryption, err := s.client.GetTableBucketEncryption(ctx, &s3tables.GetTableBucketEncryptionInput{TableBucketARN: b.Arn})
	if !s.unanswered(r.ID, "GetTableBucketEncryption", err) && encryption.EncryptionConfiguration != nil {
		r.Placements = append(r.Placements, placeCopyKey(s.t.Home(), encryption.EncryptionConfiguration.KmsKeyArn, "KmsKeyArn")...)
	}
	policy, err := s.client.GetTableBucketPolicy(ctx, &s3tables.GetTableBucketPolicyInput{TableBucketARN: b.Arn})
	if !s.unanswered(r.ID, "GetTableBucketPolicy", err) {
		r.Placements = append(r.Placements,
			neverPublic(s.out.Shares(s.t, r, "GetTableBucketPolicy", aws.ToString(policy.ResourcePolicy), residency.Primary))...)
	}
	return r
}

func placeTables(home Home, to []types.ReplicationDestination, via string) []residency.Placement {
	var out []residency.Placement
	for _, d := range to {
		out = append(out, home.Resolve(aws.ToString(d.DestinationTableBucketARN)).Place(residency.Replica, via))
	}
	return out
}

func (s *tableScan) tables(ctx context.Context, bucket *string) error {
	for pages := s3tables.NewListTablesPaginator(s.client, &s3tables.ListTablesInput{TableBucketARN: bucket}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, s.t, page.Tables, func(ctx context.Context, t types.TableSummary) error {
			s.out.Add(s.table(ctx, t))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
