package scanners_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, in Route 53's wire form from the SDK's own deserialisers, except where a test names a folder of
// testdata/placebo: those AWS gave.

const zoneRegion = "us-east-1" // where the service answers

func dnsXML(operation, body string) string {
	return "<" + operation + "Response>" + body + "</" + operation + "Response>"
}

func dnsZone(id, name string, private bool) string {
	return fmt.Sprintf("<HostedZone><Id>/hostedzone/%s</Id><Name>%s</Name><CallerReference>r</CallerReference><Config><PrivateZone>%v</PrivateZone></Config></HostedZone>", id, name, private)
}

func queryLog(zone, group string) string {
	return "<QueryLoggingConfig><Id>q-" + zone + "</Id><HostedZoneId>" + zone + "</HostedZoneId><CloudWatchLogsLogGroupArn>" + group + "</CloudWatchLogsLogGroupArn></QueryLoggingConfig>"
}

func zoneTags(ids ...string) (xml string) {
	for _, id := range ids {
		xml += "<ResourceTagSet><ResourceType>hostedzone</ResourceType><ResourceId>" + id + "</ResourceId><Tags><Tag><Key>of</Key><Value>" + id + "</Value></Tag></Tags></ResourceTagSet>"
	}
	return dnsXML("ListTagsForResources", "<ResourceTagSets>"+xml+"</ResourceTagSets>")
}

// hostedZones is an account with a public zone ZA, logged or not, and a private one ZB on a second page.
func hostedZones(logs string) aws {
	a := account("eu-west-1", "us-east-1")
	a.on(zoneRegion, "route53", "ListHostedZones", "{}", dnsXML("ListHostedZones", "<HostedZones>"+dnsZone("ZA", "example.com.", false)+"</HostedZones><IsTruncated>true</IsTruncated><NextMarker>ZB</NextMarker><MaxItems>1</MaxItems>"))
	a.on(zoneRegion, "route53", "ListHostedZones", `{"Marker":"ZB"}`, dnsXML("ListHostedZones", "<HostedZones>"+dnsZone("ZB", "internal.", true)+"</HostedZones><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems>"))
	a.on(zoneRegion, "route53", "ListQueryLoggingConfigs", "{}", dnsXML("ListQueryLoggingConfigs", "<QueryLoggingConfigs/><NextToken>t</NextToken>"))
	a.on(zoneRegion, "route53", "ListQueryLoggingConfigs", `{"NextToken":"t"}`, dnsXML("ListQueryLoggingConfigs", "<QueryLoggingConfigs>"+logs+"</QueryLoggingConfigs>"))
	a.on(zoneRegion, "route53", "ListTagsForResources", `{"ResourceType":"hostedzone","ResourceIds":["ZA"]}`, zoneTags("ZA"))
	return a.on(zoneRegion, "route53", "ListTagsForResources", `{"ResourceType":"hostedzone","ResourceIds":["ZB"]}`, zoneTags("ZB"))
}

func groupIn(region string) string {
	return "arn:aws:logs:" + region + ":111111111111:log-group:/aws/route53/example.com"
}

func TestHostedZones(t *testing.T) {
	f := scan(t, "route53", hostedZones(queryLog("ZA", groupIn("us-east-1")+":*")))
	f.noGaps(t)
	zone := func(id, name string, private bool, p []residency.Placement) residency.Resource {
		return residency.Resource{ID: "arn:aws:route53:::hostedzone/" + id, Kind: "route53.hosted_zone", Account: ownAccount, Name: name,
			Tags: map[string]string{"of": id}, Placements: p, Facts: map[string]any{"private": private}}
	}
	want := []residency.Resource{
		zone("ZA", "example.com.", false, []residency.Placement{{Role: residency.Log, Region: "us-east-1", Account: ownAccount, Target: groupIn("us-east-1"), Via: "query logging configuration"}}),
		zone("ZB", "internal.", true, []residency.Placement{}),
	}
	if diff := cmp.Diff(want, f.resources); diff != "" {
		t.Error(diff)
	}
}

