package grant

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
)

// reach is an upper bound of who is let in, besides the organisation's own and AWS's services, who are no strangers. The zero
// reach is nobody.
type reach struct {
	all      bool     // everybody
	some     bool     // somebody, and the policy does not tell whose: a network, another organisation, a canonical user
	accounts []string // these accounts
}

var anybody, somebody = reach{all: true}, reach{some: true}

// join is who is in either.
func (r reach) join(o reach) reach {
	return reach{r.all || o.all, r.some || o.some, slices.Concat(r.accounts, o.accounts)}
}

// meet is who may be in both. An account may be among those whom the other side does not tell.
func (r reach) meet(o reach) reach {
	if r.all {
		return o
	}
	if o.all {
		return r
	}
	both := reach{some: r.some && o.some}
	for _, a := range r.accounts {
		if o.some || slices.Contains(o.accounts, a) {
			both.accounts = append(both.accounts, a)
		}
	}
	for _, a := range o.accounts {
		if r.some {
			both.accounts = append(both.accounts, a)
		}
	}
	return both
}

// without is the reach less whole accounts, as far as it names them.
func (r reach) without(accounts []string) reach {
	r.accounts = slices.DeleteFunc(slices.Clone(r.accounts), func(a string) bool { return slices.Contains(accounts, a) })
	return r
}

// list is the receivers, sorted, "*" for everybody, without AWS's own delivery.
func (r reach) list() []string {
	if r.all {
		return []string{"*"}
	}
	accounts := slices.DeleteFunc(slices.Clone(r.accounts), func(a string) bool { return deliveryAccounts[a] != "" })
	slices.Sort(accounts)
	return slices.Compact(accounts)
}

var (
	accountPattern = regexp.MustCompile(`^\d{12}$`)
	deletedPattern = regexp.MustCompile(`^A(IDA|ROA|GPA|NPA)[A-Z0-9]{12,}$`)
)

// principals are those whom the statement speaks of. NotPrincipal with Allow lets in everybody else, strangers too.
func (s statement) principals() reach {
	if len(s.NotPrincipal) > 0 {
		return anybody
	}
	if len(s.Principal) == 0 {
		return somebody
	}
	return s.Principal.reach()
}

func (p principals) reach() (r reach) {
	for kind, names := range p {
		for _, name := range names {
			switch kind {
			case "AWS":
				r = r.join(principal(name))
			case "Service": // acts for AWS: no share
			case "Federated":
				r = r.join(accountOf(name))
			default: // CanonicalUser, which hides the account
				r.some = true
			}
		}
	}
	return r
}

// wholeAccounts are those named as such: a denial for a role or a user leaves the account's others.
func (p principals) wholeAccounts() (accounts []string) {
	for _, name := range p["AWS"] {
		if accountPattern.MatchString(name) || strings.HasSuffix(name, ":root") {
			accounts = append(accounts, principal(name).accounts...)
		}
	}
	return accounts
}

func principal(name string) reach {
	switch {
	case name == "*":
		return anybody
	case accountPattern.MatchString(name):
		return reach{accounts: []string{name}}
	case deletedPattern.MatchString(name): // AWS leaves the id of a deleted principal: nobody
		return reach{}
	}
	// An origin access identity (account "cloudfront") serves the distributions of an account that its name does not tell.
	return accountOf(name)
}

func accountOf(arn string) reach {
	if _, _, _, account, _, ok := locate.ParseARN(arn); ok && accountPattern.MatchString(account) {
		return reach{accounts: []string{account}}
	}
	return somebody
}

// conditions bound whom an Allow lets in: every one must hold.
func (s statement) conditions(organization string) reach {
	r, present := anybody, map[string]bool{}
	s.eachCondition(func(_ string, operator, key string, values []string) {
		present[key] = present[key] || operator == "null" && len(values) == 1 && strings.EqualFold(values[0], "false")
	})
	s.eachCondition(func(set string, operator, key string, values []string) {
		operator, ifExists := strings.CutSuffix(operator, "ifexists")
		// Both hold for a request without the key, an anonymous one say, unless another line demands it.
		if (ifExists || set == "forallvalues") && !present[key] {
			return
		}
		switch operator {
		case "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "bool", "ipaddress":
			r = r.meet(matching(operator, key, values, organization))
		}
	})
	return r
}

