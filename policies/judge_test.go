package policies

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var testZones = []residency.Zone{
	{ID: "test-zone", Regions: []string{"test-region-1", "test-region-2"}, Promise: true},
	{ID: "free-zone", Regions: []string{"test-region-3"}},
}

// judged returns the results of a call as text, one line a subject: "RES-001 fail [0 2], RES-012 pass []".
func judged(t testing.TB, e *Engine, j *Judge, zone int, subjects ...Subject) []string {
	t.Helper()
	lines := make([]string, 0, len(subjects))
	err := j.Judge(t.Context(), zone, subjects, func(i int, results []Result) error {
		if i != len(lines) {
			t.Fatalf("subject %d came at %d", i, len(lines))
		}
		lines = append(lines, describe(e, results))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != len(subjects) {
		t.Fatalf("%d subjects came back of %d", len(lines), len(subjects))
	}
	return lines
}

func describe(e *Engine, results []Result) string {
	var parts []string
	for _, r := range results {
		parts = append(parts, fmt.Sprintf("%s %s %v", e.Controls()[r.Control].ID, r.Outcome, r.Decides))
	}
	return strings.Join(parts, ", ")
}

func places(list ...Place) Subject { return Subject{Read: true, Places: list} }

func TestOutcomes(t *testing.T) {
	const in, in2, out = "test-region-1", "test-region-2", "test-region-9"
	notRead := "RES-001 unknown [], RES-002 unknown [], RES-003 unknown [], RES-004 unknown [], RES-005 unknown [], " +
		"RES-006 unknown [], RES-007 unknown [], RES-008 unknown [], RES-009 unknown [], RES-010 unknown [], " +
		"RES-011 unknown [], RES-012 unknown []"
	tests := []struct {
		name    string
		zone    int
		subject Subject
		want    string
	}{
		{"inside", 0, places(Place{residency.Primary, in, residency.Own}), "RES-002 pass [], RES-012 pass []"},
		{"outside", 0, places(Place{residency.Primary, out, residency.Own}), "RES-002 fail [0], RES-012 pass []"},
		{"another zone", 1, places(Place{residency.Primary, in, residency.Own}), "RES-002 fail [0], RES-012 pass []"},
		{"region unknown", 0, places(Place{residency.Primary, "", residency.Own}), "RES-002 unknown [0], RES-012 pass []"},
		{"no placements", 0, places(), ""},
		{"not read", 0, Subject{}, notRead},
		{"not read, though there are some", 0, Subject{Places: []Place{{residency.Primary, in, residency.Own}}}, notRead},
		{
			"only the deciding ones", 0,
			places(Place{residency.Replica, out, residency.Own}, Place{residency.Primary, in, residency.Own}, Place{residency.Replica, in2, residency.Own},
				Place{residency.Replica, "test-region-8", residency.Own}, Place{residency.Replica, "", residency.Own}),
			"RES-001 fail [0 3], RES-002 pass [], RES-012 pass []",
		},
		{
			"all places that look the same", 0,
			places(Place{residency.Backup, out, residency.Own}, Place{residency.Backup, in, residency.Own}, Place{residency.Backup, out, residency.Inside},
				Place{residency.Backup, out, residency.Own}),
			"RES-003 fail [0 2 3], RES-012 pass []",
		},
		{
			"unknown names what is not known", 0,
			places(Place{residency.Log, "", residency.Own}, Place{residency.Log, in, residency.Own}, Place{residency.Log, "", residency.Inside}),
			"RES-004 unknown [0 2], RES-012 pass []",
		},
		{"shared outside", 0, places(Place{residency.Primary, in, residency.Own}, Place{residency.Primary, in, residency.Outside}),
			"RES-002 pass [], RES-012 fail [1]"},
		{"shared publicly", 0, places(Place{residency.Backup, in, residency.Public}), "RES-003 pass [], RES-012 fail [0]"},
		{"account unknown", 0, places(Place{residency.Replica, in, residency.Own}, Place{residency.Replica, in, residency.UnknownStanding}),
			"RES-001 pass [], RES-012 unknown [1]"},
		{"account empty", 0, places(Place{residency.Replica, in, ""}), "RES-001 pass [], RES-012 unknown [0]"},
		{"account unjudged", 0, places(Place{residency.Replica, in, residency.Unjudged}), "RES-001 pass []"},
		{"key outside", 0, places(Place{residency.Key, out, residency.Own}), "RES-009 fail [0]"},
		{"key of another organisation", 0, places(Place{residency.Key, in, residency.Outside}), "RES-009 fail [0]"},
		{"key of an unknown account", 0, places(Place{residency.Key, in, residency.UnknownStanding}), "RES-009 unknown [0]"},
		{"key unjudged", 0, places(Place{residency.Key, in, residency.Unjudged}), "RES-009 pass []"},
		{"metadata", 0, places(Place{residency.Metadata, out, residency.Public}), "RES-010 fail [0]"},
		{"capability", 0, places(Place{residency.Capability, in, residency.Inside}), "RES-011 pass []"},
		{
			"each role", 0,
			places(Place{residency.Stream, in, residency.Own}, Place{residency.Queue, out, residency.Own}, Place{residency.Cache, "", residency.Own},
				Place{residency.Transit, out, residency.Outside}),
			"RES-005 pass [], RES-006 fail [1], RES-007 unknown [2], RES-008 fail [3], RES-012 fail [3]",
		},
		{"assigned", 0, Subject{Read: true, Store: true, Assigned: "test-zone", Assignment: true}, "RES-013 pass []"},
		{"held, not assigned", 1, Subject{Read: true, Store: true, Assigned: "test-zone"}, ""},
		{"unclassified", -1, Subject{Read: true, Store: true, Assignment: true}, "RES-013 unknown []"},
		{"unclassified, only assignment", -1,
			Subject{Read: true, Store: true, Assignment: true, Places: []Place{{residency.Primary, out, residency.Own}}}, "RES-013 unknown []"},
		{"zone none", -1, Subject{Read: true, Store: true, Assigned: residency.NoZone, Assignment: true}, ""},
		{"no store", -1, Subject{Read: true, Assignment: true}, ""},
	}
	e := load(t, Shipped())
	j := e.NewJudge(testZones)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // asked, then remembered
				if diff := cmp.Diff(tt.want, judged(t, e, j, tt.zone, tt.subject)[0]); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestKindsByName(t *testing.T) {
	text := strings.Replace(custom, `["*"]`, `["rds.snapshot", "s3.bucket"]`, 1) + `
in_scope contains r.id if {
	some r in input.resources
	r.kind == "s3.bucket"
}

compliant contains r.id if {
	some r in input.resources
	r.kind == "s3.bucket"
	r.placements == []
}

violations := set()
`
	e := load(t, policy(text))
	j := e.NewJudge(testZones)
	elsewhere := []Place{{Role: residency.Replica, Region: "test-region-9"}}
	got := judged(t, e, j, 0, Subject{Kind: "s3.bucket", Read: true}, Subject{Kind: "rds.snapshot", Read: true},
		Subject{Kind: "sqs.queue", Read: true}, Subject{Kind: "s3.bucket"},
		Subject{Kind: "s3.bucket", Read: true, Places: elsewhere})
	want := []string{"TEST-001 pass []", "TEST-001 not_applicable []", "", "TEST-001 unknown []", "TEST-001 unknown []"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Controls that need more than one fact are given the sum of them, and those with equal needs share a query.
func TestSeveralNeeds(t *testing.T) {
	needs := strings.Replace(custom, "[placements.replica]", "[sharing, assignment, placements.key, placements.log]", 1)
	first := needs + `
in_scope contains r.id if some r in input.resources

compliant contains r.id if {
	some r in input.resources
	r.store
	r.assigned == "test-zone"
	r.placements[0] == {"role": "log", "region": "test-region-1", "standing": "own"}
	r.placements[1] == {"role": "key", "region": "test-region-2", "standing": "public"}
	r.placements[2].standing == "inside"
	object.keys(r.placements[2]) == {"standing"}
}

violations := set()
`
	second := strings.NewReplacer("TEST-001", "TEST-002", "test_control", "second").Replace(needs) + `
in_scope contains r.id if some r in input.resources

compliant := set()

violations contains {"resource": r.id, "placement": 2} if {
	some r in input.resources
	count(r.placements) == 3
}

violations contains {"resource": r.id} if {
	some r in input.resources
	count(r.placements) == 1
}
`
	files := policy(first)
	files["controls/second/policy.rego"] = policy(second)["controls/test_control/policy.rego"]
	e := load(t, files)
	j := e.NewJudge(testZones)
	subject := Subject{Store: true, Assigned: "test-zone", Assignment: true, Read: true, Places: []Place{
		{residency.Replica, "test-region-9", residency.Inside},
		{residency.Key, "test-region-2", residency.Public},
		{residency.Log, "test-region-1", residency.Own},
		{residency.Metadata, "test-region-9", residency.Public},
		{residency.Primary, "test-region-8", residency.Inside},
	}}
	one := subject
	one.Places = subject.Places[:1]
	got := judged(t, e, j, 0, subject, one)
	want := []string{"TEST-001 pass [], TEST-002 fail [0 4]", "TEST-001 unknown [], TEST-002 fail []"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenPolicies(t *testing.T) {
	all := " contains r.id if some r in input.resources\n"
	tests := []struct{ name, sets, want string }{
		{
			"compliant and violated",
			"in_scope" + all + "compliant" + all + "violations contains {\"resource\": r.id} if some r in input.resources\n",
			`control TEST-001 (test_control) for zone "test-zone": broken policy: compliant and violated at once: ` +
				`{"id": "0", "placements": [{"region": "test-region-9", "role": "replica"}]}`,
		},
		{
			"violated out of scope",
			"in_scope := set()\ncompliant := set()\nviolations contains {\"resource\": r.id} if some r in input.resources\n",
			"violated, but not in scope",
		},
		{"built-in error", "in_scope" + all + "compliant := set()\nviolations contains 1 / count([]) if input.resources\n", "divide by zero"},
		{"conflict", "in_scope" + all + "compliant := set()\nviolations := set()\nviolations := {1} if input.resources\n", "conflict"},
		{"undefined set", "in_scope" + all + "compliant := set()\nviolations := set() if input.resources == []\n", "a set is undefined"},
		{"no set", "in_scope" + all + "compliant := set()\nviolations := []\n", "violations is not a set"},
		{"unknown resource", "in_scope contains \"1\"\ncompliant := set()\nviolations := set()\n", `in_scope: "1" is no id`},
		{"number for an id", "in_scope contains 0\ncompliant := set()\nviolations := set()\n", "in_scope: 0 is no id"},
		{"padded id", "in_scope contains \"00\"\ncompliant := set()\nviolations := set()\n", `"00" is no id`},
		{"violation is an id", "in_scope" + all + "compliant := set()\nviolations contains \"0\"\n", "want {\"resource\""},
		{"violation of none", "in_scope" + all + "compliant := set()\nviolations contains {\"resource\": \"7\"}\n", `"7" is no id`},
		{"unknown field", "in_scope" + all + "compliant := set()\nviolations contains {\"resource\": \"0\", \"place\": 0}\n", "unknown field"},
		{
			"one field too many",
			"in_scope" + all + "compliant := set()\nviolations contains {\"resource\": \"0\", \"placement\": 0, \"why\": 0}\n", "unknown field",
		},
		{"no such placement", "in_scope" + all + "compliant := set()\nviolations contains {\"resource\": \"0\", \"placement\": 1}\n", "among 1"},
		{"negative placement", "in_scope" + all + "compliant := set()\nviolations contains {\"resource\": \"0\", \"placement\": -1}\n", "among 1"},
		{"placement is text", "in_scope" + all + "compliant := set()\nviolations contains {\"resource\": \"0\", \"placement\": \"0\"}\n", "among 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := load(t, policy(custom+"\n"+tt.sets)).NewJudge(testZones)
			for range 2 { // the second call must not find half an answer
				err := j.Judge(t.Context(), 0, []Subject{places(Place{residency.Replica, "test-region-9", residency.Own})},
					func(int, []Result) error { t.Error("there were results"); return nil })
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want an error with %q", err, tt.want)
				}
			}
		})
	}
}

func TestJudgeRefuses(t *testing.T) {
	j := load(t, Shipped()).NewJudge(testZones)
	nothing := func(int, []Result) error { return nil }
	for want, subject := range map[string]Subject{
		`subject 0: placement 1: unknown role "copy"`:     places(Place{residency.Primary, "", residency.Own}, Place{"copy", "", residency.Own}),
		`subject 0: placement 0: unknown standing "mine"`: places(Place{residency.Primary, "", "mine"}),
	} {
		if err := j.Judge(t.Context(), 0, []Subject{subject}, nothing); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for _, zone := range []int{-2, 2} {
		if err := j.Judge(t.Context(), zone, nil, nothing); err == nil {
			t.Errorf("zone %d was taken", zone)
		}
	}
	stop := errors.New("disk full")
	err := j.Judge(t.Context(), 0, []Subject{places()}, func(int, []Result) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of emit", err)
	}
}

func TestCancelled(t *testing.T) {
	j := load(t, Shipped()).newJudge(testZones, 1, cacheBudget)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Judge(ctx, 0, []Subject{{}}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancelled", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	second := slices.Repeat([]Subject{places()}, batch)
	second = append(second, places(Place{residency.Primary, "test-region-1", residency.Own}))
	err := j.Judge(ctx, 0, second, func(int, []Result) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancelled", err)
	}
	judged(t, j.engine, j, 0, places()) // the worker is free again
}

// However many calls go on at once, and whatever was judged before, the results are the same.
func TestWorkersAgree(t *testing.T) {
	e := load(t, Shipped())
	subjects := randomSubjects(1, 2000)
	want := judged(t, e, e.newJudge(testZones, 1, cacheBudget), 0, subjects...)
	for _, workers := range []int{1, 2, 3} {
		j := e.newJudge(testZones, workers, 64<<10)
		got := make([]string, len(subjects))
		var wait sync.WaitGroup
		for first := 0; first < len(subjects); first += 100 {
			wait.Go(func() {
				err := j.Judge(t.Context(), 0, subjects[first:first+100], func(i int, results []Result) error {
					got[first+i] = describe(e, results)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d workers:\n%s", workers, diff)
		}
	}
}
