package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var waiverControls = []residency.Control{
	{ID: "RES-001", Needs: []residency.Fact{residency.PlacementsOf(residency.Replica)}},
	{ID: "RES-002", Needs: []residency.Fact{residency.PlacementsOf(residency.Primary)}},
	{ID: "RES-003", Needs: []residency.Fact{residency.PlacementsOf(residency.Backup)}},
	{ID: "RES-004", Needs: []residency.Fact{residency.PlacementsOf(residency.Log)}},
	{ID: "RES-005", Needs: []residency.Fact{residency.PlacementsOf(residency.Stream)}},
	{ID: "RES-009", Needs: []residency.Fact{residency.PlacementsOf(residency.Key)}},
	{ID: "RES-012", Needs: []residency.Fact{residency.FactSharing}},
}

var waiverZones = []residency.Zone{{ID: "eu", Regions: []string{"eu-west-1"}}, {ID: "au", Regions: []string{"ap-southeast-2"}}}

const soundScope = `{resource: "arn:aws:s3:::acme-*", account: "111111111111", region: eu-*, zone: eu, to: {region: us-east-1, account: "222*", target: "arn:*"}}`

// sound is a waiver to which every refusal does one thing.
const sound = `version: 1
waivers:
  - id: W-7
    control: RES-001
    scope: ` + soundScope + `
    reason: migration under way
    risk: copies abroad until the cut-over
    owner: Jane Doe
    approver: John Roe
    ticket: SEC-12
    from: 2026-01-01
    expires: 2027-01-01
`

func parseWaivers(text string) (Register, error) {
	c := &Config{Zones: waiverZones}
	err := c.ParseWaivers("w.yaml", []byte(text), waiverControls)
	return c.Register, err
}

func TestParseWaivers(t *testing.T) {
	got, err := parseWaivers(sound)
	if err != nil {
		t.Fatal(err)
	}
	want := []residency.Waiver{{ID: "W-7", Control: "RES-001", Reason: "migration under way", Risk: "copies abroad until the cut-over",
		Owner: "Jane Doe", Approver: "John Roe", Ticket: "SEC-12",
		Scope: residency.WaiverScope{Resource: "arn:aws:s3:::acme-*", Account: "111111111111", Region: "eu-*", Zone: "eu",
			To: residency.WaiverTo{Region: "us-east-1", Account: "222*", Target: "arn:*"}},
		From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}}
	if d := cmp.Diff(want, got.Waivers); d != "" {
		t.Error(d)
	}
	if string(got.Raw) != sound {
		t.Errorf("raw: %s", got.Raw)
	}
	if got, err = parseWaivers("version: 1\nwaivers: []\n"); err != nil || len(got.Waivers) != 0 || got.Raw == nil {
		t.Errorf("no waivers: %+v, %v", got, err)
	}
}

// swap is the sound file with one thing done to it; the exact words follow: line, column, what is wrong, cure.
type swap struct{ name, old, new, want string }

