package evidence

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var night = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// storeOf makes a store of n small runs, each with reports, and returns its folder and key.
func storeOf(t testing.TB, n int) (store string, key *Key) {
	t.Helper()
	store = filepath.Join(t.TempDir(), "runs")
	var signer Signer
	for i := range n {
		p := begin(t, store, i)
		if signer == nil {
			var err error
			if signer, err = MakeSigner(store); err != nil {
				t.Fatal(err)
			}
		}
		dir := commit(t, p, signer, i)
		if err := KeepReceipts(t.Context(), dir, signer, []Receipt{{What: ReceiptPublish, Where: "elsewhere", Time: night.AddDate(0, 0, i)}}, nil); err != nil {
			t.Fatal(err)
		}
		report := map[string][]byte{"reports/report.csv": fmt.Appendf(nil, "control,resource\nRES-001,%d\n", i)}
		if err := KeepReports(t.Context(), dir, signer, report); err != nil {
			t.Fatal(err)
		}
	}
	key, err := NewKey(signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	return store, key
}

func begin(t testing.TB, store string, i int) *Pending {
	t.Helper()
	p, err := Begin(store, RunID(night.AddDate(0, 0, i), [3]byte{byte(i)}))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"snapshot.ndjson.zst": "snapshot %d", "config.yaml": "version: %d\n", "policies/controls/a/policy.rego": "package a # %d\n", "summary.json": "{\"n\":%d}\n"} {
		if err := p.Write(name, fmt.Appendf(nil, text, i)); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func commit(t testing.TB, p *Pending, s Signer, i int) string {
	t.Helper()
	dir, err := p.Commit(t.Context(), s, manifestOf(i))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func manifestOf(i int) residency.Manifest {
	start := night.AddDate(0, 0, i)
	return residency.Manifest{Observed: start, Start: start, End: start.Add(time.Minute), Complete: true, Conclusion: residency.ConcludePass, Tool: "test"}
}

// problems verifies a whole store, runs and all.
func problems(t testing.TB, store string, key *Key, witness string) []Problem {
	t.Helper()
	c, err := VerifyStore(t.Context(), store, key, witness)
	if err != nil {
		t.Fatal(err)
	}
	all := c.Problems
	for _, dir := range c.Runs {
		run, err := Verify(t.Context(), Folder(dir), key)
		if err != nil {
			all = append(all, Problem{dir, err.Error()})
			continue
		}
		before := len(c.Problems)
		c.Match(RunOf(dir), run)
		all = append(append(all, run.Problems...), c.Problems[before:]...)
	}
	return all
}

// clone copies a store.
func clone(t testing.TB, store string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "runs")
	if err := os.CopyFS(to, os.DirFS(store)); err != nil {
		t.Fatal(err)
	}
	return to
}

// filesOf lists the files below a folder, relative to it.
func filesOf(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
