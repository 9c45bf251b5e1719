//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/schedule"
)

// resident is what a process has in memory, in kilobytes, and what of it is its own.
func resident(t *testing.T, pid string) (all, own int) {
	t.Helper()
	data, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		n, _ := strconv.Atoi(f[1])
		switch f[0] {
		case "VmRSS:":
			all = n
		case "RssAnon:":
			own = n
		}
	}
	if all == 0 {
		t.Fatalf("no VmRSS in %s", data)
	}
	return all, own
}

// TestWatchAtRest: a daemon that has scanned with every scanner holds at most 60 MB when it waits for the next night.
func TestWatchAtRest(t *testing.T) {
	const bound = 60_000_000 / 1024
	dir := t.TempDir()
	fixtures, err := filepath.Abs("../../fixtures/three-zones")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(fixtures, "domicile.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "domicile.yaml"), append(config, "\nschedule: {cron: \"0 0 1 1 *\"}\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := process(t, dir, "http://127.0.0.1:1", "watch", "--replay", fixtures, "--config", "domicile.yaml", "--listen", "127.0.0.1:0")
	out := &lines{}
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	base := "http://" + out.await(t, `"listening","address":"([^"]+)"`)
	out.await(t, `"msg":"waiting"`)
	get(t, base+"/metrics")
	all, own := resident(t, strconv.Itoa(cmd.Process.Pid))
	t.Logf("at rest after a night with every scanner: %d kB resident, %d kB of them its own", all, own)
	if all > bound {
		t.Errorf("%d kB resident, more than %d", all, bound)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestWatchLeaks scans night after night in one process: memory, goroutines and files come back to where they were. DOMICILE_TEST_SCANS=1000
// for as many.
func TestWatchLeaks(t *testing.T) {
	scans := nightsOf(t, "DOMICILE_TEST_SCANS", 60)
	dir := t.TempDir()
	config := writeConfig(t, dir, `{cron: "0 2 * * *"}`)
	var stderr bytes.Buffer
	s := inProcess(&bytes.Buffer{}, &stderr)
	now := time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	c := &common{system: &s, config: config, out: filepath.Join(dir, "runs"), failOn: "low", quiet: true}
	n, err := c.nightly(t.Context(), watchFlags{scanFlags: scanFlags{replay: estate, services: []string{"kinesis"}}, listen: listenOff})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer n.store.Close()
	warm := max(scans/5, 10) // caches fill
	var before, after usage
	for i := range scans {
		if _, err := n.job(t.Context(), schedule.Night{Due: now}); err != nil {
			t.Fatal(err)
		}
		if now = now.AddDate(0, 0, 1); i == warm {
			before = measure(t)
		}
	}
	after = measure(t)
	t.Logf("after %d scans: %s; after %d: %s", warm, before, scans, after)
	switch {
	case after.goroutines > before.goroutines:
		t.Errorf("%d goroutines more", after.goroutines-before.goroutines)
	case after.files > before.files:
		t.Errorf("%d open files more", after.files-before.files)
	case after.heap > before.heap+2<<20:
		t.Errorf("the heap grew by %d kB", (after.heap-before.heap)>>10)
	case after.own > before.own+16<<10:
		t.Errorf("the process grew by %d kB", after.own-before.own)
	}
}

type usage struct {
	goroutines, files int
	heap              uint64 // bytes in use
	own               int    // kB of memory that is the process's own
}

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d files, heap %d kB, own memory %d kB", u.goroutines, u.files, u.heap>>10, u.own)
}

func measure(t *testing.T) usage {
	t.Helper()
	rest()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	_, own := resident(t, "self")
	return usage{runtime.NumGoroutine(), len(files), m.HeapAlloc, own}
}
