package reports

import (
	"fmt"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// htmlSample is the story of the other formats with all that a kept run adds.
func htmlSample() residency.Report {
	r := story().report(0, false)
	r.Summary.Fails = map[residency.Severity]int{residency.Critical: 1, residency.High: 921, residency.Medium: 14, residency.Info: 4}
	r.Summary.Open = true
	r.Summary.NotJudged = []residency.NotJudged{
		{Service: "redshift", Account: prod, Region: "eu-west-1", Count: 3, Data: true, By: "tagging"},
		{Service: "codebuild", Account: archive, Region: "us-east-1", Count: 12, By: "tagging"},
	}
	r.Summary.Oracles = []residency.Reconciled{
		{Oracle: "organizations", What: "accounts", Known: 3, Inventory: 2, Missing: []string{"333333333333"}},
		{Oracle: "tagging", What: "resources", Account: prod, Region: "eu-west-1", Known: 913, Inventory: 890, Gone: 2,
			Missing: []string{"arn:aws:rds:eu-west-1:111111111111:db:forgotten"}, Uncounted: 20},
	}
	r.Controls = controls()
	r.Dossier = htmlDossier()
	return r
}

func htmlDossier() *residency.Dossier {
	digest := func(c string) string { return strings.Repeat(c, 64) }
	skew := 0.212
	d := &residency.Dossier{
		Organization: "Müller & Söhne GmbH", System: "Messaging platform",
		Commitments: []residency.Commitment{
			{ID: "C-1", Text: "EU workspace data stays in the EU hosting zone"}, {ID: "C-2", Text: "Every store of customer data is known and classified"},
			{ID: "C-3", Text: "Nothing is deleted without notice"},
		},
		Controls: []residency.OwnControl{
			{ID: "MS-17", Text: "Copies of EU data are checked nightly", Owner: "platform", Frequency: "nightly", Commitment: "C-1",
				Checks: []string{"RES-001", "RES-003", "RES-004"}},
			{ID: "MS-18", Text: "Stores are classified before they are used", Owner: "ciso", Frequency: "nightly", Commitment: "C-2",
				Checks: []string{"RES-013", "RES-099", "RUN-001"}},
		},
		Excluded: []residency.ExcludedAccount{{ID: "444444444444", Reason: "sandbox without customer data", Approver: "ciso"}},
		Trusted:  []residency.TrustedAccount{{ID: "555555555555", Name: "log vendor", Region: "eu-west-1", Reason: "processor under contract"}},
		Waivers: []residency.WaiverState{
			{ID: "W-7", Control: "RES-001", Scope: "resource=arn:aws:s3:::acme-eu-static to.region=us-east-1", Reason: "public pictures only",
				Risk: "none seen", Owner: "web", Approver: "ciso",
				Ticket: "SEC-12", From: "2026-04-01", Expires: "2027-03-31", Status: residency.WaiverActive, Matched: 1},
			{ID: "W-8", Control: "*", Scope: "account=222222222222", Reason: "migration", Owner: "data", Approver: "cto", From: "2025-11-20",
				Expires: "2026-11-19", Status: residency.WaiverExpired, Matched: 3},
			{ID: "W-9", Control: "RES-004", Scope: "zone=eu", Reason: "old vendor", Owner: "ops", Approver: "ciso", From: "2026-01-01",
				Expires: "2026-11-30", Status: residency.WaiverExpiring},
		},
		Manifest: residency.Manifest{
			Run: "20261123T020000Z-a1b2c3", Observed: observed, Tool: "0.1.0", Build: digest("b"), Policies: digest("c"), Config: digest("d"), Verdicts: digest("e"),
			Caller: "arn:aws:sts::111111111111:assumed-role/DomicileAudit/nightly", Command: []string{"domicile", "scan"}, ClockSkew: &skew, Sequence: 41,
			Previous: digest("f"),
			Problems: []string{"the time stamp authority did not answer: the run is sealed without its token"},
			Files: []residency.FileDigest{{Name: "snapshot.ndjson.zst", SHA256: digest("1"), Size: 123456}, {Name: "verdicts.ndjson.zst",
				SHA256: digest("2"), Size: 9876}},
		},
		Seal: residency.Seal{Key: "SHA256:kTz0Xh1c5dQ", Algorithm: "ed25519", Manifest: digest("a"),
			Checkpoint: "domicile/acme\n42\nq83vEjRWeJA=\n", LogSize: 42},
		Scanners: []residency.ScannerInfo{{Service: "s3", Version: 1, Scope: "global", Kinds: []string{"s3.bucket"},
			Operations: []string{"GetBucketReplication", "ListBuckets"}, Actions: []string{"s3:GetReplicationConfiguration", "s3:ListAllMyBuckets"}}},
		Population: []residency.Population{{Account: prod, Region: "eu-west-1", Kind: "s3.bucket", Count: 930, Stores: 928}, {Account: archive,
			Region: "eu-west-1", Kind: "rds.instance", Count: 4, Stores: 4}},
		Calls: residency.CallSummary{Total: 5120, Failed: 31},
	}
	for _, account := range []string{prod, archive} {
		d.Coverage = append(d.Coverage, residency.Coverage{Scanner: "s3", Account: account, Region: residency.GlobalRegion, Status: residency.Partial,
			Resources: 930})
		for i, region := range []string{"eu-west-1", "us-east-1", "ap-southeast-2", "me-south-1"} {
			status := []residency.Status{residency.Complete, residency.Complete, residency.Unsupported, residency.Disabled}[i]
			d.Coverage = append(d.Coverage, residency.Coverage{Scanner: "rds", Account: account, Region: region, Status: status, Resources: 4 * (1 - min(i, 1))})
		}
	}
	d.Period = &residency.Period{From: "2026-11-20", To: "2026-11-23", Longest: 1, Nights: []residency.Night{
		{Date: "2026-11-20", State: residency.NightDone}, {Date: "2026-11-21", State: residency.NightMissed, Reason: "the host was down"},
		{Date: "2026-11-22", State: residency.NightLate}, {Date: "2026-11-23", State: residency.NightDone}}}
	return d
}

// htmlLarge is a run of n resources of which each tenth leaves its zone and each twentieth cannot be proved.
func htmlLarge(n int) residency.Report {
	r := htmlSample()
	var vs []residency.Verdict
	regions := []string{"us-east-1", "us-west-2", "ap-southeast-2", "eu-central-2", "sa-east-1"}
	for i := range n {
		id := fmt.Sprintf("arn:aws:dynamodb:eu-west-1:111111111111:table/workspace-%06d-messages-and-attachments", i)
		account := fmt.Sprint(100000000000 + i%40)
		switch {
		case i%10 == 0:
			to := regions[i/10%len(regions)]
			v := verdict("RES-001", "eu", "dynamodb.table", account, id, residency.Fail, "replica in "+to+", outside eu (eu-west-1)",
				residency.Placement{Role: residency.Replica, Region: to, Account: account, Target: strings.Replace(id, "eu-west-1", to, 1), Via: "global table"})
			v.Path = []string{fmt.Sprintf("arn:aws:kinesis:eu-west-1:111111111111:stream/workspace-%06d", i), id}
			vs = append(vs, v)
		case i%20 == 1:
			vs = append(vs, verdict("RES-003", "eu", "dynamodb.table", account, id, residency.Unknown, "DescribeContinuousBackups was denied"))
		}
	}
	r.Summary.Totals = map[residency.Outcome]int{residency.Fail: n / 10, residency.Unknown: n / 20, residency.Pass: n * 3}
	r.Verdicts = each(vs)
	return r
}
