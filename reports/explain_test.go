package reports

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// TestExplain: the chain, what decides, and the edit; of a change with its lines.
func TestExplain(t *testing.T) {
	s := change()
	r := s.report(100, false)
	resources := map[string]residency.Resource{
		"aws_cloudwatch_log_group.app": {ID: "aws_cloudwatch_log_group.app", Kind: "cloudwatchlogs.group", Region: "eu-west-1", Placements: []residency.Placement{
			{Role: residency.Key, Region: "eu-west-1", Target: "aws_s3_bucket.src"}, // carries nothing
			{Role: residency.Log, Region: "eu-west-1", Target: "aws_s3_bucket.src", Via: "export task 1"}}},
		"aws_s3_bucket.src": {ID: "aws_s3_bucket.src", Kind: "s3.bucket", Region: "eu-west-1"},
	}
	for i, want := range [][]string{
		{"  1 aws_cloudwatch_log_group.app", "    its data goes on by log in eu-west-1: export task 1, at plan.json:1", "  2 aws_s3_bucket.src",
			"    decides: replica in us-east-1, at aws_s3_bucket.dst", "      at infra/our storage,100%.tf:12", "  beyond the border: aws_s3_bucket.dst", "CURE",
			"  Terraform: aws_s3_bucket_replication_configuration rule.destination.bucket: name a bucket in one"},
		{"MISSING", "    The flag that it names settles it."},
	} {
		var out bytes.Buffer
		if err := Explain(&out, r, Explanation{Verdict: s.verdicts[i], Resources: resources}); err != nil {
			t.Fatal(err)
		}
		for _, line := range want {
			requireLine(t, out.String(), strings.TrimSpace(line))
		}
	}
}

// TestExplainSettles: every unknown is told what would settle it.
func TestExplainSettles(t *testing.T) {
	live, change := residency.Report{}, residency.Report{}
	change.Summary.Coverage.Inputs = &residency.InputCount{Given: 1, Read: 1}
	for _, c := range []struct {
		r            residency.Report
		reason, want string
	}{
		{live, "GetBucketReplication denied", "domicile list operations"},
		{live, "no zone: no line of assign matches", "assign in domicile.yaml"},
		{live, "the region of arn:aws:s3:::b is not known", "aws.regions"},
		{live, "throttled", "Scan again"},
		{change, "provider aws names no region", "--region"},
		{change, "its account", "--account"},
		{change, "aws_s3_bucket.x is not in the change", "--with"},
		{change, "it is known only after the deployment", "a constant, a variable with a value"},
		{change, "a template does not say its region: give --region", "The flag that it names"},
	} {
		if got := settles(c.r, c.reason); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.reason, got)
		}
	}
}

func TestExplainNeutralisesHostileNames(t *testing.T) {
	r := hostileChange()
	for v := range r.Verdicts {
		v.Control = "RES-001"
		var out bytes.Buffer
		e := Explanation{Verdict: v, Gaps: r.Summary.Coverage.Gaps, Resources: map[string]residency.Resource{v.Resource: {ID: v.Resource, Kind: v.Kind,
			Region: v.Region, Account: v.Account, Placements: v.Placements, Sources: []residency.Source{{ID: v.Resource, Via: v.Reason}}}}}
		if err := Explain(&out, r, e); err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(out.Bytes()) {
			t.Fatalf("is no UTF-8: %q", out.String())
		}
		for _, c := range out.String() {
			if c != '\n' && hostile(c) {
				t.Fatalf("holds %U", c)
			}
		}
	}
}
