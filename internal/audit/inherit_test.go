package audit

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

const (
	euTag        = `{"data-residency":"eu"}`
	usTag        = `{"data-residency":"us"}`
	ownAccount   = "111111111111"
	otherAccount = "222222222222"
)

// bucket in Ireland, with placements beside its own; no tags: they were not read.
func bucket(name, tags, more string) string {
	if tags != "" {
		tags = fmt.Sprintf(`"tags":%s,`, tags)
	}
	return fmt.Sprintf(`{"id":"arn:aws:s3:::%s","kind":"s3.bucket","region":"eu-west-1",%s"placements":[{"role":"primary","region":"eu-west-1"}%s]}`, name, tags, more)
}

func copyIn(name, region, account string) string {
	return fmt.Sprintf(`{"id":"arn:aws:s3:::%s","kind":"s3.bucket","region":%q,"account":%q,"tags":{},"placements":[{"role":"primary","region":%q}]}`, name, region, account, region)
}

func leads(role, name, region, account string) string {
	s := fmt.Sprintf(`,{"role":%q,"target":"arn:aws:s3:::%s"`, role, name)
	if region != "" {
		s += fmt.Sprintf(`,"region":%q`, region)
	}
	if account != "" {
		s += fmt.Sprintf(`,"account":%q`, account)
	}
	return s + `}`
}

func table(more string) string {
	return `{"id":"arn:aws:dynamodb:eu-west-1:111111111111:table/t","kind":"dynamodb.table","region":"eu-west-1","tags":{"data-residency":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}` + more + `]}`
}

