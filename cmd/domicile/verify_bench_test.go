package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// BenchmarkVerify verifies a run of 1,000,000 resources, seal and judgement, as an auditor would:
//
//	go test ./cmd/domicile -run '^$' -bench Verify -benchtime 1x
func BenchmarkVerify(b *testing.B) {
	bin, dir := binary(b), b.TempDir()
	config := filepath.Join(dir, "domicile.yaml")
	if err := os.WriteFile(config, []byte(benchConfig), 0o644); err != nil {
		b.Fatal(err)
	}
	runs := filepath.Join(dir, "runs")
	domicile := func(args ...string) *os.ProcessState {
		cmd := exec.Command(bin, args...)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		return cmd.ProcessState
	}
	domicile("judge", estateOf(b, 1_000_000, ordinary), "--config", config, "--exit-zero", "--out", runs, "-o", "json="+filepath.Join(dir, "out.json"))
	b.ResetTimer()
	for b.Loop() {
		state := domicile("verify", "latest", "--out", runs, "--key", filepath.Join(runs, "keys", "signing.pub"))
		b.ReportMetric((state.UserTime() + state.SystemTime()).Seconds(), "cpu-s/op")
		b.ReportMetric(float64(state.SysUsage().(*syscall.Rusage).Maxrss)/1024, "MB-resident")
	}
}
