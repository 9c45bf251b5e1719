package scanners_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// The completeness oracles, over answers written by hand.

const taggingAPI = "resourcegroupstaggingapi"

// withTagging runs the streams' scanner and the tagging API, as if there were no others.
func withTagging(o *scanners.Options) {
	o.Scanners, _ = scanners.Select(scanners.All(), []string{"kinesis", taggingAPI})
	o.Shipped = 2
}

func tagged(arns ...string) string {
	list := []map[string]any{}
	for _, arn := range arns {
		list = append(list, map[string]any{"ResourceARN": arn, "Tags": []map[string]string{{"Key": "data-residency", "Value": "eu"}}})
	}
	data, _ := json.Marshal(map[string]any{"ResourceTagMappingList": list, "PaginationToken": ""})
	return string(data)
}

func clickStream(name string) string { return "arn:aws:kinesis:eu-west-1:111111111111:stream/" + name }

// oneStream is an account with one region and one stream in it.
func oneStream() aws {
	return account("eu-west-1").on("eu-west-1", "kinesis", "ListStreams", "", `{"StreamNames":["clicks"],"HasMoreStreams":false,"StreamSummaries":[{"StreamName":"clicks","StreamARN":"`+clickStream("clicks")+`","StreamStatus":"ACTIVE"}]}`).
		on("eu-west-1", "kinesis", "DescribeStreamSummary", "", `{"StreamDescriptionSummary":{}}`).
		on("eu-west-1", "kinesis", "ListTagsForStream", "", `{"Tags":[],"HasMoreTags":false}`).
		on("eu-west-1", "kinesis", "GetResourcePolicy", "", `{"Policy":""}`)
}

func (f found) line(t *testing.T, scanner, region string) residency.Coverage {
	t.Helper()
	i := slices.IndexFunc(f.coverage, func(c residency.Coverage) bool { return c.Scanner == scanner && c.Region == region })
	if i < 0 {
		t.Fatalf("no line of %s in %s", scanner, region)
	}
	return f.coverage[i]
}

// oracle finds one comparison on any line.
func (f found) oracle(t *testing.T, name string) residency.Reconciled {
	t.Helper()
	for _, c := range f.coverage {
		for _, o := range c.Oracles {
			if o.Oracle == name {
				return o
			}
		}
	}
	t.Fatalf("no comparison with %s", name)
	return residency.Reconciled{}
}

