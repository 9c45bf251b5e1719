package scanners_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// tape notes every request that leaves, and answers those that program knows; nil leaves the answer to the recording.
type tape struct {
	program func(replay.Call) *replay.Answer

	mu    sync.Mutex
	calls []replay.Call
}

func (tp *tape) over(t *testing.T, a aws) *replay.Replay {
	t.Helper()
	return replay.Open(a.files(t)).Edit(func(c replay.Call, recorded *replay.Answer) (*replay.Answer, error) {
		tp.mu.Lock()
		tp.calls = append(tp.calls, c)
		tp.mu.Unlock()
		if tp.program != nil {
			if answer := tp.program(c); answer != nil {
				return answer, nil
			}
		}
		return recorded, nil
	})
}

// asked counts the requests for an operation, in one account or ("") in all.
func (tp *tape) asked(account, operation string) (n int) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	for _, c := range tp.calls {
		if c.Operation == operation && (account == "" || c.Account == account) {
			n++
		}
	}
	return n
}

// streams is a scanner of one call: a stream in every place.
func streams() scanners.Scanner {
	return scanners.Scanner{Service: "kinesis", Scope: scanners.Regional, Kinds: []string{"kinesis.stream"},
		Calls: []scanners.Call{{Operation: "ListStreams", IAM: "kinesis:ListStreams", Facts: []residency.Fact{residency.FactAll}}},
		Scan: func(ctx context.Context, t *scanners.Target, out *scanners.Sink) error {
			client := kinesis.NewFromConfig(t.Config())
			for range 3 {
				if _, err := client.ListStreams(ctx, &kinesis.ListStreamsInput{}); err != nil {
					return err
				}
			}
			out.Add(residency.Resource{ID: t.ARN("kinesis", "stream/s"), Kind: "kinesis.stream", Region: t.Region,
				Placements: []residency.Placement{{Role: residency.Primary, Region: t.Region}}})
			return nil
		}}
}

// quiet answers the streams of every account and region, with these regions enabled.
func quiet(regions ...string) aws {
	a := account(regions...)
	for key, answers := range a {
		if rest, ok := strings.CutPrefix(key, ownAccount); ok {
			a["any"+rest] = answers
		}
	}
	a.answer("any", "any", "kinesis", "ListStreams", "", 200, `{"StreamNames":[],"HasMoreStreams":false}`)
	a.answer("any", "any", "s3", "HeadBucket", "", 404, "")
	return a.answer("any", "any", "sts", "AssumeRole", "", 200, `<none/>`)
}

