package evidence

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// locked is a store in a bucket under Object Lock: what is put there is kept until its retention ends, and the retention is read back.
type locked struct {
	*objects
	mode  types.ObjectLockMode
	until time.Time
	etag  *string // of the log as it was read; nil: there was none
}

const logKey = "log/log.ndjson"

// openBucket finds out where the bucket is before anything is written to it.
func (h *Home) openBucket(ctx context.Context) (place, error) {
	cfg, err := h.AWS()
	if err != nil {
		return nil, err
	}
	if len(h.Zone.Regions) > 0 {
		cfg = cfg.Copy()
		cfg.Region = h.Zone.Regions[0]
	}
	region, err := newObjects(cfg, h.Bucket).region(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the region of %s: %w: allow s3:ListBucket on it", h, err)
	}
	if err := h.inZone(region); err != nil {
		return nil, err
	}
	if cfg = cfg.Copy(); region != "" {
		cfg.Region = region
	}
	// Whole seconds: S3 keeps no more, and what is read back must be the same.
	until := h.Now().UTC().AddDate(h.Years, 0, 0).Truncate(time.Second)
	return &locked{objects: newObjects(cfg, h.Bucket), mode: types.ObjectLockMode(h.Mode), until: until}, nil
}

// region is where the bucket is, by S3's own word. Writing to an endpoint of the right region and being let in proves it on AWS alone:
// whatever else speaks S3 answers from anywhere.
func (o *objects) region(ctx context.Context) (string, error) {
	out, err := o.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &o.bucket})
	if err == nil {
		return aws.ToString(out.BucketRegion), nil
	}
	var answer *awshttp.ResponseError // of a region that does not have it, which names the one that has
	if errors.As(err, &answer) && answer.HTTPStatusCode() != http.StatusNotFound {
		if region := answer.Response.Header.Get("X-Amz-Bucket-Region"); region != "" {
			return region, nil
		}
	}
	return "", err
}

func (l *locked) log(ctx context.Context) (data []byte, err error) {
	data, l.etag, err = l.get(ctx, logKey)
	return data, err
}

func (l *locked) put(ctx context.Context, run, name, from string) (o *LockedObject, err error) {
	key := name
	if run != "" {
		key = run + "/" + name
	}
	d, err := digestFile(from)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return l.write(ctx, d.SHA256, &s3.PutObjectInput{Key: &key, Body: f})
}

// seal replaces the log only if nobody else has meanwhile.
func (l *locked) seal(ctx context.Context, _ string, log, _ []byte) (*LockedObject, error) {
	key := logKey
	in := &s3.PutObjectInput{Key: &key, Body: bytes.NewReader(log), IfMatch: l.etag}
	if l.etag == nil {
		in.IfNoneMatch = aws.String("*")
	}
	return l.write(ctx, Digest(log), in)
}

// write puts one object under the lock, with its checksum, which S3 compares, and reads the retention back.
func (l *locked) write(ctx context.Context, sum string, in *s3.PutObjectInput) (*LockedObject, error) {
	raw, err := hex.DecodeString(sum)
	if err != nil {
		return nil, err
	}
	in.Bucket, in.ObjectLockMode, in.ObjectLockRetainUntilDate = &l.bucket, l.mode, &l.until
	in.ChecksumAlgorithm, in.ChecksumSHA256 = types.ChecksumAlgorithmSha256, aws.String(base64.StdEncoding.EncodeToString(raw))
	where := fmt.Sprintf("s3://%s/%s", l.bucket, *in.Key)
	out, err := l.client.PutObject(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w: the bucket needs Object Lock, and the caller s3:PutObject and s3:PutObjectRetention", where, err)
	}
	o := &LockedObject{Key: *in.Key, Version: aws.ToString(out.VersionId), SHA256: sum}
	if err := l.readBack(ctx, o); err != nil {
		return nil, fmt.Errorf("read the retention of %s back: %w: the bucket needs Object Lock, and the caller s3:GetObjectRetention", where, err)
	}
	if o.Version == "" || o.Mode != string(l.mode) || !o.Until.Equal(l.until) {
		return nil, fmt.Errorf("%s is not locked as asked: %s until %s was asked for, and %q until %s read back (version %q)", where, l.mode,
			l.until.Format(time.RFC3339), o.Mode, o.Until.Format(time.RFC3339), o.Version)
	}
	return o, nil
}

// readBack asks how an object is locked. A store that does not know the question answers it with the object itself: there the lock
// stands in the head of a read.
func (l *locked) readBack(ctx context.Context, o *LockedObject) error {
	back, err := l.client.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: &l.bucket, Key: &o.Key, VersionId: &o.Version})
	var answer *awshttp.ResponseError
	switch {
	case err == nil && back.Retention != nil:
		o.Mode, o.Until = string(back.Retention.Mode), aws.ToTime(back.Retention.RetainUntilDate).UTC()
		return nil
	case err != nil && (!errors.As(err, &answer) || answer.HTTPStatusCode() != http.StatusOK):
		return err
	}
	head, err := l.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &l.bucket, Key: &o.Key, VersionId: &o.Version, Range: aws.String("bytes=0-0")})
	if err != nil {
		return err
	}
	o.Mode, o.Until = string(head.ObjectLockMode), aws.ToTime(head.ObjectLockRetainUntilDate).UTC()
	return head.Body.Close()
}