var waiverRefusals = []swap{
	{"empty", sound, "", `1:1: the file is empty: start with version: 1 and waivers: [], or let "domicile init" write it`},
	{"list", sound, "- id: W-1\n", `1:1: the file must be a mapping, not a list: start with version: 1 and waivers: []`},
	{"other version", "version: 1", "version: 2", `1:10: version 2 is not known to this release: write version: 1, or use a newer release`},
	{"no version", "version: 1\n", "", `1:1: the file has no "version": add it`},
	{"no list", sound, "version: 1\n", `1:1: the file has no "waivers": add it`},
	{"unknown top key", "version: 1\n", "version: 1\nwaiver: []\n", `2:1: unknown key "waiver": did you mean "waivers"?`},
	{"unknown key", "ticket:", "tickets:", `10:5: unknown key "tickets": did you mean "ticket"?`},
	{"unknown scope key", "resource:", "resources:", `5:13: unknown key "resources": did you mean "resource"?`},
	{"unknown destination key", "target:", "bucket:", `5:136: unknown key "bucket": use "region", "account" or "target"`},
	{"duplicate key", "    ticket: SEC-12\n", "    ticket: SEC-12\n    ticket: SEC-13\n", `11:5: duplicate key "ticket": it is in line 10 already; keep one of them`},
	{"no id", "id: W-7\n    ", "", `3:5: a waiver has no "id": add it`},
	{"blank id", "id: W-7", `id: " "`, `3:9: "id" is blank: give it a value`},
	{"number as id", "id: W-7", "id: 7", `3:9: "id" must be a string, not a number: quote it`},
	{"no control", "    control: RES-001\n", "", `3:5: waiver "W-7" has no "control": add it`},
	{"no reason", "    reason: migration under way\n", "", `3:5: waiver "W-7" has no "reason": add it`},
	{"no owner", "    owner: Jane Doe\n", "", `3:5: waiver "W-7" has no "owner": add it`},
	{"no approver", "    approver: John Roe\n", "", `3:5: waiver "W-7" has no "approver": add it`},
	{"no from", "    from: 2026-01-01\n", "", `3:5: waiver "W-7" has no "from": add it`},
	{"no expires", "    expires: 2027-01-01\n", "", `3:5: waiver "W-7" has no "expires": add it`},
	{"blank reason", "reason: migration under way", `reason: ""`, `6:13: "reason" is blank: give it a value`},
	{"near control", "RES-001", "RES-01", `4:14: there is no control "RES-01": did you mean "RES-001"?`},
	{"unknown control", "RES-001", "encryption", `4:14: there is no control "encryption": see domicile list controls, or write "*" for all`},
	{"glob of controls", "RES-001", `"RES-*"`, `4:14: there is no control "RES-*": `},
	{"unknown zone", "zone: eu", "zone: uk", `5:91: unknown zone "uk": use "eu" or "au", or add it to zones`},
	{"account", `account: "111111111111"`, `account: "11111"`, `5:55: "11111" is no account: write its 12 digits, in quotes`},
	{"empty destination", `{region: us-east-1, account: "222*", target: "arn:*"}`, "{}", `5:99: "to" of waiver "W-7" is empty, and would cover every destination: give it a region, account or target`},
	{"no destination", `, to: {region: us-east-1, account: "222*", target: "arn:*"}`, "",
		`5:12: the scope of waiver "W-7" has no "to", and control "RES-001" judges copies, logs, streams or sharing: add to: {region: …}, account or target, a waiver for one destination covers no other`},
	{"own approval", "approver: John Roe", "approver: Jane Doe", `9:15: waiver "W-7" is approved by its owner, "Jane Doe": let somebody else approve it`},
	{"own approval in other letters", "approver: John Roe", `approver: " jane  DOE"`, `9:15: waiver "W-7" is approved by its owner`},
	{"own approval with a space of no width", "approver: John Roe", "approver: \"Jane\u200bDoe\"", `9:15: waiver "W-7" is approved by its owner`},
	{"one day too long", "expires: 2027-01-01", "expires: 2027-01-02",
		`12:14: waiver "W-7" runs for 366 days after its first, more than 365: let it expire by 2027-01-01, and renew it then`},
	{"for ever", "expires: 2027-01-01", "expires: 9999-12-31", `12:14: waiver "W-7" runs for 106751 days after its first, more than 365`},
	{"ends before it begins", "expires: 2027-01-01", "expires: 2025-12-31",
		`12:14: waiver "W-7" expires before it begins, on 2025-12-31: write a day from 2026-01-01 on`},
	{"no such day", "from: 2026-01-01", "from: 2026-02-30", `11:11: "from" is "2026-02-30", and there is no such day: write it as YYYY-MM-DD`},
	{"no leap year", "from: 2026-01-01", "from: 2026-02-29", `11:11: "from" is "2026-02-29", and there is no such day`},
	{"other form", "expires: 2027-01-01", "expires: 01.01.2027", `12:14: "expires" is "01.01.2027", and there is no such day`},
	{"short form", "expires: 2027-01-01", "expires: 2027-1-1", `12:14: "expires" is "2027-1-1", and there is no such day`},
	{"with a time", "expires: 2027-01-01", "expires: 2027-01-01T00:00:00Z", `12:14: "expires" is "2027-01-01T00:00:00Z", and there is no such day`},
	{"number as date", "expires: 2027-01-01", "expires: 20270101", `12:14: "expires" must be a string, not a number: quote it`},
	{"text as scope", soundScope, "everything", `5:12: the scope of waiver "W-7" must be a mapping, not a string`},
	{"empty scope", soundScope, "{}", `5:12: the scope of waiver "W-7" is empty, and would cover everything: give it a resource, account, region, zone or to`},
}

