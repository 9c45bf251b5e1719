package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var shippedZones = map[string]residency.Zone{
	"ca": {ID: "ca", Name: "Canada", Regions: []string{"ca-central-1", "ca-west-1"}, Promise: true},
	"ch": {ID: "ch", Name: "Switzerland", Regions: []string{"eu-central-2"}, Promise: true},
}

func pointer(s string) *string { return &s }

func load(t *testing.T, name string) *Config {
	t.Helper()
	path := filepath.Join("testdata", name)
	c, err := Load(path, shippedZones)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(c.Raw, raw) {
		t.Errorf("Raw is not the file as read")
	}
	c.Raw = nil
	return c
}

func TestLoadContractExample(t *testing.T) {
	want := &Config{
		Organization: Organization{Name: "Example GmbH", System: "Messaging platform"},
		Zones: []residency.Zone{
			{ID: "eu", Name: "European Union", Regions: []string{"eu-west-1"}, Promise: true},
			{ID: "au", Name: "Australia", Regions: []string{"ap-southeast-2"}, Promise: true},
			{ID: "us", Name: "United States", Regions: []string{"us-east-1"}},
		},
		Assign: []residency.Rule{
			{ARN: "arn:aws:s3:::acme-eu-*", Zone: "eu", Line: 8},
			{TagKey: "data-residency", Line: 9},
			{TagKey: "stack", TagValue: pointer("prod-eu*"), Zone: "eu", Line: 10},
			{Account: "222222222222", Zone: "eu", Line: 11},
			{ARN: "arn:aws:s3:::cdk-*-assets-*", Zone: "none", Reason: "build artefacts", Owner: "platform", Line: 12},
			{OwnRegion: true, Line: 13},
		},
		AWS:     AWS{Accounts: []string{"111111111111", "222222222222"}, Role: "DomicileAudit"},
		Waivers: "waivers.yaml",
	}
	if got := load(t, "contract.yaml"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLoadEveryKey(t *testing.T) {
	want := &Config{
		Organization: Organization{Name: "Example GmbH", System: "Messaging platform"},
		Zones: []residency.Zone{
			{ID: "eu", Name: "European Union", Regions: []string{"eu-west-1", "eu-central-1"}, Promise: true},
			shippedZones["ca"],
			{ID: "cn", Regions: []string{"cn-north-1"}, Promise: true},
		},
		Assign: []residency.Rule{
			{ARN: "*-eu-*", Zone: "eu", Line: 16},
			{TagKey: "stack", TagValue: pointer(""), Zone: "cn", Line: 18},
			{Account: "2222*", Zone: "none", Reason: "build artefacts,\nnothing of customers\n", Owner: "platform", Line: 22},
			{Account: "333333333333", Zone: "ca", Line: 28},
			{OwnRegion: true, Line: 30},
		},
		AWS: AWS{
			Organization:     true,
			Role:             "audit/DomicileAudit",
			Regions:          []string{"eu-west-1", "eu-central-1", "ca-central-1"},
			ExcludedAccounts: []residency.ExcludedAccount{{ID: "444444444444", Reason: "sandbox", Approver: "jane"}},
			TrustedAccounts: []residency.TrustedAccount{
				{ID: "555555555555", Name: "Vendor", Region: "us-east-1", Reason: "mail"},
				{ID: "555555555555", Name: "Vendor", Region: "eu-west-1", Reason: "mail"},
			},
		},
		Waivers:     "policies/waivers.yaml",
		Commitments: []residency.Commitment{{ID: "C-1", Text: "EU data stays in the EU", Zones: []string{"eu", "ca"}}},
		Controls: []residency.OwnControl{{ID: "CTL-7", Text: "nightly check", Owner: "security", Frequency: "daily", Commitment: "C-1",
			Checks: []string{"RES-001", "RES-002"}, Zones: []string{"eu"}},
			{ID: "CTL-8", Text: "all zones of its commitment", Commitment: "C-1", Checks: []string{"RUN-003"}, Zones: []string{"eu", "ca"}}},
		Signing: Signing{KMSKey: "alias/domicile"},
		Evidence: []Evidence{
			{Zone: "eu", Bucket: "evidence-eu", Mode: "COMPLIANCE", RetentionYears: 7},
			{Zone: "cn", Dir: "/var/evidence/cn"},
		},
		Log:       Log{Publish: "s3://witness/log"},
		Timestamp: Timestamp{URL: "https://tsa.example.org"},
		Schedule:  Schedule{Cron: "0 2 * * *", Timezone: "Europe/Berlin", Jitter: 15 * time.Minute},
		History:   History{DSN: "postgres://db/history"},
		Events:    Events{TrailBucket: "org-trail"},
		Notify: []Notify{
			{Type: "webhook", Name: "tickets", URL: "https://example.org/hook", SecretEnv: "HOOK_SECRET", Line: 56},
			{Type: "webhook", URLFile: "/run/hook", SecretFile: "/run/secret", Line: 57},
			{Type: "slack", URLEnv: "SLACK_URL", Line: 58},
			{Type: "sns", Topic: "arn:aws:sns:eu-west-1:111111111111:residency.fifo", Line: 59},
			{Type: "smtp", Host: "mail.example.org", Port: 465, From: "Audit <audit@example.org>", To: []string{"ops@example.org", "ciso@example.org"},
				Username: "audit", PasswordEnv: "MAIL_PASSWORD", TLS: "implicit", Line: 60},
			{Type: "smtp", Name: "relay", Host: "127.0.0.1", From: "audit@example.org", To: []string{"ops@example.org"}, TLS: "none", Line: 62},
		},
	}
	want.Schedule.at.cron, want.Schedule.at.timezone, want.Schedule.at.jitter = place{52, 18}, place{52, 41}, place{52, 64}
	if got := load(t, "every_key.yaml"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// minimal is the shortest configuration; more is appended to it.
const minimal = "version: 1\nzones: {eu: {regions: [eu-west-1]}}\nassign: [{region: own}]\n"

func TestParseAccepts(t *testing.T) {
	want, err := Parse("domicile.yaml", []byte(minimal), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"byte order mark":  "\ufeff" + minimal,
		"CRLF":             strings.ReplaceAll(minimal, "\n", "\r\n"),
		"document markers": "---\n" + minimal + "...\n",
		"no last newline":  strings.TrimSuffix(minimal, "\n"),
		"all regions":      minimal + "aws: {regions: all}\n",
		"empty lists":      minimal + "aws: {excluded_accounts: [], trusted_accounts: []}\ncommitments: []\ncontrols: []\nnotify: []\nevidence: {}\n",
		"no organization":  minimal + "aws: {organization: false}\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse("domicile.yaml", []byte(text), nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got.Assign {
				got.Assign[i].Line = want.Assign[i].Line
			}
			got.Raw = want.Raw
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestParseAcceptsAssign(t *testing.T) {
	for line, want := range map[string]residency.Rule{
		`{account: "*", zone: eu}`:                       {Account: "*", Zone: "eu"},
		`{account: 111111111111, zone: eu}`:              {Account: "111111111111", Zone: "eu"},
		`{account: "012345678901", zone: eu}`:            {Account: "012345678901", Zone: "eu"},
		`{arn: "*", zone: eu}`:                           {ARN: "*", Zone: "eu"},
		`{arn: "ar*", zone: eu}`:                         {ARN: "ar*", Zone: "eu"},
		`{tag: {key: a:b, value: "*"}, zone: eu}`:        {TagKey: "a:b", TagValue: pointer("*"), Zone: "eu"},
		`{arn: "arn:*", zone: eu, owner: o, reason: no}`: {ARN: "arn:*", Zone: "eu", Owner: "o", Reason: "no"},
	} {
		t.Run(line, func(t *testing.T) {
			c, err := Parse("domicile.yaml", []byte("version: 1\nzones: {eu: {regions: [eu-west-1]}}\nassign: ["+line+"]\n"), nil)
			if err != nil {
				t.Fatal(err)
			}
			if want.Line = 3; !reflect.DeepEqual(c.Assign, []residency.Rule{want}) {
				t.Errorf("got %+v, want %+v", c.Assign, want)
			}
		})
	}
}

// The caller may change what it got without changing what it gave.
func TestShippedZoneIsCopied(t *testing.T) {
	c := load(t, "every_key.yaml")
	c.Zones[1].Regions[0] = "changed"
	if got := shippedZones["ca"].Regions[0]; got != "ca-central-1" {
		t.Errorf("the shipped zone changed to %q", got)
	}
}

func TestLoadUnreadable(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "domicile.yaml")
	_, err := Load(missing, nil)
	want := `read config "` + missing + `": no such file or directory: name the file with --config, or write one with domicile init`
	if err == nil || err.Error() != want || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = Load(dir, nil)
	want = `read config "` + dir + `": is a directory: name a readable file with --config`
	if err == nil || err.Error() != want || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLoadCapsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.yaml")
	if err := os.WriteFile(path, []byte(minimal+strings.Repeat("#", 2*maxSize)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(path, nil)
	want := path + ":1:1: the file is larger than 1 MiB: is it the configuration? shorten assign with * globs"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestErrorPlace(t *testing.T) {
	_, err := Parse("a.yaml", []byte("version: 1\nzonse: {}\n"), nil)
	var at *Error
	if !errors.As(err, &at) || at.File != "a.yaml" || at.Line != 2 || at.Column != 1 {
		t.Errorf("got %#v", err)
	}
}
