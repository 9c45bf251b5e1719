package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/scanners"
)

// estate is a snapshot under construction. Resources are written in the contract's own JSON, so that a case reads like it.
type estate struct {
	organization []string
	noRegions    bool
	noScope      bool
	resources    []string
	coverage     []residency.Coverage
}

var testZones = []residency.Zone{
	{ID: "eu", Regions: []string{"eu-west-1"}, Promise: true},
	{ID: "au", Regions: []string{"ap-southeast-2"}, Promise: true},
	{ID: "us", Regions: []string{"us-east-1"}},
}

var (
	byTag    = residency.Rule{TagKey: "zone"}
	byRegion = residency.Rule{OwnRegion: true}
)

func (e estate) write(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), snapshot.PlainFileName)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := residency.Header{Schema: 1, Run: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), Tool: "test", Partition: "aws"}
	if !e.noScope {
		h.Scope = &residency.Scope{Accounts: []string{"1"}, Regions: []string{"eu-west-1"}, Scanners: map[string]string{"rds": "regional", "s3": "global"}, OrganizationAccounts: e.organization}
	}
	if e.noRegions {
		h.Scope.Regions = []string{}
	}
	w, err := snapshot.NewWriter(f, h)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range e.resources {
		var r residency.Resource
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if r.Account == "" {
			r.Account = "1"
		}
		if r.Kind == "" {
			r.Kind = "s3.bucket"
		}
		if err := w.Resource(&r); err != nil {
			t.Fatal(err)
		}
	}
	lines := e.coverage
	if lines == nil {
		lines = []residency.Coverage{covered("s3", "global"), covered("rds", "eu-west-1")}
	}
	for _, c := range lines {
		if err := w.Coverage(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func covered(scanner, region string, gaps ...residency.Gap) residency.Coverage {
	c := residency.Coverage{Scanner: scanner, Account: "1", Region: region, Status: residency.Complete, Gaps: gaps}
	if len(gaps) > 0 {
		c.Status = residency.Partial
	}
	return c
}

var engine = func() *policies.Engine {
	e, err := policies.Load(context.Background())
	if err != nil {
		panic(err)
	}
	return e
}()

// testCalls is the table of calls of the cases.
func testCalls(_, call string) ([]residency.Fact, bool) {
	facts := map[string][]residency.Fact{
		"GetBucketReplication": {residency.PlacementsOf(residency.Replica)},
		"GetBucketTagging":     {residency.FactTags},
		"GetBucketPolicy":      {residency.FactSharing},
		scanners.OwnerCall:     {residency.FactSharing},
		"ListSources":          {residency.FactSources},
		"ListBuckets":          {residency.FactAll},
	}
	f, ok := facts[call]
	return f, ok
}

func judge(t testing.TB, path string, workers int, rules ...residency.Rule) (*residency.Summary, []residency.Verdict, []byte) {
	t.Helper()
	if len(rules) == 0 {
		rules = []residency.Rule{byTag}
	}
	j := &Judge{Engine: engine, Zones: testZones, Rules: rules, Calls: testCalls, Workers: workers, Trusted: []residency.TrustedAccount{{ID: "3"}}, Own: []string{"4"}}
	var out bytes.Buffer
	s, err := j.Run(context.Background(), path, func(residency.Outcome) bool { return true }, &out)
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []residency.Verdict
	for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var v residency.Verdict
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		verdicts = append(verdicts, v)
	}
	return s, verdicts, out.Bytes()
}

// told is a verdict in one line: "RES-001 a eu fail high [a] replica in …", passes left out.
func told(vs []residency.Verdict) (lines []string) {
	for _, v := range vs {
		if v.Outcome == residency.Pass {
			continue
		}
		line := fmt.Sprintf("%s %s %s %s %s [%s] %s", v.Control, v.Resource, v.Zone, v.Outcome, v.Severity, strings.Join(v.Path, ">"), v.Reason)
		if len(v.Downstream) > 0 {
			line += " beyond " + strings.Join(v.Downstream, ",")
		}
		lines = append(lines, line)
	}
	return lines
}

func TestJudge(t *testing.T) {
	read := []string{"1", "2"}
	tests := []struct {
		name       string
		estate     estate
		rules      []residency.Rule
		want       []string
		conclusion residency.Conclusion
	}{
		{"all inside", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"eu-west-1","account":"2","target":"x"}]}`}}, nil,
			nil, residency.ConcludePass},
		{"read and none, as the first resource of all", estate{organization: read, resources: []string{`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[]}`}}, nil,
			nil, residency.ConcludePass},
		{"replica outside, and what lies beyond", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"us-east-1","target":"b"}]}`,
			`{"id":"b","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"primary","region":"us-east-1"},{"role":"backup","region":"us-east-1","target":"c"}]}`,
			`{"id":"c","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"backup","region":"us-east-1"}]}`}}, nil,
			[]string{"RES-001 a eu fail high [a] replica in us-east-1, outside eu (eu-west-1) beyond b,c"}, residency.ConcludeFail},
		{"three hops, reported where it crosses", estate{organization: read, resources: []string{
			`{"id":"log","kind":"cloudwatchlogs.group","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"log","region":"eu-west-1","target":"hose"}]}`,
			`{"id":"hose","kind":"firehose.stream","region":"eu-west-1","tags":{"zone":"eu2"},"placements":[{"role":"stream","region":"eu-west-1","target":"bucket"}]}`,
			`{"id":"bucket","region":"eu-west-1","tags":{},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"us-east-1","target":"far"}]}`,
			`{"id":"far","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"primary","region":"us-east-1"}]}`}}, nil,
			[]string{
				`RES-013 hose  unknown medium [] no zone: tag "zone" says "eu2", which names no zone`,
				"RES-013 bucket  unknown medium [] no zone: no line of assign matches",
				"RES-001 bucket eu fail high [log>hose>bucket] replica in us-east-1, outside eu (eu-west-1) beyond far"}, residency.ConcludeFail},
		{"a region that cannot be resolved is unknown", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","target":"gone","via":"rule 1"}]}`}}, nil,
			[]string{"RES-001 a eu unknown high [a] replica at gone: its region could not be resolved (rule 1)"}, residency.ConcludeNotConcluded},
		{"whose the target is could not be told, and metadata proves nothing of it either", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"metadata","region":"eu-west-1","target":"foreign","via":"inventory"},{"role":"metadata","region":"eu-west-1","target":"b"}]}`,
			`{"id":"b","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"metadata","region":"eu-west-1","target":"a"},{"role":"capability","region":"eu-west-1"}]}`},
			coverage: []residency.Coverage{covered("rds", "eu-west-1"), covered("s3", "global", residency.Gap{Call: scanners.OwnerCall, Class: residency.ClassUnresolved, Resource: "a"},
				residency.Gap{Call: scanners.OwnerCall, Class: residency.ClassUnresolved, Resource: "b"})}}, nil,
			[]string{"RES-010 a eu unknown low [a] metadata at foreign: whose it is could not be told (inventory)",
				"RES-012 a eu unknown critical [a] HeadBucket unresolved", "RES-012 b eu unknown critical [b] HeadBucket unresolved"}, residency.ConcludeNotConcluded},
		{"a placement takes its target's region", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"replica","target":"b"}]}`,
			`{"id":"b","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"primary","region":"us-east-1"}]}`}}, nil,
			[]string{"RES-001 a eu fail high [a] replica in us-east-1, outside eu (eu-west-1) beyond b"}, residency.ConcludeFail},
		{"only the copy's record shows it", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"b","kind":"rds.snapshot","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"backup","region":"us-east-1"}],"sources":[{"id":"a","region":"eu-west-1"}]}`}}, nil,
			[]string{"RES-003 b eu fail high [a>b] backup in us-east-1, outside eu (eu-west-1); its own record names the source a"}, residency.ConcludeFail},
		{"seen from both sides it is one", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"backup","region":"us-east-1","target":"b"}]}`,
			`{"id":"b","kind":"rds.snapshot","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"backup","region":"us-east-1"}],"sources":[{"id":"a","region":"eu-west-1"}]}`}}, nil,
			[]string{"RES-003 a eu fail high [a] backup in us-east-1, outside eu (eu-west-1) beyond b"}, residency.ConcludeFail},
		{"metadata of a zone at a collector", estate{organization: read, resources: []string{
			`{"id":"trail","kind":"cloudtrail.trail","region":"us-east-1","tags":{},"placements":[{"role":"metadata","region":"us-east-1","target":"logs"}],"sources":[{"id":"arn:aws:iam::1:root","role":"metadata","region":"eu-west-1","account":"1"}]}`}}, []residency.Rule{byTag, {ARN: "arn:aws:iam::1:root", Zone: "eu"}},
			[]string{"RES-010 trail eu fail low [arn:aws:iam::1:root>trail] metadata in us-east-1, outside eu (eu-west-1); its own record names the source arn:aws:iam::1:root"}, residency.ConcludeFail},
		{"outside its assigned zone, by its primary placement", estate{organization: read, resources: []string{
			`{"id":"a","region":"us-east-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"us-east-1"}]}`}}, nil,
			[]string{"RES-002 a eu fail high [a] primary in us-east-1, outside eu (eu-west-1)"}, residency.ConcludeFail},
		{"outside its assigned zone, without a primary placement", estate{organization: read, resources: []string{
			`{"id":"hose","kind":"firehose.stream","region":"us-east-1","tags":{"zone":"eu"},"placements":[{"role":"metadata","region":"eu-west-1","target":"m"},{"role":"stream","region":"eu-west-1","target":"b"}]}`}}, nil,
			[]string{"RES-005 hose eu fail medium [hose] the resource itself is in us-east-1, outside eu (eu-west-1)"}, residency.ConcludeFail},
		{"own region proves nothing about the place", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"backup","region":"us-east-1"}]}`}}, []residency.Rule{byTag, byRegion},
			[]string{"RES-002 a eu not_applicable high [a] location not declared", "RES-003 a eu fail high [a] backup in us-east-1, outside eu (eu-west-1)"}, residency.ConcludeFail},
		{"a zone without a promise is free to leave", estate{organization: read, resources: []string{
			`{"id":"a","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"primary","region":"us-east-1"},{"role":"replica","region":"eu-west-1"},{"role":"backup"}]}`}}, nil,
			[]string{"RES-001 a us fail info [a] replica in eu-west-1, outside us (us-east-1)", "RES-003 a us unknown info [a] backup without a region"}, residency.ConcludePass},
		{"zone none lifts only the unclassified verdict", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"replica","region":"eu-west-1","target":"b"}]}`,
			`{"id":"b","region":"eu-west-1","tags":{},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"us-east-1"}]}`}},
			[]residency.Rule{{ARN: "b", Zone: residency.NoZone, Reason: "build", Owner: "us"}, byTag},
			[]string{"RES-001 b eu fail high [a>b] replica in us-east-1, outside eu (eu-west-1)"}, residency.ConcludeFail},
		{"sharing", estate{organization: read, resources: []string{
			`{"id":"own","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"primary","region":"eu-west-1","account":"1"}]}`,
			`{"id":"org","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1","account":"2"}]}`,
			`{"id":"trusted","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1","account":"3"}]}`,
			`{"id":"stranger","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1","account":"9"}]}`,
			`{"id":"public","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"backup","region":"eu-west-1","account":"*"}]}`}}, nil,
			[]string{`RES-012 stranger eu fail critical [stranger] primary in account "9", outside the organisation`, "RES-012 public eu fail critical [public] backup shared with the public"}, residency.ConcludeFail},
		{"the organisation was not read", estate{resources: []string{
			`{"id":"own","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"other","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1","account":"9"}]}`,
			`{"id":"public","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1","account":"*"}]}`}}, nil,
			[]string{`RES-012 other eu unknown critical [other] account "9" may be outside: the organisation's accounts were not read (organizations:ListAccounts)`, "RES-012 public eu fail critical [public] primary shared with the public"}, residency.ConcludeFail},
		{"the organisation was not read, and an account of the configuration", estate{resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"eu-west-1","account":"4","target":"x"}]}`}}, nil,
			nil, residency.ConcludePass},
		{"a key in a stranger's account stays low", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"key","region":"eu-west-1","account":"9","target":"k"},{"role":"capability","region":"us-east-1"}]}`}}, nil,
			[]string{`RES-009 a eu fail low [a] key in account "9", outside the organisation`, "RES-011 a eu fail info [a] capability in us-east-1, outside eu (eu-west-1)"}, residency.ConcludeFail},
		{"placements that were not read", estate{organization: read, resources: []string{`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"}}`}}, nil,
			notRead("a"), residency.ConcludeNotConcluded},
		{"placements that were not read, of a resource outside", estate{organization: read, resources: []string{`{"id":"a","region":"us-east-1","tags":{"zone":"eu"}}`}}, nil,
			slices.Replace(notRead("a"), 1, 2, "RES-002 a eu fail high [a] the resource itself is in us-east-1, outside eu (eu-west-1)"), residency.ConcludeFail},
		{"tags that were not read", estate{organization: read, resources: []string{`{"id":"a","region":"eu-west-1","placements":[{"role":"primary","region":"eu-west-1"}]}`}}, nil,
			[]string{`RES-013 a  unknown medium [] no zone: its tags were not read, and a line of assign asks for tag "zone"`}, residency.ConcludeNotConcluded},
		{"what holds no data needs no zone", estate{organization: read, resources: []string{`{"id":"a","region":"eu-west-1","tags":{},"placements":[]}`, `{"id":"b","tags":{},"placements":[{"role":"metadata","region":"us-east-1"}]}`}}, nil,
			nil, residency.ConcludePass},
		{"a gap turns a proof into unknown", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`},
			coverage: []residency.Coverage{covered("s3", "global", residency.Gap{Call: "GetBucketReplication", Class: residency.ClassDenied, Resource: "a"}), covered("rds", "eu-west-1")}}, nil,
			[]string{"RES-001 a eu unknown high [a] GetBucketReplication denied", "RES-012 a eu unknown critical [a] GetBucketReplication denied"}, residency.ConcludeNotConcluded},
		{"at a border nothing passes, and its shares are not judged", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"b","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"primary","region":"us-east-1"},{"role":"backup","region":"us-east-1"},{"role":"log","region":"eu-west-1"},{"role":"primary","region":"us-east-1","account":"*"}],"sources":[{"id":"a"}]}`}}, nil,
			[]string{"RES-002 b eu fail high [a>b] primary in us-east-1, outside eu (eu-west-1); its own record names the source a",
				"RES-004 b us fail info [b] log in eu-west-1, outside us (us-east-1)", "RES-012 b us fail info [b] primary shared with the public"}, residency.ConcludeFail},
		{"its own place decides where a copy is, and the chain goes on", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"b","kind":"rds.global_cluster","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"eu-west-1","target":"c"}],"sources":[{"id":"a"}]}`,
			`{"id":"c","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"us-east-1"}]}`}}, nil,
			[]string{"RES-001 c eu fail high [c] replica in us-east-1, outside eu (eu-west-1)"}, residency.ConcludeFail},
		{"a source of another account, the organisation not read", estate{resources: []string{
			`{"id":"b","kind":"ec2.snapshot","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"primary","region":"us-east-1"}],"sources":[{"id":"arn:aws:ec2:eu-west-1:2:snapshot/x"}]}`}}, []residency.Rule{byTag, byRegion},
			[]string{"RES-002 b eu fail high [arn:aws:ec2:eu-west-1:2:snapshot/x>b] primary in us-east-1, outside eu (eu-west-1); its own record names the source arn:aws:ec2:eu-west-1:2:snapshot/x",
				`RES-012 b eu unknown critical [arn:aws:ec2:eu-west-1:2:snapshot/x>b] account "1" may be outside: the organisation's accounts were not read (organizations:ListAccounts); its own record names the source arn:aws:ec2:eu-west-1:2:snapshot/x`}, residency.ConcludeFail},
		{"a source without an id, and a rule that matches whatever it is", estate{organization: read, resources: []string{
			`{"id":"b","kind":"rds.automated_backup","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"backup","region":"us-east-1"}],"sources":[{"role":"backup","region":"eu-west-1"}]}`}}, []residency.Rule{byTag, {ARN: "*", Zone: "eu"}},
			[]string{"RES-003 b eu fail high [b] backup in us-east-1, outside eu (eu-west-1)"}, residency.ConcludeFail},
		{"metadata that lands where the copy records none", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"b","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"primary","region":"us-east-1"}],"sources":[{"id":"a","role":"key"}]}`}}, nil,
			[]string{"RES-009 b eu fail low [a>b] the resource itself is in us-east-1, outside eu (eu-west-1); its own record names the source a"}, residency.ConcludeFail},
		{"every source counts, not the first alone", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"a2","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"b","region":"us-east-1","tags":{"zone":"us"},"placements":[{"role":"primary","region":"us-east-1"},{"role":"metadata","region":"us-east-1"}],"sources":[{"id":"a"},{"id":"a2","role":"metadata"}]}`}}, nil,
			[]string{"RES-002 b eu fail high [a>b] primary in us-east-1, outside eu (eu-west-1); its own record names the source a",
				"RES-010 b eu fail low [a>b] metadata in us-east-1, outside eu (eu-west-1); its own record names the source a"}, residency.ConcludeFail},
		{"a source whose account is not known to be inside, beside one that is", estate{resources: []string{
			`{"id":"a","account":"2","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"a2","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"b","account":"2","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}],"sources":[{"id":"a"},{"id":"a2"}]}`}}, nil,
			[]string{`RES-012 b eu unknown critical [b] account "2" may be outside: the organisation's accounts were not read (organizations:ListAccounts)`}, residency.ConcludeNotConcluded},
		{"a gap on sources leaves open whose data it is", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`},
			coverage: []residency.Coverage{covered("s3", "global", residency.Gap{Call: "ListSources", Class: residency.ClassDenied, Resource: "a"}), covered("rds", "eu-west-1")}}, nil,
			[]string{"RES-013 a eu unknown medium [a] ListSources denied"}, residency.ConcludeNotConcluded},
		{"a gap on tags that assign asked for", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{},"placements":[{"role":"backup","region":"eu-west-1"}]}`},
			coverage: []residency.Coverage{covered("s3", "global", residency.Gap{Call: "GetBucketTagging", Class: residency.ClassDenied, Resource: "a"}), covered("rds", "eu-west-1")}}, []residency.Rule{byTag, byRegion},
			[]string{"RES-013 a eu unknown medium [a] GetBucketTagging denied"}, residency.ConcludeNotConcluded},
		{"a gap on what may be a store", estate{organization: read, resources: []string{`{"id":"a","region":"eu-west-1","tags":{},"placements":[]}`},
			coverage: []residency.Coverage{covered("s3", "global", residency.Gap{Call: "ListBuckets", Class: residency.ClassDenied, Resource: "a"}), covered("rds", "eu-west-1")}}, nil,
			[]string{"RES-013 a  unknown medium [] no zone: no line of assign matches"}, residency.ConcludeNotConcluded},
		{"a violation that is seen stays", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"replica","region":"us-east-1"}]}`},
			coverage: []residency.Coverage{covered("s3", "global", residency.Gap{Call: "GetBucketReplication", Class: residency.ClassDenied, Resource: "a"}), covered("rds", "eu-west-1")}}, nil,
			[]string{"RES-001 a eu fail high [a] replica in us-east-1, outside eu (eu-west-1)", "RES-012 a eu unknown critical [a] GetBucketReplication denied"}, residency.ConcludeFail},
		{"a gap on tags after an ARN decided changes nothing", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","placements":[{"role":"primary","region":"eu-west-1"}]}`},
			coverage: []residency.Coverage{covered("s3", "global", residency.Gap{Call: "GetBucketTagging", Class: residency.ClassDenied, Resource: "a"}), covered("rds", "eu-west-1")}}, []residency.Rule{{ARN: "a", Zone: "eu"}, byTag},
			nil, residency.ConcludeNotConcluded},
		{"a gap on a call that is not known touches all", estate{organization: read, resources: []string{
			`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`},
			coverage: []residency.Coverage{covered("s3", "global", residency.Gap{Call: "GetBucketFuture", Class: residency.ClassServerError, Resource: "a"}), covered("rds", "eu-west-1")}}, nil,
			everyControl("a", "GetBucketFuture server error"), residency.ConcludeNotConcluded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, verdicts, _ := judge(t, tt.estate.write(t), 2, tt.rules...)
			if diff := cmp.Diff(tt.want, told(verdicts)); diff != "" {
				t.Error(diff)
			}
			if s.Conclusion != tt.conclusion {
				t.Errorf("conclusion %s, want %s", s.Conclusion, tt.conclusion)
			}
		})
	}
}

