package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets the test binary stand for a process that seals runs until it is killed.
func TestMain(m *testing.M) {
	if store := os.Getenv("EVIDENCE_TEST_STORE"); store != "" {
		sealForever(store)
	}
	if store := os.Getenv("EVIDENCE_TEST_REPORT"); store != "" {
		reportForever(store)
	}
	os.Exit(m.Run())
}

func sealForever(store string) {
	t := &testing.T{}
	for i := 0; ; i++ {
		p, err := Begin(store, RunID(time.Now(), [3]byte{byte(i >> 8), byte(i), byte(os.Getpid())}))
		if err != nil {
			panic(err)
		}
		for _, name := range []string{"snapshot.ndjson.zst", "config.yaml"} {
			if err := p.Write(name, []byte(strings.Repeat(p.ID, 1000))); err != nil {
				panic(err)
			}
		}
		s, err := MakeSigner(store)
		if err != nil {
			panic(err)
		}
		if _, err := p.Commit(t.Context(), s, manifestOf(i)); err != nil {
			panic(err)
		}
	}
}

// TestKilled kills a process that seals runs at 50 random points. Each time the store must verify, with every run of its log, and go on.
func TestKilled(t *testing.T) {
	store := filepath.Join(t.TempDir(), "runs")
	random := rand.New(rand.NewPCG(1, 2))
	before := 0
	for range 50 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "EVIDENCE_TEST_STORE="+store)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		started(t, store, before)
		time.Sleep(time.Duration(random.IntN(30_000)) * time.Microsecond) // where it happens to be: that is the point
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || strings.Contains(err.Error(), "exit status") {
			t.Fatalf("it ended by itself: %v", err)
		}
		key, err := ReadKey(PublicKeyPath(store))
		if err != nil {
			t.Fatal(err)
		}
		if got := problems(t, store, key, ""); len(got) > 0 {
			t.Fatalf("after a kill: %v", got)
		}
		l, err := readLog(store)
		if err != nil || len(l.entries) < before {
			t.Fatalf("%d entries after %d: %v", len(l.entries), before, err)
		}
		before = len(l.entries)
	}
	if before < 50 {
		t.Errorf("only %d runs were sealed", before)
	}
	if _, err := Find(store, "latest"); err != nil {
		t.Error(err)
	}
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	commit(t, begin(t, store, 1), signer, 1)
	if left, err := filepath.Glob(filepath.Join(store, pending+"*")); err != nil || len(left) > 0 {
		t.Errorf("left by the killed ones: %v %v", left, err)
	}
}

// started waits until the process has sealed a run, so that a slow machine kills no process that has not begun.
func started(t testing.TB, store string, before int) {
	t.Helper()
	for range 3000 {
		if l, err := readLog(store); err == nil && len(l.entries) > before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("nothing is sealed")
}

// TestFullDisk fails each write of sealing in turn with what a full disk gives. Nothing of the run is left, and the store goes on.
func TestFullDisk(t *testing.T) {
	store, key := storeOf(t, 2)
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{ManifestName, EnvelopeName, PublicKeyName, CheckpointName, ProofName, "../log/log.ndjson"} {
		p := begin(t, store, 10+i)
		full := filepath.Join(p.Dir(), name+".part")
		if _, err := p.Commit(t.Context(), filling{signer, full}, manifestOf(i)); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: %v", name, err)
		}
		if err := p.Abort(); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(full); err == nil {
			t.Errorf("%s: the part is left", name)
		}
		if got := problems(t, store, key, ""); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
		if entries, _ := filepath.Glob(filepath.Join(store, pending+"*")); len(entries) > 0 {
			t.Errorf("%s left %v", name, entries)
		}
	}
	commit(t, begin(t, store, 20), signer, 20)
	if got := problems(t, store, key, ""); len(got) > 0 {
		t.Error(got)
	}
}

// filling signs, and from then on there is no space for one file.
type filling struct {
	Signer
	path string
}