// TestInherit tells of nights one after the other, and how each violation stands after the last. Verify judges each again.
func TestInherit(t *testing.T) {
	one, two := copyIn("copy-1", "us-east-1", ownAccount), copyIn("copy-2", "us-east-1", ownAccount)
	toOne, toTwo := leads("replica", "copy-1", "us-east-1", ownAccount), leads("replica", "copy-2", "us-east-1", ownAccount)
	const aToOne = "RES-001 arn:aws:s3:::a eu replica us-east-1 111111111111 arn:aws:s3:::copy-1"
	const stopped = " -> stopped: stopped, copies may remain at "
	const seen = " (last seen failing on 2026-08-25)"
	gap := func(call, resource string) []residency.Coverage {
		scanner, region := "s3", "global"
		if parts := strings.Split(resource, ":"); len(parts) > 3 && parts[2] != "s3" {
			scanner, region = parts[2], parts[3]
		}
		return []residency.Coverage{gapLine(scanner, ownAccount, region, call, resource)}
	}
	snapshotOf := func(source string) string {
		return `{"id":"arn:aws:rds:us-east-1:111111111111:snapshot:s","kind":"rds.snapshot","region":"us-east-1","tags":{},` + source + `"placements":[{"role":"primary","region":"us-east-1"}]}`
	}
	for name, tc := range map[string]struct {
		nights []taleNight
		want   string // after the last
	}{
		"tags were not read": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}},
			{resources: []string{bucket("a", "", toOne), one}, lines: gap("GetBucketTagging", "arn:aws:s3:::a")}},
			aToOne + " -> not re-examined: whose data it holds could not be told"},
		"tag was removed: nobody knows": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}}, {resources: []string{bucket("a", "{}", toOne), one}}},
			aToOne + " -> not re-examined: whose data it holds could not be told"},
		"tag names a zone without a promise": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}}, {resources: []string{bucket("a", usTag, toOne), one}}},
			aToOne + " -> ended: the placement is still there, and is judged otherwise now\n" +
				"RES-002 arn:aws:s3:::a us primary eu-west-1 -> open"},
		"the chain was not read": {[]taleNight{{resources: []string{bucket("a", euTag, leads("replica", "mid-1", "eu-west-1", ownAccount)), bucket("mid-1", "{}", toOne), one}},
			{resources: []string{bucket("a", euTag, ""), bucket("mid-1", "{}", toOne), one}, lines: gap("GetBucketReplication", "arn:aws:s3:::a")}},
			"RES-001 arn:aws:s3:::mid-1 eu replica us-east-1 111111111111 arn:aws:s3:::copy-1 -> not re-examined: whose data it holds could not be told: not all of arn:aws:s3:::a was read"},
		"the chain was cut": {[]taleNight{{resources: []string{bucket("a", euTag, leads("replica", "mid-1", "eu-west-1", ownAccount)), bucket("mid-1", "{}", toOne), one}},
			{resources: []string{bucket("a", euTag, ""), bucket("mid-1", "{}", toOne), one}}},
			"RES-001 arn:aws:s3:::mid-1 eu replica us-east-1 111111111111 arn:aws:s3:::copy-1 -> ended: the placement is still there, and is judged otherwise now"},
		"the chain begins in an account that was not scanned": {[]taleNight{{resources: []string{
			`{"id":"arn:aws:s3:::a","account":"222222222222","kind":"s3.bucket","region":"eu-west-1","tags":{"data-residency":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"eu-west-1","account":"111111111111","target":"arn:aws:s3:::mid-1"}]}`,
			bucket("mid-1", "{}", toOne), one}}, {accounts: []string{ownAccount}, resources: []string{bucket("mid-1", "{}", toOne), one}}},
			"RES-001 arn:aws:s3:::mid-1 eu replica us-east-1 111111111111 arn:aws:s3:::copy-1 -> not re-examined: whose data it holds could not be told: s3, account 222222222222, global was not examined"},
		"one call of two was throttled": {[]taleNight{{resources: []string{bucket("a", euTag, leads("metadata", "copy-1", "us-east-1", ownAccount)+leads("metadata", "copy-2", "us-east-1", ownAccount)), one, two}},
			{resources: []string{bucket("a", euTag, leads("metadata", "copy-1", "us-east-1", ownAccount)), one, two}, lines: gap("ListBucketAnalyticsConfigurations", "arn:aws:s3:::a")}},
			"RES-010 arn:aws:s3:::a eu metadata us-east-1 111111111111 arn:aws:s3:::copy-1 -> open\n" +
				"RES-010 arn:aws:s3:::a eu metadata us-east-1 111111111111 arn:aws:s3:::copy-2 -> not re-examined: ListBucketAnalyticsConfigurations throttled"},
		"the region of one of two was not resolved": {[]taleNight{{resources: []string{bucket("a", euTag, toOne+leads("replica", "foreign", "us-east-1", "")), one}},
			{resources: []string{bucket("a", euTag, toOne+leads("replica", "foreign", "", "")), one}}},
			aToOne + " -> open\nRES-001 arn:aws:s3:::a eu replica us-east-1 arn:aws:s3:::foreign -> not re-examined: replica at arn:aws:s3:::foreign: its region or its owner could not be resolved"},
		"another's region is not known: the setting has gone all the same": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}}, {resources: []string{bucket("a", euTag, leads("replica", "foreign", "", "")), one}}},
			aToOne + stopped + "arn:aws:s3:::copy-1" + seen},
		"the owner was never known": {[]taleNight{{resources: []string{bucket("a", euTag, leads("replica", "foreign", "us-east-1", ""))}, lines: gap("HeadBucket", "arn:aws:s3:::a")}, {resources: []string{bucket("a", euTag, "")}},
			{resources: []string{bucket("a", euTag, "")}}}, "RES-001 arn:aws:s3:::a eu replica us-east-1 arn:aws:s3:::foreign" + stopped + "arn:aws:s3:::foreign" + seen},
		"the owner was known once": {[]taleNight{{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", otherAccount)), copyIn("copy-1", "us-east-1", otherAccount)}},
			{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ""))}, lines: []residency.Coverage{deniedLine("s3", otherAccount, "global")}},
			{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", otherAccount)), copyIn("copy-1", "us-east-1", otherAccount)}}},
			"RES-001 arn:aws:s3:::a eu replica us-east-1 222222222222 arn:aws:s3:::copy-1 -> open\n" +
				"RES-001 arn:aws:s3:::a eu replica us-east-1 arn:aws:s3:::copy-1 -> ended: the placement is still there, and more is known of its destination now"},
		"a zone without a promise, the listing denied": {[]taleNight{{resources: []string{
			`{"id":"arn:aws:s3:::a","kind":"s3.bucket","region":"us-east-1","tags":{"data-residency":"us"},"placements":[{"role":"primary","region":"us-east-1"},{"role":"replica","region":"eu-west-1","target":"arn:aws:s3:::copy-e"}]}`}},
			{lines: []residency.Coverage{deniedLine("s3", ownAccount, "global")}}},
			"RES-001 arn:aws:s3:::a us replica eu-west-1 arn:aws:s3:::copy-e -> not re-examined: s3, account 111111111111, global: denied"},
		"listed, and not described": {[]taleNight{{resources: []string{table(`,{"role":"replica","region":"us-east-1","target":"arn:aws:dynamodb:us-east-1:111111111111:table/t"}`)}},
			{lines: gap("DescribeTable", "arn:aws:dynamodb:eu-west-1:111111111111:table/t")}},
			"RES-001 arn:aws:dynamodb:eu-west-1:111111111111:table/t eu replica us-east-1 arn:aws:dynamodb:us-east-1:111111111111:table/t -> not re-examined: DescribeTable throttled"},
		"no listing shows what has no name": {[]taleNight{{resources: []string{table(`,{"role":"replica","region":"us-east-1"}`)}}, {resources: []string{table("")}}},
			"RES-001 arn:aws:dynamodb:eu-west-1:111111111111:table/t eu replica us-east-1" + stopped + "us-east-1 of account 111111111111" + seen},
		"an event of a copy without a name": {[]taleNight{{resources: []string{bucket("a", euTag, ""),
			`{"id":"arn:aws:cloudtrail:us-east-1:111111111111:event/1","kind":"cloudtrail.event","region":"us-east-1","tags":{},"sources":[{"id":"arn:aws:s3:::a"}],"placements":[{"role":"replica","region":"us-east-1","account":"111111111111","via":"CopyX by jo"}]}`}},
			{resources: []string{bucket("a", euTag, "")}}},
			"RES-001 arn:aws:cloudtrail:us-east-1:111111111111:event/1 eu replica us-east-1 111111111111" + stopped + "us-east-1 of account 111111111111" + seen},
		"an event of a copy that has gone": {[]taleNight{{resources: []string{bucket("a", euTag, ""),
			`{"id":"arn:aws:cloudtrail:us-east-1:111111111111:event/1","kind":"cloudtrail.event","region":"us-east-1","tags":{},"sources":[{"id":"arn:aws:s3:::a"}],"placements":[{"role":"replica","region":"us-east-1","account":"111111111111","target":"arn:aws:ec2:us-east-1::snapshot/snap-1","via":"CopySnapshot by jo"}]}`}},
			{resources: []string{bucket("a", euTag, "")}, scanners: map[string]string{"s3": "global", "ec2": "regional"}}},
			"RES-001 arn:aws:cloudtrail:us-east-1:111111111111:event/1 eu replica us-east-1 111111111111 arn:aws:ec2:us-east-1::snapshot/snap-1 -> ended: it happened between two scans, and a whole listing shows arn:aws:ec2:us-east-1::snapshot/snap-1 no more"},
		"a resource without a region has gone": {[]taleNight{{resources: []string{`{"id":"arn:aws:rds::111111111111:global-cluster:g","kind":"rds.global_cluster","tags":{"data-residency":"eu"},"placements":[{"role":"replica","region":"us-east-1","target":"arn:aws:rds:us-east-1:111111111111:cluster:c"}]}`}}, {}},
			"RES-001 arn:aws:rds::111111111111:global-cluster:g eu replica us-east-1 arn:aws:rds:us-east-1:111111111111:cluster:c -> ended: the resource has gone, and a whole listing shows arn:aws:rds:us-east-1:111111111111:cluster:c no more"},
		"a resource without a region, one region denied": {[]taleNight{{resources: []string{`{"id":"arn:aws:rds::111111111111:global-cluster:g","kind":"rds.global_cluster","tags":{"data-residency":"eu"},"placements":[{"role":"replica","region":"us-east-1","target":"arn:aws:rds:us-east-1:111111111111:cluster:c"}]}`}},
			{lines: []residency.Coverage{deniedLine("rds", ownAccount, "eu-west-1")}}},
			"RES-001 arn:aws:rds::111111111111:global-cluster:g eu replica us-east-1 arn:aws:rds:us-east-1:111111111111:cluster:c -> not re-examined: rds, account 111111111111, eu-west-1: denied"},
		"an access point is no bucket": {[]taleNight{{resources: []string{bucket("a", euTag, `,{"role":"replica","region":"us-east-1","target":"arn:aws:s3:us-east-1:111111111111:accesspoint/x"}`)}},
			{resources: []string{bucket("a", euTag, "")}, lines: []residency.Coverage{deniedLine("s3control", ownAccount, "global")}}},
			"RES-001 arn:aws:s3:::a eu replica us-east-1 arn:aws:s3:us-east-1:111111111111:accesspoint/x" + stopped + "arn:aws:s3:us-east-1:111111111111:accesspoint/x" + seen},
		"outside of AWS nothing is listed": {[]taleNight{{resources: []string{bucket("a", euTag, `,{"role":"log","region":"us-east-1","target":"logs.example.com"}`)}}, {resources: []string{bucket("a", euTag, "")}}},
			"RES-004 arn:aws:s3:::a eu log us-east-1 logs.example.com" + stopped + "logs.example.com" + seen},
		"the copy's own record was not read": {[]taleNight{{resources: []string{bucket("a", euTag, ""), snapshotOf(`"sources":[{"id":"arn:aws:s3:::a"}],`)}},
			{resources: []string{bucket("a", euTag, ""), snapshotOf("")}, lines: gap("DescribeDBSnapshots", "arn:aws:rds:us-east-1:111111111111:snapshot:s")}},
			"RES-002 arn:aws:rds:us-east-1:111111111111:snapshot:s eu primary us-east-1 -> not re-examined: whose data it holds could not be told"},
		"the copy at the border has gone": {[]taleNight{{resources: []string{bucket("a", euTag, ""), snapshotOf(`"sources":[{"id":"arn:aws:s3:::a"}],`)}}, {resources: []string{bucket("a", euTag, "")}}},
			"RES-002 arn:aws:rds:us-east-1:111111111111:snapshot:s eu primary us-east-1 -> ended: the resource has gone, and a whole listing shows arn:aws:rds:us-east-1:111111111111:snapshot:s no more"},
		"what had stopped is not forgotten by a denied night": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}}, {resources: []string{bucket("a", euTag, ""), one}},
			{lines: []residency.Coverage{deniedLine("s3", ownAccount, "global")}}}, aToOne + stopped + "arn:aws:s3:::copy-1" + seen},
		"two of one matter": {[]taleNight{{resources: []string{bucket("a", euTag, toTwo+toOne), one, two}}, {resources: []string{bucket("a", euTag, ""), one, two}}},
			aToOne + stopped + "arn:aws:s3:::copy-1" + seen + "\n" + strings.Replace(aToOne, "copy-1", "copy-2", 1) + stopped + "arn:aws:s3:::copy-2" + seen},
		"two of one matter, and the resource has gone": {[]taleNight{{resources: []string{bucket("a", euTag, toTwo+toOne), one, two}}, {resources: []string{one, two}}},
			aToOne + stopped + "arn:aws:s3:::copy-1" + seen + "\n" + strings.Replace(aToOne, "copy-1", "copy-2", 1) + stopped + "arn:aws:s3:::copy-2" + seen},
		"several controls, and the resources have gone": {[]taleNight{{resources: []string{bucket("a", euTag, leads("log", "copy-1", "us-east-1", "")+toTwo), bucket("b", euTag, toTwo), one, two}}, {resources: []string{one, two}}},
			strings.Replace(aToOne, "copy-1", "copy-2", 1) + stopped + "arn:aws:s3:::copy-2" + seen + "\n" +
				strings.NewReplacer("copy-1", "copy-2", ":::a ", ":::b ").Replace(aToOne) + stopped + "arn:aws:s3:::copy-2" + seen + "\n" +
				"RES-004 arn:aws:s3:::a eu log us-east-1 arn:aws:s3:::copy-1" + stopped + "arn:aws:s3:::copy-1" + seen},
		"an oracle alone knows it": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}},
			{resources: []string{`{"id":"arn:aws:s3:::a","kind":"s3.bucket","region":"eu-west-1","tags":{"data-residency":"eu"}}`, one}, lines: []residency.Coverage{deniedLine("s3", ownAccount, "global")}}},
			aToOne + " -> not re-examined: its placements were not read"},
		"a vault that jobs still name, and no list": {[]taleNight{{resources: []string{bucket("a", euTag, `,{"role":"backup","region":"us-east-1","target":"arn:aws:backup:us-east-1:111111111111:backup-vault:v"}`)}},
			{resources: []string{bucket("a", euTag, ""), `{"id":"arn:aws:backup:us-east-1:111111111111:backup-vault:v","kind":"backup.vault","region":"us-east-1","tags":{},"placements":[],"facts":{"listed":false}}`},
				scanners: map[string]string{"s3": "global", "backup": "regional"}}},
			"RES-003 arn:aws:s3:::a eu backup us-east-1 arn:aws:backup:us-east-1:111111111111:backup-vault:v -> ended: the setting has gone, and a whole listing shows arn:aws:backup:us-east-1:111111111111:backup-vault:v no more"},
		"the zone has grown": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}}, {resources: []string{bucket("a", euTag, ""), one}},
			{resources: []string{bucket("a", euTag, ""), one}, config: strings.Replace(taleConfig, "eu-central-1", "eu-central-1, us-east-1", 1)}},
			aToOne + " -> ended: the setting has gone, and copies at arn:aws:s3:::copy-1 are inside the zone now"},
		"the zone has gone": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}}, {resources: []string{bucket("a", `{"data-residency":"au"}`, ""), one}, config: strings.Replace(taleConfig, "  eu: {name: European Union, regions: [eu-west-1, eu-central-1]}\n", "", 1)}},
			aToOne + " -> ended: nobody asks any more: its control or its zone is in force no longer\nRES-002 arn:aws:s3:::a au primary eu-west-1 -> open"},
		"a waiver runs out": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}, waivers: taleWaiver}, {resources: []string{bucket("a", euTag, ""), one}, waivers: taleWaiver}, {day: 9, resources: []string{bucket("a", euTag, ""), one}, waivers: taleWaiver}},
			aToOne + stopped + "arn:aws:s3:::copy-1" + seen},
		"waived, and not examined": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}, waivers: taleWaiver}, {lines: []residency.Coverage{deniedLine("s3", ownAccount, "global")}, waivers: taleWaiver},
			{lines: []residency.Coverage{deniedLine("s3", ownAccount, "global")}, waivers: taleWaiver}},
			aToOne + " -> waived: not re-examined (s3, account 111111111111, global: denied); it stands under waiver W-1"},
		"waived, not examined, and the waiver runs out": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}, waivers: taleWaiver}, {lines: []residency.Coverage{deniedLine("s3", ownAccount, "global")}, waivers: taleWaiver},
			{day: 9, lines: []residency.Coverage{deniedLine("s3", ownAccount, "global")}, waivers: taleWaiver}},
			aToOne + " -> not re-examined: s3, account 111111111111, global: denied"},
		"a waiver lets the copies stand": {[]taleNight{{resources: []string{bucket("a", euTag, toOne), one}, waivers: taleWaiver}, {resources: []string{bucket("a", euTag, ""), one}, waivers: taleWaiver}, {resources: []string{bucket("a", euTag, ""), one}, waivers: taleWaiver}},
			aToOne + " -> waived: the setting has gone; copies at arn:aws:s3:::copy-1 stand under waiver W-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTale(t)
			var dir string
			for i, n := range tc.nights {
				if n.day == 0 {
					n.day = i
				}
				dir = s.keep(t, n)
				oneVerdictEach(t, dir)
				if c, err := Verify(t.Context(), dir, nil, "1"); err != nil || len(c.Problems) > 0 {
					t.Errorf("night %d does not verify: %v %v", i+1, c.Problems, err)
				}
			}
			all := stands(t, dir)
			var got []string
			for _, k := range slices.Sorted(maps.Keys(all)) {
				got = append(got, k+" -> "+all[k])
			}
			if d := cmp.Diff(tc.want, strings.Join(got, "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}

const taleWaiver = `version: 1
waivers:
  - {id: W-1, control: RES-001, scope: {resource: "arn:aws:s3:::a", to: {region: us-east-1}}, reason: migration, owner: team, approver: security, from: "2026-08-01", expires: "2026-08-30"}
`

// TestWaiverOfCopies: a waiver under which copies stand is not said to match nothing.
func TestWaiverOfCopies(t *testing.T) {
	s, one := newTale(t), copyIn("copy-1", "us-east-1", ownAccount)
	s.keep(t, taleNight{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ownAccount)), one}, waivers: taleWaiver})
	for day := 1; day < 3; day++ {
		n := taleNight{day: day, resources: []string{bucket("a", euTag, ""), one}, waivers: taleWaiver}
		if day == 2 {
			n.resources, n.lines = nil, []residency.Coverage{deniedLine("s3", ownAccount, "global")}
		}
		var sum residency.Summary
		if err := readJSON(filepath.Join(s.keep(t, n), summaryName), &sum); err != nil {
			t.Fatal(err)
		}
		if len(sum.Waivers) != 1 || sum.Waivers[0].Matched != 1 || slices.ContainsFunc(sum.Notes, func(note string) bool { return strings.Contains(note, "matches no violation") }) {
			t.Errorf("day %d: %+v %q", day, sum.Waivers, sum.Notes)
		}
	}
}

// oneVerdictEach: a control says one thing of a resource and zone.
func oneVerdictEach(t testing.TB, dir string) {
	t.Helper()
	told := map[residency.Matter]bool{}
	for v, err := range snapshot.ReadVerdicts(dir) {
		if err != nil {
			t.Fatal(err)
		}
		if told[matterOf(&v)] {
			t.Errorf("two verdicts on one matter: %+v", v)
		}
		told[matterOf(&v)] = true
	}
}