func notRead(id string) (lines []string) {
	for _, c := range engine.Controls() {
		if !slices.Contains(c.Needs, residency.FactAssignment) {
			lines = append(lines, fmt.Sprintf("%s %s eu unknown %s [%s] its placements were not read", c.ID, id, c.Severity, id))
		}
	}
	return lines
}

func everyControl(id, reason string) (lines []string) {
	for _, c := range engine.Controls() {
		lines = append(lines, fmt.Sprintf("%s %s eu unknown %s [%s] %s", c.ID, id, c.Severity, id, reason))
	}
	return lines
}

func TestCoverageDecides(t *testing.T) {
	line := func(scanner, region string, s residency.Status) residency.Coverage {
		return residency.Coverage{Scanner: scanner, Account: "1", Region: region, Status: s}
	}
	s3 := line("s3", "global", residency.Complete)
	tests := []struct {
		name   string
		estate estate
		want   residency.Conclusion
		counts residency.AccountRegions
		gaps   int
	}{
		{"complete", estate{coverage: []residency.Coverage{s3, line("rds", "eu-west-1", residency.Complete)}}, residency.ConcludePass, residency.AccountRegions{Planned: 1, Examined: 1}, 0},
		{"disabled", estate{coverage: []residency.Coverage{s3, line("rds", "eu-west-1", residency.Disabled)}}, residency.ConcludePass, residency.AccountRegions{Planned: 1, Disabled: 1}, 0},
		{"denied without a gap", estate{coverage: []residency.Coverage{s3, line("rds", "eu-west-1", residency.Denied)}}, residency.ConcludeNotConcluded, residency.AccountRegions{Planned: 1, Denied: 1}, 0},
		{"a line is missing", estate{coverage: []residency.Coverage{s3}}, residency.ConcludeNotConcluded, residency.AccountRegions{Planned: 1, Failed: 1}, 1},
		{"no line at all", estate{coverage: []residency.Coverage{}}, residency.ConcludeNotConcluded, residency.AccountRegions{Planned: 1, Failed: 1}, 3},
		{"no scope", estate{noScope: true, coverage: []residency.Coverage{s3}}, residency.ConcludeNotConcluded, residency.AccountRegions{}, 1},
		{"no regions for a regional scanner", estate{noRegions: true, coverage: []residency.Coverage{s3}}, residency.ConcludeNotConcluded, residency.AccountRegions{}, 1},
		{"covered twice, and the worse one stands", estate{coverage: []residency.Coverage{s3, line("rds", "eu-west-1", residency.Failed), line("rds", "eu-west-1", residency.Complete)}}, residency.ConcludeNotConcluded, residency.AccountRegions{Planned: 1, Failed: 1}, 1},
		{"covered twice", estate{coverage: []residency.Coverage{s3, s3, line("rds", "eu-west-1", residency.Complete)}}, residency.ConcludeNotConcluded, residency.AccountRegions{Planned: 1, Examined: 1}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _, _ := judge(t, tt.estate.write(t), 1)
			if s.Conclusion != tt.want || s.Coverage.AccountRegions != tt.counts || len(s.Coverage.Gaps) != tt.gaps {
				t.Errorf("got %s %+v %+v", s.Conclusion, s.Coverage.AccountRegions, s.Coverage.Gaps)
			}
		})
	}
}

