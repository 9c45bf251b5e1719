package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Settings are the caller's for AWS, read when they are needed.
type Settings func() (aws.Config, error)

// witness is the second place in which a log is published.
type witness interface {
	// log is what is published there, empty before the first time.
	log(ctx context.Context) ([]byte, error)
	// put writes a checkpoint.
	put(ctx context.Context, name string, data []byte) error
	// replace writes the log in place of the one that log returned.
	replace(ctx context.Context, log []byte) error
}

const publishedLog = "log.ndjson"

// Publish puts the checkpoint of a run, and its log, in a second place: a folder (of another owner, best of all) or s3://BUCKET/PREFIX.
// There it is a witness: a store that is rolled back or built anew no longer agrees with it. What is there already is never
// overwritten but the log, and the log only by one that begins with it: anything else is refused, and the witness stays as it was.
func Publish(ctx context.Context, cfg Settings, to, store, run string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("publish the log: %w", err)
		}
	}()
	w, err := openWitness(cfg, to)
	if err != nil {
		return err
	}
	unlock, err := lockStore(store) // so that of two runs of this store the one that publishes last has the longer log
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	checkpoint, err := os.ReadFile(filepath.Join(RunDir(store, run), CheckpointName))
	if err != nil {
		return err
	}
	log, err := os.ReadFile(logPath(store))
	if err != nil {
		return err
	}
	published, err := w.log(ctx)
	if err != nil {
		return err
	}
	if err := grows(published, log); err != nil {
		return fmt.Errorf("%s: %w: nothing was published; see domicile verify %s --checkpoint with the last note there", to, err, store)
	}
	if err := w.put(ctx, "checkpoints/"+run+".note", checkpoint); err != nil {
		return err
	}
	return w.replace(ctx, log)
}

// grows reports whether a log begins with the published one, line by line.
func grows(published, log []byte) error {
	if bytes.HasPrefix(log, published) {
		return nil
	}
	had, has := bytes.Count(published, []byte("\n")), bytes.Count(log, []byte("\n"))
	if bytes.HasPrefix(published, log) {
		return fmt.Errorf("the log was rolled back: %d entries are published, and %d are left", had, has)
	}
	return fmt.Errorf("the log is not the published one with more behind it: the first %d entries were changed, or it is another store's", had)
}

func openWitness(cfg Settings, to string) (witness, error) {
	if bucket, prefix, ok := s3Place(to); ok {
		settings, err := cfg()
		if err != nil {
			return nil, err
		}
		return &witnessBucket{objects: newObjects(settings, bucket), prefix: prefix}, nil
	}
	if info, err := os.Stat(to); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder: make it, or name s3://BUCKET/PREFIX in log.publish", to)
	}
	return witnessFolder(to), nil
}

type witnessFolder string

func (w witnessFolder) log(context.Context) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(string(w), publishedLog))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (w witnessFolder) put(_ context.Context, name string, data []byte) error {
	path := filepath.Join(string(w), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return writeOnce(path, data, 0o644)
}

func (w witnessFolder) replace(ctx context.Context, log []byte) error {
	return w.put(ctx, publishedLog, log)
}

// witnessBucket is a bucket's, below a prefix.
type witnessBucket struct {
	*objects
	prefix string
	etag   *string // of the log as it was read; nil: there was none
}

func (w *witnessBucket) log(ctx context.Context) (data []byte, err error) {
	data, w.etag, err = w.get(ctx, w.prefix+publishedLog)
	if err != nil {
		return nil, fmt.Errorf("%w: allow s3:GetObject and s3:ListBucket, without which a log that was rolled back would pass", err)
	}
	return data, nil
}

func (w *witnessBucket) put(ctx context.Context, name string, data []byte) error {
	return w.objects.put(ctx, w.prefix+name, data, onlyIf{})
}

// replace writes only if nobody else has meanwhile.
func (w *witnessBucket) replace(ctx context.Context, log []byte) error {
	condition := onlyIf{match: w.etag}
	if w.etag == nil {
		condition.none = aws.String("*")
	}
	return w.objects.put(ctx, w.prefix+publishedLog, log, condition)
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
