//go:build !unix

package evidence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// lockStore lets one process at a time extend the log. After a crash the file must be removed by hand.
func lockStore(store string) (unlock func() error, err error) {
	path := filepath.Join(store, "log", "lock")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("lock the log: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the log: %w: if no other run is going on, remove %s", err, path)
	}
	return func() error { f.Close(); return os.Remove(path) }, nil
}

// lockFolder is not to be had here, so that no folder is taken for one that a killed process left.
func lockFolder(string, bool) (*os.File, error) { return nil, errors.ErrUnsupported }
