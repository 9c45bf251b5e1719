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
	"strconv"
	"strings"
)

//go:embed controls lib schemas zones
var shipped embed.FS

// Shipped is the folder of the policies that come with this version: controls, lib, schemas and zones, tests included.
func Shipped() fs.FS { return shipped }

// folder is a folder of policies with the name by which messages call it.
type folder struct {
	fs.FS
	name string // empty: its files are called by their paths in it
}

// file is one file of a policy folder as it was read.
type file struct {
	path   string // in Files: that of a second folder begins with user/1/
	shown  string // in messages
	folder int    // which folder it came from: 0 are the shipped policies, or those of a run
	data   []byte
}

// userFolder is where Files keeps the folders beside the first.
const userFolder = "user"

func (f file) rego() bool { return strings.HasSuffix(f.path, ".rego") }

func (f file) test() bool { return strings.HasSuffix(f.path, testSuffix) }

const testSuffix = "_test.rego"

// maxFile bounds a policy file, in bytes: what is larger is no policy.
const maxFile = 1 << 20

// readFiles reads what an engine uses of each folder, sorted by path: Rego but no tests, and of the first folder schemas and
// zones. Tests are left out because their packages would come back among the controls.
func readFiles(folders []folder) ([]file, error) {
	var files []file
	for i, f := range folders {
		found, err := f.read(i, func(name string) bool {
			return used(name) && (i == 0 || path.Ext(name) == ".rego")
		})
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

// read reads the files that wanted asks for. number is the folder's place among those that are loaded together.
func (f folder) read(number int, wanted func(name string) bool) (files []file, err error) {
	err = fs.WalkDir(f, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != ".":
			return fs.SkipDir // .git and its like
		case d.IsDir() || !wanted(name):
			return nil
		}
		one := file{path: name, shown: path.Join(f.name, name), folder: number}
		if number > 0 {
			one.path = path.Join(userFolder, strconv.Itoa(number), name)
		} else if user, ok := userNumber(name); ok {
			one.folder = user
		}
		if info, err := fs.Stat(f, name); err == nil && info.Size() > maxFile {
			return &Problem{File: one.shown, Text: fmt.Sprintf("%d bytes: no policy is larger than %d, move it elsewhere", info.Size(), maxFile)}
		}
		one.data, err = fs.ReadFile(f, name)
		files = append(files, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	return files, nil
}

// userNumber is the folder from which a run's kept policy once came.
func userNumber(name string) (int, bool) {
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 3 || parts[0] != userFolder {
		return 0, false
	}
	n, err := strconv.Atoi(parts[1])
	return n, err == nil && n > 0
}

func used(name string) bool {
	dir := path.Base(path.Dir(name))
	switch path.Ext(name) {
	case ".rego":
		return !strings.HasSuffix(name, testSuffix)
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
