package scanners

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/s3tables/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// table asks everything about one table: the replicas it has, and, if a service manages it, the table it is a replica of.
func (s *tableScan) table(ctx context.Context, listed types.TableSummary) residency.Resource {
	r := residency.Resource{ID: aws.ToString(listed.TableARN), Kind: "s3tables.table", Region: s.t.Region,
		Name:       strings.Join(append(slices.Clone(listed.Namespace), aws.ToString(listed.Name)), "."),
		Placements: []residency.Placement{{Role: residency.Primary, Region: s.t.Region}}}
	r.Tags = s.tags(ctx, listed.TableARN)
	if aws.ToString(listed.ManagedByService) != "" {
		got, err := s.client.GetTable(ctx, &s3tables.GetTableInput{TableArn: listed.TableARN})
		if err != nil {
			s.out.Gap(r.ID, "GetTable", err)
		} else {
			r.Sources = tableSources(s.t.Home(), got)
		}
	}
	status, err := s.client.GetTableReplicationStatus(ctx, &s3tables.GetTableReplicationStatusInput{TableArn: listed.TableARN})
	if !s.unanswered(r.ID, "GetTableReplicationStatus", err) {
		r.Placements = append(r.Placements, placeReplicas(s.t.Home(), status.Destinations)...)
	}
	replication, err := s.client.GetTableReplication(ctx, &s3tables.GetTableReplicationInput{TableArn: listed.TableARN})
	if !s.unanswered(r.ID, "GetTableReplication", err) && replication.Configuration != nil {
		for _, rule := range replication.Configuration.Rules {
			r.Placements = append(r.Placements, placeTables(s.t.Home(), rule.Destinations, "replication of the table")...)
		}
	}
	policy, err := s.client.GetTablePolicy(ctx, &s3tables.GetTablePolicyInput{TableBucketARN: bucketOfTable(r.ID),
		Namespace: aws.String(strings.Join(listed.Namespace, ".")), Name: listed.Name})
	if !s.unanswered(r.ID, "GetTablePolicy", err) {
		r.Placements = append(r.Placements, neverPublic(s.out.Shares(s.t, r, "GetTablePolicy", aws.ToString(policy.ResourcePolicy), residency.Primary))...)
	}
	return r
}

// bucketOfTable: a table's ARN begins with its bucket's.
func bucketOfTable(arn string) *string {
	bucket, _, _ := strings.Cut(arn, "/table/")
	return &bucket
}

// tableSources is the replica's own record of the table that it copies.
func tableSources(home Home, got *s3tables.GetTableOutput) []residency.Source {
	if got.ManagedTableInformation == nil || got.ManagedTableInformation.ReplicationInformation == nil {
		return nil
	}
	from := aws.ToString(got.ManagedTableInformation.ReplicationInformation.SourceTableARN)
	return []residency.Source{home.Resolve(from).Source(residency.Replica, "SourceTableARN")}
}

// placeReplicas tells where a table is replicated to, down to the table there once it exists.
func placeReplicas(home Home, to []types.ReplicationDestinationStatusModel) []residency.Placement {
	var out []residency.Placement
	for _, d := range to {
		arn := orDefault(aws.ToString(d.DestinationTableArn), aws.ToString(d.DestinationTableBucketArn))
		out = append(out, home.Resolve(arn).Place(residency.Replica, "replication status of the table"))
	}
	return out
}
