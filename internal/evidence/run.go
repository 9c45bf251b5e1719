// Package evidence keeps: one folder for each run, written beside its final name and renamed when it is complete, so that a
// crash leaves no half run that looks whole.
package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The names of the files in a run folder that this package writes itself.
const (
	ManifestName = "manifest.json"
	pending      = ".pending-"
)

// RunID is the name of a run that starts now: its UTC time and three random bytes, so that two starts in one second differ.
func RunID(start time.Time, random [3]byte) string {
	return start.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random[:])
}

var runID = regexp.MustCompile(`^\d{8}T\d{6}Z-[0-9a-f]{6}$`)

// Pending is a run that is being written.
type Pending struct {
	ID    string
	store string
}

// Begin makes the folder of a run below store.
func Begin(store, id string) (*Pending, error) {
	p := &Pending{ID: id, store: store}
	if err := os.MkdirAll(p.Dir(), 0o755); err != nil {
		return nil, fmt.Errorf("make the run folder: %w", err)
	}
	return p, nil
}

// Dir is where the run's files are written.
func (p *Pending) Dir() string { return filepath.Join(p.store, pending+p.ID) }

// Path is the path of one of its files.
func (p *Pending) Path(name string) string { return filepath.Join(p.Dir(), filepath.FromSlash(name)) }

// Write writes one small file.
func (p *Pending) Write(name string, data []byte) error {
	path := p.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write the run: %w", err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("write the run: %w", err)
	}
	return nil
}

// Copy writes every file of a tree below a folder of the run.
func (p *Pending) Copy(folder string, files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("write the run: %w", err)
		}
		return p.Write(folder+"/"+name, data)
	})
}

// Abort removes what was written.
func (p *Pending) Abort() error { return os.RemoveAll(p.Dir()) }

// File is one line of the manifest.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Manifest lists the evidence of a run.
type Manifest struct {
	Run      string    `json:"run"`
	Complete bool      `json:"complete"`
	Tool     string    `json:"tool"`
	Policies string    `json:"policies"` // SHA-256 over the policy files
	Config   string    `json:"config"`   // SHA-256 of the configuration as read
	Caller   string    `json:"caller"`   // ARN of who asked
	Accounts []string  `json:"accounts"`
	Regions  []string  `json:"regions"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Files    []File    `json:"files"`
}

// Commit writes the manifest over all files and gives the run its final name.
func (p *Pending) Commit(m Manifest) (dir string, err error) {
	if m.Files, err = p.files(); err != nil {
		return "", err
	}
	m.Run = p.ID
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the manifest: %w", err)
	}
	if err := p.Write(ManifestName, append(data, '\n')); err != nil {
		return "", err
	}
	dir = filepath.Join(p.store, p.ID)
	if err := os.Rename(p.Dir(), dir); err != nil {
		return "", fmt.Errorf("complete the run: %w", err)
	}
	return dir, nil
}

func (p *Pending) files() ([]File, error) {
	var files []File
	err := filepath.WalkDir(p.Dir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(p.Dir(), path)
		if err != nil {
			return err
		}
		f, err := digest(path)
		f.Name = filepath.ToSlash(name)
		files = append(files, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	return files, nil
}

// digest reads a file once and makes sure that it has reached the disk: the manifest must not name what a crash can lose.
func digest(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return File{}, err
	}
	return File{SHA256: hex.EncodeToString(h.Sum(nil)), Size: n}, nil
}

// Find is the folder of a run: a path, a run's id below store, or "latest".
func Find(store, run string) (string, error) {
	if run != "latest" {
		for _, dir := range []string{run, filepath.Join(store, run)} {
			if info, err := os.Stat(dir); err == nil && (info.IsDir() || dir == run) {
				return dir, nil
			}
		}
		return "", fmt.Errorf("no run %q, neither as a path nor below %s", run, store)
	}
	entries, err := os.ReadDir(store)
	if err != nil {
		return "", fmt.Errorf("find the latest run: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && runID.MatchString(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	if len(ids) == 0 {
		return "", fmt.Errorf("no run in %s: domicile scan writes one", store)
	}
	return filepath.Join(store, slices.MaxFunc(ids, strings.Compare)), nil
}

// Digest is the SHA-256 of some bytes, in hex.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
