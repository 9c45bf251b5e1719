package evidence

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Settings are the caller's for AWS, read when they are needed.
type Settings func() (aws.Config, error)

// Publish puts the checkpoint of a run, and its log, in a second place: a folder (of another owner, best of all) or s3://BUCKET/PREFIX.
// There it is a witness: a store that is rolled back or built anew no longer agrees with it. What is there already is never
// overwritten but the log, which only grows.
func Publish(ctx context.Context, cfg Settings, to, store, run string) error {
	checkpoint, err := os.ReadFile(filepath.Join(RunDir(store, run), CheckpointName))
	if err != nil {
		return fmt.Errorf("publish the log: %w", err)
	}
	log, err := os.ReadFile(logPath(store))
	if err != nil {
		return fmt.Errorf("publish the log: %w", err)
	}
	if bucket, prefix, ok := s3Place(to); ok {
		settings, err := cfg()
		if err != nil {
			return fmt.Errorf("publish the log: %w", err)
		}
		o := newObjects(settings, bucket)
		for _, f := range []struct {
			name string
			data []byte
		}{{"checkpoints/" + run + ".note", checkpoint}, {"log.ndjson", log}} {
			if err := o.put(ctx, prefix+f.name, f.data); err != nil {
				return fmt.Errorf("publish the log: %w", err)
			}
		}
		return nil
	}
	if info, err := os.Stat(to); err != nil || !info.IsDir() {
		return fmt.Errorf("publish the log: %s is no folder: make it, or name s3://BUCKET/PREFIX in log.publish", to)
	}
	path := filepath.Join(to, "checkpoints", run+".note")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("publish the log: %w", err)
	}
	if err := errors.Join(writeOnce(path, checkpoint, 0o644), writeOnce(filepath.Join(to, "log.ndjson"), log, 0o644)); err != nil {
		return fmt.Errorf("publish the log: %w", err)
	}
	return nil
}

// s3Place reads s3://BUCKET/PREFIX.
func s3Place(to string) (bucket, prefix string, ok bool) {
	rest, ok := strings.CutPrefix(to, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return bucket, prefix, ok && bucket != ""
}
