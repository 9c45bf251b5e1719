package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// readStored keeps where images were stored as objects, of about the last 31 days: AWS remembers no longer.
func (s *ec2Scan) readStored(ctx context.Context) error {
	in := &ec2.DescribeStoreImageTasksInput{MaxResults: aws.Int32(200)}
	for pages := ec2.NewDescribeStoreImageTasksPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, task := range page.StoreImageTaskResults {
			if id := aws.ToString(task.AmiId); aws.ToString(task.StoreTaskState) != "Failed" {
				s.stored[id] = append(s.stored[id], s.t.Home().Bucket(aws.ToString(task.Bucket)).Place(residency.Backup, "StoreImageTask "+aws.ToString(task.S3objectKey)))
			}
		}
	}
	return nil
}

func (s *ec2Scan) exportImageTasks(ctx context.Context) error {
	for pages := ec2.NewDescribeExportImageTasksPaginator(s.client, &ec2.DescribeExportImageTasksInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, task := range page.ExportImageTasks {
			r := residency.Resource{ID: s.t.ARN("ec2", "export-image-task/"+aws.ToString(task.ExportImageTaskId)), Kind: "ec2.export_image_task",
				Region: s.t.Region, Name: aws.ToString(task.ExportImageTaskId), Tags: ec2Tags(task.Tags), Placements: []residency.Placement{}}
			if image := aws.ToString(task.ImageId); image != "" {
				r.Sources = []residency.Source{{ID: s.ownerless(s.t.Region, "image/"+image), Role: residency.Backup, Region: s.t.Region, Via: "ImageId"}}
			}
			if l := task.S3ExportLocation; l != nil && aws.ToString(l.S3Bucket) != "" {
				status := aws.ToString(task.Status)
				r.Placements = append(r.Placements, exportPlace(s.t.Home().Bucket(aws.ToString(l.S3Bucket)), "S3ExportLocation", status == "deleted" || status == "deleting"))
			}
			s.out.Add(r)
		}
	}
	return nil
}

func (s *ec2Scan) exportTasks(ctx context.Context) error {
	page, err := s.client.DescribeExportTasks(ctx, &ec2.DescribeExportTasksInput{}) // the operation has no pages
	if err != nil {
		return err
	}
	for _, task := range page.ExportTasks {
		r := residency.Resource{ID: s.t.ARN("ec2", "export-instance-task/"+aws.ToString(task.ExportTaskId)), Kind: "ec2.export_task",
			Region: s.t.Region, Name: aws.ToString(task.ExportTaskId), Tags: ec2Tags(task.Tags), Placements: []residency.Placement{}}
		if d := task.InstanceExportDetails; d != nil && aws.ToString(d.InstanceId) != "" {
			r.Sources = []residency.Source{s.t.Home().Local("ec2", "instance/"+aws.ToString(d.InstanceId)).Source("", "InstanceId")}
		}
		if l := task.ExportToS3Task; l != nil && aws.ToString(l.S3Bucket) != "" {
			cancelled := task.State == types.ExportTaskStateCancelled || task.State == types.ExportTaskStateCancelling
			r.Placements = append(r.Placements, exportPlace(s.t.Home().Bucket(aws.ToString(l.S3Bucket)), "ExportToS3Task", cancelled))
		}
		s.out.Add(r)
	}
	return nil
}

// exportPlace: AWS deletes what a cancelled export wrote, which leaves only that it could have moved data.
func exportPlace(d Destination, via string, cancelled bool) residency.Placement {
	if cancelled {
		return d.Place(residency.Capability, via+" (cancelled)")
	}
	return d.Place(residency.Backup, via)
}

func (s *ec2Scan) flowLogs(ctx context.Context) error {
	in := &ec2.DescribeFlowLogsInput{MaxResults: aws.Int32(1000)}
	for pages := ec2.NewDescribeFlowLogsPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, l := range page.FlowLogs {
			r := residency.Resource{ID: s.t.ARN("ec2", "vpc-flow-log/"+aws.ToString(l.FlowLogId)), Kind: "ec2.flow_log", Region: s.t.Region,
				Name: ec2Name(l.Tags, l.FlowLogId), Tags: ec2Tags(l.Tags), Placements: []residency.Placement{placeFlowLog(s.t.Home(), l)},
				Facts: map[string]any{"of": aws.ToString(l.ResourceId)}}
			if r.Placements[0].Target == "" {
				s.out.Unresolved(r.ID, "DescribeFlowLogs", "the flow log names no destination")
			}
			s.out.Add(r)
		}
	}
	return nil
}

// placeFlowLog is where a flow log writes. LogDestination names a bucket with its prefix, a log group or a delivery stream;
// the old form names just the log group, which is of the role's account where a role of another one delivers.
func placeFlowLog(home Home, l types.FlowLog) residency.Placement {
	if destination := aws.ToString(l.LogDestination); destination != "" {
		return home.Resolve(destination).Place(residency.Log, "LogDestination")
	}
	group := aws.ToString(l.LogGroupName)
	if group == "" {
		return residency.Placement{Role: residency.Log, Via: "LogDestination"}
	}
	if _, _, _, account, _, ok := ParseARN(aws.ToString(l.DeliverCrossAccountRole)); ok && account != "" {
		home.Account = account
	}
	return home.Local("logs", "log-group:"+group).Place(residency.Log, "LogGroupName")
}
