package scanners_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, in the query protocol's wire form from the SDK's own deserialisers, except where a test names a folder of
// testdata/placebo: those AWS gave.

const queryDenied = `<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform</Message></Error></ErrorResponse>`

func queryXML(operation, body string) string {
	return "<" + operation + "Response><" + operation + "Result>" + body + "</" + operation + "Result></" + operation + "Response>"
}

// recordedXML is a recorded answer in XML: members in the order of their names, list items as item says, dates left out.
func recordedXML(t *testing.T, folder, file string, item func(list string) string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/placebo/" + folder + "/" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Data map[string]any }
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	delete(answer.Data, "ResponseMetadata")
	var write func(name string, v any) string
	write = func(name string, v any) string {
		switch v := v.(type) {
		case map[string]any:
			if v["__class__"] == "datetime" {
				return ""
			}
			inner := ""
			for _, k := range slices.Sorted(maps.Keys(v)) {
				inner += write(k, v[k])
			}
			return "<" + name + ">" + inner + "</" + name + ">"
		case []any:
			inner := ""
			for _, e := range v {
				inner += write(item(name), e)
			}
			return "<" + name + ">" + inner + "</" + name + ">"
		}
		return fmt.Sprintf("<%s>%v</%s>", name, v, name)
	}
	inner := ""
	for _, k := range slices.Sorted(maps.Keys(answer.Data)) {
		inner += write(k, answer.Data[k])
	}
	return inner
}

func balancerARN(region, name string) string {
	return "arn:aws:elasticloadbalancing:" + region + ":111111111111:loadbalancer/app/" + name + "/0"
}

// balancers is an account with these application load balancers in region, all with the same attributes.
func balancers(region, attributes string, names ...string) aws {
	list, tags := "", ""
	for _, n := range names {
		list += "<member><LoadBalancerArn>" + balancerARN(region, n) + "</LoadBalancerArn><LoadBalancerName>" + n + "</LoadBalancerName><Type>application</Type><Scheme>internal</Scheme></member>"
		tags += "<member><ResourceArn>" + balancerARN(region, n) + "</ResourceArn><Tags><member><Key>zone</Key><Value>" + n + "</Value></member></Tags></member>"
	}
	a := account(region).on(region, "elasticloadbalancingv2", "DescribeLoadBalancers", "{}", queryXML("DescribeLoadBalancers", "<LoadBalancers>"+list+"</LoadBalancers>"))
	a.on(region, "elasticloadbalancingv2", "DescribeTags", "", queryXML("DescribeTags", "<TagDescriptions>"+tags+"</TagDescriptions>"))
	return a.on(region, "elasticloadbalancingv2", "DescribeLoadBalancerAttributes", "", queryXML("DescribeLoadBalancerAttributes", "<Attributes>"+attributes+"</Attributes>"))
}

// attributes writes pairs of key and value.
func attributes(pairs ...string) (xml string) {
	for i := 0; i < len(pairs); i += 2 {
		xml += "<member><Key>" + pairs[i] + "</Key><Value>" + pairs[i+1] + "</Value></member>"
	}
	return xml
}

