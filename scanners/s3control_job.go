package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// jobs lists the region's batch jobs. AWS keeps those that ended for 90 days; a copy job runs in the region it copies to.
func (s *controlScan) jobs(ctx context.Context) error {
	for pages := s3control.NewListJobsPaginator(s.client, &s3control.ListJobsInput{AccountId: &s.t.Account}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, s.t, page.Jobs, func(ctx context.Context, j types.JobListDescriptor) error {
			s.out.Add(s.job(ctx, j))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *controlScan) job(ctx context.Context, listed types.JobListDescriptor) residency.Resource {
	id := aws.ToString(listed.JobId)
	r := residency.Resource{ID: s.home.ARN("s3", "job/"+id), Kind: "s3control.job", Region: s.home.Region, Name: id,
		Facts: map[string]any{"operation": string(listed.Operation)}}
	got, err := s.client.DescribeJob(ctx, &s3control.DescribeJobInput{AccountId: &s.t.Account, JobId: listed.JobId})
	switch {
	case err != nil:
		s.out.Gap(r.ID, "DescribeJob", err)
	case got.Job == nil:
		s.out.Malformed(r.ID, "DescribeJob", "no job in the answer")
	default:
		r.Placements, r.Sources = placeJob(s.home, got.Job)
	}
	tags, err := s.client.GetJobTagging(ctx, &s3control.GetJobTaggingInput{AccountId: &s.t.Account, JobId: listed.JobId})
	if err != nil {
		s.out.Gap(r.ID, "GetJobTagging", err)
		return r
	}
	r.Tags = make(map[string]string, len(tags.Tags))
	for _, tag := range tags.Tags {
		r.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return r
}

// placeJob tells where a job copies to and where from. A job of S3ReplicateObject follows its bucket's replication rules, which
// stand at the bucket.
func placeJob(home Home, job *types.JobDescriptor) ([]residency.Placement, []residency.Source) {
	places, op := []residency.Placement{}, job.Operation
	if op == nil {
		op = &types.JobOperation{}
	}
	if c := op.S3PutObjectCopy; c != nil {
		to := home.Bucket(aws.ToString(c.TargetResource))
		if idleJob(job) {
			places = append(places, to.Place(residency.Capability, "batch copy job (copied nothing)"))
		} else {
			places = append(places, to.Place(residency.Replica, "batch copy job"))
			places = append(places, placeCopyKey(home, c.SSEAwsKmsKeyId, "SSEAwsKmsKeyId of the batch copy job")...)
		}
	}
	if op.S3ReplicateObject != nil {
		places = append(places, residency.Placement{Role: residency.Capability, Region: home.Region, Via: "batch replication by the bucket's own rules"})
	}
	if op.LambdaInvoke != nil {
		places = append(places, home.Resolve(aws.ToString(op.LambdaInvoke.FunctionArn)).Place(residency.Capability, "batch job invokes a function"))
	}
	if r := job.Report; r != nil && r.Enabled && aws.ToString(r.Bucket) != "" {
		to := home.Bucket(aws.ToString(r.Bucket))
		to.Account = orDefault(aws.ToString(r.ExpectedBucketOwner), to.Account)
		places = append(places, to.Place(residency.Metadata, "completion report of the batch job"))
	}
	listed, sources := jobSources(home, job)
	return append(places, listed...), sources
}

// idleJob: it has copied nothing, and is not about to.
func idleJob(job *types.JobDescriptor) bool {
	if p := job.ProgressSummary; p != nil && aws.ToInt64(p.NumberOfTasksSucceeded) > 0 {
		return false
	}
	switch job.Status {
	case types.JobStatusCancelled, types.JobStatusFailed, types.JobStatusSuspended:
		return true
	}
	return false
}

// jobSources tells which bucket a job works on, and where the list of its objects is written. A manifest that somebody else
// wrote may name other buckets; the bucket that it lies in stands for them.
func jobSources(home Home, job *types.JobDescriptor) (places []residency.Placement, sources []residency.Source) {
	if generator, ok := job.ManifestGenerator.(*types.JobManifestGeneratorMemberS3JobManifestGenerator); ok {
		from := home.Bucket(aws.ToString(generator.Value.SourceBucket))
		from.Account = orDefault(aws.ToString(generator.Value.ExpectedBucketOwner), from.Account)
		sources = append(sources, from.Source(residency.Replica, "source bucket of the batch job"))
		if out := generator.Value.ManifestOutputLocation; out != nil {
			to := home.Bucket(aws.ToString(out.Bucket))
			to.Account = orDefault(aws.ToString(out.ExpectedManifestBucketOwner), to.Account)
			places = append(places, to.Place(residency.Metadata, "generated manifest of the batch job"))
		}
		return places, sources
	}
	if job.Manifest != nil && job.Manifest.Location != nil {
		if arn := aws.ToString(job.Manifest.Location.ObjectArn); arn != "" {
			sources = append(sources, home.Bucket(arn).Source(residency.Replica, "manifest of the batch job"))
		}
	}
	return places, sources
}
