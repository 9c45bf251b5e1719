package policies

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed controls lib schemas zones
var shipped embed.FS

// Shipped is the folder of the policies that come with this version: controls, lib, schemas and zones, tests included.
func Shipped() fs.FS { return shipped }

// file is one file of a policy folder as it was read.
type file struct {
	path   string // in Files: that of a second folder begins with user/1/
	folder int    // which folder it came from
	data   []byte
}

func (f file) rego() bool { return strings.HasSuffix(f.path, ".rego") }

// readFiles reads what an engine uses of each folder, sorted by path: Rego but no tests, schemas and zones. Tests are left
// out because their packages would come back among the controls.
func readFiles(folders []fs.FS) ([]file, error) {
	var files []file
	for i, folder := range folders {
		prefix := ""
		if i > 0 {
			prefix = fmt.Sprintf("user/%d", i)
		}
		err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() || !used(name) {
				return nil
			}
			data, err := fs.ReadFile(folder, name)
			files = append(files, file{path.Join(prefix, name), i, data})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read policies: %w", err)
		}
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

func used(name string) bool {
	dir := path.Base(path.Dir(name))
	switch path.Ext(name) {
	case ".rego":
		return !strings.HasSuffix(name, "_test.rego")
	case ".json":
		return dir == "schemas"
	case ".yaml":
		return dir == "zones"
	}
	return false
}

// digest is the SHA-256 over paths and contents, each with its length before it, in order of path.
func digest(files []file) string {
	sum := sha256.New()
	for _, f := range files {
		fmt.Fprintf(sum, "%d:%s%d:", len(f.path), f.path, len(f.data))
		sum.Write(f.data)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// archive holds files as an fs.FS. A zip archive in memory is the one form of it in the standard library.
func archive(files []file) (fs.FS, error) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, f := range files {
		entry, err := w.Create(f.path)
		if err != nil {
			return nil, fmt.Errorf("keep policy %q: %w", f.path, err)
		}
		if _, err := entry.Write(f.data); err != nil {
			return nil, fmt.Errorf("keep policy %q: %w", f.path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("keep policies: %w", err)
	}
	return zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
}
