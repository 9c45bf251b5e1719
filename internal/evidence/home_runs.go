package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Log is the home's log, with the runs that wait in the staging. Where the home is out of reach it is as this machine knows it; the error
// is for a machine that knows none, for a home of another key, and for two logs that do not go together. A nil signer: none was made yet.
func (h *Home) Log(ctx context.Context, s Signer) (*Log, error) {
	ours, err := h.stagedLog()
	if err != nil {
		return nil, err
	}
	var theirs []byte
	to, err := h.open(ctx)
	if err == nil {
		theirs, err = to.log(ctx)
	}
	if err == nil {
		if err := h.sameKey(theirs, s); err != nil {
			return nil, err
		}
	}
	switch {
	case err != nil && len(ours) == 0:
		return nil, err
	case err != nil, bytes.HasPrefix(ours, theirs):
		return parseLog(ours)
	case bytes.HasPrefix(theirs, ours):
		return parseLog(theirs)
	}
	return nil, h.forked()
}

// Waits reports whether a run is sealed in the staging, and has not gone home.
func (h *Home) Waits(run string) bool { return sealedDir(RunDir(h.Staging, run)) }

// Files is a folder with those files of a run, wherever the run is: in the staging, in the home's folder, or below scratch, where they
// are put if the home is a bucket. What the run does not have is not in it. The error is that of a home out of reach.
func (h *Home) Files(ctx context.Context, run string, names []string, scratch string) (string, error) {
	if h.Waits(run) {
		return RunDir(h.Staging, run), nil
	}
	to, err := h.open(ctx)
	if err != nil {
		return "", err
	}
	bucket, ok := to.(*locked)
	if !ok {
		return RunDir(h.Dir, run), nil
	}
	dir := filepath.Join(scratch, run)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for _, name := range names {
		to := filepath.Join(dir, name)
		if _, err := os.Stat(to); err == nil {
			continue // fetched before
		}
		if err := bucket.fetch(ctx, run+"/"+name, to); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// fetch copies an object into a file; where there is no object, there is no file.
func (o *objects) fetch(ctx context.Context, key, to string) (err error) {
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.bucket, Key: &key})
	var none *types.NoSuchKey
	if errors.As(err, &none) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w: the caller needs s3:GetObject", o.bucket, key, err)
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, out.Body)
	return errors.Join(err, f.Close())
}
