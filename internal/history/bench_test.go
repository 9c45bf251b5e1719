package history_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/history/historytest"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// The year of the benchmark: of 100,000 resources one in twenty fails, and each night one in a hundred changes, half of which were failing
// and half of which do so now. As many as fail are unknown; those change like them.
const (
	benchRuns    = 365
	benchEstate  = 100_000
	benchFailing = benchEstate / 20
	benchTurn    = benchEstate / 100 / 2
)

// year is the estate of a night: which resources fail is a window that moves on.
func year(n int64) history.Entry {
	at := due.AddDate(0, 0, int(n))
	var violations []residency.OpenViolation
	e := historytest.Night(n, nil)
	for i := range benchFailing {
		id := int(n)*benchTurn + i
		arn := fmt.Sprintf("arn:aws:s3:::acme-production-eu-workspace-%08d-attachments", id)
		v := residency.OpenViolation{Violation: residency.Violation{Control: "RES-001", Resource: arn, Zone: "eu", Role: residency.Replica, Region: "us-east-1", Account: "111111111111",
			Target: arn + "-copy"}, Kind: "s3.bucket", ResourceAccount: "111111111111", ResourceRegion: "eu-west-1", Severity: residency.High, State: residency.ViolationOpen, LastSeen: at}
		violations = append(violations, v)
		line := fmt.Sprintf(`{"control":"RES-001","resource":%q,"kind":"s3.bucket","account":"111111111111","region":"eu-west-1","zone":"eu","outcome":"fail","severity":"high","reason":"replica in us-east-1, outside eu (eu-west-1)","placements":[{"role":"replica","region":"us-east-1","account":"111111111111","target":%q,"via":"replication rule all"}],"path":[%q]}`, arn, v.Target, arn)
		unknown := strings.Replace(arn, "attachments", "thumbnails", 1)
		e.Run.Findings = append(e.Run.Findings, history.Finding{Matter: v.Matter(), Outcome: residency.Fail, Line: line},
			history.Finding{Matter: residency.Matter{Control: "RES-004", Resource: unknown, Zone: "eu"}, Outcome: residency.Unknown,
				Line: fmt.Sprintf(`{"control":"RES-004","resource":%q,"kind":"s3.bucket","account":"111111111111","region":"eu-west-1","zone":"eu","outcome":"unknown","severity":"medium","reason":"GetBucketLogging denied: allow s3:GetBucketLogging","path":[%q]}`, unknown, unknown)})
	}
	e.Run.Observed, e.Run.Violations = at, violations
	return e
}

// BenchmarkHistory records a year and asks what the commands ask. The issue wants 1 GB at most, 2 s for a comparison and 200 ms for the
// history.
func BenchmarkHistory(b *testing.B) {
	path := os.Getenv("HISTORY_BENCH_DSN") // of an empty PostgreSQL database; else a file
	if path == "" {
		path = filepath.Join(b.TempDir(), "history.db")
	}
	s := open(b, path)
	ctx, longest := context.Background(), time.Duration(0)
	b.Run("record", func(b *testing.B) {
		for range b.N {
			for n := range int64(benchRuns) {
				e := year(n)
				from := time.Now()
				if err := s.Record(ctx, e); err != nil {
					b.Fatal(err)
				}
				if took := time.Since(from); n > 0 {
					longest = max(longest, took)
				}
			}
		}
		b.ReportMetric(float64(longest.Milliseconds()), "ms/longest-night")
		b.ReportMetric(0, "ns/op")
		if info, err := os.Stat(path); err == nil {
			b.ReportMetric(float64(info.Size())/1e6, "MB")
		}
	})
	now := due.AddDate(0, 0, benchRuns)
	for name, ask := range map[string]func() (int, error){
		"compare neighbours": func() (int, error) {
			c, err := s.Compare(ctx, historytest.RunID(benchRuns-2), historytest.RunID(benchRuns-1))
			return len(c.Differences), err
		},
		"compare in the middle": func() (int, error) {
			c, err := s.Compare(ctx, historytest.RunID(benchRuns/2), historytest.RunID(benchRuns/2+1))
			return len(c.Differences), err
		},
		"compare first and last": func() (int, error) {
			c, err := s.Compare(ctx, historytest.RunID(0), historytest.RunID(benchRuns-1))
			return len(c.Differences), err
		},
		"runs": func() (int, error) {
			all, err := s.Runs(ctx, time.Time{}, time.Time{})
			return len(all), err
		},
		"open": func() (int, error) {
			all, err := s.Open(ctx, now)
			return len(all), err
		},
		"turnover": func() (int, error) {
			opened, closed, err := s.Turnover(ctx, time.Time{}, time.Time{})
			return opened + closed, err
		},
		"spells of a month": func() (int, error) {
			all, err := s.Spells(ctx, due.AddDate(0, 0, 180), due.AddDate(0, 0, 210), now)
			return len(all), err
		},
		"history": func() (int, error) { // all that the command asks
			all, err := s.Runs(ctx, time.Time{}, time.Time{})
			if err == nil {
				_, err = s.Agrees(ctx, all)
			}
			if err == nil {
				_, err = s.Nights(ctx, time.Time{}, time.Time{})
			}
			if err == nil {
				_, _, err = s.Turnover(ctx, time.Time{}, time.Time{})
			}
			if err != nil {
				return 0, err
			}
			open, err := s.Open(ctx, now)
			return len(open), err
		},
	} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for range b.N {
				var err error
				if n, err = ask(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n), "rows")
		})
	}
}
