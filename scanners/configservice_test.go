package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// Answers by hand, from the SDK's own types, except where a test names a folder of testdata/placebo: those AWS gave.

// recorder is an account in which AWS Config does nothing, in any region; tags are a=b, on a second page.
func recorder(regions ...string) aws {
	a := account(regions...).on("any", "configservice", "DescribeDeliveryChannels", "", `{"DeliveryChannels":[]}`)
	a.on("any", "configservice", "DescribeConfigurationAggregators", "", `{"ConfigurationAggregators":[]}`)
	a.on("any", "configservice", "DescribeAggregationAuthorizations", "", `{"AggregationAuthorizations":[]}`)
	return a.on("any", "configservice", "ListTagsForResource", "", `{"Tags":[{"Key":"a","Value":"b"}]}`)
}

func aggregatorID(region string) string {
	return "arn:aws:config:" + region + ":111111111111:config-aggregator/config-aggregator-1"
}

// aggregates adds an aggregator on a second page.
func (a aws) aggregates(region, sources string) aws {
	a.on(region, "configservice", "DescribeConfigurationAggregators", "{}", `{"ConfigurationAggregators":[],"NextToken":"t"}`)
	return a.on(region, "configservice", "DescribeConfigurationAggregators", `{"NextToken":"t"}`,
		`{"ConfigurationAggregators":[{"ConfigurationAggregatorName":"all","ConfigurationAggregatorArn":"`+aggregatorID(region)+`",`+sources+`}]}`)
}

func authorizationID(to string) string {
	return "arn:aws:config:eu-west-1:111111111111:aggregation-authorization/999999999999/" + to
}

// authorizes adds an authorization on a second page.
func (a aws) authorizes(to string) aws {
	a.on("eu-west-1", "configservice", "DescribeAggregationAuthorizations", "{}", `{"AggregationAuthorizations":[],"NextToken":"t"}`)
	return a.on("eu-west-1", "configservice", "DescribeAggregationAuthorizations", `{"NextToken":"t"}`,
		`{"AggregationAuthorizations":[{"AggregationAuthorizationArn":"`+authorizationID(to)+`","AuthorizedAccountId":"999999999999","AuthorizedAwsRegion":"`+to+`"}]}`)
}

// withStores has a stream in each of these regions, so that a collector has something to gather from.
func withStores(a aws, regions ...string) aws {
	a.on("any", "kinesis", "ListStreams", "", `{"StreamNames":[],"HasMoreStreams":false,"StreamSummaries":[]}`)
	for _, region := range regions {
		arn := "arn:aws:kinesis:" + region + ":111111111111:stream/s"
		a.on(region, "kinesis", "ListStreams", "{}", `{"StreamNames":["s"],"HasMoreStreams":false,"StreamSummaries":[{"StreamName":"s","StreamARN":"`+arn+`","StreamStatus":"ACTIVE"}]}`)
	}
	a.on("any", "kinesis", "DescribeStreamSummary", "", `{"StreamDescriptionSummary":{"StreamName":"s","StreamARN":"a","StreamStatus":"ACTIVE","RetentionPeriodHours":24}}`)
	a.on("any", "kinesis", "ListTagsForStream", "", `{"Tags":[],"HasMoreTags":false}`)
	return a.on("any", "kinesis", "GetResourcePolicy", "", `{"Policy":""}`)
}

// besides runs a second scanner, whose stores the collectors then cover.
func besides(t *testing.T, services ...string) func(*scanners.Options) {
	return func(o *scanners.Options) {
		picked, err := scanners.Select(scanners.All(), services)
		if err != nil {
			t.Fatal(err)
		}
		o.Scanners = picked
	}
}

func covered(r residency.Resource) (regions []string) {
	for _, s := range r.Sources {
		regions = append(regions, s.Account+" "+s.Region+" "+string(s.Role))
	}
	return regions
}

