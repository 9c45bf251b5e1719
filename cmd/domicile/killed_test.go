package main

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/history"
)

// nightsOf is how many nights TestWatchKilled lives through: DOMICILE_TEST_NIGHTS=365 for a year.
func nightsOf(t *testing.T, variable string, fewer int) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv(variable), strconv.Itoa(fewer)))
	if err != nil || n < 1 {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// killing is a store whose nights are done by processes, some of which are killed.
type killing struct {
	t      *testing.T
	dir    string
	random *rand.Rand
	takes  time.Duration  // of a night, once it is claimed
	stages map[string]int // how far those that were killed had come
}

// once starts watch --once at a time, and kills it at a random moment if asked to. It reports whether it was killed.
func (k *killing) once(at time.Time, kill bool) bool {
	k.t.Helper()
	path, err := exec.LookPath("domicile-at")
	if err != nil {
		k.t.Fatal(err)
	}
	recording, err := filepath.Abs(estate)
	if err != nil {
		k.t.Fatal(err)
	}
	cmd := exec.Command(path, "watch", "--once", "--replay", recording, "--services", "kinesis", "--config", "domicile.yaml")
	cmd.Dir = k.dir
	cmd.Env = []string{"HOME=" + k.dir, "DOMICILE_TEST_NOW=" + at.Format(time.RFC3339)}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if kill || k.takes == 0 {
		k.claimed(at.Truncate(24*time.Hour).Add(2*time.Hour), ended)
	}
	begun := time.Now()
	if kill {
		time.Sleep(time.Duration(k.random.Int64N(int64(k.takes)))) // where it happens to be: that is the point
		_ = cmd.Process.Kill()                                     // it may have ended
	}
	if err := <-ended; err == nil {
		if k.takes == 0 {
			k.takes = time.Since(begun)
		}
		return false
	} else if !kill || cmd.ProcessState.Exited() {
		k.t.Fatalf("%v: %s", err, stderr.String())
	}
	return true
}

// claimed waits until the process has claimed the night, except now and then.
func (k *killing) claimed(due time.Time, ended chan error) {
	if k.takes > 0 && k.random.IntN(5) == 0 {
		return
	}
	for range 3000 {
		if slices.ContainsFunc(k.nights(), func(l history.Night) bool { return l.Due.Equal(due) && l.State != history.NightFailed }) || len(ended) > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func (k *killing) nights() []history.Night { return nightsIn(k.t, filepath.Join(k.dir, "runs")) }

// stage notes how far a killed process had come with a night.
func (k *killing) stage(due time.Time) {
	lines := k.nights()
	stage := "not begun"
	for _, l := range lines {
		if l.Due.Equal(due) {
			stage = string(l.State)
		}
	}
	if l, err := evidence.ReadLog(filepath.Join(k.dir, "runs")); err != nil {
		k.t.Fatalf("after a kill: %v", err)
	} else if es := l.Entries(); stage == string(history.NightRunning) && es[len(es)-1].Leaf.Kind == evidence.KindRun && es[len(es)-1].Leaf.Time.After(due) {
		stage = "sealed"
	}
	k.stages[stage]++
}

// TestWatchKilled lives through nights, one process each, of which 20 at random are killed at random moments. Half of those are started
// again the same night. In the end each night was done once, or is recorded as missed with its reason, and the store verifies.
func TestWatchKilled(t *testing.T) {
	t.Parallel()
	n := nightsOf(t, "DOMICILE_TEST_NIGHTS", 45)
	k := &killing{t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(uint64(n), 20)), stages: map[string]int{}}
	writeConfig(t, k.dir, `{cron: "0 2 * * *"}`)
	first := time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	killed, again := 0, 0
	for day := range n {
		due := first.AddDate(0, 0, day)
		// Neither the first, which makes the store, nor the last; in between by lot, which some win by being too quick.
		kill := day > 0 && day < n-1 && killed < kills && k.random.IntN(max(n-1-day, 1)) < 2*(kills-killed)
		if !k.once(due.Add(time.Minute), kill) {
			continue
		}
		killed++
		if k.stage(due); k.random.IntN(2) == 0 {
			again++
			k.once(due.Add(20*time.Minute), false)
		}
	}
	if killed != kills {
		t.Errorf("%d nights were killed", killed)
	}
	k.check(first, n)
	t.Logf("%d nights, %d killed (%v), %d of them started again the same night", n, killed, k.stages, again)
}

// kills is how many nights are killed.
const kills = 20

// check holds nights, log and runs against each other.
func (k *killing) check(first time.Time, n int) {
	k.t.Helper()
	store := filepath.Join(k.dir, "runs")
	runs, skipped := map[string]int{}, map[string]int{}
	for _, line := range logOf(k.t, store) {
		kind, rest, _ := strings.Cut(line, " ")
		switch day := rest[:8]; kind {
		case "run":
			runs[day]++
		case "skipped":
			skipped[day]++
			if !strings.Contains(rest, "domicile was not running, or was ended before the night was done") {
				k.t.Errorf("a heartbeat without a reason: %s", line)
			}
		}
	}
	lines := k.nights()
	if len(lines) != n {
		k.t.Errorf("%d nights are known of %d", len(lines), n)
	}
	done, missed := 0, 0
	for i, l := range lines {
		day := l.Due.Format("20060102")
		switch {
		case !l.Due.Equal(first.AddDate(0, 0, i)):
			k.t.Errorf("night %d is that of %s", i, l.Due)
		case l.State == history.NightDone && l.Run != "" && runs[day] == 1 && skipped[day] == 0:
			done++
		case l.State == history.NightMissed && l.Problem != "" && runs[day] == 0 && skipped[day] == 1:
			missed++
		default:
			k.t.Errorf("the night of %s is %s (%s), with %d runs and %d heartbeats", day, l.State, l.Problem, runs[day], skipped[day])
		}
	}
	if missed == 0 || done < n-kills {
		k.t.Errorf("%d done, %d missed", done, missed)
	}
	requireVerified(k.t, store)
	k.t.Logf("%d done, %d missed, %d entries in the log", done, missed, len(logOf(k.t, store)))
}
