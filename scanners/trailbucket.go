package scanners

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// trailBucket is the bucket of the trail that the user named: the one place whose objects are read, and only the log files that
// CloudTrail wrote into it.
type trailBucket struct {
	bucket, prefix string // prefix without slashes at its ends
	session        *session
	home           string

	place func(context.Context) (region string, err error) // asked once
}

// largestLog is the size in bytes, compressed, above which a log file is not read: CloudTrail writes files of some megabytes.
const largestLog = 64 << 20

// ParseTrailBucket reads the name of a trail's bucket: s3://BUCKET/PREFIX, or a bare bucket.
func ParseTrailBucket(name string) (bucket, prefix string, err error) {
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(name, "s3://"), "/")
	if bucket == "" || strings.ContainsAny(bucket, ": ") {
		return "", "", fmt.Errorf("events.trail_bucket: %q is no bucket: write s3://BUCKET/PREFIX", name)
	}
	return bucket, strings.Trim(prefix, "/"), nil
}

// newTrailBucket is nil for no name. The caller's own credentials read the bucket: one grant, in the account that keeps the logs.
func newTrailBucket(name string, caller *session, home string) (*trailBucket, error) {
	if name == "" {
		return nil, nil
	}
	bucket, prefix, err := ParseTrailBucket(name)
	if err != nil {
		return nil, err
	}
	b := &trailBucket{bucket: bucket, prefix: prefix, session: caller, home: home}
	var once sync.Mutex
	region := ""
	b.place = func(ctx context.Context) (string, error) {
		once.Lock()
		defer once.Unlock()
		if region != "" {
			return region, nil
		}
		found, _, err := headBucket(ctx, caller, home, bucket)
		switch {
		case found == "" && err == nil:
			return "", errors.New("the answer tells no region")
		case found == "":
			return "", err
		}
		region = found
		return region, nil
	}
	return b, nil
}

// client may list and read the log files of the bucket, and nothing else of S3; for a probe each once.
func (b *trailBucket) client(region string, once *asked, answered *counter) *s3.Client {
	cfg := b.session.config(region, func(service, operation string) bool {
		return service == "s3" && (operation == "ListObjectsV2" || operation == "GetObject") && (once == nil || once.first(service+"."+operation))
	}, answered)
	cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error { return stack.Initialize.Add(b.guard(), middleware.Before) })
	return s3.NewFromConfig(cfg, byPath)
}

// guard refuses what is not a log file below the configured name, before a request is built.
func (b *trailBucket) guard() middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("domicile.TrailBucket", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		allowed := false
		switch in := in.Parameters.(type) {
		case *s3.ListObjectsV2Input:
			allowed = aws.ToString(in.Bucket) == b.bucket && strings.HasPrefix(aws.ToString(in.Prefix), b.root())
		case *s3.GetObjectInput:
			allowed = aws.ToString(in.Bucket) == b.bucket && strings.HasPrefix(aws.ToString(in.Key), b.root()) && isLog(aws.ToString(in.Key))
		}
		if !allowed {
			return middleware.InitializeOutput{}, middleware.Metadata{}, errNotTheTrail
		}
		return next.HandleInitialize(ctx, in)
	})
}

// root is where CloudTrail writes, below the prefix that the user gave the trail.
func (b *trailBucket) root() string { return strings.TrimPrefix(b.prefix+"/AWSLogs/", "/") }

// isLog tells log files from digests and whatever else lies there.
func isLog(key string) bool {
	return strings.Contains(key, "/CloudTrail/") && strings.Contains(path.Base(key), "_CloudTrail_") && strings.HasSuffix(key, ".json.gz")
}