// assumeRole answers for the account that the role is of, or for another.
func assumeRole(account string, expires time.Time) *replay.Answer {
	return &replay.Answer{Body: text(`<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:domicile</AssumedRoleId><Arn>arn:aws:sts::` + account +
		`:assumed-role/Audit/domicile</Arn></AssumedRoleUser><Credentials><AccessKeyId>K</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>` +
		expires.UTC().Format(time.RFC3339) + `</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)}
}

func roleOwner(c replay.Call) string {
	arn, _ := c.Input["RoleArn"].(string)
	return strings.Split(arn+":::::", ":")[4]
}

func inAnHour() time.Time { return time.Now().Add(time.Hour) }

// opens lets every role be assumed, for an hour.
func opens(c replay.Call) *replay.Answer {
	if c.Operation == "AssumeRole" {
		return assumeRole(roleOwner(c), inAnHour())
	}
	return nil
}

func with(s scanners.Scanner, accounts ...string) func(*scanners.Options) {
	return func(o *scanners.Options) {
		o.Scanners, o.Shipped, o.Accounts, o.Role = []scanners.Scanner{s}, 1, accounts, "Audit"
	}
}

// lines are the coverage as "account region status".
func (f found) lines() (lines []string) {
	for _, c := range f.coverage {
		lines = append(lines, c.Account+" "+c.Region+" "+string(c.Status))
	}
	return lines
}

func (f found) details() (details []string) {
	for _, c := range f.coverage {
		for _, g := range c.Gaps {
			details = append(details, fmt.Sprintf("%s %s %s: %s", c.Account, g.Call, g.Class, g.Detail))
		}
	}
	return details
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAccounts(t *testing.T) {
	tp := &tape{program: func(c replay.Call) *replay.Answer {
		if c.Operation != "AssumeRole" {
			return nil
		}
		switch roleOwner(c) {
		case "333333333333":
			return failure("sts", 403, "AccessDenied", "User: arn:aws:iam::111111111111:role/audit is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333333333333:role/Audit")
		case "444444444444":
			return assumeRole("999999999999", inAnHour())
		case "555555555555":
			return failure("sts", 400, "Throttling", "Rate exceeded")
		case "666666666666":
			return failure("sts", 403, "AccessDenied", "User: x is not authorized to perform: sts:AssumeRole with an explicit deny in a service control policy")
		}
		return assumeRole(roleOwner(c), inAnHour())
	}}
	all := []string{"666666666666", "555555555555", "444444444444", "333333333333", "222222222222", "111111111111"}
	f := scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(streams(), all...))
	same(t, "lines", f.lines(), []string{
		"111111111111 ap-southeast-2 disabled", "111111111111 eu-west-1 complete", "111111111111 us-east-1 disabled",
		"222222222222 ap-southeast-2 disabled", "222222222222 eu-west-1 complete", "222222222222 us-east-1 disabled",
		"333333333333 ap-southeast-2 denied", "333333333333 eu-west-1 denied", "333333333333 us-east-1 denied",
		"444444444444 ap-southeast-2 denied", "444444444444 eu-west-1 denied", "444444444444 us-east-1 denied",
		"555555555555 ap-southeast-2 failed", "555555555555 eu-west-1 failed", "555555555555 us-east-1 failed",
		"666666666666 ap-southeast-2 denied", "666666666666 eu-west-1 denied", "666666666666 us-east-1 denied",
	})
	same(t, "gaps", f.details(), []string{
		"333333333333 AssumeRole denied: role Audit cannot be assumed: create it in the account, or let its trust policy name arn:aws:iam::111111111111:role/audit",
		`444444444444 AssumeRole mismatch: the role answered for account "999999999999", not the one asked for: check aws.role and the trust policy`,
		"555555555555 AssumeRole throttled: throttled until the retries ran out: lower --rate or run at a quieter hour",
		"666666666666 AssumeRole denied: explicit deny in a service control policy: exempt the audit role from it",
	})
	same(t, "resources", f.ids(), []string{"kinesis.stream arn:aws:kinesis:eu-west-1:111111111111:stream/s", "kinesis.stream arn:aws:kinesis:eu-west-1:222222222222:stream/s"})
	for _, c := range tp.calls {
		if c.Operation == "AssumeRole" && (c.Account != ownAccount || roleOwner(c) == ownAccount) {
			t.Errorf("%s assumed a role of %s", c.Account, roleOwner(c))
		}
		if c.Account == "444444444444" || c.Account == "999999999999" {
			t.Errorf("%s asked in an account that answered wrongly", c.Operation)
		}
	}
	if !slices.Equal(f.scope.Accounts, []string{"111111111111", "222222222222", "333333333333", "444444444444", "555555555555", "666666666666"}) || f.scope.Narrowed {
		t.Errorf("scope: %+v", f.scope)
	}
}

func TestNoRole(t *testing.T) {
	tp := &tape{program: opens}
	f := scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(streams(), ownAccount, "222222222222"), func(o *scanners.Options) { o.Role = "" })
	same(t, "gaps", f.details(), []string{"222222222222 AssumeRole denied: no role to assume in other accounts: set aws.role"})
	if tp.asked("", "AssumeRole") != 0 {
		t.Error("a role was assumed without one being configured")
	}
}

// A session that is about to end is renewed before the next call.
func TestShortSessions(t *testing.T) {
	tp := &tape{program: func(c replay.Call) *replay.Answer {
		if c.Operation == "AssumeRole" {
			return assumeRole(roleOwner(c), time.Now().Add(5*time.Second)) // within the window in which it counts as over
		}
		return nil
	}}
	f := scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(streams(), "222222222222"))
	f.noGaps(t)
	if n := tp.asked(ownAccount, "AssumeRole"); n < 4 || n > 6 {
		t.Errorf("%d sessions for three calls, the region list and the opening", n)
	}
	tp = &tape{program: opens}
	scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(streams(), "222222222222"))
	if n := tp.asked("", "AssumeRole"); n != 1 {
		t.Errorf("%d sessions where one lasts an hour", n)
	}
}

func expired(c replay.Call) *replay.Answer {
	return failure(c.Service, 400, "ExpiredTokenException", "The security token included in the request is expired")
}

// A session that ends while a call is retried is renewed and the call asked once more.
func TestSessionEndsOnTheWay(t *testing.T) {
	var once sync.Once
	tp := &tape{}
	tp.program = func(c replay.Call) (a *replay.Answer) {
		if c.Operation == "ListStreams" {
			once.Do(func() { a = expired(c) })
			return a
		}
		return opens(c)
	}
	f := scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(streams(), "222222222222"))
	f.noGaps(t)
	if n := tp.asked("", "AssumeRole"); n != 2 {
		t.Errorf("%d sessions, want a second one", n)
	}
}

func TestSessionNotRenewed(t *testing.T) {
	sessions := 0
	tp := &tape{}
	tp.program = func(c replay.Call) *replay.Answer {
		switch c.Operation {
		case "ListStreams":
			return expired(c)
		case "AssumeRole":
			if sessions++; sessions > 1 {
				return failure("sts", 403, "AccessDenied", "no")
			}
		}
		return opens(c)
	}
	f := scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(streams(), "222222222222"))
	same(t, "gaps", f.details(), []string{"222222222222 ListStreams denied: the account's session could not be renewed (AssumeRole): check the role and its trust policy, and run again"})

	tp = &tape{program: func(c replay.Call) *replay.Answer {
		if c.Operation == "ListStreams" {
			return expired(c)
		}
		return nil
	}}
	f = scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(streams()))
	same(t, "the caller's own", f.details(), []string{"111111111111 ListStreams denied: the credentials expired during the run: renew them and run again"})
}

// organization answers ListAccounts with two pages.
func organization(a aws) aws {
	delete(a, ownAccount+"/any/organizations/ListAccounts")
	delete(a, "any/any/organizations/ListAccounts")
	member := func(id, state string) string {
		return `{"Id":"` + id + `","Arn":"arn:aws:organizations::111111111111:account/o-ours/` + id + `","Status":"ACTIVE","State":"` + state + `"}`
	}
	a.answer("any", "any", "organizations", "ListAccounts", "{}", 200, `{"Accounts":[`+member("111111111111", "ACTIVE")+`,`+member("333333333333", "SUSPENDED")+`],"NextToken":"t"}`)
	return a.answer("any", "any", "organizations", "ListAccounts", `{"NextToken":"t"}`, 200, `{"Accounts":[`+member("222222222222", "")+`]}`)
}

func everyAccount(o *scanners.Options) { o.Organization = true }

func TestOrganization(t *testing.T) {
	suspended := func(c replay.Call) *replay.Answer {
		if c.Operation == "AssumeRole" && roleOwner(c) == "333333333333" {
			return failure("sts", 403, "AccessDenied", "no")
		}
		return opens(c)
	}
	tp := &tape{program: suspended}
	ids := ""
	s := streams()
	s.Scan = func(_ context.Context, t *scanners.Target, _ *scanners.Sink) error {
		ids = t.Organization + " " + strings.Join(t.Accounts, " ")
		return nil
	}
	f := scanWith(t, tp.over(t, organization(quiet("eu-west-1"))), "kinesis", with(s), everyAccount)
	want := []string{"111111111111", "222222222222", "333333333333"}
	same(t, "organisation", f.scope.OrganizationAccounts, want)
	same(t, "accounts", f.scope.Accounts, want)
	same(t, "gaps", f.details(), []string{"333333333333 AssumeRole denied: the account is SUSPENDED, and its role cannot be assumed: if that is meant, list it under aws.excluded_accounts with a reason"})
	if ids != "o-ours 111111111111 222222222222" {
		t.Errorf("what a scanner knows of it: %q", ids)
	}
	f = scanWith(t, tp.over(t, organization(quiet("eu-west-1"))), "kinesis", with(streams()), everyAccount, func(o *scanners.Options) { o.Excluded = []string{"333333333333"} })
	f.noGaps(t)
	same(t, "organisation with an excluded account", f.scope.OrganizationAccounts, want)
	same(t, "accounts without it", f.scope.Accounts, want[:2])
	if f.scope.Narrowed {
		t.Error("an exclusion is printed as one, and narrows nothing")
	}
	f = scanWith(t, tp.over(t, organization(quiet("eu-west-1"))), "kinesis", with(streams()), everyAccount, func(o *scanners.Options) { o.Only = []string{"222222222222", "222222222222"} })
	same(t, "accounts by flag", f.scope.Accounts, []string{"222222222222"})
	same(t, "organisation by flag", f.scope.OrganizationAccounts, want)
	if !f.scope.Narrowed {
		t.Error("--accounts narrows the run")
	}
}

// secretOrganization is one that the caller may not list.
func secretOrganization(a aws) aws {
	for _, account := range []string{ownAccount, "any"} {
		a[account+"/any/organizations/ListAccounts"] = []replay.Answer{{Status: 400, Body: json.RawMessage(`{"__type":"AccessDeniedException","Message":"You don't have permissions to access this resource."}`)}}
	}
	return a
}

func TestNoOrganization(t *testing.T) {
	f := scanWith(t, (&tape{program: opens}).over(t, quiet("eu-west-1")), "kinesis", with(streams(), "222222222222", ownAccount), func(o *scanners.Options) { o.Excluded = []string{"333333333333"} })
	f.noGaps(t)
	same(t, "in no organisation: the configuration's", f.scope.OrganizationAccounts, []string{"111111111111", "222222222222", "333333333333"})

	f = scanWith(t, (&tape{program: opens}).over(t, secretOrganization(quiet("eu-west-1"))), "kinesis", with(streams(), ownAccount))
	f.noGaps(t)
	if f.scope.OrganizationAccounts != nil {
		t.Errorf("not read: %v", f.scope.OrganizationAccounts)
	}
}

// What ends a run before it starts says why and what to do.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name    string
		answers aws
		set     func(*scanners.Options)
		want    string
	}{
		{"in no organisation", quiet("eu-west-1"), everyAccount, "aws.organization: account 111111111111 is in no organisation: list aws.accounts instead"},
		{"may not list it", secretOrganization(quiet("eu-west-1")), everyAccount, "aws.organization: list the accounts (organizations:ListAccounts): the audit role lacks the IAM action: allow it; or list aws.accounts"},
		{"unknown account", quiet("eu-west-1"), func(o *scanners.Options) { o.Only = []string{"222222222222"} }, "--accounts: 222222222222 is not among the accounts of the configuration: 111111111111"},
		{"nothing left", quiet("eu-west-1"), func(o *scanners.Options) { o.Excluded = []string{ownAccount} }, "aws.excluded_accounts: every account is excluded: nothing is left to examine"},
		{"unknown partition", quiet("eu-west-1"), func(o *scanners.Options) { o.Partition = func(string) []string { return nil } }, `partition "aws" is not known to this version`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := scanners.Run(context.Background(), options(t, &tape{}, test.answers, test.set), &collect{})
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

// options are those of a run of streams over answers.
func options(t *testing.T, tp *tape, answers aws, set ...func(*scanners.Options)) scanners.Options {
	t.Helper()
	o := scanners.Options{AWS: scanners.OfflineConfig("us-east-1"), Transport: tp.over(t, answers), Scanners: []scanners.Scanner{streams()}, Shipped: 1, Role: "Audit",
		Partition: func(string) []string { return slices.Clone(testRegions) },
		Limits:    scanners.Limits{Rate: 1e6, MaxAttempts: 2, MaxBackoff: time.Millisecond, Steady: true}}
	for _, f := range set {
		f(&o)
	}
	return o
}

// A crash of a scanner is a gap; the other tasks go on.
func TestCrash(t *testing.T) {
	s := streams()
	s.Scan = func(_ context.Context, t *scanners.Target, out *scanners.Sink) error {
		if t.Region == "us-east-1" {
			panic("index out of range")
		}
		out.Add(residency.Resource{ID: t.ARN("kinesis", "stream/s"), Kind: "kinesis.stream", Region: t.Region, Placements: []residency.Placement{}})
		return nil
	}
	f := scanWith(t, (&tape{}).over(t, quiet("eu-west-1", "us-east-1")), "kinesis", with(s))
	same(t, "gaps", f.details(), []string{"111111111111 ListStreams malformed: the scanner stopped at an answer that it does not understand: index out of range"})
	same(t, "resources", f.ids(), []string{"kinesis.stream arn:aws:kinesis:eu-west-1:111111111111:stream/s"})
	same(t, "lines", f.lines(), []string{"111111111111 ap-southeast-2 disabled", "111111111111 eu-west-1 complete", "111111111111 us-east-1 failed"})
}

type full struct{ added int }

func (c *full) Add(*residency.Resource) error {
	c.added++
	return errors.New("no space left on device")
}

// What cannot be kept ends the run: a snapshot that lacks a resource must not be written.
func TestCollectorFails(t *testing.T) {
	o := options(t, &tape{}, quiet("eu-west-1", "us-east-1"), func(o *scanners.Options) { o.Limits.Tasks, o.Limits.Accounts = 1, 1 })
	c := &full{}
	result, err := scanners.Run(context.Background(), o, c)
	if result != nil || err == nil || err.Error() != "keep arn:aws:kinesis:eu-west-1:111111111111:stream/s: no space left on device" {
		t.Errorf("%+v, %v", result, err)
	}
	if c.added != 1 {
		t.Errorf("went on for %d resources", c.added)
	}
}

// An interruption leaves no line out, at whatever point it comes.
func TestInterrupted(t *testing.T) {
	for _, at := range []string{"ListAccounts", "AssumeRole", "ListRegions", "ListStreams", "the end"} {
		t.Run(at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			tp := &tape{program: func(c replay.Call) *replay.Answer {
				if c.Operation == at {
					cancel()
				}
				return opens(c)
			}}
			o := options(t, tp, quiet("eu-west-1", "us-east-1"), func(o *scanners.Options) {
				o.Accounts = []string{ownAccount, "222222222222"}
				o.Progress = func(p scanners.Progress) {
					if at == "the end" && p.Done == p.Total {
						cancel()
					}
				}
			})
			result, err := scanners.Run(ctx, o, &collect{})
			if at == "ListAccounts" {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || result.Complete {
				t.Fatalf("complete, or %v", err)
			}
			lines, cancelled := result.Coverage(), 0
			for _, c := range lines {
				for _, g := range c.Gaps {
					if g.Class == residency.ClassCancelled {
						cancelled++
					}
				}
			}
			if len(lines) != 6 || cancelled == 0 {
				t.Errorf("%d lines, %d gaps of class cancelled: %+v", len(lines), cancelled, lines)
			}
			if at != "the end" && tp.asked("", "ListStreams") > 4 {
				t.Errorf("%d calls after the interruption", tp.asked("", "ListStreams"))
			}
		})
	}
}

// Progress counts to the end, with every gap so far.
func TestProgress(t *testing.T) {
	var mu sync.Mutex
	var last scanners.Progress
	tp := &tape{program: func(c replay.Call) *replay.Answer {
		if c.Operation == "ListStreams" && c.Region != "eu-west-1" {
			return failure(c.Service, 403, "AccessDenied", "no")
		}
		return nil
	}}
	o := options(t, tp, quiet(testRegions...), func(o *scanners.Options) {
		o.Progress = func(p scanners.Progress) {
			mu.Lock()
			defer mu.Unlock()
			last = p
		}
		o.Limits.Tasks = 1
	})
	if _, err := scanners.Run(context.Background(), o, &collect{}); err != nil {
		t.Fatal(err)
	}
	same(t, "progress", last, scanners.Progress{Done: 3, Total: 3, Resources: 1, Gaps: 2})
}

// gauge measures how many are inside at once. Each waits until limit are, and gives others the time to come in as well.
type gauge struct {
	limit     int
	mu        sync.Mutex
	now, most int
	reached   chan struct{}
}

func newGauge(limit int) *gauge { return &gauge{limit: limit, reached: make(chan struct{})} }

func (g *gauge) pass() {
	g.mu.Lock()
	g.now++
	if g.most = max(g.most, g.now); g.now == g.limit {
		select {
		case <-g.reached:
		default:
			close(g.reached)
		}
	}
	g.mu.Unlock()
	<-g.reached
	for range 1000 {
		runtime.Gosched()
	}
	g.mu.Lock()
	g.now--
	g.mu.Unlock()
}

func TestRequestsInFlight(t *testing.T) {
	g := newGauge(3)
	tp := &tape{program: func(c replay.Call) *replay.Answer {
		if c.Operation == "ListStreams" {
			g.pass()
		}
		return nil
	}}
	scanWith(t, tp.over(t, quiet(manyRegions()...)), "kinesis", with(streams()), func(o *scanners.Options) {
		o.Limits.Requests, o.Limits.Tasks = 3, 12
		o.Partition = func(string) []string { return manyRegions() }
	})
	if g.most != 3 {
		t.Errorf("%d requests in flight, want 3", g.most)
	}
}

func TestTasksAtOnce(t *testing.T) {
	g := newGauge(2)
	s := streams()
	s.Scan = func(context.Context, *scanners.Target, *scanners.Sink) error { g.pass(); return nil }
	scanWith(t, (&tape{}).over(t, quiet(manyRegions()...)), "kinesis", with(s), func(o *scanners.Options) {
		o.Limits.Tasks = 2
		o.Partition = func(string) []string { return manyRegions() }
	})
	if g.most != 2 {
		t.Errorf("%d tasks at once, want 2", g.most)
	}
}

func manyRegions() (regions []string) {
	for i := range 12 {
		regions = append(regions, fmt.Sprintf("eu-west-%d", i+1))
	}
	return regions
}

func regionList(states map[string]string) string {
	list := []map[string]string{}
	for region, state := range states {
		list = append(list, map[string]string{"RegionName": region, "RegionOptStatus": state})
	}
	body, _ := json.Marshal(map[string]any{"Regions": list})
	return string(body)
}