func TestDuplicateIDIsNamed(t *testing.T) {
	r := `{"id":"twice","region":"eu-west-1","tags":{"zone":"eu"},"placements":[]}`
	j := &Judge{Engine: engine, Zones: testZones, Rules: []residency.Rule{byTag}, Calls: testCalls}
	_, err := j.Run(context.Background(), estate{resources: []string{r, r}}.write(t), nil, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), `resource "twice" stands in the snapshot twice`) {
		t.Error(err)
	}
}

// TestSameBytes: neither the number of workers nor chance may change a byte.
func TestSameBytes(t *testing.T) {
	var e estate
	e.organization = []string{"1"}
	for i := range 3000 {
		target := (i * 7) % 3000
		e.resources = append(e.resources, fmt.Sprintf(`{"id":"r%d","region":%q,"tags":{"zone":%q},"placements":[{"role":"primary","region":"eu-west-1"},{"role":"log","region":"eu-west-1","target":"r%d"}]}`,
			i, []string{"eu-west-1", "us-east-1"}[i%2], []string{"eu", "au", "us", "x"}[i%4], target))
	}
	path := e.write(t)
	_, _, one := judge(t, path, 1)
	for range 3 {
		if _, _, two := judge(t, path, 2); !bytes.Equal(one, two) {
			t.Fatal("the verdicts differ with the number of workers")
		}
	}
}