func TestTagging(t *testing.T) {
	for name, c := range map[string]struct {
		answers aws
		want    residency.Reconciled
		gap     string // part of its detail; empty: none
	}{
		"all there": {oneStream().on("eu-west-1", taggingAPI, "GetResources", "", tagged(clickStream("clicks"))),
			residency.Reconciled{Known: 1, Inventory: 1}, ""},
		"one left out": {oneStream().on("eu-west-1", taggingAPI, "GetResources", "", tagged(clickStream("clicks"), clickStream("lost"))),
			residency.Reconciled{Known: 2, Inventory: 1, Missing: []string{clickStream("lost")}}, "2 resources are known to tagging, 1 were examined; missing: " + clickStream("lost")},
		"left out, on page two": {oneStream().on("eu-west-1", taggingAPI, "GetResources", `{"ResourcesPerPage":100,"PaginationToken":"2"}`, tagged(clickStream("lost"))).
			on("eu-west-1", taggingAPI, "GetResources", `{"ResourceARNList":["`+clickStream("lost")+`"]}`, tagged(clickStream("lost"))).
			on("eu-west-1", taggingAPI, "GetResources", `{"ResourcesPerPage":100}`, strings.Replace(tagged(clickStream("clicks")), `"PaginationToken":""`, `"PaginationToken":"2"`, 1)),
			residency.Reconciled{Known: 2, Inventory: 1, Missing: []string{clickStream("lost")}}, clickStream("lost")},
		"untagged in the inventory": {oneStream().on("eu-west-1", taggingAPI, "GetResources", "", tagged()), residency.Reconciled{}, ""},
		"just deleted": {oneStream().on("eu-west-1", taggingAPI, "GetResources", `{"ResourceARNList":["`+clickStream("lost")+`"]}`, tagged()).
			on("eu-west-1", taggingAPI, "GetResources", "", tagged(clickStream("clicks"), clickStream("lost"))),
			residency.Reconciled{Known: 2, Inventory: 1, Gone: 1}, ""},
		"told twice": {oneStream().on("eu-west-1", taggingAPI, "GetResources", "", tagged(clickStream("lost"), clickStream("lost"))),
			residency.Reconciled{Known: 1, Missing: []string{clickStream("lost")}}, "1 resources are known to tagging, 0 were examined"},
		"of a kind whose scanner does not run": {oneStream().on("eu-west-1", taggingAPI, "GetResources", "", tagged("arn:aws:s3:::acme-eu-files")), residency.Reconciled{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := scan(t, taggingAPI, c.answers, withTagging)
			c.want.Oracle, c.want.Account, c.want.Region, c.want.What = "tagging", ownAccount, "eu-west-1", "resources"
			if diff := cmp.Diff(c.want, f.oracle(t, "tagging")); diff != "" {
				t.Errorf("comparison (-want +got):\n%s", diff)
			}
			line := f.line(t, taggingAPI, "eu-west-1")
			switch {
			case c.gap == "" && (len(line.Gaps) > 0 || line.Status != residency.Complete):
				t.Errorf("%s with gaps %+v", line.Status, line.Gaps)
			case c.gap != "" && (len(line.Gaps) != 1 || line.Gaps[0].Class != residency.ClassMismatch || !strings.Contains(line.Gaps[0].Detail, c.gap)):
				t.Errorf("gaps %+v, want one of class mismatch with %q", line.Gaps, c.gap)
			}
		})
	}
}

// Of many the first 20 are named, and the rest is counted.
func TestTaggingNamesTwenty(t *testing.T) {
	var arns []string
	for i := range 130 {
		arns = append(arns, clickStream(fmt.Sprintf("lost-%03d", i)))
	}
	f := scan(t, taggingAPI, oneStream().on("eu-west-1", taggingAPI, "GetResources", "", tagged(arns...)), withTagging)
	got := f.oracle(t, "tagging")
	if got.Known != 130 || len(got.Missing) != 20 || got.Uncounted != 110 || got.Missing[0] != arns[0] || got.Missing[19] != arns[19] {
		t.Errorf("%+v", got)
	}
	if gap := f.line(t, taggingAPI, "eu-west-1").Gaps[0].Detail; !strings.Contains(gap, arns[19]) || strings.Contains(gap, arns[20]) || !strings.Contains(gap, "and 110 more") {
		t.Error(gap)
	}
}

// A second look that is denied drops nothing.
func TestTaggingSecondLookDenied(t *testing.T) {
	transport := replay.Open(oneStream().on("eu-west-1", taggingAPI, "GetResources", "", tagged(clickStream("lost"))).files(t)).Edit(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
		if c.Input["ResourceARNList"] != nil {
			return failures["denied"].answer(taggingAPI), nil
		}
		return a, nil
	})
	f := scanWith(t, transport, taggingAPI, withTagging)
	if got := f.oracle(t, "tagging"); got.Gone != 0 || len(got.Missing) != 1 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"GetResources denied", "GetResources mismatch"}, f.gaps()); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

