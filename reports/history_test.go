package reports

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func chronicle() *residency.Chronicle {
	day := func(i int) time.Time { return time.Date(2026, 11, 1+i, 2, 0, 0, 0, time.UTC) }
	c := &residency.Chronicle{From: "2026-10-30", To: "2026-11-23", Timezone: "Europe/Dublin", Schedule: "0 2 * * *", Opened: 3, Closed: 1, Earlier: 12,
		Runs: []residency.ChronicleEntry{
			{Run: "20261105T020000Z-000005", Kind: "run", Begun: day(4), Conclusion: residency.ConcludeFail, Complete: true, Violations: 2, Waived: 1, Unknown: 3, Gaps: 1, Held: []string{"T-1"}},
			{Run: "20261104T020000Z-000004", Kind: "failed", Begun: day(3), Reason: "no credentials: " + strings.Repeat("give some ", 12)},
			{Run: "20261103T020000Z-000003", Kind: "run", Begun: day(2), Conclusion: residency.ConcludeNotConcluded, Expired: true},
			{Run: "20261102T020000Z-000002", Kind: "run", Begun: day(1), Reason: "its folder is gone"}}}
	c.Holds = []residency.LegalHold{{Ticket: "T-1", Reason: "case 17", Run: "20261105T020000Z-000005", Since: day(5)},
		{Ticket: "T-2", Reason: "the whole matter", From: "2020-01-01", To: "2020-12-31", Since: day(6)}}
	for i, state := range []residency.NightState{residency.NightDone, residency.NightLate, residency.NightMissed, residency.NightMissed, residency.NightDone, residency.NightMissed,
		residency.NightPartial, residency.NightFailed} {
		n := residency.Night{Date: day(i - 2).Format(time.DateOnly), State: state}
		if state != residency.NightDone {
			n.Reason = "because of the " + string(state)
		}
		c.Nights = append(c.Nights, n)
	}
	c.Open = []residency.LastingViolation{{FirstSeen: day(0), DaysOpen: 23, OpenViolation: residency.OpenViolation{Violation: residency.Violation{Control: "RES-001",
		Resource: "arn:aws:s3tables:eu-west-1:111111111111:bucket/acme-eu-lake/table/11111111-aaaa-4bbb-8ccc-000000000001", Zone: "eu", Role: residency.Replica, Region: "us-east-1",
		Account: "111111111111", Target: "arn:aws:s3:::copy"}, Severity: residency.High, State: residency.ViolationNotReexamined, LastSeen: day(1), Detail: "GetBucketReplication denied"}},
		{FirstSeen: day(2), DaysOpen: 1, OpenViolation: residency.OpenViolation{Violation: residency.Violation{Control: "OWN-1", Resource: "x"}, Severity: residency.Info, State: residency.ViolationOpen, LastSeen: day(2)}}}
	return c
}

const chronicleText = `History from 2026-10-30 to 2026-11-23 (schedule 0 2 * * *, Europe/Dublin)

RUNS · newest first
  20261105T020000Z-000005 fail · 2 violations · 1 gap · 1 waived · 3 unknown ·
    held: T-1
  20261104T020000Z-000004 failed: no credentials: give some give some give some
    give some give some give some give some give some give some give some give
    some give some
  20261103T020000Z-000003 not concluded, interrupted · expired
  20261102T020000Z-000002 nothing is known: its folder is gone
  and 12 earlier: --from and --to list them

NIGHTS · 8 expected: 2 done, 1 late, 1 partial, 1 failed, 3 missed
           1   5    10   15   20   25   30
  2026-10                               .l
  2026-11  MM.MpF
  . done  l late  p partial  F failed  M missed

  2026-10-31 late: because of the late
  2026-11-01 to 2026-11-02, 2 nights missed: because of the missed
  2026-11-04 missed: because of the missed
  2026-11-05 partial: because of the partial
  2026-11-06 failed: because of the failed

OPEN · 2 violations; in these days 3 opened, 1 closed
  high · RES-001 · zone eu · not re-examined · 23 days
    arn:aws:s3tables:eu-west-1:111111111111:bucket/acme-eu-lake/table/11111111-aaaa-4bbb-8ccc-000000000001
    replica in us-east-1 of 111111111111
    at arn:aws:s3:::copy
    first seen 2026-11-01, last seen 2026-11-02
    GetBucketReplication denied
  info · OWN-1 · zone none · open · 1 day
    x
    first seen 2026-11-03, last seen 2026-11-03

LEGAL HOLDS · what they cover does not expire
  T-1 · run 20261105T020000Z-000005 · since 2026-11-06 · case 17
  T-2 · runs from 2020-01-01 to 2020-12-31 · since 2026-11-07 · the whole matter
`

func TestHistory(t *testing.T) {
	var out bytes.Buffer
	if err := History(&out, chronicle(), 80, false); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != chronicleText {
		t.Errorf("got:\n%s", got)
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if columns(line) > 80 && !strings.HasPrefix(line, "    arn:") {
			t.Errorf("%d columns: %s", columns(line), line)
		}
	}
}

// TestHistoryColor: colour adds nothing but colour.
func TestHistoryColor(t *testing.T) {
	var out bytes.Buffer
	if err := History(&out, chronicle(), 80, true); err != nil {
		t.Fatal(err)
	}
	if plainText := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(out.String(), ""); plainText != chronicleText || plainText == out.String() {
		t.Errorf("%q", out.String())
	}
}

// TestHistoryHostile: no name and no reason moves the cursor, colours, or makes a line of its own.
func TestHistoryHostile(t *testing.T) {
	for _, p := range payloads() {
		c := chronicle()
		lines := func() int {
			var out bytes.Buffer
			if err := History(&out, c, 4000, false); err != nil {
				t.Fatal(err)
			}
			for _, r := range strings.ReplaceAll(out.String(), "\n", "") {
				if hostile(r) && r != '\uFFFD' {
					t.Errorf("%q: %q", p, out.String())
				}
			}
			return strings.Count(out.String(), "\n")
		}
		want := lines()
		c.From, c.Schedule, c.Timezone = p, p+"x", p
		for i := range c.Runs {
			c.Runs[i].Run, c.Runs[i].Reason, c.Runs[i].Held = p, p, []string{p}
		}
		for i := range c.Nights {
			c.Nights[i].Reason = fmt.Sprint(p, i)
		}
		want++ // of the two nights that went the same way
		c.Holds[0], c.Holds[1] = residency.LegalHold{Ticket: p, Reason: p, Run: p + "x"}, residency.LegalHold{Ticket: p, Reason: p, From: p, To: p}
		v := &c.Open[0]
		v.Control, v.Resource, v.Region, v.Account, v.Target, v.Detail, v.Zone = p, p, p, p+"x", p+"x", p+"x", p
		if got := lines(); len(p) < 1000 && got != want { // a longer text is broken into lines
			t.Errorf("%q: %d lines, want %d", p, got, want)
		}
	}
}

// TestHistoryFull: what is open without end is cut, and a writer's error is passed on.
func TestHistoryFull(t *testing.T) {
	c := chronicle()
	for range 100 {
		c.Open = append(c.Open, c.Open[0])
	}
	var out bytes.Buffer
	if err := History(&out, c, 0, false); err != nil || !strings.Contains(out.String(), "  and 72 more: -o json has them all") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := History(noSpace{}, c, 0, false); !errors.Is(err, errNoSpace) {
		t.Error(err)
	}
}

var errNoSpace = errors.New("no space")

type noSpace struct{}

func (noSpace) Write([]byte) (int, error) { return 0, errNoSpace }
