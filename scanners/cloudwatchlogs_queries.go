package scanners

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// queries lists the scheduled queries and where their results, parts of log events, are written.
func (s *logScan) queries(ctx context.Context) {
	for pages := cloudwatchlogs.NewListScheduledQueriesPaginator(s.client, &cloudwatchlogs.ListScheduledQueriesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap("", "ListScheduledQueries", err)
			return
		}
		if err := each(ctx, s.t, page.ScheduledQueries, func(ctx context.Context, q types.ScheduledQuerySummary) error {
			s.out.Add(s.query(ctx, q))
			return nil
		}); err != nil {
			s.out.Gap("", "ListScheduledQueries", err)
			return
		}
	}
}

func (s *logScan) query(ctx context.Context, q types.ScheduledQuerySummary) residency.Resource {
	r := residency.Resource{ID: aws.ToString(q.ScheduledQueryArn), Kind: "cloudwatchlogs.scheduled_query", Region: s.t.Region, Name: aws.ToString(q.Name),
		Placements: placeResults(s.t.Home(), q)}
	details, err := s.client.GetScheduledQuery(ctx, &cloudwatchlogs.GetScheduledQueryInput{Identifier: q.ScheduledQueryArn})
	switch {
	case err != nil:
		s.out.Gap(r.ID, "GetScheduledQuery", err)
	case len(details.LogGroupIdentifiers) == 0:
		s.out.Unresolved(r.ID, "GetScheduledQuery", "the query names its log groups in its own text only")
	default:
		for _, group := range details.LogGroupIdentifiers {
			from := s.t.Home().Local("logs", "log-group:"+group)
			if strings.HasPrefix(group, "arn:") {
				from = s.t.Home().Resolve(group)
			}
			r.Sources = append(r.Sources, from.Source(residency.Stream, "logGroupIdentifiers"))
		}
	}
	tags, err := s.client.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &r.ID})
	if err != nil {
		s.out.Gap(r.ID, "ListTagsForResource", err)
		return r
	}
	r.Tags = tagsRead(tags.Tags)
	return r
}

// placeResults: a query that is off and never ran has written nothing; one that ran has.
func placeResults(h Home, q types.ScheduledQuerySummary) []residency.Placement {
	role, suffix := residency.Stream, ""
	if q.State == types.ScheduledQueryStateDisabled {
		suffix = " (disabled)"
		if q.LastTriggeredTime == nil {
			role = residency.Capability
		}
	}
	found := []residency.Placement{}
	if q.DestinationConfiguration == nil {
		return found
	}
	if to := q.DestinationConfiguration.S3Configuration; to != nil {
		p := h.Resolve(aws.ToString(to.DestinationIdentifier)).Place(role, "s3Configuration"+suffix)
		p.Account = orDefault(aws.ToString(to.OwnerAccountId), p.Account)
		found = append(found, p)
		if key := aws.ToString(to.KmsKeyId); key != "" {
			found = append(found, h.Key(key).Place(residency.Key, "s3Configuration kmsKeyId"))
		}
	}
	if to := q.DestinationConfiguration.LookupTableConfiguration; to != nil {
		found = append(found, h.Local("logs", "lookup-table:"+aws.ToString(to.TableName)).Place(role, "lookupTableConfiguration"+suffix))
		if key := aws.ToString(to.KmsKeyId); key != "" {
			found = append(found, h.Key(key).Place(residency.Key, "lookupTableConfiguration kmsKeyId"))
		}
	}
	return found
}