func TestLoadBalancerLogs(t *testing.T) {
	for _, c := range []struct {
		name, attributes string
		want             []residency.Placement
	}{
		{"off", attributes("access_logs.s3.enabled", "false", "access_logs.s3.bucket", ""), []residency.Placement{}},
		{"gateway", attributes("load_balancing.cross_zone.enabled", "true"), []residency.Placement{}},
		{"access", attributes("access_logs.s3.enabled", "true", "access_logs.s3.bucket", "logs", "access_logs.s3.prefix", "p"),
			[]residency.Placement{{Role: residency.Log, Region: "eu-west-1", Target: "arn:aws:s3:::logs", Via: "access_logs"}}},
		{"connections and health", attributes("connection_logs.s3.enabled", "true", "connection_logs.s3.bucket", "logs", "health_check_logs.s3.enabled", "true", "health_check_logs.s3.bucket", "logs"),
			[]residency.Placement{{Role: residency.Log, Region: "eu-west-1", Target: "arn:aws:s3:::logs", Via: "connection_logs"},
				{Role: residency.Metadata, Region: "eu-west-1", Target: "arn:aws:s3:::logs", Via: "health_check_logs"}}},
		{"turned off", attributes("access_logs.s3.enabled", "false", "access_logs.s3.bucket", "logs"),
			[]residency.Placement{{Role: residency.Capability, Region: "eu-west-1", Target: "arn:aws:s3:::logs", Via: "access_logs (disabled): logs written before may remain"}}},
		{"without a bucket", attributes("access_logs.s3.enabled", "true"), []residency.Placement{{Role: residency.Log, Via: "access_logs"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := scan(t, "elasticloadbalancingv2", headBucketIn(balancers("eu-west-1", c.attributes, "a"), "eu-west-1"))
			f.noGaps(t)
			want := residency.Resource{ID: balancerARN("eu-west-1", "a"), Kind: "elasticloadbalancingv2.load_balancer", Account: ownAccount, Region: "eu-west-1",
				Name: "a", Tags: map[string]string{"zone": "a"}, Placements: c.want, Facts: map[string]any{"type": "application", "scheme": "internal"}}
			if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadBalancerPages(t *testing.T) {
	var names []string
	for i := range 21 { // one more than DescribeTags takes
		names = append(names, fmt.Sprintf("b%02d", i))
	}
	a := balancers("eu-west-1", "", names...)
	a["111111111111/eu-west-1/elasticloadbalancingv2/DescribeLoadBalancers"][0].Input = map[string]any{"Marker": "m"}
	a.on("eu-west-1", "elasticloadbalancingv2", "DescribeLoadBalancers", "{}", queryXML("DescribeLoadBalancers", "<LoadBalancers/><NextMarker>m</NextMarker>"))
	whole := a["111111111111/eu-west-1/elasticloadbalancingv2/DescribeTags"][0]
	whole.Input = map[string]any{"ResourceArns": []any{balancerARN("eu-west-1", "b20")}}
	a["111111111111/eu-west-1/elasticloadbalancingv2/DescribeTags"] = append(a["111111111111/eu-west-1/elasticloadbalancingv2/DescribeTags"], whole)
	f := scan(t, "elasticloadbalancingv2", a)
	f.noGaps(t)
	if len(f.resources) != 21 || f.resources[20].Tags["zone"] != "b20" {
		t.Errorf("%d resources: %v", len(f.resources), f.ids())
	}
}

func TestLoadBalancerDetailsDenied(t *testing.T) {
	for _, service := range []string{"elasticloadbalancing", "elasticloadbalancingv2"} {
		id, base := balancerARN("eu-west-1", "a"), balancers("eu-west-1", "", "a")
		if service == "elasticloadbalancing" {
			id, base = classicID, classic("eu-west-1", "")
		}
		for _, operation := range []string{"DescribeTags", "DescribeLoadBalancerAttributes"} {
			delete(base, "111111111111/eu-west-1/"+service+"/"+operation)
			base.fail("eu-west-1", service, operation, "", 403, queryDenied)
		}
		f := scan(t, service, base)
		if diff := cmp.Diff([]string{"DescribeLoadBalancerAttributes denied " + id, "DescribeTags denied " + id}, f.gaps()); diff != "" {
			t.Error(diff)
		}
		if r := f.resource(t, id); r.Tags != nil || r.Placements != nil {
			t.Errorf("%+v: neither was read", r)
		}
	}
}

func TestLoadBalancerTagsLeftOut(t *testing.T) {
	a := balancers("eu-west-1", "", "a")
	a["111111111111/eu-west-1/elasticloadbalancingv2/DescribeTags"] = nil
	a.on("eu-west-1", "elasticloadbalancingv2", "DescribeTags", "", queryXML("DescribeTags", "<TagDescriptions/>"))
	if got := scan(t, "elasticloadbalancingv2", a).gaps(); !slices.Equal(got, []string{"DescribeTags malformed " + balancerARN("eu-west-1", "a")}) {
		t.Error(got)
	}
}

const classicID = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/old"

func classic(region, log string) aws {
	a := account(region).on(region, "elasticloadbalancing", "DescribeLoadBalancers", "{}", queryXML("DescribeLoadBalancers", "<LoadBalancerDescriptions/><NextMarker>m</NextMarker>"))
	a.on(region, "elasticloadbalancing", "DescribeLoadBalancers", `{"Marker":"m"}`, queryXML("DescribeLoadBalancers",
		"<LoadBalancerDescriptions><member><LoadBalancerName>old</LoadBalancerName></member></LoadBalancerDescriptions>"))
	a.on(region, "elasticloadbalancing", "DescribeTags", `{"LoadBalancerNames":["old"]}`, queryXML("DescribeTags",
		"<TagDescriptions><member><LoadBalancerName>old</LoadBalancerName><Tags/></member></TagDescriptions>"))
	return a.on(region, "elasticloadbalancing", "DescribeLoadBalancerAttributes", `{"LoadBalancerName":"old"}`, queryXML("DescribeLoadBalancerAttributes",
		"<LoadBalancerAttributes>"+log+"</LoadBalancerAttributes>"))
}

func TestClassicLoadBalancer(t *testing.T) {
	for log, want := range map[string][]residency.Placement{
		"": {},
		"<AccessLog><Enabled>false</Enabled></AccessLog>": {},
		"<AccessLog><Enabled>true</Enabled><S3BucketName>logs</S3BucketName></AccessLog>": {
			{Role: residency.Log, Region: "eu-west-1", Target: "arn:aws:s3:::logs", Via: "AccessLog"}},
		"<AccessLog><Enabled>false</Enabled><S3BucketName>logs</S3BucketName></AccessLog>": {
			{Role: residency.Capability, Region: "eu-west-1", Target: "arn:aws:s3:::logs", Via: "AccessLog (disabled): logs written before may remain"}},
	} {
		f := scan(t, "elasticloadbalancing", headBucketIn(classic("eu-west-1", log), "eu-west-1"))
		f.noGaps(t)
		r := f.resource(t, classicID)
		if diff := cmp.Diff(want, r.Placements); diff != "" || r.Tags == nil || r.Name != "old" {
			t.Errorf("%s: %+v %s", log, r, diff)
		}
	}
}

func TestClassicLoadBalancerRecorded(t *testing.T) {
	const folder = "test_elb_is_logging_filter"
	item := func(string) string { return "member" }
	a := account("us-east-1").on("us-east-1", "elasticloadbalancing", "DescribeLoadBalancers", "", queryXML("DescribeLoadBalancers", recordedXML(t, folder, "elasticloadbalancing.DescribeLoadBalancers_1", item)))
	a.on("us-east-1", "elasticloadbalancing", "DescribeLoadBalancerAttributes", "", queryXML("DescribeLoadBalancerAttributes", recordedXML(t, folder, "elasticloadbalancing.DescribeLoadBalancerAttributes_1", item)))
	a.on("us-east-1", "elasticloadbalancing", "DescribeTags", "", queryXML("DescribeTags", "<TagDescriptions><member><LoadBalancerName>elb1</LoadBalancerName></member></TagDescriptions>"))
	f := scan(t, "elasticloadbalancing", headBucketIn(a, "us-east-1"))
	f.noGaps(t)
	want := residency.Placement{Role: residency.Log, Region: "us-east-1", Target: "arn:aws:s3:::elbv2logtest", Via: "AccessLog"}
	if r := f.resource(t, strings.Replace(classicID, "eu-west-1:111111111111:loadbalancer/old", "us-east-1:111111111111:loadbalancer/elb1", 1)); !slices.Equal(r.Placements, []residency.Placement{want}) {
		t.Errorf("%+v", r)
	}
}
