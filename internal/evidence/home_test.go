package evidence

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// homeOf is a store whose runs wait for their way home, and the home, an empty folder.
func homeOf(t testing.TB, runs int) (*Home, *Key) {
	t.Helper()
	staging, key := storeOf(t, runs)
	return &Home{Zone: residency.Zone{ID: "eu", Regions: []string{"eu-west-1"}}, Dir: t.TempDir(), Staging: staging, Now: time.Now}, key
}

func signerOf(t testing.TB, store string) Signer {
	t.Helper()
	s, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKeepInAFolder(t *testing.T) {
	h, key := homeOf(t, 3)
	moved, err := h.Keep(t.Context())
	if err != nil || len(moved) != 3 {
		t.Fatal(moved, err)
	}
	if got := problems(t, h.Dir, key, ""); len(got) > 0 {
		t.Error(got)
	}
	if left := mustRuns(t, h.Staging); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if moved, err := h.Keep(t.Context()); err != nil || len(moved) > 0 {
		t.Error(moved, err)
	}
	// A store that is lost goes on where the home's log ends.
	signer := signerOf(t, h.Staging)
	h.Staging = filepath.Join(t.TempDir(), "parts")
	if err := h.Join(t.Context(), signer); err != nil {
		t.Fatal(err)
	}
	l, err := ReadLog(h.Staging)
	if err != nil || len(l.Entries()) != 3 {
		t.Error(len(l.Entries()), err)
	}
}

// TestKeepHalfway: whatever stops a move, the run stays where it was, the home's log does not list it, and the next try completes it.
func TestKeepHalfway(t *testing.T) {
	for name, c := range map[string]struct {
		spoil, cure func(h *Home) error
		want        string
	}{
		"no folder":         {func(h *Home) error { return os.Remove(h.Dir) }, func(h *Home) error { return os.Mkdir(h.Dir, 0o755) }, "is no folder"},
		"files in the way":  {func(h *Home) error { return os.WriteFile(filepath.Join(h.Dir, pending+runOf(h)), nil, 0o644) }, func(h *Home) error { return os.Remove(filepath.Join(h.Dir, pending+runOf(h))) }, "not a directory"},
		"log in the way":    {func(h *Home) error { return os.MkdirAll(logPath(h.Dir)+".part", 0o755) }, func(h *Home) error { return os.Remove(logPath(h.Dir) + ".part") }, "is a directory"},
		"public key in way": {func(h *Home) error { return os.WriteFile(filepath.Join(h.Dir, "keys"), nil, 0o644) }, func(h *Home) error { return os.Remove(filepath.Join(h.Dir, "keys")) }, "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			h, key := homeOf(t, 1)
			if err := c.spoil(h); err != nil {
				t.Fatal(err)
			}
			if moved, err := h.Keep(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) || len(moved) > 0 {
				t.Fatal(moved, err)
			}
			if l, err := readLog(h.Dir); err != nil || len(l.entries) > 0 || len(mustRuns(t, h.Staging)) != 1 {
				t.Error("a run that did not arrive is listed, or lost", err)
			}
			if err := c.cure(h); err != nil {
				t.Fatal(err)
			}
			if moved, err := h.Keep(t.Context()); err != nil || len(moved) != 1 {
				t.Fatal(moved, err)
			}
			if got := problems(t, h.Dir, key, ""); len(got) > 0 {
				t.Error(got)
			}
		})
	}
}

func runOf(h *Home) string {
	ids, err := Runs(h.Staging)
	if err != nil || len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// TestKeepAfterACrash: the home has the run, and it was not removed here.
func TestKeepAfterACrash(t *testing.T) {
	h, key := homeOf(t, 2)
	copied := clone(t, h.Staging)
	if _, err := h.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Staging = copied
	if moved, err := h.Keep(t.Context()); err != nil || len(moved) != 2 || len(mustRuns(t, copied)) != 0 {
		t.Error(moved, err)
	}
	if got := problems(t, h.Dir, key, ""); len(got) > 0 {
		t.Error(got)
	}
}

// TestFilesAfterACrash: a run of which a crash left half a folder here is read where it is whole, and the next move clears it away.
func TestFilesAfterACrash(t *testing.T) {
	h, _ := homeOf(t, 1)
	id := runOf(h)
	whole := filepath.Join(t.TempDir(), "whole")
	if err := os.CopyFS(whole, os.DirFS(RunDir(h.Staging, id))); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(h.Staging, id)
	if err := os.CopyFS(half, os.DirFS(whole)); err != nil {
		t.Fatal(err)
	}
	if dir, err := h.Files(t.Context(), id, nil, ""); err != nil || dir != half || !h.Waits(id) {
		t.Error(dir, err)
	}
	if err := os.Remove(filepath.Join(half, ProofName)); err != nil { // the first step of a removal
		t.Fatal(err)
	}
	if dir, err := h.Files(t.Context(), id, nil, ""); err != nil || dir != RunDir(h.Dir, id) || h.Waits(id) {
		t.Error(dir, err)
	}
	if moved, err := h.Keep(t.Context()); err != nil || len(moved) != 1 || len(mustRuns(t, h.Staging)) > 0 {
		t.Error(moved, err)
	}
}

// TestTwoLogs: a home takes the runs of one store.
func TestTwoLogs(t *testing.T) {
	h, _ := homeOf(t, 1)
	if _, err := h.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	other, _ := homeOf(t, 1)
	other.Dir = h.Dir
	if err := other.Join(t.Context(), signerOf(t, other.Staging)); err == nil || !strings.Contains(err.Error(), "one store has one key") {
		t.Error(err)
	}
	if moved, err := other.Keep(t.Context()); err == nil || !strings.Contains(err.Error(), "does not go together") || len(moved) > 0 {
		t.Error(moved, err)
	}
}

func TestInZone(t *testing.T) {
	h := &Home{Zone: residency.Zone{ID: "eu", Regions: []string{"eu-west-1", "eu-central-1"}}, Bucket: "b"}
	for region, want := range map[string]string{"eu-central-1": "", "eu-west-2": "is in eu-west-2, outside eu (eu-west-1, eu-central-1): nothing was written", "": "does not say in which region"} {
		if err := h.inZone(region); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", region, err)
		}
	}
	h.Zone = residency.Zone{ID: residency.NoZone}
	if err := h.inZone("us-east-1"); err != nil {
		t.Error(err)
	}
}

// TestKeepInTheOrderOfTheLog: two runs of one second have ids in any order, and none may be taken for one that was moved.
func TestKeepInTheOrderOfTheLog(t *testing.T) {
	h, key := homeOf(t, 1)
	signer := signerOf(t, h.Staging)
	for i := range byte(5) {
		p, err := Begin(h.Staging, RunID(night, [3]byte{9 - i, i}))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Write("summary.json", []byte{'0' + i}); err != nil {
			t.Fatal(err)
		}
		commit(t, p, signer, 0)
	}
	if moved, err := h.Keep(t.Context()); err != nil || len(moved) != 6 {
		t.Fatal(len(moved), err)
	}
	if got := problems(t, h.Dir, key, ""); len(got) > 0 {
		t.Error(got)
	}
}
