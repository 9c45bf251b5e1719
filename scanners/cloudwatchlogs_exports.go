package scanners

import (
	"context"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// logExports are the export tasks of a region by log group. AWS gives a task no ARN: it is a placement of its group, and a
// resource only where the group is gone, since what it wrote is still there.
type logExports struct {
	home Home

	mu    sync.Mutex
	tasks map[string][]types.ExportTask
}

func (s *logScan) readExports(ctx context.Context) {
	s.exports = &logExports{home: s.t.Home(), tasks: map[string][]types.ExportTask{}}
	in := &cloudwatchlogs.DescribeExportTasksInput{}
	for {
		page, err := s.client.DescribeExportTasks(ctx, in)
		if err != nil {
			s.missed("DescribeExportTasks", err)
			return
		}
		for _, task := range page.ExportTasks {
			group := aws.ToString(task.LogGroupName)
			s.exports.tasks[group] = append(s.exports.tasks[group], task)
		}
		if page.NextToken == nil {
			return
		}
		if in.NextToken != nil && *in.NextToken == *page.NextToken {
			s.out.Malformed("", "DescribeExportTasks", "the list repeats its token")
			return
		}
		in.NextToken = page.NextToken
	}
}

// take is where a group was exported to. What is left in the end belongs to groups that are gone.
func (e *logExports) take(group string) []residency.Placement {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found []residency.Placement
	for _, task := range e.tasks[group] {
		found = append(found, placeExport(e.home, task))
	}
	delete(e.tasks, group)
	return found
}

func (e *logExports) addRest(t *Target, out *Sink) {
	for group, tasks := range e.tasks {
		from := e.home.Local("logs", "log-group:"+group).Source(residency.Stream, "logGroupName")
		for _, task := range tasks {
			id := aws.ToString(task.TaskId)
			out.Add(residency.Resource{ID: t.ARN("logs", "export-task:"+id), Kind: "cloudwatchlogs.export_task", Region: t.Region,
				Name: orDefault(aws.ToString(task.TaskName), id), Tags: map[string]string{},
				Placements: []residency.Placement{placeExport(e.home, task)}, Sources: []residency.Source{from}})
		}
	}
}

// placeExport: the destination is a bare bucket name. A task that did not end well may have written a part.
func placeExport(h Home, task types.ExportTask) residency.Placement {
	role, via := residency.Stream, "export task "+aws.ToString(task.TaskId)
	if task.Status != nil {
		switch code := task.Status.Code; code {
		case types.ExportTaskStatusCodeCancelled, types.ExportTaskStatusCodeFailed, types.ExportTaskStatusCodePendingCancel:
			role, via = residency.Capability, via+" ("+strings.ToLower(string(code))+": what it wrote may remain)"
		}
	}
	return h.Bucket(aws.ToString(task.Destination)).Place(role, via)
}
