package audit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// The last run counts that read the events of a place; what a narrowed one left out, or what got no answer, is read from an older one on.
func TestSince(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 2, 0, 0, 0, time.UTC) }
	type run struct {
		day      int
		accounts []string
		regions  []string
		scanners map[string]string
		narrowed bool
		cut      bool // incomplete
		changed  bool // the summary is not the sealed one
		gaps     []residency.RunGap
		judged   bool    // and not scanned
		ahead    float64 // days that the clock was, as AWS told
		asked    string  // events.json
	}
	all := map[string]string{"cloudtrail": "regional"}
	both, europe := []string{"eu-west-1", "us-east-1"}, []string{"eu-west-1"}
	whole := func(n int, gaps ...residency.RunGap) run {
		return run{day: n, accounts: []string{"1", "2"}, regions: both, scanners: all, gaps: gaps}
	}
	narrow := func(n int, accounts, regions []string) run {
		return run{day: n, accounts: accounts, regions: regions, scanners: all, narrowed: true}
	}
	gap := func(call string, class residency.GapClass) residency.RunGap {
		return residency.RunGap{Scanner: "cloudtrail", Account: "2", Region: "us-east-1", Gap: residency.Gap{Call: call, Class: class}}
	}
	denied := gap("LookupEvents", residency.ClassDenied)
	event := gap("LookupEvents", residency.ClassMalformed)
	event.Detail = "event \"e\", \"CopySnapshot\": no time"
	early := func(n int, ahead float64) run {
		r := whole(n)
		r.ahead = ahead
		return r
	}
	said := func(r run, asked string) run {
		r.asked = asked
		return r
	}
	judged := func(n int) run {
		r := whole(n)
		r.judged = true
		return r
	}
	cut := func(n int) run {
		return run{day: n, accounts: []string{"1", "2"}, regions: both, scanners: all, cut: true}
	}
	role := residency.RunGap{Scanner: "backup", Account: "2", Region: "eu-west-1", Gap: residency.Gap{Call: "AssumeRole", Class: residency.ClassDenied}}
	for name, tc := range map[string]struct {
		runs    []run
		options scanners.Options
		want    int            // day, 0 for none
		in      map[string]int // account and region: day
	}{
		"no run":               {},
		"the last":             {runs: []run{whole(20), whole(21)}, want: 21},
		"the last was cut":     {runs: []run{whole(20), {21, []string{"1", "2"}, both, all, false, true, false, nil, false, 0, ""}}, want: 20},
		"the last was changed": {runs: []run{whole(20), {21, []string{"1", "2"}, both, all, false, false, true, nil, false, 0, ""}}, want: 20},
		"without events":       {runs: []run{whole(20), {21, []string{"1", "2"}, both, map[string]string{"s3": "global"}, true, false, false, nil, false, 0, ""}}, want: 20},
		"fewer regions": {runs: []run{whole(20), narrow(21, []string{"1", "2"}, europe)}, want: 20,
			in: map[string]int{"1 eu-west-1": 21, "2 eu-west-1": 21}},
		"fewer regions, as now": {runs: []run{whole(20), narrow(21, []string{"1"}, europe)}, options: scanners.Options{Accounts: []string{"1"}, Regions: europe}, want: 21},
		"other accounts": {runs: []run{whole(19), narrow(20, []string{"1"}, both), narrow(21, []string{"2"}, both)}, options: scanners.Options{Accounts: []string{"1", "2"}, Regions: both},
			want: 20, in: map[string]int{"2 eu-west-1": 21, "2 us-east-1": 21}},
		"one of the accounts never": {runs: []run{whole(19), narrow(20, []string{"1"}, both)}, options: scanners.Options{Accounts: []string{"1", "2"}, Regions: both},
			want: 19, in: map[string]int{"1 eu-west-1": 20, "1 us-east-1": 20}},
		"an account that is new": {runs: []run{whole(20), whole(21)}, options: scanners.Options{Accounts: []string{"1", "3"}}, want: 21},
		"the clock was ahead":    {runs: []run{whole(20), whole(25)}, want: 20},
		"ahead, as AWS told":     {runs: []run{whole(20), early(25, 4)}, want: 21},
		"ahead for a day":        {runs: []run{whole(19), early(21, 1)}, want: 20},
		"behind":                 {runs: []run{whole(19), early(20, -1)}, want: 20},
		"it was always ahead":    {runs: []run{whole(25)}, want: 25},
		"nothing can be read": {runs: []run{{20, []string{"1"}, nil, all, false, false, true, nil, false, 0, ""}, {21, []string{"1"}, nil, all, false, false, true, nil, false, 0, ""}},
			want: 20},
		"denied in one place": {runs: []run{whole(19), whole(20), whole(21, denied)}, want: 21, in: map[string]int{"2 us-east-1": 20}},
		"denied for long":     {runs: []run{whole(18), whole(19), whole(20, denied), whole(21, gap("LookupEvents", residency.ClassThrottled))}, want: 21, in: map[string]int{"2 us-east-1": 19}},
		"denied from the first night on": {runs: []run{whole(19, denied), whole(20, denied), whole(21, denied)}, want: 21,
			in: map[string]int{"2 us-east-1": 19}},
		"a snapshot was judged since":    {runs: []run{whole(20), judged(21)}, want: 20},
		"denied since one that was cut":  {runs: []run{cut(18), cut(19), whole(20, denied), whole(21)}, want: 21},
		"denied after the first was cut": {runs: []run{cut(19), whole(20, denied), whole(21, denied)}, want: 21, in: map[string]int{"2 us-east-1": 19}},
		"denied, and what was before has gone": {runs: []run{{18, nil, nil, nil, false, false, true, nil, false, 0, ""}, whole(20, denied), whole(21, denied)}, want: 21,
			in: map[string]int{"2 us-east-1": 18}},
		"fewer regions, and what was before has gone": {runs: []run{{18, nil, nil, nil, false, false, true, nil, false, 0, ""}, narrow(21, []string{"1", "2"}, europe)}, want: 18,
			in: map[string]int{"1 eu-west-1": 21, "2 eu-west-1": 21}},
		"denied for longer than a look-up reaches": {runs: []run{whole(-80), whole(-79, denied), whole(21, denied)}, want: 21,
			in: map[string]int{"2 us-east-1": day(-79).Day()}},
		"and for longer than that, and a trail has it": {runs: []run{whole(-80), whole(-79, denied), whole(21, denied)}, options: scanners.Options{TrailBucket: "s3://trail"}, want: 21,
			in: map[string]int{"2 us-east-1": day(-80).Day()}},
		"denied, then left out": {runs: []run{whole(18), whole(19, denied), narrow(20, []string{"1"}, both), narrow(21, []string{"1"}, both)}, want: 19,
			in: map[string]int{"1 eu-west-1": 21, "1 us-east-1": 21, "2 us-east-1": 18}},
		"denied, and answered since": {runs: []run{whole(19), whole(20, denied), whole(21)}, want: 21},
		"denied in a region that is new": {runs: []run{{day: 20, accounts: []string{"2"}, regions: []string{"eu-west-1", "us-new-9"}, scanners: all},
			{day: 21, accounts: []string{"2"}, regions: []string{"eu-west-1", "us-new-9"}, scanners: all, gaps: []residency.RunGap{{Scanner: "cloudtrail", Account: "2", Region: "us-new-9", Gap: denied.Gap}}}},
			want: 21, in: map[string]int{"2 us-new-9": 20}},
		"narrowed to a region that is new": {runs: []run{whole(20), narrow(21, []string{"1", "2"}, []string{"af-new-9"})}, want: 20,
			in: map[string]int{"1 af-new-9": 21, "2 af-new-9": 21}},
		"narrowed to that and another": {runs: []run{whole(20), narrow(21, []string{"1"}, []string{"af-new-9", "eu-west-1"})}, want: 20,
			in: map[string]int{"1 af-new-9": 21, "1 eu-west-1": 21}},
		"denied, and the last says since when": {runs: []run{whole(20), said(whole(21, denied), `{"since":"2026-11-20T02:00:00Z","in":[{"account":"2","region":"us-east-1","since":"2026-11-12T02:00:00Z"}]}`)},
			want: 21, in: map[string]int{"2 us-east-1": 12}},
		"denied once, and the last says since when": {runs: []run{whole(20), said(whole(21, denied), `{"since":"2026-11-19T02:00:00Z","in":[{"account":"1","region":"us-east-1","since":"2026-11-12T02:00:00Z"}]}`)},
			want: 21, in: map[string]int{"2 us-east-1": 19}},
		"answered, whatever it says": {runs: []run{said(whole(21), `{"since":"2026-11-19T02:00:00Z"}`)}, want: 21},
		"left out, and a narrowed one says since when": {runs: []run{whole(18), said(whole(20, denied), `{"since":"2026-11-19T02:00:00Z"}`), narrow(21, []string{"1"}, both)},
			want: 20, in: map[string]int{"1 eu-west-1": 21, "1 us-east-1": 21, "2 us-east-1": 19}},
		"the bucket was denied": {runs: []run{whole(20), whole(21, gap("ListObjectsV2", residency.ClassDenied))}, want: 21, in: map[string]int{"2 us-east-1": 20}},
		"told once":             {runs: []run{whole(20), whole(21, gap("LookupEvents", residency.ClassUnresolved), event)}, want: 21},
		"another call":          {runs: []run{whole(20), whole(21, gap("DescribeTrails", residency.ClassDenied))}, want: 21},
		"the role was missing":  {runs: []run{whole(20), whole(21, role)}, want: 21, in: map[string]int{"2 eu-west-1": 20, "2 us-east-1": 20}},
	} {
		t.Run(name, func(t *testing.T) {
			store := t.TempDir()
			var entries []evidence.Entry
			for i, r := range tc.runs {
				id := evidence.RunID(day(r.day), [3]byte{byte(i)})
				summary := mustJSON(t, residency.Summary{Coverage: residency.CoverageSummary{Gaps: r.gaps},
					Scope: &residency.Scope{Accounts: r.accounts, Regions: r.regions, Scanners: r.scanners, Narrowed: r.narrowed}})
				skew, caller := r.ahead*86400, "arn:aws:sts::1:assumed-role/DomicileAudit/nightly"
				if r.judged {
					caller = ""
				}
				files := map[string][]byte{summaryName: summary}
				if r.asked != "" {
					files[EventsFileName] = []byte(r.asked)
				}
				m := residency.Manifest{Run: id, Observed: day(r.day), Complete: !r.cut, Caller: caller, ClockSkew: &skew}
				for file, data := range files {
					m.Files = append(m.Files, residency.FileDigest{Name: file, SHA256: evidence.Digest(data)})
				}
				manifest := mustJSON(t, m)
				files[evidence.ManifestName] = manifest
				if r.changed {
					files[summaryName] = append(summary, '\n')
				}
				if err := os.MkdirAll(filepath.Join(store, id), 0o755); err != nil {
					t.Fatal(err)
				}
				for file, data := range files {
					if err := os.WriteFile(filepath.Join(store, id, file), data, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				entries = append(entries, evidence.Entry{Leaf: evidence.Leaf{Kind: evidence.KindRun, Run: id, Manifest: evidence.Digest(manifest)}},
					evidence.Entry{Leaf: evidence.Leaf{Kind: evidence.KindFailed, Run: id}})
			}
			got, in := since(store, entries, &tc.options, day(22))
			var want time.Time
			if tc.want > 0 {
				want = day(tc.want)
			}
			if !got.Equal(want) {
				t.Errorf("since %s, want %s", got, want)
			}
			days := map[string]int{}
			for place, at := range in {
				days[place.Account+" "+place.Region] = at.Day()
			}
			if diff := cmp.Diff(tc.in, days, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("in single places (-want +got):\n%s", diff)
			}
		})
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
