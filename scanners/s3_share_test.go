package scanners_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	everybodyReads   = `{"Statement":[{"Sid":"all","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme/*"}]}`
	rangeReads       = `{"Statement":[{"Sid":"net","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}`
	everybodyWrites  = `{"Statement":[{"Sid":"box","Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::acme/*"}]}`
	vendorAndWriters = `{"Statement":[{"Sid":"box","Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::acme/*"},` +
		`{"Sid":"vendor","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"s3:GetObject","Resource":"*"}]}`
	vendorReads   = `{"Statement":[{"Sid":"vendor","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"s3:GetObject","Resource":"*"}]}`
	restricts     = `<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets><IgnorePublicAcls>true</IgnorePublicAcls></PublicAccessBlockConfiguration>`
	allows        = `<PublicAccessBlockConfiguration><RestrictPublicBuckets>false</RestrictPublicBuckets><IgnorePublicAcls>false</IgnorePublicAcls></PublicAccessBlockConfiguration>`
	noBlock       = `<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code><Message>none</Message></Error></ErrorResponse>`
	deniedControl = `<ErrorResponse><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error></ErrorResponse>`
)

// Public is what AWS calls public and no block closes, the bucket's or the account's.
func TestS3Public(t *testing.T) {
	block := func(status int, body string) func(aws) {
		return func(a aws) { a.answer(ownAccount, "us-east-1", "s3control", "GetPublicAccessBlock", "", status, body) }
	}
	bucketBlock := func(body string) func(aws) { return func(a aws) { a.setS3("GetPublicAccessBlock", body) } }
	policy := func(text string, public bool) func(aws) { return func(a aws) { a.policyS3(text, public) } }
	acl := func(grants string) func(aws) { return func(a aws) { a.setS3("GetBucketAcl", ownerACL(grants)) } }
	group := func(name, permission string) string {
		return aclGrant(`<URI>http://acs.amazonaws.com/groups/`+name+`</URI>`, "Group", permission)
	}
	denied := func(operation string) func(aws) {
		return func(a aws) {
			a["111111111111/any/s3/"+operation] = nil
			a.fail("any", "s3", operation, "", 403, deniedXML)
		}
	}
	for _, test := range []struct {
		name   string
		set    []func(aws)
		shares []string // account and via
		gaps   []string
	}{
		{"public", []func(aws){policy(everybodyReads, true), block(404, noBlock)}, []string{"* policy statement all"}, nil},
		{"bucket_block_restricts", []func(aws){policy(everybodyReads, true), bucketBlock(restricts)}, nil, nil},
		{"account_block_restricts", []func(aws){policy(everybodyReads, true), bucketBlock(allows), block(200, restricts)}, nil, nil},
		{"account_block_allows", []func(aws){policy(everybodyReads, true), bucketBlock(allows), block(200, allows)}, []string{"* policy statement all"}, nil},
		{"account_block_denied", []func(aws){policy(everybodyReads, true), block(403, deniedControl)}, nil, []string{"GetPublicAccessBlock denied " + acme}},
		{"bucket_block_denied", []func(aws){policy(everybodyReads, true), denied("GetPublicAccessBlock"), block(404, noBlock)}, nil, []string{"GetPublicAccessBlock denied " + acme}},
		{"bucket_block_denied_account_restricts", []func(aws){policy(everybodyReads, true), denied("GetPublicAccessBlock"), block(200, restricts)}, nil, []string{"GetPublicAccessBlock denied " + acme}},
		{"public_by_status_alone", []func(aws){policy(vendorReads, true), block(404, noBlock)}, []string{"999999999999 policy statement vendor", "* public by policy status"}, nil},
		{"public_to_write", []func(aws){policy(everybodyWrites, true), block(404, noBlock)}, nil, nil},
		{"public_to_write_and_a_vendor_reads", []func(aws){policy(vendorAndWriters, true), block(404, noBlock)}, []string{"999999999999 policy statement vendor"}, nil},
		{"public_to_write_and_to_say_who_reads", []func(aws){policy(strings.Replace(everybodyWrites, `"s3:PutObject"`, `["s3:PutObject","s3:PutObjectAcl"]`, 1), true), block(404, noBlock)},
			[]string{"* public by policy status"}, nil},
		{"restricted_public_policy_shuts_out_all", []func(aws){policy(vendorReads, true), bucketBlock(restricts)}, nil, nil},
		{"conditions_that_aws_trusts", []func(aws){policy(rangeReads, false)}, nil, []string{"GetBucketPolicy unresolved " + acme}},
		{"vendor", []func(aws){policy(vendorReads, false), bucketBlock(restricts)}, []string{"999999999999 policy statement vendor"}, nil},
		{"status_denied", []func(aws){policy(vendorReads, false), denied("GetBucketPolicyStatus")}, []string{"999999999999 policy statement vendor"}, []string{"GetBucketPolicyStatus denied " + acme}},
		{"status_without_a_word", []func(aws){policy(everybodyReads, true), func(a aws) {
			// an endpoint that does not know the operation lists the bucket instead
			a["111111111111/any/s3/GetBucketPolicyStatus"] = nil
			a.setS3("GetBucketPolicyStatus", `<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`)
		}, block(404, noBlock)}, []string{"* policy statement all"}, []string{"GetBucketPolicyStatus unresolved " + acme}},
		{"not_a_policy", []func(aws){policy("{", false)}, nil, []string{"GetBucketPolicy malformed " + acme}},
		{"acl_public", []func(aws){acl(group("global/AllUsers", "READ") + group("global/AuthenticatedUsers", "FULL_CONTROL")), block(404, noBlock)},
			[]string{"* ACL grant to AllUsers", "* ACL grant to AuthenticatedUsers"}, nil},
		{"acl_write_only", []func(aws){acl(group("global/AllUsers", "WRITE") + group("s3/LogDelivery", "READ"))}, nil, nil},
		{"acl_ignored", []func(aws){acl(group("global/AllUsers", "READ")), bucketBlock(restricts)}, nil, nil},
		{"acl_stranger", []func(aws){acl(aclGrant("<ID>somebody</ID>", "CanonicalUser", "READ"))}, nil, []string{"GetBucketAcl unresolved " + acme}},
		{"acl_log_delivery", []func(aws){acl(aclGrant("<ID>c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0</ID>", "CanonicalUser", "FULL_CONTROL"))}, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := s3Estate(irelandOnly, "acme=eu-west-1")
			for _, set := range test.set {
				set(a)
			}
			f := scan(t, "s3", a)
			var shares []string
			for _, p := range f.resource(t, acme).Placements[1:] {
				if p.Role != residency.Primary || p.Region != "eu-west-1" || p.Target != "" {
					t.Errorf("no share: %+v", p)
				}
				shares = append(shares, p.Account+" "+p.Via)
			}
			if diff := cmp.Diff(test.shares, shares); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.gaps, f.gaps()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The account's block is asked once, and only if something looks public.
func TestS3AccountBlockOnce(t *testing.T) {
	for _, public := range []bool{false, true} {
		a := s3Estate(irelandOnly, "acme=eu-west-1", "b=eu-west-1", "c=eu-west-1")
		if public {
			for _, name := range []string{"acme", "b", "c"} {
				a.on("any", "s3", "GetBucketPolicy", `{"Bucket":"`+name+`"}`, everybodyReads)
				a.on("any", "s3", "GetBucketPolicyStatus", `{"Bucket":"`+name+`"}`, `<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>`)
			}
		}
		a.answer(ownAccount, "us-east-1", "s3control", "GetPublicAccessBlock", "", 200, restricts)
		asked := make(chan struct{}, 10)
		scanWith(t, replay.Open(a.files(t)).Edit(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
			if c.Service == "s3control" {
				asked <- struct{}{}
			}
			return a, nil
		}), "s3")
		if want := map[bool]int{true: 1}[public]; len(asked) != want {
			t.Errorf("public %v: asked %d times, want %d", public, len(asked), want)
		}
	}
}

const (
	expressBucket = "acme--euw1-az1--x-s3"
	expressARN    = "arn:aws:s3express:eu-west-1:111111111111:bucket/" + expressBucket
)

// directoryEstate has one directory bucket in a region, found on the second page. Answers by hand, from the SDK's own types.
func directoryEstate(region, zone string) aws {
	a := s3Estate([]string{"eu-west-1", "us-east-1"})
	page := func(name, token string) string {
		return `<ListAllMyDirectoryBucketsResult><Buckets><Bucket><Name>` + name + `</Name></Bucket></Buckets>` + token + `</ListAllMyDirectoryBucketsResult>`
	}
	a.on("eu-west-1", "s3", "ListDirectoryBuckets", "{}", page("general", "<ContinuationToken>t</ContinuationToken>"))
	a.on("eu-west-1", "s3", "ListDirectoryBuckets", `{"ContinuationToken":"t"}`, page(expressBucket, ""))
	a.on("eu-west-1", "ec2", "DescribeAvailabilityZones", `{"AllAvailabilityZones":true}`,
		`<DescribeAvailabilityZonesResponse><availabilityZoneInfo><item><zoneId>`+zone+`</zoneId><zoneName>eu-west-1a</zoneName><regionName>`+region+`</regionName></item></availabilityZoneInfo></DescribeAvailabilityZonesResponse>`)
	a.on("eu-west-1", "s3control", "ListTagsForResource", "", `<ListTagsForResourceResult><Tags><Tag><Key>k</Key><Value>v</Value></Tag></Tags></ListTagsForResourceResult>`)
	return a
}

func TestS3DirectoryBucket(t *testing.T) {
	a := directoryEstate("eu-west-1", "euw1-az1")
	a.on("eu-west-1", "s3", "GetBucketPolicy", `{"Bucket":"`+expressBucket+`"}`,
		`{"Statement":[{"Sid":"v","Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3express:CreateSession"},{"Effect":"Allow","Principal":"*","Action":"s3express:CreateSession"}]}`)
	f := scan(t, "s3", a)
	f.noGaps(t)
	want := []residency.Resource{{ID: expressARN, Kind: "s3.directory_bucket", Account: ownAccount, Region: "eu-west-1", Name: expressBucket,
		Tags: map[string]string{"k": "v"}, Facts: map[string]any{"zone": "euw1-az1"}, Placements: []residency.Placement{
			{Role: residency.Primary, Region: "eu-west-1"},
			{Role: residency.Primary, Region: "eu-west-1", Account: "999999999999", Via: "policy statement v"}}}}
	if diff := cmp.Diff(want, f.resources); diff != "" {
		t.Error(diff)
	}
	if got := scan(t, "s3", directoryEstate("eu-west-1", "euw1-az2")).gaps(); !slices.Equal(got, []string{"DescribeAvailabilityZones unresolved " + expressARN}) {
		t.Errorf("unknown zone: %v", got)
	}
}
