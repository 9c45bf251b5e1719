package evidence

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUntouched is what makes the tamper suite mean anything: what nobody touched verifies.
func TestUntouched(t *testing.T) {
	store, key := storeOf(t, 3)
	if got := problems(t, store, key, ""); len(got) > 0 {
		t.Error(got)
	}
	if got := problems(t, clone(t, store), key, ""); len(got) > 0 {
		t.Errorf("a copy: %v", got)
	}
	for _, id := range mustRuns(t, store) {
		c, err := Verify(t.Context(), os.DirFS(filepath.Join(store, id)), nil)
		if err != nil || len(c.Problems) > 0 || c.Seal.Published != "elsewhere" {
			t.Errorf("%s by its own key: %v %v %+v", id, err, c.Problems, c.Seal)
		}
	}
}

func mustRuns(t testing.TB, store string) []string {
	t.Helper()
	ids, err := Runs(store)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestEveryByteCounts flips every byte of every file of a run and of the log, one at a time, and each must be found out.
func TestEveryByteCounts(t *testing.T) {
	store, key := storeOf(t, 3)
	id := mustRuns(t, store)[1]
	flips := 0
	for _, name := range append(prefixed(id, filesOf(t, filepath.Join(store, id))), "log/log.ndjson") {
		path := filepath.Join(store, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range data {
			changed := append([]byte{}, data...)
			changed[i] ^= 1 << (i % 8)
			write(t, path, changed)
			if got := oneRun(t, store, id, key); len(got) == 0 {
				t.Errorf("%s: byte %d (%q) was flipped and nobody noticed", name, i, data[i])
			}
			flips++
		}
		write(t, path, data)
	}
	if flips < 4000 {
		t.Errorf("only %d flips", flips)
	}
}

// oneRun verifies the log and one run of it.
func oneRun(t testing.TB, store, id string, key *Key) []Problem {
	t.Helper()
	c, err := VerifyStore(t.Context(), store, key, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Problems) > 0 {
		return c.Problems
	}
	run, err := Verify(t.Context(), os.DirFS(filepath.Join(store, id)), key)
	if err != nil {
		t.Fatal(err)
	}
	c.Match(id, run)
	return append(run.Problems, c.Problems...)
}

func prefixed(dir string, names []string) (out []string) {
	for _, n := range names {
		out = append(out, dir+"/"+n)
	}
	return out
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTampering does to every file of a run and of the log what can be done to a file.
func TestTampering(t *testing.T) {
	store, key := storeOf(t, 3)
	ids := mustRuns(t, store)
	names := append(prefixed(ids[1], filesOf(t, filepath.Join(store, ids[1]))), "log/log.ndjson")
	for _, name := range names {
		for what, do := range map[string]func(t *testing.T, path string){
			"truncate": func(t *testing.T, path string) {
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				write(t, path, data[:len(data)-1])
			},
			"empty":  func(t *testing.T, path string) { write(t, path, nil) },
			"append": func(t *testing.T, path string) { appendTo(t, path, "\n") },
			"delete": func(t *testing.T, path string) { remove(t, path) },
			"swap": func(t *testing.T, path string) {
				other := strings.Replace(path, ids[1], ids[2], 1)
				data, err := os.ReadFile(other)
				if err != nil {
					t.Fatal(err)
				}
				own, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if string(own) == string(data) { // the key, say: to swap equals changes nothing
					data = append(data, 'x')
				}
				write(t, path, data)
			},
		} {
			t.Run(what+"/"+filepath.Base(name), func(t *testing.T) {
				touched := clone(t, store)
				do(t, filepath.Join(touched, name))
				got := problems(t, touched, key, "")
				if len(got) == 0 {
					t.Fatalf("%s of %s was not noticed", what, name)
				}
				if base := filepath.Base(name); !strings.Contains(fmt.Sprint(got), base) {
					t.Errorf("%s of %s is not named: %v", what, name, got)
				}
			})
		}
	}
}

func appendTo(t testing.TB, path, text string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, append(data, text...))
}

func remove(t testing.TB, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// TestRunsOfAStore removes, renames, exchanges and adds whole runs.
func TestRunsOfAStore(t *testing.T) {
	store, key := storeOf(t, 4)
	ids := mustRuns(t, store)
	logLines := func(t *testing.T, s string) []string {
		data, err := os.ReadFile(logPath(s))
		if err != nil {
			t.Fatal(err)
		}
		return strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
	}
	cases := map[string]func(t *testing.T, s string){
		"add": func(t *testing.T, s string) {
			rename(t, clone(t, store)+"/"+ids[0], s+"/"+strings.Replace(ids[0], "-00", "-ff", 1))
		},
		"added file":   func(t *testing.T, s string) { write(t, filepath.Join(s, ids[0], "more.json"), []byte("{}")) },
		"added report": func(t *testing.T, s string) { write(t, filepath.Join(s, ids[0], "reports", "more.csv"), []byte("a")) },
		"log removed":  func(t *testing.T, s string) { remove(t, logPath(s)); write(t, logPath(s), nil) },
		"log rolled back": func(t *testing.T, s string) {
			write(t, logPath(s), []byte(strings.Join(logLines(t, s)[:3], "")))
		},
		"log reordered": func(t *testing.T, s string) {
			l := logLines(t, s)
			l[1], l[2] = l[2], l[1]
			write(t, logPath(s), []byte(strings.Join(l, "")))
		},
	}
	for i, id := range ids {
		cases["delete "+id] = func(t *testing.T, s string) { remove(t, filepath.Join(s, id)) }
		other := ids[(i+1)%len(ids)]
		cases["reorder "+id] = func(t *testing.T, s string) {
			rename(t, filepath.Join(s, id), filepath.Join(s, "x"))
			rename(t, filepath.Join(s, other), filepath.Join(s, id))
			rename(t, filepath.Join(s, "x"), filepath.Join(s, other))
		}
		cases["replace "+id] = func(t *testing.T, s string) {
			remove(t, filepath.Join(s, id))
			rename(t, filepath.Join(clone(t, store), other), filepath.Join(s, id))
		}
	}
	for name, do := range cases {
		t.Run(name, func(t *testing.T) {
			s := clone(t, store)
			do(t, s)
			if got := problems(t, s, key, ""); len(got) == 0 {
				t.Error("nobody noticed")
			}
		})
	}
}

func rename(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// TestWitness: what was rolled back as a whole, or built anew and signed with the same key, looks well by itself; only a checkpoint
// from elsewhere tells.
func TestWitness(t *testing.T) {
	store, key := storeOf(t, 3)
	l, err := readLog(store)
	if err != nil {
		t.Fatal(err)
	}
	early, late := l.entries[0].Checkpoint, l.entries[2].Checkpoint
	for _, w := range []string{early, late} {
		if got := problems(t, store, key, w); len(got) > 0 {
			t.Errorf("untouched: %v", got)
		}
	}
	back := clone(t, store)
	remove(t, filepath.Join(back, mustRuns(t, store)[2]))
	data, _ := os.ReadFile(logPath(store))
	write(t, logPath(back), []byte(strings.Join(strings.SplitAfter(string(data), "\n")[:2], "")))
	if got := problems(t, back, key, ""); len(got) > 0 {
		t.Errorf("a roll back of everything cannot be seen from inside, and yet: %v", got)
	}
	if got := problems(t, back, key, late); len(got) != 1 || !strings.Contains(got[0].Reason, "rolled back") {
		t.Errorf("rolled back: %v", got)
	}
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	anew := filepath.Join(t.TempDir(), "runs")
	for i := range 3 {
		commit(t, begin(t, anew, i+7), signer, i+7)
	}
	if got := problems(t, anew, key, ""); len(got) > 0 {
		t.Errorf("built anew: %v", got)
	}
	for _, w := range []string{early, late} {
		if got := problems(t, anew, key, w); len(got) != 1 || !strings.Contains(got[0].Reason, "not the log") {
			t.Errorf("built anew: %v", got)
		}
	}
	if got := problems(t, store, key, early+"x"); len(got) != 1 {
		t.Errorf("a checkpoint that was changed: %v", got)
	}
}

// TestWrongKey: another key verifies nothing.
func TestWrongKey(t *testing.T) {
	store, _ := storeOf(t, 1)
	_, other := storeOf(t, 1)
	if got := problems(t, store, other, ""); len(got) < 2 {
		t.Errorf("%v", got)
	}
	c, err := Verify(context.Background(), os.DirFS(filepath.Join(store, mustRuns(t, store)[0])), other)
	if err != nil || len(c.Problems) == 0 || !strings.Contains(c.Problems[len(c.Problems)-1].Reason+fmt.Sprint(c.Problems), "the one to check with is") {
		t.Errorf("%v %v", err, c.Problems)
	}
}
