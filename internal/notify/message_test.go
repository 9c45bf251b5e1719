package notify

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var update = flag.Bool("update", false, "write the golden messages anew")

// hostile is a name that somebody chose to deceive.
const hostile = "arn:aws:s3:::x\n\n*PASS* <!channel> @all `code` <https://evil.example|click> [click](https://evil.example)\r\nBcc: x@evil.example\x1b[31m\u202e & \xff"

// messages are one of each kind, and one full of hostile names.
func messages() map[string]*Message {
	days := 12
	moved := difference(residency.Moved, residency.High, "RES-002", "arn:aws:s3:::acme-eu-files")
	moved.Was = "ap-south-1"
	stopped := difference(residency.Stopped, residency.High, "RES-002", "arn:aws:rds:eu-west-1:111111111111:db:acme")
	stopped.Detail = "the rule has gone, and the copy was not examined"
	gap := residency.Difference{Change: residency.Uncovered, Account: "222222222222", Region: "eu-west-1", Detail: "rds DescribeDBInstances denied"}
	n := aNight(compared(moved, stopped, gap, difference(residency.Fixed, residency.Critical, "RES-009", "arn:aws:s3:::acme-public"),
		difference(residency.NotReexamined, residency.High, "RES-002", "arn:aws:s3:::acme-eu-logs")))
	n.Comparison.Policies = true
	n.DaysOpen = map[residency.Violation]int{{Control: "RES-002", Resource: "arn:aws:s3:::acme-eu-files", Zone: "eu", Role: residency.Replica, Region: "us-east-1",
		Account: "111111111111", Target: "arn:aws:s3:::acme-eu-files-copy"}: days}
	change, _ := Tell(n, State{Failures: 2, FailedSince: evening.Add(-48 * time.Hour)})
	change.Undelivered = 3

	first := aNight(nil)
	first.Worst = Worst{}
	first.ReadOn = "domicile report 20261123T020000Z-bbbbbb -o table"
	for _, r := range []string{"b", "a"} {
		first.Worst.add(difference(open, residency.High, "RES-002", "arn:aws:s3:::"+r))
	}
	first.Worst.seen = 5
	summed, _ := Tell(first, State{})

	baseline := aNight(compared(difference(residency.Opened, residency.Low, "RES-007", "arn:aws:kms:eu-west-1:111111111111:key/1"), difference(residency.Fixed, residency.Low, "RES-007", "x")))
	baseline.Baseline, baseline.Summary.Complete = "20261101T020000Z-cccccc", false
	worse, _ := Tell(baseline, State{})

	failed := aNight(nil)
	failed.Summary, failed.Failure, failed.ReadOn = nil, "assume the role DomicileAudit: AccessDenied: not authorised", ""
	failure, _ := Tell(failed, State{})

	recovery, _ := Tell(aNight(compared()), State{Failures: 1, FailedSince: evening.Add(-24 * time.Hour)})
	missed, _ := Tell(aNight(compared()), State{}.Miss(evening.Add(-48*time.Hour)).Miss(evening.Add(-72*time.Hour)))

	bad := aNight(compared(residency.Difference{Change: residency.Opened, Severity: residency.High, Control: hostile, Resource: hostile, Zone: hostile, Role: "replica", Region: hostile,
		Account: hostile, Target: hostile, Detail: hostile}))
	bad.Organization, bad.System, bad.Zones, bad.ReadOn = hostile, hostile, []residency.Zone{{ID: hostile, Name: hostile}}, hostile
	evil, _ := Tell(bad, State{})
	return map[string]*Message{"change": change, "first_run": summed, "baseline": worse, "failure": failure, "recovery": recovery, "missed": missed, "hostile": evil,
		"test": Test("Example GmbH", "", evening)}
}

func TestGolden(t *testing.T) {
	for name, m := range messages() {
		data, err := m.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, data, "", "  "); err != nil {
			t.Fatal(err)
		}
		for form, got := range map[string]string{".txt": m.Subject() + "\n\n" + m.Text(), ".mrkdwn": m.Mrkdwn(), ".json": indented.String() + "\n"} {
			path := filepath.Join("testdata", name+form)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s: run with -update and read what changed:\n%s", path, got)
			}
		}
	}
}

// TestHostileNames: nobody's name makes a line, a mention, a link or an order to a terminal.
func TestHostileNames(t *testing.T) {
	m := messages()["hostile"]
	text, markup := m.Text(), m.Mrkdwn()
	for form, s := range map[string]string{"text": text, "mrkdwn": markup, "subject": m.Subject()} {
		if !utf8.ValidString(s) {
			t.Errorf("%s is not UTF-8", form)
		}
		if i := strings.IndexFunc(s, func(r rune) bool { return r != '\n' && r != '\u2060' && !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%s holds %q", form, s[i:])
		}
	}
	for _, line := range strings.Split(text+markup, "\n") {
		if strings.HasPrefix(line, "Bcc:") || strings.HasPrefix(line, "*PASS") {
			t.Errorf("a name made the line %q", line)
		}
	}
	outside := regexp.MustCompile("`[^`\n]*`").ReplaceAllString(markup, "")
	for _, sign := range []string{"<", ">", "@a", "`", "](", "[c", "https://", "*PASS"} {
		if strings.Contains(outside, sign) {
			t.Errorf("outside code: %q in %s", sign, outside)
		}
	}
	if strings.ContainsAny(markup, "<>") {
		t.Errorf("not escaped: %s", markup)
	}
	if s := m.Subject(); len(s) > 100 || strings.ContainsAny(s, "\r\n") {
		t.Errorf("subject %q", s)
	}
}

// TestBounded: whatever the names, a message stays small.
func TestBounded(t *testing.T) {
	var all []residency.Difference
	for range 1000 {
		all = append(all, residency.Difference{Change: residency.Opened, Severity: residency.High, Control: strings.Repeat("c", 1e5), Resource: strings.Repeat("é", 1e5), Detail: strings.Repeat("\x00", 1e5)})
	}
	n := aNight(compared(all...))
	n.Organization = strings.Repeat("ü", 300)
	m, _ := Tell(n, State{})
	data, err := m.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 300_000 || len(m.Text()) > 100_000 || len(m.Mrkdwn()) > 100_000 || len(m.Subject()) > 100 {
		t.Errorf("JSON %d, text %d, mrkdwn %d, subject %d", len(data), len(m.Text()), len(m.Mrkdwn()), len(m.Subject()))
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcdef", 5, "ab…"}, {"ééééé", 6, "é…"}, {"ééééé", 7, "éé…"}, {"日本語日本語", 9, "日本…"}, {"日本語日本語", 10, "日本…"}} {
		if got := cut(c.s, c.n); got != c.want || len(got) > c.n && len(c.s) > c.n {
			t.Errorf("cut(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

// TestJSONFields: the names that a webhook's receiver depends on. They may only grow.
func TestJSONFields(t *testing.T) {
	data, err := messages()["change"].JSON()
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"schema_version", "id", "kind", "time", "organization", "system", "zones", "run", "previous_run", "conclusion", "counts", "policies_changed", "changes", "more", "recovered", "undelivered", "read_on"} {
		if _, ok := m[key]; !ok {
			t.Errorf("no %q in %s", key, data)
		}
	}
	if _, ok := m["changes"].([]any)[1].(map[string]any)["days_open"]; !ok || m["schema_version"] != float64(1) {
		t.Errorf("%s", data)
	}
}