func TestSummaryCounts(t *testing.T) {
	e := estate{organization: []string{"1"}, resources: []string{
		`{"id":"arn:aws:s3:::lab-01","region":"eu-west-1","tags":{},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
		`{"id":"arn:aws:s3:::lab-02","region":"eu-west-1","tags":{},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
		`{"id":"arn:aws:s3:::cdk-1","region":"eu-west-1","tags":{},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
		`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`}}
	s, _, _ := judge(t, e.write(t), 1, byTag, residency.Rule{ARN: "*:::cdk-*", Zone: residency.NoZone, Reason: "build artefacts", Owner: "platform"})
	wantHints := []residency.AssignHint{{Kind: "s3.bucket", Stem: "lab-*", Account: "1", Count: 2, Line: `- {arn: "arn:aws:s3:::lab-*", zone: <eu|au|us|none>}`}}
	if diff := cmp.Diff(wantHints, s.Unassigned); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]residency.NoZoneStore{{Resource: "arn:aws:s3:::cdk-1", Kind: "s3.bucket", Reason: "build artefacts", Owner: "platform"}}, s.NoZone); diff != "" {
		t.Error(diff)
	}
	if n := s.Zones[0].Stores[residency.ByTag]; n != 1 {
		t.Errorf("%d stores by tag", n)
	}
}