// A list that fails takes neither of the other two with it.
func TestHostedZonesDenied(t *testing.T) {
	for operation, check := range map[string]func(t *testing.T, f found){
		"ListHostedZones": func(t *testing.T, f found) {
			if r := f.resource(t, "arn:aws:route53:::hostedzone/ZA"); len(f.resources) != 1 || len(r.Placements) != 1 || r.Tags["of"] != "ZA" {
				t.Errorf("%+v", f.resources)
			}
		},
		"ListQueryLoggingConfigs": func(t *testing.T, f found) {
			if r := f.resource(t, "arn:aws:route53:::hostedzone/ZA"); r.Placements != nil {
				t.Errorf("%+v: not read", r)
			}
			if r := f.resource(t, "arn:aws:route53:::hostedzone/ZB"); r.Placements == nil {
				t.Errorf("%+v: a private zone has no query log here", r)
			}
		},
		"ListTagsForResources": func(t *testing.T, f found) {
			if r := f.resource(t, "arn:aws:route53:::hostedzone/ZA"); r.Tags != nil || len(r.Placements) != 1 {
				t.Errorf("%+v", r)
			}
		},
	} {
		a := hostedZones(queryLog("ZA", groupIn("us-east-1")))
		key := "111111111111/us-east-1/route53/" + operation
		a[key] = nil
		a.fail(zoneRegion, "route53", operation, "", 403, queryDenied)
		f := scan(t, "route53", a)
		want := []string{operation + " denied"}
		if operation == "ListTagsForResources" {
			want = []string{operation + " denied arn:aws:route53:::hostedzone/ZA", operation + " denied arn:aws:route53:::hostedzone/ZB"}
		}
		if diff := cmp.Diff(want, f.gaps()); diff != "" {
			t.Errorf("%s: %s", operation, diff)
		}
		check(t, f)
	}
}

func TestHostedZonesCutWithoutMarker(t *testing.T) {
	a := hostedZones("")
	a["111111111111/us-east-1/route53/ListHostedZones"] = nil
	a.on(zoneRegion, "route53", "ListHostedZones", "", dnsXML("ListHostedZones", "<HostedZones>"+dnsZone("ZA", "example.com.", false)+"</HostedZones><IsTruncated>true</IsTruncated>"))
	f := scan(t, "route53", a)
	if !slices.Equal(f.gaps(), []string{"ListHostedZones malformed"}) || len(f.resources) != 1 {
		t.Error(f.gaps(), f.ids())
	}
}

func TestHostedZonesRecorded(t *testing.T) {
	const folder = "test_route53_filter_query_logging"
	item := func(list string) string { return strings.TrimSuffix(list, "s") }
	a := account("us-east-1")
	for _, operation := range []string{"ListHostedZones", "ListQueryLoggingConfigs", "ListTagsForResources"} {
		a.on(zoneRegion, "route53", operation, "", dnsXML(operation, recordedXML(t, folder, "route53."+operation+"_1", item)))
	}
	f := scan(t, "route53", a)
	f.noGaps(t)
	logged := f.resource(t, "arn:aws:route53:::hostedzone/Z0423603VKO3K9HA5YQD")
	want := residency.Placement{Role: residency.Log, Region: "us-east-1", Account: "644160558196",
		Target: "arn:aws:logs:us-east-1:644160558196:log-group:/aws/route53/custodian.io", Via: "query logging configuration"}
	if !slices.Equal(logged.Placements, []residency.Placement{want}) || logged.Tags == nil || len(logged.Tags) != 0 {
		t.Errorf("%+v", logged)
	}
	private := f.resource(t, "arn:aws:route53:::hostedzone/Z10481101M6AKWLAEHU70")
	if private.Tags["DomainName"] != "vpc.internal" || len(private.Placements) != 0 || private.Facts["private"] != true {
		t.Errorf("%+v", private)
	}
}