func (f filling) Sign(ctx context.Context, message []byte) ([]byte, error) {
	if err := os.Symlink("/dev/full", f.path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return f.Signer.Sign(ctx, message)
}

// TestSealedButNotRenamed is a crash at the one point where the log holds a run whose folder has not got its name: it verifies, is
// found, and the next run gives it its name.
func TestSealedButNotRenamed(t *testing.T) {
	store, key := storeOf(t, 2)
	id := mustRuns(t, store)[1]
	rename(t, filepath.Join(store, id), filepath.Join(store, pending+id))
	if got := problems(t, store, key, ""); len(got) > 0 {
		t.Error(got)
	}
	if dir, err := Find(store, "latest"); err != nil || filepath.Base(dir) != pending+id {
		t.Errorf("latest is %s, %v", dir, err)
	}
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	commit(t, begin(t, store, 5), signer, 5)
	if _, err := os.Stat(filepath.Join(store, id)); err != nil {
		t.Error(err)
	}
	if got := problems(t, store, key, ""); len(got) > 0 {
		t.Error(got)
	}
}

// TestAbandoned: what a killed run left is cleared away by the next one, which leaves a heartbeat for it; what a live process writes, and
// what is no run's, stays.
func TestAbandoned(t *testing.T) {
	store, key := storeOf(t, 1)
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	kill := func(i int) string { // as the system does: the lock goes, the folder stays
		p := begin(t, store, i)
		if err := p.release(); err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	killed, sealed, live := kill(10), kill(11), begin(t, store, 12)
	write(t, filepath.Join(store, pending+sealed, ProofName), []byte("sealed, and not in the log"))
	reports := filepath.Join(store, pending+afterPrefix+"123")
	for _, dir := range []string{reports, filepath.Join(store, pending+"mine")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	full := begin(t, store, 13)
	if _, err := full.Commit(t.Context(), filling{signer, full.Path(ManifestName) + ".part"}, manifestOf(13)); err == nil {
		t.Fatal("sealed on a full disk")
	}
	if _, err := os.Stat(filepath.Join(store, pending+killed)); err != nil {
		t.Errorf("cleared away by a run that left no trace of it: %v", err)
	}
	if err := full.Abort(); err != nil {
		t.Error(err)
	}
	commit(t, begin(t, store, 14), signer, 14)
	for name, want := range map[string]bool{pending + killed: false, pending + sealed: false, filepath.Base(reports): false, pending + live.ID: true, pending + "mine": true} {
		if _, err := os.Stat(filepath.Join(store, name)); (err == nil) != want {
			t.Errorf("%s is there: %v", name, err == nil)
		}
	}
	commit(t, live, signer, 12)
	l, err := readLog(store)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range l.entries {
		got = append(got, fmt.Sprint(e.Leaf.Kind, " ", e.Leaf.Run))
	}
	ids := mustRuns(t, store)
	want := []string{"run " + ids[0], "failed " + killed, "failed " + sealed, "run " + ids[2], "run " + live.ID}
	if !slices.Equal(got, want) {
		t.Errorf("the log holds %v, want %v", got, want)
	}
	if got := problems(t, store, key, ""); len(got) > 0 {
		t.Error(got)
	}
}

// TestHold: a folder that was taken for abandoned before it was locked is made again.
func TestHold(t *testing.T) {
	dir, made := filepath.Join(t.TempDir(), pending+"x"), 0
	_, release, err := hold(func() (string, error) {
		made++
		err := os.MkdirAll(dir, 0o755)
		if made == 1 { // another run was quicker
			err = errors.Join(err, os.Remove(dir))
		}
		return dir, err
	})
	if err != nil || made != 2 {
		t.Fatalf("made %d times, %v", made, err)
	}
	if f, err := lockFolder(dir, false); err == nil {
		t.Errorf("%s could be locked twice", f.Name())
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	if _, err := lockFolder(dir, false); err != nil {
		t.Error(err)
	}
}

// TestTwoAtOnce seals from several goroutines, each with a lock of its own as processes have.
func TestTwoAtOnce(t *testing.T) {
	store, key := storeOf(t, 1)
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			p, err := Begin(store, RunID(night, [3]byte{9, byte(i), 9}))
			if err == nil {
				err = p.Write("config.yaml", []byte("x"))
			}
			if err == nil && i%2 == 0 {
				_, err = p.Commit(t.Context(), signer, manifestOf(i))
			} else if err == nil {
				err = Heartbeat(t.Context(), store, signer, KindFailed, p.ID, night, fmt.Sprint("no credentials ", i))
				_ = p.Abort()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := problems(t, store, key, ""); len(got) > 0 {
		t.Error(got)
	}
	l, err := readLog(store)
	if err != nil || len(l.entries) != 9 {
		t.Errorf("%d entries, %v", len(l.entries), err)
	}
}

// TestForeignKey: one store has one key, and a log that does not verify is not extended.
func TestForeignKey(t *testing.T) {
	store, _ := storeOf(t, 1)
	other, _ := storeOf(t, 1)
	foreign, err := ReadSigner(KeyPath(other))
	if err != nil {
		t.Fatal(err)
	}
	p := begin(t, store, 3)
	if _, err := p.Commit(t.Context(), foreign, manifestOf(3)); err == nil || !strings.Contains(err.Error(), "one store has one key") {
		t.Error(err)
	}
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, logPath(store), "{}\n")
	if _, err := p.Commit(t.Context(), signer, manifestOf(3)); err == nil || !strings.Contains(err.Error(), "domicile verify") {
		t.Error(err)
	}
	if err := os.Chmod(KeyPath(store), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OwnSigner(store); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Error(err)
	}
	remove(t, filepath.Join(store, "keys"))
	if _, err := MakeSigner(store); err == nil || !strings.Contains(err.Error(), "no signing key") {
		t.Error(err)
	}
	var none fs.FileInfo
	if info, _ := os.Stat(KeyPath(store)); info != none {
		t.Error("a key was made beside earlier runs")
	}
}
