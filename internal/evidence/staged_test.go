package evidence

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// reportForever writes reports and receipts into the only run of a store until the process is killed.
func reportForever(store string) {
	t := &testing.T{}
	s, err := ReadSigner(KeyPath(store))
	if err != nil {
		panic(err)
	}
	ids, err := Runs(store)
	if err != nil {
		panic(err)
	}
	dir := filepath.Join(store, ids[0])
	for i := 0; ; i++ {
		files := map[string][]byte{}
		for j := range 5 {
			files[fmt.Sprintf("reports/%d.csv", j)] = fmt.Appendf(nil, "%d %d", i, j)
		}
		files[fmt.Sprintf("reports/once/%d-%d.csv", os.Getpid(), i)] = nil
		if err := KeepReports(t.Context(), dir, s, files); err != nil {
			panic(err)
		}
		if err := KeepReceipts(t.Context(), dir, s, []Receipt{{What: ReceiptPublish, Where: fmt.Sprint(i), Time: night}}, nil); err != nil {
			panic(err)
		}
	}
}

// TestKilledWhileReporting kills a process that writes into a sealed run at 50 random points. Each time the run verifies as it lies there,
// and the next report can be written.
func TestKilledWhileReporting(t *testing.T) {
	store, key := storeOf(t, 1)
	dir := filepath.Join(store, mustRuns(t, store)[0])
	random := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "EVIDENCE_TEST_REPORT="+store)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		reported(t, filepath.Join(dir, "reports", "once", fmt.Sprintf("%d-0.csv", cmd.Process.Pid)))
		time.Sleep(time.Duration(random.IntN(30_000)) * time.Microsecond) // where it happens to be: that is the point
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || strings.Contains(err.Error(), "exit status") {
			t.Fatalf("it ended by itself: %v", err)
		}
		if got := problems(t, store, key, ""); len(got) > 0 {
			t.Fatalf("after a kill: %v", got)
		}
	}
	if names := filesOf(t, filepath.Join(dir, "reports")); len(names) < 55 {
		t.Errorf("hardly anything was written: %v", names)
	}
}

// reported waits until a process has written its first report, so that a slow machine kills none that has not begun.
func reported(t testing.TB, path string) {
	t.Helper()
	for range 6000 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("nothing is reported")
}

// TestStaged is a crash after the renaming, before anything has reached its place: the run is read as it will be.
func TestStaged(t *testing.T) {
	store, key := storeOf(t, 1)
	dir := filepath.Join(store, mustRuns(t, store)[0])
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	before := clone(t, store)
	report := map[string][]byte{"reports/report.csv": []byte("anew"), "reports/more/a.csv": []byte("b")}
	if err := KeepReports(t.Context(), dir, signer, report); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(before, filepath.Base(dir))
	for _, name := range []string{"reports/report.csv", "reports/more/a.csv", ReportsName, ReportsSealed} {
		to := filepath.Join(old, stagedFolder, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		rename(t, filepath.Join(dir, name), to)
		remove(t, filepath.Join(dir, name))
	}
	if got := problems(t, before, key, ""); len(got) > 0 {
		t.Errorf("as it was left: %v", got)
	}
	if data, err := fs.ReadFile(Folder(old), "reports/report.csv"); err != nil || string(data) != "anew" {
		t.Errorf("%q %v", data, err)
	}
	write(t, filepath.Join(old, stagedFolder, "reports", "extra.csv"), []byte("x"))
	write(t, filepath.Join(old, stagedFolder, "summary.json"), []byte("{}"))
	if got := fmt.Sprint(problems(t, before, key, "")); !strings.Contains(got, "extra.csv") || !strings.Contains(got, "summary.json") {
		t.Errorf("what was put there was not noticed: %v", got)
	}
	remove(t, filepath.Join(old, stagedFolder, "reports", "extra.csv"))
	remove(t, filepath.Join(old, stagedFolder, "summary.json"))
	if err := KeepReports(t.Context(), old, signer, map[string][]byte{"reports/third.csv": nil}); err != nil {
		t.Fatal(err)
	}
	if got := problems(t, before, key, ""); len(got) > 0 {
		t.Errorf("afterwards: %v", got)
	}
	if _, err := os.Stat(filepath.Join(old, stagedFolder)); err == nil {
		t.Error("the staging is left")
	}
	if data, err := os.ReadFile(filepath.Join(old, "reports", "more", "a.csv")); err != nil || string(data) != "b" {
		t.Errorf("%q %v", data, err)
	}
}

// TestNoListOverAChange: what was changed, removed or added behind the list's back is not signed.
func TestNoListOverAChange(t *testing.T) {
	for name, do := range map[string]func(t *testing.T, dir string){
		"changed": func(t *testing.T, dir string) { appendTo(t, filepath.Join(dir, "reports", "report.csv"), "x") },
		"removed": func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "reports", "report.csv")) },
		"added":   func(t *testing.T, dir string) { write(t, filepath.Join(dir, "reports", "report2.csv"), nil) },
	} {
		store, _ := storeOf(t, 1)
		dir := filepath.Join(store, mustRuns(t, store)[0])
		signer, err := ReadSigner(KeyPath(store))
		if err != nil {
			t.Fatal(err)
		}
		do(t, dir)
		if err := KeepReports(t.Context(), dir, signer, map[string][]byte{"reports/other.csv": nil}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "reports", "other.csv")); err == nil {
			t.Errorf("%s: a report was written all the same", name)
		}
	}
}