// exceptions are those whom the conditions of a Deny spare: it holds only where all of them do, so whoever escapes one is spared.
func (s statement) exceptions(organization string) (r reach) {
	s.eachCondition(func(set string, operator, key string, values []string) {
		operator = strings.TrimSuffix(operator, "ifexists") // a request without the key is denied with and without it
		positive := strings.Replace(operator, "not", "", 1)
		switch {
		case set == "foranyvalue": // does not hold, and so spares, where the key is missing
			r = anybody
		case operator == "bool" && key == "aws:principalisawsservice" && len(values) == 1 && strings.EqualFold(values[0], "false"):
		case operator == "stringnotequals", operator == "stringnotequalsignorecase", operator == "stringnotlike", operator == "arnnotequals",
			operator == "arnnotlike", operator == "notipaddress":
			r = r.join(matching(positive, key, values, organization))
		default:
			r = anybody
		}
	})
	return r
}

// eachCondition gives each condition with set operator, operator and key in lower case, since IAM does not regard it.
func (s statement) eachCondition(do func(set, operator, key string, values []string)) {
	for operator, conditions := range s.Condition {
		set, operator, found := strings.Cut(strings.ToLower(operator), ":")
		if !found {
			set, operator = "", set
		}
		for key, values := range foldKeys(conditions) {
			do(set, operator, key, values)
		}
	}
}

// matching is whose requests have one of the values at the key.
func matching(operator, key string, values []string, organization string) (r reach) {
	if len(values) == 0 {
		return anybody
	}
	for _, v := range values {
		r = r.join(matchingOne(operator, key, v, organization))
	}
	return r
}

func matchingOne(operator, key, value, organization string) reach {
	wild := strings.ContainsAny(value, "*?")
	switch key {
	case "aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths":
		id, _, _ := strings.Cut(value, "/")
		switch {
		case strings.EqualFold(value, "${aws:ResourceOrgID}"), organization != "" && id == organization:
			return reach{}
		case strings.ContainsAny(id, "*?"):
			return anybody
		}
		return somebody
	case "aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount", "s3:dataaccesspointaccount":
		switch {
		case strings.EqualFold(value, "${aws:ResourceAccount}"):
			return reach{}
		case accountPattern.MatchString(value):
			return reach{accounts: []string{value}}
		}
		return anybody
	case "aws:principalarn", "aws:sourcearn", "s3:dataaccesspointarn":
		_, _, _, account, resource, ok := locate.ParseARN(value)
		if wild && (!ok || strings.ContainsAny(account, "*?") || account == "" && strings.HasPrefix(resource, "*")) {
			return anybody
		}
		return accountOf(value)
	case "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:userid":
		if strings.HasPrefix(value, "*") || strings.HasPrefix(value, "?") {
			return anybody
		}
		return somebody // AWS does not call it public, and whose it is the policy does not say
	case "aws:sourceip":
		return network(operator, value)
	case "aws:principalservicename":
		return reach{}
	case "aws:principalisawsservice":
		if operator == "bool" && strings.EqualFold(value, "true") {
			return reach{}
		}
	}
	return anybody
}

// network is who calls from a range of addresses. AWS calls ranges wider than these public.
func network(operator, value string) reach {
	prefix, err := netip.ParsePrefix(value)
	if err != nil {
		address, err := netip.ParseAddr(value)
		if err != nil || operator != "ipaddress" {
			return anybody
		}
		prefix = netip.PrefixFrom(address, address.BitLen())
	}
	if operator != "ipaddress" || prefix.Addr().Is4() && prefix.Bits() < 8 || prefix.Addr().Is6() && prefix.Bits() < 32 {
		return anybody
	}
	return somebody
}
