//go:build live

package live

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/scanners/plan/plantest"
)

const euOnly = "version: 1\nzones:\n  eu: {name: European Union, regions: [eu-west-1]}\nassign:\n  - {tag: data-residency}\n  - {region: own}\n"

// BenchmarkCheck judges plans with every shipped control, in turn with conftest, which has three rules and follows no reference. Run it
// with -benchtime 1x; the medians of five are compared.
func BenchmarkCheck(b *testing.B) {
	program, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	conftest := peer(b, "conftest", "github.com/open-policy-agent/conftest")
	dir := b.TempDir()
	config := filepath.Join(dir, "domicile.yaml")
	if err := os.WriteFile(config, []byte(euOnly), 0o644); err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{1000, 10000, 50000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			plan := filepath.Join(dir, fmt.Sprintf("plan-%d.json", n))
			if err := os.WriteFile(plan, []byte(plantest.Synthetic(n)), 0o644); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				var ours, theirs []usage
				for range 5 {
					ours = append(ours, timed(b, program, "check", plan, "--config", config, "-o", "ndjson"))
					theirs = append(theirs, timed(b, conftest, "test", "--policy", "testdata/peers", plan))
				}
				o, t := median(ours), median(theirs)
				b.Logf("%d resources: %.2f s and %d MB, conftest %.2f s and %d MB: ratio %.2f", n, o.wall.Seconds(), o.resident>>20, t.wall.Seconds(), t.resident>>20, o.wall.Seconds()/t.wall.Seconds())
				b.ReportMetric(o.wall.Seconds(), "s")
				b.ReportMetric(float64(o.resident>>20), "MB")
				b.ReportMetric(o.wall.Seconds()/t.wall.Seconds(), "of-conftest")
				judgeSpeed(b, n, o, t)
			}
		})
	}
}

// judgeSpeed holds the figures against what was promised.
func judgeSpeed(b *testing.B, n int, o, t usage) {
	switch n {
	case 1000:
		if o.wall > 400*time.Millisecond || o.resident > 150<<20 {
			b.Errorf("%.2f s and %d MB, want at most 0.4 s and 150 MB", o.wall.Seconds(), o.resident>>20)
		}
	case 10000:
		if o.wall > 2*t.wall {
			b.Errorf("%.2f s, want at most twice conftest's %.2f s", o.wall.Seconds(), t.wall.Seconds())
		}
	default:
		if o.wall > t.wall || o.resident > t.resident {
			b.Errorf("%.2f s and %d MB, conftest %.2f s and %d MB", o.wall.Seconds(), o.resident>>20, t.wall.Seconds(), t.resident>>20)
		}
	}
}

// BenchmarkCheckWith adds an index of a million resources: what it costs beside the same check without one.
func BenchmarkCheckWith(b *testing.B) {
	program, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		return path
	}
	config, plan := write("domicile.yaml", euOnly), write("plan.json", plantest.Synthetic(1000))
	index := filepath.Join(dir, "index.ndjson.zst")
	timed(b, program, "judge", write("live.ndjson", estate(1_000_000)), "--config", config, "--index", index)
	for b.Loop() {
		var with, without []usage
		for range 3 {
			without = append(without, timed(b, program, "check", plan, "--config", config, "-o", "ndjson"))
			with = append(with, timed(b, program, "check", plan, "--config", config, "-o", "ndjson", "--with", index))
		}
		w, o := median(with), median(without)
		b.Logf("with an index of 1,000,000: %.2f s and %d MB; without: %.2f s and %d MB", w.wall.Seconds(), w.resident>>20, o.wall.Seconds(), o.resident>>20)
		b.ReportMetric((w.wall - o.wall).Seconds(), "s-added")
		b.ReportMetric(float64((w.resident-o.resident)>>20), "MB-added")
		if w.wall-o.wall > 2*time.Second || w.resident-o.resident > 150<<20 {
			b.Errorf("the index adds %.2f s and %d MB, want at most 2 s and 150 MB", (w.wall - o.wall).Seconds(), (w.resident-o.resident)>>20)
		}
	}
}

