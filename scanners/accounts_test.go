package scanners_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/scanners"
)

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
	same(t, "gaps", f.details(), []string{"222222222222 ListStreams denied: the session could not be renewed (AssumeRole): check the role and its trust policy, or log in again"})

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
	known := make(chan string, 10)
	s := streams()
	s.Scan = func(_ context.Context, t *scanners.Target, _ *scanners.Sink) error {
		known <- t.Organization + " " + strings.Join(t.Accounts, " ")
		return nil
	}
	f := scanWith(t, tp.over(t, organization(quiet("eu-west-1"))), "kinesis", with(s), everyAccount)
	want := []string{"111111111111", "222222222222", "333333333333"}
	same(t, "organisation", f.scope.OrganizationAccounts, want)
	same(t, "accounts", f.scope.Accounts, want)
	same(t, "gaps", f.details(), []string{"333333333333 AssumeRole denied: the account is SUSPENDED, and its role cannot be assumed: if that is meant, list it under aws.excluded_accounts with a reason"})
	if ids := <-known; ids != "o-ours 111111111111 222222222222" {
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

// A member may not list the accounts, but is told which organisation it is in: whom that lets in is settled, who else is in it is not.
func TestOrganizationOfAMember(t *testing.T) {
	member := func(list replay.Answer, told string) aws {
		a := quiet("eu-west-1")
		for _, account := range []string{ownAccount, "any"} {
			a[account+"/any/organizations/ListAccounts"] = []replay.Answer{list}
		}
		if told == "" {
			return a.fail("any", "organizations", "DescribeOrganization", "", 400, `{"__type":"AWSOrganizationsNotInUseException","Message":"not in use"}`)
		}
		return a.on("any", "organizations", "DescribeOrganization", "", told)
	}
	denied := replay.Answer{Status: 400, Body: json.RawMessage(`{"__type":"AccessDeniedException","Message":"You don't have permissions to access this resource."}`)}
	empty := replay.Answer{Status: 200, Body: json.RawMessage(`{"Accounts":[]}`)} // as moto answers every member
	const ours = `{"Organization":{"Id":"o-ours","MasterAccountId":"333333333333"}}`
	for name, test := range map[string]struct {
		answers aws
		id      string
		known   []string
	}{
		"denied":            {member(denied, ours), "o-ours", nil},
		"an empty list":     {member(empty, ours), "o-ours", nil},
		"denied, alone":     {member(denied, ""), "", []string{ownAccount}},
		"empty list, alone": {member(empty, ""), "", []string{ownAccount}},
		"both denied":       {secretOrganization(quiet("eu-west-1")), "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var id string
			s := only("kinesis", nil, func(_ context.Context, t *scanners.Target) error { id = t.Organization; return nil })
			f := scanWith(t, (&tape{}).over(t, test.answers), "kinesis", with(s, ownAccount))
			if id != test.id {
				t.Errorf("organisation %q, want %q", id, test.id)
			}
			if diff := cmp.Diff(test.known, f.scope.OrganizationAccounts); diff != "" {
				t.Errorf("accounts (-want +got):\n%s", diff)
			}
		})
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
