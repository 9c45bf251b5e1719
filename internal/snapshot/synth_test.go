package snapshot

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var (
	synthRegions = []string{"eu-west-1", "ap-southeast-2", "us-east-1", "eu-central-1"}
	synthKinds   = []string{"s3.bucket", "rds.instance", "dynamodb.table", "ec2.snapshot", "cloudwatchlogs.group"}
)

// synthHeader is the header of made-up snapshots.
func synthHeader() residency.Header {
	return residency.Header{Schema: 1, Run: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), Tool: "0.1.0", Partition: "aws",
		Scope: &residency.Scope{Accounts: []string{"111111111111"}, Regions: []string{"eu-west-1"},
			Scanners: map[string]string{"s3": "global", "rds": "regional"}, OrganizationAccounts: []string{"111111111111"}}}
}

// synthResource is resource i of a made-up estate: about 390 bytes a line, 1.5 placements, the same for the same i.
func synthResource(i int) residency.Resource {
	rng := rand.New(rand.NewPCG(uint64(i), 7))
	region := synthRegions[rng.IntN(len(synthRegions))]
	account := fmt.Sprintf("%012d", 111111111111+rng.IntN(40))
	kind := synthKinds[i%len(synthKinds)]
	r := residency.Resource{
		ID:   fmt.Sprintf("arn:aws:%s:%s:%s:store/acme-%s-%08d", kind, region, account, region, i),
		Kind: kind, Account: account, Region: region, Name: fmt.Sprintf("acme-%s-%08d", region, i),
		Tags:       map[string]string{"data-residency": region[:2]},
		Placements: []residency.Placement{{Role: residency.Primary, Region: region, Account: account}},
		Facts:      map[string]any{"versioning": "Enabled"},
	}
	if i%2 == 1 {
		r.Placements = append(r.Placements, residency.Placement{Role: residency.Replica, Region: synthRegions[rng.IntN(len(synthRegions))],
			Account: account, Target: fmt.Sprintf("arn:aws:s3:::acme-copy-%08d", rng.IntN(100000)), Via: "replication rule all"})
	}
	return r
}

func synthCoverage() residency.Coverage {
	return residency.Coverage{Scanner: "s3", Account: "111111111111", Region: "global", Status: residency.Complete, Resources: 1}
}

// writeSynth writes a snapshot of n resources and gives its size.
func writeSynth(tb testing.TB, w io.Writer, n int) {
	tb.Helper()
	s, err := NewWriter(w, synthHeader())
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		r := synthResource(i)
		if err := s.Resource(&r); err != nil {
			tb.Fatal(err)
		}
	}
	if err := s.Coverage(synthCoverage()); err != nil {
		tb.Fatal(err)
	}
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
}

func synthVerdict(i int) residency.Verdict {
	r := synthResource(i)
	v := residency.Verdict{Control: "RES-001", Resource: r.ID, Kind: r.Kind, Account: r.Account, Region: r.Region, Zone: "eu",
		Outcome: residency.Pass, Severity: residency.High, Path: []string{r.ID}}
	if i%10 == 0 {
		v.Outcome, v.Reason, v.Placements = residency.Fail, "replica in us-east-1, outside eu (eu-west-1)", r.Placements
	}
	return v
}
