package audit

import (
	"context"
	"encoding/csv"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/scanners"
)

const story = "../../fixtures/three-zones"

// chapter is one line of the story: what is to be found, and nothing else.
type chapter struct {
	Control, Resource, Zone, Outcome, Reason, Path string
}

// TestStory scans the recording of three-zones through every stage and compares with the story, which was written by hand.
func TestStory(t *testing.T) {
	run := scanStory(t)
	got := map[chapter]bool{}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(run.Dir, snapshot.VerdictsFileName), residency.Pass, residency.NotApplicable) {
		if err != nil {
			t.Fatal(err)
		}
		got[chapter{v.Control, v.Resource, v.Zone, string(v.Outcome), v.Reason, strings.Join(v.Path, " ")}] = true
	}
	want := readStory(t)
	for _, c := range sortedChapters(want) {
		if !got[c] {
			t.Errorf("in the story and not found: %+v", c)
		}
	}
	for _, c := range sortedChapters(got) {
		if !want[c] {
			t.Errorf("found and not in the story: %+v", c)
		}
	}
	if run.Summary.Conclusion != residency.ConcludeFail {
		t.Errorf("conclusion %q, want %q", run.Summary.Conclusion, residency.ConcludeFail)
	}
}

// TestStoryCoverage: the one account whose role is missing, its 34 regions as one gap, the four denials and open questions of
// the story, and the archive that nobody scans; zone none and the free zone are counted apart.
func TestStoryCoverage(t *testing.T) {
	run := scanStory(t)
	want := []string{
		"ec2 DescribeSnapshots unresolved", "elasticloadbalancingv2 HeadBucket unresolved", "kinesis ListTagsForStream denied",
		"s3 GetBucketReplication denied", "s3 HeadBucket unresolved", "333333333333 AssumeRole denied",
		"resourcegroupstaggingapi ListAccounts mismatch",
	}
	var got []string
	for _, g := range run.Summary.Coverage.Gaps {
		where := g.Scanner
		if g.Call == "AssumeRole" {
			where = g.Account
		}
		got = append(got, where+" "+g.Call+" "+string(g.Class))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	regions := residency.AccountRegions{Planned: 102, Examined: 34, Denied: 34, Disabled: 34}
	if diff := cmp.Diff(regions, run.Summary.Coverage.AccountRegions); diff != "" {
		t.Errorf("account-regions (-want +got):\n%s", diff)
	}
	none := map[string]string{}
	for _, s := range run.Summary.NoZone {
		none[s.Resource] = s.Reason
	}
	if diff := cmp.Diff(map[string]string{
		"arn:aws:firehose:eu-west-1:111111111111:deliverystream/acme-log-shipper": "passes the logs of others on",
		"arn:aws:s3:::acme-log-archive-us":                                        "passes the logs of others on",
		"arn:aws:s3:::acme-log-landing":                                           "passes the logs of others on",
		"arn:aws:s3:::acme-terraform-state":                                       "state of the infrastructure",
		"arn:aws:s3:::cdk-hnb659fds-assets-111111111111-eu-west-1":                "build artefacts",
	}, none); diff != "" {
		t.Errorf("zone none (-want +got):\n%s", diff)
	}
}

func scanStory(t *testing.T) *Run {
	t.Helper()
	return scanStoryTo(t, t.TempDir(), nil)
}

// storyConfig is the configuration of three-zones.
func storyConfig(t *testing.T) *config.Config {
	t.Helper()
	zones, err := policies.Zones()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(story, "domicile.yaml"), zones)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// scanStoryTo keeps the run in a store, and each home's part there.
func scanStoryTo(t *testing.T, store string, homes []evidence.Home) *Run {
	t.Helper()
	ctx := context.Background()
	cfg := storyConfig(t)
	at := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	all := scanners.All()
	s := &Scan{Keeper: Keeper{Engine: engine, Config: cfg, Store: store, Homes: homes, ID: "20261122T020000Z-000000", Tool: "test", Now: func() time.Time { return at }}, Observed: at, Redact: func(b []byte) []byte { return b },
		Options: scanners.Options{AWS: scanners.OfflineConfig("us-east-1"), Transport: replay.Open(os.DirFS(filepath.Join(story, "aws"))), Scanners: all,
			Shipped: len(all), Limits: scanners.Limits{Rate: 1e6}}}
	run, err := s.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func readStory(t *testing.T) map[chapter]bool {
	t.Helper()
	f, err := os.Open(filepath.Join(story, "story.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment, r.FieldsPerRecord = '#', 6
	told := map[chapter]bool{}
	for first := true; ; first = false {
		line, err := r.Read()
		if err == io.EOF {
			return told
		}
		if err != nil {
			t.Fatal(err)
		}
		if !first {
			told[chapter{line[0], line[1], line[2], line[3], line[4], line[5]}] = true
		}
	}
}

func sortedChapters(of map[chapter]bool) []chapter {
	return slices.SortedFunc(maps.Keys(of), func(a, b chapter) int {
		return strings.Compare(a.Control+a.Zone+a.Resource+a.Outcome, b.Control+b.Zone+b.Resource+b.Outcome)
	})
}
