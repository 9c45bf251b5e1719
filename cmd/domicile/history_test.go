package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const yearConfig = `version: 1
zones:
  eu: {name: European Union, regions: [eu-west-1]}
assign:
  - {region: own}
  - {arn: "arn:aws:s3:::acme-*", zone: eu}
schedule: {cron: "0 2 * * *", timezone: Europe/Dublin, jitter: 30m}
`

// TestRetention keeps a run every fourth week for two years, lets a year of them expire but for what is held, and reads the history of all
// of it, also after the database was made anew.
func TestRetention(t *testing.T) {
	dir := t.TempDir()
	out, cfg, snap := filepath.Join(dir, "runs"), filepath.Join(dir, "domicile.yaml"), filepath.Join(dir, "s.ndjson")
	if err := os.WriteFile(cfg, []byte(strings.Replace(yearConfig, "  - {region: own}\n", "", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)
	do := func(code int, args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		s := inProcess(&stdout, &stderr, append(args, "--out", out, "--config", cfg)...)
		s.now = func() time.Time { return now }
		if got := run(t.Context(), s); got != code {
			t.Fatalf("%v: exit code %d, want %d\n%s", args, got, code, stderr.String())
		}
		return stdout.String()
	}
	const nights = 26
	for range nights {
		text := fmt.Sprintf(`{"snapshot":{"schema":1,"run":%q,"tool":"t","partition":"aws","scope":{"accounts":["111111111111"],"regions":["eu-west-1"],"scanners":{"s3":"global"},"organization_accounts":["111111111111"],"narrowed":false}}}
{"resource":{"id":"arn:aws:s3:::acme-files","kind":"s3.bucket","account":"111111111111","region":"eu-west-1","tags":{},"placements":[{"role":"primary","region":"eu-west-1","account":"111111111111"},{"role":"replica","region":"us-east-1","account":"111111111111","target":"arn:aws:s3:::acme-copy"}]}}
{"coverage":{"scanner":"s3","account":"111111111111","region":"global","status":"complete","resources":1,"gaps":[]}}
{"end":{"resources":1,"coverage":1}}
`, now.Format(time.RFC3339))
		if err := os.WriteFile(snap, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		do(exitFail, "judge", snap)
		now = now.AddDate(0, 0, 28)
	}
	want := func(got string, parts ...string) {
		t.Helper()
		for _, p := range parts {
			if !strings.Contains(got, p) {
				t.Errorf("no %q in:\n%s", p, got)
			}
		}
	}
	do(exitOK, "history", "hold", "--from", "2026-02-01", "--to", "2026-02-28", "--reason", "case 17", "--ticket", "LEGAL-17")
	dry := do(exitOK, "history", "expire", "--older-than", "400d", "--dry-run")
	want(dry, "would expire: 20260105T020000Z-", "kept: 20260202T020000Z-", ", held under LEGAL-17")
	if n := strings.Count(dry, "would expire"); n != 11 {
		t.Errorf("%d would expire", n)
	}
	gone := do(exitOK, "history", "expire", "--older-than", "400d")
	if got := strings.ReplaceAll(dry, "would expire", "expired"); got != gone {
		t.Errorf("announced:\n%s\ndone:\n%s", got, gone)
	}
	if left, _ := filepath.Glob(filepath.Join(out, "2*")); len(left) != nights-11 {
		t.Errorf("%d folders are left", len(left))
	}
	want(do(exitOK, "verify", out), "expired: its evidence was removed on 2028-01-03", "entries of the log: 38, runs among them: 15")
	told := do(exitOK, "history")
	want(told, "first seen 2026-01-05, last seen 2027-12-06", "729 days", "0 opened, 0 closed", "2027-12-07 to 2028-01-02, 27 nights missed: no run was begun")
	all := do(exitOK, "history", "--from", "2026-01-01", "--to", "2026-12-31")
	want(all, "fail · 1 violation · expired", "fail · 1 violation · held: LEGAL-17", "1 opened, 0 closed", "NIGHTS · 365 expected: 13 done", "  2026-01  MMMM.MMMMM")
	want(do(exitOK, "history", "rebuild"), "with 38 entries of the log", "11 runs among them could not be read, expired or gone")
	want(do(exitOK, "history", "--from", "2026-01-01", "--to", "2026-12-31"), "the evidence of the run 20260105T020000Z-", "first seen 2026-02-02", "LEGAL-17")
	now = now.AddDate(3, 0, 0)
	want(do(exitOK, "history", "expire", "--older-than", "400d"), "the latest", "held under LEGAL-17")
	if left, _ := filepath.Glob(filepath.Join(out, "2*")); len(left) != 2 {
		t.Errorf("left: %v", left)
	}
	want(do(exitOK, "verify", out), "runs among them: 2")
}
