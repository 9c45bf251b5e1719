package scanners_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// probe asks the recording of three-zones.
func probe(t *testing.T, edit func(replay.Call, *replay.Answer) (*replay.Answer, error), some ...scanners.Scanner) *scanners.Probed {
	t.Helper()
	if len(some) == 0 {
		some = scanners.All()
	}
	p, err := scanners.Probe(t.Context(), scanners.Options{AWS: scanners.OfflineConfig("us-east-1"), Transport: recorded(edit), Scanners: some,
		Shipped: len(some), Accounts: []string{"111111111111", "333333333333"}, Role: "DomicileAudit",
		Partition: config.PartitionRegions, Unsupported: scanners.NotOffered,
		Limits: scanners.Limits{Rate: 1e6, MaxAttempts: 1, MaxBackoff: time.Millisecond, Steady: true}}, []string{"eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProbe: every service of an open account answers, no operation is asked more often than scanners declare it, and a closed
// account says why.
func TestProbe(t *testing.T) {
	declared := map[string]int{}
	for _, s := range scanners.All() {
		for _, c := range s.Calls {
			service := c.Package
			if service == "" {
				service = s.Service
			}
			declared[service+"."+c.Operation]++
		}
	}
	for _, c := range scanners.RunnerCalls() {
		declared[c.Package+"."+c.Operation] += 2 // for each account
	}
	var mu sync.Mutex
	asked := map[string]int{}
	p := probe(t, func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
		mu.Lock()
		defer mu.Unlock()
		asked[c.Service+"."+c.Operation]++
		return a, nil
	})
	if len(p.Accounts) != 2 || p.Accounts[0].Closed != nil || len(p.Accounts[0].Regions) == 0 || len(p.Accounts[0].Services) != len(scanners.All()) {
		t.Fatalf("%+v", p)
	}
	for _, s := range p.Accounts[0].Services {
		if s.Answered == 0 {
			t.Errorf("%s answered nothing: %+v", s.Service, s.Gaps)
		}
		if s.Region != "eu-west-1" && s.Region != residency.GlobalRegion {
			t.Errorf("%s was asked in %s", s.Service, s.Region)
		}
	}
	if closed := p.Accounts[1].Closed; closed == nil || closed.Class != residency.ClassDenied || len(p.Accounts[1].Services) > 0 {
		t.Errorf("%+v", p.Accounts[1])
	}
	for operation, n := range asked {
		if n > declared[operation] {
			t.Errorf("%s was asked %d times and is declared %d times", operation, n, declared[operation])
		}
	}
	if len(asked) < 100 {
		t.Errorf("%d operations were asked", len(asked))
	}
}

// TestProbeDenied: whichever operation a probe asks, a denial of it names the IAM action.
func TestProbeDenied(t *testing.T) {
	for _, s := range scanners.All() {
		t.Run(s.Service, func(t *testing.T) {
			t.Parallel()
			first := s.Calls[0]
			p := probe(t, func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
				if isCall(c, s, first) {
					return failures["denied"].answer(c.Service), nil
				}
				return a, nil
			}, s)
			gaps := p.Accounts[0].Services[0].Gaps
			for _, g := range gaps {
				if g.Call == first.Operation && g.Class == residency.ClassDenied && strings.Contains(g.Detail, first.IAM) {
					return
				}
			}
			t.Errorf("%s is denied, and the probe says %+v", first.Operation, gaps)
		})
	}
}
