package audit

import (
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

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/scanners"
)

// storyNight scans three-zones as of a time and returns what is told of events, and the number of gaps.
func storyNight(t *testing.T, store string, at time.Time) (events []string, gaps, failed int) {
	t.Helper()
	return nightOver(t, replay.Open(os.DirFS(filepath.Join(story, "aws"))), store, at)
}

// A night whose look-up was denied shows the gap, and the next one that is answered reads the events of both.
func TestEventsOfANightWithoutAnswer(t *testing.T) {
	store, first := t.TempDir(), time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	denied := replay.Open(os.DirFS(filepath.Join(story, "aws"))).Edit(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
		if c.Operation == "LookupEvents" {
			return &replay.Answer{Status: 400, Body: json.RawMessage(`{"__type":"AccessDeniedException","message":"not authorized to perform: cloudtrail:LookupEvents"}`)}, nil
		}
		return a, nil
	})
	_, gaps, _ := storyNight(t, store, first)
	if events, more, _ := nightOver(t, denied, store, first.Add(12*time.Hour)); len(events) > 0 || more <= gaps {
		t.Fatalf("%d gaps after %d; events %q", more, gaps, events)
	}
	events, again, _ := storyNight(t, store, first.Add(24*time.Hour))
	if len(events) != 2 || again != gaps {
		t.Errorf("%d gaps, want %d; events %q", again, gaps, events)
	}
	said, err := filepath.Glob(filepath.Join(store, "*", EventsFileName))
	if err != nil || len(said) != 2 {
		t.Errorf("%q say since when they asked, want all but the first: %v", said, err)
	}
}

func nightOver(t *testing.T, over scanners.Transport, store string, at time.Time) (events []string, gaps, failed int) {
	t.Helper()
	all := scanners.All()
	s := &Scan{Keeper: Keeper{Engine: engine, Config: storyConfig(t), Store: store, ID: evidence.RunID(at, [3]byte{byte(time.Now().Nanosecond())}), Tool: "test",
		Now: func() time.Time { return at }}, Observed: at, Redact: func(b []byte) []byte { return b },
		Options: scanners.Options{AWS: scanners.OfflineConfig("us-east-1"), Transport: over, Scanners: all,
			Shipped: len(all), Limits: scanners.Limits{Rate: 1e6}}}
	run, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(run.Dir, snapshot.VerdictsFileName), residency.Pass, residency.NotApplicable) {
		if err != nil {
			t.Fatal(err)
		}
		if v.Kind == residency.KindEvent {
			events = append(events, fmt.Sprintf("%s %s %s %s [%s] %s", v.Control, v.Zone, v.Outcome, v.Severity, strings.Join(v.Path, " "), v.Reason))
		}
	}
	slices.Sort(events)
	return events, len(run.Summary.Coverage.Gaps), run.Summary.Totals[residency.Fail]
}

// A copy that was made and deleted between two nights is found by the second, and a share that was taken back; the rule that the
// inventory shows is judged there alone. The same recording scanned into the same store again asks nothing.
func TestBetweenTwoScans(t *testing.T) {
	store, second := t.TempDir(), time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	events, gaps, failed := storyNight(t, store, second.AddDate(0, 0, -1))
	if len(events) != 0 {
		t.Errorf("the first night: %q", events)
	}
	const by = " by arn:aws:sts::111111111111:assumed-role/Operations/jane at "
	want := []string{
		"RES-003 eu fail high [arn:aws:ec2:eu-west-1::snapshot/snap-0ac3e000000000001 arn:aws:cloudtrail:us-east-1:111111111111:event/0ac3e000-0000-4000-8000-0000000f0001] " +
			"backup in us-east-1, outside eu (eu-west-1); transient copy: CopySnapshot" + by + "2026-11-21T03:12:00Z, event 0ac3e000-0000-4000-8000-0000000f0001",
		"RES-012 eu fail critical [arn:aws:ec2:eu-west-1::snapshot/snap-0ac3e000000000001 arn:aws:cloudtrail:eu-west-1:111111111111:event/0ac3e000-0000-4000-8000-0000000f0005] " +
			`backup in account "999999999999", outside the organisation; transient copy: ModifySnapshotAttribute` + by + "2026-11-21T10:00:00Z, event 0ac3e000-0000-4000-8000-0000000f0005",
	}
	events, again, more := storyNight(t, store, second)
	for i := range events { // the chain begins at the volume that the snapshot was made of
		_, rest, _ := strings.Cut(events[i], "[")
		start, _, _ := strings.Cut(events[i], "[")
		if at := strings.Index(rest, "arn:aws:ec2:eu-west-1::snapshot"); at > 0 {
			events[i] = start + "[" + rest[at:]
		}
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("the second night (-want +got):\n%s", diff)
	}
	if again != gaps || more != failed+2 {
		t.Errorf("%d gaps and %d fails after %d and %d", again, more, gaps, failed)
	}
	if events, _, last := storyNight(t, store, second); len(events) != 0 || last != failed {
		t.Errorf("the same night once more: %d fails, %q", last, events)
	}
}

