package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// objects writes into one bucket of the user's own.
type objects struct {
	client *s3.Client
	bucket string
}

func newObjects(cfg aws.Config, bucket string) *objects {
	return &objects{bucket: bucket, client: s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil // an endpoint that stands for AWS has no host for each bucket
	})}
}

// onlyIf is what must hold of the object that is there, for a write to take place.
type onlyIf struct {
	match *string // its ETag
	none  *string // "*": that there is none
}

// put writes one object with its checksum, which S3 compares.
func (o *objects) put(ctx context.Context, key string, data []byte, condition onlyIf) error {
	sum := sha256.Sum256(data)
	digest := base64.StdEncoding.EncodeToString(sum[:])
	_, err := o.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &o.bucket, Key: &key, Body: bytes.NewReader(data), IfMatch: condition.match,
		IfNoneMatch: condition.none, ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: &digest})
	if err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", o.bucket, key, err)
	}
	return nil
}

// get reads a log with its ETag; nil where there is none.
func (o *objects) get(ctx context.Context, key string) (data []byte, etag *string, err error) {
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.bucket, Key: &key})
	var none *types.NoSuchKey
	if errors.As(err, &none) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read s3://%s/%s: %w", o.bucket, key, err)
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	data, err = io.ReadAll(io.LimitReader(out.Body, maxLog+1))
	return data, out.ETag, err
}