func TestConfigAggregators(t *testing.T) {
	const own = "111111111111 "
	for _, c := range []struct {
		name, sources string
		want          []string
	}{
		{"accounts, all regions", `"AccountAggregationSources":[{"AccountIds":["111111111111"],"AllAwsRegions":true}]`,
			[]string{own + "ap-southeast-2 metadata", own + "eu-west-1 metadata"}},
		{"accounts, one region", `"AccountAggregationSources":[{"AccountIds":["111111111111"],"AwsRegions":["eu-west-1"]}]`, []string{own + "eu-west-1 metadata"}},
		{"other accounts", `"AccountAggregationSources":[{"AccountIds":["222222222222"],"AllAwsRegions":true}]`, nil},
		{"organization", `"OrganizationAggregationSource":{"RoleArn":"r","AllAwsRegions":true}`, []string{own + "ap-southeast-2 metadata", own + "eu-west-1 metadata"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := withStores(recorder("ap-southeast-2", "eu-west-1", "us-east-1").aggregates("us-east-1", c.sources), "ap-southeast-2", "eu-west-1")
			f := scan(t, "configservice", a, besides(t, "configservice", "kinesis"))
			f.noGaps(t)
			r := f.resource(t, aggregatorID("us-east-1"))
			if p := placement(t, r, residency.Metadata, ""); p.Region != "us-east-1" || r.Tags["a"] != "b" || r.Name != "all" {
				t.Errorf("%+v", r)
			}
			if diff := cmp.Diff(c.want, covered(r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// One of the organization gathers from every account of the run.
func TestConfigAggregatorOfAnOrganization(t *testing.T) {
	a := withTwin(withStores(recorder("eu-west-1"), "eu-west-1")).aggregates("eu-west-1", `"OrganizationAggregationSource":{"RoleArn":"r","AwsRegions":["eu-west-1"]}`)
	f := scan(t, "configservice", a, besides(t, "configservice", "kinesis"), twinAccounts)
	f.noGaps(t)
	if got := covered(f.resource(t, aggregatorID("eu-west-1"))); !slices.Equal(got, []string{"111111111111 eu-west-1 metadata", "222222222222 eu-west-1 metadata"}) {
		t.Error(got)
	}
}

func TestConfigDenied(t *testing.T) {
	for operation, want := range map[string][]string{
		"DescribeDeliveryChannels":          {"DescribeDeliveryChannels denied"},
		"DescribeConfigurationAggregators":  {"DescribeConfigurationAggregators denied"},
		"DescribeAggregationAuthorizations": {"DescribeAggregationAuthorizations denied"},
		"ListTagsForResource":               {"ListTagsForResource denied " + authorizationID("us-east-1"), "ListTagsForResource denied " + aggregatorID("eu-west-1")},
	} {
		a := recorder("eu-west-1").aggregates("eu-west-1", `"OrganizationAggregationSource":{"RoleArn":"r","AllAwsRegions":true}`).authorizes("us-east-1")
		a.on("eu-west-1", "configservice", "DescribeDeliveryChannels", "", `{"DeliveryChannels":[{"name":"default"}]}`)
		a["111111111111/any/configservice/"+operation], a["111111111111/eu-west-1/configservice/"+operation] = nil, nil
		f := scan(t, "configservice", a.fail("eu-west-1", "configservice", operation, "", 400, denied))
		got := f.gaps()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", operation, got)
		}
		kinds := 2 // of the other two lists
		if operation == "ListTagsForResource" {
			kinds = 3
		}
		if len(f.resources) != kinds {
			t.Errorf("%s: %v", operation, f.ids())
		}
	}
}

func TestConfigDeliveryRecorded(t *testing.T) {
	for folder, want := range map[string]struct{ region, bucket string }{
		"test_config_recorder":       {"us-east-1", "config-bucket-644160558196"},
		"test_account_config_global": {"us-west-2", "config-bucket-644160558196"},
	} {
		was := testRegions
		testRegions = []string{want.region}
		a := recorder(want.region).on(want.region, "configservice", "DescribeDeliveryChannels", "", recordedJSON(t, folder, "config.DescribeDeliveryChannels_1"))
		f := scan(t, "configservice", headBucketIn(a, "us-east-1"))
		testRegions = was
		f.noGaps(t)
		r := f.resource(t, "arn:aws:config:"+want.region+":111111111111:delivery-channel/default")
		topic := "arn:aws:sns:" + want.region + ":644160558196:config-topic"
		placements := []residency.Placement{{Role: residency.Metadata, Region: "us-east-1", Target: "arn:aws:s3:::" + want.bucket, Via: "S3BucketName"},
			{Role: residency.Metadata, Region: want.region, Account: "644160558196", Target: topic, Via: "SnsTopicARN"}}
		if diff := cmp.Diff(placements, r.Placements); diff != "" || r.Tags == nil {
			t.Errorf("%s: %s", folder, diff)
		}
	}
}

func TestConfigDeliveryKey(t *testing.T) {
	a := recorder("eu-west-1").on("eu-west-1", "configservice", "DescribeDeliveryChannels", "", `{"DeliveryChannels":[{"name":"default","s3KmsKeyArn":"arn:aws:kms:us-east-1:111111111111:key/k"}]}`)
	r := scan(t, "configservice", a).resource(t, "arn:aws:config:eu-west-1:111111111111:delivery-channel/default")
	if p := placement(t, r, residency.Key, "arn:aws:kms:us-east-1:111111111111:key/k"); p.Region != "us-east-1" {
		t.Errorf("%+v", p)
	}
}