// BenchmarkCheckov is the second peer, slow enough to be asked once.
func BenchmarkCheckov(b *testing.B) {
	program, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	checkov := checkovOf(b)
	dir := b.TempDir()
	config, plan := filepath.Join(dir, "domicile.yaml"), filepath.Join(dir, "plan.json")
	if err := os.WriteFile(config, []byte(euOnly), 0o644); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(plan, []byte(plantest.Synthetic(10000)), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		theirs := timed(b, checkov, "-f", plan, "--compact", "--quiet", "--framework", "terraform_plan")
		ours := timed(b, program, "check", plan, "--config", config, "-o", "ndjson")
		b.Logf("10,000 resources: %.2f s, checkov %.1f s and %d MB: %.0f times as fast", ours.wall.Seconds(), theirs.wall.Seconds(), theirs.resident>>20, theirs.wall.Seconds()/ours.wall.Seconds())
		b.ReportMetric(theirs.wall.Seconds()/ours.wall.Seconds(), "times-checkov")
		if theirs.wall < 50*ours.wall {
			b.Errorf("%.0f times as fast as checkov, want 50", theirs.wall.Seconds()/ours.wall.Seconds())
		}
	}
}

type usage struct {
	wall     time.Duration
	resident int64 // bytes
}

// timed runs a command to its end, whatever it concludes.
func timed(b *testing.B, name string, args ...string) usage {
	b.Helper()
	cmd := exec.Command(name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	resident, err := watched(cmd)
	wall := time.Since(start)
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 1 && strings.Contains(out.String(), "domicile: ") {
		b.Fatalf("%s: %v\n%s", name, err, out.String())
	}
	return usage{wall, int64(resident)}
}

func median(all []usage) usage {
	for i := range all { // few
		for j := i; j > 0 && all[j].wall < all[j-1].wall; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	m := all[len(all)/2]
	for _, u := range all {
		m.resident = max(m.resident, u.resident)
	}
	return m
}

// checkovOf installs checkov into an environment of its own, kept in the user's cache.
func checkovOf(b *testing.B) string {
	b.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Join(cache, "domicile-live", "checkov-3.3.30")
	program := filepath.Join(dir, "bin", "checkov")
	if _, err := os.Stat(filepath.Join(dir, "ready")); err == nil {
		return program
	}
	for _, step := range [][]string{{"python3", "-m", "venv", "--clear", dir}, {filepath.Join(dir, "bin", "pip"), "install", "--quiet", "checkov==3.3.30"}} {
		if out, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
			b.Fatalf("set up checkov: %v\n%s", err, out)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "ready"), nil, 0o644); err != nil {
		b.Fatal(err)
	}
	return program
}

// estate is a snapshot of n buckets, every second with a replica in its own region.
func estate(n int) string {
	var s strings.Builder
	s.WriteString(`{"snapshot":{"schema":1,"run":"2026-11-26T02:00:00Z","tool":"0.1.0","partition":"aws","scope":{"accounts":["111111111111"],"regions":["eu-west-1"],"scanners":{"s3":"global"},"organization_accounts":["111111111111"],"narrowed":false}}}` + "\n")
	for i := range n {
		replica := ""
		if i%2 == 0 {
			replica = fmt.Sprintf(`,{"role":"replica","region":"eu-west-1","target":"arn:aws:s3:::live-%d","via":"replication rule all"}`, i+1)
		}
		fmt.Fprintf(&s, `{"resource":{"id":"arn:aws:s3:::live-%d","kind":"s3.bucket","account":"111111111111","region":"eu-west-1","name":"live-%d","tags":{"data-residency":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}%s]}}`+"\n", i, i, replica)
	}
	fmt.Fprintf(&s, `{"coverage":{"scanner":"s3","account":"111111111111","region":"global","status":"complete","resources":%d,"gaps":[]}}`+"\n"+`{"end":{"resources":%d,"coverage":1}}`+"\n", n, n)
	return s.String()
}
