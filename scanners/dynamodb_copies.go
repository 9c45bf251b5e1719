package scanners

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// kindImport marks the record of an import, which never becomes a resource: it always has a table or nothing.
const kindImport = "dynamodb.import"

// listGlobalTables reads the global tables of version 2017.11.29, of whose replicas DescribeTable says nothing. One that has
// no replica here is another region's to tell.
func (s *dynamoScan) listGlobalTables(ctx context.Context) {
	follow(ctx, s.t, s.out, "ListGlobalTables", func(last *string) ([]types.GlobalTable, *string, error) {
		page, err := s.client.ListGlobalTables(ctx, &dynamodb.ListGlobalTablesInput{ExclusiveStartGlobalTableName: last})
		if err != nil {
			return nil, nil, err
		}
		return page.GlobalTables, page.LastEvaluatedGlobalTableName, nil
	}, func(_ context.Context, g types.GlobalTable) {
		here := func(r types.Replica) bool { return aws.ToString(r.RegionName) == s.t.Region }
		if slices.ContainsFunc(g.ReplicationGroup, here) {
			r := legacyReplica(s.t.Home(), g)
			s.records.add(r.ID, r)
		}
	})
}

// legacyReplica is this region's table of a legacy global table, as far as the group alone tells.
func legacyReplica(h Home, g types.GlobalTable) residency.Resource {
	table := "table/" + aws.ToString(g.GlobalTableName)
	r := residency.Resource{ID: h.ARN("dynamodb", table), Kind: "dynamodb.table", Region: h.Region, Name: aws.ToString(g.GlobalTableName),
		Placements: []residency.Placement{{Role: residency.Primary, Region: h.Region}}}
	for _, replica := range g.ReplicationGroup {
		if region := aws.ToString(replica.RegionName); region != h.Region {
			at := Home{Partition: h.Partition, Region: region, Account: h.Account}.Local("dynamodb", table)
			r.Placements = append(r.Placements, at.Place(residency.Replica, "global table replica (2017.11.29)"))
		}
	}
	return r
}

// listExports reads the exports of about the last 90 days, which is how long AWS tells of them.
func (s *dynamoScan) listExports(ctx context.Context) {
	follow(ctx, s.t, s.out, "ListExports", func(token *string) ([]types.ExportSummary, *string, error) {
		page, err := s.client.ListExports(ctx, &dynamodb.ListExportsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.ExportSummaries, page.NextToken, nil
	}, func(ctx context.Context, e types.ExportSummary) {
		table, _, _ := strings.Cut(aws.ToString(e.ExportArn), "/export/")
		d := types.ExportDescription{ExportStatus: e.ExportStatus}
		answer, err := s.client.DescribeExport(ctx, &dynamodb.DescribeExportInput{ExportArn: e.ExportArn})
		if err != nil {
			s.out.Gap(table, "DescribeExport", err)
		} else if answer.ExportDescription != nil {
			d = *answer.ExportDescription
		}
		s.records.add(table, tableExport(s.t.Home(), aws.ToString(e.ExportArn), table, d))
	})
}

// tableExport is a copy of a table at a point in time. Its bucket may be in any region and account.
func tableExport(h Home, arn, table string, d types.ExportDescription) residency.Resource {
	role, via := residency.Stream, "export to S3"
	if d.ExportStatus == types.ExportStatusFailed {
		role, via = residency.Capability, "export to S3 (failed)"
	}
	r := residency.Resource{ID: arn, Kind: "dynamodb.export", Region: h.Region, Tags: map[string]string{},
		Placements: []residency.Placement{exported(h, aws.ToString(d.S3Bucket), aws.ToString(d.S3BucketOwner), role, via)},
		Sources:    []residency.Source{h.Resolve(table).Source(residency.Stream, via)}}
	if key := aws.ToString(d.S3SseKmsKeyId); strings.HasPrefix(key, "arn:") { // a bare id is one of the bucket's region
		r.Placements = append(r.Placements, h.Key(key).Place(residency.Key, "S3SseKmsKeyId of the export"))
	}
	return r
}

func (s *dynamoScan) listImports(ctx context.Context) {
	follow(ctx, s.t, s.out, "ListImports", func(token *string) ([]types.ImportSummary, *string, error) {
		page, err := s.client.ListImports(ctx, &dynamodb.ListImportsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.ImportSummaryList, page.NextToken, nil
	}, func(_ context.Context, i types.ImportSummary) {
		s.records.add(aws.ToString(i.TableArn), tableImport(s.t.Home(), i))
	})
}

// tableImport is where a table's first content came from. The log group holds what could not be imported.
func tableImport(h Home, i types.ImportSummary) residency.Resource {
	r := residency.Resource{ID: aws.ToString(i.ImportArn), Kind: kindImport}
	if b := i.S3BucketSource; b != nil && aws.ToString(b.S3Bucket) != "" {
		d := h.Bucket(*b.S3Bucket)
		d.Account = aws.ToString(b.S3BucketOwner)
		r.Sources = append(r.Sources, d.Source(residency.Stream, "import from S3"))
	}
	if group := aws.ToString(i.CloudWatchLogGroupArn); group != "" {
		r.Placements = append(r.Placements, h.Resolve(group).Place(residency.Log, "log of the import"))
	}
	return r
}

// listBackups asks for all types: without it AWS leaves out those that it made itself when a table was deleted.
func (s *dynamoScan) listBackups(ctx context.Context) {
	follow(ctx, s.t, s.out, "ListBackups", func(last *string) ([]types.BackupSummary, *string, error) {
		page, err := s.client.ListBackups(ctx, &dynamodb.ListBackupsInput{BackupType: types.BackupTypeFilterAll, ExclusiveStartBackupArn: last})
		if err != nil {
			return nil, nil, err
		}
		return page.BackupSummaries, page.LastEvaluatedBackupArn, nil
	}, func(_ context.Context, b types.BackupSummary) {
		s.out.Add(tableBackup(s.t.Home(), b))
	})
}

// tableBackup: a backup lies beside its table and outlives it. It cannot carry tags.
func tableBackup(h Home, b types.BackupSummary) residency.Resource {
	r := residency.Resource{ID: aws.ToString(b.BackupArn), Kind: "dynamodb.backup", Region: h.Region, Name: aws.ToString(b.BackupName),
		Tags: map[string]string{}, Placements: []residency.Placement{{Role: residency.Backup, Region: h.Region}},
		Facts: map[string]any{"type": string(b.BackupType)}}
	table, _, _ := strings.Cut(r.ID, "/backup/")
	r.Sources = []residency.Source{h.Resolve(orDefault(aws.ToString(b.TableArn), table)).Source(residency.Backup, "backup")}
	return r
}