// read takes the events of one account and region, day by day.
func (b *trailBucket) read(ctx context.Context, s *trailScan) {
	region, err := b.place(ctx)
	if err != nil {
		b.gap(s, "HeadBucket", err)
		return
	}
	client := b.client(region, s.t.once, s.t.answered)
	w := s.t.window
	for day := w.from.UTC().Truncate(24 * time.Hour); !day.After(w.to); day = day.AddDate(0, 0, 1) {
		files, some, err := b.day(ctx, client, s.t, day)
		switch {
		case err != nil:
			b.gap(s, "ListObjectsV2", err)
			return
		case !some && !day.AddDate(0, 0, 1).Add(settles).After(w.to): // a day that is not over may have none yet
			s.out.Unresolved("", "ListObjectsV2", fmt.Sprintf("the trail's bucket has no log file of %s: check that its trail covers this account and region", day.Format(time.DateOnly)))
		}
		_ = each(ctx, s.t, files, func(ctx context.Context, f types.Object) error { // what fails of one file is its own gap
			b.file(ctx, s, client, f)
			return nil
		})
	}
}

// day lists the log files of a day that may hold events of the window, and tells whether it has any at all. A trail of an organisation
// writes below the organisation's id.
func (b *trailBucket) day(ctx context.Context, client *s3.Client, t *Target, day time.Time) (files []types.Object, some bool, err error) {
	owners := []string{t.Account}
	if t.Organization != "" {
		owners = append(owners, t.Organization+"/"+t.Account)
	}
	for _, owner := range owners {
		in := &s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: aws.String(b.root() + owner + "/CloudTrail/" + t.Region + "/" + day.Format("2006/01/02") + "/")}
		for pages := s3.NewListObjectsV2Paginator(client, in); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, false, err
			}
			for _, f := range page.Contents {
				if !isLog(aws.ToString(f.Key)) {
					continue
				}
				some = true
				if !writtenBefore(aws.ToString(f.Key), t.window.from) {
					files = append(files, f)
				}
			}
		}
	}
	return files, some, nil
}

// writtenBefore reports whether a log file was written before a time, by its name: ACCOUNT_CloudTrail_REGION_20261126T0310Z_ID.json.gz.
func writtenBefore(key string, from time.Time) bool {
	parts := strings.Split(path.Base(key), "_")
	if len(parts) < 5 {
		return false
	}
	at, err := time.Parse("20060102T1504Z", parts[len(parts)-2])
	return err == nil && at.Add(time.Minute).Before(from)
}

// file reads one log file.
func (b *trailBucket) file(ctx context.Context, s *trailScan, client *s3.Client, f types.Object) {
	if aws.ToInt64(f.Size) > largestLog {
		s.out.Unresolved("", "GetObject", fmt.Sprintf("log file %s has %d bytes: files above %d are not read", aws.ToString(f.Key), aws.ToInt64(f.Size), largestLog))
		return
	}
	got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucket, Key: f.Key})
	if err != nil {
		b.gap(s, "GetObject", err)
		return
	}
	body := &transfer{from: got.Body}
	err = readLog(body, func(r *record) { s.event(r, "GetObject") })
	switch err := errors.Join(err, got.Body.Close()); {
	case body.broke != nil: // the network's doing and not the file's: it may be whole the next time
		s.out.record(residency.Gap{Call: "GetObject", Class: residency.ClassUnreachable,
			Detail: fmt.Sprintf(oneFile+"%s broke off while it was read: run it again", aws.ToString(f.Key))})
	case err != nil:
		s.out.Malformed("", "GetObject", fmt.Sprintf(oneFile+"%s: %v", aws.ToString(f.Key), err))
	}
}

// transfer notes why a body ended before its end.
type transfer struct {
	from  io.Reader
	broke error
}

func (t *transfer) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	if err != nil && err != io.EOF {
		t.broke = err
	}
	return n, err
}

// gap records that the bucket gave no answer.
func (b *trailBucket) gap(s *trailScan, operation string, err error) {
	class, detail := classify(err)
	if detail == detailMissingAction {
		action := "s3:ListBucket"
		if operation == "GetObject" {
			action = "s3:GetObject (and kms:Decrypt, if the files are encrypted with an own key)"
		}
		detail = fmt.Sprintf("the caller may not read the trail's bucket %s: allow it %s there", b.bucket, action)
	}
	s.out.record(residency.Gap{Call: operation, Class: class, Detail: detail})
}
