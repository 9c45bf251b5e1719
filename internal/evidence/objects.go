package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

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

// put writes one object with its checksum, which S3 compares.
func (o *objects) put(ctx context.Context, key string, data []byte) error {
	sum := sha256.Sum256(data)
	digest := base64.StdEncoding.EncodeToString(sum[:])
	_, err := o.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &o.bucket, Key: &key, Body: bytes.NewReader(data),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: &digest})
	if err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", o.bucket, key, err)
	}
	return nil
}
