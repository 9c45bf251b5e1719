package config

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func (r *reader) aws(f fields) AWS {
	v, ok := f.of["aws"]
	if !ok || r.err != nil {
		return AWS{}
	}
	a := r.fields(v, `"aws"`, "accounts", "organization", "role", "regions", "excluded_accounts", "trusted_accounts")
	out := AWS{Organization: a.flag("organization", false), Role: r.role(a)}
	seen := make(map[string]int)
	for _, item := range a.filled("accounts", `["111111111111"], say`) {
		id := r.account(item, `an item of "accounts"`, false)
		r.once(seen, id, item.place, "account")
		out.Accounts = append(out.Accounts, id)
	}
	if out.Organization && len(out.Accounts) > 0 {
		r.fail(a.of["organization"].place, "organization: true stands instead of accounts: drop one of them")
	}
	if all := a.of["regions"]; all.kind != textKind || all.text != "all" {
		out.Regions = r.awsRegions(a)
	}
	out.ExcludedAccounts = r.excluded(a)
	out.TrustedAccounts = r.trusted(a)
	r.leavesSome(a, out)
	return out
}

// awsRegions reads the list; the word all is the caller's.
func (r *reader) awsRegions(a fields) []string {
	if v := a.of["regions"]; v.kind == textKind {
		r.wrongType(v, `"regions"`, "a list or the word all", "write all, or [eu-west-1], say")
		return nil
	}
	return r.regions(a)
}

// role reads a role's name, which with another account's id makes its ARN.
func (r *reader) role(a fields) string {
	role := a.text("role")
	if role == "" {
		return ""
	}
	at := a.of["role"].place
	switch {
	case strings.HasPrefix(role, "arn:"):
		r.fail(at, "\"role\" is an ARN, of one account only: write the role's name, the same in every account")
	case strings.Trim(role, letters+digits+"+=,.@-_/") != "", strings.HasPrefix(role, "/"), strings.HasSuffix(role, "/"):
		r.fail(at, "\"role\" is %s: write the role's name, with its path if it has one, as in audit/DomicileAudit", quoted(role))
	}
	return role
}

// account reads the id of an account, or a glob for one. YAML reads unquoted digits as a number: twelve of them are safe,
// but a leading zero makes them octal, or is lost.
func (r *reader) account(v value, name string, globs bool) string {
	if v.kind == numberKind && (len(v.text) != 12 || strings.Trim(v.text, digits) != "" || v.text[0] == '0') ||
		v.kind == textKind && v.plain && strings.HasPrefix(v.text, "0") && strings.Trim(v.text, digits) == "" {
		r.fail(v.place, "the account %s is unquoted, and YAML may read it as another number: quote it, all 12 digits", clip(v.text))
		return ""
	}
	id := v.text
	if v.kind != numberKind {
		id = r.text(v, name)
	}
	if r.err != nil {
		return ""
	}
	number := strings.ReplaceAll(id, "*", "")
	glob := number != id
	switch {
	case glob && !globs:
		r.fail(v.place, "the account %s has a wildcard: only assign takes one, write each account's 12 digits", quoted(id))
	case strings.Trim(number, digits) != "", !glob && len(number) != 12, len(number) > 12:
		r.fail(v.place, "%s is no account: write its 12 digits, in quotes", quoted(id))
	}
	return id
}

func (r *reader) excluded(a fields) []residency.ExcludedAccount {
	var out []residency.ExcludedAccount
	seen := make(map[string]int)
	for _, v := range a.list("excluded_accounts", `[{id: "111111111111", reason: …, approver: …}]`) {
		f := r.fields(v, `an item of "excluded_accounts"`, "id", "reason", "approver")
		f.need("an excluded account", "id", "reason", "approver")
		if r.err != nil {
			return nil
		}
		e := residency.ExcludedAccount{ID: r.account(f.of["id"], `"id"`, false), Reason: f.text("reason"), Approver: f.text("approver")}
		r.once(seen, e.ID, v.place, "account")
		out = append(out, e)
	}
	return out
}

func (r *reader) trusted(a fields) []residency.TrustedAccount {
	var out []residency.TrustedAccount
	seen := make(map[string]int)
	for _, v := range a.list("trusted_accounts", `[{id: "111111111111", name: …, region: eu-west-1, reason: …}]`) {
		f := r.fields(v, `an item of "trusted_accounts"`, "id", "name", "region", "reason")
		f.need("a trusted account", "id", "name", "region", "reason")
		if r.err != nil {
			return nil
		}
		t := residency.TrustedAccount{
			ID: r.account(f.of["id"], `"id"`, false), Name: f.text("name"),
			Region: r.region(f.of["region"], `"region"`), Reason: f.text("reason"),
		}
		r.once(seen, t.ID+" in "+t.Region, v.place, "account")
		out = append(out, t)
	}
	return out
}

// leavesSome refuses exclusions that leave nothing to examine, which would look like a pass.
func (r *reader) leavesSome(a fields, out AWS) {
	if len(out.Accounts) == 0 {
		return
	}
	for _, id := range out.Accounts {
		if !slices.ContainsFunc(out.ExcludedAccounts, func(e residency.ExcludedAccount) bool { return e.ID == id }) {
			return
		}
	}
	r.fail(a.of["excluded_accounts"].place, "every account of aws.accounts is excluded: leave at least one to examine")
}
