package scanners

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func TestSharesLeaveOwnAccountOut(t *testing.T) {
	out := &Sink{scanner: &Scanner{}}
	r := residency.Resource{ID: "arn:aws:s3:::b", Region: "eu-west-1"}
	policy := `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["111111111111","999999999999"],"CanonicalUser":"79a5"},"Action":"s3:GetObject","Resource":"*"}]}`
	got := out.Shares(&Target{Account: "111111111111"}, r, "GetBucketPolicy", policy, residency.Backup)
	want := []residency.Placement{{Role: residency.Backup, Region: "eu-west-1", Account: "999999999999", Via: "policy statement 1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(out.gaps) != 1 || out.gaps[0].Class != residency.ClassUnresolved || out.gaps[0].Resource != r.ID {
		t.Errorf("gaps: %+v", out.gaps)
	}
	out.Shares(&Target{Account: "111111111111"}, r, "GetBucketPolicy", `{`, residency.Backup)
	if len(out.gaps) != 2 || out.gaps[1].Class != residency.ClassMalformed {
		t.Errorf("gaps: %+v", out.gaps)
	}
}
