package grant

import (
	"slices"
	"strings"
	"testing"
)

const ourOrg = "o-ours"

// allow is a policy on bucket b with one statement that lets everybody read, and what else is given.
func allow(more string) string {
	return `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"` + more + `}}`
}

func when(operator, key, value string) string {
	return `,"Condition":{"` + operator + `":{"` + key + `":` + value + `}}`
}

func principalIs(p string) string {
	return `{"Statement":[{"Effect":"Allow","Principal":` + p + `,"Action":"s3:GetObject","Resource":"*"}]}`
}

func actionIs(element string) string {
	return `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},` + element + `,"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}]}`
}

// unless is a policy that lets everybody read, beside a denial.
func unless(deny string) string {
	return `{"Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]},{"Effect":"Deny",` + deny + `}]}`
}

// twoRead is a policy that lets two accounts read, beside a denial.
func twoRead(deny string) string {
	return `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["999999999999","arn:aws:iam::888888888888:role/r"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},{"Effect":"Deny",` + deny + `}]}`
}

const (
	denyAll   = `"Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]`
	notOurOrg = `"StringNotEquals":{"aws:PrincipalOrgID":"o-ours"}`
)

// policies are judged as those of bucket b of account 111111111111. want lists the receivers; "open" is somebody whose account
// the policy does not tell, "malformed" a policy that cannot be read.
var policyTests = []struct{ name, policy, want string }{
	{"none", ``, ""},
	{"empty", `{}`, ""},
	{"not json", `{"Statement":`, "malformed"},
	{"no statement", `{"Version":"2012-10-17"}`, "malformed"},
	{"a list", `[]`, "malformed"},
	{"a number for an action", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":[{}]}]}`, "malformed"},
	{"trailing", principalIs(`"*"`) + `x`, "malformed"},

	// Principals.
	{"own account", principalIs(`{"AWS":"111111111111"}`), "111111111111"},
	{"own root", principalIs(`{"AWS":"arn:aws:iam::111111111111:root"}`), "111111111111"},
	{"another root", principalIs(`{"AWS":"arn:aws:iam::999999999999:root"}`), "999999999999"},
	{"another role", principalIs(`{"AWS":"arn:aws:iam::999999999999:role/team/reader"}`), "999999999999"},
	{"another user", principalIs(`{"AWS":["arn:aws:iam::999999999999:user/x","arn:aws:iam::888888888888:user/y"]}`), "888888888888 999999999999"},
	{"assumed role", principalIs(`{"AWS":"arn:aws:sts::999999999999:assumed-role/r/s"}`), "999999999999"},
	{"another partition", principalIs(`{"AWS":"arn:aws-cn:iam::999999999999:root"}`), "999999999999"},
	{"bare account", principalIs(`{"AWS":"999999999999"}`), "999999999999"},
	{"account as a number", principalIs(`{"AWS":999999999999}`), "999999999999"},
	{"everybody", principalIs(`"*"`), "*"},
	{"everybody of AWS", principalIs(`{"AWS":"*"}`), "*"},
	{"everybody in a list", principalIs(`{"AWS":["111111111111","*"]}`), "*"},
	{"everybody by a star", principalIs(`{"*":"*"}`), "*"},
	{"everybody in lower case", principalIs(`{"aws":"*"}`), "*"},
	{"not one", `{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"111111111111"},"Action":"s3:GetObject","Resource":"*"}]}`, "*"},
	{"not one, of our organisation", `{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"111111111111"},"Action":"s3:GetObject","Resource":"*"` + when("StringEquals", "aws:PrincipalOrgID", `"o-ours"`) + `}]}`, ""},
	{"no principal", `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`, "open"},
	{"service", principalIs(`{"Service":"cloudfront.amazonaws.com"}`), ""},
	{"service and account", principalIs(`{"Service":["logs.amazonaws.com"],"AWS":"999999999999"}`), "999999999999"},
	{"load balancer's delivery", principalIs(`{"AWS":"arn:aws:iam::156460612806:root"}`), ""},
	{"canonical user", principalIs(`{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`), "open"},
	{"canonical user and account", principalIs(`{"CanonicalUser":"79a5","AWS":"999999999999"}`), "999999999999 open"},
	{"identity provider of another", principalIs(`{"Federated":"arn:aws:iam::999999999999:saml-provider/x"}`), "999999999999"},
	{"identity provider of the world", principalIs(`{"Federated":"accounts.google.com"}`), "open"},
	{"origin access identity", principalIs(`{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}`), "open"},
	{"deleted user", principalIs(`{"AWS":"AIDAJQABLZS4A3QDU576Q"}`), ""},
	{"deleted role", principalIs(`{"AWS":["AROAJQABLZS4A3QDU576Q","999999999999"]}`), "999999999999"},
	{"nonsense", principalIs(`{"AWS":"someone"}`), "open"},
	{"a new kind", principalIs(`{"Organization":"o-x"}`), "open"},
	{"denied", `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`, ""},
	{"keys in lower case", `{"statement":{"effect":"Allow","principal":"*","action":"s3:getobject","resource":"*"}}`, "*"},

	// Actions.
	{"write", actionIs(`"Action":["s3:PutObject","s3:DeleteObject","s3:ReplicateObject"]`), ""},
	{"acl", actionIs(`"Action":"s3:GetBucketAcl"`), ""},
	{"all of s3", actionIs(`"Action":"s3:*"`), "999999999999"},
	{"all", actionIs(`"Action":"*"`), "999999999999"},
	{"get", actionIs(`"Action":"s3:Get*"`), "999999999999"},
	{"upper case", actionIs(`"Action":"S3:GETOBJECT"`), "999999999999"},
	{"question mark", actionIs(`"Action":"s3:GetObjec?"`), "999999999999"},
	{"star in the middle", actionIs(`"Action":"s3:*Object"`), "999999999999"},
	{"list only", actionIs(`"Action":"s3:ListBucket"`), "999999999999"},
	{"an old version", actionIs(`"Action":"s3:GetObjectVersion"`), "999999999999"},
	{"replication reads", actionIs(`"Action":"s3:GetObjectVersionForReplication"`), "999999999999"},
	{"one of many", actionIs(`"Action":["s3:PutObject","s3:GetObject"]`), "999999999999"},
	{"of another service", actionIs(`"Action":"sqs:ReceiveMessage"`), ""},
	{"not delete", actionIs(`"NotAction":"s3:Delete*"`), "999999999999"},
	{"not any of s3", actionIs(`"NotAction":"s3:*"`), ""},
	{"nothing", actionIs(`"Sid":"x"`), ""},
	{"prefix", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/shared/*"}]}`, "999999999999"},
	{"not a resource", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/x"}]}`, "999999999999"},
	{"objects by the bucket's name", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b"}]}`, ""},

	// Conditions that confine.
	{"our organisation", allow(when("StringEquals", "aws:PrincipalOrgID", `"o-ours"`)), ""},
	{"our organisation, other case", allow(when("stringequals", "AWS:principalorgid", `["o-ours"]`)), ""},
	{"our organisation, alike", allow(when("StringLike", "aws:PrincipalOrgID", `"o-ours"`)), ""},
	{"our organisation's unit", allow(when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", `"o-ours/r-ab12/ou-ab12-1/*"`)), ""},
	{"the resource's organisation", allow(when("StringEquals", "aws:PrincipalOrgID", `"${aws:ResourceOrgID}"`)), ""},
	{"another organisation", allow(when("StringEquals", "aws:PrincipalOrgID", `"o-other"`)), "open"},
	{"ours or another organisation", allow(when("StringEquals", "aws:PrincipalOrgID", `["o-ours","o-other"]`)), "open"},
	{"any organisation", allow(when("StringLike", "aws:PrincipalOrgID", `"o-*"`)), "*"},
	{"a stem of ours", allow(when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", `"o-our*"`)), "*"},
	{"no organisation", allow(when("StringEquals", "aws:PrincipalOrgID", `[]`)), "*"},
	{"our organisation if there is one", allow(when("StringEqualsIfExists", "aws:PrincipalOrgID", `"o-ours"`)), "*"},
	{"every path if there is one", allow(when("ForAllValues:StringLike", "aws:PrincipalOrgPaths", `"o-ours/*"`)), "*"},
	{"every path, and there is one", allow(`,"Condition":{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-ours/*"},"Null":{"aws:PrincipalOrgPaths":false}}`), ""},
	{"everybody else", allow(when("StringNotEquals", "aws:PrincipalOrgID", `"o-ours"`)), "*"},
	{"the resource's place", allow(when("StringEquals", "aws:ResourceOrgID", `"o-ours"`)), "*"},
	{"the resource's account", allow(when("StringEquals", "aws:ResourceAccount", `"111111111111"`)), "*"},
	{"source organisation", allow(when("StringEquals", "aws:SourceOrgID", `"o-ours"`)), ""},
	{"another account of ours", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:GetObject","Resource":"*"` + when("StringEquals", "aws:PrincipalOrgID", `"o-ours"`) + `}]}`, ""},
	{"a stranger of our organisation if he has one", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:GetObject","Resource":"*"` + when("StringEqualsIfExists", "aws:PrincipalOrgID", `"o-ours"`) + `}]}`, "999999999999"},

	{"account list", allow(when("StringEquals", "aws:PrincipalAccount", `["111111111111","999999999999"]`)), "111111111111 999999999999"},
	{"account as a bare number", allow(when("StringEquals", "aws:PrincipalAccount", `999999999999`)), "999999999999"},
	{"account pattern", allow(when("StringLike", "aws:PrincipalAccount", `"1111*"`)), "*"},
	{"own account by variable", allow(when("StringEquals", "aws:PrincipalAccount", `"${aws:ResourceAccount}"`)), ""},
	{"source account", allow(when("StringEquals", "aws:SourceAccount", `"111111111111"`)), "111111111111"},
	{"source owner", allow(when("StringEquals", "AWS:SourceOwner", `"111111111111"`)), "111111111111"},
	{"access points of the account", allow(when("StringEquals", "s3:DataAccessPointAccount", `"111111111111"`)), "111111111111"},
	{"role", allow(when("ArnLike", "aws:PrincipalArn", `"arn:aws:iam::999999999999:role/x*"`)), "999999999999"},
	{"role of any account", allow(when("ArnLike", "aws:PrincipalArn", `"arn:aws:iam::*:role/x"`)), "*"},
	{"anything's name", allow(when("StringLike", "aws:PrincipalArn", `"*"`)), "*"},
	{"source topic", allow(when("ArnEquals", "aws:SourceArn", `"arn:aws:sns:eu-west-1:111111111111:t"`)), "111111111111"},
	{"source bucket, whose owner is not told", allow(when("ArnLike", "aws:SourceArn", `"arn:aws:s3:::b"`)), "open"},
	{"any source bucket", allow(when("ArnLike", "aws:SourceArn", `"arn:aws:s3:::*"`)), "*"},
	{"VPC endpoint", allow(when("StringEquals", "aws:SourceVpce", `"vpce-1"`)), "open"},
	{"any VPC endpoint", allow(when("StringLike", "aws:SourceVpce", `"*"`)), "*"},
	{"VPC endpoint and account", allow(`,"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1","aws:PrincipalAccount":"111111111111"}}`), "111111111111"},
	{"address", allow(when("IpAddress", "aws:SourceIp", `["203.0.113.0/24","2001:db8::/48","198.51.100.7"]`)), "open"},
	{"every address", allow(when("IpAddress", "aws:SourceIp", `["203.0.113.0/24","0.0.0.0/0"]`)), "*"},
	{"half of all addresses", allow(when("IpAddress", "aws:SourceIp", `"128.0.0.0/1"`)), "*"},
	{"not one address", allow(when("NotIpAddress", "aws:SourceIp", `"203.0.113.0/24"`)), "*"},
	{"encrypted transport", allow(when("Bool", "aws:SecureTransport", `true`)), "*"},
	{"AWS's services", allow(when("Bool", "aws:PrincipalIsAWSService", `"true"`)), ""},
	{"a tag that anybody can set", allow(when("StringEquals", "aws:PrincipalTag/team", `"a"`)), "*"},
	{"a key that is not known", allow(when("StringEquals", "aws:Something", `"o-ours"`)), "*"},
	{"two that contradict", allow(`,"Condition":{"StringEquals":{"aws:PrincipalAccount":"999999999999"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/*"}}`), ""},
	{"two conditions, one confines", allow(`,"Condition":{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:PrincipalOrgID":"o-ours"}}`), ""},
	{"two conditions, another organisation", allow(`,"Condition":{"StringLike":{"aws:userid":"AROA1:*"},"StringEquals":{"aws:PrincipalOrgID":"o-other"}}`), "open"},
	{"a stranger by VPC", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:GetObject","Resource":"*"` + when("StringEquals", "aws:SourceVpc", `"vpc-1"`) + `}]}`, "999999999999"},
	{"a canonical user of that account", `{"Statement":[{"Effect":"Allow","Principal":{"CanonicalUser":"79a5"},"Action":"s3:GetObject","Resource":"*"` + when("StringEquals", "aws:PrincipalAccount", `"999999999999"`) + `}]}`, "999999999999"},

	// Denials that confine.
	{"denied unless ours", unless(denyAll + `,"Condition":{` + notOurOrg + `}`), ""},
	{"denied unless ours, if there is one", unless(denyAll + `,"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-ours"}}`), ""},
	{"denied unless ours or a service", unless(denyAll + `,"Condition":{` + notOurOrg + `,"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`), ""},
	{"denied unless ours or one account", unless(denyAll + `,"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-ours","aws:PrincipalAccount":"999999999999"}}`), "999999999999"},
	{"denied unless ours or a network", unless(denyAll + `,"Condition":{` + notOurOrg + `,"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), "open"},
	{"denied unless ours or tagged", unless(denyAll + `,"Condition":{` + notOurOrg + `,"StringNotEquals ":{"aws:PrincipalTag/x":"y"}}`), "*"},
	{"denied unless ours or another", unless(denyAll + `,"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":["o-ours","o-other"]}}`), "open"},
	{"denied if ours", unless(denyAll + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-ours"}}`), "*"},
	{"denied unless any path is ours", unless(denyAll + `,"Condition":{"ForAnyValue:StringNotLike":{"aws:PrincipalOrgPaths":"o-ours/*"}}`), "*"},
	{"denied unless encrypted", unless(denyAll + `,"Condition":{"Bool":{"aws:SecureTransport":false}}`), "*"},
	{"denied unless via a service", unless(denyAll + `,"Condition":{` + notOurOrg + `,"Bool":{"aws:ViaAWSService":"false"}}`), "*"},
	{"denied to all", unless(denyAll), ""},
	{"denied to all but one", unless(`"NotPrincipal":{"AWS":["999999999999","111111111111"]},"Action":"s3:*","Resource":"*"`), "111111111111 999999999999"},
	{"denied to one", unless(`"Principal":{"AWS":"999999999999"},"Action":"s3:*","Resource":"*"`), "*"},
	{"denied to one of two", twoRead(`"Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]`), "888888888888"},
	{"denied to a bare account", twoRead(`"Principal":{"AWS":["999999999999","888888888888"]},"Action":"*","Resource":"*"`), ""},
	{"denied to one role of two accounts", twoRead(`"Principal":{"AWS":"arn:aws:iam::999999999999:role/r"},"Action":"s3:*","Resource":"*"`), "888888888888 999999999999"},
	{"denied to one from without", twoRead(`"Principal":{"AWS":"999999999999"},"Action":"s3:*","Resource":"*"` + when("NotIpAddress", "aws:SourceIp", `"192.0.2.0/24"`)), "888888888888 999999999999"},
	{"writing denied to one", twoRead(`"Principal":{"AWS":"999999999999"},"Action":"s3:Put*","Resource":"*"`), "888888888888 999999999999"},
	{"a prefix denied to one", twoRead(`"Principal":{"AWS":"999999999999"},"Action":"s3:*","Resource":"arn:aws:s3:::b/secret/*"`), "888888888888 999999999999"},
	{"listing denied unless ours", unless(`"Principal":"*","Action":"s3:ListBucket","Resource":"*","Condition":{` + notOurOrg + `}`), "*"},
	{"reading denied unless ours, listing not", unless(`"Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{` + notOurOrg + `}`), "*"},
	{"both denied apart", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]},` +
		`{"Effect":"Deny","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b","Condition":{` + notOurOrg + `}},` +
		`{"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*","Condition":{` + notOurOrg + `}}]}`, ""},
	{"a prefix denied unless ours", unless(`"Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/secret/*"],"Condition":{` + notOurOrg + `}`), "*"},
	{"writing denied unless ours", unless(`"Principal":"*","Action":"s3:PutObject","Resource":"*","Condition":{` + notOurOrg + `}`), "*"},
	{"all but a prefix denied", unless(`"Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::b/open/*","Condition":{` + notOurOrg + `}`), "*"},
	{"a denial of another service", unless(`"Principal":"*","Action":"sqs:*","Resource":"*"`), "*"},
}

// told is what grants says, in the words of the table.
func told(policy, service, organization string) string {
	found, open, err := Readers(policy, service, organization)
	if err != nil {
		return "malformed"
	}
	var words []string
	for _, g := range found {
		words = append(words, g.Account)
	}
	slices.Sort(words)
	if len(open) > 0 {
		words = append(words, "open")
	}
	return strings.Join(words, " ")
}

func TestPolicyReceivers(t *testing.T) {
	for _, test := range policyTests {
		t.Run(test.name, func(t *testing.T) {
			if got := told(test.policy, "s3", ourOrg); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Where the organisation was not read, none is known to be ours: what only it confines is open, and never no share.
func TestPolicyWithoutOrganization(t *testing.T) {
	for policy, want := range map[string]string{
		allow(when("StringEquals", "aws:PrincipalOrgID", `"o-ours"`)):               "open",
		allow(when("StringEquals", "aws:PrincipalOrgID", `""`)):                     "open",
		allow(when("StringEquals", "aws:PrincipalOrgID", `"${aws:ResourceOrgID}"`)): "",
		unless(denyAll + `,"Condition":{` + notOurOrg + `}`):                        "open",
		principalIs(`{"AWS":"999999999999"}`):                                       "999999999999",
	} {
		if got := told(policy, "s3", ""); got != want {
			t.Errorf("%s: got %q, want %q", policy, got, want)
		}
	}
}

// Every service that scanners read policies of; an action of a service that the table does not know counts as reading.
func TestPolicyActions(t *testing.T) {
	for action, want := range map[string]string{
		"sqs:ReceiveMessage": "999999999999", "sqs:SendMessage": "", "sns:Subscribe": "999999999999", "sns:Publish": "",
		"kinesis:GetRecords": "999999999999", "kinesis:PutRecord": "", "kinesis:SubscribeToShard": "999999999999",
		"dynamodb:GetItem": "999999999999", "dynamodb:PutItem": "", "dynamodb:ReadDataForReplication": "999999999999",
		"backup:CopyIntoBackupVault": "", "backup:CopyFromBackupVault": "999999999999", "backup:StartRestoreJob": "999999999999",
		"cloudtrail:StartQuery": "999999999999", "s3tables:GetTableData": "999999999999", "s3tables:PutTableData": "",
		"s3vectors:QueryVectors": "999999999999", "s3vectors:PutVectors": "", "s3express:CreateSession": "999999999999",
		"kms:Decrypt": "999999999999", "kms:Encrypt": "", "newservice:Anything": "999999999999",
	} {
		service, _, _ := strings.Cut(action, ":")
		policy := `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"` + action + `","Resource":"*"}]}`
		if got := told(policy, service, ourOrg); got != want {
			t.Errorf("%s: got %q, want %q", action, got, want)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, test := range []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"a*c", "abbc", true}, {"a*c", "abb", false}, {"a?c", "abc", true},
		{"a*", "a*", true}, {"a?", "a*", false}, {"ab*", "a*", false}, {"*b*", "abc", true}, {"a**", "a", true}, {"a[b", "a[b", true},
	} {
		if got := glob(test.pattern, test.s); got != test.want {
			t.Errorf("glob(%q, %q) = %v", test.pattern, test.s, got)
		}
	}
}

// No policy text may crash the reader, and every receiver is an account or everybody.
func FuzzPolicy(f *testing.F) {
	for _, test := range policyTests {
		f.Add(test.policy)
	}
	f.Fuzz(func(t *testing.T, policy string) {
		found, _, err := Readers(policy, "s3", ourOrg)
		if err != nil && found != nil {
			t.Errorf("both shares and an error: %v", found)
		}
		for _, g := range found {
			if g.Account != "*" && !accountPattern.MatchString(g.Account) {
				t.Errorf("a receiver that is no account: %q", g.Account)
			}
		}
	})
}
