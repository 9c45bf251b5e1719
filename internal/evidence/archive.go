package evidence

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The bounds of a package that is read: one from a stranger may hold anything.
const (
	maxFiles   = 10_000
	maxFile    = 4 << 30
	maxPackage = 16 << 30
	maxRatio   = 200 // of a file's size to its compressed size, above 1 MiB
	maxName    = 512
)

// ReadMe is the file of a package that says how to verify it.
const ReadMe = "VERIFY.md"

// Pack writes a run folder as one zip: files in order of name, all of one time, so that the same run gives the same bytes. Nothing is
// compressed: what is large is so already, and no byte of the zip is then outside what a reader can compare. More are files beside
// the run's own: the readme, reports that were rendered for the package.
func Pack(w io.Writer, run fs.FS, more map[string][]byte) error {
	names, err := packed(run, more)
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, name := range names {
		out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
		if data, ok := more[name]; ok {
			_, err = out.Write(data)
		} else {
			err = copyFrom(out, run, name)
		}
		if err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	return nil
}

func packed(run fs.FS, more map[string][]byte) ([]string, error) {
	var names []string
	err := eachFile(run, func(name string) error {
		if _, replaced := more[name]; !replaced {
			names = append(names, name)
		}
		return nil
	})
	for name := range more {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, err
}

func copyFrom(w io.Writer, files fs.FS, name string) (err error) {
	f, err := files.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(w, f)
	return err
}

// Unpack writes a package into an empty folder. Nothing is written outside it, whatever the names say, no link is made, and a bomb
// is given up at its bounds. same says whether packing what came out gives the very bytes of the package: if not, there is more in it
// than its files, or somebody else packed it.
func Unpack(path, dir string) (same bool, err error) {
	if err := unpack(path, dir); err != nil {
		return false, err
	}
	return repacks(path, dir)
}

// repacks reports whether the files in dir pack into just the bytes of a package.
func repacks(path, dir string) (same bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	c := &comparison{with: bufio.NewReaderSize(f, 1<<16), same: true}
	if err := Pack(c, os.DirFS(dir), nil); err != nil {
		return false, err
	}
	if _, err := c.with.ReadByte(); !errors.Is(err, io.EOF) {
		c.same = false
	}
	return c.same, nil
}

// comparison is written to, and holds it against what it reads.
type comparison struct {
	with *bufio.Reader
	part []byte
	same bool
}

func (c *comparison) Write(p []byte) (int, error) {
	if !c.same {
		return len(p), nil
	}
	c.part = slices.Grow(c.part[:0], len(p))[:len(p)]
	n, err := io.ReadFull(c.with, c.part)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		c.same = false
	case err != nil:
		return 0, err
	default:
		c.same = bytes.Equal(p, c.part[:n])
	}
	return len(p), nil
}

func unpack(path, dir string) (err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("open %s: %w: name a run folder, or a package that domicile report -o package wrote", path, err)
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	if len(z.File) > maxFiles {
		return fmt.Errorf("open %s: %d files, more than a package has (%d)", path, len(z.File), maxFiles)
	}
	root, err := os.OpenRoot(dir) // the system itself keeps what follows inside
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	seen := map[string]bool{}
	left := int64(maxPackage)
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		switch {
		case len(f.Name) > maxName || !fs.ValidPath(f.Name) || strings.ContainsAny(f.Name, "\\:\x00") || !filepath.IsLocal(filepath.FromSlash(f.Name)):
			return fmt.Errorf("open %s: the name %.80q leads out of the package or cannot be a file's", path, f.Name)
		case !f.Mode().IsRegular():
			return fmt.Errorf("open %s: %.80q is no regular file: a package holds nothing else", path, f.Name)
		case seen[name]:
			return fmt.Errorf("open %s: %.80q is in it twice", path, f.Name)
		}
		seen[name] = true
		n, err := unpackFile(root, f, min(left, maxFile))
		if err != nil {
			return fmt.Errorf("open %s: %.80q: %w", path, f.Name, err)
		}
		left -= n
	}
	return nil
}

func unpackFile(root *os.Root, f *zip.File, most int64) (n int64, err error) {
	if f.UncompressedSize64 > uint64(most) || f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/maxRatio > f.CompressedSize64 {
		return 0, fmt.Errorf("%d bytes of %d compressed: larger than a package's files are", f.UncompressedSize64, f.CompressedSize64)
	}
	in, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(f.Name)), 0o755); err != nil {
		return 0, err
	}
	out, err := root.OpenFile(filepath.FromSlash(f.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(out, io.LimitReader(in, most+1))
	if err == nil && n > most {
		err = errors.New("larger than a package's files are")
	}
	return n, errors.Join(err, out.Close())
}
