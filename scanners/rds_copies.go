package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// listCopies reads what copies a store by a record of its own.
func (s *rdsScan) listCopies(ctx context.Context) {
	follow(ctx, s.t, s.out, "DescribeExportTasks", func(marker *string) ([]types.ExportTask, *string, error) {
		page, err := s.client.DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.ExportTasks, page.Marker, nil
	}, func(_ context.Context, e types.ExportTask) {
		s.records.add(aws.ToString(e.SourceArn), rdsExport(s.t.Home(), e))
	})
	follow(ctx, s.t, s.out, "DescribeIntegrations", func(marker *string) ([]types.Integration, *string, error) {
		page, err := s.client.DescribeIntegrations(ctx, &rds.DescribeIntegrationsInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.Integrations, page.Marker, nil
	}, func(_ context.Context, i types.Integration) {
		s.records.add(aws.ToString(i.SourceArn), rdsIntegration(s.t.Home(), i))
	})
	follow(ctx, s.t, s.out, "DescribeBlueGreenDeployments", func(marker *string) ([]types.BlueGreenDeployment, *string, error) {
		page, err := s.client.DescribeBlueGreenDeployments(ctx, &rds.DescribeBlueGreenDeploymentsInput{Marker: marker})
		if err != nil {
			return nil, nil, err
		}
		return page.BlueGreenDeployments, page.Marker, nil
	}, func(_ context.Context, d types.BlueGreenDeployment) {
		s.records.add(aws.ToString(d.Source), rdsDeployment(s.t.Home(), d))
	})
}

// rdsExport: tables as Parquet in a bucket. A task that ended before it wrote anything has moved nothing; one that was stopped
// later leaves in the bucket what it wrote.
func rdsExport(h Home, e types.ExportTask) residency.Resource {
	role, via := residency.Stream, "export to S3"
	ended := slices.Contains([]string{"FAILED", "CANCELED", "failed", "canceled"}, aws.ToString(e.Status))
	if ended && aws.ToInt32(e.PercentProgress) == 0 && aws.ToInt32(e.TotalExtractedDataInGB) == 0 {
		role, via = residency.Capability, "export to S3 ("+aws.ToString(e.Status)+")"
	}
	r := residency.Resource{ID: h.ARN("rds", "export-task:"+aws.ToString(e.ExportTaskIdentifier)), Kind: "rds.export_task",
		Region: h.Region, Name: aws.ToString(e.ExportTaskIdentifier), Tags: map[string]string{},
		Placements: []residency.Placement{exported(h, aws.ToString(e.S3Bucket), "", role, via)},
		Facts:      rdsFacts(nil, nil, map[string]*string{"status": e.Status})}
	if key := aws.ToString(e.KmsKeyId); key != "" {
		r.Placements = append(r.Placements, h.Key(key).Place(residency.Key, "KmsKeyId of the export"))
	}
	r.Sources = rdsRecordSource(h, e.SourceArn, residency.Stream, via)
	return r
}

// rdsIntegration: every change of a database, into a warehouse or a lakehouse, perhaps another account's.
func rdsIntegration(h Home, i types.Integration) residency.Resource {
	via := "zero-ETL integration " + aws.ToString(i.IntegrationName)
	r := residency.Resource{ID: orDefault(aws.ToString(i.IntegrationArn), h.ARN("rds", "integration:"+aws.ToString(i.IntegrationName))), Kind: "rds.integration",
		Region: h.Region, Name: aws.ToString(i.IntegrationName), Tags: rdsTags(i.Tags),
		Placements: []residency.Placement{h.Resolve(aws.ToString(i.TargetArn)).Place(residency.Stream, via)}}
	if key := aws.ToString(i.KMSKeyId); key != "" {
		r.Placements = append(r.Placements, h.Key(key).Place(residency.Key, "KMSKeyId of the integration"))
	}
	r.Sources = rdsRecordSource(h, i.SourceArn, residency.Stream, via)
	return r
}

// rdsDeployment: a whole second database beside the first, for as long as the deployment is not deleted.
func rdsDeployment(h Home, d types.BlueGreenDeployment) residency.Resource {
	via := "blue/green deployment " + aws.ToString(d.BlueGreenDeploymentName)
	r := residency.Resource{ID: h.ARN("rds", "deployment:"+aws.ToString(d.BlueGreenDeploymentIdentifier)), Kind: "rds.blue_green_deployment",
		Region: h.Region, Name: aws.ToString(d.BlueGreenDeploymentName), Tags: rdsTags(d.TagList), Placements: []residency.Placement{}}
	if target := aws.ToString(d.Target); target != "" { // none yet while it is being made
		r.Placements = append(r.Placements, h.Resolve(target).Place(residency.Replica, via))
	}
	r.Sources = rdsRecordSource(h, d.Source, residency.Replica, via)
	return r
}

func rdsRecordSource(h Home, arn *string, role residency.Role, via string) []residency.Source {
	if aws.ToString(arn) == "" {
		return nil
	}
	return []residency.Source{h.Resolve(*arn).Source(role, via)}
}
