package reports

import (
	"cmp"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// scenario is a run to report, as a caller hands it over.
type scenario struct {
	name     string
	summary  residency.Summary
	verdicts []residency.Verdict
	locate   func(resource, via string) residency.Location
}

func (s scenario) report(width int, color bool) residency.Report {
	return residency.Report{
		Summary: s.summary, Controls: controls(), Verdicts: each(s.verdicts), Width: width, Color: color,
		Command: "domicile judge runs/latest -o csv", Locate: s.locate,
	}
}

func each(vs []residency.Verdict) iter.Seq2[residency.Verdict, error] {
	return func(yield func(residency.Verdict, error) bool) {
		for _, v := range vs {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func scenarios() []scenario {
	return []scenario{story(), emptyPass(), narrowed(), notConcluded(), change()}
}

func controls() map[string]residency.Control {
	all := map[string]residency.Control{}
	for _, c := range []residency.Control{
		{ID: "RES-001", Severity: residency.High, Title: "Every replica of the data stays inside the zone"},
		{ID: "RES-002", Severity: residency.High, Title: "Every data store lies inside its zone"},
		{ID: "RES-003", Severity: residency.High, Title: "Every backup of the data stays inside the zone"},
		{ID: "RES-004", Severity: residency.Medium, Title: "Every log of the data stays inside the zone"},
		{ID: "RES-011", Severity: residency.Info, Title: "Nothing is set up that could move the data outside the zone"},
		{ID: "RES-012", Severity: residency.Critical, Title: "No copy of the data reaches the public or an account outside the organisation"},
		{ID: "RES-013", Severity: residency.Medium, Title: "Every data store is classified"},
	} {
		all[c.ID] = c
	}
	return all
}

var observed = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

const (
	prod    = "111111111111"
	archive = "222222222222"
)

func zones() []residency.ZoneCount {
	return []residency.ZoneCount{
		{Zone: residency.Zone{ID: "us", Name: "United States", Regions: []string{"us-east-1"}},
			Stores: map[residency.Basis]int{residency.ByOwnRegion: 7}},
		{Zone: residency.Zone{ID: "eu", Name: "European Union", Regions: []string{"eu-west-1"}, Promise: true},
			Stores: map[residency.Basis]int{residency.ByARN: 930, residency.ByTag: 41, residency.ByAccount: 3}},
		{Zone: residency.Zone{ID: "au", Name: "Australia", Regions: []string{"ap-southeast-2", "ap-southeast-4"}, Promise: true},
			Stores: map[residency.Basis]int{}},
	}
}

// verdict has the control's severity.
func verdict(control, zone, kind, account, id string, o residency.Outcome, reason string, ps ...residency.Placement) residency.Verdict {
	return residency.Verdict{
		Control: control, Resource: id, Kind: kind, Account: account, Region: "eu-west-1", Zone: zone, Outcome: o,
		Severity: controls()[control].Severity, Reason: reason, Placements: ps, Path: []string{id},
	}
}

// story has one of everything: what is wrong in the verdicts and what is hostile in their names.
func story() scenario {
	vs := append(storyFails(), storyRest()...)
	s := residency.Summary{
		Conclusion: residency.ConcludeFail, Run: observed, Complete: true, Zones: zones(),
		Totals:   map[residency.Outcome]int{residency.Pass: 4117},
		Controls: map[string]map[residency.Outcome]int{}, Fails: map[residency.Severity]int{},
		Coverage: residency.CoverageSummary{
			AccountRegions: residency.AccountRegions{Planned: 420, Examined: 412, Denied: 8}, Gaps: storyGaps(),
		},
		Scope: &residency.Scope{
			Accounts: []string{prod, archive}, Regions: []string{"eu-west-1", "us-east-1"},
			Scanners: map[string]string{"s3": "global", "rds": "regional"}, OrganizationAccounts: []string{prod, archive},
		},
		NoZone: []residency.NoZoneStore{
			{Resource: "arn:aws:s3:::acme-terraform-state", Kind: "s3.bucket", Reason: "infrastructure state", Owner: "platform"},
		},
		Unassigned: []residency.AssignHint{
			{Kind: "s3.bucket", Stem: "acme-lab-", Account: prod, Count: 12, Line: `- {arn: "arn:aws:s3:::acme-lab-*", zone: ZONE}`},
			{Kind: "dynamodb.table", Stem: "a\x1b[2J", Account: prod, Count: 1, Line: "- {arn: \"arn:aws:dynamodb:eu-west-1:111111111111:table/a\x1b[2J*\", zone: ZONE}"},
		},
		Notes: []string{"The signing key was made at first use.", "A name with a \u202enote reversed"},
	}
	for i := range 5 {
		s.NoZone = append(s.NoZone, residency.NoZoneStore{
			Resource: fmt.Sprintf("arn:aws:s3:::cdk-hnb659fds-assets-%d", i), Kind: "s3.bucket", Reason: "build artefacts", Owner: "platform",
		})
	}
	for _, v := range vs {
		s.Totals[v.Outcome]++
		if s.Controls[v.Control] == nil {
			s.Controls[v.Control] = map[residency.Outcome]int{}
		}
		s.Controls[v.Control][v.Outcome]++
		if v.Outcome == residency.Fail {
			s.Fails[v.Severity]++
		}
	}
	return scenario{name: "story", summary: s, verdicts: vs}
}

func storyFails() []residency.Verdict {
	outside := "replica in us-east-1, outside eu (eu-west-1)"
	logs, fire, last := "arn:aws:logs:eu-west-1:111111111111:log-group:/acme/eu/api",
		"arn:aws:firehose:eu-west-1:111111111111:deliverystream/acme-eu-audit-trail-delivery", "arn:aws:s3:::acme-eu-archive"
	chain := verdict("RES-001", "eu", "s3.bucket", prod, last, residency.Fail, outside,
		residency.Placement{Role: residency.Replica, Region: "us-east-1", Account: prod, Target: "arn:aws:s3:::acme-us-copy", Via: "replication rule all"})
	chain.Path, chain.Downstream = []string{logs, fire, last}, []string{"arn:aws:s3:::acme-us-copy", "arn:aws:s3:::acme-us-copy-of-copy"}
	vs := []residency.Verdict{
		chain,
		verdict("RES-012", "eu", "rds.cluster_snapshot", prod, "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:acme-eu-orders-before-migration-2026-11-01",
			residency.Fail, "shared with account 999999999999, outside the organisation",
			residency.Placement{Role: residency.Backup, Region: "eu-west-1", Account: "999999999999", Via: "snapshot attribute restore"}),
		verdict("RES-002", "au", "dynamodb.table", archive, "arn:aws:dynamodb:us-east-1:222222222222:table/sessions", residency.Fail,
			"primary in us-east-1, outside au (ap-southeast-2, ap-southeast-4)",
			residency.Placement{Role: residency.Primary, Region: "us-east-1", Account: archive}),
		verdict("RES-011", "eu", "s3.bucket", prod, "arn:aws:s3:::acme-eu-files", residency.Fail, "a multi-region access point could move it to us-east-1",
			residency.Placement{Role: residency.Capability, Region: "us-east-1", Via: "access point acme.mrap"}),
	}
	for i := range 912 {
		vs = append(vs, verdict("RES-003", "eu", "backup.recovery_point", prod, fmt.Sprintf("arn:aws:backup:eu-west-1:111111111111:recovery-point:%08x", i),
			residency.Fail, "backup in us-east-1, outside eu (eu-west-1)",
			residency.Placement{Role: residency.Backup, Region: "us-east-1", Account: prod, Target: fmt.Sprintf("arn:aws:backup:us-east-1:111111111111:recovery-point:%08x", i), Via: "backup plan nightly"}))
	}
	for i := range 13 { // each of its own cause: the group is cut
		vs = append(vs, verdict("RES-004", "eu", "elasticloadbalancingv2.load_balancer", prod, fmt.Sprintf("arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/acme-eu-%02d/50dc6c495c0c9188", i),
			residency.Fail, fmt.Sprintf("log in us-east-1, bucket acme-logs-%02d", i),
			residency.Placement{Role: residency.Log, Region: "us-east-1", Account: prod, Via: fmt.Sprintf("access_logs.s3.bucket acme-logs-%02d", i)}))
	}
	for i := range 3 {
		v := verdict("RES-001", "us", "dynamodb.table", prod, fmt.Sprintf("arn:aws:dynamodb:us-east-1:111111111111:table/global-%d", i),
			residency.Fail, "replica in eu-west-1, outside us (us-east-1)", residency.Placement{Role: residency.Replica, Region: "eu-west-1", Account: prod})
		v.Severity = residency.Info
		vs = append(vs, v)
	}
	return append(vs, hostileFails()...)
}

// hostileFails have names that whoever may create a resource could choose.
func hostileFails() []residency.Verdict {
	var vs []residency.Verdict
	for i, name := range []string{
		"\x1b[31mred\x1b[0m", "safe\u202egnp.exe", "zero\u200bwidth\ufeff", "two\nlines\r\tand\x9bmore", "\xff\xfe", "顧客データ",
	} {
		v := verdict("RES-001", "eu", "dynamodb.table", prod, "arn:aws:dynamodb:eu-west-1:111111111111:table/"+name, residency.Fail,
			"replica of "+name+" in us-west-2",
			residency.Placement{Role: residency.Replica, Region: "us-west-2", Account: prod, Via: fmt.Sprintf("replica %d", i)})
		vs = append(vs, v)
	}
	formula := verdict("RES-004", "eu", "s3.bucket", archive, "=HYPERLINK(\"https://example.org\")", residency.Fail, "+1 log, \"quoted\"",
		residency.Placement{Role: residency.Log, Region: "us-east-1", Account: archive, Target: "logs.example.org", Via: "@SUM(A1)"})
	return append(vs, formula)
}

func storyRest() []residency.Verdict {
	waived := verdict("RES-001", "eu", "s3.bucket", prod, "arn:aws:s3:::acme-eu-static", residency.Waived, "replica in us-east-1, outside eu (eu-west-1)",
		residency.Placement{Role: residency.Replica, Region: "us-east-1", Account: prod, Target: "arn:aws:s3:::acme-us-static"})
	waived.Waiver = &residency.WaiverRef{ID: "W-7", Owner: "web", Approver: "ciso", Reason: "public pictures only", Expires: "2027-03-31"}
	vs := []residency.Verdict{
		waived,
		verdict("RES-001", "eu", "s3.bucket", prod, "arn:aws:s3:::acme-eu-vault", residency.Unknown, "GetBucketReplication was denied"),
		verdict("RES-001", "us", "s3.bucket", prod, "arn:aws:s3:::acme-us-web", residency.Unknown, "GetBucketReplication was denied"),
		verdict("RES-004", "eu", "cloudtrail.trail", archive, "arn:aws:cloudtrail:eu-west-1:222222222222:trail/org", residency.Unknown,
			"the region of arn:aws:s3:::somebody-elses-very-long-bucket-name-that-nobody-can-resolve is not known",
			residency.Placement{Role: residency.Log, Account: archive, Target: "arn:aws:s3:::somebody-elses-very-long-bucket-name-that-nobody-can-resolve"}),
	}
	for i := range 12 {
		vs = append(vs, verdict("RES-013", "", "s3.bucket", prod, fmt.Sprintf("arn:aws:s3:::acme-lab-%02d", i), residency.Unknown, "no line of assign matches"))
	}
	return vs
}

func storyGaps() []residency.RunGap {
	denied := residency.Gap{Call: "GetBucketReplication", Class: residency.ClassDenied, Resource: "arn:aws:s3:::acme-eu-vault",
		Detail: "the audit role lacks s3:GetReplicationConfiguration: allow it"}
	gaps := []residency.RunGap{{Scanner: "s3", Account: prod, Region: "global", Gap: denied}}
	denied.Resource = "arn:aws:s3:::acme-us-web"
	gaps = append(gaps, residency.RunGap{Scanner: "s3", Account: prod, Region: "global", Gap: denied})
	for _, scanner := range []string{"backup", "dynamodb", "firehose", "kinesis", "logs", "rds"} {
		for i := range 4 {
			gaps = append(gaps, residency.RunGap{Scanner: scanner, Account: "333333333333", Region: fmt.Sprintf("eu-west-%d", i+1), Gap: residency.Gap{
				Call: "AssumeRole", Class: residency.ClassDenied, Detail: "DomicileAudit cannot be assumed in account 333333333333: create the role or its trust"}})
		}
	}
	return append(gaps, residency.RunGap{Scanner: "rds", Account: archive, Region: "eu-west-1", Gap: residency.Gap{
		Call: "DescribeDBInstances", Class: residency.ClassUnreachable, Detail: "no such host \"rds.eu-west-1.\x1b[2Jexample\": is the service offered there?"}})
}

func emptyPass() scenario {
	return scenario{name: "empty_pass", summary: residency.Summary{
		Conclusion: residency.ConcludePass, Run: observed, Complete: true, Zones: zones()[1:2],
		Totals:   map[residency.Outcome]int{residency.Pass: 974},
		Controls: map[string]map[residency.Outcome]int{"RES-001": {residency.Pass: 974}},
		Coverage: residency.CoverageSummary{AccountRegions: residency.AccountRegions{Planned: 1, Examined: 1}},
		Scope:    &residency.Scope{Accounts: []string{prod}, Regions: []string{"eu-west-1"}, Scanners: map[string]string{"rds": "regional"}},
	}}
}

func narrowed() scenario {
	s := emptyPass()
	s.name = "narrowed"
	s.summary.Scope = &residency.Scope{
		Accounts: []string{prod}, Regions: []string{"eu-west-1", "eu-west-3"}, Scanners: map[string]string{"s3": "global", "rds": "regional"}, Narrowed: true,
	}
	s.summary.Coverage.AccountRegions = residency.AccountRegions{Planned: 2, Examined: 1, Disabled: 1}
	return s
}

// notConcluded was interrupted, in a scope that nothing states.
func notConcluded() scenario {
	v := verdict("RES-013", "", "rds.instance", "", "aws_db_instance.orders", residency.Unknown, "name known after apply")
	return scenario{name: "not_concluded", verdicts: []residency.Verdict{v}, summary: residency.Summary{
		Conclusion: residency.ConcludeNotConcluded, Run: observed,
		Totals: map[residency.Outcome]int{residency.Unknown: 1}, Controls: map[string]map[residency.Outcome]int{"RES-013": {residency.Unknown: 1}},
		Coverage: residency.CoverageSummary{
			AccountRegions: residency.AccountRegions{Planned: 2, Failed: 2},
			Gaps: []residency.RunGap{{Gap: residency.Gap{Call: "scope", Class: residency.ClassMismatch, Detail: "the header has no scope: scan again"}},
				{Scanner: "rds", Account: prod, Region: "eu-west-1", Gap: residency.Gap{Call: "DescribeDBInstances", Class: residency.ClassCancelled, Detail: "the run was interrupted: run it again"}}},
		},
	}}
}

// change is a check of two inputs: a copy abroad declared by another resource than the one that holds the data, one that nobody knows,
// and types that this version does not judge.
func change() scenario {
	replica := verdict("RES-001", "eu", "s3.bucket", "", "aws_s3_bucket.src", residency.Fail, "replica in us-east-1, outside eu (eu-west-1)",
		residency.Placement{Role: residency.Replica, Region: "us-east-1", Target: "aws_s3_bucket.dst",
			Via: "aws_s3_bucket_replication_configuration.r rule[0].destination.bucket (replication rule all)"})
	replica.Path, replica.Downstream = []string{"aws_cloudwatch_log_group.app", "aws_s3_bucket.src"}, []string{"aws_s3_bucket.dst"}
	log := verdict("RES-004", "eu", "elasticloadbalancingv2.load_balancer", "", `module.web["a"].aws_lb.front`, residency.Unknown, "log in a region that is not known",
		residency.Placement{Role: residency.Log, Via: `module.web["a"].aws_lb.front access_logs[0].bucket (access logs): it is not in the change: name the last scan with --with`})
	waived := verdict("RES-002", "eu", "sqs.queue", "", "app/Queue", residency.Waived, "queue in us-east-1, outside eu (eu-west-1)")
	waived.Waiver = &residency.WaiverRef{ID: "W-7", Owner: "web", Approver: "ciso", Reason: "test messages only", Expires: "2027-03-31"}
	gap := func(typ, resource, detail string) residency.RunGap {
		return residency.RunGap{Scanner: "plan", Region: "global", Input: "plan.json", Gap: residency.Gap{Call: typ, Class: residency.ClassUnimplemented, Resource: resource, Detail: detail}}
	}
	s := residency.Summary{Conclusion: residency.ConcludeFail, Run: observed, Complete: true, Zones: zones()[1:2], Notes: []string{"no account is known"},
		Totals: map[residency.Outcome]int{residency.Pass: 3, residency.Fail: 1, residency.Unknown: 1, residency.Waived: 1},
		Controls: map[string]map[residency.Outcome]int{"RES-001": {residency.Fail: 1}, "RES-002": {residency.Pass: 3, residency.Waived: 1},
			"RES-003": {}, "RES-004": {residency.Unknown: 1}},
		Fails: map[residency.Severity]int{residency.High: 1}, Open: true,
		Scope: &residency.Scope{Inputs: []string{"plan.json", "app.yaml"}},
		Coverage: residency.CoverageSummary{Inputs: &residency.InputCount{Given: 2, Read: 2}, Gaps: []residency.RunGap{
			gap("aws_new_thing", "", "2 of type aws_new_thing, which this version does not know: whether it holds data was not judged"),
			gap("aws_newer_thing", "", "1 of type aws_newer_thing, which this version does not know: whether it holds data was not judged"),
			gap("AWS::New::Thing", "", "1 of type AWS::New::Thing, which this version does not know: whether it holds data was not judged"),
			gap("aws_fsx_lustre_file_system", "aws_fsx_lustre_file_system.f", "where aws_fsx_lustre_file_system copies its data to is not judged by this version: only where it is"),
		}}}
	lines := map[string]int{"aws_s3_bucket.src": 1, "aws_cloudwatch_log_group.app": 40,
		"aws_s3_bucket_replication_configuration.r rule[0].destination.bucket (replication rule all)": 12}
	return scenario{name: "change", summary: s, verdicts: []residency.Verdict{replica, log, waived},
		locate: func(resource, via string) residency.Location {
			if line := lines[cmp.Or(via, resource)]; line > 0 {
				return residency.Location{File: "infra/our storage,100%.tf", Line: line}
			}
			if strings.HasPrefix(resource, "app/") {
				return residency.Location{File: "app.yaml", Line: 3}
			}
			return residency.Location{File: "plan.json", Line: 1}
		}}
}
