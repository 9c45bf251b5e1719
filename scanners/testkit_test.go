package scanners_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// ownAccount is the caller's account in the tests.
const ownAccount = "111111111111"

// aws is a recording under construction: path ("111111111111/eu-west-1/kinesis/ListStreams") to answers.
type aws map[string][]replay.Answer

// on adds an answer for an operation of the own account, body as JSON text or XML text. input "" answers any input.
func (a aws) on(region, service, operation, input, body string) aws {
	return a.answer(ownAccount, region, service, operation, input, 200, body)
}

// fail adds an error answer.
func (a aws) fail(region, service, operation, input string, status int, body string) aws {
	return a.answer(ownAccount, region, service, operation, input, status, body)
}

func (a aws) answer(account, region, service, operation, input string, status int, body string) aws {
	key := account + "/" + region + "/" + service + "/" + operation
	ans := replay.Answer{Status: status, Body: []byte(body)}
	if !json.Valid(ans.Body) {
		ans.Body, _ = json.Marshal(body)
	}
	if input != "" {
		if err := json.Unmarshal([]byte(input), &ans.Input); err != nil {
			panic(fmt.Sprintf("input of %s: %v", key, err))
		}
	}
	a[key] = append(a[key], ans)
	return a
}

func (a aws) files(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for key, answers := range a {
		data, err := json.Marshal(answers)
		if err != nil {
			t.Fatalf("marshal %s: %v", key, err)
		}
		files[key+".json"] = &fstest.MapFile{Data: data}
	}
	return files
}

// account answers what every run asks first: one account without an organisation, with these regions enabled.
func account(regions ...string) aws {
	a := aws{}
	a.answer("caller", "any", "sts", "GetCallerIdentity", "", 200, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:role/audit</Arn><Account>111111111111</Account><UserId>X</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	a.fail("any", "organizations", "ListAccounts", "", 400, `{"__type":"AWSOrganizationsNotInUseException","Message":"not in use"}`)
	list := []map[string]string{}
	for _, r := range regions {
		list = append(list, map[string]string{"RegionName": r, "RegionOptStatus": "ENABLED_BY_DEFAULT"})
	}
	body, _ := json.Marshal(map[string]any{"Regions": list})
	return a.on("any", "account", "ListRegions", "", string(body))
}

// found is what one run of one scanner came to.
type found struct {
	resources []residency.Resource
	coverage  []residency.Coverage
	scope     residency.Scope
	events    scanners.EventCount
}

type collect struct {
	mu  sync.Mutex
	all []residency.Resource
}

func (c *collect) Add(r *residency.Resource) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, *r)
	return nil
}

// testRegions is the whole partition of the tests. What is not enabled is recorded as disabled.
var testRegions = []string{"ap-southeast-2", "eu-west-1", "us-east-1"}

// scan runs one shipped scanner against recorded answers.
func scan(t *testing.T, service string, answers aws, options ...func(*scanners.Options)) found {
	t.Helper()
	return scanWith(t, replay.Open(answers.files(t)), service, options...)
}

func scanWith(t testing.TB, transport scanners.Transport, service string, options ...func(*scanners.Options)) found {
	t.Helper()
	return scanIn(t, context.Background(), transport, service, options...)
}

func scanIn(t testing.TB, ctx context.Context, transport scanners.Transport, service string, options ...func(*scanners.Options)) found {
	t.Helper()
	picked, err := scanners.Select(scanners.All(), []string{service})
	if err != nil {
		t.Fatal(err)
	}
	o := scanners.Options{AWS: scanners.OfflineConfig("us-east-1"), Transport: transport, Scanners: picked, Shipped: len(scanners.All()),
		Partition: func(string) []string { return slices.Clone(testRegions) },
		Limits:    scanners.Limits{Rate: 1e6, MaxAttempts: 2, MaxBackoff: time.Millisecond, Steady: true}}
	for _, set := range options {
		set(&o)
	}
	c := &collect{}
	result, err := scanners.Run(ctx, o, c)
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	for i := range c.all {
		result.Finish(&c.all[i])
	}
	slices.SortFunc(c.all, func(a, b residency.Resource) int { return strings.Compare(a.ID, b.ID) })
	return found{resources: c.all, coverage: result.Coverage(), scope: result.Scope, events: result.Events}
}

// resource finds one by id.
func (f found) resource(t *testing.T, id string) residency.Resource {
	t.Helper()
	for _, r := range f.resources {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no resource %q among %d: %v", id, len(f.resources), f.ids())
	return residency.Resource{}
}

func (f found) ids() (ids []string) {
	for _, r := range f.resources {
		ids = append(ids, r.Kind+" "+r.ID)
	}
	return ids
}

// placement finds the one placement of a role that names target ("" for the resource's own place).
func placement(t *testing.T, r residency.Resource, role residency.Role, target string) residency.Placement {
	t.Helper()
	for _, p := range r.Placements {
		if p.Role == role && p.Target == target {
			return p
		}
	}
	t.Fatalf("%s: no %s placement at %q: %+v", r.ID, role, target, r.Placements)
	return residency.Placement{}
}

// gaps lists every gap as "Call class resource".
func (f found) gaps() (gaps []string) {
	for _, c := range f.coverage {
		for _, g := range c.Gaps {
			gaps = append(gaps, strings.TrimSpace(fmt.Sprintf("%s %s %s", g.Call, g.Class, g.Resource)))
		}
	}
	return gaps
}

// noGaps fails unless every line is complete.
func (f found) noGaps(t *testing.T) {
	t.Helper()
	for _, c := range f.coverage {
		if c.Status == residency.Partial || c.Status == residency.Denied || c.Status == residency.Failed || len(c.Gaps) > 0 {
			t.Errorf("%s in %s: %s %+v", c.Scanner, c.Region, c.Status, c.Gaps)
		}
	}
}
