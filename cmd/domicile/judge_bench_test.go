package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// The benchmarks of judge run the built binary, so that start-up counts and the resident memory is the process's own:
//
//	go test ./cmd/domicile -run '^$' -bench Judge -benchtime 1x

// binary builds domicile once for a benchmark.
func binary(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "domicile")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return path
}

const benchConfig = `version: 1
zones:
  eu: {regions: [eu-west-1]}
  au: {regions: [ap-southeast-2]}
  us: {regions: [us-east-1], promise: false}
assign:
  - {tag: data-residency}
  - {region: own}
`

// estateOf writes a snapshot of n resources as make gives them.
func estateOf(b *testing.B, n int, make func(i int, r *residency.Resource)) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "snapshot.ndjson.zst")
	w, err := snapshot.Create(path, residency.Header{Schema: 1, Run: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), Tool: "bench", Partition: "aws",
		Scope: &residency.Scope{Accounts: []string{"111111111111"}, Regions: []string{"eu-west-1"}, Scanners: map[string]string{"s3": "global"}, OrganizationAccounts: []string{"111111111111"}}})
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		zone := []string{"eu", "au", "us"}[i%3]
		r := residency.Resource{Account: "111111111111", Tags: map[string]string{"data-residency": zone, "team": fmt.Sprintf("team-%d", i%97)},
			Facts: map[string]any{"encrypted": true, "engine": "aurora-postgresql"}}
		make(i, &r)
		if err := w.Resource(&r); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Coverage(residency.Coverage{Scanner: "s3", Account: "111111111111", Region: "global", Status: residency.Complete, Resources: n}); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

var homes = []string{"eu-west-1", "ap-southeast-2", "us-east-1"}

var kinds = []string{"s3.bucket", "rds.instance", "dynamodb.table", "cloudwatchlogs.group", "ec2.snapshot", "backup.recovery_point"}

func ordinary(i int, r *residency.Resource) {
	r.Kind, r.Region = kinds[i%len(kinds)], homes[i%3]
	r.Name = fmt.Sprintf("acme-%s-%08d", r.Tags["data-residency"], i)
	r.ID = fmt.Sprintf("arn:aws:%s:%s:111111111111:thing/%s", r.Kind[:3], r.Region, r.Name)
	r.Placements = []residency.Placement{{Role: residency.Primary, Region: r.Region}}
	if i%2 == 0 {
		r.Placements = append(r.Placements, residency.Placement{Role: residency.Backup, Region: r.Region, Account: "111111111111", Target: "arn:aws:backup:" + r.Region + ":111111111111:backup-vault:main", Via: "backup plan nightly"})
	}
}

func linked(i int, r *residency.Resource) {
	ordinary(i, r)
	if i%10 != 0 {
		r.Placements = append(r.Placements[:1], residency.Placement{Role: residency.Replica, Region: r.Region, Target: linkedID(i + 3), Via: "replication"})
	}
}

func linkedID(i int) string {
	zone := []string{"eu", "au", "us"}[i%3]
	kind := kinds[i%len(kinds)]
	return fmt.Sprintf("arn:aws:%s:%s:111111111111:thing/acme-%s-%08d", kind[:3], homes[i%3], zone, i)
}

func failing(i int, r *residency.Resource) {
	ordinary(i, r)
	if i%5 < 2 {
		r.Placements = append(r.Placements, residency.Placement{Role: residency.Replica, Region: "us-west-2", Target: fmt.Sprintf("arn:aws:s3:::copy-%d", i), Via: "replication rule all"})
		if r.Tags["data-residency"] == "us" {
			r.Tags["data-residency"], r.Region, r.Placements[0].Region = "eu", "eu-west-1", "eu-west-1"
		}
	}
}

var everywhere = []string{"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
	"ca-central-1", "sa-east-1", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "af-south-1", "me-south-1", "il-central-1"}

func different() func(i int, r *residency.Resource) {
	rng := rand.New(rand.NewPCG(1, 2))
	return func(i int, r *residency.Resource) {
		ordinary(i, r)
		r.Placements = r.Placements[:1]
		for n := 3 + rng.IntN(11); n > 0; n-- {
			role := residency.Roles()[rng.IntN(11)]
			r.Placements = append(r.Placements, residency.Placement{Role: role, Region: everywhere[rng.IntN(len(everywhere))], Account: []string{"", "111111111111", "999999999999"}[rng.IntN(3)], Via: fmt.Sprintf("setting %d", rng.IntN(1000))})
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	bin := binary(b)
	for _, bench := range []struct {
		name string
		n    int
		make func(int, *residency.Resource)
	}{
		{"1000000", 1_000_000, ordinary},
		{"1000000-linked", 1_000_000, linked},
		{"200000-failing", 200_000, failing},
		{"100000-different", 100_000, different()},
	} {
		b.Run(bench.name, func(b *testing.B) {
			path := estateOf(b, bench.n, bench.make)
			config := filepath.Join(b.TempDir(), "domicile.yaml")
			if err := os.WriteFile(config, []byte(benchConfig), 0o644); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			for range b.N {
				cmd := exec.Command(bin, "judge", path, "--config", config, "--exit-zero", "-o", "json="+filepath.Join(b.TempDir(), "out.json"))
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				b.ReportMetric((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), "cpu-s/op")
				b.ReportMetric(float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024, "MB-resident")
			}
		})
	}
}
