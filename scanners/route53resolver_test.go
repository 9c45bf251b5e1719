package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types.

func queryConfigID(region string) string {
	return "arn:aws:route53resolver:" + region + ":111111111111:resolver-query-log-config/rqlc-1"
}

// queryConfigs is an account with one configuration of owner and the network vpc-1 associated with it, each on a second page.
func queryConfigs(region, owner, share, destination string) aws {
	a := account(region)
	a.on(region, "route53resolver", "ListResolverQueryLogConfigs", "{}", `{"ResolverQueryLogConfigs":[],"NextToken":"t"}`)
	a.on(region, "route53resolver", "ListResolverQueryLogConfigs", `{"NextToken":"t"}`, `{"ResolverQueryLogConfigs":[{"Id":"rqlc-1","OwnerId":"`+owner+`","Status":"CREATED","ShareStatus":"`+share+
		`","AssociationCount":1,"Arn":"arn:aws:route53resolver:`+region+`:`+owner+`:resolver-query-log-config/rqlc-1","Name":"dns","DestinationArn":"`+destination+`"}]}`)
	a.on(region, "route53resolver", "ListResolverQueryLogConfigAssociations", "{}", `{"ResolverQueryLogConfigAssociations":[],"NextToken":"t"}`)
	a.on(region, "route53resolver", "ListResolverQueryLogConfigAssociations", `{"NextToken":"t"}`, `{"ResolverQueryLogConfigAssociations":[{"Id":"rqlca-1","ResolverQueryLogConfigId":"rqlc-1","ResourceId":"vpc-1","Status":"ACTIVE"}]}`)
	a.on(region, "route53resolver", "ListTagsForResource", `{"ResourceArn":"`+queryConfigID(region)+`"}`, `{"Tags":[{"Key":"a","Value":"b"}],"NextToken":"t"}`)
	return a.on(region, "route53resolver", "ListTagsForResource", `{"ResourceArn":"`+queryConfigID(region)+`","NextToken":"t"}`, `{"Tags":[{"Key":"c","Value":"d"}]}`)
}

const queryStream = "arn:aws:firehose:eu-west-1:111111111111:deliverystream/dns"

func TestResolverQueryLogs(t *testing.T) {
	vpc := residency.Source{ID: "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1", Role: residency.Log, Region: "eu-west-1", Account: ownAccount, Via: "association rqlca-1"}
	for _, c := range []struct {
		share  string
		source residency.Source
	}{
		{"NOT_SHARED", vpc},
		{"SHARED_BY_ME", residency.Source{ID: "vpc-1", Role: residency.Log, Region: "eu-west-1", Via: "association rqlca-1"}}, // anybody's network
	} {
		f := scan(t, "route53resolver", queryConfigs("eu-west-1", ownAccount, c.share, queryStream))
		f.noGaps(t)
		want := residency.Resource{ID: queryConfigID("eu-west-1"), Kind: "route53resolver.query_log_config", Account: ownAccount, Region: "eu-west-1", Name: "dns",
			Tags:       map[string]string{"a": "b", "c": "d"},
			Placements: []residency.Placement{{Role: residency.Log, Region: "eu-west-1", Account: ownAccount, Target: queryStream, Via: "DestinationArn of query log configuration dns"}},
			Sources:    []residency.Source{c.source}, Facts: map[string]any{"associations": 1, "share_status": c.share}}
		if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
			t.Error(diff)
		}
	}
}

// What another account owns is not inventoried; what this account's network sends to it is.
func TestResolverSharedConfiguration(t *testing.T) {
	const theirs = "arn:aws:firehose:us-east-1:999999999999:deliverystream/dns"
	f := scan(t, "route53resolver", queryConfigs("eu-west-1", "999999999999", "SHARED_WITH_ME", theirs))
	f.noGaps(t)
	r := f.resource(t, "arn:aws:route53resolver:eu-west-1:111111111111:resolver-query-log-config-association/rqlca-1")
	p := placement(t, r, residency.Log, theirs)
	if len(f.resources) != 1 || r.Account != ownAccount || p.Region != "us-east-1" || p.Account != "999999999999" || len(r.Sources) != 1 {
		t.Errorf("%+v", f.resources)
	}
}

func TestResolverDenied(t *testing.T) {
	for operation, want := range map[string]struct {
		gap      string
		resource string
	}{
		"ListResolverQueryLogConfigs":            {"ListResolverQueryLogConfigs denied", "arn:aws:route53resolver:eu-west-1:111111111111:resolver-query-log-config-association/rqlca-1"},
		"ListResolverQueryLogConfigAssociations": {"ListResolverQueryLogConfigAssociations denied", queryConfigID("eu-west-1")},
		"ListTagsForResource":                    {"ListTagsForResource denied " + queryConfigID("eu-west-1"), queryConfigID("eu-west-1")},
	} {
		a := queryConfigs("eu-west-1", ownAccount, "NOT_SHARED", queryStream)
		a["111111111111/eu-west-1/route53resolver/"+operation] = nil
		f := scan(t, "route53resolver", a.fail("eu-west-1", "route53resolver", operation, "", 400, denied))
		if !slices.Equal(f.gaps(), []string{want.gap}) {
			t.Errorf("%s: %v", operation, f.gaps())
		}
		r := f.resource(t, want.resource)
		if operation == "ListTagsForResource" && r.Tags != nil {
			t.Errorf("%+v: tags were not read", r)
		}
		if operation == "ListResolverQueryLogConfigs" && r.Placements[0].Region != "" {
			t.Errorf("%+v: the destination was not read", r)
		}
	}
}