// What an event moved is judged like any other copy: whose data it was comes from its source alone.
func TestEventVerdicts(t *testing.T) {
	event := func(region, sources, placements string) string {
		return `{"id":"event","kind":"cloudtrail.event","region":"` + region + `","tags":{},"sources":[` + sources + `],"placements":[` + placements + `]}`
	}
	const (
		snap   = `{"id":"a"}`
		there  = `{"role":"backup","region":"us-east-1","target":"copy","via":"transient copy: E"}`
		inside = `{"role":"backup","region":"eu-west-1","target":"copy","via":"transient copy: E"}`
	)
	store := func(tags string) string {
		return `{"id":"a","region":"eu-west-1","tags":{` + tags + `},"placements":[{"role":"primary","region":"eu-west-1"}]}`
	}
	rules := []residency.Rule{{ARN: "nobodys", Zone: residency.NoZone, Reason: "r", Owner: "o"}, byTag}
	for name, tc := range map[string]struct {
		resources []string
		rules     []residency.Rule
		want      []string // of the event alone
	}{
		"inside": {[]string{store(`"zone":"eu"`), event("eu-west-1", snap, inside)}, rules, nil},
		"outside": {[]string{store(`"zone":"eu"`), event("us-east-1", snap, there)}, rules,
			[]string{"RES-003 event eu fail high [a>event] backup in us-east-1, outside eu (eu-west-1); transient copy: E"}},
		"no target": {[]string{store(`"zone":"eu"`), event("us-east-1", snap, `{"role":"backup","region":"us-east-1","via":"transient copy: E"}`)}, rules,
			[]string{"RES-003 event eu fail high [a>event] backup in us-east-1, outside eu (eu-west-1); transient copy: E; its own record names the source a"}},
		"unresolved": {[]string{store(`"zone":"eu"`), event("us-east-1", snap, `{"role":"replica","via":"transient copy: E"}`)}, rules,
			[]string{"RES-001 event eu unknown high [a>event] replica without a region (transient copy: E); its own record names the source a"}},
		"share": {[]string{store(`"zone":"eu"`), event("eu-west-1", snap, `{"role":"backup","region":"eu-west-1","account":"9","via":"transient copy: E"}`)}, rules,
			[]string{`RES-012 event eu fail critical [a>event] backup in account "9", outside the organisation; transient copy: E`}},
		"setting": {[]string{store(`"zone":"eu"`), event("us-east-1", `{"id":"a","role":"capability"}`, `{"role":"capability","region":"us-east-1","via":"setting: E"}`)}, rules,
			[]string{"RES-011 event eu fail info [a>event] capability in us-east-1, outside eu (eu-west-1); setting: E; its own record names the source a"}},
		"source is unclassified": {[]string{store(""), event("us-east-1", snap, there)}, rules,
			[]string{"RES-013 event  unknown medium [] no zone: no zone comes from what the event moved, and no line of assign matches it; transient copy: E"}},
		"source is not there, and no line matches": {[]string{event("us-east-1", `{"id":"b","region":"eu-west-1"}`, there)}, rules,
			[]string{"RES-013 event  unknown medium [] no zone: no zone comes from what the event moved, and no line of assign matches it; transient copy: E; source b brings no zone: no line of assign matches"}},
		"source is not there, its region assigns": {[]string{event("us-east-1", `{"id":"b","region":"eu-west-1"}`, there)}, []residency.Rule{byTag, byRegion},
			[]string{"RES-003 event eu fail high [b>event] backup in us-east-1, outside eu (eu-west-1); transient copy: E"}},
		"its own region assigns nothing": {[]string{store(`"zone":"eu"`), event("us-east-1", snap, `{"role":"replica","region":"ap-southeast-2","via":"transient copy: E"}`)}, []residency.Rule{byTag, byRegion},
			[]string{"RES-001 event eu fail high [a>event] replica in ap-southeast-2, outside eu (eu-west-1); transient copy: E; its own record names the source a"}},
		"source is nobody's":               {[]string{strings.Replace(store(""), `"a"`, `"nobodys"`, 1), event("us-east-1", `{"id":"nobodys"}`, there)}, rules, nil},
		"source is nobody's and not there": {[]string{event("us-east-1", `{"id":"nobodys","region":"eu-west-1"}`, there)}, rules, nil},
		"no source": {[]string{event("us-east-1", "", there)}, rules,
			[]string{"RES-013 event  unknown medium [] no zone: no zone comes from what the event moved, and no line of assign matches it; transient copy: E"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := estate{organization: []string{"1"}, resources: tc.resources}
			summary, verdicts, _ := judge(t, e.write(t), 1, tc.rules...)
			own := slices.DeleteFunc(verdicts, func(v residency.Verdict) bool { return v.Resource != "event" })
			if diff := cmp.Diff(tc.want, told(own)); diff != "" {
				t.Error(diff)
			}
			stores := len(summary.NoZone)
			for _, z := range summary.Zones {
				for _, n := range z.Stores {
					stores += n
				}
			}
			for _, hint := range summary.Unassigned {
				stores += hint.Count
			}
			if stores != len(tc.resources)-1 {
				t.Errorf("%d data stores are counted: an event is none", stores)
			}
		})
	}
}

// Each role that an event can have is judged by the role's control.
func TestEventRoles(t *testing.T) {
	for _, role := range residency.Roles() {
		from := `{"id":"a"}`
		if !role.Carries() {
			from = `{"id":"a","role":"` + string(role) + `"}`
		}
		e := estate{organization: []string{"1"}, resources: []string{`{"id":"a","region":"eu-west-1","tags":{"zone":"eu"},"placements":[{"role":"primary","region":"eu-west-1"}]}`,
			`{"id":"event","kind":"cloudtrail.event","region":"us-east-1","tags":{},"sources":[` + from + `],"placements":[{"role":"` + string(role) + `","region":"us-east-1","target":"t","via":"E"}]}`}}
		_, verdicts, _ := judge(t, e.write(t), 1)
		failed := 0
		for _, v := range verdicts {
			if v.Resource == "event" && v.Outcome == residency.Fail && v.Placements[0].Role == role {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("%s: %d fails, want 1", role, failed)
		}
	}
}