func TestParseWaiversRefuses(t *testing.T) {
	for _, c := range waiverRefusals {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			if strings.Count(sound, c.old) != 1 {
				t.Fatalf("%q stands %d times", c.old, strings.Count(sound, c.old))
			}
			got, err := parseWaivers(strings.Replace(sound, c.old, c.new, 1))
			if err == nil {
				t.Fatalf("read as %+v, want %s", got, c.want)
			}
			if !strings.HasPrefix(err.Error(), "w.yaml:"+c.want) {
				t.Errorf("\ngot  %s\nwant %s", err, c.want)
			}
			if got.Raw != nil || got.Waivers != nil {
				t.Errorf("waivers beside the refusal: %+v", got)
			}
			requireOneLine(t, err)
		})
	}
}

func TestParseWaiversRefusesTheSameID(t *testing.T) {
	_, second, _ := strings.Cut(sound, "waivers:\n")
	_, err := parseWaivers(sound + second)
	if want := `w.yaml:13:5: waiver "W-7" is listed twice: it is in line 3 already; keep one of them`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWaiverDestinationIsNeeded(t *testing.T) {
	const to = `, to: {region: us-east-1, account: "222*", target: "arn:*"}`
	for control, needs := range map[string]bool{
		"RES-001": true, "RES-002": false, "RES-003": true, "RES-004": true, "RES-005": true, "RES-009": false, "RES-012": true, `"*"`: true,
	} {
		_, err := parseWaivers(strings.Replace(strings.Replace(sound, to, "", 1), "RES-001", control, 1))
		if got := err != nil; got != needs {
			t.Errorf("%s: %v", control, err)
		}
	}
}

func TestLoadWaiversNamesTheFile(t *testing.T) {
	c := &Config{Zones: waiverZones}
	path := filepath.Join(t.TempDir(), "absent.yaml")
	err := c.LoadWaivers(path, waiverControls)
	if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), `read waivers "`+path+`": no such file or directory: `) {
		t.Errorf("got %v", err)
	}
}

func TestParseWaiversRefusesSizes(t *testing.T) {
	if _, err := parseWaivers(strings.Repeat("#", maxSize+1)); err == nil || !strings.HasPrefix(err.Error(), "w.yaml:1:1: the file is larger than 1 MiB") {
		t.Errorf("got %v", err)
	}
}

// FuzzParseWaivers asserts that whatever the file holds, the reader returns: either waivers that hold together or a refusal of one
// line with its place.
func FuzzParseWaivers(f *testing.F) {
	f.Add([]byte(sound))
	for _, c := range waiverRefusals {
		f.Add([]byte(strings.Replace(sound, c.old, c.new, 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := parseWaivers(string(data))
		if err != nil {
			requireOneLine(t, err)
			return
		}
		seen := map[string]bool{}
		for _, w := range got.Waivers {
			days := w.Expires.Sub(w.From).Hours() / 24
			if w.ID == "" || seen[w.ID] || w.Reason == "" || w.Owner == "" || strings.EqualFold(w.Owner, w.Approver) || days < 0 || days > 365 ||
				w.Scope == (residency.WaiverScope{}) || (w.Control == "*" || w.Control == "RES-001") && w.Scope.To == (residency.WaiverTo{}) {
				t.Errorf("%+v", w)
			}
			seen[w.ID] = true
		}
		if again, err := parseWaivers(string(data)); err != nil || !reflect.DeepEqual(got, again) {
			t.Errorf("read twice: %+v, then %+v, %v", got, again, err)
		}
	})
}
