package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// stagedFolder is where what comes after the manifest (receipts, reports and their signed list) waits inside a run for its place.
// Several files cannot be replaced at once. So all of them are written beside the run, and one renaming brings them into it: from
// then on the run is read with them, whether or not each has reached its place. A crash leaves the run as it was, or with all of them.
const stagedFolder = ".after"

// Folder is a run as it is to be read.
func Folder(dir string) fs.FS {
	over := filepath.Join(dir, stagedFolder)
	if info, err := os.Lstat(over); err != nil || !info.IsDir() {
		return os.DirFS(dir)
	}
	return overlay{base: os.DirFS(dir), over: os.DirFS(over)}
}

// overlay shows the files of over in the places of those of base.
type overlay struct{ base, over fs.FS }

func (o overlay) Open(name string) (fs.File, error) {
	if info, err := fs.Stat(o.over, name); err == nil && !info.IsDir() {
		if f, err := o.over.Open(name); err == nil {
			return f, nil
		}
	}
	return o.base.Open(name)
}

func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	over, errOver := fs.ReadDir(o.over, name)
	base, errBase := fs.ReadDir(o.base, name)
	if errOver != nil && errBase != nil {
		return nil, errBase
	}
	entries := over
	for _, e := range base {
		same := func(o fs.DirEntry) bool { return o.Name() == e.Name() }
		if !slices.ContainsFunc(over, same) && path.Join(name, e.Name()) != stagedFolder {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// KeepReports puts files into a run (receipts, a time stamp, reports; names with slashes) and signs the list of all that came after its
// manifest anew. Either all of it is there afterwards, or nothing is changed. What was listed before and is gone or changed, and what was
// added without being listed, is refused, so that a list is never renewed over a swapped report.
func KeepReports(ctx context.Context, dir string, s Signer, files map[string][]byte) (err error) {
	if err := settle(dir); err != nil {
		return err
	}
	there, err := digests(dir, reportFile)
	if err != nil {
		return err
	}
	if err := unchanged(dir, there, files); err != nil {
		return err
	}
	all := there[:0:0]
	for _, f := range there {
		if _, anew := files[f.Name]; !anew {
			all = append(all, f)
		}
	}
	list, envelope, err := listReports(ctx, os.DirFS(dir), s, listed(all, files))
	if err != nil {
		return err
	}
	whole, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("write the reports: %w", err)
	}
	stage, release, err := hold(func() (string, error) { return os.MkdirTemp(filepath.Dir(whole), pending+afterPrefix) })
	if err != nil {
		return fmt.Errorf("write the reports: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage), release()) }() // gone when all went well
	write := func(name string, data []byte) error {
		at := filepath.Join(stage, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return fmt.Errorf("write the reports: %w", err)
		}
		if err := writeOnce(at, data, 0o644); err != nil {
			return fmt.Errorf("write the reports: %w", err)
		}
		return nil
	}
	for name, data := range files {
		if err := write(name, data); err != nil {
			return err
		}
	}
	if err := errors.Join(write(ReportsName, list), write(ReportsSealed, envelope), os.Chmod(stage, 0o755)); err != nil {
		return err
	}
	if err := os.Rename(stage, filepath.Join(dir, stagedFolder)); err != nil {
		return fmt.Errorf("write the reports: %w: another process writes those of this run", err)
	}
	return errors.Join(syncDir(dir), settle(dir))
}

// settle brings what waits in a run to its place: after a crash, or at once.
func settle(dir string) error {
	from := filepath.Join(dir, stagedFolder)
	err := filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.Rename(file, to)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := errors.Join(err, os.RemoveAll(from)); err != nil {
		return fmt.Errorf("write the reports: %w", err)
	}
	return syncDir(dir)
}

// unchanged compares what is there with the list: nothing but what the caller writes anew may differ.
func unchanged(dir string, now []residency.FileDigest, anew map[string][]byte) error {
	data, err := readSmall(os.DirFS(dir), ReportsName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var old reportList
	if err == nil {
		if err := decodeCanonical(data, &old); err != nil {
			return fmt.Errorf("%s: %w", ReportsName, err)
		}
	}
	known := map[string]string{}
	for _, f := range old.Files {
		known[f.Name] = f.SHA256
	}
	for _, f := range now {
		if _, replaced := anew[f.Name]; !replaced && known[f.Name] != f.SHA256 {
			return fmt.Errorf("%s was changed or added after the reports were listed: see domicile verify %s", f.Name, dir)
		}
		delete(known, f.Name)
	}
	for name := range known {
		if _, replaced := anew[name]; !replaced {
			return fmt.Errorf("%s was removed after the reports were listed: see domicile verify %s", name, dir)
		}
	}
	return nil
}

// listed joins what is there with what is written anew.
func listed(there []residency.FileDigest, files map[string][]byte) []residency.FileDigest {
	for name, data := range files {
		there = append(there, residency.FileDigest{Name: name, SHA256: Digest(data), Size: int64(len(data))})
	}
	slices.SortFunc(there, func(a, b residency.FileDigest) int { return strings.Compare(a.Name, b.Name) })
	return there
}
