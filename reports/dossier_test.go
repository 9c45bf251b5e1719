package reports

import (
	"fmt"
	"testing/fstest"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// tongues are values of tags and names in scripts and with signs that break what does not expect them.
func tongues() map[string]string {
	return map[string]string{
		"de": "Größenänderungsprotokoll für Überweisungsträger", "pl": "Źródło danych księgowości — żółć", "el": "Αποθήκη δεδομένων πελατών",
		"mi": "Ngā raraunga ā-rohe o Aotearoa, kāinga whakahaere", "emoji": "launch 🚀 of 👩‍👩‍👧", "cjk": "顧客データ", "bidi": "safe\u202egnp.exe",
		"hidden": "zero\u200bwidth", "control": "two\nlines\x1b[31m",
	}
}

const digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// kept is the story as a kept run with all that an auditor asks for.
func kept() residency.Report {
	r := story().report(0, false)
	r.Summary.Oracles = []residency.Reconciled{
		{Oracle: "organizations", What: "accounts", Known: 3, Inventory: 2, Missing: []string{"444444444444"}},
		{Oracle: "tagging", Account: prod, Region: "eu-west-1", What: "resources", Known: 512, Inventory: 512, Gone: 2},
	}
	r.Summary.NotJudged = []residency.NotJudged{{Service: "neptune-graph", Account: prod, Region: "eu-west-1", Count: 4, Data: true, By: "tagging"}}
	r.Summary.Waivers = keptWaivers()
	r.Dossier = &residency.Dossier{
		Organization: "Acme Österreich GmbH", System: "Acme Files",
		Commitments: []residency.Commitment{
			{ID: "C-EU", Text: "EU workspace data stays in the EU hosting zone."},
			{ID: "C-CLASS", Text: "Every store is assigned to a zone."},
			{ID: "C-PAPER", Text: "Paper is shredded."},
		},
		Controls: []residency.OwnControl{
			{ID: "DR-01", Text: "Each night a program checks that no copy of EU data leaves the zone.", Owner: "Head of platform", Frequency: "daily", Commitment: "C-EU", Checks: []string{"RES-001", "RES-002"}},
			{ID: "DR-02", Text: "Unassigned stores are found.", Owner: "Governance", Frequency: "daily", Commitment: "C-CLASS", Checks: []string{"RES-013"}},
		},
		Excluded: []residency.ExcludedAccount{{ID: "555555555555", Reason: "sandbox without customer data", Approver: "CISO"}},
		Trusted:  []residency.TrustedAccount{{ID: "666666666666", Name: "Vendor", Region: "eu-west-1", Reason: "backup vendor"}},
		Frameworks: []residency.Framework{{ID: "soc2", Name: "SOC 2 Trust Services Criteria", Version: "2017, points of focus 2022", Applies: "The promise is the organisation's own.",
			Criteria: []residency.Criterion{
				{ID: "CC6.7", Paraphrase: "Movement of information is restricted.", Strength: residency.Direct, Basis: "verified_secondary", Checks: []string{"RES-001"}},
				{ID: "CC2.1", Paraphrase: "Information of good quality is used.", Strength: residency.Supporting, Basis: "from_knowledge", Checks: []string{"RES-013"}},
				{ID: "CC9.9", Paraphrase: "Something that no region shows.", Strength: residency.Direct, Basis: "unverified"},
			}}},
		Waivers:  keptWaivers(),
		Manifest: keptManifest(),
		Seal: residency.Seal{Key: "SHA256:Yk3VbH0XH0l2q8Q0m6n4H0l2q8Q0m6n4H0l2q8Q0m6n4", Algorithm: "ed25519", Manifest: digest,
			Checkpoint: "domicile/acme\n42\nq83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng=\n\n— domicile/acme AAAAAQ==\n", LogSize: 42},
		Scanners: []residency.ScannerInfo{
			{Service: "rds", Version: 2, Scope: "regional", Kinds: []string{"rds.instance", "rds.cluster_snapshot"}, Operations: []string{"DescribeDBInstances", "DescribeDBSnapshots"},
				Actions: []string{"rds:DescribeDBInstances", "rds:DescribeDBSnapshots"}},
			{Service: "s3", Version: 1, Scope: "global", Kinds: []string{"s3.bucket"}, Operations: []string{"GetBucketReplication", "ListBuckets"}, Actions: []string{"s3:GetReplicationConfiguration", "s3:ListAllMyBuckets"}},
		},
		Runner:     residency.ScannerInfo{Operations: []string{"AssumeRole"}, Actions: []string{"sts:AssumeRole"}},
		Coverage:   keptCoverage(),
		Population: []residency.Population{{Account: prod, Region: "eu-west-1", Kind: "s3.bucket", Count: 941, Stores: 930}, {Account: archive, Region: "eu-west-1", Kind: "rds.instance", Count: 33, Stores: 33}},
		Samples:    keptSamples(), SampleSeed: "5eed5eed5eed5eed", Calls: residency.CallSummary{Total: 8123, Failed: 31},
		Files: fstest.MapFS{"manifest.json": {Data: []byte(`{"schema":1,"run":"20261123T020000Z-abc123"}`)}},
	}
	return r
}

func keptWaivers() []residency.WaiverState {
	return []residency.WaiverState{
		{ID: "W-7", Control: "RES-001", Scope: "resource=arn:aws:s3:::acme-eu-static to.region=us-east-1", Reason: "public pictures only", Risk: "low", Owner: "web", Approver: "ciso",
			Ticket: "SEC-12", From: "2026-04-01", Expires: "2027-03-31", Status: residency.WaiverActive, Matched: 1},
		{ID: "W-3", Control: "RES-003", Scope: "account=111111111111 to.region=us-east-1", Reason: "migration of backups", Owner: "platform", Approver: "ciso",
			From: "2026-01-01", Expires: "2026-10-31", Status: residency.WaiverExpired, Matched: 912},
	}
}

func keptManifest() residency.Manifest {
	skew := 0.4
	return residency.Manifest{
		Schema: 1, Run: "20261123T020000Z-abc123", Observed: observed, Start: observed, End: observed.Add(4 * time.Minute), Complete: true, Tool: "0.4.0", Build: digest, Policies: digest,
		Config: digest, Verdicts: digest, Caller: "arn:aws:sts::111111111111:assumed-role/DomicileAudit/nightly", Command: []string{"domicile", "watch", "--once"}, ClockSkew: &skew,
		Sequence: 41, Previous: digest, Files: []residency.FileDigest{{Name: "snapshot.ndjson.zst", SHA256: digest, Size: 123456}, {Name: "verdicts.ndjson.zst", SHA256: digest, Size: 4567}},
	}
}

func keptCoverage() []residency.Coverage {
	var all []residency.Coverage
	for _, account := range []string{prod, archive} {
		for _, region := range []string{"af-south-1", "ap-southeast-2", "eu-west-1", "us-east-1"} {
			c := residency.Coverage{Scanner: "rds", Account: account, Region: region, Status: residency.Complete}
			switch {
			case region == "af-south-1":
				c.Status = residency.Disabled
			case account == archive && region == "us-east-1":
				c.Status = residency.Denied
			case region == "eu-west-1":
				c.Resources = 33
			}
			all = append(all, c)
		}
		all = append(all, residency.Coverage{Scanner: "s3", Account: account, Region: "global", Status: residency.Complete, Resources: 941})
	}
	return all
}

func keptSamples() []residency.Sample {
	pass := verdict("RES-002", "eu", "s3.bucket", prod, "arn:aws:s3:::acme-eu-files", residency.Pass, "")
	call := residency.CallRecord{Scanner: "s3", Service: "s3", Operation: "GetBucketReplication", Account: prod, Region: "eu-west-1", Time: observed.Add(time.Minute),
		Request: "4442587FB7D0A2F9", Status: 200, SHA256: digest}
	return []residency.Sample{
		{Resource: residency.Resource{ID: "arn:aws:s3:::acme-eu-files", Kind: "s3.bucket", Account: prod, Region: "eu-west-1", Tags: tongues()}, Verdicts: []residency.Verdict{pass, storyFails()[3]},
			Calls: []residency.CallRecord{call}, More: 2, Command: "aws s3api get-bucket-replication --bucket acme-eu-files --region eu-west-1"},
		{Resource: residency.Resource{ID: "arn:aws:dynamodb:eu-west-1:111111111111:table/" + tongues()["emoji"], Kind: "dynamodb.table", Account: prod, Region: "eu-west-1"}},
	}
}

// period is 90 nights with one of everything.
func period() residency.Report {
	r := kept()
	p := &residency.Period{From: "2026-08-26", To: "2026-11-23", Longest: 2}
	day := time.Date(2026, 8, 26, 2, 0, 0, 0, time.UTC)
	for i := range 90 {
		n := residency.Night{Date: day.AddDate(0, 0, i).Format("2006-01-02"), State: residency.NightDone, Conclusion: residency.ConcludePass, Stores: 974,
			Runs: []string{day.AddDate(0, 0, i).Format("20060102") + fmt.Sprintf("T020000Z-%06x", i)}}
		switch n.Date {
		case "2026-09-14":
			n.State, n.Runs, n.Conclusion, n.Stores, n.Reason = residency.NightMissed, nil, "", 0, "the host was off"
		case "2026-10-02":
			n.State, n.Reason = residency.NightLate, "second attempt at 14:10 UTC"
		case "2026-10-20":
			n.State, n.Reason, n.Conclusion, n.Unknown = residency.NightPartial, "AssumeRole denied in 333333333333", residency.ConcludeNotConcluded, 3
		case "2026-11-01":
			n.State, n.Reason = residency.NightFailed, "credentials had run out"
		case "2026-11-05":
			n.Conclusion, n.Violations = residency.ConcludeFail, 1
		}
		p.Nights = append(p.Nights, n)
	}
	p.Changes = []residency.Change{
		{Date: "2026-09-20", What: "policies", From: "1111aaaa", To: "2222bbbb"}, {Date: "2026-10-10", What: "tool", From: "0.3.0", To: "0.4.0"},
		{Date: "2026-10-15", What: "account", From: "", To: "333333333333"}, {Date: "2026-11-01", What: "waiver W-3", From: "active", To: "expired"},
	}
	vs := storyFails()
	p.Spells = []residency.Spell{
		{Verdict: vs[0], FirstSeen: "2026-09-03", LastSeen: "2026-11-23", DaysOpen: 82, Open: true},
		{Verdict: vs[1], FirstSeen: "2026-11-05", LastSeen: "2026-11-07", DaysOpen: 3, Ended: "2026-11-08"},
	}
	r.Dossier.Period = p
	return r
}