// What no scanner covers is counted; what of it can hold data is a gap and stands in the snapshot, its placements not read.
func TestNotJudged(t *testing.T) {
	f := scan(t, taggingAPI, oneStream().on("eu-west-1", taggingAPI, "GetResources", "", tagged(clickStream("clicks"), "arn:aws:lambda:eu-west-1:111111111111:function:thumbs",
		"arn:aws:sqs:eu-west-1:111111111111:orders", "arn:aws:newservice:eu-west-1:111111111111:strange-thing/1", "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1",
		"arn:aws:ec2:eu-west-1:111111111111:instance/i-1", "no arn at all")), withTagging)
	line := f.line(t, taggingAPI, "eu-west-1")
	use := func(service string, data bool) residency.NotJudged {
		return residency.NotJudged{Service: service, Account: ownAccount, Region: "eu-west-1", Count: 1, Data: data, By: "tagging"}
	}
	want := []residency.NotJudged{use("ec2", false), use("ec2", true), use("lambda", true), use("newservice", true), use("sqs", true)}
	if diff := cmp.Diff(want, line.NotJudged); diff != "" {
		t.Errorf("not judged (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"GetResources malformed", "GetResources unimplemented", "GetResources unimplemented", "GetResources unimplemented", "GetResources unimplemented"}, f.gaps()); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	r := f.resource(t, "arn:aws:lambda:eu-west-1:111111111111:function:thumbs")
	if r.Kind != "lambda.function" || r.Placements != nil || r.Region != "eu-west-1" || r.Tags["data-residency"] != "eu" {
		t.Errorf("%+v", r)
	}
	if got := f.resource(t, "arn:aws:newservice:eu-west-1:111111111111:strange-thing/1").Kind; got != "newservice.strange_thing" {
		t.Error(got)
	}
	for _, r := range f.resources {
		if strings.HasPrefix(r.Kind, "ec2.vpc") {
			t.Errorf("%s holds no data and stands in the snapshot", r.ID)
		}
	}
}

// An account of the organisation that nobody scans is a gap with both numbers; one that is excluded is none.
func TestOrganizationOracle(t *testing.T) {
	org := func() aws {
		a := oneStream()
		a["any/any/organizations/ListAccounts"] = nil
		delete(a, ownAccount+"/any/organizations/ListAccounts")
		return a.answer(ownAccount, "any", "organizations", "ListAccounts", "", 200, `{"Accounts":[{"Id":"111111111111","State":"ACTIVE"},{"Id":"222222222222","State":"ACTIVE"}]}`).
			on("eu-west-1", taggingAPI, "GetResources", "", tagged())
	}
	for name, c := range map[string]struct {
		option func(*scanners.Options)
		want   residency.Reconciled
		gaps   []string
	}{
		"left out": {func(*scanners.Options) {}, residency.Reconciled{Known: 2, Inventory: 1, Missing: []string{"222222222222"}}, []string{"ListAccounts mismatch"}},
		"excluded": {func(o *scanners.Options) { o.Excluded = []string{"222222222222"} }, residency.Reconciled{Known: 1, Inventory: 1}, nil},
		"narrowed": {func(o *scanners.Options) { o.Shipped = 3 }, residency.Reconciled{Known: 2, Inventory: 1, Missing: []string{"222222222222"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := scan(t, taggingAPI, org(), withTagging, c.option)
			c.want.Oracle, c.want.What = "organizations", "accounts"
			if diff := cmp.Diff(c.want, f.oracle(t, "organizations")); diff != "" {
				t.Errorf("comparison (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.gaps, f.gaps()); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// A region that the account has on and nobody asked is a gap; one that is off is none, nor is one that the scope leaves out.
func TestRegionsOracle(t *testing.T) {
	answers := func() aws {
		a := oneStream()
		a[ownAccount+"/any/account/ListRegions"] = nil
		return a.on("any", "account", "ListRegions", "", `{"Regions":[{"RegionName":"eu-west-1","RegionOptStatus":"ENABLED_BY_DEFAULT"},{"RegionName":"us-east-1","RegionOptStatus":"ENABLED"},{"RegionName":"ap-southeast-2","RegionOptStatus":"DISABLED"}]}`).
			on("us-east-1", "kinesis", "ListStreams", "", `{"StreamNames":[],"HasMoreStreams":false}`).on("any", taggingAPI, "GetResources", "", tagged())
	}
	unasked := func(o *scanners.Options) {
		o.Unsupported = func(service, region string) bool { return region == "us-east-1" }
	}
	for name, c := range map[string]struct {
		option func(*scanners.Options)
		want   residency.Reconciled
		gaps   []string
	}{
		"all asked":         {func(*scanners.Options) {}, residency.Reconciled{Known: 2, Inventory: 2}, nil},
		"nobody asked":      {unasked, residency.Reconciled{Known: 2, Inventory: 1, Missing: []string{"us-east-1"}}, []string{"ListRegions mismatch"}},
		"left out of scope": {func(o *scanners.Options) { o.Regions = []string{"eu-west-1"} }, residency.Reconciled{Known: 2, Inventory: 1, Missing: []string{"us-east-1"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := scan(t, taggingAPI, answers(), withTagging, c.option)
			c.want.Oracle, c.want.Account, c.want.What = "regions", ownAccount, "regions"
			if diff := cmp.Diff(c.want, f.oracle(t, "regions")); diff != "" {
				t.Errorf("comparison (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.gaps, f.gaps()); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// Every resource of the recording that can carry tags is found by its ARN alone: an oracle that names them all misses none.
func TestTaggingKnowsEveryKind(t *testing.T) {
	options := func(o *scanners.Options) {
		o.Scanners, o.Accounts, o.Role = scanners.All(), []string{"111111111111", "222222222222", "333333333333"}, "DomicileAudit"
	}
	untaggable := []string{"backup.restore", "bedrock.model_invocation_logging", "cloudwatchlogs.export_task", "configservice.delivery_channel", "dynamodb.", "ec2.export_", "guardduty.",
		"macie2.", "organizations.effective_policy", "rds.export_task", "s3control.job", "securityhub.finding_aggregator", "route53resolver.query_log_config_association"}
	before := scanWith(t, recorded(nil), taggingAPI, options)
	kept := slices.DeleteFunc(slices.Clone(before.resources), func(r residency.Resource) bool {
		return strings.Contains(r.ID, ":inference-profile/") || r.Kind != "dynamodb.table" && slices.ContainsFunc(untaggable, func(k string) bool { return strings.HasPrefix(r.Kind, k) })
	})
	var arns []string
	for _, r := range kept {
		arns = append(arns, r.ID+"0")
	}
	f := scanWith(t, recorded(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
		if c.Service != taggingAPI || c.Account != ownAccount || c.Region != "eu-west-1" || c.Input["ResourceARNList"] != nil && len(arns) == 0 {
			return a, nil
		}
		return &replay.Answer{Body: json.RawMessage(tagged(arns...))}, nil
	}), taggingAPI, options)
	line := f.line(t, taggingAPI, "eu-west-1")
	if len(line.NotJudged) > 0 {
		t.Errorf("of no known kind: %+v", line.NotJudged)
	}
	if got := line.Oracles[len(line.Oracles)-1]; got.Known != len(arns) || got.Inventory != 0 {
		t.Errorf("%d of %d ARNs are of a scanned kind, %d in the inventory", got.Known, len(arns), got.Inventory)
	}
}

// BenchmarkNotJudged: 100,000 functions that no scanner reads, in one account and region.
func BenchmarkNotJudged(b *testing.B) {
	arns := make([]string, 100_000)
	for i := range arns {
		arns[i] = fmt.Sprintf("arn:aws:lambda:eu-west-1:111111111111:function:f-%06d", i)
	}
	body := json.RawMessage(tagged(arns...))
	files := oneStream().on("eu-west-1", taggingAPI, "GetResources", "", tagged()).files(b)
	b.ReportAllocs()
	for b.Loop() {
		transport := replay.Open(files).Edit(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
			if c.Service == taggingAPI {
				return &replay.Answer{Body: body}, nil
			}
			return a, nil
		})
		if f := scanWith(b, transport, taggingAPI, withTagging); len(f.resources) != 100_001 {
			b.Fatalf("%d resources", len(f.resources))
		}
	}
}
